//! The messages of the instrument's lanes. Closed lists: a new kind of message is a new variant every reader answers.

use super::arrangement::Arrangement;
use continuo_core::{Meter, Part, SuggestionId};
use std::sync::Arc;

/// Audio to worker: what the human plays, and where in the song. Full: newest dropped and counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tap {
    /// A key went down at `at` quarter notes.
    On {
        /// Song position, quarter notes.
        at: f64,
        /// MIDI key.
        pitch: u8,
        /// 1 to 127.
        velocity: u8,
    },
    /// A key went up.
    Off {
        /// Song position, quarter notes.
        at: f64,
        /// MIDI key.
        pitch: u8,
    },
    /// The clock began, jumped or changed: from here on, this holds.
    Clock(Clock),
}

/// The host's clock at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    /// Song position, quarter notes. While the host stands still this is the player's own time since the first note.
    pub at: f64,
    /// Quarter notes per minute.
    pub bpm: f64,
    /// Metre, when the host tells.
    pub meter: Option<Meter>,
    /// Where the bar began that sounds at `at`, quarter notes, when the host tells.
    pub bar_start: Option<f64>,
    /// The host plays.
    pub playing: bool,
    /// The song was joined here: it began, stopped or jumped. Otherwise only tempo or metre changed.
    pub joined: bool,
    /// Index, in the audio tap's stream, of the frame that lies at `at`.
    pub frame: u64,
    /// Sample rate, hertz.
    pub rate: f64,
}

/// Worker to audio: what was accepted or is auditioned. Full: the worker keeps it and tries again.
#[derive(Debug)]
pub enum Patch {
    /// Play this from now on.
    Arrangement(Box<Arrangement>),
    /// Play this for a while.
    Audition(Box<Audition>),
    /// End the audition.
    StopAudition,
}

/// An effect that ends by itself.
#[derive(Debug)]
pub struct Audition {
    /// Which take.
    pub take: SuggestionId,
    /// What is heard.
    pub arrangement: Arrangement,
    /// Whose parts it stands in for, in the order of [`Part::ALL`].
    pub parts: [bool; Part::ALL.len()],
    /// Where it begins, quarter notes.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
}

/// Audio to worker: storage to be freed. As large as the patch lane, drained before each patch is sent, so never full.
#[derive(Debug)]
pub enum Trash {
    /// An arrangement that was replaced.
    Arrangement(Box<Arrangement>),
    /// An audition that ended.
    Audition(Box<Audition>),
}

/// Audio to worker: what took effect. Full: counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Applied {
    /// The new arrangement plays from this song position on, quarter notes; `None` while the host stands still.
    Arrangement {
        /// Song position.
        at: Option<f64>,
    },
    /// An audition began to sound.
    AuditionBegan(SuggestionId),
    /// An audition ended by itself or was stopped.
    AuditionEnded(SuggestionId),
}

/// Editor to worker. Full: the editor keeps it until the next frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Draw takes over what was heard.
    Takes,
    /// Draw again what is not locked, in this take, of this part or of all.
    Reroll(SuggestionId, Option<Part>),
    /// Yes to a part, or to all still on offer.
    Accept(SuggestionId, Option<Part>, continuo_core::Gesture),
    /// No.
    Reject(SuggestionId, Option<Part>),
    /// Keep a part through re-rolls.
    Lock(SuggestionId, Part, bool),
    /// Look at this take.
    Select(SuggestionId),
    /// Hear it in time.
    Audition(SuggestionId, Option<Part>),
    /// Stop that.
    StopAudition,
    /// Take back the last accept or reject.
    Undo,
    /// Forget what was heard.
    ListenAfresh,
    /// Load the models again.
    Retry,
    /// AI on or off.
    Enable(bool),
    /// Write the song to files.
    Export,
}

/// Audio to editor, latest wins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meters {
    /// Song position, quarter notes.
    pub at: Option<f64>,
    /// The host plays.
    pub playing: bool,
    /// Quarter notes per minute.
    pub bpm: Option<f64>,
    /// Metre.
    pub meter: Option<Meter>,
    /// The host's loop, quarter notes.
    pub cycle: Option<(f64, f64)>,
    /// Peak per part and channel of the last block, linear.
    pub peak: [[f32; 2]; Part::ALL.len()],
    /// Mean square per part and channel, over about 300 ms, linear.
    pub mean_square: [[f32; 2]; Part::ALL.len()],
    /// Peak of the side input, linear; `None` when nothing is connected.
    pub input_peak: Option<f32>,
    /// Notes are held.
    pub active: bool,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            at: None,
            playing: false,
            bpm: None,
            meter: None,
            cycle: None,
            peak: [[0.0; 2]; Part::ALL.len()],
            mean_square: [[0.0; 2]; Part::ALL.len()],
            input_peak: None,
            active: false,
        }
    }
}

/// Worker to editor: the latest picture of what the worker knows. Full: the worker keeps the latest.
pub type Offer = Arc<super::snapshot::Snapshot>;
