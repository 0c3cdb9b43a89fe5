//! Whether an audio file is all there. Decoders play what is left of a truncated file; a user wants to be told.

use crate::files::{FileError, Kind};
use std::path::Path;

/// Looks at what each kind of file says of its own length.
pub(super) fn check(path: &Path, kind: Kind, bytes: &[u8]) -> Result<(), FileError> {
    let truncated = |detail: String| Err(FileError::Truncated { path: path.to_owned(), detail });
    match kind {
        Kind::Wav => match missing_in_wav(bytes) {
            Missing::Nothing => Ok(()),
            Missing::Bytes(count) => truncated(format!("{count} bytes of its sound data are missing")),
            Missing::Data => truncated("its sound data are missing".into()),
        },
        Kind::Ogg if !ogg_is_closed(bytes) => truncated("its last page is not there".into()),
        _ => Ok(()),
    }
}

/// True when fewer frames came out than were promised, beyond what encoders' padding explains (an MP3 frame has 1,152,
/// and two of them may be lost at the seams).
pub(super) fn is_short(frames: u64, promised: u64) -> bool {
    frames + 2 * 1_152 < promised
}

enum Missing {
    Nothing,
    Bytes(u64),
    Data,
}

/// Walks the RIFF chunks to `data` and compares its declared size with what follows.
fn missing_in_wav(bytes: &[u8]) -> Missing {
    let mut at = 12usize;
    let mut size64: Option<u64> = None;
    while let Some(head) = bytes.get(at..at + 8) {
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let left = (bytes.len() - at - 8) as u64;
        match &head[..4] {
            // RF64 keeps the true size of `data` in `ds64`, after the 64-bit size of the whole (EBU Tech 3306).
            b"ds64" => {
                size64 = bytes.get(at + 16..at + 24).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
            }
            b"data" => {
                // Writers to a pipe cannot come back to fill in the size: all ones (or none) means "to the end".
                let declared = match (size, size64) {
                    (u32::MAX, Some(declared)) => declared,
                    (u32::MAX | 0, _) => left,
                    (size, _) => u64::from(size),
                };
                return if declared > left { Missing::Bytes(declared - left) } else { Missing::Nothing };
            }
            _ => {}
        }
        at = match at.checked_add(8 + size as usize + (size as usize & 1)) {
            Some(next) => next,
            None => return Missing::Data,
        };
    }
    Missing::Data
}

/// True when the last page is whole and carries the end-of-stream flag (RFC 3533, section 6).
fn ogg_is_closed(bytes: &[u8]) -> bool {
    let mut at = 0usize;
    while let Some(head) = bytes.get(at..at + 27) {
        if &head[..4] != b"OggS" {
            return false;
        }
        let (flags, segments) = (head[5], usize::from(head[26]));
        let Some(table) = bytes.get(at + 27..at + 27 + segments) else { return false };
        let next = at + 27 + segments + table.iter().map(|&s| usize::from(s)).sum::<usize>();
        if next > bytes.len() {
            return false;
        }
        if next == bytes.len() {
            return flags & 4 != 0;
        }
        at = next;
    }
    false
}
