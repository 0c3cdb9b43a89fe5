//! What the workers think with, behind one small face, so that the plumbing can be tested without a model.

use crate::engine::mind::{self, Mind};
use crate::resources::Resources;
use continuo_core::mastering::{Move, Target};
use continuo_core::{BarRange, Controls, Part, Song, Take};
use continuo_models::mastering::{FeatureRow, Mastering, Measured};
use continuo_models::originality::LONGEST_ALLOWED;
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

    /// The longest run of notes that a phrase of the last take shares with a training work, as a share of what is
    /// allowed, 0 to 1; `None` when nothing was compared.
    fn likeness(&self) -> Option<f32>;
}

impl Planning for Mind {
    fn plan(
        &mut self,
        song: &Song,
        bars: BarRange,
        parts: &[Part],
        controls: Controls,
        seed: u64,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(f32),
    ) -> Result<Take, String> {
        self.planner.plan(song, bars, parts, controls, seed, cancel, progress).map_err(|e| e.to_string())
    }

    fn likeness(&self) -> Option<f32> {
        let longest = self.planner.likeness().iter().map(|(_, l)| l.longest_notes).max()?;
        Some(longest as f32 / LONGEST_ALLOWED as f32)
    }
}

/// Loads runtime and models for the instrument; called on the worker when takes are first asked for.
pub fn planner_loader() -> crate::worker::instrument::Loader {
    Box::new(|| {
        let mind = Mind::load(&Resources::find()).map_err(|e| e.to_string())?;
        Ok(Box::new(mind) as Box<dyn Planning>)
    })
}

/// Suggests mastering moves.
pub trait Advising: Send {
    /// Suggests moves for what was heard. The error is one sentence for the screen.
    fn suggest(&mut self, heard: &FeatureRow, measured: &Measured, target: &Target) -> Result<Vec<Move>, String>;
}

impl Advising for Mastering {
    fn suggest(&mut self, heard: &FeatureRow, measured: &Measured, target: &Target) -> Result<Vec<Move>, String> {
        Mastering::suggest(self, heard, measured, target).map_err(|e| e.to_string())
    }
}

/// Loads runtime and model for the mastering plugin; called on the worker when moves are first asked for.
pub fn adviser_loader() -> crate::worker::master::Loader {
    Box::new(|| {
        let resources = Resources::find();
        let runtime = mind::runtime(&resources).map_err(|e| e.to_string())?;
        let mastering = Mastering::load(&runtime, &resources.model("mastering")?).map_err(|e| e.to_string())?;
        Ok(Box::new(mastering) as Box<dyn Advising>)
    })
}
