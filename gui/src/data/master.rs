//! The view and the intents of the effect, *Continuo Master*.

use super::{Level, ParamEdit, ParamView, ThemeChoice};
use continuo_core::mastering::{DYN_BANDS, EQ_BANDS, MasterSettings, Move, Target};
use continuo_core::{AiState, SuggestionId};
use std::sync::Arc;

/// Everything the mastering screen shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MasterView {
    /// What the AI is doing.
    pub ai: AiState,
    /// How far the analysis is.
    pub analysis: AnalysisView,
    /// Targets to choose from.
    pub targets: Vec<TargetChoice>,
    /// Id of the target chosen.
    pub target: String,
    /// Suggested moves, accepted and rejected ones too, in the chain's order.
    pub moves: Vec<MoveView>,
    /// True when an analysis is done and found nothing worth changing.
    pub nothing_to_suggest: bool,
    /// What is heard before it is accepted: every offered move, for as long as the audition lasts.
    pub auditioning: bool,
    /// The chain's settings as they are now.
    pub settings: MasterSettings,
    /// Parameters behind each EQ band, so that the curve can be dragged.
    pub bands: [BandView; EQ_BANDS],
    /// The other parameters of the chain, in groups.
    pub chain: Vec<ChainGroup>,
    /// Spectra before and after the chain.
    pub spectrum: SpectrumView,
    /// Loudness before the chain, for the analysis and the A/B match.
    pub input: LoudnessView,
    /// Loudness after the chain.
    pub output: LoudnessView,
    /// Level after the chain.
    pub level: Level,
    /// Gain reduction now.
    pub reduction: ReductionView,
    /// Loudness over time, after the chain.
    pub history: HistoryView,
    /// The bypass switch.
    pub bypass: ParamView,
    /// Gain that makes the bypassed sound as loud as the mastered one, decibels; what the A/B adds.
    pub match_gain_db: f32,
    /// What undo would take back; `None` when there is nothing to take back.
    pub undo: Option<String>,
    /// Suggestions accepted and rejected so far.
    pub accepted: u32,
    /// Suggestions rejected so far.
    pub rejected: u32,
    /// Look.
    pub theme: ThemeChoice,
}

/// How far the analysis is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AnalysisView {
    /// Sound heard, seconds.
    pub heard_s: f32,
    /// Sound needed for a first suggestion, seconds.
    pub needed_s: f32,
    /// Sound worker and audio lost on the way, blocks.
    pub dropped: u64,
}

/// A target by name.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetChoice {
    /// Stable word, for instance `streaming`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it asks for.
    pub target: Target,
}

/// What became of a move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MoveStatus {
    /// Waiting for the human.
    #[default]
    Offered,
    /// Said yes to; the chain is set to it.
    Accepted,
    /// Said yes to, then changed by hand.
    Edited,
    /// Said no to.
    Rejected,
}

/// One move on offer.
#[derive(Clone, Debug, PartialEq)]
pub struct MoveView {
    /// Identity of the suggestion.
    pub id: SuggestionId,
    /// What it is.
    pub content: Arc<Move>,
    /// What became of it.
    pub status: MoveStatus,
    /// How much of it, 0 to 2; 1 is as suggested.
    pub share: f32,
}

/// Parameter ids behind one EQ band. Values are set in plain units ([`ParamEdit::SetPlain`]).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BandView {
    /// Frequency, hertz.
    pub hz: ParamView,
    /// Gain, decibels.
    pub gain: ParamView,
    /// Quality factor.
    pub q: ParamView,
    /// Shape; a list in the order of [`continuo_core::mastering::EqShape`].
    pub shape: ParamView,
}

/// A named group of chain parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChainGroup {
    /// Name, for instance `Limiter`.
    pub name: String,
    /// Its parameters. Lists of two are drawn as switches, other lists as choices, the rest as knobs.
    pub params: Vec<ParamView>,
}

/// Spectra on one frequency axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpectrumView {
    /// Band centres, hertz, rising.
    pub hz: Arc<[f32]>,
    /// Level before the chain, decibels full scale, one per centre.
    pub before_db: Arc<[f32]>,
    /// Level after the chain, decibels full scale, one per centre.
    pub after_db: Arc<[f32]>,
}

/// Loudness by BS.1770 and EBU Tech 3341/3342; `None` before enough was heard.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LoudnessView {
    /// Over 400 ms, LUFS.
    pub momentary_lufs: Option<f32>,
    /// Over 3 s, LUFS.
    pub short_term_lufs: Option<f32>,
    /// Over everything heard, LUFS.
    pub integrated_lufs: Option<f32>,
    /// Loudness range, LU.
    pub range_lu: Option<f32>,
    /// Highest true peak, dBTP.
    pub true_peak_dbtp: Option<f32>,
    /// Peak to loudness ratio, dB.
    pub plr_db: Option<f32>,
}

/// Gain reduction now, decibels, 0 or below.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReductionView {
    /// Limiter.
    pub limiter_db: f32,
    /// Dynamics bands, low to high.
    pub bands_db: [f32; DYN_BANDS],
}

/// Loudness over time, newest last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryView {
    /// Time between two points, seconds.
    pub step_s: f32,
    /// Short-term loudness, LUFS; minus infinity for silence.
    pub short_term_lufs: Arc<[f32]>,
    /// Momentary loudness, LUFS; the same number of points, or none.
    pub momentary_lufs: Arc<[f32]>,
}

/// What the human asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum MasterIntent {
    /// A step of a gesture on parameter `id`.
    Param {
        /// Which.
        id: String,
        /// What.
        edit: ParamEdit,
    },
    /// Turn the AI on or off.
    EnableAi(bool),
    /// Load the models again after a failure.
    RetryAi,
    /// Forget what was heard and analyse from here.
    AnalyseAfresh,
    /// Suggest now from what was heard.
    Suggest,
    /// Stop thinking.
    Cancel,
    /// A step of a gesture on a move's share; values come as [`ParamEdit::SetPlain`], 0 to 2. Before the accept it
    /// changes what would be accepted, after it the chain.
    Share {
        /// Which move.
        id: SuggestionId,
        /// What.
        edit: ParamEdit,
    },
    /// Yes, with the share shown.
    Accept(SuggestionId),
    /// No; an accepted move is withdrawn.
    Reject(SuggestionId),
    /// Yes to every move still on offer.
    AcceptAll,
    /// Take back the last accept or reject.
    Undo,
    /// Hear every offered move without accepting, or stop.
    Audition(bool),
    /// Choose a target by id.
    Target(String),
    /// Begin the integrated measures again.
    ResetMeters,
    /// Change the look.
    Theme(ThemeChoice),
}
