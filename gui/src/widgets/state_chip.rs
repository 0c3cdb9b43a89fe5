//! The state of the AI in words: what it does, and what the human can do about it.

use super::button::{self, Face, Look};
use super::text;
use crate::theme::{self, Palette, fade, size};
use continuo_core::AiState;
use egui::{Align2, Color32, Rect, Stroke, Ui, pos2, vec2};

/// What can be done about the state, right where it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Turn the AI on.
    Enable,
    /// Turn it off.
    Disable,
    /// Try to load it again.
    Retry,
    /// Stop thinking.
    Cancel,
}

/// A state's name, colour and advice. `listening` is the advice while it listens, which only the screen knows.
fn words<'a>(p: &Palette, state: &'a AiState, listening: &'a str, ready: &'a str) -> (&'static str, Color32, &'a str) {
    match state {
        AiState::Off => {
            ("AI is off", p.faint, "Everything else works. Turn it on to get suggestions; nothing leaves this machine.")
        }
        AiState::Loading => ("Loading", p.accent, "The models are being read. This takes a moment, once."),
        AiState::Listening => ("Listening", p.good, listening),
        AiState::Thinking { .. } => ("Thinking", p.accent, "Drawing suggestions. Sound goes on meanwhile."),
        AiState::Ready => ("Ready", p.good, ready),
        AiState::Unavailable { why } => ("AI is not available", p.bad, why.as_str()),
    }
}

/// Shows the state in `rect`, one line high (36 points), with the one action that fits it.
pub fn show(ui: &mut Ui, p: &Palette, rect: Rect, state: &AiState, listening: &str, ready: &str) -> Option<Action> {
    let (name, hue, advice) = words(p, state, listening, ready);
    let (action, face) = match state {
        AiState::Off => (Action::Enable, Face::text("Turn on AI")),
        AiState::Thinking { .. } => (Action::Cancel, Face::text("Stop thinking")),
        AiState::Unavailable { .. } => (Action::Retry, Face::text("Try again")),
        AiState::Loading | AiState::Listening | AiState::Ready => (Action::Disable, Face::text("Turn off AI")),
    };
    let look = if matches!(action, Action::Enable | Action::Retry) { Look::Primary } else { Look::Quiet };
    let wide = button::width(ui, &face);
    let place = Rect::from_min_size(pos2(rect.right() - wide, rect.center().y - 12.0), vec2(wide, 24.0));
    let pressed = button::button(ui, p, place, face, look, true);

    let dot = pos2(rect.left() + 7.0, rect.center().y);
    match state {
        AiState::Thinking { progress } => ring(ui, p, dot, Some(*progress)),
        AiState::Loading => ring(ui, p, dot, None),
        _ => {
            ui.painter().circle_filled(dot, 7.0, fade(hue, 0.22));
            ui.painter().circle_filled(dot, 3.5, hue);
        }
    }
    let name_width = text::width(ui, name, theme::strong(size::BODY)).min(150.0);
    let name_rect = Rect::from_min_size(pos2(dot.x + 14.0, rect.top()), vec2(name_width + 2.0, rect.height()));
    text::label(
        ui,
        name_rect,
        Align2::LEFT_CENTER,
        name,
        theme::strong(size::BODY),
        if hue == p.faint { p.soft } else { hue },
    );
    let left = name_rect.right() + 10.0;
    let advice_rect = Rect::from_min_max(pos2(left, rect.top()), pos2(place.left() - 10.0, rect.bottom()));
    if let AiState::Thinking { progress } = state {
        let bar = Rect::from_min_size(pos2(left, rect.center().y - 2.0), vec2(90f32.min(advice_rect.width()), 4.0));
        ui.painter().rect_filled(bar, 2.0, p.line);
        let done = Rect::from_min_size(bar.min, vec2(bar.width() * progress.clamp(0.0, 1.0), 4.0));
        ui.painter().rect_filled(done, 2.0, p.accent);
        let rest = Rect::from_min_max(pos2(bar.right() + 10.0, rect.top()), advice_rect.max);
        if rest.width() > 40.0 {
            text::label(ui, rest, Align2::LEFT_CENTER, advice, theme::text(size::SMALL), p.faint);
        }
    } else if advice_rect.width() > 40.0 {
        text::label(ui, advice_rect, Align2::LEFT_CENTER, advice, theme::text(size::SMALL), p.soft);
    }
    pressed.then_some(action)
}

/// A ring that fills with `progress`, or turns when there is none.
fn ring(ui: &Ui, p: &Palette, center: egui::Pos2, progress: Option<f32>) {
    use std::f32::consts::TAU;
    let (from, sweep) = match progress {
        Some(progress) => (-0.25 * TAU, TAU * progress.clamp(0.02, 1.0)),
        None => ((ui.input(|i| i.time) as f32 * TAU * 0.8) % TAU, 0.3 * TAU),
    };
    let points = (0..=24).map(|i| {
        let angle = from + sweep * i as f32 / 24.0;
        center + vec2(angle.cos(), angle.sin()) * 6.0
    });
    ui.painter().circle_stroke(center, 6.0, Stroke::new(2.0, p.line));
    ui.painter().add(egui::Shape::line(points.collect(), Stroke::new(2.0, p.accent)));
}
