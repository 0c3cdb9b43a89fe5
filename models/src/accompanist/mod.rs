//! Keys, bass and strings for a melody with chords, by the trained `accompanist` model.
//!
//! One step of the network per note (see `models/accompanist/model.py`), its keys and values kept inside the runtime
//! between steps. Each bar is told its chords, its melody, and the controls; the notes are drawn under the rules of
//! [`decode`]. Bars come out one by one, so the first can sound before the last is made.

pub mod decode;
pub mod features;

use crate::contract::Contract;
use crate::error::{ModelError, check_cancel};
use crate::harmony::features::beat_lengths;
use crate::runtime::{Kept, Runtime, Session, TensorRef};
use continuo_core::chord::chord_at;
use continuo_core::{BarRange, Chord, ChordSpan, Controls, MeterMap, ModelRef, Note, Part, Rng, Style, Tick, Ticks};
use decode::Played;
use features::{Cell, END, FEATURE_VERSION, GRID_TICKS, LOW, PARTS, Request, SOURCES};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Steps kept in the cache before it is begun anew with the last bars; the model was trained on runs of 224.
const LONGEST_PAST: usize = 176;
/// Bars played before that the model is told of.
const MEMORY_CELLS: usize = 2;
/// Notes of a told bar; more are left out.
const TOLD_NOTES: usize = 48;
/// Pitch the first note's step is measured from when nothing was played (middle C), as in training.
const NO_PITCH: u8 = 60;

/// What to play.
#[derive(Clone, Copy, Debug)]
pub struct PlayInput<'a> {
    /// Melody.
    pub melody: &'a [Note],
    /// Chords, sorted; where there is none the part is free.
    pub chords: &'a [ChordSpan],
    /// Metre.
    pub meters: &'a MeterMap,
    /// Bars wanted.
    pub bars: BarRange,
    /// Keys, bass or strings.
    pub part: Part,
    /// Style, density and adventure.
    pub controls: Controls,
    /// Low (0) to high (1); `None` leaves it to the model.
    pub register: Option<f32>,
    /// Notes of this part before the bars wanted; the last two bars of them are heard.
    pub before: &'a [Note],
    /// The last bar ends the piece.
    pub ends: bool,
}

/// The accompanist, ready to run.
#[derive(Debug)]
pub struct Accompanist {
    step: Session,
    pitch: Session,
    length: Session,
    reference: ModelRef,
    cache_shape: [usize; 5],
}

/// A run through the bars: the cache and where it stands.
struct Run {
    cache: Option<Kept>,
    past: usize,
    hidden: Vec<f32>,
    onset: Vec<f32>,
    previous: u8,
    /// Notes of the last cells, for a cache begun anew.
    memory: Vec<(Cell, Vec<Event>)>,
}

/// A note in class numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    onset: usize,
    pitch: u8,
    duration: usize,
    velocity: usize,
}

/// The words a contract must have in this order.
fn same_words(contract: &Contract, name: &str, expected: &[&str]) -> Result<(), ModelError> {
    let list = contract.params.get(name).and_then(|v| v.as_array());
    let found: Vec<&str> = list.map(|a| a.iter().filter_map(|v| v.as_str()).collect()).unwrap_or_default();
    if found == expected { Ok(()) } else { Err(contract.mismatch(name, expected.join(" "), found.join(" "))) }
}

impl Accompanist {
    /// Opens the model in `dir` (the folder with its `contract.toml`).
    ///
    /// # Errors
    /// When a file is missing, damaged or of another version, see [`ModelError`].
    pub fn load(runtime: &Runtime, dir: &Path) -> Result<Accompanist, ModelError> {
        let contract = Contract::load(dir)?;
        contract.expect("accompanist", FEATURE_VERSION)?;
        same_words(&contract, "parts", &PARTS.map(Part::id))?;
        same_words(&contract, "sources", &SOURCES)?;
        for (name, expected) in [
            ("max_bar", features::MAX_BAR),
            ("pitch_low", usize::from(LOW)),
            ("velocity_classes", features::VELOCITIES),
            ("bar_width", features::BAR_WIDTH),
        ] {
            let found = contract.number(name)?;
            if found != expected as f64 {
                return Err(contract.mismatch(name, expected, found));
            }
        }
        let durations = contract.numbers("durations")?;
        if durations.iter().zip(features::DURATIONS).any(|(a, b)| *a != b as f64)
            || durations.len() != features::DURATIONS.len()
        {
            return Err(contract.mismatch("durations", "the 22 classes", format!("{durations:?}")));
        }
        let number = |name: &str| contract.number(name).map(|n| n as usize);
        Ok(Accompanist {
            step: contract.open(runtime, 0)?,
            pitch: contract.open(runtime, 1)?,
            length: contract.open(runtime, 2)?,
            cache_shape: [number("layers")?, 2, number("heads")?, 0, number("head_width")?],
            reference: contract.model_ref(),
        })
    }

