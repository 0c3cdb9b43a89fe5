//! SHA-256 (FIPS 180-4) in the forms this crate writes: lower-case hex of bytes, of files and of parts of files.

use crate::error::ProvenanceError;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes read at a time; large enough to be fast, small enough not to matter.
pub(crate) const BLOCK_BYTES: usize = 64 * 1024;

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for &byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

/// SHA-256 of bytes, lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 of everything left in a stream, lower-case hex, with the number of bytes.
pub(crate) fn sha256_stream(mut stream: impl Read) -> io::Result<(String, u64)> {
    let mut state = Sha256::new();
    let mut block = vec![0u8; BLOCK_BYTES];
    let mut total = 0u64;
    loop {
        match stream.read(&mut block) {
            Ok(0) => return Ok((hex(&state.finalize()), total)),
            Ok(count) => {
                state.update(&block[..count]);
                total += count as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// SHA-256 of a whole file, lower-case hex.
///
/// # Errors
/// When the file cannot be opened or read.
pub fn sha256_file(path: &Path) -> Result<String, ProvenanceError> {
    let file = File::open(path).map_err(ProvenanceError::io("open", path))?;
    Ok(sha256_stream(file).map_err(ProvenanceError::io("read", path))?.0)
}

/// True for 64 lower-case hex digits.
pub(crate) fn is_sha256_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_anchors_hold() {
        // FIPS 180-4 examples: the empty message and "abc".
        assert_eq!(sha256_hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let long = vec![7u8; BLOCK_BYTES * 2 + 5];
        assert_eq!(sha256_stream(&long[..]).unwrap(), (sha256_hex(&long), long.len() as u64));
        assert!(is_sha256_hex(&sha256_hex(b"x")) && !is_sha256_hex("ABC"));
    }
}
