//! `cargo xtask tidy`: the rules of the house that a compiler does not check.
//!
//! Dependency arrows, who may name which library, file sizes, module docs, forbidden marks. It also runs
//! as a test of this crate.

mod arrows;
mod marks;
mod names;
mod size;
mod strip;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::layout::sorted_entries;
use crate::paths::Paths;

/// Folders that hold nothing of ours.
const SKIPPED: &[&str] = &[".git", ".patched", "target", "__pycache__", ".venv"];

/// Kinds of file that are text.
const TEXT: &[&str] = &["rs", "py", "toml", "md", "csv", "json", "txt", "sh", "yml"];

/// One text file of the repository.
pub struct File {
    /// From the root, with `/` between the parts.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl File {
    /// The part after the last dot.
    pub fn kind(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, kind)| kind)
    }

    /// Whether the file is compiled into tests or benches only.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.contains("/benches/")
            || self.path.ends_with("/tests.rs")
    }
}

/// `cargo xtask tidy`.
///
/// # Errors
/// When a rule is broken; every breach is printed.
pub fn run(paths: &Paths) -> Result<()> {
    let files = files(&paths.root)?;
    let breaches = breaches(&files);
    for breach in &breaches {
        eprintln!("{breach}");
    }
    if !breaches.is_empty() {
        bail!("{} breaches of the house's rules", breaches.len());
    }
    println!("tidy: {} files, {}", files.len(), size::summary(&files));
    Ok(())
}

/// All breaches in these files.
fn breaches(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    arrows::check(files, &mut found);
    names::check(files, &mut found);
    size::check(files, &mut found);
    marks::check(files, &mut found);
    found
}

/// Every text file below the root, in a fixed order.
fn files(root: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    collect(root, &PathBuf::new(), &mut files)?;
    Ok(files)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) -> Result<()> {
    for name in sorted_entries(&root.join(folder))? {
        let inside = folder.join(&name);
        let full = root.join(&inside);
        if full.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                collect(root, &inside, files)?;
            }
            continue;
        }
        let kind = inside.extension().unwrap_or_default().to_string_lossy().into_owned();
        if TEXT.contains(&kind.as_str()) {
            let text = fs::read(&full).with_context(|| format!("could not read {}", full.display()))?;
            let path = inside.to_string_lossy().replace('\\', "/");
            files.push(File { path, text: String::from_utf8_lossy(&text).into_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file for the rules' own tests.
    pub fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn the_repository_is_tidy() {
        let paths = Paths::find().expect("the repository");
        let found = breaches(&files(&paths.root).expect("its files"));
        assert!(found.is_empty(), "\n{}", found.join("\n"));
    }
}