    /// The model as the record names it.
    pub fn model_ref(&self) -> &ModelRef {
        &self.reference
    }

    /// Plays the bars. The notes are sorted, lie inside the bars and the part's range, and no two equal pitches overlap.
    /// The bass is one voice. The same input and seed give the same notes.
    ///
    /// # Errors
    /// [`ModelError::Cancelled`] soon after `cancel` is set; otherwise when the runtime fails, or for a part this model
    /// does not play.
    pub fn play(&mut self, input: &PlayInput, seed: u64, cancel: &AtomicBool) -> Result<Vec<Note>, ModelError> {
        self.play_bars(input, seed, cancel, &mut |_, _| {})
    }

    /// As [`Accompanist::play`]; `on_bar` gets each bar's number and notes as soon as they are there. Notes may still be cut short
    /// by the same pitch, or the bass' next note, in a later bar.
    ///
    /// # Errors
    /// As for [`Accompanist::play`].
    pub fn play_bars(
        &mut self,
        input: &PlayInput,
        seed: u64,
        cancel: &AtomicBool,
        on_bar: &mut dyn FnMut(u32, &[Note]),
    ) -> Result<Vec<Note>, ModelError> {
        let Some(part) = PARTS.iter().position(|p| *p == input.part) else {
            let why = format!("it plays keys, bass and strings, not {}; drums are played by rule", input.part);
            return Err(ModelError::Inference { model: "accompanist".into(), why });
        };
        let controls = input.controls.clean();
        let line = features::skyline(input.melody);
        let cells = features::cells(&line, input.chords, input.meters, input.bars);
        let request = |i: usize, cell: &Cell| Request {
            part,
            source: Some(source(controls.style, input.part)),
            density: Some(controls.density),
            register: input.register.filter(|r| r.is_finite()).map(|r| r.clamp(0.0, 1.0)),
            first: cell.bar == 0,
            last: input.ends && i + 1 == cells.len(),
        };
        let mut rng = Rng::new(seed, 0x4143_4300 + part as u64);
        let mut run = self.begin(&line, input, &request)?;
        let mut notes = Vec::new();
        let mut bar_begins = 0;
        for (i, cell) in cells.iter().enumerate() {
            if run.past > LONGEST_PAST {
                run = self.retell(run.memory, &request)?;
            }
            self.tell_bar(&mut run, cell, &request(i, cell))?;
            let heat = f64::from(controls.adventure);
            let events = self.fill_bar(&mut run, cell, input, heat, &mut rng, cancel)?;
            notes.extend(events.iter().map(|e| note_of(e, cell, input)));
            remember(&mut run.memory, cell, events);
            if cells.get(i + 1).is_none_or(|next| next.bar != cell.bar) {
                on_bar(cell.bar, &notes[bar_begins..]);
                bar_begins = notes.len();
            }
        }
        continuo_core::note::tidy(&mut notes);
        if input.part == Part::Bass {
            one_voice(&mut notes);
        }
        Ok(notes)
    }

    /// A fresh run that has heard the bars before.
    fn begin(
        &mut self,
        line: &[Note],
        input: &PlayInput,
        request: &dyn Fn(usize, &Cell) -> Request,
    ) -> Result<Run, ModelError> {
        let from = input.bars.from.saturating_sub(MEMORY_CELLS as u32);
        let told = features::cells(line, input.chords, input.meters, BarRange { from, to: input.bars.from });
        let mut memory = Vec::new();
        for cell in &told[told.len().saturating_sub(MEMORY_CELLS)..] {
            let mut events: Vec<Event> = input.before.iter().filter_map(|n| event_of(n, cell, input.part)).collect();
            events.sort();
            events.dedup_by_key(|e| (e.onset, e.pitch));
            events.truncate(TOLD_NOTES);
            memory.push((cell.clone(), events));
        }
        if memory.iter().all(|(_, events)| events.is_empty()) {
            memory.clear();
        }
        self.retell(memory, request)
    }

    /// A run that has heard only `memory`.
    fn retell(
        &mut self,
        memory: Vec<(Cell, Vec<Event>)>,
        request: &dyn Fn(usize, &Cell) -> Request,
    ) -> Result<Run, ModelError> {
        let mut run =
            Run { cache: None, past: 0, hidden: Vec::new(), onset: Vec::new(), previous: NO_PITCH, memory: Vec::new() };
        for (cell, events) in &memory {
            let request = Request { last: false, ..request(0, cell) };
            self.tell_bar(&mut run, cell, &request)?;
            for event in events {
                self.tell_note(&mut run, cell, event)?;
            }
        }
        run.memory = memory;
        Ok(run)
    }

