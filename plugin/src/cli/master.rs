//! `continuo master`.

use super::accompany::with_suffix;
use super::args::{self, Accept, MasterFlags};
use super::help::Topic;
use super::progress::Progress;
use super::{CliError, deliver, say};
use crate::engine::master::{self, Choice};
use crate::engine::song;
use crate::engine::suggest::{self, Offers};
use crate::engine::{measure, record, story};
use crate::files::outbox::Outbox;
use crate::files::{self, FileError, Kind, audio};
use crate::resources::Resources;
use continuo_provenance::record::InputRelation;
use continuo_provenance::{Audio, Identity};
use lexopt::Arg;

/// Runs the command with what follows its name.
pub fn run(mut parser: lexopt::Parser) -> Result<(), CliError> {
    let topic = Topic::Master;
    let (mut input, mut output, mut json) = (None, None, None);
    let (mut suggest_only, mut show) = (false, false);
    let mut flags = MasterFlags::default();
    while let Some(arg) = parser.next().map_err(|e| CliError::usage(e, topic))? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return say::text(topic.text()),
            Arg::Long("output") | Arg::Short('o') => output = Some(args::path(&mut parser, topic)?),
            Arg::Long("json") => json = Some(args::path(&mut parser, topic)?),
            Arg::Long("suggest-only") => suggest_only = true,
            Arg::Long("progress") => show = true,
            Arg::Value(value) => args::input(&mut input, value, topic)?,
            other => match args::name(&other) {
                Some(flag) if flags.take(&flag, &mut parser, topic)? => {}
                Some(flag) => return Err(args::unknown(&flag, topic)),
                None => return Err(args::unknown("", topic)),
            },
        }
    }
    let input = args::needed(input, "IN", topic)?;
    let output = if suggest_only { output } else { Some(args::needed(output, "-o OUT", topic)?) };
    let mut progress = Progress::new(show);
    let mut tell = |stage: &str, share: f32| progress.at(stage, share);

    tell("reading", 0.0);
    let bytes = files::read_bytes(&input)?;
    let kind = Kind::of(&bytes).ok_or_else(|| FileError::UnknownKind(input.clone()))?;
    if kind == Kind::Midi {
        let detail = "it is MIDI, and mastering wants audio; use: continuo render".into();
        return Err(FileError::Unsupported { path: input, detail }.into());
    }
    let described = song::describe(&input, &bytes, kind, InputRelation::ParentOf);
    let clip = audio::for_chain(audio::decode_sounding(&input, bytes)?);
    let offers = suggest::offers(clip.stereo(), clip.rate, &Resources::find(), &mut tell);
    require(&offers, &flags.accept, suggest_only)?;
    let mut outbox = Outbox::new();
    let mut told = Vec::new();
    let mut notices = offers.unavailable.iter().cloned().collect::<Vec<_>>();
    if suggest_only {
        let before = measure::measure(clip.stereo(), clip.rate);
        let report = story::suggested(&described, &before, &offers, flags.destinations[0]);
        let text = match &json {
            Some(target) => deliver::json(&mut outbox, target, &report)?,
            None => Some(story::suggested_in_words(&before, &offers)),
        };
        outbox.commit()?;
        progress.done();
        notices.iter().for_each(say::note);
        return text.map_or(Ok(()), |text| say::text(&text));
    }
    let output = args::needed(output, "-o OUT", topic)?;
    let identity = Identity::of_user()?;
    for destination in &flags.destinations {
        let mastered = master::master(
            clip.stereo(),
            clip.rate,
            &offers.moves,
            &flags.accept.choice(),
            destination.target(),
            &mut tell,
        )?;
        let made = record::Made {
            inputs: std::slice::from_ref(&described),
            mastered: Some(&mastered),
            models: &offers.models,
            ..record::Made::default()
        };
        let target = match flags.destinations.len() {
            1 => output.clone(),
            _ => with_suffix(&output, &format!("-{}", destination.name)),
        };
        let audio = Audio { channels: mastered.channels.to_vec(), sample_rate: mastered.rate.hz() as u32 };
        let written = deliver::wav(&mut outbox, &target, &audio, &record::build(&made)?, &identity)?;
        notices.extend(mastered.notices.iter().cloned());
        told.push((*destination, target, mastered, written.record.record_id));
    }
    let report = story::mastered(&described, &told, &notices);
    let text = match &json {
        Some(target) => deliver::json(&mut outbox, target, &report)?,
        None => None,
    };
    outbox.commit()?;
    progress.done();
    notices.iter().for_each(say::note);
    match text {
        Some(text) => say::text(&text),
        None => told.iter().try_for_each(|(destination, path, mastered, _)| {
            say::text(&story::mastered_in_words(destination, path, mastered))
        }),
    }
}

/// Fails when what the user asked for needs suggestions and there can be none.
pub fn require(offers: &Offers, accept: &Accept, suggest_only: bool) -> Result<(), CliError> {
    match &offers.unavailable {
        Some(why) if suggest_only || *accept != Accept::None => Err(CliError::Failed(why.clone())),
        _ => Ok(()),
    }
}

impl Accept {
    /// The engine's word for it.
    pub fn choice(&self) -> Choice {
        match self {
            Accept::All => Choice::All,
            Accept::None => Choice::None,
            Accept::Ids(ids) => Choice::Ids(ids.clone()),
        }
    }
}
