//! Level and change of a recording, frame by frame.

use super::{HOP, ListenError, RATE, around, check, frame_seconds};
use realfft::RealFftPlanner;
use std::sync::atomic::AtomicBool;

/// Level of every frame, dBFS RMS over 23 ms.
pub fn levels(samples: &[f32]) -> Vec<f64> {
    let mut frame = vec![0.0; 512];
    (0..=samples.len() / HOP)
        .map(|i| {
            around(samples, i * HOP, &mut frame);
            let mean = frame.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / frame.len() as f64;
            10.0 * mean.max(1e-20).log10()
        })
        .collect()
}

/// Bands per octave of the flux.
const BANDS: usize = 24;
const FFT: usize = 1024;
/// Frames between the spectra that are compared: 30 ms.
const LAG: usize = 3;

/// How much new sound begins in every frame: the rise of the log spectrum over the strongest of the neighbouring bands a
/// little earlier, which leaves vibrato out (SuperFlux: Böck and Widmer 2013).
pub fn flux(samples: &[f32], cancel: &AtomicBool) -> Result<Vec<f64>, ListenError> {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(FFT);
    let mut spectrum = fft.make_output_vec();
    let mut frame = vec![0.0f32; FFT];
    let window: Vec<f32> =
        (0..FFT).map(|i| 0.5 - 0.5 * (std::f32::consts::TAU * i as f32 / FFT as f32).cos()).collect();
    let edges = band_edges();
    let mut rows: Vec<Vec<f64>> = Vec::new();
    let mut out = Vec::new();
    for i in 0..=samples.len() / HOP {
        if i % 256 == 0 {
            check(cancel)?;
        }
        around(samples, i * HOP, &mut frame);
        frame.iter_mut().zip(&window).for_each(|(s, w)| *s *= w);
        // The buffers have the planned lengths, so the transform cannot fail.
        let _ = fft.process(&mut frame, &mut spectrum);
        let row: Vec<f64> = edges
            .windows(2)
            .map(|e| {
                let sum: f64 = spectrum[e[0]..e[1].max(e[0] + 1)].iter().map(|c| f64::from(c.norm())).sum();
                (1.0 + 10.0 * sum).log10()
            })
            .collect();
        let rise = match rows.len().checked_sub(LAG) {
            Some(earlier) => row
                .iter()
                .enumerate()
                .map(|(b, &now)| {
                    let past = &rows[earlier];
                    let top = past[b.saturating_sub(1)..(b + 2).min(past.len())].iter().copied().fold(0.0, f64::max);
                    (now - top).max(0.0)
                })
                .sum(),
            None => 0.0,
        };
        out.push(rise);
        rows.push(row);
    }
    Ok(out)
}

/// Bins at which the bands begin, from 60 Hz up; each band at least one bin wide.
fn band_edges() -> Vec<usize> {
    let mut edges = Vec::new();
    let mut hz = 60.0;
    while hz < 0.48 * RATE {
        let bin = (hz * FFT as f64 / RATE).round() as usize;
        if edges.last() != Some(&bin) {
            edges.push(bin);
        }
        hz *= (1.0 / BANDS as f64).exp2();
    }
    edges
}

/// Moments at which something begins, with their strength: peaks of the flux well over its surroundings.
pub fn peaks(flux: &[f64]) -> Vec<(f64, f64)> {
    let top = flux.iter().copied().fold(0.0, f64::max);
    let mut out = Vec::new();
    for i in 0..flux.len() {
        let near = &flux[i.saturating_sub(3)..(i + 4).min(flux.len())];
        let wide = &flux[i.saturating_sub(30)..(i + 31).min(flux.len())];
        let mean = wide.iter().sum::<f64>() / wide.len() as f64;
        let is_top = near.iter().all(|&v| v <= flux[i]) && !near[..i.min(3)].contains(&flux[i]);
        if is_top && flux[i] > 1.6 * mean + 0.08 * top {
            // The rise is seen when the new sound fills about half of the lag.
            out.push(((frame_seconds(i) - frame_seconds(LAG) / 2.0).max(0.0), flux[i] / top.max(1e-12)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clicks_are_found_where_they_are() {
        let mut samples = vec![0.0f32; 4 * 22_050];
        for k in 0..7 {
            let at = (0.5 * f64::from(k + 1) * RATE) as usize;
            for (i, s) in samples[at..at + 800].iter_mut().enumerate() {
                *s = (i as f32 * 0.35).sin() * (-(i as f32) / 200.0).exp();
            }
        }
        let found = peaks(&flux(&samples, &AtomicBool::new(false)).unwrap());
        assert_eq!(found.len(), 7, "{found:?}");
        for (k, peak) in found.iter().enumerate() {
            assert!((peak.0 - 0.5 * (k as f64 + 1.0)).abs() < 0.03, "{found:?}");
        }
    }

    #[test]
    fn a_full_scale_sine_has_a_level_of_minus_three() {
        let samples: Vec<f32> = (0..22_050).map(|i| (i as f32 * 0.2).sin()).collect();
        let level = levels(&samples)[50];
        assert!((level + 3.01).abs() < 0.15, "{level}");
    }
}
