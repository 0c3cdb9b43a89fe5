//! What the accompanist reads: bars as condition vectors, notes as class numbers.
//!
//! The same numbers as `models/accompanist/tokens.py` and `data.py`; `models/accompanist/goldens/features.json` holds
//! both sides to them. Times lie on a grid of 24 per quarter note, counted from the start of a [`Cell`].

use continuo_core::chord::chord_at;
use continuo_core::{BarRange, Chord, ChordSpan, Meter, MeterMap, Note, Part, Tick};

/// Version of this computation; must agree with the contract's.
pub const FEATURE_VERSION: u32 = 1;
/// Ticks per grid unit.
pub const GRID_TICKS: i64 = 40;
/// The longest bar in grid units: eight quarters.
pub const MAX_BAR: usize = 192;
/// The onset class that ends the bar.
pub const END: usize = MAX_BAR;
/// Number of onset classes.
pub const ONSETS: usize = MAX_BAR + 1;
/// Lowest MIDI key the model knows.
pub const LOW: u8 = 21;
/// Number of MIDI keys the model knows.
pub const PITCHES: usize = 88;
/// Lengths of the duration classes in grid units.
pub const DURATIONS: [i64; 22] = [1, 2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 30, 32, 36, 48, 60, 72, 84, 96, 120, 144, 192];
/// Number of velocity classes, each of 16 MIDI velocities.
pub const VELOCITIES: usize = 8;
/// Eighth notes of a bar that the condition describes.
pub const SLOTS: usize = 16;
/// Grid units of a slot.
pub const SLOT: usize = 12;
/// Numbers per slot.
pub const SLOT_WIDTH: usize = 52;
/// Parts the model plays, in the model's order.
pub const PARTS: [Part; 3] = [Part::Keys, Part::Bass, Part::Strings];
/// Where the training works came from, in the model's order: it plays as these do.
pub const SOURCES: [&str; 7] =
    ["lieder", "polish_vocal_keyboard", "mutopia", "polish_keyboard", "string_quartets", "polish_choral", "openhymnal"];
/// Numbers of a bar's vector.
pub const BAR_WIDTH: usize = SLOTS * SLOT_WIDTH + 36 + 5 + 3 + 7 + 12 + 2;
const RBF: [f32; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];
/// A bar too long for the grid is played in cells of this many ticks (four quarters).
const CUT: i64 = 3840;

/// A bar, or a piece of a bar that is longer than the grid. An upbeat bar starts before the song does.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Which bar.
    pub bar: u32,
    /// Start in ticks, from which onsets count.
    pub start: i64,
    /// First tick at which something may sound.
    pub from: i64,
    /// The first tick after the cell.
    pub end: i64,
    /// Length in grid units, 1 to [`MAX_BAR`].
    pub grid: usize,
    /// Metre.
    pub meter: Meter,
    /// The chord at each eighth.
    pub chords: [Option<Chord>; SLOTS],
    /// Numbers of each eighth: `[SLOTS][SLOT_WIDTH]`.
    pub slots: Vec<f32>,
    /// The chord right after the cell.
    pub next: Option<Chord>,
}

impl Cell {
    /// The slot an onset falls in.
    pub fn slot(&self, onset: usize) -> usize {
        (onset / SLOT).min(SLOTS - 1)
    }

    /// The chord at an onset, to the eighth.
    pub fn chord(&self, onset: usize) -> Option<Chord> {
        self.chords[self.slot(onset)]
    }

    /// The condition of the slot an onset falls in.
    pub fn condition(&self, onset: usize) -> &[f32] {
        &self.slots[self.slot(onset) * SLOT_WIDTH..][..SLOT_WIDTH]
    }
}

/// The top line of a melody: of notes that begin together the highest, each cut where the next begins.
pub fn skyline(melody: &[Note]) -> Vec<Note> {
    let mut sorted = melody.to_vec();
    sorted.sort_by_key(|n| (n.at, n.pitch));
    let mut line: Vec<Note> = Vec::with_capacity(sorted.len());
    for note in sorted {
        match line.last_mut() {
            Some(last) if last.at == note.at => *last = note,
            _ => line.push(note),
        }
    }
    for i in 1..line.len() {
        line[i - 1].len = line[i - 1].len.min(line[i].at - line[i - 1].at);
    }
    line
}

/// The cells of a range of bars with their conditions. `line` is one voice ([`skyline`]), `chords` is sorted.
pub fn cells(line: &[Note], chords: &[ChordSpan], meters: &MeterMap, bars: BarRange) -> Vec<Cell> {
    let mut out = Vec::new();
    for bar in bars.from..bars.to {
        let (from, end) = meters.bar_span(bar);
        let meter = meters.meter_of(bar);
        let mut start = end.0 - meter.bar().0;
        while start < end.0 {
            let whole = end.0 - start <= MAX_BAR as i64 * GRID_TICKS;
            let stop = if whole { end.0 } else { (start + CUT).min(end.0) };
            if stop > from.0 {
                out.push(cell(line, chords, meter, bar, (start, start.max(from.0), stop)));
            }
            start = stop;
        }
    }
    out
}

fn chord_here(chords: &[ChordSpan], at: i64) -> Option<Chord> {
    chord_at(chords, Tick(at)).and_then(|s| s.chord)
}

