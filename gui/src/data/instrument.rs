//! The view and the intents of the instrument, *Continuo*.

use super::{Level, ParamEdit, ParamView, ThemeChoice};
use continuo_core::{AiState, BarRange, ChordSpan, Key, Meter, Part, PartPhrase, Song, SuggestionId, Take, Tick};
use std::sync::Arc;

/// Everything the instrument's screen shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstrumentView {
    /// What the AI is doing.
    pub ai: AiState,
    /// What was heard so far.
    pub heard: HeardView,
    /// Style of the next takes; a list parameter.
    pub style: ParamView,
    /// Density of the next takes.
    pub density: ParamView,
    /// Adventure of the next takes.
    pub adventure: ParamView,
    /// Takes on offer, in the order they were drawn.
    pub takes: Vec<TakeView>,
    /// The take that is looked at; the first one when it names none.
    pub selected: Option<SuggestionId>,
    /// What is being auditioned, if anything.
    pub audition: Option<Audition>,
    /// The song as it stands.
    pub song: SongView,
    /// One strip per part, in the order of [`Part::ALL`].
    pub strips: [StripView; 4],
    /// What AI did so far.
    pub credits: CreditsView,
    /// Where the export stands.
    pub export: ExportState,
    /// What undo would take back, for instance `Accept bass of take 2`; `None` when there is nothing to take back.
    pub undo: Option<String>,
    /// Look.
    pub theme: ThemeChoice,
}

/// What was heard of the human's playing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeardView {
    /// Melody notes heard.
    pub notes: u32,
    /// Bars they fill; `None` before the first note.
    pub bars: Option<BarRange>,
    /// Key, when it is sure enough to say.
    pub key: Option<Key>,
    /// Tempo the host tells, quarter notes per minute; `None` before the first.
    pub tempo_bpm: Option<f64>,
    /// Metre the host tells.
    pub meter: Option<Meter>,
    /// True while notes or sound come in.
    pub active: bool,
    /// Level of the audio input, dBFS peak; `None` when nothing is connected.
    pub input_db: Option<f32>,
    /// Notes and audio blocks that were dropped because the worker was late.
    pub dropped: u64,
}

/// What became of one part of a take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PhraseStatus {
    /// Not in this take.
    #[default]
    Absent,
    /// Waiting for the human.
    Offered,
    /// Said yes to; it plays.
    Accepted,
    /// Said no to.
    Rejected,
}

/// One take on offer.
#[derive(Clone, Debug, PartialEq)]
pub struct TakeView {
    /// Identity of the suggestion.
    pub id: SuggestionId,
    /// Name for people, for instance `Take 2`.
    pub name: String,
    /// What it holds.
    pub content: Arc<Take>,
    /// What became of each part, in the order of [`Part::ALL`].
    pub status: [PhraseStatus; 4],
    /// Which parts a re-roll leaves alone, in the order of [`Part::ALL`].
    pub locked: [bool; 4],
    /// Longest match with a training work that remained, as a share of the written threshold, 0 to 1; `None` when it
    /// was not measured.
    pub likeness: Option<f32>,
}

/// What is being auditioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audition {
    /// Which take.
    pub take: SuggestionId,
    /// Which part alone; `None` for the whole take.
    pub part: Option<Part>,
    /// True until the next bar line, where it begins to sound.
    pub waiting: bool,
}

/// The song as it stands, for the piano roll.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SongView {
    /// The human's melody, and the time of the song.
    pub song: Arc<Song>,
    /// Accepted phrases.
    pub accepted: Arc<Vec<PartPhrase>>,
    /// Accepted chords.
    pub chords: Arc<Vec<ChordSpan>>,
    /// Where the host is; `None` when it does not say.
    pub playhead: Option<Tick>,
    /// True while the host plays.
    pub playing: bool,
    /// The host's loop, when it is on.
    pub cycle: Option<(Tick, Tick)>,
}

/// One part's mixer strip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StripView {
    /// Level.
    pub level: ParamView,
    /// Balance between left and right.
    pub pan: ParamView,
    /// Mute switch.
    pub mute: ParamView,
    /// Solo switch.
    pub solo: ParamView,
    /// Meter.
    pub meter: Level,
}

/// Counts of the ledger, for the line that says what AI did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CreditsView {
    /// Notes the human played.
    pub human_notes: u32,
    /// Phrases in the song that a trained model made and the human accepted.
    pub trained_phrases: u32,
    /// Phrases in the song that a written rule made and the human accepted.
    pub rule_phrases: u32,
    /// Accepted phrases the human changed afterwards.
    pub edited_phrases: u32,
    /// Suggestions the human turned down.
    pub rejected: u32,
}

/// Where the export stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ExportState {
    /// There is nothing to export yet.
    #[default]
    Empty,
    /// The song can be exported.
    Ready,
    /// Being written, `progress` 0 to 1.
    Running {
        /// Share done.
        progress: f32,
    },
    /// Written.
    Done {
        /// Where to, as people read it.
        path: String,
    },
    /// Not written.
    Failed {
        /// One sentence that says what is wrong and what to do.
        why: String,
    },
}

/// What the human asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum InstrumentIntent {
    /// A step of a gesture on parameter `id`.
    Param {
        /// Which.
        id: String,
        /// What.
        edit: ParamEdit,
    },
    /// Turn the AI on or off.
    EnableAi(bool),
    /// Load the models again after a failure.
    RetryAi,
    /// Draw takes for what was heard.
    Suggest,
    /// Stop thinking.
    Cancel,
    /// Forget what was heard and listen afresh. What was accepted stays.
    ListenAfresh,
    /// Look at this take.
    Select(SuggestionId),
    /// Play it in time with the song, from the next bar line on.
    Audition {
        /// Which take.
        take: SuggestionId,
        /// One part; `None` for the whole take.
        part: Option<Part>,
    },
    /// Stop the audition.
    StopAudition,
    /// Keep a part through re-rolls, or let it go again.
    Lock {
        /// Which take.
        take: SuggestionId,
        /// Which part.
        part: Part,
        /// True to keep it.
        locked: bool,
    },
    /// Draw again what is not locked.
    Reroll {
        /// Which take.
        take: SuggestionId,
        /// One part; `None` for everything not locked.
        part: Option<Part>,
    },
    /// Yes.
    Accept {
        /// Which take.
        take: SuggestionId,
        /// One part; `None` for every part still on offer.
        part: Option<Part>,
    },
    /// No.
    Reject {
        /// Which take.
        take: SuggestionId,
        /// One part; `None` for every part still on offer.
        part: Option<Part>,
    },
    /// Take back the last accept or reject.
    Undo,
    /// Write the song to files, tagged.
    Export,
    /// Change the look.
    Theme(ThemeChoice),
}
