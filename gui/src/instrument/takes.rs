//! The takes on offer, side by side, and the legend of the roll above them.

use crate::data::{InstrumentIntent as Intent, InstrumentView, TakeView};
use crate::theme::{self, GAP, Palette, fade, size};
use crate::widgets::take_card::{self, Setting};
use crate::widgets::{card, text};
use continuo_core::{AiState, Part};
use egui::{Align2, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

/// The row of cards over all of `ui`; it scrolls sideways where it does not fit.
pub fn show(ui: &mut Ui, p: &Palette, view: &InstrumentView, out: &mut Vec<Intent>) {
    let area = ui.max_rect();
    if view.takes.is_empty() {
        return empty(ui, p, area, view);
    }
    let fit = (area.width() / (take_card::MIN_SIZE.x + GAP)).floor().max(1.0).min(view.takes.len() as f32);
    let width = ((area.width() - GAP * (fit - 1.0)) / fit).clamp(take_card::MIN_SIZE.x, 430.0);
    let scrolls = (width + GAP) * view.takes.len() as f32 - GAP > area.width() + 0.5;
    let height = area.height() - if scrolls { 10.0 } else { 0.0 };
    let selected = super::selected(view).map(|t| t.id);
    ScrollArea::horizontal().id_salt("takes scroll").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        ui.horizontal(|ui| {
            for take in &view.takes {
                let (rect, place) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
                let is_selected = selected == Some(take.id);
                let newly = egui::Id::unique("continuo take in view");
                if is_selected && ui.data(|d| d.get_temp::<u64>(newly)) != Some(take.id.0) {
                    ui.data_mut(|d| d.insert_temp(newly, take.id.0));
                    place.scroll_to_me(None);
                }
                ui.push_id(take.id.0, |ui| {
                    let setting =
                        Setting { meters: &view.song.song.meters, selected: is_selected, audition: view.audition };
                    take_card::take_card(ui, p, rect, take, setting, out);
                });
            }
        });
    });
}

/// Says what to do to get takes.
fn empty(ui: &mut Ui, p: &Palette, rect: Rect, view: &InstrumentView) {
    card(ui, p, rect);
    let (title, hint) = match &view.ai {
        AiState::Off => ("No takes yet", "Turn on AI, play a few bars, and ask for takes. You choose what stays."),
        AiState::Loading => ("Just a moment", "The models are being read. Your playing is heard already."),
        AiState::Thinking { .. } => ("Takes are being drawn", "They appear here as soon as they are ready."),
        AiState::Unavailable { .. } => {
            ("No takes without AI", "Voices, mixer and export work on. The line at the top says what to do.")
        }
        AiState::Listening | AiState::Ready if view.heard.notes == 0 => {
            ("No takes yet", "Play or sing a few bars; then ask for takes. Nothing changes until you accept.")
        }
        AiState::Listening | AiState::Ready => (
            "Ready when you are",
            "Press \u{201c}Suggest takes\u{201d}. Each take brings chords and parts; nothing changes until you accept.",
        ),
    };
    let middle = rect.center().y;
    let top = Rect::from_min_max(rect.min + vec2(16.0, 0.0), pos2(rect.right() - 16.0, middle));
    text::label(ui, top, Align2::CENTER_BOTTOM, title, theme::strong(size::TITLE), p.soft);
    let bottom = Rect::from_min_max(pos2(rect.left() + 16.0, middle + 4.0), rect.max - vec2(16.0, 0.0));
    text::label(ui, bottom, Align2::CENTER_TOP, hint, theme::text(size::BODY), p.faint);
}

/// What the colours of the roll mean.
pub fn legend(ui: &mut Ui, p: &Palette, rect: Rect, shown: Option<&TakeView>) {
    let title = Rect::from_min_size(rect.min, vec2(40.0, rect.height()));
    text::label(ui, title, Align2::LEFT_CENTER, "Song", theme::strong(size::SMALL), p.faint);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let mut x = title.right() + 8.0;
    let mut entry = |word: &str, paint: &dyn Fn(Rect)| {
        let swatch = Rect::from_min_size(pos2(x, rect.center().y - 4.0), vec2(12.0, 8.0));
        paint(swatch);
        let rest = Rect::from_min_max(pos2(x + 17.0, rect.top()), rect.max);
        if rest.width() > 20.0 {
            x = text::paint(&painter, rest, Align2::LEFT_CENTER, word, theme::text(size::SMALL), p.soft).right() + 12.0;
        }
    };
    entry("Melody", &|r| {
        painter.rect_filled(r, 2.0, p.melody);
    });
    for part in Part::ALL {
        entry(part.label(), &|r| {
            painter.rect_filled(r, 2.0, p.part(part));
        });
    }
    if let Some(take) = shown {
        let words = format!("outlined: on offer in {}", take.name);
        entry(&words, &|r| {
            painter.rect(r, 2.0, fade(p.soft, 0.2), Stroke::new(1.0, p.soft), StrokeKind::Inside);
        });
    }
}
