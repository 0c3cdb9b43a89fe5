//! What lies where in a bundle, and putting it there.
//!
//! | platform | CLAP | VST3 |
//! |---|---|---|
//! | Linux | `Continuo.clap` (the library), `Continuo.resources/` beside it | `Continuo.vst3/Contents/{x86_64-linux,Resources}` |
//! | macOS | `Continuo.clap/Contents/{MacOS,Resources}` | `Continuo.vst3/Contents/{MacOS,Resources}` |
//! | Windows | `Continuo.clap` (the library), `Continuo.resources/` beside it | `Continuo.vst3/Contents/{x86_64-win,Resources}` |
//!
//! The resources are `models/<name>/` (the model, its contract, card and data sheet), `onnxruntime/` and
//! `licences/`. The `continuo` command finds the same folder beside itself.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::paths::Paths;
use crate::setup::{Runtime, library_name};

/// The product's name in every bundle.
pub const NAME: &str = "Continuo";
/// The folder beside a bare library or the command.
pub const RESOURCES: &str = "Continuo.resources";

/// What of a model's folder belongs into a bundle; its training code and pictures stay here.
const MODEL_FILES: &[&str] = &["onnx", "bin", "md", "csv"];
/// The one settings file among a model's `.toml` files that the product reads.
const CONTRACT: &str = "contract.toml";

/// The places inside one VST3 or macOS bundle.
pub struct Bundle {
    /// Where the library goes.
    pub library: PathBuf,
    /// Where the resources go.
    pub resources: PathBuf,
}

/// Where things go in `<folder>/Continuo.clap`.
pub fn clap(folder: &Path) -> Bundle {
    if OS == "macos" {
        mac(&folder.join(format!("{NAME}.clap")))
    } else {
        Bundle { library: folder.join(format!("{NAME}.clap")), resources: folder.join(RESOURCES) }
    }
}

/// Where things go in `<folder>/Continuo.vst3`.
pub fn vst3(folder: &Path) -> Bundle {
    let bundle = folder.join(format!("{NAME}.vst3"));
    // The names of the architecture folders are the VST 3 specification's ("VST 3 Locations / Format").
    let (architecture, library) = match OS {
        "macos" => return mac(&bundle),
        "windows" if ARCH == "aarch64" => ("arm64-win".to_owned(), format!("{NAME}.vst3")),
        "windows" => (format!("{ARCH}-win"), format!("{NAME}.vst3")),
        _ => (format!("{ARCH}-linux"), format!("{NAME}.so")),
    };
    Bundle {
        library: bundle.join("Contents").join(architecture).join(library),
        resources: bundle.join("Contents/Resources"),
    }
}

fn mac(bundle: &Path) -> Bundle {
    Bundle { library: bundle.join("Contents/MacOS").join(NAME), resources: bundle.join("Contents/Resources") }
}

/// The file Cargo makes of the plugin crate.
pub fn built_library(paths: &Paths) -> PathBuf {
    paths.release().join(match OS {
        "windows" => "continuo_plugin.dll",
        "macos" => "libcontinuo_plugin.dylib",
        _ => "libcontinuo_plugin.so",
    })
}

/// The command that Cargo makes.
pub fn built_command(paths: &Paths) -> PathBuf {
    paths.release().join(if OS == "windows" { "continuo.exe" } else { "continuo" })
}

/// Lays out models, runtime and licences in `folder`, from nothing.
///
/// # Errors
/// When a file cannot be read or written, or when the repository holds no models.
pub fn resources(paths: &Paths, runtime: &Runtime, folder: &Path) -> Result<()> {
    let _ = fs::remove_dir_all(folder);
    let models = paths.root.join("models");
    let mut count = 0;
    for name in sorted_entries(&models)? {
        let from = models.join(&name);
        if !from.join(CONTRACT).is_file() {
            continue;
        }
        count += 1;
        for file in sorted_entries(&from)? {
            let path = from.join(&file);
            let kind = path.extension().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_file() && (file == CONTRACT || MODEL_FILES.contains(&kind.as_str())) {
                copy(&path, &folder.join("models").join(&name).join(&file))?;
            }
        }
    }
    if count == 0 {
        bail!("{} holds no model (a folder with a contract.toml)", models.display());
    }
    copy(&runtime.library, &folder.join("onnxruntime").join(library_name()))?;
    for notice in &runtime.notices {
        let name = notice.file_name().context("a notice is a file")?;
        copy(notice, &folder.join("licences/onnxruntime").join(name))?;
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&paths.root.join(licence), &folder.join("licences").join(licence))?;
    }
    // What the training works' licences ask to be said travels with the models.
    copy(&models.join("ATTRIBUTION.md"), &folder.join("licences/ATTRIBUTION.md"))?;
    Ok(())
}

/// Copies a file and makes the folders it needs.
///
/// # Errors
/// When either cannot be done.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
    }
    fs::copy(from, to).map(|_| ()).with_context(|| format!("could not copy {} to {}", from.display(), to.display()))
}

/// Copies a file or a whole folder.
///
/// # Errors
/// When something cannot be read or written.
pub fn copy_all(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return copy(from, to);
    }
    for name in sorted_entries(from)? {
        copy_all(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
}

/// The names in a folder, sorted, so that nothing depends on the file system's order.
///
/// # Errors
/// When the folder cannot be read.
pub fn sorted_entries(folder: &Path) -> Result<Vec<String>> {
    let mut names = fs::read_dir(folder)
        .with_context(|| format!("could not read {}", folder.display()))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}
