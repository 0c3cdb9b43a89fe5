//! Files that come in and go out: MIDI, audio, and the staged writing that leaves nothing half-written.
//!
//! Musical file formats are known here (and tags in `continuo_provenance`) and nowhere else. Nothing in this module may
//! be called on the audio thread.

pub mod audio;
pub mod midi;
pub mod outbox;

use std::path::{Path, PathBuf};

/// Longest song or recording taken, seconds. Two hours is longer than any single work on a record and keeps memory
/// bounded.
pub const MAX_SECONDS: f64 = 7_200.0;

/// What can be wrong with a file. Every message is one sentence that says what is wrong and what to do.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused to read it.
    #[error("cannot read '{}': {source}; check that the file is there and may be read", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The operating system refused to write it.
    #[error("cannot write '{}': {source}; check the folder, its permissions and the free space", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No bytes.
    #[error("'{}' is empty (0 bytes); choose a file that has music in it", .0.display())]
    Empty(PathBuf),
    /// Neither MIDI nor a known kind of audio.
    #[error("'{}' is neither MIDI nor WAV, FLAC, MP3 or Ogg Vorbis audio; convert it to one of these first", .0.display())]
    UnknownKind(PathBuf),
    /// Ends before its own header says it does.
    #[error("'{}' is truncated: {detail}; copy or export the file again", path.display())]
    Truncated {
        /// Which file.
        path: PathBuf,
        /// What is missing.
        detail: String,
    },
    /// Broken inside.
    #[error("'{}' is damaged: {detail}; export the file again", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is broken.
        detail: String,
    },
    /// A kind of file or a feature of it that is not supported.
    #[error("'{}' cannot be used: {detail}", path.display())]
    Unsupported {
        /// Which file.
        path: PathBuf,
        /// What, and what to do.
        detail: String,
    },
    /// Longer than [`MAX_SECONDS`], or more samples than fit in bounded memory.
    #[error("'{}' is too long: {detail}; cut it into shorter pieces", path.display())]
    TooLong {
        /// Which file.
        path: PathBuf,
        /// How long it is and what the limit is.
        detail: String,
    },
    /// Audio without sound.
    #[error("'{}' is silent (its loudest sample is at {peak_dbfs:.0} dBFS); choose a recording with sound in it", path.display())]
    Silent {
        /// Which file.
        path: PathBuf,
        /// The loudest sample, dBFS.
        peak_dbfs: f64,
    },
    /// MIDI without a melody.
    #[error("'{}' has no notes to accompany: {detail}", path.display())]
    NoNotes {
        /// Which file.
        path: PathBuf,
        /// What there is instead, and what to do.
        detail: String,
    },
    /// The song does not fit into a standard MIDI file.
    #[error("the song cannot be written as MIDI: {0}")]
    MidiOut(String),
}

/// What kind of input a file is, by its first bytes (its name is not trusted).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Standard MIDI file.
    Midi,
    /// WAV, including RF64.
    Wav,
    /// FLAC.
    Flac,
    /// MP3, with or without a tag in front.
    Mp3,
    /// Ogg.
    Ogg,
}

impl Kind {
    /// Reads the kind off the first bytes.
    pub fn of(bytes: &[u8]) -> Option<Kind> {
        let at = |from: usize, word: &[u8]| bytes.get(from..from + word.len()) == Some(word);
        if at(0, b"MThd") || (at(0, b"RIFF") && at(8, b"RMID")) {
            Some(Kind::Midi)
        } else if (at(0, b"RIFF") || at(0, b"RF64")) && at(8, b"WAVE") {
            Some(Kind::Wav)
        } else if at(0, b"fLaC") {
            Some(Kind::Flac)
        } else if at(0, b"OggS") {
            Some(Kind::Ogg)
        } else if at(0, b"ID3") || is_mpeg_frame(bytes) {
            Some(Kind::Mp3)
        } else {
            None
        }
    }
}

/// True when the bytes begin with a valid MPEG audio layer III frame header (ISO/IEC 11172-3, 2.4.2.3: 11 sync bits, a
/// version, a layer, a bit rate and a rate that are not reserved).
fn is_mpeg_frame(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, b, c, ..]
        if b & 0xe0 == 0xe0 && b & 0x18 != 0x08 && b & 0x06 == 0x02 && c & 0xf0 != 0xf0 && c & 0xf0 != 0 && c & 0x0c != 0x0c)
}

/// Largest input file read into memory, bytes. Two hours of 24-bit stereo at 96 kHz.
const MAX_BYTES: u64 = 4_200_000_000;

/// Reads a whole input file.
///
/// # Errors
/// [`FileError::Read`], [`FileError::Empty`], [`FileError::TooLong`] and, for a folder, [`FileError::Unsupported`].
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, FileError> {
    let unreadable = |source| FileError::Read { path: path.to_owned(), source };
    let meta = std::fs::metadata(path).map_err(unreadable)?;
    if meta.is_dir() {
        return Err(FileError::Unsupported {
            path: path.to_owned(),
            detail: "it is a folder; name a file in it".into(),
        });
    }
    if meta.len() > MAX_BYTES {
        let detail = format!("{} MB, and at most {} MB are read", meta.len() / 1_000_000, MAX_BYTES / 1_000_000);
        return Err(FileError::TooLong { path: path.to_owned(), detail });
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    if bytes.is_empty() { Err(FileError::Empty(path.to_owned())) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_first_bytes() {
        assert_eq!(Kind::of(b"MThd\0\0\0\x06"), Some(Kind::Midi));
        assert_eq!(Kind::of(b"RIFF\0\0\0\0WAVEfmt "), Some(Kind::Wav));
        assert_eq!(Kind::of(b"RIFF\0\0\0\0AVI LIST"), None);
        assert_eq!(Kind::of(b"fLaC"), Some(Kind::Flac));
        assert_eq!(Kind::of(b"OggS\0"), Some(Kind::Ogg));
        assert_eq!(Kind::of(b"ID3\x04"), Some(Kind::Mp3));
        assert_eq!(Kind::of(&[0xff, 0xfb, 0x90, 0x64]), Some(Kind::Mp3));
        // Layer I, reserved version, reserved rate: no MP3.
        assert_eq!(Kind::of(&[0xff, 0xff, 0x90, 0x64]), None);
        assert_eq!(Kind::of(&[0xff, 0xeb, 0x90, 0x64]), None);
        assert_eq!(Kind::of(&[0xff, 0xfb, 0x9c, 0x64]), None);
        assert_eq!(Kind::of(b"Dear reader,"), None);
        assert_eq!(Kind::of(b""), None);
    }

    #[test]
    fn missing_empty_and_folder_are_told_apart() {
        let folder = std::env::temp_dir().join(format!("continuo-read-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let empty = folder.join("empty.mid");
        std::fs::write(&empty, b"").unwrap();
        assert!(matches!(read_bytes(&folder.join("none.mid")), Err(FileError::Read { .. })));
        assert!(matches!(read_bytes(&empty), Err(FileError::Empty(_))));
        assert!(matches!(read_bytes(&folder), Err(FileError::Unsupported { .. })));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
