//! `cargo xtask install`: puts the plugins where the user's DAW looks.

use std::env;
use std::env::consts::OS;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::bundle;
use crate::layout::{self, RESOURCES};
use crate::paths::Paths;
use crate::setup;

/// Where a user's own plugins and programs go.
struct Places {
    clap: PathBuf,
    vst3: PathBuf,
    /// The command and its resources; only where there is a usual place for it.
    command: Option<PathBuf>,
}

/// `cargo xtask install`.
///
/// # Errors
/// When set-up or build fails, or when a folder cannot be written.
pub fn run(paths: &Paths) -> Result<()> {
    let ready = setup::to_build(paths)?;
    let bundles = bundle::build_and_lay_out(paths, &ready)?;
    let places = places()?;

    if OS != "macos" {
        replace(&bundles.resources, &places.clap.join(RESOURCES))?;
    }
    replace(&bundles.clap, &places.clap.join("Continuo.clap"))?;
    replace(&bundles.vst3, &places.vst3.join("Continuo.vst3"))?;
    if let Some(folder) = &places.command {
        let name = bundles.command.file_name().context("the command is a file")?;
        replace(&bundles.resources, &folder.join(RESOURCES))?;
        replace(&bundles.command, &folder.join(name))?;
    }
    println!("Rescan the plugins in your DAW: Continuo (instrument) and Continuo Master (effect).");
    if let Some(folder) = &places.command {
        println!("The command is {}", folder.join("continuo").display());
    }
    Ok(())
}

/// The user's own places, by each format's specification.
fn places() -> Result<Places> {
    let variable = if OS == "windows" { "LOCALAPPDATA" } else { "HOME" };
    let home = env::var_os(variable)
        .map(PathBuf::from)
        .with_context(|| format!("{variable} is not set, so the user's plugin folders are not known"))?;
    Ok(match OS {
        "macos" => Places {
            clap: home.join("Library/Audio/Plug-Ins/CLAP"),
            vst3: home.join("Library/Audio/Plug-Ins/VST3"),
            command: Some(home.join(".local/share/continuo")),
        },
        "windows" => {
            Places { clap: home.join("Programs/Common/CLAP"), vst3: home.join("Programs/Common/VST3"), command: None }
        }
        _ => Places {
            clap: home.join(".clap"),
            vst3: home.join(".vst3"),
            command: Some(home.join(".local/share/continuo")),
        },
    })
}

/// Puts a file or folder in place of an older one. The new one is made beside it first; a running host
/// keeps the old library, because that is renamed away and not overwritten.
fn replace(from: &Path, to: &Path) -> Result<()> {
    let name = to.file_name().context("a place has a name")?.to_string_lossy().into_owned();
    let folder = to.parent().context("a place has a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
    let new = folder.join(format!(".{name}.new"));
    let old = folder.join(format!(".{name}.old"));
    remove(&new)?;
    remove(&old)?;
    layout::copy_all(from, &new)?;
    if to.exists() {
        fs::rename(to, &old).with_context(|| format!("could not replace {}", to.display()))?;
    }
    fs::rename(&new, to).with_context(|| format!("could not put {} in place", to.display()))?;
    remove(&old)?;
    println!("{}", to.display());
    Ok(())
}

fn remove(path: &Path) -> Result<()> {
    let result = if path.is_dir() {
        fs::remove_dir_all(path)
    } else if path.exists() {
        fs::remove_file(path)
    } else {
        Ok(())
    };
    result.with_context(|| format!("could not remove {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_folder_is_replaced_whole() {
        let folder = env::temp_dir().join(format!("continuo-install-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("place/Continuo.vst3"));
        fs::create_dir_all(from.join("a")).expect("a folder");
        fs::create_dir_all(&to).expect("a folder");
        fs::write(from.join("a/new"), "new").expect("a file");
        fs::write(to.join("old"), "old").expect("a file");

        replace(&from, &to).expect("a replaced folder");

        assert_eq!(fs::read_to_string(to.join("a/new")).expect("the new file"), "new");
        assert!(!to.join("old").exists(), "the older bundle's file must be gone");
        let left = layout::sorted_entries(&folder.join("place")).expect("the folder");
        fs::remove_dir_all(&folder).expect("to clean up");
        assert_eq!(left, ["Continuo.vst3"]);
    }
}
