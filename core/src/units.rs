//! Units as types: a position is not a length, a decibel is not an amplitude.

use serde::{Deserialize, Serialize};
use std::ops::{Add, AddAssign, Sub};

/// A point on the sample timeline of one stream, counted in frames from its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SamplePos(pub u64);

/// A length in frames (one frame = one sample per channel).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Frames(pub u64);

impl Add<Frames> for SamplePos {
    type Output = SamplePos;
    fn add(self, length: Frames) -> SamplePos {
        SamplePos(self.0 + length.0)
    }
}

impl AddAssign<Frames> for SamplePos {
    fn add_assign(&mut self, length: Frames) {
        self.0 += length.0;
    }
}

impl Sub for SamplePos {
    type Output = Frames;
    /// The distance between two positions; zero when `earlier` is the later one.
    fn sub(self, earlier: SamplePos) -> Frames {
        Frames(self.0.saturating_sub(earlier.0))
    }
}

/// Frames per second, 1 to 768,000.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SampleRate(f64);

impl SampleRate {
    /// A rate in hertz, or `None` when it is not a finite number from 1 to 768,000.
    pub fn new(hz: f64) -> Option<Self> {
        (hz.is_finite() && (1.0..=768_000.0).contains(&hz)).then_some(Self(hz))
    }

    /// The rate in hertz.
    pub fn hz(self) -> f64 {
        self.0
    }

    /// How long `length` lasts, in seconds.
    pub fn seconds(self, length: Frames) -> f64 {
        length.0 as f64 / self.0
    }

    /// The number of whole frames nearest to `seconds`; negative and non-finite lengths are zero.
    pub fn frames(self, seconds: f64) -> Frames {
        let frames = (seconds * self.0).round();
        Frames(if frames.is_finite() && frames > 0.0 { frames as u64 } else { 0 })
    }
}

/// A frequency in hertz.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hz(pub f64);

/// A level or gain in decibels.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Db(pub f64);

/// A linear amplitude factor, 1 = 0 dB.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amp(pub f64);

impl From<Db> for Amp {
    fn from(level: Db) -> Amp {
        Amp(10f64.powf(level.0 / 20.0))
    }
}

impl From<Amp> for Db {
    /// Silence and negative factors become -infinity.
    fn from(factor: Amp) -> Db {
        Db(if factor.0 > 0.0 { 20.0 * factor.0.log10() } else { f64::NEG_INFINITY })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_decibels_are_about_two() {
        // 20 log10(2) = 6.0206 dB.
        assert!((Amp::from(Db(6.020_599_913)).0 - 2.0).abs() < 1e-9);
        assert!((Db::from(Amp(0.5)).0 + 6.020_599_913).abs() < 1e-8);
        assert_eq!(Db::from(Amp(0.0)).0, f64::NEG_INFINITY);
    }

    #[test]
    fn a_rate_is_checked_and_rounds_to_frames() {
        assert!(SampleRate::new(f64::NAN).is_none() && SampleRate::new(0.0).is_none());
        let rate = SampleRate::new(48_000.0).unwrap();
        assert_eq!(rate.frames(0.5), Frames(24_000));
        assert_eq!(rate.frames(-1.0), Frames(0));
        assert_eq!(SamplePos(10) - SamplePos(4), Frames(6));
    }
}
