//! The chunks of a RIFF/WAVE file (Microsoft/IBM "Multimedia Programming Interface and Data Specifications 1.0", 1991), read
//! with distrust: forged, nested or truncated sizes are errors, and nothing larger than the file is ever allocated.

use crate::error::ProvenanceError;
use crate::hash;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// Most chunks a file may have; real files have a dozen.
pub const MAX_CHUNKS: usize = 65_536;
/// Largest metadata chunk that is read into memory, bytes; sample data is always streamed.
pub const MAX_CHUNK_IN_MEMORY: u32 = 64 * 1024 * 1024;

/// One chunk: where its content lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Four-character code.
    pub id: [u8; 4],
    /// First byte of the content, counted from the start of the file.
    pub offset: u64,
    /// Bytes of content, without the pad byte.
    pub size: u32,
}

impl Chunk {
    /// First byte of the chunk's header.
    pub fn start(&self) -> u64 {
        self.offset - 8
    }

    /// One after the last byte of the content.
    pub fn end(&self) -> u64 {
        self.offset + u64::from(self.size)
    }

    /// The code as text, for messages.
    pub fn name(&self) -> String {
        self.id.iter().map(|&b| if b.is_ascii_graphic() || b == b' ' { char::from(b) } else { '?' }).collect()
    }
}

/// How samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// Integers (8 bits unsigned, others signed), little-endian.
    Integer,
    /// IEEE 754, little-endian.
    Float,
    /// Anything else (a codec inside WAV), by its format tag.
    Other(u16),
}

/// The `fmt ` chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fmt {
    /// How samples are stored.
    pub sampling: Sampling,
    /// Channels, at least 1.
    pub channels: u16,
    /// Frames per second, at least 1.
    pub sample_rate_hz: u32,
    /// Bytes per frame, at least 1.
    pub block_align: u16,
    /// Bits per sample as stored.
    pub bits: u16,
}

impl Fmt {
    /// Reads the chunk's content.
    ///
    /// # Errors
    /// When it is too short or has impossible figures.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProvenanceError> {
        let wrong = |why: &str| ProvenanceError::Wav(format!("its 'fmt ' chunk {why}"));
        if bytes.len() < 16 {
            return Err(wrong("is shorter than 16 bytes"));
        }
        let u16_at = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let u32_at = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let mut tag = u16_at(0);
        if tag == 0xFFFE && bytes.len() >= 40 {
            // WAVE_FORMAT_EXTENSIBLE: the first two bytes of the sub-format's GUID are the old tag.
            tag = u16_at(24);
        }
        let fmt = Self {
            sampling: match tag {
                1 => Sampling::Integer,
                3 => Sampling::Float,
                other => Sampling::Other(other),
            },
            channels: u16_at(2),
            sample_rate_hz: u32_at(4),
            block_align: u16_at(12),
            bits: u16_at(14),
        };
        if fmt.channels == 0 || fmt.sample_rate_hz == 0 || fmt.block_align == 0 {
            return Err(wrong("claims no channels, no sample rate or empty frames"));
        }
        if fmt.sampling != Sampling::Other(tag) {
            let stored = u32::from(fmt.bits.div_ceil(8)) * u32::from(fmt.channels);
            let legal =
                matches!((fmt.sampling, fmt.bits), (Sampling::Integer, 8 | 16 | 24 | 32) | (Sampling::Float, 32 | 64));
            if !legal || stored != u32::from(fmt.block_align) {
                return Err(wrong("has a sample size that no known format has"));
            }
        }
        Ok(fmt)
    }

    /// The word that records use.
    pub fn word(&self) -> String {
        match self.sampling {
            Sampling::Integer => format!("pcm{}", self.bits),
            Sampling::Float => format!("float{}", self.bits),
            Sampling::Other(tag) => format!("wave-format-{tag:04x}"),
        }
    }
}

/// An open RIFF/WAVE file whose structure was checked.
#[derive(Debug)]
pub struct WavFile<R> {
    source: R,
    chunks: Vec<Chunk>,
    fmt: Fmt,
    data: Chunk,
    trailing: u64,
}

impl WavFile<BufReader<File>> {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be opened or is no usable WAV file.
    pub fn open(path: &Path) -> Result<Self, ProvenanceError> {
        let file = File::open(path).map_err(ProvenanceError::io("open", path))?;
        Self::read(BufReader::with_capacity(hash::BLOCK_BYTES, file))
    }
}

