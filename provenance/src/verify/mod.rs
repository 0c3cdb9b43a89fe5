//! Reads every layer of a file, from anybody, and says in plain words what can be relied on.

mod signed;
mod words;

use crate::carriers::{Imported, Mark, PlainMarks};
use crate::error::ProvenanceError;
use crate::record::UseRecordDocument;
use crate::sidecar;
use crate::wav::WavFile;
use serde::Serialize;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

pub use signed::Signer;

/// The answer in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Intact, and the signer is on a list that the caller trusts.
    Trusted,
    /// Intact; the signer is not on a public list. The normal answer for a file signed on its maker's own machine.
    IntactSignerUnknown,
    /// There is a record or signature, and it does not fit the file.
    Broken,
    /// There is no signed record.
    Absent,
}

impl Verdict {
    /// True when the content is what was signed.
    pub fn is_intact(self) -> bool {
        matches!(self, Verdict::Trusted | Verdict::IntactSignerUnknown)
    }
}

/// One place where a record can stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// `c2pa`, `bext`, `info`, `ixml`, `xmp` or `sidecar`.
    pub name: &'static str,
    /// True when it names a record.
    pub present: bool,
    /// Id of the record it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    /// Digest of the record it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Whether that is the record this answer is about; absent when there is nothing to compare.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agrees: Option<bool>,
}

/// Everything that was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verification {
    /// The answer.
    pub verdict: Verdict,
    /// The answer in a sentence.
    pub headline: String,
    /// Who signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<Signer>,
    /// The record: the signed one; without one, the sidecar's, which is nobody's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<UseRecordDocument>,
    /// True when the record comes out of an intact signed manifest.
    pub record_is_signed: bool,
    /// Who did what, one sentence each.
    pub statements: Vec<String>,
    /// What does not fit, one sentence each; empty when all is well.
    pub problems: Vec<String>,
    /// Each layer.
    pub layers: Vec<Layer>,
    /// SHA-256 of the samples, for WAV files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pcm_sha256: Option<String>,
    /// Status codes of the C2PA validation that are not plain success, for experts.
    pub codes: Vec<String>,
}

impl Verification {
    /// The whole answer as text for a terminal.
    pub fn text(&self) -> String {
        words::text(self)
    }

    /// The whole answer as indented JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// Whom to trust.
#[derive(Clone, Debug, Default)]
pub struct VerifyOptions {
    /// Root certificates as PEM, for instance a public trust list that the user fetched, or a colleague's root.
    pub trust_anchors_pem: Option<String>,
}

/// Verifies a file against no list of signers: the best answer is then [`Verdict::IntactSignerUnknown`].
///
/// # Errors
/// When the file cannot be opened or is empty. A damaged file is no error but the answer [`Verdict::Broken`].
pub fn verify(path: &Path) -> Result<Verification, ProvenanceError> {
    verify_with(path, &VerifyOptions::default())
}

/// Verifies a file against a list of signers.
///
/// # Errors
/// As [`verify`].
pub fn verify_with(path: &Path, options: &VerifyOptions) -> Result<Verification, ProvenanceError> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(ProvenanceError::io("open", path))?;
    file.take(12).read_to_end(&mut head).map_err(ProvenanceError::io("read", path))?;
    if head.is_empty() {
        return Err(ProvenanceError::Unsupported(format!(
            "'{}' is empty (0 bytes); there is nothing to verify",
            path.display()
        )));
    }
    let mut found = Found::default();
    if head.starts_with(b"RIFF") {
        found.read_wav(path, options);
    } else if let Some(format) = format_of(path) {
        found.signed = signed::read_other(path, format, options);
    }
    match sidecar::read(path) {
        Ok(record) => found.sidecar = record,
        Err(error) => found.problems.push(format!("The sidecar cannot be used: {error}.")),
    }
    Ok(found.conclude())
}

/// Kinds of file, other than WAV, whose manifest the C2PA library reads.
fn format_of(path: &Path) -> Option<&'static str> {
    match path.extension()?.to_string_lossy().to_ascii_lowercase().as_str() {
        "flac" => Some("audio/flac"),
        "mp3" => Some("audio/mpeg"),
        "m4a" | "mp4" => Some("audio/mp4"),
        _ => None,
    }
}

