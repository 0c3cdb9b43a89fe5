//! The record as a JSON file beside the audio: `song.wav` has `song.wav.continuo.json`. It is what is left when a program
//! throws a file's tags away.

use crate::atomic;
use crate::error::ProvenanceError;
use crate::record::{MAX_RECORD_BYTES, UseRecordDocument};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Ending of a sidecar's name, after the whole name of the audio file.
pub const SUFFIX: &str = ".continuo.json";

/// Where the sidecar of `audio` is.
pub fn path_of(audio: &Path) -> PathBuf {
    let mut name = audio.file_name().unwrap_or_default().to_os_string();
    name.push(SUFFIX);
    audio.with_file_name(name)
}

/// Writes the sidecar of `audio`.
///
/// # Errors
/// When it cannot be written; then an older one is still whole.
pub fn write(audio: &Path, record: &UseRecordDocument) -> Result<PathBuf, ProvenanceError> {
    let path = path_of(audio);
    atomic::write_file(&path, format!("{}\n", record.to_json_pretty()).as_bytes())?;
    Ok(path)
}

/// Reads and checks a record file.
///
/// # Errors
/// When it cannot be read or is no consistent record.
pub fn read_record(path: &Path) -> Result<UseRecordDocument, ProvenanceError> {
    let file = File::open(path).map_err(ProvenanceError::io("open", path))?;
    let mut text = String::new();
    file.take(MAX_RECORD_BYTES as u64 + 1)
        .read_to_string(&mut text)
        .map_err(|e| ProvenanceError::Record(format!("'{}' is no text file of records ({e})", path.display())))?;
    UseRecordDocument::from_json(&text)
}

/// The sidecar of `audio`; `None` when there is none.
///
/// # Errors
/// When there is one that cannot be used.
pub fn read(audio: &Path) -> Result<Option<UseRecordDocument>, ProvenanceError> {
    let path = path_of(audio);
    if path.is_file() { read_record(&path).map(Some) } else { Ok(None) }
}
