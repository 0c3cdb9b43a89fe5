//! A changed file is reported as changed, wherever the change is; a damaged file is an answer or a clear error, never a panic
//! and never more memory than the file is large.
mod common;

use common::*;
use continuo_core::Rng;
use continuo_provenance::wav::WavFile;
use continuo_provenance::*;
use std::fs;
use std::io::Cursor;
use std::path::Path;

fn tagged(dir: &Path, kind: &str) -> (std::path::PathBuf, Vec<u8>) {
    let path = dir.join("t.wav");
    write_tagged_wav(&path, &audio(1_200, 1), Format::Pcm24, &record(kind), identity()).unwrap();
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

#[test]
fn a_thousand_single_bit_flips_outside_the_manifest_are_all_reported() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes) = tagged(dir.path(), "all");
    let manifest = WavFile::read(Cursor::new(&bytes)).unwrap().single(b"C2PA").unwrap().unwrap();
    let outside = manifest.start() as usize;
    let mut rng = Rng::new(11, 0);
    for trial in 0..1_000 {
        let bit = rng.below(outside * 8);
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &changed).unwrap();
        let answer = verify(&path).unwrap();
        assert!(!answer.verdict.is_intact(), "trial {trial}: bit {bit} went unnoticed: {answer:#?}");
        assert!(!answer.record_is_signed && !answer.problems.is_empty(), "trial {trial}: {answer:#?}");
    }
}

#[test]
fn flips_inside_the_manifest_never_yield_another_record_as_signed() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes) = tagged(dir.path(), "trained");
    let original = verify(&path).unwrap().record.unwrap();
    let manifest = WavFile::read(Cursor::new(&bytes)).unwrap().single(b"C2PA").unwrap().unwrap();
    let mut rng = Rng::new(12, 0);
    let mut noticed = 0;
    for _ in 0..300 {
        let bit = manifest.offset as usize * 8 + rng.below(manifest.size as usize * 8);
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &changed).unwrap();
        let answer = verify(&path).unwrap();
        noticed += usize::from(!answer.verdict.is_intact());
        // What goes unnoticed is padding, which is zero.
        assert!(!answer.verdict.is_intact() || bytes[bit / 8] == 0, "bit {bit} of byte {:#x}", bytes[bit / 8]);
        // Padding inside the manifest is outside every hash; what is stated must still be what was signed.
        assert!(!answer.verdict.is_intact() || answer.record.as_ref() == Some(&original), "bit {bit}: {answer:#?}");
    }
    assert!(noticed > 200, "only {noticed} of 300 were noticed");
}

#[test]
fn a_word_changed_in_a_tag_is_named_as_that() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes) = tagged(dir.path(), "trained");
    let id = verify(&path).unwrap().record.unwrap().record_id;
    let mut forged = bytes.clone();
    let list = WavFile::read(Cursor::new(&bytes)).unwrap().single(b"LIST").unwrap().unwrap();
    let inside = &bytes[list.offset as usize..list.end() as usize];
    let at = list.offset as usize + inside.windows(id.len()).position(|w| w == id.as_bytes()).unwrap() + 5;
    forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
    fs::write(&path, &forged).unwrap();
    let answer = verify(&path).unwrap();
    assert_eq!(answer.verdict, Verdict::Broken);
    assert!(answer.problems.iter().any(|p| p.contains("changed after it was signed")), "{:?}", answer.problems);
    assert!(answer.problems.iter().any(|p| p.contains("The info names another record")), "{:?}", answer.problems);
}

#[test]
fn a_forged_sidecar_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (path, _) = tagged(dir.path(), "trained");
    let sidecar = sidecar::path_of(&path);
    let text = fs::read_to_string(&sidecar).unwrap().replace("\"notes\": 12", "\"notes\": 13");
    fs::write(&sidecar, text).unwrap();
    let answer = verify(&path).unwrap();
    // The audio file itself is as it was signed.
    assert_eq!(answer.verdict, Verdict::IntactSignerUnknown);
    assert!(
        answer.problems.iter().any(|p| p.contains("sidecar") && p.contains("changed after it was written")),
        "{:?}",
        answer.problems
    );
}

/// Every way in which a file can be opened by this crate; only the absence of a panic and of an intact verdict is asked.
fn poke(path: &Path, bytes: &[u8]) -> Option<Verification> {
    fs::write(path, bytes).unwrap();
    let _ = WavFile::read(Cursor::new(bytes)).map(|mut f| {
        let _ = f.pcm_sha256();
        for chunk in f.chunks().to_vec() {
            assert!(chunk.end() <= bytes.len() as u64);
            let _ = f.content(&chunk);
        }
    });
    let out = path.with_extension("out.wav");
    let record = record("none");
    if let Err(error) = tag_file(path, &out, &record, identity()) {
        assert!(!out.exists(), "something was written in spite of: {error}");
        assert!(error.to_string().len() > 20, "too short to help: {error}");
    } else {
        fs::remove_file(&out).unwrap();
        let _ = fs::remove_file(sidecar::path_of(&out));
    }
    verify(path).ok()
}

