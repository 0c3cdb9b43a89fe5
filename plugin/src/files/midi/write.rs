//! MIDI out: format 1 at 960 ticks per quarter, the same bytes for the same song.
//!
//! Tracks, in order: `melody` (the tune, and with it tempo, metre and key, which format 1 wants in the first track),
//! one per part under the part's name, and `chords`, whose marker events carry the chord names.

use crate::files::FileError;
use continuo_core::time::{Meter, MeterMap, TICKS_PER_QUARTER, TempoMap, Tick, Ticks};
use continuo_core::{ChordSpan, Key, Mode, Note, Part};
use midly::num::{u4, u7, u15, u24, u28};
use midly::{Format, Header, MetaMessage, MidiMessage, Smf, Timing, TrackEvent, TrackEventKind};

/// Channel of the melody track, 0 to 15: the first that no part uses.
pub const MELODY_CHANNEL: u8 = 3;
/// General MIDI program of the melody, 0 to 127: flute.
pub const MELODY_PROGRAM: u8 = 73;
/// Name of the melody's track.
pub const MELODY_TRACK: &str = "melody";
/// Name of the chord names' track.
pub const CHORD_TRACK: &str = "chords";

/// What goes into the file.
#[derive(Clone, Copy, Debug)]
pub struct Score<'a> {
    /// Tempo.
    pub tempo: &'a TempoMap,
    /// Metre.
    pub meters: &'a MeterMap,
    /// Key, for the signature and for flats or sharps in chord names.
    pub key: Option<Key>,
    /// The human's melody.
    pub melody: &'a [Note],
    /// The chords.
    pub chords: &'a [ChordSpan],
    /// The parts with their notes; they are written in the order of [`Part::ALL`].
    pub parts: &'a [(Part, Vec<Note>)],
}

/// The bytes of a MIDI file.
///
/// # Errors
/// [`FileError::MidiOut`] when the song is longer than a MIDI file can count (2^28 ticks, 77 hours at 60 a minute).
pub fn write(score: &Score<'_>) -> Result<Vec<u8>, FileError> {
    let end = song_end(score);
    let names: Vec<String> = chord_names(score);
    let mut smf = Smf::new(Header::new(Format::Parallel, Timing::Metrical(u15::new(TICKS_PER_QUARTER as u16))));
    let mut first = conductor(score);
    first.push((Tick(0), 1, meta(MetaMessage::TrackName(MELODY_TRACK.as_bytes()))));
    play(&mut first, score.melody, MELODY_CHANNEL, Some(MELODY_PROGRAM));
    smf.tracks.push(finish(first, end)?);
    for part in Part::ALL {
        for (_, notes) in score.parts.iter().filter(|(p, _)| *p == part) {
            let mut track = vec![(Tick(0), 1, meta(MetaMessage::TrackName(part.id().as_bytes())))];
            // General MIDI drums are a channel, not a program.
            play(&mut track, notes, part.channel(), (part != Part::Drums).then_some(part.program()));
            smf.tracks.push(finish(track, end)?);
        }
    }
    let mut chords = vec![(Tick(0), 1, meta(MetaMessage::TrackName(CHORD_TRACK.as_bytes())))];
    for (span, name) in score.chords.iter().zip(&names) {
        chords.push((span.at, 3, meta(MetaMessage::Marker(name.as_bytes()))));
    }
    smf.tracks.push(finish(chords, end)?);
    let mut bytes = Vec::new();
    smf.write(&mut bytes).map_err(|e| FileError::MidiOut(e.to_string()))?;
    Ok(bytes)
}

/// Position, order among events of the same position, and the event.
type Timed<'a> = (Tick, u8, TrackEventKind<'a>);

