//! `continuo listen`.

use super::help::Topic;
use super::progress::Progress;
use super::{CliError, args, deliver, say};
use crate::engine::{listen, story};
use crate::files::outbox::Outbox;
use crate::files::{self, audio};
use lexopt::Arg;

/// Runs the command with what follows its name.
pub fn run(mut parser: lexopt::Parser) -> Result<(), CliError> {
    let topic = Topic::Listen;
    let (mut input, mut json, mut show) = (None, None, false);
    while let Some(arg) = parser.next().map_err(|e| CliError::usage(e, topic))? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return say::text(topic.text()),
            Arg::Long("json") => json = Some(args::path(&mut parser, topic)?),
            Arg::Long("progress") => show = true,
            Arg::Value(value) => args::input(&mut input, value, topic)?,
            other => return Err(CliError::usage(other.unexpected(), topic)),
        }
    }
    let input = args::needed(input, "IN", topic)?;
    let mut progress = Progress::new(show);
    let clip = audio::decode_sounding(&input, files::read_bytes(&input)?)?;
    let heard = listen::listen(&clip, None, None, &mut |stage, share| progress.at(stage, share))?;
    progress.done();
    let report = story::heard(&input, &clip, &heard);
    let mut outbox = Outbox::new();
    let text = match json {
        Some(target) => deliver::json(&mut outbox, &target, &report)?,
        None => None,
    };
    outbox.commit()?;
    match text {
        Some(text) => say::text(&text),
        None => say::text(&story::heard_in_words(&heard)),
    }
}
