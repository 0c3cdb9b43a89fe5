//! Samples to bytes and back. Integers are written with triangular dither of one step either way (Lipshitz, Wannamaker and
//! Vanderkooy, "Quantization and dither", J. Audio Eng. Soc. 40, 1992), drawn from a fixed seed, so the same audio gives
//! the same bytes.

use super::riff::{Fmt, Sampling};
use crate::error::ProvenanceError;
use continuo_core::Rng;
use std::io::Read;

/// Seed of the dither; any fixed number would do.
const DITHER_SEED: u64 = 0x0C0D_1777;

/// Audio in memory: one vector of samples per channel, all of one length, full scale at 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audio {
    /// Samples per channel.
    pub channels: Vec<Vec<f32>>,
    /// Frames per second.
    pub sample_rate: u32,
}

impl Audio {
    /// Frames.
    pub fn frames(&self) -> usize {
        self.channels.first().map_or(0, Vec::len)
    }

    /// Checks that it can be written.
    ///
    /// # Errors
    /// When there are no channels or no rate, channels differ in length, or a sample is not a finite number.
    pub fn check(&self) -> Result<(), ProvenanceError> {
        let wrong = |why: String| Err(ProvenanceError::Audio(why));
        if self.channels.is_empty() || self.channels.len() > 64 {
            return wrong(format!("it has {} channels; 1 to 64 can be written", self.channels.len()));
        }
        if !(1..=768_000).contains(&self.sample_rate) {
            return wrong(format!("its sample rate is {} Hz; 1 to 768000 Hz can be written", self.sample_rate));
        }
        if let Some(other) = self.channels.iter().find(|c| c.len() != self.frames()) {
            return wrong(format!("its channels differ in length ({} and {} frames)", self.frames(), other.len()));
        }
        for (index, channel) in self.channels.iter().enumerate() {
            if let Some(frame) = channel.iter().position(|s| !s.is_finite()) {
                return wrong(format!("frame {frame} of channel {} is not a finite number", index + 1));
            }
        }
        Ok(())
    }
}

/// Sample formats that can be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// 16-bit integers, dithered.
    Pcm16,
    /// 24-bit integers, dithered.
    #[default]
    Pcm24,
    /// 32-bit float, as it is.
    Float32,
}

impl Format {
    /// Bytes per sample.
    pub fn bytes(self) -> u16 {
        match self {
            Format::Pcm16 => 2,
            Format::Pcm24 => 3,
            Format::Float32 => 4,
        }
    }

    /// The word that records use.
    pub fn word(self) -> &'static str {
        match self {
            Format::Pcm16 => "pcm16",
            Format::Pcm24 => "pcm24",
            Format::Float32 => "float32",
        }
    }

    /// The content of a `fmt ` chunk: 16 bytes for integers, 18 for float (an extension of length 0 is asked for there).
    pub fn fmt_chunk(self, channels: u16, sample_rate: u32) -> Vec<u8> {
        let block = channels * self.bytes();
        let mut out = Vec::with_capacity(18);
        out.extend_from_slice(&(if self == Format::Float32 { 3u16 } else { 1 }).to_le_bytes());
        out.extend_from_slice(&channels.to_le_bytes());
        out.extend_from_slice(&sample_rate.to_le_bytes());
        out.extend_from_slice(&(sample_rate * u32::from(block)).to_le_bytes());
        out.extend_from_slice(&block.to_le_bytes());
        out.extend_from_slice(&(self.bytes() * 8).to_le_bytes());
        if self == Format::Float32 {
            out.extend_from_slice(&0u16.to_le_bytes());
        }
        out
    }
}

/// Turns audio into interleaved bytes, block by block. Two encoders of the same audio and format give the same bytes.
#[derive(Debug)]
pub struct Encoder<'a> {
    audio: &'a Audio,
    format: Format,
    dither: Vec<Rng>,
    next: usize,
}

impl<'a> Encoder<'a> {
    /// An encoder at the start of `audio`.
    pub fn new(audio: &'a Audio, format: Format) -> Self {
        let dither = (0..audio.channels.len()).map(|c| Rng::new(DITHER_SEED, c as u64)).collect();
        Self { audio, format, dither, next: 0 }
    }

    /// Bytes of the whole.
    pub fn total_bytes(&self) -> u64 {
        self.audio.frames() as u64 * self.audio.channels.len() as u64 * u64::from(self.format.bytes())
    }

    /// Fills `out` with the next at most `frames` frames; false when there are none left.
    pub fn block(&mut self, frames: usize, out: &mut Vec<u8>) -> bool {
        out.clear();
        let end = (self.next + frames).min(self.audio.frames());
        for frame in self.next..end {
            for (channel, rng) in self.audio.channels.iter().zip(&mut self.dither) {
                let sample = channel[frame];
                match self.format {
                    Format::Float32 => out.extend_from_slice(&sample.to_le_bytes()),
                    Format::Pcm16 => out.extend_from_slice(&(quantise(sample, 15, rng) as i16).to_le_bytes()),
                    Format::Pcm24 => out.extend_from_slice(&quantise(sample, 23, rng).to_le_bytes()[..3]),
                }
            }
        }
        self.next = end;
        !out.is_empty()
    }
}

