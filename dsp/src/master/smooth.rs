//! Parameters that glide.
//!
//! Parameters move on a grid of [`GRID`] samples counted from the stream's start, so that block sizes cannot matter; in
//! between they are straight lines. Each move is three equal one-pole low-passes in series: no corner in the curve or its slope,
//! which keeps the sidebands of a step near the signal.

/// Samples between two parameter updates.
pub const GRID: usize = 16;

/// Time constant of each of the three poles, seconds. A step is 99 % done after about 8.4 of them, 0.1 s.
const TAU_S: f64 = 0.012;

/// Differences smaller than this are jumped over: -140 dB against values near one.
const SNAP: f64 = 1e-7;

/// The share of the way one pole goes in one grid step.
pub fn grid_coefficient(sample_rate: f64) -> f64 {
    1.0 - (-(GRID as f64) / (TAU_S * sample_rate)).exp()
}

/// A value that glides to its target.
#[derive(Clone, Debug)]
pub struct Smoothed {
    target: f64,
    poles: [f64; 3],
    now: f64,
    next: f64,
    share: f64,
}

impl Smoothed {
    /// At rest on `value`.
    pub fn new(value: f64, sample_rate: f64) -> Self {
        Self { target: value, poles: [value; 3], now: value, next: value, share: grid_coefficient(sample_rate) }
    }

    /// Sets where to go. Real-time safe.
    pub fn aim(&mut self, target: f64) {
        self.target = target;
    }

    /// Is there at once. Real-time safe.
    pub fn jump(&mut self, value: f64) {
        *self = Self { target: value, poles: [value; 3], now: value, next: value, share: self.share };
    }

    /// One grid step; call it every [`GRID`] samples.
    pub fn tick(&mut self) {
        self.now = self.next;
        if self.poles[2] == self.target && self.poles[1] == self.target && self.poles[0] == self.target {
            self.next = self.target;
            return;
        }
        let mut input = self.target;
        for pole in &mut self.poles {
            *pole += (input - *pole) * self.share;
            input = *pole;
        }
        let near = |p: &f64| (p - self.target).abs() <= SNAP * (1.0 + self.target.abs());
        if self.poles.iter().all(near) {
            self.poles = [self.target; 3];
        }
        self.next = self.poles[2];
    }

    /// Value at sample `i` of the current grid step.
    #[inline(always)]
    pub fn at(&self, i: usize) -> f64 {
        self.now + (self.next - self.now) * (i as f64 / GRID as f64)
    }

    /// Value at the end of the current grid step.
    pub fn end(&self) -> f64 {
        self.next
    }

    /// Value at the beginning of the current grid step.
    pub fn begin(&self) -> f64 {
        self.now
    }

    /// True when it stays on `value` for the whole grid step and has nowhere else to go.
    pub fn rests_on(&self, value: f64) -> bool {
        self.now == value && self.next == value && self.target == value
    }

    /// True when it does not move in the current grid step.
    pub fn is_still(&self) -> bool {
        self.now == self.next
    }

    /// Where it is going.
    pub fn target(&self) -> f64 {
        self.target
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_arrives_exactly_without_overshoot() {
        let mut value = Smoothed::new(0.0, 48_000.0);
        value.aim(1.0);
        let mut last = 0.0;
        for _ in 0..(48_000 / GRID) {
            value.tick();
            assert!(value.end() >= last && value.end() <= 1.0);
            last = value.end();
        }
        assert!(value.rests_on(1.0));
        // 50 % of three equal poles comes after 2.674 time constants (gamma distribution of order 3).
        let mut value = Smoothed::new(0.0, 48_000.0);
        value.aim(1.0);
        let mut steps = 0;
        while value.end() < 0.5 {
            value.tick();
            steps += 1;
        }
        let seconds = (steps * GRID) as f64 / 48_000.0;
        assert!((seconds - 2.674 * TAU_S).abs() < 0.001, "{seconds}");
    }
}
