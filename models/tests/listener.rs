//! The listener on synthesised recordings whose notes, chords and time are known.

use continuo_core::*;
use continuo_models::listener::*;
use std::f64::consts::TAU;
use std::sync::atomic::AtomicBool;

/// A note of a test melody: start and length in quarters, pitch.
type Written = (f64, f64, u8);

fn melody(rows: &[(u8, f64)]) -> Vec<Written> {
    let mut at = 0.0;
    let mut out = Vec::new();
    for &(pitch, len) in rows {
        // Pitch 0 is a rest.
        if pitch > 0 {
            out.push((at, len, pitch));
        }
        at += len;
    }
    out
}

/// "Ode to Joy", whole first half (public domain): steps, repeated notes, a dotted rhythm.
fn ode() -> Vec<Written> {
    let line = |end: &[(u8, f64)]| {
        let row = [64, 64, 65, 67, 67, 65, 64, 62, 60, 60, 62, 64];
        row.iter().map(|&p| (p, 1.0)).chain(end.iter().copied()).collect::<Vec<_>>()
    };
    let mut rows = line(&[(64, 1.5), (62, 0.5), (62, 2.0)]);
    rows.extend(line(&[(62, 1.5), (60, 0.5), (60, 2.0)]));
    melody(&rows)
}

/// A line with leaps, eighths, rests and an octave.
fn leaps() -> Vec<Written> {
    melody(&[
        (57, 1.0),
        (64, 1.0),
        (60, 0.5),
        (62, 0.5),
        (64, 1.0),
        (0, 1.0),
        (69, 1.0),
        (57, 1.0),
        (56, 1.0),
        (57, 0.5),
        (59, 0.5),
        (60, 0.5),
        (62, 0.5),
        (64, 2.0),
        (62, 1.0),
        (60, 0.5),
        (59, 0.5),
        (57, 2.0),
    ])
}

#[derive(Clone, Copy)]
struct Sound {
    /// Number of harmonics; 1 is a sine.
    harmonics: i32,
    /// Depth of vibrato, semitones.
    vibrato: f64,
    /// Share of the note that sounds, the rest is silence.
    held: f64,
    /// Attack, seconds.
    attack: f64,
    /// Level of noise beside it.
    noise: f64,
    /// Slide from the note before, seconds.
    slide: f64,
}

const SINE: Sound = Sound { harmonics: 1, vibrato: 0.0, held: 0.9, attack: 0.01, noise: 0.0, slide: 0.0 };
const SAW: Sound = Sound { harmonics: 12, ..SINE };
const VOICE: Sound = Sound { harmonics: 8, vibrato: 0.35, held: 0.92, attack: 0.03, noise: 0.004, slide: 0.04 };
const WIDE: Sound = Sound { vibrato: 0.7, ..VOICE };
const PLUCK: Sound = Sound { harmonics: 6, held: 1.0, attack: 0.003, ..SINE };

/// Plays a melody at `bpm`, beginning `lead` seconds in.
fn render(notes: &[Written], sound: Sound, bpm: f64, rate: f64, lead: f64) -> Vec<f32> {
    let beat = 60.0 / bpm;
    let length = lead + notes.iter().map(|n| (n.0 + n.1) * beat).fold(0.0, f64::max) + 0.5;
    let mut out = vec![0.0f64; (length * rate) as usize];
    let mut before: Option<(f64, f64)> = None;
    for &(at, len, pitch) in notes {
        let (start, held) = (lead + at * beat, len * beat * sound.held);
        let from = before.filter(|b| (b.0 - start).abs() < 0.3 * beat).map_or(f64::from(pitch), |b| b.1);
        before = Some((lead + (at + len) * beat, f64::from(pitch)));
        let mut phase = 0.0;
        for i in 0..(held * rate) as usize {
            let t = i as f64 / rate;
            let slide = if sound.slide > 0.0 { (-t / sound.slide * 3.0).exp() } else { 0.0 };
            let wobble = sound.vibrato * (TAU * 5.5 * t).sin() * (t / 0.2).min(1.0);
            let semitones = f64::from(pitch) + slide * (from - f64::from(pitch)) + wobble;
            let hz = 440.0 * ((semitones - 69.0) / 12.0).exp2();
            phase += hz / rate;
            let wave: f64 = (1..=sound.harmonics)
                .filter(|k| hz * f64::from(*k) < 0.45 * rate)
                .map(|k| (TAU * phase * f64::from(k)).sin() / f64::from(k))
                .sum();
            let decay = if sound.held >= 1.0 { (-2.5 * t).exp() } else { 1.0 };
            let shape = (t / sound.attack).min(1.0) * ((held - t) / 0.02).clamp(0.0, 1.0) * decay;
            if let Some(slot) = out.get_mut((start * rate) as usize + i) {
                *slot += 0.3 * shape * wave;
            }
        }
    }
    let mut rng = Rng::new(5, 5);
    out.iter().map(|s| (s + sound.noise * rng.normal()) as f32).collect()
}

