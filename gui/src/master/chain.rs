//! The chain's other parameters, group by group.

use crate::data::{ChainGroup, MasterIntent as Intent, MasterView, ParamEdit, ParamView};
use crate::theme::{self, GAP, Palette, size};
use crate::widgets::button::{self, Face};
use crate::widgets::gesture::whole;
use crate::widgets::{card, choice, knob, text};
use egui::{Align2, Rect, ScrollArea, Sense, Ui, pos2, vec2};

/// Width of one knob and of one list, points.
const KNOB: f32 = 66.0;
const LIST: f32 = 112.0;

/// The row of groups over all of `ui`; it scrolls sideways where it does not fit.
pub fn show(ui: &mut Ui, p: &Palette, view: &MasterView, out: &mut Vec<Intent>) {
    let area = ui.max_rect();
    let wide: f32 = view.chain.iter().map(|g| width(ui, g) + GAP).sum::<f32>() - GAP;
    let height = area.height() - if wide > area.width() { 9.0 } else { 0.0 };
    ScrollArea::horizontal().id_salt("chain scroll").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        ui.horizontal(|ui| {
            for group in &view.chain {
                let (rect, _) = ui.allocate_exact_size(vec2(width(ui, group), height), Sense::hover());
                ui.push_id(&group.name, |ui| one(ui, p, rect, group, out));
            }
        });
    });
}

fn width(ui: &Ui, group: &ChainGroup) -> f32 {
    let cells: f32 = group.params.iter().map(|param| if param.choices.is_empty() { KNOB } else { LIST }).sum();
    (cells + 16.0).max(text::width(ui, &group.name, theme::strong(size::SMALL)) + 26.0)
}

fn one(ui: &mut Ui, p: &Palette, rect: Rect, group: &ChainGroup, out: &mut Vec<Intent>) {
    card(ui, p, rect);
    let head = Rect::from_min_size(rect.min + vec2(12.0, 5.0), vec2(rect.width() - 20.0, 16.0));
    text::label(ui, head, Align2::LEFT_CENTER, &group.name, theme::strong(size::SMALL), p.faint);
    let mut x = rect.left() + 8.0;
    for param in &group.params {
        let wide = if param.choices.is_empty() { KNOB } else { LIST };
        let cell = Rect::from_min_max(pos2(x, head.bottom() + 2.0), pos2(x + wide, rect.bottom() - 4.0));
        x += wide;
        let edits = cell_of(ui, p, cell, group, param);
        out.extend(edits.into_iter().map(|edit| Intent::Param { id: param.id.clone(), edit }));
    }
}

fn cell_of(ui: &mut Ui, p: &Palette, cell: Rect, group: &ChainGroup, param: &ParamView) -> Vec<ParamEdit> {
    if param.choices.is_empty() {
        return knob::knob(ui, p, cell, param, p.accent);
    }
    let field = Rect::from_center_size(cell.center(), vec2(cell.width() - 8.0, 26.0));
    let name = format!("{} {}", group.name, param.name);
    if param.choices.len() == 2 {
        let on = param.is_on();
        let word = format!("{} {}", param.name, param.text);
        if button::switch(ui, p, field, Face { icon: None, text: &word, name: &name }, on, p.good, true) {
            return whole(if on { 0.0 } else { 1.0 });
        }
        return Vec::new();
    }
    let picked = choice::choice(ui, p, field, &name, &param.choices, param.choice());
    picked.map_or_else(Vec::new, |index| whole(param.choice_normalized(index)))
}
