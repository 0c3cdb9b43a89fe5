//! `cargo xtask screenshots`: both editors in a real window.

use std::process::Command;

use anyhow::{Context, Result};

use crate::display::Display;
use crate::paths::Paths;
use crate::{bundle, setup, sh, test};

/// Opens each editor through a small host on a screen without a monitor and takes its picture.
///
/// # Errors
/// When set-up or build fails, when there is no X here, or when an editor does not open.
pub fn run(paths: &Paths) -> Result<()> {
    let ready = setup::to_test(paths)?;
    let bundles = bundle::build_and_lay_out(paths, &ready)?;
    let display = Display::start()?.context("screenshots are taken under X11, on Linux")?;
    // The build above has made every program of the workspace.
    let mut command = Command::new(paths.release().join("screenshots"));
    command.arg(paths.root.join("docs")).current_dir(&paths.root);
    test::tell(&mut command, paths, &ready, &bundles);
    display.apply(&mut command);
    sh::run(&mut command)
}
