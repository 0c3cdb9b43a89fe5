//! The accompanist as shipped: its golden, the hard rules, and that it follows the chords.

mod common;

use continuo_core::chord::chord_at;
use continuo_core::{BarRange, Chord, ChordSpan, Controls, Meter, MeterMap, Note, Part, Rng, Tick, Ticks};
use continuo_models::accompanist::{Accompanist, PlayInput};
use continuo_models::{Contract, ModelError, Runtime, TensorRef};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const PARTS: [Part; 3] = [Part::Keys, Part::Bass, Part::Strings];

fn runtime() -> Arc<Runtime> {
    let library = common::library();
    Runtime::load(&library).unwrap()
}

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("accompanist")
}

fn golden(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(dir().join("goldens").join(name)).unwrap()).unwrap()
}

fn floats(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

fn near(found: &[f32], expected: &Value, what: &str) {
    let expected = floats(expected);
    assert_eq!(found.len(), expected.len(), "{what}");
    for (a, b) in found.iter().zip(&expected) {
        assert!((a - b).abs() < 2e-3, "{what}: {a} but the golden says {b}");
    }
}

#[test]
fn the_network_gives_its_golden_step_by_step() {
    let contract = Contract::load(&dir()).unwrap();
    let runtime = runtime();
    let mut step = contract.open(&runtime, 0).unwrap();
    let mut pitch = contract.open(&runtime, 1).unwrap();
    let mut length = contract.open(&runtime, 2).unwrap();
    let vectors = floats(&golden("features.json")[0]["vectors"]);
    let width = contract.number("bar_width").unwrap() as usize;
    let number = |name| contract.number(name).unwrap() as usize;
    let empty = [number("layers"), 2, number("heads"), 0, number("head_width")];
    let (mut cache, mut bars) = (None, 0);
    for (i, row) in golden("network.json").as_array().unwrap().iter().enumerate() {
        let note: Vec<i64> =
            row["note"].as_array().map_or(vec![0; 5], |n| n.iter().map(|v| v.as_i64().unwrap()).collect());
        let is_bar = row["note"].is_null();
        let bar = if is_bar { vectors[bars * width..][..width].to_vec() } else { vec![0.0; width] };
        bars += usize::from(is_bar);
        let kept = step
            .run_kept(&[
                ("bar", TensorRef::F32(&[1, width], &bar)),
                ("is_bar", TensorRef::F32(&[1, 1], &[f32::from(u8::from(is_bar))])),
                ("note", TensorRef::I64(&[1, 5], &note)),
                ("position", TensorRef::I64(&[1], &[i as i64])),
                ("cache", cache.as_ref().map_or(TensorRef::F32(&empty, &[]), TensorRef::Kept)),
            ])
            .unwrap();
        let [hidden, onset, new] = <[_; 3]>::try_from(kept).unwrap();
        near(onset.f32().unwrap(), &row["onset"], "onset");
        let hidden = hidden.f32().unwrap().to_vec();
        let scores = pitch
            .run(&[
                ("hidden", TensorRef::F32(&[1, hidden.len()], &hidden)),
                ("onset", TensorRef::I64(&[1], &[12])),
                ("condition", TensorRef::F32(&[1, 52], &vectors[52..104])),
                ("root", TensorRef::I64(&[1], &[5])),
                ("previous", TensorRef::I64(&[1], &[40])),
            ])
            .unwrap();
        near(scores[0].f32().unwrap(), &row["pitch"], "pitch");
        let scores = length
            .run(&[
                ("hidden", TensorRef::F32(&[1, hidden.len()], &hidden)),
                ("onset", TensorRef::I64(&[1], &[12])),
                ("pitch", TensorRef::I64(&[1], &[44])),
                ("degree", TensorRef::I64(&[1], &[3])),
            ])
            .unwrap();
        near(scores[0].f32().unwrap(), &row["duration"], "duration");
        near(scores[1].f32().unwrap(), &row["velocity"], "velocity");
        cache = Some(new);
    }
}

/// A random song: bars of one metre, a melody in a key, a chord or two in each bar.
struct Scene {
    meters: MeterMap,
    melody: Vec<Note>,
    chords: Vec<ChordSpan>,
    bars: BarRange,
}

fn scene(rng: &mut Rng, bars: u32) -> Scene {
    let (num, den) = [(2, 4), (3, 4), (4, 4), (5, 4), (6, 8), (7, 8), (12, 8), (2, 2)][rng.below(8)];
    let meter = Meter::new(num, den).unwrap();
    let upbeat = if rng.chance(0.3) { Ticks(480) } else { Ticks(0) };
    let meters = MeterMap::new(&[(Tick(0), meter)], upbeat);
    let range = BarRange { from: rng.below(3) as u32, to: 0 };
    let range = BarRange { to: range.from + bars, ..range };
    let (start, end) = range.span(&meters);
    let key = rng.below(12) as u8;
    let mut melody = Vec::new();
    let mut at = 0;
    while at < end.0 {
        let len = [480, 960, 1440][rng.below(3)];
        let pitch = 60 + key + [0, 2, 4, 5, 7, 9, 11][rng.below(7)];
        if rng.chance(0.85) {
            melody.push(Note { at: Tick(at), len: Ticks(len), pitch, velocity: 90 });
        }
        at += len;
    }
    let symbols = ["C", "Am", "F", "G7", "Dm7", "G/B", "C/E", "Bdim", "E7", "Fmaj7"];
    let mut chords: Vec<ChordSpan> = Vec::new();
    for bar in range.from..range.to {
        for (at, len) in meters.beats_of(bar).into_iter().step_by(2) {
            let chord = Chord::parse(symbols[rng.below(symbols.len())]).unwrap().unwrap();
            let up = |p: continuo_core::PitchClass| p.up(i32::from(key));
            let chord = Chord { root: up(chord.root), bass: up(chord.bass), ..chord };
            match chords.last_mut() {
                Some(last) if last.chord == Some(chord) => last.len = at + len - last.at,
                Some(last) => {
                    last.len = at - last.at;
                    chords.push(ChordSpan { at, len, chord: Some(chord), probability: 1.0 });
                }
                None => chords.push(ChordSpan { at: start, len, chord: Some(chord), probability: 1.0 }),
            }
        }
    }
    if let Some(last) = chords.last_mut() {
        last.len = end - last.at;
    }
    Scene { meters, melody, chords, bars: range }
}

fn input<'a>(scene: &'a Scene, part: Part, controls: Controls) -> PlayInput<'a> {
    PlayInput {
        melody: &scene.melody,
        chords: &scene.chords,
        meters: &scene.meters,
        bars: scene.bars,
        part,
        controls,
        register: None,
        before: &[],
        ends: true,
    }
}

