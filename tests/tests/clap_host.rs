//! The built CLAP bundle in a real host: scan, play, think, accept, save, load, destroy.

use continuo_tests::clap::Input;
use continuo_tests::session::{
    BLOCK, PORTS, QUARTER, RATE, accepted_state, ask_for_takes, bundle, place, play, press, session,
};
use continuo_tests::song::LENGTH;
use std::collections::BTreeMap;

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

    ask_for_takes(&mut instance, &ids);
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
