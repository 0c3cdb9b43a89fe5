//! The built CLAP bundle in a real host: scan, play, think, accept, save, load, destroy.

use continuo_tests::clap::{Bundle, Input, Instance, NoteOut, Place};
use continuo_tests::song::{BPM, LENGTH, melody};
use continuo_tests::told;
use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

const RATE: f64 = 48_000.0;
const BLOCK: usize = 480;
/// Main mix and one port per part.
const PORTS: usize = 5;
/// Frames of one quarter note.
const QUARTER: f64 = RATE * 60.0 / BPM;

fn bundle() -> Bundle {
    Bundle::load(&told("CONTINUO_CLAP")).expect("the built bundle loads")
}

fn place(frame: usize, playing: bool) -> Place {
    Place { at: frame as f64 / QUARTER, bpm: BPM, playing, meter: (4, 4) }
}

/// Plays the melody into an instance with the transport running. Gives the notes that came out, by absolute frame.
fn play(instance: &mut Instance, with_melody: bool, block: usize) -> (Vec<NoteOut>, Vec<Vec<f32>>) {
    let mut keys: Vec<(usize, Input)> = Vec::new();
    for (at, length, pitch) in melody() {
        keys.push(((at * QUARTER).round() as usize, Input::On(0, pitch, 0.7)));
        keys.push((((at + length) * QUARTER).round() as usize, Input::Off(0, pitch)));
    }
    keys.sort_by_key(|k| k.0);
    let total = (LENGTH * QUARTER) as usize;
    let mut silence = [vec![0.0; block], vec![0.0; block]];
    let (mut out, mut sound) = (Vec::new(), vec![Vec::new(); 2 * PORTS]);
    let mut frame = 0;
    while frame < total {
        let frames = block.min(total - frame);
        let due = keys.iter().filter(|k| with_melody && (frame..frame + frames).contains(&k.0));
        let events: Vec<Input> = due
            .map(|(at, event)| match *event {
                Input::On(_, key, velocity) => Input::On((at - frame) as u32, key, velocity),
                Input::Off(_, key) => Input::Off((at - frame) as u32, key),
                ref other => other.clone(),
            })
            .collect();
        let notes = instance.block(frames, &mut silence, PORTS, &events, place(frame, true)).expect("process");
        out.extend(notes.into_iter().map(|n| (n.0 + frame as u32, n.1, n.2, n.3, n.4)));
        for (all, channel) in sound.iter_mut().zip(&instance.outputs) {
            all.extend_from_slice(channel);
        }
        frame += frames;
    }
    (out, sound)
}

/// A block with the song at rest, and a moment for the worker.
fn rest(instance: &mut Instance, events: &[Input]) {
    let mut silence = [vec![0.0; BLOCK], vec![0.0; BLOCK]];
    instance.block(BLOCK, &mut silence, PORTS, events, place(0, false)).expect("process");
    sleep(Duration::from_millis(10));
    instance.idle();
}

fn press(instance: &mut Instance, ids: &BTreeMap<String, u32>, name: &str) {
    let id = ids[name];
    rest(instance, &[Input::Param(0, id, 1.0)]);
    for _ in 0..20 {
        rest(instance, &[]);
    }
    rest(instance, &[Input::Param(0, id, 0.0)]);
    for _ in 0..20 {
        rest(instance, &[]);
    }
}

#[derive(Debug, serde::Deserialize)]
struct Saved {
    fields: BTreeMap<String, String>,
}

fn session(instance: &mut Instance) -> serde_json::Value {
    let bytes = instance.save().expect("state");
    let start = bytes.iter().position(|&b| b == b'{').expect("the state is JSON");
    let saved: Saved = serde_json::from_slice(&bytes[start..]).expect("the state is JSON");
    serde_json::from_str(&saved.fields["session"]).expect("the session is JSON")
}

