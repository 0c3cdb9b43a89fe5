//! What the engine thinks with: the runtime, the models that are there, and the planner made of them.

use super::EngineError;
use super::papers::Papers;
use crate::resources::Resources;
use continuo_models::accompanist::Accompanist;
use continuo_models::harmony::Harmonist;
use continuo_models::{Planner, Runtime, find_runtime};
use continuo_provenance::record::ModelRecord;
use std::sync::Arc;

/// The planner and the papers of the models in it.
#[derive(Debug)]
pub struct Mind {
    /// Plans takes.
    pub planner: Planner,
    /// The models in the planner, as a record describes them.
    pub models: Vec<ModelRecord>,
}

impl Mind {
    /// A planner of written rules alone.
    pub fn rules_only() -> Mind {
        Mind { planner: Planner::new(None, None), models: Vec::new() }
    }

    /// Loads runtime and models. The first time in a process this takes up to half a second.
    ///
    /// # Errors
    /// One sentence when the runtime or a model is missing, damaged or of another version.
    pub fn load(resources: &Resources) -> Result<Mind, EngineError> {
        let runtime = runtime(resources)?;
        let wrong = |e: continuo_models::ModelError| EngineError::Model(e.to_string());
        let folder = resources.model("harmony").map_err(EngineError::Model)?;
        let harmonist = Harmonist::load(&runtime, &folder).map_err(wrong)?;
        let players = resources.model("accompanist").map_err(EngineError::Model)?;
        let accompanist = Accompanist::load(&runtime, &players).map_err(wrong)?;
        let models = vec![Papers::read(&folder)?.record(), Papers::read(&players)?.record()];
        Ok(Mind { planner: Planner::new(Some(harmonist), Some(accompanist)), models })
    }
}

/// The process's runtime.
///
/// # Errors
/// One sentence when it is missing or cannot be used.
pub fn runtime(resources: &Resources) -> Result<Arc<Runtime>, EngineError> {
    let wrong = |e: continuo_models::ModelError| EngineError::Model(e.to_string());
    let library = find_runtime(&resources.runtimes).map_err(wrong)?;
    Runtime::load(&library).map_err(wrong)
}
