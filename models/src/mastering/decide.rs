//! From the network's figures to amounts: shrinkage, gates, silence. No words here (see [`super::reason`]).
//!
//! The twin of `models/mastering/decide.py`; the goldens compare the decisions exactly.

use crate::contract::Contract;
use crate::error::ModelError;
use continuo_core::mastering::EqShape;

/// Equaliser groups a correction may use.
pub const GROUPS: usize = 10;
/// Moves the network estimates: the groups, side gain low and high, crest change, high-pass corner.
pub const ESTIMATES: usize = GROUPS + 4;
/// Half width of an 80 % interval in standard deviations of a normal distribution.
const Z80: f64 = 1.281_6;

/// One equaliser group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// Stable id of its move.
    pub id: &'static str,
    /// Shape.
    pub shape: EqShape,
    /// Centre or corner, hertz.
    pub hz: f64,
    /// Quality factor.
    pub q: f64,
    /// As a reader calls it.
    pub range: &'static str,
    /// The range in hertz.
    pub range_hz: (f64, f64),
}

const fn bell(id: &'static str, hz: f64, range: &'static str, range_hz: (f64, f64)) -> Group {
    Group { id, shape: EqShape::Bell, hz, q: 1.2, range, range_hz }
}

/// The groups, in the order of the network's outputs.
pub const EQ_GROUPS: [Group; GROUPS] = [
    Group { id: "eq.sub", shape: EqShape::LowShelf, hz: 50.0, q: 0.7, range: "below 60 Hz", range_hz: (28.0, 60.0) },
    bell("eq.bass", 80.0, "60-120 Hz", (60.0, 120.0)),
    bell("eq.low", 160.0, "120-220 Hz", (120.0, 220.0)),
    bell("eq.warmth", 315.0, "220-450 Hz", (220.0, 450.0)),
    bell("eq.body", 630.0, "450-900 Hz", (450.0, 900.0)),
    bell("eq.mid", 1_250.0, "0.9-1.8 kHz", (900.0, 1_800.0)),
    bell("eq.presence", 2_500.0, "1.8-3.6 kHz", (1_800.0, 3_600.0)),
    bell("eq.edge", 5_000.0, "3.6-7 kHz", (3_600.0, 7_000.0)),
    bell("eq.sheen", 9_000.0, "7-11 kHz", (7_000.0, 11_000.0)),
    Group {
        id: "eq.air",
        shape: EqShape::HighShelf,
        hz: 12_000.0,
        q: 0.7,
        range: "above 11 kHz",
        range_hz: (11_000.0, 18_000.0),
    },
];

/// An amount with its 80 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount {
    /// As offered.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The network's figures for one row.
#[derive(Clone, Copy, Debug)]
pub struct Figures<'a> {
    /// Means, [`ESTIMATES`] of them.
    pub mean: &'a [f32],
    /// Standard deviations, calibrated.
    pub sigma: &'a [f32],
    /// Probability that something is wrong: tone, width, dynamics, rumble, anything.
    pub wrong: &'a [f32],
    /// How far the spectrum lies from the training spectra.
    pub distance: f32,
}

/// Rules of silence, from the contract's `[params]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    gate_tone: f64,
    gate_width: f64,
    gate_dynamics: f64,
    gate_rumble: f64,
    scale: f64,
    shrink: f64,
    least_db: f64,
    most_db: f64,
    most_moves: usize,
    far: f64,
    crest_per_octave: f64,
}

