//! Standard MIDI files: a melody comes in with its time, an arrangement goes out.

pub mod melody;
mod raw;
pub mod read;
pub mod write;

pub use read::{MidiInput, parse};
pub use write::{Score, write};

#[cfg(test)]
mod tests;
