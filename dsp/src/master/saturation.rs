//! Saturation: a smooth curve, eight times oversampled, added as a difference.
//!
//! The curve is the integral of (1 - x^2)^4, an odd polynomial that ends flat: below its end it makes harmonics up to the ninth
//! only, beyond it they fall fast, so eight times oversampling keeps aliases of a +12 dB drive under -100 dBc. Its slope at zero is one: quiet
//! sounds keep their level, loud ones are rounded off at 1/drive.

use super::oversample::Oversampled;
use super::smooth::{GRID, Smoothed};
use crate::frame::Frame;

/// Input at which the curve becomes flat, for unit slope and a largest output of one: 1 / integral over 0..1 = 315/128.
const END: f64 = 315.0 / 128.0;

/// Attenuation of images and aliases, decibels.
const STOP_DB: f64 = 112.0;

/// The curve: slope 1 at 0, +-1 from +-[`END`] on.
#[inline(always)]
pub fn curve(x: f64) -> f64 {
    let u = (x * (1.0 / END)).clamp(-1.0, 1.0);
    let v = u * u;
    END * u * (1.0 + v * (-4.0 / 3.0 + v * (6.0 / 5.0 + v * (-4.0 / 7.0 + v / 9.0))))
}

/// The saturation stage.
#[derive(Clone, Debug)]
pub struct Saturation {
    over: Oversampled,
    drive_db: Smoothed,
    drive: (f64, f64),
    active: bool,
    fresh: bool,
}

/// Factor at which the saturation of a stream of `rate` hertz works.
pub fn factor_for(rate: f64) -> usize {
    if rate < 60_000.0 {
        8
    } else if rate < 120_000.0 {
        4
    } else {
        2
    }
}

fn to_factor(db: f64) -> f64 {
    10f64.powf(db / 20.0)
}

impl Saturation {
    /// At rest. Allocates.
    pub fn new(rate: f64) -> Self {
        Self {
            over: Oversampled::new(factor_for(rate), rate, STOP_DB),
            drive_db: Smoothed::new(0.0, rate),
            drive: (1.0, 1.0),
            active: false,
            fresh: true,
        }
    }

    /// Drive, decibels, 0 (off) to 24. Real-time safe.
    pub fn set(&mut self, drive_db: f64) {
        let db = if drive_db.is_finite() { drive_db.clamp(0.0, 24.0) } else { 0.0 };
        if self.fresh {
            self.drive_db.jump(db);
            self.drive.1 = to_factor(db);
        } else {
            self.drive_db.aim(db);
        }
    }

    /// Delay in frames.
    pub fn latency(&self) -> usize {
        self.over.latency()
    }

    /// One grid step of the parameters.
    pub fn tick(&mut self) {
        self.fresh = false;
        self.drive_db.tick();
        self.drive.0 = self.drive.1;
        if !self.drive_db.is_still() {
            self.drive.1 = to_factor(self.drive_db.end());
        }
        self.active = !self.drive_db.rests_on(0.0);
    }

    /// Frames `at..` of the current grid step, in place.
    pub fn process(&mut self, at: usize, frames: &mut [Frame]) {
        if !self.active {
            for frame in frames {
                *frame = self.over.pass(*frame);
            }
            return;
        }
        let (from, to) = self.drive;
        for (i, frame) in frames.iter_mut().enumerate() {
            let place = at + i;
            let drive = from + (to - from) * (place as f64 / GRID as f64);
            let inverse = 1.0 / drive;
            // The curve is round at any drive; below 1 dB the stage is faded in so that 0 dB is nothing at all.
            let amount = self.drive_db.at(place).clamp(0.0, 1.0);
            *frame = self.over.step(*frame, |high| {
                for x in high {
                    let bent = [curve(x[0] * drive) * inverse, curve(x[1] * drive) * inverse];
                    *x = [(bent[0] - x[0]) * amount, (bent[1] - x[1]) * amount];
                }
            });
        }
    }

    /// Forgets the signal and takes the settings at once.
    pub fn reset(&mut self) {
        self.over.reset();
        let db = self.drive_db.target();
        self.drive_db.jump(db);
        self.drive = (to_factor(db), to_factor(db));
        self.active = db != 0.0;
        self.fresh = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_odd_flat_at_the_end_and_of_unit_slope() {
        assert_eq!(curve(0.0), 0.0);
        assert!((curve(END) - 1.0).abs() < 1e-12 && (curve(10.0) - 1.0).abs() < 1e-12);
        assert!((curve(1e-6) / 1e-6 - 1.0).abs() < 1e-9);
        for i in 0..300 {
            let x = f64::from(i) * 0.01;
            assert_eq!(curve(-x), -curve(x));
            assert!(curve(x + 0.01) >= curve(x));
        }
    }
}
