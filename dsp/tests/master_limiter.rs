//! The limiter's promises: the ceiling holds between the samples, bass stays clean, the gain comes back.

use continuo_core::Rng;
use continuo_core::mastering::MasterSettings;
use continuo_core::units::{Frames, SampleRate};
use continuo_dsp::MasterChain;

const RATE: f64 = 44_100.0;

fn limited(input: &[f32], settings: &MasterSettings) -> (Vec<f32>, usize) {
    let mut chain = MasterChain::new(SampleRate::new(RATE).expect("a usable rate"), Frames(512));
    chain.set(settings);
    let (mut left, mut right) = (input.to_vec(), input.to_vec());
    chain.process(&mut left, &mut right);
    assert_eq!(left, right);
    (left, chain.latency().0 as usize)
}

/// 16 times oversampled peak by a plain windowed sinc of 129 taps: slow, and not the limiter's own interpolator.
fn peak_16x(signal: &[f32]) -> (f64, usize) {
    const HALF: i64 = 64;
    let mut tables = Vec::new();
    for phase in 0..16 {
        let frac = f64::from(phase) / 16.0;
        let taps: Vec<f64> = (-HALF..=HALF)
            .map(|i| {
                let t = i as f64 - frac;
                let x = std::f64::consts::PI * t;
                let sinc = if t.abs() < 1e-12 { 1.0 } else { x.sin() / x };
                let w = (std::f64::consts::FRAC_PI_2 * t / (HALF as f64 + 1.0)).cos().powi(2);
                sinc * w
            })
            .collect();
        tables.push(taps);
    }
    let mut peak = (0.0f64, 0);
    for n in HALF as usize..signal.len() - HALF as usize {
        let window = &signal[n - HALF as usize..=n + HALF as usize];
        for taps in &tables {
            let y: f64 = taps.iter().zip(window).map(|(t, x)| t * f64::from(*x)).sum();
            if y.abs() > peak.0 {
                peak = (y.abs(), n);
            }
        }
    }
    peak
}

fn ebur128_peak(signal: &[f32]) -> f64 {
    let mut meter = ebur128::EbuR128::new(1, RATE as u32, ebur128::Mode::TRUE_PEAK).expect("a meter");
    meter.add_frames_f32(signal).expect("frames");
    meter.true_peak(0).expect("a peak")
}

fn hard_signals() -> Vec<(&'static str, Vec<f32>)> {
    let frames = 16_000usize;
    let over = 10f64.powf(8.0 / 20.0);
    let sine = |hz: f64, phase: f64| -> Vec<f32> {
        (0..frames).map(|n| (over * (std::f64::consts::TAU * hz / RATE * n as f64 + phase).sin()) as f32).collect()
    };
    let mut rng = Rng::new(11, 0);
    let noise: Vec<f32> = (0..frames).map(|_| (over * rng.range(-1.0, 1.0)) as f32).collect();
    let bursts: Vec<f32> = (0..frames)
        .map(|n| if (n / 2_000) % 2 == 0 { (over * rng.normal() * 0.4) as f32 } else { (0.01 * rng.normal()) as f32 })
        .collect();
    let square: Vec<f32> = (0..frames).map(|n| if (n / 50) % 2 == 0 { over as f32 } else { -over as f32 }).collect();
    let fast: Vec<f32> = (0..frames).map(|n| if (n / 3) % 2 == 0 { over as f32 } else { -over as f32 }).collect();
    let clicks: Vec<f32> = (0..frames)
        .map(|n| {
            if n % 997 == 0 {
                4.0
            } else if n % 997 == 1 {
                -4.0
            } else {
                0.0
            }
        })
        .collect();
    // Music-like: a chord with a hard attack every quarter of a second.
    let chord: Vec<f32> = (0..frames)
        .map(|n| {
            let t = (n % 5_512) as f64 / RATE;
            let tones: f64 = [110.0, 277.2, 440.0, 1_318.5, 5_274.0, 9_956.0]
                .iter()
                .map(|hz| (std::f64::consts::TAU * hz * t).sin() * (-t * hz / 300.0).exp())
                .sum();
            (over * 0.6 * tones) as f32
        })
        .collect();
    vec![
        ("fs/4 at 45 degrees", sine(RATE / 4.0, std::f64::consts::FRAC_PI_4)),
        ("17.2 kHz", sine(17_200.0, 0.3)),
        ("997 Hz", sine(997.0, 0.0)),
        ("19.9 kHz", sine(19_900.0, 0.1)),
        ("white noise", noise),
        ("noise bursts", bursts),
        ("square", square),
        ("fast square", fast),
        ("clicks", clicks),
        ("chords", chord),
    ]
}

