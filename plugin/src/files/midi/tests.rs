//! MIDI in and out, with worked-out bytes and round trips of random songs.

use super::*;
use crate::files::FileError;
use continuo_core::time::{Meter, MeterMap, TempoMap, Tick, Ticks};
use continuo_core::{Chord, ChordSpan, Key, Mode, Note, Part, PitchClass, Rng, Song};
use std::path::Path;

fn note(at: i64, len: i64, pitch: u8, velocity: u8) -> Note {
    Note { at: Tick(at), len: Ticks(len), pitch, velocity }
}

/// A file from raw track bodies (without their end-of-track event).
fn file(format: u8, division: [u8; 2], tracks: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"MThd\0\0\0\x06\0".to_vec();
    bytes.extend([format, 0, tracks.len() as u8, division[0], division[1]]);
    for track in tracks {
        bytes.extend(b"MTrk");
        bytes.extend((track.len() as u32 + 4).to_be_bytes());
        bytes.extend(*track);
        bytes.extend([0, 0xff, 0x2f, 0]);
    }
    bytes
}

fn read(bytes: &[u8]) -> Result<MidiInput, FileError> {
    parse(Path::new("song.mid"), bytes)
}

const PPQ_96: [u8; 2] = [0, 96];

#[test]
fn running_status_and_velocity_zero_offs_are_read() {
    // One status byte, then C4 for 96 ticks, D4 for 48, all by note-on; a quarter is 96 ticks.
    let track = [0, 0x90, 60, 100, 96, 60, 0, 0, 62, 90, 48, 62, 0];
    let input = read(&file(0, PPQ_96, &[&track])).unwrap();
    assert_eq!(input.song.melody, [note(0, 960, 60, 100), note(960, 480, 62, 90)]);
    assert_eq!(input.song.tempo.bpm_at(Tick(0)), 120.0);
    assert!(input.repairs.is_empty(), "{:?}", input.repairs);
}

#[test]
fn tempo_meter_key_and_pickup_are_read_from_the_conductor_track() {
    // 600,000 us per quarter = 100 bpm; 1/4 then 3/4 after one quarter = an upbeat; two flats = B flat major.
    let conductor = [
        0, 0xff, 0x51, 3, 0x09, 0x27, 0xc0, 0, 0xff, 0x58, 4, 1, 2, 24, 8, 0, 0xff, 0x59, 2, 0xfe, 0, 96, 0xff, 0x58,
        4, 3, 2, 24, 8,
    ];
    let tune = [0, 0x90, 65, 80, 96, 65, 0, 0, 70, 80, 0x81, 0x40, 70, 0];
    let song = read(&file(1, PPQ_96, &[&conductor, &tune])).unwrap().song;
    assert_eq!(song.tempo.bpm_at(Tick(0)), 100.0);
    assert_eq!(song.meters.pickup(), Ticks::quarters(1.0));
    assert_eq!(song.meters.meter_of(1), Meter::new(3, 4).unwrap());
    assert_eq!(song.key, Some(Key { tonic: PitchClass::of(10), mode: Mode::Major }));
    assert_eq!(song.melody[1], note(960, 1920, 70, 80));
}

#[test]
fn a_key_signature_the_tune_does_not_follow_is_not_believed() {
    // "C major" over F sharp, G sharp, A sharp.
    let track = [0, 0xff, 0x59, 2, 0, 0, 0, 0x90, 66, 80, 96, 66, 0, 0, 68, 80, 96, 68, 0, 0, 70, 80, 96, 70, 0];
    assert_eq!(read(&file(0, PPQ_96, &[&track])).unwrap().song.key, None);
}

#[test]
fn hanging_and_overlapping_notes_are_mended_and_said() {
    // C4 never let go, D4 a beat later struck twice without release, then released twice.
    let track = [0, 0x90, 60, 80, 96, 62, 80, 48, 62, 80, 48, 62, 0, 0, 62, 0];
    let input = read(&file(0, PPQ_96, &[&track])).unwrap();
    assert_eq!(input.song.melody, [note(0, 960, 60, 80), note(960, 480, 62, 80), note(1440, 480, 62, 80)]);
    assert_eq!(input.repairs.len(), 2, "{:?}", input.repairs);
}

