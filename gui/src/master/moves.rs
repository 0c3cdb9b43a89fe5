//! The left column: target, analysis, and the list of suggested moves.

use crate::data::{MasterIntent as Intent, MasterView, MoveStatus};
use crate::range::level_text;
use crate::theme::{self, GAP, Palette, size};
use crate::widgets::button::{self, Face, Look};
use crate::widgets::icon::Icon;
use crate::widgets::{card, choice, inside, move_card, text};
use continuo_core::AiState;
use egui::{Align2, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

/// The column over all of `ui`.
pub fn show(ui: &mut Ui, p: &Palette, view: &MasterView, out: &mut Vec<Intent>) {
    let area = ui.max_rect();
    let top = Rect::from_min_size(area.min, vec2(area.width(), 100.0));
    target(ui, p, top, view, out);
    let head = Rect::from_min_size(pos2(area.left(), top.bottom() + GAP), vec2(area.width(), 24.0));
    heading(ui, p, head, view, out);
    let list = Rect::from_min_max(pos2(area.left(), head.bottom() + GAP), area.max);
    if view.moves.is_empty() {
        return empty(ui, p, list, view);
    }
    inside(ui, list, "move list", |ui| {
        ScrollArea::vertical().id_salt("moves scroll").auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = GAP;
            for m in &view.moves {
                let (rect, _) =
                    ui.allocate_exact_size(vec2(ui.available_width(), move_card::height(m)), Sense::hover());
                inside(ui, rect, m.id.0, |ui| move_card::move_card(ui, p, rect, m, out));
            }
        });
    });
}

fn target(ui: &mut Ui, p: &Palette, rect: Rect, view: &MasterView, out: &mut Vec<Intent>) {
    card(ui, p, rect);
    let inner = rect.shrink2(vec2(12.0, 8.0));
    let head = Rect::from_min_size(inner.min, vec2(inner.width(), 20.0));
    text::label(ui, head, Align2::LEFT_CENTER, "Target", theme::strong(size::SMALL), p.faint);
    let now = view.targets.iter().position(|t| t.id == view.target).unwrap_or(0);
    if let Some(t) = view.targets.get(now) {
        let words = format!(
            "{} LUFS, {} dBTP",
            level_text(t.target.loudness_lufs as f32),
            level_text(t.target.ceiling_dbtp as f32)
        );
        text::label(ui, head, Align2::RIGHT_CENTER, &words, theme::text(size::SMALL), p.soft);
    }
    let field = Rect::from_min_size(pos2(inner.left(), head.bottom() + 3.0), vec2(inner.width(), 28.0));
    let names: Vec<String> = view.targets.iter().map(|t| t.name.clone()).collect();
    if let Some(picked) = choice::choice(ui, p, field, "Target", &names, now) {
        out.push(Intent::Target(view.targets[picked].id.clone()));
    }
    let line = Rect::from_min_max(pos2(inner.left(), field.bottom() + 6.0), inner.max);
    progress(ui, p, line, view, out);
}

/// How much was heard, as a bar that fills up to what is needed.
fn progress(ui: &mut Ui, p: &Palette, rect: Rect, view: &MasterView, out: &mut Vec<Intent>) {
    let a = &view.analysis;
    let share = if a.needed_s > 0.0 { (a.heard_s / a.needed_s).clamp(0.0, 1.0) } else { 1.0 };
    let mut words = if share < 1.0 {
        format!("Heard {:.0} of {:.0} s", a.heard_s, a.needed_s)
    } else {
        format!("Heard {:.0} s", a.heard_s)
    };
    let mut ink = p.soft;
    if a.dropped > 0 {
        words += &format!(", {} blocks missed", a.dropped);
        ink = p.warn;
    }
    let again = Rect::from_min_max(
        pos2(rect.right() - 20.0, rect.center().y - 10.0),
        pos2(rect.right(), rect.center().y + 10.0),
    );
    let face = Face::icon(Icon::Again, "Forget what was heard and analyse afresh");
    if button::button(ui, p, again, face, Look::Quiet, a.heard_s > 0.0) {
        out.push(Intent::AnalyseAfresh);
    }
    let place = Rect::from_min_max(rect.min, pos2(again.left() - 8.0, rect.bottom()));
    let width = text::width(ui, &words, theme::text(size::SMALL)).min(place.width() * 0.7);
    let label = Rect::from_min_max(place.min, pos2(place.left() + width + 2.0, place.bottom()));
    text::label(ui, label, Align2::LEFT_CENTER, &words, theme::text(size::SMALL), ink);
    let bar = Rect::from_min_max(
        pos2(label.right() + 8.0, place.center().y - 2.0),
        pos2(place.right(), place.center().y + 2.0),
    );
    let response = ui.interact(bar, ui.scope_id().with("analysis bar"), Sense::hover());
    response
        .widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, format!("Analysis {:.0} %", share * 100.0)));
    ui.painter().rect_filled(bar, 2.0, p.line);
    let done = Rect::from_min_size(bar.min, vec2(bar.width() * share, bar.height()));
    ui.painter().rect_filled(done, 2.0, if share < 1.0 { p.accent } else { p.good });
}

