//! The instrument's screen.
use crate::data::{InstrumentIntent, InstrumentView};
/// Draws it.
pub fn show(ui: &mut egui::Ui, view: &InstrumentView) -> Vec<InstrumentIntent> {
    let _ = crate::theme::begin(ui, view.theme);
    Vec::new()
}
