//! Audio in: WAV, FLAC, MP3 and Ogg Vorbis, decoded to planar 32-bit float.

mod complete;
pub mod resample;

use super::{FileError, Kind, MAX_SECONDS};
use continuo_core::SampleRate;
use std::cell::Cell;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

/// A recording in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    /// One or two channels of equal length, full scale 1.
    pub channels: Vec<Vec<f32>>,
    /// Frames per second.
    pub rate: SampleRate,
}

/// Most samples of all channels together: two hours of stereo at 48 kHz, 2.8 GB in memory.
pub const MAX_SAMPLES: u64 = 2 * 48_000 * 7_200;

/// Peaks at or below this are silence: -80 dBFS, under the noise of any microphone chain and above 16-bit dither.
pub const SILENCE_DBFS: f64 = -80.0;

impl Clip {
    /// Length in frames.
    pub fn frames(&self) -> usize {
        self.channels.first().map_or(0, Vec::len)
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.frames() as f64 / self.rate.hz()
    }

    /// The loudest sample, linear.
    pub fn peak(&self) -> f32 {
        self.channels.iter().flatten().fold(0.0, |peak, s| peak.max(s.abs()))
    }

    /// Both channels; a mono clip gives its one channel twice.
    pub fn stereo(&self) -> [&[f32]; 2] {
        match &self.channels[..] {
            [] => [&[], &[]],
            [one] => [one, one],
            [left, right, ..] => [left, right],
        }
    }

    /// The mean of the channels.
    pub fn mono(&self) -> Vec<f32> {
        let [left, right] = self.stereo();
        left.iter().zip(right).map(|(l, r)| 0.5 * (l + r)).collect()
    }
}

/// Decodes a recording that has sound in it.
///
/// # Errors
/// Those of [`decode`], and [`FileError::Silent`].
pub fn decode_sounding(path: &Path, bytes: Vec<u8>) -> Result<Clip, FileError> {
    let clip = decode(path, bytes)?;
    let peak_dbfs = 20.0 * f64::from(clip.peak()).log10();
    if peak_dbfs > SILENCE_DBFS { Ok(clip) } else { Err(FileError::Silent { path: path.to_owned(), peak_dbfs }) }
}

/// Slowest rate the signal processors take, hertz.
const SLOWEST_HZ: f64 = 22_050.0;

/// The clip at a rate the signal processors take: its own, or 48 kHz when its own is below 22.05 kHz.
pub fn for_chain(clip: Clip) -> Clip {
    match SampleRate::new(48_000.0) {
        Some(rate) if clip.rate.hz() < SLOWEST_HZ => resample::resample(&clip, rate),
        _ => clip,
    }
}

