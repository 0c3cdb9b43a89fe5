//! A file is written beside its place, synced, and renamed: at any moment there is the old file or the new one, never half.

use crate::error::ProvenanceError;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the files of this process so that two never share a name.
static SERIAL: AtomicU64 = AtomicU64::new(0);

/// A file on its way. Dropping it before [`Pending::commit`] removes it and leaves the target untouched.
#[derive(Debug)]
pub(crate) struct Pending {
    file: Option<File>,
    beside: PathBuf,
    target: PathBuf,
}

impl Pending {
    /// Begins a file that will be `target`; readable and writable, in the target's own folder.
    pub fn beside(target: &Path) -> Result<Self, ProvenanceError> {
        let name = target
            .file_name()
            .ok_or_else(|| ProvenanceError::Unsupported(format!("'{}' names no file to write", target.display())))?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}-{}.part", std::process::id(), SERIAL.fetch_add(1, Ordering::Relaxed)));
        let beside = target.with_file_name(hidden);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&beside)
            .map_err(ProvenanceError::io("create", &beside))?;
        Ok(Self { file: Some(file), beside, target: target.to_path_buf() })
    }

    /// The open file.
    pub fn file(&mut self) -> Result<&mut File, ProvenanceError> {
        self.file.as_mut().ok_or_else(|| ProvenanceError::Unsupported("the file is already closed".to_owned()))
    }

    /// Syncs the content, puts the file in its place and syncs the folder.
    pub fn commit(mut self) -> Result<(), ProvenanceError> {
        if let Some(file) = self.file.take() {
            file.sync_all().map_err(ProvenanceError::io("sync", &self.beside))?;
        }
        // A file that is being replaced keeps its permissions.
        if let Ok(old) = fs::metadata(&self.target) {
            let _ = fs::set_permissions(&self.beside, old.permissions());
        }
        fs::rename(&self.beside, &self.target).map_err(ProvenanceError::io("put in place", &self.target))?;
        sync_folder(&self.target);
        Ok(())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.file = None;
        // After a successful rename there is nothing here any more.
        let _ = fs::remove_file(&self.beside);
    }
}

/// Makes the rename itself durable where the system can sync a folder; elsewhere the rename is as durable as the system makes it.
fn sync_folder(target: &Path) {
    #[cfg(unix)]
    {
        let folder = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
    }
    #[cfg(not(unix))]
    let _ = target;
}

/// Writes all of `bytes` as `target`.
pub(crate) fn write_file(target: &Path, bytes: &[u8]) -> Result<(), ProvenanceError> {
    let mut pending = Pending::beside(target)?;
    pending.file()?.write_all(bytes).map_err(ProvenanceError::io("write", target))?;
    pending.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_abandoned_file_leaves_the_old_one_and_no_rest() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.txt");
        write_file(&path, b"old").unwrap();
        let mut pending = Pending::beside(&path).unwrap();
        pending.file().unwrap().write_all(b"half").unwrap();
        drop(pending);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        write_file(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_a_clear_error() {
        let error = write_file(Path::new("/nonexistent-folder/x.wav"), b"x").unwrap_err().to_string();
        assert!(error.contains("/nonexistent-folder/") && error.contains("check the path"), "{error}");
    }
}
