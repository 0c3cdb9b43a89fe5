//! From a pitch track to notes.
//!
//! A Viterbi pass over the semitones and silence finds where the pitch settles (after Mauch et al. 2015); a new attack
//! inside a pitch begins a new note; starts are then moved to where the level rises.

use super::pitch::Track;
use super::{HeardNote, frame_seconds};

/// Lowest and highest note looked for, semitones.
const RANGE: (i32, i32) = (31, 98);
/// Shortest note kept, seconds.
const SHORTEST: f64 = 0.055;
/// How far a sung pitch strays from its note, semitones (one deviation): wide enough that vibrato is no trill.
const STRAY: f64 = 0.5;
/// Cost of one frame that cannot be of this note at all.
const FOREIGN: f64 = 2.6;
/// Cost of going to another note.
const CHANGE: f64 = 7.0;
/// Cost of falling silent or starting.
const SWITCH: f64 = 2.5;

/// Notes of a track, in order, not overlapping.
pub fn notes(track: &Track, levels: &[f64], flux: &[f64]) -> Vec<HeardNote> {
    let tuning = tuning(track);
    let pitches: Vec<Option<f64>> = smooth(track).into_iter().map(|p| p.map(|p| p - tuning)).collect();
    let states = settle(&pitches);
    let mut runs: Vec<(usize, usize, i32)> = Vec::new();
    let mut from = 0;
    for i in 1..=states.len() {
        if i == states.len() || states[i] != states[from] {
            if let Some(note) = states[from] {
                runs.push((from, i, note));
            }
            from = i;
        }
    }
    let attacks = attacks(levels, flux);
    let mut cut: Vec<(usize, usize, i32)> = Vec::new();
    for (from, to, note) in runs {
        let mut start = from;
        // An attack close to the run's own beginning is that beginning; near its end it belongs to what follows.
        for &attack in attacks.iter().filter(|&&a| a > from + 6 && a + 6 < to) {
            if attack > start + 6 {
                cut.push((start, attack, note));
                start = attack;
            }
        }
        cut.push((start, to, note));
    }
    let loudest = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut out: Vec<HeardNote> = Vec::new();
    for (k, &(from, to, note)) in cut.iter().enumerate() {
        let previous = k.checked_sub(1).map(|p| cut[p]);
        let legato = previous.is_some_and(|p| from <= p.1 + 2);
        let start = if legato { from } else { rise(levels, from) };
        let end = frame_seconds(to);
        let held: Vec<f64> = pitches[from..to].iter().flatten().map(|p| p + tuning).collect();
        let start = frame_seconds(start);
        if end - start < SHORTEST || held.len() * 2 < to - from {
            continue;
        }
        let level = levels[from..to].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let voiced = track.frames[from..to].iter().map(|f| f.voiced).sum::<f64>() / (to - from) as f64;
        let mut pitch = median(&held);
        // Vibrato and slides pull the median about; the settled note is the better judge of which semitone it is.
        if (pitch - tuning - f64::from(note)).abs() > 0.5 {
            pitch = f64::from(note) + tuning;
        }
        // 127 for the loudest, 3 less for every decibel below, so that -30 dB is still heard as soft.
        let velocity = (112.0 + 2.4 * (level - loudest)).round().clamp(24.0, 112.0) as u8;
        if let Some(last) = out.last_mut() {
            last.end = last.end.min(start);
        }
        out.push(HeardNote { start, end, pitch, velocity, confidence: voiced.clamp(0.0, 1.0) });
    }
    out.retain(|n| n.end - n.start >= SHORTEST * 0.8);
    out
}

/// How far the whole recording is from 440 Hz tuning, semitones, -0.5 to 0.5: the circular mean of the fractions of
/// pitches held for 190 ms, about one swing of a vibrato, over which it cancels.
fn tuning(track: &Track) -> f64 {
    let (mut x, mut y) = (0.0, 0.0);
    for window in track.frames.windows(19) {
        let held: Vec<f64> = window.iter().filter_map(|f| f.pitch).collect();
        let (low, high) = held.iter().fold((f64::MAX, f64::MIN), |m, &p| (m.0.min(p), m.1.max(p)));
        if held.len() == window.len() && high - low < 2.0 {
            let angle = std::f64::consts::TAU * held.iter().sum::<f64>() / held.len() as f64;
            x += angle.cos();
            y += angle.sin();
        }
    }
    if x.hypot(y) < 1e-9 { 0.0 } else { y.atan2(x) / std::f64::consts::TAU }
}

