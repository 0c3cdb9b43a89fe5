//! A bank of decaying sines: what strings, bars, skins and plates do after they were struck.
//!
//! Each mode is a complex number turned and shrunk once per sample; its imaginary part sounds, so that a mode of phase 0 begins at zero. (Phasor form of the two-pole resonator; M. Mathews and J. O. Smith, SMAC 2003.)

/// Modes in a bank, a multiple of the lanes worked on together.
pub(crate) const MODES: usize = 64;
const LANES: usize = 8;
/// A mode whose amplitude has fallen under this (-114 dB) is no longer computed.
const SILENT: f32 = 2e-6;

/// One mode as asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mode {
    /// Hertz.
    pub hz: f64,
    /// Amplitude, of either sign.
    pub amp: f64,
    /// Time to fall by 60 dB, seconds.
    pub t60: f64,
    /// Phase at the stroke, periods.
    pub phase: f64,
}

/// The bank.
#[derive(Clone, Debug)]
pub(crate) struct Bank {
    re: [f32; MODES],
    im: [f32; MODES],
    turn_re: [f32; MODES],
    turn_im: [f32; MODES],
    /// Modes asked for.
    count: usize,
    /// Modes computed, a multiple of the lanes.
    live: usize,
}

impl Bank {
    pub(crate) fn new() -> Self {
        Self { re: [0.0; MODES], im: [0.0; MODES], turn_re: [0.0; MODES], turn_im: [0.0; MODES], count: 0, live: 0 }
    }

    /// Forgets all modes.
    pub(crate) fn clear(&mut self) {
        *self = Self::new();
    }

    /// Adds a mode, struck now. Give the longest-lived first: dead ones are dropped from the end. Modes beyond 0.45 of the rate or beyond
    /// the bank's size are left out.
    pub(crate) fn add(&mut self, mode: Mode, rate: f64) {
        if self.count == MODES || mode.hz >= 0.45 * rate || mode.hz <= 0.0 || mode.amp.abs() < f64::from(SILENT) {
            return;
        }
        let k = self.count;
        let radius = (-6.907_755 / (mode.t60.max(1e-3) * rate)).exp();
        let angle = std::f64::consts::TAU * mode.hz / rate;
        let start = std::f64::consts::TAU * mode.phase;
        self.re[k] = (mode.amp * start.cos()) as f32;
        self.im[k] = (mode.amp * start.sin()) as f32;
        self.turn_re[k] = (radius * angle.cos()) as f32;
        self.turn_im[k] = (radius * angle.sin()) as f32;
        self.count += 1;
        self.live = self.count.next_multiple_of(LANES);
    }

    /// The next sample.
    #[inline(always)]
    pub(crate) fn step(&mut self) -> f32 {
        let mut sums = [0.0f32; LANES];
        let live = self.live;
        let (re, im) = (&mut self.re[..live], &mut self.im[..live]);
        let (tr, ti) = (&self.turn_re[..live], &self.turn_im[..live]);
        for (((re, im), tr), ti) in re
            .chunks_exact_mut(LANES)
            .zip(im.chunks_exact_mut(LANES))
            .zip(tr.chunks_exact(LANES))
            .zip(ti.chunks_exact(LANES))
        {
            for i in 0..LANES {
                let next_re = re[i] * tr[i] - im[i] * ti[i];
                let next_im = re[i] * ti[i] + im[i] * tr[i];
                re[i] = next_re;
                im[i] = next_im;
                sums[i] += next_im;
            }
        }
        ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]))
    }

    /// Drops what has died away, and says how loud the rest is: the sum of the squared amplitudes. Call it now and then, at times that do not
    /// depend on blocks.
    pub(crate) fn prune(&mut self) -> f32 {
        let power = |re: &[f32; MODES], im: &[f32; MODES], k: usize| re[k] * re[k] + im[k] * im[k];
        while self.live > 0 && (self.live - LANES..self.live).all(|k| power(&self.re, &self.im, k) < SILENT * SILENT) {
            self.live -= LANES;
            for k in self.live..self.live + LANES {
                self.re[k] = 0.0;
                self.im[k] = 0.0;
            }
        }
        // Single dead modes among living ones must not sink into denormal numbers.
        for k in 0..self.live {
            if power(&self.re, &self.im, k) < SILENT * SILENT * 1e-6 {
                self.re[k] = 0.0;
                self.im[k] = 0.0;
            }
        }
        (0..self.live).map(|k| power(&self.re, &self.im, k)).sum()
    }
}
