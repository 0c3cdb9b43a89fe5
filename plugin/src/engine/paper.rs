//! The report folder of a render: `report.html`, the MIDI of each part, the record.

use super::arrange::Arrangement;
use super::destinations::Destination;
use super::master::Mastered;
use super::measure::Measurement;
use super::mix::Mixed;
use super::song::Loaded;
use super::{EngineError, analysis, story};
use crate::files::midi;
use crate::files::outbox::Outbox;
use crate::report::{self, CreditLine, Credits, Curves, ModelLine, Music, Player, Report};
use continuo_core::{Note, Part, SampleRate};
use continuo_provenance::UseRecordDocument;
use continuo_provenance::record::{Nature, PartRecord};
use std::path::Path;

/// Name of the page.
pub const PAGE: &str = "report.html";
/// Largest sound put into the page itself, bytes of WAV. Larger ones lie beside it.
const MOST_INLINE: usize = 6_000_000;

/// Everything the folder is made of.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a> {
    /// The song.
    pub loaded: &'a Loaded,
    /// The arrangement.
    pub arrangement: &'a Arrangement,
    /// The mix before mastering.
    pub mixed: &'a Mixed,
    /// The master.
    pub mastered: &'a Mastered,
    /// Where it goes.
    pub destination: &'a Destination,
    /// The record in the master.
    pub record: &'a UseRecordDocument,
    /// What could not be done.
    pub notices: &'a [String],
    /// The master's file.
    pub master: &'a Path,
    /// The whole arrangement's MIDI file.
    pub midi: &'a [u8],
}

/// Stages the folder.
///
/// # Errors
/// When something cannot be written.
pub fn write(outbox: &mut Outbox, folder: &Path, sheet: &Sheet<'_>) -> Result<(), EngineError> {
    outbox.folder(folder)?;
    outbox.put(&folder.join("arrangement.mid"), sheet.midi)?;
    for (part, notes) in sheet.arrangement.parts() {
        outbox.put(&folder.join(format!("{part}.mid")), &part_midi(sheet, part, notes)?)?;
    }
    outbox.put(&folder.join("record.json"), format!("{}\n", sheet.record.to_json_pretty()).as_bytes())?;
    let players = players(outbox, folder, sheet)?;
    let parts = sheet.arrangement.parts();
    outbox.put(&folder.join(PAGE), page(sheet, &parts, players).as_bytes())?;
    Ok(())
}

fn part_midi(sheet: &Sheet<'_>, part: Part, notes: Vec<Note>) -> Result<Vec<u8>, EngineError> {
    let song = &sheet.loaded.song;
    let take = &sheet.arrangement.take;
    Ok(midi::write(&midi::Score {
        tempo: &song.tempo,
        meters: &song.meters,
        key: Some(take.key),
        melody: &song.melody,
        chords: &take.chords,
        parts: &[(part, notes)],
    })?)
}

/// The master and the mix before it, inside the page when they are small, beside it otherwise. Sixteen bits are plenty
/// for a page; the master itself is the file the command wrote.
fn players(outbox: &mut Outbox, folder: &Path, sheet: &Sheet<'_>) -> Result<Vec<Player>, EngineError> {
    let (before, after) = (&sheet.mastered.before, &sheet.mastered.after);
    let quietest = before.integrated_lufs.min(after.integrated_lufs);
    let mut players = Vec::new();
    let sounds = [
        ("Master", "master-listen.wav", [&sheet.mastered.channels[0][..], &sheet.mastered.channels[1][..]], after),
        ("Mix before mastering", "mix-listen.wav", sheet.mixed.stereo(), before),
    ];
    for (label, name, channels, measured) in sounds {
        let bytes = wav16(channels, sheet.mastered.rate);
        let source = if bytes.len() * 2 <= MOST_INLINE {
            format!("data:audio/wav;base64,{}", base64(&bytes))
        } else {
            outbox.put(&folder.join(name), &bytes)?;
            name.to_owned()
        };
        let match_db = quietest - measured.integrated_lufs;
        players.push(Player {
            label: label.into(),
            source,
            match_db: if match_db.is_finite() { match_db } else { 0.0 },
        });
    }
    Ok(players)
}

