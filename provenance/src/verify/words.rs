//! A verification in words.

use super::{Verdict, Verification};

/// The answer in a sentence.
pub(super) fn headline(v: &Verification) -> String {
    let who = v.signer.as_ref().and_then(|s| s.name.as_deref()).unwrap_or("somebody without a name");
    match v.verdict {
        Verdict::Trusted => {
            format!("Trusted: the file is as it was signed, by {who}, whom the trust list vouches for.")
        }
        Verdict::IntactSignerUnknown => {
            format!(
                "Intact: the file is as it was signed, by {who}. The signer is not on a public list, so who that is cannot be checked here."
            )
        }
        Verdict::Broken => {
            "Broken: the file or its record was changed, and what it says of itself cannot be relied on.".to_owned()
        }
        Verdict::Absent => {
            "No signed record: nothing in this file says, with a signature, what AI did or did not do.".to_owned()
        }
    }
}

/// The whole answer.
pub(super) fn text(v: &Verification) -> String {
    let mut out = format!("{}\n", v.headline);
    for problem in &v.problems {
        out.push_str(&format!("  ! {problem}\n"));
    }
    if let Some(record) = &v.record {
        let word = if v.record_is_signed { "signed" } else { "NOT vouched for by an intact signature" };
        out.push_str(&format!("\nRecord {} ({word}):\n", record.record_id));
        v.statements.iter().for_each(|s| out.push_str(&format!("  {s}\n")));
        out.push_str(&format!("  Training on this file: {}.\n", record.training_mining.word()));
    }
    out.push_str("\nLayers:\n");
    for layer in &v.layers {
        let word = match (layer.present, layer.agrees) {
            (false, _) => "nothing",
            (true, Some(true)) => "the same record",
            (true, Some(false)) => "ANOTHER record",
            (true, None) => "a record",
        };
        out.push_str(&format!("  {:<8} {word}\n", layer.name));
    }
    if let Some(signer) = &v.signer {
        let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "not given".to_owned());
        out.push_str(&format!(
            "\nSigned by {} ({}), {}, with {}; time stamp: {}.\n",
            or(&signer.name),
            or(&signer.organisation),
            or(&signer.algorithm),
            or(&signer.software),
            or(&signer.time)
        ));
    }
    out
}
