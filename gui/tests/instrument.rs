//! The instrument's screen, used as a human would: find by name, press, see what was asked for.

#[path = "../examples/gallery/song.rs"]
mod song;

use continuo_core::{AiState, Part, SuggestionId};
use continuo_gui::data::{
    Audition, ExportState, InstrumentIntent as Intent, InstrumentView, ParamEdit, PhraseStatus, ThemeChoice,
};
use continuo_gui::instrument;
use egui::{Key, Modifiers, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

struct Bench {
    view: InstrumentView,
    out: Vec<Intent>,
}

fn open_at(view: InstrumentView, size: Vec2, zoom: f32) -> Harness<'static, Bench> {
    let draw = |ui: &mut egui::Ui, bench: &mut Bench| bench.out.extend(instrument::show(ui, &bench.view));
    let builder = Harness::builder().with_size(size).with_pixels_per_point(zoom).with_step_dt(0.02);
    let mut harness = builder.build_ui_state(draw, Bench { view, out: Vec::new() });
    harness.run();
    harness
}

fn open(view: InstrumentView) -> Harness<'static, Bench> {
    open_at(view, vec2(1280.0, 860.0), 1.0)
}

/// What a press on the one thing called `name` asks for.
fn press(view: InstrumentView, name: &str) -> Vec<Intent> {
    let mut harness = open(view);
    harness.get_by_label(name).click();
    harness.run();
    harness.state().out.clone()
}

const TAKE: SuggestionId = SuggestionId(2);

#[test]
fn every_button_asks_for_what_it_says() {
    let part = Some(Part::Bass);
    let cases = [
        ("Accept Take 2", Intent::Accept { take: TAKE, part: None }),
        ("Reject Take 2", Intent::Reject { take: TAKE, part: None }),
        ("Re-roll Take 2", Intent::Reroll { take: TAKE, part: None }),
        ("Audition Take 2", Intent::Audition { take: TAKE, part: None }),
        ("Accept bass of Take 2", Intent::Accept { take: TAKE, part }),
        ("Reject bass of Take 2", Intent::Reject { take: TAKE, part }),
        ("Re-roll bass of Take 2", Intent::Reroll { take: TAKE, part }),
        ("Audition bass of Take 2", Intent::Audition { take: TAKE, part }),
        ("Lock bass of Take 2", Intent::Lock { take: TAKE, part: Part::Bass, locked: true }),
        ("Take 3, 4 parts", Intent::Select(SuggestionId(3))),
        ("Suggest more takes", Intent::Suggest),
        ("Forget what was heard and listen afresh", Intent::ListenAfresh),
        ("Undo: Accept bass of Take 1", Intent::Undo),
        ("Export with credits", Intent::Export),
        ("Turn off AI", Intent::EnableAi(false)),
        ("Light or dark", Intent::Theme(ThemeChoice::Light)),
    ];
    for (name, wanted) in cases {
        assert_eq!(press(song::ready(), name), [wanted], "{name}");
    }
}

#[test]
fn what_is_decided_cannot_be_pressed_again() {
    // In take 1 the bass is accepted and locked, the drums are rejected.
    let ready = || InstrumentView { selected: Some(SuggestionId(1)), ..song::ready() };
    let unlock = Intent::Lock { take: SuggestionId(1), part: Part::Bass, locked: false };
    assert_eq!(press(ready(), "Unlock bass of Take 1"), [unlock]);
    for name in ["Accept bass of Take 1", "Reject bass of Take 1", "Re-roll bass of Take 1", "Reject drums of Take 1"] {
        assert_eq!(press(ready(), name), [], "{name}");
    }
    let again = press(ready(), "Accept drums of Take 1");
    assert_eq!(again, [Intent::Accept { take: SuggestionId(1), part: Some(Part::Drums) }]);
}

#[test]
fn an_audition_is_stopped_where_it_was_begun() {
    let mut view = song::ready();
    view.audition = Some(Audition { take: TAKE, part: None, waiting: true });
    assert_eq!(press(view.clone(), "Stop Take 2"), [Intent::StopAudition]);
    view.audition = Some(Audition { take: TAKE, part: Some(Part::Keys), waiting: false });
    assert_eq!(press(view, "Stop keys of Take 2"), [Intent::StopAudition]);
}

#[test]
fn keys_do_what_the_screen_says() {
    let cases = [
        (Key::Space, Intent::Audition { take: TAKE, part: None }),
        (Key::Enter, Intent::Accept { take: TAKE, part: None }),
        (Key::R, Intent::Reroll { take: TAKE, part: None }),
        (Key::ArrowRight, Intent::Select(SuggestionId(3))),
        (Key::ArrowLeft, Intent::Select(SuggestionId(1))),
    ];
    for (key, wanted) in cases {
        let mut harness = open(song::ready());
        harness.key_press(key);
        harness.run();
        assert_eq!(harness.state().out, [wanted], "{key:?}");
    }
    let mut harness = open(song::ready());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run();
    assert_eq!(harness.state().out, [Intent::Undo]);
    let mut view = song::ready();
    view.audition = Some(Audition { take: TAKE, part: None, waiting: false });
    let mut harness = open(view);
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().out, [Intent::StopAudition]);
}

