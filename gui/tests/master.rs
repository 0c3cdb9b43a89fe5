//! The mastering screen, used as a human would: find by name, press, see what was asked for.

#[path = "../examples/gallery/mix.rs"]
mod mix;

use continuo_core::{AiState, SuggestionId};
use continuo_gui::data::{MasterIntent as Intent, MasterView, ParamEdit, ThemeChoice};
use continuo_gui::master;
use egui::{Key, Modifiers, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

struct Bench {
    view: MasterView,
    out: Vec<Intent>,
}

fn open_at(view: MasterView, size: Vec2, zoom: f32) -> Harness<'static, Bench> {
    let draw = |ui: &mut egui::Ui, bench: &mut Bench| bench.out.extend(master::show(ui, &bench.view));
    let builder = Harness::builder().with_size(size).with_pixels_per_point(zoom).with_step_dt(0.02);
    let mut harness = builder.build_ui_state(draw, Bench { view, out: Vec::new() });
    harness.run();
    harness
}

fn open(view: MasterView) -> Harness<'static, Bench> {
    open_at(view, vec2(1600.0, 1100.0), 1.0)
}

fn press(view: MasterView, name: &str) -> Vec<Intent> {
    let mut harness = open(view);
    harness.get_by_label(name).click();
    harness.run();
    harness.state().out.clone()
}

fn param(id: &str, edit: ParamEdit) -> Intent {
    Intent::Param { id: id.into(), edit }
}

#[test]
fn every_button_asks_for_what_it_says() {
    let cases = [
        ("Accept EQ at 3.2 kHz", vec![Intent::Accept(SuggestionId(2))]),
        ("Reject EQ at 3.2 kHz", vec![Intent::Reject(SuggestionId(2))]),
        ("Withdraw EQ at 240 Hz", vec![Intent::Reject(SuggestionId(1))]),
        ("Accept Width of the highs", vec![Intent::Accept(SuggestionId(5))]),
        ("Accept all", vec![Intent::AcceptAll]),
        ("Audition every offered move", vec![Intent::Audition(true)]),
        ("Forget what was heard and analyse afresh", vec![Intent::AnalyseAfresh]),
        ("Reset meters", vec![Intent::ResetMeters]),
        ("Undo: Accept EQ at 240 Hz", vec![Intent::Undo]),
        ("Turn off AI", vec![Intent::EnableAi(false)]),
        ("Light or dark", vec![Intent::Theme(ThemeChoice::Light)]),
        (
            "Hear before",
            vec![
                param("bypass", ParamEdit::Begin),
                param("bypass", ParamEdit::Set(1.0)),
                param("bypass", ParamEdit::End),
            ],
        ),
        ("Hear after", vec![]),
    ];
    for (name, wanted) in cases {
        assert_eq!(press(mix::ready(), name), wanted, "{name}");
    }
    let mut harness = open(mix::ready());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run();
    assert_eq!(harness.state().out, [Intent::Undo]);
}

#[test]
fn every_group_of_the_chain_is_reached_by_its_tab() {
    let whole = |id: &str, value: f32| [ParamEdit::Begin, ParamEdit::Set(value), ParamEdit::End].map(|e| param(id, e));
    let mut harness = open(mix::ready());
    harness.get_by_label("Show Limiter").click();
    harness.run();
    harness.get_by_label("Limiter Limiter").click();
    harness.run();
    assert_eq!(harness.state().out, whole("limiter", 0.0));
    harness.state_mut().out.clear();
    harness.get_by_label("Show Low Mid").click();
    harness.run();
    harness.get_by_label("Band 2 Ratio").set_value_accesskit(0.4);
    harness.run();
    assert_eq!(harness.state().out, whole("ratio_2", 0.4));
}

#[test]
fn a_target_is_chosen_from_the_list() {
    let mut harness = open(mix::ready());
    harness.get_by_role_and_label(egui::Role::ComboBox, "Target").click();
    harness.run();
    harness.get_by_label("Broadcast (EBU R 128)").click();
    harness.run();
    assert_eq!(harness.state().out, [Intent::Target("broadcast".into())]);
}

#[test]
fn the_share_goes_from_nothing_to_twice() {
    for (value, share) in [(0.0, 0.0), (0.5, 1.0), (1.0, 2.0)] {
        let mut view = mix::ready();
        view.moves[1].share = 0.7;
        let mut harness = open(view);
        harness.get_by_label("Amount of EQ at 3.2 kHz").set_value_accesskit(value);
        harness.run();
        let id = SuggestionId(2);
        let wanted =
            [ParamEdit::Begin, ParamEdit::SetPlain(share), ParamEdit::End].map(|edit| Intent::Share { id, edit });
        assert_eq!(harness.state().out, wanted);
    }
}

#[test]
fn a_band_is_dragged_in_hertz_and_decibels() {
    let mut harness = open(mix::ready());
    let plot = harness.get_by_label("EQ curve and spectrum, 1 bands active").rect();
    let center = harness.get_by_label("EQ band 5").rect().center();
    harness.hover_at(center);
    harness.run();
    harness.drag_at(center);
    harness.step();
    for step in 1..=10 {
        harness.hover_at(center + vec2(8.0, -6.0) * step as f32);
        harness.step();
    }
    harness.drop_at(center + vec2(80.0, -60.0));
    harness.run();
    let values = |wanted: &str| -> Vec<ParamEdit> {
        let of = |i: &Intent| match i {
            Intent::Param { id, edit } if id == wanted => Some(*edit),
            _ => None,
        };
        harness.state().out.iter().filter_map(of).collect()
    };
    for (id, from, to, slack) in [
        // Three decades over the plot's width; 24 dB over its height less the axis. The first points tell a drag from a click.
        ("eq5_hz", 1_200.0, 1_200.0 * 1000f64.powf(80.0 / f64::from(plot.width())), 80.0),
        ("eq5_gain", 0.0, 60.0 / f64::from(plot.height() - 17.0) * 24.0, 0.5),
    ] {
        let edits = values(id);
        assert_eq!((edits.first(), edits.last()), (Some(&ParamEdit::Begin), Some(&ParamEdit::End)), "{id}");
        let Some(ParamEdit::SetPlain(last)) = edits.get(edits.len() - 2) else { panic!("{id}: {edits:?}") };
        assert!((last - to).abs() < slack && *last > from, "{id}: {last} is not near {to}");
    }
}

