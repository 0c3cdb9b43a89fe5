//! `continuo accompany`.

use super::args::{self, SongFlags};
use super::help::Topic;
use super::progress::Progress;
use super::{CliError, deliver, say};
use crate::engine::mind::Mind;
use crate::engine::song::{self, Wishes};
use crate::engine::{arrange, mix, record, story};
use crate::files::midi;
use crate::files::outbox::Outbox;
use crate::resources::Resources;
use continuo_provenance::Identity;
use lexopt::Arg;
use std::path::{Path, PathBuf};

/// Runs the command with what follows its name.
pub fn run(mut parser: lexopt::Parser) -> Result<(), CliError> {
    let topic = Topic::Accompany;
    let (mut input, mut audio, mut json) = (None, None, None);
    let (mut takes, mut show, mut rules_only) = (1, false, false);
    let mut flags = SongFlags::default();
    while let Some(arg) = parser.next().map_err(|e| CliError::usage(e, topic))? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return say::text(topic.text()),
            Arg::Long("audio") => audio = Some(args::path(&mut parser, topic)?),
            Arg::Long("json") => json = Some(args::path(&mut parser, topic)?),
            Arg::Long("takes") => takes = args::takes(&mut parser, topic)?,
            Arg::Long("progress") => show = true,
            Arg::Long("rules-only") => rules_only = true,
            Arg::Value(value) => args::input(&mut input, value, topic)?,
            other => match args::name(&other) {
                Some(flag) if flags.take(&flag, &mut parser, topic)? => {}
                Some(flag) => return Err(args::unknown(&flag, topic)),
                None => return Err(args::unknown("", topic)),
            },
        }
    }
    let input = args::needed(input, "IN", topic)?;
    let midi_out = args::needed(flags.midi.clone(), "--midi OUT.mid", topic)?;
    let mut progress = Progress::new(show);
    let mut tell = |stage: &str, share: f32| progress.at(stage, share);

    let loaded = song::load(&input, &flags.wishes(), &mut tell)?;
    let mut mind = if rules_only { Mind::rules_only() } else { Mind::load(&Resources::find())? };
    let arrangements = arrange::takes(&mut mind, &loaded.song, &flags.request(), takes, &mut tell)?;

    let mut outbox = Outbox::new();
    let mut told = Vec::new();
    let identity = audio.is_some().then(Identity::of_user).transpose()?;
    for (index, arrangement) in arrangements.iter().enumerate() {
        let midi_path = numbered(&midi_out, index);
        outbox.put(&midi_path, &midi_bytes(&loaded, arrangement)?)?;
        let audio_path = audio.as_ref().map(|path| numbered(path, index));
        let mut record_id = None;
        if let (Some(path), Some(identity)) = (&audio_path, &identity) {
            let mixed = mix::mix(&loaded, arrangement, &mut tell)?.within_full_scale();
            let made = record::Made {
                inputs: std::slice::from_ref(&loaded.input),
                arrangement: Some((&loaded.song, arrangement)),
                mastered: None,
                models: &mind.models,
            };
            let written = deliver::wav(&mut outbox, path, &mixed.audio(), &record::build(&made)?, identity)?;
            record_id = Some(written.record.record_id);
        }
        told.push(story::Told { arrangement, midi: Some(midi_path), audio: audio_path, record_id });
    }
    let report = story::accompanied(&loaded, &told);
    let text = match &json {
        Some(target) => deliver::json(&mut outbox, target, &report)?,
        None => None,
    };
    let written = outbox.commit()?;
    progress.done();
    for notice in &loaded.notices {
        say::note(notice);
    }
    match text {
        Some(text) => say::text(&text),
        None => {
            for path in written {
                say::line(format_args!("{}", path.display()))?;
            }
            Ok(())
        }
    }
}

/// The MIDI file of an arrangement.
pub fn midi_bytes(loaded: &song::Loaded, arrangement: &arrange::Arrangement) -> Result<Vec<u8>, CliError> {
    Ok(midi::write(&midi::Score {
        tempo: &loaded.song.tempo,
        meters: &loaded.song.meters,
        key: Some(arrangement.take.key),
        melody: &loaded.song.melody,
        chords: &arrangement.take.chords,
        parts: &arrangement.parts(),
    })?)
}

/// `OUT.mid` for the first, `OUT-2.mid` for the second.
pub fn numbered(path: &Path, index: usize) -> PathBuf {
    if index == 0 {
        return path.to_owned();
    }
    with_suffix(path, &format!("-{}", index + 1))
}

/// `OUT.wav` becomes `OUT` + suffix + `.wav`.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_os_string();
    name.push(suffix);
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    path.with_file_name(name)
}

impl SongFlags {
    /// What the user says of the song.
    pub fn wishes(&self) -> Wishes {
        Wishes { bpm: self.bpm, meter: self.meter, grid: self.grid.clone() }
    }

    /// What the user asks for.
    pub fn request(&self) -> arrange::Request {
        arrange::Request { parts: self.parts.clone(), controls: self.controls, seed: self.seed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_are_numbered_before_the_ending() {
        assert_eq!(numbered(Path::new("a/b.mid"), 0), Path::new("a/b.mid"));
        assert_eq!(numbered(Path::new("a/b.c.mid"), 1), Path::new("a/b.c-2.mid"));
        assert_eq!(numbered(Path::new("b"), 2), Path::new("b-3"));
    }
}
