//! Buttons with words or signs, and switches.

use super::icon::{self, Icon};
use super::text;
use crate::theme::{self, Palette, RADIUS_SMALL, fade, mix};
use egui::{Align2, Color32, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

/// How loud a button is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The one thing to do here.
    Primary,
    /// Something that can be done.
    Plain,
    /// No ground until it is pointed at.
    Quiet,
}

/// What a button shows and says.
#[derive(Clone, Copy, Debug)]
pub struct Face<'a> {
    /// Sign, if any.
    pub icon: Option<Icon>,
    /// Words; empty for a sign alone.
    pub text: &'a str,
    /// Accessible name; also the tooltip of a sign alone.
    pub name: &'a str,
}

impl<'a> Face<'a> {
    /// Words alone; they are the name too.
    pub fn text(text: &'a str) -> Self {
        Self { icon: None, text, name: text }
    }

    /// A sign alone.
    pub fn icon(icon: Icon, name: &'a str) -> Self {
        Self { icon: Some(icon), text: "", name }
    }

    /// A sign and words.
    pub fn both(icon: Icon, text: &'a str, name: &'a str) -> Self {
        Self { icon: Some(icon), text, name }
    }
}

/// Width a button needs for its face, points.
pub fn width(ui: &Ui, face: &Face) -> f32 {
    let words = if face.text.is_empty() { 0.0 } else { text::width(ui, face.text, theme::strong(theme::size::SMALL)) };
    let sign = if face.icon.is_some() { 12.0 } else { 0.0 };
    let between = if words > 0.0 && sign > 0.0 { 6.0 } else { 0.0 };
    words + sign + between + if words > 0.0 { 20.0 } else { 14.0 }
}

/// A button in `rect`; true when it was pressed.
pub fn button(ui: &mut Ui, p: &Palette, rect: Rect, face: Face, look: Look, enabled: bool) -> bool {
    let response = respond(ui, rect, &face, enabled, None);
    // What cannot be pressed is not loud.
    let look = if look == Look::Primary && !enabled { Look::Plain } else { look };
    let (fill, ink) = match look {
        Look::Primary => (Some(p.accent), p.on_accent),
        Look::Plain => (Some(p.raised), p.ink),
        Look::Quiet => (None, p.soft),
    };
    let hover = ui.ctx().animate_bool_with_time(response.id.with("hover"), response.hovered() && enabled, 0.08);
    let fill = match fill {
        Some(fill) if look == Look::Primary => Some(mix(fill, p.ink, hover * 0.18)),
        Some(fill) => Some(mix(fill, p.hover, hover)),
        None if hover > 0.0 => Some(fade(p.hover, hover)),
        None => None,
    };
    let edge = if look == Look::Plain { Stroke::new(1.0, p.line) } else { Stroke::NONE };
    paint(ui, p, &response, &face, fill, ink, edge, enabled);
    let text_is_whole = !face.text.is_empty() && face.text == face.name;
    let clicked = response.clicked() && enabled;
    if !text_is_whole {
        response.on_hover_text(face.name);
    }
    clicked
}

/// A switch in `rect`, lit in `lit` when `on`; true when it was pressed.
pub fn switch(ui: &mut Ui, p: &Palette, rect: Rect, face: Face, on: bool, lit: Color32, enabled: bool) -> bool {
    let response = respond(ui, rect, &face, enabled, Some(on));
    let hover = ui.ctx().animate_bool_with_time(response.id.with("hover"), response.hovered() && enabled, 0.08);
    let (fill, ink, edge) = if on {
        (Some(mix(fade(lit, 0.24), fade(lit, 0.34), hover)), lit, Stroke::new(1.0, fade(lit, 0.7)))
    } else if face.text.is_empty() {
        ((hover > 0.0).then(|| fade(p.hover, hover)), p.faint, Stroke::NONE)
    } else {
        (Some(mix(p.raised, p.hover, hover)), p.soft, Stroke::new(1.0, p.line))
    };
    paint(ui, p, &response, &face, fill, ink, edge, enabled);
    let clicked = response.clicked() && enabled;
    if face.text != face.name {
        response.on_hover_text(face.name);
    }
    clicked
}

/// One side of a two-way switch that is on: lit, and pressed for those who cannot see it.
pub fn switch_lit(ui: &mut Ui, p: &Palette, rect: Rect, face: Face) -> bool {
    let response = respond(ui, rect, &face, true, Some(true));
    paint(ui, p, &response, &face, Some(p.accent), p.on_accent, Stroke::NONE, true);
    response.clicked()
}

/// One tab of a row of tabs.
pub fn tab(ui: &mut Ui, p: &Palette, rect: Rect, face: Face, open: bool) -> bool {
    let response = respond(ui, rect, &face, true, Some(open));
    let (fill, ink) = match (open, response.hovered()) {
        (true, _) => (Some(p.raised), p.ink),
        (false, true) => (Some(fade(p.hover, 0.6)), p.soft),
        (false, false) => (None, p.faint),
    };
    paint(ui, p, &response, &face, fill, ink, Stroke::NONE, true);
    response.clicked()
}

fn respond(ui: &mut Ui, rect: Rect, face: &Face, enabled: bool, on: Option<bool>) -> Response {
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with(("button", face.name)), sense);
    response.widget_info(|| match on {
        Some(on) => WidgetInfo::selected(Role::Button, enabled, on, face.name),
        None => WidgetInfo::labeled(Role::Button, enabled, face.name),
    });
    if enabled { response.on_hover_cursor(egui::CursorIcon::PointingHand) } else { response }
}

#[expect(clippy::too_many_arguments, reason = "one place paints every button")]
fn paint(ui: &Ui, p: &Palette, r: &Response, face: &Face, fill: Option<Color32>, ink: Color32, edge: Stroke, on: bool) {
    let painter = ui.painter();
    let dim = if on { 1.0 } else { 0.4 };
    let rect = r.rect;
    if let Some(fill) = fill {
        painter.rect(
            rect,
            RADIUS_SMALL,
            fade(fill, dim),
            Stroke::new(edge.width, fade(edge.color, dim)),
            StrokeKind::Inside,
        );
    }
    if r.has_focus() {
        painter.rect_stroke(rect.expand(2.0), RADIUS_SMALL + 2, Stroke::new(1.5, p.accent), StrokeKind::Inside);
    }
    let ink = fade(ink, dim);
    let inner = rect.shrink2(vec2(4.0, 0.0));
    match (face.icon, face.text) {
        (Some(sign), "") => icon::paint(painter, rect, 12.0f32.min(rect.height() * 0.6), sign, ink),
        (Some(sign), words) => {
            let wide = text::width(ui, words, theme::strong(theme::size::SMALL)).min(inner.width() - 18.0);
            let left = rect.center().x - (wide + 18.0) / 2.0;
            icon::paint(
                painter,
                Rect::from_min_size(egui::pos2(left, rect.top()), vec2(12.0, rect.height())),
                11.0,
                sign,
                ink,
            );
            let area =
                Rect::from_min_max(egui::pos2(left + 18.0, rect.top()), egui::pos2(inner.right(), rect.bottom()));
            text::paint(painter, area, Align2::LEFT_CENTER, words, theme::strong(theme::size::SMALL), ink);
        }
        (None, words) => {
            text::paint(painter, inner, Align2::CENTER_CENTER, words, theme::strong(theme::size::SMALL), ink);
        }
    }
}
