//! The piano roll: melody and parts over bars, chord names above, the drum kit below.

use super::Music;
use super::svg::{escape, n};
use continuo_core::time::{Tick, Ticks};
use continuo_core::{Note, Part};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Pixels of one quarter note.
pub const QUARTER_PX: f64 = 30.0;
/// Pixels of one semitone.
const ROW_PX: f64 = 6.0;
/// Pixels of one drum.
const DRUM_PX: f64 = 13.0;
/// Where the chord names stand.
const CHORD_Y: f64 = 30.0;
/// Where the notes begin.
const TOP: f64 = 46.0;
/// Between the pitched notes and the drums.
const GAP: f64 = 18.0;

/// The drawn roll.
pub struct Roll {
    /// The SVG of the notes.
    pub notes: String,
    /// The SVG of the names at the left, as high as the other.
    pub names: String,
}

/// Draws the roll.
pub fn draw(music: &Music<'_>) -> Roll {
    let end = end(music);
    let width = end.as_quarters() * QUARTER_PX + 1.0;
    let pitched = || {
        let parts = music.parts.iter().filter(|(part, _)| *part != Part::Drums).flat_map(|(_, notes)| notes);
        music.song.melody.iter().chain(parts)
    };
    let low = pitched().map(|n| n.pitch).min().unwrap_or(60).saturating_sub(2);
    let high = pitched().map(|n| n.pitch).max().unwrap_or(72) + 2;
    let drums: &[Note] = music.parts.iter().find(|(p, _)| *p == Part::Drums).map_or(&[], |(_, notes)| notes);
    let kit: Vec<u8> = drums.iter().map(|n| n.pitch).collect::<BTreeSet<_>>().into_iter().rev().collect();
    let rows = f64::from(high - low) + 1.0;
    let kit_top = TOP + rows * ROW_PX + GAP;
    let bottom = if kit.is_empty() { TOP + rows * ROW_PX } else { kit_top + kit.len() as f64 * DRUM_PX };
    let height = bottom + 6.0;
    let y = |pitch: u8| TOP + f64::from(high - pitch) * ROW_PX;
    let x = |at: Tick| at.as_quarters().max(0.0) * QUARTER_PX;

    let mut s = format!(
        "<svg class=\"roll\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" role=\"img\" aria-label=\"Piano roll of the melody and the parts with chord names\">",
        w = n(width),
        h = n(height)
    );
    grid(&mut s, music, end, bottom);
    for octave in 0..=10u8 {
        let c = octave * 12;
        if (low..=high).contains(&c) {
            let _ = write!(s, "<path class=\"g-c\" d=\"M0 {0}H{1}\"/>", n(y(c) + ROW_PX), n(width));
        }
    }
    for span in music.chords {
        let name = span.chord.map_or("N.C.".to_owned(), |c| c.symbol(music.key.uses_flats()));
        let _ = write!(
            s,
            "<g class=\"chord\"><path d=\"M{x} {y0}V{y1}\"/><text x=\"{tx}\" y=\"{y1}\">{name}</text></g>",
            x = n(x(span.at)),
            y0 = n(CHORD_Y - 11.0),
            y1 = n(CHORD_Y),
            tx = n(x(span.at) + 5.0),
            name = escape(&name)
        );
    }
    // The melody goes on top of the parts.
    for (part, notes) in music.parts.iter().filter(|(p, _)| *p != Part::Drums) {
        voice(&mut s, part.id(), notes, |note| (x(note.at), y(note.pitch), x(note.end()) - x(note.at), ROW_PX));
    }
    if !kit.is_empty() {
        voice(&mut s, Part::Drums.id(), drums, |note| {
            let row = kit.iter().position(|&p| p == note.pitch).unwrap_or(0) as f64;
            (x(note.at), kit_top + row * DRUM_PX + 3.0, 5.0, DRUM_PX - 6.0)
        });
    }
    voice(&mut s, "melody", &music.song.melody, |note| {
        (x(note.at), y(note.pitch) - 0.5, x(note.end()) - x(note.at), ROW_PX + 1.0)
    });
    let _ = write!(s, "<path class=\"head\" d=\"M0 {}V{}\"/></svg>", n(CHORD_Y + 6.0), n(bottom));
    Roll { notes: s, names: names(low..=high, &kit, kit_top, height, y) }
}

