//! The second-order filter everything here is built from: a state-variable filter with trapezoidal integrators, which stays calm
//! while its coefficients move.
//!
//! With `s` the bilinear variable scaled to the filter's own frequency, `band = s / (s^2 + k s + 1)` and
//! `low = 1 / (s^2 + k s + 1)`, and the output is `m0 + m1 * band + m2 * low`: any second-order transfer function can be
//! written so. (Trapezoidal integration of the two-integrator loop; A. Simper, "Linear Trapezoidal Integrated SVF", 2013, for the
//! form of the update.)

use crate::frame::{Frame, flushed_frame};

/// Coefficients: pure numbers, made by the functions below or by [`super::eq_design`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SvfCoefs {
    a1: f64,
    a2: f64,
    a3: f64,
    m0: f64,
    m1: f64,
    m2: f64,
    /// The output as a sum over input and memories, so that the way from input to output is one product and one sum: filters in series wait for
    /// nothing else.
    direct: f64,
    from1: f64,
    from2: f64,
}

impl SvfCoefs {
    /// Passes everything unchanged.
    pub const THROUGH: SvfCoefs = SvfCoefs::with(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);

    /// From the integrator gain `g` = tan(pi f / fs), damping `k` = 1/Q, and the three output weights.
    pub fn new(g: f64, k: f64, m0: f64, m1: f64, m2: f64) -> Self {
        let a1 = 1.0 / (1.0 + g * (g + k));
        Self::with(a1, g * a1, g * g * a1, m0, m1, m2)
    }

    #[inline(always)]
    const fn with(a1: f64, a2: f64, a3: f64, m0: f64, m1: f64, m2: f64) -> Self {
        let through = m1 * a2 + m2 * a3;
        Self { a1, a2, a3, m0, m1, m2, direct: m0 + through, from1: m1 * a1 + m2 * a2, from2: m2 - through }
    }

    /// `self` moved towards `other` by `share` (0 to 1).
    #[inline(always)]
    pub fn towards(&self, other: &SvfCoefs, share: f64) -> SvfCoefs {
        let mix = |from: f64, to: f64| from + (to - from) * share;
        Self::with(
            mix(self.a1, other.a1),
            mix(self.a2, other.a2),
            mix(self.a3, other.a3),
            mix(self.m0, other.m0),
            mix(self.m1, other.m1),
            mix(self.m2, other.m2),
        )
    }
}

/// Integrator gain for a corner at `hz`.
pub fn gain_at(hz: f64, sample_rate: f64) -> f64 {
    (std::f64::consts::PI * (hz / sample_rate).clamp(1e-6, 0.49)).tan()
}

/// Memory of one stereo filter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Svf {
    ic1: Frame,
    ic2: Frame,
}

impl Svf {
    /// One sample: the band and low outputs.
    #[inline(always)]
    pub fn band_low(&mut self, c: &SvfCoefs, x: Frame) -> (Frame, Frame) {
        let mut band = [0.0; 2];
        let mut low = [0.0; 2];
        for ch in 0..2 {
            let v3 = x[ch] - self.ic2[ch];
            band[ch] = c.a1 * self.ic1[ch] + c.a2 * v3;
            low[ch] = self.ic2[ch] + c.a2 * self.ic1[ch] + c.a3 * v3;
            self.ic1[ch] = 2.0 * band[ch] - self.ic1[ch];
            self.ic2[ch] = 2.0 * low[ch] - self.ic2[ch];
        }
        (band, low)
    }

    /// One sample, weighted by the coefficients' output weights.
    #[inline(always)]
    pub fn step(&mut self, c: &SvfCoefs, x: Frame) -> Frame {
        let mut y = [0.0; 2];
        for ch in 0..2 {
            let (s1, s2) = (self.ic1[ch], self.ic2[ch]);
            y[ch] = c.direct * x[ch] + (c.from1 * s1 + c.from2 * s2);
            let v3 = x[ch] - s2;
            let band = c.a1 * s1 + c.a2 * v3;
            let low = s2 + c.a2 * s1 + c.a3 * v3;
            self.ic1[ch] = 2.0 * band - s1;
            self.ic2[ch] = 2.0 * low - s2;
        }
        y
    }

    /// Takes out what is left of a decay. Call it on the grid.
    pub fn flush(&mut self) {
        self.ic1 = flushed_frame(self.ic1);
        self.ic2 = flushed_frame(self.ic2);
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}
