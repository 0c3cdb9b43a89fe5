//! Lines of text that fit where they are put: too long ones end in an ellipsis and show whole when pointed at.

use egui::epaint::text::{LayoutJob, TextWrapping};
use egui::{Align, Align2, Color32, FontId, Painter, Pos2, Rect, Response, Role, Sense, Ui, WidgetInfo};

/// Paints one line inside `rect` and gives the space it took. Not a widget: for marks on plots.
pub fn paint(painter: &Painter, rect: Rect, align: Align2, text: &str, font: FontId, color: Color32) -> Rect {
    paint_line(painter, rect, align, text, font, color).0
}

fn paint_line(painter: &Painter, rect: Rect, align: Align2, text: &str, font: FontId, color: Color32) -> (Rect, bool) {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap =
        TextWrapping { max_width: rect.width().max(1.0), max_rows: 1, break_anywhere: true, ..Default::default() };
    let galley = painter.layout_job(job);
    let elided = galley.elided;
    let placed = align.align_size_within_rect(galley.size(), rect);
    painter.galley(placed.min, galley, color);
    (placed, elided)
}

/// A label in `rect`: one line, read by screen readers, its whole text shown on hover where it does not fit.
pub fn label(ui: &mut Ui, rect: Rect, align: Align2, text: &str, font: FontId, color: Color32) -> Response {
    let id = ui.next_auto_id();
    ui.skip_ahead_auto_ids(1);
    let response = ui.interact(rect, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), text));
    let (_, elided) = paint_line(ui.painter(), rect, align, text, font, color);
    if elided { response.on_hover_text(text) } else { response }
}

/// A label of several lines from the top of `rect` down, at most `rows`, each at the left or in the middle; gives the
/// height used.
pub fn paragraph(ui: &mut Ui, rect: Rect, align: Align, rows: usize, text: &str, font: FontId, color: Color32) -> f32 {
    let mut job = LayoutJob::simple(text.to_owned(), font, color, rect.width().max(1.0));
    job.wrap.max_rows = rows;
    job.halign = align;
    let galley = ui.painter().layout_job(job);
    let (elided, height) = (galley.elided, galley.size().y);
    let left = if align == Align::Center { rect.center().x } else { rect.left() };
    ui.painter().galley(Pos2::new(left, rect.top()), galley, color);
    let id = ui.next_auto_id();
    ui.skip_ahead_auto_ids(1);
    let area = Rect::from_min_size(rect.min, egui::vec2(rect.width(), height));
    let response = ui.interact(area, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), text));
    if elided {
        response.on_hover_text(text);
    }
    height
}

/// Width of one line, points.
pub fn width(ui: &Ui, text: &str, font: FontId) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), font, Color32::WHITE).size().x
}

/// A point rounded to whole pixels, so that hairlines are sharp.
pub fn crisp(painter: &Painter, at: Pos2) -> Pos2 {
    Pos2::new(painter.round_to_pixel_center(at.x), painter.round_to_pixel_center(at.y))
}
