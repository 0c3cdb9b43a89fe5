//! What the whole-product tests share: small but real hosts for the built bundles, and where the bundles are.

#![allow(unsafe_code, reason = "hosts load libraries and call across C interfaces")]
#![allow(clippy::missing_panics_doc, reason = "helpers of tests panic with what is wrong")]

pub mod clap;
pub mod session;
pub mod song;
pub mod vst3;
pub mod window;

use std::path::PathBuf;

/// A path that `cargo xtask test` tells the tests by an environment variable.
///
/// # Panics
/// With a sentence that says what to run, when the variable is missing.
#[must_use]
pub fn told(variable: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => panic!("{variable} is not set: run these tests with `cargo xtask test`, which builds the bundles"),
    }
}
