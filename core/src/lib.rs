//! The words every room of Continuo shares.
//!
//! Units and musical time, notes and chords, the parts of an arrangement, what a model may suggest and what a human
//! may accept, and the ends of the lanes between threads. Nothing here knows a file format, a framework, a model
//! runtime or a screen.

pub mod chord;
pub mod consent;
pub mod controls;
pub mod lanes;
pub mod mastering;
pub mod note;
pub mod origin;
pub mod pitch;
pub mod rng;
pub mod song;
pub mod state;
pub mod style;
pub mod take;
pub mod time;
pub mod units;

pub use chord::{Chord, ChordSpan, Quality};
pub use consent::{Accepted, Decision, Effect, Gesture, GestureKind, Suggestion, SuggestionId, UseRecord};
pub use controls::Controls;
pub use note::{Note, Part};
pub use origin::{ModelRef, Origin};
pub use pitch::{Key, Mode, PitchClass};
pub use rng::Rng;
pub use song::Song;
pub use state::AiState;
pub use style::Style;
pub use take::{PartPhrase, Take};
pub use time::{BarRange, Meter, MeterMap, TICKS_PER_QUARTER, TempoMap, Tick, Ticks};
pub use units::{Amp, Db, Frames, Hz, SamplePos, SampleRate};
