//! `cargo xtask bench`: how long generation and one audio block take.

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
    let mut command = Command::new(sh::cargo());
    command
        .args(["run", "--quiet", "--release", "-p", "continuo-tests", "--bin", "bench", "--"])
        .args(args)
        .current_dir(&paths.root);
    test::tell(&mut command, paths, &ready, &bundles);
    sh::run(&mut command)
}
