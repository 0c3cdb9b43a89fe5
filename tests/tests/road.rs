//! The whole road on the demo's melodies: in key, in time, in range; and the same notes from the command and from a host.

#![allow(clippy::print_stdout, reason = "what was measured is shown")]

use continuo_core::chord::chord_at;
use continuo_core::{Controls, Note, Part, PitchClass, Style, Tick, Ticks};
use continuo_plugin::engine::arrange::{self, Request};
use continuo_plugin::engine::mind::Mind;
use continuo_plugin::engine::song::{self, Wishes};
use continuo_plugin::files::midi;
use continuo_plugin::resources::Resources;
use continuo_tests::session::{PORTS, RATE, accepted_state, bundle};
use continuo_tests::song::{BPM, melody};
use continuo_tests::told;
use std::collections::BTreeMap;
use std::process::Command;

/// What is measured of one arrangement.
struct Measured {
    /// Share of notes that begin on a felt beat and belong to the chord, per pitched part.
    chord_tones: BTreeMap<Part, f64>,
    /// Share of chord changes at which the bass begins the chord's bass note.
    bass_agrees: f64,
    /// Share of chords that belong to the key's scale by their root.
    roots_in_key: f64,
    /// Notes outside the part's range or the bars.
    outside: usize,
    notes: usize,
}

fn measure(loaded: &song::Loaded, take: &continuo_core::Take) -> Measured {
    let meters = &loaded.song.meters;
    let beats: Vec<Tick> =
        (take.bars.from..take.bars.to).flat_map(|bar| meters.beats_of(bar)).map(|(at, _)| at).collect();
    let (from, to) = take.bars.span(meters);
    let mut measured =
        Measured { chord_tones: BTreeMap::new(), bass_agrees: 0.0, roots_in_key: 0.0, outside: 0, notes: 0 };
    for phrase in &take.phrases {
        measured.notes += phrase.notes.len();
        let inside = |n: &&Note| phrase.part.range().contains(&n.pitch) && n.at >= from && n.end() <= to;
        measured.outside += phrase.notes.len() - phrase.notes.iter().filter(inside).count();
        if phrase.part == Part::Drums {
            continue;
        }
        let on_beat = phrase.notes.iter().filter(|n| beats.contains(&n.at));
        let (mut all, mut good) = (0, 0);
        for (note, chord) in on_beat.filter_map(|n| Some((n, chord_at(&take.chords, n.at)?.chord?))) {
            all += 1;
            good += usize::from(chord.contains(PitchClass::of(i32::from(note.pitch))));
        }
        measured.chord_tones.insert(phrase.part, good as f64 / f64::from(all.max(1)));
        if phrase.part == Part::Bass {
            let changes = take.chords.windows(2).filter(|w| w[0].chord != w[1].chord).map(|w| w[1]);
            let (mut all, mut good) = (0, 0);
            for span in changes {
                let Some(chord) = span.chord else { continue };
                all += 1;
                let played = phrase.notes.iter().find(|n| n.at == span.at);
                good += usize::from(played.is_some_and(|n| PitchClass::of(i32::from(n.pitch)) == chord.bass));
            }
            measured.bass_agrees = f64::from(good as u32) / f64::from(all.max(1));
        }
    }
    let roots: Vec<bool> = take.chords.iter().filter_map(|s| Some(take.key.scale().contains(&s.chord?.root))).collect();
    measured.roots_in_key = roots.iter().filter(|r| **r).count() as f64 / roots.len().max(1) as f64;
    measured
}

#[test]
fn the_demo_melodies_are_accompanied_in_key_in_time_and_in_range() {
    let mut mind = Mind::load(&Resources::find()).expect("the models load");
    let mut looked = 0;
    for file in ["greensleeves.mid", "ode-to-joy.mid", "ode-to-joy.wav"] {
        let loaded = song::load(&told("CONTINUO_DEMO").join(file), &Wishes::default(), &mut |_, _| {}).expect(file);
        for style in [Style::Folk, Style::Pop, Style::Hymn, Style::Swing] {
            let controls = Controls { style, ..Controls::default() };
            let request = Request { parts: Part::ALL.to_vec(), controls, seed: 1 };
            let offer = arrange::offer(&mut mind, &loaded.song, &request, 0, &mut |_, _| {}).expect(file);
            let arrangement = arrange::accept(&mind, offer);
            let take = &arrangement.take;
            let measured = measure(&loaded, take);
            let tones: Vec<String> =
                measured.chord_tones.iter().map(|(p, share)| format!("{p} {:.0} %", share * 100.0)).collect();
            println!(
                "{file:<17} {style:<6} {}: chord tones on beats: {}; bass on changes {:.0} %; roots in key {:.0} %; {} notes, {} outside",
                take.key,
                tones.join(", "),
                measured.bass_agrees * 100.0,
                measured.roots_in_key * 100.0,
                measured.notes,
                measured.outside,
            );
            assert_eq!(measured.outside, 0, "{file} {style}");
            assert!(measured.notes > 60, "{file} {style}: {} notes", measured.notes);
            assert!(measured.bass_agrees >= 0.95, "{file} {style}: bass {}", measured.bass_agrees);
            assert!(measured.roots_in_key >= 0.8, "{file} {style}: roots {}", measured.roots_in_key);
            assert!(measured.chord_tones.values().all(|&s| s >= 0.75), "{file} {style}: {tones:?}");
            looked += 1;
        }
    }
    assert_eq!(looked, 12);
}

