//! The mastering adviser: features of a mix in, suggested moves out, each with its interval, confidence and evidence.
//!
//! ```text
//! audio --Features::push--> FeatureRow --Mastering::suggest--> Vec<Move> (trained)
//! meters ------------------------------> level_moves ---------> Vec<Move> (computed)
//! ```
//!
//! It is made to be silent when a mix is fine, or unlike anything it was trained on: see `models/mastering/CARD.md` for
//! what it was measured to do and what may not be claimed. Worker threads only; everything allocates.

mod bands;
mod decide;
mod features;
mod level;
mod reason;
mod window;

pub use features::{FEATURE_VERSION, FEATURES, FeatureRow, Features};
pub use level::{Measured, level_moves};

use crate::contract::Contract;
use crate::error::ModelError;
use crate::runtime::{Runtime, Session, TensorRef};
use bands::{BANDS, centre_hz};
use continuo_core::mastering::{CROSSOVERS_HZ, DYN_BANDS, EqShape, Move, MoveKind, MoveUnit, Target};
use continuo_core::{ModelRef, Origin};
use decide::{Amount, EQ_GROUPS, ESTIMATES, Figures, Rules, confidence, interval};
use reason::Reference;
use std::path::Path;
use window::{TONE, WIDTH};

/// Name of the model in its contract.
pub const MODEL: &str = "mastering";

/// Ids of the dynamics moves, low band to high.
const DYNAMICS_IDS: [&str; DYN_BANDS] = ["dynamics.low", "dynamics.body", "dynamics.presence", "dynamics.air"];

/// The model, ready to suggest.
#[derive(Debug)]
pub struct Mastering {
    session: Session,
    rules: Rules,
    origin: Origin,
}

/// Outputs of one run, in the contract's order.
struct Outputs(Vec<Vec<f32>>);

impl Outputs {
    fn figures(&self) -> Figures<'_> {
        Figures { mean: &self.0[0], sigma: &self.0[1], wrong: &self.0[2], distance: self.0[5][0] }
    }

    fn reference(&self) -> Reference<'_> {
        Reference { excess: &self.0[3], rank: &self.0[4] }
    }
}

impl Mastering {
    /// Loads the model in folder `dir` (its `contract.toml` and the files that one names).
    pub fn load(runtime: &Runtime, dir: &Path) -> Result<Mastering, ModelError> {
        let contract = Contract::load(dir)?;
        contract.expect(MODEL, FEATURE_VERSION)?;
        let rules = Rules::from_contract(&contract)?;
        let session = contract.open(runtime, 0)?;
        Ok(Mastering { session, rules, origin: Origin::Trained(contract.model_ref()) })
    }

    /// The model as the record names it.
    pub fn model_ref(&self) -> Option<&ModelRef> {
        if let Origin::Trained(model) = &self.origin { Some(model) } else { None }
    }

    /// Suggestions for the mix that `row` describes, and the computed moves that bring it (as `measured`) to `target`.
    /// Trained moves first: equaliser low to high, width, dynamics, high-pass. Often there is none, and that is meant.
    /// Well under 20 ms.
    pub fn suggest(&mut self, row: &FeatureRow, measured: &Measured, target: &Target) -> Result<Vec<Move>, ModelError> {
        let mut moves = self.trained_moves(row)?;
        moves.extend(level_moves(measured, target));
        Ok(moves)
    }

    /// The trained moves alone.
    pub fn trained_moves(&mut self, row: &FeatureRow) -> Result<Vec<Move>, ModelError> {
        let outputs = self.run(row)?;
        let mut moves = self.equaliser_moves(row, &outputs);
        self.width_moves(row, outputs.figures(), &mut moves);
        self.dynamics_moves(row, outputs.figures(), &mut moves);
        if let Some(amount) = self.rules.rumble(outputs.figures()) {
            let hz = Amount { value: amount.value.round(), low: amount.low.floor(), high: amount.high.ceil() };
            let sure = f64::from((outputs.figures().wrong[3] * 100.0).round()) / 100.0;
            moves.push(self.offer("highpass", MoveKind::HighPass, hz, MoveUnit::Hertz, sure, reason::rumble(row, hz)));
        }
        Ok(moves)
    }

    fn run(&mut self, row: &FeatureRow) -> Result<Outputs, ModelError> {
        let outputs = self.session.run(&[("features", TensorRef::F32(&[1, FEATURES], &row.values))])?;
        let sizes = [ESTIMATES, ESTIMATES, 5, BANDS, BANDS, 1];
        let fail = |why: String| ModelError::Inference { model: MODEL.to_owned(), why };
        let lists: Vec<Vec<f32>> = outputs.iter().filter_map(|t| t.f32().map(<[f32]>::to_vec)).collect();
        if lists.len() != sizes.len() || lists.iter().zip(sizes).any(|(list, size)| list.len() != size) {
            return Err(fail("its outputs have other sizes than the program expects".to_owned()));
        }
        if lists.iter().flatten().any(|v| !v.is_finite()) {
            return Err(fail("it gave a figure that is no number".to_owned()));
        }
        Ok(Outputs(lists))
    }

