//! Level meters and figures.

use super::text;
use crate::data::Level;
use crate::range::{AXIS_LEVEL_DB, level_text, share};
use crate::theme::{self, Palette, fade, size};
use egui::{Align2, Color32, Painter, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// Level above which a meter warns, and above which it is too loud, decibels full scale.
const WARN_DB: f64 = -6.0;
const HOT_DB: f64 = -0.1;

/// A stereo meter lying in `rect`: two bars from left to right, a bar for RMS and a line for the peak.
pub fn stereo(ui: &mut Ui, p: &Palette, rect: Rect, name: &str, level: &Level, hue: Color32) {
    let response = ui.interact(rect, ui.scope_id().with(("meter", name)), Sense::hover());
    let peak = level.peak_db[0].max(level.peak_db[1]);
    response.widget_info(|| WidgetInfo::labeled(Role::Meter, true, format!("{name} {} dBFS", level_text(peak))));
    let height = (rect.height() - 2.0) / 2.0;
    for channel in 0..2 {
        let top = rect.top() + channel as f32 * (height + 2.0);
        let bar = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), height));
        lying(ui.painter(), p, bar, f64::from(level.rms_db[channel]), f64::from(level.peak_db[channel]), hue);
    }
    response.on_hover_text(format!("{name}\nPeak {} dBFS", level_text(peak)));
}

fn lying(painter: &Painter, p: &Palette, bar: Rect, rms_db: f64, peak_db: f64, hue: Color32) {
    painter.rect_filled(bar, 1.5, p.well);
    let x = |db: f64| bar.left() + bar.width() * share(&AXIS_LEVEL_DB, db);
    let fill = |from: f64, to: f64, color: Color32| {
        if to > from {
            painter.rect_filled(Rect::from_min_max(pos2(x(from), bar.top()), pos2(x(to), bar.bottom())), 1.5, color);
        }
    };
    fill(*AXIS_LEVEL_DB.start(), rms_db.min(WARN_DB), hue);
    fill(WARN_DB, rms_db, p.warn);
    if peak_db > *AXIS_LEVEL_DB.start() {
        let color = if peak_db > HOT_DB {
            p.bad
        } else if peak_db > WARN_DB {
            p.warn
        } else {
            fade(p.ink, 0.8)
        };
        painter.rect_filled(
            Rect::from_center_size(pos2(x(peak_db), bar.center().y), vec2(2.0, bar.height())),
            0.0,
            color,
        );
    }
}

/// A bar standing in `rect`, filled from the top down for a reduction of 0 to `range_db` decibels.
pub fn reduction(ui: &mut Ui, p: &Palette, rect: Rect, name: &str, reduction_db: f32, range_db: f32) {
    let response = ui.interact(rect, ui.scope_id().with(("reduction", name)), Sense::hover());
    let amount = (-reduction_db).max(0.0);
    let words = format!("{name} {} dB", level_text(-amount));
    response.widget_info(|| WidgetInfo::labeled(Role::Meter, true, &words));
    ui.painter().rect_filled(rect, 2.0, p.well);
    let part = (amount / range_db).clamp(0.0, 1.0);
    let filled = Rect::from_min_size(rect.min, vec2(rect.width(), rect.height() * part));
    ui.painter().rect_filled(filled, 2.0, p.accent);
    response.on_hover_text(words);
}

/// A number to show, for instance a loudness.
#[derive(Clone, Copy, Debug)]
pub struct Figure<'a> {
    /// Name above it.
    pub name: &'a str,
    /// The number; a dash when it is not known yet.
    pub value: Option<f32>,
    /// Unit beside it.
    pub unit: &'a str,
    /// Colour.
    pub ink: Color32,
    /// The name in full, for the tooltip and for assistive technology.
    pub tip: &'a str,
}

/// A figure with its name above and its unit beside, in `rect`.
pub fn figure(ui: &mut Ui, p: &Palette, rect: Rect, figure: Figure) {
    let Figure { name, value, unit, ink, tip } = figure;
    let words = value.map_or_else(|| "\u{2013}".to_owned(), level_text);
    let response = ui.interact(rect, ui.scope_id().with(("figure", name)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{tip}: {words} {unit}")));
    let ink = if value.is_some() { ink } else { p.faint };
    let painter = ui.painter();
    let (top, bottom) = rect.split_top_bottom_at_y(rect.top() + 16.0);
    text::paint(painter, top, Align2::LEFT_CENTER, name, theme::text(size::SMALL), p.faint);
    let font = if rect.height() >= 46.0 && rect.width() > 84.0 { size::FIGURE } else { size::TITLE };
    let used = text::paint(painter, bottom, Align2::LEFT_CENTER, &words, theme::strong(font), ink);
    let rest = Rect::from_min_max(pos2(used.right() + 4.0, used.top()), pos2(rect.right(), used.bottom() - 2.0));
    // A unit that has no room is left to the tooltip.
    if rest.width() >= text::width(ui, unit, theme::text(size::TINY)) {
        text::paint(painter, rest, Align2::LEFT_BOTTOM, unit, theme::text(size::TINY), p.faint);
    }
    response.on_hover_text(format!("{tip}: {words} {unit}"));
}
