//! Chords for a melody by rule: the chords of the key, weighed by how the melody sits on them, by where in the bar they
//! change, and by how their roots follow each other; the best row found by dynamic programming (Viterbi 1967).
//!
//! This is the fallback and the baseline of the trained harmony model.

use super::setting::{Bar, Role, Setting};
use continuo_core::{Chord, ChordSpan, Mode, Origin, PitchClass, Quality, Rng, Song, Style, Tick, Ticks};

/// The rule, as the record names it.
pub fn origin() -> Origin {
    Origin::rule("harmony.viterbi")
}

/// A piece of time that has one chord.
struct Segment {
    at: Tick,
    len: Ticks,
    bar: usize,
    /// What a change here costs.
    change: f64,
    /// Extra score of the tonic (closing) and dominant (half close) here.
    close: f64,
    /// Extra score of the tonic where the melody begins.
    open: f64,
    options: Vec<Option<Chord>>,
    scores: Vec<f64>,
}

/// Chords for the setting's bars: gap-free, locked chords untouched. `setting.chords` is not looked at.
pub fn harmonise(setting: &Setting) -> Vec<ChordSpan> {
    let locked = locked_in(setting.song, setting.span());
    let bars = setting.bar_list();
    let palette = palette(setting);
    let mut segments = segments(setting, &bars, &locked, &palette);
    if segments.is_empty() {
        return locked;
    }
    let noise = Noise::draw(setting, bars.len(), palette.len());
    let mut per_bar = vec![0usize; bars.len()];
    segments.iter().for_each(|s| per_bar[s.bar] += 1);
    for segment in &mut segments {
        segment.scores = scores(setting, segment, &palette);
    }
    let beliefs = beliefs(setting, &segments);
    for segment in segments.iter_mut().filter(|s| s.options.len() > 1) {
        for (i, score) in segment.scores.iter_mut().enumerate() {
            // A bar's noise is shared out over its beats.
            *score += noise.of(segment.bar, i) / per_bar[segment.bar] as f64;
        }
    }
    let choice = best(setting, &segments);
    let mut spans: Vec<ChordSpan> = Vec::new();
    let mut counts = 0usize;
    for (segment, (&pick, belief)) in segments.iter().zip(choice.iter().zip(&beliefs)) {
        if segment.options.len() == 1 {
            continue;
        }
        let chord = segment.options[pick];
        let probability = belief[pick] as f32;
        match spans.last_mut() {
            Some(last) if last.chord == chord && last.end() == segment.at => {
                counts += 1;
                last.len = Ticks(last.len.0 + segment.len.0);
                last.probability += (probability - last.probability) / counts as f32;
            }
            _ => {
                counts = 1;
                spans.push(ChordSpan { at: segment.at, len: segment.len, chord, probability });
            }
        }
    }
    spans.extend(locked);
    spans.sort_by_key(|s| s.at);
    spans
}

/// The song's locked chords inside `span`, sorted, cut where the next begins, without empty ones.
pub fn locked_in(song: &Song, (from, to): (Tick, Tick)) -> Vec<ChordSpan> {
    let mut locked = song.locked_chords.clone();
    locked.sort_by_key(|s| s.at);
    let starts: Vec<Tick> = locked.iter().skip(1).map(|s| s.at).chain([Tick(i64::MAX)]).collect();
    locked
        .iter()
        .zip(starts)
        .map(|(s, next)| {
            let (at, end) = (s.at.max(from), s.end().min(to).min(next));
            ChordSpan { at, len: end - at, ..*s }
        })
        .filter(|s| s.len.0 > 0)
        .collect()
}

