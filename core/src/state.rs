//! The states of the AI, which the screen shows; none of them is an error of the plugin.

use serde::{Deserialize, Serialize};

/// What the worker is doing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum AiState {
    /// Not asked for yet.
    #[default]
    Off,
    /// The runtime and the models are being loaded.
    Loading,
    /// Hearing the input, waiting to be asked.
    Listening,
    /// Working on what was asked, `progress` 0 to 1.
    Thinking {
        /// Share done.
        progress: f32,
    },
    /// Something is on offer.
    Ready,
    /// There is no AI here, and why; the rest of the plugin works on.
    Unavailable {
        /// One sentence that says what is wrong and what to do.
        why: String,
    },
}
