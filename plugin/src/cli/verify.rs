//! `continuo verify`.

use super::help::Topic;
use super::{CliError, args, say};
use continuo_provenance::verify;
use lexopt::Arg;

/// Runs the command with what follows its name.
pub fn run(mut parser: lexopt::Parser) -> Result<(), CliError> {
    let topic = Topic::Verify;
    let (mut file, mut json) = (None, false);
    while let Some(arg) = parser.next().map_err(|e| CliError::usage(e, topic))? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return say::text(topic.text()),
            Arg::Long("json") => json = true,
            Arg::Value(value) => args::input(&mut file, value, topic)?,
            other => return Err(CliError::usage(other.unexpected(), topic)),
        }
    }
    let file = args::needed(file, "FILE", topic)?;
    let found = verify(&file)?;
    say::text(&if json { format!("{}\n", found.json()) } else { ended(found.text()) })?;
    if found.verdict.is_intact() && found.problems.is_empty() {
        Ok(())
    } else {
        let why = found.problems.first().cloned().unwrap_or(found.headline);
        Err(CliError::Failed(format!("'{}' does not verify: {why}", file.display())))
    }
}

/// The text with one line end at its end.
fn ended(text: String) -> String {
    format!("{}\n", text.trim_end())
}
