//! The mastering screen, wired.

use super::ParamTable;
use crate::master::lanes::{Ask, Edit, Meters, Offer};
use crate::master::snapshot::Snapshot;
use crate::params::master::MasterParams;
use crate::wiring::Shared;
use crate::worker::now_unix_ms;
use continuo_core::lanes::{LaneIn, LaneOut};
use continuo_core::mastering::{DYN_BANDS, EQ_BANDS, EqShape, MasterSettings, Target};
use continuo_core::{Gesture, GestureKind, SuggestionId};
use continuo_gui::adapter::MasterHost;
use continuo_gui::data::{
    BandView, ChainGroup, Level, MasterIntent, MasterView, ParamEdit, ReductionView, TargetChoice,
};
use nice_plug::context::gui::GuiContext;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Asks kept while the lane is full.
const MAX_WAITING: usize = 32;

/// Targets to choose from, with what they ask for. Sources: the services' own help pages on loudness normalisation
/// (streaming: -14 LUFS and -1 dBTP; Apple: -16 LUFS), EBU R 128 (-23 LUFS, -1 dBTP) for broadcast; club and CD have no
/// standard, these are common choices.
const TARGETS: [(&str, &str, f64, f64); 5] = [
    ("streaming", "Streaming, -14 LUFS", -14.0, -1.0),
    ("apple", "Apple Music, -16 LUFS", -16.0, -1.0),
    ("broadcast", "Broadcast, -23 LUFS", -23.0, -1.0),
    ("cd", "CD, -11 LUFS", -11.0, -0.3),
    ("club", "Club, -9 LUFS", -9.0, -0.5),
];

/// The editor's side of one instance.
pub struct MasterGui {
    params: Arc<MasterParams>,
    table: ParamTable,
    shared: Arc<Shared>,
    asks: LaneIn<Ask>,
    waiting: VecDeque<Ask>,
    offers: LaneOut<Offer>,
    edits: LaneOut<Edit>,
    meters: triple_buffer::Output<Meters>,
    snapshot: Offer,
    shares: Vec<(SuggestionId, f64)>,
}

impl MasterGui {
    /// The editor's side, with its lane ends.
    pub fn new(
        params: Arc<MasterParams>,
        shared: Arc<Shared>,
        asks: LaneIn<Ask>,
        offers: LaneOut<Offer>,
        edits: LaneOut<Edit>,
        meters: triple_buffer::Output<Meters>,
    ) -> Self {
        let table = ParamTable::new(Arc::clone(&params) as Arc<_>);
        Self {
            params,
            table,
            shared,
            asks,
            waiting: VecDeque::new(),
            offers,
            edits,
            meters,
            snapshot: Arc::new(Snapshot::default()),
            shares: Vec::new(),
        }
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

    /// Writes accepted moves into the host's parameters, each as one gesture.
    fn carry_out(&mut self, gui: &GuiContext) {
        while let Some(edit) = self.edits.receive() {
            let mut settings = self.params.settings();
            match edit {
                Edit::Apply { effect, share } => effect.into_content().apply(&mut settings, share),
                Edit::Share { change, share } => change.apply(&mut settings, share),
                Edit::Restore(before) => settings = *before,
            }
            self.write(&settings, gui);
        }
    }

    fn write(&self, settings: &MasterSettings, gui: &GuiContext) {
        let set = |id: &str, value: f64| self.table.set_plain(id, value, gui);
        set("input", settings.input_gain_db);
        set("highpass", settings.highpass_hz);
        for (i, band) in settings.eq.iter().enumerate() {
            let i = i + 1;
            let shape = match band.shape {
                EqShape::Bell => 0.0,
                EqShape::LowShelf => 1.0,
                EqShape::HighShelf => 2.0,
            };
            set(&format!("shape_{i}"), shape);
            set(&format!("hz_{i}"), band.hz);
            set(&format!("gain_{i}"), band.gain_db);
            set(&format!("q_{i}"), band.q);
        }
        for (i, (band, width)) in settings.dynamics.iter().zip(settings.width).enumerate() {
            let i = i + 1;
            set(&format!("threshold_{i}"), band.threshold_db);
            set(&format!("ratio_{i}"), band.ratio);
            set(&format!("attack_{i}"), band.attack_ms);
            set(&format!("release_{i}"), band.release_ms);
            set(&format!("makeup_{i}"), band.makeup_db);
            set(&format!("width_{i}"), width);
        }
        set("saturation", settings.saturation_db);
        set("drive", settings.drive_db);
        set("ceiling", settings.ceiling_dbtp);
    }

    fn chain(&self) -> Vec<ChainGroup> {
        let group = |name: &str, ids: &[String]| ChainGroup {
            name: name.to_owned(),
            params: ids.iter().map(|id| self.table.view(id)).collect(),
        };
        let words = |ids: &[&str]| ids.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let mut chain = vec![group("Input", &words(&["input", "highpass"]))];
        for (i, name) in ["Low", "Low Mid", "High Mid", "High"].into_iter().enumerate().take(DYN_BANDS) {
            let ids = ["threshold", "ratio", "attack", "release", "makeup", "width"].map(|w| format!("{w}_{}", i + 1));
            chain.push(group(name, &ids));
        }
        chain.push(group("Saturation", &words(&["saturation"])));
        chain.push(group("Limiter", &words(&["limiter", "drive", "ceiling", "limiter_release"])));
        chain
    }
}

/// The word for a target that is none of ours.
const CUSTOM: &str = "custom";

/// The list to choose from, with the target in use when it is none of ours.
fn targets(custom: Option<Target>) -> Vec<TargetChoice> {
    let choice = |id: &str, name: &str, target| TargetChoice { id: id.to_owned(), name: name.to_owned(), target };
    let ours = TARGETS
        .iter()
        .map(|&(id, name, loudness_lufs, ceiling_dbtp)| choice(id, name, Target { loudness_lufs, ceiling_dbtp }));
    ours.chain(custom.map(|target| choice(CUSTOM, "Custom", target))).collect()
}

fn amplitude_db(amplitude: f32) -> f32 {
    if amplitude > 0.0 { 20.0 * amplitude.log10() } else { f32::NEG_INFINITY }
}

impl MasterHost for MasterGui {
    fn view(&mut self) -> MasterView {
        self.flush();
        while let Some(offer) = self.offers.receive() {
            self.snapshot = offer;
        }
        let meters = *self.meters.read();
        let s = &self.snapshot;
        let target = self.params.target();
        let chosen = TARGETS.iter().find(|t| (t.2 - target.loudness_lufs).abs() < 0.05);
        let comparing = self.shared.compare.load(Ordering::Relaxed);
        let mut bypass = self.table.view("bypass");
        if comparing {
            bypass.normalized = 1.0;
        }
        let match_gain = match (s.input.integrated_lufs, s.output.integrated_lufs) {
            (Some(input), Some(output)) => output - input,
            _ => 0.0,
        };
        self.shared.compare_db.store(match_gain.to_bits(), Ordering::Relaxed);
        MasterView {
            ai: s.ai.clone(),
            analysis: s.analysis,
            targets: targets(chosen.is_none().then_some(target)),
            target: chosen.map_or(CUSTOM, |t| t.0).to_owned(),
            moves: s.moves.clone(),
            nothing_to_suggest: s.nothing_to_suggest,
            auditioning: meters.auditioning,
            settings: self.params.settings(),
            bands: std::array::from_fn::<_, EQ_BANDS, _>(|i| {
                let view = |word: &str| self.table.view(&format!("{word}_{}", i + 1));
                BandView { hz: view("hz"), gain: view("gain"), q: view("q"), shape: view("shape") }
            }),
            chain: self.chain(),
            spectrum: s.spectrum.clone(),
            input: s.input,
            output: s.output,
            level: Level {
                peak_db: meters.peak.map(amplitude_db),
                rms_db: meters.mean_square.map(|m| amplitude_db(m.sqrt())),
            },
            reduction: ReductionView { limiter_db: meters.limiter_db, bands_db: meters.bands_db },
            history: s.history.clone(),
            bypass,
            match_gain_db: match_gain,
            undo: s.undo.clone(),
            accepted: s.accepted,
            rejected: s.rejected,
            theme: self.params.editor.theme(),
        }
    }

