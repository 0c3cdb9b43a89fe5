//! A bass line from chords, in every style and metre.
//!
//! The bass begins every chord with the chord's bass note. What happens between is the style's: held notes, root and
//! fifth in turn, straight eighths, off-beats, or a walking line that aims at the next chord.

use super::line::{Line, nearest, until};
use super::setting::{Bar, Beat, Role, Setting};
use continuo_core::{Chord, ChordSpan, Note, PitchClass, Rng, Style, Tick};

/// Comfortable compass: open E string up to the C in the middle of the neck.
const LOW: i32 = 28;
const HIGH: i32 = 48;
/// Where a line starts from.
const HOME: i32 = 36;

/// What the seed decides once for a whole take.
struct Habit {
    /// Chance of an approach note before a change.
    approach: f64,
    /// Fifths rather than octaves in alternations.
    fifths: bool,
    /// Off-beat pushes per bar position, for pop and rock.
    push: f64,
    /// Quarter-length (false) or long (true) notes.
    long: bool,
}

/// Plays the bass.
pub fn play(setting: &Setting) -> Vec<Note> {
    let mut rng = setting.rng(20);
    let habit = Habit {
        approach: rng.range(0.15, 0.6) + 0.3 * setting.adventure(),
        fifths: rng.chance(0.7),
        push: rng.range(0.1, 0.5) + 0.4 * (setting.density() - 0.5),
        long: rng.chance(0.5),
    };
    let mut line = Line::new(setting, 21);
    let bars = setting.bar_list();
    let spans = setting.spans();
    let rest = setting.rest();
    let mut last = HOME;
    for (i, span) in spans.iter().enumerate() {
        let Some(chord) = span.chord else { continue };
        let root = nearest(chord.bass, last.min(HIGH - 6), LOW, HIGH).unwrap_or(HOME);
        let next = spans[i + 1..].iter().find_map(|s| s.chord);
        let target = next.and_then(|c| nearest(c.bass, root, LOW, HIGH));
        last = phrase(setting, &mut line, &mut rng, &habit, span, chord, root, target, &bars, rest);
    }
    line.done()
}

/// Plays one chord and gives the last pitch.
#[allow(clippy::too_many_arguments)]
fn phrase(
    setting: &Setting,
    line: &mut Line,
    rng: &mut Rng,
    habit: &Habit,
    span: &ChordSpan,
    chord: Chord,
    root: i32,
    target: Option<i32>,
    bars: &[Bar],
    rest: Option<Tick>,
) -> i32 {
    let mut steps = onsets(setting, rng, habit, span, bars, rest);
    if steps.first().is_none_or(|s| s.0 > span.at) {
        steps.insert(0, (span.at, 96.0));
    }
    let mut pitch = root;
    for (k, &(at, velocity)) in steps.iter().enumerate() {
        let end = steps.get(k + 1).map_or(span.end(), |s| s.0);
        let is_last = k + 1 == steps.len() && k > 0;
        pitch = match k {
            0 => root,
            _ if is_last && target.is_some_and(|t| t != root) && rng.chance(habit.approach) && approaches(setting) => {
                approach(setting, rng, target.unwrap_or(root), pitch)
            }
            _ => between(setting, rng, habit, chord, root, pitch, k),
        };
        let share = match setting.style() {
            Style::House | Style::Folk | Style::Waltz => 0.6,
            Style::Rock => 0.85,
            Style::Hymn | Style::Ballad => 0.98,
            _ => 0.9,
        };
        let held = rest.is_some_and(|r| at >= r);
        let end = if held { end } else { until(at, end, share) };
        // Long rests inside a chord are not filled with one endless note, except at the end.
        line.put(at, end, pitch, velocity, if k == 0 { 0.0 } else { 3.0 });
    }
    pitch
}

/// Styles in which a step into the next chord is idiomatic.
fn approaches(setting: &Setting) -> bool {
    !matches!(setting.style(), Style::Hymn | Style::House | Style::Waltz)
}

