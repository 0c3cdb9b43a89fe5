//! Following the pitch of a single voice.
//!
//! Each frame's difference function (YIN: de Cheveigné and Kawahara 2002) offers a few periods, each with the
//! probability that a threshold drawn from a fixed distribution would choose it (pYIN: Mauch and Dixon 2014); a Viterbi
//! pass then picks the smoothest path through them, or none where nothing periodic sounds.

use super::{HOP, ListenError, RATE, SILENCE_DBFS, around, check};
use realfft::RealFftPlanner;
use realfft::num_complex::Complex;
use std::sync::atomic::AtomicBool;

/// Window over which a frame is compared with itself, samples: 46 ms, two and a half periods of the lowest pitch.
const WINDOW: usize = 1024;
/// Longest period, samples: 55 Hz, the A of a bass.
const LONGEST: usize = 401;
/// Shortest period, samples: about 2 kHz.
const SHORTEST: usize = 11;
const FFT: usize = 2048;
/// How far below the loudest frame sound still counts, decibels.
const FLOOR_DB: f64 = 45.0;

/// The pitch of one frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frame {
    /// Semitones, middle C = 60; `None` where nothing periodic sounds.
    pub pitch: Option<f64>,
    /// Probability that the frame is periodic at all.
    pub voiced: f64,
    /// True when the frame is loud enough to count.
    pub active: bool,
    /// Share of the harmonics' energy in the lowest three; small where the period found is that of a whole chord.
    pub low_harmonics: f64,
}

/// The pitch of a recording, a frame every [`HOP`] samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// The frames.
    pub frames: Vec<Frame>,
}

impl Track {
    /// True when most of the sound has no single period, or only one too low to be its own: several notes at once.
    pub fn is_polyphonic(&self) -> bool {
        let active = self.frames.iter().filter(|f| f.active).count();
        let single = self.frames.iter().filter(|f| f.active && f.pitch.is_some() && f.low_harmonics > 0.2).count();
        active > 0 && (single as f64) < 0.55 * active as f64
    }
}

/// A candidate period of a frame.
#[derive(Clone, Copy)]
struct Candidate {
    pitch: f64,
    probability: f64,
}

/// Follows the pitch. `levels` are the frames' levels (see [`super::onset::levels`]).
pub fn track(samples: &[f32], levels: &[f64], cancel: &AtomicBool) -> Result<Track, ListenError> {
    let loudest = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let floor = (loudest - FLOOR_DB).max(SILENCE_DBFS);
    let mut yin = Yin::new();
    let prior = thresholds();
    let mut frames: Vec<Frame> = Vec::with_capacity(levels.len());
    let mut offers: Vec<Vec<Candidate>> = Vec::with_capacity(levels.len());
    for (i, &level) in levels.iter().enumerate() {
        if i % 256 == 0 {
            check(cancel)?;
        }
        let active = level > floor;
        let candidates = if active { yin.candidates(samples, i * HOP, &prior) } else { Vec::new() };
        let voiced = candidates.iter().map(|c| c.probability).sum();
        frames.push(Frame { voiced, active, ..Frame::default() });
        offers.push(candidates);
    }
    for (frame, choice) in smoothest(&offers).into_iter().enumerate() {
        frames[frame].pitch = choice.map(|c| offers[frame][c].pitch);
        if let Some(pitch) = frames[frame].pitch {
            frames[frame].low_harmonics = yin.low_harmonics(samples, frame * HOP, pitch);
        }
    }
    Ok(Track { frames })
}

/// Weights of the thresholds 0.01, 0.02, ... 1: a beta distribution with mean 0.1 (shape 2 and 18), as in pYIN.
fn thresholds() -> Vec<f64> {
    let weights: Vec<f64> = (1..=100).map(|i| f64::from(i) / 100.0).map(|x| x * (1.0 - x).powi(17)).collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|w| w / total).collect()
}

struct Yin {
    forward: std::sync::Arc<dyn realfft::RealToComplex<f32>>,
    inverse: std::sync::Arc<dyn realfft::ComplexToReal<f32>>,
    frame: Vec<f32>,
    whole: Vec<f32>,
    head: Vec<f32>,
    whole_spectrum: Vec<Complex<f32>>,
    head_spectrum: Vec<Complex<f32>>,
    products: Vec<f32>,
}

