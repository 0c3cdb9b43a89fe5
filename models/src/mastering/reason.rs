//! The evidence of a move, in one plain sentence with its figure.

use super::bands::{BANDS, centre_hz};
use super::decide::{Amount, Group};
use super::features::FeatureRow;
use super::window::{ROW, WIDTH};

/// The network's reference figures per third-octave band.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    /// Decibels by which the band stands above what the bands outside its octave predict.
    pub excess: &'a [f32],
    /// Share of the training mixes with a smaller excess.
    pub rank: &'a [f32],
}

impl Reference<'_> {
    /// Mean excess and rank over the bands whose centre lies in a range.
    fn over(&self, (low, high): (f64, f64)) -> (f64, f64) {
        let mut sum = (0.0, 0.0, 0.0);
        for (b, (&e, &r)) in self.excess.iter().zip(self.rank).enumerate().take(BANDS) {
            if (low..high).contains(&centre_hz(b)) {
                sum = (sum.0 + f64::from(e), sum.1 + f64::from(r), sum.2 + 1.0);
            }
        }
        if sum.2 > 0.0 { (sum.0 / sum.2, sum.1 / sum.2) } else { (0.0, 0.5) }
    }
}

/// Why group `group` should change by `gain_db`, of which the model is 80 % sure between `low` and `high` dB.
pub fn equaliser(group: &Group, gain_db: f64, low: f64, high: f64, reference: Reference) -> String {
    let (excess, rank) = reference.over(group.range_hz);
    let range = group.range;
    if excess * gain_db < 0.0 && excess.abs() >= 0.3 {
        let (word, share) = if excess > 0.0 { ("more", rank) } else { ("less", 1.0 - rank) };
        let share = (100.0 * share).round().clamp(1.0, 99.0);
        format!(
            "{:.1} dB {word} {range} than the rest of this spectrum predicts, a larger difference than in {share:.0} % of the \
             training mixes; between {low:+.1} and {high:+.1} dB would set it right (80 %).",
            excess.abs()
        )
    } else {
        let word = if gain_db < 0.0 { "strong" } else { "weak" };
        format!(
            "Seen with the rest of the mix, {range} is about {:.1} dB too {word}; between {low:+.1} and {high:+.1} dB would set \
             it right (80 %).",
            gain_db.abs()
        )
    }
}

/// Why the width of a range should change.
pub fn width(row: &FeatureRow, range: &str, (low_hz, high_hz): (f64, f64), amount: Amount) -> String {
    let levels = (0..BANDS).filter(|&b| (low_hz..high_hz).contains(&centre_hz(b)) && b < row.bands);
    let (sum, count) = levels.fold((0.0, 0.0), |(s, n), b| (s + f64::from(row.values[WIDTH + b]), n + 1.0));
    let below = if count > 0.0 { -sum / count } else { 0.0 };
    let word = if amount.value < 0.0 { "wider" } else { "narrower" };
    format!(
        "The side {range} lies {below:.1} dB under the mid, {word} than this kind of mix has there; a width of {:.0} % would \
         set it right ({:.0} to {:.0} %, 80 %).",
        100.0 * (1.0 + amount.value),
        100.0 * (1.0 + amount.low),
        100.0 * (1.0 + amount.high)
    )
}

/// Why the level should be evened out.
pub fn dynamics(row: &FeatureRow, crest_db: f64) -> String {
    format!(
        "The loud moments stand {:.1} dB over the mean level (95th percentile of 12 ms steps), about {:.1} dB more than \
         expected of this mix.",
        row.values[ROW - 2],
        crest_db.abs()
    )
}

/// Why a high-pass should be set.
pub fn rumble(row: &FeatureRow, amount: Amount) -> String {
    let power = |bands: std::ops::Range<usize>| {
        let sum: f64 = bands.clone().map(|b| 10f64.powf(f64::from(row.tone()[b]) / 10.0)).sum();
        10.0 * (sum / bands.len() as f64).log10()
    };
    // Bands 0 to 2 are 20 to 32 Hz, bands 5 to 7 are 63 to 100 Hz.
    let difference = power(0..3) - power(5..8);
    let word = if difference > 0.0 { "over" } else { "under" };
    format!(
        "Steady energy at 20-32 Hz lies {:.1} dB {word} that at 63-100 Hz, as rumble does; a high-pass between {:.0} and \
         {:.0} Hz removes it (80 %).",
        difference.abs(),
        amount.low,
        amount.high
    )
}

#[cfg(test)]
mod tests {
    use super::super::decide::EQ_GROUPS;
    use super::*;

    #[test]
    fn the_sentence_carries_the_excess_and_its_rank() {
        // 250, 315 and 400 Hz lie in 220-450 Hz: bands 11 to 13.
        let (mut excess, mut rank) = ([0.0f32; BANDS], [0.5f32; BANDS]);
        excess[11..14].copy_from_slice(&[2.0, 2.4, 1.9]);
        rank[11..14].copy_from_slice(&[0.8, 0.9, 0.85]);
        let reference = Reference { excess: &excess, rank: &rank };
        let text = equaliser(&EQ_GROUPS[3], -1.2, -2.0, -0.4, reference);
        assert!(text.starts_with("2.1 dB more 220-450 Hz than") && text.contains("85 %"), "{text}");
        assert!(text.contains("between -2.0 and -0.4 dB"), "{text}");
        // Where the band itself shows nothing, the sentence does not claim it does.
        let text = equaliser(&EQ_GROUPS[6], -1.2, -2.0, -0.4, reference);
        assert!(text.contains("about 1.2 dB too strong"), "{text}");
    }
}
