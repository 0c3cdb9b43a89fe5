//! Over many random sessions: every accepted and audible thing is in the record with role, origin, hash and decision; nothing
//! that was not accepted is; no trained model is named where none was used; and the schema holds.
mod common;

use common::*;
use continuo_core::{Origin, Rng, UseRecord};
use continuo_provenance::record::{HumanEdit, Nature, Output};
use continuo_provenance::*;
use std::path::Path;

fn schema() -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/use-record-1.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

const ROLES: [&str; 5] = ["keys", "bass", "drums", "strings", "harmony"];
const MODELS: [&str; 3] = ["harmony", "accompanist", "mastering"];

fn origins(rng: &mut Rng) -> Vec<Origin> {
    let mut out = Vec::new();
    for name in MODELS {
        if rng.chance(0.3) {
            out.push(trained(name));
        }
    }
    if out.is_empty() || rng.chance(0.5) {
        out.push(Origin::rule(&format!("rule.{}", rng.below(4))));
    }
    out
}

struct Offer {
    role: String,
    origins: Vec<Origin>,
    accepted: Option<UseRecord>,
    audible: bool,
    is_move: bool,
}

fn session(rng: &mut Rng, first_id: u64) -> (Vec<Offer>, UseRecordDocument, Ledger) {
    let mut ledger = Ledger::with_bound(64);
    let mut builder = RecordBuilder::new();
    for name in MODELS {
        builder = builder.model(model(name));
    }
    let mut offers = Vec::new();
    for index in 0..rng.below(12) as u64 {
        let id = first_id + index;
        let (origins, is_move) = (origins(rng), rng.chance(0.3));
        let suggestion_origins = origins.clone();
        ledger.offered(continuo_core::SuggestionId(id), &suggestion_origins, id, OfferContext::default(), None);
        let yes = rng.chance(0.5).then(|| accepted(id, origins.clone(), None));
        let offer = Offer {
            role: ROLES[rng.below(ROLES.len())].to_owned(),
            origins: if is_move { vec![origins[0].clone()] } else { origins },
            accepted: yes,
            audible: is_move || rng.chance(0.7),
            is_move,
        };
        match &offer.accepted {
            Some(record) => {
                ledger.accepted(record);
                if offer.is_move {
                    let mut used = MoveUse::as_suggested(presence(offer.origins[0].clone()));
                    used.suggested.id = format!("move.{id}");
                    used.amount = rng.range(-6.0, 6.0);
                    builder = builder.mastering_move(record, used).unwrap();
                } else {
                    let from = rng.range(0.0, 60.0);
                    let heard: Vec<(f64, f64)> =
                        if offer.audible { vec![(from, from + rng.range(0.1, 30.0))] } else { vec![] };
                    let mut used = part(&offer.role, offer.origins.clone(), &heard);
                    if rng.chance(0.3) {
                        used.human_edits.push(HumanEdit { what: "moved a note".into(), at_unix_ms: None });
                    }
                    builder = builder.part(record, used).unwrap();
                }
            }
            None => ledger.rejected(continuo_core::SuggestionId(id), None),
        }
        offers.push(offer);
    }
    let record = builder.ledger(&ledger).build().unwrap();
    (offers, record, ledger)
}

