//! A song for looking at the instrument's screen: "Greensleeves" (traditional, before 1580), with takes by plain rules.

use continuo_core::mastering::EQ_BANDS;
use continuo_core::{
    AiState, BarRange, Chord, ChordSpan, Controls, Key, Meter, MeterMap, Mode, Note, Origin, Part, PartPhrase,
    PitchClass, Song, Style, SuggestionId, Take, TempoMap, Tick, Ticks,
};
use continuo_gui::data::{
    CreditsView, ExportState, HeardView, InstrumentView, Level, ParamView, PhraseStatus, SongView, StripView, TakeView,
    ThemeChoice,
};
use std::sync::Arc;

/// Bars of the first take.
pub const BARS: u32 = 8;
const _: () = assert!(EQ_BANDS == 8);

fn note(at: f64, len: f64, pitch: u8, velocity: u8) -> Note {
    Note { at: Tick::at_quarters(at), len: Ticks::quarters(len), pitch, velocity }
}

/// The melody's first strain in 6/8, one bar = 3 quarters.
pub fn melody() -> Vec<Note> {
    let mut notes = Vec::new();
    let mut at = 0.0;
    let line: [(f64, u8); 29] = [
        (1.0, 69),
        (0.5, 72),
        (1.0, 74),
        (0.5, 76),
        (0.75, 77),
        (0.25, 76),
        (0.5, 74),
        (1.0, 71),
        (0.5, 67),
        (0.75, 69),
        (0.25, 71),
        (0.5, 72),
        (1.0, 69),
        (0.5, 69),
        (0.75, 68),
        (0.25, 69),
        (0.5, 71),
        (1.0, 68),
        (0.5, 64),
        (1.0, 69),
        (0.5, 72),
        (1.0, 74),
        (0.5, 76),
        (0.75, 77),
        (0.25, 76),
        (0.5, 74),
        (1.0, 71),
        (0.5, 67),
        (3.0, 69),
    ];
    for (i, (len, pitch)) in line.into_iter().enumerate() {
        notes.push(note(at, len * 0.96, pitch, 84 + ((i * 37) % 30) as u8));
        at += len;
    }
    notes
}

/// Metre, tempo and melody together.
pub fn song() -> Song {
    Song {
        melody: melody(),
        meters: MeterMap::constant(Meter::new(6, 8).unwrap_or(Meter::COMMON)),
        tempo: TempoMap::constant(92.0),
        key: Some(Key { tonic: PitchClass::of(9), mode: Mode::Minor }),
        locked_chords: Vec::new(),
    }
}

fn chords(words: &[&str]) -> Vec<ChordSpan> {
    let length = Ticks::quarters(f64::from(BARS) * 3.0 / words.len() as f64);
    let span = |(i, word): (usize, &&str)| ChordSpan {
        at: Tick(length.0 * i as i64),
        len: length,
        chord: Chord::parse(word).ok().flatten(),
        probability: 0.55 + 0.4 * ((i * 7) % 5) as f32 / 5.0,
    };
    words.iter().enumerate().map(span).collect()
}

fn phrase(part: Part, chords: &[ChordSpan], turn: usize) -> PartPhrase {
    let mut notes = Vec::new();
    for (i, span) in chords.iter().enumerate() {
        let Some(chord) = span.chord else { continue };
        let (at, quarters) = (span.at.as_quarters(), span.len.as_quarters());
        let root = chord.bass.index() as u8;
        let tones: Vec<u8> = chord.tones().map(|t| t.index() as u8).collect();
        match part {
            Part::Keys => {
                let eighths = (quarters * 2.0) as usize;
                for e in 0..eighths {
                    let tone = tones[(e * (turn + 1) + i) % tones.len()];
                    let pitch = 52 + (tone + 12 - 4) % 12 + if e % 3 == 1 { 12 } else { 0 };
                    notes.push(note(at + e as f64 * 0.5, 0.45, pitch, 58 + ((e * 17 + i * 5) % 34) as u8));
                }
            }
            Part::Bass => {
                let low = 33 + (root + 12 - 9) % 12;
                notes.push(note(at, 1.4, low, 92));
                if quarters > 2.0 {
                    notes.push(note(at + 1.5, 0.9, low + 7, 78));
                    notes.push(note(at + 2.5, 0.45, low + if turn == 0 { 12 } else { 5 }, 70));
                }
            }
            Part::Drums => {
                for e in 0..(quarters * 2.0) as usize {
                    let t = at + e as f64 * 0.5;
                    notes.push(note(t, 0.2, 42, if e % 3 == 0 { 84 } else { 52 }));
                    match e % 6 {
                        0 => notes.push(note(t, 0.2, 36, 104)),
                        3 => notes.push(note(t, 0.2, 38, 96)),
                        5 if turn == 1 => notes.push(note(t, 0.2, 36, 70)),
                        _ => {}
                    }
                }
                if i == 0 {
                    notes.push(note(at, 0.2, 49, 90));
                }
            }
            Part::Strings => {
                for (k, tone) in tones.iter().take(3).enumerate() {
                    let pitch = 60 + (tone + 12 - 2) % 12 + if k == 2 && turn == 1 { 12 } else { 0 };
                    notes.push(note(at, quarters * 0.98, pitch, 60 + 8 * k as u8));
                }
            }
        }
    }
    continuo_core::note::tidy(&mut notes);
    let origin = match part {
        Part::Drums => Origin::rule("drums.pattern"),
        _ => Origin::Trained(continuo_core::ModelRef {
            name: "accompanist".into(),
            version: "0.1.0".into(),
            sha256: "0".repeat(64),
        }),
    };
    PartPhrase { part, bars: BarRange { from: 0, to: BARS }, notes, origin }
}

