//! Tempo, beats and bars from the moments at which notes begin.
//!
//! The tempo is the one whose beats and halves of beats the moments fall on best, weighed by how common a tempo it is;
//! the beats then follow the player by dynamic programming (Ellis 2007); the bar is the grouping whose first beats are
//! the weightiest.

use super::{HeardNote, Hints};
use continuo_core::Meter;

/// What is known of the time of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Rhythm {
    /// Tempo, quarter notes per minute.
    pub bpm: f64,
    /// 0 to 1; 1 when the tempo was given.
    pub confidence: f64,
    /// Metre.
    pub meter: Meter,
    /// Felt beats, seconds, evenly spaced when `steady`.
    pub beats: Vec<f64>,
    /// Index of a beat that begins a bar.
    pub downbeat: usize,
    /// Quarter notes per beat.
    pub quarters: f64,
    /// Beats per bar.
    pub per_bar: usize,
    /// True when one tempo fits all along.
    pub steady: bool,
}

/// Tempo when nothing says otherwise.
const DEFAULT_BPM: f64 = 120.0;
/// Beats stray less than this from even spacing, seconds, root mean square, when a player keeps time: slurred notes
/// have no sharper beginning.
const STEADY: f64 = 0.03;

/// Moments of notes, weighed by their length: long notes mark the beat.
pub fn of_notes(notes: &[HeardNote]) -> Vec<(f64, f64)> {
    notes.iter().map(|n| (n.start, (n.end - n.start).clamp(0.05, 1.5).sqrt())).collect()
}

/// How a metre is counted: quarter notes per felt beat, beats per bar. Odd metres are counted in their unit.
fn counting(meter: Meter) -> (f64, usize) {
    let unit = 4.0 / f64::from(meter.den);
    let beats = meter.beats();
    if beats.windows(2).all(|w| w[0] == w[1]) {
        (beats[0].as_quarters(), beats.len())
    } else {
        (unit, usize::from(meter.num))
    }
}

/// Finds the beat in weighed moments.
pub fn find(pulses: &[(f64, f64)], notes: &[HeardNote], seconds: f64, hints: &Hints) -> Rhythm {
    let (quarters, _) = counting(hints.meter.unwrap_or(Meter::COMMON));
    let given = hints.bpm.map(|bpm| 60.0 / bpm * quarters);
    let (period, confidence) = match given {
        Some(period) => (period, 1.0),
        None => period(pulses, seconds).unwrap_or((60.0 / DEFAULT_BPM * quarters, 0.0)),
    };
    let (mut period, mut steady) = (period, true);
    let mut beats = Vec::new();
    if given.is_none() && pulses.len() > 2 {
        beats = follow(pulses, period, seconds);
        let (slope, residual) = line(&beats);
        steady = beats.len() < 4 || residual < STEADY;
        if steady && beats.len() > 3 {
            period = slope;
        }
    }
    if steady {
        period = if given.is_some() { period } else { tuned(pulses, period) };
        let phase = hints.bar_seconds.unwrap_or_else(|| phase(pulses, period));
        // One beat before the first moment, so that an upbeat has a place.
        let first = pulses.first().map_or(0.0, |p| p.0).min(seconds);
        let from = ((first - phase) / period).floor() as i64 - 1;
        let to = ((seconds - phase) / period).ceil() as i64 + 1;
        beats = (from..=to.max(from + 1)).map(|k| phase + k as f64 * period).collect();
    }
    let accents = accents(&beats, pulses, period);
    let (meter, per_bar, downbeat) = match (hints.meter, hints.bar_seconds) {
        (Some(meter), Some(at)) => (meter, counting(meter).1, nearest(&beats, at)),
        (None, Some(at)) => (Meter::COMMON, 4, nearest(&beats, at)),
        (Some(meter), None) => {
            let n = counting(meter).1;
            (meter, n, grouping(&accents, &beats, notes, n).1)
        }
        (None, None) => {
            let (four, three) = (grouping(&accents, &beats, notes, 4), grouping(&accents, &beats, notes, 3));
            if three.0 > 1.3 * four.0 && three.0 > 0.15 {
                (Meter { num: 3, den: 4 }, 3, three.1)
            } else {
                (Meter::COMMON, 4, four.1)
            }
        }
    };
    let span = beats[beats.len() - 1] - beats[0];
    let mean = if steady { period } else { span / (beats.len() - 1).max(1) as f64 };
    let bpm = hints.bpm.unwrap_or(60.0 / mean * quarters);
    Rhythm { bpm, confidence, meter, beats, downbeat: downbeat % per_bar.max(1), quarters, per_bar, steady }
}

