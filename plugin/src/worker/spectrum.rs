//! A running spectrum for the screen: Hann windows of 8,192 frames, gathered into sixth-octave bands, averaged over
//! about two seconds.

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::sync::Arc;

/// Frames per window.
const WINDOW: usize = 8192;
/// Bands per octave.
const PER_OCTAVE: f32 = 6.0;
/// Lowest and highest band centre, hertz.
const RANGE_HZ: (f32, f32) = (20.0, 20_000.0);
/// Share of the old picture kept per window of half overlap: two seconds at 48 kHz.
const KEEP: f32 = 0.958;
/// What silence is drawn at, decibels.
const FLOOR_DB: f32 = -120.0;

/// One stream's spectrum.
pub struct Spectrum {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    input: Vec<f32>,
    scratch: Vec<f32>,
    bins: Vec<Complex<f32>>,
    hz: Arc<[f32]>,
    edges: Vec<(usize, usize)>,
    power: Vec<f32>,
    windows: u64,
}

impl Spectrum {
    /// A spectrum of a stream at `sample_rate` hertz.
    pub fn new(sample_rate: f64) -> Self {
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(WINDOW);
        let window =
            (0..WINDOW).map(|i| 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / WINDOW as f32).cos()).collect();
        let bands = ((RANGE_HZ.1 / RANGE_HZ.0).log2() * PER_OCTAVE).round() as usize + 1;
        let hz: Arc<[f32]> = (0..bands).map(|i| RANGE_HZ.0 * (i as f32 / PER_OCTAVE).exp2()).collect();
        let half = (0.5 / PER_OCTAVE).exp2();
        let bin = |f: f32| (f * WINDOW as f32 / sample_rate as f32).round() as usize;
        let edges = hz
            .iter()
            .map(|&f| {
                let from = bin(f / half).clamp(1, WINDOW / 2);
                (from, bin(f * half).clamp(from + 1, WINDOW / 2 + 1))
            })
            .collect();
        Self {
            bins: fft.make_output_vec(),
            scratch: vec![0.0; WINDOW],
            fft,
            window,
            input: Vec::with_capacity(WINDOW),
            edges,
            power: vec![0.0; bands],
            hz,
            windows: 0,
        }
    }

    /// Takes one frame, both channels.
    pub fn push(&mut self, left: f32, right: f32) {
        self.input.push(0.5 * (left + right));
        if self.input.len() == WINDOW {
            self.analyse();
            self.input.copy_within(WINDOW / 2.., 0);
            self.input.truncate(WINDOW / 2);
        }
    }

    fn analyse(&mut self) {
        for ((out, x), w) in self.scratch.iter_mut().zip(&self.input).zip(&self.window) {
            *out = x * w;
        }
        if self.fft.process(&mut self.scratch, &mut self.bins).is_err() {
            return;
        }
        // A full-scale sine in one bin reads 0 dB: the Hann window halves its amplitude, the transform scales by N/2.
        let scale = 16.0 / (WINDOW as f32 * WINDOW as f32);
        self.windows += 1;
        let keep = KEEP.min(1.0 - 1.0 / self.windows as f32);
        for (power, &(from, to)) in self.power.iter_mut().zip(&self.edges) {
            let sum: f32 = self.bins[from..to].iter().map(|c| c.norm_sqr()).sum::<f32>() * scale;
            if sum.is_finite() {
                *power = keep * *power + (1.0 - keep) * sum;
            }
        }
    }

    /// Band centres, hertz.
    pub fn hz(&self) -> Arc<[f32]> {
        Arc::clone(&self.hz)
    }

    /// Levels, decibels full scale, one per centre.
    pub fn db(&self) -> Arc<[f32]> {
        self.power.iter().map(|&p| if p > 0.0 { (10.0 * p.log10()).max(FLOOR_DB) } else { FLOOR_DB }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_reads_its_level_in_its_band() {
        let mut spectrum = Spectrum::new(48_000.0);
        for i in 0..48_000 {
            let x = 0.5 * (std::f32::consts::TAU * 1000.0 * i as f32 / 48_000.0).sin();
            spectrum.push(x, x);
        }
        let (hz, db) = (spectrum.hz(), spectrum.db());
        let loudest = (0..db.len()).max_by(|&a, &b| db[a].total_cmp(&db[b])).unwrap();
        assert!((hz[loudest] / 1000.0).log2().abs() < 1.0 / 6.0, "{} Hz", hz[loudest]);
        // -6.02 dBFS; a Hann window spreads a tone over bins that sum to 1.76 dB more.
        assert!((db[loudest] + 6.02 - 1.76).abs() < 0.3, "{} dB", db[loudest]);
    }
}
