//! Loudness and peak meters after ITU-R BS.1770-4, EBU R 128, EBU Tech 3341 (momentary, short-term, integrated) and Tech 3342 (range).

mod gate;
mod k_weight;

use crate::frame::{Frame, clean};
use crate::true_peak::TruePeak;
use continuo_core::units::SampleRate;
use gate::Gate;
use k_weight::KWeight;

/// Hops of a momentary window (400 ms).
const MOMENTARY_HOPS: usize = 4;
/// Hops of a short-term window (3 s).
const SHORT_TERM_HOPS: usize = 30;
/// Hops per second: gating blocks overlap by 75 %.
const HOPS_PER_SECOND: f64 = 10.0;
/// Relative gate of the integrated loudness, LU (BS.1770-4).
const INTEGRATED_GATE_LU: f64 = -10.0;
/// Relative gate of the loudness range, LU (Tech 3342).
const RANGE_GATE_LU: f64 = -20.0;

/// What the meters read. Loudness is negative infinity before there is any.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Loudness of the last 400 ms, LUFS.
    pub momentary_lufs: f64,
    /// Loudness of the last 3 s, LUFS.
    pub short_term_lufs: f64,
    /// Gated loudness since the beginning, LUFS.
    pub integrated_lufs: f64,
    /// Loudness range, LU.
    pub range_lu: f64,
    /// Highest momentary loudness, LUFS.
    pub max_momentary_lufs: f64,
    /// Highest short-term loudness, LUFS.
    pub max_short_term_lufs: f64,
    /// Highest true peak of both channels, dBTP.
    pub true_peak_dbtp: f64,
    /// Highest sample of both channels, dBFS.
    pub sample_peak_dbfs: f64,
}

impl Reading {
    /// Nothing heard yet.
    pub const SILENCE: Reading = Reading {
        momentary_lufs: f64::NEG_INFINITY,
        short_term_lufs: f64::NEG_INFINITY,
        integrated_lufs: f64::NEG_INFINITY,
        range_lu: 0.0,
        max_momentary_lufs: f64::NEG_INFINITY,
        max_short_term_lufs: f64::NEG_INFINITY,
        true_peak_dbtp: f64::NEG_INFINITY,
        sample_peak_dbfs: f64::NEG_INFINITY,
    };

    /// Peak to loudness ratio: true peak less integrated loudness, dB; 0 while there is no loudness.
    pub fn plr_db(&self) -> f64 {
        if self.integrated_lufs.is_finite() { self.true_peak_dbtp - self.integrated_lufs } else { 0.0 }
    }
}

/// The meters of one stereo stream. Memory does not grow with its length.
///
/// # Real-time safety
/// [`Meter::new`] allocates; everything else is real-time safe. Readings are worked out ten times a second inside [`Meter::process`] and cost
/// nothing to look at.
#[derive(Clone, Debug)]
pub struct Meter {
    rate: f64,
    weight: KWeight,
    /// Sums of squares of the last hops, both channels together.
    hops: [f64; SHORT_TERM_HOPS],
    lengths: [u64; SHORT_TERM_HOPS],
    filled: u64,
    sum: f64,
    in_hop: u64,
    frames: u64,
    hop_end: u64,
    integrated: Gate,
    range: Gate,
    peaks: TruePeak,
    true_peak: f32,
    sample_peak: f32,
    reading: Reading,
}

/// Loudness of a mean square that was summed over the channels (BS.1770-4, equation 2).
fn lufs(power: f64) -> f64 {
    if power > 0.0 { -0.691 + 10.0 * power.log10() } else { f64::NEG_INFINITY }
}

fn decibels(peak: f32) -> f64 {
    if peak > 0.0 { 20.0 * f64::from(peak).log10() } else { f64::NEG_INFINITY }
}

impl Meter {
    /// Nothing heard yet. Allocates.
    pub fn new(sample_rate: SampleRate) -> Self {
        let rate = sample_rate.hz();
        Self {
            rate,
            weight: KWeight::new(rate),
            hops: [0.0; SHORT_TERM_HOPS],
            lengths: [0; SHORT_TERM_HOPS],
            filled: 0,
            sum: 0.0,
            in_hop: 0,
            frames: 0,
            hop_end: hop_end(0, rate),
            integrated: Gate::new(),
            range: Gate::new(),
            peaks: TruePeak::new(),
            true_peak: 0.0,
            sample_peak: 0.0,
            reading: Reading::SILENCE,
        }
    }

