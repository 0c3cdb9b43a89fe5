//! The hard rules every part obeys, whoever played it: inside the bars, inside the part's range, no equal pitches
//! overlapping, and a bass that begins every chord with the chord's bass note.

use super::line::nearest;
use super::setting::Setting;
use continuo_core::{Note, Part, PitchClass, Ticks};

/// A bass note this close to a chord change, in sixteenths of a quarter, counts as meant for it.
const CLOSE: i64 = continuo_core::TICKS_PER_QUARTER / 16;

/// Makes `notes` obey.
pub fn enforce(part: Part, setting: &Setting, notes: &mut Vec<Note>) {
    let (from, to) = setting.span();
    notes.retain_mut(|note| {
        if note.at < from || note.at >= to {
            return false;
        }
        note.len = Ticks(note.len.0.min((to - note.at).0));
        note.velocity = note.velocity.clamp(1, 127);
        fit(part, note)
    });
    if part == Part::Bass {
        anchor(setting, notes);
    }
    continuo_core::note::tidy(notes);
    notes.retain(|n| n.len.0 > 0);
}

/// Moves a pitch into the part's range by octaves; percussion out of range is dropped.
fn fit(part: Part, note: &mut Note) -> bool {
    let range = part.range();
    if range.contains(&note.pitch) {
        return true;
    }
    if part == Part::Drums {
        return false;
    }
    let (low, high) = (i32::from(*range.start()), i32::from(*range.end()));
    match nearest(PitchClass::of(i32::from(note.pitch)), i32::from(note.pitch), low, high) {
        Some(pitch) => {
            note.pitch = pitch as u8;
            true
        }
        None => false,
    }
}

/// One bass note begins each chord, exactly on the change, with the chord's bass. The bass is a single line, and it is
/// silent where there is no chord.
fn anchor(setting: &Setting, notes: &mut Vec<Note>) {
    let range = Part::Bass.range();
    let (low, high) = (i32::from(*range.start()), i32::from(*range.end()));
    notes.sort_by_key(|n| (n.at, n.pitch));
    let spans = setting.spans();
    let mut out: Vec<Note> = Vec::with_capacity(notes.len() + spans.len());
    for span in &spans {
        let Some(chord) = span.chord else { continue };
        let first = notes.partition_point(|n| n.at.0 < span.at.0 - CLOSE);
        let at_change = notes[first..].iter().find(|n| (n.at - span.at).0.abs() <= CLOSE && n.end() > span.at).copied();
        let inside: Vec<Note> =
            notes.iter().filter(|n| n.at.0 > span.at.0 + CLOSE && n.at < span.end()).copied().collect();
        let next = inside.first().map_or(span.end(), |n| n.at);
        let near = at_change.or(out.last().copied()).map_or((low + high) / 2 - 4, |n| i32::from(n.pitch));
        let velocity = at_change.or(inside.first().copied()).map_or(84, |n| n.velocity);
        let wanted = at_change.filter(|n| PitchClass::of(i32::from(n.pitch)) == chord.bass);
        let pitch = match wanted {
            Some(note) => i32::from(note.pitch),
            // A bass range of more than an octave holds every class.
            None => nearest(chord.bass, near, low, high).unwrap_or(low),
        };
        let end = at_change.map_or(next, |n| n.end().min(next)).max(span.at + Ticks(1));
        out.push(Note { at: span.at, len: end - span.at, pitch: pitch as u8, velocity });
        for (i, note) in inside.iter().enumerate() {
            if i > 0 && inside[i - 1].at == note.at {
                continue;
            }
            let next = inside[i + 1..].iter().map(|n| n.at).find(|&a| a > note.at).unwrap_or(span.end());
            // The next chord's first note may have been drawn a little early; it is written at the change instead.
            if span.end().0 - note.at.0 <= CLOSE && span.len.0 > 4 * CLOSE {
                continue;
            }
            out.push(Note { len: Ticks(note.len.0.min((next - note.at).0)), ..*note });
        }
    }
    *notes = out;
}
