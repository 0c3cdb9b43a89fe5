//! The instrument's worker: hears, plans, offers; applies what was accepted.

use super::heard::Heard;
use super::sidechain::Sidechain;
use super::takes::Takes;
use super::{LatestOffer, now_unix_ms};
use crate::brain::Planning;
use crate::instrument::arrangement::Arrangement;
use crate::instrument::lanes::{Applied, Ask, Audition, Offer, Patch, Tap, Trash};
use crate::instrument::snapshot::Snapshot;
use crate::params::instrument::InstrumentParams;
use crate::session::AcceptedPhrase;
use crate::wiring::{Shared, Work};
use continuo_core::lanes::{LaneIn, LaneOut};
use continuo_core::{AiState, Controls, Gesture, GestureKind, Part, PartPhrase, Song, SuggestionId, Take};
use continuo_gui::data::{self, CreditsView, ExportState};
use continuo_provenance::ledger::OfferContext;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Takes drawn for one request.
const TAKES_PER_ASK: u64 = 3;
/// Steps back that undo keeps.
const MAX_UNDO: usize = 64;

/// Makes the planner: loads the runtime and the models. An error is one sentence for the screen.
pub type Loader = Box<dyn Fn() -> Result<Box<dyn Planning>, String> + Send>;

/// What undo takes back.
#[derive(Debug)]
enum Done {
    Accepted { take: SuggestionId, ids: Vec<(SuggestionId, Part)>, replaced: Vec<AcceptedPhrase>, label: String },
    Rejected { take: SuggestionId, ids: Vec<SuggestionId>, label: String },
}

impl Done {
    fn label(&self) -> &str {
        match self {
            Done::Accepted { label, .. } | Done::Rejected { label, .. } => label,
        }
    }
}

/// The lane ends of the worker.
#[derive(Debug)]
pub struct WorkerLanes {
    /// What the human plays.
    pub tap: LaneOut<Tap>,
    /// What the side input brings.
    pub sound: LaneOut<f32>,
    /// What the editor asks.
    pub asks: LaneOut<Ask>,
    /// What took effect.
    pub applied: LaneOut<Applied>,
    /// What is to be freed.
    pub trash: LaneOut<Trash>,
    /// What is to be played.
    pub patches: LaneIn<Patch>,
    /// What the editor shows.
    pub offers: LaneIn<Offer>,
}

/// The worker.
pub struct InstrumentWorker {
    params: Arc<InstrumentParams>,
    tap: LaneOut<Tap>,
    sound: LaneOut<f32>,
    side: Sidechain,
    asks: LaneOut<Ask>,
    applied: LaneOut<Applied>,
    trash: LaneOut<Trash>,
    patches: LaneIn<Patch>,
    waiting: Vec<Patch>,
    offers: LatestOffer<Offer>,
    loader: Loader,
    brain: Option<Box<dyn Planning>>,
    ai: AiState,
    heard: Heard,
    takes: Takes,
    selected: Option<SuggestionId>,
    audition: Option<data::Audition>,
    undo: Vec<Done>,
    export: ExportState,
    seen_loads: Option<u64>,
    switches: [bool; 2],
    song: Arc<Song>,
    dirty: bool,
}

impl InstrumentWorker {
    /// A worker that has not begun.
    pub fn new(params: Arc<InstrumentParams>, lanes: WorkerLanes, loader: Loader) -> Self {
        let WorkerLanes { tap, sound, asks, applied, trash, patches, offers } = lanes;
        Self {
            switches: [params.ask.value(), params.accept.value()],
            params,
            tap,
            sound,
            side: Sidechain::default(),
            asks,
            applied,
            trash,
            patches,
            waiting: Vec::new(),
            offers: LatestOffer::new(offers),
            loader,
            brain: None,
            ai: AiState::Off,
            heard: Heard::default(),
            takes: Takes::default(),
            selected: None,
            audition: None,
            undo: Vec::new(),
            export: ExportState::Empty,
            seen_loads: None,
            song: Arc::new(Song::default()),
            dirty: true,
        }
    }

