//! What Continuo does by rule: harmony, drums, bass, keys and strings from written musical knowledge.
//!
//! Nothing here is learned from anybody's works, and the record says so ([`continuo_core::Origin::Algorithmic`]).
//! These rules serve three ends: they play where no model was trained (drums, dance styles), they play when a model
//! or the runtime is missing, and they are the baseline the trained models are measured against.
//!
//! Everything is a function of the song, the range of bars, the controls and the seed.

pub mod bass;
pub mod drums;
pub mod harmonise;
pub mod key;
pub mod keys;
pub mod limits;
pub mod line;
pub mod setting;
pub mod strings;
pub mod voicing;

pub use setting::Setting;

use continuo_core::{Note, Origin, Part};

/// Plays `part` by rule, inside the setting's bars and the part's range.
pub fn play(part: Part, setting: &Setting) -> Vec<Note> {
    let mut notes = match part {
        Part::Keys => keys::play(setting),
        Part::Bass => bass::play(setting),
        Part::Drums => drums::play(setting),
        Part::Strings => strings::play(setting),
    };
    limits::enforce(part, setting, &mut notes);
    notes
}

/// The rule that plays `part`, as the record names it.
pub fn origin(part: Part) -> Origin {
    Origin::rule(match part {
        Part::Keys => "keys.pattern",
        Part::Bass => "bass.pattern",
        Part::Drums => "drums.pattern",
        Part::Strings => "strings.voices",
    })
}
