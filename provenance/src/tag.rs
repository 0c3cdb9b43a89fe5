//! Writes files with every carrier in them.
//!
//! What is the same for the same input, seed and version: the samples, the record with its id, the sidecar, and every chunk of
//! the file but `C2PA`. In that chunk the manifest's label (a random UUID), the salts that C2PA puts into each assertion, the
//! hashes over them and so the signature differ from run to run; what the manifest states does not, and its size does not.
//! Another identity changes that chunk, and with its size the size of the RIFF. No clock is read: a time enters only when the
//! record's maker gave one.

use crate::atomic::Pending;
use crate::carriers::{self, Imported};
use crate::error::ProvenanceError;
use crate::hash::{self, BLOCK_BYTES};
use crate::record::{Binding, Output, UseRecordDocument};
use crate::sidecar;
use crate::sign::{self, Identity, Inception, Parent, Prepared};
use crate::wav::{Audio, Encoder, Format, Layout, Piece, WavFile, chunk_head};
use sha2::{Digest as _, Sha256};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Frames encoded at a time.
const BLOCK_FRAMES: usize = 4096;

/// What was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The record, bound to the audio in the file.
    pub record: UseRecordDocument,
    /// SHA-256 of the record's content, as every carrier names it.
    pub digest: String,
    /// SHA-256 of the samples as they stand in the file.
    pub pcm_sha256: String,
    /// The JSON file beside it.
    pub sidecar: PathBuf,
}

impl Written {
    fn new(record: UseRecordDocument, output: Output, sidecar: PathBuf) -> Self {
        Self { digest: record.digest(), pcm_sha256: output.pcm_sha256, record, sidecar }
    }
}

/// Writes `audio` to `path` as a WAV file with `record` in `bext`, `INFO`, `iXML`, XMP and a signed C2PA manifest, and a
/// sidecar beside it. The file appears whole or not at all.
///
/// # Errors
/// When the audio or the record cannot be used, signing fails, or the disk does.
pub fn write_tagged_wav(
    path: &Path,
    audio: &Audio,
    format: Format,
    record: &UseRecordDocument,
    identity: &Identity,
) -> Result<Written, ProvenanceError> {
    write(path, audio, format, record, identity, None)
}

/// As [`write_tagged_wav`], for audio that is the file `parent` worked on (mastered, say): the manifest then begins with that
/// file, and keeps the manifest which that file has. What its record says is taken over with [`RecordBuilder::continuing`].
///
/// # Errors
/// As [`write_tagged_wav`], and when `parent` cannot be read.
///
/// [`RecordBuilder::continuing`]: crate::RecordBuilder::continuing
pub fn write_derived_wav(
    path: &Path,
    audio: &Audio,
    format: Format,
    record: &UseRecordDocument,
    identity: &Identity,
    parent: &Path,
) -> Result<Written, ProvenanceError> {
    let sha256 = hash::sha256_file(parent)?;
    write(path, audio, format, record, identity, Some((parent, &sha256)))
}

fn write(
    path: &Path,
    audio: &Audio,
    format: Format,
    record: &UseRecordDocument,
    identity: &Identity,
    parent: Option<(&Path, &str)>,
) -> Result<Written, ProvenanceError> {
    audio.check()?;
    record.check()?;
    let output = Output {
        pcm_sha256: encoded_sha256(audio, format),
        sample_rate_hz: audio.sample_rate,
        channels: audio.channels.len() as u16,
        frames: audio.frames() as u64,
        sample_format: format.word().to_owned(),
        binding: Binding::Rendered,
    };
    let record = record.for_output(output.clone());
    let mut pieces = vec![Piece::Ready(*b"fmt ", format.fmt_chunk(output.channels, audio.sample_rate))];
    if format == Format::Float32 {
        // Formats other than PCM have a fact chunk with the number of frames.
        pieces.push(Piece::Ready(*b"fact", (audio.frames() as u32).to_le_bytes().to_vec()));
    }
    let tags = Imported::default().with(&record, &output, &sign::source_type(&record));
    pieces.extend(tags.into_iter().map(|(id, content)| Piece::Ready(id, content)));
    let mut encoder = Encoder::new(audio, format);
    pieces.push(Piece::Samples(encoder.total_bytes()));
    let layout = Layout(pieces);
    let inception = parent.map_or(Inception::Rendered, |(file, sha256)| Inception::From(file, Parent::File(sha256)));
    let prepared = Prepared::new(&record, identity, inception, layout.end())?;
    put(path, layout, prepared, &mut |_, out| encode(&mut encoder, out))?;
    let beside = sidecar::write(path, &record)?;
    Ok(Written::new(record, output, beside))
}

