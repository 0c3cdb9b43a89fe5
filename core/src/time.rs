//! Musical time: ticks, metres, tempo, and the way between ticks and seconds.

use serde::{Deserialize, Serialize};
use std::ops::{Add, Sub};

/// Resolution of musical time. 960 divides by 24 (the models' grid per quarter), by 5, 6, 7-free tuplets up to 64ths.
pub const TICKS_PER_QUARTER: i64 = 960;

/// A point in musical time, in ticks from the start of the song.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tick(pub i64);

/// A length of musical time, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticks(pub i64);

impl Ticks {
    /// `count` quarter notes, rounded to the nearest tick.
    pub fn quarters(count: f64) -> Ticks {
        Ticks((count * TICKS_PER_QUARTER as f64).round() as i64)
    }

    /// This length in quarter notes.
    pub fn as_quarters(self) -> f64 {
        self.0 as f64 / TICKS_PER_QUARTER as f64
    }
}

impl Tick {
    /// This position in quarter notes from the start.
    pub fn as_quarters(self) -> f64 {
        self.0 as f64 / TICKS_PER_QUARTER as f64
    }

    /// The position `quarters` quarter notes from the start, rounded to the nearest tick.
    pub fn at_quarters(quarters: f64) -> Tick {
        Tick(Ticks::quarters(quarters).0)
    }
}

impl Add<Ticks> for Tick {
    type Output = Tick;
    fn add(self, length: Ticks) -> Tick {
        Tick(self.0 + length.0)
    }
}

impl Sub<Ticks> for Tick {
    type Output = Tick;
    fn sub(self, length: Ticks) -> Tick {
        Tick(self.0 - length.0)
    }
}

impl Sub for Tick {
    type Output = Ticks;
    fn sub(self, earlier: Tick) -> Ticks {
        Ticks(self.0 - earlier.0)
    }
}

/// A time signature: `num` beats of a 1/`den` note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Meter {
    /// Upper number, 1 to 64.
    pub num: u8,
    /// Lower number, a power of two from 1 to 64.
    pub den: u8,
}

impl Meter {
    /// Four four.
    pub const COMMON: Meter = Meter { num: 4, den: 4 };

    /// A metre, or `None` when `num` is not 1 to 64 or `den` not a power of two from 1 to 64.
    pub fn new(num: u8, den: u8) -> Option<Meter> {
        ((1..=64).contains(&num) && den.is_power_of_two() && den <= 64).then_some(Meter { num, den })
    }

    /// Length of one bar.
    pub fn bar(self) -> Ticks {
        Ticks(i64::from(self.num) * 4 * TICKS_PER_QUARTER / i64::from(self.den))
    }

    /// True for 6/8, 9/8, 12/8 and their like: the felt beat is three of the written ones.
    pub fn is_compound(self) -> bool {
        self.den >= 8 && self.num > 3 && self.num.is_multiple_of(3)
    }

    /// The lengths of the felt beats of one bar, in order; they sum to [`Meter::bar`]. Simple metres have equal
    /// beats, compound ones dotted beats, and odd ones on eighths or shorter are grouped in twos with a three at the
    /// end (7/8 = 2+2+3, 5/8 = 2+3).
    pub fn beats(self) -> Vec<Ticks> {
        let unit = 4 * TICKS_PER_QUARTER / i64::from(self.den);
        let num = i64::from(self.num);
        if self.is_compound() {
            vec![Ticks(3 * unit); (num / 3) as usize]
        } else if self.den >= 8 && num > 3 {
            let mut beats = vec![Ticks(2 * unit); (num / 2) as usize];
            if num % 2 == 1
                && let Some(last) = beats.last_mut()
            {
                last.0 += unit;
            }
            beats
        } else {
            vec![Ticks(unit); num as usize]
        }
    }
}

/// Where bars begin and how long they are: a list of metre changes, each at a bar line. The first begins at tick 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterMap {
    changes: Vec<(Tick, Meter)>,
    /// Length of a short first bar (upbeat), zero when the song begins with a whole one.
    pickup: Ticks,
}

impl Default for MeterMap {
    fn default() -> Self {
        Self::constant(Meter::COMMON)
    }
}

impl MeterMap {
    /// One metre from tick 0 on.
    pub fn constant(meter: Meter) -> Self {
        Self { changes: vec![(Tick(0), meter)], pickup: Ticks(0) }
    }

