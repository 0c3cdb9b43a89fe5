//! The true-peak limiter: it looks ahead, finds the peaks between the samples, and turns the level down smoothly before they come.
//!
//! ```text
//! input -+- delay ------------------------------------------ x gain - output
//!        +- true peak - needed gain - least of the next frames - release - smooth average - gain
//! ```
//! The least needed gain is held for as long as half a period of the lowest notes, so that a steady bass tone is turned down by a steady gain
//! and not bent within each wave. Then the gain returns exponentially, and three averages in series round every corner. The average is as long
//! as the look-ahead, so the gain has arrived when the peak does.

use super::delay::Delay;
use super::sliding::{SlidingMin, SmoothAverage};
use super::smooth::Smoothed;
use crate::frame::{Frame, scale};
use crate::true_peak::TruePeak;

/// Look-ahead, seconds.
const LOOK_AHEAD_S: f64 = 0.0015;
/// How long a needed gain is held, seconds: half a period of 38.5 Hz.
const HOLD_S: f64 = 0.013;
/// The gain aims this far below the ceiling, decibels: what the product of signal and moving gain, and the other interpolators of other meters,
/// were measured to add at most on the hardest signals of the test.
pub const MARGIN_DB: f64 = 0.12;

/// The limiter stage.
#[derive(Clone, Debug)]
pub struct Limiter {
    detector: TruePeak,
    least: SlidingMin,
    average: SmoothAverage,
    delay: Delay,
    rate: f64,
    release: f64,
    released: f64,
    gain: f64,
    on: bool,
    ceiling_db: Smoothed,
    ceiling: f64,
    fresh: bool,
}

impl Limiter {
    /// On, with a ceiling of 0 dBTP. Allocates.
    pub fn new(rate: f64) -> Self {
        let ahead = ((LOOK_AHEAD_S * rate) as usize).max(8);
        let average = SmoothAverage::new(ahead);
        let hold = (HOLD_S * rate) as usize;
        let reach = 2 * TruePeak::REACH;
        Self {
            detector: TruePeak::new(),
            least: SlidingMin::new(average.span() + reach + hold),
            // A peak comes out of the detector DELAY frames late and may belong to a sample REACH earlier still; one span later the whole
            // average knows it.
            delay: Delay::new(TruePeak::DELAY + TruePeak::REACH + average.span() - 1),
            average,
            rate,
            release: 1.0,
            released: 1.0,
            gain: 1.0,
            on: true,
            ceiling_db: Smoothed::new(0.0, rate),
            ceiling: 1.0,
            fresh: true,
        }
    }

    /// Ceiling in dBTP, release in milliseconds (time for nine tenths of the way back), and whether it works at all. Real-time safe.
    pub fn set(&mut self, ceiling_dbtp: f64, release_ms: f64, on: bool) {
        let ceiling = if ceiling_dbtp.is_finite() { ceiling_dbtp.clamp(-24.0, 0.0) } else { -1.0 };
        let release = if release_ms.is_finite() { release_ms.clamp(10.0, 1_000.0) } else { 120.0 };
        self.release = 1.0 - (-std::f64::consts::LN_10 / (release * 1e-3 * self.rate)).exp();
        self.on = on;
        if self.fresh {
            self.ceiling_db.jump(ceiling);
            self.take_ceiling();
        } else {
            self.ceiling_db.aim(ceiling);
        }
    }

    fn take_ceiling(&mut self) {
        // While the ceiling moves, the lower of both ends of the step holds.
        let db = self.ceiling_db.begin().min(self.ceiling_db.end()).min(self.ceiling_db.target());
        self.ceiling = 10f64.powf((db - MARGIN_DB) / 20.0);
    }

    /// Delay in frames.
    pub fn latency(&self) -> usize {
        self.delay.len()
    }

    /// One grid step of the parameters.
    pub fn tick(&mut self) {
        self.fresh = false;
        let moving = !self.ceiling_db.is_still() || self.ceiling_db.end() != self.ceiling_db.target();
        self.ceiling_db.tick();
        if moving {
            self.take_ceiling();
        }
    }

    /// Frames in place.
    pub fn process(&mut self, frames: &mut [Frame]) {
        let interest = self.ceiling as f32;
        for frame in frames {
            let needed = if self.on {
                let peaks = self.detector.step(*frame, interest);
                let peak = f64::from(peaks[0].max(peaks[1]));
                if peak > self.ceiling { self.ceiling / peak } else { 1.0 }
            } else {
                1.0
            };
            let least = self.least.step(needed);
            if least < self.released {
                self.released = least;
            } else if self.released != least {
                self.released += (least - self.released) * self.release;
                if (least - self.released).abs() < 1e-7 {
                    self.released = least;
                }
            }
            self.gain = self.average.step(self.released);
            let delayed = self.delay.step(*frame);
            *frame = if self.gain == 1.0 { delayed } else { scale(delayed, self.gain) };
        }
    }

    /// Gain at the moment, decibels, 0 or negative; for the screen.
    pub fn reduction_db(&self) -> f64 {
        20.0 * self.gain.max(1e-9).log10()
    }

    /// Forgets the signal and takes the settings at once.
    pub fn reset(&mut self) {
        self.detector.reset();
        self.least.reset();
        self.average.reset();
        self.delay.reset();
        self.released = 1.0;
        self.gain = 1.0;
        let target = self.ceiling_db.target();
        self.ceiling_db.jump(target);
        self.take_ceiling();
        self.fresh = true;
    }
}
