//! What the worker tells the editor: one immutable picture, replaced when something changes.

use continuo_core::{AiState, Key, Meter, Part, PartPhrase, Song, SuggestionId, Take};
use continuo_gui::data::{Audition, CreditsView, ExportState, PhraseStatus};
use std::sync::Arc;

/// The worker's picture of the session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// What the AI is doing.
    pub ai: AiState,
    /// What was heard, with its time.
    pub song: Arc<Song>,
    /// Key of the newest take.
    pub key: Option<Key>,
    /// Metre the host told last.
    pub meter: Option<Meter>,
    /// Notes and audio the audio thread had to drop.
    pub dropped: u64,
    /// Takes, in the order they were drawn.
    pub takes: Vec<TakeState>,
    /// The take looked at.
    pub selected: Option<SuggestionId>,
    /// What is auditioned.
    pub audition: Option<Audition>,
    /// Accepted phrases.
    pub accepted: Arc<Vec<PartPhrase>>,
    /// Accepted chords.
    pub chords: Arc<Vec<continuo_core::ChordSpan>>,
    /// Counts for the credits line.
    pub credits: CreditsView,
    /// Where the export stands.
    pub export: ExportState,
    /// What undo would take back.
    pub undo: Option<String>,
}

/// A take and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct TakeState {
    /// Identity.
    pub id: SuggestionId,
    /// Name for people.
    pub name: String,
    /// What it holds.
    pub take: Arc<Take>,
    /// What became of each part.
    pub status: [PhraseStatus; Part::ALL.len()],
    /// Which parts re-rolls leave alone.
    pub locked: [bool; Part::ALL.len()],
    /// Longest run shared with a training work, as a share of what is allowed.
    pub likeness: Option<f32>,
}
