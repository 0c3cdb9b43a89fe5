//! RIFF/WAVE files: finding the chunks, the sample formats, and the metadata chunks `bext`, `LIST INFO`, `iXML` and `_PMX`.
//!
//! Reading trusts nothing: every size is held against the size of the file before anything is allocated or sought.

pub mod bext;
pub mod info;
mod layout;
pub mod pcm;
pub mod riff;
pub mod text;

pub(crate) use layout::chunk_head;
pub use layout::{Layout, Piece};
pub use pcm::{Audio, Encoder, Format};
pub use riff::{Chunk, Fmt, Sampling, WavFile};
