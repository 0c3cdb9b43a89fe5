//! A mono second-order filter in single precision, for voices.

use crate::frame::flushed;

/// Which output is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Low,
    Band,
    High,
}

/// A state-variable filter (trapezoidal). Band has unit gain at its centre.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter {
    kind: Kind,
    k: f32,
    a1: f32,
    a2: f32,
    a3: f32,
    ic1: f32,
    ic2: f32,
}

impl Filter {
    pub(crate) fn new(kind: Kind, hz: f64, q: f64, rate: f64) -> Self {
        let mut filter = Self { kind, k: 1.0, a1: 1.0, a2: 0.0, a3: 0.0, ic1: 0.0, ic2: 0.0 };
        filter.tune(hz, q, rate);
        filter
    }

    /// Moves the filter, keeping its memory.
    pub(crate) fn tune(&mut self, hz: f64, q: f64, rate: f64) {
        let g = (std::f64::consts::PI * (hz / rate).clamp(1e-5, 0.45)).tan();
        let k = 1.0 / q.max(0.05);
        let a1 = 1.0 / (1.0 + g * (g + k));
        self.k = k as f32;
        self.a1 = a1 as f32;
        self.a2 = (g * a1) as f32;
        self.a3 = (g * g * a1) as f32;
    }

    #[inline(always)]
    pub(crate) fn step(&mut self, x: f32) -> f32 {
        let v3 = x - self.ic2;
        let band = self.a1 * self.ic1 + self.a2 * v3;
        let low = self.ic2 + self.a2 * self.ic1 + self.a3 * v3;
        self.ic1 = 2.0 * band - self.ic1;
        self.ic2 = 2.0 * low - self.ic2;
        match self.kind {
            Kind::Low => low,
            Kind::Band => self.k * band,
            Kind::High => x - self.k * band - low,
        }
    }

    /// Takes out what is left of a decay.
    pub(crate) fn flush(&mut self) {
        self.ic1 = flushed(f64::from(self.ic1)) as f32;
        self.ic2 = flushed(f64::from(self.ic2)) as f32;
    }

    pub(crate) fn reset(&mut self) {
        self.ic1 = 0.0;
        self.ic2 = 0.0;
    }
}