#[test]
fn the_true_peak_ceiling_holds_for_two_other_meters() {
    let mut lines = String::new();
    let mut failed = false;
    for ceiling_dbtp in [-1.0, -0.1] {
        for (name, signal) in hard_signals() {
            let (out, _) = limited(&signal, &MasterSettings { ceiling_dbtp, ..Default::default() });
            let ceiling = 10f64.powf(ceiling_dbtp / 20.0);
            let db = |peak: f64| 20.0 * (peak / ceiling).log10();
            let (sample, crate_peak, (slow, place)) =
                (out.iter().fold(0.0f64, |p, x| p.max(f64::from(x.abs()))), ebur128_peak(&out), peak_16x(&out));
            lines += &format!(
                "{name}: sample {:.3} ebur128 {:.3} 16x {:.3} dB at {place}\n",
                db(sample),
                db(crate_peak),
                db(slow)
            );
            failed |= db(sample) > 0.0 || db(crate_peak) > 0.0 || db(slow) > 0.0;
            // And not needlessly low.
            failed |= db(slow.max(crate_peak)) < -0.6;
        }
    }
    assert!(!failed, "\n{lines}");
}

#[test]
fn a_loud_bass_tone_stays_clean_and_the_gain_comes_back() {
    let over = 10f64.powf(8.0 / 20.0);
    let len = 1 << 16;
    // 50 Hz to the nearest whole number of periods in the window.
    let cycles = (50.0 / RATE * len as f64).round();
    let hz = cycles * RATE / len as f64;
    let tone: Vec<f32> =
        (0..2 * len).map(|n| (over * (std::f64::consts::TAU * hz * n as f64 / RATE).sin()) as f32).collect();
    let (out, _) = limited(&tone, &MasterSettings::default());
    let fft = realfft::RealFftPlanner::<f64>::new().plan_fft_forward(len);
    let mut input: Vec<f64> = out[len..].iter().map(|&x| f64::from(x)).collect();
    let mut spectrum = fft.make_output_vec();
    fft.process(&mut input, &mut spectrum).expect("lengths come from the plan");
    let total: f64 = spectrum.iter().map(|c| c.norm_sqr()).sum();
    let fundamental = spectrum[cycles as usize].norm_sqr();
    let thd_n = 10.0 * ((total - fundamental) / total).log10();
    assert!(thd_n < -80.0, "{thd_n} dB");

    // A burst 8 dB over the ceiling, then a quiet tone: within 0.5 dB of its own level 200 ms later.
    let burst_end = 44_100;
    let signal: Vec<f32> = (0..88_200)
        .map(|n| {
            let level = if n < burst_end { over } else { 0.25 };
            (level * (std::f64::consts::TAU * 997.0 * f64::from(n) / RATE).sin()) as f32
        })
        .collect();
    let (out, delay) = limited(&signal, &MasterSettings::default());
    let from = burst_end as usize + delay + (0.2 * RATE) as usize;
    let rms = |s: &[f32]| (s.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / s.len() as f64).sqrt();
    let db = 20.0 * (rms(&out[from..from + 442]) / rms(&signal[from - delay..from - delay + 442])).log10();
    assert!(db > -0.5 && db <= 0.01, "{db} dB");
}
