//! Fills: what leads out of a phrase, and the stroke it lands on.

use super::Hit;
use super::kit::*;
use crate::rules::setting::{Bar, Setting};
use continuo_core::{Rng, Style, Tick};

/// Replaces the end of the bar by a fill. Every second phrase gets a longer one; hymns get none.
pub(super) fn into(setting: &Setting, bar: &Bar, rng: &mut Rng, hits: &mut Vec<Hit>) {
    let style = setting.style();
    if style == Style::Hymn || bar.beats.is_empty() {
        return;
    }
    let long = bar.phrase % 2 == 1 && setting.density() > 0.2 && bar.beats.len() > 1;
    let count = if long && matches!(style, Style::Pop | Style::Rock) { 2 } else { 1 };
    let beats = &bar.beats[bar.beats.len() - count..];
    let from = beats[0].at;
    hits.retain(|h| h.at < from || (h.at == from && matches!(h.key, KICK | SOFT_KICK)));
    let drums = drums(style, rng);
    let level = match style {
        Style::Rock => 100.0,
        Style::Pop | Style::House => 90.0,
        _ => 62.0,
    };
    let mut strokes: Vec<Tick> = Vec::new();
    for beat in beats {
        let parts = if beat.subs == 2 && (setting.density() > 0.45 || style == Style::House) { 4 } else { beat.subs };
        let parts = if style == Style::Swing { 3 } else { parts };
        strokes.extend((0..parts).map(|p| beat.point(p, parts)));
    }
    let total = strokes.len().max(1);
    for (i, &at) in strokes.iter().enumerate() {
        // A fill leaves holes, but not at its beginning or its end.
        if i > 0 && i + 1 < total && rng.chance(0.3 - 0.2 * setting.density()) {
            continue;
        }
        let drum = drums[(i * drums.len() / total).min(drums.len() - 1)];
        let rise = 14.0 * i as f64 / total as f64;
        hits.push(Hit { at, key: drum, velocity: level - 8.0 + rise });
    }
}

/// The drums a fill goes through, in order.
fn drums(style: Style, rng: &mut Rng) -> Vec<i32> {
    let ways: [&[i32]; 3] = match style {
        Style::House => [&[SNARE], &[CLAP, SNARE], &[SNARE, OPEN_HAT]],
        Style::Folk | Style::Waltz => [&[SNARE], &[SNARE, LOW_TOM], &[TAMBOURINE, SNARE]],
        Style::Swing => [&[SNARE], &[SNARE, HIGH_TOM, FLOOR_TOM], &[SNARE, SNARE, SOFT_KICK]],
        Style::Ballad => [&[SNARE, LOW_TOM], &[MID_TOM, FLOOR_TOM], &[SNARE]],
        _ => [&[SNARE, HIGH_TOM, MID_TOM, FLOOR_TOM], &[SNARE, SNARE, LOW_TOM, FLOOR_TOM], &[SNARE, MID_TOM]],
    };
    ways[rng.below(3)].to_vec()
}

/// The cymbal a new phrase begins with.
pub(super) fn landing(setting: &Setting, bar: &Bar) -> Option<Hit> {
    let velocity = match setting.style() {
        Style::Rock => 108.0,
        Style::Pop => 98.0,
        Style::House if bar.phrase.is_multiple_of(2) => 92.0,
        Style::Ballad => 66.0,
        _ => return None,
    };
    Some(Hit { at: bar.start, key: CRASH, velocity })
}
