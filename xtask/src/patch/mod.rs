//! The corrected copies of the plugin framework and of its window library.
//!
//! `nice-plug` 0.4.2 can abort a host and makes system calls on the audio thread, and `baseview` 0.4.2
//! under it can crash a host that closes an editor. Nobody else's source is committed here: this module
//! copies the published crates into `.patched/`, where the main workspace's `[patch.crates-io]` finds
//! them, and applies the exact edits of the modules below. Every edited file must have the SHA-256
//! written here, so the edits can only land on the very text they were made for.

mod buses;
mod editor_cell;
mod notifications;
mod state;
mod window;
mod worker;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::digest::sha256_hex;
use crate::paths::Paths;
use crate::sh;

/// One published crate that is corrected.
struct Crate {
    /// Its name in the registry.
    name: &'static str,
    /// Its exact version; the workspace's lock file has the same one.
    version: &'static str,
    /// The edited files and the SHA-256 of their published text.
    originals: &'static [(&'static str, &'static str)],
    /// The edits, in the order they are applied.
    edits: &'static [&'static [Edit]],
}

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

/// Why the copies are quiet.
const QUIET_WHY: &str = "Cargo hides the warnings of crates from the registry but not of a folder.";

const QUIET: &[Edit] = &[Edit {
    file: "src/lib.rs",
    why: QUIET_WHY,
    find: "//! Documentation is still a work in progress.",
    replace: "#![allow(warnings, clippy::all)]\n//! Documentation is still a work in progress.",
}];

/// Everything that is corrected.
const CRATES: &[Crate] = &[
    Crate {
        name: "nice-plug",
        version: "0.4.2",
        originals: &[
            ("src/event_loop/background_thread.rs", "797adf558c709fd4020c60aa7898769fef991e45763adf8e1922604d2edde55e"),
            ("src/lib.rs", "492e2608962aec633459d6d7ac4c43d64dab8e00fc09524dbe04cfc66a979a3a"),
            ("src/wrapper/clap/wrapper.rs", "4a11cecd577357055005b6829e7d1149fed0791fa8b8f3becb48b80a515279e5"),
            (
                "src/wrapper/util/buffer_management.rs",
                "24166fa0b981bdc714a11c55b607bda31119bea062adb963edaeb32ab6f918ac",
            ),
            ("src/wrapper/vst3/inner.rs", "dc82c5551be5dcb912bd2b5afe04967ffb35072df757fd2a737e340291ec74cd"),
            ("src/wrapper/vst3/view.rs", "848198b5c0f12f6e8ad1035b93b163a4f00ddeb86e80509f6d8a2dc2a03e7a78"),
            ("src/wrapper/vst3/wrapper.rs", "5e51d6dfb44176cea32d625712af171f350076097c64d6c77b783fd84917369c"),
        ],
        edits: &[worker::EDITS, editor_cell::EDITS, notifications::EDITS, state::EDITS, buses::EDITS, QUIET],
    },
    Crate {
        name: "baseview",
        version: "0.4.2",
        originals: &[
            ("src/lib.rs", "688c0b1b69b8c462fb81a4177c69a252cb7d4200d4b1d3ee6f618fcae4957313"),
            ("src/platform/x11/window_thread.rs", "37c8eabe91f65b262d64fe667bc2e2b437702aa63f3738be315054b992758adc"),
            ("src/wrappers/egl.rs", "6c01c5dd6bee0e72834ecd0982eb37db43f13f2f9e53de3ae7832ef82c46b591"),
        ],
        edits: &[window::EDITS],
    },
];

impl Crate {
    fn edits(&self) -> impl Iterator<Item = &'static Edit> {
        self.edits.iter().copied().flatten()
    }
}

/// Makes the copies under `.patched/`, or leaves alone those that were made by these very edits.
///
/// # Errors
/// When a crate cannot be fetched, or when its text is not the text the edits were made for.
pub fn apply(paths: &Paths) -> Result<()> {
    let stale: Vec<&Crate> = CRATES.iter().filter(|one| !is_made(paths, one)).collect();
    if stale.is_empty() {
        return Ok(());
    }
    let metadata = fetch(paths)?;
    for one in stale {
        make(paths, one, &metadata)?;
    }
    Ok(())
}

fn folder(paths: &Paths, one: &Crate) -> PathBuf {
    paths.root.join(".patched").join(one.name)
}

fn is_made(paths: &Paths, one: &Crate) -> bool {
    fs::read_to_string(folder(paths, one).join(NOTE)).is_ok_and(|made| made == note(one))
}

