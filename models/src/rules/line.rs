//! Writing notes down: lengths, touch, and the small unevenness of hands.

use super::setting::Setting;
use continuo_core::{Note, Rng, Tick, Ticks};

/// Notes of one part in the making.
#[derive(Debug)]
pub struct Line<'a> {
    setting: &'a Setting<'a>,
    rng: Rng,
    from: Tick,
    to: Tick,
    /// The notes so far, in no order.
    pub notes: Vec<Note>,
}

impl<'a> Line<'a> {
    /// An empty line whose unevenness is drawn from `stream` of the setting's seed.
    pub fn new(setting: &'a Setting<'a>, stream: u64) -> Self {
        let (from, to) = setting.span();
        Self { setting, rng: setting.rng(stream), from, to, notes: Vec::new() }
    }

    /// Writes a note from `at` to `end`. `loose_ms` is how far, in milliseconds, a hand may stray from the beat (one
    /// deviation, cut at two); the velocity strays by about 4.
    pub fn put(&mut self, at: Tick, end: Tick, pitch: i32, velocity: f64, loose_ms: f64) {
        let stray = self.rng.normal().clamp(-2.0, 2.0) * loose_ms;
        let touch = self.rng.normal().clamp(-2.5, 2.5) * 4.0;
        let at = if loose_ms > 0.0 { Tick(at.0 + self.setting.ticks(stray, at)) } else { at };
        let at = at.clamp(self.from, Tick((self.to.0 - 1).max(self.from.0)));
        let end = end.min(self.to);
        if !(0..=127).contains(&pitch) || end <= at {
            return;
        }
        let velocity = (velocity + touch).round().clamp(1.0, 127.0) as u8;
        self.notes.push(Note { at, len: end - at, pitch: pitch as u8, velocity });
    }

    /// Writes a note on the beat.
    pub fn firm(&mut self, at: Tick, end: Tick, pitch: i32, velocity: f64) {
        self.put(at, end, pitch, velocity, 0.0);
    }

    /// The notes, sorted and without overlaps of one pitch.
    pub fn done(mut self) -> Vec<Note> {
        continuo_core::note::tidy(&mut self.notes);
        self.notes
    }
}

/// The point `share` of the way from `at` to `end`, at least one tick after `at`.
pub fn until(at: Tick, end: Tick, share: f64) -> Tick {
    let length = (end - at).0 as f64 * share;
    at + Ticks((length.round() as i64).max(1))
}

/// The pitch of class `class` nearest to `near` inside `low..=high`, or `None` when the range holds none.
pub fn nearest(class: continuo_core::PitchClass, near: i32, low: i32, high: i32) -> Option<i32> {
    (low..=high).filter(|p| continuo_core::PitchClass::of(*p) == class).min_by_key(|p| ((p - near).abs(), *p))
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::PitchClass;

    #[test]
    fn the_nearest_pitch_stays_in_range() {
        assert_eq!(nearest(PitchClass::of(0), 61, 40, 80), Some(60));
        assert_eq!(nearest(PitchClass::of(0), 90, 40, 80), Some(72));
        assert_eq!(nearest(PitchClass::of(0), 50, 61, 70), None);
    }
}
