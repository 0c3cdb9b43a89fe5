//! The parametric EQ: eight bands at twice the rate, each gliding to its settings.

use super::eq_design::{clean_band, design};
use super::oversample::Oversampled;
use super::smooth::{GRID, Smoothed};
use super::svf::{Svf, SvfCoefs};
use crate::frame::{Frame, sub};
use continuo_core::mastering::{EQ_BANDS, EqBand, EqShape};

/// Streams at this rate or faster need no oversampling: 20 kHz is a sixth of it.
const FAST_ENOUGH_HZ: f64 = 120_000.0;

/// Attenuation of each of the two rate filters, decibels: twice that for what goes through both.
const STOP_DB: f64 = 84.0;

/// One band: gliding numbers, coefficients at both ends of the grid step, memory.
#[derive(Clone, Debug)]
struct Band {
    wanted: EqBand,
    shape: EqShape,
    ln_hz: Smoothed,
    gain_db: Smoothed,
    ln_q: Smoothed,
    from: SvfCoefs,
    to: SvfCoefs,
    moving: bool,
    active: bool,
    filter: Svf,
}

impl Band {
    fn new(band: EqBand, rate: f64) -> Self {
        Self {
            wanted: band,
            shape: band.shape,
            ln_hz: Smoothed::new(band.hz.ln(), rate),
            gain_db: Smoothed::new(0.0, rate),
            ln_q: Smoothed::new(band.q.ln(), rate),
            from: SvfCoefs::THROUGH,
            to: SvfCoefs::THROUGH,
            moving: false,
            active: false,
            filter: Svf::default(),
        }
    }

    fn jump(&mut self) {
        self.shape = self.wanted.shape;
        self.ln_hz.jump(self.wanted.hz.ln());
        self.ln_q.jump(self.wanted.q.ln());
    }

    fn tick(&mut self, work_rate: f64, rate: f64) {
        // A shape cannot glide into another: the band goes down to 0 dB first, where all shapes are the same. And a band at 0 dB need
        // not glide in frequency.
        if self.gain_db.begin() == 0.0 && self.gain_db.end() == 0.0 {
            self.jump();
        }
        let same_shape = self.shape == self.wanted.shape;
        self.gain_db.aim(if same_shape { self.wanted.gain_db } else { 0.0 });
        if same_shape {
            self.ln_hz.aim(self.wanted.hz.ln());
            self.ln_q.aim(self.wanted.q.ln());
        }
        self.ln_hz.tick();
        self.gain_db.tick();
        self.ln_q.tick();
        self.moving = !(self.ln_hz.is_still() && self.gain_db.is_still() && self.ln_q.is_still());
        self.active = !self.gain_db.rests_on(0.0);
        self.from = self.to;
        if self.moving {
            let now = EqBand {
                shape: self.shape,
                hz: self.ln_hz.end().exp(),
                gain_db: self.gain_db.end(),
                q: self.ln_q.end().exp(),
            };
            // The same filter as the stated response once it rests: exp(ln x) is not always x.
            let at_rest = self.ln_hz.end() == self.ln_hz.target()
                && self.gain_db.end() == self.gain_db.target()
                && self.ln_q.end() == self.ln_q.target();
            let target = if at_rest && same_shape { self.wanted } else { now };
            self.to = design(&target, work_rate, rate);
        }
        if self.active {
            self.filter.flush();
        } else {
            self.filter.reset();
        }
    }
}

/// The EQ stage.
#[derive(Clone, Debug)]
pub struct Eq {
    bands: Vec<Band>,
    over: Oversampled,
    rate: f64,
    any: bool,
    /// Settings jump instead of gliding until the first sample has been processed.
    fresh: bool,
}

/// Factor at which the EQ of a stream of `rate` hertz works.
pub fn factor_for(rate: f64) -> usize {
    if rate < FAST_ENOUGH_HZ { 2 } else { 1 }
}

impl Eq {
    /// At rest. Allocates.
    pub fn new(rate: f64) -> Self {
        let rest = continuo_core::mastering::MasterSettings::default();
        Self {
            bands: rest.eq.iter().map(|b| Band::new(clean_band(b, rate), rate)).collect(),
            over: Oversampled::new(factor_for(rate), rate, STOP_DB),
            rate,
            any: false,
            fresh: true,
        }
    }

    /// Where the bands should go. Real-time safe.
    pub fn set(&mut self, eq: &[EqBand; EQ_BANDS]) {
        let work_rate = self.rate * self.over.factor() as f64;
        for (band, wanted) in self.bands.iter_mut().zip(eq) {
            band.wanted = clean_band(wanted, self.rate);
            if self.fresh {
                band.jump();
                band.gain_db.jump(band.wanted.gain_db);
                band.to = design(&band.wanted, work_rate, self.rate);
            }
        }
    }

    /// Delay in frames.
    pub fn latency(&self) -> usize {
        self.over.latency()
    }

    /// One grid step of the parameters.
    pub fn tick(&mut self) {
        self.fresh = false;
        let work_rate = self.rate * self.over.factor() as f64;
        self.any = false;
        for band in &mut self.bands {
            band.tick(work_rate, self.rate);
            self.any |= band.active;
        }
    }

    /// Frames `at..` of the current grid step, in place.
    pub fn process(&mut self, at: usize, frames: &mut [Frame]) {
        if !self.any {
            for frame in frames {
                *frame = self.over.pass(*frame);
            }
            return;
        }
        let factor = self.over.factor();
        let bands = &mut self.bands;
        for (i, frame) in frames.iter_mut().enumerate() {
            *frame = self.over.step(*frame, |high| {
                for (j, x) in high.iter_mut().enumerate() {
                    let mut y = *x;
                    let share = (((at + i) * factor + j + 1) as f64) / (GRID * factor) as f64;
                    for band in bands.iter_mut().filter(|b| b.active) {
                        y = if band.moving {
                            band.filter.step(&band.from.towards(&band.to, share), y)
                        } else {
                            band.filter.step(&band.to, y)
                        };
                    }
                    *x = sub(y, *x);
                }
            });
        }
    }

    /// Forgets the signal and takes the settings at once.
    pub fn reset(&mut self) {
        self.over.reset();
        let work_rate = self.rate * self.over.factor() as f64;
        for band in &mut self.bands {
            band.filter.reset();
            band.jump();
            band.gain_db.jump(band.wanted.gain_db);
            band.to = design(&band.wanted, work_rate, self.rate);
            band.moving = false;
        }
        self.fresh = true;
    }
}
