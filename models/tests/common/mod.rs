//! Where the tests find a runtime: the one `ORT_DYLIB_PATH` names, the one of the built bundles, or the one that set-up has
//! fetched.

use std::path::{Path, PathBuf};

/// The runtime library.
///
/// # Panics
/// When there is none, with what to run.
pub fn library() -> PathBuf {
    let name = if cfg!(windows) {
        "onnxruntime.dll"
    } else if cfg!(target_os = "macos") {
        "libonnxruntime.dylib"
    } else {
        "libonnxruntime.so"
    };
    let resources = std::env::var_os("CONTINUO_RESOURCES").map(|r| PathBuf::from(r).join("onnxruntime").join(name));
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/onnxruntime").join(name);
    let candidates: Vec<PathBuf> = resources.into_iter().chain([fetched]).collect();
    continuo_models::find_runtime(&candidates)
        .expect("run `cargo xtask test`, or set ORT_DYLIB_PATH to an ONNX Runtime library")
}
