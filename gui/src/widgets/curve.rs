//! The EQ over the spectrum: before and after, the curve, and one handle per band.
//!
//! A handle is dragged for frequency and gain (shift: fine), the wheel over it changes its Q, a double click sets its
//! gain to zero; in focus the arrow keys do the same. Values go out in plain units, hertz and decibels.

use super::text;
use crate::data::{BandView, MasterIntent as Intent, ParamEdit, SpectrumView};
use crate::range::{AXIS_GAIN_DB, AXIS_HZ, AXIS_Q, at_log_share, at_share, hz_text, log_share, share, signed};
use crate::response::{band_db, eq_db};
use crate::theme::{self, Palette, RADIUS, fade, size};
use continuo_core::mastering::{EQ_BANDS, EqBand, EqShape, MasterSettings};
use egui::{Align2, Key, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

/// Levels the spectrum is drawn between, decibels full scale.
const SPECTRUM_DB: std::ops::RangeInclusive<f64> = -90.0..=-10.0;
/// Marks on the frequency axis, hertz.
const MARKS: [(f64, &str); 9] = [
    (50.0, "50"),
    (100.0, "100"),
    (200.0, "200"),
    (500.0, "500"),
    (1_000.0, "1k"),
    (2_000.0, "2k"),
    (5_000.0, "5k"),
    (10_000.0, "10k"),
    (20_000.0, ""),
];

/// The plot in `rect`.
pub fn curve(
    ui: &mut Ui,
    p: &Palette,
    rect: Rect,
    settings: &MasterSettings,
    bands: &[BandView; EQ_BANDS],
    spectrum: &SpectrumView,
    out: &mut Vec<Intent>,
) {
    ui.painter().rect(rect, RADIUS, p.well, Stroke::new(1.0, p.line), StrokeKind::Inside);
    let ground = ui.interact(rect, ui.scope_id().with("eq ground"), Sense::hover());
    let active = settings.eq.iter().filter(|b| b.gain_db.abs() >= 0.05).count();
    let words = format!("EQ curve and spectrum, {active} bands active");
    ground.widget_info(|| WidgetInfo::labeled(egui::Role::Canvas, true, &words));
    let plot = Rect::from_min_max(rect.min + vec2(1.0, 1.0), rect.max - vec2(1.0, 16.0));
    let painter = ui.painter().with_clip_rect(rect.shrink(1.0).intersect(ui.clip_rect()));
    axes(&painter, p, plot, rect);
    spectra(&painter, p, plot, spectrum);
    let shown = bands_shown(ui, settings, bands, plot, out);
    lines(&painter, p, plot, settings, &shown);
    for (index, (band, response)) in shown.iter().enumerate() {
        handle(&painter, p, plot, index, band, response);
    }
    legend(&painter, p, plot, &shown);
}

fn x_of(plot: Rect, hz: f64) -> f32 {
    plot.left() + plot.width() * log_share(&AXIS_HZ, hz)
}

fn y_of(plot: Rect, db: f64) -> f32 {
    plot.bottom() - plot.height() * share(&AXIS_GAIN_DB, db)
}

fn axes(painter: &Painter, p: &Palette, plot: Rect, rect: Rect) {
    for (hz, name) in MARKS {
        let x = painter.round_to_pixel_center(x_of(plot, hz));
        painter.vline(x, plot.y_range(), Stroke::new(1.0, p.grid));
        let place = Rect::from_min_max(pos2(x - 20.0, plot.bottom()), pos2(x + 20.0, rect.bottom() - 1.0));
        text::paint(painter, place, Align2::CENTER_CENTER, name, theme::text(size::TINY), p.faint);
    }
    for db in [-9.0, -6.0, -3.0, 0.0, 3.0, 6.0, 9.0] {
        let y = painter.round_to_pixel_center(y_of(plot, db));
        let color = if db == 0.0 { p.line } else { p.grid };
        painter.hline(plot.x_range(), y, Stroke::new(1.0, color));
        if db != 0.0 && (db % 6.0 == 0.0 || plot.height() > 220.0) {
            let place = Rect::from_min_max(pos2(plot.left() + 5.0, y - 8.0), pos2(plot.left() + 40.0, y + 8.0));
            text::paint(painter, place, Align2::LEFT_CENTER, &signed(db, 0), theme::text(size::TINY), p.faint);
        }
    }
}

fn spectra(painter: &Painter, p: &Palette, plot: Rect, spectrum: &SpectrumView) {
    let line = |levels: &[f32]| -> Vec<Pos2> {
        let points = spectrum.hz.iter().zip(levels).filter(|(hz, _)| AXIS_HZ.contains(&f64::from(**hz)));
        points
            .map(|(&hz, &db)| {
                let up = share(&SPECTRUM_DB, f64::from(db));
                pos2(x_of(plot, f64::from(hz)), plot.bottom() - up * plot.height())
            })
            .collect()
    };
    let before = line(&spectrum.before_db);
    let after = line(&spectrum.after_db);
    // Two triangles per step: the area under a jagged line is not convex.
    let mut mesh = egui::Mesh::default();
    for &at in &before {
        let next = mesh.vertices.len() as u32;
        mesh.colored_vertex(at, fade(p.faint, 0.30));
        mesh.colored_vertex(pos2(at.x, plot.bottom()), fade(p.faint, 0.06));
        if next >= 2 {
            mesh.add_triangle(next - 2, next - 1, next);
            mesh.add_triangle(next - 1, next, next + 1);
        }
    }
    painter.add(Shape::mesh(mesh));
    if after.len() > 1 {
        painter.add(Shape::line(after, Stroke::new(1.25, fade(p.parts[0], 0.9))));
    }
}

/// Every band as it is now or as the hand holds it, with its response.
fn bands_shown(
    ui: &mut Ui,
    settings: &MasterSettings,
    bands: &[BandView; EQ_BANDS],
    plot: Rect,
    out: &mut Vec<Intent>,
) -> Vec<(EqBand, Response)> {
    (0..EQ_BANDS).map(|index| band_input(ui, plot, index, settings.eq[index], &bands[index], out)).collect()
}

fn band_input(
    ui: &mut Ui,
    plot: Rect,
    index: usize,
    now: EqBand,
    ids: &BandView,
    out: &mut Vec<Intent>,
) -> (EqBand, Response) {
    let id = ui.scope_id().with(("eq band", index));
    let held: Option<EqBand> = ui.data(|d| d.get_temp(id));
    let mut band = held.unwrap_or(now);
    let at = pos2(x_of(plot, band.hz), y_of(plot, band.gain_db));
    let response = ui.interact(Rect::from_center_size(at, vec2(22.0, 22.0)), id, Sense::click_and_drag());
    let mut push = |id: &str, edit| out.push(Intent::Param { id: id.to_owned(), edit });
    if response.drag_started() {
        push(&ids.hz.id, ParamEdit::Begin);
        push(&ids.gain.id, ParamEdit::Begin);
    }
    if response.dragged() {
        let fine = if ui.input(|i| i.modifiers.shift) { 0.1 } else { 1.0 };
        let moved = response.drag_delta() * fine;
        let before = band;
        band.hz = at_log_share(&AXIS_HZ, log_share(&AXIS_HZ, band.hz) + moved.x / plot.width());
        band.gain_db = at_share(&AXIS_GAIN_DB, share(&AXIS_GAIN_DB, band.gain_db) - moved.y / plot.height());
        ui.data_mut(|d| d.insert_temp(id, band));
        if band.hz != before.hz {
            push(&ids.hz.id, ParamEdit::SetPlain(band.hz));
        }
        if band.gain_db != before.gain_db {
            push(&ids.gain.id, ParamEdit::SetPlain(band.gain_db));
        }
    }
    if response.drag_stopped() {
        ui.data_mut(|d| d.remove::<EqBand>(id));
        push(&ids.hz.id, ParamEdit::End);
        push(&ids.gain.id, ParamEdit::End);
    } else if !response.dragged() {
        small_steps(ui, &response, &mut band, ids, &mut push);
    }
    let shape = shape_name(band.shape);
    let words = format!(
        "EQ band {}: {shape}, {}, {} dB, Q {:.2}",
        index + 1,
        hz_text(band.hz),
        signed(band.gain_db, 1),
        band.q
    );
    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), band.gain_db, format!("EQ band {}", index + 1)));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_value(words.as_str());
        node.set_min_numeric_value(*AXIS_GAIN_DB.start());
        node.set_max_numeric_value(*AXIS_GAIN_DB.end());
        node.set_numeric_value(band.gain_db);
    });
    (band, response.on_hover_cursor(egui::CursorIcon::Grab))
}

