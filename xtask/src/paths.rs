//! Where things lie in the repository.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folders that the commands work in.
pub struct Paths {
    /// The repository's root.
    pub root: PathBuf,
    /// Cargo's target folder of the main workspace: everything that is made or fetched lies here.
    pub target: PathBuf,
}

impl Paths {
    /// Finds the repository this program was built from.
    ///
    /// # Errors
    /// When the folder is gone.
    pub fn find() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().context("xtask lies in the repository")?.to_path_buf();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let target = if target.is_absolute() { target } else { root.join(target) };
        Ok(Self { root, target })
    }

    /// Where ONNX Runtime is unpacked.
    pub fn runtime_folder(&self) -> PathBuf {
        self.target.join("onnxruntime")
    }

    /// The Python environment of the host tests.
    pub fn venv(&self) -> PathBuf {
        self.target.join("venv")
    }

    /// Where the plugin bundles are laid out.
    pub fn bundles(&self) -> PathBuf {
        self.target.join("bundled")
    }

    /// Where Cargo puts release builds.
    pub fn release(&self) -> PathBuf {
        self.target.join("release")
    }
}
