//! Controls and plots of our own: each a function in four steps (size, response, state, paint) with an accessible name.

pub mod button;
pub mod choice;
pub mod curve;
pub mod gesture;
pub mod history;
pub mod icon;
pub mod knob;
pub mod meter;
pub mod mini_roll;
pub mod move_card;
pub mod piano_roll;
pub mod slider;
pub mod state_chip;
pub mod take_card;
pub mod text;

use crate::theme::{Palette, RADIUS};
use egui::{Rect, Stroke, StrokeKind, Ui, UiBuilder};

/// Paints a card's ground and edge.
pub fn card(ui: &Ui, palette: &Palette, rect: Rect) {
    ui.painter().rect(rect, RADIUS, palette.card, Stroke::new(1.0, palette.line), StrokeKind::Inside);
}

/// Runs `content` in `rect`, clipped to it.
pub fn inside<R>(ui: &mut Ui, rect: Rect, salt: impl egui::AsIdSalt, content: impl FnOnce(&mut Ui) -> R) -> R {
    let builder = UiBuilder::new().max_rect(rect).id_salt(salt);
    let layout = egui::Layout::top_down(egui::Align::Min);
    let mut child = ui.new_child(builder.layout(layout));
    child.shrink_clip_rect(rect);
    content(&mut child)
}
