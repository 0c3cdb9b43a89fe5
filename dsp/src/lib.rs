//! Continuo's signal processors: the master chain, meters, the voices of the four parts, their mixer and room.
//!
//! Everything here is plain signal processing: it knows no framework, file, model or screen.
//!
//! # The rules every processor keeps
//! * Construction allocates; `process`, `render`, `set`, `reset` and the note calls never do, and are real-time safe.
//! * The output does not depend on how a stream is cut into blocks, bit for bit.
//! * `latency()` is exact and does not change while a processor lives.
//! * Samples that are not numbers count as silence; feedback memory never holds denormal numbers for long.

pub mod frame;
pub mod master;
pub mod meter;
pub mod mix;
pub mod true_peak;
pub mod voice;

pub use master::{MasterChain, eq_response_db};
pub use meter::{Meter, Reading};
pub use mix::{Ensemble, MixSettings, NoteEvent, PartMixer, PartSettings, Rendered, Stereo, StereoMut, render_parts};
pub use voice::Instrument;
