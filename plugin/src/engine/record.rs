//! The record of a render, out of what was accepted.

use super::EngineError;
use super::arrange::Arrangement;
use super::master::Mastered;
use continuo_core::{Part, Song};
use continuo_models::originality::LONGEST_ALLOWED;
use continuo_provenance::record::{HumanContribution, Input, ModelRecord, Originality};
use continuo_provenance::{PartUse, RecordBuilder, UseRecordDocument};

/// Rests up to this long do not end a region: a part is heard on through a bar of rest at a slow tempo.
const GAP_S: f64 = 4.0;

/// What a render was made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Made<'a> {
    /// The human's files.
    pub inputs: &'a [Input],
    /// The song and its accepted arrangement.
    pub arrangement: Option<(&'a Song, &'a Arrangement)>,
    /// The mastering.
    pub mastered: Option<&'a Mastered>,
    /// The models that may have been used.
    pub models: &'a [ModelRecord],
}

/// The record. It is bound to the samples when the file is written.
///
/// # Errors
/// When something is in the render that was not accepted.
pub fn build(made: &Made<'_>) -> Result<UseRecordDocument, EngineError> {
    let mut builder = RecordBuilder::new();
    for input in made.inputs {
        builder = builder.input(input.clone());
    }
    if let Some((song, arrangement)) = made.arrangement {
        let take = &arrangement.take;
        for phrase in &take.phrases {
            // Drums follow no chords, so what made the chords did not make them.
            let harmony = (phrase.part != Part::Drums).then_some(&take.harmony_origin);
            let part = PartUse::of_phrase(phrase, harmony, song, GAP_S).with_controls(take.controls);
            let originality = arrangement.likeness.iter().find(|(p, _)| *p == phrase.part).map(|(_, l)| Originality {
                longest_match_notes: l.longest_notes as u32,
                threshold_notes: LONGEST_ALLOWED as u32,
                work: l.longest_work.as_ref().map(|w| format!("{} ({})", w.title, w.id)),
            });
            builder = builder.part(&arrangement.used, PartUse { originality, ..part })?;
        }
        builder = builder.influences(arrangement.influences.clone());
        builder = builder.human(human("melody", "played or wrote the melody"));
        builder = builder.human(human("arranger", "chose style, parts and seed and accepted the take"));
    }
    if let Some(mastered) = made.mastered {
        for (used, accepted) in &mastered.uses {
            builder = builder.mastering_move(accepted, used.clone())?;
        }
        builder = builder.human(human("mastering", "chose where the master goes and which moves to accept"));
        builder = builder.loudness(mastered.after.for_record());
    }
    for model in made.models {
        builder = builder.model(model.clone());
    }
    Ok(builder.build()?)
}

fn human(role: &str, what: &str) -> HumanContribution {
    HumanContribution { name: None, role: role.to_owned(), what: what.to_owned(), share_percent: None }
}
