//! `cargo xtask bundle`: the plugins, with models and runtime inside, under `target/bundled/`.

use std::env::consts::OS;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::inspect;
use crate::layout::{self, Bundle, NAME};
use crate::paths::Paths;
use crate::sanitizer;
use crate::setup::{self, Ready};
use crate::sh;

/// What a bundling run has made.
pub struct Bundles {
    /// What a CLAP host loads.
    pub clap: PathBuf,
    /// What a VST3 host loads.
    pub vst3: PathBuf,
    /// Models, runtime and licences beside the CLAP library and the command.
    pub resources: PathBuf,
    /// The `continuo` command, with the resources beside it.
    pub command: PathBuf,
}

/// `cargo xtask bundle`.
///
/// # Errors
/// When set-up, build or layout fails.
pub fn run(paths: &Paths) -> Result<()> {
    let ready = setup::to_build(paths)?;
    let bundles = build_and_lay_out(paths, &ready)?;
    println!("{}", bundles.clap.display());
    println!("{}", bundles.vst3.display());
    println!("{}", bundles.command.display());
    Ok(())
}

/// Builds the whole workspace in release (so that demo, bundles and tests share one set of compiled
/// dependencies) and lays the bundles out.
///
/// # Errors
/// When Cargo fails or a file cannot be written.
pub fn build_and_lay_out(paths: &Paths, ready: &Ready) -> Result<Bundles> {
    build(paths)?;
    lay_out(paths, ready)
}

/// Builds the whole workspace in release.
///
/// # Errors
/// When Cargo fails.
pub fn build(paths: &Paths) -> Result<()> {
    sh::say("Building in release (the first time takes minutes)");
    let mut command = Command::new(sh::cargo());
    command.args(["build", "--release", "--workspace"]).current_dir(&paths.root);
    // The same environment as in the tests, so that nothing is compiled twice.
    sh::run(sanitizer::apply(&mut command))
}

/// Lays out what Cargo has built.
///
/// # Errors
/// When a file cannot be written or the library cannot be inspected.
pub fn lay_out(paths: &Paths, ready: &Ready) -> Result<Bundles> {
    sh::say("Laying out the bundles");
    let folder = paths.bundles();
    let _ = fs::remove_dir_all(&folder);
    let library = layout::built_library(paths);

    let clap = layout::clap(&folder);
    layout::copy(&library, &clap.library)?;
    layout::resources(paths, &ready.runtime, &clap.resources)?;
    third_party(paths, ready, &clap)?;

    let vst3 = layout::vst3(&folder);
    layout::copy(&library, &vst3.library)?;
    layout::copy_all(&clap.resources, &vst3.resources)?;
    inspect::module_info(paths, &ready.python, &vst3)?;

    if OS == "macos" {
        for kind in ["clap", "vst3"] {
            mac_bundle(&folder.join(format!("{NAME}.{kind}")))?;
        }
    }
    let built = layout::built_command(paths);
    let command = folder.join(built.file_name().context("the command is a file")?);
    layout::copy(&built, &command)?;
    let resources = folder.join(layout::RESOURCES);
    if resources != clap.resources {
        layout::copy_all(&clap.resources, &resources)?;
    }
    Ok(Bundles {
        clap: folder.join(format!("{NAME}.clap")),
        vst3: folder.join(format!("{NAME}.vst3")),
        resources,
        command,
    })
}

/// Writes the licences of everything that is linked in.
fn third_party(paths: &Paths, ready: &Ready, bundle: &Bundle) -> Result<()> {
    let manifest = paths.root.join("Cargo.toml");
    let metadata = sh::output(
        &sh::cargo(),
        &[
            "metadata",
            "--format-version=1",
            "--filter-platform",
            &sh::host()?,
            "--manifest-path",
            &manifest.to_string_lossy(),
        ],
    )?;
    let file = paths.target.join("metadata.json");
    fs::write(&file, metadata)?;
    sh::run(
        ready
            .python
            .command()
            .arg(paths.root.join("xtask/py/licences.py"))
            .args([&file, &bundle.resources.join("licences/THIRD-PARTY.txt")])
            .arg("continuo-plugin"),
    )
}

/// What macOS wants in a bundle besides the library.
fn mac_bundle(bundle: &Path) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let keys = [
        ("CFBundleExecutable", NAME),
        ("CFBundleIdentifier", "audio.continuo.plugins"),
        ("CFBundleName", NAME),
        ("CFBundlePackageType", "BNDL"),
        ("CFBundleShortVersionString", version),
        ("CFBundleVersion", version),
    ];
    let mut plist = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n<dict>\n",
    );
    for (key, value) in keys {
        plist.push_str(&format!("  <key>{key}</key>\n  <string>{value}</string>\n"));
    }
    plist.push_str("</dict>\n</plist>\n");
    fs::write(bundle.join("Contents/Info.plist"), plist)?;
    fs::write(bundle.join("Contents/PkgInfo"), "BNDL????")?;
    Ok(())
}
