//! What the EQ does, for drawing: the magnitudes of the analogue prototypes the chain's filters are matched to.
//!
//! Prototypes as defined in R. Bristow-Johnson's "Audio EQ Cookbook", `A` the square root of the gain, `x` frequency over
//! centre; a cut is the mirror of its boost. The high-pass is a second-order Butterworth.

use continuo_core::mastering::{EqBand, EqShape, MasterSettings};

/// Gain of one band at `hz`, decibels.
pub fn band_db(band: &EqBand, hz: f64) -> f64 {
    if band.gain_db == 0.0 || band.hz <= 0.0 || band.q <= 0.0 {
        return 0.0;
    }
    let boost = band.gain_db.abs();
    let a = 10f64.powf(boost / 40.0);
    let x2 = (hz / band.hz).powi(2);
    let power = match band.shape {
        EqShape::Bell => {
            let still = (1.0 - x2).powi(2);
            (still + x2 * (a / band.q).powi(2)) / (still + x2 / (a * band.q).powi(2))
        }
        EqShape::LowShelf | EqShape::HighShelf => {
            // The high shelf is the low one mirrored in frequency.
            let x2 = if band.shape == EqShape::HighShelf { 1.0 / x2 } else { x2 };
            let side = a * x2 / (band.q * band.q);
            a * a * ((a - x2).powi(2) + side) / ((1.0 - a * x2).powi(2) + side)
        }
    };
    10.0 * power.log10() * band.gain_db.signum()
}

/// Gain of the high-pass at `hz`, decibels; 0 when it is off.
pub fn highpass_db(corner_hz: f64, hz: f64) -> f64 {
    if corner_hz <= 0.0 {
        return 0.0;
    }
    let x4 = (hz / corner_hz).powi(4);
    10.0 * (x4 / (1.0 + x4)).log10()
}

/// Gain of the whole EQ at `hz`, decibels.
pub fn eq_db(settings: &MasterSettings, hz: f64) -> f64 {
    settings.eq.iter().map(|band| band_db(band, hz)).sum::<f64>() + highpass_db(settings.highpass_hz, hz)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_where_their_definition_puts_them() {
        let band = |shape, gain_db| EqBand { shape, hz: 1_000.0, gain_db, q: 0.8 };
        for gain in [-9.0, 6.0] {
            let near = |a: f64, b: f64| assert!((a - b).abs() < 0.01, "{a} is not {b}");
            near(band_db(&band(EqShape::Bell, gain), 1_000.0), gain);
            near(band_db(&band(EqShape::Bell, gain), 0.5), 0.0);
            // A shelf has half its gain at the corner, all of it far on its side, none on the other.
            near(band_db(&band(EqShape::LowShelf, gain), 1_000.0), gain / 2.0);
            near(band_db(&band(EqShape::LowShelf, gain), 0.5), gain);
            near(band_db(&band(EqShape::LowShelf, gain), 1e7), 0.0);
            near(band_db(&band(EqShape::HighShelf, gain), 1e7), gain);
            near(band_db(&band(EqShape::HighShelf, gain), 0.5), 0.0);
        }
        // Butterworth: -3.01 dB at the corner, 12 dB per octave below.
        assert!((highpass_db(40.0, 40.0) + 3.0103).abs() < 1e-4);
        assert!((highpass_db(40.0, 2.5) - highpass_db(40.0, 5.0) + 12.04).abs() < 0.01);
    }
}
