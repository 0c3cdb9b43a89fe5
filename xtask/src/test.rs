//! `cargo xtask test`: every check and every test; what continuous integration runs.
//!
//! Everything is compiled once, in release: bundles, tests and demo share the compiled dependencies.
//! Clippy and the documentation share one more pass that only checks.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::bundle::{self, Bundles};
use crate::display::Display;
use crate::paths::Paths;
use crate::setup::{self, Ready};
use crate::{inspect, layout, sanitizer, sh, tidy};

/// What is left of one step for the closing lines.
struct Step {
    name: &'static str,
    seconds: f64,
    result: Result<()>,
}

/// `cargo xtask test`. All steps are run even when one fails, so that one run shows everything.
///
/// # Errors
/// When set-up or build fails, or when any step did.
pub fn run(paths: &Paths) -> Result<()> {
    let started = Instant::now();
    let ready = setup::to_test(paths)?;
    let mut closing = Vec::new();
    let mut steps = vec![
        step("tidy", || tidy::run(paths)),
        step("format", || {
            sh::run(cargo(paths).args(["fmt", "--all", "--check"]))?;
            sh::run(cargo(paths).args(["fmt", "--manifest-path", "xtask/Cargo.toml", "--check"]))
        }),
        step("xtask", || {
            let mut command = cargo(paths);
            command.args(["test", "--quiet", "--manifest-path", "xtask/Cargo.toml", "--target-dir"]);
            keeping_closing_lines(command.arg(paths.target.join("xtask")), &mut closing)
        }),
    ];
    steps.push(step("build", || bundle::build(paths)));
    if steps.last().is_some_and(|step| step.result.is_ok()) {
        let bundles = bundle::lay_out(paths, &ready)?;
        steps.push(step("bundles", || {
            let folder = paths.bundles();
            inspect::check(paths, &ready.python, &layout::clap(&folder), &layout::vst3(&folder))
        }));
        let display = Display::start()?;
        steps.push(step("tests", || {
            let mut command = cargo(paths);
            command.args(["test", "--release", "--workspace", "--no-fail-fast"]);
            tell(&mut command, paths, &ready, &bundles);
            if let Some(display) = &display {
                display.apply(&mut command);
            }
            keeping_closing_lines(&mut command, &mut closing)
        }));
    }
    steps.push(step("clippy", || {
        sh::run(cargo(paths).args([
            "clippy",
            "--quiet",
            "--release",
            "--workspace",
            "--all-targets",
            "--no-deps",
            "--",
            "-D",
            "warnings",
        ]))?;
        sh::run(
            cargo(paths)
                .args(["clippy", "--quiet", "--all-targets", "--manifest-path", "xtask/Cargo.toml", "--target-dir"])
                .arg(paths.target.join("xtask"))
                .args(["--", "-D", "warnings"]),
        )
    }));
    steps.push(step("documentation", || {
        sh::run(
            cargo(paths)
                .args(["doc", "--quiet", "--release", "--workspace", "--no-deps"])
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
    }));
    report(&steps, &closing, started)
}

/// Prints the runners' closing lines and one line per step.
fn report(steps: &[Step], closing: &[String], started: Instant) -> Result<()> {
    println!("\nClosing lines of the runners:");
    for line in closing {
        println!("  {line}");
    }
    println!("\nSteps:");
    let mut failed = Vec::new();
    for step in steps {
        match &step.result {
            Ok(()) => println!("  passed {:>6.1} s  {}", step.seconds, step.name),
            Err(error) => {
                failed.push(step.name);
                println!("  FAILED {:>6.1} s  {}: {error:#}", step.seconds, step.name);
            }
        }
    }
    println!("  in all {:>6.1} s", started.elapsed().as_secs_f64());
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// Tells a test program where the bundles, the resources and the tools are.
pub fn tell(command: &mut Command, paths: &Paths, ready: &Ready, bundles: &Bundles) {
    command
        .env("CONTINUO_CLAP", &bundles.clap)
        .env("CONTINUO_VST3", &bundles.vst3)
        .env("CONTINUO_RESOURCES", &bundles.resources)
        .env("CONTINUO_COMMAND", &bundles.command)
        .env("CONTINUO_DEMO", paths.root.join("demo"))
        .env("CONTINUO_PYTHON", &ready.python.program);
}

fn cargo(paths: &Paths) -> Command {
    let mut command = Command::new(sh::cargo());
    command.current_dir(&paths.root);
    sanitizer::apply(&mut command);
    command
}

fn step(name: &'static str, work: impl FnOnce() -> Result<()>) -> Step {
    sh::say(name);
    let started = Instant::now();
    let result = work();
    if let Err(error) = &result {
        eprintln!("{name}: {error:#}");
    }
    Step { name, seconds: started.elapsed().as_secs_f64(), result }
}

/// Runs a test runner with its output shown and keeps the lines that say how it ended.
fn keeping_closing_lines(command: &mut Command, closing: &mut Vec<String>) -> Result<()> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("could not start the test runner")?;
    let stdout = child.stdout.take().context("the runner has an output")?;
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.context("could not read the runner's output")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        if line.starts_with("test result:") {
            closing.push(line.trim().to_owned());
        }
    }
    let status = child.wait().context("could not wait for the test runner")?;
    if !status.success() {
        bail!("the test runner failed ({status})");
    }
    Ok(())
}
