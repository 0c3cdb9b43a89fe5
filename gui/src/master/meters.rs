//! The A/B bar, the figures, the gain reduction and the loudness history.

use crate::data::{MasterIntent as Intent, MasterView};
use crate::range::{level_text, signed};
use crate::theme::{self, GAP, Palette, RADIUS_SMALL, size};
use crate::widgets::button::{self, Face, Look};
use crate::widgets::gesture::whole;
use crate::widgets::icon::Icon;
use crate::widgets::{card, history, meter, text};
use egui::{Align2, Rect, Ui, pos2, vec2};

/// Gain reduction that fills a bar, decibels.
const REDUCTION_RANGE_DB: f32 = 12.0;

/// Before or after, at the same loudness.
pub fn compare(ui: &mut Ui, p: &Palette, rect: Rect, view: &MasterView, out: &mut Vec<Intent>) {
    let bypassed = view.bypass.is_on();
    let both = Rect::from_min_size(rect.min, vec2(172.0, rect.height()));
    ui.painter().rect_filled(both, RADIUS_SMALL, p.raised);
    let (a, b) = both.shrink(2.0).split_left_right_at_fraction(0.5);
    for (place, word, name, on) in [(a, "A  Before", "Hear before", bypassed), (b, "B  After", "Hear after", !bypassed)]
    {
        let face = Face { icon: None, text: word, name };
        let look = if on { Look::Primary } else { Look::Quiet };
        let pressed =
            if on { button::switch_lit(ui, p, place, face) } else { button::button(ui, p, place, face, look, true) };
        if pressed && !on {
            let edits = whole(if bypassed { 0.0 } else { 1.0 });
            out.extend(edits.into_iter().map(|edit| Intent::Param { id: view.bypass.id.clone(), edit }));
        }
    }
    let reset = Face::both(Icon::Again, "Reset meters", "Reset meters");
    let reset = if rect.width() < 480.0 { Face::icon(Icon::Again, "Reset meters") } else { reset };
    let width = button::width(ui, &reset);
    let place =
        Rect::from_min_max(pos2(rect.right() - width, rect.top() + 2.0), pos2(rect.right(), rect.bottom() - 2.0));
    if button::button(ui, p, place, reset, Look::Quiet, true) {
        out.push(Intent::ResetMeters);
    }
    let words = if view.match_gain_db.abs() < 0.05 {
        "level-matched".to_owned()
    } else {
        format!("level-matched: A by {} dB", signed(f64::from(view.match_gain_db), 1))
    };
    let caption = Rect::from_min_max(pos2(both.right() + 10.0, rect.top()), pos2(place.left() - 8.0, rect.bottom()));
    if caption.width() > 30.0 {
        text::label(ui, caption, Align2::LEFT_CENTER, &words, theme::text(size::SMALL), p.faint);
    }
}

/// Figures, reduction and history side by side in `rect`.
pub fn show(ui: &mut Ui, p: &Palette, rect: Rect, view: &MasterView) {
    let figures_width = (rect.width() * 0.40).clamp(196.0, 348.0);
    let reduction_width = if rect.width() < 480.0 { 98.0 } else { 116.0 };
    let figures_rect = Rect::from_min_size(rect.min, vec2(figures_width, rect.height()));
    let reduction_rect =
        Rect::from_min_size(pos2(figures_rect.right() + GAP, rect.top()), vec2(reduction_width, rect.height()));
    let history_rect = Rect::from_min_max(pos2(reduction_rect.right() + GAP, rect.top()), rect.max);
    figures(ui, p, figures_rect, view);
    reduction(ui, p, reduction_rect, view);
    let target = view.targets.iter().find(|t| t.id == view.target).map(|t| t.target.loudness_lufs);
    history::history(ui, p, history_rect, &view.history, target);
}

