//! From seconds to musical time: the heard notes and chords on the grid of their beats.

use super::tempo::Rhythm;
use super::{HeardChord, HeardNote};
use continuo_core::{ChordSpan, Key, MeterMap, Note, Song, TICKS_PER_QUARTER, TempoMap, Tick, Ticks};

/// The models' grid: 24 to the quarter.
const GRID: i64 = TICKS_PER_QUARTER / 24;
/// Shortest note written: a thirty-second.
const SHORTEST: i64 = TICKS_PER_QUARTER / 8;
/// How far a note may be from a grid point at the price of one, seconds: about a third of a sixteenth at 160.
const STRAY: f64 = 0.03;

/// How long each pitch class sounds, seconds.
pub fn histogram(notes: &[HeardNote]) -> [f64; 12] {
    let mut out = [0.0; 12];
    for note in notes {
        out[(note.pitch.round() as i64).rem_euclid(12) as usize] += note.end - note.start;
    }
    if let Some(last) = notes.last() {
        out[(last.pitch.round() as i64).rem_euclid(12) as usize] += (last.end - last.start).min(2.0);
    }
    out
}

/// Points of a beat a note may begin on, with their price. Halves and quarters, and thirds; of a dotted beat thirds,
/// sixths and the half.
fn points(quarters: f64) -> Vec<(f64, f64)> {
    let dotted = (quarters - 1.5).abs() < 1e-9;
    let list: &[(f64, f64)] = if dotted {
        &[(0.0, 0.0), (1.0 / 3.0, 0.3), (2.0 / 3.0, 0.3), (1.0 / 6.0, 1.5), (0.5, 1.2), (5.0 / 6.0, 1.5), (1.0, 0.0)]
    } else if quarters > 1.5 {
        &[
            (0.0, 0.0),
            (0.5, 0.2),
            (0.25, 0.6),
            (0.75, 0.6),
            (0.125, 1.8),
            (0.375, 1.8),
            (0.625, 1.8),
            (0.875, 1.8),
            (1.0, 0.0),
        ]
    } else {
        &[(0.0, 0.0), (0.5, 0.4), (0.25, 1.3), (0.75, 1.3), (1.0 / 3.0, 2.0), (2.0 / 3.0, 2.0), (1.0, 0.0)]
    };
    list.to_vec()
}

/// Musical time over the beats of a recording.
struct Clock<'a> {
    beats: &'a [f64],
    /// Index of the beat at tick 0.
    zero: usize,
    quarters: f64,
    points: Vec<(f64, f64)>,
}

impl Clock<'_> {
    /// Beats from tick 0 at `seconds`, with the fraction.
    fn beat(&self, seconds: f64) -> f64 {
        let after = self.beats.partition_point(|&b| b <= seconds).clamp(1, self.beats.len() - 1);
        let (a, b) = (self.beats[after - 1], self.beats[after]);
        (after - 1) as f64 + (seconds - a) / (b - a) - self.zero as f64
    }

    fn period(&self, beat: f64) -> f64 {
        let at = ((beat + self.zero as f64).floor().max(0.0) as usize).min(self.beats.len() - 2);
        self.beats[at + 1] - self.beats[at]
    }

    fn tick(&self, beat: f64) -> i64 {
        let raw = beat * self.quarters * TICKS_PER_QUARTER as f64;
        (raw / GRID as f64).round() as i64 * GRID
    }

    /// The grid point a moment is meant for.
    fn snap(&self, seconds: f64) -> i64 {
        let beat = self.beat(seconds);
        let (whole, part, period) = (beat.floor(), beat - beat.floor(), self.period(beat));
        let price = |p: &(f64, f64)| ((part - p.0) * period / STRAY).powi(2) + p.1;
        let best = self.points.iter().min_by(|a, b| price(a).total_cmp(&price(b))).map_or(0.0, |p| p.0);
        self.tick(whole + best)
    }
}

