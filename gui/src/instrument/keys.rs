//! Keys of the instrument's screen. They act while the roll has the keyboard, which it takes when nothing else has it;
//! a button reached by Tab keeps its own space and enter.

use super::selected;
use crate::data::{InstrumentIntent as Intent, InstrumentView, PhraseStatus};
use egui::{EventFilter, Id, Key, Modifiers, Ui};

/// Turns this frame's keys into intents.
pub fn act(ui: &Ui, roll: Id, view: &InstrumentView, out: &mut Vec<Intent>) {
    if view.undo.is_some() && ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::Z)) {
        out.push(Intent::Undo);
    }
    let focus = ui.memory(|m| m.focused());
    if focus.is_none() {
        ui.memory_mut(|m| m.request_focus(roll));
    } else if focus != Some(roll) || egui::Popup::is_any_open(ui.ctx()) {
        return;
    }
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, escape: true, tab: false };
    ui.memory_mut(|m| m.set_focus_lock_filter(roll, filter));
    let pressed = |key: Key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    if pressed(Key::Escape) && view.audition.is_some() {
        out.push(Intent::StopAudition);
    }
    let Some(take) = selected(view) else { return };
    if pressed(Key::Space) {
        let playing = view.audition.is_some_and(|a| a.take == take.id);
        out.push(if playing { Intent::StopAudition } else { Intent::Audition { take: take.id, part: None } });
    }
    if pressed(Key::Enter) && take.status.contains(&PhraseStatus::Offered) {
        out.push(Intent::Accept { take: take.id, part: None });
    }
    if pressed(Key::R) {
        out.push(Intent::Reroll { take: take.id, part: None });
    }
    let step = i64::from(pressed(Key::ArrowRight) || pressed(Key::ArrowDown))
        - i64::from(pressed(Key::ArrowLeft) || pressed(Key::ArrowUp));
    if step != 0 {
        let now = view.takes.iter().position(|t| t.id == take.id).unwrap_or(0) as i64;
        let target = (now + step).clamp(0, view.takes.len() as i64 - 1);
        if target != now
            && let Some(next) = view.takes.get(target as usize)
        {
            out.push(Intent::Select(next.id));
        }
    }
}
