//! The plugin's own export: what was accepted, as tagged stems, a tagged mix and MIDI, in a folder of its own.
//!
//! The same instruments and mixer play here as in the host, offline. Every file carries the record of what AI did in it.
//! The human's own sound is not in the files (the host has it); the melody is in the MIDI file.

use crate::engine::EngineError;
use crate::engine::mix::events;
use crate::engine::papers::{self, Papers};
use crate::files::midi;
use crate::files::outbox::Outbox;
use crate::resources::Resources;
use crate::session::{AcceptedPhrase, InstrumentState};
use continuo_core::{Frames, Key, Mode, Part, PitchClass, SampleRate};
use continuo_dsp::{MixSettings, NoteEvent, Stereo, render_parts};
use continuo_provenance::record::HumanContribution;
use continuo_provenance::{
    Audio, Format, Identity, PartUse, RecordBuilder, UseRecordDocument, sidecar, write_tagged_wav,
};
use std::path::{Path, PathBuf};

/// Rate of exported files, hertz.
const RATE_HZ: f64 = 48_000.0;
/// How long the last notes and the room may ring, seconds.
const TAIL_S: f64 = 3.0;
/// Rests up to this long do not end a region in the record, seconds.
const GAP_S: f64 = 4.0;

/// Writes everything accepted into a new folder under the user's music folder and gives its path.
///
/// # Errors
/// One sentence that says what is wrong and what to do; nothing is half-written.
pub fn export_session(state: &InstrumentState, mix: &MixSettings) -> Result<PathBuf, String> {
    let music = music_folder().ok_or("the user's home folder is not known; set HOME and export again")?;
    let identity = Identity::of_user().map_err(|e| e.to_string())?;
    export_to(state, mix, &music.join("Continuo"), &identity).map_err(|e| e.to_string())
}

fn music_folder() -> Option<PathBuf> {
    let named = |variable: &str| std::env::var_os(variable).filter(|v| !v.is_empty()).map(PathBuf::from);
    named("XDG_MUSIC_DIR").or_else(|| named("HOME").or_else(|| named("USERPROFILE")).map(|home| home.join("Music")))
}

/// The same, into a new folder under `root`.
///
/// # Errors
/// When nothing was accepted or a file cannot be written.
pub fn export_to(
    state: &InstrumentState,
    mix: &MixSettings,
    root: &Path,
    identity: &Identity,
) -> Result<PathBuf, EngineError> {
    if state.accepted.is_empty() {
        return Err(EngineError::Other("nothing was accepted yet; accept a take, then export".into()));
    }
    let rate = SampleRate::new(RATE_HZ).ok_or_else(|| EngineError::Other("no sample rate".into()))?;
    let song = &state.song;
    let parts: Vec<(Part, Vec<NoteEvent>)> = Part::ALL
        .into_iter()
        .map(|part| {
            let notes: Vec<_> = of_part(state, part).flat_map(|a| a.phrase.notes.iter().copied()).collect();
            (part, events(&notes, song, rate))
        })
        .filter(|(_, notes)| !notes.is_empty())
        .collect();
    let last = parts.iter().flat_map(|(_, notes)| notes).map(|n| n.off.0).max().unwrap_or(0);
    let rendered = render_parts(&parts, mix, rate, Frames(last + rate.frames(TAIL_S).0));

    let whole = record(state, |_| true)?;
    let folder = root.join(format!("Continuo {}", short(&whole.record_id)));
    let mut outbox = Outbox::new();
    outbox.folder(&folder)?;
    put_wav(&mut outbox, &folder.join("mix.wav"), &rendered.mix, &whole, identity)?;
    for (part, _) in &parts {
        // Stems come in the frozen order of the parts, whether asked for or not.
        if let Some(stem) = rendered.parts.get(part.index()) {
            let of_this = record(state, |p| p == *part)?;
            put_wav(&mut outbox, &folder.join(format!("{part}.wav")), stem, &of_this, identity)?;
        }
    }
    let scores: Vec<_> = Part::ALL
        .into_iter()
        .map(|part| (part, of_part(state, part).flat_map(|a| a.phrase.notes.iter().copied()).collect()))
        .collect();
    let key = song.key.unwrap_or(Key { tonic: PitchClass::of(0), mode: Mode::Major });
    let score = midi::Score {
        tempo: &song.tempo,
        meters: &song.meters,
        key: song.key.is_some().then_some(key),
        melody: &song.melody,
        chords: &state.chords,
        parts: &scores,
    };
    outbox.put(&folder.join("notes.mid"), &midi::write(&score)?)?;
    outbox.commit()?;
    Ok(folder)
}

fn of_part(state: &InstrumentState, part: Part) -> impl Iterator<Item = &AcceptedPhrase> {
    state.accepted.iter().filter(move |a| a.phrase.part == part)
}

fn short(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).take(8).collect()
}

/// The record of the parts that `chosen` names.
fn record(state: &InstrumentState, chosen: impl Fn(Part) -> bool) -> Result<UseRecordDocument, EngineError> {
    let mut builder = RecordBuilder::new();
    for accepted in state.accepted.iter().filter(|a| chosen(a.phrase.part)) {
        // The harmony under the notes is the second thing that made a phrase, see the take's offer.
        let harmony = accepted.record.origins().get(1);
        let part = PartUse::of_phrase(&accepted.phrase, harmony, &state.song, GAP_S);
        builder = builder.part(&accepted.record, part)?;
    }
    for (role, what) in [("melody", "played or wrote the melody"), ("arranger", "chose and accepted the parts")] {
        let (role, what) = (role.to_owned(), what.to_owned());
        builder = builder.human(HumanContribution { name: None, role, what, share_percent: None });
    }
    if let Some(models) = Resources::find().models {
        for folder in papers::folders(&models) {
            builder = builder.model(Papers::read(&folder)?.record());
        }
    }
    Ok(builder.ledger(&state.ledger).build()?)
}

fn put_wav(
    outbox: &mut Outbox,
    target: &Path,
    sound: &Stereo,
    record: &UseRecordDocument,
    identity: &Identity,
) -> Result<(), EngineError> {
    let mut channels = vec![sound.left.clone(), sound.right.clone()];
    let peak = channels.iter().flatten().fold(0.0f32, |p, s| p.max(s.abs()));
    if peak > 1.0 {
        // Nothing is clipped: what is too loud for the file is turned down as a whole.
        channels.iter_mut().flatten().for_each(|s| *s /= peak);
    }
    let audio = Audio { channels, sample_rate: RATE_HZ as u32 };
    let temporary = outbox.stage(target)?;
    let written = write_tagged_wav(&temporary, &audio, Format::Pcm24, record, identity)?;
    outbox.adopt(&written.sidecar, &sidecar::path_of(target));
    Ok(())
}
