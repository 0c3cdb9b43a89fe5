//! Rate conversion of whole clips by a windowed sinc (J. O. Smith, "Digital Audio Resampling", 2002).

use super::Clip;
use continuo_core::SampleRate;
use std::f64::consts::PI;

/// Zero crossings of the sinc on each side of a sample.
const CROSSINGS: usize = 32;
/// Kaiser window's shape: about -90 dB in the stop band.
const BETA: f64 = 9.0;
/// Share of the narrower band that is kept, so that the window's skirt ends before the fold.
const BAND: f64 = 0.95;
/// Points of the tabulated kernel per zero crossing; linear steps between them stay below -100 dB.
const POINTS: usize = 2_048;

/// The clip at another rate; the same clip when the rate is its own.
pub fn resample(clip: &Clip, rate: SampleRate) -> Clip {
    let ratio = rate.hz() / clip.rate.hz();
    if (ratio - 1.0).abs() < 1e-12 {
        return clip.clone();
    }
    let frames = (clip.frames() as f64 * ratio).round() as usize;
    let kernel = kernel();
    // Going down, the sinc is stretched to the lower band.
    let cutoff = BAND * ratio.min(1.0);
    let reach = CROSSINGS as f64 / cutoff;
    let convert = |input: &Vec<f32>| {
        (0..frames)
            .map(|frame| {
                let centre = frame as f64 / ratio;
                let first = (centre - reach).ceil().max(0.0) as usize;
                let last = ((centre + reach).floor() as usize).min(input.len().saturating_sub(1));
                let mut sum = 0.0;
                for (offset, &sample) in input.get(first..=last).unwrap_or(&[]).iter().enumerate() {
                    let place = ((first + offset) as f64 - centre).abs() * cutoff * POINTS as f64;
                    let (index, share) = (place as usize, place.fract());
                    if let Some(&[a, b]) = kernel.get(index..index + 2).and_then(|k| <&[f64; 2]>::try_from(k).ok()) {
                        sum += f64::from(sample) * (a + (b - a) * share);
                    }
                }
                (sum * cutoff) as f32
            })
            .collect()
    };
    Clip { channels: clip.channels.iter().map(convert).collect(), rate }
}

/// Taps of the interpolation of [`true_peak`], and its factor.
const PEAK_TAPS: usize = 49;
const PEAK_FACTOR: usize = 4;

/// The largest value of the waveform between and on the samples, linear, as the meters most people own compute it: at four
/// times the rate, by a sinc of 49 taps under a Hann window (the size BS.1770-4, annex 2, proposes). So short a sinc reads
/// sound close under half the rate up to half a decibel high, and a master is judged by such meters.
pub fn true_peak(samples: &[f32]) -> f64 {
    let middle = (PEAK_TAPS / 2) as f64;
    let tap = |j: usize| {
        let x = (j as f64 - middle) * PI / PEAK_FACTOR as f64;
        let sinc = if x == 0.0 { 1.0 } else { x.sin() / x };
        sinc * (0.5 - 0.5 * (2.0 * PI * j as f64 / (PEAK_TAPS - 1) as f64).cos())
    };
    let phases: Vec<Vec<f64>> =
        (0..PEAK_FACTOR).map(|phase| (phase..PEAK_TAPS).step_by(PEAK_FACTOR).map(tap).collect()).collect();
    let reach = PEAK_TAPS / PEAK_FACTOR;
    let mut peak = samples.iter().fold(0.0f64, |p, s| p.max(f64::from(s.abs())));
    for end in 0..samples.len() + reach {
        for phase in &phases {
            let sum: f64 = phase
                .iter()
                .enumerate()
                .filter_map(|(back, tap)| {
                    end.checked_sub(back).and_then(|i| samples.get(i)).map(|s| tap * f64::from(*s))
                })
                .sum();
            peak = peak.max(sum.abs());
        }
    }
    peak
}

