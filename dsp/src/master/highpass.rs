//! The high-pass against rumble and DC: second-order Butterworth, faded in and out so that it can be switched while playing.

use super::eq_design::highpass;
use super::smooth::{GRID, Smoothed};
use super::svf::{Svf, SvfCoefs};
use crate::frame::Frame;

/// Corner the filter rests at while it is off, hertz.
const REST_HZ: f64 = 20.0;

/// A corner inside the stated range of 10 to 120 Hz, or 0 for off.
pub fn clean_corner(hz: f64) -> f64 {
    if hz.is_finite() && hz > 0.0 { hz.clamp(10.0, 120.0) } else { 0.0 }
}

/// The high-pass stage. No delay.
#[derive(Clone, Debug)]
pub struct HighPass {
    rate: f64,
    hz: f64,
    amount: Smoothed,
    ln_hz: Smoothed,
    from: SvfCoefs,
    to: SvfCoefs,
    filter: Svf,
    active: bool,
    fresh: bool,
}

impl HighPass {
    /// Off.
    pub fn new(rate: f64) -> Self {
        let coefs = highpass(REST_HZ, rate);
        Self {
            rate,
            hz: REST_HZ,
            amount: Smoothed::new(0.0, rate),
            ln_hz: Smoothed::new(REST_HZ.ln(), rate),
            from: coefs,
            to: coefs,
            filter: Svf::default(),
            active: false,
            fresh: true,
        }
    }

    /// Corner in hertz, 0 = off. Real-time safe.
    pub fn set(&mut self, hz: f64) {
        let hz = clean_corner(hz);
        let amount = if hz > 0.0 { 1.0 } else { 0.0 };
        let at_once = self.fresh || self.amount.rests_on(0.0);
        if hz > 0.0 {
            self.hz = hz;
            if at_once {
                self.ln_hz.jump(hz.ln());
                self.to = highpass(hz, self.rate);
                self.from = self.to;
            } else {
                self.ln_hz.aim(hz.ln());
            }
        }
        if self.fresh {
            self.amount.jump(amount);
        } else {
            self.amount.aim(amount);
        }
    }

    /// One grid step of the parameters.
    pub fn tick(&mut self) {
        self.fresh = false;
        self.amount.tick();
        self.ln_hz.tick();
        self.from = self.to;
        if !self.ln_hz.is_still() {
            let end = self.ln_hz.end();
            self.to = highpass(if end == self.ln_hz.target() { self.hz } else { end.exp() }, self.rate);
        }
        self.active = !self.amount.rests_on(0.0);
        if self.active {
            self.filter.flush();
        } else {
            self.filter.reset();
        }
    }

    /// Frames `at..` of the current grid step, in place.
    pub fn process(&mut self, at: usize, frames: &mut [Frame]) {
        if !self.active {
            return;
        }
        for (i, frame) in frames.iter_mut().enumerate() {
            let place = at + i;
            let coefs = self.from.towards(&self.to, place as f64 / GRID as f64);
            let y = self.filter.step(&coefs, *frame);
            let amount = self.amount.at(place);
            *frame = [frame[0] + (y[0] - frame[0]) * amount, frame[1] + (y[1] - frame[1]) * amount];
        }
    }

    /// Forgets the signal and takes the settings at once.
    pub fn reset(&mut self) {
        let (amount, ln_hz) = (self.amount.target(), self.ln_hz.target());
        self.amount.jump(amount);
        self.ln_hz.jump(ln_hz);
        self.to = highpass(self.hz, self.rate);
        self.from = self.to;
        self.filter.reset();
        self.fresh = true;
    }
}