#[test]
fn a_button_in_focus_keeps_its_own_keys() {
    let mut harness = open(song::ready());
    harness.get_by_label("Accept Take 3").focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().out, [Intent::Accept { take: SuggestionId(3), part: None }]);
}

fn edits(out: &[Intent], wanted: &str) -> Vec<ParamEdit> {
    let of = |intent: &Intent| match intent {
        Intent::Param { id, edit } if id == wanted => Some(*edit),
        _ => None,
    };
    out.iter().filter_map(of).collect()
}

#[test]
fn a_knob_is_dragged_in_one_gesture_and_finely_with_shift() {
    for (shift, expected) in [(false, 0.5 + 36.0 / 180.0), (true, 0.5 + 3.6 / 180.0)] {
        let mut harness = open(song::ready());
        let center = harness.get_by_label("Density").rect().center();
        let modifiers = if shift { Modifiers::SHIFT } else { Modifiers::NONE };
        harness.event(egui::Event::ModifiersChanged(modifiers));
        harness.hover_at(center);
        harness.run();
        harness.drag_at(center);
        harness.step();
        for step in 1..=6 {
            harness.hover_at(center - vec2(0.0, 6.0 * step as f32));
            harness.step();
        }
        harness.drop_at(center - vec2(0.0, 36.0));
        harness.run();
        let edits = edits(&harness.state().out, "density");
        assert_eq!((edits.first(), edits.last()), (Some(&ParamEdit::Begin), Some(&ParamEdit::End)), "{edits:?}");
        assert_eq!(edits.iter().filter(|e| matches!(e, ParamEdit::Begin | ParamEdit::End)).count(), 2);
        let Some(ParamEdit::Set(last)) = edits[edits.len() - 2..].first() else { panic!("no value: {edits:?}") };
        // The first points of a drag may be used up by telling it from a click.
        assert!((last - expected).abs() < 0.04 && *last > 0.5, "{last} is not near {expected}");
    }
}

#[test]
fn a_knob_is_reset_stepped_and_set_without_a_drag() {
    let whole = |value: f32| vec![ParamEdit::Begin, ParamEdit::Set(value), ParamEdit::End];
    let mut harness = open(InstrumentView { density: dense(), ..song::ready() });
    let node = harness.get_by_label("Density");
    node.click();
    node.click();
    harness.run();
    assert_eq!(edits(&harness.state().out, "density"), whole(0.5));

    let mut harness = open(song::ready());
    harness.get_by_label("Density").focus();
    harness.run();
    harness.key_press(Key::ArrowUp);
    harness.run();
    assert_eq!(edits(&harness.state().out, "density"), whole(0.52));

    let mut harness = open(song::ready());
    harness.get_by_label("Bass level").set_value_accesskit(0.25);
    harness.run();
    assert_eq!(edits(&harness.state().out, "bass_level"), whole(0.25));
}

fn dense() -> continuo_gui::data::ParamView {
    let mut param = song::ready().density;
    param.normalized = 0.9;
    param
}

#[test]
fn switches_and_the_style_list_set_whole_values() {
    let out = press(song::ready(), "Drums mute");
    assert_eq!(edits(&out, "drums_mute"), [ParamEdit::Begin, ParamEdit::Set(1.0), ParamEdit::End]);
    let mut harness = open(song::ready());
    harness.get_by_label("Style").click();
    harness.run();
    harness.get_by_label("Swing").click();
    harness.run();
    assert_eq!(edits(&harness.state().out, "style"), [ParamEdit::Begin, ParamEdit::Set(1.0), ParamEdit::End]);
}

#[test]
fn every_state_says_what_it_is_and_what_to_do() {
    let why = "The model 'harmony' is missing. Install Continuo again; the instrument plays on without it.";
    let cases = [
        (AiState::Off, "AI is off", "Turn on AI", Intent::EnableAi(true)),
        (AiState::Loading, "Loading", "Turn off AI", Intent::EnableAi(false)),
        (AiState::Listening, "Listening", "Turn off AI", Intent::EnableAi(false)),
        (AiState::Thinking { progress: 0.5 }, "Thinking", "Stop thinking", Intent::Cancel),
        (AiState::Ready, "Ready", "Turn off AI", Intent::EnableAi(false)),
        (AiState::Unavailable { why: why.into() }, "AI is not available", "Try again", Intent::RetryAi),
    ];
    for (state, name, action, wanted) in cases {
        let mut harness = open(song::empty(state.clone()));
        harness.get_by_label(name);
        if let AiState::Unavailable { why } = &state {
            harness.get_by_label(why);
        }
        harness.get_by_label(action).click();
        harness.run();
        assert_eq!(harness.state().out, [wanted], "{state:?}");
    }
    assert_eq!(press(song::empty(AiState::Listening), "Suggest takes"), [], "nothing was heard yet");
}

