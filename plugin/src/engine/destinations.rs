//! Where a master goes, and the level and ceiling each place asks for.
//!
//! The figures are those the places publish, or our choice where nobody publishes one; each says which. Where a place names a
//! playback level and no delivery level, the playback level is the target: anything louder is turned down there.

use continuo_core::mastering::Target;

/// A place a master goes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Destination {
    /// Word of `--for`.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Integrated loudness, LUFS.
    pub loudness_lufs: f64,
    /// True-peak ceiling, dBTP.
    pub ceiling_dbtp: f64,
    /// Where the figures come from.
    pub source: &'static str,
}

impl Destination {
    /// As a target of the mastering.
    pub fn target(&self) -> Target {
        Target { loudness_lufs: self.loudness_lufs, ceiling_dbtp: self.ceiling_dbtp }
    }
}

/// Every place; words are frozen, new ones are added at the end.
pub const ALL: &[Destination] = &[
    Destination {
        name: "streaming",
        what: "streaming services together",
        loudness_lufs: -14.0,
        ceiling_dbtp: -1.0,
        source: "AES TD1008 (2021), music: -16 to -14 LUFS for normalised streams, -1 dBTP",
    },
    Destination {
        name: "spotify",
        what: "Spotify, normal playback level",
        loudness_lufs: -14.0,
        ceiling_dbtp: -1.0,
        source: "Spotify for Artists, \"Loudness normalization\": -14 LUFS, -1 dBTP (-2 when louder)",
    },
    Destination {
        name: "apple",
        what: "Apple Music with Sound Check",
        loudness_lufs: -16.0,
        ceiling_dbtp: -1.0,
        source: "Apple Digital Masters: -16 LUFS playback reference, -1 dBTP headroom for encoding",
    },
    Destination {
        name: "youtube",
        what: "YouTube",
        loudness_lufs: -14.0,
        ceiling_dbtp: -1.0,
        source: "no published figure; the player's \"stats for nerds\" count loudness from -14 LUFS; -1 dBTP is our choice for its encoders",
    },
    Destination {
        name: "cd",
        what: "compact disc",
        loudness_lufs: -10.0,
        ceiling_dbtp: -0.3,
        source: "no standard; our choice: loud, and still clear of the limiter's hard work",
    },
    Destination {
        name: "club",
        what: "club and DJ playback",
        loudness_lufs: -8.0,
        ceiling_dbtp: -0.5,
        source: "no standard; our choice: as loud as a limiter allows without plain damage",
    },
    Destination {
        name: "broadcast",
        what: "European broadcast",
        loudness_lufs: -23.0,
        ceiling_dbtp: -1.0,
        source: "EBU R 128 (2023): -23.0 LUFS +/- 0.5, -1 dBTP",
    },
];

/// The place of that name.
pub fn named(name: &str) -> Option<&'static Destination> {
    ALL.iter().find(|d| d.name == name)
}

/// Where a master goes when nobody says.
pub fn default() -> &'static Destination {
    &ALL[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_and_figures_possible() {
        for (index, place) in ALL.iter().enumerate() {
            assert_eq!(ALL.iter().position(|d| d.name == place.name), Some(index));
            assert_eq!(named(place.name), Some(place));
            assert!((-30.0..=-6.0).contains(&place.loudness_lufs) && (-3.0..=0.0).contains(&place.ceiling_dbtp));
            assert!(!place.source.is_empty());
        }
        assert_eq!(default().target(), Target::default());
        assert_eq!(named("vinyl"), None);
    }
}
