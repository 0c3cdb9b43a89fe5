//! The parameters of Continuo Master.

use super::{decibels, hertz, milliseconds, share};
use crate::editor::EditorStore;
use crate::session::MasterSession;
use continuo_core::mastering::{DYN_BANDS, DynBand, EQ_BANDS, EqBand, EqShape, MasterSettings, Target};
use nice_plug::prelude::*;
use std::sync::Arc;

/// [`EqShape`] as hosts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ShapeChoice {
    /// Peaking.
    #[id = "bell"]
    #[name = "Bell"]
    Bell,
    /// Everything below.
    #[id = "low-shelf"]
    #[name = "Low Shelf"]
    LowShelf,
    /// Everything above.
    #[id = "high-shelf"]
    #[name = "High Shelf"]
    HighShelf,
}

impl From<EqShape> for ShapeChoice {
    fn from(shape: EqShape) -> Self {
        match shape {
            EqShape::Bell => Self::Bell,
            EqShape::LowShelf => Self::LowShelf,
            EqShape::HighShelf => Self::HighShelf,
        }
    }
}

impl From<ShapeChoice> for EqShape {
    fn from(shape: ShapeChoice) -> Self {
        match shape {
            ShapeChoice::Bell => Self::Bell,
            ShapeChoice::LowShelf => Self::LowShelf,
            ShapeChoice::HighShelf => Self::HighShelf,
        }
    }
}

/// One EQ band.
#[derive(Params)]
pub struct EqBandParams {
    /// Shape.
    #[id = "shape"]
    pub shape: EnumParam<ShapeChoice>,
    /// Centre or corner.
    #[id = "hz"]
    pub hz: FloatParam,
    /// Gain.
    #[id = "gain"]
    pub gain: FloatParam,
    /// Quality factor.
    #[id = "q"]
    pub q: FloatParam,
}

impl EqBandParams {
    fn new(index: usize, rest: EqBand) -> Self {
        let name = |what: &str| format!("EQ {} {what}", index + 1);
        Self {
            shape: EnumParam::new(name("Shape"), rest.shape.into()),
            hz: hertz(&name("Frequency"), rest.hz as f32, 20.0, 20_000.0),
            gain: decibels(&name("Gain"), 0.0, -12.0, 12.0).with_step_size(0.01),
            q: FloatParam::new(
                name("Q"),
                rest.q as f32,
                FloatRange::Skewed { min: 0.3, max: 10.0, factor: FloatRange::skew_factor(-1.5) },
            )
            .with_value_to_string(formatters::v2s_f32_rounded(2)),
        }
    }

    /// As plain data. Real-time safe.
    pub fn value(&self) -> EqBand {
        EqBand {
            shape: self.shape.value().into(),
            hz: f64::from(self.hz.value()),
            gain_db: f64::from(self.gain.value()),
            q: f64::from(self.q.value()),
        }
    }
}

/// One band of dynamics and width.
#[derive(Params)]
pub struct DynBandParams {
    /// Level above which the band is turned down.
    #[id = "threshold"]
    pub threshold: FloatParam,
    /// Compression ratio; 1 is off.
    #[id = "ratio"]
    pub ratio: FloatParam,
    /// Attack.
    #[id = "attack"]
    pub attack: FloatParam,
    /// Release.
    #[id = "release"]
    pub release: FloatParam,
    /// Gain after the band.
    #[id = "makeup"]
    pub makeup: FloatParam,
    /// Stereo width; 100 % is as is.
    #[id = "width"]
    pub width: FloatParam,
}

impl DynBandParams {
    fn new(index: usize, rest: DynBand) -> Self {
        let name = |what: &str| format!("Band {} {what}", index + 1);
        Self {
            threshold: decibels(&name("Threshold"), rest.threshold_db as f32, -60.0, 0.0),
            ratio: FloatParam::new(
                name("Ratio"),
                rest.ratio as f32,
                FloatRange::Skewed { min: 1.0, max: 10.0, factor: FloatRange::skew_factor(-1.5) },
            )
            .with_value_to_string(formatters::v2s_compression_ratio(2))
            .with_string_to_value(formatters::s2v_compression_ratio()),
            attack: milliseconds(&name("Attack"), rest.attack_ms as f32, 0.1, 200.0),
            release: milliseconds(&name("Release"), rest.release_ms as f32, 10.0, 2_000.0),
            makeup: decibels(&name("Makeup"), rest.makeup_db as f32, -12.0, 12.0),
            width: share(&name("Width"), 1.0, 2.0),
        }
    }

    /// As plain data. Real-time safe.
    pub fn value(&self) -> DynBand {
        DynBand {
            threshold_db: f64::from(self.threshold.value()),
            ratio: f64::from(self.ratio.value()),
            attack_ms: f64::from(self.attack.value()),
            release_ms: f64::from(self.release.value()),
            makeup_db: f64::from(self.makeup.value()),
        }
    }
}