/// How well moments fall on multiples of `period`: the length of their mean direction on its circle, 0 to 1, and the
/// angle.
fn resonance(pulses: &[(f64, f64)], period: f64) -> (f64, f64) {
    let (mut x, mut y, mut total) = (0.0, 0.0, 1e-12);
    for &(at, weight) in pulses {
        let angle = std::f64::consts::TAU * at / period;
        x += weight * angle.cos();
        y += weight * angle.sin();
        total += weight;
    }
    (x.hypot(y) / total, y.atan2(x))
}

/// The likeliest beat period, seconds, with a confidence.
fn period(pulses: &[(f64, f64)], seconds: f64) -> Option<(f64, f64)> {
    if pulses.len() < 3 {
        return None;
    }
    // Windows of six seconds, because no player keeps one tempo to the millisecond for minutes.
    let windows: Vec<Vec<(f64, f64)>> = (0..=(seconds / 3.0) as usize)
        .map(|w| {
            let from = w as f64 * 3.0;
            pulses.iter().filter(|p| p.0 >= from && p.0 < from + 6.0).copied().collect::<Vec<_>>()
        })
        .filter(|w| w.len() > 2)
        .collect();
    let windows = if windows.is_empty() { vec![pulses.to_vec()] } else { windows };
    let mean = |period: f64| windows.iter().map(|w| resonance(w, period).0).sum::<f64>() / windows.len() as f64;
    let span = pulses[pulses.len() - 1].0 - pulses[0].0;
    let mut best: Option<(f64, f64, f64)> = None;
    // 45 to 210 beats a minute in steps of half a per cent.
    let mut period = 60.0 / 210.0;
    while period < 60.0 / 45.0 {
        let (beat, half, third, quarter) = (mean(period), mean(period / 2.0), mean(period / 3.0), mean(period / 4.0));
        // Preferred tempos gather round 500 ms (Moelants 2002); a little slower here, because melodies are
        // mostly written in notes of the beat and shorter.
        let octaves = (period / 0.55).log2();
        let common = (-0.5 * (octaves / 0.9).powi(2)).exp();
        // A beat on which mostly nothing begins is felt as half of one.
        let filled = (pulses.len() as f64 / (span / period + 1.0)).min(1.0).powf(0.7);
        let score = (beat + 0.6 * half + 0.25 * quarter.max(third)) * common * filled;
        if best.is_none_or(|b| score > b.1) {
            best = Some((period, score, beat.max(half)));
        }
        period *= 1.005;
    }
    // The best of some 300 periods falls this well on moments without any beat (extreme value of Rayleigh's statistic).
    let count = windows.iter().map(Vec::len).sum::<usize>() as f64 / windows.len() as f64;
    let chance = (300f64.ln() / count).sqrt().min(0.9);
    best.map(|(period, _, fit)| (period, ((fit - chance) / (1.0 - chance)).clamp(0.0, 1.0)))
}

/// The period near `period` on which all moments fall best.
fn tuned(pulses: &[(f64, f64)], period: f64) -> f64 {
    let score = |p: f64| resonance(pulses, p).0 + 0.5 * resonance(pulses, p / 2.0).0;
    let mut best = (period, score(period));
    for step in -40..=40 {
        let candidate = period * (1.0 + 0.0005 * f64::from(step));
        let value = score(candidate);
        if value > best.1 + 1e-9 {
            best = (candidate, value);
        }
    }
    best.0
}

