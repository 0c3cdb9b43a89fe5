//! Harmony from a recording: how strongly each pitch class sounds, and the chords that explains.

use super::{HeardChord, ListenError, RATE, around, check};
use continuo_core::{Chord, PitchClass, Quality};
use realfft::RealFftPlanner;
use std::sync::atomic::AtomicBool;

const FFT: usize = 8192;
/// Step between spectra, samples: 46 ms.
const STEP: usize = 1024;
/// Pitches looked at, semitones: C2 to C7.
const RANGE: (i32, i32) = (36, 96);

/// Pitch classes over time.
#[derive(Clone, Debug)]
pub struct Chroma {
    rows: Vec<[f64; 12]>,
    energy: Vec<f64>,
    peaky: f64,
}

/// Computes the chroma of a recording at [`RATE`]: spectral peaks only, each a little weaker as a harmonic of what lies
/// below it, so that the overtones of one note do not pass for a chord.
pub fn analyse(samples: &[f32], cancel: &AtomicBool) -> Result<Chroma, ListenError> {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(FFT);
    let mut spectrum = fft.make_output_vec();
    let mut frame = vec![0.0f32; FFT];
    let window: Vec<f32> =
        (0..FFT).map(|i| 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / FFT as f32).cos()).collect();
    let (mut rows, mut energy, mut flatness) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..=samples.len() / STEP {
        if i % 64 == 0 {
            check(cancel)?;
        }
        around(samples, i * STEP, &mut frame);
        frame.iter_mut().zip(&window).for_each(|(s, w)| *s *= w);
        // The buffers have the planned lengths, so the transform cannot fail.
        let _ = fft.process(&mut frame, &mut spectrum);
        let magnitude: Vec<f64> = spectrum.iter().map(|c| f64::from(c.norm())).collect();
        let pitches = pitches(&magnitude);
        let mut row = [0.0; 12];
        for (p, strength) in pitches.iter().enumerate() {
            row[(RANGE.0 as usize + p) % 12] += strength;
        }
        let total: f64 = row.iter().sum();
        energy.push(magnitude.iter().map(|m| m * m).sum::<f64>().sqrt());
        flatness.push(flat(&magnitude));
        row.iter_mut().for_each(|v| *v /= total.max(1e-12));
        rows.push(row);
    }
    // How peaked the spectra of the louder half are, 1 - flatness.
    let mut order: Vec<usize> = (0..energy.len()).collect();
    order.sort_by(|&a, &b| energy[b].total_cmp(&energy[a]));
    let loud = &order[..order.len().div_ceil(2)];
    let peaky = 1.0 - loud.iter().map(|&i| flatness[i]).sum::<f64>() / loud.len() as f64;
    Ok(Chroma { rows, energy, peaky })
}

/// Strength of each pitch of [`RANGE`]: peaks, compressed, with the part explained by lower pitches taken off.
fn pitches(magnitude: &[f64]) -> Vec<f64> {
    let bin = |pitch: f64| super::pitch::hertz(pitch) * FFT as f64 / RATE;
    let mut out: Vec<f64> = (RANGE.0..=RANGE.1)
        .map(|p| {
            let (low, high) = (bin(f64::from(p) - 0.5), bin(f64::from(p) + 0.5));
            let (low, high) = (low.floor() as usize, (high.ceil() as usize).min(magnitude.len() - 2));
            (low.max(1)..=high)
                .filter(|&b| magnitude[b] >= magnitude[b - 1] && magnitude[b] > magnitude[b + 1])
                .filter(|&b| (bin(f64::from(p) - 0.5)..bin(f64::from(p) + 0.5)).contains(&(b as f64)))
                .map(|b| magnitude[b])
                .fold(0.0, f64::max)
        })
        .collect();
    // From below: what a pitch leaves at its 2nd to 5th harmonic, 0.6 of it each time (a rich tone of -4.4 dB a step).
    for p in 0..out.len() {
        for (steps, share) in [(12, 0.6), (19, 0.36), (24, 0.22), (28, 0.13)] {
            let own = out[p];
            if let Some(above) = out.get_mut(p + steps) {
                *above = (*above - share * own).max(0.25 * *above);
            }
        }
    }
    let top = out.iter().copied().fold(0.0, f64::max);
    out.iter().map(|v| if *v > 0.02 * top { v.sqrt() } else { 0.0 }).collect()
}

/// Spectral flatness between 100 Hz and 4 kHz: 0 of pure tones, about 0.8 of white noise's magnitudes.
fn flat(magnitude: &[f64]) -> f64 {
    let bin = |hz: f64| (hz * FFT as f64 / RATE) as usize;
    let band = &magnitude[bin(100.0)..bin(4_000.0)];
    let n = band.len() as f64;
    let mean = band.iter().sum::<f64>() / n;
    let log = band.iter().map(|m| (m + 1e-12).ln()).sum::<f64>() / n;
    if mean > 1e-9 { log.exp() / mean } else { 1.0 }
}

/// Qualities a listener tells apart.
const QUALITIES: [Quality; 7] = [
    Quality::Major,
    Quality::Minor,
    Quality::Seventh,
    Quality::MinorSeventh,
    Quality::MajorSeventh,
    Quality::Diminished,
    Quality::Sus4,
];

