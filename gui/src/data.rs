//! What the screens are told and what they answer: plain data in, intents out.
//!
//! The plugin fills a view from its snapshot each frame, without locks, and carries out the intents that come back.
//! Nothing here is kept by a screen; what a screen remembers by itself (scroll, zoom, which fold is open) is how it is
//! looked at, never what is true.

mod instrument;
mod master;

pub use instrument::{
    Audition, CreditsView, ExportState, HeardView, InstrumentIntent, InstrumentView, PhraseStatus, SongView, StripView,
    TakeView,
};
pub use master::{
    AnalysisView, BandView, ChainGroup, HistoryView, LoudnessView, MasterIntent, MasterView, MoveStatus, MoveView,
    ReductionView, SpectrumView, TargetChoice,
};

/// A host parameter as a screen sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParamView {
    /// Stable id, given back in [`ParamEdit`] intents.
    pub id: String,
    /// Name for people, for instance `Density`.
    pub name: String,
    /// Value now, normalized 0 to 1 as the host sees it.
    pub normalized: f32,
    /// Value after a reset, normalized 0 to 1.
    pub default: f32,
    /// Value now as the host writes it, unit included, for instance `-3.0 dB`.
    pub text: String,
    /// For lists: every value's name in order; empty for a continuous parameter.
    pub choices: Vec<String>,
    /// True where the middle means nothing and both sides mean something: pan, gain, width.
    pub centred: bool,
}

impl ParamView {
    /// A continuous parameter.
    pub fn new(id: &str, name: &str, normalized: f32, default: f32, text: impl Into<String>) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), normalized, default, text: text.into(), ..Self::default() }
    }

    /// The same parameter with its rest in the middle: pan, gain, width.
    pub fn centred(mut self) -> Self {
        self.centred = true;
        self
    }

    /// The same parameter as a list of named values.
    pub fn with_choices<I: IntoIterator<Item = S>, S: Into<String>>(mut self, choices: I) -> Self {
        self.choices = choices.into_iter().map(Into::into).collect();
        self
    }

    /// True from the middle up: how a switch is read.
    pub fn is_on(&self) -> bool {
        self.normalized >= 0.5
    }

    /// Place in [`ParamView::choices`] of the value now; 0 when there are none.
    pub fn choice(&self) -> usize {
        let last = self.choices.len().saturating_sub(1);
        (self.normalized.clamp(0.0, 1.0) * last as f32).round() as usize
    }

    /// The normalized value of choice `index`.
    pub fn choice_normalized(&self, index: usize) -> f32 {
        let last = self.choices.len().saturating_sub(1);
        if last == 0 { 0.0 } else { index.min(last) as f32 / last as f32 }
    }
}

/// One step of a gesture on a value. Every change comes as `Begin`, any number of sets, `End`, so that hosts write
/// automation and undo as one act.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParamEdit {
    /// The hand is on it.
    Begin,
    /// New normalized value, 0 to 1.
    Set(f32),
    /// New value in the parameter's own unit (hertz, decibels, share); the receiver converts and clamps.
    SetPlain(f64),
    /// The hand is off.
    End,
}

/// How the screens look. Kept by the plugin with its state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ThemeChoice {
    /// Light ink on a dark ground.
    #[default]
    Dark,
    /// Dark ink on a light ground.
    Light,
}

impl ThemeChoice {
    /// Word kept in files.
    pub fn id(self) -> &'static str {
        match self {
            ThemeChoice::Dark => "dark",
            ThemeChoice::Light => "light",
        }
    }

    /// The theme a word names; dark for any other word.
    pub fn from_id(word: &str) -> Self {
        if word == "light" { ThemeChoice::Light } else { ThemeChoice::Dark }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            ThemeChoice::Dark => ThemeChoice::Light,
            ThemeChoice::Light => ThemeChoice::Dark,
        }
    }
}

/// A stereo level, decibels full scale; minus infinity for silence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Peak per channel since the frame before, left then right.
    pub peak_db: [f32; 2],
    /// Root mean square per channel over 300 ms, left then right.
    pub rms_db: [f32; 2],
}

impl Default for Level {
    fn default() -> Self {
        Self { peak_db: [f32::NEG_INFINITY; 2], rms_db: [f32::NEG_INFINITY; 2] }
    }
}
