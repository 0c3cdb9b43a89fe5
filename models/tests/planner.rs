//! Thousands of random requests to the planner: whatever is asked, the hard rules hold and the same request gives the
//! same take. By rule only; the models have tests of their own.

use continuo_core::chord::chord_at;
use continuo_core::*;
use continuo_models::planner::{MAX_BARS, PlanError, Planner};
use std::sync::atomic::AtomicBool;

fn plan(song: &Song, bars: BarRange, parts: &[Part], controls: Controls, seed: u64) -> Result<Take, PlanError> {
    let mut shares = Vec::new();
    let take =
        Planner::default().plan(song, bars, parts, controls, seed, &AtomicBool::new(false), &mut |p| shares.push(p));
    assert!(shares.is_sorted(), "{shares:?}");
    take
}

fn meter(rng: &mut Rng) -> Meter {
    let list = [
        (2, 4),
        (3, 4),
        (4, 4),
        (5, 4),
        (6, 8),
        (7, 8),
        (12, 8),
        (2, 2),
        (3, 8),
        (9, 8),
        (5, 8),
        (1, 4),
        (11, 16),
        (7, 4),
    ];
    let (num, den) = list[rng.below(list.len())];
    Meter::new(num, den).unwrap()
}

/// A melody with leaps, rests, overlaps and chromatic notes, in one or two metres, with or without an upbeat.
fn song(rng: &mut Rng) -> Song {
    let first = meter(rng);
    let mut changes = vec![(Tick(0), first)];
    if rng.chance(0.3) {
        changes.push((Tick(first.bar().0 * (1 + rng.below(4) as i64)), meter(rng)));
    }
    let pickup = if rng.chance(0.3) { Ticks(first.bar().0 / 2) } else { Ticks(0) };
    let meters = MeterMap::new(&changes, pickup);
    let mut melody = Vec::new();
    let mut at = 0i64;
    let mut pitch = 50 + rng.below(30) as i32;
    for _ in 0..rng.below(60) {
        let len = [120, 240, 320, 480, 720, 960, 1440, 1920, 3840][rng.below(9)];
        if rng.chance(0.85) {
            pitch = (pitch + rng.below(11) as i32 - 5).clamp(30, 100);
            melody.push(Note { at: Tick(at), len: Ticks(len), pitch: pitch as u8, velocity: 1 + rng.below(127) as u8 });
        }
        at += if rng.chance(0.1) { len / 2 } else { len };
    }
    let mut locked_chords = Vec::new();
    while rng.chance(0.3) {
        let root = PitchClass::of(rng.below(12) as i32);
        let chord =
            Chord { bass: root.up([0, 0, 4, 7, 2][rng.below(5)]), ..Chord::new(root, Quality::ALL[rng.below(10)]) };
        locked_chords.push(ChordSpan {
            at: Tick(rng.below(20_000) as i64 - 500),
            len: Ticks(1 + rng.below(6_000) as i64),
            chord: rng.chance(0.85).then_some(chord),
            probability: 1.0,
        });
    }
    let key = rng.chance(0.2).then(|| Key { tonic: PitchClass::of(rng.below(12) as i32), mode: Mode::Minor });
    Song { melody, meters, tempo: TempoMap::constant(rng.range(40.0, 240.0)), key, locked_chords }
}

fn request(rng: &mut Rng) -> (Song, BarRange, Vec<Part>, Controls) {
    let song = song(rng);
    let from = rng.below(4) as u32;
    let bars = BarRange { from, to: from + 1 + rng.below(10) as u32 };
    let parts: Vec<Part> = Part::ALL.into_iter().filter(|_| rng.chance(0.8)).collect();
    let controls = Controls {
        style: Style::ALL[rng.below(8)],
        density: rng.range(-0.2, 1.2) as f32,
        adventure: rng.range(0.0, 1.0) as f32,
    };
    (song, bars, parts, controls)
}

#[test]
fn the_hard_rules_hold_for_three_thousand_random_requests() {
    let mut rng = Rng::new(2026, 1);
    let (mut planned, mut notes) = (0, 0);
    for seed in 0..3000 {
        let (song, bars, parts, controls) = request(&mut rng);
        let take = match plan(&song, bars, &parts, controls, seed) {
            Ok(take) => take,
            Err(PlanError::Nothing) => {
                assert!(song.melody.is_empty() && song.locked_chords.is_empty());
                continue;
            }
            Err(PlanError::NoParts) => {
                assert!(parts.is_empty());
                continue;
            }
            Err(other) => panic!("{other}"),
        };
        planned += 1;
        let (from, to) = bars.span(&song.meters);
        // Harmony: gap-free, and every locked chord is where it was, where locked chords do not fight each other.
        assert_eq!(take.chords.first().map(|s| s.at), Some(from));
        assert_eq!(take.chords.last().map(|s| s.end()), Some(to));
        assert!(take.chords.windows(2).all(|w| w[0].end() == w[1].at && w[0].len.0 > 0));
        for lock in &song.locked_chords {
            let others = song.locked_chords.iter().filter(|o| !std::ptr::eq(*o, lock));
            if others.clone().all(|o| o.end() <= lock.at || o.at >= lock.end()) && lock.end() > from && lock.at < to {
                let at = lock.at.max(from);
                let found = chord_at(&take.chords, at).unwrap();
                assert_eq!((found.at, found.end(), found.chord), (at, lock.end().min(to), lock.chord));
            }
        }
        // Parts: as asked, in order, inside bars and range, tidy.
        let order: Vec<Part> = Part::ALL.into_iter().filter(|p| parts.contains(p)).collect();
        assert_eq!(take.phrases.iter().map(|p| p.part).collect::<Vec<_>>(), order);
        for phrase in &take.phrases {
            let mut tidy = phrase.notes.clone();
            note::tidy(&mut tidy);
            assert_eq!(tidy, phrase.notes);
            for n in &phrase.notes {
                assert!(phrase.part.range().contains(&n.pitch), "{phrase:?}");
                assert!(n.at >= from && n.end() <= to && n.len.0 > 0 && (1..=127).contains(&n.velocity), "{n:?}");
            }
            notes += phrase.notes.len();
        }
        bass_obeys(&take);
        if seed % 4 == 0 {
            assert_eq!(plan(&song, bars, &parts, controls, seed).unwrap(), take);
        }
    }
    assert!(planned > 2500 && notes > 100_000, "{planned} takes, {notes} notes");
}

