//! The kit as data: what each General MIDI percussion key is made of.
//!
//! A piece is up to three things at once: a tone that glides down (a skin), a set of inharmonic modes (shells, plates, bells) and noise
//! through a filter (wires, sticks, the wash of a cymbal).

use super::filter::Kind;

/// A gliding tone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Skin {
    /// Frequency it settles on, hertz.
    pub hz: f64,
    /// Octaves above that at the stroke.
    pub sweep: f64,
    /// Time constant of the glide, seconds.
    pub glide_s: f64,
    /// Amplitude.
    pub amp: f64,
    /// Fall by 60 dB, seconds.
    pub t60: f64,
}

/// Noise through a filter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wash {
    /// Filter.
    pub kind: Kind,
    /// Corner or centre, hertz.
    pub hz: f64,
    /// Filter quality.
    pub q: f64,
    /// Amplitude.
    pub amp: f64,
    /// Rise, seconds.
    pub rise_s: f64,
    /// Fall by 60 dB, seconds.
    pub t60: f64,
}

/// Modes spread over a range.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plate {
    /// How many.
    pub count: usize,
    /// Lowest, hertz.
    pub low_hz: f64,
    /// Highest, hertz.
    pub high_hz: f64,
    /// Amplitude of the whole.
    pub amp: f64,
    /// Fall by 60 dB of the lowest and of the highest, seconds.
    pub t60: (f64, f64),
    /// Strength of the high ones against the low ones, decibels.
    pub tilt_db: f64,
}

/// One piece of the kit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub skin: Option<Skin>,
    /// Single modes as (hertz, amplitude, t60).
    pub modes: &'static [(f64, f64, f64)],
    pub plate: Option<Plate>,
    pub wash: [Option<Wash>; 2],
    /// Times of repeated strokes of the noise, seconds (claps, jingles).
    pub strokes: &'static [f64],
    /// -1 left to 1 right.
    pub pan: f64,
    /// Level against the others.
    pub level: f64,
    /// Pieces of one group silence each other (hi-hat).
    pub choke: Option<u8>,
}

const NONE: Piece =
    Piece { skin: None, modes: &[], plate: None, wash: [None, None], strokes: &[], pan: 0.0, level: 1.0, choke: None };

const fn wash(kind: Kind, hz: f64, q: f64, amp: f64, rise_s: f64, t60: f64) -> Option<Wash> {
    Some(Wash { kind, hz, q, amp, rise_s, t60 })
}

const fn skin(hz: f64, sweep: f64, glide_s: f64, amp: f64, t60: f64) -> Option<Skin> {
    Some(Skin { hz, sweep, glide_s, amp, t60 })
}

const KICK: Piece = Piece {
    skin: skin(51.0, 1.7, 0.021, 1.0, 0.42),
    modes: &[(96.0, 0.10, 0.16), (173.0, 0.05, 0.10)],
    wash: [wash(Kind::Band, 3_200.0, 0.7, 0.30, 0.0003, 0.022), wash(Kind::Low, 420.0, 0.8, 0.35, 0.0005, 0.05)],
    level: 1.0,
    ..NONE
};
const SNARE: Piece = Piece {
    skin: skin(186.0, 0.55, 0.012, 0.44, 0.18),
    modes: &[(331.0, 0.20, 0.12), (447.0, 0.09, 0.09), (618.0, 0.06, 0.07)],
    wash: [wash(Kind::High, 850.0, 0.6, 0.62, 0.0004, 0.27), wash(Kind::Band, 4_700.0, 0.6, 0.62, 0.0003, 0.12)],
    pan: 0.04,
    level: 0.74,
    ..NONE
};
const SIDE_STICK: Piece = Piece {
    modes: &[(486.0, 0.35, 0.06), (1_180.0, 0.30, 0.045), (1_720.0, 0.42, 0.04), (2_960.0, 0.16, 0.03)],
    wash: [wash(Kind::Band, 2_600.0, 0.9, 0.35, 0.0002, 0.018), None],
    pan: 0.06,
    level: 0.42,
    ..NONE
};
const CLAP: Piece = Piece {
    wash: [wash(Kind::Band, 1_250.0, 1.1, 0.95, 0.0005, 0.17), wash(Kind::High, 3_000.0, 0.6, 0.13, 0.0005, 0.10)],
    strokes: &[0.0, 0.0105, 0.0215, 0.031],
    pan: -0.05,
    level: 0.60,
    ..NONE
};

