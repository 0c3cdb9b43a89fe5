//! `cargo xtask setup`: everything that building, the demo and the tests need.
//!
//! Each step looks first and does nothing when its result is there, so the other commands call it
//! freely. Nothing outside the repository changes, except the system packages, which are named before
//! they are installed.

mod packages;
mod python;
mod runtime;

use anyhow::Result;

use crate::patch;
use crate::paths::Paths;

pub use python::Python;
pub use runtime::{Runtime, library_name};

/// What a command needs to build and run the product.
pub struct Ready {
    /// ONNX Runtime.
    pub runtime: Runtime,
    /// The Python environment.
    pub python: Python,
}

/// Sets up what building and the demo need.
///
/// # Errors
/// When a package, the runtime or the framework cannot be had; the message says what to do.
pub fn to_build(paths: &Paths) -> Result<Ready> {
    packages::install(packages::BUILD)?;
    patch::apply(paths)?;
    let python = Python::find_or_make(&paths.venv())?;
    let runtime = runtime::find_or_fetch(paths, &python)?;
    Ok(Ready { runtime, python })
}

/// Sets up what the tests need on top: hosts, a screen without a monitor, media tools.
///
/// # Errors
/// As [`to_build`].
pub fn to_test(paths: &Paths) -> Result<Ready> {
    packages::install(packages::BUILD)?;
    packages::install(packages::TEST)?;
    let ready = to_build(paths)?;
    ready.python.install_test_requirements(paths)?;
    Ok(ready)
}

/// `cargo xtask setup`.
///
/// # Errors
/// As [`to_test`].
pub fn everything(paths: &Paths) -> Result<()> {
    let ready = to_test(paths)?;
    crate::sh::say(&format!("Ready. ONNX Runtime: {}", ready.runtime.library.display()));
    Ok(())
}
