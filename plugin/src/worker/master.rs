//! The mastering plugin's worker: measures, suggests, keeps what became of each move.

use super::moves::Moves;
use super::spectrum::Spectrum;
use super::{LatestOffer, now_unix_ms};
use crate::brain::Advising;
use crate::master::lanes::{Ask, Edit, Offer, Patch, Tap};
use crate::master::snapshot::Snapshot;
use crate::params::master::MasterParams;
use crate::session::AcceptedMove;
use crate::wiring::{Shared, Work};
use continuo_core::lanes::{LaneIn, LaneOut};
use continuo_core::mastering::MasterSettings;
use continuo_core::{AiState, Gesture, SampleRate, SuggestionId};
use continuo_dsp::{Meter, Reading};
use continuo_gui::data::{AnalysisView, HistoryView, LoudnessView, MoveStatus, SpectrumView};
use continuo_models::mastering::{Features, Measured};
use continuo_provenance::ledger::OfferContext;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Sound needed before suggestions are offered, seconds.
const NEEDED_S: f32 = 6.0;
/// An audition of offered moves ends by itself after this long, seconds.
const AUDITION_S: f64 = 60.0;
/// Points of loudness history, one every [`HISTORY_STEP_S`].
const HISTORY_POINTS: usize = 600;
/// Seconds between two points.
const HISTORY_STEP_S: f32 = 0.5;
/// Frames measured per call.
const CHUNK: usize = 2048;
/// Chunks measured before lanes are looked at again.
const CHUNKS_PER_STEP: usize = 64;
/// Steps back that undo keeps.
const MAX_UNDO: usize = 64;

/// Makes the adviser: loads the runtime and the model.
pub type Loader = Box<dyn Fn() -> Result<Box<dyn Advising>, String> + Send>;

/// The lane ends of the worker.
#[derive(Debug)]
pub struct WorkerLanes {
    /// What is heard.
    pub tap: LaneOut<Tap>,
    /// What the editor asks.
    pub asks: LaneOut<Ask>,
    /// What is auditioned.
    pub patches: LaneIn<Patch>,
    /// What the editor writes into parameters.
    pub edits: LaneIn<Edit>,
    /// The sample rate the host has told, hertz, as the bits of an f32; 0 before it has.
    pub rate: Arc<AtomicU32>,
}

#[derive(Debug)]
enum Done {
    Accepted { ids: Vec<SuggestionId>, before: Box<MasterSettings>, label: String },
    Rejected { id: SuggestionId, label: String },
}

/// Everything that depends on the sample rate.
struct Ears {
    rate: f32,
    features: Features,
    input: Meter,
    output: Meter,
    before: Spectrum,
    after: Spectrum,
    frames: u64,
    since_point: u64,
    short_term: VecDeque<f32>,
    momentary: VecDeque<f32>,
}

impl Ears {
    fn new(rate: f32) -> Option<Self> {
        let hz = SampleRate::new(f64::from(rate))?;
        Some(Self {
            rate,
            features: Features::new(hz),
            input: Meter::new(hz),
            output: Meter::new(hz),
            before: Spectrum::new(hz.hz()),
            after: Spectrum::new(hz.hz()),
            frames: 0,
            since_point: 0,
            short_term: VecDeque::new(),
            momentary: VecDeque::new(),
        })
    }

    fn hear(&mut self, chunk: &[Tap]) {
        let channel = |i: usize| -> Vec<f32> { chunk.iter().map(|f| f[i]).collect() };
        let channels: [Vec<f32>; 4] = std::array::from_fn(channel);
        self.features.push(&channels[0], &channels[1]);
        self.input.process(&channels[0], &channels[1]);
        self.output.process(&channels[2], &channels[3]);
        for frame in chunk {
            self.before.push(frame[0], frame[1]);
            self.after.push(frame[2], frame[3]);
        }
        self.frames += chunk.len() as u64;
        self.since_point += chunk.len() as u64;
        if self.since_point as f32 >= HISTORY_STEP_S * self.rate {
            self.since_point = 0;
            for (list, value) in [
                (&mut self.short_term, self.output.reading().short_term_lufs),
                (&mut self.momentary, self.output.reading().momentary_lufs),
            ] {
                if list.len() >= HISTORY_POINTS {
                    list.pop_front();
                }
                list.push_back(value as f32);
            }
        }
    }