/// Lays the locked chords over `chords` and fills what gaps remain, so that the result is gap-free over the bars.
pub fn overlay(setting: &Setting, chords: &[ChordSpan]) -> Vec<ChordSpan> {
    let (from, to) = setting.span();
    let locked = locked_in(setting.song, (from, to));
    let mut cuts: Vec<Tick> = vec![from, to];
    for span in locked.iter().chain(chords) {
        cuts.extend([span.at, span.end()]);
    }
    cuts.retain(|&t| t >= from && t <= to);
    cuts.sort();
    cuts.dedup();
    let mut out: Vec<ChordSpan> = Vec::new();
    for pair in cuts.windows(2) {
        let (at, len) = (pair[0], pair[1] - pair[0]);
        let covers = |s: &&ChordSpan| s.at <= at && s.end() > at;
        let lock = locked.iter().find(covers);
        let under = chords.iter().rev().find(covers);
        let (source, chord, probability) = match (lock, under) {
            (Some(s), _) => (Some(s.at), s.chord, s.probability),
            (None, Some(s)) => (None, s.chord, s.probability),
            (None, None) => (None, out.last().and_then(|s| s.chord), 0.0),
        };
        let begins = source == Some(at);
        match out.last_mut() {
            Some(last)
                if !begins
                    && last.chord == chord
                    && (last.probability - probability).abs() < 1e-6
                    && last.end() == at =>
            {
                last.len = Ticks(last.len.0 + len.0);
            }
            _ => out.push(ChordSpan { at, len, chord, probability }),
        }
    }
    out
}

/// The chords on offer with their liking, as scale degrees of the key.
fn palette(setting: &Setting) -> Vec<(Chord, f64)> {
    use Quality::{Diminished, HalfDiminished, Major, MajorSeventh, Minor, MinorSeventh, Seventh};
    let daring = setting.adventure();
    let colour = daring + if setting.style() == Style::Swing { 0.6 } else { 0.0 };
    let mut list: Vec<(i32, Quality, f64)> = match setting.key.mode {
        Mode::Major => vec![
            (0, Major, 0.6),
            (7, Major, 0.35),
            (5, Major, 0.3),
            (9, Minor, 0.05),
            (2, Minor, 0.0),
            (4, Minor, -0.5),
            (7, Seventh, 0.1),
            (11, Diminished, -1.2),
            (2, MinorSeventh, colour - 0.8),
            (5, MajorSeventh, colour - 1.0),
            (0, MajorSeventh, colour - 1.3),
            (9, MinorSeventh, colour - 0.9),
            (2, Seventh, daring - 1.1),
            (4, Seventh, daring - 1.2),
            (9, Seventh, daring - 1.3),
            (5, Minor, daring - 1.6),
        ],
        Mode::Minor => vec![
            (0, Minor, 0.6),
            (7, Major, 0.3),
            (7, Seventh, 0.2),
            (5, Minor, 0.25),
            (8, Major, 0.1),
            (3, Major, 0.0),
            (10, Major, 0.0),
            (2, Diminished, -0.8),
            (7, Minor, -0.8),
            (5, MinorSeventh, colour - 0.9),
            (2, HalfDiminished, colour - 0.8),
            (8, MajorSeventh, colour - 1.1),
            (0, Seventh, daring - 1.4),
            (5, Major, daring - 1.2),
        ],
    };
    list.retain(|c| c.2 > -1.3);
    let tonic = setting.key.tonic;
    list.into_iter().map(|(degree, quality, liking)| (Chord::new(tonic.up(degree), quality), liking)).collect()
}