impl Yin {
    fn new() -> Self {
        let mut planner = RealFftPlanner::<f32>::new();
        let (forward, inverse) = (planner.plan_fft_forward(FFT), planner.plan_fft_inverse(FFT));
        Self {
            frame: vec![0.0; WINDOW + LONGEST],
            whole: vec![0.0; FFT],
            head: vec![0.0; FFT],
            whole_spectrum: forward.make_output_vec(),
            head_spectrum: forward.make_output_vec(),
            products: inverse.make_output_vec(),
            forward,
            inverse,
        }
    }

    /// The normalised difference function of the frame around `centre` at every period.
    fn difference(&mut self, samples: &[f32], centre: usize) -> Vec<f64> {
        around(samples, centre, &mut self.frame);
        self.whole.fill(0.0);
        self.head.fill(0.0);
        self.whole[..WINDOW + LONGEST].copy_from_slice(&self.frame);
        self.head[..WINDOW].copy_from_slice(&self.frame[..WINDOW]);
        // The buffers have the planned lengths, so the transforms cannot fail.
        let _ = self.forward.process(&mut self.whole, &mut self.whole_spectrum);
        let _ = self.forward.process(&mut self.head, &mut self.head_spectrum);
        for (a, b) in self.whole_spectrum.iter_mut().zip(&self.head_spectrum) {
            *a *= b.conj();
        }
        let _ = self.inverse.process(&mut self.whole_spectrum, &mut self.products);
        let square = |i: usize| f64::from(self.frame[i]).powi(2);
        let own: f64 = (0..WINDOW).map(square).sum();
        let mut moved = own;
        let mut sum = 0.0;
        let mut out = vec![1.0; LONGEST];
        for (period, slot) in out.iter_mut().enumerate().skip(1) {
            moved += square(WINDOW + period - 1) - square(period - 1);
            let product = f64::from(self.products[period]) / FFT as f64;
            let difference = (own + moved - 2.0 * product).max(0.0);
            sum += difference;
            *slot = if sum > 1e-12 { difference * period as f64 / sum } else { 1.0 };
        }
        out
    }

    fn candidates(&mut self, samples: &[f32], centre: usize, prior: &[f64]) -> Vec<Candidate> {
        let d = self.difference(samples, centre);
        let dips: Vec<usize> = (SHORTEST..LONGEST - 1).filter(|&p| d[p] < d[p - 1] && d[p] <= d[p + 1]).collect();
        // The bottom of a dip between samples: of short periods the samples themselves miss it.
        let depth = |p: usize| {
            let (a, b, c) = (d[p - 1], d[p], d[p + 1]);
            let bend = a - 2.0 * b + c;
            if bend > 1e-12 { (b - (a - c).powi(2) / (8.0 * bend)).max(0.0) } else { b }
        };
        let mut out: Vec<(usize, f64)> = Vec::new();
        let deepest = dips.iter().copied().min_by(|&a, &b| depth(a).total_cmp(&depth(b)));
        for (i, &weight) in prior.iter().enumerate() {
            let threshold = (i + 1) as f64 / 100.0;
            let chosen = match dips.iter().copied().find(|&p| depth(p) < threshold) {
                Some(period) => Some((period, weight)),
                // Below every dip the deepest keeps a little of the weight, as in pYIN.
                None => deepest.map(|period| (period, 0.01 * weight)),
            };
            if let Some((period, weight)) = chosen {
                match out.iter_mut().find(|c| c.0 == period) {
                    Some(c) => c.1 += weight,
                    None => out.push((period, weight)),
                }
            }
        }
        out.iter().map(|&(p, probability)| Candidate { pitch: semitones(RATE / vertex(&d, p)), probability }).collect()
    }

    /// Share of the energy at the harmonics of `pitch` that lies in the first three.
    fn low_harmonics(&mut self, samples: &[f32], centre: usize, pitch: f64) -> f64 {
        around(samples, centre, &mut self.whole);
        let length = self.whole.len() as f32;
        for (i, s) in self.whole.iter_mut().enumerate() {
            *s *= 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / length).cos();
        }
        let _ = self.forward.process(&mut self.whole, &mut self.whole_spectrum);
        let bin = hertz(pitch) * FFT as f64 / RATE;
        let (mut low, mut all) = (0.0, 1e-30);
        for harmonic in 1..=16 {
            let at = (bin * f64::from(harmonic)).round() as usize;
            if at + 2 >= self.whole_spectrum.len() {
                break;
            }
            let energy: f64 =
                self.whole_spectrum[at.saturating_sub(1)..at + 2].iter().map(|c| f64::from(c.norm_sqr())).sum();
            all += energy;
            if harmonic <= 3 {
                low += energy;
            }
        }
        low / all
    }
}