thread_local! {
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

/// True while this thread runs a decoder that is not ours. Such a decoder may panic on a damaged file; the panic is
/// caught here and told as an error, so a panic hook has nothing to say about it.
pub fn panic_is_expected() -> bool {
    DECODING.get()
}

/// Decodes a recording. `path` is used in messages and nothing else.
///
/// # Errors
/// [`FileError::UnknownKind`], [`FileError::Truncated`], [`FileError::Damaged`], [`FileError::Unsupported`] (more than
/// two channels, rates outside 8 to 192 kHz), [`FileError::TooLong`].
pub fn decode(path: &Path, bytes: Vec<u8>) -> Result<Clip, FileError> {
    DECODING.set(true);
    let decoded = catch_unwind(AssertUnwindSafe(|| decode_unguarded(path, bytes)));
    DECODING.set(false);
    decoded.unwrap_or_else(|_| {
        Err(FileError::Damaged { path: path.to_owned(), detail: "its header contradicts itself".into() })
    })
}

fn decode_unguarded(path: &Path, bytes: Vec<u8>) -> Result<Clip, FileError> {
    let kind = match Kind::of(&bytes) {
        None | Some(Kind::Midi) => return Err(FileError::UnknownKind(path.to_owned())),
        Some(kind) => kind,
    };
    complete::check(path, kind, &bytes)?;
    let damaged = |e: Error| FileError::Damaged { path: path.to_owned(), detail: plain(&e) };
    let stream = MediaSourceStream::new(Box::new(Cursor::new(bytes)), Default::default());
    let mut hint = Hint::new();
    hint.with_extension(match kind {
        Kind::Flac => "flac",
        Kind::Mp3 => "mp3",
        Kind::Ogg => "ogg",
        Kind::Wav | Kind::Midi => "wav",
    });
    let mut reader = symphonia::default::get_probe()
        .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(damaged)?;
    let unsupported = |detail: String| FileError::Unsupported { path: path.to_owned(), detail };
    let track = reader
        .default_track(TrackType::Audio)
        .ok_or_else(|| unsupported("it has no audio that Continuo can decode; convert it to WAV".into()))?;
    let (track_id, promised) = (track.id, track.num_frames);
    let Some(CodecParameters::Audio(parameters)) = track.codec_params.clone() else {
        return Err(unsupported("its audio is of an unknown kind; convert it to WAV".into()));
    };
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(&parameters, &AudioDecoderOptions::default())
        .map_err(|e| unsupported(format!("{}; convert it to PCM WAV", plain(&e))))?;
    let mut shape = None;
    if let (Some(rate), Some(channels)) = (parameters.sample_rate, &parameters.channels) {
        shape = Some(check_shape(path, rate, channels.count())?);
        if let Some(frames) = promised {
            check_length(path, frames, rate, channels.count())?;
        }
    }
    let mut planes: Vec<Vec<f32>> = Vec::new();
    let mut block: Vec<Vec<f32>> = Vec::new();
    loop {
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(Error::IoError(e)) if e.kind() == std::io::ErrorKind::UnexpectedEof => break,
            Err(e) => return Err(damaged(e)),
        };
        if packet.track_id != track_id {
            continue;
        }
        let buffer = match decoder.decode(&packet) {
            Ok(buffer) => buffer,
            // The first frames of an MP3 cut out of a longer one lean on bytes that are not there.
            Err(Error::DecodeError(_)) if kind == Kind::Mp3 => continue,
            Err(e) => return Err(damaged(e)),
        };
        if buffer.frames() == 0 {
            continue;
        }
        let here = check_shape(path, buffer.spec().rate(), buffer.num_planes())?;
        if shape.is_some_and(|s| s != here) {
            let detail = "its sample rate or channels change on the way; export it with one of each".into();
            return Err(unsupported(detail));
        }
        shape = Some(here);
        buffer.copy_to_vecs_planar::<f32>(&mut block);
        planes.resize(here.1, Vec::new());
        for (plane, new) in planes.iter_mut().zip(&block) {
            plane.extend_from_slice(new);
        }
        check_length(path, planes[0].len() as u64, here.0, here.1)?;
    }
    let frames = planes.first().map_or(0, Vec::len);
    let Some((rate, _)) = shape.filter(|_| frames > 0) else {
        return Err(FileError::Damaged { path: path.to_owned(), detail: "there is no sound data in it".into() });
    };
    if let Some(promised) = promised.filter(|&p| complete::is_short(frames as u64, p)) {
        let rate = f64::from(rate);
        let detail =
            format!("its header promises {:.2} s and {:.2} s are there", promised as f64 / rate, frames as f64 / rate);
        return Err(FileError::Truncated { path: path.to_owned(), detail });
    }
    if planes.iter().flatten().any(|s| !s.is_finite()) {
        let detail = "it holds samples that are no numbers".into();
        return Err(FileError::Damaged { path: path.to_owned(), detail });
    }
    let rate = SampleRate::new(f64::from(rate)).ok_or_else(|| unsupported("its sample rate makes no sense".into()))?;
    Ok(Clip { channels: planes, rate })
}

fn check_shape(path: &Path, rate: u32, channels: usize) -> Result<(u32, usize), FileError> {
    let unsupported = |detail: String| Err(FileError::Unsupported { path: path.to_owned(), detail });
    if !(8_000..=192_000).contains(&rate) {
        return unsupported(format!("its sample rate is {rate} Hz; convert it to one from 8,000 to 192,000 Hz"));
    }
    if !(1..=2).contains(&channels) {
        return unsupported(format!("it has {channels} channels; mix it down to mono or stereo"));
    }
    Ok((rate, channels))
}

fn check_length(path: &Path, frames: u64, rate: u32, channels: usize) -> Result<(), FileError> {
    let most = (MAX_SECONDS * f64::from(rate)).min(MAX_SAMPLES as f64 / channels as f64);
    if frames as f64 <= most {
        return Ok(());
    }
    let minutes = |frames: f64| frames / f64::from(rate) / 60.0;
    let detail = format!(
        "{:.0} minutes or more, and at most {:.0} are taken at {rate} Hz with {channels} channels",
        minutes(frames as f64),
        minutes(most)
    );
    Err(FileError::TooLong { path: path.to_owned(), detail })
}

/// A decoder's complaint without its technical front.
fn plain(error: &Error) -> String {
    match error {
        Error::Unsupported(what) => format!("it uses a feature that is not supported ({what})"),
        Error::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            "it ends in the middle of its header".into()
        }
        Error::IoError(e) => format!("it cannot be decoded ({e})"),
        Error::DecodeError(what) | Error::LimitError(what) => format!("it cannot be decoded ({what})"),
        other => format!("it cannot be decoded ({other})"),
    }
}

#[cfg(test)]
mod tests;