fn segments(setting: &Setting, bars: &[Bar], locked: &[ChordSpan], palette: &[(Chord, f64)]) -> Vec<Segment> {
    let options: Vec<Option<Chord>> = palette.iter().map(|p| Some(p.0)).collect();
    // How freely the harmony moves: hymns change with the melody, dance music hardly at all.
    let (downbeat, strong, other) = match setting.style() {
        Style::Hymn => (0.0, 0.3, 0.7),
        Style::House | Style::Rock => (0.5, 2.2, 4.0),
        Style::Ballad | Style::Waltz => (0.2, 1.4, 3.0),
        _ => (0.2, 1.2, 2.6),
    };
    let last_bar = setting.song.bars().to;
    let first_note = setting.song.melody.first().map(|n| setting.song.meters.bar_at(n.at));
    let mut out = Vec::new();
    for (number, bar) in bars.iter().enumerate() {
        for (beat, role) in bar.beats.iter().zip(&bar.roles) {
            let mut cuts = vec![beat.at, beat.end()];
            for lock in locked {
                cuts.extend([lock.at, lock.end()].into_iter().filter(|&t| t > beat.at && t < beat.end()));
            }
            cuts.sort();
            cuts.dedup();
            for pair in cuts.windows(2) {
                let (at, len) = (pair[0], pair[1] - pair[0]);
                let lock = locked.iter().find(|l| l.at <= at && l.end() > at);
                let change = match (at == bar.start, role) {
                    (true, _) => downbeat,
                    (false, Role::Strong) => strong,
                    (false, _) => other,
                };
                let closing = bar.index + 1 == last_bar && beat.index + 1 == bar.beats.len();
                let close = if closing {
                    3.0
                } else if bar.ends_phrase() && beat.index == 0 {
                    0.6
                } else {
                    0.0
                };
                out.push(Segment {
                    at,
                    len,
                    bar: number,
                    change,
                    close,
                    open: if first_note == Some(bar.index) && beat.index == 0 { 1.0 } else { 0.0 },
                    options: lock.map_or_else(|| options.clone(), |l| vec![l.chord]),
                    scores: Vec::new(),
                });
            }
        }
    }
    out
}

/// How well each option suits the melody over the segment, and its place.
fn scores(setting: &Setting, segment: &Segment, palette: &[(Chord, f64)]) -> Vec<f64> {
    if segment.options.len() == 1 {
        return vec![0.0];
    }
    let end = segment.at + segment.len;
    let mut weights = [0.0f64; 12];
    for note in setting.melody_in(segment.at, end) {
        let sounding = (note.end().min(end) - note.at.max(segment.at)).0 as f64 / segment.len.0 as f64;
        let emphasis = if note.at == segment.at { 1.5 } else { 1.0 };
        weights[usize::from(note.pitch) % 12] += sounding * emphasis;
    }
    let scale = setting.key.scale();
    palette
        .iter()
        .map(|&(chord, liking)| {
            let fit: f64 = (0..12)
                .filter(|&pc| weights[pc] > 0.0)
                .map(|pc| {
                    let class = PitchClass::of(pc as i32);
                    let place = chord.tones().position(|t| t == class);
                    weights[pc]
                        * match place {
                            Some(0 | 1) => 1.2,
                            Some(2) => 1.0,
                            Some(_) => 0.6,
                            None if chord.tones().any(|t| t.up(1) == class) => -2.2,
                            None if scale.contains(&class) => -1.4,
                            None => -2.6,
                        }
                })
                .sum();
            let tonic = chord.root == setting.key.tonic;
            let dominant = chord.root == setting.key.tonic.up(7);
            let close = match (segment.close > 1.0, tonic, dominant) {
                (true, true, _) => segment.close,
                (false, true, _) | (false, _, true) => segment.close,
                _ => 0.0,
            };
            let open =
                if tonic && matches!(chord.quality, Quality::Major | Quality::Minor) { segment.open } else { 0.0 };
            fit * 1.3 + 0.5 * liking + close + open
        })
        .collect()
}

