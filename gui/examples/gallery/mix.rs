//! A mix for looking at the mastering screen.

use continuo_core::mastering::{EQ_BANDS, EqShape, MasterSettings, Move, MoveKind, MoveUnit, Target};
use continuo_core::{AiState, ModelRef, Origin, SuggestionId};
use continuo_gui::data::{
    AnalysisView, BandView, ChainGroup, HistoryView, Level, LoudnessView, MasterView, MoveStatus, MoveView, ParamView,
    ReductionView, SpectrumView, TargetChoice, ThemeChoice,
};
use continuo_gui::range::{AXIS_GAIN_DB, AXIS_HZ, AXIS_Q, hz_text, log_share, share};
use continuo_gui::response::eq_db;
use std::sync::Arc;

fn trained() -> Origin {
    Origin::Trained(ModelRef { name: "mastering".into(), version: "0.1.0".into(), sha256: "0".repeat(64) })
}

fn moves() -> Vec<MoveView> {
    let eq = |band, shape, hz| MoveKind::Eq { band, shape, hz, q: 0.9 };
    let list = [
        (
            "eq.mud",
            eq(2, EqShape::Bell, 240.0),
            -2.1,
            MoveUnit::Decibels,
            -3.0,
            -1.2,
            0.86,
            "Between 180 and 320 Hz the mix lies 3.4 dB above the middle of comparable works.",
            trained(),
        ),
        (
            "eq.presence",
            eq(5, EqShape::Bell, 3_200.0),
            1.4,
            MoveUnit::Decibels,
            0.5,
            2.2,
            0.71,
            "The voice's presence around 3 kHz lies 1.9 dB below the middle of comparable works.",
            trained(),
        ),
        (
            "eq.air",
            eq(7, EqShape::HighShelf, 11_000.0),
            1.1,
            MoveUnit::Decibels,
            -0.2,
            2.0,
            0.48,
            "Above 10 kHz there is little energy; a slight lift is common here, but this one is a guess.",
            trained(),
        ),
        (
            "dynamics.low",
            MoveKind::Dynamics { band: 0, threshold_db: -22.0 },
            0.8,
            MoveUnit::Factor,
            0.4,
            1.3,
            0.64,
            "The lows swing by 11 dB between the quiet and the loud bars.",
            trained(),
        ),
        (
            "width.high",
            MoveKind::Width { band: 3 },
            0.15,
            MoveUnit::Factor,
            0.05,
            0.3,
            0.55,
            "The highs are narrower than the middle; correlation there is 0.91.",
            trained(),
        ),
        (
            "highpass",
            MoveKind::HighPass,
            28.0,
            MoveUnit::Hertz,
            24.0,
            34.0,
            0.9,
            "There is rumble of -41 dB below 25 Hz that no speaker plays.",
            trained(),
        ),
        (
            "drive",
            MoveKind::Drive,
            4.2,
            MoveUnit::Decibels,
            4.2,
            4.2,
            1.0,
            "From -18.2 to -14.0 LUFS with the ceiling kept.",
            Origin::rule("loudness.drive"),
        ),
    ];
    let status =
        [MoveStatus::Accepted, MoveStatus::Offered, MoveStatus::Offered, MoveStatus::Offered, MoveStatus::Rejected];
    list.into_iter()
        .enumerate()
        .map(|(i, (id, what, amount, unit, low, high, confidence, reason, origin))| MoveView {
            id: SuggestionId(i as u64 + 1),
            content: Arc::new(Move {
                id: id.into(),
                what,
                amount,
                unit,
                low,
                high,
                confidence,
                reason: reason.into(),
                origin,
            }),
            status: status.get(i).copied().unwrap_or_default(),
            share: if i == 0 { 0.8 } else { 1.0 },
        })
        .collect()
}

fn spectrum(settings: &MasterSettings) -> SpectrumView {
    let hz: Vec<f32> = (0..160).map(|i| 20.0 * 1000f32.powf(i as f32 / 159.0)).collect();
    let before: Vec<f32> = hz
        .iter()
        .enumerate()
        .map(|(i, &f)| {
            let x = f.ln();
            let slope = -28.0 - 4.6 * (f / 60.0).max(1.0).log2() - (40.0 / f).powi(2) * 6.0;
            let mud = 4.5 * (-((x - 240f32.ln()) / 0.35).powi(2)).exp();
            let ripple = 1.6 * (i as f32 * 0.9).sin() + 1.1 * (i as f32 * 2.3).cos();
            slope + mud + ripple
        })
        .collect();
    let after: Vec<f32> =
        hz.iter().zip(&before).map(|(&f, &db)| db + eq_db(settings, f64::from(f)) as f32 + 3.0).collect();
    SpectrumView { hz: hz.into(), before_db: before.into(), after_db: after.into() }
}

fn history() -> HistoryView {
    let short: Vec<f32> = (0..240)
        .map(|i| {
            let t = i as f32 / 240.0;
            let form = if t < 0.18 {
                -24.0
            } else if t < 0.5 {
                -17.0
            } else if t < 0.6 {
                -20.5
            } else {
                -14.2
            };
            form + 1.2 * (t * 60.0).sin() + 0.6 * (t * 171.0).cos()
        })
        .collect();
    let momentary = short.iter().enumerate().map(|(i, v)| v + 2.0 * (i as f32 * 1.7).sin()).collect::<Vec<_>>();
    HistoryView { step_s: 0.5, short_term_lufs: short.into(), momentary_lufs: momentary.into() }
}

