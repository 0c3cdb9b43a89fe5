//! Input of the harmony model: one column of numbers per beat.
//!
//! The same numbers as `models/harmony/features.py`; `models/harmony/goldens/features.json` holds both sides to them.
//! The rule of a beat is the model's own (half notes in x/2, dotted beats in 3/8 too) and is written down in
//! [`beat_lengths`].

use continuo_core::{BarRange, Key, Mode, Note, TICKS_PER_QUARTER};
use continuo_core::{Meter, MeterMap};

/// Version of this computation; must agree with the contract's.
pub const FEATURE_VERSION: u32 = 1;
/// Numbers per pitch class and beat.
pub const PC_CHANNELS: usize = 7;
/// Further numbers per beat.
pub const SCALARS: usize = 17;
/// Beats over which the "end is near" number falls by e.
const PHRASE_END_BEATS: f64 = 4.0;
/// Melody notes that began longer ago than this do not count any more.
const LONGEST_NOTE: i64 = 16 * TICKS_PER_QUARTER;

const SOUNDING: usize = 0;
const AT_ONSET: usize = 1;
const ATTACKED: usize = 2;
const AT_END: usize = 3;
const WINDOW: usize = 4;
const TONIC_MAJOR: usize = 5;
const TONIC_MINOR: usize = 6;

/// A bar as if it were whole: an upbeat bar starts before the song does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Start in ticks; negative for an upbeat's missing beginning.
    pub start: i64,
    /// Length of the whole bar in ticks.
    pub full: i64,
    /// Metre.
    pub meter: Meter,
}

/// A beat of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Start in ticks.
    pub start: i64,
    /// Length in ticks.
    pub len: i64,
    /// Place in its bar, from 0.
    pub index: usize,
    /// Which bar of the list.
    pub bar: usize,
}

/// Lengths of a bar's beats in ticks: half notes in x/1 and x/2, quarters in x/4, three lower units where the upper
/// number is a multiple of three, else groups of two eighths or four shorter notes; what is left over lengthens the last.
pub fn beat_lengths(meter: Meter) -> Vec<i64> {
    let total = meter.bar().0;
    let unit = 4 * TICKS_PER_QUARTER / i64::from(meter.den);
    let beat = match meter.den {
        1 | 2 => 2 * TICKS_PER_QUARTER,
        4 => TICKS_PER_QUARTER,
        _ if meter.num.is_multiple_of(3) => 3 * unit,
        8 => 2 * unit,
        _ => 4 * unit,
    };
    let count = (total / beat).max(1);
    let mut beats = vec![beat; count as usize];
    beats[count as usize - 1] += total - beat * count;
    beats
}

/// The bars of a range and the beats that lie in them.
pub fn bars_and_beats(meters: &MeterMap, range: BarRange) -> (Vec<Bar>, Vec<Beat>) {
    let (mut bars, mut beats) = (Vec::new(), Vec::new());
    for number in range.from..range.to {
        let (start, end) = meters.bar_span(number);
        let meter = meters.meter_of(number);
        let full = meter.bar().0;
        let bar = Bar { start: end.0 - full, full, meter };
        let mut at = bar.start;
        for (index, len) in beat_lengths(meter).into_iter().enumerate() {
            let from = at.max(start.0);
            at += len;
            if at > from {
                beats.push(Beat { start: from, len: at - from, index, bar: bars.len() });
            }
        }
        bars.push(bar);
    }
    (bars, beats)
}

/// How many beats the bar of each beat has.
fn beats_per_bar(beats: &[Beat]) -> Vec<usize> {
    let bars = beats.last().map_or(0, |b| b.bar + 1);
    let mut count = vec![0; bars];
    for beat in beats {
        count[beat.bar] = count[beat.bar].max(beat.index + 1);
    }
    count
}

/// How the step into each beat is classed: 0 into a downbeat, 1 into the middle of a bar, 2 any other.
pub fn transition_classes(beats: &[Beat]) -> Vec<usize> {
    let per_bar = beats_per_bar(beats);
    beats
        .iter()
        .map(|b| match b.index {
            0 => 0,
            i if 2 * i == per_bar[b.bar] => 1,
            _ => 2,
        })
        .collect()
}

/// What may be asked of the chords beside fitting the melody.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Wishes {
    /// Key, when known.
    pub key: Option<Key>,
    /// Chord changes per bar and share of time with chords beyond plain triads (0 to 1).
    pub rate_and_colour: Option<(f64, f64)>,
    /// The last beat is the end of a phrase.
    pub ends: bool,
}

/// Both inputs of the graph, row-major: `[12, PC_CHANNELS, beats]` and `[SCALARS, beats]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// Per pitch class.
    pub pcs: Vec<f32>,
    /// Per beat.
    pub scalars: Vec<f32>,
}

