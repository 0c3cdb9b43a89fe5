//! One band's compressor: RMS detector, soft knee, attack and release on the gain.

use super::smooth::Smoothed;
use crate::frame::{Frame, flushed};
use continuo_core::mastering::DynBand;

/// Samples between two looks of the gain computer; the gain is a straight line in between.
pub const STEP: usize = 4;

/// Time over which the detector averages power, seconds: a cycle and more of the lowest notes would need 30 ms, but 10 ms is
/// what the attack times promise to react to.
const RMS_S: f64 = 0.010;
/// Width of the knee, decibels.
const KNEE_DB: f64 = 6.0;
/// Powers below this count as -150 dB.
const FLOOR: f64 = 1e-15;

/// Gain reduction for a level, decibels (0 or negative). Quadratic knee as in D. Giannoulis, M. Massberg, J. D. Reiss,
/// "Digital Dynamic Range Compressor Design", JAES 2012, section 2.
pub fn reduction_db(level_db: f64, threshold_db: f64, ratio: f64) -> f64 {
    let slope = 1.0 / ratio - 1.0;
    let over = level_db - threshold_db;
    if over <= -KNEE_DB / 2.0 {
        0.0
    } else if over < KNEE_DB / 2.0 {
        slope * (over + KNEE_DB / 2.0).powi(2) / (2.0 * KNEE_DB)
    } else {
        slope * over
    }
}

/// Brings the numbers of a band into their stated ranges; what is not finite becomes a resting band's value.
pub fn clean_dyn(band: &DynBand) -> DynBand {
    let fix = |v: f64, low: f64, high: f64, rest: f64| if v.is_finite() { v.clamp(low, high) } else { rest };
    DynBand {
        threshold_db: fix(band.threshold_db, -60.0, 0.0, -18.0),
        ratio: fix(band.ratio, 1.0, 10.0, 1.0),
        attack_ms: fix(band.attack_ms, 0.1, 200.0, 15.0),
        release_ms: fix(band.release_ms, 10.0, 2_000.0, 150.0),
        makeup_db: fix(band.makeup_db, -12.0, 12.0, 0.0),
    }
}

/// True when the band changes nothing.
pub fn rests(band: &DynBand) -> bool {
    band.ratio == 1.0 && band.makeup_db == 0.0
}

/// One band's compressor.
#[derive(Clone, Debug)]
pub struct Compressor {
    rate: f64,
    threshold_db: Smoothed,
    ratio: Smoothed,
    makeup_db: Smoothed,
    attack: f64,
    release: f64,
    rms: f64,
    power: f64,
    reduction_db: f64,
    gain: f64,
    slope: f64,
}

impl Compressor {
    /// At rest.
    pub fn new(rate: f64) -> Self {
        let smoothed = |value| Smoothed::new(value, rate);
        Self {
            rate,
            threshold_db: smoothed(-18.0),
            ratio: smoothed(1.0),
            makeup_db: smoothed(0.0),
            attack: 1.0,
            release: 1.0,
            rms: 1.0 - (-1.0 / (RMS_S * rate)).exp(),
            power: 0.0,
            reduction_db: 0.0,
            gain: 1.0,
            slope: 0.0,
        }
    }

    /// Where the band should go; `at_once` skips the glide. Real-time safe.
    pub fn set(&mut self, band: &DynBand, at_once: bool) {
        let go = |s: &mut Smoothed, v| if at_once { s.jump(v) } else { s.aim(v) };
        go(&mut self.threshold_db, band.threshold_db);
        go(&mut self.ratio, band.ratio);
        go(&mut self.makeup_db, band.makeup_db);
        if at_once {
            self.gain = 10f64.powf(band.makeup_db / 20.0);
        }
        let share = |ms: f64| 1.0 - (-(STEP as f64) / (ms * 1e-3 * self.rate)).exp();
        self.attack = share(band.attack_ms);
        self.release = share(band.release_ms);
    }