    /// A map from changes in any order. Changes that do not fall on a bar line of the metre before them are moved to
    /// the next bar line, later ones at the same place win, and 4/4 is assumed before the first. `pickup` is the
    /// length of a short first bar; values outside one bar are taken as none.
    pub fn new(changes: &[(Tick, Meter)], pickup: Ticks) -> Self {
        let mut sorted: Vec<_> = changes.to_vec();
        sorted.sort_by_key(|c| c.0);
        let first = sorted.iter().rev().find(|c| c.0 <= Tick(0)).map_or(Meter::COMMON, |c| c.1);
        let pickup = if pickup.0 > 0 && pickup < first.bar() { pickup } else { Ticks(0) };
        let mut map = Self { changes: vec![(Tick(0), first)], pickup };
        for &(at, meter) in sorted.iter().filter(|c| c.0 > Tick(0)) {
            let bar = map.bar_at(at);
            let start = map.bar_start(bar);
            let line = if start == at { start } else { map.bar_start(bar + 1) };
            map.changes.retain(|c| c.0 < line);
            if map.changes.is_empty() {
                map.changes.push((Tick(0), meter));
            } else {
                map.changes.push((line, meter));
            }
        }
        map
    }

    /// The metre changes, in order; never empty.
    pub fn changes(&self) -> &[(Tick, Meter)] {
        &self.changes
    }

    /// Length of the upbeat bar, zero when there is none.
    pub fn pickup(&self) -> Ticks {
        self.pickup
    }

    fn origin(&self, index: usize) -> Tick {
        // Bars of the first metre count from the end of the upbeat.
        if index == 0 { Tick(self.pickup.0) } else { self.changes[index].0 }
    }

    /// Number of the bar that sounds at `at` (0 = the first bar or upbeat; positions before the song give bar 0).
    pub fn bar_at(&self, at: Tick) -> u32 {
        if at.0 < self.pickup.0 {
            return 0;
        }
        let mut bars = i64::from(self.pickup.0 > 0);
        for (i, &(_, meter)) in self.changes.iter().enumerate() {
            let from = self.origin(i);
            let to = self.changes.get(i + 1).map_or(Tick(i64::MAX), |c| c.0);
            if at < to {
                return u32::try_from(bars + (at - from).0.max(0) / meter.bar().0).unwrap_or(u32::MAX);
            }
            bars += (to - from).0 / meter.bar().0;
        }
        u32::try_from(bars).unwrap_or(u32::MAX)
    }

    /// Start of bar `bar`.
    pub fn bar_start(&self, bar: u32) -> Tick {
        let mut left = i64::from(bar);
        if self.pickup.0 > 0 {
            if left == 0 {
                return Tick(0);
            }
            left -= 1;
        }
        for (i, &(_, meter)) in self.changes.iter().enumerate() {
            let from = self.origin(i);
            let count = self.changes.get(i + 1).map_or(i64::MAX, |c| (c.0 - from).0 / meter.bar().0);
            if left < count {
                return Tick(from.0 + left * meter.bar().0);
            }
            left -= count;
        }
        Tick(i64::MAX)
    }

    /// The metre of bar `bar`.
    pub fn meter_of(&self, bar: u32) -> Meter {
        let start = self.bar_start(bar);
        self.changes.iter().rev().find(|c| c.0 <= start).map_or(Meter::COMMON, |c| c.1)
    }

    /// Start and end of bar `bar`.
    pub fn bar_span(&self, bar: u32) -> (Tick, Tick) {
        (self.bar_start(bar), self.bar_start(bar + 1))
    }

    /// Start and length of every felt beat of bar `bar`, in order. An upbeat takes the last beats of a whole bar.
    pub fn beats_of(&self, bar: u32) -> Vec<(Tick, Ticks)> {
        let (start, end) = self.bar_span(bar);
        let mut beats = Vec::new();
        let mut at = end;
        for length in self.meter_of(bar).beats().into_iter().rev() {
            if at <= start {
                break;
            }
            let from = Tick((at - length).0.max(start.0));
            beats.push((from, at - from));
            at = from;
        }
        beats.reverse();
        beats
    }
}

/// A half-open range of bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BarRange {
    /// First bar.
    pub from: u32,
    /// The bar after the last one.
    pub to: u32,
}

impl BarRange {
    /// The number of bars.
    pub fn len(self) -> u32 {
        self.to.saturating_sub(self.from)
    }

    /// True when there is no bar in it.
    pub fn is_empty(self) -> bool {
        self.to <= self.from
    }

    /// Start of the first bar and end of the last.
    pub fn span(self, meters: &MeterMap) -> (Tick, Tick) {
        (meters.bar_start(self.from), meters.bar_start(self.to))
    }
}

/// Tempo changes: quarter notes per minute from a tick on, constant until the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TempoMap {
    changes: Vec<(Tick, f64)>,
}

impl Default for TempoMap {
    fn default() -> Self {
        Self::constant(120.0)
    }
}

impl TempoMap {
    /// Slowest tempo kept, quarter notes per minute.
    pub const MIN_BPM: f64 = 5.0;
    /// Fastest tempo kept, quarter notes per minute.
    pub const MAX_BPM: f64 = 1000.0;

    /// One tempo from tick 0 on; clamped to 5..1000, 120 when it is not a number.
    pub fn constant(bpm: f64) -> Self {
        Self { changes: vec![(Tick(0), Self::clean(bpm))] }
    }

