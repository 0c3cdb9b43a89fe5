//! The long-term spectrum of a recording, for the report's picture.

use realfft::RealFftPlanner;

/// Frames of one transform.
const SIZE: usize = 8_192;
/// Points per octave of the smoothed spectrum.
const PER_OCTAVE: usize = 12;
/// Half the width over which a point is averaged, octaves: a sixth of an octave in all.
const HALF_WIDTH: f64 = 1.0 / 12.0;

/// Mean power spectrum of both channels by Welch's method (Hann windows of 8,192 frames, half overlapped), averaged over
/// sixths of an octave: hertz and dB relative to a full-scale sine, ascending from 20 Hz to 20 kHz or half the rate.
pub fn spectrum(channels: [&[f32]; 2], rate_hz: f64) -> Vec<(f64, f64)> {
    let frames = channels[0].len().min(channels[1].len());
    if frames == 0 {
        return Vec::new();
    }
    let window: Vec<f32> =
        (0..SIZE).map(|i| (0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / SIZE as f64).cos()) as f32).collect();
    let transform = RealFftPlanner::<f32>::new().plan_fft_forward(SIZE);
    let (mut input, mut output) = (transform.make_input_vec(), transform.make_output_vec());
    let mut power = vec![0.0f64; output.len()];
    let mut count = 0.0;
    let mut at = 0;
    // A recording shorter than a window stands in its middle, where the window is open.
    let lead = SIZE.saturating_sub(frames) / 2;
    loop {
        for channel in channels {
            for (i, slot) in input.iter_mut().enumerate() {
                let sample = (at + i).checked_sub(lead).and_then(|index| channel.get(index));
                *slot = sample.copied().unwrap_or(0.0) * window[i];
            }
            // The buffers were made for this transform, so their lengths fit.
            if transform.process(&mut input, &mut output).is_ok() {
                for (sum, bin) in power.iter_mut().zip(&output) {
                    *sum += f64::from(bin.norm_sqr());
                }
                count += 1.0;
            }
        }
        at += SIZE / 2;
        if at + SIZE > frames {
            break;
        }
    }
    // A full-scale sine has a bin of SIZE / 4 under the Hann window: that is 0 dB.
    let reference = (SIZE as f64 / 4.0).powi(2) * count;
    smooth(&power, rate_hz, reference)
}

fn smooth(power: &[f64], rate_hz: f64, reference: f64) -> Vec<(f64, f64)> {
    let bin_hz = rate_hz / SIZE as f64;
    let top = 20_000f64.min(rate_hz / 2.0);
    let steps = ((top / 20.0).log2() * PER_OCTAVE as f64).floor() as usize;
    (0..=steps)
        .map(|step| {
            let hz = 20.0 * 2f64.powf(step as f64 / PER_OCTAVE as f64);
            let low = ((hz * 2f64.powf(-HALF_WIDTH) / bin_hz).round() as usize).clamp(1, power.len() - 1);
            let high = ((hz * 2f64.powf(HALF_WIDTH) / bin_hz).round() as usize).clamp(low, power.len() - 1);
            let bins = &power[low..=high];
            let mean = bins.iter().sum::<f64>() / bins.len() as f64;
            (hz, 10.0 * (mean / reference).log10())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_stands_where_it_sounds() {
        // 1,500 Hz lies on bin 256 of 8,192 at 48 kHz.
        let wave: Vec<f32> =
            (0..48_000).map(|i| (std::f64::consts::TAU * 1_500.0 * f64::from(i) / 48_000.0).sin() as f32).collect();
        let spectrum = spectrum([&wave, &wave], 48_000.0);
        let (hz, db) = *spectrum.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        assert!((hz / 1_500.0).log2().abs() < 0.1, "{hz}");
        // Its power is spread over the sixth of an octave it is averaged over: 30 bins, of which the window fills 1.5.
        let expected = 10.0 * (1.5f64 / 30.0).log10();
        assert!((db - expected).abs() < 1.0, "{db} and not {expected}");
        let far = spectrum.iter().find(|p| p.0 > 6_000.0).unwrap().1;
        assert!(far < -90.0, "{far}");
        assert!(super::spectrum([&[], &[]], 48_000.0).is_empty());
    }

    #[test]
    fn short_recordings_have_a_spectrum_too() {
        let click = [1.0f32, 0.0, 0.0];
        assert!(spectrum([&click, &click], 44_100.0).iter().all(|p| p.1.is_finite()));
    }
}
