//! Half-band linear-phase filters: twice the rate, or half of it.
//!
//! Every second tap of a half-band filter but the middle one is zero, so one of the two phases is a plain delay and the other
//! a symmetric sum. Kaiser-windowed sinc (J. F. Kaiser 1974; window length and shape from his estimates).

use crate::frame::{Frame, ZERO, add};

/// Modified Bessel function of the first kind, order 0, by its power series.
pub(crate) fn bessel_i0(x: f64) -> f64 {
    let q = x * x / 4.0;
    let (mut sum, mut term, mut n) = (1.0, 1.0, 1.0);
    while term > sum * 1e-18 {
        term *= q / (n * n);
        sum += term;
        n += 1.0;
    }
    sum
}

/// Kaiser's window at `t` in -1..1 for shape `beta`.
pub(crate) fn kaiser(t: f64, beta: f64) -> f64 {
    if t.abs() > 1.0 { 0.0 } else { bessel_i0(beta * (1.0 - t * t).sqrt()) / bessel_i0(beta) }
}

/// The shape for a stop band of `stop_db`.
pub(crate) fn kaiser_beta(stop_db: f64) -> f64 {
    0.1102 * (stop_db - 8.7)
}

/// Taps on one side, from the middle outwards. `pass` is the highest frequency to keep as a share of the lower sampling rate (under
/// 0.5); everything above `1 - pass` of it is held down by `stop_db` decibels. The taps sum to one half.
pub fn design(pass: f64, stop_db: f64) -> Vec<f64> {
    // Transition width at the higher rate, in radians per sample; Kaiser's length estimate gives all taps.
    let width = std::f64::consts::TAU * (1.0 - 2.0 * pass) / 2.0;
    let taps = (stop_db - 8.0) / (2.285 * width);
    // A multiple of the running sums below; what is rounded up only makes the filter steeper.
    let side = ((taps / 4.0).ceil() as usize + 1).next_multiple_of(SUMS);
    let beta = kaiser_beta(stop_db);
    let mut c: Vec<f64> = (0..side)
        .map(|j| {
            let t = j as f64 + 0.5;
            (std::f64::consts::PI * t).sin() / (std::f64::consts::PI * t) * kaiser(t / side as f64, beta)
        })
        .collect();
    let sum: f64 = c.iter().sum();
    c.iter_mut().for_each(|v| *v *= 0.5 / sum);
    c
}

/// A ring that always shows its last `len` frames as one slice.
#[derive(Clone, Debug)]
struct History {
    buffer: Vec<Frame>,
    len: usize,
    at: usize,
}

impl History {
    fn new(len: usize) -> Self {
        Self { buffer: vec![ZERO; 2 * len], len, at: 0 }
    }

    /// Pushes and returns the last `len` frames, oldest first.
    #[inline(always)]
    fn push(&mut self, x: Frame) -> &[Frame] {
        self.buffer[self.at] = x;
        self.buffer[self.at + self.len] = x;
        self.at += 1;
        if self.at == self.len {
            self.at = 0;
        }
        &self.buffer[self.at..self.at + self.len]
    }

    fn reset(&mut self) {
        self.buffer.fill(ZERO);
        self.at = 0;
    }
}

/// Running sums side by side: one alone would wait for itself at every tap.
const SUMS: usize = 4;

/// Sum over the symmetric taps, whose number is a multiple of [`SUMS`]; `window` is twice as long.
#[inline(always)]
fn symmetric(taps: &[f64], window: &[Frame]) -> Frame {
    let side = taps.len();
    let (before, after) = window[..2 * side].split_at(side);
    let mut sums = [ZERO; SUMS];
    for ((c, a), b) in taps.chunks_exact(SUMS).zip(after.chunks_exact(SUMS)).zip(before.rchunks_exact(SUMS)) {
        for i in 0..SUMS {
            let mirrored = b[SUMS - 1 - i];
            sums[i][0] += c[i] * (a[i][0] + mirrored[0]);
            sums[i][1] += c[i] * (a[i][1] + mirrored[1]);
        }
    }
    add(add(sums[0], sums[2]), add(sums[1], sums[3]))
}

/// One frame in, two out.
#[derive(Clone, Debug)]
pub struct Up {
    taps: Vec<f64>,
    history: History,
}

/// Two frames in, one out.
#[derive(Clone, Debug)]
pub struct Down {
    taps: Vec<f64>,
    odd: History,
    even: History,
}

impl Up {
    /// With the given one-sided taps. Allocates.
    pub fn new(taps: &[f64]) -> Self {
        Self { taps: taps.to_vec(), history: History::new(2 * taps.len()) }
    }

    /// Doubles the rate. The first of the two is the input `taps` lower-rate frames ago.
    #[inline(always)]
    pub fn step(&mut self, x: Frame) -> [Frame; 2] {
        let side = self.taps.len();
        let window = self.history.push(x);
        [window[side - 1], symmetric(&self.taps, window)]
    }

    /// Takes a frame without computing anything, for when nobody listens.
    #[inline(always)]
    pub fn feed(&mut self, x: Frame) {
        self.history.push(x);
    }

    /// Delay in lower-rate frames.
    pub fn delay(&self) -> usize {
        self.taps.len()
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.history.reset();
    }
}

impl Down {
    /// With the given one-sided taps. Allocates.
    pub fn new(taps: &[f64]) -> Self {
        Self { taps: taps.to_vec(), odd: History::new(2 * taps.len()), even: History::new(taps.len()) }
    }

    /// Halves the rate.
    #[inline(always)]
    pub fn step(&mut self, pair: [Frame; 2]) -> Frame {
        let even = self.even.push(pair[0])[0];
        let sum = symmetric(&self.taps, self.odd.push(pair[1]));
        [0.5 * even[0] + 0.5 * sum[0], 0.5 * even[1] + 0.5 * sum[1]]
    }

    /// Delay in lower-rate frames.
    pub fn delay(&self) -> usize {
        self.taps.len() - 1
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.odd.reset();
        self.even.reset();
    }
}
