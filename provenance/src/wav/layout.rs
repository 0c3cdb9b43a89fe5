//! The order of chunks in a file to be written, and the sizes that follow from it, known before the first byte is written.

use crate::error::ProvenanceError;
use std::io::{self, Write};

/// A chunk to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A chunk whose content is at hand.
    Ready([u8; 4], Vec<u8>),
    /// A chunk whose content comes from the imported file: code, offset of the content there, bytes.
    Copied([u8; 4], u64, u32),
    /// The samples: bytes.
    Samples(u64),
    /// Room for the signed manifest: bytes. Always the last chunk.
    Manifest(u32),
}

impl Piece {
    /// Code and bytes of content.
    pub fn head(&self) -> ([u8; 4], u64) {
        match self {
            Piece::Ready(id, content) => (*id, content.len() as u64),
            Piece::Copied(id, _, size) => (*id, u64::from(*size)),
            Piece::Samples(size) => (*b"data", *size),
            Piece::Manifest(size) => (*b"C2PA", u64::from(*size)),
        }
    }
}

/// The chunks of a file to be written, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout(pub Vec<Piece>);

impl Layout {
    /// What the RIFF header has to say: bytes after the first eight.
    ///
    /// # Errors
    /// When the file would pass the 4 GiB that a RIFF size can express.
    pub fn riff_size(&self) -> Result<u32, ProvenanceError> {
        let total = self.end() - 8;
        let fits = self.0.iter().all(|p| p.head().1 <= u64::from(u32::MAX));
        u32::try_from(total).ok().filter(|_| fits).ok_or_else(|| {
            ProvenanceError::Audio(format!(
                "the file would have {total} bytes, and a WAV file holds at most 4 GiB; write it in parts or at a lower rate"
            ))
        })
    }

    /// Where the next chunk would begin: one after the last byte of the last chunk.
    pub fn end(&self) -> u64 {
        12 + self.0.iter().map(|p| 8 + p.head().1 + p.head().1 % 2).sum::<u64>()
    }

    /// Writes the header of a file that has these chunks and `last`.
    ///
    /// # Errors
    /// When it cannot be written. That the size fits is for [`Layout::riff_size`] to say first.
    pub fn write_head(&self, out: &mut impl Write, last: &Piece) -> io::Result<()> {
        let size = self.end() + 8 + last.head().1 + last.head().1 % 2 - 8;
        out.write_all(b"RIFF")?;
        out.write_all(&(size as u32).to_le_bytes())?;
        out.write_all(b"WAVE")
    }
}

/// Writes a chunk's header.
pub(crate) fn chunk_head(out: &mut impl Write, piece: &Piece) -> io::Result<()> {
    let (id, size) = piece.head();
    out.write_all(&id)?;
    out.write_all(&(size as u32).to_le_bytes())
}
