//! The corrected copy of the plugin framework.
//!
//! `nice-plug` 0.4.2 can abort a host and makes system calls on the audio thread. Nobody else's source
//! is committed here: this module copies the published crate into `.patched/`, where the main
//! workspace's `[patch.crates-io]` finds it, and applies the exact edits of the modules below. Every
//! edited file must have the SHA-256 written here, so the edits can only land on the very text they
//! were made for.

mod buses;
mod editor_cell;
mod notifications;
mod state;
mod worker;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::digest::sha256_hex;
use crate::paths::Paths;
use crate::sh;

/// The framework crate that is corrected.
pub const CRATE: &str = "nice-plug";
/// Its exact version; the manifests of the workspace pin the same one.
pub const VERSION: &str = "0.4.2";

/// The note inside the copy: what was changed and why, and which edits it was made by.
const NOTE: &str = "EDITS.md";

/// One exact edit: `find` occurs once in `file` and becomes `replace`.
pub struct Edit {
    /// The edited file, from the crate's root.
    pub file: &'static str,
    /// Why, for the note.
    pub why: &'static str,
    /// The text that is replaced.
    pub find: &'static str,
    /// The text that takes its place.
    pub replace: &'static str,
}

/// The edited files and the SHA-256 of their published text.
const ORIGINALS: &[(&str, &str)] = &[
    ("src/event_loop/background_thread.rs", "797adf558c709fd4020c60aa7898769fef991e45763adf8e1922604d2edde55e"),
    ("src/lib.rs", "492e2608962aec633459d6d7ac4c43d64dab8e00fc09524dbe04cfc66a979a3a"),
    ("src/wrapper/clap/wrapper.rs", "4a11cecd577357055005b6829e7d1149fed0791fa8b8f3becb48b80a515279e5"),
    ("src/wrapper/util/buffer_management.rs", "24166fa0b981bdc714a11c55b607bda31119bea062adb963edaeb32ab6f918ac"),
    ("src/wrapper/vst3/inner.rs", "dc82c5551be5dcb912bd2b5afe04967ffb35072df757fd2a737e340291ec74cd"),
    ("src/wrapper/vst3/view.rs", "848198b5c0f12f6e8ad1035b93b163a4f00ddeb86e80509f6d8a2dc2a03e7a78"),
    ("src/wrapper/vst3/wrapper.rs", "5e51d6dfb44176cea32d625712af171f350076097c64d6c77b783fd84917369c"),
];

/// Cargo hides the warnings of crates from the registry but not of a folder.
const QUIET: &[Edit] = &[Edit {
    file: "src/lib.rs",
    why: "A copy in a folder would show the crate's own warnings in our builds.",
    find: "//! Documentation is still a work in progress.",
    replace: "#![allow(warnings, clippy::all)]\n//! Documentation is still a work in progress.",
}];

/// All edits, in the order they are applied.
fn edits() -> impl Iterator<Item = &'static Edit> {
    worker::EDITS
        .iter()
        .chain(editor_cell::EDITS)
        .chain(notifications::EDITS)
        .chain(state::EDITS)
        .chain(buses::EDITS)
        .chain(QUIET)
}

/// Makes `.patched/nice-plug`, or leaves it alone when it was made by these very edits.
///
/// # Errors
/// When the crate cannot be fetched, or when its text is not the text the edits were made for.
pub fn apply(paths: &Paths) -> Result<()> {
    let target = paths.root.join(".patched").join(CRATE);
    let note = note();
    if fs::read_to_string(target.join(NOTE)).is_ok_and(|made| made == note) {
        return Ok(());
    }
    sh::say(&format!("Correcting {CRATE} {VERSION} (see .patched/{CRATE}/{NOTE})"));
    let source = fetch(paths)?;
    let texts = edited(&source)?;

    // Made beside and renamed, so that an interrupted run leaves no half-made crate.
    let beside = paths.root.join(".patched").join(format!("{CRATE}.new"));
    let _ = fs::remove_dir_all(&beside);
    copy_tree(&source, &beside)?;
    for (file, text) in &texts {
        fs::write(beside.join(file), text).with_context(|| format!("could not write {file}"))?;
    }
    fs::write(beside.join(NOTE), note).context("could not write the note on the edits")?;
    let _ = fs::remove_dir_all(&target);
    fs::rename(&beside, &target).context("could not put the corrected framework in place")?;
    Ok(())
}