    /// Listens to a block; of unequal lengths the shorter counts. Samples that are not finite count as 0. Real-time safe.
    pub fn process(&mut self, left: &[f32], right: &[f32]) {
        for (&l, &r) in left.iter().zip(right) {
            let x = [clean(l), clean(r)];
            self.sample_peak = self.sample_peak.max(x[0].abs().max(x[1].abs()) as f32);
            self.take_peak(x);
            self.sum += self.weight.power(x);
            self.in_hop += 1;
            self.frames += 1;
            if self.frames == self.hop_end {
                self.end_hop();
            }
        }
        self.reading.sample_peak_dbfs = decibels(self.sample_peak);
        self.reading.true_peak_dbtp = decibels(self.true_peak.max(self.sample_peak));
    }

    #[inline(always)]
    fn take_peak(&mut self, x: Frame) {
        let peaks = self.peaks.step(x, self.true_peak);
        self.true_peak = self.true_peak.max(peaks[0]).max(peaks[1]);
    }

    fn end_hop(&mut self) {
        let slot = (self.filled % SHORT_TERM_HOPS as u64) as usize;
        self.hops[slot] = self.sum;
        self.lengths[slot] = self.in_hop;
        self.sum = 0.0;
        self.in_hop = 0;
        self.filled += 1;
        self.hop_end = hop_end(self.filled, self.rate);
        self.weight.flush();
        if let Some(power) = self.mean(MOMENTARY_HOPS) {
            self.reading.momentary_lufs = lufs(power);
            self.reading.max_momentary_lufs = self.reading.max_momentary_lufs.max(self.reading.momentary_lufs);
            self.integrated.add(power, self.reading.momentary_lufs);
            self.reading.integrated_lufs = lufs(self.integrated.gated_mean(INTEGRATED_GATE_LU));
        }
        if let Some(power) = self.mean(SHORT_TERM_HOPS) {
            self.reading.short_term_lufs = lufs(power);
            self.reading.max_short_term_lufs = self.reading.max_short_term_lufs.max(self.reading.short_term_lufs);
            self.range.add(power, self.reading.short_term_lufs);
            self.reading.range_lu = self.range.spread(RANGE_GATE_LU, 0.10, 0.95);
        }
    }

    /// Mean square of the last `hops`, when there are that many.
    fn mean(&self, hops: usize) -> Option<f64> {
        if self.filled < hops as u64 {
            return None;
        }
        let last = (0..hops as u64).map(|back| ((self.filled - 1 - back) % SHORT_TERM_HOPS as u64) as usize);
        let (sum, frames) = last.fold((0.0, 0), |(s, n), i| (s + self.hops[i], n + self.lengths[i]));
        Some(sum / frames.max(1) as f64)
    }

    /// What the meters read now. Costs nothing; real-time safe.
    pub fn reading(&self) -> Reading {
        self.reading
    }

    /// Call it once after the last block of a file: the last peaks between samples are still inside the detector. Real-time safe.
    pub fn finish(&mut self) {
        for _ in 0..TruePeak::DELAY + TruePeak::REACH {
            self.take_peak([0.0; 2]);
        }
        self.reading.true_peak_dbtp = decibels(self.true_peak.max(self.sample_peak));
    }

    /// Forgets everything. Real-time safe.
    pub fn reset(&mut self) {
        self.weight.reset();
        self.hops = [0.0; SHORT_TERM_HOPS];
        self.lengths = [0; SHORT_TERM_HOPS];
        self.filled = 0;
        self.sum = 0.0;
        self.in_hop = 0;
        self.frames = 0;
        self.hop_end = hop_end(0, self.rate);
        self.integrated.reset();
        self.range.reset();
        self.peaks.reset();
        self.true_peak = 0.0;
        self.sample_peak = 0.0;
        self.reading = Reading::SILENCE;
    }
}

/// Frame at which hop number `hop` ends, for rates that ten does not divide as well.
fn hop_end(hop: u64, rate: f64) -> u64 {
    (((hop + 1) as f64 * rate / HOPS_PER_SECOND).round() as u64).max(hop + 1)
}
