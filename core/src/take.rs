//! A take: chords and parts planned for a range of bars.

use crate::chord::ChordSpan;
use crate::controls::Controls;
use crate::note::{Note, Part};
use crate::origin::Origin;
use crate::pitch::Key;
use crate::time::BarRange;
use serde::{Deserialize, Serialize};

/// What one part plays in a range of bars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartPhrase {
    /// Who plays.
    pub part: Part,
    /// Where.
    pub bars: BarRange,
    /// What, sorted by onset, no equal pitches overlapping, all inside the bars and the part's range.
    pub notes: Vec<Note>,
    /// What made it.
    pub origin: Origin,
}

/// One arrangement of a range of bars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Take {
    /// Where.
    pub bars: BarRange,
    /// Key assumed.
    pub key: Key,
    /// Harmony, gap-free over the bars.
    pub chords: Vec<ChordSpan>,
    /// What made the harmony.
    pub harmony_origin: Origin,
    /// One phrase per part asked for, in the order of [`Part::ALL`].
    pub phrases: Vec<PartPhrase>,
    /// Seed it was drawn with.
    pub seed: u64,
    /// Controls it was drawn with.
    pub controls: Controls,
}
