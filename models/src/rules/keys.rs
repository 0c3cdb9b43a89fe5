//! A keyboard part from chords: a left hand that carries the bass and a right hand whose voices are led.
//!
//! Each style has two or three figures; the seed picks one per take. A figure says, for every beat of any metre, when
//! which hand strikes.

use super::line::{Line, until};
use super::setting::{Bar, Beat, Role, Setting};
use super::strings::{low_tone, wants};
use super::voicing::{Shape, lead};
use continuo_core::{ChordSpan, Note, Rng, Style, Tick};

/// What sounds at a stroke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stroke {
    /// Left hand: the bass note.
    Low,
    /// Left hand: the bass note and its octave or fifth.
    Power,
    /// Right hand: the whole chord.
    Chord,
    /// Both.
    Both,
    /// One note of the chord, counted upwards through both hands and back down.
    Step(usize),
}

/// A stroke in time, as long as `len` of the way to the next stroke of the same hand.
#[derive(Clone, Copy, Debug)]
struct Hit {
    at: Tick,
    stroke: Stroke,
    velocity: f64,
    hold: bool,
}

/// Plays the keys.
pub fn play(setting: &Setting) -> Vec<Note> {
    let mut rng = setting.rng(10);
    let variant = rng.below(3);
    let spans: Vec<ChordSpan> = bar_spans(setting);
    let voices = if matches!(setting.style(), Style::Hymn | Style::Swing) || setting.density() > 0.6 { 4 } else { 3 };
    let centre = 64.0 + rng.range(-2.5, 2.5) + if setting.style() == Style::House { 3.0 } else { 0.0 };
    let shape = Shape { low: 53, high: 79, voices, centre, gap: 9, needs_root: false };
    let noise = 0.6 + 1.2 * setting.adventure();
    let rows = lead(&wants(setting, &spans), &shape, setting.key.mode, noise, &mut rng);
    let bars = setting.bar_list();
    let rest = setting.rest();
    let mut line = Line::new(setting, 11);
    let mut low = 45;
    for (span, row) in spans.iter().filter(|s| s.chord.is_some()).zip(&rows) {
        let Some(chord) = span.chord else { continue };
        let (floor, ceiling) = if setting.style() == Style::Rock { (31, 45) } else { (36, 52) };
        low = low_tone(chord, (low + 43) / 2, floor, ceiling);
        let mut hits = figure(setting, &mut rng, variant, span, &bars);
        hits.retain(|h| h.at >= span.at && h.at < span.end() && rest.is_none_or(|r| h.at < r));
        if hits.first().is_none_or(|h| h.at > span.at) && !rests_on_change(setting, span, &bars)
            || rest == Some(span.at)
        {
            hits.insert(0, Hit { at: span.at, stroke: Stroke::Both, velocity: 74.0, hold: true });
        }
        if let Some(r) = rest.filter(|&r| r > span.at && r < span.end()) {
            hits.push(Hit { at: r, stroke: Stroke::Both, velocity: 70.0, hold: true });
        }
        hits.sort_by_key(|h| h.at);
        strike(setting, &mut line, span, chord.root.to(chord.bass) == 0, low, row, &hits, rest);
    }
    line.done()
}

/// Styles that may leave the change itself to the bass.
fn rests_on_change(setting: &Setting, span: &ChordSpan, bars: &[Bar]) -> bool {
    let short = bars.iter().flat_map(|b| &b.beats).any(|b| b.at <= span.at && span.end() <= b.end());
    matches!(setting.style(), Style::House | Style::Swing) && !short
}

/// Chords struck anew at every bar line.
fn bar_spans(setting: &Setting) -> Vec<ChordSpan> {
    let bars = setting.bar_list();
    let mut out = Vec::new();
    for span in setting.spans() {
        let mut at = span.at;
        let lines = bars.iter().map(|b| b.start).filter(|&t| t > span.at && t < span.end());
        for cut in lines.chain([span.end()]) {
            out.push(ChordSpan { at, len: cut - at, ..span });
            at = cut;
        }
    }
    out
}

