//! The public record of AI use in one render: what was accepted and can be heard, by what it was made, what the human did.
//!
//! The document is plain JSON with a version ([`SCHEMA_VERSION`], schema in `schema/use-record-1.json`). Its id is derived
//! from its own content, so the same render has the same id and a changed record no longer fits its id.

mod build;
mod describe;
mod types;

pub use build::{MoveUse, PartUse, RecordBuilder};
pub use types::{
    AiUse, BarSpan, Binding, DataSource, HumanContribution, HumanEdit, Influence, Input, InputRelation, Loudness,
    ModelRecord, MoveRecord, Nature, Originality, Output, PartRecord, Product, Region, TrainingMining,
};

use crate::error::ProvenanceError;
use crate::hash;
use continuo_core::Origin;
use serde::{Deserialize, Serialize};

/// Name of the document type, in every record.
pub const SCHEMA: &str = "continuo.use-record";
/// Version of the document type. A reader of this crate reads exactly this one.
pub const SCHEMA_VERSION: u32 = 1;
/// Characters of a record id: `cr1-` and 28 hex digits (112 bits), so that it fits `bext`'s 32-character reference.
pub const RECORD_ID_LEN: usize = 32;
/// Largest record that is read, bytes; a record of a long album side is far below it.
pub const MAX_RECORD_BYTES: usize = 16 * 1024 * 1024;

/// The record of one render. Made by [`RecordBuilder`]; checked by [`UseRecordDocument::check`] when it comes from outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseRecordDocument {
    /// [`SCHEMA`].
    pub schema: String,
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Derived from the content: `cr1-` and the first 28 hex digits of [`UseRecordDocument::digest`].
    pub record_id: String,
    /// What wrote the record.
    pub product: Product,
    /// The whole record in a sentence or two, for a person. Derived from the rest.
    pub statement: String,
    /// What kinds of AI and of rules were used. Derived from parts and moves.
    pub ai_use: AiUse,
    /// What the human brought: files and their hashes.
    pub inputs: Vec<Input>,
    /// Every accepted and audible part.
    pub parts: Vec<PartRecord>,
    /// Every accepted mastering move.
    pub mastering: Vec<MoveRecord>,
    /// Every model named in parts and moves, with what it learned from.
    pub models: Vec<ModelRecord>,
    /// What humans did.
    pub humans: Vec<HumanContribution>,
    /// Training works nearest to the accepted phrases, shares summing to one; empty when not computed.
    pub influences: Vec<Influence>,
    /// The human's choice about training on this file.
    pub training_mining: TrainingMining,
    /// Ids of the records of files that this audio was made from; what they say is taken over into this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_records: Vec<String>,
    /// Head of the ledger's hash chain when the record was made, when there was a ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_head: Option<String>,
    /// When the audio was made, milliseconds since 1970 (UTC); absent in reproducible runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_at_unix_ms: Option<u64>,
    /// Measured loudness of the audio, when measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loudness: Option<Loudness>,
    /// The audio this record is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
}

impl UseRecordDocument {
    /// The document as compact JSON, fields in their order: the form that is hashed and written.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The document as indented JSON, for people and for the sidecar.
    pub fn to_json_pretty(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Reads and checks a record.
    ///
    /// # Errors
    /// When the text is no record, is of another version, or contradicts itself.
    pub fn from_json(text: &str) -> Result<Self, ProvenanceError> {
        if text.len() > MAX_RECORD_BYTES {
            return Err(ProvenanceError::Record(format!("it is {} bytes long, more than any real record", text.len())));
        }
        let record: Self = serde_json::from_str(text).map_err(|e| {
            ProvenanceError::Record(format!(
                "it is not a record of this version ({e}); expected {SCHEMA} {SCHEMA_VERSION}"
            ))
        })?;
        record.check()?;
        Ok(record)
    }

    /// SHA-256 of the content (the compact JSON with an empty id), lower-case hex. Every carrier in a file names it.
    pub fn digest(&self) -> String {
        let bare = Self { record_id: String::new(), ..self.clone() };
        hash::sha256_hex(bare.to_json().as_bytes())
    }

    /// The id that the content asks for.
    fn derived_id(&self) -> String {
        format!("cr1-{}", &self.digest()[..RECORD_ID_LEN - 4])
    }

    /// Fills in everything that follows from the rest: kinds of use, statement, id.
    fn seal(mut self) -> Self {
        self.ai_use = AiUse::of(&self.parts, &self.mastering);
        self.statement = describe::statement(&self);
        self.record_id = self.derived_id();
        self
    }

    /// The same record, bound to `output`. A record that was about other audio keeps the id of that earlier record.
    /// Its loudness figures, which were the other audio's, are then left out.
    pub fn for_output(&self, mut output: Output) -> Self {
        let mut record = self.clone();
        if let Some(old) = &self.output {
            if old.pcm_sha256 == output.pcm_sha256 {
                output.binding = old.binding.clone();
            } else {
                output.binding = Binding::StatedByUser { earlier_record: self.record_id.clone() };
                record.loudness = None;
            }
        }
        record.output = Some(output);
        record.seal()
    }

    /// True when the audio of the record contains notes by a trained model.
    pub fn has_trained_generative(&self) -> bool {
        self.ai_use.trained_generative
    }

    /// Everything the record says, as plain sentences: who did what, where, and who said yes.
    pub fn sentences(&self) -> Vec<String> {
        describe::sentences(self)
    }

    /// Checks that the record is of this version, fits its id, and that its parts agree with one another.
    ///
    /// # Errors
    /// Names the first contradiction.
    pub fn check(&self) -> Result<(), ProvenanceError> {
        let fail = |why: String| Err(ProvenanceError::Record(why));
        if self.schema != SCHEMA || self.schema_version != SCHEMA_VERSION {
            return fail(format!("it is '{} {}', not '{SCHEMA} {SCHEMA_VERSION}'", self.schema, self.schema_version));
        }
        if self.record_id != self.derived_id() {
            return fail("its content was changed after it was written (the id does not fit)".to_owned());
        }
        if self.ai_use != AiUse::of(&self.parts, &self.mastering) {
            return fail("its summary of AI use contradicts its parts and moves".to_owned());
        }
        if self.statement != describe::statement(self) {
            return fail("its statement contradicts its content".to_owned());
        }
        types::check_parts(&self.parts)?;
        types::check_moves(&self.mastering)?;
        types::check_humans(&self.humans)?;
        types::check_influences(&self.influences)?;
        if let Some(output) = &self.output {
            types::check_output(output)?;
        }
        if let Some(loudness) = &self.loudness {
            types::check_loudness(loudness)?;
        }
        for origin in self.origins() {
            if let Origin::Trained(model) = origin {
                let known = self.models.iter().any(|m| m.reference() == *model);
                if !known {
                    return fail(format!("model {} {} is used but not described", model.name, model.version));
                }
            }
        }
        for (name, sum) in
            self.inputs.iter().map(|i| (&i.name, &i.sha256)).chain(self.models.iter().map(|m| (&m.name, &m.sha256)))
        {
            if !hash::is_sha256_hex(sum) {
                return fail(format!("'{name}' has no proper SHA-256"));
            }
        }
        Ok(())
    }

    /// Every origin named by parts and moves.
    pub fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.parts.iter().flat_map(|p| p.origins.iter()).chain(self.mastering.iter().map(|m| &m.origin))
    }
}
