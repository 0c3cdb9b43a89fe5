//! What the C2PA manifest says. The terms are IPTC's digital source types, chosen so:
//!
//! | in the audio | whole file | action |
//! |---|---|---|
//! | a part shaped by a trained model | `compositeWithTrainedAlgorithmicMedia` | the same, with the part's regions |
//! | parts by written rules alone | `algorithmicMedia` | the same, with the part's regions |
//! | accepted mastering moves, no parts | `algorithmicallyEnhanced` | the same, one action per move |
//! | nothing of the kind | `digitalCreation` | – |
//! | a human's change of a part or move | – | `humanEdits` |
//!
//! `algorithmicMedia` for a render with a human melody is a judgement: IPTC means it for media made *purely* by an
//! algorithm. It is used because the other terms would either hide the rules' share or claim a trained model.

use super::identity::Identity;
use crate::clock;
use crate::error::ProvenanceError;
use crate::hash;
use crate::record::{HumanEdit, Input, InputRelation, ModelRecord, MoveRecord, Nature, PartRecord, UseRecordDocument};
use continuo_core::Origin;
use serde_json::{Value, json};
use std::path::Path;

/// Label of the assertion that holds the whole record.
pub const RECORD_LABEL: &str = "org.continuo.use-record";
/// How actions name the file that is the parent.
pub(super) const PARENT_ID: &str = "parent-file";
/// Version of the C2PA specification that the manifest is written to.
const SPEC_VERSION: &str = "2.2.0";

/// Where the audio's history begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inception<'a> {
    /// This run made it (or worked on the one input that the record calls its parent).
    Rendered,
    /// It is a file that is being tagged or was worked on.
    From(&'a Path, Parent<'a>),
}

/// How a parent is told from every other file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Parent<'a> {
    /// By the SHA-256 of the whole file.
    File(&'a str),
    /// By the SHA-256 of its samples, which tagging leaves as they are (and which are hashed anyway).
    Samples(&'a str),
}

impl Parent<'_> {
    /// The hash in words.
    pub(super) fn words(&self) -> String {
        match self {
            Parent::File(sha256) => format!("SHA-256 {sha256}"),
            Parent::Samples(sha256) => format!("SHA-256 of the samples {sha256}"),
        }
    }
}

fn iptc(term: &str) -> String {
    format!("http://cv.iptc.org/newscodes/digitalsourcetype/{term}")
}

/// The IPTC digital source type of a whole file (see the table above).
pub fn source_type(record: &UseRecordDocument) -> String {
    let ai = record.ai_use;
    iptc(if ai.trained_generative {
        "compositeWithTrainedAlgorithmicMedia"
    } else if ai.algorithmic_generative {
        "algorithmicMedia"
    } else if ai.trained_assistive || ai.algorithmic_assistive {
        "algorithmicallyEnhanced"
    } else {
        "digitalCreation"
    })
}

/// A UUID drawn from a text: the same text, the same UUID, in the form of version 4.
fn uuid(text: &str) -> String {
    let h = hash::sha256_hex(text.as_bytes());
    let variant = ["8", "9", "a", "b"][usize::from(h.as_bytes()[16] % 4)];
    format!("{}-{}-4{}-{variant}{}-{}", &h[..8], &h[8..12], &h[13..16], &h[17..20], &h[20..32])
}

fn model_id(model: &ModelRecord) -> String {
    format!("model-{}-{}", model.name, &model.sha256[..12])
}

fn input_id(index: usize) -> String {
    format!("input-{index}")
}