#[test]
fn the_command_and_the_host_give_the_same_notes() {
    // The melody of the host tests as a MIDI file; 0.7 of full velocity is 89.
    let folder = std::env::temp_dir().join(format!("continuo-road-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let note = |(at, len, pitch): (f64, f64, u8)| Note {
        at: Tick::at_quarters(at),
        len: Ticks::quarters(len),
        pitch,
        velocity: 89,
    };
    let notes: Vec<Note> = melody().into_iter().map(note).collect();
    let score = midi::Score {
        tempo: &continuo_core::TempoMap::constant(BPM),
        meters: &continuo_core::MeterMap::default(),
        key: None,
        melody: &notes,
        chords: &[],
        parts: &[],
    };
    let (input, output) = (folder.join("in.mid"), folder.join("out.mid"));
    std::fs::write(&input, midi::write(&score).expect("a MIDI file")).expect("written");
    let run = Command::new(told("CONTINUO_COMMAND"))
        .arg("accompany")
        .arg(&input)
        .arg("--midi")
        .arg(&output)
        .output()
        .expect("the command runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let by_command = parts_of(&std::fs::read(&output).expect("output"));
    let _ = std::fs::remove_dir_all(&folder);

    let bundle = bundle();
    let state = accepted_state(&bundle);
    let start = state.iter().position(|&b| b == b'{').expect("JSON");
    let saved: serde_json::Value = serde_json::from_slice(&state[start..]).expect("JSON");
    let session: serde_json::Value =
        serde_json::from_str(saved["fields"]["session"].as_str().expect("a session")).expect("JSON");
    let mut by_host = BTreeMap::new();
    for accepted in session["accepted"].as_array().expect("phrases") {
        let phrase: continuo_core::PartPhrase = serde_json::from_value(accepted["phrase"].clone()).expect("a phrase");
        let mut notes: Vec<(i64, i64, u8, u8)> =
            phrase.notes.iter().map(|n| (n.at.0, n.len.0, n.pitch, n.velocity)).collect();
        notes.sort_unstable();
        by_host.insert(phrase.part.id().to_owned(), notes);
    }
    assert_eq!(by_host.len(), Part::ALL.len(), "{PORTS} ports at {RATE} Hz");
    for (part, notes) in &by_host {
        assert_eq!(by_command.get(part), Some(notes), "{part}");
        println!("{part}: {} notes, the same", notes.len());
    }
}

/// Notes by track name: onset, length in ticks of 1/960 quarter, key, velocity.
fn parts_of(bytes: &[u8]) -> BTreeMap<String, Vec<(i64, i64, u8, u8)>> {
    use midly::{MetaMessage, MidiMessage, Smf, Timing, TrackEventKind};
    let smf = Smf::parse(bytes).expect("a MIDI file");
    assert_eq!(smf.header.timing, Timing::Metrical(960.into()));
    let mut parts = BTreeMap::new();
    for track in &smf.tracks {
        let (mut at, mut name) = (0i64, String::new());
        let mut held: BTreeMap<u8, (i64, u8)> = BTreeMap::new();
        let mut notes = Vec::new();
        for event in track {
            at += i64::from(event.delta.as_int());
            match event.kind {
                TrackEventKind::Meta(MetaMessage::TrackName(n)) => name = String::from_utf8_lossy(n).into_owned(),
                TrackEventKind::Midi { message: MidiMessage::NoteOn { key, vel }, .. } if vel > 0 => {
                    held.insert(key.as_int(), (at, vel.as_int()));
                }
                TrackEventKind::Midi {
                    message: MidiMessage::NoteOn { key, .. } | MidiMessage::NoteOff { key, .. },
                    ..
                } => {
                    if let Some((from, velocity)) = held.remove(&key.as_int()) {
                        notes.push((from, at - from, key.as_int(), velocity));
                    }
                }
                _ => {}
            }
        }
        notes.sort_unstable();
        parts.insert(name, notes);
    }
    parts
}
