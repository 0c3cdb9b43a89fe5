//! What can go wrong between a model on disk and its answer, each as one sentence that says what to do.

use std::path::PathBuf;

/// An error of the models or of their runtime.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A file that a contract names, or the contract itself, is not there or cannot be read.
    #[error("cannot read the model file {path}: {why}; install Continuo again, with its models beside it", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        why: String,
    },
    /// The contract cannot be understood.
    #[error("the model contract {path} cannot be read: {why}; install Continuo again", path = .path.display())]
    BadContract {
        /// The contract.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A model file is not the one its contract speaks of.
    #[error("the model file {path} has SHA-256 {found} but its contract says {expected}; the file is damaged or of another version, install Continuo again", path = .path.display())]
    Hash {
        /// The file.
        path: PathBuf,
        /// As the contract has it, lower-case hex.
        expected: String,
        /// As the file has it, lower-case hex.
        found: String,
    },
    /// The contract and the graph, or the contract and this program, disagree.
    #[error(
        "model {model}: {what} is {found} but {expected} was expected; model and program are of different versions, install both together"
    )]
    Mismatch {
        /// Name of the model or its file.
        model: String,
        /// What was compared.
        what: String,
        /// What the contract or the program asks for.
        expected: String,
        /// What is there.
        found: String,
    },
    /// No runtime library at any of the places looked at.
    #[error("ONNX Runtime was not found; looked for {}; install Continuo again or set ORT_DYLIB_PATH to the library", list(.looked))]
    RuntimeMissing {
        /// Where it was looked for.
        looked: Vec<PathBuf>,
    },
    /// The runtime library is older than a model or this program needs.
    #[error("ONNX Runtime {found} at {path} is too old, {needed} or newer is needed; take the one that comes with Continuo", path = .path.display())]
    RuntimeTooOld {
        /// The library.
        path: PathBuf,
        /// Its version.
        found: String,
        /// The oldest version that will do.
        needed: String,
    },
    /// The file is no ONNX Runtime or cannot be loaded here.
    #[error("{path} could not be used as ONNX Runtime: {why}; point ORT_DYLIB_PATH at a library for this computer or unset it", path = .path.display())]
    RuntimeUnusable {
        /// The library.
        path: PathBuf,
        /// The loader's reason.
        why: String,
    },
    /// The runtime refused the graph.
    #[error("the model {model} could not be opened: {why}; install Continuo again")]
    Open {
        /// Name of the model or its file.
        model: String,
        /// The runtime's reason.
        why: String,
    },
    /// A run failed.
    #[error("the model {model} failed: {why}")]
    Inference {
        /// Name of the model or its file.
        model: String,
        /// The runtime's reason.
        why: String,
    },
    /// The user or the host asked to stop.
    #[error("cancelled")]
    Cancelled,
}

fn list(paths: &[PathBuf]) -> String {
    match paths {
        [] => "no place at all".to_owned(),
        paths => paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", "),
    }
}

/// `Err(Cancelled)` once `cancel` is set; to be called between the steps of anything long.
pub fn check_cancel(cancel: &std::sync::atomic::AtomicBool) -> Result<(), ModelError> {
    if cancel.load(std::sync::atomic::Ordering::Relaxed) { Err(ModelError::Cancelled) } else { Ok(()) }
}
