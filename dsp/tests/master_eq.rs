//! The EQ against its analogue prototype, and saturation against its aliases.

use continuo_core::mastering::{EqBand, EqShape, MasterSettings};
use continuo_core::units::{Frames, SampleRate};
use continuo_dsp::{MasterChain, eq_response_db};
use realfft::num_complex::Complex;

const FRAMES: usize = 1 << 15;

/// Magnitude response in decibels of the whole chain to a small pulse, per bin.
fn measured(settings: &MasterSettings, rate: SampleRate) -> Vec<f64> {
    let mut chain = MasterChain::new(rate, Frames(4_096));
    chain.set(settings);
    // Single precision leaves 150 dB below the pulse; that is far under what is looked at.
    let (mut left, mut right) = (vec![0.0f32; FRAMES], vec![0.0f32; FRAMES]);
    left[0] = 0.05;
    chain.process(&mut left, &mut right);
    let fft = realfft::RealFftPlanner::<f64>::new().plan_fft_forward(FRAMES);
    let mut input: Vec<f64> = left.iter().map(|&x| f64::from(x) / 0.05).collect();
    let mut output: Vec<Complex<f64>> = fft.make_output_vec();
    fft.process(&mut input, &mut output).expect("lengths come from the plan");
    output.iter().map(|c| 10.0 * c.norm_sqr().max(1e-30).log10()).collect()
}

#[test]
fn the_eq_follows_the_analogue_prototype() {
    let (mut worst, mut looked, mut where_worst) = (0.0f64, 0, String::new());
    for hz in [44_100.0, 48_000.0, 96_000.0, 192_000.0] {
        let rate = SampleRate::new(hz).expect("a usable rate");
        for shape in [EqShape::Bell, EqShape::LowShelf, EqShape::HighShelf] {
            for centre in [40.0, 1_000.0, 9_000.0, 14_000.0, 18_000.0] {
                for gain_db in [-12.0, 3.0, 12.0] {
                    let qs: &[f64] = if shape == EqShape::Bell { &[0.3, 1.0, 10.0] } else { &[0.3, 0.7, 2.0] };
                    for &q in qs {
                        // A bell of Q 10 at 40 Hz rings too long for this window; 1 kHz stands for it.
                        if centre < 100.0 && q > 1.0 || (hz != 44_100.0 && q != 0.3) {
                            continue;
                        }
                        let mut settings = MasterSettings { limiter_on: false, ..Default::default() };
                        settings.eq[3] = EqBand { shape, hz: centre, gain_db, q };
                        let response = measured(&settings, rate);
                        for (bin, db) in response.iter().enumerate() {
                            let at = bin as f64 * hz / FRAMES as f64;
                            if (20.0..=20_000.0).contains(&at) && bin % 7 == 0 {
                                let error = (db - eq_response_db(&settings, at, rate)).abs();
                                if error > worst {
                                    worst = error;
                                    where_worst = format!("{hz} {shape:?} {centre} {gain_db} {q} at {at}");
                                }
                                looked += 1;
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(worst <= 0.05 && looked > 100_000, "{worst} dB: {where_worst}");
}

#[test]
fn the_stated_response_adds_bands_and_high_pass() {
    let rate = SampleRate::new(48_000.0).expect("a usable rate");
    let mut settings = MasterSettings { limiter_on: false, highpass_hz: 40.0, ..Default::default() };
    for (i, band) in settings.eq.iter_mut().enumerate() {
        band.gain_db = [3.0, -2.0, 1.5, 0.0, -6.0, 4.0, -1.0, 2.5][i];
    }
    // A second-order Butterworth is 3.01 dB down at its corner.
    let alone = MasterSettings { highpass_hz: 40.0, ..Default::default() };
    assert!((eq_response_db(&alone, 40.0, rate) + 3.0103).abs() < 1e-4);
    let response = measured(&settings, rate);
    for (bin, db) in response.iter().enumerate().skip(30).step_by(11) {
        let at = bin as f64 * 48_000.0 / FRAMES as f64;
        if at <= 20_000.0 {
            assert!((db - eq_response_db(&settings, at, rate)).abs() < 0.05, "{at}");
        }
    }
}

/// Level of the loudest thing below 20 kHz that is no harmonic, relative to the tone.
#[test]
fn saturation_keeps_aliases_under_minus_100_dbc() {
    let rate = SampleRate::new(44_100.0).expect("a usable rate");
    for nominal in [5_000.0, 10_000.0] {
        // A whole number of periods in the window, odd so that aliases do not fall on harmonics.
        let cycles = (nominal / 44_100.0 * FRAMES as f64) as usize | 1;
        let mut chain = MasterChain::new(rate, Frames(4_096));
        chain.set(&MasterSettings { limiter_on: false, saturation_db: 12.0, ..Default::default() });
        let tone = |n: usize| (std::f64::consts::TAU * ((n * cycles) % FRAMES) as f64 / FRAMES as f64).sin() as f32;
        let mut left: Vec<f32> = (0..2 * FRAMES).map(tone).collect();
        let mut right = left.clone();
        chain.process(&mut left, &mut right);
        let fft = realfft::RealFftPlanner::<f64>::new().plan_fft_forward(FRAMES);
        let mut input: Vec<f64> = left[FRAMES..].iter().map(|&x| f64::from(x)).collect();
        let mut output = fft.make_output_vec();
        fft.process(&mut input, &mut output).expect("lengths come from the plan");
        let db = |bin: usize| 10.0 * (output[bin].norm_sqr() + 1e-300).log10();
        let top = db(cycles);
        let limit = (20_000.0 / 44_100.0 * FRAMES as f64) as usize;
        let (mut worst, mut at) = (f64::MIN, 0);
        for bin in 1..limit {
            if bin % cycles != 0 && db(bin) - top > worst {
                worst = db(bin) - top;
                at = bin;
            }
        }
        assert!(worst < -100.0, "{nominal} Hz: {worst} dBc at bin {at}");
        // It does saturate: the third harmonic of the lower tone is there.
        if cycles * 3 < limit {
            assert!(db(cycles * 3) - top > -30.0);
        }
    }
}
