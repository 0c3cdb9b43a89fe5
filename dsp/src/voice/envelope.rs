//! What ends a note: letting go, fading, and the slow clock on which voices look at themselves.

/// Samples between two looks of a voice at itself, counted from its own start.
pub(crate) const LOOK: u32 = 64;
/// Time constant of the fade of a stolen voice, seconds.
const FADE_S: f64 = 0.0012;
/// A fading or released voice ends under this level (-110 dB against full scale).
pub(crate) const END: f32 = 3e-6;

/// An exponential gain with three speeds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    pub(crate) gain: f32,
    per_sample: f32,
    pub(crate) held: bool,
    pub(crate) fading: bool,
}

impl Ending {
    pub(crate) fn new() -> Self {
        Self { gain: 0.0, per_sample: 1.0, held: false, fading: false }
    }

    /// Full gain, key down.
    pub(crate) fn start(&mut self) {
        *self = Self { gain: 1.0, per_sample: 1.0, held: true, fading: false };
    }

    /// Key up: falls by 60 dB in `t60` seconds from now on.
    pub(crate) fn release(&mut self, t60: f64, rate: f64) {
        self.held = false;
        if !self.fading {
            self.per_sample = (-6.907_755 / (t60 * rate)).exp() as f32;
        }
    }

    /// Gone in a few milliseconds.
    pub(crate) fn fade(&mut self, rate: f64) {
        self.held = false;
        self.fading = true;
        self.per_sample = (-1.0 / (FADE_S * rate)).exp() as f32;
    }

    #[inline(always)]
    pub(crate) fn step(&mut self) -> f32 {
        self.gain *= self.per_sample;
        self.gain
    }
}
