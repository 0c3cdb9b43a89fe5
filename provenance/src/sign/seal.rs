//! Signs a file that is written in one go: the size of the manifest is known before the first byte, everything else is hashed
//! on its way to the disk, and the signed manifest goes to the end. The samples are streamed, never held in memory.

use super::identity::Identity;
use super::manifest::{self, Inception, Parent};
use crate::error::ProvenanceError;
use crate::hash;
use crate::record::UseRecordDocument;
use c2pa::assertions::DataHash;
use c2pa::{Builder, Context, HashRange};
use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// The format whose "file" is the bare manifest: the WAV chunk around it is written by this crate.
const BARE: &str = "application/c2pa";

/// A manifest that knows its size and waits for the hash of the file.
pub(crate) struct Prepared {
    builder: Builder,
    room: u32,
    start: u64,
}

impl Prepared {
    /// Makes the manifest, all but hash and signature, for a file in which its chunk begins at byte `start`.
    ///
    /// The manifest names the place and length of its own chunk, in numbers that take more bytes the larger they are. So a
    /// length is guessed until the guess is as wide as the truth: then the manifest fills its room to the last byte, which
    /// strict readers ask for.
    pub fn new(
        record: &UseRecordDocument,
        identity: &Identity,
        inception: Inception<'_>,
        start: u64,
    ) -> Result<Self, ProvenanceError> {
        let definition = manifest::definition(record, identity, inception)?;
        let mut guess = 32_768u32;
        for _ in 0..4 {
            let context = Context::new().with_settings(super::settings())?.with_signer(identity.signer()?);
            let mut builder = Builder::from_context(context).with_definition(definition.clone())?;
            if let Inception::From(path, parent) = inception {
                add_parent(&mut builder, path, parent)?;
            }
            builder.add_assertion(DataHash::LABEL, &data_hash(start, guess, vec![0; 32]))?;
            let room = builder.placeholder(BARE)?.len();
            let room = u32::try_from(room)
                .map_err(|_| ProvenanceError::Sign("the manifest is larger than 4 GiB".to_owned()))?;
            if cbor_width(8 + u64::from(room)) == cbor_width(8 + u64::from(guess)) {
                return Ok(Self { builder, room, start });
            }
            guess = room;
        }
        Err(ProvenanceError::Sign("no size was found for the manifest".to_owned()))
    }

    /// Bytes the manifest will take.
    pub fn room(&self) -> u32 {
        self.room
    }

    /// Signs `sha256`, the hash of everything in the file but the manifest's chunk, and returns the chunk's content.
    pub fn seal(mut self, sha256: Vec<u8>) -> Result<Vec<u8>, ProvenanceError> {
        // The library could hash the file itself, but takes memory for a quarter of a gigabyte of it at a time.
        self.builder.definition.assertions.retain(|a| a.label != DataHash::LABEL);
        self.builder.add_assertion(DataHash::LABEL, &data_hash(self.start, self.room, sha256))?;
        let manifest = self.builder.sign_embeddable(BARE)?;
        // The manifest begins with its own length (ISO 19566-5, JUMBF); it must be that of the room.
        let own = manifest.first_chunk::<4>().map_or(0, |b| u32::from_be_bytes(*b));
        if manifest.len() as u64 != u64::from(self.room) || own != self.room {
            return Err(ProvenanceError::Sign(format!(
                "the manifest has {own} of {} bytes, room was left for {}",
                manifest.len(),
                self.room
            )));
        }
        Ok(manifest)
    }
}

/// The assertion that ties the manifest to the file: a hash of all but the chunk at `start` with `room` bytes of content.
fn data_hash(start: u64, room: u32, sha256: Vec<u8>) -> DataHash {
    let mut hash = DataHash::new("jumbf manifest", "sha256");
    hash.add_exclusion(HashRange::new(start, 8 + u64::from(room)));
    hash.set_hash(sha256);
    hash
}

/// Bytes of an unsigned number in CBOR (RFC 8949, section 3).
fn cbor_width(value: u64) -> u32 {
    match value {
        0..=23 => 1,
        24..=0xFF => 2,
        0x100..=0xFFFF => 3,
        0x1_0000..=0xFFFF_FFFF => 5,
        _ => 9,
    }
}

/// Adds the file that is tagged or worked on as parent, with its own manifest if it has one. Of a kind of file that cannot
/// carry a manifest, or is damaged, name and hash are added.
fn add_parent(builder: &mut Builder, path: &Path, parent: Parent<'_>) -> Result<(), ProvenanceError> {
    let name = path.file_name().map_or_else(|| "imported file".to_owned(), |n| n.to_string_lossy().into_owned());
    let format = media_type(path);
    let definition = serde_json::json!({
        "title": name,
        "format": format,
        "relationship": "parentOf",
        "label": manifest::PARENT_ID,
        "instance_id": format!("xmp:iid:{}", &hash::sha256_hex(parent.words().as_bytes())[..32]),
        "description": parent.words()
    });
    let mut file = BufReader::new(File::open(path).map_err(ProvenanceError::io("open", path))?);
    // The library reads untrusted bytes here; a panic in it is the file's fault and no reason to go down.
    let added = catch_unwind(AssertUnwindSafe(|| {
        builder.add_ingredient_from_stream(definition.to_string(), format, &mut file).is_ok()
    }));
    if !matches!(added, Ok(true)) {
        let plain = c2pa::Ingredient::from_json(&definition.to_string())?;
        builder.add_ingredient(plain);
    }
    Ok(())
}

/// Media type by the ending of the name.
fn media_type(path: &Path) -> &'static str {
    match path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).as_deref() {
        Some("wav" | "wave" | "bwf") => "audio/wav",
        Some("flac") => "audio/flac",
        Some("mp3") => "audio/mpeg",
        Some("ogg" | "oga") => "audio/ogg",
        Some("m4a" | "mp4") => "audio/mp4",
        _ => "application/octet-stream",
    }
}