impl Rules {
    /// Reads the rules and checks that the contract means the same equaliser groups.
    pub fn from_contract(contract: &Contract) -> Result<Rules, ModelError> {
        let n = |name: &str| contract.number(name);
        let (hz, q) = (contract.numbers("group_hz")?, contract.numbers("group_q")?);
        let same = |list: &[f64], of: fn(&Group) -> f64| {
            list.len() == GROUPS && list.iter().zip(&EQ_GROUPS).all(|(a, g)| (a - of(g)).abs() < 1e-6)
        };
        if !same(&hz, |g| g.hz) || !same(&q, |g| g.q) {
            let ours: Vec<f64> = EQ_GROUPS.iter().map(|g| g.hz).collect();
            return Err(contract.mismatch(
                "the list of equaliser groups",
                format!("{ours:?}"),
                format!("{hz:?}, Q {q:?}"),
            ));
        }
        Ok(Rules {
            gate_tone: n("gate_tone")?,
            gate_width: n("gate_width")?,
            gate_dynamics: n("gate_dynamics")?,
            gate_rumble: n("gate_rumble")?,
            scale: n("scale")?,
            shrink: n("shrink")?,
            least_db: n("least_db")?,
            most_db: n("most_db")?,
            most_moves: n("most_moves")?.max(0.0) as usize,
            far: n("far")?,
            crest_per_octave: n("crest_per_octave")?,
        })
    }

    /// False for a spectrum unlike the training spectra: then nothing is said, but against rumble, which itself makes a
    /// spectrum strange.
    fn near(&self, f: Figures) -> bool {
        f64::from(f.distance) <= self.far
    }

    /// Gain of each group in dB, rounded to 0.1 dB; 0 = silent. `top_hz` is the highest frequency that was heard.
    pub fn tone(&self, f: Figures, top_hz: f64) -> [f64; GROUPS] {
        let mut gains = [0.0; GROUPS];
        if f64::from(f.wrong[0]) < self.gate_tone || !self.near(f) {
            return gains;
        }
        for (g, (group, (&m, &s))) in gains.iter_mut().zip(EQ_GROUPS.iter().zip(f.mean.iter().zip(f.sigma))) {
            let (m, s) = (f64::from(m), f64::from(s));
            let shrunk = self.scale * m * m * m / (m * m + self.shrink * s * s + 1e-9);
            let gain = shrunk.clamp(-self.most_db, self.most_db);
            *g = if gain.abs() < self.least_db || group.hz > top_hz { 0.0 } else { gain };
        }
        let mut order: [usize; GROUPS] = std::array::from_fn(|i| i);
        order.sort_by(|&a, &b| gains[b].abs().total_cmp(&gains[a].abs()));
        for &i in order.iter().skip(self.most_moves) {
            gains[i] = 0.0;
        }
        gains.map(|g| (g * 10.0).round_ties_even() / 10.0)
    }

    /// Changes of the width factor below 120 Hz and above 1 kHz.
    pub fn width(&self, f: Figures) -> [Option<Amount>; 2] {
        [GROUPS, GROUPS + 1].map(|k| {
            let (m, z) = centre_and_reach(f, k);
            let factor = |db: f64| (10f64.powf(db / 20.0) - 1.0).clamp(-1.0, 1.0);
            let said = self.near(f) && f64::from(f.wrong[1]) >= self.gate_width && m.abs() > z;
            said.then(|| Amount { value: factor(m), low: factor(m - z), high: factor(m + z) })
        })
    }

    /// Ratio less one of a gentle compression of the whole range, when the mix is too dynamic. The chain cannot give
    /// back what a compressor took, so an over-compressed mix gets no move.
    pub fn dynamics(&self, f: Figures) -> Option<Amount> {
        let (m, z) = centre_and_reach(f, GROUPS + 2);
        let ratio = |db: f64| 2f64.powf((-db / self.crest_per_octave).clamp(0.0, 2.0)) - 1.0;
        let said = self.near(f) && f64::from(f.wrong[2]) >= self.gate_dynamics && m < 0.0 && m.abs() > z;
        said.then(|| Amount { value: ratio(m), low: ratio(m + z), high: ratio(m - z) })
    }

    /// Corner of the high-pass against rumble, hertz.
    pub fn rumble(&self, f: Figures) -> Option<Amount> {
        let (m, z) = centre_and_reach(f, GROUPS + 3);
        let hz = |v: f64| 2f64.powf(v).clamp(15.0, 50.0);
        (f64::from(f.wrong[3]) >= self.gate_rumble).then(|| Amount { value: hz(m), low: hz(m - z), high: hz(m + z) })
    }
}

