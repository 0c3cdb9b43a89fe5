//! The EQ's curves: the analogue prototypes they promise, and digital filters that keep the promise up to 20 kHz.
//!
//! The prototypes, with `A` = the square root of the gain and `s` scaled to the band's frequency (R. Bristow-Johnson's definitions):
//!
//! | shape | H(s) |
//! |---|---|
//! | bell | (s^2 + s A/Q + 1) / (s^2 + s/(A Q) + 1) |
//! | low shelf | A (s^2 + s sqrt(A)/Q + A) / (A s^2 + s sqrt(A)/Q + 1) |
//! | high shelf | the low shelf turned over: gain / low shelf |
//!
//! A bilinear transform bends such a curve by decibels near the band edge. Here the poles are those of the prototype
//! (`z = exp(s T)`), and the numerator is solved for so that the magnitude is exact at three frequencies: zero, a middle one, and near
//! 20 kHz (M. Vicanek, "Matched Second Order Digital Filters", 2016, has the idea; S. J. Orfanidis, JAES 1997, the aim). Three findings
//! made the residual error small: work at twice the rate; match at 20 kHz and not at Nyquist; and design every cut as the inverse of its
//! boost, since it is the boost's poles that carry the shape.

use super::svf::SvfCoefs;
use continuo_core::mastering::{EqBand, EqShape};
use std::f64::consts::{PI, TAU};

/// Up to here the match is made, hertz.
const MATCH_HZ: f64 = 20_000.0;
/// The middle frequency stays below this share of the upper one.
const MIDDLE_SHARE: f64 = 0.75;

/// A polynomial's squared magnitude on the unit circle, as weights of cos^2(w/2), sin^2(w/2) and sin^2(w).
#[derive(Clone, Copy)]
struct Squared([f64; 3]);

impl Squared {
    fn basis(w: f64) -> [f64; 3] {
        let s = (w / 2.0).sin().powi(2);
        [1.0 - s, s, 4.0 * s * (1.0 - s)]
    }

    fn at(&self, w: f64) -> f64 {
        let basis = Self::basis(w);
        self.0.iter().zip(basis).map(|(a, b)| a * b).sum()
    }

    /// For the minimum-phase polynomial p(z) with this magnitude: p(1), p(-1), and p0 - p2.
    fn factor(&self) -> (f64, f64, f64) {
        let (at_one, at_minus) = (self.0[0].max(0.0).sqrt(), self.0[1].max(0.0).sqrt());
        let half = (at_one + at_minus) / 2.0;
        (at_one, at_minus, (half * half + self.0[2]).max(0.0).sqrt())
    }
}

/// Squared magnitude of the prototype of a *boost* of `gain_db` >= 0 at `x` = frequency / centre.
fn boost_squared(shape: EqShape, a: f64, q: f64, x: f64) -> f64 {
    let x2 = x * x;
    match shape {
        EqShape::Bell => {
            let middle = (1.0 - x2).powi(2);
            (middle + x2 * (a / q).powi(2)) / (middle + x2 / (a * q).powi(2))
        }
        EqShape::LowShelf | EqShape::HighShelf => {
            let side = x2 * a / (q * q);
            a * a * ((a - x2).powi(2) + side) / ((1.0 - a * x2).powi(2) + side)
        }
    }
}

/// Magnitude of the analogue prototype of `band` at `hz`, decibels.
pub fn prototype_db(band: &EqBand, hz: f64) -> f64 {
    let boost = band.gain_db.abs();
    let a = 10f64.powf(boost / 40.0);
    let shaped = 10.0 * boost_squared(band.shape, a, band.q, hz / band.hz).log10();
    match (band.shape, band.gain_db < 0.0) {
        (EqShape::HighShelf, false) => boost - shaped,
        (EqShape::HighShelf, true) => shaped - boost,
        (_, false) => shaped,
        (_, true) => -shaped,
    }
}

/// Sum and difference forms of a pole or zero pair: p(1), p(-1), p0 - p2 of p = 1 + p1/z + p2/z^2.
fn pole_pair(a: f64, q: f64, shape: EqShape, w0: f64) -> (f64, f64, f64) {
    // s^2 + d s + c, in radians per sample.
    let (c, d) = match shape {
        EqShape::Bell => (w0 * w0, w0 / (a * q)),
        EqShape::LowShelf | EqShape::HighShelf => (w0 * w0 / a, w0 / (a.sqrt() * q)),
    };
    let disc = d * d / 4.0 - c;
    if disc < 0.0 {
        let (re, im) = (-d / 2.0, (-disc).sqrt());
        let r = re.exp();
        // |1 - z|^2 without cancellation at low frequencies.
        let one = re.exp_m1().powi(2) + 4.0 * r * (im / 2.0).sin().powi(2);
        let minus = 1.0 + 2.0 * r * im.cos() + r * r;
        (one, minus, -(2.0 * re).exp_m1())
    } else {
        let root = disc.sqrt();
        let (p, m) = (-d / 2.0 + root, -d / 2.0 - root);
        (p.exp_m1() * m.exp_m1(), (1.0 + p.exp()) * (1.0 + m.exp()), -(p + m).exp_m1())
    }
}

