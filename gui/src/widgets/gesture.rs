//! The one way a value is changed by hand: drag, fine drag, wheel, double click, keys, and assistive technology.

use crate::data::ParamEdit;
use egui::accesskit::{Action, ActionData};
use egui::{EventFilter, Key, Response, Ui, Vec2};

/// What moves a value.
#[derive(Clone, Copy, Debug)]
pub struct Travel {
    /// Change per point of drag, to the right and upwards.
    pub per_point: Vec2,
    /// Change per arrow key or wheel notch.
    pub step: f32,
}

impl Travel {
    /// A knob: 180 points upwards are the whole way.
    pub const KNOB: Travel = Travel { per_point: Vec2::new(0.0, 1.0 / 180.0), step: 0.02 };

    /// A rail `points` long from left to right.
    pub fn rail(points: f32) -> Travel {
        Travel { per_point: Vec2::new(1.0 / points.max(1.0), 0.0), step: 0.02 }
    }
}

/// How much finer a drag with shift is.
const FINE: f32 = 0.1;

/// Turns what happened to `response` into edits of a normalized value; gives the value to show now and the edits. The
/// dragged value is kept for the length of the drag, so that a slow host does not make the hand stutter.
pub fn edit(ui: &Ui, response: &Response, now: f32, default: f32, travel: Travel) -> (f32, Vec<ParamEdit>) {
    let mut edits = Vec::new();
    let held = response.id.with("held");
    let mut value = now;
    if response.drag_started() {
        edits.push(ParamEdit::Begin);
        ui.data_mut(|d| d.insert_temp(held, now));
    }
    if response.dragged() {
        let fine = if ui.input(|i| i.modifiers.shift) { FINE } else { 1.0 };
        let moved = response.drag_delta();
        let change = (moved.x * travel.per_point.x - moved.y * travel.per_point.y) * fine;
        let before: f32 = ui.data(|d| d.get_temp(held)).unwrap_or(now);
        value = (before + change).clamp(0.0, 1.0);
        ui.data_mut(|d| d.insert_temp(held, value));
        if value != before {
            edits.push(ParamEdit::Set(value));
        }
    }
    if response.drag_stopped() {
        value = ui.data_mut(|d| d.remove_temp(held)).unwrap_or(value);
        edits.push(ParamEdit::End);
    }
    if response.dragged() || response.drag_stopped() {
        return (value, edits);
    }
    if response.double_clicked() {
        return (default, whole(default));
    }
    match jump(ui, response, now, travel.step) {
        Some(target) if target != now => (target, whole(target)),
        _ => (now, edits),
    }
}

/// One whole gesture to `value`.
pub fn whole(value: f32) -> Vec<ParamEdit> {
    vec![ParamEdit::Begin, ParamEdit::Set(value), ParamEdit::End]
}

/// Where wheel, keys or assistive technology want the value.
fn jump(ui: &Ui, response: &Response, now: f32, step: f32) -> Option<f32> {
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
    }
    let focus = response.has_focus();
    let over = response.hovered();
    let (steps, set) = ui.input_mut(|i| {
        let mut steps = i.num_accesskit_action_requests(response.id, Action::Increment) as f32
            - i.num_accesskit_action_requests(response.id, Action::Decrement) as f32;
        let set = i
            .accesskit_action_requests(response.id, Action::SetValue)
            .filter_map(|r| match r.data {
                Some(ActionData::NumericValue(v)) => Some(v as f32),
                _ => None,
            })
            .last();
        let fine = if i.modifiers.shift { FINE } else { 1.0 };
        if focus {
            let pressed = |key| f32::from(u8::from(i.key_pressed(key)));
            steps += fine * (pressed(Key::ArrowUp) + pressed(Key::ArrowRight));
            steps -= fine * (pressed(Key::ArrowDown) + pressed(Key::ArrowLeft));
        }
        if over {
            let notches: f32 = i
                .events
                .iter()
                .map(|e| match e {
                    egui::Event::MouseWheel { unit: egui::MouseWheelUnit::Point, delta, .. } => {
                        (delta.x + delta.y) / 50.0
                    }
                    egui::Event::MouseWheel { delta, .. } => delta.x + delta.y,
                    _ => 0.0,
                })
                .sum();
            if notches != 0.0 {
                steps += fine * notches;
                // The wheel is used up here: the list around a control must not scroll too.
                i.smooth_scroll_delta = Vec2::ZERO;
            }
        }
        (steps, set)
    });
    let target = set.unwrap_or(now + steps * step).clamp(0.0, 1.0);
    (set.is_some() || steps != 0.0).then_some(target)
}

/// Tells assistive technology that `response` is a value from 0 to 1 that can be stepped and set.
pub fn describe(ui: &Ui, response: &Response, value: f32, text: &str, step: f32) {
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(1.0);
        node.set_numeric_value(f64::from(value));
        node.set_numeric_value_step(f64::from(step));
        node.set_value(text);
        node.add_action(Action::SetValue);
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
}