fn heading(ui: &mut Ui, p: &Palette, rect: Rect, view: &MasterView, out: &mut Vec<Intent>) {
    let offered = view.moves.iter().filter(|m| m.status == MoveStatus::Offered).count();
    let mut right = rect.right();
    let mut place = |width: f32| {
        let r = Rect::from_min_max(pos2(right - width, rect.top()), pos2(right, rect.bottom()));
        right -= width + 6.0;
        r
    };
    if view.moves.is_empty() {
        let can = matches!(view.ai, AiState::Listening | AiState::Ready) && view.analysis.heard_s > 0.0;
        let face = Face::text("Suggest now");
        if button::button(ui, p, place(button::width(ui, &face)), face, Look::Primary, can) {
            out.push(Intent::Suggest);
        }
    } else {
        let face = Face::both(Icon::Check, "Accept all", "Accept all");
        if button::button(ui, p, place(button::width(ui, &face)), face, Look::Primary, offered > 0) {
            out.push(Intent::AcceptAll);
        }
        let (sign, word) = if view.auditioning { (Icon::Stop, "Stop") } else { (Icon::Play, "Audition") };
        let long = if view.auditioning { "Stop the audition" } else { "Audition every offered move" };
        let face = Face::both(sign, word, long);
        let can = offered > 0 || view.auditioning;
        if button::button(ui, p, place(button::width(ui, &face)), face, Look::Plain, can) {
            out.push(Intent::Audition(!view.auditioning));
        }
    }
    let words = match offered {
        0 => "Suggestions".to_owned(),
        n => format!("Suggestions \u{b7} {n} open"),
    };
    let room = right - rect.left() - 2.0;
    let long = text::width(ui, &words, theme::strong(size::SMALL)) > room;
    let words = if long && offered > 0 { format!("{offered} open") } else { words };
    let label = Rect::from_min_max(rect.min + vec2(2.0, 0.0), pos2(right, rect.bottom()));
    text::label(ui, label, Align2::LEFT_CENTER, &words, theme::strong(size::SMALL), p.faint);
}

fn empty(ui: &mut Ui, p: &Palette, rect: Rect, view: &MasterView) {
    card(ui, p, rect);
    let (title, hint) = match &view.ai {
        _ if view.nothing_to_suggest => (
            "Sounds good as it is",
            "The analysis found nothing worth changing for this target. Trust your ears; you can move anything by hand.",
        ),
        AiState::Off => {
            ("No suggestions", "Turn on AI and play the loudest part of your mix. The chain works without it.")
        }
        AiState::Loading => ("Just a moment", "The model is being read. Your mix is heard already."),
        AiState::Thinking { .. } => ("Looking at your mix", "Suggestions appear here, each with its reason."),
        AiState::Unavailable { .. } => {
            ("No suggestions without AI", "The whole chain works by hand. The line at the top says what to do.")
        }
        AiState::Listening | AiState::Ready => (
            "Play the loudest part",
            "About half a minute is enough. Each suggestion comes with a reason and how sure it is.",
        ),
    };
    let middle = rect.top() + rect.height() * 0.42;
    let top = Rect::from_min_max(rect.min + vec2(20.0, 0.0), pos2(rect.right() - 20.0, middle));
    text::label(ui, top, Align2::CENTER_BOTTOM, title, theme::strong(size::TITLE), p.soft);
    let bottom = Rect::from_min_max(pos2(rect.left() + 24.0, middle + 6.0), rect.max - vec2(24.0, 8.0));
    text::paragraph(ui, bottom, egui::Align::Center, 5, hint, theme::text(size::BODY), p.faint);
}