    fn listen(&mut self) {
        while let Some(message) = self.tap.receive() {
            if let Tap::Clock(clock) = message {
                self.side.clock(clock);
            }
            self.heard.take(message);
        }
        self.side.take(&mut self.sound);
        // What was heard at the side input stays the song until keys are played.
        if self.heard.changed() && !(self.heard.is_empty() && self.side.has_signal()) {
            self.song = Arc::new(self.heard.song());
            self.params.session.lock().song = (*self.song).clone();
            if self.ai == AiState::Off && !self.song.melody.is_empty() {
                self.ai = AiState::Listening;
            }
            self.dirty = true;
        }
        while let Some(applied) = self.applied.receive() {
            match applied {
                Applied::AuditionBegan(take) => {
                    if let Some(audition) = self.audition.as_mut().filter(|a| a.take == take) {
                        audition.waiting = false;
                    }
                }
                Applied::AuditionEnded(take) => {
                    if self.audition.is_some_and(|a| a.take == take) {
                        self.audition = None;
                    }
                }
                Applied::Arrangement { .. } => {}
            }
            self.dirty = true;
        }
    }

    /// A host that loads a state replaces everything accepted; the sound follows.
    fn follow_session(&mut self) {
        let loads = self.params.session.loads();
        if self.seen_loads != Some(loads) {
            self.seen_loads = Some(loads);
            let state = self.params.session.lock();
            self.heard = Heard::from_song(&state.song);
            self.song = Arc::new(state.song.clone());
            drop(state);
            self.takes = Takes::default();
            self.undo.clear();
            self.selected = None;
            self.play_accepted();
        }
    }

    fn play_accepted(&mut self) {
        let state = self.params.session.lock();
        let arrangement = Arrangement::new(state.accepted.iter().map(|a| &a.phrase), &state.song.meters);
        let any = !state.accepted.is_empty();
        drop(state);
        self.export = if any { ExportState::Ready } else { ExportState::Empty };
        // Only the newest arrangement matters.
        self.waiting.retain(|p| !matches!(p, Patch::Arrangement(_)));
        self.waiting.push(Patch::Arrangement(Box::new(arrangement)));
        self.dirty = true;
    }

    fn send_patches(&mut self) {
        // Freed before anything is sent: the trash lane is as large as the patch lane, so it cannot fill up.
        while self.trash.receive().is_some() {}
        while !self.waiting.is_empty() {
            let patch = self.waiting.remove(0);
            if let Err(back) = self.patches.send(patch) {
                self.waiting.insert(0, back);
                break;
            }
        }
    }

    fn switches(&mut self, shared: &Shared) {
        let now = [self.params.ask.value(), self.params.accept.value()];
        let pressed = [now[0] && !self.switches[0], now[1] && !self.switches[1]];
        self.switches = now;
        if pressed[0] {
            self.draw(shared);
        }
        if pressed[1] {
            let gesture = Gesture { kind: GestureKind::HostControl, at_unix_ms: now_unix_ms() };
            if let Some(take) = self.selected.or_else(|| self.takes.first_open()) {
                self.accept(take, None, gesture);
            }
        }
    }

    fn brain(&mut self) -> Option<&mut Box<dyn Planning>> {
        if self.brain.is_none() {
            self.ai = AiState::Loading;
            self.publish();
            match (self.loader)() {
                Ok(brain) => self.brain = Some(brain),
                Err(why) => {
                    self.ai = AiState::Unavailable { why };
                    self.dirty = true;
                }
            }
        }
        self.brain.as_mut()
    }

    /// The seed of the next take: as in the command, the first take has seed 1, the next 2, and so on, so that the same
    /// song and controls give the same takes here and there.
    fn seed(&self) -> u64 {
        u64::from(self.takes.drawn()) + 1
    }

