//! The road from an input to a tagged file, shared by the command and the plugins' export.
//!
//! ```text
//! song (MIDI, or audio through the listener) ─► arrange (planner, accepted take) ─► mix (dsp) ─► master (dsp, moves)
//!        ─► record (what was used) ─► tagged WAV, MIDI, report
//! ```
//!
//! Everything here allocates and takes its time: workers and commands only.

pub mod analysis;
pub mod arrange;
pub mod destinations;
pub mod grid;
pub mod listen;
pub mod master;
pub mod measure;
pub mod mind;
pub mod mix;
pub mod paper;
pub mod papers;
pub mod record;
pub mod song;
pub mod story;
pub mod suggest;

use crate::files::FileError;

/// Why there is no result. Every message is one sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// An input or output file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A model or the runtime.
    #[error("{0}")]
    Model(String),
    /// No take could be planned.
    #[error(transparent)]
    Plan(#[from] continuo_models::PlanError),
    /// The record or its carriers.
    #[error(transparent)]
    Provenance(#[from] continuo_provenance::ProvenanceError),
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}

/// Told the name of a stage and how much of it is done, 0 to 1.
pub type Progress<'a> = &'a mut dyn FnMut(&str, f32);
