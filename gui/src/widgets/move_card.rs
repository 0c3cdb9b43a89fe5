//! One suggested move: what, how much and how sure, why, and the human's answer.

use super::button::{self, Face, Look};
use super::icon::Icon;
use super::slider::{self, Rail};
use super::{card, mini_roll, text};
use crate::data::{MasterIntent as Intent, MoveStatus, MoveView, ParamEdit};
use crate::range::{hz_text, signed};
use crate::theme::{self, Palette, fade, size};
use continuo_core::mastering::{EqShape, Move, MoveKind, MoveUnit};
use egui::{Align2, Painter, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

/// Height of a card that waits or was accepted, and of one that was rejected, points.
pub const HEIGHT: f32 = 132.0;
/// Height of a rejected one.
pub const HEIGHT_REJECTED: f32 = 34.0;

/// Height of the card of `view`.
pub fn height(view: &MoveView) -> f32 {
    if view.status == MoveStatus::Rejected { HEIGHT_REJECTED } else { HEIGHT }
}

/// What a move does, in words.
pub fn title(what: &MoveKind) -> String {
    const BANDS: [&str; 4] = ["lows", "low mids", "high mids", "highs"];
    let band = |i: usize| BANDS.get(i).copied().unwrap_or("band");
    match *what {
        MoveKind::Eq { shape: EqShape::Bell, hz, .. } => format!("EQ at {}", hz_text(hz)),
        MoveKind::Eq { shape: EqShape::LowShelf, hz, .. } => format!("EQ below {}", hz_text(hz)),
        MoveKind::Eq { shape: EqShape::HighShelf, hz, .. } => format!("EQ above {}", hz_text(hz)),
        MoveKind::HighPass => "High-pass".to_owned(),
        MoveKind::Width { band: i } => format!("Width of the {}", band(i)),
        MoveKind::Dynamics { band: i, .. } => format!("Compress the {}", band(i)),
        MoveKind::Saturation => "Saturation".to_owned(),
        MoveKind::Drive => "Drive into the limiter".to_owned(),
        MoveKind::InputGain => "Input gain".to_owned(),
        MoveKind::Ceiling => "Ceiling".to_owned(),
    }
}

/// `value` of a move's amount with its unit, in words.
pub fn amount(m: &Move, value: f64) -> String {
    match (m.what, m.unit) {
        (MoveKind::Dynamics { .. }, _) => format!("{:.2} : 1", 1.0 + value),
        (MoveKind::Width { .. }, _) => format!("{:.0} %", (1.0 + value) * 100.0),
        (_, MoveUnit::Hertz) => hz_text(value),
        (_, MoveUnit::Factor) => format!("{value:.2} x"),
        (_, unit) => format!("{} {}", signed(value, 1), unit.symbol()),
    }
}

/// The card in `rect`, [`height`] high.
pub fn move_card(ui: &mut Ui, p: &Palette, rect: Rect, view: &MoveView, out: &mut Vec<Intent>) {
    card(ui, p, rect);
    let m = &*view.content;
    let name = title(&m.what);
    let inner = rect.shrink2(vec2(12.0, 9.0));
    if view.status == MoveStatus::Rejected {
        return rejected(ui, p, inner, view, &name, out);
    }
    let accepted = view.status != MoveStatus::Offered;
    if accepted {
        let bar = Rect::from_min_size(rect.min + vec2(1.0, 8.0), vec2(3.0, rect.height() - 16.0));
        ui.painter().rect_filled(bar, 1.5, p.good);
    }
    let head = Rect::from_min_size(inner.min, vec2(inner.width(), 18.0));
    let now = match m.what {
        // These are set or not set; a share makes no part of them.
        MoveKind::HighPass | MoveKind::Ceiling => m.amount,
        _ => m.amount * f64::from(view.share),
    };
    let value = amount(m, now);
    let value_width = text::width(ui, &value, theme::strong(size::BODY)) + 2.0;
    let right = Rect::from_min_max(pos2(head.right() - value_width, head.top()), head.max);
    text::label(ui, right, Align2::RIGHT_CENTER, &value, theme::strong(size::BODY), p.accent);
    let left = Rect::from_min_max(head.min, pos2(right.left() - 8.0, head.bottom()));
    text::label(ui, left, Align2::LEFT_CENTER, &name, theme::strong(size::BODY), p.ink);

    let why = Rect::from_min_max(pos2(inner.left(), head.bottom() + 2.0), pos2(inner.right(), head.bottom() + 36.0));
    text::paragraph(ui, why, egui::Align::Min, 2, &m.reason, theme::text(size::SMALL), p.soft);

    let line = Rect::from_min_size(pos2(inner.left(), inner.bottom() - 52.0), vec2(inner.width(), 16.0));
    evidence(ui, p, line, m, &name);
    answer(ui, p, Rect::from_min_max(pos2(inner.left(), inner.bottom() - 26.0), inner.max), view, &name, out);
}

/// The interval whisker and the confidence.
fn evidence(ui: &mut Ui, p: &Palette, rect: Rect, m: &Move, name: &str) {
    let response = ui.interact(rect, ui.scope_id().with("evidence"), Sense::hover());
    let sure = (m.confidence.clamp(0.0, 1.0) * 100.0).round();
    let source = if m.origin.is_trained() { "by the trained model" } else { "computed" };
    let words = format!(
        "{name}: {} to {} (80 % interval), {sure:.0} % sure, {source}",
        amount(m, m.low.min(m.high)),
        amount(m, m.low.max(m.high))
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    let painter = ui.painter();
    let tag = if m.origin.is_trained() { format!("{sure:.0} % sure") } else { "computed".to_owned() };
    let hue = if m.origin.is_trained() { p.parts[0] } else { p.faint };
    let pill = mini_roll::tag(painter, rect, &tag, hue);
    let axis = Rect::from_min_max(rect.min, pos2(pill.left() - 12.0, rect.bottom()));
    whisker(painter, p, axis, m);
    response.on_hover_text(words);
}

/// A line from the low to the high end of the interval, a dot at the amount, a tick at nothing.
fn whisker(painter: &Painter, p: &Palette, rect: Rect, m: &Move) {
    let (low, high) = (m.low.min(m.high), m.low.max(m.high));
    // Hertz and true-peak amounts are places, not distances from nothing: their axis is about the interval.
    let centred = matches!(m.unit, MoveUnit::Decibels | MoveUnit::Factor);
    let (from, to) = if centred {
        let reach = high.abs().max(low.abs()).max(m.amount.abs()).max(1e-6) * 1.25;
        (-reach, reach)
    } else {
        let reach = (high - low).max(m.amount.abs() * 0.05).max(1e-6);
        (m.amount - reach, m.amount + reach)
    };
    let x = |v: f64| rect.left() + rect.width() * (((v - from) / (to - from)).clamp(0.0, 1.0) as f32);
    let y = painter.round_to_pixel_center(rect.center().y);
    painter.hline(rect.x_range(), y, Stroke::new(1.0, p.grid));
    if centred {
        painter.vline(painter.round_to_pixel_center(x(0.0)), y - 4.0..=y + 4.0, Stroke::new(1.0, p.line));
    }
    painter.hline(x(low)..=x(high), y, Stroke::new(2.0, fade(p.accent, 0.55)));
    for end in [low, high] {
        painter.vline(x(end), y - 3.5..=y + 3.5, Stroke::new(1.5, fade(p.accent, 0.55)));
    }
    painter.circle_filled(pos2(x(m.amount), y), 3.5, p.accent);
}

fn answer(ui: &mut Ui, p: &Palette, rect: Rect, view: &MoveView, name: &str, out: &mut Vec<Intent>) {
    let accepted = view.status != MoveStatus::Offered;
    let reject = if accepted { format!("Withdraw {name}") } else { format!("Reject {name}") };
    let place = Rect::from_min_max(pos2(rect.right() - 26.0, rect.top()), rect.max);
    if button::button(ui, p, place, Face::icon(Icon::Cross, &reject), Look::Quiet, true) {
        out.push(Intent::Reject(view.id));
    }
    let accept = format!("Accept {name}");
    let place = Rect::from_min_max(pos2(place.left() - 92.0, rect.top()), pos2(place.left() - 4.0, rect.bottom()));
    if accepted {
        let word = if view.status == MoveStatus::Edited { "Edited" } else { "Accepted" };
        mini_roll::tag(ui.painter(), place, word, p.good);
    } else if button::button(ui, p, place, Face::both(Icon::Check, "Accept", &accept), Look::Plain, true) {
        out.push(Intent::Accept(view.id));
    }
    let percent = format!("{:.0} %", view.share * 100.0);
    let figure = Rect::from_min_max(pos2(place.left() - 50.0, rect.top()), pos2(place.left() - 10.0, rect.bottom()));
    text::paint(ui.painter(), figure, Align2::RIGHT_CENTER, &percent, theme::text(size::SMALL), p.soft);
    let rail = Rect::from_min_max(rect.min - vec2(5.0, 0.0), pos2(figure.left() - 2.0, rect.bottom()));
    let label = format!("Amount of {name}");
    let face = Rail { name: &label, value: view.share / 2.0, default: 0.5, text: &percent, hue: p.accent };
    let (_, edits) = slider::slider(ui, p, rail, face);
    for edit in edits {
        let edit = match edit {
            ParamEdit::Set(value) => ParamEdit::SetPlain(f64::from(value) * 2.0),
            other => other,
        };
        out.push(Intent::Share { id: view.id, edit });
    }
}

fn rejected(ui: &mut Ui, p: &Palette, rect: Rect, view: &MoveView, name: &str, out: &mut Vec<Intent>) {
    let face = Face::both(Icon::Check, "Accept", "");
    let long = format!("Accept {name}");
    let place = Rect::from_min_max(
        pos2(rect.right() - 84.0, rect.center().y - 11.0),
        pos2(rect.right(), rect.center().y + 11.0),
    );
    if button::button(ui, p, place, Face { name: &long, ..face }, Look::Quiet, true) {
        out.push(Intent::Accept(view.id));
    }
    let words = Rect::from_min_max(rect.min, pos2(place.left() - 8.0, rect.bottom()));
    text::label(ui, words, Align2::LEFT_CENTER, &format!("{name} \u{b7} rejected"), theme::text(size::BODY), p.faint);
}