    fn plan(
        &mut self,
        song: &Song,
        parts: &[Part],
        controls: Controls,
        shared: &Shared,
        share: (f32, f32),
    ) -> Option<Take> {
        let seed = self.seed();
        let bars = song.bars();
        self.brain()?;
        let mut brain = self.brain.take()?;
        let planned = brain.plan(song, bars, parts, controls, seed, &shared.cancel, &mut |progress| {
            self.ai = AiState::Thinking { progress: share.0 + (share.1 - share.0) * progress };
            self.publish();
        });
        self.brain = Some(brain);
        self.dirty = true;
        match planned {
            Ok(take) => Some(take),
            Err(_) if shared.cancel.load(Ordering::Acquire) => {
                self.ai = AiState::Listening;
                None
            }
            Err(why) => {
                self.ai = AiState::Unavailable { why };
                None
            }
        }
    }

    fn offer(&mut self, take: Take) -> SuggestionId {
        let likeness = self.brain.as_ref().and_then(|b| b.likeness());
        let session = self.params.session.clone();
        let mut state = session.lock();
        let heard_s = self.song.tempo.seconds_at(self.song.end());
        let context = OfferContext { controls: Some(take.controls), bars: Some(take.bars), heard_s: Some(heard_s) };
        let offer = self.takes.add(take, likeness, || state.next_id());
        for (id, part) in offer.ids() {
            let phrase = offer.take.phrases.iter().find(|p| p.part == part);
            let origins = phrase.map_or(&[][..], |p| std::slice::from_ref(&p.origin));
            state.ledger.offered(id, origins, offer.take.seed, context, now_unix_ms());
        }
        offer.id
    }

    fn draw(&mut self, shared: &Shared) {
        shared.begin_work();
        if self.heard.is_empty() && self.side.has_signal() {
            self.ai = AiState::Thinking { progress: 0.0 };
            self.publish();
            match self.side.listen(&shared.cancel) {
                Ok(song) => {
                    self.params.session.lock().song = song.clone();
                    self.song = Arc::new(song);
                }
                Err(why) => {
                    self.ai = AiState::Unavailable { why };
                    self.dirty = true;
                    return;
                }
            }
        }
        let song = Arc::clone(&self.song);
        if song.melody.is_empty() {
            self.ai = AiState::Listening;
            self.dirty = true;
            return;
        }
        let (parts, controls) = (self.params.playing_parts(), self.params.controls());
        let mut first = None;
        for i in 0..TAKES_PER_ASK {
            let share = (i as f32 / TAKES_PER_ASK as f32, (i + 1) as f32 / TAKES_PER_ASK as f32);
            let Some(take) = self.plan(&song, &parts, controls, shared, share) else { return };
            let id = self.offer(take);
            first.get_or_insert(id);
        }
        self.selected = first;
        self.ai = AiState::Ready;
        self.dirty = true;
    }

    fn reroll(&mut self, id: SuggestionId, part: Option<Part>, shared: &Shared) {
        shared.begin_work();
        let Some(offer) = self.takes.get(id) else { return };
        let (kept, old) = (offer.kept(part), Arc::clone(&offer.take));
        let parts: Vec<Part> =
            old.phrases.iter().map(|p| p.part).filter(|p| kept.iter().all(|k| k.part != *p)).collect();
        if parts.is_empty() {
            return;
        }
        let mut song = (*self.song).clone();
        if !kept.is_empty() {
            // What stays was made over these chords, so the new parts play over them too.
            song.locked_chords = old.chords.clone();
        }
        let Some(mut take) = self.plan(&song, &parts, self.params.controls(), shared, (0.0, 1.0)) else { return };
        take.phrases.extend(kept);
        take.phrases.sort_by_key(|p| p.part);
        self.selected = Some(self.offer(take));
        self.ai = AiState::Ready;
    }

