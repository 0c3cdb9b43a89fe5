//! Makes a record out of what was accepted. A part or move enters only with the [`UseRecord`] that its acceptance left
//! behind, and only with origins which that record names: what was not accepted cannot appear.

use super::{
    BarSpan, HumanContribution, HumanEdit, Influence, Input, InputRelation, Loudness, ModelRecord, MoveRecord, Nature,
    Originality, Output, PartRecord, Product, Region, SCHEMA, SCHEMA_VERSION, TrainingMining, UseRecordDocument,
};
use crate::error::ProvenanceError;
use crate::ledger::Ledger;
use continuo_core::mastering::Move;
use continuo_core::{BarRange, Controls, Note, Origin, PartPhrase, Song, UseRecord};

/// An accepted part and where it is heard.
#[derive(Clone, Debug, PartialEq)]
pub struct PartUse {
    /// Role: `keys`, `bass`, `drums`, `strings` or `harmony`.
    pub role: String,
    /// Everything that shaped this part; each must be named by the use record.
    pub origins: Vec<Origin>,
    /// Controls it was drawn with.
    pub controls: Option<Controls>,
    /// Bars.
    pub bars: Option<BarRange>,
    /// Where it is heard. Empty means that it is not heard in this render, and it is left out.
    pub regions: Vec<Region>,
    /// Notes played.
    pub notes: u32,
    /// Longest match with a training work.
    pub originality: Option<Originality>,
    /// What the human changed.
    pub human_edits: Vec<HumanEdit>,
}

impl PartUse {
    /// A phrase as it stands in `song`: heard from the onset of its first note to the end of its last, phrase by phrase of
    /// at most `gap_s` seconds' rest. `harmony` is what made the chords it follows, if it follows any.
    pub fn of_phrase(phrase: &PartPhrase, harmony: Option<&Origin>, song: &Song, gap_s: f64) -> Self {
        let mut origins = vec![phrase.origin.clone()];
        if let Some(harmony) = harmony.filter(|h| **h != phrase.origin) {
            origins.insert(0, harmony.clone());
        }
        Self {
            role: phrase.part.id().to_owned(),
            origins,
            controls: None,
            bars: Some(phrase.bars),
            regions: regions_of(&phrase.notes, song, gap_s),
            notes: phrase.notes.len() as u32,
            originality: None,
            human_edits: Vec::new(),
        }
    }

    /// The same with controls.
    pub fn with_controls(self, controls: Controls) -> Self {
        Self { controls: Some(controls), ..self }
    }
}