fn hear(samples: &[f32], rate: f64, hints: Hints) -> Result<Heard, ListenError> {
    listen(samples, SampleRate::new(rate).unwrap(), &hints, &AtomicBool::new(false))
}

/// F1 of notes whose start is within 50 ms and whose pitch within 50 cents.
fn f1(notes: &[Written], heard: &[HeardNote], bpm: f64, lead: f64) -> f64 {
    let mut free: Vec<&HeardNote> = heard.iter().collect();
    let mut hits = 0;
    for n in notes {
        let start = lead + n.0 * 60.0 / bpm;
        let fits = |h: &&HeardNote| (h.start - start).abs() <= 0.05 && (h.pitch - f64::from(n.2)).abs() <= 0.5;
        if let Some(i) = free.iter().position(fits) {
            free.remove(i);
            hits += 1;
        }
    }
    2.0 * hits as f64 / (notes.len() + heard.len()) as f64
}

#[test]
fn melodies_are_heard_note_by_note() {
    let takes = [(44_100.0, 100.0, 0i32), (48_000.0, 126.0, 7), (22_050.0, 84.0, -12)];
    let mut worst = 1.0f64;
    let mut turn = 0;
    for (name, sound) in [("sine", SINE), ("saw", SAW), ("voice", VOICE), ("wide", WIDE), ("pluck", PLUCK)] {
        for (tune, notes) in [("ode", ode()), ("leaps", leaps())] {
            // Rates, tempos and registers take turns; every sound meets two of them.
            let (rate, bpm, shift) = takes[turn % takes.len()];
            turn += 1;
            let notes: Vec<Written> = notes.iter().map(|n| (n.0, n.1, (i32::from(n.2) + shift) as u8)).collect();
            let heard = hear(&render(&notes, sound, bpm, rate, 0.35), rate, Hints::default()).unwrap();
            let score = f1(&notes, &heard.notes, bpm, 0.35);
            assert!(score >= 0.9, "{name} {tune} {shift}: {score}\n{:?}", heard.notes);
            worst = worst.min(score);
        }
    }
    assert!(worst >= 0.9);
}

#[test]
fn every_rate_gives_the_same_notes() {
    let notes = leaps();
    for rate in [8_000.0, 16_000.0, 96_000.0, 192_000.0] {
        let heard = hear(&render(&notes, SAW, 110.0, rate, 0.2), rate, Hints::default()).unwrap();
        assert!(f1(&notes, &heard.notes, 110.0, 0.2) >= 0.9, "{rate}");
    }
}

#[test]
fn a_given_tempo_gives_the_written_song() {
    let notes = ode();
    for bpm in [80.0, 100.0, 132.0] {
        let hints = Hints { bpm: Some(bpm), meter: Some(Meter::COMMON), bar_seconds: Some(0.4) };
        let heard = hear(&render(&notes, VOICE, bpm, 44_100.0, 0.4), 44_100.0, hints).unwrap();
        assert!((heard.song_start - 0.4).abs() < 1e-6, "{}", heard.song_start);
        assert_eq!(heard.song.meters.pickup(), Ticks(0));
        let at: Vec<(i64, u8)> = heard.song.melody.iter().map(|n| (n.at.0, n.pitch)).collect();
        let written: Vec<(i64, u8)> = notes.iter().map(|n| (Tick::at_quarters(n.0).0, n.2)).collect();
        assert_eq!(at, written, "{bpm}");
        assert_eq!(heard.key.map(|k| k.to_string()).as_deref(), Some("C major"));
    }
}

#[test]
fn the_tempo_is_found_without_help() {
    for bpm in [84.0, 100.0, 120.0] {
        let heard = hear(&render(&ode(), VOICE, bpm, 44_100.0, 0.3), 44_100.0, Hints::default()).unwrap();
        assert!((heard.bpm / bpm - 1.0).abs() < 0.02, "{bpm}: {}", heard.bpm);
        assert!(heard.tempo_confidence > 0.5);
        // The bar line is found too: the first note begins a bar.
        assert_eq!((heard.meter, heard.song.meters.pickup()), (Meter::COMMON, Ticks(0)), "{bpm}");
    }
}

#[test]
fn chords_are_heard_where_several_notes_sound() {
    let symbols = ["C", "Am", "F", "G7", "C", "Em", "Dm", "G"];
    let (bpm, rate) = (100.0, 44_100.0);
    let mut mix = Vec::new();
    for (i, symbol) in symbols.iter().enumerate() {
        let chord = Chord::parse(symbol).unwrap().unwrap();
        for half in 0..4 {
            let at = 4.0 * i as f64 + f64::from(half);
            for (k, tone) in chord.tones().enumerate() {
                mix.push((at, 1.0, 52 + (tone.index() as u8 + 12 - 4) % 12 + if k == 3 { 12 } else { 0 }));
            }
            mix.push((at, 1.0, 36 + chord.root.index() as u8));
        }
    }
    let heard = hear(&render(&mix, PLUCK, bpm, rate, 0.3), rate, Hints { bpm: Some(bpm), ..Hints::default() }).unwrap();
    assert!(heard.polyphonic && heard.notes.is_empty() && heard.song.melody.is_empty());
    let mut right = 0;
    for (i, symbol) in symbols.iter().enumerate() {
        let middle = 0.3 + (4.0 * i as f64 + 2.0) * 0.6;
        let found = heard.chords.iter().find(|c| c.start <= middle && c.end > middle).and_then(|c| c.chord);
        let wanted = Chord::parse(symbol).unwrap().unwrap();
        right += usize::from(found.is_some_and(|c| c.root == wanted.root));
    }
    assert!(right >= 7, "{right} of 8: {:?}", heard.chords);
    assert!(!heard.song.locked_chords.is_empty());
    assert_eq!(heard.key.map(|k| k.tonic), Some(PitchClass::of(0)));
}