/// Coefficients for `band`, for a filter that runs at `work_rate` hertz inside a stream of `stream_rate` hertz. A gain of
/// exactly 0 passes through. Real-time safe.
pub fn design(band: &EqBand, work_rate: f64, stream_rate: f64) -> SvfCoefs {
    if band.gain_db == 0.0 {
        return SvfCoefs::THROUGH;
    }
    let boost = band.gain_db.abs();
    let a = 10f64.powf(boost / 40.0);
    let q = band.q;
    let w0 = TAU * band.hz / work_rate;
    let top = TAU * MATCH_HZ.min(0.4535 * stream_rate) / work_rate;
    let feature = match band.shape {
        EqShape::Bell => w0,
        // The zeros of a low shelf's boost.
        EqShape::LowShelf | EqShape::HighShelf => w0 * a.sqrt(),
    };
    let middle = feature.min(MIDDLE_SHARE * top);

    let poles = pole_pair(a, q, band.shape, w0);
    // p0 + p2 = (p(1) + p(-1)) / 2, and 4 p0 p2 = (p0 + p2)^2 - (p0 - p2)^2.
    let half = (poles.0 + poles.1) / 2.0;
    let den = Squared([poles.0 * poles.0, poles.1 * poles.1, poles.2 * poles.2 - half * half]);
    let wanted = |w: f64| boost_squared(band.shape, a, q, w / w0) * den.at(w);
    let zero = boost_squared(band.shape, a, q, 0.0) * den.0[0];
    let (bm, bt) = (Squared::basis(middle), Squared::basis(top));
    let (rm, rt) = (wanted(middle) - zero * bm[0], wanted(top) - zero * bt[0]);
    let det = bm[1] * bt[2] - bm[2] * bt[1];
    let num = Squared([zero, (rm * bt[2] - bm[2] * rt) / det, (bm[1] * rt - rm * bt[1]) / det]).factor();

    // A boost is num/den and a cut its inverse; a high shelf is gain over low shelf.
    let gain = 10f64.powf(band.gain_db / 20.0);
    match (band.shape, band.gain_db < 0.0) {
        (EqShape::HighShelf, false) => assemble(poles, num, gain),
        (EqShape::HighShelf, true) => assemble(num, poles, gain),
        (_, false) => assemble(num, poles, 1.0),
        (_, true) => assemble(poles, num, 1.0),
    }
}

/// Filter with numerator and denominator given by p(1), p(-1), p0 - p2, times `gain`.
fn assemble(num: (f64, f64, f64), den: (f64, f64, f64), gain: f64) -> SvfCoefs {
    // Bilinear variable S = (z - 1) / (g (z + 1)): p(z) becomes p(1) + 2 g (p0 - p2) S + g^2 p(-1) S^2, and g makes the
    // denominator's outer terms equal.
    let g = (den.0 / den.1).sqrt();
    let k = 2.0 * g * den.2 / den.0;
    let b0 = gain * num.0 / den.0;
    let b1 = gain * 2.0 * g * num.2 / den.0;
    let b2 = gain * g * g * num.1 / den.0;
    SvfCoefs::new(g, k, b2, b1 - k * b2, b0 - b2)
}

/// Brings a band's numbers into the range the filters are made for, at a stream rate of `stream_rate` hertz. Numbers that
/// are not finite become those of a resting band.
pub fn clean_band(band: &EqBand, stream_rate: f64) -> EqBand {
    let fix = |v: f64, low: f64, high: f64, otherwise: f64| if v.is_finite() { v.clamp(low, high) } else { otherwise };
    let top = (0.4535 * stream_rate).clamp(20.0, 20_000.0);
    // A shelf steeper than Q = 2 is a resonance with a step; the match is made for slopes.
    let q_top = if band.shape == EqShape::Bell { 10.0 } else { 2.0 };
    EqBand {
        shape: band.shape,
        hz: fix(band.hz, 10.0, top, 1_000.0f64.min(top)),
        gain_db: fix(band.gain_db, -24.0, 24.0, 0.0),
        q: fix(band.q, 0.1, q_top, 0.8),
    }
}

/// The high-pass against rumble: second-order Butterworth.
pub fn highpass(hz: f64, sample_rate: f64) -> SvfCoefs {
    // High = 1 - k band - low.
    let k = std::f64::consts::SQRT_2;
    SvfCoefs::new(super::svf::gain_at(hz, sample_rate), k, 1.0, -k, -1.0)
}

/// Magnitude of [`highpass`] at `hz`, decibels (exact for the digital filter).
pub fn highpass_db(corner_hz: f64, hz: f64, sample_rate: f64) -> f64 {
    let warp = |f: f64| (PI * (f / sample_rate).clamp(0.0, 0.4999)).tan();
    let x4 = (warp(hz) / warp(corner_hz)).powi(4);
    10.0 * (x4 / (1.0 + x4)).max(1e-30).log10()
}
