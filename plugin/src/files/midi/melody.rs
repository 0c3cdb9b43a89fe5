//! Which line of a MIDI file is the melody, and how it is made one note at a time.

use continuo_core::time::Ticks;
use continuo_core::{Note, Part};

/// The notes of one channel of one track.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Track in the file, from 0.
    pub track: usize,
    /// The track's name, empty when it has none.
    pub name: String,
    /// MIDI channel, 0 to 15.
    pub channel: u8,
    /// The notes, sorted by onset.
    pub notes: Vec<Note>,
}

/// Words in a track's name that say it is the tune, in a few languages of score writers.
const TUNE_WORDS: [&str; 14] = [
    "melod", "vocal", "voice", "lead", "solo", "tune", "sing", "song", "sopran", "cantus", "gesang", "stimme", "chant",
    "voix",
];
/// Words that say it is something else.
const OTHER_WORDS: [&str; 13] = [
    "bass", "drum", "perc", "chord", "accomp", "comp", "pad", "left", "string", "rhythm", "tenor", "backing", "harmony",
];

impl Line {
    /// Where this line is, for people.
    pub fn place(&self) -> String {
        let name = if self.name.is_empty() { String::new() } else { format!(" '{}'", self.name) };
        format!("track {}{name}, channel {}", self.track + 1, self.channel + 1)
    }

    /// Mean pitch weighted by length, MIDI keys.
    fn mean_pitch(&self) -> f64 {
        let (sum, weight) = self
            .notes
            .iter()
            .fold((0.0, 0.0), |(s, w), n| (s + f64::from(n.pitch) * n.len.0 as f64, w + n.len.0 as f64));
        if weight > 0.0 { sum / weight } else { 0.0 }
    }

    /// Share of the sounding time in which one note sounds alone, 0 to 1.
    fn alone_share(&self) -> f64 {
        let mut edges: Vec<(i64, i32)> = self.notes.iter().flat_map(|n| [(n.at.0, 1), (n.end().0, -1)]).collect();
        edges.sort_unstable();
        let (mut count, mut last, mut one, mut any) = (0, 0, 0i64, 0i64);
        for (at, step) in edges {
            let length = at - last;
            one += if count == 1 { length } else { 0 };
            any += if count >= 1 { length } else { 0 };
            count += step;
            last = at;
        }
        if any > 0 { one as f64 / any as f64 } else { 0.0 }
    }

    /// How much this line looks like a tune. A name outweighs everything; then singing alone (two octaves' worth), then
    /// height (a semitone is a point), and a line of a few notes is none.
    fn score(&self, longest: usize) -> f64 {
        let name = self.name.to_lowercase();
        let mut score = self.mean_pitch() + 24.0 * self.alone_share();
        if TUNE_WORDS.iter().any(|w| name.contains(w)) {
            score += 200.0;
        } else if OTHER_WORDS.iter().any(|w| name.contains(w)) {
            score -= 60.0;
        }
        if self.notes.len() * 8 <= longest {
            score -= 80.0;
        }
        score
    }
}

/// Index of the line that is the melody; `None` when there is none but percussion. Ties go to the earlier line.
pub fn choose(lines: &[Line]) -> Option<usize> {
    let pitched =
        || lines.iter().enumerate().filter(|(_, l)| l.channel != Part::Drums.channel() && !l.notes.is_empty());
    let longest = pitched().map(|(_, l)| l.notes.len()).max()?;
    let mut best: Option<(usize, f64)> = None;
    for (index, line) in pitched() {
        let score = line.score(longest);
        if best.is_none_or(|(_, top)| score > top) {
            best = Some((index, score));
        }
    }
    best.map(|(index, _)| index)
}

/// The highest line through `notes` (sorted by onset), one note at a time, and how many notes were left out of it.
///
/// Of notes that begin together the highest stays. A lower note that begins while a higher one goes on is left out,
/// unless the higher one ends within half of the lower one's length: then it is the tune going on with a slip of legato,
/// and the higher is cut short.
pub fn top_line(notes: &[Note]) -> (Vec<Note>, usize) {
    let mut line: Vec<Note> = Vec::with_capacity(notes.len());
    let mut dropped = 0;
    for &note in notes {
        let Some(last) = line.last_mut() else {
            line.push(note);
            continue;
        };
        if last.at == note.at {
            if note.pitch > last.pitch {
                *last = note;
            }
            dropped += 1;
        } else if last.end() <= note.at || note.pitch >= last.pitch {
            last.len = Ticks(last.len.0.min((note.at - last.at).0));
            line.push(note);
        } else if (last.end() - note.at).0 * 2 <= note.len.0 {
            last.len = note.at - last.at;
            line.push(note);
        } else {
            dropped += 1;
        }
    }
    (line, dropped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::time::Tick;

    fn note(at: i64, len: i64, pitch: u8) -> Note {
        Note { at: Tick(at), len: Ticks(len), pitch, velocity: 80 }
    }

    fn line(name: &str, channel: u8, notes: Vec<Note>) -> Line {
        Line { track: 0, name: name.into(), channel, notes }
    }

    #[test]
    fn the_named_then_the_high_and_single_line_wins() {
        let tune = || (0..8).map(|i| note(i * 960, 960, 72)).collect::<Vec<_>>();
        let chords = || (0..8).flat_map(|i| [60, 64, 79].map(|p| note(i * 960, 960, p))).collect::<Vec<_>>();
        let low = || (0..8).map(|i| note(i * 960, 960, 40)).collect::<Vec<_>>();
        let drums = || (0..8).map(|i| note(i * 960, 240, 81)).collect::<Vec<_>>();
        assert_eq!(choose(&[line("", 0, chords()), line("", 1, tune()), line("", 9, drums())]), Some(1));
        assert_eq!(choose(&[line("Vocals", 0, low()), line("", 1, tune())]), Some(0));
        assert_eq!(choose(&[line("", 9, drums())]), None);
        // One bell at the top is no tune.
        assert_eq!(choose(&[line("", 0, vec![note(0, 960, 100)]), line("", 1, tune())]), Some(1));
    }

    #[test]
    fn the_top_line_keeps_the_tune_and_counts_the_rest() {
        // Two chords under a tune, then a legato slip downward.
        let notes = [note(0, 960, 60), note(0, 960, 76), note(960, 1000, 74), note(1200, 400, 55), note(1900, 900, 72)];
        let (tune, dropped) = top_line(&notes);
        assert_eq!(tune, [note(0, 960, 76), note(960, 940, 74), note(1900, 900, 72)]);
        assert_eq!(dropped, 2);
    }
}
