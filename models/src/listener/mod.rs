//! Listening: from a recording to notes, tempo, beats, key and chords, by rule.
//!
//! A single voice or instrument is followed note by note ([`pitch`], [`segment`]); where several notes sound at once the
//! harmony is read instead ([`chroma`]). Either way the outcome is a [`Song`] that can be accompanied. Everything is
//! computed from the signal with published methods, named where they are used; nothing is learned.
//!
//! Not for the audio thread: it takes its time and plenty of memory.

pub mod chroma;
pub mod onset;
pub mod pitch;
pub mod quantise;
pub mod resample;
pub mod segment;
pub mod tempo;

use continuo_core::{Chord, Key, Meter, SampleRate, Song};
use std::sync::atomic::{AtomicBool, Ordering};

/// Rate everything is analysed at, hertz: enough for fundamentals up to 2 kHz and the first harmonics above.
pub const RATE: f64 = 22_050.0;
/// Step between analysis frames, samples at [`RATE`]: about 10 ms.
pub const HOP: usize = 220;
/// Longest recording taken, seconds.
pub const MAX_SECONDS: f64 = 1_200.0;
/// Shortest recording taken, seconds.
pub const MIN_SECONDS: f64 = 0.25;
/// Recordings quieter than this all along are silent, dBFS RMS of the loudest 10 ms.
pub const SILENCE_DBFS: f64 = -66.0;

/// What is already known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hints {
    /// Tempo, quarter notes per minute.
    pub bpm: Option<f64>,
    /// Metre.
    pub meter: Option<Meter>,
    /// Where a bar begins in the recording, seconds; known when a host recorded it against its own clock.
    pub bar_seconds: Option<f64>,
}

/// A note as it was sung or played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeardNote {
    /// Start, seconds from the beginning of the recording.
    pub start: f64,
    /// End, seconds.
    pub end: f64,
    /// Pitch in semitones, middle C = 60, with its fraction.
    pub pitch: f64,
    /// Loudness as a MIDI velocity, 1 to 127.
    pub velocity: u8,
    /// How periodic the sound was, 0 to 1.
    pub confidence: f64,
}

/// A chord as it was heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeardChord {
    /// Start, seconds.
    pub start: f64,
    /// End, seconds.
    pub end: f64,
    /// The chord; `None` where none can be told.
    pub chord: Option<Chord>,
    /// How well it fits, 0 to 1.
    pub probability: f32,
}

/// What was heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// The melody's notes; empty when several notes sound at once.
    pub notes: Vec<HeardNote>,
    /// Tempo, quarter notes per minute, over the whole recording.
    pub bpm: f64,
    /// How regular the beat is, 0 to 1; 1 when the tempo was given.
    pub tempo_confidence: f64,
    /// Metre, given or judged.
    pub meter: Meter,
    /// Felt beats, seconds, from before the first note to after the last.
    pub beats: Vec<f64>,
    /// Index in `beats` of the first beat of a bar.
    pub downbeat: usize,
    /// Key, when one can be told.
    pub key: Option<Key>,
    /// Chords; empty when a single line was heard.
    pub chords: Vec<HeardChord>,
    /// True when several notes sound at once.
    pub polyphonic: bool,
    /// The same in musical time: melody on the grid, tempo, metre, key, and the chords heard.
    pub song: Song,
    /// Where tick 0 of `song` lies in the recording, seconds; negative when a bar begins before it.
    pub song_start: f64,
}

/// Why nothing was heard.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ListenError {
    /// Shorter than [`MIN_SECONDS`].
    #[error("the recording lasts {seconds:.2} s; at least {MIN_SECONDS} s are needed")]
    TooShort {
        /// Its length.
        seconds: f64,
    },
    /// Longer than [`MAX_SECONDS`].
    #[error("the recording lasts {seconds:.0} s; at most {MAX_SECONDS:.0} s can be taken at once, cut it")]
    TooLong {
        /// Its length.
        seconds: f64,
    },
    /// Nothing but silence.
    #[error("the recording is silent (its loudest moment is at {dbfs:.0} dBFS); check the input")]
    Silent {
        /// Level of the loudest 10 ms, dBFS RMS.
        dbfs: f64,
    },
    /// Sound, but neither notes nor chords nor a beat.
    #[error(
        "no notes could be made out in the recording; it sounds like noise or speech rather than singing or playing"
    )]
    NoNotes,
    /// The samples are not numbers.
    #[error("the recording holds samples that are not numbers; the file is damaged")]
    NotFinite,
    /// A hint that makes no sense.
    #[error("a tempo of {0} quarter notes a minute cannot be followed; give one from 20 to 400")]
    BadTempo(f64),
    /// Stopped by the user or the host.
    #[error("cancelled")]
    Cancelled,
}

