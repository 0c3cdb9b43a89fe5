//! What the tests of this crate share: records of every kind, audio, an identity.
#![allow(dead_code, missing_docs)]

pub mod schema;

use continuo_core::mastering::{Move, MoveKind, MoveUnit};
use continuo_core::{
    BarRange, Controls, Gesture, GestureKind, ModelRef, Origin, Rng, Suggestion, SuggestionId, UseRecord,
};
use continuo_provenance::record::{DataSource, HumanContribution, Input, InputRelation, Loudness, ModelRecord, Region};
use continuo_provenance::{Audio, Identity, MoveUse, PartUse, RecordBuilder, UseRecordDocument, sha256_hex};
use std::sync::OnceLock;

/// The kinds of record that matter.
pub const KINDS: [&str; 5] = ["none", "trained", "algorithmic", "mastering", "all"];

pub fn model(name: &str) -> ModelRecord {
    ModelRecord {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        sha256: sha256_hex(name.as_bytes()),
        card: format!("{name} suggests music in the styles of its training works."),
        sources: vec![DataSource {
            name: "Public-domain hymns".to_owned(),
            licence: "CC0-1.0".to_owned(),
            works: 120,
            attribution: "Transcribed by volunteers; \"thank you\" & all.".to_owned(),
        }],
    }
}

pub fn trained(name: &str) -> Origin {
    Origin::Trained(ModelRef {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        sha256: sha256_hex(name.as_bytes()),
    })
}

pub fn accepted(id: u64, origins: Vec<Origin>, at_unix_ms: Option<u64>) -> UseRecord {
    let gesture = Gesture { kind: GestureKind::CommandLine, at_unix_ms };
    Suggestion::offer(SuggestionId(id), origins, u64::MAX - id, ()).accept(gesture).split().1
}

pub fn part(role: &str, origins: Vec<Origin>, regions: &[(f64, f64)]) -> PartUse {
    PartUse {
        role: role.to_owned(),
        origins,
        controls: Some(Controls::default()),
        bars: Some(BarRange { from: 0, to: 4 }),
        regions: regions.iter().filter_map(|&(a, b)| Region::new(a, b)).collect(),
        notes: 12,
        originality: None,
        human_edits: Vec::new(),
    }
}

pub fn presence(origin: Origin) -> Move {
    Move {
        id: "eq.presence".to_owned(),
        what: MoveKind::Eq { band: 5, shape: Default::default(), hz: 3_000.0, q: 0.8 },
        amount: 1.25,
        unit: MoveUnit::Decibels,
        low: 0.4,
        high: 2.1,
        confidence: 0.7,
        reason: "The band is 2 dB under its neighbours.".to_owned(),
        origin,
    }
}

/// A record of one of [`KINDS`].
pub fn record(kind: &str) -> UseRecordDocument {
    let mut builder = RecordBuilder::new().human(HumanContribution {
        name: None,
        role: "composer".to_owned(),
        what: "wrote and played the melody".to_owned(),
        share_percent: None,
    });
    let relation = if kind == "mastering" { InputRelation::ParentOf } else { InputRelation::InputTo };
    builder = builder.input(Input {
        name: "melody <1> & \"more\".mid".to_owned(),
        sha256: sha256_hex(b"melody"),
        media_type: "audio/midi".to_owned(),
        relation,
    });
    if matches!(kind, "trained" | "all") {
        let origins = vec![trained("harmony"), trained("accompanist"), Origin::rule("bass.root")];
        let yes = accepted(7, origins.clone(), None);
        builder = builder.model(model("harmony")).model(model("accompanist"));
        builder = builder.part(&yes, part("keys", origins[..2].to_vec(), &[(0.0, 8.0), (12.5, 16.25)])).unwrap();
        builder =
            builder.part(&yes, part("bass", vec![origins[0].clone(), origins[2].clone()], &[(0.1, 7.9)])).unwrap();
    }
    if matches!(kind, "algorithmic" | "all") {
        let yes = accepted(8, vec![Origin::rule("drums.pattern")], None);
        let mut drums = part("drums", vec![Origin::rule("drums.pattern")], &[(0.0, 16.0)]);
        drums
            .human_edits
            .push(continuo_provenance::record::HumanEdit { what: "took out the ride".into(), at_unix_ms: None });
        builder = builder.part(&yes, drums).unwrap();
    }
    if matches!(kind, "mastering" | "all") {
        let yes = accepted(9, vec![trained("mastering"), Origin::rule("loudness")], Some(1_700_000_000_000));
        builder = builder.model(model("mastering"));
        builder = builder.mastering_move(&yes, MoveUse::as_suggested(presence(trained("mastering")))).unwrap();
        let mut trimmed = MoveUse::as_suggested(Move { id: "drive".into(), ..presence(Origin::rule("loudness")) });
        trimmed.amount = 0.1 + 0.2;
        builder = builder.mastering_move(&yes, trimmed).unwrap();
        builder = builder.loudness(Loudness {
            integrated_lufs: -14.03,
            range_lu: 5.1,
            true_peak_dbtp: -1.02,
            max_momentary_lufs: -9.9,
            max_short_term_lufs: -11.7,
        });
    }
    builder.build().unwrap()
}

/// A short stereo sound, never twice the same for two seeds.
pub fn audio(frames: usize, seed: u64) -> Audio {
    let mut rng = Rng::new(seed, 0);
    let mut channel = || (0..frames).map(|i| (i as f32 * 0.05).sin() * 0.5 + rng.range(-0.1, 0.1) as f32).collect();
    Audio { channels: vec![channel(), channel()], sample_rate: 48_000 }
}

/// One identity for all tests of a process, made in a folder of its own.
pub fn identity() -> &'static Identity {
    static IDENTITY: OnceLock<(tempfile::TempDir, Identity)> = OnceLock::new();
    let (_, identity) = IDENTITY.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let identity = Identity::load_or_create(&dir.path().join("identity")).unwrap();
        (dir, identity)
    });
    identity
}
