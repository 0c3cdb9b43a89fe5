//! The mastering screen.
use crate::data::{MasterIntent, MasterView};
/// Draws it.
pub fn show(ui: &mut egui::Ui, view: &MasterView) -> Vec<MasterIntent> {
    let _ = crate::theme::begin(ui, view.theme);
    Vec::new()
}