/// A sample as an integer of `bits` bits and a sign, dithered, held inside the range.
fn quantise(sample: f32, bits: u32, rng: &mut Rng) -> i32 {
    let scale = f64::from(1u32 << bits);
    let draw = rng.bits();
    // Two independent uniform numbers of 32 bits: their difference is triangular over one step either way.
    let triangular = ((draw >> 32) as f64 - (draw & 0xFFFF_FFFF) as f64) / 4_294_967_296.0;
    (f64::from(sample) * scale + triangular).round().clamp(-scale, scale - 1.0) as i32
}

/// Reads interleaved bytes back into audio.
///
/// # Errors
/// When the format is a codec, or the stream ends early.
pub fn decode(fmt: Fmt, frames: u64, mut source: impl Read) -> Result<Audio, ProvenanceError> {
    if let Sampling::Other(tag) = fmt.sampling {
        return Err(ProvenanceError::Unsupported(format!(
            "the WAV file holds a codec (format tag {tag:#06x}); only integer and float samples can be read, convert it first"
        )));
    }
    let mut channels = vec![Vec::new(); usize::from(fmt.channels)];
    let mut frame = vec![0u8; usize::from(fmt.block_align)];
    let bytes = usize::from(fmt.bits / 8);
    let mut source = std::io::BufReader::with_capacity(crate::hash::BLOCK_BYTES, &mut source);
    for _ in 0..frames {
        source.read_exact(&mut frame)?;
        for (channel, sample) in channels.iter_mut().zip(frame.chunks_exact(bytes)) {
            channel.push(to_float(fmt, sample));
        }
    }
    Ok(Audio { channels, sample_rate: fmt.sample_rate_hz })
}

/// One stored sample as a number, full scale at 1.
fn to_float(fmt: Fmt, s: &[u8]) -> f32 {
    match (fmt.sampling, s) {
        (Sampling::Float, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
        (Sampling::Float, &[a, b, c, d, e, f, g, h]) => f64::from_le_bytes([a, b, c, d, e, f, g, h]) as f32,
        (_, &[a]) => (f32::from(a) - 128.0) / 128.0,
        (_, &[a, b]) => f32::from(i16::from_le_bytes([a, b])) / 32_768.0,
        (_, &[a, b, c]) => (i32::from_le_bytes([0, a, b, c]) >> 8) as f32 / 8_388_608.0,
        (_, &[a, b, c, d]) => (f64::from(i32::from_le_bytes([a, b, c, d])) / 2_147_483_648.0) as f32,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(audio: &Audio, format: Format) -> Vec<u8> {
        let (mut encoder, mut all, mut block) = (Encoder::new(audio, format), Vec::new(), Vec::new());
        while encoder.block(7, &mut block) {
            all.extend_from_slice(&block);
        }
        assert_eq!(all.len() as u64, encoder.total_bytes());
        all
    }

    fn sine() -> Audio {
        let wave = |f: f32| (0..1000).map(|i| (i as f32 * f).sin() * 0.9).collect();
        Audio { channels: vec![wave(0.01), wave(0.037)], sample_rate: 48_000 }
    }

    #[test]
    fn each_format_comes_back_within_its_own_step() {
        for (format, step) in
            [(Format::Pcm16, 1.0 / 32_768.0), (Format::Pcm24, 1.0 / 8_388_608.0), (Format::Float32, 0.0f32)]
        {
            let audio = sine();
            let bytes = encode(&audio, format);
            let fmt = Fmt::parse(&format.fmt_chunk(2, 48_000)).unwrap();
            let back = decode(fmt, 1000, &bytes[..]).unwrap();
            for (a, b) in audio.channels.iter().flatten().zip(back.channels.iter().flatten()) {
                // Dither is one step, rounding half a step.
                assert!((a - b).abs() <= step * 1.5 + 1e-7, "{format:?}: {a} {b}");
            }
        }
    }

    #[test]
    fn dither_has_no_mean_and_a_quarter_step_squared_of_rounding_noise() {
        // A constant a third of a step high must come back as that on average (that is what dither is for), with total
        // noise of 1/4 step squared: triangular dither 1/6 plus rounding 1/12.
        let third = 1.0 / 3.0 / 32_768.0;
        let audio = Audio { channels: vec![vec![third; 60_000]], sample_rate: 48_000 };
        let bytes = encode(&audio, Format::Pcm16);
        let steps: Vec<f64> = bytes.chunks_exact(2).map(|b| f64::from(i16::from_le_bytes([b[0], b[1]]))).collect();
        let mean = steps.iter().sum::<f64>() / steps.len() as f64;
        let variance = steps.iter().map(|s| (s - 1.0 / 3.0).powi(2)).sum::<f64>() / steps.len() as f64;
        assert!((mean - 1.0 / 3.0).abs() < 0.01, "{mean}");
        assert!((variance - 0.25).abs() < 0.01, "{variance}");
    }

    #[test]
    fn over_full_scale_is_held_not_wrapped() {
        let audio = Audio { channels: vec![vec![2.0, -2.0]], sample_rate: 48_000 };
        let bytes = encode(&audio, Format::Pcm16);
        assert_eq!(bytes, [0xFF, 0x7F, 0x00, 0x80]);
    }

    #[test]
    fn impossible_audio_is_refused_in_words() {
        let audio = |channels, sample_rate| Audio { channels, sample_rate }.check().unwrap_err().to_string();
        assert!(audio(vec![], 48_000).contains("0 channels"));
        assert!(audio(vec![vec![0.0]], 0).contains("sample rate"));
        assert!(audio(vec![vec![0.0], vec![]], 48_000).contains("differ in length"));
        assert!(audio(vec![vec![0.0, f32::NAN]], 48_000).contains("frame 1 of channel 1"));
    }
}
