//! Mastering as plain data: the settings of the chain, and the moves that may change them.

use serde::{Deserialize, Serialize};

/// Number of EQ bands.
pub const EQ_BANDS: usize = 8;
/// Number of dynamics and width bands.
pub const DYN_BANDS: usize = 4;
/// Crossover frequencies between the dynamics and width bands, hertz.
pub const CROSSOVERS_HZ: [f64; DYN_BANDS - 1] = [120.0, 1_000.0, 6_000.0];

/// Shape of an EQ band. The order is frozen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EqShape {
    /// Peaking.
    #[default]
    Bell,
    /// Everything below.
    LowShelf,
    /// Everything above.
    HighShelf,
}

/// One EQ band. Inactive at 0 dB.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EqBand {
    /// Shape.
    pub shape: EqShape,
    /// Centre or corner, hertz, 20 to 20,000.
    pub hz: f64,
    /// Gain, decibels, -12 to 12.
    pub gain_db: f64,
    /// Quality factor, 0.3 to 10 (shelves: slope as Q).
    pub q: f64,
}

/// One band of dynamics.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DynBand {
    /// Level above which the band is turned down, dBFS RMS, -60 to 0.
    pub threshold_db: f64,
    /// Compression ratio, 1 (off) to 10.
    pub ratio: f64,
    /// Attack, milliseconds, 0.1 to 200.
    pub attack_ms: f64,
    /// Release, milliseconds, 10 to 2,000.
    pub release_ms: f64,
    /// Gain after the band, decibels, -12 to 12.
    pub makeup_db: f64,
}

/// Everything the master chain can be set to. The default changes nothing but keeps the ceiling.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MasterSettings {
    /// Gain before everything, decibels, -24 to 24.
    pub input_gain_db: f64,
    /// High-pass corner against rumble, hertz; 0 = off, else 10 to 120.
    pub highpass_hz: f64,
    /// EQ.
    pub eq: [EqBand; EQ_BANDS],
    /// Dynamics per band, low to high.
    pub dynamics: [DynBand; DYN_BANDS],
    /// Stereo width per band, 0 mono, 1 as is, 2 twice the side.
    pub width: [f64; DYN_BANDS],
    /// Saturation drive, decibels; 0 = off, to 24.
    pub saturation_db: f64,
    /// Gain into the limiter, decibels, 0 to 24.
    pub drive_db: f64,
    /// True-peak ceiling, dBTP, -12 to 0.
    pub ceiling_dbtp: f64,
    /// Limiter release, milliseconds, 10 to 1,000.
    pub release_ms: f64,
    /// False takes the limiter out.
    pub limiter_on: bool,
}

/// Frequencies at which the eight bands rest, hertz.
pub const EQ_REST_HZ: [f64; EQ_BANDS] = [60.0, 120.0, 250.0, 500.0, 1_200.0, 3_000.0, 7_000.0, 12_000.0];

impl Default for MasterSettings {
    fn default() -> Self {
        let mut eq = EQ_REST_HZ.map(|hz| EqBand { shape: EqShape::Bell, hz, gain_db: 0.0, q: 0.8 });
        eq[0].shape = EqShape::LowShelf;
        eq[EQ_BANDS - 1].shape = EqShape::HighShelf;
        let band =
            |attack_ms, release_ms| DynBand { threshold_db: -18.0, ratio: 1.0, attack_ms, release_ms, makeup_db: 0.0 };
        Self {
            input_gain_db: 0.0,
            highpass_hz: 0.0,
            eq,
            dynamics: [band(40.0, 250.0), band(25.0, 200.0), band(15.0, 150.0), band(8.0, 100.0)],
            width: [1.0; DYN_BANDS],
            saturation_db: 0.0,
            drive_db: 0.0,
            ceiling_dbtp: -1.0,
            release_ms: 120.0,
            limiter_on: true,
        }
    }
}