#[test]
fn moving_the_roll_asks_for_nothing_and_can_be_undone_by_fitting() {
    let mut harness = open(song::ready());
    let name = "Piano roll: 29 melody notes, 1 accepted phrases, Take 2 looked at";
    let center = harness.get_by_label(name).rect().center();
    assert!(harness.query_by_label("Fit the whole song").is_none());
    harness.drag_at(center);
    harness.step();
    harness.hover_at(center - vec2(60.0, 10.0));
    harness.step();
    harness.drop_at(center - vec2(60.0, 10.0));
    harness.run();
    harness.get_by_label("Fit the whole song").click();
    harness.run();
    assert!(harness.query_by_label("Fit the whole song").is_none());
    assert_eq!(harness.state().out, []);
}

#[test]
fn nothing_overlaps_or_leaves_the_window_at_any_size() {
    let mut long = song::ready();
    long.takes[1].name = "A take with a name that somebody wrote far too long to fit anywhere at all".repeat(3);
    long.undo = Some("Accept everything".repeat(20));
    long.export = ExportState::Done { path: "/home/somebody/with/a/very/long/folder/name/".repeat(8) };
    long.ai = AiState::Unavailable { why: "It is broken. ".repeat(40) };
    long.heard.dropped = 123_456_789;
    for part in 0..4 {
        long.strips[part].level.text = "a level of minus infinity decibels".into();
        long.takes[0].status[part] = PhraseStatus::Accepted;
    }
    for view in [song::ready(), song::empty(AiState::Listening), long] {
        for (size, zoom) in
            [((720.0, 480.0), 1.0), ((720.0, 480.0), 2.0), ((1120.0, 720.0), 1.5), ((1920.0, 1200.0), 1.0)]
        {
            let harness = open_at(view.clone(), vec2(size.0, size.1), zoom);
            check_layout(&harness, vec2(size.0, size.1));
        }
    }
}

/// No two controls lie on each other; those outside of scrolled lists lie inside the window.
fn check_layout(harness: &Harness<'_, Bench>, size: Vec2) {
    let window = egui::Rect::from_min_size(egui::Pos2::ZERO, size).expand(0.5);
    let mut seen: Vec<(String, egui::Rect)> = Vec::new();
    for node in harness.root().children_recursive() {
        let role = node.accesskit_node().role();
        if !matches!(role, egui::Role::Button | egui::Role::Slider | egui::Role::ComboBox) {
            continue;
        }
        let name = node.accesskit_node().label().unwrap_or_default();
        // The rails of sliders reach into the air around them.
        let rect = node.rect().shrink(2.0).intersect(window);
        // Cards that were scrolled sideways lie, unseen and out of reach, under the column at the left.
        let scrolled_away = name.contains("Take") && rect.left() < 232.0;
        if !rect.is_positive() || scrolled_away {
            continue;
        }
        for (other, place) in &seen {
            assert!(!place.intersects(rect), "{size}: '{name}' {rect} lies on '{other}' {place}");
        }
        seen.push((name, rect));
    }
    assert!(seen.len() > 8, "{size}: only {} controls", seen.len());
    for must in ["Light or dark", "Export with credits"] {
        let rect = harness.get_by_label(must).rect();
        assert!(window.contains_rect(rect), "{size}: '{must}' {rect} is outside");
    }
}

#[test]
fn the_credits_line_counts_truly() {
    let mut view = song::ready();
    let line = |view: &InstrumentView| instrument::credits_line(view);
    assert_eq!(
        line(&view),
        "AI in this song: 1 phrase by trained models, accepted by you; 1 suggestion rejected. Melody: 29 notes by you."
    );
    view.credits.rule_phrases = 2;
    view.credits.edited_phrases = 1;
    view.credits.rejected = 0;
    assert_eq!(
        line(&view),
        "AI in this song: 3 phrases (1 by trained models, 2 by written rules), accepted by you, 1 edited by you. \
         Melody: 29 notes by you."
    );
    assert_eq!(line(&song::empty(AiState::Off)), "No AI in this song so far.");
}

#[test]
fn a_window_too_small_is_drawn_all_the_same() {
    for size in [vec2(1.0, 1.0), vec2(120.0, 90.0), vec2(400.0, 200.0)] {
        assert_eq!(open_at(song::ready(), size, 1.0).state().out, []);
    }
}