#[test]
fn two_thousand_random_sessions() {
    let schema = schema();
    let mut rng = Rng::new(2_026, 0);
    let (mut without_trained, mut with_trained) = (0, 0);
    for trial in 0..2_000u64 {
        let (offers, record, ledger) = session(&mut rng, trial * 100);
        ledger.verify_chain().unwrap();
        assert_eq!(record.ledger_head.as_deref(), Some(ledger.head()));
        let stated: Vec<&str> = record
            .parts
            .iter()
            .map(|p| p.suggestion.as_str())
            .chain(record.mastering.iter().map(|m| m.suggestion.as_str()))
            .collect();
        let expected: Vec<&Offer> = offers.iter().filter(|o| o.accepted.is_some() && o.audible).collect();
        assert_eq!(stated.len(), expected.len(), "trial {trial}");
        for offer in expected {
            let id = offer.accepted.as_ref().unwrap().id().0.to_string();
            assert!(stated.contains(&id.as_str()));
            if offer.is_move {
                let m = record.mastering.iter().find(|m| m.suggestion == id).unwrap();
                assert_eq!(m.origin, offer.origins[0]);
            } else {
                let p = record.parts.iter().find(|p| p.suggestion == id).unwrap();
                assert_eq!((&p.role, &p.origins), (&offer.role, &offer.origins));
                assert!(!p.regions.is_empty());
                assert_eq!(p.nature == Nature::Trained, offer.origins.iter().any(Origin::is_trained));
            }
        }
        // Every model named is described, and no other.
        for model in &record.models {
            assert!(record.origins().any(|o| *o == Origin::Trained(model.reference())));
        }
        let text = record.to_json();
        if record.ai_use.any_trained() {
            with_trained += 1;
        } else {
            without_trained += 1;
            assert!(record.models.is_empty() && !text.contains("\"kind\":\"trained\""));
        }
        let source = sign::source_type(&record);
        assert_eq!(source.contains("TrainedAlgorithmicMedia"), record.has_trained_generative());
        assert_eq!(source.ends_with("digitalCreation"), record.parts.is_empty() && record.mastering.is_empty());
        // Through its text, and through a JSON value as the manifest does it, the record stays the same.
        assert_eq!(UseRecordDocument::from_json(&text).unwrap(), record);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(UseRecordDocument::from_json(&value.to_string()).unwrap(), record);
        let bound = record.for_output(Output {
            pcm_sha256: sha256_hex(&trial.to_le_bytes()),
            sample_rate_hz: 48_000,
            channels: 2,
            frames: trial,
            sample_format: "pcm24".into(),
            binding: Default::default(),
        });
        let value: serde_json::Value = serde_json::from_str(&bound.to_json()).unwrap();
        assert_eq!(common::schema::errors(&schema, &value), Vec::<String>::new(), "trial {trial}");
    }
    assert!(without_trained > 100 && with_trained > 100, "{without_trained} {with_trained}");
}

#[test]
fn what_was_not_accepted_cannot_be_put_in() {
    let yes = accepted(1, vec![Origin::rule("drums.pattern")], None);
    let error = RecordBuilder::new().part(&yes, part("keys", vec![trained("accompanist")], &[(0.0, 1.0)])).unwrap_err();
    assert!(error.to_string().contains("only what was accepted"), "{error}");
    let error =
        RecordBuilder::new().mastering_move(&yes, MoveUse::as_suggested(presence(trained("mastering")))).unwrap_err();
    assert!(error.to_string().contains("eq.presence"), "{error}");
    // A model that is used has to be described.
    let yes = accepted(1, vec![trained("accompanist")], None);
    let builder = RecordBuilder::new().part(&yes, part("keys", vec![trained("accompanist")], &[(0.0, 1.0)])).unwrap();
    assert!(builder.build().unwrap_err().to_string().contains("not described"));
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let schema = schema();
    for kind in KINDS {
        let good: serde_json::Value = serde_json::from_str(&record(kind).to_json()).unwrap();
        assert_eq!(common::schema::errors(&schema, &good), Vec::<String>::new(), "{kind}");
        for (field, value) in [
            ("schema_version", serde_json::json!(2)),
            ("schema", serde_json::json!("other")),
            ("record_id", serde_json::json!("cr1-x")),
            ("parts", serde_json::json!("none")),
            ("training_mining", serde_json::json!("maybe")),
            ("unknown_field", serde_json::json!(1)),
        ] {
            let mut bad = good.clone();
            bad[field] = value;
            assert!(!common::schema::errors(&schema, &bad).is_empty(), "{kind}: {field}");
            assert!(UseRecordDocument::from_json(&bad.to_string()).is_err(), "{kind}: {field}");
        }
    }
}
