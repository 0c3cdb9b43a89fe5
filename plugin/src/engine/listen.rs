//! A recording becomes a song whose time is the recording's own: its first tick is the recording's first frame.

use super::{EngineError, Progress};
use crate::files::audio::Clip;
use continuo_core::time::{Tick, Ticks};
use continuo_core::{ChordSpan, Meter, MeterMap, Note, Song, TempoMap};
use continuo_models::listener::{self, Hints};
use std::sync::atomic::AtomicBool;

/// What was heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// Melody, tempo, metre and key; second 0 is the recording's first frame.
    pub song: Song,
    /// Felt beats inside the recording, seconds.
    pub beats_s: Vec<f64>,
    /// Chords heard, empty when a single line was heard.
    pub chords: Vec<ChordSpan>,
    /// What could not be heard well, in plain sentences.
    pub notices: Vec<String>,
}

/// Under this regularity of the beat the user is told to check the tempo.
const DOUBTFUL: f64 = 0.4;

/// Listens to a recording.
///
/// # Errors
/// One sentence when there is nothing musical in it.
pub fn listen(
    clip: &Clip,
    bpm: Option<f64>,
    meter: Option<Meter>,
    progress: Progress<'_>,
) -> Result<Heard, EngineError> {
    progress("listening", 0.0);
    let hints = Hints { bpm, meter, bar_seconds: None };
    let never = AtomicBool::new(false);
    let heard =
        listener::listen(&clip.mono(), clip.rate, &hints, &never).map_err(|e| EngineError::Other(e.to_string()))?;
    progress("listening", 1.0);
    let mut notices = Vec::new();
    if heard.tempo_confidence < DOUBTFUL {
        notices.push(format!(
            "The beat is not regular; {:.1} a minute is the best guess, and --bpm and --meter set it right.",
            heard.bpm
        ));
    }
    if heard.polyphonic {
        notices.push(
            "Several notes sound at once in the recording; its harmony is followed, and no melody is written.".into(),
        );
    }
    let mut song = align(&heard.song, heard.song_start);
    // The chords heard are what the human played: they are kept, as written ones are.
    let chords = song.locked_chords.clone();
    if !heard.polyphonic {
        song.locked_chords.clear();
    }
    let beats_s = heard.beats.into_iter().filter(|&b| b >= 0.0 && b <= clip.seconds()).collect();
    Ok(Heard { song, beats_s, chords, notices })
}

/// The song moved so that its tick 0 is second 0 of the recording: bar lines stay where they were heard, and what is
/// left of the first bar becomes an upbeat.
fn align(song: &Song, start_s: f64) -> Song {
    let (_, bpm) = song.tempo.changes()[0];
    let (_, meter) = song.meters.changes()[0];
    let shift =
        if start_s >= 0.0 { Ticks::quarters(start_s * bpm / 60.0) } else { Tick(0) - song.tempo.tick_at(-start_s) };
    // The first tempo holds from the recording's start; of those before it only the last matters.
    let mut tempo = vec![(Tick(0), bpm)];
    tempo.extend(song.tempo.changes().iter().map(|&(at, bpm)| (moved(at, shift), bpm)));
    let bar = meter.bar().0;
    let pickup = (song.meters.pickup().0 + shift.0).rem_euclid(bar);
    let melody = song.melody.iter().filter_map(|n| {
        let (from, to) = (moved(n.at, shift), moved(n.end(), shift));
        (to > from).then_some(Note { at: from, len: to - from, ..*n })
    });
    let chords = song.locked_chords.iter().filter_map(|c| {
        let (from, to) = (moved(c.at, shift), moved(c.end(), shift));
        (to > from).then_some(ChordSpan { at: from, len: to - from, ..*c })
    });
    Song {
        melody: melody.collect(),
        meters: MeterMap::new(&[(Tick(0), meter)], Ticks(pickup)),
        tempo: TempoMap::new(&tempo),
        key: song.key,
        locked_chords: chords.collect(),
    }
}

/// Later by `shift`, and not before the recording.
fn moved(at: Tick, shift: Ticks) -> Tick {
    Tick((at + shift).0.max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn song() -> Song {
        let note =
            |quarter: f64| Note { at: Tick::at_quarters(quarter), len: Ticks::quarters(1.0), pitch: 60, velocity: 80 };
        Song {
            melody: vec![note(0.0), note(5.0)],
            tempo: TempoMap::constant(60.0),
            meters: MeterMap::constant(Meter::COMMON),
            ..Song::default()
        }
    }

    #[test]
    fn bar_lines_stay_where_they_were_heard() {
        // At 60 a minute a quarter is a second; the first bar line is heard 5.5 s into the recording.
        let late = align(&song(), 5.5);
        assert_eq!(late.tempo.seconds_at(late.melody[0].at), 5.5);
        assert_eq!(late.meters.pickup(), Ticks::quarters(1.5));
        assert_eq!(late.meters.bar_start(2), Tick::at_quarters(5.5));
        // The first bar line lies 1 s before the recording: its first note begins with the recording and is shorter.
        let early = align(&song(), -0.25);
        assert_eq!(early.melody[0], Note { at: Tick(0), len: Ticks::quarters(0.75), pitch: 60, velocity: 80 });
        assert_eq!(early.meters.bar_start(1), Tick::at_quarters(3.75));
        assert_eq!(align(&song(), 0.0), song());
    }

    #[test]
    fn every_tempo_stays_at_its_second() {
        let mut uneven = song();
        uneven.tempo =
            TempoMap::new(&[(Tick(0), 60.0), (Tick::at_quarters(1.0), 90.0), (Tick::at_quarters(4.0), 120.0)]);
        for start_s in [3.25, 0.0, -1.5] {
            let moved = align(&uneven, start_s);
            let wanted = start_s + uneven.tempo.seconds_at(Tick::at_quarters(5.0));
            let found = moved.tempo.seconds_at(moved.melody.last().unwrap().at);
            assert!((found - wanted).abs() < 2e-3, "{start_s}: {found} and not {wanted}");
        }
    }
}
