//! Tagged files on their way out: written beside their places with their sidecars, moved there with everything else.

use super::CliError;
use crate::files::outbox::Outbox;
use continuo_provenance::{Audio, Format, Identity, UseRecordDocument, Written, sidecar, tag_file, write_tagged_wav};
use std::path::Path;

/// Stages a WAV file with its record and its sidecar.
pub fn wav(
    outbox: &mut Outbox,
    target: &Path,
    audio: &Audio,
    record: &UseRecordDocument,
    identity: &Identity,
) -> Result<Written, CliError> {
    let temporary = outbox.stage(target)?;
    let written = write_tagged_wav(&temporary, audio, Format::Pcm24, record, identity)?;
    outbox.adopt(&written.sidecar, &sidecar::path_of(target));
    Ok(written)
}

/// Stages a copy of `input` with `record` in it and its sidecar.
pub fn tagged(
    outbox: &mut Outbox,
    input: &Path,
    target: &Path,
    record: &UseRecordDocument,
    identity: &Identity,
) -> Result<Written, CliError> {
    let temporary = outbox.stage(target)?;
    let written = tag_file(input, &temporary, record, identity)?;
    outbox.adopt(&written.sidecar, &sidecar::path_of(target));
    Ok(written)
}

/// Stages a JSON report, or keeps it for standard output when `target` is `-`.
pub fn json(outbox: &mut Outbox, target: &Path, report: &serde_json::Value) -> Result<Option<String>, CliError> {
    let text = format!("{report:#}\n");
    if target == Path::new("-") {
        return Ok(Some(text));
    }
    outbox.put(target, text.as_bytes())?;
    Ok(None)
}
