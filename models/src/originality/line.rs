//! Lines and their fingerprints; the same arithmetic as in `models/originality/build.py`.

use continuo_core::Note;

/// Intervals in a fingerprint.
pub(super) const RUN: usize = 8;
/// Neighbouring fingerprints of which the index keeps one.
pub(super) const WINDOW: usize = 10;
/// 2^64 / golden ratio, odd: spreads neighbouring numbers (Knuth's multiplicative hashing).
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Onset in ticks and pitch.
pub(super) type Point = (i64, i32);

/// Onsets this close together, in ticks, are one stroke of an uneven hand (a fortieth of a quarter).
const TOGETHER: i64 = continuo_core::TICKS_PER_QUARTER / 40;

/// Top and bottom line of a phrase; one line where they are the same.
pub(super) fn lines(notes: &[Note]) -> Vec<Vec<Point>> {
    let mut points: Vec<Point> = notes.iter().map(|n| (n.at.0, i32::from(n.pitch))).collect();
    points.sort_unstable();
    let mut stroke = i64::MIN;
    for point in &mut points {
        if point.0.saturating_sub(stroke) > TOGETHER {
            stroke = point.0;
        }
        point.0 = stroke;
    }
    points.sort_unstable();
    let mut lower = points.clone();
    lower.dedup_by_key(|p| p.0);
    points.reverse();
    points.dedup_by_key(|p| p.0);
    points.reverse();
    if points == lower { vec![points] } else { vec![points, lower] }
}

/// The fingerprint of every run of [`RUN`] intervals; `None` where the run is too plain to count.
pub(super) fn fingerprints(line: &[Point]) -> Vec<Option<u64>> {
    let gaps: Vec<f64> = line.windows(2).map(|w| ((w[1].0 - w[0].0) as f64).max(1.0)).collect();
    let symbols: Vec<(u64, u64)> = line
        .windows(2)
        .enumerate()
        .map(|(i, w)| {
            let step = (w[1].1 - w[0].1).clamp(-24, 24) + 24;
            let ratio = match i {
                0 => 0.0,
                _ => (2.0 * (gaps[i] / gaps[i - 1]).log2() + 0.5).floor().clamp(-6.0, 6.0),
            };
            (step as u64, (ratio as i64 + 8) as u64)
        })
        .collect();
    symbols
        .windows(RUN)
        .map(|run| {
            let hash = run.iter().enumerate().fold(0u64, |hash, (k, &(step, ratio))| {
                let value = step * 16 + if k > 0 { ratio } else { 0 };
                let hash = (hash ^ (value + 1)).wrapping_mul(MULTIPLIER);
                hash ^ (hash >> 29)
            });
            is_telling(run).then_some(hash >> 24)
        })
        .collect()
}

/// At least four different pitches, and not two intervals in turn.
fn is_telling(run: &[(u64, u64)]) -> bool {
    let mut pitch = 0i64;
    let mut pitches = vec![0i64];
    for &(step, _) in run {
        pitch += step as i64 - 24;
        pitches.push(pitch);
    }
    pitches.sort_unstable();
    pitches.dedup();
    let alternating = run.iter().zip(&run[2..]).all(|(a, b)| a.0 == b.0);
    pitches.len() >= 4 && !alternating
}