const fn hat(t60: f64, noise_t60: f64, level: f64) -> Piece {
    Piece {
        plate: Some(Plate {
            count: 40,
            low_hz: 3_300.0,
            high_hz: 14_500.0,
            amp: 0.34,
            t60: (t60, t60 * 0.8),
            tilt_db: 4.0,
        }),
        wash: [
            wash(Kind::High, 7_000.0, 0.7, 0.48, 0.0004, noise_t60),
            wash(Kind::Band, 9_500.0, 0.8, 0.22, 0.0002, 0.02),
        ],
        pan: 0.32,
        level,
        choke: Some(1),
        ..NONE
    }
}

const CLOSED_HAT: Piece = hat(0.085, 0.075, 0.42);
const PEDAL_HAT: Piece = hat(0.055, 0.06, 0.34);
const OPEN_HAT: Piece = hat(0.75, 0.60, 0.40);

const fn tom(hz: f64, pan: f64) -> Piece {
    Piece {
        skin: skin(hz, 0.42, 0.035, 0.85, 0.55),
        modes: &[],
        wash: [wash(Kind::Low, 900.0, 0.7, 0.30, 0.0004, 0.05), wash(Kind::Band, 2_400.0, 0.7, 0.13, 0.0003, 0.03)],
        pan,
        level: 0.72,
        ..NONE
    }
}

const fn cymbal(low_hz: f64, t60: f64, wash_amp: f64, rise_s: f64, pan: f64, level: f64) -> Piece {
    Piece {
        plate: Some(Plate { count: 64, low_hz, high_hz: 13_000.0, amp: 0.24, t60: (t60, t60 * 0.45), tilt_db: 3.0 }),
        wash: [
            wash(Kind::High, 5_200.0, 0.6, wash_amp, rise_s, t60 * 0.55),
            wash(Kind::Band, 3_600.0, 0.5, wash_amp * 0.6, rise_s, t60 * 0.32),
        ],
        pan,
        level,
        ..NONE
    }
}

const CRASH: Piece = cymbal(560.0, 2.5, 0.62, 0.004, -0.34, 0.52);
const CRASH_TWO: Piece = cymbal(640.0, 2.2, 0.60, 0.004, 0.40, 0.50);
const CHINA: Piece = cymbal(430.0, 1.6, 0.72, 0.006, -0.45, 0.50);
const SPLASH: Piece = cymbal(900.0, 0.9, 0.60, 0.002, 0.25, 0.45);
const RIDE: Piece = Piece {
    modes: &[(3_150.0, 0.12, 0.55), (4_420.0, 0.10, 0.42), (5_870.0, 0.08, 0.33)],
    plate: Some(Plate { count: 52, low_hz: 520.0, high_hz: 12_500.0, amp: 0.12, t60: (1.8, 0.9), tilt_db: 2.0 }),
    wash: [wash(Kind::High, 6_500.0, 0.7, 0.11, 0.002, 0.8), wash(Kind::Band, 5_600.0, 0.9, 0.34, 0.0002, 0.022)],
    pan: -0.30,
    level: 0.52,
    ..NONE
};
const RIDE_BELL: Piece = Piece {
    modes: &[
        (782.0, 0.20, 1.4),
        (1_430.0, 0.16, 1.2),
        (2_210.0, 0.15, 1.0),
        (3_360.0, 0.13, 0.8),
        (4_710.0, 0.08, 0.6),
    ],
    plate: Some(Plate { count: 40, low_hz: 900.0, high_hz: 12_000.0, amp: 0.07, t60: (1.6, 0.7), tilt_db: 0.0 }),
    wash: [wash(Kind::Band, 5_600.0, 0.9, 0.14, 0.0002, 0.02), None],
    pan: -0.30,
    level: 0.44,
    ..NONE
};
const TAMBOURINE: Piece = Piece {
    modes: &[(6_830.0, 0.09, 0.16), (8_110.0, 0.10, 0.15), (9_470.0, 0.09, 0.13), (11_200.0, 0.06, 0.11)],
    wash: [wash(Kind::High, 6_300.0, 1.1, 0.40, 0.002, 0.13), None],
    strokes: &[0.0, 0.018],
    pan: 0.22,
    level: 0.42,
    ..NONE
};
const SHAKER: Piece =
    Piece { wash: [wash(Kind::Band, 7_200.0, 0.9, 0.62, 0.014, 0.085), None], pan: -0.24, level: 0.40, ..NONE };
const COWBELL: Piece = Piece {
    modes: &[(562.0, 0.40, 0.22), (845.0, 0.40, 0.20), (1_690.0, 0.12, 0.12), (2_530.0, 0.10, 0.09)],
    wash: [wash(Kind::Band, 2_900.0, 0.8, 0.12, 0.0002, 0.015), None],
    pan: 0.15,
    level: 0.36,
    ..NONE
};

