//! A string section from chords: four voices led smoothly, tied where a tone is common, with a moving top line when
//! there is room for one.

use super::line::{Line, nearest, until};
use super::setting::{Bar, Setting};
use super::voicing::{Shape, Want, lead};
use continuo_core::{Chord, ChordSpan, Note, PitchClass, Rng, Style, Tick};

/// How the bows move; drawn once per take among those that suit the style and density.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bowing {
    /// Tied over changes wherever the tone stays.
    Tied,
    /// Every chord is bowed anew.
    Fresh,
    /// Every beat.
    Beats,
    /// Every subdivision, short.
    Pulse,
}

/// Plays the strings.
pub fn play(setting: &Setting) -> Vec<Note> {
    let mut rng = setting.rng(30);
    let spans = breaths(setting);
    let wants = wants(setting, &spans);
    let upper = upper_shape(setting, &mut rng);
    let noise = 0.6 + 1.2 * setting.adventure();
    let rows = lead(&wants, &upper, setting.key.mode, noise, &mut rng);
    let cello = cello_line(&spans);
    let bowing = bowing(setting, &mut rng);
    let bars = setting.bar_list();
    let rest = setting.rest();
    let mut line = Line::new(setting, 31);
    let level = match setting.style() {
        Style::Rock | Style::House => 84.0,
        Style::Hymn => 70.0,
        _ => 64.0,
    };
    let voiced: Vec<(&ChordSpan, Vec<i32>)> = spans
        .iter()
        .filter(|s| s.chord.is_some())
        .zip(rows.into_iter().zip(cello))
        .map(|(span, (mut row, low))| {
            row.retain(|&p| p != low);
            row.insert(0, low);
            (span, row)
        })
        .collect();
    let mut held: Vec<(i32, Tick)> = Vec::new();
    for (i, (span, row)) in voiced.iter().enumerate() {
        let quiet = rest.is_some_and(|r| span.at >= r);
        let next = voiced.get(i + 1).filter(|(s, _)| s.at == span.end()).map(|(_, row)| row.as_slice());
        let swell = level + 8.0 * phrase_arch(&bars, span.at);
        if matches!(bowing, Bowing::Tied | Bowing::Fresh) || quiet {
            for &pitch in row {
                let begun = held.iter().find(|h| h.0 == pitch).map(|h| h.1);
                let start = begun.unwrap_or(span.at);
                let tie =
                    bowing == Bowing::Tied && next.is_some_and(|n| n.contains(&pitch)) && !long(&bars, start, span);
                held.retain(|h| h.0 != pitch);
                if tie {
                    held.push((pitch, start));
                } else {
                    line.firm(start, span.end(), pitch, swell);
                }
            }
            passing(setting, &mut rng, &mut line, span, row, next, &bars, swell - 6.0);
        } else {
            repeated(setting, &mut line, bowing, span, row, &bars, rest, swell);
        }
    }
    line.done()
}

/// The harmony cut so that no bow has to last longer than two bars, and where the song comes to rest.
fn breaths(setting: &Setting) -> Vec<ChordSpan> {
    let bars = setting.bar_list();
    let rest = setting.rest();
    let mut out = Vec::new();
    for span in setting.spans() {
        let mut at = span.at;
        let lines = bars.iter().filter(|b| b.place % 2 == 0).map(|b| b.start).chain(rest);
        let mut cuts: Vec<Tick> = lines.filter(|&t| t > span.at && t < span.end()).collect();
        cuts.sort();
        cuts.push(span.end());
        for cut in cuts {
            if cut > at {
                out.push(ChordSpan { at, len: cut - at, ..span });
                at = cut;
            }
        }
    }
    out
}

/// What each chord has to get along with. Only spans with a chord.
pub(super) fn wants(setting: &Setting, spans: &[ChordSpan]) -> Vec<Want> {
    spans
        .iter()
        .filter_map(|span| {
            let chord = span.chord?;
            let melody = setting
                .melody_in(span.at, span.end())
                .map(|n| {
                    let sounding = (n.end().min(span.end()) - n.at.max(span.at)).0;
                    (n.pitch, sounding as f64 / span.len.0.max(1) as f64)
                })
                .collect();
            Some(Want { chord, melody })
        })
        .collect()
}

fn upper_shape(setting: &Setting, rng: &mut Rng) -> Shape {
    let lift = rng.range(-3.0, 4.0);
    let centre = match setting.style() {
        Style::House => 74.0,
        Style::Hymn => 64.0,
        Style::Ballad | Style::Swing => 65.0,
        _ => 67.0,
    } + lift;
    // Viola's open C string up to a comfortable first position on the violin's top string.
    Shape { low: 50, high: 84, voices: 3, centre, gap: 10, needs_root: false }
}