    /// A map from changes in any order; 120 is assumed before the first.
    pub fn new(changes: &[(Tick, f64)]) -> Self {
        let mut sorted: Vec<_> = changes.iter().map(|&(t, b)| (Tick(t.0.max(0)), Self::clean(b))).collect();
        sorted.sort_by_key(|c| c.0);
        if sorted.first().is_none_or(|c| c.0 > Tick(0)) {
            sorted.insert(0, (Tick(0), 120.0));
        }
        let mut kept: Vec<(Tick, f64)> = Vec::with_capacity(sorted.len());
        for change in sorted {
            match kept.last_mut() {
                Some(last) if last.0 == change.0 => *last = change,
                _ => kept.push(change),
            }
        }
        Self { changes: kept }
    }

    fn clean(bpm: f64) -> f64 {
        if bpm.is_finite() { bpm.clamp(Self::MIN_BPM, Self::MAX_BPM) } else { 120.0 }
    }

    /// The changes, in order; never empty.
    pub fn changes(&self) -> &[(Tick, f64)] {
        &self.changes
    }

    /// Quarter notes per minute at `at`.
    pub fn bpm_at(&self, at: Tick) -> f64 {
        self.changes.iter().rev().find(|c| c.0 <= at).map_or(self.changes[0].1, |c| c.1)
    }

    /// Seconds from tick 0 to `at`.
    pub fn seconds_at(&self, at: Tick) -> f64 {
        let mut seconds = 0.0;
        for (i, &(from, bpm)) in self.changes.iter().enumerate() {
            let to = self.changes.get(i + 1).map_or(at, |c| Tick(c.0.0.min(at.0)));
            if to <= from && i > 0 {
                break;
            }
            seconds += (to - from).as_quarters() * 60.0 / bpm;
        }
        seconds
    }

    /// The tick nearest to `seconds` from tick 0.
    pub fn tick_at(&self, seconds: f64) -> Tick {
        let mut left = seconds;
        for (i, &(from, bpm)) in self.changes.iter().enumerate() {
            let length = self.changes.get(i + 1).map_or(f64::INFINITY, |c| (c.0 - from).as_quarters() * 60.0 / bpm);
            if left < length {
                return Tick(from.0 + Ticks::quarters(left * bpm / 60.0).0);
            }
            left -= length;
        }
        self.changes[self.changes.len() - 1].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_count_through_pickup_and_change() {
        // One quarter of upbeat, two bars of 3/4, then 4/4 from quarter 7 on.
        let three = Meter::new(3, 4).unwrap();
        let map = MeterMap::new(&[(Tick(0), three), (Tick::at_quarters(7.0), Meter::COMMON)], Ticks::quarters(1.0));
        let starts: Vec<f64> = (0..5).map(|b| map.bar_start(b).as_quarters()).collect();
        assert_eq!(starts, [0.0, 1.0, 4.0, 7.0, 11.0]);
        for bar in 0..40 {
            assert_eq!(map.bar_at(map.bar_start(bar)), bar);
            assert_eq!(map.bar_at(map.bar_start(bar + 1) - Ticks(1)), bar);
        }
        assert_eq!(map.meter_of(2), three);
        assert_eq!(map.meter_of(3), Meter::COMMON);
        assert_eq!(map.beats_of(0), [(Tick(0), Ticks::quarters(1.0))]);
    }

    #[test]
    fn odd_and_compound_beats_fill_the_bar() {
        for (num, den) in [(2, 4), (3, 4), (4, 4), (5, 4), (6, 8), (7, 8), (5, 8), (9, 8), (12, 8), (2, 2), (3, 8)] {
            let meter = Meter::new(num, den).unwrap();
            assert_eq!(meter.beats().iter().map(|b| b.0).sum::<i64>(), meter.bar().0, "{num}/{den}");
        }
        assert_eq!(Meter::new(7, 8).unwrap().beats().len(), 3);
        assert_eq!(Meter::new(6, 8).unwrap().beats().len(), 2);
    }

    #[test]
    fn a_change_inside_a_bar_moves_to_the_next_line() {
        let map = MeterMap::new(&[(Tick::at_quarters(5.0), Meter::new(3, 4).unwrap())], Ticks(0));
        assert_eq!(map.changes()[1].0, Tick::at_quarters(8.0));
    }

    #[test]
    fn seconds_and_ticks_are_inverse_over_tempo_changes() {
        let map = TempoMap::new(&[(Tick(0), 60.0), (Tick::at_quarters(4.0), 120.0)]);
        // Four quarters at 60 last 4 s, the next two at 120 last 1 s.
        assert!((map.seconds_at(Tick::at_quarters(6.0)) - 5.0).abs() < 1e-12);
        for q in [0.0, 1.5, 4.0, 5.25, 100.0] {
            assert_eq!(map.tick_at(map.seconds_at(Tick::at_quarters(q))), Tick::at_quarters(q));
        }
        assert_eq!(TempoMap::constant(f64::NAN).bpm_at(Tick(0)), 120.0);
    }
}
