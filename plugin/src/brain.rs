//! What the workers think with, behind one small face, so that the plumbing can be tested without a model.

use continuo_core::{BarRange, Controls, Part, Song, Take};
use std::sync::atomic::AtomicBool;

/// Plans takes.
pub trait Planning: Send {
    /// Plans `parts` over `bars` of `song`. `progress` is told 0 to 1; setting `cancel` ends it soon. The error is one
    /// sentence for the screen.
    #[allow(clippy::too_many_arguments, reason = "one request, each argument a different word of it")]
    fn plan(
        &mut self,
        song: &Song,
        bars: BarRange,
        parts: &[Part],
        controls: Controls,
        seed: u64,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(f32),
    ) -> Result<Take, String>;
}
