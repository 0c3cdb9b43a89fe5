//! What can go wrong with a command: the user's words, or the work.

use super::help::Topic;
use std::fmt::Display;

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The arguments make no sense. Exit code 2.
    #[error("{why}\n{}", .topic.hint())]
    Usage {
        /// What is wrong with them.
        why: String,
        /// Which help says more.
        topic: Topic,
    },
    /// The work failed. Exit code 1.
    #[error("{0}")]
    Failed(String),
}

impl CliError {
    /// A usage error.
    pub fn usage(why: impl Display, topic: Topic) -> Self {
        CliError::Usage { why: why.to_string(), topic }
    }

    /// A failure.
    pub fn failed(why: impl Display) -> Self {
        CliError::Failed(why.to_string())
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            CliError::Usage { .. } => 2,
            CliError::Failed(_) => 1,
        }
    }
}

impl From<crate::files::FileError> for CliError {
    fn from(error: crate::files::FileError) -> Self {
        CliError::failed(error)
    }
}

impl From<crate::engine::EngineError> for CliError {
    fn from(error: crate::engine::EngineError) -> Self {
        CliError::failed(error)
    }
}

impl From<continuo_provenance::ProvenanceError> for CliError {
    fn from(error: continuo_provenance::ProvenanceError) -> Self {
        CliError::failed(error)
    }
}