    fn accept(&mut self, id: SuggestionId, part: Option<Part>, gesture: Gesture) {
        let Some(offer) = self.takes.get_mut(id) else { return };
        let suggestions = offer.accept(part);
        if suggestions.is_empty() {
            return;
        }
        let label = match part {
            Some(part) => format!("Accept {} of {}", part.id(), offer.name),
            None => format!("Accept {}", offer.name),
        };
        let chords = offer.take.chords.clone();
        let session = self.params.session.clone();
        let mut state = session.lock();
        let (mut ids, mut replaced) = (Vec::new(), Vec::new());
        for suggestion in suggestions {
            let (effect, record) = suggestion.accept(gesture).split();
            let phrase = effect.into_content();
            ids.push((record.id(), phrase.part));
            state.ledger.accepted(&record);
            let (gone, stay): (Vec<_>, Vec<_>) =
                std::mem::take(&mut state.accepted).into_iter().partition(|a| covers(&phrase, &a.phrase));
            for old in &gone {
                state.ledger.withdrawn(old.id, gesture.at_unix_ms);
            }
            replaced.extend(gone);
            state.accepted = stay;
            state.accepted.push(AcceptedPhrase { id: record.id(), phrase, record });
        }
        state.chords = chords;
        drop(state);
        self.remember(Done::Accepted { take: id, ids, replaced, label });
        self.stop_audition();
        self.play_accepted();
    }

    fn reject(&mut self, id: SuggestionId, part: Option<Part>) {
        let Some(offer) = self.takes.get_mut(id) else { return };
        let ids = offer.reject(part);
        let label = format!("Reject {}", offer.name);
        if ids.is_empty() {
            return;
        }
        let session = self.params.session.clone();
        let mut state = session.lock();
        for &rejected in &ids {
            state.ledger.rejected(rejected, now_unix_ms());
        }
        drop(state);
        self.remember(Done::Rejected { take: id, ids, label });
        if self.audition.is_some_and(|a| a.take == id) {
            self.stop_audition();
        }
    }

    fn remember(&mut self, done: Done) {
        if self.undo.len() >= MAX_UNDO {
            self.undo.remove(0);
        }
        self.undo.push(done);
        self.dirty = true;
    }

    fn undo(&mut self) {
        let session = self.params.session.clone();
        match self.undo.pop() {
            Some(Done::Accepted { take, ids, replaced, .. }) => {
                let mut state = session.lock();
                for &(id, part) in &ids {
                    state.accepted.retain(|a| a.id != id);
                    state.ledger.withdrawn(id, now_unix_ms());
                    let again = state.next_id();
                    if let Some(offer) = self.takes.get_mut(take) {
                        offer.offer_again(part, again);
                    }
                }
                for old in replaced {
                    state.ledger.accepted(&old.record);
                    state.accepted.push(old);
                }
                drop(state);
                self.play_accepted();
            }
            Some(Done::Rejected { take, ids, .. }) => {
                if let Some(offer) = self.takes.get_mut(take) {
                    ids.into_iter().for_each(|id| offer.unreject(id));
                }
            }
            None => {}
        }
        self.dirty = true;
    }

    fn start_audition(&mut self, id: SuggestionId, part: Option<Part>) {
        let Some(offer) = self.takes.get(id) else { return };
        let phrases: Vec<&PartPhrase> =
            offer.take.phrases.iter().filter(|p| part.is_none_or(|part| p.part == part)).collect();
        let meters = &self.song.meters;
        let (from, to) = offer.take.bars.span(meters);
        let mut parts = [false; Part::ALL.len()];
        phrases.iter().for_each(|p| parts[p.part.index()] = true);
        let audition = Audition {
            take: id,
            arrangement: Arrangement::new(phrases, meters),
            parts,
            from: from.as_quarters(),
            to: to.as_quarters(),
        };
        let session = self.params.session.clone();
        let mut state = session.lock();
        for (heard, p) in offer.ids() {
            if parts[p.index()] {
                state.ledger.auditioned(heard, now_unix_ms());
            }
        }
        drop(state);
        self.waiting.push(Patch::Audition(Box::new(audition)));
        self.audition = Some(data::Audition { take: id, part, waiting: true });
        self.dirty = true;
    }

    fn stop_audition(&mut self) {
        if self.audition.take().is_some() {
            self.waiting.push(Patch::StopAudition);
            self.dirty = true;
        }
    }

