//! The takes on offer, side by side, and the legend of the roll above them.

use crate::data::{InstrumentIntent as Intent, InstrumentView, TakeView};
use crate::theme::{self, GAP, Palette, fade, size};
use crate::widgets::take_card::{self, Setting};
use crate::widgets::{card, inside, text};
use continuo_core::{AiState, Part};
use egui::{Align2, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

/// The row of cards over all of `ui`; it scrolls sideways where it does not fit.
pub fn show(ui: &mut Ui, p: &Palette, view: &InstrumentView, out: &mut Vec<Intent>) {
    let area = ui.max_rect();
    if view.takes.is_empty() {
        return empty(ui, p, area, view);
    }
    let count = view.takes.len() as f32;
    let selected = super::selected(view).map(|t| t.id);
    let (wide, narrow) = widths(area.width(), count);
    ScrollArea::horizontal().id_salt("takes scroll").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        ui.horizontal(|ui| {
            for take in &view.takes {
                let is_selected = selected == Some(take.id);
                let width = if is_selected { wide } else { narrow };
                let (rect, place) = ui.allocate_exact_size(vec2(width, area.height()), Sense::hover());
                if is_selected && newly(ui, take.id.0) {
                    place.scroll_to_me(None);
                }
                inside(ui, rect, take.id.0, |ui| {
                    let setting =
                        Setting { meters: &view.song.song.meters, selected: is_selected, audition: view.audition };
                    take_card::take_card(ui, p, rect, take, setting, out);
                });
            }
        });
    });
}

/// Width of the card that is looked at and of the others, so that they fill the row, or scroll where they cannot.
fn widths(room: f32, count: f32) -> (f32, f32) {
    let (wide, narrow) = (take_card::MIN_WIDTH_SELECTED, take_card::MIN_WIDTH);
    let needed = wide + (narrow + GAP) * (count - 1.0);
    let more = ((room - needed) / (count + 0.6)).max(0.0);
    ((wide + more * 1.6).min(760.0), (narrow + more).min(600.0))
}

/// True in the first frame in which take `id` is the one looked at.
fn newly(ui: &Ui, id: u64) -> bool {
    let mark = egui::Id::unique("continuo take in view");
    let before = ui.data_mut(|d| {
        let before: Option<u64> = d.get_temp(mark);
        d.insert_temp(mark, id);
        before
    });
    before != Some(id)
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