/// Where the beats of an even pulse fall, seconds.
fn phase(pulses: &[(f64, f64)], period: f64) -> f64 {
    let (beat, angle) = resonance(pulses, period);
    let (half, half_angle) = resonance(pulses, period / 2.0);
    if beat < 0.25 && half > 0.5 {
        // On and off the beat alike: the grid of halves is sure, and the first moment is taken to be on the beat.
        let grid = half_angle / std::f64::consts::TAU * period / 2.0;
        let first = pulses.first().map_or(0.0, |p| p.0);
        return grid + ((first - grid) / (period / 2.0)).round() * (period / 2.0);
    }
    angle / std::f64::consts::TAU * period
}

/// Beats that follow the player: strong moments pull, uneven steps cost.
fn follow(pulses: &[(f64, f64)], period: f64, seconds: f64) -> Vec<f64> {
    const STEP: f64 = 0.01;
    /// Price of a step twice or half as long as the period, in strengths of a mean moment.
    const TIGHT: f64 = 15.0;
    let length = (seconds / STEP) as usize + 2;
    let mean = pulses.iter().map(|p| p.1).sum::<f64>() / pulses.len().max(1) as f64;
    let mut pull = vec![0.0; length];
    for &(at, weight) in pulses {
        let centre = (at / STEP).round() as i64;
        for d in -6i64..=6 {
            if let Some(slot) = usize::try_from(centre + d).ok().and_then(|i| pull.get_mut(i)) {
                *slot += weight / mean.max(1e-9) * (-0.5 * (d as f64 / 2.0).powi(2)).exp();
            }
        }
    }
    let (short, long) = ((0.6 * period / STEP) as usize, (1.6 * period / STEP).ceil() as usize);
    let mut score = pull.clone();
    let mut back: Vec<Option<usize>> = vec![None; length];
    for i in short.max(1)..length {
        let mut best: Option<(usize, f64)> = None;
        for step in short.max(1)..=long.min(i) {
            let uneven = (step as f64 * STEP / period).ln();
            let value = score[i - step] - TIGHT * uneven * uneven;
            if best.is_none_or(|b| value > b.1) {
                best = Some((i - step, value));
            }
        }
        if let Some((from, value)) = best.filter(|b| b.1 > 0.0) {
            score[i] += value;
            back[i] = Some(from);
        }
    }
    let tail = length.saturating_sub(long);
    let mut at = (tail..length).max_by(|&a, &b| score[a].total_cmp(&score[b]));
    let mut beats = Vec::new();
    while let Some(i) = at {
        beats.push(i as f64 * STEP);
        at = back[i];
    }
    beats.reverse();
    // Every moment lies between two beats.
    let step = |a: f64, b: f64| (b - a).clamp(0.6 * period, 1.6 * period);
    let first = pulses.first().map_or(0.0, |p| p.0);
    if beats.len() < 2 {
        beats = vec![first, first + period];
    }
    while beats[0] > first - 0.2 * period {
        beats.insert(0, beats[0] - step(beats[0], beats[1]));
    }
    while beats[beats.len() - 1] < seconds {
        let n = beats.len();
        beats.push(beats[n - 1] + step(beats[n - 2], beats[n - 1]));
    }
    beats
}

/// Slope of the straight line through the beats and their distance from it, root mean square.
fn line(beats: &[f64]) -> (f64, f64) {
    let n = beats.len() as f64;
    let (mx, my) = ((n - 1.0) / 2.0, beats.iter().sum::<f64>() / n);
    let (mut xy, mut xx) = (0.0, 1e-12);
    for (i, b) in beats.iter().enumerate() {
        xy += (i as f64 - mx) * (b - my);
        xx += (i as f64 - mx).powi(2);
    }
    let slope = xy / xx;
    let square = beats.iter().enumerate().map(|(i, b)| (b - my - slope * (i as f64 - mx)).powi(2)).sum::<f64>();
    let residual = (square / n).sqrt();
    (slope, residual)
}

/// Weight that begins on every beat, mean 1.
fn accents(beats: &[f64], pulses: &[(f64, f64)], period: f64) -> Vec<f64> {
    let mut out: Vec<f64> =
        beats.iter().map(|b| pulses.iter().filter(|p| (p.0 - b).abs() < 0.2 * period).map(|p| p.1).sum()).collect();
    let mean = out.iter().sum::<f64>() / out.len().max(1) as f64;
    out.iter_mut().for_each(|a| *a /= mean.max(1e-9));
    out
}

