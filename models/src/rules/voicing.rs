//! Leading voices: from one chord to the next with little motion, inside a range, out of the melody's way.
//!
//! Every chord offers all spacings of its tones in the range; a dynamic programme picks the row of spacings that costs
//! least. The costs are common practice put in numbers: thirds and sevenths must sound, low seconds and thirds are
//! mud, parallel fifths and octaves and large leaps are avoided, and a voice a semitone from the melody grates.

use continuo_core::{Chord, Mode, Quality, Rng};

/// A chord to be voiced.
#[derive(Clone, Debug)]
pub struct Want {
    /// The chord.
    pub chord: Chord,
    /// Melody pitches that sound meanwhile, each with the share of the time it does, 0 to 1.
    pub melody: Vec<(u8, f64)>,
}

/// How voices may lie.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Lowest pitch of the lowest voice.
    pub low: i32,
    /// Highest pitch of the highest voice.
    pub high: i32,
    /// Number of voices, 1 to 5.
    pub voices: usize,
    /// Pitch the middle of the chord keeps near.
    pub centre: f64,
    /// Largest distance of neighbouring voices, semitones.
    pub gap: i32,
    /// True when nothing else sounds the root, so that it must be in the voicing.
    pub needs_root: bool,
}

/// Spacings kept per chord; the search looks at their square.
const KEPT: usize = 48;

/// A spacing for every want, ascending pitches. `noise` (0 none) lets the seed choose among nearly equal rows.
/// A want whose chord does not fit the shape at all gets no pitches.
pub fn lead(wants: &[Want], shape: &Shape, mode: Mode, noise: f64, rng: &mut Rng) -> Vec<Vec<i32>> {
    let mut rows: Vec<Vec<(Vec<i32>, f64)>> = Vec::with_capacity(wants.len());
    for want in wants {
        let mut row: Vec<(Vec<i32>, f64)> = spacings(want.chord, shape)
            .into_iter()
            .map(|pitches| {
                let cost = standing(&pitches, want, shape, mode) + noise * rng.uniform();
                (pitches, cost)
            })
            .collect();
        row.sort_by(|a, b| a.1.total_cmp(&b.1));
        row.truncate(KEPT);
        if row.is_empty() {
            row.push((Vec::new(), 0.0));
        }
        rows.push(row);
    }
    cheapest(&rows)
}

/// The row of spacings with the least sum of standing and moving costs (Viterbi 1967).
fn cheapest(rows: &[Vec<(Vec<i32>, f64)>]) -> Vec<Vec<i32>> {
    let Some(first) = rows.first() else { return Vec::new() };
    let mut costs: Vec<f64> = first.iter().map(|s| s.1).collect();
    let mut back: Vec<Vec<usize>> = Vec::with_capacity(rows.len());
    for pair in rows.windows(2) {
        let mut next = Vec::with_capacity(pair[1].len());
        let mut from = Vec::with_capacity(pair[1].len());
        for (pitches, standing) in &pair[1] {
            let mut best = (0, f64::INFINITY);
            for (i, (before, _)) in pair[0].iter().enumerate() {
                let cost = costs[i] + moving(before, pitches);
                if cost < best.1 {
                    best = (i, cost);
                }
            }
            next.push(best.1 + standing);
            from.push(best.0);
        }
        costs = next;
        back.push(from);
    }
    let mut at = costs.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |m| m.0);
    let mut chosen = vec![at];
    for from in back.iter().rev() {
        at = from[at];
        chosen.push(at);
    }
    chosen.reverse();
    chosen.iter().zip(rows).map(|(&i, row)| row[i].0.clone()).collect()
}

/// All ascending spacings of the chord's tones.
fn spacings(chord: Chord, shape: &Shape) -> Vec<Vec<i32>> {
    let tones: Vec<i32> =
        (shape.low..=shape.high).filter(|&p| chord.tones().any(|t| t.index() as i32 == p.rem_euclid(12))).collect();
    let mut found = Vec::new();
    let mut stack: Vec<Vec<i32>> = tones.iter().rev().map(|&p| vec![p]).collect();
    while let Some(pitches) = stack.pop() {
        if pitches.len() == shape.voices {
            found.push(pitches);
            continue;
        }
        let top = pitches[pitches.len() - 1];
        for &p in tones.iter().filter(|&&p| p > top && p - top <= shape.gap) {
            let mut longer = pitches.clone();
            longer.push(p);
            stack.push(longer);
        }
    }
    found
}