fn centre_and_reach(f: Figures, k: usize) -> (f64, f64) {
    (f64::from(f.mean[k]), Z80 * f64::from(f.sigma[k]))
}

/// The 80 % interval of estimate `k`, in its own unit.
pub fn interval(f: Figures, k: usize) -> (f64, f64) {
    let (m, z) = centre_and_reach(f, k);
    (m - z, m + z)
}

/// Probability that something is wrong, times that the sign of estimate `k` is right; two decimals.
pub fn confidence(f: Figures, k: usize, wrong: usize) -> f64 {
    let ratio = f64::from(f.mean[k].abs()) / f64::from(f.sigma[k]).max(1e-6);
    let value = f64::from(f.wrong[wrong]) * normal_below(ratio);
    (value * 100.0).round() / 100.0
}

/// Share of a standard normal distribution below `x >= 0` (Abramowitz and Stegun 26.2.17, error under 7.5e-8).
fn normal_below(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x);
    let poly =
        t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    1.0 - (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt() * poly
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules {
            gate_tone: 0.6,
            gate_width: 0.8,
            gate_dynamics: 0.8,
            gate_rumble: 0.8,
            scale: 1.0,
            shrink: 1.0,
            least_db: 0.5,
            most_db: 6.0,
            most_moves: 2,
            far: 2.0,
            crest_per_octave: 2.0,
        }
    }

    #[test]
    fn a_sure_mean_stays_and_an_unsure_one_shrinks() {
        let mut mean = [0.0f32; ESTIMATES];
        (mean[1], mean[3], mean[5]) = (2.0, -2.0, 0.7);
        let mut sigma = [0.01f32; ESTIMATES];
        sigma[3] = 2.0;
        let wrong = [0.9, 0.0, 0.0, 0.0, 0.9];
        let f = Figures { mean: &mean, sigma: &sigma, wrong: &wrong, distance: 1.0 };
        // 2 dB known to 0.01 dB stays; 2 dB known to 2 dB is halved (4 / (4 + 4)).
        let gains = rules().tone(f, 20_000.0);
        assert_eq!((gains[1], gains[3], gains[5]), (2.0, -1.0, 0.0), "two moves at most: {gains:?}");
        assert_eq!(rules().tone(f, 200.0)[3], 0.0, "315 Hz was not heard");
        assert_eq!(rules().tone(Figures { distance: 2.1, ..f }, 20_000.0), [0.0; GROUPS]);
        assert_eq!(rules().tone(Figures { wrong: &[0.5, 0.0, 0.0, 0.0, 0.5], ..f }, 20_000.0), [0.0; GROUPS]);
    }

    #[test]
    fn other_moves_need_their_gate_and_an_interval_clear_of_zero() {
        let mut mean = [0.0f32; ESTIMATES];
        (mean[10], mean[12], mean[13]) = (-6.0206, -2.0, 4.907);
        let sigma = [0.5f32; ESTIMATES];
        let wrong = [0.0, 0.9, 0.9, 0.9, 0.9];
        let f = Figures { mean: &mean, sigma: &sigma, wrong: &wrong, distance: 1.0 };
        let r = rules();
        // -6.02 dB of side is half of it; 2 dB of crest at 2 dB per octave of slope is a ratio of 2; 2^4.907 is 30 Hz.
        assert!((r.width(f)[0].unwrap().value + 0.5).abs() < 1e-4 && r.width(f)[1].is_none());
        assert!((r.dynamics(f).unwrap().value - 1.0).abs() < 1e-6);
        assert!((r.rumble(f).unwrap().value - 30.0).abs() < 0.01);
        let quiet = [0.0; 5];
        let f = Figures { wrong: &quiet, ..f };
        assert!(r.width(f) == [None, None] && r.dynamics(f).is_none() && r.rumble(f).is_none());
    }

    #[test]
    fn the_normal_distribution_is_the_table() {
        assert!((normal_below(0.0) - 0.5).abs() < 1e-7);
        assert!((normal_below(1.2816) - 0.9).abs() < 1e-5);
        assert!((normal_below(1.96) - 0.975).abs() < 1e-5);
    }
}
