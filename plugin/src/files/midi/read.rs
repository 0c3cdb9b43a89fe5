//! MIDI in: any format 0 or 1 file becomes a [`Song`] at 960 ticks per quarter.

use super::melody::{self, Line};
use super::raw::{self, RawFile, RawKind};
use crate::files::{FileError, MAX_SECONDS};
use continuo_core::time::{Meter, MeterMap, TICKS_PER_QUARTER, TempoMap, Tick, Ticks};
use continuo_core::{Key, Mode, Note, PitchClass, Song};
use midly::{Format, Timing};
use std::collections::BTreeMap;
use std::path::Path;

/// A melody read from a MIDI file.
#[derive(Clone, Debug, PartialEq)]
pub struct MidiInput {
    /// The melody and its time.
    pub song: Song,
    /// Where the melody was found, for instance `track 2 'Flute', channel 1`.
    pub melody_source: String,
    /// What had to be put right, in plain sentences; empty for a clean file.
    pub repairs: Vec<String>,
}

/// Reads a MIDI file.
///
/// # Errors
/// [`FileError::Truncated`], [`FileError::Damaged`], [`FileError::Unsupported`] (format 2), [`FileError::NoNotes`],
/// [`FileError::TooLong`].
pub fn parse(path: &Path, bytes: &[u8]) -> Result<MidiInput, FileError> {
    let file = raw::read(path, bytes)?;
    if file.header.format == Format::Sequential {
        return Err(FileError::Unsupported {
            path: path.to_owned(),
            detail: "it is a format 2 MIDI file (independent patterns); save it as format 0 or 1".into(),
        });
    }
    let mut repairs = Vec::new();
    let clock = Clock::of(&file);
    let tempo = clock.tempo(&file);
    let meters = meter_map(&file, &clock, &mut repairs);
    let lines = lines(&file, &clock, &mut repairs);
    let chosen = melody::choose(&lines).ok_or_else(|| FileError::NoNotes {
        path: path.to_owned(),
        detail: if lines.is_empty() {
            "the file holds no note at all; record or draw a melody and export it again".into()
        } else {
            "it holds percussion (channel 10) only; add a track with the melody".into()
        },
    })?;
    let line = &lines[chosen];
    let (notes, dropped) = melody::top_line(&line.notes);
    if dropped > 0 {
        repairs.push(format!(
            "{} sounds more than one note at a time; its highest line is taken as the melody and {dropped} lower notes are left out",
            line.place()
        ));
    }
    let end = notes.iter().map(Note::end).max().unwrap_or_default();
    let seconds = tempo.seconds_at(end);
    if seconds > MAX_SECONDS {
        let detail = format!("{:.0} minutes, and at most {:.0} are taken", seconds / 60.0, MAX_SECONDS / 60.0);
        return Err(FileError::TooLong { path: path.to_owned(), detail });
    }
    let key = key(&file, &notes);
    let song = Song { melody: notes, meters, tempo, key, locked_chords: Vec::new() };
    Ok(MidiInput { song, melody_source: line.place(), repairs })
}

/// How the file's ticks become ours.
enum Clock {
    /// Ticks per quarter.
    Metrical(u64),
    /// Ticks per second. Such a file has no beats; they are laid out at 120 per minute until the user says otherwise.
    Seconds(f64),
}

impl Clock {
    fn of(file: &RawFile) -> Clock {
        match file.header.timing {
            Timing::Metrical(ppq) => Clock::Metrical(u64::from(ppq.as_int())),
            Timing::Timecode(fps, subframes) => Clock::Seconds(f64::from(fps.as_f32()) * f64::from(subframes)),
        }
    }

    fn tick(&self, at: u64) -> Tick {
        match *self {
            Clock::Metrical(ppq) => {
                let ticks = (u128::from(at) * TICKS_PER_QUARTER as u128 + u128::from(ppq) / 2) / u128::from(ppq);
                Tick(i64::try_from(ticks).unwrap_or(i64::MAX / 4))
            }
            Clock::Seconds(rate) => Tick::at_quarters(at as f64 / rate * 2.0),
        }
    }

    fn tempo(&self, file: &RawFile) -> TempoMap {
        if matches!(self, Clock::Seconds(_)) {
            return TempoMap::default();
        }
        let changes: Vec<(Tick, f64)> = events(file)
            .filter_map(|(at, kind)| match kind {
                RawKind::Tempo { micros_per_quarter } if *micros_per_quarter > 0 => {
                    Some((self.tick(at), 60_000_000.0 / f64::from(*micros_per_quarter)))
                }
                _ => None,
            })
            .collect();
        TempoMap::new(&changes)
    }
}

fn events(file: &RawFile) -> impl Iterator<Item = (u64, &RawKind)> {
    file.tracks.iter().flat_map(|t| t.events.iter().map(|e| (e.at, &e.kind)))
}

