//! The rules of the public C2PA conformance rubric that a file of ours can be held against, by name, for every kind of record.
mod common;

use common::*;
use continuo_provenance::*;
use serde_json::Value;

fn manifest(kind: &str) -> (Value, Value) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.wav");
    write_tagged_wav(&path, &audio(800, 1), Format::Pcm24, &record(kind), identity()).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    let reader = c2pa::Reader::from_context(c2pa::Context::new()).with_stream("audio/wav", file).unwrap();
    assert_eq!(reader.validation_state(), c2pa::ValidationState::Valid);
    let codes: Vec<&str> =
        reader.validation_results().unwrap().active_manifest().unwrap().failure().iter().map(|s| s.code()).collect();
    assert_eq!(codes, ["signingCredential.untrusted"]);
    let store: Value = serde_json::from_str(&reader.json()).unwrap();
    let detailed: Value = serde_json::from_str(&reader.detailed_json()).unwrap();
    let label = store["active_manifest"].as_str().unwrap().to_owned();
    (store["manifests"][&label].clone(), detailed["manifests"][&label].clone())
}

fn assertion<'a>(manifest: &'a Value, label: &str) -> &'a Value {
    let all = manifest["assertions"].as_array().unwrap();
    all.iter().find(|a| a["label"] == label).unwrap_or_else(|| panic!("no {label} in {all:#?}"))
}

#[test]
fn the_rules_hold_for_every_kind_of_record() {
    for kind in KINDS {
        let (manifest, detailed) = manifest(kind);
        let actions = assertion(&manifest, "c2pa.actions.v2");
        // Rule "claim.v2": the claim is of version 2 and names its generator with the version of the specification.
        assert_eq!(manifest["claim_version"], 2, "{kind}");
        let generator = &manifest["claim_generator_info"][0];
        assert_eq!((&generator["name"], &generator["specVersion"]), (&"Continuo".into(), &"2.2.0".into()), "{kind}");
        // Rule "created flag": the actions are the signer's own statement.
        assert_eq!(actions["created"], true, "{kind}");
        let created = detailed["claim"]["created_assertions"].as_array().unwrap();
        let listed = |label: &str| created.iter().any(|a| a["url"].as_str().unwrap().contains(label));
        for label in ["c2pa.actions.v2", "c2pa.hash.data", "cawg.training-mining", "org.continuo.use-record"] {
            assert!(listed(label), "{kind}: {label} is not among the created assertions: {created:#?}");
        }
        // Rule "allActionsIncluded": the list of actions is complete, and says so.
        assert_eq!(actions["data"]["allActionsIncluded"], true, "{kind}");
        // Rule "inception": the first action, and no other, is c2pa.created with a source type, or c2pa.opened with a parent.
        let list = actions["data"]["actions"].as_array().unwrap();
        let inceptions = list.iter().filter(|a| a["action"] == "c2pa.created" || a["action"] == "c2pa.opened").count();
        assert_eq!(inceptions, 1, "{kind}");
        match list[0]["action"].as_str().unwrap() {
            "c2pa.created" => {
                assert!(list[0]["digitalSourceType"].as_str().unwrap().starts_with("http://cv.iptc.org/"))
            }
            "c2pa.opened" => assert_eq!(list[0]["parameters"]["ingredients"].as_array().unwrap().len(), 1),
            other => panic!("{kind}: begins with {other}"),
        }
        // Rule "source types": trained, algorithmic, assistive and human stay apart.
        let count = |term: &str| {
            list.iter().skip(1).filter(|a| a["digitalSourceType"].as_str().is_some_and(|t| t.ends_with(term))).count()
        };
        let expected = match kind {
            "none" => [0, 0, 0, 0],
            "trained" => [2, 0, 0, 0],
            "algorithmic" => [0, 1, 0, 1],
            "mastering" => [0, 0, 2, 0],
            _ => [2, 1, 2, 1],
        };
        let found =
            ["/compositeWithTrainedAlgorithmicMedia", "/algorithmicMedia", "/algorithmicallyEnhanced", "/humanEdits"]
                .map(count);
        assert_eq!(found, expected, "{kind}");
        // Rule "regions": a generated part says where it is heard.
        for action in list.iter().filter(|a| a["description"].as_str().is_some_and(|d| d.starts_with("keys:"))) {
            let changes = action["changes"].as_array().unwrap();
            assert_eq!(changes.len(), 2);
            assert_eq!(changes[1]["region"][0]["time"]["start"], "12.500000");
        }
        // Rule "models": each is an inputTo ingredient of a model type with its SHA-256, tied to the actions it took part in.
        let ingredients = manifest["ingredients"].as_array().unwrap();
        for model in &record(kind).models {
            let wanted = format!("SHA-256 {}", model.sha256);
            let found =
                ingredients.iter().find(|i| i["description"].as_str().is_some_and(|d| d.starts_with(&wanted))).unwrap();
            assert_eq!(found["relationship"], "inputTo");
            assert_eq!(found["data_types"][0]["type"], "c2pa.types.model.onnx");
        }
        for action in list.iter().filter(|a| a["parameters"]["org.continuo.use"]["nature"] == "trained") {
            assert!(!action["parameters"]["ingredients"].as_array().unwrap().is_empty());
        }
        // Rule "training and data mining": the human's choice stands in it.
        let mining = assertion(&manifest, "cawg.training-mining");
        assert_eq!(mining["data"]["entries"]["cawg.ai_generative_training"]["use"], "notAllowed");
        // The record itself is there, whole.
        let ours = assertion(&manifest, "org.continuo.use-record");
        assert!(UseRecordDocument::from_json(&ours["data"].to_string()).is_ok());
        // Rule "signature": no personal field, an algorithm of the specification's list.
        assert_eq!(manifest["signature_info"]["alg"], "Es256");
        assert_eq!(manifest["signature_info"]["issuer"], "Continuo (local identity)");
        // Rule "hard binding": one data hash over everything but the manifest.
        let hash = &detailed["assertion_store"]["c2pa.hash.data"];
        assert_eq!(hash["exclusions"].as_array().unwrap().len(), 1, "{kind}: {hash}");
    }
}