/// The dip's place between samples, by a parabola through its neighbours.
fn vertex(d: &[f64], at: usize) -> f64 {
    let (a, b, c) = (d[at - 1], d[at], d[at + 1]);
    let bend = a - 2.0 * b + c;
    if bend > 1e-12 { at as f64 + 0.5 * (a - c) / bend } else { at as f64 }
}

/// The path of least cost: improbable periods, jumps and changes between sound and silence cost.
fn smoothest(offers: &[Vec<Candidate>]) -> Vec<Option<usize>> {
    /// Going from sound to silence or back.
    const SWITCH: f64 = 2.5;
    /// Cost per semitone of a jump, and of the largest.
    const JUMP: (f64, f64) = (0.35, 3.5);
    let mut costs: Vec<f64> = vec![0.0];
    let mut back: Vec<Vec<usize>> = Vec::with_capacity(offers.len());
    let nothing: Vec<Candidate> = Vec::new();
    let mut before: &Vec<Candidate> = &nothing;
    for now in offers {
        // State 0 is silence, state k the k-th candidate.
        let voiced: f64 = now.iter().map(|c| c.probability).sum();
        let mut next = Vec::with_capacity(now.len() + 1);
        let mut from = Vec::with_capacity(now.len() + 1);
        for state in 0..=now.len() {
            let own = match state {
                0 => -(1.0 - voiced).max(0.02).ln(),
                k => -now[k - 1].probability.max(1e-6).ln(),
            };
            let mut best = (0, f64::INFINITY);
            for (was, cost) in costs.iter().enumerate() {
                let step = match (was, state) {
                    (0, 0) => 0.0,
                    (0, _) | (_, 0) => SWITCH,
                    (w, s) => (JUMP.0 * (before[w - 1].pitch - now[s - 1].pitch).abs()).min(JUMP.1),
                };
                if cost + step < best.1 {
                    best = (was, cost + step);
                }
            }
            next.push(best.1 + own);
            from.push(best.0);
        }
        costs = next;
        back.push(from);
        before = now;
    }
    let mut at = costs.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |m| m.0);
    let mut path = Vec::with_capacity(offers.len());
    for from in back.iter().rev() {
        path.push(at.checked_sub(1));
        at = from[at];
    }
    path.reverse();
    path
}

/// Semitones of a frequency, 440 Hz = 69.
pub fn semitones(hz: f64) -> f64 {
    69.0 + 12.0 * (hz / 440.0).log2()
}

/// Frequency of a pitch in semitones.
pub fn hertz(pitch: f64) -> f64 {
    440.0 * ((pitch - 69.0) / 12.0).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listener::onset;

    fn pitch_of(wave: impl Fn(f64) -> f64) -> Vec<Option<f64>> {
        let samples: Vec<f32> = (0..22_050).map(|i| (0.5 * wave(i as f64 / RATE)) as f32).collect();
        let track = track(&samples, &onset::levels(&samples), &AtomicBool::new(false)).unwrap();
        track.frames[10..90].iter().map(|f| f.pitch).collect()
    }

    #[test]
    fn tones_are_found_within_five_cents_over_five_octaves() {
        for pitch in [33.5, 40.0, 52.3, 60.0, 69.0, 81.7, 88.0] {
            let hz = hertz(pitch);
            let top = (8_000.0 / hz).min(20.0) as i32;
            let saw =
                |t: f64| (1..=top).map(|k| (std::f64::consts::TAU * hz * f64::from(k) * t).sin() / f64::from(k)).sum();
            let sine = |t: f64| (std::f64::consts::TAU * hz * t).sin();
            for found in pitch_of(saw).into_iter().chain(pitch_of(sine)) {
                let error = (found.unwrap() - pitch).abs();
                assert!(error < 0.05, "{pitch}: {found:?}");
            }
        }
    }

    #[test]
    fn noise_has_no_pitch() {
        let mut rng = continuo_core::Rng::new(1, 1);
        let samples: Vec<f32> = (0..44_100).map(|_| rng.normal() as f32 * 0.1).collect();
        let track = track(&samples, &onset::levels(&samples), &AtomicBool::new(false)).unwrap();
        let voiced = track.frames.iter().filter(|f| f.pitch.is_some()).count();
        assert!(voiced * 10 < track.frames.len(), "{voiced} of {}", track.frames.len());
    }
}
