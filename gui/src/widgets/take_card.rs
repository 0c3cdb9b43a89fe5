//! One take: its chords, a small roll per part, and what can be done with each.

use super::button::{self, Face, Look};
use super::icon::{self, Icon};
use super::mini_roll::{self, Ink};
use super::text;
use crate::data::{Audition, InstrumentIntent as Intent, PhraseStatus, TakeView};
use crate::theme::{self, Palette, RADIUS, fade, mix, size};
use continuo_core::{MeterMap, Part, PartPhrase};
use egui::{Align2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

/// Least width of the card that is looked at, and of one that is not, points.
pub const MIN_WIDTH_SELECTED: f32 = 300.0;
/// Least width of a card that is not looked at: it shows what became of its parts, but not the buttons of each.
pub const MIN_WIDTH: f32 = 218.0;

/// What a card is shown with.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// Metre of the song, for bar lines.
    pub meters: &'a MeterMap,
    /// True for the take that is looked at.
    pub selected: bool,
    /// What is being auditioned.
    pub audition: Option<Audition>,
}

/// A card in `rect`.
pub fn take_card(ui: &mut Ui, p: &Palette, rect: Rect, take: &TakeView, setting: Setting, out: &mut Vec<Intent>) {
    let ground = ui.interact(rect, ui.scope_id().with("ground"), Sense::click());
    let name = format!("{}, {} parts", take.name, take.content.phrases.len());
    ground.widget_info(|| WidgetInfo::selected(Role::ListItem, true, setting.selected, &name));
    if ground.clicked() && !setting.selected {
        out.push(Intent::Select(take.id));
    }
    let glow = ui.ctx().animate_bool_with_time(ground.id.with("hover"), ground.hovered(), 0.1);
    let edge =
        if setting.selected { Stroke::new(1.5, p.accent) } else { Stroke::new(1.0, mix(p.line, p.soft, glow * 0.5)) };
    ui.painter().rect(rect, RADIUS, p.card, edge, StrokeKind::Inside);
    if ground.has_focus() {
        ui.painter().rect_stroke(
            rect.expand(2.0),
            RADIUS + 2,
            Stroke::new(1.5, fade(p.accent, 0.6)),
            StrokeKind::Inside,
        );
    }
    let inner = rect.shrink2(vec2(10.0, 8.0));
    let foot = Rect::from_min_max(pos2(inner.left(), inner.bottom() - 24.0), inner.max);
    let head = Rect::from_min_size(inner.min, vec2(inner.width(), 20.0));
    header(ui, p, head, take);
    let body = Rect::from_min_max(pos2(inner.left(), head.bottom() + 4.0), pos2(inner.right(), foot.top() - 6.0));
    rows(ui, p, body, take, setting, out);
    footer(ui, p, foot, take, setting, out);
}

fn header(ui: &mut Ui, p: &Palette, rect: Rect, take: &TakeView) {
    let bars = take.content.bars;
    let where_ = match bars.len() {
        1 => format!("bar {}", bars.from + 1),
        _ => format!("bars {}\u{2013}{}", bars.from + 1, bars.to),
    };
    let extra = format!("{where_} \u{b7} {}", take.content.key);
    let extra_width = text::width(ui, &extra, theme::text(size::SMALL)).min(rect.width() * 0.6);
    let right = Rect::from_min_max(pos2(rect.right() - extra_width - 1.0, rect.top()), rect.max);
    text::label(ui, right, Align2::RIGHT_CENTER, &extra, theme::text(size::SMALL), p.faint);
    let left = Rect::from_min_max(rect.min, pos2(right.left() - 8.0, rect.bottom()));
    let name = text::label(ui, left, Align2::LEFT_CENTER, &take.name, theme::strong(size::BODY), p.ink);
    if let Some(share) = take.likeness {
        let share = share.clamp(0.0, 1.0) * 100.0;
        name.on_hover_text(format!(
            "Longest match with a work the models learned from: {share:.0} % of what is allowed."
        ));
    }
}

/// Width of the part names, and of the buttons at the end of a row.
const NAMES: f32 = 52.0;
const BUTTONS: f32 = 5.0 * 21.0;
/// Width of the two signs that stand for the buttons on a card that is not looked at.
const SIGNS: f32 = 2.0 * 17.0;