    fn tell_bar(&mut self, run: &mut Run, cell: &Cell, request: &Request) -> Result<(), ModelError> {
        let vector = features::bar_vector(cell, request);
        self.advance(run, &vector, 1.0, &[0; 5])
    }

    fn tell_note(&mut self, run: &mut Run, cell: &Cell, event: &Event) -> Result<(), ModelError> {
        let degree = features::degree(event.pitch, cell.chord(event.onset));
        let note =
            [event.onset as i64, i64::from(event.pitch - LOW), degree, event.duration as i64, event.velocity as i64];
        run.previous = event.pitch;
        self.advance(run, &[0.0; features::BAR_WIDTH], 0.0, &note)
    }

    /// One step of the network.
    fn advance(&mut self, run: &mut Run, bar: &[f32], is_bar: f32, note: &[i64; 5]) -> Result<(), ModelError> {
        let position = [run.past as i64];
        let cache = match &run.cache {
            Some(kept) => TensorRef::Kept(kept),
            None => TensorRef::F32(&self.cache_shape, &[]),
        };
        let outputs = self.step.run_kept(&[
            ("bar", TensorRef::F32(&[1, features::BAR_WIDTH], bar)),
            ("is_bar", TensorRef::F32(&[1, 1], &[is_bar])),
            ("note", TensorRef::I64(&[1, 5], note)),
            ("position", TensorRef::I64(&[1], &position)),
            ("cache", cache),
        ])?;
        let mut outputs = outputs.into_iter();
        let (Some(hidden), Some(onset), Some(cache)) = (outputs.next(), outputs.next(), outputs.next()) else {
            return Err(wrong_shape());
        };
        run.hidden = hidden.f32().ok_or_else(wrong_shape)?.to_vec();
        run.onset = onset.f32().filter(|o| o.len() == features::ONSETS).ok_or_else(wrong_shape)?.to_vec();
        run.cache = Some(cache);
        run.past += 1;
        Ok(())
    }

    /// Draws the notes of one cell.
    fn fill_bar(
        &mut self,
        run: &mut Run,
        cell: &Cell,
        input: &PlayInput,
        adventure: f64,
        rng: &mut Rng,
        cancel: &AtomicBool,
    ) -> Result<Vec<Event>, ModelError> {
        let before = chord_at(input.chords, Tick(cell.start - 1)).and_then(|s| s.chord);
        let changes = decode::changes(cell, before);
        let beats = beat_starts(cell);
        let earliest = ((cell.from - cell.start + GRID_TICKS - 1) / GRID_TICKS) as usize;
        let temperature = 0.75 + 0.4 * adventure;
        let nucleus = 0.90 + 0.08 * adventure;
        let mut played = Played::default();
        let mut events: Vec<Event> = Vec::new();
        loop {
            check_cancel(cancel)?;
            let mut scores = run.onset.clone();
            decode::mask_onsets(&mut scores, input.part, cell, &played, earliest, &changes);
            let onset = match decode::choose(&scores, temperature, nucleus, rng.uniform()) {
                None | Some(END) => return Ok(events),
                Some(onset) => onset,
            };
            let chord = cell.chord(onset);
            let begins = first_of_chord(&events, cell, &changes, onset);
            let mut scores = self.pitch_scores(run, cell, onset, chord)?;
            decode::mask_pitches(&mut scores, input.part, cell, &played, onset, begins, beats.contains(&onset));
            let Some(pitch) = decode::choose(&scores, temperature, nucleus, rng.uniform()) else { return Ok(events) };
            let pitch = LOW + pitch as u8;
            let (duration, velocity) = self.length_scores(run, onset, pitch, chord)?;
            let event = Event {
                onset,
                pitch,
                duration: decode::choose(&duration, temperature, nucleus, rng.uniform()).unwrap_or(0),
                velocity: decode::choose(&velocity, temperature, nucleus, rng.uniform()).unwrap_or(4),
            };
            played.push(onset, pitch);
            events.push(event);
            self.tell_note(run, cell, &event)?;
        }
    }