fn chain(s: &MasterSettings) -> Vec<ChainGroup> {
    let knob = |id: &str, name: &str, value: f32, rest: f32, text: String| ParamView::new(id, name, value, rest, text);
    let group = |name: &str, params: Vec<ParamView>| ChainGroup { name: name.into(), params };
    let mut chain = vec![group(
        "Input",
        vec![
            knob("input", "Input", 0.5, 0.5, "0.0 dB".into()),
            knob("highpass", "High-pass", 0.23, 0.0, "28 Hz".into()),
        ],
    )];
    for (i, name) in ["Low", "Low Mid", "High Mid", "High"].into_iter().enumerate() {
        let band = i + 1;
        let one = |what: &str, value: f32, rest: f32, text: String| {
            knob(&format!("{}_{band}", what.to_lowercase()), &format!("Band {band} {what}"), value, rest, text)
        };
        chain.push(group(
            name,
            vec![
                one("Threshold", 0.7, 0.7, "-18.0 dB".into()),
                one("Ratio", 0.1 * i as f32, 0.0, format!("{:.1} : 1", 1.0 + 0.9 * i as f32)),
                one("Attack", 0.6 - 0.1 * i as f32, 0.4, format!("{} ms", 40 - 10 * i)),
                one("Release", 0.5, 0.5, format!("{} ms", 250 - 50 * i)),
                one("Makeup", 0.5, 0.5, "0.0 dB".into()),
                one("Width", 0.4 + 0.05 * i as f32, 0.5, format!("{} %", 80 + 10 * i)),
            ],
        ));
    }
    chain.push(group("Saturation", vec![knob("saturation", "Saturation", 0.1, 0.0, "2.4 dB".into())]));
    chain.push(group(
        "Limiter",
        vec![
            ParamView::new("limiter", "Limiter", 1.0, 1.0, "on").with_choices(["off", "on"]),
            knob("drive", "Drive", 0.175, 0.0, "4.2 dB".into()),
            knob("ceiling", "Ceiling", 11.0 / 12.0, 11.0 / 12.0, format!("{:.1} dBTP", s.ceiling_dbtp)),
            knob("limiter_release", "Limiter Release", 0.5, 0.5, "120 ms".into()),
        ],
    ));
    chain
}

fn bands(s: &MasterSettings) -> [BandView; EQ_BANDS] {
    std::array::from_fn(|i| {
        let b = &s.eq[i];
        let id = |what: &str| format!("eq{}_{what}", i + 1);
        BandView {
            hz: ParamView::new(&id("hz"), "Frequency", log_share(&AXIS_HZ, b.hz), 0.5, hz_text(b.hz)),
            gain: ParamView::new(
                &id("gain"),
                "Gain",
                share(&AXIS_GAIN_DB, b.gain_db),
                0.5,
                format!("{:.1} dB", b.gain_db),
            ),
            q: ParamView::new(&id("q"), "Q", log_share(&AXIS_Q, b.q), 0.28, format!("{:.2}", b.q)),
            shape: ParamView::new(&id("shape"), "Shape", 0.0, 0.0, "bell").with_choices([
                "bell",
                "low shelf",
                "high shelf",
            ]),
        }
    })
}

/// The screen with suggestions in every state.
pub fn ready() -> MasterView {
    let moves = moves();
    let mut settings = MasterSettings::default();
    for m in moves.iter().filter(|m| m.status == MoveStatus::Accepted) {
        m.content.apply(&mut settings, f64::from(m.share));
    }
    let target = |id: &str, name: &str, loudness_lufs, ceiling_dbtp| TargetChoice {
        id: id.into(),
        name: name.into(),
        target: Target { loudness_lufs, ceiling_dbtp },
    };
    MasterView {
        ai: AiState::Ready,
        analysis: AnalysisView { heard_s: 42.0, needed_s: 30.0, dropped: 0 },
        targets: vec![
            target("streaming", "Streaming", -14.0, -1.0),
            target("loud", "Loud streaming", -10.0, -1.0),
            target("broadcast", "Broadcast (EBU R 128)", -23.0, -1.0),
            target("cd", "CD", -11.0, -0.3),
        ],
        target: "streaming".into(),
        moves,
        spectrum: spectrum(&settings),
        input: LoudnessView { integrated_lufs: Some(-18.2), ..LoudnessView::default() },
        output: LoudnessView {
            momentary_lufs: Some(-13.1),
            short_term_lufs: Some(-14.4),
            integrated_lufs: Some(-15.2),
            range_lu: Some(6.3),
            true_peak_dbtp: Some(-1.0),
            plr_db: Some(14.2),
        },
        level: Level { peak_db: [-3.2, -2.8], rms_db: [-14.5, -14.1] },
        reduction: ReductionView { limiter_db: -2.6, bands_db: [-1.8, -0.4, 0.0, -0.9] },
        history: history(),
        bands: bands(&settings),
        chain: chain(&settings),
        settings,
        bypass: ParamView::new("bypass", "Bypass", 0.0, 0.0, "off").with_choices(["off", "on"]),
        match_gain_db: 3.1,
        undo: Some("Accept EQ at 240 Hz".into()),
        accepted: 1,
        rejected: 1,
        theme: ThemeChoice::Dark,
        ..MasterView::default()
    }
}

/// The screen of a new instance.
pub fn empty(ai: AiState) -> MasterView {
    let full = ready();
    let settings = MasterSettings::default();
    MasterView {
        ai,
        analysis: AnalysisView { heard_s: 0.0, needed_s: 30.0, dropped: 0 },
        targets: full.targets,
        target: full.target,
        bands: bands(&settings),
        chain: chain(&settings),
        settings,
        bypass: full.bypass,
        ..MasterView::default()
    }
}