    fn act(&mut self, intent: MasterIntent, gui: &GuiContext) {
        let gesture = Gesture { kind: GestureKind::Editor, at_unix_ms: now_unix_ms() };
        match intent {
            // The screen's A/B is a comparison at equal loudness; the host's own bypass stays what came in, bit for bit.
            MasterIntent::Param { id, edit } if id == "bypass" => {
                if let ParamEdit::Set(value) = edit {
                    self.shared.compare.store(value >= 0.5, Ordering::Relaxed);
                    if value < 0.5 {
                        self.table.set_plain("bypass", 0.0, gui);
                    }
                }
            }
            MasterIntent::Param { id, edit } => self.table.edit(&id, edit, gui),
            MasterIntent::EnableAi(on) => self.ask(Ask::Enable(on)),
            MasterIntent::RetryAi => self.ask(Ask::Retry),
            MasterIntent::AnalyseAfresh => self.ask(Ask::AnalyseAfresh),
            MasterIntent::Suggest => self.ask(Ask::Suggest),
            MasterIntent::Cancel => self.shared.cancel.store(true, Ordering::Release),
            MasterIntent::Share { id, edit } => match edit {
                ParamEdit::SetPlain(share) => {
                    self.shares.retain(|s| s.0 != id);
                    self.shares.push((id, share));
                    self.ask(Ask::Share(id, share, false));
                }
                ParamEdit::End => {
                    if let Some(i) = self.shares.iter().position(|s| s.0 == id) {
                        let (_, share) = self.shares.swap_remove(i);
                        self.ask(Ask::Share(id, share, true));
                    }
                }
                ParamEdit::Begin | ParamEdit::Set(_) => {}
            },
            MasterIntent::Accept(id) => self.ask(Ask::Accept(id, gesture)),
            MasterIntent::Reject(id) => self.ask(Ask::Reject(id)),
            MasterIntent::AcceptAll => self.ask(Ask::AcceptAll(gesture)),
            MasterIntent::Undo => self.ask(Ask::Undo),
            MasterIntent::Audition(on) => self.ask(Ask::Audition(on)),
            MasterIntent::Target(id) => {
                if let Some(&(_, _, loudness, ceiling)) = TARGETS.iter().find(|t| t.0 == id) {
                    self.table.set_plain("target", loudness, gui);
                    self.table.set_plain("ceiling", ceiling, gui);
                }
            }
            MasterIntent::ResetMeters => self.ask(Ask::ResetMeters),
            MasterIntent::Theme(theme) => self.params.editor.set_theme(theme),
        }
    }

    fn tick(&mut self, gui: &GuiContext) {
        self.carry_out(gui);
    }
}
