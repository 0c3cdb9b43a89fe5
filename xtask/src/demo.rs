//! `cargo xtask demo`: the whole road on every melody in `demo/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::layout::sorted_entries;
use crate::paths::Paths;
use crate::{bundle, setup, sh};

/// What the command reads.
const INPUTS: &[&str] = &["mid", "wav", "flac"];

/// `cargo xtask demo`: accompanies, mixes, masters, tags and verifies each input and says where the
/// results are.
///
/// # Errors
/// When set-up, build or one of the renders fails.
pub fn run(paths: &Paths) -> Result<()> {
    let started = Instant::now();
    let ready = setup::to_build(paths)?;
    let bundles = bundle::build_and_lay_out(paths, &ready)?;
    let out = paths.target.join("demo");
    let _ = fs::remove_dir_all(&out);

    let inputs = inputs(&paths.root.join("demo"))?;
    for (index, input) in inputs.iter().enumerate() {
        let name = folder_name(input)?;
        sh::say(&format!("{}/{}  {}", index + 1, inputs.len(), input.display()));
        let folder = out.join(&name);
        fs::create_dir_all(&folder)?;
        let wav = folder.join(format!("{name}.wav"));
        sh::run(
            Command::new(&bundles.command)
                .arg("render")
                .arg(input)
                .arg("-o")
                .arg(&wav)
                .arg("--midi")
                .arg(folder.join(format!("{name}.mid")))
                .arg("--report")
                .arg(&folder)
                // To run the demo is to accept what it is offered; the record says so.
                .args(["--accept", "all", "--seed", "1"]),
        )?;
        sh::run(Command::new(&bundles.command).arg("verify").arg(&wav))?;
    }
    println!(
        "\nDone in {:.0} s. For each melody a folder with the notes of every part, the tagged WAV,",
        started.elapsed().as_secs_f64()
    );
    println!("its record and a report to open in a browser:\n");
    for input in &inputs {
        println!("  {}", out.join(folder_name(input)?).display());
    }
    Ok(())
}

/// The melodies, sorted by name.
fn inputs(folder: &Path) -> Result<Vec<PathBuf>> {
    let inputs: Vec<PathBuf> = sorted_entries(folder)?
        .into_iter()
        .map(|name| folder.join(name))
        .filter(|path| path.extension().is_some_and(|kind| INPUTS.iter().any(|known| kind == *known)))
        .collect();
    if inputs.is_empty() {
        bail!("{} holds no melody", folder.display());
    }
    Ok(inputs)
}

/// A MIDI file and a recording of one tune get folders of their own.
fn folder_name(input: &Path) -> Result<String> {
    let stem = input.file_stem().context("an input has a name")?.to_string_lossy();
    let kind = input.extension().context("an input has a kind")?.to_string_lossy();
    Ok(if kind == "mid" { stem.into_owned() } else { format!("{stem}-{kind}") })
}
