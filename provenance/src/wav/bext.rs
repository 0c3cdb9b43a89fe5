//! The Broadcast Wave extension chunk, version 2 (EBU Tech 3285, 2011): fixed fields, five loudness figures, and a history of
//! how the audio was made. The record's id stands in `OriginatorReference`, id and digest in the coding history.

use crate::error::ProvenanceError;
use crate::record::Loudness;

/// Bytes before the coding history.
const FIXED: usize = 602;
/// A loudness field that is not used (Tech 3285 v2, section 2.4).
const UNUSED: i16 = 0x7FFF;

/// The chunk. Text is ASCII; other characters are written as `?`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bext {
    /// Up to 256 characters on the content.
    pub description: String,
    /// Up to 32 characters: who made it.
    pub originator: String,
    /// Up to 32 characters: unambiguous reference.
    pub originator_reference: String,
    /// `yyyy-mm-dd`, or empty.
    pub origination_date: String,
    /// `hh:mm:ss`, or empty.
    pub origination_time: String,
    /// First sample, counted in samples since midnight.
    pub time_reference: u64,
    /// Version of the chunk: 0, 1 or 2.
    pub version: u16,
    /// SMPTE UMID, zero when not used.
    pub umid: Umid,
    /// Loudness value, range, largest true peak, momentary and short-term, in hundredths; `None` when not used.
    pub loudness: [Option<i16>; 5],
    /// Lines such as `A=PCM,F=48000,W=24,M=stereo,T=...`, each ended by CR LF.
    pub coding_history: String,
}

/// The 64 bytes of a SMPTE UMID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Umid(pub [u8; 64]);

impl Default for Umid {
    fn default() -> Self {
        Self([0; 64])
    }
}

/// Loudness figures in hundredths of a unit, in the chunk's order; a figure that does not fit 16 bits is left out.
pub fn loudness_fields(l: &Loudness) -> [Option<i16>; 5] {
    [l.integrated_lufs, l.range_lu, l.true_peak_dbtp, l.max_momentary_lufs, l.max_short_term_lufs].map(|v| {
        let hundredths = (v * 100.0).round();
        (hundredths.is_finite() && (-32_768.0..32_767.0).contains(&hundredths)).then_some(hundredths as i16)
    })
}

/// ASCII of at most `length` characters.
fn ascii(text: &str, length: usize) -> Vec<u8> {
    text.chars().map(|c| if c.is_ascii() && !c.is_ascii_control() { c as u8 } else { b'?' }).take(length).collect()
}

fn field(out: &mut Vec<u8>, text: &str, length: usize) {
    let text = ascii(text, length);
    out.extend_from_slice(&text);
    out.resize(out.len() + length - text.len(), 0);
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    bytes[..end].iter().map(|&b| if b.is_ascii() { char::from(b) } else { '\u{FFFD}' }).collect()
}

impl Bext {
    /// The chunk's content.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(FIXED + self.coding_history.len() + 1);
        field(&mut out, &self.description, 256);
        field(&mut out, &self.originator, 32);
        field(&mut out, &self.originator_reference, 32);
        field(&mut out, &self.origination_date, 10);
        field(&mut out, &self.origination_time, 8);
        out.extend_from_slice(&self.time_reference.to_le_bytes());
        out.extend_from_slice(&self.version.to_le_bytes());
        out.extend_from_slice(&self.umid.0);
        for value in self.loudness {
            // Before version 2 these bytes are reserved and zero.
            let value = if self.version < 2 { 0 } else { value.unwrap_or(UNUSED) };
            out.extend_from_slice(&value.to_le_bytes());
        }
        out.resize(FIXED, 0);
        out.extend(self.coding_history.chars().map(|c| if c.is_ascii() { c as u8 } else { b'?' }));
        out
    }

    /// Reads the chunk's content.
    ///
    /// # Errors
    /// When it is shorter than its fixed fields.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProvenanceError> {
        if bytes.len() < FIXED {
            return Err(ProvenanceError::Wav(format!(
                "its 'bext' chunk has {} bytes, fewer than {FIXED}",
                bytes.len()
            )));
        }
        let array = |at: usize| [bytes[at], bytes[at + 1]];
        let version = u16::from_le_bytes(array(346));
        let mut time = [0u8; 8];
        time.copy_from_slice(&bytes[338..346]);
        let mut umid = [0u8; 64];
        umid.copy_from_slice(&bytes[348..412]);
        let mut loudness = [None; 5];
        if version >= 2 {
            for (index, slot) in loudness.iter_mut().enumerate() {
                *slot = Some(i16::from_le_bytes(array(412 + 2 * index))).filter(|&v| v != UNUSED);
            }
        }
        Ok(Self {
            description: text(&bytes[..256]),
            originator: text(&bytes[256..288]),
            originator_reference: text(&bytes[288..320]),
            origination_date: text(&bytes[320..330]),
            origination_time: text(&bytes[330..338]),
            time_reference: u64::from_le_bytes(time),
            version,
            umid: Umid(umid),
            loudness,
            coding_history: text(&bytes[FIXED..]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Bext {
        let loudness = Loudness {
            integrated_lufs: -14.02,
            range_lu: 6.5,
            true_peak_dbtp: -1.0,
            max_momentary_lufs: -9.25,
            max_short_term_lufs: -11.1,
        };
        Bext {
            description: "a render".into(),
            originator: "Continuo".into(),
            originator_reference: "r".repeat(32),
            origination_date: "2026-01-02".into(),
            origination_time: "03:04:05".into(),
            time_reference: 1 << 40,
            version: 2,
            umid: Umid([3; 64]),
            loudness: loudness_fields(&loudness),
            coding_history: "A=PCM,F=48000,W=24,M=stereo,T=x\r\n".into(),
        }
    }

    #[test]
    fn the_layout_is_that_of_tech_3285() {
        let bytes = sample().to_bytes();
        assert_eq!(&bytes[..9], b"a render\0");
        assert_eq!(&bytes[288..290], b"rr");
        assert_eq!(&bytes[338..346], &(1u64 << 40).to_le_bytes());
        assert_eq!(&bytes[346..348], &[2, 0]);
        assert_eq!(&bytes[412..414], &(-1402i16).to_le_bytes());
        assert_eq!(&bytes[414..416], &650i16.to_le_bytes());
        assert_eq!(&bytes[422..602], &[0; 180]);
        assert_eq!(&bytes[602..604], b"A=");
    }

    #[test]
    fn it_round_trips_and_unused_loudness_is_marked() {
        let bext = sample();
        assert_eq!(Bext::parse(&bext.to_bytes()).unwrap(), bext);
        let mut silent = sample();
        silent.loudness = [None; 5];
        let bytes = silent.to_bytes();
        assert_eq!(&bytes[412..414], &[0xFF, 0x7F]);
        assert_eq!(Bext::parse(&bytes).unwrap().loudness, [None; 5]);
        for length in 0..FIXED {
            assert!(Bext::parse(&bytes[..length]).is_err());
        }
    }
}