    fn pitch_scores(
        &mut self,
        run: &Run,
        cell: &Cell,
        onset: usize,
        chord: Option<Chord>,
    ) -> Result<Vec<f32>, ModelError> {
        let root = chord.map_or(12, |c| c.root.index() as i64);
        let outputs = self.pitch.run_kept(&[
            ("hidden", TensorRef::F32(&[1, run.hidden.len()], &run.hidden)),
            ("onset", TensorRef::I64(&[1], &[onset as i64])),
            ("condition", TensorRef::F32(&[1, features::SLOT_WIDTH], cell.condition(onset))),
            ("root", TensorRef::I64(&[1], &[root])),
            ("previous", TensorRef::I64(&[1], &[i64::from(run.previous - LOW)])),
        ])?;
        let scores = outputs.first().and_then(Kept::f32).filter(|s| s.len() == features::PITCHES);
        scores.map(<[f32]>::to_vec).ok_or_else(wrong_shape)
    }

    fn length_scores(
        &mut self,
        run: &Run,
        onset: usize,
        pitch: u8,
        chord: Option<Chord>,
    ) -> Result<(Vec<f32>, Vec<f32>), ModelError> {
        let outputs = self.length.run_kept(&[
            ("hidden", TensorRef::F32(&[1, run.hidden.len()], &run.hidden)),
            ("onset", TensorRef::I64(&[1], &[onset as i64])),
            ("pitch", TensorRef::I64(&[1], &[i64::from(pitch - LOW)])),
            ("degree", TensorRef::I64(&[1], &[features::degree(pitch, chord)])),
        ])?;
        let part =
            |i: usize, n: usize| outputs.get(i).and_then(Kept::f32).filter(|s| s.len() == n).map(<[f32]>::to_vec);
        match (part(0, features::DURATIONS.len()), part(1, features::VELOCITIES)) {
            (Some(d), Some(v)) => Ok((d, v)),
            _ => Err(wrong_shape()),
        }
    }
}

fn wrong_shape() -> ModelError {
    ModelError::Inference { model: "accompanist".into(), why: "an output has the wrong shape".into() }
}

/// Grid positions at which the felt beats of a cell begin.
fn beat_starts(cell: &Cell) -> Vec<usize> {
    let mut at = 0;
    let mut out = Vec::new();
    for len in beat_lengths(cell.meter) {
        out.push((at / GRID_TICKS) as usize);
        at += len;
    }
    out
}

/// True when no note has been played since the chord that sounds at `onset` began in this cell.
fn first_of_chord(events: &[Event], cell: &Cell, changes: &[usize], onset: usize) -> bool {
    let slot = cell.slot(onset);
    let Some(&begin) = changes.iter().rfind(|&&c| c <= slot) else { return false };
    events.iter().all(|e| e.onset < begin * features::SLOT)
}

/// Cuts each note where the next begins: a note's length is drawn before the next onset is known.
fn one_voice(notes: &mut [Note]) {
    for i in 1..notes.len() {
        let room = notes[i].at - notes[i - 1].at;
        notes[i - 1].len = notes[i - 1].len.min(room);
    }
}

fn remember(memory: &mut Vec<(Cell, Vec<Event>)>, cell: &Cell, events: Vec<Event>) {
    memory.push((cell.clone(), events));
    if memory.len() > MEMORY_CELLS {
        memory.remove(0);
    }
}

/// A note of the song as the model writes it; `None` when it is not of this cell or beyond the part's range.
fn event_of(note: &Note, cell: &Cell, part: Part) -> Option<Event> {
    let inside = note.at.0 >= cell.from && note.at.0 < cell.end && part.range().contains(&note.pitch);
    let onset = ((note.at.0 - cell.start) as f64 / GRID_TICKS as f64).round() as usize;
    (inside && onset < cell.grid).then(|| Event {
        onset,
        pitch: note.pitch,
        duration: features::duration_class((note.len.0 as f64 / GRID_TICKS as f64).round() as i64),
        velocity: (usize::from(note.velocity) / 16).min(features::VELOCITIES - 1),
    })
}

/// A drawn event as a note, cut at the end of the bars wanted.
fn note_of(event: &Event, cell: &Cell, input: &PlayInput) -> Note {
    let at = Tick(cell.start + event.onset as i64 * GRID_TICKS);
    let end = input.bars.span(input.meters).1;
    let len = Ticks((features::DURATIONS[event.duration] * GRID_TICKS).min(end.0 - at.0).max(1));
    Note { at, len, pitch: event.pitch, velocity: (event.velocity * 16 + 8) as u8 }
}

/// Which works to play like: the nearest of what the model has heard.
fn source(style: Style, part: Part) -> usize {
    let word = match (style, part) {
        (Style::Hymn, Part::Bass | Part::Strings) => "openhymnal",
        (_, Part::Strings) => "string_quartets",
        (Style::Waltz | Style::Swing | Style::House, Part::Keys) => "mutopia",
        (Style::Folk, _) => "polish_vocal_keyboard",
        _ => "lieder",
    };
    SOURCES.iter().position(|s| *s == word).unwrap_or(0)
}

#[cfg(test)]
mod tests;
