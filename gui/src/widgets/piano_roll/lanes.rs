//! The lanes around the notes: bar numbers, chords, drums, playhead.

use super::paint::in_view;
use super::{Frame, QUARTER};
use crate::data::{PhraseStatus, SongView, TakeView};
use crate::theme::{self, Palette, RADIUS, fade, size};
use crate::widgets::text;
use continuo_core::{ChordSpan, Note, Tick, Ticks};
use egui::{Align2, Color32, CornerRadius, Painter, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

/// Fewest points between two bar numbers, and between two beat lines.
const NUMBER_ROOM: f32 = 34.0;
const BEAT_ROOM: f32 = 14.0;

/// Bar lines with numbers, and beat lines where there is room.
pub fn bars(painter: &Painter, p: &Palette, frame: &Frame, song: &SongView) {
    let meters = &song.song.meters;
    let (start, end) = frame.span();
    painter.rect_filled(frame.ruler, CornerRadius { ne: RADIUS - 1, ..CornerRadius::ZERO }, p.panel);
    if let Some((from, to)) = song.cycle {
        let loop_rect =
            Rect::from_x_y_ranges(frame.x(from)..=frame.x(to), frame.ruler.bottom() - 3.0..=frame.ruler.bottom());
        painter.rect_filled(loop_rect.intersect(frame.ruler), 0.0, fade(p.accent, 0.6));
    }
    let mut numbered_to = f32::NEG_INFINITY;
    let first = meters.bar_at(start);
    for bar in first..=meters.bar_at(end).min(first + 4_000) {
        let (from, to) = meters.bar_span(bar);
        let x = painter.round_to_pixel_center(frame.x(from));
        if x >= frame.notes.left() - 0.5 {
            painter.vline(x, frame.ruler.bottom() - 5.0..=frame.drums.bottom(), Stroke::new(1.0, p.line));
        }
        let width = frame.x(to) - frame.x(from);
        if width / ((to - from).0 as f32 / QUARTER as f32).max(1.0) > BEAT_ROOM {
            for (beat, _) in meters.beats_of(bar).into_iter().skip(1) {
                let x = painter.round_to_pixel_center(frame.x(beat));
                painter.vline(x, frame.chords.bottom()..=frame.drums.bottom(), Stroke::new(1.0, p.grid));
            }
        }
        if x >= numbered_to && x >= frame.ruler.left() - 1.0 {
            let place = Rect::from_min_size(pos2(x + 4.0, frame.ruler.top()), vec2(40.0, frame.ruler.height()));
            text::paint(painter, place, Align2::LEFT_CENTER, &(bar + 1).to_string(), theme::text(size::TINY), p.faint);
            numbered_to = x + NUMBER_ROOM;
        }
    }
    for y in [frame.ruler.bottom(), frame.chords.bottom()] {
        painter.hline(
            frame.ruler.left()..=frame.ruler.right(),
            painter.round_to_pixel_center(y),
            Stroke::new(1.0, p.line),
        );
    }
    if frame.drums.height() > 1.0 {
        let y = painter.round_to_pixel_center(frame.drums.top());
        painter.hline(frame.keys.left()..=frame.drums.right(), y, Stroke::new(1.0, p.line));
        let corner = Rect::from_min_max(
            pos2(frame.keys.left(), frame.drums.top()),
            pos2(frame.keys.right(), frame.drums.bottom()),
        );
        painter.rect_filled(corner, CornerRadius { sw: RADIUS - 1, ..CornerRadius::ZERO }, p.panel);
        text::paint(painter, corner.shrink(3.0), Align2::CENTER_CENTER, "Kit", theme::text(size::TINY), p.faint);
    }
}

/// Accepted chords filled, the looked-at take's chords outlined where nothing is accepted.
pub fn chord_lane(painter: &Painter, p: &Palette, frame: &Frame, song: &SongView, take: Option<&TakeView>) {
    let lane = painter.with_clip_rect(frame.chords.intersect(painter.clip_rect()));
    let flats = song.song.key.or(take.map(|t| t.content.key)).is_some_and(|k| k.uses_flats());
    let free = |c: &ChordSpan| !song.chords.iter().any(|s| s.at < c.end() && c.at < s.end());
    if let Some(take) = take
        && take.status.contains(&PhraseStatus::Offered)
    {
        for chord in take.content.chords.iter().filter(|c| free(c)) {
            block(&lane, p, frame, chord, flats, false);
        }
    }
    for chord in song.chords.iter() {
        block(&lane, p, frame, chord, flats, true);
    }
}

fn block(painter: &Painter, p: &Palette, frame: &Frame, chord: &ChordSpan, flats: bool, solid: bool) {
    if !in_view(frame, chord.at, chord.end()) {
        return;
    }
    let rect = Rect::from_x_y_ranges(
        frame.x(chord.at) + 1.0..=frame.x(chord.end()) - 1.0,
        frame.chords.top() + 3.0..=frame.chords.bottom() - 3.0,
    );
    if rect.width() < 2.0 {
        return;
    }
    if solid {
        painter.rect_filled(rect, 3.0, fade(p.accent, 0.24));
    } else {
        painter.rect_stroke(rect, 3.0, Stroke::new(1.0, fade(p.accent, 0.4)), StrokeKind::Inside);
    }
    let name = chord.chord.map_or_else(|| "N.C.".to_owned(), |c| c.symbol(flats));
    // A model that is not sure writes paler.
    let sure = if solid { 1.0 } else { 0.55 + 0.45 * chord.probability.clamp(0.0, 1.0) };
    if rect.width() > 12.0 {
        let place = rect.shrink2(vec2(3.0, 0.0));
        text::paint(painter, place, Align2::CENTER_CENTER, &name, theme::strong(size::SMALL), fade(p.ink, sure));
    }
}

/// Row of a General MIDI percussion key, kick at the bottom to cymbals at the top.
fn drum_row(pitch: u8) -> u8 {
    match pitch {
        35 | 36 => 0,
        37..=40 => 1,
        41 | 43 | 45 | 47 | 48 | 50 => 2,
        42 | 44 | 46 => 3,
        _ => 4,
    }
}

/// Where a drum note lies: its row, as long as it is seen.
pub fn drum(frame: &Frame, note: &Note) -> Rect {
    let row = (frame.drums.height() - 4.0) / 5.0;
    let y = frame.drums.bottom() - 2.0 - row * (f32::from(drum_row(note.pitch)) + 0.5);
    let left = frame.x(note.at);
    let sixteenth = frame.x(note.at + Ticks(QUARTER / 4)) - left;
    let width = (sixteenth * 0.7).clamp(2.0, 10.0);
    Rect::from_min_size(pos2(left, y - row * 0.4), vec2(width, (row * 0.8).max(2.0)))
}

/// The playhead, with a small flag in the ruler.
pub fn playhead(painter: &Painter, p: &Palette, frame: &Frame, song: &SongView) {
    let Some(at) = song.playhead.filter(|&at| in_view(frame, at, at + Ticks(1)) && at >= Tick(0)) else { return };
    let x = painter.round_to_pixel_center(frame.x(at));
    if x < frame.notes.left() {
        return;
    }
    let color: Color32 = if song.playing { p.ink } else { p.faint };
    painter.vline(x, frame.ruler.top() + 6.0..=frame.drums.bottom(), Stroke::new(1.25, color));
    let top = frame.ruler.top() + 3.0;
    let flag = vec![pos2(x - 5.0, top), pos2(x + 5.0, top), pos2(x, top + 7.0)];
    painter.add(Shape::convex_polygon(flag, color, Stroke::NONE));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_percussion_key_has_a_row() {
        assert_eq!((drum_row(36), drum_row(38), drum_row(45), drum_row(42), drum_row(49)), (0, 1, 2, 3, 4));
        assert!((0..=127).all(|pitch| drum_row(pitch) < 5));
    }
}