fn meta(message: MetaMessage<'_>) -> TrackEventKind<'_> {
    TrackEventKind::Meta(message)
}

fn chord_names(score: &Score<'_>) -> Vec<String> {
    let name = |span: &ChordSpan| match (span.chord, score.key) {
        (Some(chord), Some(key)) => chord.symbol(key.uses_flats()),
        (Some(chord), None) => chord.to_string(),
        (None, _) => "N.C.".to_owned(),
    };
    score.chords.iter().map(name).collect()
}

/// The bar line at or after everything.
fn song_end(score: &Score<'_>) -> Tick {
    let notes = score.melody.iter().chain(score.parts.iter().flat_map(|(_, n)| n)).map(Note::end);
    let last = notes.chain(score.chords.iter().map(ChordSpan::end)).max().unwrap_or_default();
    if last.0 <= 0 { Tick(0) } else { score.meters.bar_start(score.meters.bar_at(last - Ticks(1)) + 1) }
}

fn conductor<'a>(score: &Score<'_>) -> Vec<Timed<'a>> {
    let mut events = Vec::new();
    let signature = |meter: Meter| {
        // Metronome clicks: 24 MIDI clocks to the quarter; a click per felt beat. Eight 32nds to the quarter.
        let click = meter.beats().first().map_or(24, |b| (b.0 * 24 / TICKS_PER_QUARTER).clamp(1, 255) as u8);
        meta(MetaMessage::TimeSignature(meter.num, meter.den.trailing_zeros() as u8, click, 8))
    };
    let pickup = score.meters.pickup();
    for (index, &(at, meter)) in score.meters.changes().iter().enumerate() {
        if index == 0 && pickup.0 > 0 {
            events.push((Tick(0), 0, signature(short_bar(pickup).unwrap_or(meter))));
            events.push((Tick(pickup.0), 0, signature(meter)));
        } else {
            events.push((at, 0, signature(meter)));
        }
    }
    if let Some(key) = score.key {
        events.push((Tick(0), 0, meta(MetaMessage::KeySignature(key.fifths(), key.mode == Mode::Minor))));
    }
    for &(at, bpm) in score.tempo.changes() {
        let micros = (60_000_000.0 / bpm).round().clamp(1.0, 16_777_215.0) as u32;
        events.push((at, 0, meta(MetaMessage::Tempo(u24::new(micros)))));
    }
    events
}

/// A metre whose one bar is exactly as long as an upbeat, with the longest beats that do it.
fn short_bar(length: Ticks) -> Option<Meter> {
    [4u8, 8, 16, 32, 64].into_iter().find_map(|den| {
        let unit = 4 * TICKS_PER_QUARTER / i64::from(den);
        (length.0 % unit == 0).then(|| u8::try_from(length.0 / unit).ok().and_then(|num| Meter::new(num, den)))?
    })
}

fn play(track: &mut Vec<Timed<'_>>, notes: &[Note], channel: u8, program: Option<u8>) {
    let channel = u4::new(channel);
    if let Some(program) = program {
        let message = MidiMessage::ProgramChange { program: u7::new(program) };
        track.push((Tick(0), 2, TrackEventKind::Midi { channel, message }));
    }
    for note in notes {
        let (key, vel) = (u7::new(note.pitch.min(127)), u7::new(note.velocity.clamp(1, 127)));
        // A key is let go before it is struck again.
        track.push((note.at, 5, TrackEventKind::Midi { channel, message: MidiMessage::NoteOn { key, vel } }));
        let off = MidiMessage::NoteOff { key, vel: u7::new(64) };
        track.push((note.end(), 4, TrackEventKind::Midi { channel, message: off }));
    }
}

/// Sorts, turns positions into distances and closes the track.
fn finish(mut events: Vec<Timed<'_>>, end: Tick) -> Result<Vec<TrackEvent<'_>>, FileError> {
    // Stable: events of one place and order stay as they were put in.
    events.sort_by_key(|&(at, order, _)| (at.0.max(0), order));
    let mut track = Vec::with_capacity(events.len() + 1);
    let mut last = 0i64;
    events.push((Tick(end.0.max(events.last().map_or(0, |e| e.0.0))), 6, meta(MetaMessage::EndOfTrack)));
    for (at, _, kind) in events {
        let at = at.0.max(0);
        let delta = u32::try_from(at - last).ok().filter(|&d| d < 1 << 28);
        let delta =
            delta.ok_or_else(|| FileError::MidiOut("a pause in it is longer than a MIDI file can count".into()))?;
        track.push(TrackEvent { delta: u28::new(delta), kind });
        last = at;
    }
    Ok(track)
}