    fn answer(&mut self, ask: Ask, shared: &Shared) {
        self.dirty = true;
        match ask {
            Ask::Takes => self.draw(shared),
            Ask::Reroll(id, part) => self.reroll(id, part, shared),
            Ask::Accept(id, part, gesture) => self.accept(id, part, gesture),
            Ask::Reject(id, part) => self.reject(id, part),
            Ask::Lock(id, part, locked) => {
                if let Some(offer) = self.takes.get_mut(id) {
                    offer.lock(part, locked);
                }
            }
            Ask::Select(id) => self.selected = Some(id),
            Ask::Audition(id, part) => self.start_audition(id, part),
            Ask::StopAudition => self.stop_audition(),
            Ask::Undo => self.undo(),
            Ask::ListenAfresh => {
                self.heard.clear();
                self.side.clear();
                self.ai = if self.brain.is_some() { AiState::Listening } else { AiState::Off };
            }
            Ask::Retry => {
                self.brain = None;
                if self.brain().is_some() {
                    self.ai = AiState::Listening;
                }
            }
            Ask::Enable(true) => {
                if self.brain().is_some() {
                    self.ai = AiState::Listening;
                }
            }
            Ask::Enable(false) => {
                self.brain = None;
                self.ai = AiState::Off;
            }
            Ask::Export => self.write_files(),
        }
    }

    fn write_files(&mut self) {
        self.export = ExportState::Running { progress: 0.0 };
        self.publish();
        let state = self.params.session.lock().clone();
        self.export = match crate::export::export_session(&state, &self.params.mix()) {
            Ok(folder) => ExportState::Done { path: folder.display().to_string() },
            Err(why) => ExportState::Failed { why },
        };
    }

    fn credits(&self) -> CreditsView {
        let state = self.params.session.lock();
        let trained = state.accepted.iter().filter(|a| a.phrase.origin.is_trained()).count();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        CreditsView {
            human_notes: count(self.song.melody.len()),
            trained_phrases: count(trained),
            rule_phrases: count(state.accepted.len() - trained),
            edited_phrases: count(state.accepted.iter().filter(|a| !state.ledger.edits_of(a.id).is_empty()).count()),
            rejected: count(
                self.takes.iter().flat_map(|t| t.state().status).filter(|s| *s == data::PhraseStatus::Rejected).count(),
            ),
        }
    }

    fn publish(&mut self) {
        let (accepted, chords) = {
            let state = self.params.session.lock();
            let phrases: Vec<PartPhrase> = state.accepted.iter().map(|a| a.phrase.clone()).collect();
            (Arc::new(phrases), Arc::new(state.chords.clone()))
        };
        let snapshot = Snapshot {
            ai: self.ai.clone(),
            song: Arc::clone(&self.song),
            key: self.selected.and_then(|id| self.takes.get(id)).map(|t| t.take.key),
            meter: self.heard.meter(),
            dropped: self.tap.lost() + self.sound.lost(),
            takes: self.takes.iter().map(super::takes::TakeOffer::state).collect(),
            selected: self.selected,
            audition: self.audition,
            accepted,
            chords,
            credits: self.credits(),
            export: self.export.clone(),
            undo: self.undo.last().map(|d| d.label().to_owned()),
        };
        self.offers.put(Arc::new(snapshot));
        self.dirty = false;
    }
}

/// True when `new` takes the place of `old`: the same part, overlapping bars.
fn covers(new: &PartPhrase, old: &PartPhrase) -> bool {
    new.part == old.part && new.bars.from < old.bars.to && old.bars.from < new.bars.to
}

impl Work for InstrumentWorker {
    fn step(&mut self, shared: &Shared) {
        self.follow_session();
        self.listen();
        self.switches(shared);
        while let Some(ask) = self.asks.receive() {
            self.answer(ask, shared);
        }
        self.send_patches();
        if self.dirty {
            self.publish();
        } else {
            self.offers.flush();
        }
    }

    fn failed(&mut self) {
        self.brain = None;
        let why = "The AI has stopped because of a fault of its own. Press Retry to load it again; the sound and \
                   everything accepted are as they were.";
        self.ai = AiState::Unavailable { why: why.to_owned() };
        self.dirty = true;
    }
}