fn page(sheet: &Sheet<'_>, parts: &[(Part, Vec<Note>)], players: Vec<Player>) -> String {
    let (song, take, mastered) = (&sheet.loaded.song, &sheet.arrangement.take, sheet.mastered);
    let meter = song.meters.changes()[0].1;
    let mut tempo = format!("♩ = {:.0}", song.tempo.changes()[0].1);
    if song.tempo.changes().len() > 1 {
        tempo.push_str(", changing");
    }
    let facts = vec![
        ("Key", take.key.to_string()),
        ("Metre", format!("{}/{}", meter.num, meter.den)),
        ("Tempo", tempo),
        ("Bars", song.bars().len().to_string()),
        ("Style", take.controls.style.to_string()),
        ("Seed", take.seed.to_string()),
    ];
    let rate = mastered.rate.hz();
    let curves = |channels: [&[f32]; 2], m: &Measurement| Curves {
        spectrum: analysis::spectrum(channels, rate),
        short_term: m.short_term.clone(),
        integrated_lufs: m.integrated_lufs,
        range_lu: m.range_lu,
        true_peak_dbtp: m.true_peak_dbtp,
    };
    report::html(&Report {
        title: title(&sheet.loaded.title),
        facts,
        music: Some(Music { song, key: take.key, chords: &take.chords, parts }),
        players,
        mastering: Some(report::Mastering {
            before: curves(sheet.mixed.stereo(), &mastered.before),
            after: curves([&mastered.channels[0], &mastered.channels[1]], &mastered.after),
            target_lufs: sheet.destination.loudness_lufs,
            ceiling_dbtp: sheet.destination.ceiling_dbtp,
            destination: sheet.destination.what.to_owned(),
            moves: mastered.offered.iter().map(|(m, accepted)| (m, *accepted)).collect(),
        }),
        credits: credits(sheet.record),
        foot: vec![
            ("Made by", format!("{} {}", sheet.record.product.name, sheet.record.product.version)),
            ("Record", sheet.record.record_id.clone()),
            ("Master", sheet.master.file_name().unwrap_or_default().to_string_lossy().into_owned()),
            ("Samples, SHA-256", sheet.record.output.as_ref().map_or_else(String::new, |o| o.pcm_sha256.clone())),
            ("Input, SHA-256", sheet.loaded.input.sha256.clone()),
        ],
        notices: sheet.notices.to_vec(),
    })
}

/// A file's name as a title: words apart, the first letter large.
fn title(name: &str) -> String {
    let words = name.replace(['-', '_'], " ");
    let mut chars = words.trim().chars();
    chars.next().map_or_else(|| "Untitled".to_owned(), |first| first.to_uppercase().chain(chars).collect())
}

fn credits(record: &UseRecordDocument) -> Credits {
    let humans = record.humans.iter().map(|h| CreditLine {
        role: h.name.clone().unwrap_or_else(|| h.role.clone()),
        nature: "human",
        what: h.what.clone(),
    });
    let parts = record.parts.iter().map(|part| CreditLine {
        role: part.role.clone(),
        nature: match part.nature {
            Nature::Trained => "trained model",
            Nature::Algorithmic => "written rule",
        },
        what: part_words(part),
    });
    let moves = record.mastering.iter().map(|m| {
        let (nature, by) = story::origin(&m.origin);
        CreditLine {
            role: m.id.clone(),
            nature,
            what: format!("{:.2} {} by {by}, accepted", m.amount, m.unit.symbol()),
        }
    });
    let models = record.models.iter().map(|m| ModelLine {
        name: format!("{} {}", m.name, m.version),
        card: m.card.clone(),
        sources: m.sources.iter().map(|s| format!("{}, {}: {} works", s.name, s.licence, s.works)).collect(),
    });
    let influences =
        record.influences.iter().map(|i| (i.title.clone(), i.composer.clone(), i.licence.clone(), i.share));
    Credits {
        statement: record.statement.clone(),
        lines: humans.chain(parts).chain(moves).collect(),
        models: models.collect(),
        influences: influences.collect(),
    }
}

fn part_words(part: &PartRecord) -> String {
    let by: Vec<String> = part.origins.iter().map(|o| story::origin(o).1).collect();
    let mut words =
        format!("{} notes by {}, seed {}, accepted on the command line", part.notes, by.join(" and "), part.seed);
    if let Some(kept) = &part.originality {
        words.push_str(&format!(
            "; longest match with a training work {} notes of {} allowed",
            kept.longest_match_notes, kept.threshold_notes
        ));
    }
    words
}

/// A plain 16-bit WAV file (no dither: it is for a page).
fn wav16(channels: [&[f32]; 2], rate: SampleRate) -> Vec<u8> {
    let frames = channels[0].len().min(channels[1].len());
    let (size, hz) = (frames * 4, rate.hz() as u32);
    let mut bytes = Vec::with_capacity(44 + size);
    bytes.extend(b"RIFF");
    bytes.extend((36 + size as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    bytes.extend(hz.to_le_bytes());
    bytes.extend((hz * 4).to_le_bytes());
    bytes.extend(b"\x04\0\x10\0data");
    bytes.extend((size as u32).to_le_bytes());
    for (l, r) in channels[0].iter().zip(channels[1]) {
        for sample in [l, r] {
            bytes.extend(((sample.clamp(-1.0, 1.0) * 32_767.0).round() as i16).to_le_bytes());
        }
    }
    bytes
}

/// Base 64 (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word = group.iter().fold(0u32, |w, &b| w << 8 | u32::from(b)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= group.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_matches_the_standards_examples() {
        // RFC 4648, section 10.
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn the_small_wav_is_read_back() {
        let wave: Vec<f32> = (0..1_000).map(|i| (i as f32 * 0.1).sin()).collect();
        let bytes = wav16([&wave, &wave], SampleRate::new(48_000.0).unwrap());
        let clip = crate::files::audio::decode(Path::new("x.wav"), bytes).unwrap();
        assert_eq!(clip.frames(), 1_000);
        assert!((clip.channels[1][500] - wave[500]).abs() < 1e-4);
    }
}
