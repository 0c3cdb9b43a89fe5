//! Staged writing: every output is written beside its place under a temporary name, and only when all of them are
//! complete are they renamed into place. When anything fails, what was there before is still there, and nothing else.

use super::FileError;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Outputs of one command on their way to their places. Dropping it without [`Outbox::commit`] removes them.
#[derive(Debug, Default)]
pub struct Outbox {
    staged: Vec<(PathBuf, PathBuf)>,
    folders: Vec<PathBuf>,
}

impl Outbox {
    /// Nothing staged yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A temporary path beside `target`, for writers that make the file themselves. The file put there is moved to
    /// `target` by [`Outbox::commit`]. The ending of the name is kept, because some writers look at it.
    pub fn stage(&mut self, target: &Path) -> Result<PathBuf, FileError> {
        let name = target.file_name().ok_or_else(|| FileError::Write {
            path: target.to_owned(),
            source: std::io::Error::new(std::io::ErrorKind::InvalidInput, "the path names no file"),
        })?;
        if target.is_dir() {
            let source = std::io::Error::new(std::io::ErrorKind::IsADirectory, "there is a folder of that name");
            return Err(FileError::Write { path: target.to_owned(), source });
        }
        let hidden = format!(".continuo-{}-{}-{}", std::process::id(), self.staged.len(), name.to_string_lossy());
        let temporary = target.with_file_name(hidden);
        self.staged.push((temporary.clone(), target.to_owned()));
        Ok(temporary)
    }

    /// Takes over a file that a writer made on its own at `temporary`, to be moved to `target`.
    pub fn adopt(&mut self, temporary: &Path, target: &Path) {
        self.staged.push((temporary.to_owned(), target.to_owned()));
    }

    /// Stages `bytes` for `target`.
    pub fn put(&mut self, target: &Path, bytes: &[u8]) -> Result<(), FileError> {
        let temporary = self.stage(target)?;
        let unwritable = |source| FileError::Write { path: target.to_owned(), source };
        let mut file = fs::File::create(&temporary).map_err(unwritable)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(unwritable)
    }

    /// Makes `folder` (and its parents); those that were not there are removed again unless committed.
    pub fn folder(&mut self, folder: &Path) -> Result<(), FileError> {
        let mut missing: Vec<PathBuf> = folder
            .ancestors()
            .filter(|f| !f.as_os_str().is_empty())
            .take_while(|f| !f.exists())
            .map(Path::to_owned)
            .collect();
        missing.reverse();
        for new in missing {
            fs::create_dir(&new).map_err(|source| FileError::Write { path: new.clone(), source })?;
            self.folders.push(new);
        }
        Ok(())
    }

    /// Moves everything into place and says where it is.
    pub fn commit(mut self) -> Result<Vec<PathBuf>, FileError> {
        if let Some((temporary, target)) = self.staged.iter().find(|(temporary, _)| !temporary.is_file()) {
            let source = std::io::Error::new(
                std::io::ErrorKind::NotFound,
                format!("its temporary file {} is gone", temporary.display()),
            );
            return Err(FileError::Write { path: target.clone(), source });
        }
        let mut written = Vec::with_capacity(self.staged.len());
        while !self.staged.is_empty() {
            let (temporary, target) = &self.staged[0];
            fs::rename(temporary, target).map_err(|source| FileError::Write { path: target.clone(), source })?;
            written.push(self.staged.remove(0).1);
        }
        self.folders.clear();
        Ok(written)
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        for (temporary, _) in &self.staged {
            // It may never have been made; there is nobody left to tell.
            let _ = fs::remove_file(temporary);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("continuo-outbox-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn nothing_is_seen_before_commit_and_nothing_is_left_without_it() {
        let folder = scratch("drop");
        fs::write(folder.join("old.mid"), b"old").unwrap();
        let mut outbox = Outbox::new();
        outbox.put(&folder.join("old.mid"), b"new").unwrap();
        outbox.folder(&folder.join("a/b")).unwrap();
        outbox.put(&folder.join("a/b/c.json"), b"{}").unwrap();
        assert_eq!(fs::read(folder.join("old.mid")).unwrap(), b"old");
        drop(outbox);
        let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["old.mid"]);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn commit_replaces_everything_or_nothing() {
        let folder = scratch("commit");
        let mut outbox = Outbox::new();
        outbox.put(&folder.join("x.mid"), b"x").unwrap();
        let wav = outbox.stage(&folder.join("y.wav")).unwrap();
        assert!(wav.to_string_lossy().ends_with("y.wav"));
        // The second writer never wrote: the first file must not appear either.
        assert!(outbox.commit().is_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        let mut outbox = Outbox::new();
        outbox.put(&folder.join("x.mid"), b"x").unwrap();
        assert_eq!(outbox.commit().unwrap(), [folder.join("x.mid")]);
        assert_eq!(fs::read(folder.join("x.mid")).unwrap(), b"x");
        fs::remove_dir_all(&folder).unwrap();
    }
}
