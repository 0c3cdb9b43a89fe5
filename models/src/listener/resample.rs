//! Changing the rate of a recording for analysis, by a windowed sinc.

/// Zero crossings of the kernel on each side.
const CROSSINGS: f64 = 12.0;
/// Table steps per zero crossing; linear interpolation between them errs by less than -90 dB.
const STEPS: usize = 256;
/// The passband ends at this share of the lower Nyquist frequency.
const PASS: f64 = 0.92;

/// `samples` at rate `from` hertz as samples at rate `to` hertz.
pub fn to_rate(samples: &[f32], from: f64, to: f64) -> Vec<f32> {
    if (from - to).abs() < 1e-9 {
        return samples.to_vec();
    }
    // Cutoff in cycles per input sample, times two.
    let cutoff = PASS * (to / from).min(1.0);
    let reach = CROSSINGS / cutoff;
    let table = kernel();
    let length = (samples.len() as f64 * to / from).round() as usize;
    (0..length)
        .map(|i| {
            let centre = i as f64 * from / to;
            let first = (centre - reach).ceil().max(0.0) as usize;
            let last = ((centre + reach).floor() as usize).min(samples.len().saturating_sub(1));
            let mut sum = 0.0;
            for (j, &sample) in samples.iter().enumerate().take(last + 1).skip(first) {
                let place = (j as f64 - centre).abs() * cutoff * STEPS as f64;
                let index = place as usize;
                let share = place - index as f64;
                if index + 1 < table.len() {
                    sum += f64::from(sample) * (table[index] + share * (table[index + 1] - table[index]));
                }
            }
            (sum * cutoff) as f32
        })
        .collect()
}

/// One side of a sinc under a Hann window.
fn kernel() -> Vec<f64> {
    (0..=(CROSSINGS as usize * STEPS))
        .map(|i| {
            let x = i as f64 / STEPS as f64;
            let sinc = if i == 0 { 1.0 } else { (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x) };
            sinc * 0.5 * (1.0 + (std::f64::consts::PI * x / CROSSINGS).cos())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_keeps_its_pitch_and_level_and_what_would_fold_is_gone() {
        let tone = |hz: f64, rate: f64| -> Vec<f32> {
            (0..rate as usize).map(|i| (std::f64::consts::TAU * hz * i as f64 / rate).sin() as f32).collect()
        };
        for from in [8_000.0, 44_100.0, 48_000.0, 192_000.0] {
            let out = to_rate(&tone(1_000.0, from), from, 22_050.0);
            let expected = tone(1_000.0, 22_050.0);
            let error =
                out[2_000..20_000].iter().zip(&expected[2_000..]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(error < 0.01, "{from}: {error}");
        }
        let folded = to_rate(&tone(15_000.0, 48_000.0), 48_000.0, 22_050.0);
        assert!(folded[2_000..20_000].iter().all(|s| s.abs() < 0.01));
    }
}
