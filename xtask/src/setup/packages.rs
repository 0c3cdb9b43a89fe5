//! System packages, by the distribution's own package manager.

use std::io::{IsTerminal, stdin};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::sh;

/// How to tell that a package need not be installed.
enum Present {
    /// The package manager says so.
    Package,
    /// A program with this name answers to `--version`, wherever it came from.
    Program(&'static str),
}

/// One package of Debian and its relatives.
pub struct Need {
    package: &'static str,
    present: Present,
    why: &'static str,
}

const fn package(package: &'static str, why: &'static str) -> Need {
    Need { package, present: Present::Package, why }
}

const fn program(package: &'static str, program: &'static str, why: &'static str) -> Need {
    Need { package, present: Present::Program(program), why }
}

/// For building and the demo. The plugins need no `-dev` package but the C library's own, for linking.
pub const BUILD: &[Need] = &[
    program("gcc", "cc", "Rust links through it"),
    package("libc6-dev", "Rust links against it"),
    package("python3-venv", "fetches ONNX Runtime into an environment of its own"),
];

/// For the tests and screenshots: a screen without a monitor, a window manager, and outside tools that
/// check our files.
pub const TEST: &[Need] = &[
    package("xvfb", "a screen without a monitor, for the editors"),
    package("openbox", "a window manager, which X hosts need"),
    package("xdotool", "plays the user in the editors"),
    package("x11-utils", "reads window properties"),
    package("imagemagick", "takes and compares pictures"),
    package("ffmpeg", "makes and reads audio files independently of our code"),
    package("libgl1", "OpenGL, run time"),
    package("libgl1-mesa-dri", "OpenGL without a graphics card"),
    package("libegl1", "OpenGL, run time"),
    package("libx11-6", "windows, run time"),
    package("libx11-xcb1", "windows, run time"),
    package("libxcursor1", "windows, run time"),
    package("libxkbcommon0", "keyboards, run time"),
    package("libxkbcommon-x11-0", "keyboards, run time"),
    package("procps", "looks at a running host's threads"),
];

/// Installs what is missing, after naming it.
///
/// # Errors
/// When the package manager fails, or when root is needed and cannot be had without asking.
pub fn install(needs: &[Need]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    if !sh::works("dpkg-query", &["--version"]) {
        return without_apt(needs);
    }
    let missing: Vec<&Need> = needs.iter().filter(|need| !present(need)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    sh::say("These system packages are missing and will be installed with apt-get:");
    for need in &missing {
        sh::say(&format!("    {:<20} {}", need.package, need.why));
    }
    apt_get(&["update", "-q"])?;
    let mut args = vec!["install", "-q", "-y", "--no-install-recommends"];
    args.extend(missing.iter().map(|need| need.package));
    apt_get(&args)
}

/// On a distribution without apt only programs can be looked for; the rest is said, not guessed.
fn without_apt(needs: &[Need]) -> Result<()> {
    let names: Vec<&str> = needs.iter().map(|need| need.package).collect();
    if names.contains(&"gcc") && !sh::works("cc", &["--version"]) {
        bail!("no C compiler and no apt-get: install your distribution's names of {}", names.join(", "));
    }
    Ok(())
}

fn present(need: &Need) -> bool {
    match need.present {
        Present::Program(name) => sh::works(name, &["--version"]),
        Present::Package => Command::new("dpkg-query")
            .args(["-W", "-f=${db:Status-Status}", need.package])
            .stderr(Stdio::null())
            .output()
            .is_ok_and(|output| output.status.success() && output.stdout == b"installed"),
    }
}

fn apt_get(args: &[&str]) -> Result<()> {
    let root = sh::output("id", &["-u"]).context("could not ask who I am")?.trim() == "0";
    let mut command = if root {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        if !stdin().is_terminal() {
            sudo.arg("--non-interactive");
        }
        sudo.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        sudo
    };
    command.args(args).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::inherit());
    sh::run(&mut command).context("installing system packages needs root or sudo")
}