fn take(number: u64, words: &[&str]) -> TakeView {
    let chords = chords(words);
    let turn = (number % 2) as usize;
    let phrases = Part::ALL.iter().map(|&part| phrase(part, &chords, turn)).collect();
    let content = Take {
        bars: BarRange { from: 0, to: BARS },
        key: Key { tonic: PitchClass::of(9), mode: Mode::Minor },
        chords,
        harmony_origin: Origin::rule("gallery"),
        phrases,
        seed: number,
        controls: Controls::default(),
    };
    TakeView {
        id: SuggestionId(number),
        name: format!("Take {number}"),
        content: Arc::new(content),
        status: [PhraseStatus::Offered; 4],
        locked: [false; 4],
        likeness: Some(0.3),
    }
}

fn strip(part: Part, level: f32, peak: f32) -> StripView {
    let id = |what: &str| format!("{}_{what}", part.id());
    let db = -60.0 + 66.0 * level;
    StripView {
        level: ParamView::new(&id("level"), "Level", level, 0.9091, format!("{db:.1} dB")),
        pan: ParamView::new(&id("pan"), "Pan", 0.5 + 0.08 * (part.index() as f32 - 1.5), 0.5, "12 L"),
        mute: ParamView::new(&id("mute"), "Mute", 0.0, 0.0, "off"),
        solo: ParamView::new(&id("solo"), "Solo", 0.0, 0.0, "off"),
        meter: Level { peak_db: [peak, peak - 1.5], rms_db: [peak - 9.0, peak - 11.0] },
    }
}

/// The screen with three takes, one of them partly accepted, in the middle of the song.
pub fn ready() -> InstrumentView {
    let mut takes = vec![
        take(1, &["Am", "C", "G", "Em", "Am", "E", "Am", "E7"]),
        take(2, &["Am", "Cmaj7", "G/B", "Em7", "Fmaj7", "E7", "Am7", "Esus4"]),
        take(3, &["Am", "F", "C", "G", "Dm7", "Bm7b5", "E7", "Am"]),
    ];
    takes[0].status[Part::Bass.index()] = PhraseStatus::Accepted;
    takes[0].status[Part::Drums.index()] = PhraseStatus::Rejected;
    takes[0].locked[Part::Bass.index()] = true;
    let accepted = takes[0].content.phrases[Part::Bass.index()].clone();
    let styles = Style::ALL.map(|s| {
        let mut word = s.id().to_owned();
        word[..1].make_ascii_uppercase();
        word
    });
    InstrumentView {
        ai: AiState::Ready,
        heard: HeardView {
            notes: 29,
            bars: Some(BarRange { from: 0, to: BARS }),
            key: Some(Key { tonic: PitchClass::of(9), mode: Mode::Minor }),
            tempo_bpm: Some(92.0),
            meter: Meter::new(6, 8),
            active: true,
            input_db: None,
            dropped: 0,
        },
        style: ParamView::new("style", "Style", 3.0 / 7.0, 1.0 / 7.0, "Folk").with_choices(styles),
        density: ParamView::new("density", "Density", 0.5, 0.5, "50 %"),
        adventure: ParamView::new("adventure", "Adventure", 0.3, 0.3, "30 %"),
        selected: Some(SuggestionId(2)),
        audition: None,
        song: SongView {
            song: Arc::new(song()),
            accepted: Arc::new(vec![accepted]),
            chords: Arc::new(Vec::new()),
            playhead: Some(Tick::at_quarters(7.75)),
            playing: true,
            cycle: Some((Tick(0), Tick::at_quarters(24.0))),
        },
        takes,
        strips: [
            strip(Part::Keys, 0.88, -12.0),
            strip(Part::Bass, 0.91, -7.5),
            strip(Part::Drums, 0.86, -4.2),
            strip(Part::Strings, 0.80, -21.0),
        ],
        credits: CreditsView { human_notes: 29, trained_phrases: 1, rule_phrases: 0, edited_phrases: 0, rejected: 1 },
        export: ExportState::Ready,
        undo: Some("Accept bass of Take 1".into()),
        theme: ThemeChoice::Dark,
    }
}

/// The screen of a new instance.
pub fn empty(ai: AiState) -> InstrumentView {
    let full = ready();
    InstrumentView {
        ai,
        heard: HeardView { tempo_bpm: Some(120.0), meter: Some(Meter::COMMON), ..HeardView::default() },
        takes: Vec::new(),
        selected: None,
        song: SongView::default(),
        strips: Part::ALL.map(|part| strip(part, 0.9091, f32::NEG_INFINITY)),
        credits: CreditsView::default(),
        export: ExportState::Empty,
        undo: None,
        ..full
    }
}