/// Makes one copy, beside its place first, so that an interrupted run leaves no half-made crate.
fn make(paths: &Paths, one: &Crate, metadata: &str) -> Result<()> {
    sh::say(&format!("Correcting {} {} (see .patched/{}/{NOTE})", one.name, one.version, one.name));
    let source = source(one, metadata)?;
    let texts = edited(one, &source)?;
    let beside = paths.root.join(".patched").join(format!("{}.new", one.name));
    let _ = fs::remove_dir_all(&beside);
    copy_tree(&source, &beside)?;
    for (file, text) in &texts {
        fs::write(beside.join(file), text).with_context(|| format!("could not write {file}"))?;
    }
    fs::write(beside.join(NOTE), note(one)).context("could not write the note on the edits")?;
    let target = folder(paths, one);
    let _ = fs::remove_dir_all(&target);
    fs::rename(&beside, &target).with_context(|| format!("could not put {} in place", target.display()))
}

/// The text of every edited file after its edits.
fn edited(one: &Crate, source: &Path) -> Result<Vec<(&'static str, String)>> {
    let mut texts = Vec::new();
    let name = format!("{} {}", one.name, one.version);
    for (file, expected) in one.originals {
        let bytes = fs::read(source.join(file)).with_context(|| format!("{name} has no {file}"))?;
        let found = sha256_hex(&bytes);
        if found != *expected {
            bail!(
                "{name}: {file} has the SHA-256 {found}, but the edits were made for {expected}.\n\
                 Remove the crate from Cargo's cache and try again; the published text never changes."
            );
        }
        texts.push((*file, String::from_utf8(bytes).context("the source is not UTF-8")?));
    }
    for edit in one.edits() {
        let Some((_, text)) = texts.iter_mut().find(|(file, _)| *file == edit.file) else {
            bail!("an edit names {}, whose SHA-256 is not written down", edit.file);
        };
        let count = text.matches(edit.find).count();
        if count != 1 {
            bail!("an edit of {} matches {count} times instead of once ({})", edit.file, edit.why);
        }
        *text = text.replacen(edit.find, edit.replace, 1);
    }
    Ok(texts)
}

/// Lets Cargo fetch the crates and returns what it says about them.
fn fetch(paths: &Paths) -> Result<String> {
    let folder = paths.target.join("fetch");
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), "")?;
    let manifest = folder.join("Cargo.toml");
    let mut text =
        "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n"
            .to_owned();
    for one in CRATES {
        text.push_str(&format!("{} = {{ version = \"={}\", default-features = false }}\n", one.name, one.version));
    }
    fs::write(&manifest, text)?;
    sh::output(
        &sh::cargo(),
        &[
            "metadata",
            "--format-version=1",
            "--filter-platform",
            &sh::host()?,
            "--manifest-path",
            &manifest.to_string_lossy(),
        ],
    )
}

/// The folder of a crate's published source.
fn source(one: &Crate, metadata: &str) -> Result<PathBuf> {
    manifest_path(one, metadata)
        .and_then(|path| path.parent().map(Path::to_path_buf))
        .with_context(|| format!("cargo metadata does not say where {} {} is", one.name, one.version))
}

/// Finds the manifest of a crate in what `cargo metadata` printed.
fn manifest_path(one: &Crate, metadata: &str) -> Option<PathBuf> {
    let package = metadata.find(&format!("{{\"name\":\"{}\",\"version\":\"{}\"", one.name, one.version))?;
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
fn note(one: &Crate) -> String {
    let mut all = String::new();
    let mut note = format!(
        "# {} {}, corrected\n\nMade by `cargo xtask setup` from the published crate. \
         Do not edit: change `xtask/src/patch/` instead.\n\n",
        one.name, one.version
    );
    let mut last = ("", "");
    for edit in one.edits() {
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
        let metadata = fetch(&paths).expect("the published crates");
        for one in CRATES {
            let source = source(one, &metadata).expect("the crate's folder");
            let texts = edited(one, &source).expect("edits that apply");
            assert_eq!(texts.len(), one.originals.len());
            for (file, text) in texts {
                let original = fs::read_to_string(source.join(file)).expect("the original");
                assert_ne!(original, text, "{file} is listed but no edit changes it");
            }
        }
    }

    #[test]
    fn a_changed_original_is_refused() {
        let folder = std::env::temp_dir().join(format!("continuo-patch-{}", std::process::id()));
        for (file, _) in CRATES[0].originals {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, "// not the published text").expect("a file");
        }
        let error = edited(&CRATES[0], &folder).expect_err("another text must be refused").to_string();
        fs::remove_dir_all(&folder).expect("to clean up");
        assert!(error.contains("SHA-256"), "{error}");
    }

    #[test]
    fn the_manifest_is_found_in_metadata() {
        let text = r#"{"packages":[{"name":"nice-plug-core","version":"0.4.2","manifest_path":"/a/core/Cargo.toml"},
            {"name":"nice-plug","version":"0.4.2","id":"x","manifest_path":"C:\\b\\Cargo.toml"}]}"#;
        assert_eq!(manifest_path(&CRATES[0], text), Some(PathBuf::from("C:\\b\\Cargo.toml")));
    }
}
