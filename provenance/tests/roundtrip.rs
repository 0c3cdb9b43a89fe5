//! Each carrier is written, read back, and says the same; what was in an imported file stays; the same gives the same.
mod common;

use common::*;
use continuo_core::Origin;
use continuo_provenance::record::{Binding, Input, InputRelation};
use continuo_provenance::wav::{WavFile, bext::Bext, info::Info, pcm};
use continuo_provenance::*;
use std::fs;

#[test]
fn every_format_and_kind_of_record_comes_back_intact_in_every_layer() {
    let dir = tempfile::tempdir().unwrap();
    for kind in KINDS {
        for format in [Format::Pcm16, Format::Pcm24, Format::Float32] {
            let path = dir.path().join(format!("{kind}-{}.wav", format.word()));
            // An odd number of frames of three bytes makes an odd data chunk, with its pad byte.
            let sound = Audio { channels: vec![audio(4_801, 1).channels.remove(0)], sample_rate: 44_100 };
            let written = write_tagged_wav(&path, &sound, format, &record(kind), identity()).unwrap();
            let answer = verify(&path).unwrap();
            assert_eq!(answer.verdict, Verdict::IntactSignerUnknown, "{kind} {format:?}: {answer:#?}");
            assert!(answer.problems.is_empty(), "{kind} {format:?}: {:?}", answer.problems);
            assert_eq!(answer.record.as_ref(), Some(&written.record));
            assert!(answer.record_is_signed);
            assert_eq!(answer.layers.len(), 6);
            for layer in &answer.layers {
                assert!(layer.present && layer.agrees == Some(true), "{kind} {format:?}: {layer:?}");
                assert_eq!(layer.digest.as_deref(), Some(written.digest.as_str()));
            }
            assert_eq!(answer.pcm_sha256.as_deref(), Some(written.pcm_sha256.as_str()));
            assert!(answer.text().contains("Intact: the file is as it was signed"));
        }
    }
}

#[test]
fn the_samples_come_back_and_float_is_exact() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.wav");
    let sound = audio(1_000, 3);
    write_tagged_wav(&path, &sound, Format::Float32, &record("none"), identity()).unwrap();
    let mut file = WavFile::open(&path).unwrap();
    let (fmt, frames, data) = (file.fmt(), file.frames(), file.data());
    let back = pcm::decode(fmt, frames, file.reader(&data).unwrap()).unwrap();
    assert_eq!(back, sound);
}

#[test]
fn the_same_input_gives_the_same_samples_record_and_tags() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, who: &Identity| {
        let path = dir.path().join(name);
        let written = write_tagged_wav(&path, &audio(3_000, 5), Format::Pcm24, &record("all"), who).unwrap();
        let manifest = WavFile::open(&path).unwrap().single(b"C2PA").unwrap().unwrap().start() as usize;
        (fs::read(&path).unwrap(), manifest, fs::read(sidecar::path_of(&path)).unwrap(), written.record)
    };
    let (a, at_a, sidecar_a, record_a) = write("a.wav", identity());
    let (b, at_b, sidecar_b, record_b) = write("other-name.wav", identity());
    let other = Identity::load_or_create(&dir.path().join("other")).unwrap();
    let (c, at_c, sidecar_c, record_c) = write("c.wav", &other);
    assert_eq!((&record_a, &record_a), (&record_b, &record_c));
    assert!(sidecar_a == sidecar_b && sidecar_a == sidecar_c);
    // Everything before the manifest, which is the last chunk, is the same; of another identity, all but the RIFF size.
    assert_eq!((at_a, at_a, a.len()), (at_b, at_c, b.len()));
    assert!(a[..at_a] == b[..at_a] && a[8..at_a] == c[8..at_a]);
}

#[test]
fn a_list_of_signers_makes_it_trusted_and_another_list_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.wav");
    write_tagged_wav(&path, &audio(500, 1), Format::Pcm16, &record("trained"), identity()).unwrap();
    let with = |anchors: String| verify_with(&path, &VerifyOptions { trust_anchors_pem: Some(anchors) }).unwrap();
    assert_eq!(with(identity().root_pem()).verdict, Verdict::Trusted);
    let stranger = Identity::load_or_create(&dir.path().join("stranger")).unwrap();
    assert_eq!(with(stranger.root_pem()).verdict, Verdict::IntactSignerUnknown);
}

