//! The signed layer: the C2PA manifest, validated without any network. The library reads untrusted bytes, so it is given a
//! file whose structure this crate has checked, and a panic in it is an answer, not an end.

use super::{Verdict, VerifyOptions};
use crate::record::UseRecordDocument;
use crate::sign::{RECORD_LABEL, settings};
use c2pa::{Context, Reader, ValidationState};
use serde::Serialize;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Who signed, as the certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// Common name in the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Organisation in the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Kind of signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    /// Time of a time stamp authority, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// What wrote the manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software: Option<String>,
}

/// What the manifest said.
pub(super) struct Signed {
    pub verdict: Verdict,
    pub signer: Option<Signer>,
    pub record: Option<UseRecordDocument>,
    pub problems: Vec<String>,
    pub codes: Vec<String>,
}

impl Signed {
    pub fn unreadable(why: String) -> Self {
        let problems = vec![format!("The signed manifest cannot be read: {why}.")];
        Self { verdict: Verdict::Broken, signer: None, record: None, problems, codes: Vec::new() }
    }
}

fn context(options: &VerifyOptions) -> c2pa::Result<Context> {
    let mut settings = settings();
    if let Some(anchors) = &options.trust_anchors_pem {
        settings["trust"] = serde_json::json!({ "trust_anchors": anchors });
    }
    Context::new().with_settings(settings)
}

/// Validates `manifest` against the file it was taken from.
pub(super) fn read_manifest(manifest: &[u8], file: impl Read + Seek + Send, options: &VerifyOptions) -> Signed {
    guarded(|| Reader::from_context(context(options)?).with_manifest_data_and_stream(manifest, "audio/wav", file))
        .unwrap_or_else(|| Signed::unreadable("there is nothing in its chunk".to_owned()))
}

/// Reads and validates the manifest of a file that is no WAV; `None` when there is none.
pub(super) fn read_other(path: &Path, format: &str, options: &VerifyOptions) -> Option<Signed> {
    guarded(|| Reader::from_context(context(options)?).with_stream(format, BufReader::new(File::open(path)?)))
}

fn guarded(read: impl FnOnce() -> c2pa::Result<Reader>) -> Option<Signed> {
    match catch_unwind(AssertUnwindSafe(|| read().map(|reader| conclude(&reader)))) {
        Ok(Ok(signed)) => Some(signed),
        Ok(Err(c2pa::Error::JumbfNotFound)) => None,
        Ok(Err(error)) => Some(Signed::unreadable(error.to_string())),
        Err(_) => Some(Signed::unreadable("it makes the C2PA reader fail".to_owned())),
    }
}

fn conclude(reader: &Reader) -> Signed {
    let verdict = match reader.validation_state() {
        ValidationState::Trusted => Verdict::Trusted,
        ValidationState::Valid => Verdict::IntactSignerUnknown,
        ValidationState::Invalid => Verdict::Broken,
    };
    let mut problems = Vec::new();
    let mut codes = Vec::new();
    for status in reader.validation_results().and_then(|r| r.active_manifest()).into_iter().flat_map(|s| s.failure()) {
        codes.push(status.code().to_owned());
        if let Some(words) = in_words(status.code()) {
            problems.push(words.to_owned());
        }
    }
    if verdict == Verdict::Broken && problems.is_empty() {
        problems.push(format!("The signed manifest is not valid ({}).", codes.join(", ")));
    }
    problems.dedup();
    let Some(manifest) = reader.active_manifest() else {
        return Signed { verdict: Verdict::Broken, signer: None, record: None, problems, codes };
    };
    let signer = manifest.signature_info().map(|info| Signer {
        name: info.common_name.clone(),
        organisation: info.issuer.clone(),
        algorithm: info.alg.map(|a| a.to_string()),
        time: info.time.clone(),
        software: manifest
            .claim_generator_info
            .as_ref()
            .and_then(|list| list.first())
            .map(|info| format!("{} {}", info.name, info.version.as_deref().unwrap_or("")).trim().to_owned()),
    });
    let record = match manifest.find_assertion::<serde_json::Value>(RECORD_LABEL) {
        Ok(value) => match UseRecordDocument::from_json(&value.to_string()) {
            Ok(record) => Some(record),
            Err(error) => {
                problems.push(format!("The manifest holds a record that cannot be used: {error}."));
                None
            }
        },
        Err(_) => None,
    };
    Signed { verdict, signer, record, problems, codes }
}

/// What a failure code of the C2PA specification means. An unknown signer is no problem of the file, and is said elsewhere.
fn in_words(code: &str) -> Option<&'static str> {
    match code {
        "signingCredential.untrusted" => None,
        "assertion.dataHash.mismatch" => Some("The file was changed after it was signed."),
        "assertion.hashedURI.mismatch" | "assertion.missing" => {
            Some("A statement in the signed manifest was changed or removed.")
        }
        "claimSignature.mismatch" | "claimSignature.missing" => Some("The signature does not fit the manifest."),
        "signingCredential.expired" => Some("The signer's certificate had expired or was not yet valid."),
        "signingCredential.invalid" => Some("The signer's certificate is not fit for signing media."),
        "claim.hardBindings.missing" => Some("The manifest is not tied to any audio."),
        _ => Some("The signed manifest is damaged or breaks the rules of C2PA (see the codes)."),
    }
}
