//! The one error of this crate: what is wrong, and what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Why nothing was written, or why a file could not be read. The message is one sentence for a person.
#[derive(Debug, thiserror::Error)]
pub enum ProvenanceError {
    /// The operating system said no.
    #[error("cannot {doing} '{}': {source}; check the path, the permissions and the free space", path.display())]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system answered.
        #[source]
        source: io::Error,
    },
    /// Reading or writing failed in the middle of a stream.
    #[error("reading or writing failed: {0}; check the disk and try again")]
    Stream(#[from] io::Error),
    /// Not a WAV file that can be used.
    #[error("not a usable WAV file: {0}")]
    Wav(String),
    /// A file of a kind that cannot be tagged here.
    #[error("{0}")]
    Unsupported(String),
    /// Audio that cannot be written.
    #[error("the audio cannot be written: {0}")]
    Audio(String),
    /// A record that is not consistent, or would state what was not accepted.
    #[error("the record of AI use cannot be used: {0}")]
    Record(String),
    /// The ledger does not hold together.
    #[error("the ledger of suggestions is damaged: {0}; what follows the damage cannot be relied on")]
    Ledger(String),
    /// No usable signing identity.
    #[error("the signing identity cannot be used: {0}")]
    Identity(String),
    /// The manifest could not be made or signed.
    #[error("the file could not be signed: {0}; nothing was written")]
    Sign(String),
}

impl ProvenanceError {
    /// Wraps a system error with what was tried on which file.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ProvenanceError {
        let path = path.to_path_buf();
        move |source| ProvenanceError::Io { doing, path, source }
    }
}

impl From<c2pa::Error> for ProvenanceError {
    fn from(error: c2pa::Error) -> Self {
        ProvenanceError::Sign(error.to_string())
    }
}