/// What a move changes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum MoveKind {
    /// Gain of EQ band `band`, set to this shape, place and Q.
    Eq {
        /// Index into [`MasterSettings::eq`].
        band: usize,
        /// Shape.
        shape: EqShape,
        /// Centre or corner, hertz.
        hz: f64,
        /// Quality factor.
        q: f64,
    },
    /// High-pass corner; the amount is hertz.
    HighPass,
    /// Width of band `band`; the amount is the factor's change (0 = as is).
    Width {
        /// Index into [`MasterSettings::width`].
        band: usize,
    },
    /// Compression of band `band` above `threshold_db`; the amount is the ratio less one.
    Dynamics {
        /// Index into [`MasterSettings::dynamics`].
        band: usize,
        /// Threshold, dBFS RMS.
        threshold_db: f64,
    },
    /// Saturation drive, decibels.
    Saturation,
    /// Gain into the limiter, decibels. Computed, not learned.
    Drive,
    /// Gain before everything, decibels. Computed, not learned.
    InputGain,
    /// Ceiling, dBTP. Computed, not learned.
    Ceiling,
}

/// Unit of a move's amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MoveUnit {
    /// Decibels.
    #[serde(rename = "dB")]
    Decibels,
    /// Hertz.
    #[serde(rename = "Hz")]
    Hertz,
    /// A plain factor or ratio difference.
    #[serde(rename = "x")]
    Factor,
    /// Decibels true peak.
    #[serde(rename = "dBTP")]
    TruePeak,
}

impl MoveUnit {
    /// As written after a number.
    pub fn symbol(self) -> &'static str {
        match self {
            MoveUnit::Decibels => "dB",
            MoveUnit::Hertz => "Hz",
            MoveUnit::Factor => "x",
            MoveUnit::TruePeak => "dBTP",
        }
    }
}

/// One suggested change of the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Move {
    /// Stable word, for instance `eq.presence`, unique in one set of moves; used by `--accept`.
    pub id: String,
    /// What it changes.
    pub what: MoveKind,
    /// How much.
    pub amount: f64,
    /// Unit of the amount.
    pub unit: MoveUnit,
    /// Lower end of the 80 % interval.
    pub low: f64,
    /// Upper end of the 80 % interval.
    pub high: f64,
    /// 0 to 1. Computed moves have 1.
    pub confidence: f64,
    /// The evidence in one plain sentence with its figure.
    pub reason: String,
    /// What made it.
    pub origin: crate::origin::Origin,
}

impl Move {
    /// Writes this move into `settings`, scaled by `share` (1 = as suggested, 0 = nothing).
    pub fn apply(&self, settings: &mut MasterSettings, share: f64) {
        let amount = self.amount * share;
        match self.what {
            MoveKind::Eq { band, shape, hz, q } => {
                if let Some(slot) = settings.eq.get_mut(band) {
                    *slot = EqBand { shape, hz, gain_db: amount, q };
                }
            }
            MoveKind::HighPass => settings.highpass_hz = if share > 0.0 { self.amount } else { 0.0 },
            MoveKind::Width { band } => {
                if let Some(slot) = settings.width.get_mut(band) {
                    *slot = (1.0 + amount).clamp(0.0, 2.0);
                }
            }
            MoveKind::Dynamics { band, threshold_db } => {
                if let Some(slot) = settings.dynamics.get_mut(band) {
                    slot.threshold_db = threshold_db;
                    slot.ratio = (1.0 + amount).clamp(1.0, 10.0);
                }
            }
            MoveKind::Saturation => settings.saturation_db = amount,
            MoveKind::Drive => settings.drive_db = amount,
            MoveKind::InputGain => settings.input_gain_db = amount,
            MoveKind::Ceiling => settings.ceiling_dbtp = if share > 0.0 { self.amount } else { settings.ceiling_dbtp },
        }
    }
}

/// What the master should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Integrated loudness, LUFS (BS.1770).
    pub loudness_lufs: f64,
    /// True-peak ceiling, dBTP.
    pub ceiling_dbtp: f64,
}

impl Default for Target {
    /// -14 LUFS and -1 dBTP, the level the large streaming services play at.
    fn default() -> Self {
        Self { loudness_lufs: -14.0, ceiling_dbtp: -1.0 }
    }
}
