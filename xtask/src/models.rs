//! `cargo xtask models`: checks the models, or trains and exports them again.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::digest::sha256_hex;
use crate::layout::sorted_entries;
use crate::paths::Paths;
use crate::setup::Python;
use crate::sh;

/// What a model must have beside it to enter.
const PAPERS: &[&str] = &["CARD.md", "contract.toml", "DATA.csv"];

/// `cargo xtask models [--train [NAME] --corpus DIR]`; `false` when the words make no sense.
///
/// # Errors
/// When a model lacks a paper or is not the one its contract names, or when a training script fails.
pub fn run(paths: &Paths, args: &[String]) -> Result<bool> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        [] => check(paths)?,
        ["--train", "--corpus", corpus] => train(paths, None, Path::new(corpus))?,
        ["--train", name, "--corpus", corpus] => train(paths, Some(name), Path::new(corpus))?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// The folders of `models/` that hold a model, sorted.
fn names(paths: &Paths) -> Result<Vec<String>> {
    let folder = paths.root.join("models");
    Ok(sorted_entries(&folder)?.into_iter().filter(|name| folder.join(name).join("contract.toml").is_file()).collect())
}

/// Every model has its papers, and is the very file that its contract names.
fn check(paths: &Paths) -> Result<()> {
    let names = names(paths)?;
    if names.is_empty() {
        bail!("models/ holds no model");
    }
    for name in names {
        let folder = paths.root.join("models").join(&name);
        for paper in PAPERS {
            if !folder.join(paper).is_file() {
                bail!("models/{name} has no {paper}");
            }
        }
        let contract = fs::read_to_string(folder.join("contract.toml"))?;
        let works = fs::read_to_string(folder.join("DATA.csv"))?.lines().count().saturating_sub(1);
        for file in sorted_entries(&folder)?.iter().filter(|file| file.ends_with(".onnx")) {
            let bytes = fs::read(folder.join(file))?;
            let digest = sha256_hex(&bytes);
            if !contract.contains(&digest) {
                bail!("models/{name}/{file} has the SHA-256 {digest}, which its contract does not name");
            }
            println!("{name}: {file}, {} bytes, {works} works in DATA.csv, as in its contract", bytes.len());
        }
    }
    Ok(())
}

/// Trains and exports one model or all, from the scripts beside them. Takes hours on a small machine.
fn train(paths: &Paths, only: Option<&str>, corpus: &Path) -> Result<()> {
    let corpus = corpus.canonicalize().with_context(|| format!("there is no corpus at {}", corpus.display()))?;
    let python = Python::find_or_make(paths)?;
    python.install(&paths.root.join("models/requirements.txt"), &paths.venv().join("models.sha256"))?;
    let names = names(paths)?;
    if let Some(name) = only
        && !names.iter().any(|known| known == name)
    {
        bail!("there is no model {name}; there are {}", names.join(", "));
    }
    for name in names.iter().filter(|name| only.is_none_or(|only| only == name.as_str())) {
        for script in ["train.py", "export.py"] {
            sh::say(&format!("models/{name}/{script}"));
            let mut command: Command = python.command();
            command
                .arg(paths.root.join("models").join(name).join(script))
                .arg("--corpus")
                .arg(&corpus)
                .current_dir(paths.root.join("models"));
            sh::run(&mut command)?;
        }
    }
    Ok(())
}
