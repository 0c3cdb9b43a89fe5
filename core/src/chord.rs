//! Chords: root, quality, bass; and the spans of time they sound in.

use crate::pitch::PitchClass;
use crate::time::{Tick, Ticks};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The kinds of chord Continuo writes. The order is frozen: models and files store the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Major triad.
    Major,
    /// Minor triad.
    Minor,
    /// Dominant seventh.
    Seventh,
    /// Minor seventh.
    MinorSeventh,
    /// Major seventh.
    MajorSeventh,
    /// Diminished triad.
    Diminished,
    /// Diminished seventh.
    DiminishedSeventh,
    /// Half-diminished seventh.
    HalfDiminished,
    /// Augmented triad.
    Augmented,
    /// Suspended fourth.
    Sus4,
}

impl Quality {
    /// Every quality, in the frozen order.
    pub const ALL: [Quality; 10] = [
        Quality::Major,
        Quality::Minor,
        Quality::Seventh,
        Quality::MinorSeventh,
        Quality::MajorSeventh,
        Quality::Diminished,
        Quality::DiminishedSeventh,
        Quality::HalfDiminished,
        Quality::Augmented,
        Quality::Sus4,
    ];

    /// Place in [`Quality::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// Semitones of the chord's notes above its root, ascending from 0.
    pub fn intervals(self) -> &'static [i32] {
        match self {
            Quality::Major => &[0, 4, 7],
            Quality::Minor => &[0, 3, 7],
            Quality::Seventh => &[0, 4, 7, 10],
            Quality::MinorSeventh => &[0, 3, 7, 10],
            Quality::MajorSeventh => &[0, 4, 7, 11],
            Quality::Diminished => &[0, 3, 6],
            Quality::DiminishedSeventh => &[0, 3, 6, 9],
            Quality::HalfDiminished => &[0, 3, 6, 10],
            Quality::Augmented => &[0, 4, 8],
            Quality::Sus4 => &[0, 5, 7],
        }
    }

    /// Suffix as written after the root.
    pub fn suffix(self) -> &'static str {
        match self {
            Quality::Major => "",
            Quality::Minor => "m",
            Quality::Seventh => "7",
            Quality::MinorSeventh => "m7",
            Quality::MajorSeventh => "maj7",
            Quality::Diminished => "dim",
            Quality::DiminishedSeventh => "dim7",
            Quality::HalfDiminished => "m7b5",
            Quality::Augmented => "aug",
            Quality::Sus4 => "sus4",
        }
    }

    fn parse(suffix: &str) -> Option<Quality> {
        Some(match suffix {
            "" | "maj" | "M" | "5" | "6" | "add9" | "add2" | "6/9" | "69" => Quality::Major,
            "m" | "min" | "-" | "mi" | "m6" | "min6" | "madd9" => Quality::Minor,
            "7" | "9" | "11" | "13" | "dom7" | "7b9" | "7#9" | "7b5" | "7#5" | "7#11" | "7b13" => Quality::Seventh,
            "m7" | "min7" | "-7" | "mi7" | "m9" | "min9" | "m11" => Quality::MinorSeventh,
            "maj7" | "M7" | "maj9" | "M9" | "Δ" | "Δ7" => Quality::MajorSeventh,
            "dim" | "o" | "°" => Quality::Diminished,
            "dim7" | "o7" | "°7" => Quality::DiminishedSeventh,
            "m7b5" | "min7b5" | "ø" | "ø7" | "-7b5" => Quality::HalfDiminished,
            "aug" | "+" | "aug7" | "+7" => Quality::Augmented,
            "sus4" | "sus" | "sus2" | "7sus4" | "9sus4" | "7sus" => Quality::Sus4,
            _ => return None,
        })
    }
}

/// A chord.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Chord {
    /// Root.
    pub root: PitchClass,
    /// Quality.
    pub quality: Quality,
    /// Lowest note; the root unless it is a slash chord.
    pub bass: PitchClass,
}

