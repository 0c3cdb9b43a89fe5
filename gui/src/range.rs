//! The axes the screens share: where a value lies between two ends, and back.

use std::ops::RangeInclusive;

/// Audible frequencies drawn, hertz.
pub const AXIS_HZ: RangeInclusive<f64> = 20.0..=20_000.0;
/// EQ gain drawn, decibels; the range of [`continuo_core::mastering::EqBand::gain_db`].
pub const AXIS_GAIN_DB: RangeInclusive<f64> = -12.0..=12.0;
/// EQ quality factor, the range of [`continuo_core::mastering::EqBand::q`].
pub const AXIS_Q: RangeInclusive<f64> = 0.3..=10.0;
/// Level meters, decibels full scale.
pub const AXIS_LEVEL_DB: RangeInclusive<f64> = -60.0..=6.0;
/// Loudness, LUFS.
pub const AXIS_LUFS: RangeInclusive<f64> = -48.0..=0.0;

/// Share of the way from the low end to the high end, 0 to 1, clamped; not-a-number is 0.
pub fn share(range: &RangeInclusive<f64>, value: f64) -> f32 {
    let (low, high) = (*range.start(), *range.end());
    let share = (value - low) / (high - low);
    if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) as f32 }
}

/// The value at a share of the way, clamped to the range.
pub fn at_share(range: &RangeInclusive<f64>, share: f32) -> f64 {
    let (low, high) = (*range.start(), *range.end());
    low + (high - low) * f64::from(share).clamp(0.0, 1.0)
}

/// Share of the way on a logarithmic axis; both ends must be above zero. Values at or below zero are 0.
pub fn log_share(range: &RangeInclusive<f64>, value: f64) -> f32 {
    if value <= 0.0 {
        return 0.0;
    }
    share(&(range.start().ln()..=range.end().ln()), value.ln())
}

/// The value at a share of the way on a logarithmic axis.
pub fn at_log_share(range: &RangeInclusive<f64>, share: f32) -> f64 {
    at_share(&(range.start().ln()..=range.end().ln()), share).exp().clamp(*range.start(), *range.end())
}

/// A frequency as people write it: `85 Hz`, `1.2 kHz`, `12 kHz`.
pub fn hz_text(hz: f64) -> String {
    if hz < 1_000.0 {
        format!("{hz:.0} Hz")
    } else if hz < 9_950.0 {
        format!("{:.1} kHz", hz / 1_000.0)
    } else {
        format!("{:.0} kHz", hz / 1_000.0)
    }
}

/// A number of decibels with its sign, one decimal, a true minus, and no minus before zero.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let is_zero = text.bytes().all(|b| matches!(b, b'0' | b'.'));
    match (is_zero, value < 0.0) {
        (true, _) => text,
        (false, true) => format!("\u{2212}{text}"),
        (false, false) => format!("+{text}"),
    }
}

/// A level as people write it: `-14.2` with a true minus, or `-inf` as the sign for silence.
pub fn level_text(value: f32) -> String {
    if !value.is_finite() || value < -99.0 {
        return "\u{2212}\u{221e}".to_owned();
    }
    let text = format!("{:.1}", value.abs());
    if value < 0.0 && text != "0.0" { format!("\u{2212}{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_go_there_and_back() {
        for step in 0..=20 {
            let s = step as f32 / 20.0;
            assert!((share(&AXIS_GAIN_DB, at_share(&AXIS_GAIN_DB, s)) - s).abs() < 1e-6);
            assert!((log_share(&AXIS_HZ, at_log_share(&AXIS_HZ, s)) - s).abs() < 1e-6);
        }
        // Three decades from 20 Hz to 20 kHz: 200 Hz is a third of the way.
        assert!((log_share(&AXIS_HZ, 200.0) - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(log_share(&AXIS_HZ, -5.0), 0.0);
        assert_eq!(share(&AXIS_LEVEL_DB, f64::NEG_INFINITY), 0.0);
        assert_eq!(share(&AXIS_LEVEL_DB, f64::NAN), 0.0);
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        assert_eq!(
            (hz_text(85.4), hz_text(1_250.0), hz_text(12_000.0)),
            ("85 Hz".into(), "1.2 kHz".into(), "12 kHz".into())
        );
        assert_eq!(
            (signed(-1.25, 1), signed(0.04, 1), signed(2.0, 1)),
            ("\u{2212}1.2".into(), "0.0".into(), "+2.0".into())
        );
        assert_eq!(
            (level_text(-14.04), level_text(f32::NEG_INFINITY), level_text(-0.01)),
            ("\u{2212}14.0".into(), "\u{2212}\u{221e}".into(), "0.0".into())
        );
    }
}
