//! Features of a mix, gathered block by block in bounded memory (version 1; FEATURES.md is the specification).
//!
//! Worker threads only: it allocates. About 0.5 MiB at 48 kHz, whatever the length of the music.

use super::bands::{BANDS, BinShare, COARSE, COARSE_EDGES_HZ, SHORT_PER_LONG, centre_hz, edges_hz, fft_size, k_power};
use super::window::{LongFrame, ROW, ShortFrame, TONE, WIDTH, WindowRow, db, window_row};
use continuo_core::SampleRate;
use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};
use std::sync::Arc;

/// Version of the feature row; the contract names the same number.
pub const FEATURE_VERSION: u32 = 1;
/// Numbers in a feature row.
pub const FEATURES: usize = ROW + BANDS + 2;
/// Long hops in one window, about three seconds.
const WINDOW_FRAMES: usize = 32;

/// The features of a stretch of music.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureRow {
    /// The row, in the order of FEATURES.md; decibels but for the correlations.
    pub values: [f32; FEATURES],
    /// How many windows of about three seconds had sound in them.
    pub windows: usize,
    /// How many of the 30 bands the sample rate holds.
    pub bands: usize,
}

impl FeatureRow {
    /// Power of each third-octave band of the mid channel, dB against the K-weighted whole.
    pub fn tone(&self) -> &[f32] {
        &self.values[TONE..TONE + BANDS]
    }

    /// Loudness, LUFS, mean over windows without gating; an estimate for texts, the meters are exact.
    pub fn loudness_lufs(&self) -> f64 {
        f64::from(self.values[FEATURES - 1])
    }
}

/// Mid and side spectra of one transform length, summed into bands.
struct Analyser {
    fft: Arc<dyn RealToComplex<f64>>,
    window: Vec<f64>,
    shares: Vec<BinShare>,
    input: Vec<f64>,
    scratch: Vec<Complex<f64>>,
    mid: Vec<Complex<f64>>,
    side: Vec<Complex<f64>>,
    power: Vec<f64>,
}

impl Analyser {
    fn new(planner: &mut RealFftPlanner<f64>, n: usize, rate_hz: f64, bands: impl Iterator<Item = (f64, f64)>) -> Self {
        let window: Vec<f64> =
            (0..n).map(|i| 0.5 - 0.5 * (2.0 * std::f64::consts::PI * i as f64 / n as f64).cos()).collect();
        let scale = 2.0 / (n as f64 * window.iter().map(|w| w * w).sum::<f64>());
        let fft = planner.plan_fft_forward(n);
        Analyser {
            shares: bands.map(|(low, high)| BinShare::new(n, rate_hz, low, high, scale)).collect(),
            input: fft.make_input_vec(),
            scratch: fft.make_scratch_vec(),
            mid: fft.make_output_vec(),
            side: fft.make_output_vec(),
            power: vec![0.0; n / 2 + 1],
            window,
            fft,
        }
    }

    fn transform(&mut self, samples: &[f64], into_side: bool) {
        for ((x, s), w) in self.input.iter_mut().zip(samples).zip(&self.window) {
            *x = s * w;
        }
        let out = if into_side { &mut self.side } else { &mut self.mid };
        // The lengths are the plan's own, so this cannot fail; a refusal would leave the last spectrum in place.
        let _ = self.fft.process_with_scratch(&mut self.input, out, &mut self.scratch);
    }

    fn bands(&mut self, of: impl Fn(&Complex<f64>, &Complex<f64>) -> f64, mut put: impl FnMut(usize, f64)) {
        for ((p, m), s) in self.power.iter_mut().zip(&self.mid).zip(&self.side) {
            *p = of(m, s);
        }
        for (b, share) in self.shares.iter().enumerate() {
            put(b, share.sum(&self.power));
        }
    }
}

/// Gathers features from stereo blocks of any size.
pub struct Features {
    hop: usize,
    bands: usize,
    long: Analyser,
    short: Analyser,
    mid: Vec<f64>,
    side: Vec<f64>,
    long_frames: Vec<LongFrame>,
    short_frames: Vec<ShortFrame>,
    sums: Sums,
}

/// Weighted sums over windows.
#[derive(Clone)]
struct Sums {
    windows: usize,
    weight: f64,
    row: [f64; ROW],
    tone_square: [f64; BANDS],
    loudness: f64,
    loudness_square: f64,
}

impl Sums {
    fn add(&mut self, window: &WindowRow, share: f64) {
        let w = window.weight * share;
        self.windows += 1;
        self.weight += w;
        for (sum, v) in self.row.iter_mut().zip(&window.values) {
            *sum += w * v;
        }
        for (sum, v) in self.tone_square.iter_mut().zip(&window.values[TONE..]) {
            *sum += w * v * v;
        }
        self.loudness += w * window.loudness;
        self.loudness_square += w * window.loudness * window.loudness;
    }
}

