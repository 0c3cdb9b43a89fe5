//! Other people's readers look at files of every kind. Ignored unless asked for, because it needs a Python with `c2pa-python`
//! (and, better, `encypher-c2pa` and `wavinfo`); name it in `CONTINUO_TEST_PYTHON` and run with `--ignored`.
mod common;

use common::*;
use continuo_provenance::*;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Thirty files: every kind of record, format, and way of writing.
fn specimens(dir: &Path) -> Vec<(PathBuf, &'static str, UseRecordDocument)> {
    let mut out = Vec::new();
    for kind in KINDS {
        for format in [Format::Pcm16, Format::Pcm24, Format::Float32] {
            let path = dir.join(format!("{kind}-{}.wav", format.word()));
            let written = write_tagged_wav(&path, &audio(2_401, 1), format, &record(kind), identity()).unwrap();
            let tagged = dir.join(format!("{kind}-{}-tagged.wav", format.word()));
            let again = tag_file(&path, &tagged, &written.record, identity()).unwrap();
            out.push((path, kind, written.record));
            out.push((tagged, kind, again.record));
        }
    }
    out
}

fn look(files: &[&Path]) -> Vec<Value> {
    let python = std::env::var_os("CONTINUO_TEST_PYTHON").expect("CONTINUO_TEST_PYTHON names no Python");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check_c2pa.py");
    let out = Command::new(python).arg(script).args(files).output().expect("Python starts");
    let text = String::from_utf8(out.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), files.len(), "{}", String::from_utf8_lossy(&out.stderr));
    lines
}

#[test]
#[ignore = "needs a Python with c2pa-python, named in CONTINUO_TEST_PYTHON"]
fn thirty_files_are_read_alike_by_other_peoples_programs() {
    let dir = tempfile::tempdir().unwrap();
    let specimens = specimens(dir.path());
    let paths: Vec<&Path> = specimens.iter().map(|(p, ..)| p.as_path()).collect();
    assert_eq!(paths.len(), 30);
    for (line, (path, kind, record)) in look(&paths).iter().zip(&specimens) {
        let name = path.display();
        assert_eq!(line["c2pa_state"], "Valid", "{name}: {line}");
        assert_eq!(line["c2pa_failures"], serde_json::json!(["signingCredential.untrusted"]), "{name}");
        assert_eq!(line["record_id"], record.record_id.as_str(), "{name}");
        let trained = line["actions"].to_string().contains("compositeWithTrainedAlgorithmicMedia");
        assert_eq!(trained, matches!(*kind, "trained" | "all"), "{name}: {}", line["actions"]);
        if line["encypher"].is_object() {
            assert_eq!(line["encypher"]["validation_state"], "Valid", "{name}: {line}");
            assert_eq!(line["encypher"]["hard_binding"], "match", "{name}: {line}");
            assert_eq!(line["encypher"]["failures"], line["c2pa_failures"], "{name}");
        }
        if line.get("bext_reference").is_some() {
            assert_eq!(line["bext_reference"], record.record_id.as_str(), "{name}");
            assert!(line["info_comment"].as_str().unwrap().contains(&record.digest()), "{name}");
        }
        assert_eq!(verify(path).unwrap().verdict, Verdict::IntactSignerUnknown, "{name}");
    }
    // One changed bit in the samples: the same answer from them as from us.
    let victim = &specimens[1].0;
    let mut bytes = std::fs::read(victim).unwrap();
    let at = wav::WavFile::open(victim).unwrap().data().offset as usize + 100;
    bytes[at] ^= 1;
    std::fs::write(victim, bytes).unwrap();
    assert_eq!(verify(victim).unwrap().verdict, Verdict::Broken);
    let line = &look(&[victim])[0];
    assert_eq!(line["c2pa_state"], "Invalid", "{line}");
    assert!(!line["encypher"].is_object() || line["encypher"]["validation_state"] == "Invalid", "{line}");
}
