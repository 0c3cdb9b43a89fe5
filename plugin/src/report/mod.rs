//! The report of a render: one HTML file that needs nothing but itself and a browser.
//!
//! Pictures are drawn here as SVG, so they are in the file and not made by a script; the script adds only what moves
//! (the playhead, the switch between before and after, which parts are shown). Colours follow the reader's light or dark
//! setting. The same data give the same bytes.

mod credits;
mod curves;
mod page;
mod roll;
mod svg;

pub use page::html;

use continuo_core::mastering::Move;
use continuo_core::{ChordSpan, Key, Note, Part, Song};

/// Everything a report shows.
#[derive(Clone, Debug, Default)]
pub struct Report<'a> {
    /// Name of the song.
    pub title: String,
    /// Short facts under the title: word and value.
    pub facts: Vec<(&'static str, String)>,
    /// The notes, when the render made any.
    pub music: Option<Music<'a>>,
    /// What can be listened to, the finished master first.
    pub players: Vec<Player>,
    /// What the mastering measured and did.
    pub mastering: Option<Mastering<'a>>,
    /// The credits.
    pub credits: Credits,
    /// Words at the foot: version, record id, hashes.
    pub foot: Vec<(&'static str, String)>,
    /// What had to be put right or could not be done, in plain sentences.
    pub notices: Vec<String>,
}

/// The notes and chords of the piano roll.
#[derive(Clone, Copy, Debug)]
pub struct Music<'a> {
    /// Melody and time.
    pub song: &'a Song,
    /// Key, for the spelling of chord names.
    pub key: Key,
    /// Chords.
    pub chords: &'a [ChordSpan],
    /// The parts.
    pub parts: &'a [(Part, Vec<Note>)],
}

/// Something to listen to.
#[derive(Clone, Debug, PartialEq)]
pub struct Player {
    /// What it is.
    pub label: String,
    /// A `data:` address, or the name of a file beside the report.
    pub source: String,
    /// Gain that makes it as loud as the quietest of the players, dB, 0 or less: louder must not win by being louder.
    pub match_db: f64,
}

/// Before and after.
#[derive(Clone, Debug)]
pub struct Mastering<'a> {
    /// What the chain was given.
    pub before: Curves,
    /// What it gave.
    pub after: Curves,
    /// Loudness asked for, LUFS.
    pub target_lufs: f64,
    /// Ceiling asked for, dBTP.
    pub ceiling_dbtp: f64,
    /// Name of where it goes.
    pub destination: String,
    /// Every move offered, and whether it was accepted.
    pub moves: Vec<(&'a Move, bool)>,
}

/// Figures and curves of one recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// Frequency in hertz and level in dB, ascending.
    pub spectrum: Vec<(f64, f64)>,
    /// Seconds and short-term loudness in LUFS.
    pub short_term: Vec<(f64, f64)>,
    /// Integrated loudness, LUFS.
    pub integrated_lufs: f64,
    /// Loudness range, LU.
    pub range_lu: f64,
    /// True peak, dBTP.
    pub true_peak_dbtp: f64,
}

/// Who and what is in it.
#[derive(Clone, Debug, Default)]
pub struct Credits {
    /// The record's own statement in a sentence or two.
    pub statement: String,
    /// One line each: role, what made it, details.
    pub lines: Vec<CreditLine>,
    /// Models: name with version, card sentence, sources.
    pub models: Vec<ModelLine>,
    /// Training works nearest to what was accepted: title, composer, licence, share 0 to 1.
    pub influences: Vec<(String, String, String, f64)>,
}

/// One line of the credits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreditLine {
    /// Role, for instance `bass`.
    pub role: String,
    /// `human`, `trained model` or `written rule`.
    pub nature: &'static str,
    /// The rest of the line.
    pub what: String,
}

/// One model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelLine {
    /// Name and version.
    pub name: String,
    /// What it is for.
    pub card: String,
    /// What it learned from, a line per source.
    pub sources: Vec<String>,
}

#[cfg(test)]
mod tests;