/// Half of sinc times Kaiser window, from the centre outwards.
fn kernel() -> Vec<f64> {
    let last = CROSSINGS * POINTS;
    let norm = bessel_i0(BETA);
    (0..=last)
        .map(|i| {
            let x = i as f64 / POINTS as f64;
            let sinc = if i == 0 { 1.0 } else { (PI * x).sin() / (PI * x) };
            let edge = i as f64 / last as f64;
            sinc * bessel_i0(BETA * (1.0 - edge * edge).max(0.0).sqrt()) / norm
        })
        .collect()
}

/// Modified Bessel function of the first kind, order zero, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
    while term > 1e-16 * sum {
        term *= (x / (2.0 * k)).powi(2);
        sum += term;
        k += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f64, rate: f64, frames: usize) -> Clip {
        let wave = (0..frames).map(|i| (2.0 * PI * hz * i as f64 / rate).sin() as f32).collect();
        Clip { channels: vec![wave], rate: SampleRate::new(rate).unwrap() }
    }

    /// Largest difference from the exact sine, away from the ends.
    fn worst(from: f64, to: f64, hz: f64) -> f64 {
        let out = resample(&sine(hz, from, 8_000), SampleRate::new(to).unwrap());
        let exact = sine(hz, to, out.frames());
        let skip = 600;
        (skip..out.frames() - skip)
            .map(|i| f64::from((out.channels[0][i] - exact.channels[0][i]).abs()))
            .fold(0.0, f64::max)
    }

    #[test]
    fn a_sine_stays_the_same_sine() {
        for (from, to) in [(44_100.0, 48_000.0), (48_000.0, 44_100.0), (16_000.0, 48_000.0), (96_000.0, 22_050.0)] {
            for hz in [100.0, 1_000.0, 5_000.0] {
                let error = worst(from, to, hz);
                assert!(error < 1e-4, "{from} to {to}, {hz} Hz: {error}");
            }
        }
    }

    #[test]
    fn the_peak_between_two_samples_is_found() {
        // A sine of a quarter of the rate, sampled at 45 degrees: every sample is 0.707, the wave itself reaches 1.
        let wave: Vec<f32> = (0..4_000)
            .map(|i| (std::f64::consts::FRAC_PI_2 * f64::from(i) + std::f64::consts::FRAC_PI_4).sin() as f32)
            .collect();
        let peak = true_peak(&wave[..]);
        // The ends of the sine are steps, which ring by a few percent.
        assert!((0.99..1.2).contains(&peak), "{peak}");
        let faded: Vec<f32> =
            wave.iter().enumerate().map(|(i, s)| s * (1.0 - (i as f32 / 2_000.0 - 1.0).powi(2))).collect();
        assert!((true_peak(&faded) - 1.0).abs() < 0.02, "{}", true_peak(&faded));
        assert_eq!(true_peak(&[]), 0.0);
        // The meter it stands for, on sharp noise.
        let mut rng = continuo_core::Rng::new(3, 0);
        let noise: Vec<f32> = (0..9_600).map(|_| rng.range(-0.7, 0.7) as f32).collect();
        let mut meter = ebur128::EbuR128::new(1, 48_000, ebur128::Mode::TRUE_PEAK).unwrap();
        meter.add_frames_f32(&noise).unwrap();
        let theirs = meter.true_peak(0).unwrap();
        assert!((true_peak(&noise) / theirs - 1.0).abs() < 1e-3, "{} and {theirs}", true_peak(&noise));
    }

    #[test]
    fn what_would_fold_is_taken_out() {
        // 15 kHz does not fit into 22.05 kHz; it would come back as 7.05 kHz.
        let out = resample(&sine(15_000.0, 48_000.0, 20_000), SampleRate::new(22_050.0).unwrap());
        let peak = out.channels[0][600..out.frames() - 600].iter().fold(0.0f32, |p, s| p.max(s.abs()));
        assert!(peak < 1e-4, "{peak}");
    }
}
