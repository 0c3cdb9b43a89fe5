//! `cargo xtask validate`: bundles, then looks at the result as a host would.

use std::process::Command;

use anyhow::{Context, Result};

use crate::paths::Paths;
use crate::{bundle, inspect, layout, setup, sh};

/// `cargo xtask validate`: entry points, plugins, resources, what is linked in, and whether the command
/// in the bundle finds its models.
///
/// # Errors
/// When anything is missing or not as it should be.
pub fn run(paths: &Paths) -> Result<()> {
    let ready = setup::to_build(paths)?;
    let bundles = bundle::build_and_lay_out(paths, &ready)?;
    let folder = paths.bundles();
    inspect::check(paths, &ready.python, &layout::clap(&folder), &layout::vst3(&folder))?;
    sh::run(Command::new(&bundles.command).arg("models").env_remove("ORT_DYLIB_PATH").current_dir(&folder))
        .context("the command in the bundle does not find its models")
}
