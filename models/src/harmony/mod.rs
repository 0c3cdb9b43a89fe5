//! Chords for a melody, by the trained `harmony` model.
//!
//! The network (see `models/harmony/model.py`) scores every chord on every beat; the [`crf`] joins the beats. The first
//! harmony is the likeliest one, further ones are draws that differ from those before. Chords the human has fixed are
//! clamped, so that the chords around them know of them, and come back exactly as they were.

pub mod crf;
pub mod features;

use crate::contract::Contract;
use crate::error::ModelError;
use crate::runtime::{Runtime, Session, TensorRef};
use continuo_core::{BarRange, Chord, ChordSpan, Key, MeterMap, ModelRef, Note, PitchClass, Quality, Rng, Tick, Ticks};
use crf::Chain;
use features::{Beat, FEATURE_VERSION, PC_CHANNELS, SCALARS, Wishes};
use std::path::Path;

const QUALITIES: usize = Quality::ALL.len();
/// Number of the state "no chord"; chord states are root * 10 + quality.
const NO_CHORD: usize = 12 * QUALITIES;
const STATES: usize = NO_CHORD + 1;
/// Words of the qualities in the contract, in the order of [`Quality::ALL`].
const QUALITY_WORDS: [&str; QUALITIES] = ["maj", "min", "7", "m7", "maj7", "dim", "dim7", "m7b5", "aug", "sus4"];
/// How much better than the root another bass note must score: inversions in the training works come from moving bass
/// lines, which our bass part makes by itself.
const ROOT_BIAS: f64 = 1.5;
/// Draws tried for a harmony unlike the ones before.
const TRIES: usize = 12;

/// What to harmonise.
#[derive(Clone, Copy, Debug)]
pub struct HarmonyInput<'a> {
    /// Melody, sorted by onset.
    pub melody: &'a [Note],
    /// Metre.
    pub meters: &'a MeterMap,
    /// Bars wanted.
    pub bars: BarRange,
    /// Key, when known.
    pub key: Option<Key>,
    /// Chords that must stay; sorted, not overlapping.
    pub locked: &'a [ChordSpan],
    /// Chord changes per bar to aim for; `None` leaves the model's usual one.
    pub rate: Option<f32>,
    /// The last bar ends a phrase or the song.
    pub ends: bool,
}

/// One harmonisation.
#[derive(Clone, Debug, PartialEq)]
pub struct Harmony {
    /// Chords that fill the bars without a gap, each with the model's probability (1 where locked).
    pub spans: Vec<ChordSpan>,
    /// The model's probability of the chosen chord on each beat.
    pub probabilities: Vec<f32>,
}

/// The harmony model, ready to run.
#[derive(Debug)]
pub struct Harmonist {
    session: Session,
    reference: ModelRef,
    rate: f64,
    colour: f64,
}

