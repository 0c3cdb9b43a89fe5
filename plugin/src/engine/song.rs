//! An input file becomes a song: MIDI is read, a recording is listened to, and what the user says of it wins.

use super::grid;
use super::listen::{self, Heard};
use super::{EngineError, Progress};
use crate::files::audio::{self, Clip};
use crate::files::{self, FileError, Kind, MAX_SECONDS, midi};
use continuo_core::{Chord, Meter, MeterMap, Song, TempoMap};
use continuo_provenance::record::{Input, InputRelation};
use std::path::Path;

/// What the user says of the song, instead of what the file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wishes {
    /// Tempo, quarter notes per minute.
    pub bpm: Option<f64>,
    /// Metre.
    pub meter: Option<Meter>,
    /// Chords, bar by bar; they are kept.
    pub grid: Option<Vec<Vec<Option<Chord>>>>,
}

/// A song and where it comes from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The song.
    pub song: Song,
    /// Name of the file without folder and ending.
    pub title: String,
    /// The file as the record names it.
    pub input: Input,
    /// The recording, when the file is one.
    pub clip: Option<Clip>,
    /// What was heard in the recording.
    pub heard: Option<Heard>,
    /// Where the melody is, for people.
    pub melody_source: String,
    /// What had to be put right, in plain sentences.
    pub notices: Vec<String>,
}

/// Reads `path` and, when it is a recording, listens to it.
///
/// # Errors
/// Everything that can be wrong with the file, and a recording without a melody.
pub fn load(path: &Path, wishes: &Wishes, progress: Progress<'_>) -> Result<Loaded, EngineError> {
    progress("reading", 0.0);
    let bytes = files::read_bytes(path)?;
    let kind = Kind::of(&bytes).ok_or_else(|| FileError::UnknownKind(path.to_owned()))?;
    let relation = if kind == Kind::Midi { InputRelation::InputTo } else { InputRelation::ComponentOf };
    let input = describe(path, &bytes, kind, relation);
    let title = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut loaded = if kind == Kind::Midi {
        let read = midi::parse(path, &bytes)?;
        let mut song = read.song;
        if let Some(bpm) = wishes.bpm {
            song.tempo = TempoMap::constant(bpm);
        }
        if let Some(meter) = wishes.meter {
            song.meters = MeterMap::constant(meter);
        }
        let (melody_source, notices) = (read.melody_source, read.repairs);
        Loaded { song, title, input, clip: None, heard: None, melody_source, notices }
    } else {
        let clip = audio::decode_sounding(path, bytes)?;
        let heard = listen::listen(&clip, wishes.bpm, wishes.meter, progress)?;
        if heard.song.melody.is_empty() && wishes.grid.is_none() {
            return Err(FileError::NoNotes {
                path: path.to_owned(),
                detail: "no melody could be heard in the recording; use a recording of one voice or instrument, or give the chords with --chords".into(),
            }
            .into());
        }
        let (song, notices) = (heard.song.clone(), heard.notices.clone());
        let melody_source = "the recording, as heard".into();
        Loaded { song, title, input, clip: Some(clip), heard: Some(heard), melody_source, notices }
    };
    if let Some(bars) = &wishes.grid {
        loaded.song.locked_chords = grid::lay_out(bars, &loaded.song.meters, loaded.song.end());
    }
    let seconds = loaded.song.tempo.seconds_at(loaded.song.end());
    if seconds > MAX_SECONDS {
        let detail =
            format!("{:.0} minutes at this tempo, and at most {:.0} are taken", seconds / 60.0, MAX_SECONDS / 60.0);
        return Err(FileError::TooLong { path: path.to_owned(), detail }.into());
    }
    Ok(loaded)
}

/// The file as a record names it.
pub fn describe(path: &Path, bytes: &[u8], kind: Kind, relation: InputRelation) -> Input {
    let media_type = match kind {
        Kind::Midi => "audio/midi",
        Kind::Wav => "audio/wav",
        Kind::Flac => "audio/flac",
        Kind::Mp3 => "audio/mpeg",
        Kind::Ogg => "audio/ogg",
    };
    Input {
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        sha256: continuo_provenance::sha256_hex(bytes),
        media_type: media_type.to_owned(),
        relation,
    }
}
