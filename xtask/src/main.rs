//! The project's own commands: `cargo xtask <command>`.
//!
//! Each command is one module. This program is a workspace of its own, so that it builds before the
//! main workspace can be resolved (see [`patch`]).

mod bench;
mod bundle;
mod demo;
mod digest;
mod display;
mod inspect;
mod install;
mod layout;
mod models;
mod patch;
mod paths;
mod sanitizer;
mod screenshots;
mod setup;
mod sh;
mod test;
mod tidy;
mod validate;

use std::process::ExitCode;

use anyhow::Result;

use paths::Paths;

/// What `cargo xtask` prints when it is asked for nothing or for something it does not know.
const USAGE: &str = "\
cargo xtask <command>

  demo          the whole road on the melodies in demo/: set up, build, render, verify; says where the results are
  test          set up, then every check and every test, the real-host ones included (what continuous integration runs)

  setup         only set up: system packages, ONNX Runtime, the corrected framework, the Python environment of the tests
  bundle        build the plugins and lay them out with models and runtime inside, under target/bundled/
  install       bundle, then put the plugins where the DAW looks and the command beside the user's own programs
  validate      bundle, then inspect the bundles as a host would
  models        check the models against their contracts; --train [NAME] --corpus DIR trains and exports them again
  bench         generation time and time per audio block
  screenshots   both editors in a real window, as pictures in docs/
  tidy          dependency arrows, file sizes, module docs, forbidden marks
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(command) = args.first().map(String::as_str) else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    match dispatch(command, &args[1..]) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("\ncargo xtask {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one command; `false` when the words make no command.
fn dispatch(command: &str, args: &[String]) -> Result<bool> {
    let paths = Paths::find()?;
    match (command, args) {
        ("setup", []) => setup::everything(&paths)?,
        ("demo", []) => demo::run(&paths)?,
        ("test", []) => test::run(&paths)?,
        ("bundle", []) => bundle::run(&paths)?,
        // Bundles are always built in release; the flag is accepted because other bundlers want it.
        ("bundle", [flag]) if flag == "--release" => bundle::run(&paths)?,
        ("install", []) => install::run(&paths)?,
        ("validate", []) => validate::run(&paths)?,
        ("models", args) => return models::run(&paths, args),
        ("bench", args) => bench::run(&paths, args)?,
        ("screenshots", []) => screenshots::run(&paths)?,
        ("tidy", []) => tidy::run(&paths)?,
        _ => return Ok(false),
    }
    Ok(true)
}