impl Chroma {
    /// True when tones rather than noise make the sound.
    pub fn is_tonal(&self) -> bool {
        self.peaky > 0.5
    }

    /// Pitch classes of the whole recording, weighed by loudness.
    pub fn histogram(&self) -> [f64; 12] {
        let mut out = [0.0; 12];
        for (row, energy) in self.rows.iter().zip(&self.energy) {
            for (slot, v) in out.iter_mut().zip(row) {
                *slot += v * energy;
            }
        }
        out
    }

    /// Chords between the beats: templates (Fujishima 1999), smoothed by a Viterbi pass that likes to stay.
    pub fn chords(&self, beats: &[f64], seconds: f64) -> Vec<HeardChord> {
        let loudest = self.energy.iter().copied().fold(0.0, f64::max);
        let mut edges: Vec<f64> = beats.iter().copied().filter(|b| *b > 0.0 && *b < seconds).collect();
        edges.insert(0, 0.0);
        edges.push(seconds);
        let spans: Vec<(f64, f64)> = edges.windows(2).map(|e| (e[0], e[1])).filter(|e| e.1 - e.0 > 0.08).collect();
        let chords: Vec<Chord> =
            QUALITIES.iter().flat_map(|&q| (0..12).map(move |r| Chord::new(PitchClass::of(r), q))).collect();
        let fits: Vec<Option<Vec<f64>>> = spans
            .iter()
            .map(|&(from, to)| {
                let row = self.mean(from, to, 0.02 * loudest)?;
                Some(chords.iter().map(|c| fit(&row, *c)).collect())
            })
            .collect();
        let path = stay(&fits, chords.len());
        let mut out: Vec<HeardChord> = Vec::new();
        for ((&(start, end), choice), fits) in spans.iter().zip(path).zip(&fits) {
            let chord = choice.map(|c| chords[c]);
            let probability = match (choice, fits) {
                (Some(c), Some(f)) => f[c].clamp(0.0, 1.0) as f32,
                _ => 0.0,
            };
            match out.last_mut() {
                Some(last) if last.chord == chord && (last.end - start).abs() < 0.1 => {
                    last.end = end;
                    last.probability = last.probability.max(probability);
                }
                _ => out.push(HeardChord { start, end, chord, probability }),
            }
        }
        out
    }

    /// Mean chroma between two times; `None` where it is silent.
    fn mean(&self, from: f64, to: f64, floor: f64) -> Option<[f64; 12]> {
        let index = |t: f64| (t * RATE / STEP as f64).round() as usize;
        // The very ends of a span hold its neighbours' sound.
        let edge = 0.15 * (to - from);
        let (a, b) = (index(from + edge), index(to - edge).max(index(from + edge) + 1));
        let (mut row, mut weight) = ([0.0; 12], 0.0);
        for i in a..b.min(self.rows.len()) {
            if self.energy[i] > floor {
                weight += self.energy[i];
                for (slot, v) in row.iter_mut().zip(&self.rows[i]) {
                    *slot += v * self.energy[i];
                }
            }
        }
        (weight > 0.0).then(|| row.map(|v| v / weight))
    }
}

/// Cosine between a chroma and a chord's tones, larger chords a little disfavoured.
fn fit(row: &[f64; 12], chord: Chord) -> f64 {
    let norm = row.iter().map(|v| v * v).sum::<f64>().sqrt().max(1e-12);
    let tones: Vec<usize> = chord.tones().map(PitchClass::index).collect();
    let inside: f64 = tones.iter().map(|&t| row[t]).sum();
    let extra = match chord.quality {
        Quality::Major | Quality::Minor => 0.0,
        Quality::Seventh | Quality::MinorSeventh | Quality::MajorSeventh => 0.03,
        _ => 0.06,
    };
    inside / (norm * (tones.len() as f64).sqrt()) - extra
}

/// The best row of chords where a change costs; `None` in silence.
fn stay(fits: &[Option<Vec<f64>>], count: usize) -> Vec<Option<usize>> {
    const CHANGE: f64 = 0.12;
    let mut scores = vec![0.0f64; count];
    let mut back: Vec<Vec<usize>> = Vec::with_capacity(fits.len());
    for row in fits {
        let best = (0..count).max_by(|&a, &b| scores[a].total_cmp(&scores[b]).then(b.cmp(&a))).unwrap_or(0);
        let mut next = vec![0.0; count];
        let mut from = vec![0; count];
        for state in 0..count {
            let (was, score) = if scores[state] >= scores[best] - CHANGE {
                (state, scores[state])
            } else {
                (best, scores[best] - CHANGE)
            };
            next[state] = score + row.as_ref().map_or(0.0, |r| r[state]);
            from[state] = was;
        }
        scores = next;
        back.push(from);
    }
    let mut at = (0..count).max_by(|&a, &b| scores[a].total_cmp(&scores[b]).then(b.cmp(&a))).unwrap_or(0);
    let mut path = Vec::with_capacity(fits.len());
    for (from, row) in back.iter().zip(fits).rev() {
        path.push(row.as_ref().map(|_| at));
        at = from[at];
    }
    path.reverse();
    path
}