/// The lowest voice: the chord's bass, moving as little as it can.
fn cello_line(spans: &[ChordSpan]) -> Vec<i32> {
    let mut last = 43;
    spans
        .iter()
        .filter_map(|s| s.chord)
        .map(|chord| {
            last = nearest(chord.bass, (last + 43) / 2, 36, 50).unwrap_or(43);
            last
        })
        .collect()
}

fn bowing(setting: &Setting, rng: &mut Rng) -> Bowing {
    let density = setting.density();
    let choices: &[(Bowing, f64)] = match setting.style() {
        Style::Hymn => &[(Bowing::Fresh, 1.0), (Bowing::Tied, 0.5)],
        Style::Rock | Style::House if density > 0.55 => &[(Bowing::Pulse, 1.0), (Bowing::Fresh, 0.4)],
        Style::Pop if density > 0.7 => &[(Bowing::Pulse, 0.7), (Bowing::Beats, 0.6), (Bowing::Tied, 0.3)],
        Style::Waltz | Style::Folk if density > 0.7 => &[(Bowing::Beats, 1.0), (Bowing::Tied, 0.6)],
        _ => &[(Bowing::Tied, 1.0), (Bowing::Fresh, 0.4)],
    };
    let weights: Vec<f64> = choices.iter().map(|c| c.1).collect();
    choices[rng.weighted(&weights).unwrap_or(0)].0
}

/// True when a bow begun at `start` would last longer than two bars by the end of the span after this one.
fn long(bars: &[Bar], start: Tick, span: &ChordSpan) -> bool {
    let two = bars.first().map_or(0, |b| 2 * (b.end - b.start).0);
    (span.end() - start).0 >= two
}

/// 0 at the ends of a phrase, 1 in its middle.
fn phrase_arch(bars: &[Bar], at: Tick) -> f64 {
    let place = bars.iter().rev().find(|b| b.start <= at).map_or(0, |b| b.place);
    match place {
        1 | 2 => 1.0,
        _ => 0.0,
    }
}

/// Between two held chords the top voice may pass by step through the scale, where it has a third to go.
#[allow(clippy::too_many_arguments)]
fn passing(
    setting: &Setting,
    rng: &mut Rng,
    line: &mut Line,
    span: &ChordSpan,
    row: &[i32],
    next: Option<&[i32]>,
    bars: &[Bar],
    velocity: f64,
) {
    let (Some(&top), Some(&goal)) = (row.last(), next.and_then(<[i32]>::last)) else { return };
    let distance = goal - top;
    if !(3..=4).contains(&distance.abs()) || !rng.chance(0.2 + 0.6 * setting.density()) {
        return;
    }
    let scale = setting.key.scale();
    let between = top.min(goal) + 1..top.max(goal);
    let Some(pitch) = between.into_iter().find(|&p| scale.contains(&PitchClass::of(p))) else { return };
    let mut beats = bars.iter().flat_map(|b| &b.beats);
    let Some(beat) = beats.rfind(|b| b.at > span.at && b.end() == span.end()) else { return };
    let grates = setting.melody_in(beat.at, beat.end()).any(|n| (i32::from(n.pitch) - pitch).abs() == 1);
    if !grates {
        line.firm(beat.at, beat.end(), pitch, velocity);
    }
}

/// Bows on every beat or subdivision.
#[allow(clippy::too_many_arguments)]
fn repeated(
    setting: &Setting,
    line: &mut Line,
    bowing: Bowing,
    span: &ChordSpan,
    row: &[i32],
    bars: &[Bar],
    rest: Option<Tick>,
    level: f64,
) {
    for beat in bars.iter().flat_map(|b| &b.beats) {
        let parts = if bowing == Bowing::Pulse { beat.subs } else { 1 };
        for part in 0..parts {
            let (at, end) =
                (setting.swung(beat, part), if part + 1 == parts { beat.end() } else { setting.swung(beat, part + 1) });
            let (at, end) = (at.max(span.at), end.min(span.end()));
            if end <= at || at < span.at || at >= span.end() || rest.is_some_and(|r| at >= r) {
                continue;
            }
            let accent = if part == 0 { 4.0 } else { -4.0 };
            let share = if bowing == Bowing::Pulse { 0.7 } else { 0.92 };
            for &pitch in row {
                line.put(at, until(at, end, share), pitch, level + accent, if at == span.at { 0.0 } else { 2.0 });
            }
        }
    }
}

/// The chord tones a lower hand may hold under a chord.
pub(super) fn low_tone(chord: Chord, near: i32, low: i32, high: i32) -> i32 {
    nearest(chord.bass, near, low, high).unwrap_or(near)
}
