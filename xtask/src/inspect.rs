//! Looking into a built plugin library as a host would, through `xtask/py/inspect_plugin.py`.

use std::path::Path;

use anyhow::{Context, Result};

use crate::layout::Bundle;
use crate::paths::Paths;
use crate::setup::Python;
use crate::sh;

const SCRIPT: &str = "xtask/py/inspect_plugin.py";

/// Writes `moduleinfo.json` into a VST3 bundle. Hosts read it instead of loading the library while they
/// scan, so it is made from what the library's own factory answers.
///
/// # Errors
/// When the library cannot be loaded or has no factory.
pub fn module_info(paths: &Paths, python: &Python, bundle: &Bundle) -> Result<()> {
    sh::run(
        python
            .command()
            .arg(paths.root.join(SCRIPT))
            .arg("moduleinfo")
            .args([&bundle.library, &bundle.resources.join("moduleinfo.json")]),
    )
    .context("could not ask the VST3 library for its classes")
}

/// Loads both libraries, prints what they hold and checks them against the bundle.
///
/// # Errors
/// When an entry point, a plugin or a resource is missing, or when a file says something else than the
/// library.
pub fn check(paths: &Paths, python: &Python, clap: &Bundle, vst3: &Bundle) -> Result<()> {
    let arguments: [&Path; 4] = [&clap.library, &clap.resources, &vst3.library, &vst3.resources];
    sh::run(python.command().arg(paths.root.join(SCRIPT)).arg("check").args(arguments))
}