/// Copies the WAV file `input` to `output` (which may be the same path) with `record` in every carrier, its own manifest
/// and all its other chunks kept. A record that was made for other audio is bound to this file as the user's statement.
///
/// # Errors
/// When the input is no usable WAV file, the record cannot be used, signing fails, or the disk does.
pub fn tag_file(
    input: &Path,
    output: &Path,
    record: &UseRecordDocument,
    identity: &Identity,
) -> Result<Written, ProvenanceError> {
    record.check()?;
    let mut file = open_for_tagging(input)?;
    let fmt = file.fmt();
    let bound = Output {
        pcm_sha256: file.pcm_sha256()?,
        sample_rate_hz: fmt.sample_rate_hz,
        channels: fmt.channels,
        frames: file.frames(),
        sample_format: fmt.word(),
        binding: Binding::Rendered,
    };
    let record = match &record.output {
        // A record without audio, tagged onto a file, is a statement of the user, too.
        None => {
            let earlier_record = record.record_id.clone();
            record.for_output(Output { binding: Binding::StatedByUser { earlier_record }, ..bound.clone() })
        }
        Some(_) => record.for_output(bound.clone()),
    };
    let imported = Imported::read(&mut file)?;
    let mut tags: Vec<Piece> = imported
        .with(&record, &bound, &sign::source_type(&record))
        .into_iter()
        .map(|(id, content)| Piece::Ready(id, content))
        .collect();
    let mut pieces = Vec::new();
    for chunk in file.chunks().to_vec() {
        let mut start = [0u8; 4];
        let known = chunk.size >= 4 && chunk.id == *b"LIST";
        if known {
            file.reader(&chunk)?.read_exact(&mut start)?;
        }
        if chunk.id == *b"C2PA" || carriers::is_rebuilt(&chunk.id, &start) {
            continue;
        }
        if chunk.id == *b"data" {
            // Tags stand before the samples, where players look for them.
            pieces.append(&mut tags);
        }
        pieces.push(Piece::Copied(chunk.id, chunk.offset, chunk.size));
    }
    let layout = Layout(pieces);
    let prepared =
        Prepared::new(&record, identity, Inception::From(input, Parent::Samples(&bound.pcm_sha256)), layout.end())?;
    let mut source = file.into_inner();
    put(output, layout, prepared, &mut |piece, out| match piece {
        Piece::Copied(_, offset, size) => {
            source.seek(SeekFrom::Start(*offset))?;
            let copied = io::copy(&mut (&mut source).take(u64::from(*size)), out)?;
            if copied == u64::from(*size) { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
        }
        _ => Ok(()),
    })?;
    let beside = sidecar::write(output, &record)?;
    Ok(Written::new(record, bound, beside))
}

fn open_for_tagging(input: &Path) -> Result<WavFile<BufReader<std::fs::File>>, ProvenanceError> {
    let kind = input.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    WavFile::open(input).map_err(|error| match (&error, kind.as_str()) {
        (ProvenanceError::Wav(_), "flac" | "mp3" | "ogg" | "aif" | "aiff" | "m4a") => {
            ProvenanceError::Unsupported(format!(
                "'{}' is no WAV file; tags are written into WAV files only, convert it to WAV first",
                input.display()
            ))
        }
        _ => error,
    })
}

/// SHA-256 of what the encoder will write.
fn encoded_sha256(audio: &Audio, format: Format) -> String {
    let mut state = Sha256::new();
    let mut encoder = Encoder::new(audio, format);
    let mut block = Vec::new();
    while encoder.block(BLOCK_FRAMES, &mut block) {
        state.update(&block);
    }
    hash::hex(&state.finalize())
}

fn encode(encoder: &mut Encoder<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut block = Vec::new();
    while encoder.block(BLOCK_FRAMES, &mut block) {
        out.write_all(&block)?;
    }
    Ok(())
}

/// Writes through and hashes what goes through, so that no byte is read back.
struct Hashing<W> {
    inner: W,
    state: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.state.update(&bytes[..count]);
        Ok(count)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Writes the chunks, hashing them, then signs the hash, writes the manifest as the last chunk, and puts the file in its place.
/// `content` writes the content of a chunk that is not at hand.
fn put(
    path: &Path,
    mut layout: Layout,
    prepared: Prepared,
    content: &mut dyn FnMut(&Piece, &mut dyn Write) -> io::Result<()>,
) -> Result<(), ProvenanceError> {
    let failed = ProvenanceError::io;
    let manifest = Piece::Manifest(prepared.room());
    let pad = vec![0u8; (prepared.room() % 2) as usize];
    layout.0.push(manifest.clone());
    layout.riff_size()?;
    layout.0.pop();
    let mut pending = Pending::beside(path)?;
    {
        let inner = BufWriter::with_capacity(BLOCK_BYTES, pending.file()?);
        let mut out = Hashing { inner, state: Sha256::new() };
        layout.write_head(&mut out, &manifest).map_err(failed("write", path))?;
        for piece in &layout.0 {
            chunk_head(&mut out, piece).map_err(failed("write", path))?;
            match piece {
                Piece::Ready(_, bytes) => out.write_all(bytes).map_err(failed("write", path))?,
                other => content(other, &mut out).map_err(failed("write", path))?,
            }
            if piece.head().1 % 2 == 1 {
                out.write_all(&[0]).map_err(failed("write", path))?;
            }
        }
        // The manifest's own chunk is not in the hash; the pad byte after it is.
        let Hashing { mut inner, mut state } = out;
        state.update(&pad);
        let signed = prepared.seal(state.finalize().to_vec())?;
        chunk_head(&mut inner, &manifest).map_err(failed("write", path))?;
        inner.write_all(&signed).map_err(failed("write", path))?;
        inner.write_all(&pad).map_err(failed("write", path))?;
        inner.flush().map_err(failed("write", path))?;
    }
    pending.commit()
}