/// The text of every edited file after its edits.
fn edited(source: &Path) -> Result<Vec<(&'static str, String)>> {
    let mut texts = Vec::new();
    for (file, expected) in ORIGINALS {
        let bytes = fs::read(source.join(file)).with_context(|| format!("{CRATE} {VERSION} has no {file}"))?;
        let found = sha256_hex(&bytes);
        if found != *expected {
            bail!(
                "{CRATE} {VERSION}: {file} has the SHA-256 {found}, but the edits were made for {expected}.\n\
                 Remove the crate from Cargo's cache and try again; the published text never changes."
            );
        }
        texts.push((*file, String::from_utf8(bytes).context("the source is not UTF-8")?));
    }
    for edit in edits() {
        let Some((_, text)) = texts.iter_mut().find(|(file, _)| *file == edit.file) else {
            bail!("an edit names {}, which has no SHA-256 in ORIGINALS", edit.file);
        };
        let count = text.matches(edit.find).count();
        if count != 1 {
            bail!("an edit of {} matches {count} times instead of once ({})", edit.file, edit.why);
        }
        *text = text.replacen(edit.find, edit.replace, 1);
    }
    Ok(texts)
}

/// Lets Cargo fetch the crate and returns the folder its source lies in.
fn fetch(paths: &Paths) -> Result<PathBuf> {
    let folder = paths.target.join("fetch");
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), "")?;
    let manifest = folder.join("Cargo.toml");
    fs::write(
        &manifest,
        format!(
            "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\n{CRATE} = {{ version = \"={VERSION}\", default-features = false }}\n"
        ),
    )?;
    let host = sh::output("rustc", &["--version", "--verbose"])?
        .lines()
        .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
        .context("rustc does not say which machine it is for")?;
    let metadata = sh::output(
        &sh::cargo(),
        &["metadata", "--format-version=1", "--filter-platform", &host, "--manifest-path", &manifest.to_string_lossy()],
    )?;
    manifest_path(&metadata)
        .and_then(|path| path.parent().map(Path::to_path_buf))
        .with_context(|| format!("cargo metadata does not say where {CRATE} {VERSION} is"))
}

/// Finds the manifest of the framework in what `cargo metadata` printed.
fn manifest_path(metadata: &str) -> Option<PathBuf> {
    let package = metadata.find(&format!("{{\"name\":\"{CRATE}\",\"version\":\"{VERSION}\""))?;
    let rest = &metadata[package..];
    let key = "\"manifest_path\":\"";
    let start = rest.find(key)? + key.len();
    let end = start + rest[start..].find('"')?;
    Some(PathBuf::from(rest[start..end].replace("\\\\", "\\")))
}

/// Copies a folder without hidden files (Cargo's own marks in its cache).
fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("could not make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("could not read {}", from.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &to.join(&name))?;
        } else {
            let bytes = fs::read(entry.path())?;
            fs::write(to.join(&name), bytes)
                .with_context(|| format!("could not write {}", to.join(&name).display()))?;
        }
    }
    Ok(())
}

/// What the copy says about itself; it also tells whether the copy is up to date.
fn note() -> String {
    let mut all = String::new();
    let mut note = format!(
        "# {CRATE} {VERSION}, corrected\n\nMade by `cargo xtask setup` from the published crate. \
         Do not edit: change `xtask/src/patch/` instead.\n\n"
    );
    let mut last = ("", "");
    for edit in edits() {
        for part in [edit.file, edit.find, edit.replace] {
            all.push_str(part);
            all.push('\0');
        }
        if last != (edit.file, edit.why) {
            note.push_str(&format!("- `{}`: {}\n", edit.file, edit.why));
        }
        last = (edit.file, edit.why);
    }
    note.push_str(&format!("\nEdits: {}\n", sha256_hex(all.as_bytes())));
    note
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edit_applies_once_and_changes_its_file() {
        let paths = Paths::find().expect("the repository");
        let source = fetch(&paths).expect("the published crate");
        let texts = edited(&source).expect("edits that apply");
        assert_eq!(texts.len(), ORIGINALS.len());
        for (file, text) in texts {
            let original = fs::read_to_string(source.join(file)).expect("the original");
            assert_ne!(original, text, "{file} is listed but no edit changes it");
        }
    }

    #[test]
    fn a_changed_original_is_refused() {
        let folder = std::env::temp_dir().join(format!("continuo-patch-{}", std::process::id()));
        for (file, _) in ORIGINALS {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, "// not the published text").expect("a file");
        }
        let error = edited(&folder).expect_err("another text must be refused").to_string();
        fs::remove_dir_all(&folder).expect("to clean up");
        assert!(error.contains("SHA-256"), "{error}");
    }

    #[test]
    fn the_manifest_is_found_in_metadata() {
        let text = r#"{"packages":[{"name":"nice-plug-core","version":"0.4.2","manifest_path":"/a/core/Cargo.toml"},
            {"name":"nice-plug","version":"0.4.2","id":"x","manifest_path":"C:\\b\\Cargo.toml"}]}"#;
        assert_eq!(manifest_path(text), Some(PathBuf::from("C:\\b\\Cargo.toml")));
    }
}