/// What the layers said.
#[derive(Default)]
struct Found {
    signed: Option<signed::Signed>,
    plain: PlainMarks,
    sidecar: Option<UseRecordDocument>,
    pcm_sha256: Option<String>,
    damaged: bool,
    problems: Vec<String>,
}

impl Found {
    fn read_wav(&mut self, path: &Path, options: &VerifyOptions) {
        let mut file = match WavFile::open(path) {
            Ok(file) => file,
            Err(error) => {
                self.damaged = true;
                self.problems.push(format!("The file is damaged: {error}."));
                return;
            }
        };
        if file.trailing_bytes() > 0 {
            self.problems.push(format!("{} bytes stand after the end of the WAV file.", file.trailing_bytes()));
        }
        match Imported::read(&mut file) {
            Ok(tags) => self.plain = tags.marks(),
            Err(error) => self.problems.push(format!("The plain tags are damaged: {error}.")),
        }
        match file.pcm_sha256() {
            Ok(sum) => self.pcm_sha256 = Some(sum),
            Err(error) => self.problems.push(format!("The samples cannot be read: {error}.")),
        }
        self.signed = match file.single(b"C2PA") {
            Ok(Some(chunk)) => Some(match file.content(&chunk) {
                Ok(manifest) => signed::read_manifest(&manifest, file.into_inner(), options),
                Err(error) => signed::Signed::unreadable(error.to_string()),
            }),
            Ok(None) => None,
            Err(error) => Some(signed::Signed::unreadable(error.to_string())),
        };
    }

    fn conclude(mut self) -> Verification {
        let (mut signer, mut codes, mut verdict) = (None, Vec::new(), Verdict::Absent);
        let mut signed_record = None;
        if let Some(signed) = self.signed.take() {
            verdict = signed.verdict;
            (signer, codes) = (signed.signer, signed.codes);
            self.problems.extend(signed.problems);
            signed_record = signed.record;
        }
        let record_is_signed = signed_record.is_some() && verdict.is_intact();
        let named_somewhere = self.plain != PlainMarks::default() || self.sidecar.is_some();
        if verdict == Verdict::Absent && (self.damaged || named_somewhere) {
            verdict = if self.damaged { Verdict::Broken } else { Verdict::Absent };
            if named_somewhere {
                self.problems.push(
                    "The plain tags or the sidecar name a record, but the signed manifest is gone: they are nobody's word.".to_owned(),
                );
            }
        }
        let signed_mark = signed_record.as_ref().map(Mark::of);
        let sidecar_mark = self.sidecar.as_ref().map(Mark::of);
        let record = signed_record.or(self.sidecar.take());
        let reference = record.as_ref().map(Mark::of);
        let layer = |name, mark: Option<Mark>| Layer {
            name,
            present: mark.is_some(),
            agrees: mark.as_ref().zip(reference.as_ref()).map(|(a, b)| a == b),
            record_id: mark.as_ref().map(|m| m.record_id.clone()),
            digest: mark.map(|m| m.digest),
        };
        let plain = self.plain;
        let layers = vec![
            layer("c2pa", signed_mark),
            layer("bext", plain.bext),
            layer("info", plain.info),
            layer("ixml", plain.ixml),
            layer("xmp", plain.xmp),
            layer("sidecar", sidecar_mark),
        ];
        for l in layers.iter().filter(|l| l.agrees == Some(false)) {
            self.problems.push(format!(
                "The {} names another record ({}).",
                l.name,
                l.record_id.as_deref().unwrap_or("?")
            ));
        }
        let stated = record.as_ref().and_then(|r| r.output.as_ref()).map(|o| &o.pcm_sha256);
        if self.pcm_sha256.is_some() && stated.is_some() && self.pcm_sha256.as_ref() != stated {
            self.problems.push("The samples are not those that the record is about.".to_owned());
            if record_is_signed || verdict == Verdict::Absent {
                verdict = Verdict::Broken;
            }
        }
        let statements = record.as_ref().map(UseRecordDocument::sentences).unwrap_or_default();
        let mut out = Verification {
            verdict,
            headline: String::new(),
            signer,
            record,
            record_is_signed: record_is_signed && verdict.is_intact(),
            statements,
            problems: self.problems,
            layers,
            pcm_sha256: self.pcm_sha256,
            codes,
        };
        out.headline = words::headline(&out);
        out
    }
}