    fn seconds(&self) -> f32 {
        self.frames as f32 / self.rate
    }
}

/// What a meter shows; values before enough was heard are left out.
fn loudness(reading: &Reading) -> LoudnessView {
    let some = |v: f64| v.is_finite().then_some(v as f32);
    let heard = reading.integrated_lufs.is_finite();
    LoudnessView {
        momentary_lufs: some(reading.momentary_lufs),
        short_term_lufs: some(reading.short_term_lufs),
        integrated_lufs: some(reading.integrated_lufs),
        range_lu: some(reading.range_lu).filter(|_| heard),
        true_peak_dbtp: some(reading.true_peak_dbtp),
        plr_db: some(reading.plr_db()).filter(|_| heard),
    }
}

/// The worker.
pub struct MasterWorker {
    params: Arc<MasterParams>,
    lanes: WorkerLanes,
    offers: LatestOffer<Offer>,
    loader: Loader,
    adviser: Option<Box<dyn Advising>>,
    ai: AiState,
    ears: Option<Ears>,
    chunk: Vec<Tap>,
    moves: Moves,
    nothing: bool,
    waiting_edits: VecDeque<Edit>,
    waiting_patch: Option<Patch>,
    undo: Vec<Done>,
    seen_loads: Option<u64>,
    settled: u32,
    dirty: bool,
}

impl MasterWorker {
    /// A worker that has not begun. `offers` is taken out of the lanes.
    pub fn new(params: Arc<MasterParams>, lanes: WorkerLanes, offers: LaneIn<Offer>, loader: Loader) -> Self {
        Self {
            params,
            lanes,
            offers: LatestOffer::new(offers),
            loader,
            adviser: None,
            ai: AiState::Off,
            ears: None,
            chunk: Vec::with_capacity(CHUNK),
            moves: Moves::default(),
            nothing: false,
            waiting_edits: VecDeque::new(),
            waiting_patch: None,
            undo: Vec::new(),
            seen_loads: None,
            settled: 0,
            dirty: true,
        }
    }

    fn follow_session(&mut self) {
        let loads = self.params.session.loads();
        if self.seen_loads != Some(loads) {
            self.seen_loads = Some(loads);
            self.moves = Moves::restore(&self.params.session.lock().accepted);
            self.undo.clear();
            self.dirty = true;
        }
    }

    fn listen(&mut self) {
        let rate = f32::from_bits(self.lanes.rate.load(Ordering::Acquire));
        if rate > 0.0 && self.ears.as_ref().is_none_or(|e| e.rate != rate) {
            self.ears = Ears::new(rate);
        }
        for _ in 0..CHUNKS_PER_STEP {
            self.chunk.clear();
            while self.chunk.len() < CHUNK
                && let Some(frame) = self.lanes.tap.receive()
            {
                self.chunk.push(frame);
            }
            if self.chunk.is_empty() {
                break;
            }
            if let Some(ears) = &mut self.ears {
                ears.hear(&self.chunk);
            }
            self.dirty = true;
        }
        if self.ai == AiState::Off && self.ears.as_ref().is_some_and(|e| e.frames > 0) {
            self.ai = AiState::Listening;
        }
    }

    fn suggest(&mut self, shared: &Shared) {
        shared.begin_work();
        if self.adviser.is_none() {
            self.ai = AiState::Loading;
            self.publish();
            match (self.loader)() {
                Ok(adviser) => self.adviser = Some(adviser),
                Err(why) => {
                    self.ai = AiState::Unavailable { why };
                    return;
                }
            }
        }
        self.ai = AiState::Thinking { progress: 0.0 };
        self.publish();
        let (Some(adviser), Some(ears)) = (&mut self.adviser, &self.ears) else {
            self.ai = AiState::Listening;
            return;
        };
        if ears.seconds() < NEEDED_S {
            self.ai = AiState::Listening;
            return;
        }
        let reading = ears.input.reading();
        let measured = Measured { integrated_lufs: reading.integrated_lufs, true_peak_dbtp: reading.true_peak_dbtp };
        let Some(row) = ears.features.finish() else {
            self.ai = AiState::Listening;
            return;
        };
        match adviser.suggest(&row, &measured, &self.params.target()) {
            Ok(moves) => {
                self.nothing = moves.is_empty();
                let session = self.params.session.clone();
                let mut state = session.lock();
                self.moves.renew(moves, || state.next_id());
                let context = OfferContext { heard_s: Some(f64::from(ears.seconds())), ..OfferContext::default() };
                for (id, content, _) in self.moves.open() {
                    state.ledger.offered(id, std::slice::from_ref(&content.origin), 0, context, now_unix_ms());
                }
                self.ai = AiState::Ready;
            }
            Err(why) => self.ai = AiState::Unavailable { why },
        }
    }

