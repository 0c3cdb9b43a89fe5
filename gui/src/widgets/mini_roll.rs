//! Small pictures of phrases and chords, for take cards.

use crate::theme::{self, Palette, fade, size};
use continuo_core::{BarRange, ChordSpan, MeterMap, Note, Tick};
use egui::{Align2, Color32, Painter, Rect, Stroke, pos2, vec2};

/// How a phrase is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Filled: it is in the song.
    Solid,
    /// Half filled: on offer.
    Offered,
    /// Pale: turned down.
    Pale,
}

/// Paints the notes of `bars` into `rect`, the pitch range they use from bottom to top.
pub fn phrase(painter: &Painter, rect: Rect, notes: &[Note], span: (Tick, Tick), hue: Color32, ink: Ink) {
    let (low, high) = notes.iter().fold((127u8, 0u8), |(l, h), n| (l.min(n.pitch), h.max(n.pitch)));
    let length = (span.1 - span.0).0.max(1) as f32;
    let rows = f32::from(high.saturating_sub(low)) + 1.0;
    let row = (rect.height() / rows).clamp(1.5, 3.5);
    let opacity = match ink {
        Ink::Solid => 1.0,
        Ink::Offered => 0.8,
        Ink::Pale => 0.25,
    };
    for note in notes {
        let x = |t: Tick| rect.left() + rect.width() * ((t - span.0).0 as f32 / length).clamp(0.0, 1.0);
        let up = if rows > 1.0 { f32::from(note.pitch - low) / (rows - 1.0) } else { 0.5 };
        let y = rect.bottom() - row / 2.0 - up * (rect.height() - row);
        let (from, to) = (x(note.at), x(note.end()).max(x(note.at) + 1.5));
        let shade = opacity * (0.55 + 0.45 * f32::from(note.velocity) / 127.0);
        let body = Rect::from_min_max(pos2(from, y - row / 2.0), pos2((to - 0.5).max(from + 1.0), y + row / 2.0));
        painter.rect_filled(body, 1.0, fade(hue, shade));
    }
}

/// Paints faint bar lines of `bars` into `rect`.
pub fn bar_lines(painter: &Painter, p: &Palette, rect: Rect, bars: BarRange, meters: &MeterMap) {
    let (start, end) = bars.span(meters);
    let length = (end - start).0.max(1) as f32;
    for bar in bars.from + 1..bars.to {
        let share = (meters.bar_start(bar) - start).0 as f32 / length;
        let x = painter.round_to_pixel_center(rect.left() + rect.width() * share);
        painter.vline(x, rect.y_range(), Stroke::new(1.0, p.grid));
    }
}

/// Paints chord names at their places into `rect`. A name that has no room is left out; the roll shows them all.
pub fn chords(painter: &Painter, p: &Palette, rect: Rect, chords: &[ChordSpan], span: (Tick, Tick), flats: bool) {
    let length = (span.1 - span.0).0.max(1) as f32;
    let x = |t: Tick| rect.left() + rect.width() * ((t - span.0).0 as f32 / length).clamp(0.0, 1.0);
    let mut free_from = rect.left();
    for chord in chords.iter().filter(|c| c.end() > span.0 && c.at < span.1) {
        let left = x(chord.at);
        let name = chord.chord.map_or_else(|| "\u{2013}".to_owned(), |c| c.symbol(flats));
        let galley = painter.layout_no_wrap(name, theme::strong(size::TINY), p.soft);
        if left >= free_from && left + galley.size().x <= rect.right() {
            free_from = left + galley.size().x + 4.0;
            painter.galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, p.soft);
        }
        painter.vline(left, rect.bottom() - 2.0..=rect.bottom(), Stroke::new(1.0, p.line));
    }
}

/// A word in a soft pill at the right end of `rect`; gives the pill.
pub fn tag(painter: &Painter, rect: Rect, word: &str, hue: Color32) -> Rect {
    let galley = painter.layout_no_wrap(word.to_owned(), theme::strong(size::TINY), hue);
    let pill = Align2::RIGHT_CENTER.align_size_within_rect(galley.size() + vec2(12.0, 3.0), rect);
    painter.rect_filled(pill, pill.height() / 2.0, fade(hue, 0.16));
    painter.galley(pill.center() - galley.size() / 2.0, galley, hue);
    pill
}
