//! A small room: early reflections and a feedback delay network of eight lines.
//!
//! The network's feedback matrix is Householder's (J.-M. Jot and A. Chaigne, AES 1991, for the lossy feedback delay network; J. O. Smith,
//! "Physical Audio Signal Processing", for the matrix): every line hears every other, no energy is made. Lengths have no common divisor, each line
//! loses treble as air and walls take it, and two all-passes in front thicken the echoes so that the room does not sound like a box.

use crate::voice::{Filter, Kind};
use continuo_core::units::SampleRate;

/// Lines of the network.
const LINES: usize = 8;
/// Their lengths, seconds: a room of about 9 m, spread without simple ratios.
const LENGTHS_S: [f64; LINES] = [0.0297, 0.0343, 0.0379, 0.0411, 0.0457, 0.0503, 0.0541, 0.0593];
/// Reverberation time at mid frequencies, seconds.
const T60_S: f64 = 1.15;
/// Above this the lines lose treble, hertz.
const DAMP_HZ: f64 = 4_600.0;
/// Diffusers in front: lengths in seconds for left and right.
const DIFFUSE_S: [[f64; 2]; 2] = [[0.0047, 0.0071], [0.0053, 0.0067]];
const DIFFUSE: f32 = 0.62;
/// Sound takes this long to the first wall and back, seconds.
const PRE_DELAY_S: f64 = 0.012;
/// First reflections: (seconds, strength) for each side.
const EARLY: [[(f64, f32); 4]; 2] = [
    [(0.0131, 0.42), (0.0197, -0.30), (0.0271, 0.24), (0.0367, -0.17)],
    [(0.0149, 0.40), (0.0211, -0.31), (0.0293, 0.22), (0.0349, -0.18)],
];
/// Feedback memory is looked at for decay tails this often.
const LOOK: u32 = 64;

/// Nothing under -300 dB goes round again, where it would end as denormal numbers.
#[inline(always)]
fn audible(x: f32) -> f32 {
    if x.abs() < 1e-15 { 0.0 } else { x }
}

/// A ring one can read anywhere.
#[derive(Clone, Debug)]
struct Line {
    ring: Vec<f32>,
    at: usize,
}

impl Line {
    fn new(seconds: f64, rate: f64) -> Self {
        Self { ring: vec![0.0; ((seconds * rate).round() as usize).max(1)], at: 0 }
    }

    /// The sample from the full length ago.
    #[inline(always)]
    fn oldest(&self) -> f32 {
        self.ring[self.at]
    }

    /// The sample from `back` (1 to the length) ago.
    #[inline(always)]
    fn tap(&self, back: usize) -> f32 {
        let len = self.ring.len();
        self.ring[(self.at + len - back) % len]
    }

    #[inline(always)]
    fn push(&mut self, x: f32) {
        self.ring[self.at] = x;
        self.at += 1;
        if self.at == self.ring.len() {
            self.at = 0;
        }
    }

    fn reset(&mut self) {
        self.ring.fill(0.0);
        self.at = 0;
    }
}

/// The room. Stereo in, stereo out, only the room's answer.
#[derive(Clone, Debug)]
pub struct Room {
    lines: Vec<Line>,
    gains: [f32; LINES],
    damp: [f32; LINES],
    damp_share: f32,
    diffusers: [[Line; 2]; 2],
    early: [Line; 2],
    early_taps: [[usize; 4]; 2],
    pre: usize,
    low_cut: [Filter; 2],
    clock: u32,
}

impl Room {
    /// An empty room. Allocates.
    pub fn new(sample_rate: SampleRate) -> Self {
        let rate = sample_rate.hz();
        let lines: Vec<Line> = LENGTHS_S.iter().map(|&s| Line::new(s, rate)).collect();
        let mut gains = [0.0f32; LINES];
        for (gain, line) in gains.iter_mut().zip(&lines) {
            *gain = 10f64.powf(-3.0 * line.ring.len() as f64 / (T60_S * rate)) as f32;
        }
        Self {
            lines,
            gains,
            damp: [0.0; LINES],
            damp_share: (1.0 - (-std::f64::consts::TAU * DAMP_HZ / rate).exp()) as f32,
            diffusers: DIFFUSE_S.map(|side| side.map(|s| Line::new(s, rate))),
            early: [Line::new(0.06, rate), Line::new(0.06, rate)],
            early_taps: EARLY.map(|side| side.map(|(s, _)| ((s * rate) as usize).max(1))),
            pre: ((PRE_DELAY_S * rate) as usize).max(1),
            low_cut: [Filter::new(Kind::High, 160.0, 0.6, rate); 2],
            clock: 0,
        }
    }

    /// One frame. Real-time safe.
    #[inline]
    pub fn step(&mut self, input: [f32; 2]) -> [f32; 2] {
        if self.clock.is_multiple_of(LOOK) {
            self.flush();
        }
        self.clock = self.clock.wrapping_add(1);
        let mut out = [0.0f32; 2];
        let mut feed = [0.0f32; 2];
        for side in 0..2 {
            let x = self.low_cut[side].step(input[side]);
            for (&tap, (_, strength)) in self.early_taps[side].iter().zip(EARLY[side]) {
                out[side] += strength * self.early[side].tap(tap);
            }
            let mut v = self.early[side].tap(self.pre);
            self.early[side].push(x);
            for line in &mut self.diffusers[side] {
                let held = line.oldest();
                let into = v - DIFFUSE * held;
                v = held + DIFFUSE * into;
                line.push(audible(into));
            }
            feed[side] = v;
        }
        let mut lines = [0.0f32; LINES];
        let mut sum = 0.0f32;
        for (((out, line), damp), gain) in lines.iter_mut().zip(&self.lines).zip(&mut self.damp).zip(self.gains) {
            *damp += (line.oldest() - *damp) * self.damp_share;
            *out = *damp * gain;
            sum += *out;
        }
        // Householder: x - 2/N * sum.
        let share = sum * (2.0 / LINES as f32);
        for (i, (line, out)) in self.lines.iter_mut().zip(lines).enumerate() {
            line.push(audible(out - share + feed[i % 2] * 0.5));
        }
        // Alternating signs keep what both sides share low, so that the tail is wide.
        out[0] = 0.50 * out[0] + 0.65 * (lines[0] - lines[2] + lines[4] - lines[6]);
        out[1] = 0.50 * out[1] + 0.65 * (lines[1] - lines[3] + lines[5] - lines[7]);
        out
    }

    fn flush(&mut self) {
        self.low_cut.iter_mut().for_each(Filter::flush);
        for damp in &mut self.damp {
            if damp.abs() < 1e-15 {
                *damp = 0.0;
            }
        }
    }

    /// An empty room again. Real-time safe.
    pub fn reset(&mut self) {
        self.lines.iter_mut().for_each(Line::reset);
        self.diffusers.iter_mut().flatten().for_each(Line::reset);
        self.early.iter_mut().for_each(Line::reset);
        self.damp = [0.0; LINES];
        self.low_cut.iter_mut().for_each(Filter::reset);
        self.clock = 0;
    }
}
