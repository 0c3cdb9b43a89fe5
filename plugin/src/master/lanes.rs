//! The messages of the mastering plugin's lanes.

use continuo_core::mastering::{DYN_BANDS, MasterSettings, Move};
use continuo_core::{Effect, Gesture, SuggestionId};
use std::sync::Arc;

/// Audio to worker: one frame before and after the chain, `[in left, in right, out left, out right]`. Full: newest
/// dropped and counted. The frame after is later by the chain's latency.
pub type Tap = [f32; 4];

/// Worker to audio: what is heard before it is accepted. Full: the worker tries again.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "a box would have to be freed on the audio thread")]
pub enum Patch {
    /// Play through these settings instead of the parameters, for at most this many frames.
    Audition {
        /// The settings.
        settings: MasterSettings,
        /// How long, frames; the audition ends by itself.
        frames: u64,
    },
    /// End the audition.
    StopAudition,
}

/// Editor to worker. Full: the editor keeps it until the next frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Suggest from what was heard.
    Suggest,
    /// Forget what was heard.
    AnalyseAfresh,
    /// Yes to a move.
    Accept(SuggestionId, Gesture),
    /// Yes to every move on offer.
    AcceptAll(Gesture),
    /// No; an accepted move is withdrawn.
    Reject(SuggestionId),
    /// How much of a move, 0 to 2; the flag says that the hand is off.
    Share(SuggestionId, f64, bool),
    /// Take back the last accept or reject.
    Undo,
    /// Hear every offered move, or stop.
    Audition(bool),
    /// Begin the integrated measures again.
    ResetMeters,
    /// Load the models again.
    Retry,
    /// AI on or off.
    Enable(bool),
}

/// Worker to editor: edits of host parameters, which only the editor's thread may make. They exist only after a yes.
#[derive(Debug)]
pub enum Edit {
    /// Write an accepted move into the parameters.
    Apply {
        /// The move.
        effect: Effect<Arc<Move>>,
        /// How much of it.
        share: f64,
    },
    /// Change the share of an accepted move.
    Share {
        /// The move.
        change: Arc<Move>,
        /// How much of it.
        share: f64,
    },
    /// Back to these settings: an undo.
    Restore(Box<MasterSettings>),
}

/// Audio to editor, latest wins.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Meters {
    /// Peak per channel after the chain since the last block, linear.
    pub peak: [f32; 2],
    /// Mean square per channel after the chain, over about 300 ms.
    pub mean_square: [f32; 2],
    /// Gain of the limiter now, decibels, 0 or below.
    pub limiter_db: f32,
    /// Gain of the dynamics bands now, decibels, 0 or below.
    pub bands_db: [f32; DYN_BANDS],
    /// An audition sounds.
    pub auditioning: bool,
}

/// Worker to editor: the latest picture. Full: the worker keeps the latest.
pub type Offer = Arc<super::snapshot::Snapshot>;
