//! Chord grids as people write them: `C | Am F | G7/B | %`.

use continuo_core::chord::ChordParseError;
use continuo_core::time::{MeterMap, Tick, Ticks};
use continuo_core::{Chord, ChordSpan};

/// Most bars of a grid.
const MAX_BARS: usize = 2_000;

/// What is wrong with a grid.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GridError {
    /// A word is no chord.
    #[error("bar {bar} of the chords: {source}")]
    Chord {
        /// Which bar, from 1.
        bar: usize,
        /// Which word.
        source: ChordParseError,
    },
    /// The first bar says to repeat.
    #[error("the chords begin with '%', which repeats the bar before; there is none")]
    NothingToRepeat,
    /// No chord at all.
    #[error("there are no chords between the bar lines; write for instance \"C | Am F | G7 | C\"")]
    Empty,
    /// Too many.
    #[error("the chords have more than {MAX_BARS} bars")]
    TooLong,
}

/// The chords of each bar. Bar lines at the ends are allowed; `%` and an empty bar repeat the bar before.
pub fn parse(text: &str) -> Result<Vec<Vec<Option<Chord>>>, GridError> {
    let inner = text.trim();
    let inner = inner.strip_prefix('|').unwrap_or(inner);
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    if inner.trim().is_empty() {
        return Err(GridError::Empty);
    }
    let mut bars: Vec<Vec<Option<Chord>>> = Vec::new();
    for (index, bar) in inner.split('|').enumerate() {
        if index >= MAX_BARS {
            return Err(GridError::TooLong);
        }
        let words: Vec<&str> = bar.split_whitespace().collect();
        let chords = if words.is_empty() || words == ["%"] {
            bars.last().cloned().ok_or(GridError::NothingToRepeat)?
        } else {
            let read = |word: &&str| Chord::parse(word).map_err(|source| GridError::Chord { bar: index + 1, source });
            words.iter().map(read).collect::<Result<_, _>>()?
        };
        bars.push(chords);
    }
    Ok(bars)
}

/// The grid laid over a song from its first whole bar on, repeated until `end`, at least once. The chords of a bar
/// share its beats: the first ones get a beat more when they do not divide evenly.
pub fn lay_out(grid: &[Vec<Option<Chord>>], meters: &MeterMap, end: Tick) -> Vec<ChordSpan> {
    let first = u32::from(meters.pickup().0 > 0);
    let last = if end.0 > 0 { meters.bar_at(end - Ticks(1)) + 1 } else { 0 };
    let count = last.saturating_sub(first).max(grid.len() as u32);
    let mut spans: Vec<ChordSpan> = Vec::new();
    for index in 0..count {
        let bar = first + index;
        let chords = &grid[index as usize % grid.len()];
        for (chord, (at, len)) in chords.iter().zip(share(chords.len(), bar, meters)) {
            spans.push(ChordSpan { at, len, chord: *chord, probability: 1.0 });
        }
    }
    spans
}

/// Where each of `count` chords begins in a bar, and how long it lasts.
fn share(count: usize, bar: u32, meters: &MeterMap) -> Vec<(Tick, Ticks)> {
    let beats = meters.beats_of(bar);
    let (start, end) = meters.bar_span(bar);
    let starts: Vec<Tick> = if count <= beats.len() {
        let (each, more) = (beats.len() / count, beats.len() % count);
        (0..count).map(|i| beats[i * each + i.min(more)].0).collect()
    } else {
        let length = (end - start).0;
        (0..count).map(|i| Tick(start.0 + length * i as i64 / count as i64)).collect()
    };
    let ends = starts.iter().skip(1).copied().chain([end]);
    starts.iter().zip(ends).map(|(&at, to)| (at, to - at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::Meter;

    #[test]
    fn grids_are_read_as_written() {
        let bars = parse("| C | Am  F | % | N.C. |").unwrap();
        let names: Vec<Vec<String>> =
            bars.iter().map(|b| b.iter().map(|c| c.map_or("N.C.".into(), |c| c.to_string())).collect()).collect();
        assert_eq!(names, [vec!["C"], vec!["Am", "F"], vec!["Am", "F"], vec!["N.C."]]);
        assert!(matches!(parse("C | Hm"), Err(GridError::Chord { bar: 2, .. })));
        assert_eq!(parse("% | C"), Err(GridError::NothingToRepeat));
        assert_eq!(parse(" | "), Err(GridError::Empty));
        assert_eq!(parse(&"C|".repeat(3_000)), Err(GridError::TooLong));
    }

    #[test]
    fn a_grid_starts_after_the_upbeat_and_repeats_without_gaps() {
        // One beat of upbeat in 3/4, a grid of two bars, a song of five whole bars.
        let meters = MeterMap::new(&[(Tick(0), Meter::new(3, 4).unwrap())], Ticks::quarters(1.0));
        let grid = parse("C | F G").unwrap();
        let spans = lay_out(&grid, &meters, Tick::at_quarters(16.0));
        let starts: Vec<f64> = spans.iter().map(|s| s.at.as_quarters()).collect();
        // Three beats for two chords: two and one.
        assert_eq!(starts, [1.0, 4.0, 6.0, 7.0, 10.0, 12.0, 13.0]);
        for pair in spans.windows(2) {
            assert_eq!(pair[0].end(), pair[1].at);
        }
        assert_eq!(spans.last().unwrap().end(), Tick::at_quarters(16.0));
        // Four chords in three beats are spread evenly.
        let four = lay_out(&parse("C D E F").unwrap(), &meters, Tick(0));
        assert_eq!(four.iter().map(|s| s.len.0).collect::<Vec<_>>(), [720; 4]);
    }
}