#[test]
fn smpte_time_becomes_seconds_at_120() {
    // -25 frames, 40 subframes: 1,000 ticks a second. Half a second is a quarter at 120.
    let track = [0, 0x90, 60, 80, 0x83, 0x74, 60, 0];
    let song = read(&file(1, [(-25i8) as u8, 40], &[&track])).unwrap().song;
    assert_eq!(song.melody, [note(0, 960, 60, 80)]);
}

#[test]
fn every_kind_of_broken_file_has_its_own_sentence() {
    let tune: &[u8] = &[0, 0x90, 60, 80, 96, 60, 0];
    let drums: &[u8] = &[0, 0x99, 36, 80, 96, 36, 0];
    let whole = file(1, PPQ_96, &[tune, tune]);
    assert!(matches!(read(&file(1, PPQ_96, &[&[]])), Err(FileError::NoNotes { .. })));
    let percussion = read(&file(0, PPQ_96, &[drums])).unwrap_err();
    assert!(percussion.to_string().contains("percussion"), "{percussion}");
    assert!(matches!(read(&whole[..whole.len() - 3]), Err(FileError::Truncated { .. })));
    assert!(matches!(read(&whole[..40]), Err(FileError::Truncated { .. })));
    assert!(matches!(read(b"MThd\0\0"), Err(FileError::Damaged { .. } | FileError::Truncated { .. })));
    assert!(matches!(read(&file(2, PPQ_96, &[tune])), Err(FileError::Unsupported { .. })));
    assert!(matches!(read(&file(1, [0, 0], &[tune])), Err(FileError::Damaged { .. })));
    // A data byte where a status must be.
    assert!(matches!(read(&file(1, PPQ_96, &[&[0, 60, 60]])), Err(FileError::Damaged { .. })));
    // A note two and a half hours into the song: 2.5 h at 120 = 18,000 quarters = 1,728,000 ticks of 96.
    let late: &[u8] = &[0xe9, 0xbc, 0x00, 0x90, 60, 80, 96, 60, 0];
    assert!(matches!(read(&file(0, PPQ_96, &[late])), Err(FileError::TooLong { .. })));
}

#[test]
fn no_bytes_make_it_panic() {
    let tune: &[u8] = &[0, 0x90, 60, 80, 96, 60, 0, 0, 0xff, 0x58, 4, 3, 2, 24, 8];
    let whole = file(1, PPQ_96, &[tune, tune]);
    let mut rng = Rng::new(5, 0);
    for _ in 0..20_000 {
        let mut bytes = whole.clone();
        for _ in 0..1 + rng.below(4) {
            let at = rng.below(bytes.len());
            bytes[at] = rng.below(256) as u8;
        }
        bytes.truncate(rng.below(bytes.len() + 1));
        let _ = read(&bytes);
    }
}

fn random_song(rng: &mut Rng) -> Song {
    let meters = [(4, 4), (3, 4), (6, 8), (7, 8), (5, 4), (2, 2)].map(|(n, d)| Meter::new(n, d).unwrap());
    let first = meters[rng.below(meters.len())];
    let pickup = if rng.chance(0.5) { Ticks(first.beats()[0].0 / (1 + rng.below(2) as i64)) } else { Ticks(0) };
    let plain = MeterMap::new(&[(Tick(0), first)], pickup);
    let change = (plain.bar_start(2 + rng.below(6) as u32), meters[rng.below(meters.len())]);
    let meters = MeterMap::new(&[(Tick(0), first), change], pickup);
    // Tempi that are whole microseconds a quarter, as every MIDI file's are.
    let bpm = |rng: &mut Rng| 60_000_000.0 / (200_000 + rng.below(1_200_000)) as f64;
    let tempo = TempoMap::new(&[(Tick(0), bpm(rng)), (Tick(rng.below(20_000) as i64), bpm(rng))]);
    let mut at = 0;
    let melody = (0..1 + rng.below(60))
        .map(|_| {
            at += rng.below(4) as i64 * 240;
            let len = 1 + rng.below(2_000) as i64;
            let n = note(at, len, 48 + rng.below(40) as u8, 1 + rng.below(127) as u8);
            at += len;
            n
        })
        .collect();
    Song { melody, meters, tempo, key: None, locked_chords: Vec::new() }
}

