//! What was done, told: as JSON for programs (fields in `docs/REPORTS.md`) and in words for people.

use super::arrange::Arrangement;
use super::destinations::Destination;
use super::listen::Heard;
use super::master::Mastered;
use super::measure::Measurement;
use super::song::Loaded;
use super::suggest::Offers;
use crate::files::audio::Clip;
use continuo_core::mastering::Move;
use continuo_core::{ChordSpan, Key, Origin, Song};
use continuo_provenance::record::Input;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A take that was written.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// The take.
    pub arrangement: &'a Arrangement,
    /// Its notes.
    pub midi: Option<PathBuf>,
    /// Its sound.
    pub audio: Option<PathBuf>,
    /// The record in its sound.
    pub record_id: Option<String>,
}

/// The head every report begins with.
fn head(command: &str) -> Value {
    json!({ "continuo": env!("CARGO_PKG_VERSION"), "command": command, "report_version": 1 })
}

fn with(mut head: Value, more: Value) -> Value {
    if let (Some(head), Value::Object(more)) = (head.as_object_mut(), more) {
        head.extend(more);
    }
    head
}

/// A number with at most `digits` decimals; `null` when it is infinite.
fn rounded(value: f64, digits: i32) -> Value {
    let unit = 10f64.powi(digits);
    json!((value.is_finite()).then(|| (value * unit).round() / unit))
}

fn path_text(path: &Path) -> String {
    path.display().to_string()
}

/// Tempo, metre, key and size of a song.
fn song(song: &Song, key: Option<Key>) -> Value {
    let bars = song.bars();
    let tempo: Vec<Value> = song
        .tempo
        .changes()
        .iter()
        .map(|&(at, bpm)| json!({ "at_s": rounded(song.tempo.seconds_at(at), 3), "bpm": rounded(bpm, 3) }))
        .collect();
    let meters: Vec<Value> = song
        .meters
        .changes()
        .iter()
        .map(|&(at, m)| json!({ "at_s": rounded(song.tempo.seconds_at(at), 3), "meter": format!("{}/{}", m.num, m.den) }))
        .collect();
    json!({
        "key": key.map(|k| k.to_string()),
        "tempo": tempo,
        "meters": meters,
        "pickup_quarters": rounded(song.meters.pickup().as_quarters(), 4),
        "bars": bars.len(),
        "seconds": rounded(song.tempo.seconds_at(song.end()), 3),
        "melody_notes": song.melody.len(),
    })
}

fn chords(spans: &[ChordSpan], song: &Song, key: Option<Key>) -> Vec<Value> {
    let flats = key.is_some_and(Key::uses_flats);
    let upbeat = u32::from(song.meters.pickup().0 > 0);
    spans
        .iter()
        .map(|span| {
            let bar = song.meters.bar_at(span.at);
            json!({
                // The upbeat is bar 0, the first whole bar is bar 1.
                "bar": bar + 1 - upbeat,
                "quarter": rounded((span.at - song.meters.bar_start(bar)).as_quarters(), 4),
                "quarters": rounded(span.len.as_quarters(), 4),
                "at_s": rounded(song.tempo.seconds_at(span.at), 3),
                "chord": span.chord.map_or("N.C.".to_owned(), |c| c.symbol(flats)),
                "probability": rounded(f64::from(span.probability), 3),
            })
        })
        .collect()
}

fn input(input: &Input) -> Value {
    json!({ "name": input.name, "sha256": input.sha256, "media_type": input.media_type })
}