fn obeys(notes: &[Note], scene: &Scene, part: Part) {
    let (start, end) = scene.bars.span(&scene.meters);
    for (i, n) in notes.iter().enumerate() {
        assert!(n.at >= start && n.end() <= end && n.len.0 > 0, "{part}: {n:?} outside {start:?}..{end:?}");
        assert!(part.range().contains(&n.pitch) && (1..=127).contains(&n.velocity), "{part}: {n:?}");
        let clash = notes[i + 1..].iter().any(|m| m.pitch == n.pitch && m.at < n.end());
        assert!(!clash, "{part}: {n:?} overlaps an equal pitch");
        let next = notes.get(i + 1);
        assert!(part != Part::Bass || next.is_none_or(|m| m.at >= n.end()), "the bass holds {n:?} into {next:?}");
    }
}

#[test]
fn hard_rules_hold_and_the_bass_plays_every_change() {
    let mut model = Accompanist::load(&runtime(), &dir()).unwrap();
    let never = AtomicBool::new(false);
    let mut rng = Rng::new(11, 0);
    let (mut changes, mut played, mut strong, mut fitting) = (0, 0, 0, 0);
    for round in 0..24 {
        let scene = scene(&mut rng, 3);
        let controls = Controls {
            density: rng.uniform() as f32,
            adventure: rng.uniform() as f32,
            style: continuo_core::Style::ALL[rng.below(8)],
        };
        let part = PARTS[round % 3];
        let notes = model.play(&input(&scene, part, controls), round as u64, &never).unwrap();
        obeys(&notes, &scene, part);
        if part == Part::Bass {
            for span in &scene.chords {
                changes += 1;
                let bass = span.chord.unwrap().bass.index();
                played += usize::from(notes.iter().any(|n| n.at == span.at && usize::from(n.pitch % 12) == bass));
            }
        }
        for bar in scene.bars.from..scene.bars.to {
            let at = scene.meters.bar_start(bar);
            let chord = chord_at(&scene.chords, at).unwrap().chord.unwrap();
            for n in notes.iter().filter(|n| n.at == at) {
                strong += 1;
                fitting += usize::from(chord.contains(continuo_core::PitchClass::of(i32::from(n.pitch))));
            }
        }
    }
    assert!(played * 100 >= changes * 95, "the bass plays {played} of {changes} changes");
    assert!(fitting * 100 >= strong * 85, "{fitting} of {strong} notes on downbeats are in the chord");
    assert!(strong > 40);
}

