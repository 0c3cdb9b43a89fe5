//! What the mastering worker tells the editor.

use continuo_core::AiState;
use continuo_gui::data::{AnalysisView, HistoryView, LoudnessView, MoveView, SpectrumView};

/// The worker's picture of the session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// What the AI is doing.
    pub ai: AiState,
    /// How far the analysis is.
    pub analysis: AnalysisView,
    /// Moves, in the chain's order.
    pub moves: Vec<MoveView>,
    /// An analysis found nothing worth changing.
    pub nothing_to_suggest: bool,
    /// Spectra.
    pub spectrum: SpectrumView,
    /// Loudness before the chain.
    pub input: LoudnessView,
    /// Loudness after the chain.
    pub output: LoudnessView,
    /// Loudness over time.
    pub history: HistoryView,
    /// What undo would take back.
    pub undo: Option<String>,
    /// Suggestions accepted so far.
    pub accepted: u32,
    /// Suggestions rejected so far.
    pub rejected: u32,
}
