//! The instrument's screen, wired: the view is put together from the worker's picture, the meters and the parameters.

use super::ParamTable;
use crate::instrument::lanes::{Ask, Meters, Offer};
use crate::instrument::snapshot::{Snapshot, TakeState};
use crate::params::instrument::InstrumentParams;
use crate::wiring::Shared;
use crate::worker::now_unix_ms;
use continuo_core::lanes::{LaneIn, LaneOut};
use continuo_core::{BarRange, Gesture, GestureKind, Part, Tick};
use continuo_gui::adapter::InstrumentHost;
use continuo_gui::data::{HeardView, InstrumentIntent, InstrumentView, Level, SongView, StripView, TakeView};
use nice_plug::context::gui::GuiContext;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Asks kept while the lane is full; more than a hand can click in the time a worker sleeps.
const MAX_WAITING: usize = 32;

/// The editor's side of one instance.
pub struct InstrumentGui {
    params: Arc<InstrumentParams>,
    table: ParamTable,
    shared: Arc<Shared>,
    asks: LaneIn<Ask>,
    waiting: VecDeque<Ask>,
    offers: LaneOut<Offer>,
    meters: triple_buffer::Output<Meters>,
    snapshot: Offer,
}

impl InstrumentGui {
    /// The editor's side, with its lane ends.
    pub fn new(
        params: Arc<InstrumentParams>,
        shared: Arc<Shared>,
        asks: LaneIn<Ask>,
        offers: LaneOut<Offer>,
        meters: triple_buffer::Output<Meters>,
    ) -> Self {
        let table = ParamTable::new(Arc::clone(&params) as Arc<_>);
        let snapshot = Arc::new(Snapshot::default());
        Self { params, table, shared, asks, waiting: VecDeque::new(), offers, meters, snapshot }
    }

    fn flush(&mut self) {
        while let Some(ask) = self.waiting.pop_front() {
            if let Err(back) = self.asks.send(ask) {
                self.waiting.push_front(back);
                break;
            }
        }
    }

    fn ask(&mut self, ask: Ask) {
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push_back(ask);
        }
        self.flush();
    }

    fn strip(&self, part: Part, meters: &Meters) -> StripView {
        let view = |what: &str| self.table.view(&format!("{}_{what}", part.id()));
        StripView {
            level: view("level"),
            pan: view("pan"),
            mute: view("mute"),
            solo: view("solo"),
            meter: Level {
                peak_db: meters.peak[part.index()].map(amplitude_db),
                rms_db: meters.mean_square[part.index()].map(|m| amplitude_db(m.sqrt())),
            },
        }
    }
}

fn amplitude_db(amplitude: f32) -> f32 {
    if amplitude > 0.0 { 20.0 * amplitude.log10() } else { f32::NEG_INFINITY }
}

fn take_view(take: &TakeState) -> TakeView {
    TakeView {
        id: take.id,
        name: take.name.clone(),
        content: Arc::clone(&take.take),
        status: take.status,
        locked: take.locked,
        likeness: take.likeness,
    }
}

impl InstrumentHost for InstrumentGui {
    fn view(&mut self) -> InstrumentView {
        self.flush();
        while let Some(offer) = self.offers.receive() {
            self.snapshot = offer;
        }
        let meters = *self.meters.read();
        let s = &self.snapshot;
        let melody = &s.song.melody;
        let bars = s.song.bars();
        let first = melody.first().map_or(0, |n| s.song.meters.bar_at(n.at));
        InstrumentView {
            ai: s.ai.clone(),
            heard: HeardView {
                notes: u32::try_from(melody.len()).unwrap_or(u32::MAX),
                bars: (!melody.is_empty()).then_some(BarRange { from: first, to: bars.to }),
                key: s.key,
                tempo_bpm: meters.bpm,
                meter: meters.meter.or(s.meter),
                active: meters.active,
                input_db: meters.input_peak.map(amplitude_db),
                dropped: s.dropped,
            },
            style: self.table.view("style"),
            density: self.table.view("density"),
            adventure: self.table.view("adventure"),
            takes: s.takes.iter().map(take_view).collect(),
            selected: s.selected,
            audition: s.audition,
            song: SongView {
                song: Arc::clone(&s.song),
                accepted: Arc::clone(&s.accepted),
                chords: Arc::clone(&s.chords),
                playhead: meters.at.map(Tick::at_quarters),
                playing: meters.playing,
                cycle: meters.cycle.map(|(from, to)| (Tick::at_quarters(from), Tick::at_quarters(to))),
            },
            strips: Part::ALL.map(|part| self.strip(part, &meters)),
            credits: s.credits,
            export: s.export.clone(),
            undo: s.undo.clone(),
            theme: self.params.editor.theme(),
        }
    }

    fn act(&mut self, intent: InstrumentIntent, gui: &GuiContext) {
        match intent {
            InstrumentIntent::Param { id, edit } => self.table.edit(&id, edit, gui),
            InstrumentIntent::EnableAi(on) => self.ask(Ask::Enable(on)),
            InstrumentIntent::RetryAi => self.ask(Ask::Retry),
            InstrumentIntent::Suggest => self.ask(Ask::Takes),
            InstrumentIntent::Cancel => self.shared.cancel.store(true, Ordering::Release),
            InstrumentIntent::ListenAfresh => self.ask(Ask::ListenAfresh),
            InstrumentIntent::Select(take) => self.ask(Ask::Select(take)),
            InstrumentIntent::Audition { take, part } => self.ask(Ask::Audition(take, part)),
            InstrumentIntent::StopAudition => self.ask(Ask::StopAudition),
            InstrumentIntent::Lock { take, part, locked } => self.ask(Ask::Lock(take, part, locked)),
            InstrumentIntent::Reroll { take, part } => self.ask(Ask::Reroll(take, part)),
            InstrumentIntent::Accept { take, part } => {
                let gesture = Gesture { kind: GestureKind::Editor, at_unix_ms: now_unix_ms() };
                self.ask(Ask::Accept(take, part, gesture));
            }
            InstrumentIntent::Reject { take, part } => self.ask(Ask::Reject(take, part)),
            InstrumentIntent::Undo => self.ask(Ask::Undo),
            InstrumentIntent::Export => self.ask(Ask::Export),
            InstrumentIntent::Theme(theme) => self.params.editor.set_theme(theme),
        }
    }
}
