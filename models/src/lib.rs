//! Continuo's models: everything that turns what was played into suggestions.
//!
//! Trained models run through [`runtime`], the only file that knows the inference library, under the terms of their
//! [`contract`]. What is done by rule lives in [`rules`]; [`listener`] hears notes in audio; [`planner`] puts the
//! pieces together into takes. Nothing here may be called from an audio thread: all of it allocates.

pub mod accompanist;
pub mod contract;
pub mod error;
pub mod harmony;
pub mod listener;
pub mod mastering;
pub mod originality;
pub mod planner;
pub mod rules;
pub mod runtime;

pub use contract::{Contract, FileContract};
pub use error::ModelError;
pub use listener::{Heard, Hints, ListenError, listen};
pub use planner::{PlanError, Planner};
pub use runtime::{Runtime, Session, Tensor, TensorRef, find_runtime};
