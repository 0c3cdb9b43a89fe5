//! The chain's other parameters, group by group.

use crate::data::{ChainGroup, MasterIntent as Intent, MasterView, ParamEdit, ParamView};
use crate::theme::{self, GAP, Palette, size};
use crate::widgets::button::{self, Face};
use crate::widgets::gesture::whole;
use crate::widgets::{card, choice, inside, knob, text};
use egui::{Align2, Rect, ScrollArea, Sense, Ui, pos2, vec2};

/// Width of one knob and of one list, points.
const KNOB: f32 = 66.0;
const LIST: f32 = 112.0;

/// The groups over all of `ui`: side by side where they fit, else one at a time behind tabs.
pub fn show(ui: &mut Ui, p: &Palette, view: &MasterView, out: &mut Vec<Intent>) {
    let area = ui.max_rect();
    let wide: f32 = view.chain.iter().map(|g| width(ui, g) + GAP).sum::<f32>() - GAP;
    if wide > area.width() {
        return tabs(ui, p, area, view, out);
    }
    let mut left = area.left();
    for group in &view.chain {
        let rect = Rect::from_min_size(pos2(left, area.top()), vec2(width(ui, group), area.height()));
        left = rect.right() + GAP;
        card(ui, p, rect);
        let head = Rect::from_min_size(rect.min + vec2(12.0, 5.0), vec2(rect.width() - 20.0, 16.0));
        text::label(ui, head, Align2::LEFT_CENTER, &group.name, theme::strong(size::SMALL), p.faint);
        let cells = Rect::from_min_max(pos2(rect.left() + 8.0, head.bottom() + 2.0), rect.max - vec2(8.0, 4.0));
        inside(ui, rect, &group.name, |ui| one(ui, p, cells, group, out));
    }
}

/// One group, chosen by name; which one is a matter of looking, kept by the window.
fn tabs(ui: &mut Ui, p: &Palette, area: Rect, view: &MasterView, out: &mut Vec<Intent>) {
    card(ui, p, area);
    let memory = ui.scope_id().with("chain tab");
    let mut open: usize = ui.data(|d| d.get_temp(memory)).unwrap_or(0).min(view.chain.len().saturating_sub(1));
    let row = Rect::from_min_size(area.min + vec2(6.0, 4.0), vec2(area.width() - 12.0, 20.0));
    let natural: Vec<f32> = view.chain.iter().map(|g| button::width(ui, &Face::text(&g.name))).collect();
    let squeeze = ((row.width() - 2.0 * natural.len() as f32) / natural.iter().sum::<f32>()).min(1.0);
    let mut left = row.left();
    for (index, group) in view.chain.iter().enumerate() {
        let place = Rect::from_min_size(pos2(left, row.top()), vec2(natural[index] * squeeze, row.height()));
        left = place.right() + 2.0;
        let name = format!("Show {}", group.name);
        let face = Face { icon: None, text: &group.name, name: &name };
        if button::tab(ui, p, place, face, index == open) {
            open = index;
            ui.data_mut(|d| d.insert_temp(memory, index));
        }
    }
    let Some(group) = view.chain.get(open) else { return };
    let cells = Rect::from_min_max(pos2(area.left() + 8.0, row.bottom() + 2.0), area.max - vec2(8.0, 4.0));
    inside(ui, area, &group.name, |ui| {
        let scroll = ScrollArea::horizontal().id_salt("chain scroll").auto_shrink(false);
        scroll.show(ui, |ui| {
            let shift = ui.min_rect().left() - area.left();
            let room = vec2(width(ui, group).max(1.0), 1.0);
            ui.allocate_exact_size(room, Sense::hover());
            one(ui, p, cells.translate(vec2(shift, 0.0)), group, out);
        });
    });
}

fn width(ui: &Ui, group: &ChainGroup) -> f32 {
    let cells: f32 = group.params.iter().map(|param| if param.choices.is_empty() { KNOB } else { LIST }).sum();
    (cells + 16.0).max(text::width(ui, &group.name, theme::strong(size::SMALL)) + 26.0)
}

fn one(ui: &mut Ui, p: &Palette, rect: Rect, group: &ChainGroup, out: &mut Vec<Intent>) {
    let mut x = rect.left();
    for param in &group.params {
        let wide = if param.choices.is_empty() { KNOB } else { LIST };
        let cell = Rect::from_min_max(pos2(x, rect.top()), pos2(x + wide, rect.bottom()));
        x += wide;
        let edits = cell_of(ui, p, cell, group, param);
        out.extend(edits.into_iter().map(|edit| Intent::Param { id: param.id.clone(), edit }));
    }
}

fn cell_of(ui: &mut Ui, p: &Palette, cell: Rect, group: &ChainGroup, param: &ParamView) -> Vec<ParamEdit> {
    if param.choices.is_empty() {
        // What rests in the middle of its way (gain, width) is drawn from there.
        let centred = param.centred || (param.default - 0.5).abs() < 0.01;
        let shown = short(group, &param.name);
        return knob::knob(ui, p, cell, &ParamView { centred, ..param.clone() }, shown, p.accent);
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

/// A name without the words that every name of its group begins with, and without the group's own name.
fn short<'a>(group: &ChainGroup, name: &'a str) -> &'a str {
    let common = |a: &str| {
        let same = a.bytes().zip(name.bytes()).take_while(|(x, y)| x == y).count();
        if same == name.len() { usize::MAX } else { same }
    };
    let shared = group.params.iter().map(|other| common(&other.name)).min().unwrap_or(0);
    let of_words = if shared < name.len() {
        name.as_bytes()[..shared].iter().rposition(|&b| b == b' ').map_or(0, |at| at + 1)
    } else {
        0
    };
    let rest = &name[of_words..];
    match rest.strip_prefix(group.name.as_str()).map(str::trim_start) {
        Some(shorter) if !shorter.is_empty() => shorter,
        _ => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_their_group_says_already() {
        let group = |name: &str, names: &[&str]| ChainGroup {
            name: name.into(),
            params: names.iter().map(|n| ParamView::new(n, n, 0.0, 0.0, "")).collect(),
        };
        let band = group("Low", &["Band 1 Threshold", "Band 1 Ratio", "Band 1 Release"]);
        assert_eq!(short(&band, "Band 1 Release"), "Release");
        let limiter = group("Limiter", &["Limiter", "Drive", "Limiter Release"]);
        assert_eq!((short(&limiter, "Limiter"), short(&limiter, "Limiter Release")), ("Limiter", "Release"));
        assert_eq!(short(&group("Input", &["Gain"]), "Gain"), "Gain");
        assert_eq!(short(&group("X", &["Größe a", "Größe b"]), "Größe b"), "b");
    }
}
