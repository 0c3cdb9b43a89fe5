//! The pieces of a record. Field names are frozen with the schema version.

use crate::error::ProvenanceError;
use crate::hash::is_sha256_hex;
use continuo_core::mastering::MoveUnit;
use continuo_core::{Controls, Gesture, ModelRef, Origin};
use serde::{Deserialize, Serialize};

/// A program, exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
}

impl Default for Product {
    fn default() -> Self {
        Self { name: "Continuo".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// What kinds of help are in the audio. *Generative* is notes; *assistive* is processing that a human accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AiUse {
    /// At least one audible part was shaped by a trained model.
    pub trained_generative: bool,
    /// At least one audible part was made by written rules alone.
    pub algorithmic_generative: bool,
    /// At least one accepted mastering move came from a trained model.
    pub trained_assistive: bool,
    /// At least one accepted mastering move was computed by a rule.
    pub algorithmic_assistive: bool,
}

impl AiUse {
    pub(crate) fn of(parts: &[PartRecord], moves: &[MoveRecord]) -> Self {
        Self {
            trained_generative: parts.iter().any(|p| p.nature == Nature::Trained),
            algorithmic_generative: parts.iter().any(|p| p.nature == Nature::Algorithmic),
            trained_assistive: moves.iter().any(|m| m.origin.is_trained()),
            algorithmic_assistive: moves.iter().any(|m| !m.origin.is_trained()),
        }
    }

    /// True when a trained model took part in any way.
    pub fn any_trained(self) -> bool {
        self.trained_generative || self.trained_assistive
    }
}

/// How an input relates to the output; the words are C2PA's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InputRelation {
    /// The output is this file, worked on (mastering, tagging).
    ParentOf,
    /// The file sounds in the output beside other things (a vocal under accompaniment).
    ComponentOf,
    /// The file was read to make the output and does not sound itself (a MIDI melody).
    InputTo,
}

/// A file the human brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// File name without its folder.
    pub name: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Media type, for instance `audio/wav` or `audio/midi`.
    pub media_type: String,
    /// Relation to the output.
    pub relation: InputRelation,
}

/// A range of bars, first bar 0, `to` not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BarSpan {
    /// First bar.
    pub from: u32,
    /// One after the last bar.
    pub to: u32,
}

/// A range of time in the output, seconds from its start.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Where it begins, seconds, 0 or more.
    pub start_s: f64,
    /// Where it ends, seconds, after the start.
    pub end_s: f64,
}

impl Region {
    /// A region rounded to microseconds, so that its text is short and the same everywhere; `None` when it is empty or not finite.
    pub fn new(start_s: f64, end_s: f64) -> Option<Self> {
        let round = |s: f64| (s.max(0.0) * 1e6).round() / 1e6;
        let region = Self { start_s: round(start_s), end_s: round(end_s) };
        (start_s.is_finite() && end_s.is_finite() && region.end_s > region.start_s).then_some(region)
    }
}

/// Trained or algorithmic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nature {
    /// A trained model shaped it.
    Trained,
    /// Written rules alone made it.
    Algorithmic,
}

/// What the human changed after accepting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HumanEdit {
    /// What changed, in plain words.
    pub what: String,
    /// When, milliseconds since 1970 (UTC); absent in reproducible runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_unix_ms: Option<u64>,
}

/// The longest match with a training work that was left in an accepted phrase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Originality {
    /// Notes of the longest match.
    pub longest_match_notes: u32,
    /// The threshold from which a phrase is thrown away, notes.
    pub threshold_notes: u32,
    /// The work it matches, when any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<String>,
}

/// One accepted and audible part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartRecord {
    /// Role: `keys`, `bass`, `drums`, `strings` or `harmony`.
    pub role: String,
    /// Trained or algorithmic.
    pub nature: Nature,
    /// Everything that shaped it: models and rules.
    pub origins: Vec<Origin>,
    /// Id of the accepted suggestion, decimal.
    pub suggestion: String,
    /// Seed, decimal.
    pub seed: String,
    /// Controls, when there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controls: Option<Controls>,
    /// Bars of the song.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bars: Option<BarSpan>,
    /// Where it is heard.
    pub regions: Vec<Region>,
    /// Notes played.
    pub notes: u32,
    /// The human's yes.
    pub gesture: Gesture,
    /// Longest match with a training work, when compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub originality: Option<Originality>,
    /// What the human changed.
    pub human_edits: Vec<HumanEdit>,
}

/// One accepted mastering move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveRecord {
    /// Stable word of the move.
    pub id: String,
    /// Amount as applied.
    pub amount: f64,
    /// Unit of the amounts.
    pub unit: MoveUnit,
    /// Amount as suggested.
    pub suggested: f64,
    /// What made the suggestion.
    pub origin: Origin,
    /// Id of the accepted suggestion, decimal.
    pub suggestion: String,
    /// The human's yes.
    pub gesture: Gesture,
    /// What the human changed.
    pub human_edits: Vec<HumanEdit>,
}

/// A source of training data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSource {
    /// Name of the collection.
    pub name: String,
    /// Licence, for instance `CC0-1.0` or `public domain`.
    pub licence: String,
    /// Works used.
    pub works: u32,
    /// The line the licence asks for, or that courtesy does.
    pub attribution: String,
}

/// A model, with what a reader should know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRecord {
    /// Name as in its contract.
    pub name: String,
    /// Version as in its contract.
    pub version: String,
    /// SHA-256 as in its contract.
    pub sha256: String,
    /// Its card in one sentence.
    pub card: String,
    /// What it learned from.
    pub sources: Vec<DataSource>,
}