/// How much weightier the first beats of groups of `n` are than the others, and where the groups begin.
fn grouping(accents: &[f64], beats: &[f64], notes: &[HeardNote], n: usize) -> (f64, usize) {
    // Melodies begin on the bar more often than not, and more often than not they end on it.
    let mut favour = vec![0.0; n];
    if let (Some(first), Some(last)) = (notes.first(), notes.last()) {
        favour[nearest(beats, first.start) % n] += 0.35;
        if last.end - last.start > 0.8 * (beats[1] - beats[0]) {
            favour[nearest(beats, last.start) % n] += 0.1;
        }
    }
    let mut best = (f64::NEG_INFINITY, 0);
    for (offset, favour) in favour.iter().enumerate() {
        let (mut inside, mut count, mut outside, mut others) = (0.0, 0.0, 0.0, 0.0);
        for (i, a) in accents.iter().enumerate() {
            if i % n == offset {
                inside += a;
                count += 1.0;
            } else {
                outside += a;
                others += 1.0;
            }
        }
        let contrast = inside / f64::max(count, 1.0) - outside / f64::max(others, 1.0) + favour;
        if contrast > best.0 {
            best = (contrast, offset);
        }
    }
    best
}

fn nearest(beats: &[f64], at: f64) -> usize {
    (0..beats.len()).min_by(|&a, &b| (beats[a] - at).abs().total_cmp(&(beats[b] - at).abs())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pulses(bpm: f64, quarters: &[f64], jitter: f64) -> Vec<(f64, f64)> {
        let mut rng = continuo_core::Rng::new(3, 3);
        let mut at = 0.3;
        quarters
            .iter()
            .map(|len| {
                let pulse = (at + jitter * rng.normal(), (len * 60.0 / bpm).sqrt());
                at += len * 60.0 / bpm;
                pulse
            })
            .collect()
    }

    const TUNE: [f64; 24] = [
        1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 2.0, 1.0, 0.5, 0.5, 1.0, 1.0, 1.5,
        0.5, 2.0,
    ];

    #[test]
    fn steady_tempos_are_found() {
        for bpm in [72.0, 90.0, 104.0, 120.0, 138.0] {
            for jitter in [0.0, 0.012] {
                let pulses = pulses(bpm, &TUNE, jitter);
                let found = find(&pulses, &[], 24.0 * 60.0 / bpm + 1.0, &Hints::default());
                assert!((found.bpm / bpm - 1.0).abs() < 0.02, "{bpm} {jitter}: {}", found.bpm);
                let off = (found.beats[3] - 0.3) * bpm / 60.0;
                assert!((off - off.round()).abs() < 0.12, "{bpm} {jitter}: {off}");
            }
        }
    }

    #[test]
    fn a_player_who_slows_down_is_followed() {
        let mut at = 0.2;
        let mut pulses = Vec::new();
        let mut truth = Vec::new();
        for k in 0..32 {
            truth.push(at);
            pulses.push((at, 1.0));
            at += 0.5 + 0.006 * f64::from(k);
        }
        let found = find(&pulses, &[], at, &Hints::default());
        assert!(!found.steady, "{found:?}");
        for t in truth {
            assert!(found.beats.iter().any(|b| (b - t).abs() < 0.05), "{t} {}: {:?}", found.bpm, found.beats);
        }
    }

    #[test]
    fn given_time_is_kept() {
        let hints = Hints { bpm: Some(97.0), meter: Meter::new(6, 8), bar_seconds: Some(0.125) };
        let found = find(&pulses(120.0, &TUNE, 0.0), &[], 12.0, &hints);
        assert_eq!((found.bpm, found.confidence, found.per_bar), (97.0, 1.0, 2));
        assert!((found.beats[found.downbeat] - 0.125).abs() < 2.0 * 60.0 / 97.0 * 1.5);
        let period = 60.0 / 97.0 * 1.5;
        let bars = (found.beats[found.downbeat] - 0.125) / (2.0 * period);
        assert!((bars - bars.round()).abs() < 1e-9);
    }
}