/// Features of a run of beats. `melody` is sorted by onset.
pub fn beat_features(melody: &[Note], beats: &[Beat], bars: &[Bar], wishes: Wishes) -> Features {
    let n = beats.len();
    let mut pcs = vec![0f32; 12 * PC_CHANNELS * n];
    let mut scalars = vec![0f32; SCALARS * n];
    let per_bar = beats_per_bar(beats);
    let mut first = 0;
    let mut mean_pitch: Option<f64> = None;
    for (t, beat) in beats.iter().enumerate() {
        let at = |pitch: u8, channel: usize| (usize::from(pitch % 12) * PC_CHANNELS + channel) * n + t;
        let end = beat.start + beat.len;
        while first < melody.len() && melody[first].at.0 + LONGEST_NOTE < beat.start {
            first += 1;
        }
        let (mut sounding, mut attacks, mut pitch_sum) = (0i64, 0u32, 0i64);
        let mut latest: Option<(i64, u8)> = None;
        for note in melody[first..].iter().take_while(|m| m.at.0 < end) {
            let overlap = note.end().0.min(end) - note.at.0.max(beat.start);
            if overlap <= 0 {
                continue;
            }
            pcs[at(note.pitch, SOUNDING)] += (overlap as f64 / beat.len as f64) as f32;
            sounding += overlap;
            pitch_sum += overlap * i64::from(note.pitch);
            if note.at.0 <= beat.start {
                pcs[at(note.pitch, AT_ONSET)] = 1.0;
            }
            if note.at.0 == beat.start {
                pcs[at(note.pitch, ATTACKED)] = 1.0;
            }
            if note.at.0 >= beat.start {
                attacks += 1;
            }
            latest = latest.max(Some((note.at.0, note.pitch)));
        }
        if let Some((_, pitch)) = latest {
            pcs[at(pitch, AT_END)] = 1.0;
            mean_pitch = Some(pitch_sum as f64 / sounding as f64);
        }
        let bar = bars[beat.bar];
        let phase = (beat.start - bar.start) as f64 / bar.full as f64;
        let angle = std::f64::consts::TAU * phase;
        let mut set = |row: usize, value: f64| scalars[row * n + t] = value as f32;
        set(0, (sounding as f64 / beat.len as f64).min(1.0));
        set(1, f64::from(1 + attacks).log2() / 3.0);
        set(2, mean_pitch.map_or(0.0, |p| (p - 67.0) / 12.0));
        set(3, angle.cos());
        set(4, angle.sin());
        set(5, if beat.index == 0 { 1.0 } else { 0.0 });
        set(6, if beat.index > 0 && phase == 0.5 { 1.0 } else { 0.0 });
        set(6 + per_bar[beat.bar].min(5), 1.0);
        set(12, if bar.meter.den >= 8 { 1.0 } else { 0.0 });
        set(13, if wishes.ends { (-((n - 1 - t) as f64) / PHRASE_END_BEATS).exp() } else { 0.0 });
        if let Some((rate, colour)) = wishes.rate_and_colour {
            set(14, (1.0 + rate).log2() / 2.0);
            set(15, colour);
            set(16, 1.0);
        }
    }
    fill_windows(&mut pcs, n, wishes.key);
    Features { pcs, scalars }
}

/// The channels that say the same for every beat: the pitch classes of the whole window, and the key.
fn fill_windows(pcs: &mut [f32], n: usize, key: Option<Key>) {
    let row = |pc: usize, channel: usize| (pc * PC_CHANNELS + channel) * n;
    let totals: Vec<f32> = (0..12).map(|pc| pcs[row(pc, SOUNDING)..][..n].iter().sum::<f32>()).collect();
    let peak = totals.iter().copied().fold(0.0, f32::max);
    for (pc, total) in totals.iter().enumerate() {
        if peak > 0.0 {
            pcs[row(pc, WINDOW)..][..n].fill(total / peak);
        }
    }
    if let Some(key) = key {
        let channel = if key.mode == Mode::Minor { TONIC_MINOR } else { TONIC_MAJOR };
        pcs[row(key.tonic.index(), channel)..][..n].fill(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::{Tick, Ticks};

    #[test]
    fn beats_follow_the_written_rule_and_fill_the_bar() {
        let q = TICKS_PER_QUARTER;
        let of = |num, den| beat_lengths(Meter::new(num, den).unwrap());
        assert_eq!(of(4, 4), [q, q, q, q]);
        assert_eq!(of(2, 2), [2 * q, 2 * q]);
        assert_eq!(of(6, 8), [q * 3 / 2, q * 3 / 2]);
        assert_eq!(of(3, 8), [q * 3 / 2]);
        assert_eq!(of(7, 8), [q, q, q * 3 / 2]);
        for (num, den) in [(1, 4), (5, 4), (1, 8), (5, 8), (5, 16), (12, 8), (3, 1), (1, 64), (64, 64)] {
            let meter = Meter::new(num, den).unwrap();
            assert_eq!(beat_lengths(meter).iter().sum::<i64>(), meter.bar().0, "{num}/{den}");
        }
    }

    #[test]
    fn an_upbeat_takes_the_last_beats_of_its_bar() {
        let meters = MeterMap::new(&[(Tick(0), Meter::new(3, 4).unwrap())], Ticks::quarters(1.0));
        let (bars, beats) = bars_and_beats(&meters, BarRange { from: 0, to: 2 });
        assert_eq!(bars[0].start, -2 * TICKS_PER_QUARTER);
        assert_eq!(beats[0], Beat { start: 0, len: TICKS_PER_QUARTER, index: 2, bar: 0 });
        assert_eq!(beats.len(), 4);
    }
}
