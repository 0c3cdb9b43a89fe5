//! The planner with the trained models: the hard rules hold for them too, and the record says who played.

mod common;

use continuo_core::*;
use continuo_models::Runtime;
use continuo_models::accompanist::Accompanist;
use continuo_models::harmony::Harmonist;
use continuo_models::originality::{LONGEST_ALLOWED, Originality};
use continuo_models::planner::{PlanError, Planner, is_trained};
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn planner() -> Planner {
    let runtime = Runtime::load(&common::library()).unwrap();
    let dir = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let harmonist = Harmonist::load(&runtime, &dir("harmony")).unwrap();
    let accompanist = Accompanist::load(&runtime, &dir("accompanist")).unwrap();
    let index = Originality::load(&dir("originality")).unwrap();
    Planner::new(Some(harmonist), Some(accompanist)).with_index(Some(index))
}

/// A melody of scale steps and leaps in a metre.
fn song(rng: &mut Rng, meter: Meter) -> Song {
    let scale = [0, 2, 4, 5, 7, 9, 11];
    let (mut at, mut step) = (0, 7 + rng.below(7) as i32);
    let mut melody = Vec::new();
    while at < 4 * meter.bar().0 {
        let len = [480, 960, 960, 1440, 1920][rng.below(5)].min(4 * meter.bar().0 - at);
        step = (step + rng.below(5) as i32 - 2).clamp(3, 18);
        let pitch = 48 + 12 * (step / 7) + scale[(step % 7) as usize];
        melody.push(Note { at: Tick(at), len: Ticks(len), pitch: pitch as u8, velocity: 90 });
        at += len;
    }
    let locked_chords = if rng.chance(0.5) {
        let chord = Chord::new(PitchClass::of(rng.below(12) as i32), Quality::ALL[rng.below(10)]);
        vec![ChordSpan { at: Tick(meter.bar().0), len: Ticks(960), chord: Some(chord), probability: 1.0 }]
    } else {
        Vec::new()
    };
    Song { melody, meters: MeterMap::constant(meter), locked_chords, ..Song::default() }
}

#[test]
fn trained_takes_obey_and_say_who_played() {
    let mut planner = planner();
    let mut rng = Rng::new(77, 1);
    let never = AtomicBool::new(false);
    let meters = [(4, 4), (3, 4), (6, 8), (2, 4), (7, 8), (12, 8)];
    for (i, (num, den)) in meters.into_iter().enumerate() {
        let song = song(&mut rng, Meter::new(num, den).unwrap());
        let style = [Style::Hymn, Style::Ballad, Style::Pop, Style::Folk, Style::Waltz, Style::House][i];
        let controls = Controls { style, density: 0.6, adventure: 0.4 };
        let bars = song.bars();
        let mut shares = Vec::new();
        let seed = i as u64;
        let take = planner.plan(&song, bars, &Part::ALL, controls, seed, &never, &mut |p| shares.push(p)).unwrap();
        assert!(shares.is_sorted() && shares.last() == Some(&1.0));
        assert!(take.harmony_origin.is_trained());
        let (from, to) = bars.span(&song.meters);
        assert_eq!((take.chords[0].at, take.chords[take.chords.len() - 1].end()), (from, to));
        assert!(take.chords.windows(2).all(|w| w[0].end() == w[1].at));
        for lock in &song.locked_chords {
            assert!(take.chords.iter().any(|s| (s.at, s.len, s.chord) == (lock.at, lock.len, lock.chord)));
        }
        for phrase in &take.phrases {
            assert_eq!(phrase.origin.is_trained(), is_trained(style, phrase.part), "{style} {}", phrase.part);
            assert!(!phrase.notes.is_empty(), "{style} {}", phrase.part);
            let mut tidy = phrase.notes.clone();
            note::tidy(&mut tidy);
            assert_eq!(tidy, phrase.notes);
            for n in &phrase.notes {
                assert!(phrase.part.range().contains(&n.pitch) && n.at >= from && n.end() <= to && n.len.0 > 0);
            }
        }
        for span in &take.chords {
            let bass = &take.phrases[Part::Bass.index()].notes;
            let first = bass.iter().find(|n| n.at == span.at).map(|n| PitchClass::of(i32::from(n.pitch)));
            assert_eq!(first, span.chord.map(|c| c.bass));
        }
        let trained: Vec<Part> = take.phrases.iter().filter(|p| p.origin.is_trained()).map(|p| p.part).collect();
        assert_eq!(planner.likeness().iter().map(|l| l.0).collect::<Vec<_>>(), trained);
        assert!(planner.likeness().iter().all(|l| l.1.longest_notes <= LONGEST_ALLOWED));
        if i < 2 {
            let again = planner.plan(&song, bars, &Part::ALL, controls, seed, &never, &mut |_| {}).unwrap();
            assert_eq!(again, take);
            let other = planner.plan(&song, bars, &Part::ALL, controls, seed + 100, &never, &mut |_| {}).unwrap();
            assert_ne!(other.phrases[0].notes, take.phrases[0].notes);
        }
    }
    let song = song(&mut rng, Meter::COMMON);
    let stopped =
        planner.plan(&song, song.bars(), &Part::ALL, Controls::default(), 1, &AtomicBool::new(true), &mut |_| {});
    assert_eq!(stopped, Err(PlanError::Cancelled));
}
