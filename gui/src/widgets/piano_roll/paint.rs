//! Painting of the piano roll.

use super::{Frame, lanes};
use crate::data::{PhraseStatus, SongView, TakeView};
use crate::theme::{self, Palette, RADIUS, fade, mix, size};
use crate::widgets::text;
use continuo_core::{Note, Part, PitchClass, Tick};
use egui::{Align2, Color32, CornerRadius, Painter, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

/// Paints all of it, back to front.
pub fn everything(ui: &Ui, p: &Palette, rect: Rect, frame: &Frame, song: &SongView, take: Option<&TakeView>) {
    let painter = ui.painter().with_clip_rect(rect.shrink(1.0).intersect(ui.clip_rect()));
    rows(&painter, p, frame, song);
    lanes::bars(&painter, p, frame, song);
    let notes = painter.with_clip_rect(frame.notes.intersect(painter.clip_rect()));
    let drums = painter.with_clip_rect(frame.drums.intersect(painter.clip_rect()));
    if let Some(take) = take {
        shade_take(&painter, p, frame, song, take);
        for phrase in &take.content.phrases {
            if take.status[phrase.part.index()] == PhraseStatus::Offered {
                part(&notes, &drums, frame, phrase.part, &phrase.notes, p.part(phrase.part), false);
            }
        }
    }
    for phrase in song.accepted.iter() {
        part(&notes, &drums, frame, phrase.part, &phrase.notes, p.part(phrase.part), true);
    }
    for note in &song.song.melody {
        body(&notes, pitched(frame, note), p.melody, true, note.velocity);
    }
    lanes::chord_lane(&painter, p, frame, song, take);
    keyboard(&painter, p, frame);
    lanes::playhead(&painter, p, frame, song);
    if song.song.melody.is_empty() && song.accepted.is_empty() && take.is_none() {
        empty(&painter, p, frame.notes);
    }
}

fn empty(painter: &Painter, p: &Palette, rect: Rect) {
    let (top, bottom) = rect.split_top_bottom_at_fraction(0.5);
    let words = "Play or sing a few bars while your song runs";
    text::paint(
        painter,
        top.shrink2(vec2(12.0, 4.0)),
        Align2::CENTER_BOTTOM,
        words,
        theme::strong(size::TITLE),
        p.soft,
    );
    let hint = "MIDI on this track, or audio through the sidechain. Your notes appear here.";
    text::paint(painter, bottom.shrink2(vec2(12.0, 4.0)), Align2::CENTER_TOP, hint, theme::text(size::BODY), p.faint);
}

/// Rows of the scale: notes outside the key lie on darker rows, each octave begins with a line.
fn rows(painter: &Painter, p: &Palette, frame: &Frame, song: &SongView) {
    let (low, high) = frame.pitches();
    let scale = song.song.key.map(|k| k.scale());
    for pitch in low..=high {
        let class = PitchClass::of(pitch);
        let outside = match scale {
            Some(scale) => !scale.contains(&class),
            None => matches!(class.index(), 1 | 3 | 6 | 8 | 10),
        };
        let y = frame.y(pitch as f32);
        if outside {
            let row = Rect::from_x_y_ranges(
                frame.notes.x_range(),
                y.min.max(frame.notes.top())..=y.max.min(frame.notes.bottom()),
            );
            if row.is_positive() {
                painter.rect_filled(row, 0.0, fade(p.grid, 0.45));
            }
        }
        if class.index() == 0 && frame.notes.y_range().contains(y.max) {
            painter.hline(frame.notes.x_range(), painter.round_to_pixel_center(y.max), Stroke::new(1.0, p.grid));
        }
    }
}

/// The bars a take covers, lightly.
fn shade_take(painter: &Painter, p: &Palette, frame: &Frame, song: &SongView, take: &TakeView) {
    let (from, to) = take.content.bars.span(&song.song.meters);
    let rect = Rect::from_x_y_ranges(frame.x(from)..=frame.x(to), frame.ruler.bottom()..=frame.drums.bottom());
    painter.rect_filled(rect.intersect(painter.clip_rect()), 0.0, fade(p.accent, 0.035));
}

fn part(notes: &Painter, drums: &Painter, frame: &Frame, part: Part, list: &[Note], hue: Color32, solid: bool) {
    for note in list {
        if part == Part::Drums {
            body(drums, lanes::drum(frame, note), hue, solid, note.velocity);
        } else {
            body(notes, pitched(frame, note), hue, solid, note.velocity);
        }
    }
}

fn pitched(frame: &Frame, note: &Note) -> Rect {
    let y = frame.y(f32::from(note.pitch));
    let left = frame.x(note.at);
    let right = (frame.x(note.end()) - 1.0).max(left + 2.0);
    let height = (y.span() - 1.0).clamp(2.5, 14.0);
    Rect::from_center_size(pos2((left + right) / 2.0, y.center()), vec2(right - left, height))
}

/// A note: filled when it is in the song, an outline with a thin fill when it is only on offer.
fn body(painter: &Painter, rect: Rect, hue: Color32, solid: bool, velocity: u8) {
    if !painter.clip_rect().intersects(rect) {
        return;
    }
    let force = 0.6 + 0.4 * f32::from(velocity) / 127.0;
    let radius = 2.0f32.min(rect.height() / 2.0);
    if solid {
        painter.rect_filled(rect, radius, fade(hue, force));
    } else {
        painter.rect(rect, radius, fade(hue, 0.22), Stroke::new(1.0, fade(hue, force * 0.9)), StrokeKind::Inside);
    }
}

fn keyboard(painter: &Painter, p: &Palette, frame: &Frame) {
    let keys = painter.with_clip_rect(frame.keys.intersect(painter.clip_rect()));
    // White keys are lighter than the roll and black ones darker, in both themes.
    let dark = p.ground.r() < 128;
    let (white, black) =
        if dark { (mix(p.raised, p.line, 0.5), p.ground) } else { (p.card, mix(p.line, p.faint, 0.45)) };
    let below = if frame.drums.height() > 1.0 { 0 } else { RADIUS - 1 };
    keys.rect_filled(frame.keys, CornerRadius { sw: below, ..CornerRadius::ZERO }, white);
    let (low, high) = frame.pitches();
    let edge = fade(p.ground, 0.55);
    for pitch in low..=high {
        let y = frame.y(pitch as f32);
        let middle = y.center();
        match PitchClass::of(pitch).index() {
            1 | 3 | 6 | 8 | 10 => {
                let key =
                    Rect::from_x_y_ranges(frame.keys.left()..=frame.keys.left() + 19.0, y.min + 0.5..=y.max - 0.5);
                keys.hline(frame.keys.x_range(), painter.round_to_pixel_center(middle), Stroke::new(1.0, edge));
                keys.rect_filled(key, 1.0, black);
            }
            0 | 5 => {
                let line = painter.round_to_pixel_center(y.max);
                keys.hline(frame.keys.x_range(), line, Stroke::new(1.0, edge));
            }
            _ => {}
        }
    }
    // Names last, so that no key lies on them; they stand on their own row and reach over the next one's free half.
    for pitch in (low..=high).filter(|pitch| PitchClass::of(*pitch).index() == 0) {
        let y = frame.y(pitch as f32);
        let place = Rect::from_x_y_ranges(frame.keys.x_range(), y.max - 13.0..=y.max);
        let name = format!("C{}", pitch / 12 - 1);
        let at = place.translate(vec2(-3.0, (13.0 - y.span()).max(0.0) / 4.0));
        text::paint(&keys, at, Align2::RIGHT_CENTER, &name, theme::text(9.0), p.soft);
    }
    painter.vline(frame.keys.right(), frame.ruler.top()..=frame.drums.bottom(), Stroke::new(1.0, p.line));
}

/// True when some of `from..to` is in view.
pub fn in_view(frame: &Frame, from: Tick, to: Tick) -> bool {
    let (start, end) = frame.span();
    to > start && from < end
}
