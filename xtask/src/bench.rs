//! `cargo xtask bench`: how long generation and one audio block take.

use std::env::consts::EXE_SUFFIX;
use std::process::Command;

use anyhow::Result;

use crate::paths::Paths;
use crate::{bundle, setup, sh, test};

/// Builds as the tests do and runs the bench program with the bundles' places in its environment.
///
/// # Errors
/// When set-up or build fails, or when the bench program does.
pub fn run(paths: &Paths, args: &[String]) -> Result<()> {
    let ready = setup::to_build(paths)?;
    let bundles = bundle::build_and_lay_out(paths, &ready)?;
    // The build above has made every program of the workspace.
    let mut command = Command::new(paths.release().join(format!("bench{EXE_SUFFIX}")));
    command.args(args).current_dir(&paths.root);
    test::tell(&mut command, paths, &ready, &bundles);
    sh::run(&mut command)
}
