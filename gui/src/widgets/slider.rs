//! A rail from left to right with a handle.

use super::gesture::{self, Travel};
use crate::data::ParamEdit;
use crate::theme::{Palette, fade, mix};
use egui::{Color32, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

/// What a slider shows and says.
#[derive(Clone, Copy, Debug)]
pub struct Rail<'a> {
    /// Accessible name.
    pub name: &'a str,
    /// Value, 0 to 1.
    pub value: f32,
    /// Value after a double click, 0 to 1; marked by a tick.
    pub default: f32,
    /// Value in words.
    pub text: &'a str,
    /// Colour of the filled side.
    pub hue: Color32,
}

/// A slider in `rect`. A press on the rail does not jump: the value moves by the way the hand moves.
pub fn slider(ui: &mut Ui, p: &Palette, rect: Rect, rail: Rail) -> (Response, Vec<ParamEdit>) {
    let response = ui.interact(rect, ui.scope_id().with(("slider", rail.name)), Sense::click_and_drag());
    let track = Rect::from_center_size(rect.center(), vec2(rect.width() - 10.0, 4.0));
    let (value, edits) = gesture::edit(ui, &response, rail.value, rail.default, Travel::rail(track.width()));
    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), f64::from(value), rail.name));
    gesture::describe(ui, &response, value, rail.text, 0.02);
    let painter = ui.painter();
    let x = |share: f32| track.left() + track.width() * share;
    painter.rect_filled(track, 2.0, p.line);
    painter.rect_filled(Rect::from_min_max(track.min, pos2(x(value), track.bottom())), 2.0, rail.hue);
    let tick = x(rail.default);
    painter.vline(tick, track.y_range().expand(3.0), Stroke::new(1.0, fade(p.faint, 0.7)));
    let hover =
        ui.ctx().animate_bool_with_time(response.id.with("hover"), response.hovered() || response.dragged(), 0.08);
    let handle = Rect::from_center_size(pos2(x(value), rect.center().y), vec2(9.0, 14.0));
    let edge = if response.has_focus() { Stroke::new(1.5, p.accent) } else { Stroke::new(1.0, p.line) };
    painter.rect(handle, 3.0, mix(p.ink, rail.hue, 0.25 * hover), edge, StrokeKind::Outside);
    let tip = format!("{}: {}", rail.name, rail.text);
    let response = response.on_hover_and_drag_cursor(egui::CursorIcon::ResizeHorizontal);
    let response = if response.dragged() { response } else { response.on_hover_text(tip) };
    (response, edits)
}
