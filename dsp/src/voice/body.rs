//! The bodies of the string section: fixed resonances, a little different on both sides.

use super::filter::{Filter, Kind};

/// Resonances as (hertz, quality, how much is added): air and wood of violin and cello, and the bridge hill near 2.5 kHz (N. H. Fletcher and
/// T. D. Rossing, "The Physics of Musical Instruments", chapter 10).
const RESONANCES: [(f64, f64, f32); 5] =
    [(215.0, 2.2, 0.45), (460.0, 2.6, 0.55), (720.0, 2.0, 0.25), (1_250.0, 1.6, -0.35), (2_500.0, 1.1, 0.40)];

/// The filters of both sides.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    peaks: [[Filter; RESONANCES.len()]; 2],
    low_cut: [Filter; 2],
    high_cut: [Filter; 2],
}

impl Body {
    pub(crate) fn new(rate: f64) -> Self {
        let side = |shift: f64| RESONANCES.map(|(hz, q, _)| Filter::new(Kind::Band, hz * shift, q, rate));
        Self {
            peaks: [side(0.97), side(1.03)],
            low_cut: [Filter::new(Kind::High, 55.0, 0.7, rate); 2],
            high_cut: [Filter::new(Kind::Low, 7_800.0, 0.6, rate); 2],
        }
    }

    /// One sample of one side (0 left, 1 right).
    #[inline(always)]
    pub(crate) fn step(&mut self, side: usize, x: f32) -> f32 {
        let x = self.low_cut[side].step(x);
        let mut y = x;
        for (peak, (_, _, amount)) in self.peaks[side].iter_mut().zip(RESONANCES) {
            y += amount * peak.step(x);
        }
        self.high_cut[side].step(y)
    }

    /// Takes out what is left of a decay.
    pub(crate) fn flush(&mut self) {
        for filter in self.peaks.iter_mut().flatten().chain(&mut self.low_cut).chain(&mut self.high_cut) {
            filter.flush();
        }
    }

    pub(crate) fn reset(&mut self) {
        for filter in self.peaks.iter_mut().flatten().chain(&mut self.low_cut).chain(&mut self.high_cut) {
            filter.reset();
        }
    }
}