/// Writes the strokes down.
#[allow(clippy::too_many_arguments)]
fn strike(
    setting: &Setting,
    line: &mut Line,
    span: &ChordSpan,
    rooted: bool,
    low: i32,
    row: &[i32],
    hits: &[Hit],
    rest: Option<Tick>,
) {
    // The ladder an arpeggio climbs: bass, its octave or fifth, then the right hand's voices.
    let second = if rooted { low + 7 } else { low + 12 };
    let mut ladder = vec![low];
    if setting.chord(span.at).is_some_and(|c| c.contains(continuo_core::PitchClass::of(second))) {
        ladder.push(second);
    }
    let floor = ladder[ladder.len() - 1];
    ladder.extend(row.iter().copied().filter(|&p| p > floor));
    let round = (2 * ladder.len()).saturating_sub(2).max(1);
    for (i, hit) in hits.iter().enumerate() {
        let same = |h: &&Hit| hand(h.stroke) & hand(hit.stroke) != 0;
        let next = hits[i + 1..].iter().find(same).map_or(span.end(), |h| h.at);
        let held = rest.is_some_and(|r| hit.at >= r);
        let touch = if matches!(setting.style(), Style::Ballad | Style::Pop | Style::Hymn) { 0.95 } else { 0.55 };
        let end = if hit.hold || held { next } else { until(hit.at, next, touch) };
        let loose = if hit.at == span.at { 0.0 } else { 4.0 };
        let mut put = |pitch: i32, velocity: f64| line.put(hit.at, end, pitch, velocity, loose);
        match hit.stroke {
            Stroke::Low => put(low, hit.velocity),
            Stroke::Power => {
                put(low, hit.velocity);
                put(if rooted { low + 12 } else { low - 12 }, hit.velocity - 8.0);
            }
            Stroke::Chord => row.iter().for_each(|&p| put(p, hit.velocity)),
            Stroke::Both => {
                put(low, hit.velocity);
                row.iter().filter(|&&p| p != low).for_each(|&p| put(p, hit.velocity - 4.0));
            }
            Stroke::Step(step) => {
                let place = step % round;
                let rung = if place < ladder.len() { place } else { round - place };
                let until_next = if hit.hold { span.end() } else { end };
                line.put(hit.at, until_next, ladder[rung], hit.velocity, loose);
            }
        }
    }
}

/// Left hand 1, right hand 2.
fn hand(stroke: Stroke) -> u8 {
    match stroke {
        Stroke::Low | Stroke::Power => 1,
        Stroke::Chord => 2,
        Stroke::Both => 3,
        Stroke::Step(_) => 4,
    }
}

/// The strokes of one chord.
fn figure(setting: &Setting, rng: &mut Rng, variant: usize, span: &ChordSpan, bars: &[Bar]) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut step = 0;
    for bar in bars.iter().filter(|b| b.end > span.at && b.start < span.end()) {
        for (beat, &role) in bar.beats.iter().zip(&bar.roles) {
            if beat.at >= span.end() || beat.end() <= span.at {
                continue;
            }
            let first = beat.at <= span.at;
            beat_strokes(setting, rng, variant, beat, role, first, &mut step, &mut hits);
        }
    }
    hits
}

