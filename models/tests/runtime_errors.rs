//! Libraries that are no runtime. A process of its own, because a runtime once loaded stays.

use continuo_models::{ModelError, Runtime};
use std::path::Path;

#[test]
fn wrong_libraries_are_named_and_say_what_to_do() {
    let missing = Runtime::load(Path::new("/nowhere/libonnxruntime.so")).unwrap_err();
    assert!(matches!(missing, ModelError::RuntimeMissing { .. }));

    let text = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let error = Runtime::load(&text).unwrap_err();
    assert!(matches!(error, ModelError::RuntimeUnusable { .. }), "{error:?}");
    assert!(error.to_string().contains("ORT_DYLIB_PATH"), "{error}");
}

/// A library that loads but is something else: any that this process has mapped already.
#[cfg(target_os = "linux")]
#[test]
fn a_library_of_another_kind_is_refused() {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let libc = maps.split_whitespace().find(|w| w.contains("libc.so") || w.contains("libc-")).unwrap();
    let error = Runtime::load(Path::new(libc)).unwrap_err();
    assert!(error.to_string().contains("OrtGetApiBase"), "{error}");
}