impl Features {
    /// An empty gatherer for audio at `rate`. Bands above 0.45 times the rate are not heard (below 35.2 kHz).
    pub fn new(rate: SampleRate) -> Features {
        let rate_hz = rate.hz();
        let n = fft_size(rate_hz);
        let mut planner = RealFftPlanner::new();
        let coarse = (0..COARSE).map(|c| (COARSE_EDGES_HZ[c], COARSE_EDGES_HZ[c + 1]));
        Features {
            hop: n / 2,
            bands: (0..BANDS).filter(|&b| centre_hz(b) <= 0.45 * rate_hz).count(),
            long: Analyser::new(&mut planner, n, rate_hz, (0..BANDS).map(edges_hz)),
            short: Analyser::new(&mut planner, n / SHORT_PER_LONG, rate_hz, coarse),
            mid: Vec::with_capacity(2 * n),
            side: Vec::with_capacity(2 * n),
            long_frames: Vec::with_capacity(WINDOW_FRAMES),
            short_frames: Vec::with_capacity(WINDOW_FRAMES * SHORT_PER_LONG),
            sums: Sums {
                windows: 0,
                weight: 0.0,
                row: [0.0; ROW],
                tone_square: [0.0; BANDS],
                loudness: 0.0,
                loudness_square: 0.0,
            },
        }
    }

    /// Takes a block; the longer channel is cut to the shorter one. Samples that are no finite number count as 0, and
    /// wilder than ±64 as ±64, so that one broken sample does not decide the whole.
    pub fn push(&mut self, left: &[f32], right: &[f32]) {
        let clean = |x: f32| if x.is_finite() { f64::from(x.clamp(-64.0, 64.0)) } else { 0.0 };
        let n = 2 * self.hop;
        let (mut left, mut right) = (left, right);
        loop {
            let take = left.len().min(right.len()).min(n - self.mid.len().min(n));
            for (&l, &r) in left.iter().zip(right).take(take) {
                let (l, r) = (clean(l), clean(r));
                self.mid.push(0.5 * (l + r));
                self.side.push(0.5 * (l - r));
            }
            (left, right) = (&left[take..], &right[take..]);
            if self.mid.len() < n {
                return;
            }
            self.frame();
            self.mid.drain(..self.hop);
            self.side.drain(..self.hop);
        }
    }

    /// One long frame and the eight short ones that begin inside its first half.
    fn frame(&mut self) {
        let n = 2 * self.hop;
        let mut frame = [[0.0; 3]; BANDS];
        self.long.transform(&self.mid[..n], false);
        self.long.transform(&self.side[..n], true);
        self.long.bands(|m, _| m.norm_sqr(), |b, p| frame[b][0] = p);
        self.long.bands(|_, s| s.norm_sqr(), |b, p| frame[b][1] = p);
        self.long.bands(|m, s| m.re * s.re + m.im * s.im, |b, p| frame[b][2] = p);
        self.long_frames.push(frame);
        let short = n / SHORT_PER_LONG;
        for i in 0..SHORT_PER_LONG {
            let start = i * short / 2;
            let mut frame = [0.0; COARSE];
            self.short.transform(&self.mid[start..start + short], false);
            self.short.bands(|m, _| m.norm_sqr(), |b, p| frame[b] = p);
            self.short_frames.push(frame);
        }
        if self.long_frames.len() == WINDOW_FRAMES {
            if let Some(row) = window_row(&self.long_frames, &self.short_frames, self.bands) {
                self.sums.add(&row, 1.0);
            }
            self.long_frames.clear();
            self.short_frames.clear();
        }
    }

    /// The row so far, or `None` when nothing but silence (or less than one frame, 0.19 s) was heard. More may follow.
    pub fn finish(&self) -> Option<FeatureRow> {
        let mut sums = self.sums.clone();
        let rest = self.long_frames.len();
        if rest > 0
            && (rest >= WINDOW_FRAMES / 3 || sums.windows == 0)
            && let Some(row) = window_row(&self.long_frames, &self.short_frames, self.bands)
        {
            sums.add(&row, rest as f64 / WINDOW_FRAMES as f64);
        }
        if sums.windows == 0 || sums.weight <= 0.0 {
            return None;
        }
        let mut values = [0.0f64; FEATURES];
        for (v, sum) in values.iter_mut().zip(&sums.row) {
            *v = sum / sums.weight;
        }
        for b in 0..BANDS {
            let mean = values[TONE + b];
            values[ROW + b] = (sums.tone_square[b] / sums.weight - mean * mean).max(0.0).sqrt();
        }
        let loudness = sums.loudness / sums.weight;
        values[FEATURES - 2] = (sums.loudness_square / sums.weight - loudness * loudness).max(0.0).sqrt();
        values[FEATURES - 1] = loudness;
        // The tone figures return to unit K-weighted power, so that an equaliser is a plain shift of them.
        let power: f64 = (0..BANDS)
            .map(|b| {
                let (tone, width) = (values[TONE + b], values[WIDTH + b]);
                10f64.powf(tone / 10.0) * (1.0 + 10f64.powf(width / 10.0)) * k_power(centre_hz(b))
            })
            .sum();
        for v in &mut values[TONE..TONE + BANDS] {
            *v -= db(power);
        }
        Some(FeatureRow { values: values.map(|v| v as f32), windows: sums.windows, bands: self.bands })
    }
}