/// How well `after` follows `before`, where a change costs `change`.
fn follow(setting: &Setting, before: Option<Chord>, after: Option<Chord>, change: f64) -> f64 {
    let (Some(a), Some(b)) = (before, after) else { return 0.0 };
    if a == b {
        return 0.0;
    }
    let tonic = setting.key.tonic;
    let degree = |c: Chord| tonic.to(c.root);
    let from_dominant = matches!(a.quality, Quality::Seventh | Quality::Diminished | Quality::DiminishedSeventh);
    let motion = match a.root.to(b.root) {
        0 => -0.2,
        5 => 0.6 + if from_dominant { 0.8 } else { 0.0 },
        7 => 0.2,
        2 | 1 => 0.2,
        3 | 8 | 9 => 0.1,
        _ => -0.2,
    };
    // A dominant seventh that does not fall a fifth or rise a step has been asked a question it does not answer.
    let unresolved = if from_dominant && !matches!(a.root.to(b.root), 5 | 2 | 1) { -1.0 } else { 0.0 };
    let backwards = if degree(a) == 7 && degree(b) == 5 { -0.7 } else { 0.0 };
    motion + unresolved + backwards - change
}

/// Viterbi over the segments.
fn best(setting: &Setting, segments: &[Segment]) -> Vec<usize> {
    let mut score = segments[0].scores.clone();
    let mut back: Vec<Vec<usize>> = Vec::with_capacity(segments.len());
    for pair in segments.windows(2) {
        let mut next = Vec::with_capacity(pair[1].options.len());
        let mut from = Vec::with_capacity(pair[1].options.len());
        for (&option, own) in pair[1].options.iter().zip(&pair[1].scores) {
            let mut top = (0, f64::NEG_INFINITY);
            for (i, (&before, sum)) in pair[0].options.iter().zip(&score).enumerate() {
                let total = sum + follow(setting, before, option, pair[1].change);
                if total > top.1 {
                    top = (i, total);
                }
            }
            from.push(top.0);
            next.push(top.1 + own);
        }
        score = next;
        back.push(from);
    }
    let mut at = (0..score.len()).max_by(|&a, &b| score[a].total_cmp(&score[b]).then(b.cmp(&a))).unwrap_or(0);
    let mut path = vec![at];
    for from in back.iter().rev() {
        at = from[at];
        path.push(at);
    }
    path.reverse();
    path
}

/// Probability of every option at every segment under the same scores, by the forward-backward recursion.
fn beliefs(setting: &Setting, segments: &[Segment]) -> Vec<Vec<f64>> {
    let log_sum = |v: &[f64]| {
        let top = v.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        top + v.iter().map(|x| (x - top).exp()).sum::<f64>().ln()
    };
    let mut forward = vec![segments[0].scores.clone()];
    for (k, pair) in segments.windows(2).enumerate() {
        let row = (pair[1].options.iter().zip(&pair[1].scores))
            .map(|(&after, own)| {
                let sums: Vec<f64> = (pair[0].options.iter().zip(&forward[k]))
                    .map(|(&before, f)| f + follow(setting, before, after, pair[1].change))
                    .collect();
                own + log_sum(&sums)
            })
            .collect();
        forward.push(row);
    }
    let mut out = vec![Vec::new(); segments.len()];
    let mut backward = vec![0.0; segments[segments.len() - 1].options.len()];
    for k in (0..segments.len()).rev() {
        let joint: Vec<f64> = forward[k].iter().zip(&backward).map(|(f, b)| f + b).collect();
        let total = log_sum(&joint);
        out[k] = joint.iter().map(|j| (j - total).exp()).collect();
        if k > 0 {
            backward = segments[k - 1]
                .options
                .iter()
                .map(|&before| {
                    let sums: Vec<f64> = (segments[k].options.iter().zip(&segments[k].scores).zip(&backward))
                        .map(|((&after, own), b)| own + b + follow(setting, before, after, segments[k].change))
                        .collect();
                    log_sum(&sums)
                })
                .collect();
        }
    }
    out
}

/// Gumbel noise per bar and chord: the best row under it is a draw from the model, the wilder the more daring was
/// asked for ("perturb and map", Papandreou and Yuille 2011). None at adventure 0.
struct Noise(Vec<Vec<f64>>);

