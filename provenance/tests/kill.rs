//! A program that is killed while it writes leaves the old file or the new one, never half.
mod common;

use common::*;
use continuo_core::Rng;
use continuo_provenance::*;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const FOLDER: &str = "CONTINUO_TEST_KILL_FOLDER";

/// Not a test of its own: what the killed child does, over and over, until it is killed.
#[test]
fn child_that_writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let identity = Identity::load_or_create(&folder.join("identity")).unwrap();
    let (record, sound) = (record("trained"), audio(4_000, 2));
    for round in 0.. {
        let format = if round % 2 == 0 { Format::Pcm24 } else { Format::Pcm16 };
        write_tagged_wav(&folder.join("song.wav"), &sound, format, &record, &identity).unwrap();
    }
}

fn check(path: &Path) {
    let answer = verify(path).unwrap();
    assert_eq!(answer.verdict, Verdict::IntactSignerUnknown, "{answer:#?}");
    let frames = wav::WavFile::open(path).unwrap().frames();
    assert_eq!(frames, 4_000);
}

#[test]
fn a_hundred_kills_leave_a_whole_file_every_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("song.wav");
    let identity = Identity::load_or_create(&dir.path().join("identity")).unwrap();
    write_tagged_wav(&path, &audio(4_000, 2), Format::Pcm24, &record("trained"), &identity).unwrap();
    let mut rng = Rng::new(99, 0);
    let mut rests = 0;
    for _ in 0..100 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_writes_until_it_is_killed"])
            .env(FOLDER, dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(15_000 + (rng.uniform() * 60_000.0) as u64));
        // Killed as by a power cut: no handler runs.
        child.kill().unwrap();
        child.wait().unwrap();
        check(&path);
        // What is left beside it is hidden and harmless; count it so that the test shows kills in the middle of a write.
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name().to_string_lossy().ends_with(".part") {
                rests += 1;
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
    }
    assert!(rests > 0, "no kill fell into a write; the test shows nothing");
}