fn random_part(rng: &mut Rng, part: Part) -> (Part, Vec<Note>) {
    let range = part.range();
    let mut notes: Vec<Note> = (0..rng.below(200))
        .map(|_| {
            let pitch = range.start() + rng.below(usize::from(range.end() - range.start()) + 1) as u8;
            note(rng.below(30_000) as i64, 1 + rng.below(3_000) as i64, pitch, 1 + rng.below(127) as u8)
        })
        .collect();
    continuo_core::note::tidy(&mut notes);
    (part, notes)
}

#[test]
fn what_is_written_is_read_back() {
    for seed in 0..200 {
        let mut rng = Rng::new(seed, 0);
        let song = random_song(&mut rng);
        let parts: Vec<_> = Part::ALL.into_iter().map(|p| random_part(&mut rng, p)).collect();
        let chord = Chord::parse("F#m7").unwrap();
        let chords = [ChordSpan { at: Tick(0), len: Ticks(3840), chord, probability: 0.5 }];
        let score = Score {
            tempo: &song.tempo,
            meters: &song.meters,
            key: None,
            melody: &song.melody,
            chords: &chords,
            parts: &parts,
        };
        let bytes = write(&score).unwrap();
        assert_eq!(bytes, write(&score).unwrap());
        let back = read(&bytes).unwrap();
        assert_eq!(back.song, song, "seed {seed}");
        assert_eq!(back.melody_source, "track 1 'melody', channel 4");
        assert!(back.repairs.is_empty(), "seed {seed}: {:?}", back.repairs);
        // The parts, as any other program would see them.
        let smf = midly::Smf::parse(&bytes).unwrap();
        let names: Vec<_> = smf.tracks.iter().map(|t| track_name(t)).collect();
        assert_eq!(names, ["melody", "keys", "bass", "drums", "strings", "chords"]);
        for ((_, notes), track) in parts.iter().zip(&smf.tracks[1..5]) {
            let ons = track.iter().filter(|e| {
                matches!(e.kind, midly::TrackEventKind::Midi { message: midly::MidiMessage::NoteOn { .. }, .. })
            });
            assert_eq!(ons.count(), notes.len());
        }
    }
}

fn track_name(track: &[midly::TrackEvent<'_>]) -> String {
    track
        .iter()
        .find_map(|e| match e.kind {
            midly::TrackEventKind::Meta(midly::MetaMessage::TrackName(n)) => Some(String::from_utf8_lossy(n).into()),
            _ => None,
        })
        .unwrap_or_default()
}

#[test]
fn chord_names_are_markers_spelt_in_the_key() {
    let tempo = TempoMap::constant(90.0);
    let meters = MeterMap::default();
    let key = Key { tonic: PitchClass::of(10), mode: Mode::Major };
    let span = |at, chord: &str| ChordSpan {
        at: Tick(at),
        len: Ticks(3840),
        chord: Chord::parse(chord).unwrap(),
        probability: 1.0,
    };
    let chords = [span(0, "Bb"), span(3840, "D#maj7"), span(7680, "N.C.")];
    let bytes = write(&Score {
        tempo: &tempo,
        meters: &meters,
        key: Some(key),
        melody: &[note(0, 960, 70, 90)],
        chords: &chords,
        parts: &[],
    })
    .unwrap();
    let smf = midly::Smf::parse(&bytes).unwrap();
    let mut at = 0;
    let markers: Vec<(u32, String)> = smf.tracks[1]
        .iter()
        .filter_map(|e| {
            at += e.delta.as_int();
            match e.kind {
                midly::TrackEventKind::Meta(midly::MetaMessage::Marker(m)) => {
                    Some((at, String::from_utf8_lossy(m).into()))
                }
                _ => None,
            }
        })
        .collect();
    assert_eq!(markers, [(0, "Bb".into()), (3840, "Ebmaj7".into()), (7680, "N.C.".into())]);
    assert_eq!(read(&bytes).unwrap().song.key, Some(key));
}