/// Where notes are heard, joined over rests of at most `gap_s` seconds.
fn regions_of(notes: &[Note], song: &Song, gap_s: f64) -> Vec<Region> {
    let mut spans: Vec<(f64, f64)> =
        notes.iter().map(|n| (song.tempo.seconds_at(n.at), song.tempo.seconds_at(n.end()))).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut joined: Vec<(f64, f64)> = Vec::new();
    for (start, end) in spans {
        match joined.last_mut() {
            Some(last) if start <= last.1 + gap_s => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    joined.into_iter().filter_map(|(start, end)| Region::new(start, end)).collect()
}

/// An accepted mastering move as it was applied.
#[derive(Clone, Debug, PartialEq)]
pub struct MoveUse {
    /// The move as suggested.
    pub suggested: Move,
    /// Amount as applied, in the move's unit.
    pub amount: f64,
    /// What the human changed.
    pub human_edits: Vec<HumanEdit>,
}

impl MoveUse {
    /// A move applied as suggested.
    pub fn as_suggested(suggested: Move) -> Self {
        Self { amount: suggested.amount, suggested, human_edits: Vec::new() }
    }
}

/// Collects what was used; [`RecordBuilder::build`] makes the document.
#[derive(Clone, Debug, Default)]
pub struct RecordBuilder {
    product: Product,
    inputs: Vec<Input>,
    parts: Vec<PartRecord>,
    mastering: Vec<MoveRecord>,
    models: Vec<ModelRecord>,
    humans: Vec<HumanContribution>,
    influences: Vec<Influence>,
    training_mining: TrainingMining,
    earlier_records: Vec<String>,
    ledger_head: Option<String>,
    made_at_unix_ms: Option<u64>,
    loudness: Option<Loudness>,
    output: Option<Output>,
}

/// Rounds an amount to a millionth, so that its text is short and the same everywhere.
fn tidy_amount(amount: f64) -> f64 {
    (amount * 1e6).round() / 1e6
}

impl RecordBuilder {
    /// An empty record of this version of Continuo.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names another product than Continuo itself (a plugin of the bundle, for instance).
    pub fn product(mut self, product: Product) -> Self {
        self.product = product;
        self
    }

    /// Adds a file the human brought.
    pub fn input(mut self, input: Input) -> Self {
        self.inputs.push(input);
        self
    }

    /// Adds an accepted part. One that is not heard is left out without a word: it is not in the audio.
    ///
    /// # Errors
    /// When an origin of the part is not named by the use record.
    pub fn part(mut self, accepted: &UseRecord, part: PartUse) -> Result<Self, ProvenanceError> {
        require_accepted(accepted, part.origins.iter(), &part.role)?;
        if part.regions.is_empty() || part.notes == 0 {
            return Ok(self);
        }
        let trained = part.origins.iter().any(Origin::is_trained);
        self.parts.push(PartRecord {
            role: part.role,
            nature: if trained { Nature::Trained } else { Nature::Algorithmic },
            origins: part.origins,
            suggestion: accepted.id().0.to_string(),
            seed: accepted.seed().to_string(),
            controls: part.controls.map(Controls::clean),
            bars: part.bars.map(|b| BarSpan { from: b.from, to: b.to }),
            regions: part.regions,
            notes: part.notes,
            gesture: accepted.gesture(),
            originality: part.originality,
            human_edits: part.human_edits,
        });
        Ok(self)
    }

    /// Adds an accepted mastering move.
    ///
    /// # Errors
    /// When the move's origin is not named by the use record.
    pub fn mastering_move(mut self, accepted: &UseRecord, used: MoveUse) -> Result<Self, ProvenanceError> {
        let suggested = used.suggested;
        require_accepted(accepted, std::iter::once(&suggested.origin), &suggested.id)?;
        self.mastering.push(MoveRecord {
            id: suggested.id,
            amount: tidy_amount(used.amount),
            unit: suggested.unit,
            suggested: tidy_amount(suggested.amount),
            origin: suggested.origin,
            suggestion: accepted.id().0.to_string(),
            gesture: accepted.gesture(),
            human_edits: used.human_edits,
        });
        Ok(self)
    }

    /// Takes over what the record of an input says (see [`crate::verify()`]): work on a file does not make what AI did in it
    /// undone. Its inputs count as read, its shares of influence are left out, since shares of two records cannot be added.
    ///
    /// # Errors
    /// When the earlier record contradicts itself.
    pub fn continuing(mut self, earlier: &UseRecordDocument) -> Result<Self, ProvenanceError> {
        earlier.check()?;
        if self.earlier_records.contains(&earlier.record_id) {
            return Ok(self);
        }
        self.earlier_records.push(earlier.record_id.clone());
        for id in &earlier.earlier_records {
            if !self.earlier_records.contains(id) {
                self.earlier_records.push(id.clone());
            }
        }
        for input in &earlier.inputs {
            if !self.inputs.iter().any(|i| i.sha256 == input.sha256) {
                self.inputs.push(Input { relation: InputRelation::InputTo, ..input.clone() });
            }
        }
        self.parts.extend(earlier.parts.iter().cloned());
        self.mastering.extend(earlier.mastering.iter().cloned());
        for model in &earlier.models {
            self = self.model(model.clone());
        }
        for human in &earlier.humans {
            // Shares were agreed for the earlier work alone.
            let human = HumanContribution { share_percent: None, ..human.clone() };
            if !self.humans.contains(&human) {
                self.humans.push(human);
            }
        }
        if earlier.training_mining == TrainingMining::NotAllowed {
            self.training_mining = TrainingMining::NotAllowed;
        }
        Ok(self)
    }

    /// Describes a model. Models that nothing accepted came from are left out of the record.
    pub fn model(mut self, model: ModelRecord) -> Self {
        if !self.models.iter().any(|m| m.reference() == model.reference()) {
            self.models.push(model);
        }
        self
    }

    /// Adds what a human did.
    pub fn human(mut self, human: HumanContribution) -> Self {
        self.humans.push(human);
        self
    }

    /// Sets the training works nearest to the accepted phrases.
    pub fn influences(mut self, influences: Vec<Influence>) -> Self {
        self.influences = influences;
        self
    }

    /// Sets the human's choice about training on the file.
    pub fn training_mining(mut self, choice: TrainingMining) -> Self {
        self.training_mining = choice;
        self
    }

    /// Names the ledger's head, so that record and ledger can be held together.
    pub fn ledger(mut self, ledger: &Ledger) -> Self {
        self.ledger_head = Some(ledger.head().to_owned());
        self
    }

    /// Says when the audio was made, milliseconds since 1970 (UTC). Leave it out for reproducible output.
    pub fn made_at(mut self, unix_ms: Option<u64>) -> Self {
        self.made_at_unix_ms = unix_ms;
        self
    }

    /// Sets the measured loudness, rounded to hundredths, as tags hold it. Figures of silence, which are infinite, are left out.
    pub fn loudness(mut self, measured: Loudness) -> Self {
        let round = |v: f64| (v * 100.0).round() / 100.0;
        let rounded = Loudness {
            integrated_lufs: round(measured.integrated_lufs),
            range_lu: round(measured.range_lu),
            true_peak_dbtp: round(measured.true_peak_dbtp),
            max_momentary_lufs: round(measured.max_momentary_lufs),
            max_short_term_lufs: round(measured.max_short_term_lufs),
        };
        self.loudness = Some(rounded).filter(|l| super::types::check_loudness(l).is_ok());
        self
    }

    /// Sets the audio the record is about; the writers of this crate do it themselves.
    pub fn output(mut self, output: Output) -> Self {
        self.output = Some(output);
        self
    }

    /// The finished document.
    ///
    /// # Errors
    /// When a model is used but not described, shares do not sum up, or a figure is impossible.
    pub fn build(self) -> Result<UseRecordDocument, ProvenanceError> {
        let mut record = UseRecordDocument {
            schema: SCHEMA.to_owned(),
            schema_version: SCHEMA_VERSION,
            record_id: String::new(),
            product: self.product,
            statement: String::new(),
            ai_use: super::AiUse::default(),
            inputs: self.inputs,
            parts: self.parts,
            mastering: self.mastering,
            models: self.models,
            humans: self.humans,
            influences: self.influences,
            training_mining: self.training_mining,
            earlier_records: self.earlier_records,
            ledger_head: self.ledger_head,
            made_at_unix_ms: self.made_at_unix_ms,
            loudness: self.loudness,
            output: self.output,
        };
        let used: Vec<_> =
            record.origins().filter_map(|o| if let Origin::Trained(m) = o { Some(m.clone()) } else { None }).collect();
        record.models.retain(|m| used.contains(&m.reference()));
        record.models.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        let record = record.seal();
        record.check()?;
        Ok(record)
    }
}

fn require_accepted<'a>(
    accepted: &UseRecord,
    mut origins: impl Iterator<Item = &'a Origin>,
    what: &str,
) -> Result<(), ProvenanceError> {
    match origins.find(|o| !accepted.origins().contains(o)) {
        Some(origin) => Err(ProvenanceError::Record(format!(
            "'{what}' says it came from {origin:?}, which the accepted suggestion {} does not name; only what was accepted may be recorded",
            accepted.id().0
        ))),
        None => Ok(()),
    }
}
