//! `continuo render`: the whole road.

use super::accompany::midi_bytes;
use super::args::{self, MasterFlags, SongFlags};
use super::help::Topic;
use super::master::require;
use super::progress::Progress;
use super::{CliError, deliver, say};
use crate::engine::mind::Mind;
use crate::engine::suggest::{self, Offers};
use crate::engine::{arrange, master, mix, paper, record, song, story};
use crate::files::outbox::Outbox;
use crate::resources::Resources;
use continuo_provenance::{Audio, Identity};
use lexopt::Arg;
use std::path::PathBuf;

/// What the command line asks for.
struct Orders {
    input: PathBuf,
    output: PathBuf,
    json: Option<PathBuf>,
    report: Option<PathBuf>,
    show: bool,
    rules_only: bool,
    song: SongFlags,
    master: MasterFlags,
}

fn orders(mut parser: lexopt::Parser) -> Result<Option<Orders>, CliError> {
    let topic = Topic::Render;
    let (mut input, mut output, mut json, mut report) = (None, None, None, None);
    let (mut show, mut rules_only) = (false, false);
    let (mut song, mut master) = (SongFlags::default(), MasterFlags::default());
    while let Some(arg) = parser.next().map_err(|e| CliError::usage(e, topic))? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return say::text(topic.text()).map(|()| None),
            Arg::Long("output") | Arg::Short('o') => output = Some(args::path(&mut parser, topic)?),
            Arg::Long("json") => json = Some(args::path(&mut parser, topic)?),
            Arg::Long("report") => report = Some(args::path(&mut parser, topic)?),
            Arg::Long("progress") => show = true,
            Arg::Long("rules-only") => rules_only = true,
            Arg::Value(value) => args::input(&mut input, value, topic)?,
            other => {
                let flag = args::name(&other).unwrap_or_default();
                if !song.take(&flag, &mut parser, topic)? && !master.take(&flag, &mut parser, topic)? {
                    return Err(args::unknown(&flag, topic));
                }
            }
        }
    }
    let input = args::needed(input, "IN", topic)?;
    let output = args::needed(output, "-o OUT.wav", topic)?;
    if master.destinations.len() > 1 {
        return Err(CliError::usage(
            "render makes one master; give --for one name, and use: continuo master for more",
            topic,
        ));
    }
    Ok(Some(Orders { input, output, json, report, show, rules_only, song, master }))
}

/// Runs the command with what follows its name.
pub fn run(parser: lexopt::Parser) -> Result<(), CliError> {
    let Some(orders) = orders(parser)? else { return Ok(()) };
    let mut progress = Progress::new(orders.show);
    let mut tell = |stage: &str, share: f32| progress.at(stage, share);
    let resources = Resources::find();

    let loaded = song::load(&orders.input, &orders.song.wishes(), &mut tell)?;
    let mut mind = if orders.rules_only { Mind::rules_only() } else { Mind::load(&resources)? };
    let offered = arrange::offer(&mut mind, &loaded.song, &orders.song.request(), 0, &mut tell)?;
    let arrangement = arrange::accept(&mind, offered);
    let mixed = mix::mix(&loaded, &arrangement, &mut tell)?;
    let offers = if orders.rules_only {
        Offers {
            unavailable: Some("no trained model was asked for suggestions (--rules-only)".into()),
            ..Offers::default()
        }
    } else {
        suggest::offers(mixed.stereo(), mixed.rate, &resources, &mut tell)
    };
    if !orders.rules_only {
        require(&offers, &orders.master.accept, false)?;
    }
    let destination = orders.master.destinations[0];
    let choice = orders.master.accept.choice();
    let mastered = master::master(mixed.stereo(), mixed.rate, &offers.moves, &choice, destination.target(), &mut tell)?;
    let mut models = mind.models.clone();
    models.extend(offers.models.iter().cloned());
    let made = record::Made {
        inputs: std::slice::from_ref(&loaded.input),
        arrangement: Some((&loaded.song, &arrangement)),
        mastered: Some(&mastered),
        models: &models,
    };
    let mut notices = loaded.notices.clone();
    notices.extend(offers.unavailable.iter().cloned());
    notices.extend(mastered.notices.iter().cloned());

    tell("writing", 0.0);
    let mut outbox = Outbox::new();
    let audio = Audio { channels: mastered.channels.to_vec(), sample_rate: mastered.rate.hz() as u32 };
    let written = deliver::wav(&mut outbox, &orders.output, &audio, &record::build(&made)?, &Identity::of_user()?)?;
    let midi = midi_bytes(&loaded, &arrangement)?;
    if let Some(target) = &orders.song.midi {
        outbox.put(target, &midi)?;
    }
    if let Some(folder) = &orders.report {
        let sheet = paper::Sheet {
            loaded: &loaded,
            arrangement: &arrangement,
            mixed: &mixed,
            mastered: &mastered,
            destination,
            record: &written.record,
            notices: &notices,
            master: &orders.output,
            midi: &midi,
        };
        paper::write(&mut outbox, folder, &sheet)?;
    }
    let told = story::Told {
        arrangement: &arrangement,
        midi: orders.song.midi.clone(),
        audio: Some(orders.output.clone()),
        record_id: Some(written.record.record_id.clone()),
    };
    let one = story::master_of(destination, &orders.output, &mastered, &written.record.record_id);
    let report = story::rendered(&loaded, &told, &[one], &notices);
    let text = match &orders.json {
        Some(target) => deliver::json(&mut outbox, target, &report)?,
        None => None,
    };
    let paths = outbox.commit()?;
    progress.done();
    notices.iter().for_each(say::note);
    match text {
        Some(text) => say::text(&text),
        None => {
            say::text(&story::mastered_in_words(destination, &orders.output, &mastered))?;
            paths.iter().filter(|p| **p != orders.output).try_for_each(|p| say::line(format_args!("{}", p.display())))
        }
    }
}
