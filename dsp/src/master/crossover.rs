//! Four bands that add up to an all-pass: fourth-order Linkwitz-Riley crossovers in a tree (S. H. Linkwitz 1976).
//!
//! ```text
//! input - 1 kHz -+- low  - all-pass 6 kHz - 120 Hz -+- band 0
//!                |                                  +- band 1
//!                +- high - all-pass 120 Hz - 6 kHz -+- band 2
//!                                                   +- band 3
//! ```
//! The two halves of a Linkwitz-Riley pair add up to a second-order all-pass. Each branch takes the all-pass of the other branch's split, so
//! that the sum of all four is exactly all-pass(120) x all-pass(1k) x all-pass(6k).

use super::svf::{Svf, SvfCoefs, gain_at};
use crate::frame::Frame;
use continuo_core::mastering::{CROSSOVERS_HZ, DYN_BANDS};

/// Butterworth damping, 1/Q.
const K: f64 = std::f64::consts::SQRT_2;

/// Coefficients of one crossover frequency.
#[derive(Clone, Copy, Debug)]
struct Corner {
    both: SvfCoefs,
    low: SvfCoefs,
    high: SvfCoefs,
    all_pass: SvfCoefs,
}

impl Corner {
    fn new(hz: f64, rate: f64) -> Self {
        let g = gain_at(hz.min(0.4 * rate), rate);
        Self {
            both: SvfCoefs::new(g, K, 1.0, 0.0, 0.0),
            low: SvfCoefs::new(g, K, 0.0, 0.0, 1.0),
            high: SvfCoefs::new(g, K, 1.0, -K, -1.0),
            all_pass: SvfCoefs::new(g, K, 1.0, -2.0 * K, 0.0),
        }
    }
}

/// Memory of one split.
#[derive(Clone, Copy, Debug, Default)]
struct Split {
    first: Svf,
    low: Svf,
    high: Svf,
}

impl Split {
    #[inline(always)]
    fn step(&mut self, c: &Corner, x: Frame) -> (Frame, Frame) {
        let (band, low) = self.first.band_low(&c.both, x);
        let high = [x[0] - K * band[0] - low[0], x[1] - K * band[1] - low[1]];
        (self.low.step(&c.low, low), self.high.step(&c.high, high))
    }

    fn each(&mut self, f: fn(&mut Svf)) {
        f(&mut self.first);
        f(&mut self.low);
        f(&mut self.high);
    }
}

/// The crossover.
#[derive(Clone, Debug)]
pub struct Crossover {
    corners: [Corner; 3],
    splits: [Split; 3],
    comp: [Svf; 2],
}

impl Crossover {
    /// For a rate in hertz; corners above 0.4 of it are moved there.
    pub fn new(rate: f64) -> Self {
        Self {
            corners: CROSSOVERS_HZ.map(|hz| Corner::new(hz, rate)),
            splits: [Split::default(); 3],
            comp: [Svf::default(); 2],
        }
    }

    /// One frame into its four bands, low to high.
    #[inline(always)]
    pub fn step(&mut self, x: Frame) -> [Frame; DYN_BANDS] {
        let [c0, c1, c2] = &self.corners;
        let [s0, s1, s2] = &mut self.splits;
        let (low, high) = s1.step(c1, x);
        let low = self.comp[0].step(&c2.all_pass, low);
        let high = self.comp[1].step(&c0.all_pass, high);
        let (b0, b1) = s0.step(c0, low);
        let (b2, b3) = s2.step(c2, high);
        [b0, b1, b2, b3]
    }

    /// Takes out what is left of a decay. Call it on the grid.
    pub fn flush(&mut self) {
        self.splits.iter_mut().for_each(|s| s.each(Svf::flush));
        self.comp.iter_mut().for_each(Svf::flush);
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.splits = [Split::default(); 3];
        self.comp = [Svf::default(); 2];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bands_add_up_to_the_all_pass_chain() {
        for rate in [22_050.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0] {
            let mut crossover = Crossover::new(rate);
            let corners = crossover.corners;
            let mut chain = [Svf::default(); 3];
            let (mut worst, mut energy, mut looked) = (0.0f64, 0.0, 0);
            let mut rng = continuo_core::Rng::new(1, 0);
            for _ in 0..20_000 {
                let x = [rng.range(-1.0, 1.0), rng.range(-1.0, 1.0)];
                let sum = crossover.step(x).into_iter().fold([0.0; 2], crate::frame::add);
                let expected = chain.iter_mut().zip(&corners).fold(x, |v, (f, c)| f.step(&c.all_pass, v));
                worst = worst.max((sum[0] - expected[0]).abs()).max((sum[1] - expected[1]).abs());
                energy += sum[0] * sum[0] - x[0] * x[0];
                looked += 1;
            }
            // -120 dB is 1e-6; an all-pass keeps the energy of the noise (variance 1/3) within its own statistics.
            assert!(worst < 1e-9 && looked == 20_000, "{rate}: {worst}");
            assert!((energy / 20_000.0).abs() < 1e-3, "{rate}: {energy}");
        }
    }

    #[test]
    fn each_band_is_six_decibels_down_at_its_corner() {
        let rate = 48_000.0;
        for (index, hz) in CROSSOVERS_HZ.iter().enumerate() {
            let mut crossover = Crossover::new(rate);
            let (mut power, mut count) = ([0.0; 4], 0.0);
            for n in 0..48_000 {
                let x = (std::f64::consts::TAU * hz * n as f64 / rate).sin();
                let bands = crossover.step([x, 0.0]);
                if n >= 24_000 {
                    bands.iter().zip(&mut power).for_each(|(b, p)| *p += b[0] * b[0]);
                    count += 0.5;
                }
            }
            for band in [index, index + 1] {
                let db = 10.0 * (power[band] / count).log10();
                // -6.02 dB from the pair itself; neighbours an octave-decade away take another 0.1 dB at most.
                assert!((db + 6.02).abs() < 0.15, "{hz} Hz, band {band}: {db} dB");
            }
        }
    }
}