#[test]
fn a_band_is_reset_by_a_double_click_and_moved_by_arrows() {
    let mut harness = open(mix::ready());
    let band = harness.get_by_label("EQ band 3");
    band.click();
    band.click();
    harness.run();
    let whole =
        |id: &str, value: f64| [ParamEdit::Begin, ParamEdit::SetPlain(value), ParamEdit::End].map(|e| param(id, e));
    assert_eq!(harness.state().out, whole("eq3_gain", 0.0));
    let mut harness = open(mix::ready());
    harness.get_by_label("EQ band 5").focus();
    harness.run();
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert_eq!(harness.state().out, whole("eq5_gain", -0.5));
}

#[test]
fn every_state_says_what_it_is_and_nothing_is_a_kind_answer() {
    let cases = [
        (AiState::Off, "AI is off", "Turn on AI", Intent::EnableAi(true)),
        (AiState::Loading, "Loading", "Turn off AI", Intent::EnableAi(false)),
        (AiState::Listening, "Listening", "Turn off AI", Intent::EnableAi(false)),
        (AiState::Thinking { progress: 0.5 }, "Thinking", "Stop thinking", Intent::Cancel),
        (AiState::Unavailable { why: "No runtime.".into() }, "AI is not available", "Try again", Intent::RetryAi),
    ];
    for (state, name, action, wanted) in cases {
        let mut harness = open(mix::empty(state.clone()));
        harness.get_by_label(name);
        harness.get_by_label(action).click();
        harness.run();
        assert_eq!(harness.state().out, [wanted], "{state:?}");
    }
    let mut view = mix::empty(AiState::Ready);
    view.nothing_to_suggest = true;
    open(view).get_by_label("Sounds good as it is");
    assert_eq!(press(mix::empty(AiState::Listening), "Suggest now"), [], "nothing was heard yet");
    let mut view = mix::empty(AiState::Listening);
    view.analysis.heard_s = 12.0;
    assert_eq!(press(view, "Suggest now"), [Intent::Suggest]);
}

#[test]
fn figures_are_read_out_with_their_units() {
    let harness = open(mix::ready());
    for words in [
        "Integrated loudness: \u{2212}15.2 LUFS",
        "Highest true peak: \u{2212}1.0 dBTP",
        "Loudness range: 6.3 LU",
        "Limiter reduction \u{2212}2.6 dB",
    ] {
        harness.get_by_label(words);
    }
    open(mix::empty(AiState::Off)).get_by_label("Integrated loudness: \u{2013} LUFS");
}

#[test]
fn nothing_overlaps_or_leaves_the_window_at_any_size() {
    let mut long = mix::ready();
    long.ai = AiState::Unavailable { why: "It is broken. ".repeat(40) };
    long.undo = Some("Accept everything ".repeat(20));
    long.targets[0].name = "A target with a very long name indeed ".repeat(4);
    for view in [mix::ready(), mix::empty(AiState::Listening), long] {
        for (size, zoom) in
            [((720.0, 480.0), 1.0), ((720.0, 480.0), 2.0), ((1120.0, 720.0), 1.5), ((1920.0, 1200.0), 1.0)]
        {
            let size = vec2(size.0, size.1);
            let harness = open_at(view.clone(), size, zoom);
            let window = egui::Rect::from_min_size(egui::Pos2::ZERO, size).expand(0.5);
            let mut seen: Vec<(String, egui::Rect)> = Vec::new();
            for node in harness.root().children_recursive() {
                let name = node.accesskit_node().label().unwrap_or_default();
                let role = node.accesskit_node().role();
                let control = matches!(role, egui::Role::Button | egui::Role::Slider | egui::Role::ComboBox);
                // Handles of bands may meet; that is what a human asked for.
                if !control || name.starts_with("EQ band") {
                    continue;
                }
                let rect = node.rect().shrink(2.0).intersect(window);
                if !rect.is_positive() {
                    continue;
                }
                for (other, place) in &seen {
                    assert!(!place.intersects(rect), "{size}: '{name}' {rect} lies on '{other}' {place}");
                }
                seen.push((name, rect));
            }
            assert!(seen.len() > 8, "{size}: only {} controls", seen.len());
            for must in ["Light or dark", "Hear before", "Hear after", "Reset meters"] {
                let rect = harness.get_by_label(must).rect();
                assert!(window.contains_rect(rect), "{size}: '{must}' {rect} is outside");
            }
        }
    }
}

#[test]
fn the_credits_line_counts_truly() {
    assert_eq!(
        master::credits_line(&mix::ready()),
        "AI in this master: 1 move suggested and accepted by you; 1 rejected."
    );
    assert_eq!(master::credits_line(&mix::empty(AiState::Off)), "No AI in this master so far.");
}

#[test]
fn a_window_too_small_is_drawn_all_the_same() {
    for size in [vec2(1.0, 1.0), vec2(120.0, 90.0), vec2(400.0, 200.0)] {
        assert_eq!(open_at(mix::ready(), size, 1.0).state().out, []);
    }
}