impl Noise {
    fn draw(setting: &Setting, bars: usize, options: usize) -> Noise {
        let scale = 1.6 * setting.adventure();
        let mut rng: Rng = setting.rng(1);
        let mut gumbel = || -scale * (-(1.0 - rng.uniform()).ln()).max(1e-12).ln();
        Noise((0..bars).map(|_| (0..options).map(|_| gumbel()).collect()).collect())
    }

    fn of(&self, bar: usize, option: usize) -> f64 {
        self.0[bar][option]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::key;
    use continuo_core::{Controls, Note};

    fn song(pitches: &[(u8, f64)]) -> Song {
        let mut at = 0.0;
        let melody = pitches
            .iter()
            .map(|&(pitch, len)| {
                let note = Note { at: Tick::at_quarters(at), len: Ticks::quarters(len), pitch, velocity: 90 };
                at += len;
                note
            })
            .collect();
        Song { melody, ..Song::default() }
    }

    fn setting<'a>(song: &'a Song, adventure: f32, seed: u64) -> Setting<'a> {
        let controls = Controls { adventure, ..Controls::default() };
        Setting { song, bars: song.bars(), key: key::of_song(song), chords: &[], controls, seed }
    }

    /// Opening of Beethoven's "Ode to Joy" (public domain), in C.
    fn ode() -> Song {
        let row = [64, 64, 65, 67, 67, 65, 64, 62, 60, 60, 62, 64, 62, 60];
        let lens = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0];
        song(&row.into_iter().zip(lens).collect::<Vec<_>>())
    }

    #[test]
    fn a_plain_melody_gets_the_plain_chords() {
        let ode = ode();
        let spans = harmonise(&setting(&ode, 0.0, 1));
        let symbols: Vec<String> = spans.iter().filter_map(|s| s.chord).map(|c| c.to_string()).collect();
        assert_eq!(symbols.first().map(String::as_str), Some("C"), "{symbols:?}");
        assert_eq!(symbols.last().map(String::as_str), Some("C"), "{symbols:?}");
        assert!(symbols.iter().any(|s| s.starts_with('G')), "{symbols:?}");
        assert!(spans.iter().all(|s| s.probability > 0.0 && s.probability <= 1.0));
        assert!(spans.windows(2).all(|w| w[0].end() == w[1].at), "{spans:?}");
    }

    #[test]
    fn locked_chords_stay_to_the_tick() {
        let mut ode = ode();
        let lock = |at: f64, len: f64, symbol: &str| ChordSpan {
            at: Tick::at_quarters(at),
            len: Ticks::quarters(len),
            chord: Chord::parse(symbol).unwrap(),
            probability: 1.0,
        };
        ode.locked_chords = vec![lock(2.25, 1.5, "Ebm7/Gb"), lock(8.0, 4.0, "N.C.")];
        for seed in 0..20 {
            let spans = harmonise(&setting(&ode, 1.0, seed));
            for locked in &ode.locked_chords {
                assert!(spans.contains(locked), "{spans:?}");
            }
            assert!(spans.windows(2).all(|w| w[0].end() == w[1].at), "{spans:?}");
        }
    }

    #[test]
    fn daring_draws_differ_and_no_daring_does_not() {
        let ode = ode();
        let draw = |adventure, seed| harmonise(&setting(&ode, adventure, seed));
        assert_eq!(draw(0.0, 1), draw(0.0, 2));
        assert!((2..12).any(|seed| draw(0.8, 1) != draw(0.8, seed)));
    }

    #[test]
    fn an_overlay_fills_every_gap() {
        let ode = ode();
        let setting = setting(&ode, 0.0, 1);
        let c = Chord::parse("C").unwrap();
        let piece = ChordSpan { at: Tick(960), len: Ticks(960), chord: c, probability: 0.5 };
        let spans = overlay(&setting, &[piece]);
        assert_eq!((spans[0].at, spans[0].chord), (Tick(0), None));
        assert_eq!(spans[spans.len() - 1].end(), setting.span().1);
        assert!(spans.windows(2).all(|w| w[0].end() == w[1].at), "{spans:?}");
    }
}
