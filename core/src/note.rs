//! Notes and the parts they belong to.

use crate::time::{Tick, Ticks};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// One note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Note {
    /// Onset.
    pub at: Tick,
    /// Length, at least one tick.
    pub len: Ticks,
    /// MIDI key, 0 to 127, middle C = 60; for drums a General MIDI percussion key.
    pub pitch: u8,
    /// 1 to 127.
    pub velocity: u8,
}

impl Note {
    /// The first moment the note no longer sounds.
    pub fn end(&self) -> Tick {
        self.at + self.len
    }
}

/// The parts of an arrangement. The order is frozen: outputs, parameters and files follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Piano-like keys.
    Keys,
    /// Bass.
    Bass,
    /// Drum kit.
    Drums,
    /// String ensemble.
    Strings,
}

impl Part {
    /// Every part, in the frozen order.
    pub const ALL: [Part; 4] = [Part::Keys, Part::Bass, Part::Drums, Part::Strings];

    /// Place in [`Part::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// Word used in files, flags and parameter ids.
    pub fn id(self) -> &'static str {
        match self {
            Part::Keys => "keys",
            Part::Bass => "bass",
            Part::Drums => "drums",
            Part::Strings => "strings",
        }
    }

    /// Word shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Part::Keys => "Keys",
            Part::Bass => "Bass",
            Part::Drums => "Drums",
            Part::Strings => "Strings",
        }
    }

    /// MIDI keys the part may use. Keys: A0 to C7; bass: E1 to G3 (a four-string bass, sounding); strings: a cello's C2 to a
    /// violin's A6; drums: General MIDI percussion keys.
    pub fn range(self) -> RangeInclusive<u8> {
        match self {
            Part::Keys => 21..=96,
            Part::Bass => 28..=55,
            Part::Drums => 35..=81,
            Part::Strings => 36..=93,
        }
    }

    /// MIDI channel, 0 to 15. Drums are on channel 10 as people count it.
    pub fn channel(self) -> u8 {
        match self {
            Part::Keys => 0,
            Part::Bass => 1,
            Part::Drums => 9,
            Part::Strings => 2,
        }
    }

    /// General MIDI program, 0 to 127, for players that have no better sound.
    pub fn program(self) -> u8 {
        match self {
            Part::Keys => 0,
            Part::Bass => 33,
            Part::Drums => 0,
            Part::Strings => 48,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A word that names no part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no part; the parts are keys, bass, drums and strings")]
pub struct UnknownPart(pub String);

impl FromStr for Part {
    type Err = UnknownPart;
    fn from_str(word: &str) -> Result<Part, UnknownPart> {
        let word = word.trim().to_ascii_lowercase();
        Part::ALL.into_iter().find(|p| p.id() == word).ok_or(UnknownPart(word))
    }
}

/// Sorts notes by onset and pitch, drops empty ones, and cuts a note short where the same pitch begins again, so that no
/// two equal pitches overlap. Of two equal onsets the longer note stays, with the higher velocity.
pub fn tidy(notes: &mut Vec<Note>) {
    notes.retain(|n| n.len.0 > 0);
    notes.sort_by_key(|n| (n.pitch, n.at, n.len));
    let mut kept: Vec<Note> = Vec::with_capacity(notes.len());
    for note in notes.drain(..) {
        match kept.last_mut() {
            Some(last) if last.pitch == note.pitch && last.at == note.at => {
                last.len = last.len.max(note.len);
                last.velocity = last.velocity.max(note.velocity);
            }
            Some(last) if last.pitch == note.pitch && last.end() > note.at => {
                last.len = note.at - last.at;
                kept.push(note);
            }
            _ => kept.push(note),
        }
    }
    kept.sort_by_key(|n| (n.at, n.pitch));
    *notes = kept;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tidy_leaves_no_overlapping_equal_pitches() {
        let note = |at, len, pitch| Note { at: Tick(at), len: Ticks(len), pitch, velocity: 80 };
        let mut notes = vec![note(0, 100, 60), note(50, 100, 60), note(50, 20, 60), note(10, 0, 61), note(0, 30, 64)];
        tidy(&mut notes);
        assert_eq!(notes, [note(0, 50, 60), note(0, 30, 64), note(50, 100, 60)]);
    }

    #[test]
    fn part_words_round_trip() {
        for part in Part::ALL {
            assert_eq!(part.id().parse(), Ok(part));
            assert_eq!(Part::ALL[part.index()], part);
        }
        assert!("kazoo".parse::<Part>().is_err());
    }
}