    /// One grid step of the parameters.
    pub fn tick(&mut self) {
        self.threshold_db.tick();
        self.ratio.tick();
        self.makeup_db.tick();
        self.power = flushed(self.power);
        self.reduction_db = flushed(self.reduction_db);
    }

    /// One frame at place `at` of the grid step: its gain, a plain factor.
    #[inline(always)]
    pub fn step(&mut self, at: usize, x: Frame) -> f64 {
        let power = 0.5 * (x[0] * x[0] + x[1] * x[1]);
        self.power += (power - self.power) * self.rms;
        if at.is_multiple_of(STEP) {
            self.look(at);
        }
        self.gain += self.slope;
        self.gain
    }

    fn look(&mut self, at: usize) {
        let ratio = self.ratio.at(at);
        let wanted = if ratio == 1.0 {
            0.0
        } else {
            let level_db = 10.0 * (self.power + FLOOR).log10();
            reduction_db(level_db, self.threshold_db.at(at), ratio)
        };
        let share = if wanted < self.reduction_db { self.attack } else { self.release };
        self.reduction_db += (wanted - self.reduction_db) * share;
        let db = self.reduction_db + self.makeup_db.at(at);
        let target = if db == 0.0 { 1.0 } else { 10f64.powf(db / 20.0) };
        self.slope = (target - self.gain) / STEP as f64;
        if self.slope.abs() < 1e-18 {
            self.gain = target;
            self.slope = 0.0;
        }
    }

    /// Reduction at the moment, decibels, 0 or negative; for the screen.
    pub fn reduction(&self) -> f64 {
        self.reduction_db
    }

    /// True when the settings change nothing, now or later. A last reduction may still be on its way back.
    pub fn rests(&self) -> bool {
        self.ratio.rests_on(1.0) && self.makeup_db.rests_on(0.0)
    }

    /// Forgets the signal and takes the settings at once.
    pub fn reset(&mut self) {
        for s in [&mut self.threshold_db, &mut self.ratio, &mut self.makeup_db] {
            let target = s.target();
            s.jump(target);
        }
        self.power = 0.0;
        self.reduction_db = 0.0;
        self.gain = 10f64.powf(self.makeup_db.target() / 20.0);
        self.slope = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_follows_threshold_ratio_and_knee() {
        // 12 dB over at 4:1 leaves 3 dB over: 9 dB of reduction.
        assert!((reduction_db(-6.0, -18.0, 4.0) + 9.0).abs() < 1e-12);
        // In the middle of the knee: slope * (knee/2)^2 / (2 knee) = -0.75 * 9 / 12.
        assert!((reduction_db(-18.0, -18.0, 4.0) + 0.5625).abs() < 1e-12);
        assert_eq!(reduction_db(-22.0, -18.0, 4.0), 0.0);
        assert_eq!(reduction_db(0.0, -18.0, 1.0), 0.0);
        // Continuous at the knee's upper edge.
        assert!((reduction_db(-15.0, -18.0, 4.0) - reduction_db(-15.0 - 1e-9, -18.0, 4.0)).abs() < 1e-8);
    }

    #[test]
    fn a_steady_tone_is_turned_down_by_the_curve() {
        let rate = 48_000.0;
        let mut compressor = Compressor::new(rate);
        let band = DynBand { threshold_db: -20.0, ratio: 4.0, attack_ms: 5.0, release_ms: 50.0, makeup_db: 2.0 };
        compressor.set(&band, true);
        let mut gain = 0.0;
        for n in 0..48_000usize {
            if n.is_multiple_of(super::super::smooth::GRID) {
                compressor.tick();
            }
            // Amplitude 0.5 in both channels: -9.03 dB RMS, 10.97 dB over, reduction 8.23 dB.
            let x = 0.5 * (std::f64::consts::TAU * 1_000.0 * n as f64 / rate).sin();
            gain = compressor.step(n % super::super::smooth::GRID, [x, x]);
        }
        let db = 20.0 * gain.log10();
        assert!((db - (2.0 - 0.75 * 10.969)).abs() < 0.1, "{db}");
    }
}