/// The manifest's definition. The parent of a tagged file is not in it; it is added from the file itself.
pub(super) fn definition(
    record: &UseRecordDocument,
    identity: &Identity,
    inception: Inception<'_>,
) -> Result<Value, ProvenanceError> {
    let tagged = match inception {
        Inception::Rendered => String::new(),
        Inception::From(_, parent) => parent.words(),
    };
    let unique = format!("{} {} {tagged}", record.digest(), identity.fingerprint());
    let record_value: Value =
        serde_json::from_str(&record.to_json()).map_err(|e| ProvenanceError::Record(e.to_string()))?;
    let mining = json!({ "use": record.training_mining.word() });
    Ok(json!({
        "claim_version": 2,
        "claim_generator_info": [{
            "name": record.product.name, "version": record.product.version, "specVersion": SPEC_VERSION
        }],
        "title": format!("{} render, record {}", record.product.name, record.record_id),
        "format": "audio/wav",
        "instance_id": format!("xmp:iid:{}", uuid(&format!("instance {unique}"))),
        "ingredients": ingredients(record, inception),
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "created": true,
                "data": { "actions": actions(record, inception)?, "allActionsIncluded": true }
            },
            {
                "label": "cawg.training-mining",
                "created": true,
                "data": { "entries": {
                    "cawg.ai_generative_training": mining, "cawg.ai_inference": mining,
                    "cawg.ai_training": mining, "cawg.data_mining": mining
                } }
            },
            { "label": RECORD_LABEL, "created": true, "kind": "Json", "data": record_value }
        ]
    }))
}

/// How an input stands in this manifest; `None` for the file itself that is the parent. There is one parent, and what else the
/// record calls so is part of it.
fn relation(input: &Input, inception: Inception<'_>) -> Option<&'static str> {
    match (input.relation, inception) {
        (_, Inception::From(_, Parent::File(sha256))) if input.sha256 == sha256 => None,
        (InputRelation::InputTo, _) => Some("inputTo"),
        (InputRelation::ParentOf, Inception::Rendered) => Some("parentOf"),
        _ => Some("componentOf"),
    }
}

fn ingredients(record: &UseRecordDocument, inception: Inception<'_>) -> Vec<Value> {
    let mut out = Vec::new();
    for (index, input) in record.inputs.iter().enumerate() {
        let Some(relationship) = relation(input, inception) else { continue };
        out.push(json!({
            "title": input.name,
            "format": input.media_type,
            "relationship": relationship,
            "label": input_id(index),
            "instance_id": format!("xmp:iid:{}", uuid(&format!("input {index} {}", input.sha256))),
            "description": format!("SHA-256 {}", input.sha256)
        }));
    }
    for model in &record.models {
        out.push(json!({
            "title": format!("{} {}", model.name, model.version),
            "format": "application/octet-stream",
            "relationship": "inputTo",
            "label": model_id(model),
            "instance_id": format!("xmp:iid:{}", uuid(&format!("model {}", model.sha256))),
            "description": format!("SHA-256 {}. {}", model.sha256, model.card),
            "data_types": [{ "type": "c2pa.types.model.onnx" }]
        }));
    }
    out
}

fn actions(record: &UseRecordDocument, inception: Inception<'_>) -> Result<Vec<Value>, ProvenanceError> {
    let agent = json!({ "name": record.product.name, "version": record.product.version });
    let of = |wanted: &str| -> Vec<String> {
        let matching = record.inputs.iter().enumerate().filter(|(_, i)| relation(i, inception) == Some(wanted));
        matching.map(|(index, _)| input_id(index)).collect()
    };
    let mut parents = of("parentOf");
    if let Inception::From(..) = inception {
        parents.push(PARENT_ID.to_owned());
    }
    let read = of("inputTo");
    let mut first = match parents.len() {
        0 => json!({ "action": "c2pa.created", "digitalSourceType": source_type(record) }),
        1 => json!({ "action": "c2pa.opened", "parameters": { "ingredientIds": parents } }),
        _ => {
            return Err(ProvenanceError::Record(
                "more than one input is called the parent of the audio; name one parent and call the others components"
                    .to_owned(),
            ));
        }
    };
    if parents.is_empty() && !read.is_empty() {
        first["parameters"] = json!({ "ingredientIds": read });
    }
    first["softwareAgent"] = agent.clone();
    first["description"] = json!(record.statement);
    if let Some(ms) = record.made_at_unix_ms {
        first["when"] = json!(clock::rfc3339(ms));
    }
    let mut out = vec![first];
    for component in of("componentOf") {
        out.push(json!({ "action": "c2pa.placed", "parameters": { "ingredientIds": [component] } }));
    }
    for part in &record.parts {
        out.push(with_agent(part_action(record, part)?, &agent));
        out.extend(part.human_edits.iter().map(|e| human_action(e, &part.role)));
    }
    for m in &record.mastering {
        out.push(with_agent(move_action(record, m)?, &agent));
        out.extend(m.human_edits.iter().map(|e| human_action(e, &m.id)));
    }
    Ok(out)
}

fn with_agent(mut action: Value, agent: &Value) -> Value {
    action["softwareAgent"] = agent.clone();
    action
}

fn to_value(what: &impl serde::Serialize) -> Result<Value, ProvenanceError> {
    // Through the text, so that a 32-bit number keeps its short form.
    let text = serde_json::to_string(what).map_err(|e| ProvenanceError::Record(e.to_string()))?;
    serde_json::from_str(&text).map_err(|e| ProvenanceError::Record(e.to_string()))
}

fn models_of<'a>(record: &'a UseRecordDocument, origins: &'a [Origin]) -> Vec<String> {
    let used = record.models.iter().filter(|m| origins.iter().any(|o| *o == Origin::Trained(m.reference())));
    used.map(model_id).collect()
}

