//! Continuo and Continuo Master as plugins, and the `continuo` command: where every other room is put to use.
//!
//! The audio side, the worker and the screens of an instance are made in [`wiring`], meet only through lanes, and know
//! nothing else of each other.

pub mod brain;
pub mod cli;
pub mod editor;
pub mod engine;
pub mod export;
pub mod files;
pub mod instrument;
pub mod master;
pub mod params;
pub mod report;
pub mod resources;
pub mod session;
pub mod wiring;
pub mod worker;

pub use instrument::Continuo;
pub use master::ContinuoMaster;

/// Who makes the plugins, as hosts show it.
pub const VENDOR: &str = "Continuo";

nice_plug::nice_export_clap!(Continuo, ContinuoMaster);
nice_plug::nice_export_vst3!(Continuo, ContinuoMaster);
