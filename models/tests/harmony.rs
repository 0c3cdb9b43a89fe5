//! The harmony model as shipped: its golden, and what it must do to any melody.

mod common;

use continuo_core::{BarRange, Chord, ChordSpan, Meter, MeterMap, Note, Tick, Ticks};
use continuo_models::harmony::{Harmonist, HarmonyInput};
use continuo_models::{Contract, Runtime, TensorRef};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn runtime() -> Arc<Runtime> {
    let library = common::library();
    Runtime::load(&library).unwrap()
}

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("harmony")
}

fn golden(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(dir().join("goldens").join(name)).unwrap()).unwrap()
}

fn floats(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

#[test]
fn the_network_gives_its_golden() {
    let contract = Contract::load(&dir()).unwrap();
    let mut session = contract.open(&runtime(), 0).unwrap();
    let case = &golden("features.json")[0];
    let beats = case["classes"].as_array().unwrap().len();
    let (pcs, scalars) = (floats(&case["pcs"]), floats(&case["scalars"]));
    let outputs = session
        .run(&[
            ("pcs", TensorRef::F32(&[1, 12, 7, beats], &pcs)),
            ("scalars", TensorRef::F32(&[1, 17, beats], &scalars)),
        ])
        .unwrap();
    let expected = golden("network.json");
    for (output, name) in outputs.iter().zip(["emissions", "stay", "bass", "transitions_97", "bass_by_chord"]) {
        let want = floats(&expected[name]);
        let found = output.f32().unwrap();
        let stride = if name == "transitions_97" { 97 } else { 1 };
        assert_eq!(found.len().div_ceil(stride), want.len(), "{name}");
        for (a, b) in found.iter().step_by(stride).zip(&want) {
            assert!((a - b).abs() < 2e-3, "{name}: {a} but the golden says {b}");
        }
    }
}

/// The opening of the tune in Beethoven's opus 125, fourth movement, in C: E E F G G F E D C C D E E D D, and its answer.
fn tune() -> Vec<Note> {
    let quarters = [64, 64, 65, 67, 67, 65, 64, 62, 60, 60, 62, 64];
    let mut notes = Vec::new();
    for half in 0..2 {
        let start = half * 16 * 960;
        let note = |at: i64, len: i64, pitch: u8| Note { at: Tick(start + at), len: Ticks(len), pitch, velocity: 90 };
        notes.extend(quarters.iter().enumerate().map(|(i, &p)| note(i as i64 * 960, 960, p)));
        let (a, b) = if half == 0 { (64, 62) } else { (62, 60) };
        notes.extend([note(12 * 960, 1440, a), note(12 * 960 + 1440, 480, b), note(14 * 960, 1920, b)]);
    }
    notes
}

fn input<'a>(melody: &'a [Note], meters: &'a MeterMap, locked: &'a [ChordSpan]) -> HarmonyInput<'a> {
    HarmonyInput { melody, meters, bars: BarRange { from: 0, to: 8 }, key: None, locked, rate: None, ends: true }
}

fn filled(spans: &[ChordSpan], from: i64, to: i64) {
    let mut at = from;
    for span in spans {
        assert_eq!(span.at, Tick(at));
        assert!(span.len.0 > 0 && (0.0..=1.0).contains(&span.probability));
        at = span.end().0;
    }
    assert_eq!(at, to);
}

#[test]
fn a_plain_tune_gets_its_plain_chords() {
    let mut model = Harmonist::load(&runtime(), &dir()).unwrap();
    let (melody, meters) = (tune(), MeterMap::default());
    let found = model.harmonise(&input(&melody, &meters, &[]), 0.2, 7, 3).unwrap();
    assert_eq!(found.len(), 3);
    for harmony in &found {
        filled(&harmony.spans, 0, 8 * 3840);
    }
    assert!(found[0].spans != found[1].spans && found[1].spans != found[2].spans);
    // The likeliest one begins and ends at home and has a G chord in the bar before the end.
    let at = |tick| continuo_core::chord::chord_at(&found[0].spans, Tick(tick)).unwrap().chord.unwrap();
    assert_eq!(at(0).root.index(), 0, "{}", at(0));
    assert_eq!(at(31 * 960 - 1).root.index(), 0, "{}", at(31 * 960 - 1));
    let before: Vec<_> = (0..8).map(|i| at(26 * 960 + i * 480).root.index()).collect();
    assert!(before.contains(&7), "{before:?}");
    assert_eq!(
        model.harmonise(&input(&melody, &meters, &[]), 0.2, 7, 3).unwrap(),
        found,
        "the same seed, the same chords"
    );
}

#[test]
fn a_transposed_tune_gets_the_same_chords_transposed() {
    let mut model = Harmonist::load(&runtime(), &dir()).unwrap();
    let meters = MeterMap::default();
    let plain = model.harmonise(&input(&tune(), &meters, &[]), 0.2, 1, 1).unwrap();
    let roots = |spans: &[ChordSpan], shift: i32| -> Vec<_> {
        spans.iter().map(|s| (s.at, s.chord.map(|c| (c.root.up(shift), c.quality)))).collect()
    };
    // The melody's register is an input too, so only the circle of pitch classes is free of it: compare by octave-safe shifts.
    let mut agree = 0;
    for shift in [-5, 2, 6] {
        let moved: Vec<Note> =
            tune().iter().map(|n| Note { pitch: (i32::from(n.pitch) + shift) as u8, ..*n }).collect();
        let found = model.harmonise(&input(&moved, &meters, &[]), 0.2, 1, 1).unwrap();
        agree += usize::from(roots(&found[0].spans, 0) == roots(&plain[0].spans, shift));
    }
    assert!(agree >= 2, "{agree} of 3 transpositions gave the same chords");
}

#[test]
fn locked_chords_stay_and_odd_requests_are_answered() {
    let mut model = Harmonist::load(&runtime(), &dir()).unwrap();
    let lock = ChordSpan { at: Tick(3840), len: Ticks(3840), chord: Chord::parse("Ab7/C").unwrap(), probability: 1.0 };
    let meters = MeterMap::default();
    for harmony in model.harmonise(&input(&tune(), &meters, &[lock]), 1.0, 3, 4).unwrap() {
        filled(&harmony.spans, 0, 8 * 3840);
        assert!(harmony.spans.contains(&lock), "{:?}", harmony.spans);
    }
    // No melody, no bars, odd metre: no panic, and the bars are filled.
    let odd = MeterMap::constant(Meter::new(7, 8).unwrap());
    let silent = model.harmonise(&input(&[], &odd, &[]), f32::NAN, 3, 1).unwrap();
    filled(&silent[0].spans, 0, 8 * 3360);
    let none = HarmonyInput { bars: BarRange { from: 4, to: 4 }, ..input(&[], &odd, &[]) };
    assert!(model.harmonise(&none, 0.0, 0, 2).unwrap()[0].spans.is_empty());
}
