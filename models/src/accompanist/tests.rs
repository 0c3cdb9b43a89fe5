//! The goldens of `models/accompanist/goldens.py` that need no runtime.

use super::*;
use continuo_core::{Meter, PitchClass, Quality};
use serde::Deserialize;

fn span_list(chords: &[(i64, String)], end: i64) -> Vec<ChordSpan> {
    let ends = chords.iter().skip(1).map(|c| c.0).chain([end]);
    chords
        .iter()
        .zip(ends)
        .map(|((at, symbol), end)| ChordSpan {
            at: Tick(*at),
            len: Ticks(end - at),
            chord: Chord::parse(symbol).unwrap(),
            probability: 1.0,
        })
        .collect()
}

#[derive(Deserialize)]
struct FeatureCase {
    num: u8,
    den: u8,
    bars: u32,
    part: usize,
    source: Option<usize>,
    density: Option<f32>,
    register: Option<f32>,
    melody: Vec<(i64, i64, u8)>,
    chords: Vec<(i64, String)>,
    vectors: Vec<f32>,
}

#[test]
fn bar_vectors_match_the_training_side() {
    let cases: Vec<FeatureCase> =
        serde_json::from_str(include_str!("../../accompanist/goldens/features.json")).unwrap();
    assert!(cases.len() >= 5);
    for case in cases {
        let meters = MeterMap::constant(Meter::new(case.num, case.den).unwrap());
        let bars = BarRange { from: 0, to: case.bars };
        let chords = span_list(&case.chords, bars.span(&meters).1.0);
        let melody: Vec<Note> = case
            .melody
            .iter()
            .map(|&(at, len, pitch)| Note { at: Tick(at), len: Ticks(len), pitch, velocity: 80 })
            .collect();
        let cells = features::cells(&features::skyline(&melody), &chords, &meters, bars);
        assert_eq!(cells.len(), case.bars as usize);
        for (i, (cell, expected)) in cells.iter().zip(case.vectors.chunks(features::BAR_WIDTH)).enumerate() {
            let request = Request {
                part: case.part,
                source: case.source,
                density: case.density,
                register: case.register,
                first: i == 0,
                last: i + 1 == cells.len(),
            };
            for (k, (a, b)) in features::bar_vector(cell, &request).iter().zip(expected).enumerate() {
                assert!((a - b).abs() < 1e-5, "{}/{} bar {i} number {k}: {a}, golden {b}", case.num, case.den);
            }
        }
    }
}

#[derive(Deserialize)]
struct Decision {
    part: String,
    grid: usize,
    symbols: Vec<String>,
    before_state: (i32, i32),
    onset: Option<usize>,
    pitch: u8,
    together: usize,
    notes: usize,
    earliest: usize,
    changes: Vec<usize>,
    scores: Vec<f32>,
    pitch_scores: Vec<f32>,
    uniforms: (f64, f64),
    temperature: f64,
    nucleus: f64,
    drawn_onset: Option<usize>,
    at: usize,
    begins: bool,
    on_beat: bool,
    drawn_pitch: Option<usize>,
    allowed_onsets: usize,
    allowed_pitches: usize,
}

fn allowed(scores: &[f32]) -> usize {
    scores.iter().filter(|s| s.is_finite()).count()
}

#[test]
fn decisions_match_the_training_side() {
    let cases: Vec<Decision> = serde_json::from_str(include_str!("../../accompanist/goldens/decode.json")).unwrap();
    assert!(cases.len() >= 40);
    for (number, case) in cases.into_iter().enumerate() {
        let part: Part = case.part.parse().unwrap();
        let mut chords = [None; features::SLOTS];
        for (slot, symbol) in chords.iter_mut().zip(&case.symbols) {
            *slot = Chord::parse(symbol).unwrap();
        }
        let cell = Cell {
            bar: 0,
            start: 0,
            from: 0,
            end: case.grid as i64 * GRID_TICKS,
            grid: case.grid,
            meter: Meter::COMMON,
            chords,
            slots: Vec::new(),
            next: None,
        };
        let (state, bass) = case.before_state;
        let before = (state < 120).then(|| Chord {
            root: PitchClass::of(state / 10),
            quality: Quality::ALL[(state % 10) as usize],
            bass: PitchClass::of(bass),
        });
        assert_eq!(decode::changes(&cell, before), case.changes, "case {number}");
        let played = Played { onset: case.onset, pitch: case.pitch, together: case.together, notes: case.notes };
        let mut scores = case.scores;
        decode::mask_onsets(&mut scores, part, &cell, &played, case.earliest, &case.changes);
        assert_eq!(allowed(&scores), case.allowed_onsets, "case {number}");
        let drawn = decode::choose(&scores, case.temperature, case.nucleus, case.uniforms.0);
        assert_eq!(drawn, case.drawn_onset, "case {number}");
        let mut scores = case.pitch_scores;
        decode::mask_pitches(&mut scores, part, &cell, &played, case.at, case.begins, case.on_beat);
        assert_eq!(allowed(&scores), case.allowed_pitches, "case {number}");
        let drawn = decode::choose(&scores, case.temperature, case.nucleus, case.uniforms.1);
        assert_eq!(drawn, case.drawn_pitch, "case {number}");
    }
}