fn cell(line: &[Note], chords: &[ChordSpan], meter: Meter, bar: u32, (start, from, end): (i64, i64, i64)) -> Cell {
    let grid = ((end - start) / GRID_TICKS).clamp(1, MAX_BAR as i64) as usize;
    let slot_ticks = SLOT as i64 * GRID_TICKS;
    let mut slots = vec![0f32; SLOTS * SLOT_WIDTH];
    let mut here = [None; SLOTS];
    for (i, row) in slots.chunks_exact_mut(SLOT_WIDTH).enumerate() {
        if i * SLOT >= grid {
            continue;
        }
        let at = start + i as i64 * slot_ticks;
        here[i] = chord_here(chords, at);
        chord_numbers(here[i], &mut row[..36]);
        let next = line.partition_point(|n| n.at.0 <= at);
        if let Some(note) = line[..next].last().filter(|n| n.end().0 > at) {
            row[36 + usize::from(note.pitch % 12)] = 1.0;
            row[48] = ((f64::from(note.pitch) - 67.0) / 12.0) as f32;
            row[49] = 1.0;
        }
        let attacks = line.partition_point(|n| n.at.0 < at + slot_ticks) - line.partition_point(|n| n.at.0 < at);
        row[50] = attacks.min(4) as f32 / 2.0;
        row[51] = 1.0;
    }
    Cell { bar, start, from, end, grid, meter, chords: here, slots, next: chord_here(chords, end) }
}

/// Tones, root and bass of a chord as 36 zeros and ones.
fn chord_numbers(chord: Option<Chord>, row: &mut [f32]) {
    if let Some(chord) = chord {
        for tone in chord.tones() {
            row[tone.index()] = 1.0;
        }
        row[12 + chord.root.index()] = 1.0;
        row[24 + chord.bass.index()] = 1.0;
    }
}

/// What a bar's vector says beside the music.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// Place in [`PARTS`].
    pub part: usize,
    /// Place in [`SOURCES`]; `None`: unknown.
    pub source: Option<usize>,
    /// Place of the wanted number of notes per quarter among the training bars, 0 to 1.
    pub density: Option<f32>,
    /// Place of the wanted mean pitch among the training bars, 0 to 1.
    pub register: Option<f32>,
    /// The piece begins here.
    pub first: bool,
    /// The piece ends here.
    pub last: bool,
}

/// The vector of a BAR step, [`BAR_WIDTH`] numbers.
pub fn bar_vector(cell: &Cell, request: &Request) -> Vec<f32> {
    let flag = |b: bool| if b { 1.0 } else { 0.0 };
    let mut v = cell.slots.clone();
    let mut next = [0f32; 36];
    chord_numbers(cell.next, &mut next);
    v.extend(next);
    let Meter { num, den } = cell.meter;
    v.extend([
        cell.grid as f32 / MAX_BAR as f32,
        flag(den >= 8 && num.is_multiple_of(3)),
        f32::from(num) / 12.0,
        flag(den >= 8),
        flag(den <= 2),
    ]);
    v.extend((0..PARTS.len()).map(|i| flag(i == request.part)));
    v.extend((0..SOURCES.len()).map(|i| flag(Some(i) == request.source)));
    for control in [request.density, request.register] {
        v.extend(RBF.iter().map(|c| control.map_or(0.0, |q| (-((q - c) / 0.25).powi(2)).exp())));
        v.push(flag(control.is_some()));
    }
    v.extend([flag(request.first), flag(request.last)]);
    v
}

/// The class whose length is nearest in ratio to `grid` units; of two equally near ones the shorter.
pub fn duration_class(grid: i64) -> usize {
    let grid = grid.clamp(1, MAX_BAR as i64) as f64;
    let distance = |i: usize| (grid / DURATIONS[i] as f64).ln().abs();
    (1..DURATIONS.len()).fold(0, |best, i| if distance(i) < distance(best) { i } else { best })
}

/// Semitones of `pitch` above the chord's root, 12 where there is no chord.
pub fn degree(pitch: u8, chord: Option<Chord>) -> i64 {
    chord.map_or(12, |c| (i64::from(pitch) - c.root.index() as i64).rem_euclid(12))
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::Ticks;

    #[test]
    fn long_bars_are_cut_and_upbeats_start_early() {
        let long = MeterMap::constant(Meter::new(9, 4).unwrap());
        let found = cells(&[], &[], &long, BarRange { from: 0, to: 2 });
        let lengths: Vec<_> = found.iter().map(|c| (c.bar, c.grid)).collect();
        // Nine quarters do not fit; four are cut off, and the five that are left fit.
        assert_eq!(lengths, [(0, 96), (0, 120), (1, 96), (1, 120)]);
        assert!(found.windows(2).all(|w| w[0].end == w[1].start));
        let upbeat = MeterMap::new(&[(Tick(0), Meter::COMMON)], Ticks::quarters(1.0));
        let found = cells(&[], &[], &upbeat, BarRange { from: 0, to: 1 });
        assert_eq!((found[0].start, found[0].from, found[0].end, found[0].grid), (-2880, 0, 960, 96));
    }

    #[test]
    fn durations_take_the_nearest_class() {
        for (i, &d) in DURATIONS.iter().enumerate() {
            assert_eq!(duration_class(d), i);
        }
        assert_eq!(DURATIONS[duration_class(0)], 1);
        assert_eq!(DURATIONS[duration_class(100)], 96);
        assert_eq!(DURATIONS[duration_class(100_000)], 192);
    }

    #[test]
    fn the_top_line_is_one_voice() {
        let note = |at, len, pitch| Note { at: Tick(at), len: Ticks(len), pitch, velocity: 80 };
        let line = skyline(&[note(0, 960, 60), note(0, 480, 72), note(240, 960, 64)]);
        assert_eq!(line, [note(0, 240, 72), note(240, 960, 64)]);
    }
}
