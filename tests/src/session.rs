//! What the host tests do with an instance of Continuo: play to it, ask, accept, and look into its project.

use crate::clap::{Bundle, Input, Instance, NoteOut, Place};
use crate::song::{BPM, LENGTH, melody};
use crate::told;
use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Sample rate, hertz.
pub const RATE: f64 = 48_000.0;
/// Frames in a block.
pub const BLOCK: usize = 480;
/// Main mix and one port per part.
pub const PORTS: usize = 5;
/// Frames of one quarter note.
pub const QUARTER: f64 = RATE * 60.0 / BPM;

/// The built bundle.
///
/// # Panics
/// When it does not load; these functions are for tests.
#[must_use]
pub fn bundle() -> Bundle {
    Bundle::load(&told("CONTINUO_CLAP")).expect("the built bundle loads")
}

/// Where the block that begins at `frame` lies.
#[must_use]
pub fn place(frame: usize, playing: bool) -> Place {
    Place { at: frame as f64 / QUARTER, bpm: BPM, playing, meter: (4, 4) }
}

/// Plays the melody into an instance with the transport running. Gives the notes that came out, by absolute frame.
pub fn play(instance: &mut Instance, with_melody: bool, block: usize) -> (Vec<NoteOut>, Vec<Vec<f32>>) {
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
pub fn rest(instance: &mut Instance, events: &[Input]) {
    let mut silence = [vec![0.0; BLOCK], vec![0.0; BLOCK]];
    instance.block(BLOCK, &mut silence, PORTS, events, place(0, false)).expect("process");
    sleep(Duration::from_millis(10));
    instance.idle();
}

/// Moves a switch on and off again, as a control surface does.
pub fn press(instance: &mut Instance, ids: &BTreeMap<String, u32>, name: &str) {
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

/// The project that the plugin would save.
pub fn session(instance: &mut Instance) -> serde_json::Value {
    let bytes = instance.save().expect("state");
    let start = bytes.iter().position(|&b| b == b'{').expect("the state is JSON");
    let saved: Saved = serde_json::from_slice(&bytes[start..]).expect("the state is JSON");
    serde_json::from_str(&saved.fields["session"]).expect("the session is JSON")
}

/// Asks for takes and waits until three of four parts each are on offer: the worker loads the runtime and the models, and
/// draws. The ledger tells when they are on offer.
pub fn ask_for_takes(instance: &mut Instance, ids: &BTreeMap<String, u32>) {
    press(instance, ids, "Ask for Takes");
    let started = Instant::now();
    while session(instance)["ledger"]["entries"].as_array().is_none_or(|e| e.len() < 12) {
        assert!(started.elapsed() < Duration::from_secs(120), "no takes: {}", session(instance));
        rest(instance, &[]);
    }
}

/// A project with accepted parts in it, made by the plugin itself.
pub fn accepted_state(bundle: &Bundle) -> Vec<u8> {
    let mut instance = bundle.instance("org.continuo.continuo").expect("instance");
    instance.start(RATE, BLOCK as u32).expect("activation");
    let ids = instance.params();
    play(&mut instance, true, BLOCK);
    ask_for_takes(&mut instance, &ids);
    press(&mut instance, &ids, "Accept Take");
    instance.save().expect("state")
}
