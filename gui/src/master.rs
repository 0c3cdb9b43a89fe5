//! The mastering screen: the suggestions and their reasons, the curve, the meters, the A/B.

mod chain;
mod meters;
mod moves;

use crate::data::{MasterIntent as Intent, MasterView, MoveStatus};
use crate::theme::{self, GAP, Palette, size};
use crate::widgets::button::{self, Face, Look};
use crate::widgets::icon::Icon;
use crate::widgets::state_chip::{self, Action};
use crate::widgets::{curve, inside, text};
use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

const HEAD: f32 = 44.0;
const FOOT: f32 = 34.0;

/// Draws the screen over all of `ui` and gives what the human asked for.
pub fn show(ui: &mut Ui, view: &MasterView) -> Vec<Intent> {
    let p = theme::begin(ui, view.theme);
    let mut out = Vec::new();
    let all = ui.max_rect();
    ui.painter().rect_filled(all, 0.0, p.ground);
    let head = Rect::from_min_size(all.min, vec2(all.width(), HEAD));
    let foot = Rect::from_min_max(pos2(all.left(), all.bottom() - FOOT), all.max);
    let body = Rect::from_min_max(pos2(all.left(), head.bottom()), pos2(all.right(), foot.top())).shrink(GAP + 2.0);
    header(ui, p, head, view, &mut out);
    footer(ui, p, foot, view, &mut out);

    let left_width = (body.width() * 0.31).clamp(276.0, 400.0);
    let left = Rect::from_min_size(body.min, vec2(left_width, body.height()));
    let right = Rect::from_min_max(pos2(left.right() + GAP, body.top()), body.max);
    inside(ui, left, "moves", |ui| moves::show(ui, p, view, &mut out));

    let short = right.height() < 460.0;
    let (meters_height, chain_height) =
        if short { (100.0, 98.0) } else { ((right.height() * 0.24).clamp(120.0, 190.0), 118.0) };
    let row = |top: f32, bottom: f32| Rect::from_min_max(pos2(right.left(), top), pos2(right.right(), bottom));
    let bar = row(right.top(), right.top() + 28.0);
    let chain_rect = row(right.bottom() - chain_height, right.bottom());
    let meters_rect = row(chain_rect.top() - GAP - meters_height, chain_rect.top() - GAP);
    let curve_rect = row(bar.bottom() + GAP, meters_rect.top() - GAP);
    inside(ui, right, "plots", |ui| {
        meters::compare(ui, p, bar, view, &mut out);
        curve::curve(ui, p, curve_rect, &view.settings, &view.bands, &view.spectrum, &mut out);
        meters::show(ui, p, meters_rect, view);
    });
    inside(ui, chain_rect, "chain", |ui| chain::show(ui, p, view, &mut out));
    if view.undo.is_some() && ui.input_mut(|i| i.consume_key(egui::Modifiers::COMMAND, egui::Key::Z)) {
        out.push(Intent::Undo);
    }
    out
}

fn header(ui: &mut Ui, p: &Palette, rect: Rect, view: &MasterView, out: &mut Vec<Intent>) {
    ui.painter().rect_filled(rect, 0.0, p.panel);
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, p.line));
    let wide = text::width(ui, "Continuo Master", theme::strong(size::TITLE)) + 2.0;
    let name = Rect::from_min_size(rect.min + vec2(16.0, 0.0), vec2(wide, rect.height()));
    text::label(ui, name, Align2::LEFT_CENTER, "Continuo Master", theme::strong(size::TITLE), p.ink);
    let look = Rect::from_min_size(pos2(rect.right() - 36.0, rect.center().y - 12.0), vec2(24.0, 24.0));
    if button::button(ui, p, look, Face::icon(Icon::Theme, "Light or dark"), Look::Quiet, true) {
        out.push(Intent::Theme(view.theme.other()));
    }
    let chip =
        Rect::from_min_max(pos2(name.right() + 16.0, rect.top() + 4.0), pos2(look.left() - 8.0, rect.bottom() - 4.0));
    let listening = if view.analysis.heard_s <= 0.0 {
        "Play the loudest part of your mix."
    } else {
        "Hearing your mix. Let the loudest part pass by."
    };
    let ready = "Nothing moves by itself: accept what you like.";
    match state_chip::show(ui, p, chip, &view.ai, listening, ready) {
        Some(Action::Enable) => out.push(Intent::EnableAi(true)),
        Some(Action::Disable) => out.push(Intent::EnableAi(false)),
        Some(Action::Retry) => out.push(Intent::RetryAi),
        Some(Action::Cancel) => out.push(Intent::Cancel),
        None => {}
    }
}

/// What AI did so far, in one sentence.
pub fn credits_line(view: &MasterView) -> String {
    let edited = view.moves.iter().filter(|m| m.status == MoveStatus::Edited).count();
    if view.accepted == 0 {
        return match view.rejected {
            0 => "No AI in this master so far.".to_owned(),
            n => format!("No AI in this master: {n} rejected by you."),
        };
    }
    let moves = if view.accepted == 1 { "move" } else { "moves" };
    let mut words = format!("AI in this master: {} {moves} suggested and accepted by you", view.accepted);
    if edited > 0 {
        words += &format!(", {edited} then edited by you");
    }
    if view.rejected > 0 {
        words += &format!("; {} rejected", view.rejected);
    }
    words + "."
}

fn footer(ui: &mut Ui, p: &Palette, rect: Rect, view: &MasterView, out: &mut Vec<Intent>) {
    ui.painter().rect_filled(rect, 0.0, p.panel);
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, p.line));
    let long = view.undo.as_ref().map_or_else(|| "Nothing to undo".to_owned(), |what| format!("Undo: {what}"));
    let face = Face::both(Icon::Undo, "Undo", &long);
    let width = button::width(ui, &face);
    let place = Rect::from_min_size(pos2(rect.right() - 12.0 - width, rect.center().y - 12.0), vec2(width, 24.0));
    if button::button(ui, p, place, face, Look::Quiet, view.undo.is_some()) {
        out.push(Intent::Undo);
    }
    let line = Rect::from_min_max(rect.min + vec2(16.0, 0.0), pos2(place.left() - 12.0, rect.bottom()));
    text::label(ui, line, Align2::LEFT_CENTER, &credits_line(view), theme::text(size::SMALL), p.soft);
}