    fn offer(&self, id: &str, what: MoveKind, a: Amount, unit: MoveUnit, confidence: f64, reason: String) -> Move {
        let (low, high) = (a.low.min(a.value), a.high.max(a.value));
        let origin = self.origin.clone();
        Move { id: id.to_owned(), what, amount: a.value, unit, low, high, confidence, reason, origin }
    }

    /// Equaliser moves: the low shelf takes the chain's first band, the high shelf its last, bells those between.
    fn equaliser_moves(&self, row: &FeatureRow, outputs: &Outputs) -> Vec<Move> {
        let f = outputs.figures();
        let top_hz = centre_hz(row.bands.saturating_sub(1)) * 1.1;
        let gains = self.rules.tone(f, top_hz);
        let last = continuo_core::mastering::EQ_BANDS - 1;
        let mut next = 1;
        let mut moves = Vec::new();
        for (k, (group, gain)) in EQ_GROUPS.iter().zip(gains).enumerate() {
            if gain == 0.0 {
                continue;
            }
            let band = match group.shape {
                EqShape::LowShelf => 0,
                EqShape::HighShelf => last,
                EqShape::Bell => {
                    next += 1;
                    (next - 1).min(last - 1)
                }
            };
            let (low, high) = interval(f, k);
            let (low, high) = ((low * 10.0).round() / 10.0, (high * 10.0).round() / 10.0);
            let what = MoveKind::Eq { band, shape: group.shape, hz: group.hz, q: group.q };
            let reason = reason::equaliser(group, gain, low.min(gain), high.max(gain), outputs.reference());
            let amount = Amount { value: gain, low, high };
            moves.push(self.offer(group.id, what, amount, MoveUnit::Decibels, confidence(f, k, 0), reason));
        }
        moves
    }

    fn width_moves(&self, row: &FeatureRow, f: Figures, moves: &mut Vec<Move>) {
        let [low, high] = self.rules.width(f);
        let below = format!("below {:.0} Hz", CROSSOVERS_HZ[0]);
        let above = format!("above {:.0} Hz", CROSSOVERS_HZ[1]);
        let places = [
            ("width.low", 0, low, 10, below.as_str(), (0.0, CROSSOVERS_HZ[0])),
            ("width.presence", 2, high, 11, above.as_str(), (CROSSOVERS_HZ[1], f64::INFINITY)),
            ("width.air", 3, high, 11, above.as_str(), (CROSSOVERS_HZ[1], f64::INFINITY)),
        ];
        for (id, band, amount, estimate, range, hz) in places {
            let Some(a) = amount.map(hundredths) else { continue };
            let reason = reason::width(row, range, hz, a);
            let sure = confidence(f, estimate, 1);
            moves.push(self.offer(id, MoveKind::Width { band }, a, MoveUnit::Factor, sure, reason));
        }
    }

    fn dynamics_moves(&self, row: &FeatureRow, f: Figures, moves: &mut Vec<Move>) {
        let Some(a) = self.rules.dynamics(f).map(hundredths) else { return };
        for (band, id) in DYNAMICS_IDS.into_iter().enumerate() {
            let low = if band == 0 { 0.0 } else { CROSSOVERS_HZ[band - 1] };
            let high = CROSSOVERS_HZ.get(band).copied().unwrap_or(f64::INFINITY);
            let Some(threshold_db) = band_level_db(row, low, high) else { continue };
            let what = MoveKind::Dynamics { band, threshold_db };
            let reason = reason::dynamics(row, f64::from(f.mean[12]));
            moves.push(self.offer(id, what, a, MoveUnit::Factor, confidence(f, 12, 2), reason));
        }
    }
}

fn hundredths(a: Amount) -> Amount {
    let round = |v: f64| (v * 100.0).round() / 100.0;
    Amount { value: round(a.value), low: round(a.low), high: round(a.high) }
}

/// Mean level of a range, dBFS RMS of one channel, from the features; `None` when it holds next to nothing.
fn band_level_db(row: &FeatureRow, low_hz: f64, high_hz: f64) -> Option<f64> {
    let power: f64 = (0..row.bands)
        .filter(|&b| (low_hz..high_hz).contains(&centre_hz(b)))
        .map(|b| {
            let (tone, width) = (f64::from(row.values[TONE + b]), f64::from(row.values[WIDTH + b]));
            10f64.powf(tone / 10.0) * (1.0 + 10f64.powf(width / 10.0))
        })
        .sum();
    // Loudness is -0.691 + 10 log10 of twice the K-weighted mid and side power, which the tone figures are relative to.
    let whole = row.loudness_lufs() + 0.691 - 10.0 * 2f64.log10();
    let level = 10.0 * power.log10() + whole;
    (level > -60.0).then(|| level.round().min(0.0))
}
