//! What it costs to tag a long file: memory over the idle process, and time beside a plain SHA-256 and copy, in one run. Ignored
//! unless asked for, because it writes half a gigabyte: `cargo test --release -p continuo-provenance --test big -- --ignored
//! --nocapture`.
mod common;

use common::*;
use continuo_provenance::*;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

/// Most memory the process has had so far, KiB; `None` where the system does not say.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
#[ignore = "writes half a gigabyte"]
fn ten_minutes_of_audio_are_tagged_in_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    let (plain, copy, tagged) =
        (dir.path().join("plain.wav"), dir.path().join("copy.wav"), dir.path().join("tagged.wav"));
    let bytes: u32 = 600 * 48_000 * 2 * 3;
    let mut file = BufWriter::new(File::create(&plain).unwrap());
    file.write_all(b"RIFF").unwrap();
    file.write_all(&(bytes + 36).to_le_bytes()).unwrap();
    file.write_all(b"WAVEfmt \x10\0\0\0").unwrap();
    file.write_all(&Format::Pcm24.fmt_chunk(2, 48_000)).unwrap();
    file.write_all(b"data").unwrap();
    file.write_all(&bytes.to_le_bytes()).unwrap();
    let block: Vec<u8> = (0..28_800u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for _ in 0..bytes as usize / block.len() {
        file.write_all(&block).unwrap();
    }
    file.into_inner().unwrap().sync_all().unwrap();
    // One small file first: what the library keeps for good is part of the idle process.
    let small = dir.path().join("small.wav");
    let record = write_tagged_wav(&small, &audio(100, 1), Format::Pcm24, &record("all"), identity()).unwrap().record;
    let start = Instant::now();
    sha256_file(&plain).unwrap();
    std::fs::copy(&plain, &copy).unwrap();
    File::open(&copy).unwrap().sync_all().unwrap();
    let base_s = start.elapsed().as_secs_f64();
    let idle = peak_kib();
    let start = Instant::now();
    tag_file(&plain, &tagged, &record, identity()).unwrap();
    let tag_s = start.elapsed().as_secs_f64();
    let after_tag = peak_kib();
    let start = Instant::now();
    assert_eq!(verify(&tagged).unwrap().verdict, Verdict::IntactSignerUnknown);
    let verify_s = start.elapsed().as_secs_f64();
    let mut out = std::io::stdout();
    writeln!(out, "10 min 48 kHz 24-bit stereo: SHA-256 and copy {base_s:.2} s, tag {tag_s:.2} s ({:.2} times), verify {verify_s:.2} s", tag_s / base_s).unwrap();
    if let (Some(idle), Some(tag), Some(all)) = (idle, after_tag, peak_kib()) {
        let mib = |k: u64| (k - idle) as f64 / 1024.0;
        writeln!(out, "peak memory over idle: tag {:.1} MiB, tag and verify {:.1} MiB", mib(tag), mib(all)).unwrap();
        assert!(mib(tag) <= 64.0);
    }
}
