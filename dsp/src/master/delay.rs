//! A whole-sample delay, exact to the bit.

use crate::frame::{Frame, ZERO};

/// Delays by a fixed number of frames.
#[derive(Clone, Debug)]
pub struct Delay {
    ring: Vec<Frame>,
    at: usize,
}

impl Delay {
    /// A delay of `frames`; 0 passes through. Allocates.
    pub fn new(frames: usize) -> Self {
        Self { ring: vec![ZERO; frames], at: 0 }
    }

    /// One frame in, the frame from `len` ago out.
    #[inline(always)]
    pub fn step(&mut self, x: Frame) -> Frame {
        if self.ring.is_empty() {
            return x;
        }
        let out = std::mem::replace(&mut self.ring[self.at], x);
        self.at += 1;
        if self.at == self.ring.len() {
            self.at = 0;
        }
        out
    }

    /// Length in frames.
    pub fn len(&self) -> usize {
        self.ring.len()
    }

    /// True when it does not delay.
    pub fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    /// Fills it with silence.
    pub fn reset(&mut self) {
        self.ring.fill(ZERO);
        self.at = 0;
    }
}