    fn accept(&mut self, ids: &[SuggestionId], gesture: Gesture) {
        let before = Box::new(self.params.settings());
        let session = self.params.session.clone();
        let mut state = session.lock();
        let (mut done, mut label) = (Vec::new(), String::new());
        for &id in ids {
            let Some((accepted, content, share)) = self.moves.accept(id, gesture) else { continue };
            let (effect, record) = accepted.split();
            state.ledger.accepted(&record);
            state.accepted.push(AcceptedMove { suggested: (*content).clone(), share, record });
            self.waiting_edits.push_back(Edit::Apply { effect, share });
            label = format!("Accept {}", content.id);
            done.push(id);
        }
        drop(state);
        if done.len() > 1 {
            label = format!("Accept {} moves", done.len());
        }
        if !done.is_empty() {
            self.remember(Done::Accepted { ids: done, before, label });
            self.waiting_patch = Some(Patch::StopAudition);
        }
    }

    fn reject(&mut self, id: SuggestionId) {
        let Some((content, was_accepted)) = self.moves.reject(id) else { return };
        let session = self.params.session.clone();
        let mut state = session.lock();
        if was_accepted {
            state.accepted.retain(|a| a.record.id() != id);
            state.ledger.withdrawn(id, now_unix_ms());
            self.waiting_edits.push_back(Edit::Share { change: Arc::clone(&content), share: 0.0 });
        } else {
            state.ledger.rejected(id, now_unix_ms());
        }
        drop(state);
        self.remember(Done::Rejected { id, label: format!("Reject {}", content.id) });
    }

    fn remember(&mut self, done: Done) {
        if self.undo.len() >= MAX_UNDO {
            self.undo.remove(0);
        }
        self.undo.push(done);
    }

    fn undo(&mut self) {
        let session = self.params.session.clone();
        let mut state = session.lock();
        match self.undo.pop() {
            Some(Done::Accepted { ids, before, .. }) => {
                for id in ids {
                    state.accepted.retain(|a| a.record.id() != id);
                    state.ledger.withdrawn(id, now_unix_ms());
                    let again = state.next_id();
                    self.moves.offer_again(id, again);
                }
                self.waiting_edits.push_back(Edit::Restore(before));
            }
            Some(Done::Rejected { id, .. }) => {
                let again = state.next_id();
                self.moves.offer_again(id, again);
            }
            None => {}
        }
    }

    /// The settings with every offered move in them.
    fn auditioned(&self) -> MasterSettings {
        let mut settings = self.params.settings();
        for (_, content, share) in self.moves.open() {
            content.apply(&mut settings, share);
        }
        settings
    }

    fn audition(&mut self, on: bool) {
        if !on {
            self.waiting_patch = Some(Patch::StopAudition);
            return;
        }
        let rate = self.ears.as_ref().map_or(48_000.0, |e| f64::from(e.rate));
        self.waiting_patch = Some(Patch::Audition { settings: self.auditioned(), frames: (AUDITION_S * rate) as u64 });
        let session = self.params.session.clone();
        let mut state = session.lock();
        for (id, _, _) in self.moves.open() {
            state.ledger.auditioned(id, now_unix_ms());
        }
    }

    fn share(&mut self, id: SuggestionId, share: f64, done: bool) {
        if let Some(change) = self.moves.set_share(id, share) {
            self.waiting_edits.push_back(Edit::Share { change, share });
            let session = self.params.session.clone();
            let mut state = session.lock();
            for accepted in state.accepted.iter_mut().filter(|a| a.record.id() == id) {
                accepted.share = share;
            }
            if done {
                state.ledger.edited(id, &format!("amount set to {:.0} %", share * 100.0), now_unix_ms());
            }
        }
    }

