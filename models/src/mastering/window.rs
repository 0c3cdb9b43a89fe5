//! Figures of one window of about three seconds, from its band powers (FEATURES.md, section 3).

use super::bands::{BANDS, COARSE, centre_hz, coarse_of, k_power};

/// Power floor under every decibel figure.
pub const FLOOR: f64 = 1e-12;
/// Floor relative to the window's own power, so that level does not matter.
const RELATIVE_FLOOR: f64 = 1e-8;
/// The same for the short frames.
const SHORT_FLOOR: f64 = 1e-6;
/// A window quieter than this, dB mean square, says nothing about the mix.
const SILENT_DB: f64 = -60.0;

/// Mid power, side power and mid-side product of each band in one long frame.
pub type LongFrame = [[f64; 3]; BANDS];
/// Mid power of each coarse band in one short frame.
pub type ShortFrame = [f64; COARSE];

/// Length of the per-window part of a feature row.
pub const ROW: usize = 227;
/// Where the tone figures begin in a row.
pub const TONE: usize = 0;
/// Where the width figures begin in a row.
pub const WIDTH: usize = 120;

/// Figures of one window.
pub struct WindowRow {
    /// Tone 30, mid percentiles 90, width 30, side percentiles 60, correlation 5, crest 5, flux 5, full crest, spread.
    pub values: [f64; ROW],
    /// Loudness of the window, LUFS, without gating.
    pub loudness: f64,
    /// Weight of the window: the root of its K-weighted power.
    pub weight: f64,
}

/// Power in decibels.
pub fn db(power: f64) -> f64 {
    10.0 * power.log10()
}

/// Percentile `q` (0 to 100) of `sorted`, straight line between order statistics.
pub fn percentile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let at = last as f64 * q / 100.0;
    let i = (at as usize).min(last);
    let f = at - i as f64;
    sorted[i] * (1.0 - f) + sorted[(i + 1).min(last)] * f
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut v: Vec<f64> = values.collect();
    v.sort_unstable_by(f64::total_cmp);
    v
}

/// The figures of a window, or `None` when it is silent. `bands` is how many third-octave bands the sample rate holds;
/// those above take the shape of the last one, falling 2 dB per band.
pub fn window_row(long: &[LongFrame], short: &[ShortFrame], bands: usize) -> Option<WindowRow> {
    let frames = long.len() as f64;
    let mut mean = [[0.0; 3]; BANDS];
    for frame in long {
        for (sum, powers) in mean.iter_mut().zip(frame) {
            for (part, power) in sum.iter_mut().zip(powers) {
                *part += power / frames;
            }
        }
    }
    let total: f64 = mean.iter().map(|p| p[0] + p[1]).sum();
    if long.is_empty() || short.is_empty() || db(total + FLOOR) < SILENT_DB {
        return None;
    }
    let floor = FLOOR + RELATIVE_FLOOR * total;
    for p in &mut mean {
        p[0] += floor;
        p[1] += floor;
    }
    let k_total: f64 = mean.iter().enumerate().map(|(b, p)| (p[0] + p[1]) * k_power(centre_hz(b))).sum();
    let mut row = [0.0; ROW];
    for b in 0..BANDS {
        let source = b.min(bands.saturating_sub(1));
        let fall = 2.0 * (b - source) as f64;
        let (tone, side) = (db(mean[source][0]), db(mean[source][1]));
        row[TONE + b] = (tone - fall - db(k_total)).max(-80.0);
        let levels = sorted(long.iter().map(|f| db(f[source][0] + floor)));
        for (k, q) in [10.0, 50.0, 90.0].into_iter().enumerate() {
            row[30 + 30 * k + b] = (percentile(&levels, q) - tone).clamp(-40.0, 20.0);
        }
        row[WIDTH + b] = (side - tone).clamp(-40.0, 20.0);
        let levels = sorted(long.iter().map(|f| db(f[source][1] + floor)));
        for (k, q) in [50.0, 90.0].into_iter().enumerate() {
            row[150 + 30 * k + b] = (percentile(&levels, q) - side).clamp(-40.0, 20.0);
        }
    }
    let mut coarse = [[0.0; 3]; COARSE];
    for (b, p) in mean.iter().enumerate() {
        for (sum, part) in coarse[coarse_of(b)].iter_mut().zip(p) {
            *sum += part;
        }
    }
    for (c, [m, s, ms]) in coarse.into_iter().enumerate() {
        let both = ((m + s + 2.0 * ms) * (m + s - 2.0 * ms)).max(FLOOR * FLOOR);
        row[210 + c] = ((m - s) / both.sqrt()).clamp(-1.0, 1.0);
    }
    short_figures(short, &mut row);
    Some(WindowRow { values: row, loudness: -0.691 + db(2.0 * k_total), weight: k_total.sqrt() })
}

/// Crest, flux, full crest and level spread of the short frames.
fn short_figures(short: &[ShortFrame], row: &mut [f64; ROW]) {
    let count = short.len() as f64;
    let broad: Vec<f64> = short.iter().map(|f| f.iter().sum()).collect();
    let broad_mean = broad.iter().sum::<f64>() / count;
    let floor = FLOOR + SHORT_FLOOR * broad_mean;
    for c in 0..COARSE {
        let levels: Vec<f64> = short.iter().map(|f| db(f[c] + floor)).collect();
        let mean = short.iter().map(|f| f[c]).sum::<f64>() / count;
        let rise: f64 = levels.windows(2).map(|w| (w[1] - w[0]).clamp(0.0, 20.0)).sum();
        row[220 + c] = rise / (count - 1.0).max(1.0);
        row[215 + c] = percentile(&sorted(levels.into_iter()), 95.0) - db(mean + floor);
    }
    let levels = sorted(broad.iter().map(|p| db(p + floor)));
    row[225] = percentile(&levels, 95.0) - db(broad_mean + floor);
    let mean = levels.iter().sum::<f64>() / count;
    row[226] = (levels.iter().map(|l| (l - mean) * (l - mean)).sum::<f64>() / count).sqrt();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_lie_between_order_statistics() {
        // Ten numbers 0..9: the 10th percentile is at place 0.9, the 95th at 8.55.
        let v: Vec<f64> = (0..10).map(f64::from).collect();
        assert!((percentile(&v, 10.0) - 0.9).abs() < 1e-12);
        assert!((percentile(&v, 95.0) - 8.55).abs() < 1e-12);
        assert_eq!(percentile(&[], 50.0), 0.0);
    }

    #[test]
    fn steady_white_bands_have_flat_figures() {
        let long = vec![[[1e-3, 1e-5, 0.0]; BANDS]; 32];
        let short = vec![[1e-3; COARSE]; 256];
        let row = window_row(&long, &short, BANDS).unwrap().values;
        // Side is 20 dB under mid; nothing moves, so percentiles, crest and flux are zero.
        assert!((row[WIDTH + 10] + 20.0).abs() < 0.01);
        assert!(row[30..120].iter().chain(&row[215..227]).all(|v| v.abs() < 1e-9));
        // Correlation of m = 1, s = 0.01 without a product: 0.99 / 1.01.
        assert!((row[212] - 0.980_198).abs() < 1e-4);
    }

    #[test]
    fn silence_gives_nothing() {
        assert!(window_row(&[[[1e-9; 3]; BANDS]; 32], &[[1e-9; COARSE]; 256], BANDS).is_none());
        assert!(window_row(&[], &[], BANDS).is_none());
    }
}