/// When notes begin inside the chord, with their velocities.
fn onsets(
    setting: &Setting,
    rng: &mut Rng,
    habit: &Habit,
    span: &ChordSpan,
    bars: &[Bar],
    rest: Option<Tick>,
) -> Vec<(Tick, f64)> {
    let density = setting.density();
    let mut found = Vec::new();
    let inside = |b: &&Bar| b.end > span.at && b.start < span.end();
    for bar in bars.iter().filter(inside) {
        for (beat, role) in bar.beats.iter().zip(&bar.roles) {
            let first = beat.index == 0;
            let mut add = |at: Tick, velocity: f64| found.push((at, velocity));
            let half = setting.swung(beat, beat.subs / 2 + i64::from(beat.subs == 3));
            match setting.style() {
                Style::Hymn => {
                    if first || density > 0.65 {
                        add(beat.at, 72.0);
                    }
                }
                Style::Ballad => {
                    if first || (*role == Role::Strong && !habit.long) || density > 0.7 {
                        add(beat.at, if first { 80.0 } else { 70.0 });
                    } else if *role == Role::Back && rng.chance(0.35 * density) {
                        add(half, 62.0);
                    }
                }
                Style::Pop => {
                    if density > 0.6 {
                        add(beat.at, if first { 94.0 } else { 84.0 });
                        add(half, 78.0);
                    } else {
                        if *role == Role::Strong || (density > 0.35 && rng.chance(0.5)) {
                            add(beat.at, if first { 94.0 } else { 86.0 });
                        }
                        if *role != Role::Strong && rng.chance(habit.push) {
                            add(half, 80.0);
                        }
                    }
                }
                Style::Rock => {
                    add(beat.at, if first { 104.0 } else { 96.0 });
                    if density > 0.25 {
                        eighths(beat, &mut add, 90.0);
                    }
                }
                Style::Folk => {
                    if *role == Role::Strong || bar.beats.len() == 2 {
                        add(beat.at, if first { 86.0 } else { 78.0 });
                    } else if density > 0.7 && rng.chance(0.4) {
                        add(beat.at, 66.0);
                    }
                }
                Style::Waltz => {
                    if first || (density > 0.75 && *role == Role::Back) {
                        add(beat.at, if first { 86.0 } else { 66.0 });
                    }
                }
                Style::House => {
                    if beat.at == span.at {
                        add(beat.at, 92.0);
                    }
                    add(half, 100.0);
                    if density > 0.6 && beat.subs == 2 {
                        add(beat.point(3, 4), 84.0);
                    }
                }
                Style::Swing => {
                    let two_feel = density < 0.3;
                    if !two_feel || *role == Role::Strong {
                        add(beat.at, if first { 88.0 } else { 82.0 });
                    }
                    if !two_feel && rng.chance(0.12 * density) {
                        add(setting.swung(beat, beat.subs - 1), 66.0);
                    }
                }
            }
        }
    }
    found.retain(|&(at, _)| at >= span.at && at < span.end() && rest.is_none_or(|r| at <= r));
    found.sort_by_key(|a| a.0);
    found.dedup_by_key(|a| a.0);
    found
}

fn eighths(beat: &Beat, add: &mut impl FnMut(Tick, f64), velocity: f64) {
    for sub in 1..beat.subs {
        add(beat.sub(sub), velocity);
    }
}

/// A note inside a chord.
fn between(setting: &Setting, rng: &mut Rng, habit: &Habit, chord: Chord, root: i32, last: i32, place: usize) -> i32 {
    let fifth = chord.quality.intervals().get(2).copied().unwrap_or(7);
    // Counted from the chord's root, which in a slash chord is not the bass note.
    let class = chord.root.up(fifth);
    let other = nearest(class, root - 2, LOW, HIGH).unwrap_or(root);
    match setting.style() {
        Style::Folk | Style::Waltz if place % 2 == 1 => other,
        Style::Swing => walk(setting, rng, chord, last),
        Style::Pop | Style::Ballad if place % 3 == 2 && rng.chance(0.3 + 0.4 * setting.adventure()) => {
            if habit.fifths {
                other
            } else {
                octave(root)
            }
        }
        Style::House if place % 4 == 3 && !habit.fifths => octave(root),
        Style::Rock if place % 8 == 7 && rng.chance(setting.adventure()) => other,
        _ => root,
    }
}

fn octave(root: i32) -> i32 {
    if root + 12 <= HIGH + 4 { root + 12 } else { root - 12 }
}

/// A walking step: a chord or scale tone at most a fourth away, never the same note again.
fn walk(setting: &Setting, rng: &mut Rng, chord: Chord, last: i32) -> i32 {
    let scale = setting.key.scale();
    let mut pitches = Vec::new();
    let mut weights = Vec::new();
    for pitch in (last - 5).max(LOW)..=(last + 5).min(HIGH) {
        let class = PitchClass::of(pitch);
        let weight = if chord.contains(class) {
            1.0
        } else if scale.contains(&class) {
            0.5
        } else {
            0.0
        };
        let step = (pitch - last).abs();
        if step > 0 && weight > 0.0 {
            pitches.push(pitch);
            weights.push(weight / f64::from(step).sqrt());
        }
    }
    rng.weighted(&weights).map_or(last, |i| pitches[i])
}

/// The note before a change: a step of the scale, a semitone, or the fifth of what comes.
fn approach(setting: &Setting, rng: &mut Rng, target: i32, last: i32) -> i32 {
    let scale = setting.key.scale();
    let inside = |p: i32| scale.contains(&PitchClass::of(p));
    let side = if last >= target { 1 } else { -1 };
    let step = if inside(target + side * 2) { side * 2 } else { side };
    let chromatic = rng.chance(0.25 + 0.4 * setting.adventure()) && setting.style() == Style::Swing;
    let pitch = if chromatic { target + side } else { target + step };
    if (LOW..=HIGH).contains(&pitch) { pitch } else { target - step }
}