#[test]
fn truncation_at_any_place_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes) = tagged(dir.path(), "all");
    fs::remove_file(sidecar::path_of(&path)).unwrap();
    let places = (0..bytes.len()).step_by(1024).chain(0..64).chain(bytes.len() - 64..bytes.len());
    for length in places {
        match poke(&path, &bytes[..length]) {
            Some(answer) => assert!(!answer.verdict.is_intact(), "cut at {length}: {answer:#?}"),
            None => assert_eq!(length, 0),
        }
    }
    assert!(verify(&path).is_ok());
}

#[test]
fn forged_sizes_and_wrong_types_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes) = tagged(dir.path(), "all");
    let chunks = WavFile::read(Cursor::new(&bytes)).unwrap().chunks().to_vec();
    let sizes = [0u32, 1, 7, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF7, 0xFFFF_FFFF];
    for at in chunks.iter().map(|c| c.start() as usize + 4).chain([4]) {
        for size in sizes {
            let mut forged = bytes.clone();
            forged[at..at + 4].copy_from_slice(&size.to_le_bytes());
            let answer = poke(&path, &forged).unwrap();
            assert!(!answer.verdict.is_intact(), "size {size:#x} at {at}: {answer:#?}");
        }
    }
    // A nest of lists, a wall of empty chunks, other types of file.
    let mut nest = b"RIFF\xF8\x1F\0\0WAVE".to_vec();
    while nest.len() < 8_192 {
        let left = (8_192 - nest.len() - 8) as u32;
        nest.extend_from_slice(b"LIST");
        nest.extend_from_slice(&left.to_le_bytes());
        nest.extend_from_slice(b"INFO");
    }
    nest.truncate(8_192);
    let mut wall = b"RIFF\0\0\0\0WAVE".to_vec();
    for _ in 0..70_000 {
        wall.extend_from_slice(b"abcd\0\0\0\0");
    }
    let size = wall.len() as u32 - 8;
    wall[4..8].copy_from_slice(&size.to_le_bytes());
    let others: [&[u8]; 7] = [
        b"RF64\xFF\xFF\xFF\xFFWAVEds64",
        b"RIFF\x04\0\0\0AVI ",
        b"RIFF",
        b"OggS\0\0\0\0",
        b"fLaC\0\0\0\x22",
        b"ID3\x04\0\0\0\0\0\0",
        b"hello",
    ];
    for file in [&nest[..], &wall[..]].into_iter().chain(others) {
        let answer = poke(&path, file).unwrap();
        assert!(!answer.verdict.is_intact() && answer.signer.is_none(), "{answer:#?}");
    }
}

#[test]
fn random_garbage_in_the_metadata_never_panics() {
    let dir = tempfile::tempdir().unwrap();
    let (path, bytes) = tagged(dir.path(), "trained");
    let mut rng = Rng::new(13, 0);
    for _ in 0..150 {
        let mut changed = bytes.clone();
        let from = rng.below(changed.len());
        let length = rng.below(200).min(changed.len() - from);
        for byte in &mut changed[from..from + length] {
            *byte = rng.bits() as u8;
        }
        if changed != bytes {
            let answer = poke(&path, &changed).unwrap();
            let _ = answer.text();
        }
    }
}

#[test]
fn errors_say_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing.wav");
    assert!(verify(&missing).unwrap_err().to_string().contains("check the path"));
    let empty = dir.path().join("empty.wav");
    fs::write(&empty, b"").unwrap();
    assert!(verify(&empty).unwrap_err().to_string().contains("0 bytes"));
    let mp3 = dir.path().join("x.mp3");
    fs::write(&mp3, b"ID3\x04\0\0\0\0\0\0 not really").unwrap();
    let error = tag_file(&mp3, &dir.path().join("y.wav"), &record("none"), identity()).unwrap_err();
    assert!(error.to_string().contains("convert it to WAV"), "{error}");
    let huge = Audio { channels: vec![vec![0.0; 8]], sample_rate: 0 };
    assert!(write_tagged_wav(&dir.path().join("z.wav"), &huge, Format::Pcm16, &record("none"), identity()).is_err());
    assert!(!dir.path().join("z.wav").exists());
}