/// The bar line at or after the last sound.
fn end(music: &Music<'_>) -> Tick {
    let parts = music.parts.iter().flat_map(|(_, notes)| notes);
    let last = music.song.melody.iter().chain(parts).map(Note::end).max().unwrap_or_default();
    let last = last.max(music.chords.last().map_or(Tick(0), |c| c.end()));
    let meters = &music.song.meters;
    if last.0 <= 0 { meters.bar_start(1) } else { meters.bar_start(meters.bar_at(last - Ticks(1)) + 1) }
}

fn grid(s: &mut String, music: &Music<'_>, end: Tick, bottom: f64) {
    let meters = &music.song.meters;
    let upbeat = u32::from(meters.pickup().0 > 0);
    let (mut beats, mut bars) = (String::new(), String::new());
    let mut bar = 0;
    while meters.bar_start(bar) < end {
        let at = meters.bar_start(bar).as_quarters() * QUARTER_PX;
        let _ = write!(bars, "M{} 6V{}", n(at), n(bottom));
        if bar >= upbeat {
            let _ = write!(s, "<text class=\"barno\" x=\"{}\" y=\"13\">{}</text>", n(at + 5.0), bar + 1 - upbeat);
        }
        for (beat, _) in meters.beats_of(bar).into_iter().skip(1) {
            let _ = write!(beats, "M{} {}V{}", n(beat.as_quarters() * QUARTER_PX), n(TOP), n(bottom));
        }
        bar += 1;
    }
    let _ = write!(bars, "M{} 6V{}", n(end.as_quarters() * QUARTER_PX), n(bottom));
    let _ = write!(s, "<path class=\"g-beat\" d=\"{beats}\"/><path class=\"g-bar\" d=\"{bars}\"/>");
}

/// The notes of one voice. Louder notes are more solid.
fn voice(s: &mut String, id: &str, notes: &[Note], place: impl Fn(&Note) -> (f64, f64, f64, f64)) {
    let _ = write!(s, "<g class=\"v v-{id}\">");
    for note in notes {
        let (x, y, width, height) = place(note);
        let solid = 0.45 + 0.55 * f64::from(note.velocity) / 127.0;
        let _ = write!(
            s,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" opacity=\"{solid:.2}\"/>",
            n(x + 0.5),
            n(y),
            n((width - 1.0).max(1.5)),
            n(height)
        );
    }
    s.push_str("</g>");
}

fn names(range: std::ops::RangeInclusive<u8>, kit: &[u8], kit_top: f64, height: f64, y: impl Fn(u8) -> f64) -> String {
    let h = n(height);
    let mut s =
        format!("<svg class=\"names\" width=\"62\" height=\"{h}\" viewBox=\"0 0 62 {h}\" aria-hidden=\"true\">");
    for pitch in range.filter(|p| p % 12 == 0) {
        let _ = write!(s, "<text x=\"56\" y=\"{}\">C{}</text>", n(y(pitch) + 4.5), i32::from(pitch) / 12 - 1);
    }
    for (row, &pitch) in kit.iter().enumerate() {
        let _ = write!(
            s,
            "<text x=\"56\" y=\"{}\">{}</text>",
            n(kit_top + row as f64 * DRUM_PX + DRUM_PX / 2.0 + 3.5),
            drum(pitch)
        );
    }
    s.push_str("</svg>");
    s
}

/// Short names of General MIDI percussion keys (GM 1, percussion key map).
fn drum(pitch: u8) -> &'static str {
    match pitch {
        35 | 36 => "kick",
        37 => "side stick",
        38 | 40 => "snare",
        39 => "clap",
        41 | 43 | 45 | 47 | 48 | 50 => "tom",
        42 => "hat",
        44 => "hat foot",
        46 => "open hat",
        49 | 57 => "crash",
        51 | 59 => "ride",
        52 => "china",
        53 => "ride bell",
        54 => "tambourine",
        55 => "splash",
        56 => "cowbell",
        69 => "cabasa",
        70 => "maracas",
        75 => "claves",
        _ => "percussion",
    }
}
