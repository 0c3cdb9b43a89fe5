//! The two graphs of the mastering: spectrum before and after, loudness over time.

use super::svg::{n, path};
use super::{Curves, Mastering};
use std::fmt::Write;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 260.0;
/// Room for the numbers at the left, the bottom, and a breath at the other sides.
const LEFT: f64 = 40.0;
const BOTTOM: f64 = 26.0;
const TOP: f64 = 10.0;
const RIGHT: f64 = 10.0;

/// A picture's frame: how values become places.
struct Frame {
    x: (f64, f64),
    y: (f64, f64),
    log_x: bool,
}

impl Frame {
    fn px(&self, x: f64) -> f64 {
        let (a, b, x) = if self.log_x { (self.x.0.ln(), self.x.1.ln(), x.ln()) } else { (self.x.0, self.x.1, x) };
        LEFT + (x - a) / (b - a) * (WIDTH - LEFT - RIGHT)
    }

    fn py(&self, y: f64) -> f64 {
        let share = (y - self.y.0) / (self.y.1 - self.y.0);
        HEIGHT - BOTTOM - share.clamp(0.0, 1.0) * (HEIGHT - TOP - BOTTOM)
    }

    fn open(&self, label: &str) -> String {
        format!(
            "<svg class=\"graph\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{label}\"><rect class=\"plot\" x=\"{LEFT}\" y=\"{TOP}\" width=\"{}\" height=\"{}\"/>",
            n(WIDTH - LEFT - RIGHT),
            n(HEIGHT - TOP - BOTTOM)
        )
    }

    fn across(&self, s: &mut String, y: f64, words: &str) {
        let py = n(self.py(y));
        let _ = write!(
            s,
            "<path class=\"g-beat\" d=\"M{LEFT} {py}H{}\"/><text class=\"tick end\" x=\"{}\" y=\"{}\">{words}</text>",
            n(WIDTH - RIGHT),
            n(LEFT - 6.0),
            n(self.py(y) + 3.5)
        );
    }

    fn down(&self, s: &mut String, x: f64, words: &str) {
        let px = n(self.px(x));
        let _ = write!(
            s,
            "<path class=\"g-beat\" d=\"M{px} {TOP}V{}\"/><text class=\"tick mid\" x=\"{px}\" y=\"{}\">{words}</text>",
            n(HEIGHT - BOTTOM),
            n(HEIGHT - BOTTOM + 15.0)
        );
    }

    fn line(&self, s: &mut String, class: &str, points: &[(f64, f64)]) {
        let inside = points.iter().filter(|p| (self.x.0..=self.x.1).contains(&p.0));
        let d = path(inside.map(|&(x, y)| (self.px(x), if y.is_finite() { self.py(y) } else { f64::NAN })));
        let _ = write!(s, "<path class=\"{class}\" d=\"{d}\"/>");
    }
}

/// Largest and smallest finite value.
fn extent(curves: &[&[(f64, f64)]]) -> (f64, f64) {
    curves
        .iter()
        .flat_map(|c| c.iter())
        .map(|p| p.1)
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}

/// Spectrum before and after, dB over log frequency. Both are shown at the loudness of the earlier one, so that the
/// shape and not the level is compared.
pub fn spectrum(mastering: &Mastering<'_>) -> String {
    let shift = level_shift(&mastering.before, &mastering.after);
    let after: Vec<(f64, f64)> = mastering.after.spectrum.iter().map(|&(hz, db)| (hz, db + shift)).collect();
    let (_, high) = extent(&[&mastering.before.spectrum, &after]);
    let top = if high.is_finite() { (high / 10.0).ceil() * 10.0 } else { 0.0 };
    let frame = Frame { x: (20.0, 20_000.0), y: (top - 60.0, top), log_x: true };
    let mut s = frame.open("Spectrum before and after mastering");
    for step in 0..3 {
        let db = top - 20.0 * f64::from(step);
        frame.across(&mut s, db, &n(db));
    }
    for (hz, words) in [
        (50.0, "50"),
        (100.0, "100"),
        (200.0, "200"),
        (500.0, "500"),
        (1e3, "1 k"),
        (2e3, "2 k"),
        (5e3, "5 k"),
        (1e4, "10 k"),
    ] {
        frame.down(&mut s, hz, words);
    }
    frame.line(&mut s, "before", &mastering.before.spectrum);
    frame.line(&mut s, "after", &after);
    s.push_str("</svg>");
    s
}

fn level_shift(before: &Curves, after: &Curves) -> f64 {
    let shift = before.integrated_lufs - after.integrated_lufs;
    if shift.is_finite() { shift } else { 0.0 }
}

/// Short-term loudness before and after over time, with the target.
pub fn loudness(mastering: &Mastering<'_>) -> String {
    let (before, after) = (&mastering.before.short_term, &mastering.after.short_term);
    let end = before.iter().chain(after).map(|p| p.0).fold(1.0, f64::max);
    let (low, high) = extent(&[before, after, &[(0.0, mastering.target_lufs)]]);
    let (low, high) = if low.is_finite() { (low.max(high - 24.0), high) } else { (-40.0, 0.0) };
    let frame =
        Frame { x: (0.0, end), y: ((low / 5.0).floor() * 5.0 - 1.0, (high / 5.0).ceil() * 5.0 + 1.0), log_x: false };
    let mut s = frame.open("Short-term loudness over time before and after mastering");
    let mut lufs = (frame.y.0 / 5.0).ceil() * 5.0;
    while lufs <= frame.y.1 {
        frame.across(&mut s, lufs, &n(lufs));
        lufs += 5.0;
    }
    let step = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0]
        .into_iter()
        .find(|s| end / s <= 8.0)
        .unwrap_or(3_600.0);
    let mut second = 0.0;
    while second <= end {
        let whole = second as u64;
        frame.down(&mut s, second, &format!("{}:{:02}", whole / 60, whole % 60));
        second += step;
    }
    let target = [(0.0, mastering.target_lufs), (end, mastering.target_lufs)];
    frame.line(&mut s, "target", &target);
    frame.line(&mut s, "before", before);
    frame.line(&mut s, "after", after);
    let _ = write!(
        s,
        "<path class=\"head\" data-x0=\"{}\" data-x1=\"{}\" data-end=\"{}\" d=\"M{LEFT} {TOP}V{}\"/></svg>",
        n(frame.px(0.0)),
        n(frame.px(end)),
        n(end),
        n(HEIGHT - BOTTOM)
    );
    s
}