/// Report of `accompany`.
pub fn accompanied(loaded: &Loaded, takes: &[Told<'_>]) -> Value {
    let key = takes.first().map(|t| t.arrangement.take.key).or(loaded.song.key);
    with(
        head("accompany"),
        json!({
            "input": input(&loaded.input),
            "melody_source": loaded.melody_source,
            "song": song(&loaded.song, key),
            "takes": takes.iter().map(|t| take(loaded, t)).collect::<Vec<_>>(),
            "notices": loaded.notices,
        }),
    )
}

fn take(loaded: &Loaded, told: &Told<'_>) -> Value {
    let take = &told.arrangement.take;
    let parts: Vec<Value> = take
        .phrases
        .iter()
        .map(|p| {
            let likeness = told.arrangement.likeness.iter().find(|(part, _)| *part == p.part).map(|(_, l)| l);
            json!({
                "part": p.part.id(),
                "notes": p.notes.len(),
                "origin": p.origin,
                "longest_match_notes": likeness.map(|l| l.longest_notes),
                "longest_match_work": likeness.and_then(|l| l.longest_work.as_ref()).map(|w| &w.id),
            })
        })
        .collect();
    json!({
        "seed": take.seed,
        "controls": {
            "style": take.controls.style,
            "density": rounded(f64::from(take.controls.density), 4),
            "adventure": rounded(f64::from(take.controls.adventure), 4),
        },
        "key": take.key.to_string(),
        "chords": chords(&take.chords, &loaded.song, Some(take.key)),
        "harmony_origin": take.harmony_origin,
        "parts": parts,
        "accepted": "command-line",
        "midi": told.midi.as_deref().map(path_text),
        "audio": told.audio.as_deref().map(path_text),
        "record_id": told.record_id,
    })
}

/// Report of `listen`.
pub fn heard(path: &Path, clip: &Clip, heard: &Heard) -> Value {
    let s = &heard.song;
    let notes: Vec<Value> = s
        .melody
        .iter()
        .map(|n| {
            let (from, to) = (s.tempo.seconds_at(n.at), s.tempo.seconds_at(n.end()));
            json!({ "at_s": rounded(from, 3), "seconds": rounded(to - from, 3), "pitch": n.pitch, "velocity": n.velocity })
        })
        .collect();
    with(
        head("listen"),
        json!({
            "input": { "name": path.file_name().unwrap_or_default().to_string_lossy() },
            "seconds": rounded(clip.seconds(), 3),
            "sample_rate_hz": clip.rate.hz(),
            "channels": clip.channels.len(),
            "song": song(s, s.key),
            "beats_s": heard.beats_s.iter().map(|&b| rounded(b, 3)).collect::<Vec<_>>(),
            "chords": chords(&heard.chords, s, s.key),
            "notes": notes,
            "notices": heard.notices,
        }),
    )
}

/// What was heard, in words.
pub fn heard_in_words(heard: &Heard) -> String {
    let s = &heard.song;
    let mut text = String::new();
    let bpm = s.tempo.changes()[0].1;
    let meter = s.meters.changes()[0].1;
    let _ = writeln!(text, "key     {}", s.key.map_or("not heard".to_owned(), |k| k.to_string()));
    let _ = writeln!(text, "tempo   {bpm:.1} a minute");
    let _ = writeln!(text, "metre   {}/{}", meter.num, meter.den);
    let _ = writeln!(text, "beats   {}", heard.beats_s.len());
    let _ = writeln!(text, "notes   {}", s.melody.len());
    let flats = s.key.is_some_and(Key::uses_flats);
    let names: Vec<String> = heard.chords.iter().map(|c| c.chord.map_or("N.C.".into(), |c| c.symbol(flats))).collect();
    let _ = writeln!(text, "chords  {}", if names.is_empty() { "not heard".into() } else { names.join(" ") });
    for notice in &heard.notices {
        let _ = writeln!(text, "{notice}");
    }
    text
}

/// A measurement.
pub fn measured(m: &Measurement) -> Value {
    json!({
        "integrated_lufs": rounded(m.integrated_lufs, 2),
        "range_lu": rounded(m.range_lu, 2),
        "true_peak_dbtp": rounded(m.true_peak_dbtp, 2),
        "max_momentary_lufs": rounded(m.max_momentary_lufs, 2),
        "max_short_term_lufs": rounded(m.max_short_term_lufs, 2),
    })
}

fn offered(m: &Move) -> Value {
    json!({
        "id": m.id, "what": m.what, "amount": rounded(m.amount, 3), "unit": m.unit, "low": rounded(m.low, 3), "high": rounded(m.high, 3),
        "confidence": rounded(m.confidence, 3), "reason": m.reason, "origin": m.origin,
    })
}

fn destination(d: &Destination) -> Value {
    json!({ "name": d.name, "loudness_lufs": d.loudness_lufs, "ceiling_dbtp": d.ceiling_dbtp, "source": d.source })
}

/// Report of `master --suggest-only`.
pub fn suggested(described: &Input, before: &Measurement, offers: &Offers, to: &Destination) -> Value {
    with(
        head("master"),
        json!({
            "input": input(described),
            "before": measured(before),
            "for": destination(to),
            "moves": offers.moves.iter().map(offered).collect::<Vec<_>>(),
            "unavailable": offers.unavailable,
        }),
    )
}

/// The moves on offer, in words.
pub fn suggested_in_words(before: &Measurement, offers: &Offers) -> String {
    let mut text = format!(
        "{:.1} LUFS, range {:.1} LU, true peak {:.1} dBTP\n",
        before.integrated_lufs, before.range_lu, before.true_peak_dbtp
    );
    if offers.moves.is_empty() && offers.unavailable.is_none() {
        text.push_str("Nothing to suggest: this mix is inside what is usual.\n");
    }
    for m in &offers.moves {
        let _ = writeln!(
            text,
            "{:<18} {:>7.2} {:<4} ({:.2} to {:.2}), confidence {:.0} %\n    {}",
            m.id,
            m.amount,
            m.unit.symbol(),
            m.low,
            m.high,
            m.confidence * 100.0,
            m.reason
        );
    }
    text
}

/// One master in a report.
fn one_master(to: &Destination, path: &Path, mastered: &Mastered, record_id: &str) -> Value {
    let applied: Vec<Value> = mastered
        .uses
        .iter()
        .map(|(used, _)| json!({ "id": used.suggested.id, "amount": rounded(used.amount, 3), "unit": used.suggested.unit }))
        .collect();
    let moves: Vec<Value> =
        mastered.offered.iter().map(|(m, accepted)| with(offered(m), json!({ "accepted": accepted }))).collect();
    json!({
        "for": destination(to),
        "audio": path_text(path),
        "record_id": record_id,
        "before": measured(&mastered.before),
        "after": measured(&mastered.after),
        "moves": moves,
        "applied": applied,
    })
}

/// Report of `master`.
pub fn mastered(described: &Input, told: &[(&Destination, PathBuf, Mastered, String)], notices: &[String]) -> Value {
    with(
        head("master"),
        json!({
            "input": input(described),
            "masters": told.iter().map(|(to, path, mastered, id)| one_master(to, path, mastered, id)).collect::<Vec<_>>(),
            "notices": notices,
        }),
    )
}

/// A master, in words.
pub fn mastered_in_words(to: &Destination, path: &Path, mastered: &Mastered) -> String {
    let (before, after) = (&mastered.before, &mastered.after);
    let accepted: Vec<&str> = mastered.offered.iter().filter(|m| m.1).map(|m| m.0.id.as_str()).collect();
    format!(
        "{}: for {}, {:.1} LUFS (was {:.1}), true peak {:.1} dBTP (was {:.1}); moves: {}\n",
        path.display(),
        to.name,
        after.integrated_lufs,
        before.integrated_lufs,
        after.true_peak_dbtp,
        before.true_peak_dbtp,
        if accepted.is_empty() { "none".into() } else { accepted.join(", ") }
    )
}

/// Report of `render`.
pub fn rendered(loaded: &Loaded, told: &Told<'_>, masters: &[Value], notices: &[String]) -> Value {
    let mut report = accompanied(loaded, std::slice::from_ref(told));
    report["command"] = json!("render");
    report["masters"] = json!(masters);
    report["notices"] = json!(notices);
    report
}

/// A master as it stands in the report of `render`.
pub fn master_of(to: &Destination, path: &Path, mastered: &Mastered, record_id: &str) -> Value {
    one_master(to, path, mastered, record_id)
}

/// What made something, in a few words.
pub fn origin(origin: &Origin) -> (&'static str, String) {
    match origin {
        Origin::Trained(model) => ("trained model", format!("{} {}", model.name, model.version)),
        Origin::Algorithmic { rule, version } => ("written rule", format!("{rule} of Continuo {version}")),
    }
}