fn rows(ui: &mut Ui, p: &Palette, rect: Rect, take: &TakeView, setting: Setting, out: &mut Vec<Intent>) {
    let span = take.content.bars.span(setting.meters);
    let lane = |left: f32, right: f32, top: f32, bottom: f32| Rect::from_min_max(pos2(left, top), pos2(right, bottom));
    let tools = if setting.selected { BUTTONS } else { SIGNS };
    let (roll_left, roll_right) = (rect.left() + NAMES, rect.right() - tools - 4.0);
    let chords = lane(roll_left, roll_right, rect.top(), rect.top() + 16.0);
    let flats = take.content.key.uses_flats();
    mini_roll::chords(ui.painter(), p, chords, &take.content.chords, span, flats);
    let names: Vec<_> =
        take.content.chords.iter().map(|c| c.chord.map_or("N.C.".to_owned(), |c| c.symbol(flats))).collect();
    let all = ui.interact(chords, ui.scope_id().with("chords"), Sense::hover());
    all.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Chords of {}: {}", take.name, names.join(" "))));
    all.on_hover_text(names.join("  "));
    let top = chords.bottom() + 3.0;
    let height = ((rect.bottom() - top) / 4.0).min(54.0);
    for part in Part::ALL {
        let y = top + height * part.index() as f32;
        let row = lane(rect.left(), rect.right(), y, y + height - 2.0);
        let roll = lane(roll_left, roll_right, row.top(), row.bottom());
        let phrase = take.content.phrases.iter().find(|f| f.part == part);
        ui.painter().rect_filled(roll, 3.0, p.well);
        mini_roll::bar_lines(ui.painter(), p, roll, take.content.bars, setting.meters);
        let status = take.status[part.index()];
        let hue = if status == PhraseStatus::Absent { p.faint } else { p.part(part) };
        let label = lane(row.left(), roll_left - 4.0, row.top(), row.bottom());
        text::paint(ui.painter(), label, Align2::LEFT_CENTER, part.label(), theme::strong(size::SMALL), hue);
        match phrase {
            Some(phrase) => part_row(ui, p, row, roll, take, phrase, setting, out),
            None => {
                text::paint(
                    ui.painter(),
                    roll,
                    Align2::CENTER_CENTER,
                    "not in this take",
                    theme::text(size::TINY),
                    p.faint,
                );
            }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "a row is a row")]
fn part_row(
    ui: &mut Ui,
    p: &Palette,
    row: Rect,
    roll: Rect,
    take: &TakeView,
    phrase: &PartPhrase,
    setting: Setting,
    out: &mut Vec<Intent>,
) {
    let (part, index) = (phrase.part, phrase.part.index());
    let hue = p.part(part);
    let status = take.status[index];
    let ink = match status {
        PhraseStatus::Accepted => Ink::Solid,
        PhraseStatus::Rejected => Ink::Pale,
        _ => Ink::Offered,
    };
    if status == PhraseStatus::Accepted {
        ui.painter().rect_stroke(roll, 3.0, Stroke::new(1.0, fade(p.good, 0.8)), StrokeKind::Inside);
    }
    let span = take.content.bars.span(setting.meters);
    mini_roll::phrase(ui.painter(), roll.shrink2(vec2(2.0, 3.0)), &phrase.notes, span, hue, ink);
    let seen = ui.interact(roll, ui.scope_id().with(("roll", part)), Sense::hover());
    let origin = if phrase.origin.is_trained() { "trained model" } else { "written rule" };
    let state = match status {
        PhraseStatus::Accepted => "accepted",
        PhraseStatus::Rejected => "rejected",
        _ => "on offer",
    };
    let words = format!("{} of {}: {} notes, by a {origin}, {state}", part.label(), take.name, phrase.notes.len());
    seen.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    seen.on_hover_text(words);

    if setting.selected {
        tools(ui, p, row, take, part, setting, out);
    } else {
        signs(ui, p, row, take, part);
    }
}

/// What became of a part, as signs: lock, and yes or no.
fn signs(ui: &Ui, p: &Palette, row: Rect, take: &TakeView, part: Part) {
    let at = |i: f32| Rect::from_min_size(pos2(row.right() - SIGNS + 17.0 * i, row.top()), vec2(17.0, row.height()));
    if take.locked[part.index()] {
        icon::paint(ui.painter(), at(0.0), 11.0, Icon::Locked, p.accent);
    }
    match take.status[part.index()] {
        PhraseStatus::Accepted => icon::paint(ui.painter(), at(1.0), 11.0, Icon::Check, p.good),
        PhraseStatus::Rejected => icon::paint(ui.painter(), at(1.0), 10.0, Icon::Cross, p.bad),
        PhraseStatus::Offered | PhraseStatus::Absent => {}
    }
}

/// What can be done with a part.
fn tools(ui: &mut Ui, p: &Palette, row: Rect, take: &TakeView, part: Part, setting: Setting, out: &mut Vec<Intent>) {
    let index = part.index();
    let status = take.status[index];
    let (low, of) = (part.id(), &take.name);
    let mut x = row.right() - BUTTONS;
    let mut place = || {
        let rect = Rect::from_min_size(pos2(x, row.center().y - 10.0), vec2(20.0, 20.0));
        x += 21.0;
        rect
    };
    let playing = setting.audition.is_some_and(|a| a.take == take.id && a.part == Some(part));
    let (sign, verb) = if playing { (Icon::Stop, "Stop") } else { (Icon::Play, "Audition") };
    let open = status == PhraseStatus::Offered;
    if button::switch(ui, p, place(), Face::icon(sign, &format!("{verb} {low} of {of}")), playing, p.accent, true) {
        out.push(if playing { Intent::StopAudition } else { Intent::Audition { take: take.id, part: Some(part) } });
    }
    let locked = take.locked[index];
    let (sign, verb) = if locked { (Icon::Locked, "Unlock") } else { (Icon::Unlocked, "Lock") };
    if button::switch(ui, p, place(), Face::icon(sign, &format!("{verb} {low} of {of}")), locked, p.accent, true) {
        out.push(Intent::Lock { take: take.id, part, locked: !locked });
    }
    let again = Face::icon(Icon::Again, "");
    let name = format!("Re-roll {low} of {of}");
    if button::button(ui, p, place(), Face { name: &name, ..again }, Look::Quiet, open && !locked) {
        out.push(Intent::Reroll { take: take.id, part: Some(part) });
    }
    let yes = status == PhraseStatus::Accepted;
    if button::switch(ui, p, place(), Face::icon(Icon::Check, &format!("Accept {low} of {of}")), yes, p.good, !yes) {
        out.push(Intent::Accept { take: take.id, part: Some(part) });
    }
    let no = status == PhraseStatus::Rejected;
    if button::switch(ui, p, place(), Face::icon(Icon::Cross, &format!("Reject {low} of {of}")), no, p.bad, open) {
        out.push(Intent::Reject { take: take.id, part: Some(part) });
    }
}

fn footer(ui: &mut Ui, p: &Palette, rect: Rect, take: &TakeView, setting: Setting, out: &mut Vec<Intent>) {
    let name = &take.name;
    let playing = setting.audition.filter(|a| a.take == take.id && a.part.is_none());
    let (sign, words, long) = match playing {
        Some(a) if a.waiting => (Icon::Stop, "Waits for bar", format!("Stop {name}")),
        Some(_) => (Icon::Stop, "Stop", format!("Stop {name}")),
        None => (Icon::Play, "Audition", format!("Audition {name}")),
    };
    let offered = take.status.contains(&PhraseStatus::Offered);
    let face = Face::both(sign, words, &long);
    let width = button::width(ui, &face).max(92.0);
    let place = Rect::from_min_size(rect.min, vec2(width, rect.height()));
    if button::button(ui, p, place, face, Look::Plain, true) {
        out.push(if playing.is_some() { Intent::StopAudition } else { Intent::Audition { take: take.id, part: None } });
    }
    let accept = format!("Accept {name}");
    let face = Face::both(Icon::Check, if offered { "Accept" } else { "Accepted" }, &accept);
    let decided = !offered && take.status.contains(&PhraseStatus::Accepted);
    let face = if offered || decided { face } else { Face::both(Icon::Check, "Accept", &accept) };
    let right = (place.right() + 94.0).min(rect.right());
    let place = Rect::from_min_max(pos2(place.right() + 6.0, rect.top()), pos2(right, rect.bottom()));
    let look = if setting.selected && offered { Look::Primary } else { Look::Plain };
    if button::button(ui, p, place, face, look, offered) {
        out.push(Intent::Accept { take: take.id, part: None });
    }
    if !setting.selected {
        return;
    }
    let reject = format!("Reject {name}");
    let place = Rect::from_min_size(pos2(rect.right() - 26.0, rect.top()), vec2(26.0, rect.height()));
    if button::button(ui, p, place, Face::icon(Icon::Cross, &reject), Look::Quiet, offered) {
        out.push(Intent::Reject { take: take.id, part: None });
    }
    let reroll = format!("Re-roll {name}");
    let place = place.translate(vec2(-30.0, 0.0));
    if button::button(ui, p, place, Face::icon(Icon::Again, &reroll), Look::Quiet, true) {
        out.push(Intent::Reroll { take: take.id, part: None });
    }
}
