//! The instrument's screen: what was heard, what is offered, the song, the parts, and what AI did so far.

mod keys;
mod parts;
mod side;
mod takes;

use crate::data::{ExportState, InstrumentIntent as Intent, InstrumentView, TakeView};
use crate::theme::{self, GAP, Palette, size};
use crate::widgets::button::{self, Face, Look};
use crate::widgets::icon::Icon;
use crate::widgets::state_chip::{self, Action};
use crate::widgets::{inside, piano_roll, text};
use egui::{Align2, Rect, Stroke, Ui, pos2, vec2};

/// Heights of the bars at the top and bottom, points.
const HEAD: f32 = 44.0;
const FOOT: f32 = 34.0;

/// Draws the screen over all of `ui` and gives what the human asked for.
pub fn show(ui: &mut Ui, view: &InstrumentView) -> Vec<Intent> {
    let p = theme::begin(ui, view.theme);
    let mut out = Vec::new();
    let all = ui.max_rect();
    ui.painter().rect_filled(all, 0.0, p.ground);
    let head = Rect::from_min_size(all.min, vec2(all.width(), HEAD));
    let foot = Rect::from_min_max(pos2(all.left(), all.bottom() - FOOT), all.max);
    let body = Rect::from_min_max(pos2(all.left(), head.bottom()), pos2(all.right(), foot.top())).shrink(GAP + 2.0);
    header(ui, p, head, view, &mut out);
    footer(ui, p, foot, view, &mut out);

    let side_width = (body.width() * 0.23).clamp(222.0, 272.0);
    let side_rect = Rect::from_min_size(body.min, vec2(side_width, body.height()));
    let main = Rect::from_min_max(pos2(side_rect.right() + GAP, body.top()), body.max);
    inside(ui, side_rect, "side", |ui| side::show(ui, p, view, &mut out));
    let takes_height = (body.height() * 0.38).clamp(196.0, 268.0);
    let (roll_rect, takes_rect) = main.split_top_bottom_at_y(main.bottom() - takes_height);
    let roll_rect = Rect::from_min_max(roll_rect.min, roll_rect.max - vec2(0.0, GAP));
    let shown = selected(view);
    let roll = inside(ui, main, "roll", |ui| {
        let legend = Rect::from_min_size(roll_rect.min, vec2(roll_rect.width(), 20.0));
        takes::legend(ui, p, legend, shown);
        let rest = Rect::from_min_max(pos2(roll_rect.left(), legend.bottom() + 4.0), roll_rect.max);
        piano_roll::piano_roll(ui, p, rest, &view.song, shown)
    });
    inside(ui, takes_rect, "takes", |ui| takes::show(ui, p, view, &mut out));
    keys::act(ui, roll.id, view, &mut out);
    out
}

/// The take that is looked at.
fn selected(view: &InstrumentView) -> Option<&TakeView> {
    let named = view.selected.and_then(|id| view.takes.iter().find(|t| t.id == id));
    named.or_else(|| view.takes.first())
}

fn header(ui: &mut Ui, p: &Palette, rect: Rect, view: &InstrumentView, out: &mut Vec<Intent>) {
    ui.painter().rect_filled(rect, 0.0, p.panel);
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, p.line));
    let wide = text::width(ui, "Continuo", theme::strong(size::TITLE)) + 2.0;
    let name = Rect::from_min_size(rect.min + vec2(16.0, 0.0), vec2(wide, rect.height()));
    text::label(ui, name, Align2::LEFT_CENTER, "Continuo", theme::strong(size::TITLE), p.ink);
    let look = Rect::from_min_size(pos2(rect.right() - 36.0, rect.center().y - 12.0), vec2(24.0, 24.0));
    if button::button(ui, p, look, Face::icon(Icon::Theme, "Light or dark"), Look::Quiet, true) {
        out.push(Intent::Theme(view.theme.other()));
    }
    let chip =
        Rect::from_min_max(pos2(name.right() + 16.0, rect.top() + 4.0), pos2(look.left() - 8.0, rect.bottom() - 4.0));
    let listening = listening_advice(view);
    let ready = "Space auditions, Enter accepts, R draws again, arrows change the take.";
    match state_chip::show(ui, p, chip, &view.ai, listening, ready) {
        Some(Action::Enable) => out.push(Intent::EnableAi(true)),
        Some(Action::Disable) => out.push(Intent::EnableAi(false)),
        Some(Action::Retry) => out.push(Intent::RetryAi),
        Some(Action::Cancel) => out.push(Intent::Cancel),
        None => {}
    }
}

