//! `continuo credits`.

use super::help::Topic;
use super::{CliError, args, say};
use crate::files::outbox::Outbox;
use continuo_provenance::{credits, verify};
use lexopt::Arg;

/// Runs the command with what follows its name.
pub fn run(mut parser: lexopt::Parser) -> Result<(), CliError> {
    let topic = Topic::Credits;
    let (mut file, mut csv) = (None, None);
    while let Some(arg) = parser.next().map_err(|e| CliError::usage(e, topic))? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return say::text(topic.text()),
            Arg::Long("csv") => csv = Some(args::path(&mut parser, topic)?),
            Arg::Value(value) => args::input(&mut file, value, topic)?,
            other => return Err(CliError::usage(other.unexpected(), topic)),
        }
    }
    let file = args::needed(file, "FILE", topic)?;
    let found = verify(&file)?;
    let Some(record) = &found.record else {
        return Err(CliError::Failed(format!(
            "'{}' has no record of AI use, so there is nothing to credit; tag it first with: continuo tag",
            file.display()
        )));
    };
    let credits = credits(record);
    if let Some(csv) = csv {
        let mut outbox = Outbox::new();
        outbox.put(&csv, credits.csv().as_bytes())?;
        outbox.commit()?;
    }
    say::text(&credits.text())?;
    if !found.verdict.is_intact() {
        say::note(format_args!("these credits are nobody's signed word: {}", found.headline));
    }
    Ok(())
}