/// A chord symbol that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no chord Continuo can read; write a root and a quality such as C, F#m7, Bbmaj7, G7/B, Asus4 or N.C.")]
pub struct ChordParseError(pub String);

impl Chord {
    /// A chord in root position.
    pub fn new(root: PitchClass, quality: Quality) -> Self {
        Self { root, quality, bass: root }
    }

    /// The chord's pitch classes, root first.
    pub fn tones(self) -> impl Iterator<Item = PitchClass> {
        self.quality.intervals().iter().map(move |&i| self.root.up(i))
    }

    /// True when `pitch_class` is the root, third, fifth, seventh, or the bass.
    pub fn contains(self, pitch_class: PitchClass) -> bool {
        pitch_class == self.bass || self.tones().any(|t| t == pitch_class)
    }

    /// Reads a chord symbol. `N.C.` and `-` give `None`.
    pub fn parse(symbol: &str) -> Result<Option<Chord>, ChordParseError> {
        let text = symbol.trim();
        if matches!(text, "N.C." | "NC" | "N.C" | "-") {
            return Ok(None);
        }
        let error = || ChordParseError(text.to_owned());
        let (root, rest) = PitchClass::parse(text).ok_or_else(error)?;
        let (suffix, bass) = match rest.rsplit_once('/') {
            Some((suffix, bass)) => match PitchClass::parse(bass) {
                Some((bass, "")) => (suffix, bass),
                _ => (rest, root),
            },
            None => (rest, root),
        };
        let quality = Quality::parse(suffix).ok_or_else(error)?;
        Ok(Some(Chord { root, quality, bass }))
    }

    /// The symbol, with flats or sharps.
    pub fn symbol(self, flats: bool) -> String {
        let mut text = format!("{}{}", self.root.name(flats), self.quality.suffix());
        if self.bass != self.root {
            text.push('/');
            text.push_str(self.bass.name(flats));
        }
        text
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.symbol(matches!(self.root.index(), 1 | 3 | 8 | 10)))
    }
}

/// A chord and when it sounds; `None` is "no chord".
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChordSpan {
    /// Start.
    pub at: Tick,
    /// Length.
    pub len: Ticks,
    /// What sounds.
    pub chord: Option<Chord>,
    /// The model's probability of this chord here, 0 to 1; 1 when the user wrote it.
    pub probability: f32,
}

impl ChordSpan {
    /// End.
    pub fn end(&self) -> Tick {
        self.at + self.len
    }
}

/// The span that sounds at `at` in a list sorted by start.
pub fn chord_at(spans: &[ChordSpan], at: Tick) -> Option<&ChordSpan> {
    let index = spans.partition_point(|s| s.at <= at);
    spans[..index].last().filter(|s| at < s.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_round_trip() {
        for root in 0..12 {
            for quality in Quality::ALL {
                for bass in [0, 4, 7] {
                    let root = PitchClass::of(root);
                    let chord = Chord { root, quality, bass: root.up(bass) };
                    for flats in [false, true] {
                        assert_eq!(Chord::parse(&chord.symbol(flats)), Ok(Some(chord)));
                    }
                }
            }
        }
        assert_eq!(Chord::parse("N.C."), Ok(None));
        assert!(Chord::parse("Xm").is_err() && Chord::parse("").is_err() && Chord::parse("Cfoo").is_err());
    }

    #[test]
    fn spans_are_found_by_position() {
        let c = Chord::parse("C").unwrap();
        let span = |at, len| ChordSpan { at: Tick(at), len: Ticks(len), chord: c, probability: 1.0 };
        let spans = [span(0, 10), span(10, 5), span(20, 5)];
        assert_eq!(chord_at(&spans, Tick(12)).map(|s| s.at), Some(Tick(10)));
        assert_eq!(chord_at(&spans, Tick(17)), None);
        assert_eq!(chord_at(&spans, Tick(-1)), None);
    }
}