fn meter_map(file: &RawFile, clock: &Clock, repairs: &mut Vec<String>) -> MeterMap {
    let mut odd = 0usize;
    let mut changes: BTreeMap<Tick, Meter> = BTreeMap::new();
    for (at, kind) in events(file) {
        if let RawKind::Meter { num, den_power } = *kind {
            match 1u8.checked_shl(u32::from(den_power)).and_then(|den| Meter::new(num, den)) {
                Some(meter) => {
                    changes.insert(clock.tick(at), meter);
                }
                None => odd += 1,
            }
        }
    }
    if odd > 0 {
        repairs.push(format!(
            "{odd} time signatures that no music has (0 beats, or beats shorter than 1/64) are left out"
        ));
    }
    let mut list: Vec<(Tick, Meter)> = changes.into_iter().collect();
    // An upbeat is written as a short first bar: either the first metre is short by itself (1/4, then 3/4 after one
    // quarter), or the metre begins anew before its first bar is full.
    if let [(first_at, first), (second_at, second), ..] = list[..]
        && first_at == Tick(0)
    {
        let length = second_at - first_at;
        let short_by_itself = length == first.bar() && first.bar() < second.bar();
        let begins_anew = length < first.bar();
        if (short_by_itself || begins_anew) && length < second.bar() {
            list[1].0 = Tick(0);
            list.remove(0);
            return MeterMap::new(&list, length);
        }
    }
    MeterMap::new(&list, Ticks(0))
}

/// The notes of each track and channel that has any, drums included.
fn lines(file: &RawFile, clock: &Clock, repairs: &mut Vec<String>) -> Vec<Line> {
    let mut lines: BTreeMap<(usize, u8), Line> = BTreeMap::new();
    let (mut hanging, mut overlapping) = (0usize, 0usize);
    for (number, track) in file.tracks.iter().enumerate() {
        // Sounding notes by channel and pitch, oldest first.
        let mut sounding: BTreeMap<(u8, u8), Vec<(u64, u8)>> = BTreeMap::new();
        let mut line = |channel: u8, from: u64, to: u64, pitch: u8, velocity: u8| {
            let (at, end) = (clock.tick(from), clock.tick(to));
            let len = Ticks((end - at).0.max(1));
            let entry = lines.entry((number, channel)).or_insert_with(|| Line {
                track: number,
                name: track.name.clone(),
                channel,
                notes: Vec::new(),
            });
            entry.notes.push(Note { at, len, pitch, velocity });
        };
        for event in &track.events {
            match event.kind {
                RawKind::On { channel, pitch, velocity } => {
                    let open = sounding.entry((channel, pitch)).or_default();
                    overlapping += usize::from(!open.is_empty());
                    open.push((event.at, velocity));
                }
                RawKind::Off { channel, pitch } => {
                    if let Some(open) = sounding.get_mut(&(channel, pitch))
                        && !open.is_empty()
                    {
                        let (from, velocity) = open.remove(0);
                        line(channel, from, event.at, pitch, velocity);
                    }
                }
                _ => {}
            }
        }
        // A note that is never let go sounds until the next one of its channel begins, or to the end of its track, or for
        // a beat when nothing follows.
        let onsets: Vec<(u64, u8)> = track
            .events
            .iter()
            .filter_map(|e| if let RawKind::On { channel, .. } = e.kind { Some((e.at, channel)) } else { None })
            .collect();
        let beat = match *clock {
            Clock::Metrical(ppq) => ppq,
            Clock::Seconds(rate) => (rate / 2.0).ceil() as u64,
        };
        for ((channel, pitch), open) in sounding {
            for (from, velocity) in open {
                hanging += 1;
                let next = onsets.iter().find(|o| o.1 == channel && o.0 > from).map(|o| o.0);
                let to = next.unwrap_or(if track.end > from { track.end.min(from + 4 * beat) } else { from + beat });
                line(channel, from, to, pitch, velocity);
            }
        }
    }
    if hanging > 0 {
        repairs.push(format!("{hanging} notes that are never let go are ended where the next note begins"));
    }
    if overlapping > 0 {
        repairs
            .push(format!("{overlapping} notes that begin while the same key is still down cut the earlier one short"));
    }
    let mut lines: Vec<Line> = lines.into_values().collect();
    for line in &mut lines {
        continuo_core::note::tidy(&mut line.notes);
    }
    lines
}

/// The first key signature, when the melody agrees with it: many programs write "C major" into every file.
fn key(file: &RawFile, melody: &[Note]) -> Option<Key> {
    let (_, &(sharps, minor)) = file
        .tracks
        .iter()
        .flat_map(|t| &t.events)
        .filter_map(
            |e| if let RawKind::Key { sharps, minor } = &e.kind { Some((e.at, (*sharps, *minor))) } else { None },
        )
        .collect::<BTreeMap<_, _>>()
        .first_key_value()
        .map(|(at, key)| (*at, key))?;
    if !(-7..=7).contains(&sharps) {
        return None;
    }
    // Seven semitones per step round the circle of fifths; a minor key's home is three below its relative major's.
    let major = PitchClass::of(7 * i32::from(sharps));
    let key =
        if minor { Key { tonic: major.up(-3), mode: Mode::Minor } } else { Key { tonic: major, mode: Mode::Major } };
    let inside = |note: &Note| {
        let class = PitchClass::of(i32::from(note.pitch));
        let raised = key.mode == Mode::Minor && [9, 11].contains(&key.tonic.to(class));
        raised || key.scale().contains(&class)
    };
    let total: i64 = melody.iter().map(|n| n.len.0).sum();
    let fitting: i64 = melody.iter().filter(|n| inside(n)).map(|n| n.len.0).sum();
    (fitting * 10 >= total * 9).then_some(key)
}
