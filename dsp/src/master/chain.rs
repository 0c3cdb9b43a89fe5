//! The stages in their order.

use super::eq::Eq;
use super::highpass::HighPass;
use super::limiter::Limiter;
use super::multiband::Multiband;
use super::saturation::Saturation;
use super::smooth::{GRID, Smoothed};
use crate::frame::{Frame, ZERO, clean, scale, to_f32};
use continuo_core::mastering::{DYN_BANDS, MasterSettings};
use continuo_core::units::{Frames, SampleRate};

/// Gain reduction at the moment, decibels, 0 or negative.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reductions {
    /// Per dynamics band.
    pub bands_db: [f64; DYN_BANDS],
    /// Limiter.
    pub limiter_db: f64,
}

/// The whole chain for one stereo stream.
///
/// # Real-time safety
/// [`MasterChain::new`] allocates; everything else is real-time safe for blocks of any size.
#[derive(Clone, Debug)]
pub struct MasterChain {
    input_gain: Gain,
    highpass: HighPass,
    eq: Eq,
    multiband: Multiband,
    saturation: Saturation,
    drive: Gain,
    limiter: Limiter,
    latency: Frames,
    /// Place in the grid step, 0 to GRID - 1.
    place: usize,
}

/// A gliding gain.
#[derive(Clone, Debug)]
struct Gain {
    db: Smoothed,
    factor: (f64, f64),
    fresh: bool,
}

impl Gain {
    fn new(rate: f64) -> Self {
        Self { db: Smoothed::new(0.0, rate), factor: (1.0, 1.0), fresh: true }
    }

    fn set(&mut self, db: f64, low: f64, high: f64) {
        let db = if db.is_finite() { db.clamp(low, high) } else { 0.0 };
        if self.fresh {
            self.db.jump(db);
            self.factor.1 = 10f64.powf(db / 20.0);
        } else {
            self.db.aim(db);
        }
    }

    fn tick(&mut self) {
        self.fresh = false;
        self.db.tick();
        self.factor.0 = self.factor.1;
        if !self.db.is_still() {
            self.factor.1 = 10f64.powf(self.db.end() / 20.0);
        }
    }

    fn process(&self, at: usize, frames: &mut [Frame]) {
        let (from, to) = self.factor;
        if from == 1.0 && to == 1.0 {
            return;
        }
        for (i, frame) in frames.iter_mut().enumerate() {
            *frame = scale(*frame, from + (to - from) * ((at + i) as f64 / GRID as f64));
        }
    }

    fn reset(&mut self) {
        let db = self.db.target();
        self.db.jump(db);
        self.factor = (10f64.powf(db / 20.0), 10f64.powf(db / 20.0));
        self.fresh = true;
    }
}

impl MasterChain {
    /// A chain with [`MasterSettings::default`]. `max_block` is a hint: blocks of any size are taken. Allocates.
    pub fn new(sample_rate: SampleRate, _max_block: Frames) -> Self {
        let rate = sample_rate.hz();
        let (eq, saturation, limiter) = (Eq::new(rate), Saturation::new(rate), Limiter::new(rate));
        let latency = Frames((eq.latency() + saturation.latency() + limiter.latency()) as u64);
        let mut chain = Self {
            input_gain: Gain::new(rate),
            highpass: HighPass::new(rate),
            eq,
            multiband: Multiband::new(rate),
            saturation,
            drive: Gain::new(rate),
            limiter,
            latency,
            place: 0,
        };
        chain.set(&MasterSettings::default());
        chain
    }

    /// New settings. Until the first sample has been processed they hold at once; later they glide (about 0.1 s). Numbers out of their stated
    /// range are brought into it. Real-time safe.
    pub fn set(&mut self, settings: &MasterSettings) {
        self.input_gain.set(settings.input_gain_db, -24.0, 24.0);
        self.highpass.set(settings.highpass_hz);
        self.eq.set(&settings.eq);
        self.multiband.set(settings);
        self.saturation.set(settings.saturation_db);
        self.drive.set(settings.drive_db, 0.0, 24.0);
        self.limiter.set(settings.ceiling_dbtp, settings.release_ms, settings.limiter_on);
    }

    /// Processes a block in place. Both channels have one length; of unequal ones the shorter counts. Samples that are not finite count as 0.
    pub fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        let len = left.len().min(right.len());
        let (mut left, mut right) = (&mut left[..len], &mut right[..len]);
        while !left.is_empty() {
            let count = (GRID - self.place).min(left.len());
            let (l, left_rest) = left.split_at_mut(count);
            let (r, right_rest) = right.split_at_mut(count);
            let mut frames = [ZERO; GRID];
            for ((frame, l), r) in frames.iter_mut().zip(&*l).zip(&*r) {
                *frame = [clean(*l), clean(*r)];
            }
            self.step(&mut frames[..count]);
            for ((frame, l), r) in frames.iter().zip(l).zip(r) {
                *l = to_f32(frame[0]);
                *r = to_f32(frame[1]);
            }
            (left, right) = (left_rest, right_rest);
        }
    }

    /// Frames that do not cross a grid line.
    fn step(&mut self, frames: &mut [Frame]) {
        let at = self.place;
        if at == 0 {
            self.input_gain.tick();
            self.highpass.tick();
            self.eq.tick();
            self.multiband.tick();
            self.saturation.tick();
            self.drive.tick();
            self.limiter.tick();
        }
        self.input_gain.process(at, frames);
        self.highpass.process(at, frames);
        self.eq.process(at, frames);
        self.multiband.process(at, frames);
        self.saturation.process(at, frames);
        self.drive.process(at, frames);
        self.limiter.process(frames);
        self.place = (at + frames.len()) % GRID;
    }

    /// Delay from input to output, the same for all settings.
    pub fn latency(&self) -> Frames {
        self.latency
    }

    /// What dynamics and limiter are doing, for the screen.
    pub fn reductions(&self) -> Reductions {
        Reductions { bands_db: self.multiband.reductions_db(), limiter_db: self.limiter.reduction_db() }
    }

    /// As if newly made with the settings last set. Real-time safe.
    pub fn reset(&mut self) {
        self.input_gain.reset();
        self.highpass.reset();
        self.eq.reset();
        self.multiband.reset();
        self.saturation.reset();
        self.drive.reset();
        self.limiter.reset();
        self.place = 0;
    }
}
