//! What a report must hold: every note, every chord, no way out of the text, nothing from the network.

use super::*;
use continuo_core::mastering::{MoveKind, MoveUnit};
use continuo_core::time::{MeterMap, TempoMap, Tick, Ticks};
use continuo_core::{Chord, Mode, Origin, PitchClass};

/// The notes of one part.
type PartNotes = (Part, Vec<Note>);

fn song() -> (Song, Vec<ChordSpan>, Vec<PartNotes>) {
    let note = |quarter: f64, length: f64, pitch| Note {
        at: Tick::at_quarters(quarter),
        len: Ticks::quarters(length),
        pitch,
        velocity: 90,
    };
    let melody: Vec<Note> = (0..16).map(|i| note(f64::from(i), 1.0, 60 + [0, 4, 7, 12][i as usize % 4])).collect();
    let song = Song { melody, meters: MeterMap::default(), tempo: TempoMap::constant(96.0), ..Song::default() };
    let span = |bar: i64, name: &str| ChordSpan {
        at: Tick(bar * 3840),
        len: Ticks(3840),
        chord: Chord::parse(name).unwrap(),
        probability: 1.0,
    };
    let chords = vec![span(0, "C"), span(1, "A#7"), span(2, "Dm7/G"), span(3, "N.C.")];
    let parts = vec![
        (Part::Bass, (0..8).map(|i| note(2.0 * f64::from(i), 2.0, 36)).collect()),
        (Part::Drums, (0..16).map(|i| note(f64::from(i), 0.2, if i % 2 == 0 { 36 } else { 38 })).collect()),
    ];
    (song, chords, parts)
}

fn report<'a>(
    song: &'a Song,
    chords: &'a [ChordSpan],
    parts: &'a [(Part, Vec<Note>)],
    moves: Vec<(&'a Move, bool)>,
) -> Report<'a> {
    let curve = |shift: f64| Curves {
        spectrum: (0..60).map(|i| (20.0 * 1.12f64.powi(i), -20.0 - f64::from(i) + shift)).collect(),
        short_term: (0..40).map(|i| (f64::from(i) * 0.25, -20.0 + shift + f64::from(i % 5))).collect(),
        integrated_lufs: -20.0 + shift,
        range_lu: 5.0,
        true_peak_dbtp: -8.0 + shift,
    };
    Report {
        title: "<Auld & Lang>".into(),
        facts: vec![("Key", "C major".into())],
        music: Some(Music { song, key: Key { tonic: PitchClass::of(10), mode: Mode::Major }, chords, parts }),
        players: vec![
            Player { label: "Master".into(), source: "x.wav".into(), match_db: -6.0 },
            Player { label: "Mix".into(), source: "y.wav".into(), match_db: 0.0 },
        ],
        mastering: Some(Mastering {
            before: curve(0.0),
            after: curve(6.0),
            target_lufs: -14.0,
            ceiling_dbtp: -1.0,
            destination: "streaming".into(),
            moves,
        }),
        credits: Credits { statement: "Made by hand.".into(), ..Credits::default() },
        foot: vec![("Record", "1".into())],
        notices: vec!["a < b".into()],
    }
}

#[test]
fn every_note_and_chord_is_drawn_and_text_is_safe() {
    let (song, chords, parts) = song();
    let offered = Move {
        id: "eq.presence".into(),
        what: MoveKind::Saturation,
        amount: -1.5,
        unit: MoveUnit::Decibels,
        low: -2.0,
        high: -1.0,
        confidence: 0.7,
        reason: "3 dB \"over\" the curve".into(),
        origin: Origin::rule("test"),
    };
    let html = html(&report(&song, &chords, &parts, vec![(&offered, true)]));
    // 16 melody notes, 8 of the bass, 16 drums; a graph has one rectangle of its own.
    assert_eq!(html.matches("<rect ").count(), 16 + 8 + 16 + 2);
    for name in ["C", "Bb7", "Dm7/G", "N.C."] {
        assert!(html.contains(&format!(">{name}</text></g>")), "{name}");
    }
    assert!(html.contains("&lt;Auld &amp; Lang&gt;") && !html.contains("<Auld"));
    assert!(html.contains("&quot;over&quot;") && html.contains("−1.50 dB"));
    assert!(html.contains("kick") && html.contains("snare"));
    // At 96 a minute a second has 1.6 quarters.
    assert!(html.contains("const CLOCK={px:30,map:[[0.0000,0.0000,1.60000]]}"));
}

#[test]
fn nothing_is_fetched() {
    let (song, chords, parts) = song();
    let html = html(&report(&song, &chords, &parts, Vec::new()));
    for word in ["http:", "https:", "//cdn", "@import", "url("] {
        assert!(!html.contains(word), "{word}");
    }
    assert_eq!(html, super::html(&report(&song, &chords, &parts, Vec::new())));
}
