//! `continuo tag`.

use super::help::Topic;
use super::{CliError, args, deliver, say};
use crate::files::outbox::Outbox;
use continuo_provenance::{Identity, sidecar};
use lexopt::Arg;

/// Runs the command with what follows its name.
pub fn run(mut parser: lexopt::Parser) -> Result<(), CliError> {
    let topic = Topic::Tag;
    let (mut input, mut output, mut record) = (None, None, None);
    while let Some(arg) = parser.next().map_err(|e| CliError::usage(e, topic))? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return say::text(topic.text()),
            Arg::Long("output") | Arg::Short('o') => output = Some(args::path(&mut parser, topic)?),
            Arg::Long("record") => record = Some(args::path(&mut parser, topic)?),
            Arg::Value(value) => args::input(&mut input, value, topic)?,
            other => return Err(CliError::usage(other.unexpected(), topic)),
        }
    }
    let input = args::needed(input, "IN", topic)?;
    let output = args::needed(output, "-o OUT", topic)?;
    let record = sidecar::read_record(&args::needed(record, "--record RECORD.json", topic)?)?;
    let mut outbox = Outbox::new();
    let written = deliver::tagged(&mut outbox, &input, &output, &record, &Identity::of_user()?)?;
    outbox.commit()?;
    say::line(format_args!("{}: record {}", output.display(), written.record.record_id))
}
