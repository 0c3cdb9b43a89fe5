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

/// What everything in `models/` must have beside it to enter.
const PAPERS: &[&str] = &["contract.toml", "DATA.csv"];
/// What a trained model must have on top.
const CARD: &str = "CARD.md";

/// How one model is made: its scripts in order, each with its arguments. `{corpus}` and `{work}` stand for
/// the corpus and for a folder of the model's own under `target/train/`.
struct Recipe {
    name: &'static str,
    steps: &'static [&'static [&'static str]],
}

const RECIPES: &[Recipe] = &[
    Recipe { name: "originality", steps: &[&["build.py", "--corpus", "{corpus}"]] },
    Recipe {
        name: "harmony",
        steps: &[
            &["train.py", "--corpus", "{corpus}", "--run", "{work}"],
            &["export.py", "--corpus", "{corpus}", "--run", "{work}"],
            &["goldens.py"],
            &["evaluate.py", "--corpus", "{corpus}"],
        ],
    },
    Recipe {
        name: "accompanist",
        steps: &[
            &["train.py", "--corpus", "{corpus}", "--run", "{work}"],
            &["export.py", "--corpus", "{corpus}", "--run", "{work}"],
            &["goldens.py"],
            &["evaluate.py", "--corpus", "{corpus}"],
        ],
    },
    // Needs the program fluidsynth and the soundfonts that `soundfonts.toml` names.
    Recipe {
        name: "mastering",
        steps: &[
            &["render.py", "--corpus", "{corpus}", "--work", "{work}"],
            &["dataset.py", "--work", "{work}"],
            &["train.py", "--work", "{work}"],
            &["calibrate.py", "--work", "{work}"],
            &["export.py", "--work", "{work}", "--renders", "{work}", "--corpus", "{corpus}"],
            &["goldens.py"],
        ],
    },
];

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
        let files = sorted_entries(&folder)?;
        let trained = files.iter().any(|file| file.ends_with(".onnx"));
        if trained && !folder.join(CARD).is_file() {
            bail!("models/{name} has no {CARD}");
        }
        for file in files.iter().filter(|file| file.ends_with(".onnx") || file.ends_with(".bin")) {
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
    let recipes: Vec<&Recipe> = RECIPES.iter().filter(|recipe| only.is_none_or(|only| only == recipe.name)).collect();
    if recipes.is_empty() {
        let known: Vec<&str> = RECIPES.iter().map(|recipe| recipe.name).collect();
        bail!("there is no such model; there are {}", known.join(", "));
    }
    let environment = paths.target.join("venv-models");
    let python = Python::find_or_make(&environment)?;
    python.install(&paths.root.join("models/requirements.txt"), &environment.join("requirements.sha256"))?;
    for recipe in recipes {
        let work = paths.target.join("train").join(recipe.name);
        fs::create_dir_all(&work)?;
        let folder = paths.root.join("models").join(recipe.name);
        for step in recipe.steps {
            sh::say(&format!("models/{}/{}", recipe.name, step.join(" ")));
            let mut command: Command = python.command();
            command.arg(folder.join(step[0])).current_dir(&folder);
            for argument in &step[1..] {
                match *argument {
                    "{corpus}" => command.arg(&corpus),
                    "{work}" => command.arg(&work),
                    word => command.arg(word),
                };
            }
            sh::run(&mut command)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_of_a_recipe_is_there() {
        let paths = Paths::find().expect("the repository");
        for recipe in RECIPES {
            for step in recipe.steps {
                let script = paths.root.join("models").join(recipe.name).join(step[0]);
                assert!(script.is_file(), "{}", script.display());
            }
        }
        let mut recipes: Vec<&str> = RECIPES.iter().map(|recipe| recipe.name).collect();
        recipes.sort_unstable();
        assert_eq!(names(&paths).expect("the models"), recipes, "every model has a recipe");
    }
}