const fn hand_drum(hz: f64, t60: f64, slap: f64, pan: f64) -> Piece {
    Piece {
        skin: skin(hz, 0.16, 0.02, 0.62, t60),
        wash: [wash(Kind::Band, 1_800.0, 0.8, slap, 0.0003, 0.03), None],
        pan,
        level: 0.55,
        ..NONE
    }
}

const fn bars(modes: &'static [(f64, f64, f64)], pan: f64) -> Piece {
    Piece { modes, wash: [wash(Kind::Band, 3_000.0, 0.8, 0.10, 0.0002, 0.012), None], pan, level: 0.42, ..NONE }
}

/// The piece of a General MIDI percussion key (General MIDI 1, percussion key map: 35 to 81). Other keys are silent.
pub(crate) fn piece(key: u8) -> Option<Piece> {
    Some(match key {
        35 => Piece { skin: skin(46.0, 1.4, 0.024, 1.0, 0.50), ..KICK },
        36 => KICK,
        37 => SIDE_STICK,
        38 => SNARE,
        39 => CLAP,
        40 => Piece { skin: skin(212.0, 0.5, 0.011, 0.46, 0.16), ..SNARE },
        41 => tom(76.0, -0.36),
        42 => CLOSED_HAT,
        43 => tom(92.0, -0.26),
        44 => PEDAL_HAT,
        45 => tom(112.0, -0.12),
        46 => OPEN_HAT,
        47 => tom(134.0, 0.02),
        48 => tom(160.0, 0.16),
        49 => CRASH,
        50 => tom(188.0, 0.30),
        51 => RIDE,
        52 => CHINA,
        53 => RIDE_BELL,
        54 => TAMBOURINE,
        55 => SPLASH,
        56 => COWBELL,
        57 => CRASH_TWO,
        58 => Piece { strokes: &[0.0, 0.024, 0.048, 0.072, 0.096, 0.12], ..SIDE_STICK },
        59 => Piece { pan: 0.34, ..RIDE },
        60 => hand_drum(392.0, 0.16, 0.20, 0.20),
        61 => hand_drum(288.0, 0.22, 0.14, 0.20),
        62 => hand_drum(330.0, 0.09, 0.30, -0.18),
        63 => hand_drum(300.0, 0.24, 0.16, -0.18),
        64 => hand_drum(196.0, 0.32, 0.12, -0.18),
        65 => hand_drum(420.0, 0.30, 0.24, 0.28),
        66 => hand_drum(300.0, 0.36, 0.20, 0.28),
        67 => bars(&[(905.0, 0.45, 0.22), (1_340.0, 0.30, 0.16), (2_190.0, 0.14, 0.10)], 0.24),
        68 => bars(&[(650.0, 0.45, 0.24), (985.0, 0.30, 0.18), (1_610.0, 0.14, 0.11)], 0.24),
        69 => Piece { pan: 0.10, ..SHAKER },
        70 => Piece { wash: [wash(Kind::Band, 8_800.0, 1.1, 0.55, 0.005, 0.05), None], ..SHAKER },
        71 => bars(&[(2_310.0, 0.5, 0.12)], -0.2),
        72 => bars(&[(2_190.0, 0.5, 0.5)], -0.2),
        73 => Piece { wash: [wash(Kind::Band, 4_200.0, 1.6, 0.4, 0.004, 0.06), None], ..SHAKER },
        74 => Piece { wash: [wash(Kind::Band, 4_200.0, 1.6, 0.4, 0.02, 0.26), None], ..SHAKER },
        75 => bars(&[(2_480.0, 0.6, 0.05), (4_120.0, 0.18, 0.03)], -0.12),
        76 => bars(&[(1_020.0, 0.55, 0.07), (2_680.0, 0.2, 0.04)], 0.14),
        77 => bars(&[(760.0, 0.55, 0.08), (2_010.0, 0.2, 0.04)], 0.14),
        78 => hand_drum(620.0, 0.10, 0.05, 0.1),
        79 => hand_drum(420.0, 0.26, 0.05, 0.1),
        80 => bars(&[(5_300.0, 0.3, 0.08), (8_120.0, 0.2, 0.06)], -0.3),
        81 => bars(&[(5_300.0, 0.3, 1.6), (8_120.0, 0.2, 1.2), (11_650.0, 0.1, 0.8)], -0.3),
        _ => return None,
    })
}
