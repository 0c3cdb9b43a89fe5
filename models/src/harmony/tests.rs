//! The goldens of `models/harmony/goldens.py`, and the decoder's rules.

use super::*;
use continuo_core::{Meter, Mode};
use serde::Deserialize;

#[derive(Deserialize)]
struct FeatureCase {
    num: u8,
    den: u8,
    bars: u32,
    pickup: i64,
    key: Option<(i32, bool)>,
    wishes: Option<(f64, f64)>,
    ends: bool,
    melody: Vec<(i64, i64, u8)>,
    classes: Vec<usize>,
    pcs: Vec<f32>,
    scalars: Vec<f32>,
}

fn near(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() < 1e-5, "{what}[{i}]: {a} but the golden says {b}");
    }
}

#[test]
fn features_match_the_training_side() {
    let cases: Vec<FeatureCase> = serde_json::from_str(include_str!("../../harmony/goldens/features.json")).unwrap();
    assert!(cases.len() >= 5);
    for case in cases {
        let meter = Meter::new(case.num, case.den).unwrap();
        let meters = MeterMap::new(&[(Tick(0), meter)], Ticks(case.pickup));
        let (bars, beats) = features::bars_and_beats(&meters, BarRange { from: 0, to: case.bars });
        assert_eq!(features::transition_classes(&beats), case.classes, "{}/{}", case.num, case.den);
        let melody: Vec<Note> = case
            .melody
            .iter()
            .map(|&(at, len, pitch)| Note { at: Tick(at), len: Ticks(len), pitch, velocity: 80 })
            .collect();
        let key = case.key.map(|(tonic, minor)| Key {
            tonic: PitchClass::of(tonic),
            mode: if minor { Mode::Minor } else { Mode::Major },
        });
        let wishes = Wishes { key, rate_and_colour: case.wishes, ends: case.ends };
        let found = features::beat_features(&melody, &beats, &bars, wishes);
        near(&found.pcs, &case.pcs, "pcs");
        near(&found.scalars, &case.scalars, "scalars");
    }
}

#[derive(Deserialize)]
struct Draw {
    uniforms: Vec<f64>,
    path: Vec<usize>,
}

#[derive(Deserialize)]
struct DecodeCase {
    states: usize,
    emissions: Vec<f32>,
    stay: Vec<f32>,
    transitions: Vec<f32>,
    classes: Vec<usize>,
    best: Vec<usize>,
    marginals: Vec<f64>,
    temperature: f64,
    samples: Vec<Draw>,
}

#[test]
fn decisions_match_the_training_side() {
    let cases: Vec<DecodeCase> = serde_json::from_str(include_str!("../../harmony/goldens/decode.json")).unwrap();
    for case in cases {
        let chain = Chain::new(case.states, &case.emissions, &case.stay, &case.transitions, &case.classes).unwrap();
        assert_eq!(chain.best(), case.best);
        for (a, b) in chain.marginals().iter().zip(&case.marginals) {
            assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
        let filtered = chain.filter(case.temperature);
        for draw in case.samples {
            let mut uniforms = draw.uniforms.into_iter();
            assert_eq!(chain.sample(&filtered, || uniforms.next().unwrap()), draw.path);
        }
    }
}

#[test]
fn locked_chords_come_back_as_they_were() {
    let chord = |symbol| Chord::parse(symbol).unwrap();
    let span =
        |at, len, symbol, probability| ChordSpan { at: Tick(at), len: Ticks(len), chord: chord(symbol), probability };
    let free = [span(0, 960, "C", 0.5), span(960, 2880, "F", 0.6)];
    let locked = [span(480, 960, "G7/B", 0.2)];
    let found = splice(&free, &locked, (Tick(0), Tick(3840)));
    assert_eq!(found, [span(0, 480, "C", 0.5), span(480, 960, "G7/B", 1.0), span(1440, 2400, "F", 0.6)]);
    // A lock that sticks out of the range is cut at its edge.
    let found = splice(&free, &[span(-960, 1920, "Am", 1.0)], (Tick(0), Tick(3840)));
    assert_eq!(found, [span(0, 960, "Am", 1.0), span(960, 2880, "F", 0.6)]);
}