/// Listens to one channel of samples.
///
/// # Errors
/// See [`ListenError`]; `cancel` is looked at all along.
pub fn listen(mono: &[f32], rate: SampleRate, hints: &Hints, cancel: &AtomicBool) -> Result<Heard, ListenError> {
    let seconds = mono.len() as f64 / rate.hz();
    if seconds < MIN_SECONDS {
        return Err(ListenError::TooShort { seconds });
    }
    if seconds > MAX_SECONDS {
        return Err(ListenError::TooLong { seconds });
    }
    if mono.iter().any(|s| !s.is_finite()) {
        return Err(ListenError::NotFinite);
    }
    if let Some(bpm) = hints.bpm.filter(|b| !(20.0..=400.0).contains(b)) {
        return Err(ListenError::BadTempo(bpm));
    }
    let samples = resample::to_rate(mono, rate.hz(), RATE);
    check(cancel)?;
    let levels = onset::levels(&samples);
    let loudest = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if loudest < SILENCE_DBFS {
        return Err(ListenError::Silent { dbfs: loudest });
    }
    let track = pitch::track(&samples, &levels, cancel)?;
    let flux = onset::flux(&samples, cancel)?;
    let polyphonic = track.is_polyphonic();
    let notes = if polyphonic { Vec::new() } else { segment::notes(&track, &levels, &flux) };
    let pulses = if notes.is_empty() { onset::peaks(&flux) } else { tempo::of_notes(&notes) };
    let rhythm = tempo::find(&pulses, &notes, seconds, hints);
    check(cancel)?;
    let spectrum = chroma::analyse(&samples, cancel)?;
    let tonal = notes.is_empty() && spectrum.is_tonal();
    if notes.is_empty() && !tonal && rhythm.confidence < 0.4 {
        return Err(ListenError::NoNotes);
    }
    let chords = if tonal { spectrum.chords(&rhythm.beats, seconds) } else { Vec::new() };
    let histogram = if notes.is_empty() { spectrum.histogram() } else { quantise::histogram(&notes) };
    let ranked = if notes.is_empty() && !tonal { None } else { crate::rules::key::rank(&histogram) };
    let key = ranked.map(|r| r[0].0);
    let (song, song_start) = quantise::song(&notes, &chords, &rhythm, key);
    Ok(Heard {
        notes,
        bpm: rhythm.bpm,
        tempo_confidence: rhythm.confidence,
        meter: rhythm.meter,
        beats: rhythm.beats,
        downbeat: rhythm.downbeat,
        key,
        chords,
        polyphonic,
        song,
        song_start,
    })
}

fn check(cancel: &AtomicBool) -> Result<(), ListenError> {
    if cancel.load(Ordering::Relaxed) { Err(ListenError::Cancelled) } else { Ok(()) }
}

/// Time of the middle of analysis frame `frame`, seconds: frames are centred on multiples of [`HOP`].
pub(crate) fn frame_seconds(frame: usize) -> f64 {
    frame as f64 * HOP as f64 / RATE
}

/// `length` samples around `centre`, zeros where the recording has none.
pub(crate) fn around(samples: &[f32], centre: usize, into: &mut [f32]) {
    let start = centre as i64 - into.len() as i64 / 2;
    for (i, slot) in into.iter_mut().enumerate() {
        let at = start + i as i64;
        *slot = usize::try_from(at).ok().and_then(|at| samples.get(at)).copied().unwrap_or(0.0);
    }
}
