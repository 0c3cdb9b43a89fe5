//! What is known of a song: what the human played, and its time.

use crate::chord::ChordSpan;
use crate::note::Note;
use crate::pitch::Key;
use crate::time::{BarRange, MeterMap, TempoMap, Tick};
use serde::{Deserialize, Serialize};

/// A melody with its time, and whatever the human has already fixed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Song {
    /// The human's melody, sorted by onset.
    pub melody: Vec<Note>,
    /// Metre.
    pub meters: MeterMap,
    /// Tempo.
    pub tempo: TempoMap,
    /// Key, when known; otherwise it is estimated.
    pub key: Option<Key>,
    /// Chords the human has fixed; a plan never changes them.
    pub locked_chords: Vec<ChordSpan>,
}

impl Song {
    /// The first moment after the last melody note and the last locked chord.
    pub fn end(&self) -> Tick {
        let melody = self.melody.iter().map(Note::end).max();
        let chords = self.locked_chords.iter().map(ChordSpan::end).max();
        melody.max(chords).unwrap_or_default()
    }

    /// Every bar from the first to the one in which the song ends.
    pub fn bars(&self) -> BarRange {
        let end = self.end();
        if end.0 <= 0 {
            return BarRange { from: 0, to: 0 };
        }
        BarRange { from: 0, to: self.meters.bar_at(Tick(end.0 - 1)) + 1 }
    }
}