/// Every parameter of the mastering plugin.
#[derive(Params)]
pub struct MasterParams {
    /// Passes the input through, delayed by the reported latency.
    #[id = "bypass"]
    pub bypass: BoolParam,
    /// Gain before everything.
    #[id = "input"]
    pub input: FloatParam,
    /// High-pass corner; below 10 Hz it is off.
    #[id = "highpass"]
    pub highpass: FloatParam,
    /// Equaliser.
    #[nested(array, group = "EQ")]
    pub eq: [EqBandParams; EQ_BANDS],
    /// Dynamics and width, low band to high.
    #[nested(array, group = "Band")]
    pub bands: [DynBandParams; DYN_BANDS],
    /// Saturation drive; 0 is off.
    #[id = "saturation"]
    pub saturation: FloatParam,
    /// Gain into the limiter.
    #[id = "drive"]
    pub drive: FloatParam,
    /// True-peak ceiling.
    #[id = "ceiling"]
    pub ceiling: FloatParam,
    /// Limiter release.
    #[id = "limiter_release"]
    pub limiter_release: FloatParam,
    /// Takes the limiter in and out.
    #[id = "limiter"]
    pub limiter: BoolParam,
    /// Loudness that suggestions aim at, LUFS.
    #[id = "target"]
    pub target: FloatParam,
    /// What the human accepted, and the ledger.
    #[persist = "session"]
    pub session: MasterSession,
    /// Size and look of the editor's window.
    #[persist = "editor"]
    pub editor: Arc<EditorStore>,
}

impl Default for MasterParams {
    fn default() -> Self {
        let rest = MasterSettings::default();
        let target = Target::default();
        Self {
            bypass: BoolParam::new("Bypass", false)
                .with_value_to_string(formatters::v2s_bool_bypass())
                .with_string_to_value(formatters::s2v_bool_bypass())
                .make_bypass(),
            input: decibels("Input Gain", 0.0, -24.0, 24.0),
            highpass: FloatParam::new("High-pass", 0.0, FloatRange::Linear { min: 0.0, max: 120.0 })
                .with_step_size(0.1)
                .with_unit(" Hz"),
            eq: std::array::from_fn(|i| EqBandParams::new(i, rest.eq[i])),
            bands: std::array::from_fn(|i| DynBandParams::new(i, rest.dynamics[i])),
            saturation: decibels("Saturation", 0.0, 0.0, 24.0),
            drive: decibels("Drive", 0.0, 0.0, 24.0),
            ceiling: decibels("Ceiling", rest.ceiling_dbtp as f32, -12.0, 0.0).with_unit(" dBTP"),
            limiter_release: milliseconds("Limiter Release", rest.release_ms as f32, 10.0, 1_000.0),
            limiter: BoolParam::new("Limiter", rest.limiter_on),
            target: FloatParam::new(
                "Target Loudness",
                target.loudness_lufs as f32,
                FloatRange::Linear { min: -30.0, max: -5.0 },
            )
            .with_step_size(0.1)
            .with_unit(" LUFS"),
            session: MasterSession::default(),
            editor: Arc::new(EditorStore::default()),
        }
    }
}

/// Corners below this count as off, hertz.
const HIGHPASS_OFF_BELOW_HZ: f32 = 10.0;

impl MasterParams {
    /// The chain's settings as plain data. Real-time safe.
    pub fn settings(&self) -> MasterSettings {
        let highpass = self.highpass.value();
        MasterSettings {
            input_gain_db: f64::from(self.input.value()),
            highpass_hz: if highpass < HIGHPASS_OFF_BELOW_HZ { 0.0 } else { f64::from(highpass) },
            eq: std::array::from_fn(|i| self.eq[i].value()),
            dynamics: std::array::from_fn(|i| self.bands[i].value()),
            width: std::array::from_fn(|i| f64::from(self.bands[i].width.value())),
            saturation_db: f64::from(self.saturation.value()),
            drive_db: f64::from(self.drive.value()),
            ceiling_dbtp: f64::from(self.ceiling.value()),
            release_ms: f64::from(self.limiter_release.value()),
            limiter_on: self.limiter.value(),
        }
    }

    /// What suggestions aim at.
    pub fn target(&self) -> Target {
        Target { loudness_lufs: f64::from(self.target.value()), ceiling_dbtp: f64::from(self.ceiling.value()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_hosts_and_of_the_chain_agree() {
        let (ours, chain) = (MasterParams::default().settings(), MasterSettings::default());
        for i in 0..EQ_BANDS {
            assert!((ours.eq[i].hz / chain.eq[i].hz - 1.0).abs() < 1e-5);
            assert!((ours.eq[i].q - chain.eq[i].q).abs() < 1e-6);
            assert_eq!((ours.eq[i].gain_db, ours.eq[i].shape), (0.0, chain.eq[i].shape));
        }
        assert_eq!((ours.width, ours.highpass_hz, ours.drive_db), (chain.width, 0.0, 0.0));
        assert!((ours.ceiling_dbtp - chain.ceiling_dbtp).abs() < 1e-6);
    }
}
