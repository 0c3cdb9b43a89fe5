//! SHA-256, for everything that is fetched and for the framework's edited files.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

/// The SHA-256 of `bytes` in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Checks that a file has the expected SHA-256.
///
/// # Errors
/// When the file cannot be read or is another one.
pub fn check_file(path: &Path, expected: &str) -> Result<()> {
    let bytes = fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
    let found = sha256_hex(&bytes);
    if found != expected {
        bail!("{} has the SHA-256 {found}, but {expected} was expected. Nothing was unpacked.", path.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::sha256_hex;

    #[test]
    fn matches_the_standards_example() {
        // FIPS 180-4 example: the one-block message "abc".
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
