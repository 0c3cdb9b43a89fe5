//! Opens one of the screens in a window of its own with sample data, to look at and to try.
//!
//! ```text
//! cargo run -p continuo-gui --example gallery -- [instrument|master] [STATE] [light] [WIDTHxHEIGHT] [ZOOMx]
//! ```
//!
//! STATE is one of `ready` (the default), `off`, `loading`, `listening`, `thinking`, `unavailable`, `nothing`.
//! Presses change the sample data as a plugin would: takes are accepted, knobs move, nothing sounds.

mod mix;
mod song;

use continuo_core::AiState;
use continuo_gui::adapter::open_window;
use continuo_gui::data::{
    Audition, InstrumentIntent, InstrumentView, MasterIntent, MasterView, MoveStatus, ParamEdit, ParamView,
    PhraseStatus, ThemeChoice,
};
use continuo_gui::{instrument, master};

fn state(word: &str) -> Option<AiState> {
    Some(match word {
        "ready" => AiState::Ready,
        "off" => AiState::Off,
        "loading" => AiState::Loading,
        "listening" | "nothing" => AiState::Listening,
        "thinking" => AiState::Thinking { progress: 0.4 },
        "unavailable" => AiState::Unavailable {
            why: "The model 'accompanist' is missing. Install Continuo again; sound and mixer work on.".into(),
        },
        _ => return None,
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = words.iter().find(|w| state(w).is_some()).map_or("ready", String::as_str);
    let ai = state(word).unwrap_or_default();
    let theme = if words.iter().any(|w| w == "light") { ThemeChoice::Light } else { ThemeChoice::Dark };
    let number = |w: &str| w.parse::<f32>().ok();
    let size = words.iter().find_map(|w| w.split_once('x').and_then(|(a, b)| Some((number(a)?, number(b)?))));
    let zoom = words.iter().find_map(|w| w.strip_suffix('x').and_then(number)).unwrap_or(1.0);
    let size = size.unwrap_or((1120.0, 720.0));
    if words.iter().any(|w| w == "master") {
        let mut view = if ai == AiState::Ready { mix::ready() } else { mix::empty(ai) };
        view.nothing_to_suggest = word == "nothing";
        view.theme = theme;
        open_window("Continuo Master", size, zoom, move |ui| {
            for intent in master::show(ui, &view) {
                act_master(&mut view, intent);
            }
        })
    } else {
        let mut view = if ai == AiState::Ready { song::ready() } else { song::empty(ai) };
        view.theme = theme;
        open_window("Continuo", size, zoom, move |ui| {
            for intent in instrument::show(ui, &view) {
                act(&mut view, intent);
            }
        })
    }
}

fn turn(param: &mut ParamView, edit: ParamEdit) {
    if let ParamEdit::Set(value) = edit {
        param.normalized = value;
        param.text = match param.choices.get(param.choice()) {
            Some(word) => word.clone(),
            None => format!("{:.0} %", value * 100.0),
        };
    }
}

fn act(view: &mut InstrumentView, intent: InstrumentIntent) {
    use InstrumentIntent as I;
    match intent {
        I::Param { id, edit } => {
            let strips = view.strips.iter_mut().flat_map(|s| [&mut s.level, &mut s.pan, &mut s.mute, &mut s.solo]);
            let all = [&mut view.style, &mut view.density, &mut view.adventure].into_iter().chain(strips);
            all.filter(|p| p.id == id).for_each(|p| turn(p, edit));
        }
        I::Select(id) => view.selected = Some(id),
        I::Theme(theme) => view.theme = theme,
        I::Audition { take, part } => view.audition = Some(Audition { take, part, waiting: false }),
        I::StopAudition => view.audition = None,
        I::EnableAi(on) => view.ai = if on { AiState::Listening } else { AiState::Off },
        I::Lock { take, part, locked } => {
            for t in view.takes.iter_mut().filter(|t| t.id == take) {
                t.locked[part.index()] = locked;
            }
        }
        I::Accept { take, part } | I::Reject { take, part } => {
            let yes = matches!(intent, I::Accept { .. });
            let status = if yes { PhraseStatus::Accepted } else { PhraseStatus::Rejected };
            for t in view.takes.iter_mut().filter(|t| t.id == take) {
                for (i, slot) in t.status.iter_mut().enumerate() {
                    let meant = part.map_or(*slot == PhraseStatus::Offered, |p| p.index() == i);
                    if meant && *slot != PhraseStatus::Absent {
                        *slot = status;
                    }
                }
            }
        }
        _ => {}
    }
}

fn act_master(view: &mut MasterView, intent: MasterIntent) {
    use MasterIntent as I;
    match intent {
        I::Param { id, edit } => {
            for (i, band) in view.bands.iter().enumerate() {
                if let ParamEdit::SetPlain(value) = edit {
                    let slot = &mut view.settings.eq[i];
                    let pairs =
                        [(&band.hz.id, &mut slot.hz), (&band.gain.id, &mut slot.gain_db), (&band.q.id, &mut slot.q)];
                    pairs.into_iter().filter(|(name, _)| **name == id).for_each(|(_, v)| *v = value);
                }
            }
            let chain = view.chain.iter_mut().flat_map(|g| g.params.iter_mut());
            chain.chain([&mut view.bypass]).filter(|p| p.id == id).for_each(|p| turn(p, edit));
        }
        I::Theme(theme) => view.theme = theme,
        I::Target(id) => view.target = id,
        I::EnableAi(on) => view.ai = if on { AiState::Listening } else { AiState::Off },
        I::Audition(on) => view.auditioning = on,
        I::Accept(id) => view.moves.iter_mut().filter(|m| m.id == id).for_each(|m| m.status = MoveStatus::Accepted),
        I::Reject(id) => view.moves.iter_mut().filter(|m| m.id == id).for_each(|m| m.status = MoveStatus::Rejected),
        I::AcceptAll => {
            let open = view.moves.iter_mut().filter(|m| m.status == MoveStatus::Offered);
            open.for_each(|m| m.status = MoveStatus::Accepted);
        }
        I::Share { id, edit: ParamEdit::SetPlain(share) } => {
            view.moves.iter_mut().filter(|m| m.id == id).for_each(|m| m.share = share as f32);
        }
        _ => {}
    }
}
