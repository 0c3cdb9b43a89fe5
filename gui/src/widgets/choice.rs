//! A list to choose one of.

use super::icon::{self, Icon};
use super::text;
use crate::theme::{self, Palette, RADIUS_SMALL, mix, size};
use egui::{Align2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

/// A field in `rect` that shows choice `now` of `choices` and opens a list; gives the place of the one picked. The
/// wheel and, in focus, the up and down arrows step through the list.
pub fn choice(ui: &mut Ui, p: &Palette, rect: Rect, name: &str, choices: &[String], now: usize) -> Option<usize> {
    let response = ui.interact(rect, ui.scope_id().with(("choice", name)), Sense::click());
    let shown = choices.get(now).map_or("", String::as_str);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ComboBox, ui.is_enabled(), name);
        info.current_text_value = Some(shown.to_owned());
        info
    });
    let hover = ui.ctx().animate_bool_with_time(response.id.with("hover"), response.hovered(), 0.08);
    let edge =
        Stroke::new(if response.has_focus() { 1.5 } else { 1.0 }, if response.has_focus() { p.accent } else { p.line });
    ui.painter().rect(rect, RADIUS_SMALL, mix(p.raised, p.hover, hover), edge, StrokeKind::Inside);
    let words = Rect::from_min_max(rect.min + vec2(10.0, 0.0), rect.max - vec2(22.0, 0.0));
    text::paint(ui.painter(), words, Align2::LEFT_CENTER, shown, theme::text(size::BODY), p.ink);
    let sign = Rect::from_min_max(pos2(rect.right() - 22.0, rect.top()), rect.max);
    icon::paint(ui.painter(), sign, 9.0, Icon::Down, p.soft);

    let mut picked = None;
    if response.has_focus() {
        let step =
            ui.input(|i| i32::from(i.key_pressed(egui::Key::ArrowDown)) - i32::from(i.key_pressed(egui::Key::ArrowUp)));
        let filter = egui::EventFilter { vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
        let target = (now as i32 + step).clamp(0, choices.len().saturating_sub(1) as i32) as usize;
        picked = (target != now).then_some(target);
    }
    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    egui::Popup::menu(&response).gap(4.0).width(rect.width()).show(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        ui.set_min_width(rect.width() - 12.0);
        for (index, word) in choices.iter().enumerate() {
            let (row, item) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::click());
            item.widget_info(|| WidgetInfo::selected(Role::MenuItem, true, index == now, word));
            if item.hovered() || item.has_focus() {
                ui.painter().rect_filled(row, RADIUS_SMALL, p.hover);
            }
            let ink = if index == now { p.accent } else { p.ink };
            let words = row.shrink2(vec2(8.0, 0.0));
            text::paint(ui.painter(), words, Align2::LEFT_CENTER, word, theme::text(size::BODY), ink);
            if item.clicked() {
                picked = Some(index);
                ui.close();
            }
        }
    });
    picked.filter(|&index| index != now)
}
