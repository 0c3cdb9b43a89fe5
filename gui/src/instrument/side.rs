//! The column at the left: what was heard, how the next takes shall be, and the parts' mixer.

use super::parts;
use crate::data::{HeardView, InstrumentIntent as Intent, InstrumentView, ParamEdit};
use crate::range::level_text;
use crate::theme::{self, GAP, Palette, fade, size};
use crate::widgets::button::{self, Face, Look};
use crate::widgets::gesture::whole;
use crate::widgets::icon::Icon;
use crate::widgets::{card, choice, knob, text};
use continuo_core::AiState;
use egui::{Align2, Rect, ScrollArea, Sense, Ui, pos2, vec2};

/// The column over all of `ui`; it scrolls where it does not fit.
pub fn show(ui: &mut Ui, p: &Palette, view: &InstrumentView, out: &mut Vec<Intent>) {
    ScrollArea::vertical().id_salt("side scroll").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = GAP;
        let width = ui.available_width();
        let next = |ui: &mut Ui, height: f32| ui.allocate_exact_size(vec2(width, height), Sense::hover()).0;
        let warned = if view.heard.dropped > 0 { 20.0 } else { 0.0 };
        let rect = next(ui, 112.0 + warned);
        heard(ui, p, rect, view, out);
        let rect = next(ui, 206.0);
        controls(ui, p, rect, view, out);
        let rect = next(ui, parts::HEIGHT);
        parts::show(ui, p, rect, view, out);
    });
}

/// Paints a card with its title and gives the room under it.
pub fn titled(ui: &mut Ui, p: &Palette, rect: Rect, title: &str) -> Rect {
    card(ui, p, rect);
    let inner = rect.shrink2(vec2(12.0, 8.0));
    let head = Rect::from_min_size(inner.min, vec2(inner.width(), 20.0));
    text::label(ui, head, Align2::LEFT_CENTER, title, theme::strong(size::SMALL), p.faint);
    Rect::from_min_max(pos2(inner.left(), head.bottom() + 4.0), inner.max)
}

fn heard(ui: &mut Ui, p: &Palette, rect: Rect, view: &InstrumentView, out: &mut Vec<Intent>) {
    let h = &view.heard;
    let body = titled(ui, p, rect, "Heard");
    let head = Rect::from_min_max(rect.min + vec2(12.0, 8.0), pos2(rect.right() - 12.0, rect.top() + 28.0));
    let again = Rect::from_min_max(pos2(head.right() - 20.0, head.top()), head.max);
    let face = Face::icon(Icon::Again, "Forget what was heard and listen afresh");
    if button::button(ui, p, again, face, Look::Quiet, h.notes > 0) {
        out.push(Intent::ListenAfresh);
    }
    let lamp_rect = Rect::from_min_max(pos2(head.left() + 44.0, head.top()), pos2(again.left() - 6.0, head.bottom()));
    lamp(ui, p, lamp_rect, h);
    let dash = || "\u{2013}".to_owned();
    let melody = match h.bars.map(|b| b.len()) {
        None | Some(0) => "Melody".to_owned(),
        Some(1) => "Melody, 1 bar".to_owned(),
        Some(n) => format!("Melody, {n} bars"),
    };
    let cells: [(&str, String); 4] = [
        ("Key", h.key.map_or_else(dash, |k| k.to_string())),
        ("Tempo", h.tempo_bpm.map_or_else(dash, |t| format!("{t:.1} bpm"))),
        ("Metre", h.meter.map_or_else(dash, |m| format!("{}/{}", m.num, m.den))),
        (&melody, format!("{} {}", h.notes, if h.notes == 1 { "note" } else { "notes" })),
    ];
    let (width, height) = ((body.width() - GAP) / 2.0, 34.0);
    for (i, (name, value)) in cells.iter().enumerate() {
        let (column, row) = ((i % 2) as f32, (i / 2) as f32);
        let cell =
            Rect::from_min_size(body.min + vec2(column * (width + GAP), row * (height + 4.0)), vec2(width, height));
        let (top, bottom) = cell.split_top_bottom_at_y(cell.top() + 15.0);
        text::paint(ui.painter(), top, Align2::LEFT_CENTER, name, theme::text(size::TINY), p.faint);
        let ink = if value == "\u{2013}" { p.faint } else { p.ink };
        text::label(ui, bottom, Align2::LEFT_CENTER, value, theme::text(size::BODY), ink);
    }
    if h.dropped > 0 {
        let line = Rect::from_min_max(pos2(body.left(), rect.bottom() - 26.0), pos2(body.right(), rect.bottom() - 8.0));
        let words = format!("{} inputs missed: the machine was busy. Play them again.", h.dropped);
        text::label(ui, line, Align2::LEFT_CENTER, &words, theme::text(size::SMALL), p.warn);
    }
}

/// A dot that lights while something comes in, with what it is.
fn lamp(ui: &mut Ui, p: &Palette, rect: Rect, h: &HeardView) {
    let glow = ui.ctx().animate_bool_with_time(ui.scope_id().with("lamp"), h.active, 0.15);
    let dot = pos2(rect.left() + 6.0, rect.center().y);
    ui.painter().circle_filled(dot, 6.0, fade(p.good, 0.25 * glow));
    ui.painter().circle_filled(dot, 3.0, theme::mix(p.line, p.good, glow));
    let words = match (h.active, h.input_db) {
        (_, Some(db)) => format!("{} dB in", level_text(db)),
        (true, None) => "playing".to_owned(),
        (false, None) => "no input now".to_owned(),
    };
    let place = Rect::from_min_max(pos2(dot.x + 10.0, rect.top()), rect.max);
    text::label(ui, place, Align2::LEFT_CENTER, &words, theme::text(size::SMALL), p.faint);
}

fn controls(ui: &mut Ui, p: &Palette, rect: Rect, view: &InstrumentView, out: &mut Vec<Intent>) {
    let body = titled(ui, p, rect, "Next takes");
    let field = Rect::from_min_size(body.min, vec2(body.width(), 28.0));
    let style = &view.style;
    if let Some(index) = choice::choice(ui, p, field, "Style", &style.choices, style.choice()) {
        push(out, &style.id, whole(style.choice_normalized(index)));
    }
    let half = (body.width() - GAP) / 2.0;
    for (i, param) in [&view.density, &view.adventure].into_iter().enumerate() {
        let at = pos2(body.left() + i as f32 * (half + GAP), field.bottom() + 10.0);
        let edits = knob::knob(ui, p, Rect::from_min_size(at, vec2(half, 82.0)), param, &param.name, p.accent);
        push(out, &param.id, edits);
    }
    let ask = Rect::from_min_max(pos2(body.left(), body.bottom() - 30.0), body.max);
    let thinking = matches!(view.ai, AiState::Thinking { .. });
    let can = view.heard.notes > 0 && matches!(view.ai, AiState::Listening | AiState::Ready);
    let words = if view.takes.is_empty() { "Suggest takes" } else { "Suggest more takes" };
    let words = if thinking { "Thinking\u{2026}" } else { words };
    // With takes on the table the next step is to choose; the loud button moves there.
    let look = if view.takes.is_empty() { Look::Primary } else { Look::Plain };
    if button::button(ui, p, ask, Face::text(words), look, can) {
        out.push(Intent::Suggest);
    }
}

/// Sends edits of one parameter.
pub fn push(out: &mut Vec<Intent>, id: &str, edits: Vec<ParamEdit>) {
    out.extend(edits.into_iter().map(|edit| Intent::Param { id: id.to_owned(), edit }));
}
