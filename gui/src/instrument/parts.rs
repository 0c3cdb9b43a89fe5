//! The mixer: one strip per part.

use super::side::{push, titled};
use crate::data::{InstrumentIntent as Intent, InstrumentView, ParamView};
use crate::theme::{self, Palette, size};
use crate::widgets::button::{self, Face};
use crate::widgets::gesture::whole;
use crate::widgets::slider::{self, Rail};
use crate::widgets::{knob, meter, text};
use continuo_core::Part;
use egui::{Align2, Color32, Rect, Ui, pos2, vec2};

/// Height of one strip and of the whole card, points.
const STRIP: f32 = 58.0;
/// Height of the card.
pub const HEIGHT: f32 = 32.0 + 4.0 * STRIP + 6.0;

/// The card in `rect`.
pub fn show(ui: &mut Ui, p: &Palette, rect: Rect, view: &InstrumentView, out: &mut Vec<Intent>) {
    let body = titled(ui, p, rect, "Parts");
    for part in Part::ALL {
        let top = body.top() + STRIP * part.index() as f32;
        let strip = Rect::from_min_size(pos2(body.left(), top), vec2(body.width(), STRIP - 6.0));
        one(ui, p, strip, part, view, out);
    }
}

fn one(ui: &mut Ui, p: &Palette, rect: Rect, part: Part, view: &InstrumentView, out: &mut Vec<Intent>) {
    let strip = &view.strips[part.index()];
    let hue = p.part(part);
    let row = Rect::from_min_size(rect.min, vec2(rect.width(), 22.0));
    let name = Rect::from_min_size(row.min, vec2(58.0, row.height()));
    text::label(ui, name, Align2::LEFT_CENTER, part.label(), theme::strong(size::BODY), hue);
    let pan = pos2(row.right() - 11.0, row.center().y);
    let pan_name = format!("{} pan", part.label());
    let balance = ParamView { name: pan_name, centred: true, ..strip.pan.clone() };
    let (_, edits) = knob::dial(ui, p, pan, 11.0, &balance, hue);
    push(out, &strip.pan.id, edits);
    let value = Rect::from_min_max(pos2(name.right(), row.top()), pos2(row.right() - 84.0, row.bottom()));
    text::paint(ui.painter(), value, Align2::RIGHT_CENTER, &strip.level.text, theme::text(size::SMALL), p.faint);
    let mut x = row.right() - 76.0;
    let switches: [(&ParamView, &str, &str, Color32); 2] =
        [(&strip.mute, "M", "mute", p.bad), (&strip.solo, "S", "solo", p.accent)];
    for (param, letter, word, lit) in switches {
        let place = Rect::from_min_size(pos2(x, row.top() + 1.0), vec2(22.0, 20.0));
        let long = format!("{} {word}", part.label());
        let face = Face { icon: None, text: letter, name: &long };
        if button::switch(ui, p, place, face, param.is_on(), lit, true) {
            push(out, &param.id, whole(if param.is_on() { 0.0 } else { 1.0 }));
        }
        x += 25.0;
    }
    let rail = Rect::from_min_size(pos2(rect.left() - 5.0, row.bottom() + 2.0), vec2(rect.width() + 10.0, 16.0));
    let label = format!("{} level", part.label());
    let level = &strip.level;
    let face = Rail { name: &label, value: level.normalized, default: level.default, text: &level.text, hue };
    let (_, edits) = slider::slider(ui, p, rail, face);
    push(out, &level.id, edits);
    let bars = Rect::from_min_size(pos2(rect.left(), rail.bottom() + 2.0), vec2(rect.width(), 7.0));
    let quiet = strip.mute.is_on();
    let meter_hue = if quiet { p.faint } else { hue };
    meter::stereo(ui, p, bars, &format!("{} meter", part.label()), &strip.meter, meter_hue);
}