impl ModelRecord {
    /// The reference that origins use.
    pub fn reference(&self) -> ModelRef {
        ModelRef { name: self.name.clone(), version: self.version.clone(), sha256: self.sha256.clone() }
    }
}

/// What a human did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HumanContribution {
    /// Name, only when the user typed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Role, for instance `composer` or `mix engineer`.
    pub role: String,
    /// What was done, in plain words.
    pub what: String,
    /// Share of the work, percent, when agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_percent: Option<f64>,
}

/// A training work near to an accepted phrase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Influence {
    /// Identity of the work in the data sheet.
    pub work: String,
    /// Title.
    pub title: String,
    /// Composer, or `traditional`.
    pub composer: String,
    /// Collection it came from.
    pub source: String,
    /// Licence.
    pub licence: String,
    /// Share, 0 to 1; all shares sum to 1.
    pub share: f64,
}

/// The human's choice about training on the file; words of the CAWG training and data mining assertion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TrainingMining {
    /// No.
    #[default]
    NotAllowed,
    /// Yes.
    Allowed,
}

impl TrainingMining {
    /// The word in the assertion.
    pub fn word(self) -> &'static str {
        match self {
            TrainingMining::NotAllowed => "notAllowed",
            TrainingMining::Allowed => "allowed",
        }
    }
}

/// Measured loudness (ITU-R BS.1770, EBU R 128).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loudness {
    /// Integrated, LUFS.
    pub integrated_lufs: f64,
    /// Loudness range, LU.
    pub range_lu: f64,
    /// Largest true peak, dBTP.
    pub true_peak_dbtp: f64,
    /// Largest momentary loudness (400 ms), LUFS.
    pub max_momentary_lufs: f64,
    /// Largest short-term loudness (3 s), LUFS.
    pub max_short_term_lufs: f64,
}

/// How the record came to be about this audio.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Binding {
    /// The same run made both.
    #[default]
    Rendered,
    /// A user says that this audio contains what an earlier record describes (a bounce, an edit, a conversion).
    StatedByUser {
        /// Id of the earlier record.
        earlier_record: String,
    },
}

/// The audio a record is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// SHA-256 of the sample data as it stands in the file (the WAV `data` chunk), lower-case hex.
    pub pcm_sha256: String,
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Channels.
    pub channels: u16,
    /// Frames.
    pub frames: u64,
    /// Sample format: `pcm16`, `pcm24`, `float32` or another word for imported files.
    pub sample_format: String,
    /// How the record came to be about it.
    pub binding: Binding,
}

fn wrong(why: String) -> Result<(), ProvenanceError> {
    Err(ProvenanceError::Record(why))
}

pub(super) fn check_parts(parts: &[PartRecord]) -> Result<(), ProvenanceError> {
    for part in parts {
        let role = &part.role;
        if role.is_empty() || part.origins.is_empty() || part.regions.is_empty() {
            return wrong(format!("part '{role}' has no role, no origin or no place where it is heard"));
        }
        let trained = part.origins.iter().any(Origin::is_trained);
        if trained != (part.nature == Nature::Trained) {
            return wrong(format!("part '{role}' is called {:?}, which its origins contradict", part.nature));
        }
        if part.regions.iter().any(|r| !(r.start_s >= 0.0 && r.end_s > r.start_s && r.end_s.is_finite())) {
            return wrong(format!("part '{role}' has a region that is empty or runs backwards"));
        }
    }
    Ok(())
}

pub(super) fn check_moves(moves: &[MoveRecord]) -> Result<(), ProvenanceError> {
    match moves.iter().find(|m| m.id.is_empty() || !m.amount.is_finite() || !m.suggested.is_finite()) {
        Some(m) => wrong(format!("mastering move '{}' has no name or no finite amount", m.id)),
        None => Ok(()),
    }
}

pub(super) fn check_humans(humans: &[HumanContribution]) -> Result<(), ProvenanceError> {
    let shares: Vec<f64> = humans.iter().filter_map(|h| h.share_percent).collect();
    if shares.is_empty() {
        return Ok(());
    }
    if shares.len() != humans.len() {
        return wrong("some humans have a share and others have none; give every one a share or none".to_owned());
    }
    let sum: f64 = shares.iter().sum();
    if shares.iter().any(|s| !(0.0..=100.0).contains(s)) || (sum - 100.0).abs() > 0.005 {
        return wrong(format!("the humans' shares sum to {sum:.2} %, not to 100 %"));
    }
    Ok(())
}

pub(super) fn check_influences(influences: &[Influence]) -> Result<(), ProvenanceError> {
    let sum: f64 = influences.iter().map(|i| i.share).sum();
    if influences.iter().any(|i| !(0.0..=1.0).contains(&i.share))
        || (!influences.is_empty() && (sum - 1.0).abs() > 1e-6)
    {
        return wrong(format!("the shares of influence sum to {sum}, not to 1"));
    }
    Ok(())
}

pub(super) fn check_output(output: &Output) -> Result<(), ProvenanceError> {
    if !is_sha256_hex(&output.pcm_sha256) || output.sample_rate_hz == 0 || output.channels == 0 {
        return wrong("the audio it is about has no proper SHA-256, sample rate or channel count".to_owned());
    }
    Ok(())
}

pub(super) fn check_loudness(l: &Loudness) -> Result<(), ProvenanceError> {
    let figures = [l.integrated_lufs, l.range_lu, l.true_peak_dbtp, l.max_momentary_lufs, l.max_short_term_lufs];
    if figures.iter().any(|f| !f.is_finite()) {
        return wrong("a loudness figure is not a finite number; leave the figures out for silence".to_owned());
    }
    Ok(())
}