impl<R: Read + Seek> WavFile<R> {
    /// Checks the structure of a file.
    ///
    /// # Errors
    /// A sentence on what is wrong: not a WAV file, truncated, sizes that reach past the end, no `fmt ` or `data`.
    pub fn read(mut source: R) -> Result<Self, ProvenanceError> {
        let wrong = |why: String| Err(ProvenanceError::Wav(why));
        let length = source.seek(SeekFrom::End(0))?;
        source.seek(SeekFrom::Start(0))?;
        if length == 0 {
            return wrong("it is empty (0 bytes)".to_owned());
        }
        if length < 12 {
            return wrong(format!("it has only {length} bytes"));
        }
        let mut head = [0u8; 12];
        source.read_exact(&mut head)?;
        match &head[..4] {
            b"RIFF" => {}
            b"RF64" | b"BW64" => {
                return wrong(
                    "it is an RF64 file (made for more than 4 GiB), which this version does not read".to_owned(),
                );
            }
            _ => return wrong("it does not begin with 'RIFF'".to_owned()),
        }
        if &head[8..] != b"WAVE" {
            return wrong("it is a RIFF file, but not of type WAVE".to_owned());
        }
        let claimed = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]])) + 8;
        if claimed > length {
            return wrong(format!(
                "it says it has {claimed} bytes but has {length}: it is cut off, or was never finished"
            ));
        }
        let chunks = scan(&mut source, claimed)?;
        let one = |id: &[u8; 4]| {
            let mut found = chunks.iter().filter(|c| c.id == *id);
            match (found.next(), found.next()) {
                (Some(chunk), None) => Ok(*chunk),
                (None, _) => Err(ProvenanceError::Wav(format!("it has no '{}' chunk", String::from_utf8_lossy(id)))),
                _ => Err(ProvenanceError::Wav(format!("it has more than one '{}' chunk", String::from_utf8_lossy(id)))),
            }
        };
        let (fmt_chunk, data) = (one(b"fmt ")?, one(b"data")?);
        let mut file = Self {
            source,
            chunks,
            fmt: Fmt { sampling: Sampling::Integer, channels: 1, sample_rate_hz: 1, block_align: 1, bits: 8 },
            data,
            trailing: length - claimed,
        };
        let content = file.content(&fmt_chunk)?;
        file.fmt = Fmt::parse(&content)?;
        Ok(file)
    }

    /// Every top-level chunk, in the order of the file.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// The sample format.
    pub fn fmt(&self) -> Fmt {
        self.fmt
    }

    /// The chunk of samples.
    pub fn data(&self) -> Chunk {
        self.data
    }

    /// Bytes after the end of the RIFF chunk, which belong to nothing.
    pub fn trailing_bytes(&self) -> u64 {
        self.trailing
    }

    /// Whole frames.
    pub fn frames(&self) -> u64 {
        u64::from(self.data.size) / u64::from(self.fmt.block_align)
    }

    /// The only chunk with this code; an error when there are several, `None` when there is none.
    ///
    /// # Errors
    /// When the code occurs more than once.
    pub fn single(&self, id: &[u8; 4]) -> Result<Option<Chunk>, ProvenanceError> {
        let mut found = self.chunks.iter().filter(|c| c.id == *id);
        match (found.next(), found.next()) {
            (chunk, None) => Ok(chunk.copied()),
            (Some(chunk), Some(_)) => {
                Err(ProvenanceError::Wav(format!("it has more than one '{}' chunk", chunk.name())))
            }
            _ => Ok(None),
        }
    }

    /// A metadata chunk's content.
    ///
    /// # Errors
    /// When it is larger than [`MAX_CHUNK_IN_MEMORY`] or cannot be read.
    pub fn content(&mut self, chunk: &Chunk) -> Result<Vec<u8>, ProvenanceError> {
        if chunk.size > MAX_CHUNK_IN_MEMORY {
            return Err(ProvenanceError::Wav(format!(
                "its '{}' chunk has {} bytes, too many for metadata",
                chunk.name(),
                chunk.size
            )));
        }
        self.source.seek(SeekFrom::Start(chunk.offset))?;
        // The scan has made sure that the chunk lies within the file, so this allocates no more than the file holds.
        let mut content = vec![0u8; chunk.size as usize];
        self.source.read_exact(&mut content)?;
        Ok(content)
    }

    /// A reader over a chunk's content.
    ///
    /// # Errors
    /// When the file cannot be sought.
    pub fn reader(&mut self, chunk: &Chunk) -> Result<impl Read + '_, ProvenanceError> {
        self.source.seek(SeekFrom::Start(chunk.offset))?;
        Ok((&mut self.source).take(u64::from(chunk.size)))
    }

    /// SHA-256 of the samples as stored, lower-case hex.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn pcm_sha256(&mut self) -> Result<String, ProvenanceError> {
        let data = self.data;
        Ok(hash::sha256_stream(self.reader(&data)?)?.0)
    }

    /// Gives the file back.
    pub fn into_inner(self) -> R {
        self.source
    }
}

/// Finds the chunks between byte 12 and `end`.
fn scan<R: Read + Seek>(source: &mut R, end: u64) -> Result<Vec<Chunk>, ProvenanceError> {
    let mut chunks = Vec::new();
    let mut at = 12u64;
    // A single stray byte at the end is a forgotten pad, not a chunk.
    while at + 8 <= end {
        source.seek(SeekFrom::Start(at))?;
        let mut head = [0u8; 8];
        source.read_exact(&mut head)?;
        let chunk = Chunk {
            id: [head[0], head[1], head[2], head[3]],
            offset: at + 8,
            size: u32::from_le_bytes([head[4], head[5], head[6], head[7]]),
        };
        if chunk.end() > end {
            return Err(ProvenanceError::Wav(format!(
                "its '{}' chunk at byte {at} says it has {} bytes, but only {} are left: it is cut off or damaged",
                chunk.name(),
                chunk.size,
                end - chunk.offset
            )));
        }
        at = chunk.end() + u64::from(chunk.size % 2);
        chunks.push(chunk);
        if chunks.len() > MAX_CHUNKS {
            return Err(ProvenanceError::Wav(format!("it has more than {MAX_CHUNKS} chunks")));
        }
    }
    if end > at + 1 {
        return Err(ProvenanceError::Wav(format!(
            "its last {} bytes are no chunk: it is cut off or damaged",
            end - at
        )));
    }
    Ok(chunks)
}