/// The track with the median over 70 ms, which takes out slips of single frames and the tips of vibrato.
fn smooth(track: &Track) -> Vec<Option<f64>> {
    let frames = &track.frames;
    (0..frames.len())
        .map(|i| {
            frames[i].pitch?;
            let near: Vec<f64> =
                frames[i.saturating_sub(3)..(i + 4).min(frames.len())].iter().filter_map(|f| f.pitch).collect();
            Some(median(&near))
        })
        .collect()
}

/// The middle of a list; 0 of none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0,
    }
}

/// The semitone each frame belongs to.
fn settle(pitches: &[Option<f64>]) -> Vec<Option<i32>> {
    let count = (RANGE.1 - RANGE.0 + 1) as usize;
    // State `count` is silence.
    let own = |state: usize, pitch: Option<f64>| match (state == count, pitch) {
        (true, None) => 0.0,
        (true, Some(_)) => 1.2,
        (false, None) => 1.0,
        (false, Some(p)) => (((p - f64::from(RANGE.0 + state as i32)) / STRAY).powi(2) / 2.0).min(FOREIGN),
    };
    let mut costs = vec![CHANGE; count + 1];
    costs[count] = 0.0;
    let mut back: Vec<Vec<u8>> = Vec::with_capacity(pitches.len());
    for &pitch in pitches {
        // Every change costs the same, so only the cheapest state before matters besides staying.
        let best_note = (0..count).min_by(|&a, &b| costs[a].total_cmp(&costs[b])).unwrap_or(0);
        let mut next = vec![0.0; count + 1];
        let mut from = vec![0u8; count + 1];
        for state in 0..=count {
            let stay = costs[state];
            let (other, source) = if state == count {
                (costs[best_note] + SWITCH, best_note)
            } else if costs[count] + SWITCH < costs[best_note] + CHANGE {
                (costs[count] + SWITCH, count)
            } else {
                (costs[best_note] + CHANGE, best_note)
            };
            let (cost, was) = if stay <= other { (stay, state) } else { (other, source) };
            next[state] = cost + own(state, pitch);
            from[state] = was as u8;
        }
        costs = next;
        back.push(from);
    }
    let mut at = (0..=count).min_by(|&a, &b| costs[a].total_cmp(&costs[b])).unwrap_or(count);
    let mut path = Vec::with_capacity(pitches.len());
    for from in back.iter().rev() {
        path.push((at < count).then_some(RANGE.0 + at as i32));
        at = usize::from(from[at]);
    }
    path.reverse();
    path
}

/// Frames in which a sound begins anew: a peak of the flux together with a rise of the level out of a dip.
fn attacks(levels: &[f64], flux: &[f64]) -> Vec<usize> {
    let mut out = Vec::new();
    let top = flux.iter().copied().fold(0.0, f64::max);
    for i in 6..levels.len().saturating_sub(6) {
        let dip = levels[i - 6..=i].iter().copied().fold(f64::INFINITY, f64::min);
        let crest = levels[i..i + 6].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let near = &flux[i.saturating_sub(4)..(i + 5).min(flux.len())];
        let is_top = near.iter().all(|&v| v <= flux[i]);
        if is_top && crest - dip > 3.0 && flux[i] > 0.06 * top && out.last().is_none_or(|&l: &usize| l + 5 < i) {
            out.push(rise(levels, i));
        }
    }
    out
}

/// The frame near `at` after which the level rises most.
fn rise(levels: &[f64], at: usize) -> usize {
    let (from, to) = (at.saturating_sub(5), (at + 4).min(levels.len().saturating_sub(2)));
    let step = |i: usize| levels[(i + 1).min(levels.len() - 1)] - levels[i.saturating_sub(1)];
    let best = (from..to).max_by(|&a, &b| step(a).total_cmp(&step(b)));
    best.filter(|&i| step(i) > 2.0).unwrap_or(at)
}