#[test]
fn a_render_without_ai_says_so_and_carries_no_generative_word() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("human.wav");
    let written = write_tagged_wav(&path, &audio(500, 1), Format::Pcm16, &record("none"), identity()).unwrap();
    assert_eq!(written.record.statement, "No AI was used in this audio.");
    let bytes = fs::read(&path).unwrap();
    let has = |word: &str| bytes.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word.as_bytes()));
    assert!(has("digitalCreation"));
    for word in ["algorithmicMedia", "algorithmicallyEnhanced", "compositeSynthetic"] {
        assert!(!has(word), "{word}");
    }
    // A part by rule alone is not called trained either.
    let path = dir.path().join("rule.wav");
    write_tagged_wav(&path, &audio(500, 1), Format::Pcm16, &record("algorithmic"), identity()).unwrap();
    let bytes = fs::read(&path).unwrap();
    assert!(!bytes.windows(25).any(|w| w.eq_ignore_ascii_case(b"withTrainedAlgorithmicMed")));
    assert!(bytes.windows(16).any(|w| w == b"algorithmicMedia"));
}

/// A WAV file as another program might have written it.
fn foreign_wav() -> Vec<u8> {
    let bext = Bext {
        description: "scene 5".into(),
        originator: "Recorder".into(),
        originator_reference: "REC1".into(),
        ..Bext::default()
    };
    let mut info = Info::default();
    info.set(b"INAM", "My song");
    let samples: Vec<u8> = (0..999u32).flat_map(|i| ((i * 37 % 2_000) as i16 - 1_000).to_le_bytes()).collect();
    let chunks: Vec<(&[u8; 4], Vec<u8>)> = vec![
        (b"JUNK", vec![0; 27]),
        (b"bext", bext.to_bytes()),
        (b"fmt ", Format::Pcm16.fmt_chunk(1, 44_100)),
        (b"iXML", b"<BWFXML><SCENE>5</SCENE></BWFXML>".to_vec()),
        (b"data", samples),
        (b"LIST", info.to_bytes()),
        (b"LIST", b"adtllabl\x05\0\0\0\x01\0\0\0\0\0".to_vec()),
        (b"cue ", vec![0, 0, 0, 0]),
        (b"xyz ", b"unknown".to_vec()),
    ];
    let mut body = b"WAVE".to_vec();
    for (id, content) in chunks {
        body.extend_from_slice(id);
        body.extend_from_slice(&(content.len() as u32).to_le_bytes());
        body.extend_from_slice(&content);
        if content.len() % 2 == 1 {
            body.push(0);
        }
    }
    let mut file = b"RIFF".to_vec();
    file.extend_from_slice(&(body.len() as u32).to_le_bytes());
    file.extend_from_slice(&body);
    file
}

#[test]
fn tagging_keeps_every_chunk_and_the_samples_of_an_imported_file() {
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("in.wav"), dir.path().join("out.wav"));
    fs::write(&input, foreign_wav()).unwrap();
    let written = tag_file(&input, &output, &record("trained"), identity()).unwrap();
    assert_eq!(fs::read(&input).unwrap(), foreign_wav());
    let answer = verify(&output).unwrap();
    assert_eq!(answer.verdict, Verdict::IntactSignerUnknown, "{answer:#?}");
    assert!(answer.layers.iter().all(|l| l.agrees == Some(true)), "{:?}", answer.layers);
    let (mut old, mut new) = (WavFile::open(&input).unwrap(), WavFile::open(&output).unwrap());
    assert_eq!(old.pcm_sha256().unwrap(), new.pcm_sha256().unwrap());
    for id in [b"JUNK", b"fmt ", b"cue ", b"xyz "] {
        let (a, b) = (old.single(id).unwrap().unwrap(), new.single(id).unwrap().unwrap());
        assert_eq!(old.content(&a).unwrap(), new.content(&b).unwrap());
    }
    let bytes = fs::read(&output).unwrap();
    for kept in ["adtllabl", "My song", "scene 5", "Recorder", "REC1", "<SCENE>5</SCENE>"] {
        assert!(bytes.windows(kept.len()).any(|w| w == kept.as_bytes()), "{kept} is gone");
    }
    // The record was made without audio, so that it is about this file is the user's word.
    assert!(matches!(written.record.output.unwrap().binding, Binding::StatedByUser { .. }));
}