/// Wheel for Q, double click for zero, arrows in focus.
fn small_steps(
    ui: &Ui,
    response: &Response,
    band: &mut EqBand,
    ids: &BandView,
    push: &mut impl FnMut(&str, ParamEdit),
) {
    let mut whole = |id: &str, value: f64| {
        push(id, ParamEdit::Begin);
        push(id, ParamEdit::SetPlain(value));
        push(id, ParamEdit::End);
    };
    if response.double_clicked() {
        band.gain_db = 0.0;
        whole(&ids.gain.id, 0.0);
    }
    if response.hovered() {
        let notches = ui.input_mut(|i| {
            let sum: f32 = i
                .events
                .iter()
                .map(|e| match e {
                    egui::Event::MouseWheel { unit: egui::MouseWheelUnit::Point, delta, .. } => delta.y / 50.0,
                    egui::Event::MouseWheel { delta, .. } => delta.y,
                    _ => 0.0,
                })
                .sum();
            if sum != 0.0 {
                i.smooth_scroll_delta = egui::Vec2::ZERO;
            }
            sum
        });
        if notches != 0.0 {
            band.q = at_log_share(&AXIS_Q, log_share(&AXIS_Q, band.q) + notches * 0.04);
            whole(&ids.q.id, band.q);
        }
    }
    if response.has_focus() {
        let filter = egui::EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
        let (x, y) = ui.input(|i| {
            let pressed = |key| f32::from(u8::from(i.key_pressed(key)));
            let fine = if i.modifiers.shift { 0.2 } else { 1.0 };
            let x = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
            (x * fine, (pressed(Key::ArrowUp) - pressed(Key::ArrowDown)) * fine)
        });
        if x != 0.0 {
            band.hz = at_log_share(&AXIS_HZ, log_share(&AXIS_HZ, band.hz) + x * 0.01);
            whole(&ids.hz.id, band.hz);
        }
        if y != 0.0 {
            band.gain_db = (band.gain_db + f64::from(y) * 0.5).clamp(*AXIS_GAIN_DB.start(), *AXIS_GAIN_DB.end());
            whole(&ids.gain.id, band.gain_db);
        }
    }
}

