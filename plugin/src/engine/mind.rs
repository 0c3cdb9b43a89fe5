//! What the engine thinks with: the runtime, the models that are there, and the planner made of them.

use super::EngineError;
use super::papers::{Papers, Work};
use crate::resources::Resources;
use continuo_models::accompanist::Accompanist;
use continuo_models::harmony::Harmonist;
use continuo_models::originality::Originality;
use continuo_models::{Planner, Runtime, find_runtime};
use continuo_provenance::record::{Influence, ModelRecord};
use std::sync::Arc;

/// The planner and the papers of the models in it.
#[derive(Debug)]
pub struct Mind {
    /// Plans takes.
    pub planner: Planner,
    /// The models in the planner, as a record describes them.
    pub models: Vec<ModelRecord>,
    /// The works of the originality index, sorted by id.
    works: Vec<Work>,
}

impl Mind {
    /// A planner of written rules alone.
    pub fn rules_only() -> Mind {
        Mind { planner: Planner::new(None, None), models: Vec::new(), works: Vec::new() }
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
        let works = resources.model("originality").map_err(EngineError::Model)?;
        let index = Originality::load(&works).map_err(wrong)?;
        let mut works = Papers::read(&works)?.works;
        works.sort_by(|a, b| a.id.cmp(&b.id));
        let planner = Planner::new(Some(harmonist), Some(accompanist)).with_index(Some(index));
        Ok(Mind { planner, models, works })
    }

    /// A work named by its id, with a share of influence. The index and its data sheet are made together; a work that the
    /// sheet does not hold is left out.
    pub fn influence(&self, id: &str, share: f64) -> Option<Influence> {
        let work = &self.works[self.works.binary_search_by(|w| w.id.as_str().cmp(id)).ok()?];
        Some(Influence {
            work: work.id.clone(),
            title: work.title.clone(),
            composer: if work.composer.is_empty() { "traditional".to_owned() } else { work.composer.clone() },
            source: work.source.clone(),
            licence: work.licence.clone(),
            share,
        })
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