#[test]
fn tagging_again_in_place_keeps_the_earlier_manifest_as_parent() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.wav");
    let first = write_tagged_wav(&path, &audio(2_000, 1), Format::Pcm24, &record("trained"), identity()).unwrap();
    let second = tag_file(&path, &path, &first.record, identity()).unwrap();
    // The same audio and the same record stay the same record.
    assert_eq!(second.record, first.record);
    let answer = verify(&path).unwrap();
    assert_eq!(answer.verdict, Verdict::IntactSignerUnknown, "{answer:#?}");
    let manifest = fs::read(&path).unwrap();
    let reader = c2pa::Reader::from_context(c2pa::Context::new())
        .with_stream("audio/wav", std::io::Cursor::new(manifest))
        .unwrap();
    assert_eq!(reader.iter_manifests().count(), 2);
    let parent = reader.active_manifest().unwrap().ingredients().iter().find(|i| i.is_parent()).unwrap();
    assert!(parent.active_manifest().is_some());
    // Twice more: tags do not pile up.
    let size = |path: &std::path::Path| {
        WavFile::open(path)
            .unwrap()
            .chunks()
            .iter()
            .filter(|c| c.id != *b"C2PA")
            .map(|c| u64::from(c.size))
            .sum::<u64>()
    };
    let before = size(&path);
    tag_file(&path, &path, &second.record, identity()).unwrap();
    assert_eq!(size(&path), before);
}

#[test]
fn mastering_a_tagged_file_does_not_wash_its_record_away() {
    let dir = tempfile::tempdir().unwrap();
    let (song, master) = (dir.path().join("song.wav"), dir.path().join("master.wav"));
    write_tagged_wav(&song, &audio(2_000, 1), Format::Pcm24, &record("trained"), identity()).unwrap();
    let earlier = verify(&song).unwrap().record.unwrap();
    let yes = accepted(50, vec![Origin::rule("loudness")], None);
    let builder = RecordBuilder::new().continuing(&earlier).unwrap().continuing(&earlier).unwrap();
    let builder = builder.mastering_move(&yes, MoveUse::as_suggested(presence(Origin::rule("loudness")))).unwrap();
    let builder = builder.input(Input {
        name: "song.wav".into(),
        sha256: sha256_file(&song).unwrap(),
        media_type: "audio/wav".into(),
        relation: InputRelation::ParentOf,
    });
    let record = builder.build().unwrap();
    write_derived_wav(&master, &audio(2_000, 2), Format::Pcm24, &record, identity(), &song).unwrap();
    let answer = verify(&master).unwrap();
    assert_eq!((answer.verdict, answer.problems.len()), (Verdict::IntactSignerUnknown, 0), "{answer:#?}");
    let record = answer.record.unwrap();
    assert!(record.ai_use.trained_generative && record.ai_use.algorithmic_assistive);
    assert_eq!((record.parts.len(), record.mastering.len()), (earlier.parts.len(), 1));
    assert_eq!(record.earlier_records, [earlier.record_id]);
    let reader = c2pa::Reader::from_context(c2pa::Context::new())
        .with_stream("audio/wav", std::fs::File::open(&master).unwrap())
        .unwrap();
    // The manifest of the song is inside the manifest of the master, as its one parent.
    assert_eq!(reader.iter_manifests().count(), 2);
    assert_eq!(reader.active_manifest().unwrap().ingredients().iter().filter(|i| i.is_parent()).count(), 1);
}