fn figures(ui: &mut Ui, p: &Palette, rect: Rect, view: &MasterView) {
    card(ui, p, rect);
    let o = &view.output;
    let target = view.targets.iter().find(|t| t.id == view.target).map(|t| t.target);
    let ceiling = target.map_or(view.settings.ceiling_dbtp, |t| t.ceiling_dbtp);
    let over = o.true_peak_dbtp.is_some_and(|peak| f64::from(peak) > ceiling + 0.05);
    let cells = [
        ("Integrated", o.integrated_lufs, "LUFS", p.accent, "Integrated loudness"),
        ("Short-term", o.short_term_lufs, "LUFS", p.ink, "Short-term loudness, 3 s"),
        ("Momentary", o.momentary_lufs, "LUFS", p.ink, "Momentary loudness, 400 ms"),
        ("True peak", o.true_peak_dbtp, "dBTP", if over { p.bad } else { p.ink }, "Highest true peak"),
        ("Range", o.range_lu, "LU", p.ink, "Loudness range"),
        ("PLR", o.plr_db, "dB", p.ink, "Peak to loudness ratio"),
    ];
    let meter_height = 8.0;
    let inner = rect.shrink2(vec2(12.0, 8.0));
    let bars = Rect::from_min_max(pos2(inner.left(), inner.bottom() - meter_height), inner.max);
    let grid = Rect::from_min_max(inner.min, pos2(inner.right(), bars.top() - 4.0));
    let size = vec2(grid.width() / 3.0, grid.height() / 2.0);
    for (i, (name, value, unit, ink, tip)) in cells.into_iter().enumerate() {
        let short = ["Int.", "Short", "Mom.", "Peak", "Range", "PLR"][i];
        let name = if size.x < 78.0 { short } else { name };
        let at = grid.min + vec2((i % 3) as f32 * size.x, (i / 3) as f32 * size.y);
        let figure = meter::Figure { name, value, unit, ink, tip };
        meter::figure(ui, p, Rect::from_min_size(at, size - vec2(4.0, 2.0)), figure);
    }
    meter::stereo(ui, p, bars, "Output", &view.level, p.good);
}

fn reduction(ui: &mut Ui, p: &Palette, rect: Rect, view: &MasterView) {
    card(ui, p, rect);
    let inner = rect.shrink2(vec2(12.0, 8.0));
    let head = Rect::from_min_size(inner.min, vec2(inner.width(), 16.0));
    text::label(ui, head, Align2::LEFT_CENTER, "Reduction", theme::text(size::SMALL), p.faint);
    let r = &view.reduction;
    let narrow = rect.width() < 110.0;
    let most = r.bands_db.iter().fold(r.limiter_db, |a, &b| a.min(b));
    if !narrow {
        text::paint(
            ui.painter(),
            head,
            Align2::RIGHT_CENTER,
            &level_text(most.min(0.0)),
            theme::text(size::SMALL),
            p.soft,
        );
    }
    let foot = Rect::from_min_max(pos2(inner.left(), inner.bottom() - 13.0), inner.max);
    let names = ["Low", "Low mid", "High mid", "High", "Limiter"];
    let marks = if narrow { ["Lo", "", "", "Hi", "Lim"] } else { ["L", "LM", "HM", "H", "Lim"] };
    let values = [r.bands_db[0], r.bands_db[1], r.bands_db[2], r.bands_db[3], r.limiter_db];
    let step = inner.width() / 5.0;
    for i in 0..5 {
        let x = inner.left() + step * i as f32;
        let bar = Rect::from_min_max(pos2(x + 2.0, head.bottom() + 4.0), pos2(x + step - 4.0, foot.top() - 2.0));
        meter::reduction(ui, p, bar, &format!("{} reduction", names[i]), values[i], REDUCTION_RANGE_DB);
        let mark = Rect::from_min_max(pos2(x - 2.0, foot.top()), pos2(x + step, foot.bottom()));
        text::paint(ui.painter(), mark, Align2::CENTER_CENTER, marks[i], theme::text(size::TINY), p.faint);
    }
}