fn shape_name(shape: EqShape) -> &'static str {
    match shape {
        EqShape::Bell => "bell",
        EqShape::LowShelf => "low shelf",
        EqShape::HighShelf => "high shelf",
    }
}

fn lines(painter: &Painter, p: &Palette, plot: Rect, settings: &MasterSettings, shown: &[(EqBand, Response)]) {
    let mut drawn = *settings;
    for (slot, (band, _)) in drawn.eq.iter_mut().zip(shown) {
        *slot = *band;
    }
    let steps = (plot.width() / 2.0).max(8.0) as usize;
    let trace = |gain: &dyn Fn(f64) -> f64| -> Vec<Pos2> {
        (0..=steps)
            .map(|i| {
                let s = i as f32 / steps as f32;
                let y = y_of(plot, gain(at_log_share(&AXIS_HZ, s)));
                pos2(plot.left() + s * plot.width(), y)
            })
            .collect()
    };
    let zero = y_of(plot, 0.0);
    let all = trace(&|hz| eq_db(&drawn, hz));
    let mut mesh = egui::Mesh::default();
    for &at in &all {
        let next = mesh.vertices.len() as u32;
        mesh.colored_vertex(at, fade(p.accent, 0.16));
        mesh.colored_vertex(pos2(at.x, zero), fade(p.accent, 0.05));
        if next >= 2 {
            mesh.add_triangle(next - 2, next - 1, next);
            mesh.add_triangle(next - 1, next, next + 1);
        }
    }
    painter.add(Shape::mesh(mesh));
    if let Some((band, _)) = shown.iter().find(|(_, r)| r.hovered() || r.dragged() || r.has_focus()) {
        painter.add(Shape::line(trace(&|hz| band_db(band, hz)), Stroke::new(1.0, fade(p.accent, 0.6))));
    }
    painter.add(Shape::line(all, Stroke::new(2.0, p.accent)));
}

fn handle(painter: &Painter, p: &Palette, plot: Rect, index: usize, band: &EqBand, response: &Response) {
    let at = pos2(x_of(plot, band.hz), y_of(plot, band.gain_db));
    let active = band.gain_db.abs() >= 0.05;
    let lit = response.hovered() || response.dragged();
    let radius = if lit { 9.5 } else { 8.0 };
    let (fill, ink) = if active || lit { (p.accent, p.on_accent) } else { (p.raised, p.soft) };
    painter.circle(at, radius, fill, Stroke::new(1.0, if active { p.well } else { p.line }));
    if response.has_focus() {
        painter.circle_stroke(at, radius + 3.0, Stroke::new(1.5, p.accent));
    }
    let place = Rect::from_center_size(at, vec2(16.0, 16.0));
    text::paint(painter, place, Align2::CENTER_CENTER, &(index + 1).to_string(), theme::strong(size::TINY), ink);
}

/// What the lines mean, or what the hand holds.
fn legend(painter: &Painter, p: &Palette, plot: Rect, shown: &[(EqBand, Response)]) {
    let place = Rect::from_min_size(plot.min + vec2(10.0, 6.0), vec2(plot.width() - 20.0, 16.0));
    let held = shown.iter().enumerate().find(|(_, (_, r))| r.hovered() || r.dragged() || r.has_focus());
    if let Some((index, (band, _))) = held {
        let words = format!(
            "Band {}  {}  {}  {} dB  Q {:.2}",
            index + 1,
            shape_name(band.shape),
            hz_text(band.hz),
            signed(band.gain_db, 1),
            band.q
        );
        text::paint(painter, place, Align2::LEFT_CENTER, &words, theme::strong(size::SMALL), p.ink);
        return;
    }
    let mut left = place.left();
    for (word, color) in [("Before", fade(p.faint, 0.5)), ("After", p.parts[0]), ("EQ", p.accent)] {
        let swatch = Rect::from_center_size(pos2(left + 7.0, place.center().y), vec2(12.0, 3.0));
        painter.rect_filled(swatch, 1.5, color);
        let rest = Rect::from_min_max(pos2(left + 18.0, place.top()), place.max);
        left = text::paint(painter, rest, Align2::LEFT_CENTER, word, theme::text(size::TINY), p.faint).right() + 12.0;
    }
}