#[test]
fn a_parent_of_any_kind_or_state_can_be_worked_on() {
    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join("broken.wav");
    write_tagged_wav(&broken, &audio(2_000, 1), Format::Pcm24, &record("trained"), identity()).unwrap();
    let mut bytes = fs::read(&broken).unwrap();
    let at = WavFile::open(&broken).unwrap().data().offset as usize;
    bytes[at] ^= 1;
    fs::write(&broken, &bytes).unwrap();
    let cut = dir.path().join("cut.wav");
    fs::write(&cut, &bytes[..bytes.len() - 100]).unwrap();
    let text = dir.path().join("song.xyz");
    fs::write(&text, "no audio at all").unwrap();
    let mp3 = dir.path().join("song.mp3");
    fs::write(&mp3, b"\xFF\xFB\x90\x00 no real frame").unwrap();
    for parent in [&broken, &cut, &text, &mp3] {
        let out = dir.path().join("out.wav");
        write_derived_wav(&out, &audio(500, 2), Format::Pcm16, &record("none"), identity(), parent).unwrap();
        let answer = verify(&out).unwrap();
        assert_eq!(answer.verdict, Verdict::IntactSignerUnknown, "{}: {answer:#?}", parent.display());
    }
}

#[test]
fn a_record_of_other_audio_is_bound_as_the_users_statement() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a.wav"), dir.path().join("b.wav"));
    let first = write_tagged_wav(&a, &audio(2_000, 1), Format::Pcm24, &record("all"), identity()).unwrap();
    fs::write(&b, foreign_wav()).unwrap();
    let second = tag_file(&b, &b, &first.record, identity()).unwrap();
    let output = second.record.output.as_ref().unwrap();
    assert_eq!(output.binding, Binding::StatedByUser { earlier_record: first.record.record_id.clone() });
    assert_eq!(second.record.loudness, None);
    assert!(second.record.sentences().iter().any(|s| s.contains("The user states")));
    assert_eq!(verify(&b).unwrap().verdict, Verdict::IntactSignerUnknown);
}

#[test]
fn a_stripped_file_is_absent_and_the_sidecar_alone_is_nobodys_word() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.wav");
    let written = write_tagged_wav(&path, &audio(2_000, 1), Format::Pcm16, &record("all"), identity()).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let start = WavFile::open(&path).unwrap().single(b"C2PA").unwrap().unwrap().start() as usize;
    bytes.truncate(start);
    let size = (bytes.len() as u32 - 8).to_le_bytes();
    bytes[4..8].copy_from_slice(&size);
    fs::write(&path, &bytes).unwrap();
    let answer = verify(&path).unwrap();
    assert_eq!(answer.verdict, Verdict::Absent);
    assert!(!answer.record_is_signed && answer.record == Some(written.record));
    assert!(answer.problems.iter().any(|p| p.contains("nobody's word")), "{:?}", answer.problems);
    // A plain file without anything is absent, too, and without a problem.
    let plain = dir.path().join("plain.wav");
    fs::write(&plain, foreign_wav()).unwrap();
    let answer = verify(&plain).unwrap();
    assert_eq!((answer.verdict, answer.problems.len(), answer.record), (Verdict::Absent, 0, None));
}

#[test]
fn the_identity_is_made_once_private_and_can_be_the_users_own() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("deep").join("continuo");
    let first = Identity::load_or_create(&folder).unwrap();
    assert_eq!(Identity::load_or_create(&folder).unwrap().fingerprint(), first.fingerprint());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |p: &std::path::Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.join("signing-identity.pem")), 0o600);
        assert_eq!(mode(&folder), 0o700);
    }
    assert!(!format!("{first:?}").contains("PRIVATE"));
    let file = folder.join("signing-identity.pem");
    assert_eq!(Identity::from_files(&file, &file).unwrap().fingerprint(), first.fingerprint());
    let no_key = Identity::from_pem(first.chain_pem(), "").unwrap_err().to_string();
    assert!(no_key.contains("0 PRIVATE KEY blocks"), "{no_key}");
    fs::write(&file, "damaged").unwrap();
    assert!(Identity::load_or_create(&folder).unwrap_err().to_string().contains("CERTIFICATE"));
}

#[test]
fn many_programs_starting_at_once_get_one_identity() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_path_buf();
    let all: Vec<String> = (0..8)
        .map(|_| {
            let folder = folder.clone();
            std::thread::spawn(move || Identity::load_or_create(&folder).unwrap().fingerprint().to_owned())
        })
        .collect::<Vec<_>>()
        .into_iter()
        .map(|t| t.join().unwrap())
        .collect();
    assert!(all.windows(2).all(|w| w[0] == w[1]), "{all:?}");
}