#[test]
fn what_cannot_be_heard_is_said() {
    let rate = 44_100.0;
    let error = |samples: &[f32]| hear(samples, rate, Hints::default()).unwrap_err();
    assert!(matches!(error(&[]), ListenError::TooShort { .. }));
    assert!(matches!(error(&[0.1; 100]), ListenError::TooShort { .. }));
    assert!(matches!(error(&vec![0.0; 88_200]), ListenError::Silent { .. }));
    assert!(matches!(error(&vec![1e-5; 88_200]), ListenError::Silent { .. }));
    let mut rng = Rng::new(9, 9);
    let noise: Vec<f32> = (0..8 * 44_100).map(|_| 0.2 * rng.normal() as f32).collect();
    assert_eq!(error(&noise), ListenError::NoNotes);
    let mut broken = noise.clone();
    broken[1_000] = f32::NAN;
    assert_eq!(error(&broken), ListenError::NotFinite);
    let hints = Hints { bpm: Some(f64::NAN), ..Hints::default() };
    assert!(matches!(hear(&noise, rate, hints).unwrap_err(), ListenError::BadTempo(_)));
    let long = vec![0.0f32; 8_000 * 1_201];
    assert!(matches!(hear(&long, 8_000.0, Hints::default()), Err(ListenError::TooLong { .. })));
    let stop = listen(&noise, SampleRate::new(rate).unwrap(), &Hints::default(), &AtomicBool::new(true));
    assert_eq!(stop.unwrap_err(), ListenError::Cancelled);
}

#[test]
fn odd_inputs_do_no_harm() {
    let rate = 44_100.0;
    // A constant offset, a single click, full-scale clipping, a tone too high to follow, one note.
    let mut click = vec![0.0f32; 44_100];
    click[20_000] = 1.0;
    let clipped: Vec<f32> =
        render(&ode(), SAW, 120.0, rate, 0.1).iter().map(|s| (s * 100.0).clamp(-1.0, 1.0)).collect();
    let high: Vec<f32> = (0..44_100).map(|i| (i as f32 * 1.2).sin()).collect();
    for samples in [vec![0.5; 44_100], click, high] {
        let _ = hear(&samples, rate, Hints::default());
    }
    assert!(f1(&ode(), &hear(&clipped, rate, Hints::default()).unwrap().notes, 120.0, 0.1) > 0.7);
    let one = hear(&render(&[(0.0, 2.0, 60)], SAW, 60.0, rate, 0.1), rate, Hints::default()).unwrap();
    assert_eq!(one.notes.len(), 1);
    assert_eq!(one.song.melody.len(), 1);
}

/// The recording that ships with the demo: a synthetic voice with slurs, vibrato, breath and a room, at 120 quarters a
/// minute in D major.
#[test]
fn the_demo_recording_is_heard_as_it_was_written() {
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../demo/ode-to-joy.wav")).unwrap();
    let data = bytes.windows(4).position(|w| w == b"data").unwrap() + 8;
    let samples: Vec<f32> =
        bytes[data..].chunks_exact(2).map(|c| f32::from(i16::from_le_bytes([c[0], c[1]])) / 32_768.0).collect();
    let rate = u32::from_le_bytes([bytes[24], bytes[25], bytes[26], bytes[27]]);
    let heard = hear(&samples, f64::from(rate), Hints::default()).unwrap();
    assert!((heard.bpm - 120.0).abs() < 0.5, "{}", heard.bpm);
    assert_eq!(
        (heard.meter, heard.song.meters.pickup(), heard.song.tempo.changes().len()),
        (Meter::COMMON, Ticks(0), 1)
    );
    assert_eq!(heard.key.map(|k| k.to_string()).as_deref(), Some("D major"));
    // The first and the last of its four lines, a tone above the tune in C.
    let written: Vec<(i64, u8)> = ode().iter().map(|n| (Tick::at_quarters(n.0).0, n.2 + 2)).collect();
    let notes: Vec<(i64, u8)> = heard.song.melody.iter().map(|n| (n.at.0, n.pitch)).collect();
    assert_eq!(notes[..written.len()], written);
    assert_eq!(notes.len(), 62);
}