#[test]
fn the_same_seed_gives_the_same_notes_over_a_long_run_and_another_seed_others() {
    let mut model = Accompanist::load(&runtime(), &dir()).unwrap();
    let never = AtomicBool::new(false);
    // Long enough for the cache to be begun anew.
    let scene = scene(&mut Rng::new(3, 0), 24);
    let dense = Controls { density: 0.9, ..Controls::default() };
    let mut bars = Vec::new();
    let a = model.play_bars(&input(&scene, Part::Keys, dense), 5, &never, &mut |bar, _| bars.push(bar)).unwrap();
    obeys(&a, &scene, Part::Keys);
    assert!(a.len() > 176, "{} notes do not fill the cache", a.len());
    assert_eq!(bars, (scene.bars.from..scene.bars.to).collect::<Vec<_>>());
    assert_eq!(model.play(&input(&scene, Part::Keys, dense), 5, &never).unwrap(), a);
    assert_ne!(model.play(&input(&scene, Part::Keys, dense), 6, &never).unwrap(), a);
}

#[test]
fn density_means_more_notes() {
    let mut model = Accompanist::load(&runtime(), &dir()).unwrap();
    let never = AtomicBool::new(false);
    let mut count = |density: f32| -> usize {
        let mut rng = Rng::new(8, 0);
        (0..4)
            .map(|seed| {
                let scene = scene(&mut rng, 4);
                let controls = Controls { density, ..Controls::default() };
                model.play(&input(&scene, Part::Keys, controls), seed, &never).unwrap().len()
            })
            .sum()
    };
    let (few, many) = (count(0.1), count(0.9));
    assert!(many as f64 > 1.5 * few as f64, "{few} notes at 0.1, {many} at 0.9");
}

#[test]
fn it_goes_on_from_what_was_played_and_stops_when_told() {
    let mut model = Accompanist::load(&runtime(), &dir()).unwrap();
    let scene = scene(&mut Rng::new(21, 0), 4);
    let never = AtomicBool::new(false);
    let whole = input(&scene, Part::Strings, Controls::default());
    let before = model.play(&whole, 1, &never).unwrap();
    let later = BarRange { from: scene.bars.to, to: scene.bars.to + 2 };
    let next = PlayInput { bars: later, before: &before, ..whole };
    let notes = model.play(&next, 1, &never).unwrap();
    let (start, end) = later.span(&scene.meters);
    assert!(notes.iter().all(|n| n.at >= start && n.end() <= end));
    let cancelled = AtomicBool::new(true);
    assert_eq!(model.play(&whole, 1, &cancelled), Err(ModelError::Cancelled));
    assert!(model.play(&PlayInput { part: Part::Drums, ..whole }, 1, &never).is_err());
    let empty = PlayInput { bars: BarRange { from: 2, to: 2 }, ..whole };
    assert!(model.play(&empty, 1, &never).unwrap().is_empty());
    let bare = PlayInput { melody: &[], chords: &[], ..whole };
    assert!(model.play(&bare, 1, &never).is_ok());
}
