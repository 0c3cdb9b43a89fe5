//! Work at a higher rate whose result is only a *difference*: the signal itself takes a plain delay.
//!
//! `output = delayed input + down(f(up(input)))`, where `f` says what is to be added. With nothing to add the stage is exact to the
//! bit, the band edge of the filters never touches the signal, and the price is paid only while there is work.

use super::delay::Delay;
use super::halfband::{Down, Up, design};
use crate::frame::{Frame, ZERO, add};

/// Highest oversampling factor.
pub const MAX_FACTOR: usize = 8;

/// Highest audible frequency kept whole, hertz.
const AUDIBLE_HZ: f64 = 20_000.0;

/// A stage that adds something worked out at `factor` times the rate.
#[derive(Clone, Debug)]
pub struct Oversampled {
    ups: Vec<Up>,
    downs: Vec<Down>,
    /// Delay at the high rate that makes the whole a whole number of frames.
    pad: Delay,
    dry: Delay,
    factor: usize,
    /// Frames since the last one with work, up to `memory`.
    idle: usize,
    memory: usize,
}

impl Oversampled {
    /// A stage for `factor` 1, 2, 4 or 8 at a base rate of `sample_rate` hertz, with filters that stop `stop_db`. Linear work hears images and aliases
    /// through both filters, so half the decibels do for it. Allocates.
    pub fn new(factor: usize, sample_rate: f64, stop_db: f64) -> Self {
        let stages = factor.clamp(1, MAX_FACTOR).ilog2() as usize;
        let factor = 1 << stages;
        let pass = (AUDIBLE_HZ / sample_rate).min(0.4535);
        let taps: Vec<Vec<f64>> = (0..stages).map(|s| design(pass / (1 << s) as f64, stop_db)).collect();
        let ups: Vec<Up> = taps.iter().map(|t| Up::new(t)).collect();
        let downs: Vec<Down> = taps.iter().map(|t| Down::new(t)).collect();
        // In frames of the highest rate, stage `s` works at factor >> s of them per frame.
        let high: usize =
            ups.iter().zip(&downs).enumerate().map(|(s, (u, d))| (u.delay() + d.delay()) * (factor >> s)).sum();
        let pad = high.next_multiple_of(factor) - high;
        let latency = (high + pad) / factor;
        Self {
            ups,
            downs,
            pad: Delay::new(pad),
            dry: Delay::new(latency),
            factor,
            idle: usize::MAX,
            memory: 2 * latency + 2,
        }
    }

    /// Delay in frames, the same with and without work.
    pub fn latency(&self) -> usize {
        self.dry.len()
    }

    /// The factor.
    pub fn factor(&self) -> usize {
        self.factor
    }

    /// One frame without work. Exact once the last work has run through.
    #[inline(always)]
    pub fn pass(&mut self, x: Frame) -> Frame {
        if self.idle >= self.memory {
            if let Some(first) = self.ups.first_mut() {
                first.feed(x);
            }
            return self.dry.step(x);
        }
        self.idle += 1;
        self.run(x, |high| high.fill(ZERO))
    }

    /// One frame; `work` turns the signal at the high rate into what is to be added.
    #[inline(always)]
    pub fn step(&mut self, x: Frame, work: impl FnMut(&mut [Frame])) -> Frame {
        self.idle = 0;
        self.run(x, work)
    }

    #[inline(always)]
    fn run(&mut self, x: Frame, mut work: impl FnMut(&mut [Frame])) -> Frame {
        let mut a = [ZERO; MAX_FACTOR];
        a[0] = x;
        let mut len = 1;
        for up in &mut self.ups {
            // From the back, so that nothing is overwritten before it is read; the filter wants them in order.
            let mut wide = [ZERO; MAX_FACTOR];
            for i in 0..len {
                let [first, second] = up.step(a[i]);
                wide[2 * i] = first;
                wide[2 * i + 1] = second;
            }
            a = wide;
            len *= 2;
        }
        work(&mut a[..len]);
        if !self.pad.is_empty() {
            for frame in &mut a[..len] {
                *frame = self.pad.step(*frame);
            }
        }
        for down in self.downs.iter_mut().rev() {
            len /= 2;
            for i in 0..len {
                a[i] = down.step([a[2 * i], a[2 * i + 1]]);
            }
        }
        add(self.dry.step(x), a[0])
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.ups.iter_mut().for_each(Up::reset);
        self.downs.iter_mut().for_each(Down::reset);
        self.pad.reset();
        self.dry.reset();
        self.idle = usize::MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The difference path alone, doubling what it is given: passband gain, and the delay of the sum.
    #[test]
    fn the_difference_arrives_with_the_signal() {
        for factor in [1, 2, 4, 8] {
            for rate in [22_050.0, 44_100.0, 48_000.0, 96_000.0] {
                let mut stage = Oversampled::new(factor, rate, 110.0);
                let step = std::f64::consts::TAU * (9_000.0 / rate);
                let (mut worst, mut looked) = (0.0f64, 0);
                for n in 0..4_000 {
                    let x = (step * n as f64).sin();
                    let y = stage.step([x, -x], |_| {});
                    if n > 1_000 {
                        let expected = 2.0 * (step * (n - stage.latency()) as f64).sin();
                        worst = worst.max((y[0] - expected).abs()).max((y[1] + expected).abs());
                        looked += 1;
                    }
                }
                assert!(worst < 2e-5 && looked > 2_000, "{factor} at {rate}: {worst}");
            }
        }
    }

    #[test]
    fn without_work_it_is_a_delay_to_the_bit() {
        let mut stage = Oversampled::new(8, 44_100.0, 110.0);
        let mut input = Vec::new();
        for n in 0..3_000usize {
            let x = [((n * 7919) % 1000) as f64 / 500.0 - 1.0, -0.0];
            input.push(x);
            // Work in the beginning, then none.
            let y = if n < 500 { stage.step(x, |h| h.fill([0.5; 2])) } else { stage.pass(x) };
            if n > 1_500 {
                let expected = input[n - stage.latency()];
                assert_eq!((y[0].to_bits(), y[1].to_bits()), (expected[0].to_bits(), expected[1].to_bits()));
            }
        }
    }
}
