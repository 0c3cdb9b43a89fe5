//! A knob: an arc, a pointer, the name under it and the value in words.

use super::{gesture, text};
use crate::data::{ParamEdit, ParamView};
use crate::theme::{self, Palette, mix, size};
use egui::{Align2, Color32, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};
use std::f32::consts::TAU;

/// Size of a knob with its two lines of text, points.
pub const SIZE: egui::Vec2 = egui::Vec2::new(64.0, 78.0);

/// Where the arc begins (lower left) and how far it goes (three quarters of a turn), radians clockwise from the right.
const FROM: f32 = 0.375 * TAU;
const SWEEP: f32 = 0.75 * TAU;

/// A knob in `rect`, [`SIZE`] or larger, with its value and the name `shown`: the whole one or, in a named group, a short
/// one. Assistive technology always reads the whole one.
pub fn knob(ui: &mut Ui, p: &Palette, rect: Rect, param: &ParamView, shown: &str, hue: Color32) -> Vec<ParamEdit> {
    let radius = ((rect.height() - 32.0) / 2.0).min(rect.width() / 2.0 - 6.0).min(26.0);
    let center = pos2(rect.center().x, rect.top() + radius + 2.0);
    let (response, edits) = dial(ui, p, center, radius, param, hue);
    let below = Rect::from_min_max(pos2(rect.left(), center.y + radius + 1.0), rect.max);
    let (name, value) = below.split_top_bottom_at_fraction(0.5);
    let painter = ui.painter();
    text::paint(painter, name, Align2::CENTER_CENTER, shown, theme::text(size::SMALL), p.soft);
    let ink = if response.hovered() || response.dragged() { p.ink } else { p.faint };
    text::paint(painter, value, Align2::CENTER_CENTER, &param.text, theme::text(size::SMALL), ink);
    edits
}

/// The dial alone, for narrow places; its value is the tooltip.
pub fn dial(
    ui: &mut Ui,
    p: &Palette,
    c: Pos2,
    radius: f32,
    param: &ParamView,
    hue: Color32,
) -> (Response, Vec<ParamEdit>) {
    let area = Rect::from_center_size(c, vec2(radius, radius) * 2.0 + vec2(4.0, 4.0));
    let response = ui.interact(area, ui.scope_id().with(("knob", &param.id)), Sense::click_and_drag());
    let (value, edits) = gesture::edit(ui, &response, param.normalized, param.default, gesture::Travel::KNOB);
    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), f64::from(value), &param.name));
    gesture::describe(ui, &response, value, &param.text, gesture::Travel::KNOB.step);
    let hover =
        ui.ctx().animate_bool_with_time(response.id.with("hover"), response.hovered() || response.dragged(), 0.08);
    paint_dial(ui.painter(), p, c, radius, value, param.centred, hue, hover);
    if response.has_focus() {
        ui.painter().circle_stroke(c, radius + 3.0, Stroke::new(1.5, p.accent));
    }
    let hint = format!("{}: {}\nShift: fine. Double click: reset.", param.name, param.text);
    let response = response.on_hover_and_drag_cursor(egui::CursorIcon::ResizeVertical);
    let response = if response.dragged() { response } else { response.on_hover_text(hint) };
    (response, edits)
}

#[expect(clippy::too_many_arguments, reason = "everything a dial is painted from")]
fn paint_dial(
    painter: &Painter,
    p: &Palette,
    c: Pos2,
    radius: f32,
    value: f32,
    centred: bool,
    hue: Color32,
    hover: f32,
) {
    let width = (radius / 6.5).max(2.0);
    let track = Stroke::new(width, p.line);
    painter.add(Shape::line(arc(c, radius - width / 2.0, 0.0, 1.0), track));
    let from = if centred { 0.5 } else { 0.0 };
    if (value - from).abs() > 0.002 {
        painter
            .add(Shape::line(arc(c, radius - width / 2.0, from.min(value), from.max(value)), Stroke::new(width, hue)));
    }
    painter.circle_filled(c, radius - width - 2.0, mix(p.raised, p.hover, hover));
    let angle = FROM + SWEEP * value;
    let direction = vec2(angle.cos(), angle.sin());
    let (inner, outer) = ((radius - width) * 0.35, radius - width - 3.5);
    painter.line_segment([c + direction * inner, c + direction * outer], Stroke::new((radius / 10.0).max(1.75), p.ink));
}

fn arc(c: Pos2, radius: f32, from: f32, to: f32) -> Vec<Pos2> {
    let count = 2 + (40.0 * (to - from)) as usize;
    (0..=count)
        .map(|i| {
            let angle = FROM + SWEEP * (from + (to - from) * i as f32 / count as f32);
            c + vec2(angle.cos(), angle.sin()) * radius
        })
        .collect()
}