    fn answer(&mut self, ask: Ask, shared: &Shared) {
        self.dirty = true;
        match ask {
            Ask::Suggest => self.suggest(shared),
            Ask::AnalyseAfresh => {
                self.ears = None;
                self.nothing = false;
                self.moves.renew(Vec::new(), || SuggestionId(0));
                self.ai = AiState::Listening;
            }
            Ask::Accept(id, gesture) => self.accept(&[id], gesture),
            Ask::AcceptAll(gesture) => {
                let ids: Vec<_> = self.moves.open().map(|(id, _, _)| id).collect();
                self.accept(&ids, gesture);
            }
            Ask::Reject(id) => self.reject(id),
            Ask::Share(id, share, done) => self.share(id, share, done),
            Ask::Undo => self.undo(),
            Ask::Audition(on) => self.audition(on),
            Ask::ResetMeters => {
                if let Some(ears) = &mut self.ears {
                    ears.input.reset();
                    ears.output.reset();
                    ears.short_term.clear();
                    ears.momentary.clear();
                }
            }
            Ask::Retry | Ask::Enable(true) => {
                self.adviser = None;
                self.suggest(shared);
            }
            Ask::Enable(false) => {
                self.adviser = None;
                self.ai = AiState::Off;
            }
        }
    }

    fn send(&mut self) {
        while let Some(edit) = self.waiting_edits.pop_front() {
            // After our own edits, wait until the host has written them before looking for edits by hand.
            self.settled = 100;
            if let Err(back) = self.lanes.edits.send(edit) {
                self.waiting_edits.push_front(back);
                break;
            }
        }
        if let Some(patch) = self.waiting_patch.take()
            && let Err(back) = self.lanes.patches.send(patch)
        {
            self.waiting_patch = Some(back);
        }
        self.settled = self.settled.saturating_sub(1);
        if self.settled == 0 {
            let edits = self.moves.find_edits(&self.params.settings());
            if !edits.is_empty() {
                let session = self.params.session.clone();
                let mut state = session.lock();
                for (id, what) in edits {
                    state.ledger.edited(id, &what, now_unix_ms());
                }
                self.dirty = true;
            }
        }
    }

    fn publish(&mut self) {
        let mut snapshot = Snapshot {
            ai: self.ai.clone(),
            moves: self.moves.views(),
            nothing_to_suggest: self.nothing && self.ai == AiState::Ready,
            undo: self.undo.last().map(|d| match d {
                Done::Accepted { label, .. } | Done::Rejected { label, .. } => label.clone(),
            }),
            accepted: self.moves.count(MoveStatus::Accepted) + self.moves.count(MoveStatus::Edited),
            rejected: self.moves.count(MoveStatus::Rejected),
            ..Snapshot::default()
        };
        if let Some(ears) = &self.ears {
            snapshot.analysis =
                AnalysisView { heard_s: ears.seconds(), needed_s: NEEDED_S, dropped: self.lanes.tap.lost() };
            snapshot.input = loudness(&ears.input.reading());
            snapshot.output = loudness(&ears.output.reading());
            snapshot.spectrum =
                SpectrumView { hz: ears.before.hz(), before_db: ears.before.db(), after_db: ears.after.db() };
            snapshot.history = HistoryView {
                step_s: HISTORY_STEP_S,
                short_term_lufs: ears.short_term.iter().copied().collect(),
                momentary_lufs: ears.momentary.iter().copied().collect(),
            };
        }
        self.offers.put(Arc::new(snapshot));
        self.dirty = false;
    }
}

impl Work for MasterWorker {
    fn step(&mut self, shared: &Shared) {
        self.follow_session();
        self.listen();
        while let Some(ask) = self.lanes.asks.receive() {
            self.answer(ask, shared);
        }
        self.send();
        if self.dirty && self.params.editor.memory.is_open() {
            self.publish();
        } else {
            self.offers.flush();
        }
    }

    fn failed(&mut self) {
        self.adviser = None;
        let why = "The AI has stopped because of a fault of its own. Press Retry to load it again; the sound and \
                   everything accepted are as they were.";
        self.ai = AiState::Unavailable { why: why.to_owned() };
        self.dirty = true;
    }
}
