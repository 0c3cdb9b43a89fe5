//! Styles: how the parts are played.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The styles on offer. Words are frozen; new ones are added at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// Slow, broken chords, soft kit.
    Ballad,
    /// Steady eighths, backbeat.
    #[default]
    Pop,
    /// Driving eighths, strong backbeat.
    Rock,
    /// Light alternating bass, brushes.
    Folk,
    /// Block chords led by voice, no kit.
    Hymn,
    /// Three in a bar.
    Waltz,
    /// Four on the floor.
    House,
    /// Swung eighths, walking bass, ride.
    Swing,
}

impl Style {
    /// Every style, in the frozen order.
    pub const ALL: [Style; 8] =
        [Style::Ballad, Style::Pop, Style::Rock, Style::Folk, Style::Hymn, Style::Waltz, Style::House, Style::Swing];

    /// Word used in flags, files and parameters.
    pub fn id(self) -> &'static str {
        match self {
            Style::Ballad => "ballad",
            Style::Pop => "pop",
            Style::Rock => "rock",
            Style::Folk => "folk",
            Style::Hymn => "hymn",
            Style::Waltz => "waltz",
            Style::House => "house",
            Style::Swing => "swing",
        }
    }

    /// Place in [`Style::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A word that names no style.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no style; the styles are ballad, pop, rock, folk, hymn, waltz, house and swing")]
pub struct UnknownStyle(pub String);

impl FromStr for Style {
    type Err = UnknownStyle;
    fn from_str(word: &str) -> Result<Style, UnknownStyle> {
        let word = word.trim().to_ascii_lowercase();
        Style::ALL.into_iter().find(|s| s.id() == word).ok_or(UnknownStyle(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip_and_the_error_lists_every_style() {
        let message = UnknownStyle("x".into()).to_string();
        for style in Style::ALL {
            assert_eq!(style.id().parse(), Ok(style));
            assert_eq!(Style::ALL[style.index()], style);
            assert!(message.contains(style.id()));
        }
    }
}
