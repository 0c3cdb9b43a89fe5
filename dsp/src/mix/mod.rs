//! From notes to a mix: the part mixer with its room, the ensemble, and offline rendering.

mod ensemble;
mod mixer;
mod offline;
mod room;

pub use ensemble::Ensemble;
pub use mixer::{MixSettings, PARTS, PartMixer, PartSettings, StereoMut};
pub use offline::{NoteEvent, Rendered, Stereo, render_parts};
pub use room::Room;
