//! The multiband stage: crossover, a compressor and a width per band. Out of the way, to the bit, while all rest.
//!
//! The crossover turns the phase (its sum is an all-pass), so it may only be heard while a band has work. It is woken in two steps: it runs
//! unheard until its filters have settled, then the sound moves over; and the same backwards.

use super::crossover::Crossover;
use super::dynamics::{Compressor, clean_dyn};
use super::smooth::{GRID, Smoothed};
use crate::frame::{Frame, ZERO, add};
use continuo_core::mastering::{DYN_BANDS, MasterSettings};

/// How long the crossover runs unheard before it is faded in, seconds: five periods of a 120 Hz filter.
const WARM_S: f64 = 0.04;
/// Length of the fade, seconds.
const FADE_S: f64 = 0.03;

/// The multiband stage. No delay of its own.
#[derive(Clone, Debug)]
pub struct Multiband {
    crossover: Crossover,
    bands: Vec<Compressor>,
    width: Vec<Smoothed>,
    /// 0 = asleep; up to `warm` running unheard; up to `warm + fade` moving over.
    awake: usize,
    /// `awake` at the beginning of the grid step.
    before: usize,
    warm: usize,
    fade: usize,
    wanted: bool,
    fresh: bool,
}

impl Multiband {
    /// At rest. Allocates.
    pub fn new(rate: f64) -> Self {
        let grid = |seconds: f64| ((seconds * rate) as usize).next_multiple_of(GRID);
        Self {
            crossover: Crossover::new(rate),
            bands: (0..DYN_BANDS).map(|_| Compressor::new(rate)).collect(),
            width: (0..DYN_BANDS).map(|_| Smoothed::new(1.0, rate)).collect(),
            awake: 0,
            before: 0,
            warm: grid(WARM_S),
            fade: grid(FADE_S),
            wanted: false,
            fresh: true,
        }
    }

    /// Where the bands should go. Real-time safe.
    pub fn set(&mut self, settings: &MasterSettings) {
        self.wanted = false;
        for (compressor, band) in self.bands.iter_mut().zip(&settings.dynamics) {
            let band = clean_dyn(band);
            self.wanted |= !super::dynamics::rests(&band);
            compressor.set(&band, self.fresh);
        }
        for (smoothed, &width) in self.width.iter_mut().zip(&settings.width) {
            let width = if width.is_finite() { width.clamp(0.0, 2.0) } else { 1.0 };
            self.wanted |= width != 1.0;
            if self.fresh {
                smoothed.jump(width);
            } else {
                smoothed.aim(width);
            }
        }
        if self.fresh {
            self.awake = if self.wanted { self.warm + self.fade } else { 0 };
            self.before = self.awake;
        }
    }

    /// One grid step of the parameters.
    pub fn tick(&mut self) {
        self.fresh = false;
        self.bands.iter_mut().for_each(Compressor::tick);
        self.width.iter_mut().for_each(Smoothed::tick);
        if self.awake > 0 {
            self.crossover.flush();
        }
    }

    fn has_work(&self) -> bool {
        self.wanted || !self.bands.iter().all(Compressor::rests) || !self.width.iter().all(|w| w.rests_on(1.0))
    }

    /// Frames `at..` of the current grid step, in place.
    pub fn process(&mut self, at: usize, frames: &mut [Frame]) {
        for (i, frame) in frames.iter_mut().enumerate() {
            let place = at + i;
            // Whether there is work is asked once per grid step, so that blocks cannot matter.
            if place == 0 {
                let work = self.has_work();
                self.step_awake(work);
            }
            if self.awake == 0 {
                continue;
            }
            let x = *frame;
            let mut sum = ZERO;
            for (b, band) in self.crossover.step(x).into_iter().enumerate() {
                let gain = self.bands[b].step(place, band);
                let widen = 0.5 * (self.width[b].at(place) - 1.0) * (band[0] - band[1]);
                sum = add(sum, [gain * (band[0] + widen), gain * (band[1] - widen)]);
            }
            let mix = self.mix(place);
            *frame = if mix == 1.0 {
                sum
            } else if mix == 0.0 {
                x
            } else {
                [x[0] + (sum[0] - x[0]) * mix, x[1] + (sum[1] - x[1]) * mix]
            };
        }
    }

    fn step_awake(&mut self, work: bool) {
        self.before = self.awake;
        if work {
            self.awake = (self.awake + GRID).min(self.warm + self.fade);
        } else {
            // Going back there is nothing to warm: the other path is the input itself.
            self.awake = self.awake.saturating_sub(GRID);
            if self.awake <= self.warm && self.before <= self.warm {
                self.sleep();
            }
        }
    }

    /// Share of the processed path at `place` of the grid step, on a smooth curve.
    #[inline(always)]
    fn mix(&self, place: usize) -> f64 {
        if self.before == self.awake && self.awake == self.warm + self.fade {
            return 1.0;
        }
        let (before, now) = (self.before as f64, self.awake as f64);
        let position = before + (now - before) * (place as f64 / GRID as f64);
        let t = ((position - self.warm as f64) / self.fade as f64).clamp(0.0, 1.0);
        t * t * (3.0 - 2.0 * t)
    }

    fn sleep(&mut self) {
        self.awake = 0;
        self.before = 0;
        self.crossover.reset();
        self.bands.iter_mut().for_each(Compressor::reset);
    }

    /// Gain reduction per band, decibels, 0 or negative; for the screen.
    pub fn reductions_db(&self) -> [f64; DYN_BANDS] {
        let mut all = [0.0; DYN_BANDS];
        for (out, band) in all.iter_mut().zip(&self.bands) {
            *out = if self.awake == 0 { 0.0 } else { band.reduction() };
        }
        all
    }

    /// Forgets the signal and takes the settings at once.
    pub fn reset(&mut self) {
        self.sleep();
        for width in &mut self.width {
            let target = width.target();
            width.jump(target);
        }
        self.fresh = true;
        self.awake = if self.wanted { self.warm + self.fade } else { 0 };
        self.before = self.awake;
    }
}