#[allow(clippy::too_many_arguments)]
fn beat_strokes(
    setting: &Setting,
    rng: &mut Rng,
    variant: usize,
    beat: &Beat,
    role: Role,
    first: bool,
    step: &mut usize,
    hits: &mut Vec<Hit>,
) {
    let density = setting.density();
    let mut hit = |at: Tick, stroke: Stroke, velocity: f64, hold: bool| hits.push(Hit { at, stroke, velocity, hold });
    let off = setting.swung(beat, if beat.subs == 2 { 1 } else { beat.subs - 1 });
    match setting.style() {
        Style::Ballad => match (variant, density) {
            (_, d) if d < 0.25 => {
                if first {
                    hit(beat.at, Stroke::Both, 62.0, true);
                }
            }
            (2, _) => {
                hit(beat.at, if first { Stroke::Both } else { Stroke::Chord }, if first { 66.0 } else { 54.0 }, true);
            }
            _ => {
                for sub in 0..beat.subs {
                    if density > 0.4 || sub == 0 || role != Role::Strong {
                        hit(beat.sub(sub), Stroke::Step(*step), if sub == 0 { 64.0 } else { 55.0 }, variant == 0);
                    }
                    *step += 1;
                }
            }
        },
        Style::Pop => match variant {
            0 => {
                hit(
                    beat.at,
                    if first { Stroke::Both } else { Stroke::Chord },
                    if role == Role::Strong { 78.0 } else { 70.0 },
                    true,
                );
                if density > 0.6 {
                    hit(off, Stroke::Chord, 60.0, true);
                }
            }
            1 => {
                if first {
                    hit(beat.at, Stroke::Both, 80.0, true);
                }
                if role == Role::Back || density > 0.7 {
                    hit(off, Stroke::Chord, 72.0, true);
                }
                if role == Role::Strong && !first {
                    hit(beat.at, Stroke::Low, 70.0, true);
                }
            }
            _ => {
                for sub in 0..beat.subs {
                    if sub == 0 || density > 0.35 {
                        hit(beat.sub(sub), Stroke::Step(*step), if sub == 0 { 72.0 } else { 62.0 }, true);
                    }
                    *step += if density > 0.6 { 1 } else { 2 };
                }
            }
        },
        Style::Rock => {
            if variant == 0 && density < 0.6 {
                if role != Role::Weak {
                    hit(beat.at, if role == Role::Strong { Stroke::Power } else { Stroke::Chord }, 90.0, true);
                }
                return;
            }
            if first {
                hit(beat.at, Stroke::Power, 94.0, true);
            }
            for sub in 0..beat.subs {
                if sub == 0 || density > 0.3 {
                    hit(beat.sub(sub), Stroke::Chord, if sub == 0 { 90.0 } else { 80.0 }, variant == 1);
                }
            }
        }
        Style::Folk => {
            if role == Role::Strong {
                hit(beat.at, Stroke::Low, 74.0, true);
                if density > 0.6 || variant == 2 {
                    hit(off, Stroke::Chord, 58.0, false);
                }
            } else {
                hit(beat.at, Stroke::Chord, 64.0, variant == 1);
                if density > 0.5 {
                    hit(off, Stroke::Chord, 54.0, false);
                }
            }
        }
        Style::Hymn => {
            if first || density > 0.35 || role == Role::Strong {
                hit(beat.at, Stroke::Both, if first { 70.0 } else { 64.0 }, true);
            }
        }
        Style::Waltz => {
            if beat.index == 0 || first {
                hit(beat.at, Stroke::Low, 76.0, variant != 0);
            } else if density > 0.3 || role == Role::Back {
                hit(beat.at, Stroke::Chord, 60.0, false);
            }
            if beat.subs == 3 {
                for sub in 1..3 {
                    hit(beat.sub(sub), Stroke::Chord, 58.0, false);
                }
            }
        }
        Style::House => {
            // The stabs of piano house fall off the beat; the bar's first may be on it.
            if beat.index == 0 && variant != 1 {
                hit(beat.at, Stroke::Both, 92.0, false);
            }
            if variant == 2 && beat.subs == 2 && beat.index.is_multiple_of(2) {
                hit(beat.point(3, 4), Stroke::Chord, 86.0, false);
            } else {
                hit(off, Stroke::Chord, 88.0, false);
            }
            if density > 0.7 && beat.subs == 2 {
                hit(beat.point(1, 4), Stroke::Chord, 70.0, false);
            }
        }
        Style::Swing => {
            // The Charleston and its displacements: on a strong beat, off its neighbour, or in answer.
            let likely = 0.25 + 0.5 * density;
            match (role, variant) {
                (Role::Strong, 0) => hit(beat.at, Stroke::Chord, 72.0, false),
                (Role::Strong, 1) if rng.chance(likely) => hit(off, Stroke::Chord, 70.0, false),
                (Role::Back, 0) if rng.chance(0.3 + likely) => hit(off, Stroke::Chord, 66.0, false),
                (Role::Back, _) => hit(beat.at, Stroke::Chord, 68.0, false),
                (_, 2) if rng.chance(likely) => hit(off, Stroke::Chord, 64.0, true),
                _ => {}
            }
        }
    }
}
