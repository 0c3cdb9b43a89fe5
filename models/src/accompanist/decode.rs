//! From scores to notes: what is allowed, what is leaned towards, and the draw.
//!
//! The hard rules are masks: nothing outside the part's range or the bar, notes in order, one voice for the bass, which
//! begins every chord on the chord's bass note. `models/accompanist/decode.py` is the same computation, and
//! `goldens/decode.json` holds both to it.

use super::features::{Cell, END, LOW, ONSETS, PITCHES, SLOT, SLOTS};
use continuo_core::Part;

/// Notes of one bar after which the bar is ended.
pub const MOST_NOTES: usize = 64;
/// Notes that may begin together: two hands, or a string section of five desks.
const MOST_TOGETHER: usize = 8;
/// Taken off the score of a note foreign to the chord at the start of a beat, and elsewhere. Inferred training chords are
/// wrong a fifth of the time, so the model believes them less than a listener who hears the chord symbols kept does.
const FOREIGN_ON_BEAT: f32 = 2.5;
const FOREIGN_OFF_BEAT: f32 = 0.5;

/// What was played in the bar so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Played {
    /// Onset of the last note of this bar.
    pub onset: Option<usize>,
    /// Pitch of the last note of this bar.
    pub pitch: u8,
    /// Notes that began at `onset`.
    pub together: usize,
    /// Notes of this bar.
    pub notes: usize,
}

impl Played {
    /// Takes note of a note.
    pub fn push(&mut self, onset: usize, pitch: u8) {
        self.together = if self.onset == Some(onset) { self.together + 1 } else { 1 };
        self.onset = Some(onset);
        self.pitch = pitch;
        self.notes += 1;
    }
}

/// Starts of chords in a cell, as slots: where the chord differs from the one an eighth earlier (`before` the cell).
pub fn changes(cell: &Cell, before: Option<continuo_core::Chord>) -> Vec<usize> {
    let used = cell.grid.div_ceil(SLOT).min(SLOTS);
    (0..used)
        .filter(|&i| cell.chords[i].is_some() && cell.chords[i] != if i == 0 { before } else { cell.chords[i - 1] })
        .collect()
}

/// Rules out onsets. `earliest` is the first grid position that may be played, `changes` the slots where chords begin.
pub fn mask_onsets(scores: &mut [f32], part: Part, cell: &Cell, played: &Played, earliest: usize, changes: &[usize]) {
    let next = match played.onset {
        None => earliest,
        Some(on) => {
            let top = (*part.range().end()).min(LOW + (PITCHES - 1) as u8);
            let full = part == Part::Bass || played.together >= MOST_TOGETHER || played.pitch >= top;
            on + usize::from(full)
        }
    };
    let full_bar = played.notes >= MOST_NOTES;
    for (i, score) in scores.iter_mut().enumerate().take(END) {
        if i < next || i >= cell.grid || full_bar {
            *score = f32::NEG_INFINITY;
        }
    }
    if part != Part::Bass || full_bar {
        return;
    }
    // The bass does not pass a chord's start without playing.
    let due =
        changes.iter().map(|s| s * SLOT).find(|&g| g >= next && g < cell.grid && played.onset.is_none_or(|o| o < g));
    if let Some(due) = due {
        scores[due + 1..ONSETS].fill(f32::NEG_INFINITY);
    }
}

/// Rules out pitches and leans away from those foreign to the chord. `begins`: the onset is the first of a chord for the
/// bass; `on_beat`: it is the start of a beat.
pub fn mask_pitches(
    scores: &mut [f32],
    part: Part,
    cell: &Cell,
    played: &Played,
    onset: usize,
    begins: bool,
    on_beat: bool,
) {
    let range = part.range();
    let chord = cell.chord(onset);
    let above = (played.onset == Some(onset)).then_some(played.pitch);
    for (i, score) in scores.iter_mut().enumerate() {
        let pitch = LOW + i as u8;
        let class = continuo_core::PitchClass::of(i32::from(pitch));
        let wrong_bass = begins && part == Part::Bass && chord.is_some_and(|c| c.bass != class);
        if !range.contains(&pitch) || above.is_some_and(|a| pitch <= a) || wrong_bass {
            *score = f32::NEG_INFINITY;
        } else if chord.is_some_and(|c| !c.contains(class)) {
            *score -= if on_beat { FOREIGN_ON_BEAT } else { FOREIGN_OFF_BEAT };
        }
    }
}

/// Draws a class: softmax at `temperature`, cut to the likeliest classes that make up `nucleus` of the whole (Holtzman et al.
/// 2020), at the place `uniform` of what is left, in order of class. `None` when nothing is allowed.
pub fn choose(scores: &[f32], temperature: f64, nucleus: f64, uniform: f64) -> Option<usize> {
    let top = scores.iter().copied().filter(|s| s.is_finite()).fold(f32::NEG_INFINITY, f32::max);
    if !top.is_finite() {
        return None;
    }
    let weight = |s: f32| if s.is_finite() { ((f64::from(s) - f64::from(top)) / temperature).exp() } else { 0.0 };
    let weights: Vec<f64> = scores.iter().map(|&s| weight(s)).collect();
    let total: f64 = weights.iter().sum();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]).then(a.cmp(&b)));
    let mut kept = vec![false; weights.len()];
    let mut sum = 0.0;
    for i in order {
        if sum >= nucleus * total || weights[i] <= 0.0 {
            break;
        }
        kept[i] = true;
        sum += weights[i];
    }
    let mut left = uniform * sum;
    let mut last = None;
    for (i, &w) in weights.iter().enumerate().filter(|(i, _)| kept[*i]) {
        last = Some(i);
        if left < w {
            break;
        }
        left -= w;
    }
    last
}