#[test]
fn both_plugins_are_found_and_live_a_hundred_lives() {
    let bundle = bundle();
    let mut ids = bundle.ids();
    ids.sort();
    assert_eq!(ids, ["org.continuo.continuo", "org.continuo.master"]);
    let mut blocks = 0;
    for life in 0..100 {
        for (id, ports) in [("org.continuo.continuo", PORTS), ("org.continuo.master", 1)] {
            let mut instance = bundle.instance(id).expect("instance");
            let state = instance.save().expect("state");
            let rate = [44_100.0, 48_000.0, 96_000.0][life % 3];
            let frames = [1, 64, 333, 1024][life % 4];
            instance.start(rate, 1024).expect("activation");
            let mut input = [vec![0.25; frames], vec![-0.25; frames]];
            for i in 0..4 {
                let events = if i == 0 { vec![Input::On(0, 60, 0.8)] } else { vec![] };
                instance.block(frames, &mut input, ports, &events, place(i * frames, true)).expect("process");
                assert!(instance.outputs.iter().flatten().all(|x| x.is_finite()));
                blocks += 1;
            }
            instance.load(&state).expect("state loads");
            instance.stop();
        }
    }
    assert_eq!(blocks, 800);
}

#[test]
fn a_melody_is_heard_a_take_is_accepted_and_plays_on_the_right_sample() {
    let bundle = bundle();
    let mut instance = bundle.instance("org.continuo.continuo").expect("instance");
    instance.start(RATE, BLOCK as u32).expect("activation");
    let ids = instance.params();
    let (before, _) = play(&mut instance, true, BLOCK);
    assert!(before.is_empty(), "nothing plays before a yes: {before:?}");

    press(&mut instance, &ids, "Ask for Takes");
    // The worker loads the runtime and the models, and draws takes. The ledger tells when they are on offer.
    let started = Instant::now();
    while session(&mut instance)["ledger"]["entries"].as_array().is_none_or(|e| e.len() < 12) {
        assert!(started.elapsed() < Duration::from_secs(120), "no takes: {}", session(&mut instance));
        rest(&mut instance, &[]);
    }
    let (offered, _) = play(&mut instance, false, BLOCK);
    assert!(offered.is_empty(), "an offer is not heard");

    press(&mut instance, &ids, "Accept Take");
    let saved = session(&mut instance);
    let accepted = saved["accepted"].as_array().expect("accepted phrases").clone();
    assert_eq!(accepted.len(), 4, "four parts");
    assert!(
        accepted.iter().any(|a| a["phrase"]["origin"]["kind"] == "trained"),
        "the worker's inference runs in the loaded plugin"
    );

    let (heard, sound) = play(&mut instance, false, BLOCK);
    let mut expected: Vec<(u32, u16, u8)> = Vec::new();
    for phrase in &accepted {
        let channel = match phrase["phrase"]["part"].as_str() {
            Some("keys") => 0,
            Some("bass") => 1,
            Some("drums") => 9,
            Some("strings") => 2,
            other => panic!("unknown part {other:?}"),
        };
        for note in phrase["phrase"]["notes"].as_array().expect("notes") {
            let at = note["at"].as_f64().expect("onset") / 960.0;
            if at < LENGTH {
                let pitch = u8::try_from(note["pitch"].as_u64().expect("pitch")).expect("a MIDI key");
                expected.push(((at * QUARTER).round() as u32, channel, pitch));
            }
        }
    }
    let mut begun: Vec<(u32, u16, u8)> = heard.iter().filter(|n| n.3).map(|n| (n.0, n.1, n.2)).collect();
    expected.sort_unstable();
    begun.sort_unstable();
    assert!(expected.len() > 30, "only {} notes", expected.len());
    assert_eq!(begun, expected, "every accepted note, on its sample, and no other");
    for (port, name) in ["mix", "keys", "bass", "drums", "strings"].iter().enumerate() {
        let loudest = sound[2 * port].iter().fold(0.0f32, |m, x| m.max(x.abs()));
        let silent = ["keys", "bass", "drums", "strings"].contains(name)
            && accepted.iter().all(|a| a["phrase"]["part"] != *name || a["phrase"]["notes"] == serde_json::json!([]));
        assert!(silent || loudest > 0.01, "{name} peaks at {loudest}");
    }

    // The same song in a copy of the project, in other blocks: the same notes and the same sound, bit for bit.
    let state = instance.save().expect("state");
    let mut copy = bundle.instance("org.continuo.continuo").expect("instance");
    copy.load(&state).expect("state loads");
    copy.start(RATE, 4096).expect("activation");
    let mut original = bundle.instance("org.continuo.continuo").expect("instance");
    original.load(&state).expect("state loads");
    original.start(RATE, 64).expect("activation");
    let (copied, copy_sound) = play(&mut copy, false, 4096);
    let (again, again_sound) = play(&mut original, false, 64);
    assert_eq!(copied, again);
    assert!(copy_sound == again_sound, "the sound depends on the host's block size");
}

