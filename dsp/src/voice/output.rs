//! What all voices of a part go through together: the string bodies, or the small amplifier and a cut of what is below hearing.

use super::body::Body;
use super::filter::{Filter, Kind};
use continuo_core::Part;

/// The filters ring this long after the last sample of the voices, seconds.
const RING_S: f64 = 0.5;
/// Samples between two looks at the filters' memory, counted from the stream's start.
const LOOK: u64 = 64;
/// What is lower is not sound, hertz.
const LOW_CUT_HZ: f64 = 24.0;

/// The kinds of output.
#[derive(Clone, Debug)]
enum Stage {
    Body(Box<Body>),
    /// A low cut, and for drums a rounding of the highest peaks.
    Plain {
        low_cut: [Filter; 2],
        round: bool,
    },
}

/// The output of one instrument.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    stage: Stage,
    /// Frames it may still ring.
    ring: u64,
    ring_full: u64,
}

/// Unit slope at 0, flat from +-1.5 on, where it reaches +-1.
#[inline(always)]
pub(crate) fn rounded(x: f32) -> f32 {
    let x = x.clamp(-1.5, 1.5);
    x - x * x * x * (4.0 / 27.0)
}

impl Output {
    pub(crate) fn new(part: Part, rate: f64) -> Self {
        let stage = match part {
            Part::Strings => Stage::Body(Box::new(Body::new(rate))),
            Part::Keys | Part::Bass | Part::Drums => Stage::Plain {
                low_cut: [Filter::new(Kind::High, LOW_CUT_HZ, 0.7, rate); 2],
                round: part == Part::Drums,
            },
        };
        Self { stage, ring: 0, ring_full: (RING_S * rate) as u64 }
    }

    /// Adds the voices' sum, as heard, to `to`; `now` is the frame of the first sample since the stream's start. Decisions are made per
    /// sample or on a grid of the stream, so that blocks cannot matter.
    pub(crate) fn process(&mut self, now: u64, from: [&[f32]; 2], to: [&mut [f32]; 2]) {
        let [left, right] = to;
        for (i, (l, r)) in left.iter_mut().zip(right).enumerate() {
            let x = [from[0][i], from[1][i]];
            if x[0] != 0.0 || x[1] != 0.0 {
                self.ring = self.ring_full;
            } else if self.ring > 0 {
                self.ring -= 1;
                if self.ring == 0 {
                    self.clear();
                }
            }
            if self.ring == 0 {
                continue;
            }
            if (now + i as u64).is_multiple_of(LOOK) {
                self.flush();
            }
            let y = self.step(x);
            *l += y[0];
            *r += y[1];
        }
    }

    #[inline(always)]
    fn step(&mut self, x: [f32; 2]) -> [f32; 2] {
        match &mut self.stage {
            Stage::Body(body) => [body.step(0, x[0]), body.step(1, x[1])],
            Stage::Plain { low_cut, round } => {
                let x = if *round { [rounded(x[0]), rounded(x[1])] } else { x };
                [low_cut[0].step(x[0]), low_cut[1].step(x[1])]
            }
        }
    }

    fn flush(&mut self) {
        match &mut self.stage {
            Stage::Body(body) => body.flush(),
            Stage::Plain { low_cut, .. } => low_cut.iter_mut().for_each(Filter::flush),
        }
    }

    fn clear(&mut self) {
        match &mut self.stage {
            Stage::Body(body) => body.reset(),
            Stage::Plain { low_cut, .. } => low_cut.iter_mut().for_each(Filter::reset),
        }
    }

    /// True when nothing rings.
    pub(crate) fn is_silent(&self) -> bool {
        self.ring == 0
    }

    /// As new.
    pub(crate) fn reset(&mut self) {
        self.ring = 0;
        self.clear();
    }
}