/// The song in musical time and where its tick 0 lies, seconds.
pub fn song(notes: &[HeardNote], chords: &[HeardChord], rhythm: &Rhythm, key: Option<Key>) -> (Song, f64) {
    let beats = &rhythm.beats;
    let first = notes.first().map(|n| n.start).or(chords.first().map(|c| c.start)).unwrap_or(0.0);
    // A moment just before a beat is meant for it.
    let slack = 0.2 * (beats[1] - beats[0]);
    let zero = beats.partition_point(|&b| b <= first + slack).saturating_sub(1).min(beats.len() - 2);
    let clock = Clock { beats, zero, quarters: rhythm.quarters, points: points(rhythm.quarters) };
    let melody = melody(&clock, notes);
    let locked_chords = chords
        .iter()
        .filter_map(|c| {
            let (at, end) = (clock.tick(clock.beat(c.start).round()).max(0), clock.tick(clock.beat(c.end).round()));
            let span = ChordSpan { at: Tick(at), len: Ticks(end - at), chord: c.chord, probability: c.probability };
            (end > at && c.chord.is_some()).then_some(span)
        })
        .collect();
    let per_bar = rhythm.per_bar.max(1);
    let upbeat = (rhythm.downbeat + per_bar - zero % per_bar) % per_bar;
    let pickup = Ticks(clock.tick(upbeat as f64));
    let meters = MeterMap::new(&[(Tick(0), rhythm.meter)], pickup);
    let tempo = if rhythm.steady {
        TempoMap::constant(rhythm.bpm)
    } else {
        let bpm = |pair: &[f64]| 60.0 / (pair[1] - pair[0]) * rhythm.quarters;
        let steps = beats[zero..].windows(2).enumerate();
        TempoMap::new(&steps.map(|(k, pair)| (Tick(clock.tick(k as f64)), bpm(pair))).collect::<Vec<_>>())
    };
    (Song { melody, meters, tempo, key, locked_chords }, beats[zero])
}

fn melody(clock: &Clock, notes: &[HeardNote]) -> Vec<Note> {
    let mut out: Vec<Note> = Vec::with_capacity(notes.len());
    for (i, heard) in notes.iter().enumerate() {
        let mut at = clock.snap(heard.start).max(0);
        if let Some(last) = out.last_mut() {
            // Two notes never share a place: the later one moves on by the shortest step.
            at = at.max(last.at.0 + SHORTEST);
            last.len = Ticks(last.len.0.min(at - last.at.0));
        }
        let rest = notes.get(i + 1).map_or(f64::INFINITY, |n| n.start - heard.end);
        let period = clock.period(clock.beat(heard.end));
        // Small gaps between notes are breath or bow, not rests.
        let end = match notes.get(i + 1) {
            Some(next) if rest < 0.3 * period => clock.snap(next.start),
            _ => clock.snap(heard.end),
        };
        let len = Ticks((end - at).max(SHORTEST));
        let pitch = heard.pitch.round().clamp(0.0, 127.0) as u8;
        out.push(Note { at: Tick(at), len, pitch, velocity: heard.velocity });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::Meter;

    fn rhythm(downbeat: usize) -> Rhythm {
        Rhythm {
            bpm: 100.0,
            confidence: 1.0,
            meter: Meter::COMMON,
            beats: (0..30).map(|k| 0.2 + 0.6 * f64::from(k)).collect(),
            downbeat,
            quarters: 1.0,
            per_bar: 4,
            steady: true,
        }
    }

    fn heard(start: f64, end: f64) -> HeardNote {
        HeardNote { start, end, pitch: 60.2, velocity: 80, confidence: 1.0 }
    }

    #[test]
    fn loose_notes_land_on_the_grid() {
        // A quarter, two eighths, a dotted quarter and an eighth, each off by up to 25 ms, at 100 quarters a minute.
        let notes = [heard(0.81, 1.35), heard(1.38, 1.68), heard(1.715, 1.99), heard(1.98, 2.83), heard(2.92, 3.2)];
        let (song, start) = song(&notes, &[], &rhythm(1), None);
        assert!((start - 0.8).abs() < 1e-9);
        let at: Vec<i64> = song.melody.iter().map(|n| n.at.0).collect();
        assert_eq!(at, [0, 960, 1440, 1920, 3360]);
        assert_eq!(song.melody[0].len, Ticks(960));
        assert_eq!(song.meters.pickup(), Ticks(0));
        assert!(song.melody.iter().all(|n| n.at.0 % GRID == 0 && n.len.0 % GRID == 0));
    }

    #[test]
    fn an_upbeat_becomes_a_short_first_bar() {
        let (song, _) = song(&[heard(0.8, 1.4), heard(1.4, 2.0)], &[], &rhythm(2), None);
        assert_eq!(song.meters.pickup(), Ticks(960));
        assert_eq!(song.meters.bar_start(1), Tick(960));
    }
}