fn listening_advice(view: &InstrumentView) -> &'static str {
    match (view.heard.notes, view.heard.active) {
        (0, _) => "Start your song and play or sing a few bars.",
        (_, true) => "Hearing you. Ask for takes whenever you like.",
        (_, false) => "Ask for takes, or play on.",
    }
}

/// What AI did so far, in one sentence.
pub fn credits_line(view: &InstrumentView) -> String {
    let c = &view.credits;
    let count = |n: u32, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let phrases = c.trained_phrases + c.rule_phrases;
    if phrases == 0 {
        return match c.human_notes {
            0 => "No AI in this song so far.".to_owned(),
            n => format!("No AI in this song so far: {} by you.", count(n, "note", "notes")),
        };
    }
    let mut words = format!("AI in this song: {}", count(phrases, "phrase", "phrases"));
    words += &match (c.trained_phrases, c.rule_phrases) {
        (_, 0) => " by trained models".to_owned(),
        (0, _) => " by written rules".to_owned(),
        (trained, rule) => format!(" ({trained} by trained models, {rule} by written rules)"),
    };
    words += ", accepted by you";
    if c.edited_phrases > 0 {
        words += &format!(", {} edited by you", c.edited_phrases);
    }
    if c.rejected > 0 {
        words += &format!("; {} rejected", count(c.rejected, "suggestion", "suggestions"));
    }
    format!("{words}. Melody: {} by you.", count(c.human_notes, "note", "notes"))
}

fn footer(ui: &mut Ui, p: &Palette, rect: Rect, view: &InstrumentView, out: &mut Vec<Intent>) {
    ui.painter().rect_filled(rect, 0.0, p.panel);
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, p.line));
    let mut right = rect.right() - 12.0;
    let mut place = |width: f32| {
        let r = Rect::from_min_size(pos2(right - width, rect.center().y - 12.0), vec2(width, 24.0));
        right -= width + 6.0;
        r
    };
    let (can, look) = match view.export {
        ExportState::Empty | ExportState::Running { .. } => (false, Look::Plain),
        _ => (true, Look::Plain),
    };
    let face = Face::both(Icon::Export, "Export", "Export with credits");
    if button::button(ui, p, place(button::width(ui, &face)), face, look, can) {
        out.push(Intent::Export);
    }
    let long = view.undo.as_ref().map_or_else(|| "Nothing to undo".to_owned(), |what| format!("Undo: {what}"));
    let face = Face::both(Icon::Undo, "Undo", &long);
    if button::button(ui, p, place(button::width(ui, &face)), face, Look::Quiet, view.undo.is_some()) {
        out.push(Intent::Undo);
    }
    let (hint, ink) = export_hint(p, &view.export);
    let hint_width = (text::width(ui, &hint, theme::text(size::SMALL)) + 4.0).min(rect.width() * 0.34);
    let hint_rect = Rect::from_min_max(pos2(right - hint_width, rect.top()), pos2(right, rect.bottom()));
    if !hint.is_empty() {
        text::label(ui, hint_rect, Align2::RIGHT_CENTER, &hint, theme::text(size::SMALL), ink);
    }
    let line = Rect::from_min_max(rect.min + vec2(16.0, 0.0), pos2(hint_rect.left() - 12.0, rect.bottom()));
    text::label(ui, line, Align2::LEFT_CENTER, &credits_line(view), theme::text(size::SMALL), p.soft);
}

fn export_hint(p: &Palette, state: &ExportState) -> (String, egui::Color32) {
    match state {
        ExportState::Empty => (String::new(), p.faint),
        ExportState::Ready => ("The export carries these credits.".to_owned(), p.faint),
        ExportState::Running { progress } => (format!("Writing {:.0} %", progress.clamp(0.0, 1.0) * 100.0), p.accent),
        ExportState::Done { path } => (format!("Written: {path}"), p.good),
        ExportState::Failed { why } => (why.clone(), p.bad),
    }
}
