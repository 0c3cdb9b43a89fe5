//! A Python environment of the project's own under `target/`, so that nothing is installed for the
//! whole system (Debian's Python refuses that, and rightly: PEP 668).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::digest::sha256_hex;
use crate::paths::Paths;
use crate::sh;

/// The environment's interpreter.
pub struct Python {
    /// The interpreter's path.
    pub program: PathBuf,
}

impl Python {
    /// The environment in this folder, made when it is not there.
    ///
    /// # Errors
    /// When there is no Python 3 or it cannot make environments.
    pub fn find_or_make(folder: &Path) -> Result<Self> {
        let python = Self { program: interpreter(folder) };
        if sh::works(&python.program.to_string_lossy(), &["-m", "pip", "--version"]) {
            return Ok(python);
        }
        let Some(system) = ["python3", "python"].into_iter().find(|name| is_python_3(name)) else {
            bail!("Python 3.9 or newer is needed and was not found as python3 or python");
        };
        sh::say(&format!("Making a Python environment in {}", folder.display()));
        let _ = fs::remove_dir_all(folder);
        sh::run(Command::new(system).args(["-m", "venv"]).arg(folder))
            .context("could not make a Python environment (Debian: the package python3-venv)")?;
        Ok(python)
    }

    /// Runs the interpreter with these arguments.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        command
    }

    /// Installs the packages of the host tests, pinned in `xtask/requirements.txt`.
    ///
    /// # Errors
    /// When pip fails.
    pub fn install_test_requirements(&self, paths: &Paths) -> Result<()> {
        self.install(&paths.root.join("xtask/requirements.txt"), &paths.venv().join("requirements.sha256"))
    }

    /// Installs a requirements file unless the stamp says that this very file was installed.
    ///
    /// # Errors
    /// When the file cannot be read or pip fails.
    pub fn install(&self, requirements: &Path, stamp: &Path) -> Result<()> {
        let wanted = fs::read(requirements).with_context(|| format!("could not read {}", requirements.display()))?;
        let digest = sha256_hex(&wanted);
        if fs::read_to_string(stamp).is_ok_and(|installed| installed == digest) {
            return Ok(());
        }
        sh::say(&format!("Installing {}", requirements.display()));
        sh::run(self.command().args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(requirements))?;
        fs::write(stamp, digest).context("could not write the stamp of the Python packages")
    }
}

/// Where an environment keeps its interpreter.
fn interpreter(folder: &Path) -> PathBuf {
    if cfg!(windows) { folder.join("Scripts/python.exe") } else { folder.join("bin/python3") }
}

fn is_python_3(program: &str) -> bool {
    sh::works(program, &["-c", "import sys; sys.exit(sys.version_info < (3, 9))"])
}