impl Harmonist {
    /// Opens the model in `dir` (the folder with its `contract.toml`).
    ///
    /// # Errors
    /// When a file is missing, damaged or of another version, see [`ModelError`].
    pub fn load(runtime: &Runtime, dir: &Path) -> Result<Harmonist, ModelError> {
        let contract = Contract::load(dir)?;
        contract.expect("harmony", FEATURE_VERSION)?;
        let words: Vec<String> = contract
            .params
            .get("qualities")
            .and_then(|v| v.as_array())
            .map(|a| a.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
            .unwrap_or_default();
        if words != QUALITY_WORDS {
            return Err(contract.mismatch("the list of chord qualities", QUALITY_WORDS.join(" "), words.join(" ")));
        }
        Ok(Harmonist {
            session: contract.open(runtime, 0)?,
            reference: contract.model_ref(),
            rate: contract.number("rate")?,
            colour: contract.number("colour")?,
        })
    }

    /// The model as the record names it.
    pub fn model_ref(&self) -> &ModelRef {
        &self.reference
    }

    /// Up to `n` harmonies that differ from each other, the likeliest first. `adventure` (0 to 1) asks for more coloured
    /// chords and flattens the draws. An empty range gives harmonies without chords. The same arguments give the same chords.
    ///
    /// # Errors
    /// When the runtime fails or its answer has the wrong shape.
    pub fn harmonise(
        &mut self,
        input: &HarmonyInput,
        adventure: f32,
        seed: u64,
        n: usize,
    ) -> Result<Vec<Harmony>, ModelError> {
        let adventure = if adventure.is_finite() { f64::from(adventure.clamp(0.0, 1.0)) } else { 0.3 };
        let (bars, beats) = features::bars_and_beats(input.meters, input.bars);
        if beats.is_empty() {
            return Ok(vec![Harmony { spans: Vec::new(), probabilities: Vec::new() }; n.min(1)]);
        }
        let rate = input.rate.filter(|r| r.is_finite()).map_or(self.rate, |r| f64::from(r.clamp(0.1, 8.0)));
        let colour = (self.colour + 0.6 * (adventure - 0.3)).clamp(0.0, 0.8);
        let wishes = Wishes { key: input.key, rate_and_colour: Some((rate, colour)), ends: input.ends };
        let found = features::beat_features(input.melody, &beats, &bars, wishes);
        let outputs = self.session.run(&[
            ("pcs", TensorRef::F32(&[1, 12, PC_CHANNELS, beats.len()], &found.pcs)),
            ("scalars", TensorRef::F32(&[1, SCALARS, beats.len()], &found.scalars)),
        ])?;
        let wrong = || ModelError::Inference { model: "harmony".into(), why: "an output has the wrong shape".into() };
        let floats: Vec<&[f32]> = outputs.iter().filter_map(|t| t.f32()).collect();
        let [emissions, stay, bass, transitions, table] = floats[..] else { return Err(wrong()) };
        if bass.len() != beats.len() * 12 || table.len() != QUALITIES * 12 {
            return Err(wrong());
        }
        let classes = features::transition_classes(&beats);
        let mut chain = Chain::new(STATES, emissions, stay, transitions, &classes).ok_or_else(wrong)?;
        rule(&mut chain, &beats, input.locked);
        let marginals = chain.marginals();
        let filtered = chain.filter(0.5 + adventure);
        let mut rng = Rng::new(seed, 0x4841_524d);
        let mut paths: Vec<Vec<usize>> = Vec::with_capacity(n);
        while paths.len() < n {
            let mut path = if paths.is_empty() { chain.best() } else { chain.sample(&filtered, || rng.uniform()) };
            let mut tries = 0;
            while paths.contains(&path) && tries < TRIES {
                path = chain.sample(&filtered, || rng.uniform());
                tries += 1;
            }
            if paths.contains(&path) {
                break;
            }
            paths.push(path);
        }
        Ok(paths
            .iter()
            .map(|path| {
                let probabilities: Vec<f32> =
                    path.iter().enumerate().map(|(t, &s)| marginals[t * STATES + s] as f32).collect();
                let free = spans_of(path, &beats, &probabilities, bass, table);
                Harmony { spans: splice(&free, input.locked, input.bars.span(input.meters)), probabilities }
            })
            .collect())
    }
}

/// Rules of the decoder: a chord on every beat, and locked ones where they are.
fn rule(chain: &mut Chain, beats: &[Beat], locked: &[ChordSpan]) {
    for (t, beat) in beats.iter().enumerate() {
        chain.forbid(t, NO_CHORD);
        let overlap = |s: &ChordSpan| s.end().0.min(beat.start + beat.len) - s.at.0.max(beat.start);
        if let Some(span) = locked.iter().max_by_key(|s| overlap(s)).filter(|s| 2 * overlap(s) > beat.len) {
            chain.clamp(t, span.chord.map_or(NO_CHORD, |c| c.root.index() * QUALITIES + c.quality.index()));
        }
    }
}

fn chord_of(state: usize) -> Option<Chord> {
    (state < NO_CHORD).then(|| Chord::new(PitchClass::of((state / QUALITIES) as i32), Quality::ALL[state % QUALITIES]))
}

/// Equal beats joined to spans, each with the bass its beats score highest.
fn spans_of(path: &[usize], beats: &[Beat], probabilities: &[f32], bass: &[f32], table: &[f32]) -> Vec<ChordSpan> {
    let mut spans = Vec::new();
    let mut from = 0;
    for t in 1..=path.len() {
        if t < path.len() && path[t] == path[from] {
            continue;
        }
        let run = from..t;
        let count = run.len() as f64;
        let chord = chord_of(path[from]).map(|chord| {
            let score = |pc: PitchClass| {
                let by_chord = table[chord.quality.index() * 12 + chord.root.to(pc) as usize];
                let by_beat: f64 = run.clone().map(|i| f64::from(bass[i * 12 + pc.index()])).sum();
                f64::from(by_chord) + by_beat / count
            };
            let root = score(chord.root) + ROOT_BIAS;
            let best = chord.tones().skip(1).fold((chord.root, root), |best, pc| {
                let s = score(pc);
                if s > best.1 { (pc, s) } else { best }
            });
            Chord { bass: best.0, ..chord }
        });
        let (first, last) = (beats[from], beats[t - 1]);
        spans.push(ChordSpan {
            at: Tick(first.start),
            len: Ticks(last.start + last.len - first.start),
            chord,
            probability: run.map(|i| probabilities[i]).sum::<f32>() / count as f32,
        });
        from = t;
    }
    spans
}

/// The spans with the locked ones laid over them; equal neighbours are joined unless one is locked.
fn splice(free: &[ChordSpan], locked: &[ChordSpan], (start, end): (Tick, Tick)) -> Vec<ChordSpan> {
    let mut out: Vec<ChordSpan> = Vec::new();
    let cut = |span: &ChordSpan, from: Tick, to: Tick| {
        let (at, stop) = (span.at.max(from), span.end().min(to));
        (stop > at).then(|| ChordSpan { at, len: stop - at, ..*span })
    };
    let mut at = start;
    for lock in locked.iter().filter_map(|l| cut(l, start, end)) {
        out.extend(free.iter().filter_map(|s| cut(s, at, lock.at)));
        out.push(ChordSpan { probability: 1.0, ..lock });
        at = lock.end().max(at);
    }
    out.extend(free.iter().filter_map(|s| cut(s, at, end)));
    out
}

#[cfg(test)]
mod tests;