/// A bass note with the chord's bass begins on every change, and the bass is a single line.
fn bass_obeys(take: &Take) {
    let Some(bass) = take.phrases.iter().find(|p| p.part == Part::Bass) else { return };
    for span in &take.chords {
        let Some(chord) = span.chord else { continue };
        let note = bass.notes.iter().find(|n| n.at == span.at).unwrap_or_else(|| panic!("{span:?}"));
        assert_eq!(PitchClass::of(i32::from(note.pitch)), chord.bass);
    }
    assert!(bass.notes.windows(2).all(|w| w[0].end() <= w[1].at), "{:?}", bass.notes);
}

/// "Twinkle, Twinkle" (public domain), its first two lines.
fn twinkle() -> Song {
    let row = [60, 60, 67, 67, 69, 69, 67, 65, 65, 64, 64, 62, 62, 60];
    let mut at = Tick(0);
    let melody = row
        .iter()
        .enumerate()
        .map(|(i, &pitch)| {
            let len = Ticks::quarters(if i % 7 == 6 { 2.0 } else { 1.0 });
            let note = Note { at, len, pitch, velocity: 90 };
            at = note.end();
            note
        })
        .collect();
    Song { melody, ..Song::default() }
}

#[test]
fn every_style_plays_every_part_in_key_and_on_the_chords() {
    let song = twinkle();
    for style in Style::ALL {
        for seed in 0..8 {
            let controls = Controls { style, ..Controls::default() };
            let take = plan(&song, song.bars(), &Part::ALL, controls, seed).unwrap();
            for phrase in &take.phrases {
                assert!(!phrase.notes.is_empty(), "{style} {}", phrase.part);
                if phrase.part == Part::Drums {
                    continue;
                }
                // On the first beat of a bar everything that begins is of the chord.
                let (mut hits, mut all) = (0, 0);
                for bar in 0..take.bars.to {
                    let at = song.meters.bar_start(bar);
                    let chord = chord_at(&take.chords, at).and_then(|s| s.chord).unwrap();
                    for n in phrase.notes.iter().filter(|n| n.at == at) {
                        all += 1;
                        hits += usize::from(chord.contains(PitchClass::of(i32::from(n.pitch))));
                    }
                }
                assert_eq!(hits, all, "{style} {}", phrase.part);
            }
        }
    }
}

#[test]
fn seeds_differ_in_every_part() {
    let song = twinkle();
    for style in Style::ALL {
        let controls = Controls { style, ..Controls::default() };
        let takes: Vec<Take> = (0..6).map(|s| plan(&song, song.bars(), &Part::ALL, controls, s).unwrap()).collect();
        for part in 0..4 {
            // Not only the touch: some pair of takes differs in pitches or times.
            let written = |t: &Take| t.phrases[part].notes.iter().map(|n| (n.at, n.len, n.pitch)).collect::<Vec<_>>();
            assert!(takes.iter().any(|t| written(t) != written(&takes[0])), "{style} {part}");
        }
    }
}

#[test]
fn density_is_heard() {
    let song = twinkle();
    let count = |style, part: usize, density| {
        let controls = Controls { style, density, ..Controls::default() };
        (0..6)
            .map(|s| plan(&song, song.bars(), &Part::ALL, controls, s).unwrap().phrases[part].notes.len())
            .sum::<usize>()
    };
    for style in Style::ALL {
        let (few, many): (usize, usize) =
            (0..4).map(|p| (count(style, p, 0.0), count(style, p, 1.0))).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        assert!(many as f64 > 1.15 * few as f64, "{style}: {few} {many}");
    }
}

#[test]
fn bad_requests_say_what_to_do() {
    let song = twinkle();
    let controls = Controls::default();
    let error =
        |song: &Song, from, to, parts: &[Part]| plan(song, BarRange { from, to }, parts, controls, 1).unwrap_err();
    assert_eq!(error(&song, 3, 3, &Part::ALL), PlanError::NoBars);
    assert_eq!(error(&song, 5, 3, &Part::ALL), PlanError::NoBars);
    assert_eq!(error(&song, 0, MAX_BARS + 1, &Part::ALL), PlanError::TooLong { bars: MAX_BARS + 1 });
    assert_eq!(error(&song, 0, 4, &[]), PlanError::NoParts);
    assert_eq!(error(&Song::default(), 0, 4, &Part::ALL), PlanError::Nothing);
    let stopped =
        Planner::default().plan(&song, song.bars(), &Part::ALL, controls, 1, &AtomicBool::new(true), &mut |_| {});
    assert_eq!(stopped, Err(PlanError::Cancelled));
}

#[test]
fn the_longest_range_is_planned_in_time() {
    let song = twinkle();
    let start = std::time::Instant::now();
    for style in [Style::Pop, Style::Swing] {
        let controls = Controls { style, density: 1.0, ..Controls::default() };
        plan(&song, BarRange { from: 0, to: MAX_BARS }, &Part::ALL, controls, 1).unwrap();
    }
    assert!(start.elapsed().as_secs() < 40, "{:?}", start.elapsed());
}