#[test]
fn stopping_and_jumping_leave_no_note_hanging() {
    let bundle = bundle();
    let mut instance = bundle.instance("org.continuo.continuo").expect("instance");
    instance.load(&accepted_state(&bundle)).expect("state loads");
    instance.start(RATE, BLOCK as u32).expect("activation");
    let mut silence = [vec![0.0; BLOCK], vec![0.0; BLOCK]];
    let mut sounding: BTreeMap<(u16, u8), i32> = BTreeMap::new();
    let mut events = 0;
    // Play, jump back and forth, stop, begin again; after each stop everything must have ended.
    for jump in 0..40usize {
        let from = (jump * 7919) % 400 * BLOCK;
        for block in 0..60 {
            let playing = block < 55;
            let at = place(from + block * BLOCK, playing);
            for note in instance.block(BLOCK, &mut silence, PORTS, &[], at).expect("process") {
                *sounding.entry((note.1, note.2)).or_default() += if note.3 { 1 } else { -1 };
                events += 1;
            }
            assert!(sounding.values().all(|&n| (0..=1).contains(&n)), "doubled or ended twice: {sounding:?}");
        }
        assert!(sounding.values().all(|&n| n == 0), "hanging after jump {jump}: {sounding:?}");
    }
    assert!(events > 200, "only {events} events");
}

/// A project with accepted parts in it, made by the plugin itself.
fn accepted_state(bundle: &Bundle) -> Vec<u8> {
    let mut instance = bundle.instance("org.continuo.continuo").expect("instance");
    instance.start(RATE, BLOCK as u32).expect("activation");
    let ids = instance.params();
    play(&mut instance, true, BLOCK);
    press(&mut instance, &ids, "Ask for Takes");
    let started = Instant::now();
    while session(&mut instance)["ledger"]["entries"].as_array().is_none_or(|e| e.len() < 12) {
        assert!(started.elapsed() < Duration::from_secs(120), "no takes");
        rest(&mut instance, &[]);
    }
    press(&mut instance, &ids, "Accept Take");
    instance.save().expect("state")
}

#[test]
fn broken_states_are_refused_and_the_plugin_plays_on() {
    let bundle = bundle();
    for (id, ports) in [("org.continuo.continuo", PORTS), ("org.continuo.master", 1)] {
        let mut instance = bundle.instance(id).expect("instance");
        let good = instance.save().expect("state");
        let mut broken = vec![Vec::new(), vec![0xff; 64], good[..good.len() / 2].to_vec(), b"{}".to_vec()];
        for i in (0..good.len()).step_by(good.len() / 16 + 1) {
            let mut bytes = good.clone();
            bytes[i] ^= 0x55;
            broken.push(bytes);
        }
        let count = broken.len();
        for bytes in broken {
            // Whether it is refused or read in part is the plugin's choice; it must live on.
            let _ = instance.load(&bytes);
        }
        assert!(count > 10);
        instance.load(&good).expect("the good state still loads");
        instance.start(RATE, BLOCK as u32).expect("activation");
        let mut input = [vec![0.1; BLOCK], vec![0.1; BLOCK]];
        instance.block(BLOCK, &mut input, ports, &[], place(0, true)).expect("process");
    }
}

#[test]
fn the_master_passes_a_pulse_at_its_reported_latency() {
    let bundle = bundle();
    for rate in [44_100.0, 48_000.0, 96_000.0] {
        let mut instance = bundle.instance("org.continuo.master").expect("instance");
        instance.start(rate, 512).expect("activation");
        let latency = instance.latency() as usize;
        assert!(latency > 0, "a look-ahead limiter has a latency");
        let mut out = Vec::new();
        for block in 0..(latency / 512 + 2) {
            let mut input = [vec![0.0; 512], vec![0.0; 512]];
            if block == 0 {
                input[0][7] = 0.5;
                input[1][7] = 0.5;
            }
            instance.block(512, &mut input, 1, &[], place(block * 512, true)).expect("process");
            out.extend_from_slice(&instance.outputs[0]);
        }
        let at = (0..out.len()).max_by(|&a, &b| out[a].abs().total_cmp(&out[b].abs())).expect("samples");
        assert_eq!((at, out[at]), (latency + 7, 0.5), "at {rate} Hz");
    }
}