fn part_action(record: &UseRecordDocument, part: &PartRecord) -> Result<Value, ProvenanceError> {
    let (term, words) = match part.nature {
        Nature::Trained => {
            ("compositeWithTrainedAlgorithmicMedia", "generated with a trained model, accepted by a human")
        }
        Nature::Algorithmic => {
            ("algorithmicMedia", "made by written rules without a trained model, accepted by a human")
        }
    };
    let changes: Vec<Value> = part
        .regions
        .iter()
        .map(|r| {
            let time = json!({ "type": "npt", "start": format!("{:.6}", r.start_s), "end": format!("{:.6}", r.end_s) });
            json!({ "region": [{ "type": "temporal", "time": time }], "description": part.role })
        })
        .collect();
    let mut action = json!({
        "action": "c2pa.edited",
        "digitalSourceType": iptc(term),
        "description": format!("{}: {words}", part.role),
        "changes": changes,
        "parameters": { "org.continuo.use": to_value(part)? }
    });
    finish(&mut action, models_of(record, &part.origins), part.gesture.at_unix_ms);
    Ok(action)
}

fn move_action(record: &UseRecordDocument, m: &MoveRecord) -> Result<Value, ProvenanceError> {
    let by = if m.origin.is_trained() { "suggested by a trained model" } else { "computed by rule" };
    let mut action = json!({
        "action": "c2pa.edited",
        "digitalSourceType": iptc("algorithmicallyEnhanced"),
        "description": format!("mastering {}: {:+.2} {}, {by}, accepted by a human", m.id, m.amount, m.unit.symbol()),
        "parameters": { "org.continuo.use": to_value(m)? }
    });
    finish(&mut action, models_of(record, std::slice::from_ref(&m.origin)), m.gesture.at_unix_ms);
    Ok(action)
}

fn finish(action: &mut Value, models: Vec<String>, at_unix_ms: Option<u64>) {
    if !models.is_empty() {
        action["parameters"]["ingredientIds"] = json!(models);
    }
    if let Some(ms) = at_unix_ms {
        action["when"] = json!(clock::rfc3339(ms));
    }
}

fn human_action(edit: &HumanEdit, what: &str) -> Value {
    let mut action = json!({
        "action": "c2pa.edited",
        "digitalSourceType": iptc("humanEdits"),
        "description": format!("{what}: changed by a human: {}", edit.what)
    });
    if let Some(ms) = edit.at_unix_ms {
        action["when"] = json!(clock::rfc3339(ms));
    }
    action
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_the_form_of_version_4_and_follows_its_text() {
        let (a, b) = (uuid("a"), uuid("b"));
        assert_eq!(a, uuid("a"));
        assert_ne!(a, b);
        for id in [a, b] {
            assert_eq!(id.len(), 36);
            assert_eq!(id.as_bytes()[14], b'4');
            assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        }
    }
}
