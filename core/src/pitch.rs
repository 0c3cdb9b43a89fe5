//! Pitch classes and keys.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One of the twelve pitch classes, C = 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PitchClass(u8);

const SHARP_NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
const FLAT_NAMES: [&str; 12] = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];

impl PitchClass {
    /// The class of any pitch or interval in semitones.
    pub fn of(semitones: i32) -> Self {
        Self(semitones.rem_euclid(12) as u8)
    }

    /// 0 to 11.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// This class moved by `semitones`.
    pub fn up(self, semitones: i32) -> Self {
        Self::of(i32::from(self.0) + semitones)
    }

    /// Semitones from `self` up to `other`, 0 to 11.
    pub fn to(self, other: PitchClass) -> i32 {
        (i32::from(other.0) - i32::from(self.0)).rem_euclid(12)
    }

    /// Name with flats or sharps.
    pub fn name(self, flats: bool) -> &'static str {
        if flats { FLAT_NAMES[self.index()] } else { SHARP_NAMES[self.index()] }
    }

    /// Reads a letter with any accidentals from the front of `text`; gives the class and the rest.
    pub fn parse(text: &str) -> Option<(Self, &str)> {
        let mut chars = text.char_indices();
        let base = match chars.next()?.1 {
            'C' => 0,
            'D' => 2,
            'E' => 4,
            'F' => 5,
            'G' => 7,
            'A' => 9,
            'B' => 11,
            _ => return None,
        };
        let (mut shift, mut rest) = (0, &text[1..]);
        for (i, c) in chars {
            match c {
                '#' | '♯' => shift += 1,
                'b' | '♭' => shift -= 1,
                _ => {
                    rest = &text[i..];
                    return Some((Self::of(base + shift), rest));
                }
            }
            rest = &text[i + c.len_utf8()..];
        }
        Some((Self::of(base + shift), rest))
    }
}

/// Major or minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Ionian.
    Major,
    /// Natural minor, with the raised seventh allowed.
    Minor,
}

/// A tonic and a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The home note.
    pub tonic: PitchClass,
    /// Major or minor.
    pub mode: Mode,
}

impl Key {
    /// The seven pitch classes of the scale, tonic first.
    pub fn scale(self) -> [PitchClass; 7] {
        let steps = match self.mode {
            Mode::Major => [0, 2, 4, 5, 7, 9, 11],
            Mode::Minor => [0, 2, 3, 5, 7, 8, 10],
        };
        steps.map(|s| self.tonic.up(s))
    }

    /// True when the key is written with flats.
    pub fn uses_flats(self) -> bool {
        let major = match self.mode {
            Mode::Major => self.tonic,
            Mode::Minor => self.tonic.up(3),
        };
        matches!(major.index(), 1 | 3 | 5 | 8 | 10)
    }

    /// Sharps (positive) or flats (negative) in the signature, -5 to 6.
    pub fn fifths(self) -> i8 {
        let major = match self.mode {
            Mode::Major => self.tonic,
            Mode::Minor => self.tonic.up(3),
        };
        [0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5][major.index()]
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.mode {
            Mode::Major => "major",
            Mode::Minor => "minor",
        };
        write!(f, "{} {mode}", self.tonic.name(self.uses_flats()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_with_accidentals() {
        assert_eq!(PitchClass::parse("Bbm7"), Some((PitchClass::of(10), "m7")));
        assert_eq!(PitchClass::parse("F##"), Some((PitchClass::of(7), "")));
        assert_eq!(PitchClass::parse("H"), None);
        assert_eq!(PitchClass::of(-1).index(), 11);
    }

    #[test]
    fn signatures_match_the_circle_of_fifths() {
        let a_minor = Key { tonic: PitchClass::of(9), mode: Mode::Minor };
        let e_flat = Key { tonic: PitchClass::of(3), mode: Mode::Major };
        assert_eq!((a_minor.fifths(), e_flat.fifths()), (0, -3));
        assert_eq!(e_flat.to_string(), "Eb major");
    }
}