/// What a spacing costs by itself.
fn standing(pitches: &[i32], want: &Want, shape: &Shape, mode: Mode) -> f64 {
    let chord = want.chord;
    let count =
        |interval: i32| pitches.iter().filter(|&&p| chord.root.up(interval).index() as i32 == p.rem_euclid(12)).count();
    let intervals = chord.quality.intervals();
    let mut cost = 0.0;
    for (i, &interval) in intervals.iter().enumerate() {
        let here = count(interval);
        cost += match (i, here) {
            (0, 0) if shape.needs_root => 6.0,
            (0, 0) => 0.3,
            // The third, or the fourth of a suspension, tells what the chord is.
            (1, 0) => 6.0,
            (2, 0) if interval == 7 && intervals.len() > shape.voices => 0.2,
            (2, 0) if interval == 7 => 1.0,
            (2, 0) => 5.0,
            (3, 0) => 4.0,
            // A doubled major third is loud, doubled sevenths must both resolve.
            (1, n) if n > 1 && interval == 4 => 1.2 * (n - 1) as f64,
            (3, n) if n > 1 => 3.0 * (n - 1) as f64,
            (_, n) if n > 1 => 0.3 * (n - 1) as f64,
            _ => 0.0,
        };
    }
    if chord.quality == Quality::Major && mode == Mode::Major && count(0) == 0 {
        cost += 0.4;
    }
    for pair in pitches.windows(2) {
        let (low, step) = (pair[0], pair[1] - pair[0]);
        cost += match step {
            1 => 2.5,
            2 if low < 60 => 1.5,
            2 => 0.4,
            // Below the C under middle C thirds turn to mud (the low interval limits of arranging handbooks).
            3 | 4 if low < 48 => 1.5,
            10.. => 0.4 * f64::from(step - 9),
            _ => 0.0,
        };
    }
    let middle = pitches.iter().sum::<i32>() as f64 / pitches.len().max(1) as f64;
    cost += 0.12 * (middle - shape.centre).abs();
    for &(melody, share) in &want.melody {
        for &pitch in pitches {
            cost += share
                * match pitch - i32::from(melody) {
                    -1 | 1 => 4.0,
                    -13 | 13 => 1.0,
                    2.. => 0.8,
                    0 => 0.3,
                    _ => 0.0,
                };
        }
    }
    cost
}

/// What it costs to go from one spacing to another.
fn moving(before: &[i32], after: &[i32]) -> f64 {
    if before.is_empty() || after.is_empty() || before.len() != after.len() {
        return 0.0;
    }
    let mut cost = 0.0;
    let (mut up, mut down) = (0, 0);
    for (i, (&a, &b)) in before.iter().zip(after).enumerate() {
        let step = (b - a).abs();
        cost += 0.3 * f64::from(step) + if step > 7 { 1.5 } else { 0.0 };
        match b - a {
            0 => {}
            d if d > 0 => up += 1,
            _ => down += 1,
        }
        for (&c, &d) in before.iter().zip(after).skip(i + 1) {
            let (was, is) = ((c - a).rem_euclid(12), (d - b).rem_euclid(12));
            if was == is && matches!(is, 0 | 7) && b != a && (b - a).signum() == (d - c).signum() {
                cost += 2.0;
            }
        }
    }
    if before.len() > 2 && (up == before.len() || down == before.len()) {
        cost += 0.6;
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUR: Shape = Shape { low: 48, high: 79, voices: 4, centre: 62.0, gap: 12, needs_root: true };

    fn lead_symbols(symbols: &[&str], shape: &Shape) -> Vec<Vec<i32>> {
        let wants: Vec<Want> =
            symbols.iter().map(|s| Want { chord: Chord::parse(s).unwrap().unwrap(), melody: Vec::new() }).collect();
        lead(&wants, shape, Mode::Major, 0.0, &mut Rng::new(1, 1))
    }

    #[test]
    fn a_cadence_moves_little_and_keeps_common_tones() {
        let symbols = ["C", "F", "G7", "C"];
        let rows = lead_symbols(&symbols, &FOUR);
        for (row, symbol) in rows.iter().zip(symbols) {
            let chord = Chord::parse(symbol).unwrap().unwrap();
            assert_eq!(row.len(), 4);
            assert!(row.iter().all(|&p| chord.contains(continuo_core::PitchClass::of(p))), "{symbol}: {row:?}");
            assert!(row.windows(2).all(|w| w[0] < w[1]));
        }
        for pair in rows.windows(2) {
            let motion: i32 = pair[0].iter().zip(&pair[1]).map(|(a, b)| (a - b).abs()).sum();
            assert!(motion <= 8, "{pair:?}");
        }
        // C and F share a tone, and a good leader keeps it.
        assert!(rows[0].iter().any(|p| rows[1].contains(p)), "{rows:?}");
    }

    #[test]
    fn no_parallel_fifths_between_neighbouring_triads_when_there_is_a_way_out() {
        let rows = lead_symbols(&["F", "G"], &FOUR);
        for i in 0..4 {
            for j in i + 1..4 {
                let (was, is) = ((rows[0][j] - rows[0][i]) % 12, (rows[1][j] - rows[1][i]) % 12);
                let moved = rows[0][i] != rows[1][i];
                assert!(!(was == 7 && is == 7 && moved), "{rows:?}");
            }
        }
    }

    #[test]
    fn voices_keep_out_of_the_melodys_way() {
        let shape = Shape { voices: 3, low: 55, high: 79, centre: 66.0, gap: 9, needs_root: false };
        let want = Want { chord: Chord::parse("Cmaj7").unwrap().unwrap(), melody: vec![(72, 1.0)] };
        let rows = lead(&[want], &shape, Mode::Major, 0.0, &mut Rng::new(1, 1));
        assert!(!rows[0].contains(&71) && !rows[0].contains(&73), "{rows:?}");
        assert!(rows[0].iter().all(|&p| p <= 72), "{rows:?}");
    }

    #[test]
    fn an_impossible_shape_gives_silence_not_a_panic() {
        let shape = Shape { low: 60, high: 61, voices: 4, centre: 60.0, gap: 12, needs_root: true };
        assert_eq!(lead_symbols(&["G"], &shape), [Vec::<i32>::new()]);
        assert!(lead_symbols(&[], &shape).is_empty());
    }
}
