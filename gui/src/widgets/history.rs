//! Loudness over time, with the target as a line.

use super::text;
use crate::data::HistoryView;
use crate::range::{AXIS_LUFS, level_text, share};
use crate::theme::{self, Palette, RADIUS, fade, size};
use egui::{Align2, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

/// Lines across the plot, LUFS.
const MARKS_LUFS: [f64; 3] = [-36.0, -24.0, -12.0];

/// The plot in `rect`, newest at the right.
pub fn history(ui: &mut Ui, p: &Palette, rect: Rect, view: &HistoryView, target_lufs: Option<f64>) {
    let response = ui.interact(rect, ui.scope_id().with("history"), Sense::hover());
    let newest = view.short_term_lufs.last().copied().unwrap_or(f32::NEG_INFINITY);
    let words = format!("Loudness over time, short-term now {} LUFS", level_text(newest));
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, &words));
    ui.painter().rect(rect, RADIUS, p.well, Stroke::new(1.0, p.line), StrokeKind::Inside);
    let painter = ui.painter().with_clip_rect(rect.shrink(1.0).intersect(ui.clip_rect()));
    let plot = rect.shrink2(vec2(1.0, 6.0));
    let y = |lufs: f64| plot.bottom() - plot.height() * share(&AXIS_LUFS, lufs);
    for lufs in MARKS_LUFS {
        painter.hline(plot.x_range(), painter.round_to_pixel_center(y(lufs)), Stroke::new(1.0, p.grid));
    }
    let count = view.short_term_lufs.len();
    if count < 2 {
        let hint = "Loudness over time appears while sound plays.";
        text::paint(&painter, plot.shrink(8.0), Align2::CENTER_CENTER, hint, theme::text(size::SMALL), p.faint);
    } else {
        let x = |i: usize, n: usize| plot.left() + plot.width() * i as f32 / (n - 1) as f32;
        if view.momentary_lufs.len() == count {
            let fine = points(&view.momentary_lufs, |i| x(i, count), y);
            painter.add(Shape::line(fine, Stroke::new(1.0, fade(p.parts[0], 0.35))));
        }
        let line = points(&view.short_term_lufs, |i| x(i, count), y);
        let mut mesh = egui::Mesh::default();
        for &at in &line {
            let next = mesh.vertices.len() as u32;
            mesh.colored_vertex(at, fade(p.parts[0], 0.22));
            mesh.colored_vertex(pos2(at.x, plot.bottom()), fade(p.parts[0], 0.02));
            if next >= 2 {
                mesh.add_triangle(next - 2, next - 1, next);
                mesh.add_triangle(next - 1, next, next + 1);
            }
        }
        painter.add(Shape::mesh(mesh));
        painter.add(Shape::line(line, Stroke::new(1.75, p.parts[0])));
    }
    let roomy = plot.width() >= 150.0;
    for lufs in MARKS_LUFS.into_iter().filter(|_| roomy && count >= 2) {
        let words = level_text(lufs as f32).replace(".0", "");
        let place =
            Rect::from_min_max(pos2(plot.right() - 29.0, y(lufs) - 7.0), pos2(plot.right() - 4.0, y(lufs) + 7.0));
        painter.rect_filled(place, 3.0, fade(p.well, 0.75));
        text::paint(&painter, place, Align2::CENTER_CENTER, &words, theme::text(size::TINY), p.faint);
    }
    if let Some(target) = target_lufs {
        let at = y(target);
        let ends = [pos2(plot.left(), at), pos2(plot.right(), at)];
        painter.extend(Shape::dashed_line(&ends, Stroke::new(1.0, p.accent), 5.0, 4.0));
        let place = Rect::from_min_max(pos2(plot.left() + 8.0, at - 16.0), pos2(plot.right(), at - 1.0));
        let figure = level_text(target as f32);
        let name = if roomy { format!("Target {figure} LUFS") } else { figure };
        text::paint(&painter, place, Align2::LEFT_BOTTOM, &name, theme::text(size::TINY), p.accent);
    }
    response.on_hover_text(words);
}

fn points(values: &[f32], x: impl Fn(usize) -> f32, y: impl Fn(f64) -> f32) -> Vec<Pos2> {
    values.iter().enumerate().map(|(i, &v)| pos2(x(i), y(f64::from(v)))).collect()
}
