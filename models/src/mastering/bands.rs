//! Frequency bands of the mastering features: third octaves, coarse bands, K-weighting, transform sizes.
//!
//! Every number here has a twin in `models/mastering/features.py`; `models/mastering/FEATURES.md` is the text both
//! follow, and the goldens compare them.

/// Third-octave bands, 20 Hz to 16 kHz.
pub const BANDS: usize = 30;
/// Coarse bands of the transient and correlation figures.
pub const COARSE: usize = 5;
/// Edges of the coarse bands, hertz.
pub const COARSE_EDGES_HZ: [f64; COARSE + 1] = [40.0, 120.0, 500.0, 2_000.0, 6_000.0, 16_000.0];
/// Short transforms per hop of the long one.
pub const SHORT_PER_LONG: usize = 8;

/// Centre of third-octave band `band`, hertz (base-ten series of IEC 61260-1; band 17 is 1 kHz).
pub fn centre_hz(band: usize) -> f64 {
    1000.0 * 10f64.powf((band as f64 - 17.0) / 10.0)
}

/// Lower and upper edge of third-octave band `band`, hertz.
pub fn edges_hz(band: usize) -> (f64, f64) {
    let half = 10f64.powf(0.05);
    (centre_hz(band) / half, centre_hz(band) * half)
}

/// Coarse band to which third-octave band `band` belongs (the outermost take what lies beyond them).
pub fn coarse_of(band: usize) -> usize {
    let below = COARSE_EDGES_HZ.iter().filter(|&&edge| edge < centre_hz(band)).count();
    below.saturating_sub(1).min(COARSE - 1)
}

/// Length of the long transform: the power of two nearest, in logarithm, to 8192 at 44.1 kHz; at least 512.
pub fn fft_size(rate_hz: f64) -> usize {
    let exponent = (8192.0 * rate_hz / 44_100.0).log2().round_ties_even().clamp(9.0, 20.0);
    1 << exponent as u32
}

/// Power gain of the K-weighting of ITU-R BS.1770-5 (both stages, coefficients of Annex 1 for 48 kHz) at `hz`.
pub fn k_power(hz: f64) -> f64 {
    let w = -2.0 * std::f64::consts::PI * hz / 48_000.0;
    let square = |b: [f64; 3]| {
        let re = b[0] + b[1] * w.cos() + b[2] * (2.0 * w).cos();
        let im = b[1] * w.sin() + b[2] * (2.0 * w).sin();
        re * re + im * im
    };
    let shelf = square([1.535_124_859_586_97, -2.691_696_189_406_38, 1.198_392_810_852_85])
        / square([1.0, -1.690_659_293_182_41, 0.732_480_774_215_85]);
    let high = square([1.0, -2.0, 1.0]) / square([1.0, -1.990_047_454_833_98, 0.990_072_250_366_21]);
    shelf * high
}

/// One band's share of the bins of a transform: the first bin and the weights from there on.
#[derive(Clone, Debug)]
pub struct BinShare {
    first: usize,
    weights: Vec<f64>,
}

impl BinShare {
    /// The bins between `low_hz` and `high_hz` of a transform of `n` points at `rate_hz`, times `scale`.
    pub fn new(n: usize, rate_hz: f64, low_hz: f64, high_hz: f64, scale: f64) -> BinShare {
        let step = rate_hz / n as f64;
        let share = |k: usize| {
            let (a, b) = ((k as f64 - 0.5) * step, (k as f64 + 0.5) * step);
            ((b.min(high_hz) - a.max(low_hz)) / step).clamp(0.0, 1.0)
        };
        let first = (0..=n / 2).find(|&k| share(k) > 0.0).unwrap_or(0);
        let weights = (first..=n / 2).map(share).take_while(|&w| w > 0.0).map(|w| w * scale).collect();
        BinShare { first, weights }
    }

    /// The weighted sum of `power` over the band.
    pub fn sum(&self, power: &[f64]) -> f64 {
        let end = (self.first + self.weights.len()).min(power.len());
        power[self.first.min(end)..end].iter().zip(&self.weights).map(|(p, w)| p * w).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centres_follow_the_standard() {
        assert!((centre_hz(17) - 1000.0).abs() < 1e-9);
        assert!((centre_hz(0) - 19.953).abs() < 1e-3 && (centre_hz(29) - 15_848.9).abs() < 0.1);
        assert_eq!((coarse_of(0), coarse_of(9), coarse_of(17), coarse_of(29)), (0, 1, 2, 4));
    }

    #[test]
    fn k_weighting_is_0_69_db_at_997_hz() {
        // BS.1770 takes 0.691 dB off again so that a 997 Hz sine reads its own level.
        assert!((10.0 * k_power(997.0).log10() - 0.691).abs() < 0.02);
        assert!((10.0 * k_power(10_000.0).log10() - 4.0).abs() < 0.1);
    }

    #[test]
    fn sizes_keep_a_frame_near_186_ms() {
        assert_eq!([22_050.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0].map(fft_size), [4096, 8192, 8192, 16384, 32768]);
        assert_eq!(fft_size(1.0), 512);
    }

    #[test]
    fn a_band_takes_its_share_of_each_bin() {
        // Bins of 10 Hz: 12 to 27 Hz is 0.3 of bin 1 (5-15), all of bin 2 and 0.2 of bin 3 (25-35).
        let share = BinShare::new(100, 1000.0, 12.0, 27.0, 1.0);
        assert!((share.sum(&[1.0; 51]) - 1.5).abs() < 1e-12);
        assert!((share.sum(&[0.0, 1.0, 0.0, 0.0]) - 0.3).abs() < 1e-12);
    }
}
