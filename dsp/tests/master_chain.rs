//! The master chain as a whole: exactness at rest, latency, blocks, reset, hostile input.

use continuo_core::Rng;
use continuo_core::mastering::{EqShape, MasterSettings};
use continuo_core::units::{Frames, SampleRate};
use continuo_dsp::MasterChain;

fn rate(hz: f64) -> SampleRate {
    SampleRate::new(hz).expect("a usable rate")
}

/// Everything on, nothing extreme.
fn busy() -> MasterSettings {
    let mut s = MasterSettings {
        input_gain_db: 2.0,
        highpass_hz: 25.0,
        saturation_db: 4.0,
        drive_db: 5.0,
        ..Default::default()
    };
    for (i, band) in s.eq.iter_mut().enumerate() {
        band.gain_db = if i % 2 == 0 { 3.0 } else { -4.0 };
    }
    for band in &mut s.dynamics {
        band.ratio = 2.5;
        band.threshold_db = -24.0;
        band.makeup_db = 1.0;
    }
    s.width = [0.5, 1.0, 1.2, 1.4];
    s
}

fn noise(seed: u64, frames: usize, level: f64) -> (Vec<f32>, Vec<f32>) {
    let mut rng = Rng::new(seed, 0);
    (0..frames).map(|_| (rng.range(-level, level) as f32, rng.range(-level, level) as f32)).unzip()
}

fn run(chain: &mut MasterChain, left: &mut [f32], right: &mut [f32], block: usize) {
    for (l, r) in left.chunks_mut(block).zip(right.chunks_mut(block)) {
        chain.process(l, r);
    }
}

#[test]
fn at_rest_it_is_a_delay_to_the_bit() {
    for hz in [22_050.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0] {
        for limiter_on in [true, false] {
            let mut chain = MasterChain::new(rate(hz), Frames(512));
            chain.set(&MasterSettings { limiter_on, ..Default::default() });
            let (mut left, mut right) = noise(1, 6_000, 0.3);
            left[100] = -0.0;
            left[101] = f32::MIN_POSITIVE / 64.0;
            right[102] = -f32::MIN_POSITIVE / 4096.0;
            let (l0, r0) = (left.clone(), right.clone());
            run(&mut chain, &mut left, &mut right, 97);
            let delay = chain.latency().0 as usize;
            assert!(delay > 0 && delay < 2_000);
            for n in delay..6_000 {
                assert_eq!(left[n].to_bits(), l0[n - delay].to_bits(), "{hz} {n}");
                assert_eq!(right[n].to_bits(), r0[n - delay].to_bits(), "{hz} {n}");
            }
        }
    }
}

/// Delay measured by correlation with the input while every stage works.
#[test]
fn the_latency_is_where_it_says_with_every_stage_on() {
    for hz in [44_100.0, 48_000.0, 96_000.0, 192_000.0] {
        let mut chain = MasterChain::new(rate(hz), Frames(512));
        // EQ and saturation only: they work oversampled, and a mild setting keeps the pulse a pulse.
        let mut settings = MasterSettings { saturation_db: 6.0, limiter_on: true, ..Default::default() };
        settings.eq[4].gain_db = 2.0;
        chain.set(&settings);
        let mut left = vec![0.0f32; 4_000];
        left[1_000] = 0.5;
        let mut right = left.clone();
        run(&mut chain, &mut left, &mut right, 64);
        let peak = (0..4_000).max_by(|&a, &b| left[a].abs().total_cmp(&left[b].abs()));
        assert_eq!(peak, Some(1_000 + chain.latency().0 as usize), "{hz}");
    }
}

#[test]
fn block_sizes_do_not_matter() {
    let (l0, r0) = noise(2, 20_000, 0.7);
    let mut first: Option<(Vec<f32>, Vec<f32>)> = None;
    for block in [1usize, 7, 64, 512, 4096] {
        let mut chain = MasterChain::new(rate(44_100.0), Frames(block as u64));
        let (mut left, mut right) = (l0.clone(), r0.clone());
        // A change of settings at frame 8192, whatever the blocks.
        let (la, lb) = left.split_at_mut(8_192);
        let (ra, rb) = right.split_at_mut(8_192);
        run(&mut chain, la, ra, block);
        chain.set(&busy());
        run(&mut chain, lb, rb, block);
        match &first {
            None => first = Some((left, right)),
            Some((l, r)) => {
                let same = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(x, y)| x.to_bits() == y.to_bits());
                assert!(same(l, &left) && same(r, &right), "block {block}");
            }
        }
    }
}

#[test]
fn reset_means_fresh() {
    for settings in [MasterSettings::default(), busy()] {
        let mut used = MasterChain::new(rate(48_000.0), Frames(512));
        used.set(&settings);
        let (mut a, mut b) = noise(3, 9_999, 0.9);
        run(&mut used, &mut a, &mut b, 512);
        used.reset();
        let mut fresh = MasterChain::new(rate(48_000.0), Frames(512));
        fresh.set(&settings);
        let (mut l1, mut r1) = noise(4, 9_999, 0.9);
        let (mut l2, mut r2) = (l1.clone(), r1.clone());
        run(&mut used, &mut l1, &mut r1, 512);
        run(&mut fresh, &mut l2, &mut r2, 512);
        assert!(l1 == l2 && r1 == r2);
    }
}

#[test]
fn hostile_input_comes_out_finite_and_dies_away() {
    for hz in [22_050.0, 44_100.0, 192_000.0] {
        let mut chain = MasterChain::new(rate(hz), Frames(512));
        chain.set(&busy());
        let (mut left, mut right) = noise(5, 4_000, 1.0);
        for n in 0..4_000 {
            match n % 13 {
                0 => left[n] = f32::NAN,
                1 => right[n] = f32::INFINITY,
                2 => left[n] = f32::MAX,
                3 => right[n] = -f32::MAX,
                4 => left[n] = f32::MIN_POSITIVE / 3.0,
                _ => {}
            }
        }
        run(&mut chain, &mut left, &mut right, 512);
        assert!(left.iter().chain(&right).all(|x| x.is_finite()));
        // Numbers of 1e38 ring for a while: 8 s of silence, then it must be silent and finite.
        let mut quiet = vec![0.0f32; (8.0 * hz) as usize];
        let mut quiet_right = quiet.clone();
        run(&mut chain, &mut quiet, &mut quiet_right, 512);
        assert!(quiet.iter().chain(&quiet_right).all(|x| x.is_finite()));
        assert!(quiet.iter().rev().chain(quiet_right.iter().rev()).take(1_000).all(|x| x.abs() < 1e-6), "{hz}");
    }
}

#[test]
fn settings_that_are_not_numbers_leave_it_at_rest() {
    let mut chain = MasterChain::new(rate(48_000.0), Frames(64));
    let mut settings = MasterSettings { input_gain_db: f64::NAN, highpass_hz: f64::NAN, ..Default::default() };
    settings.eq[2].gain_db = f64::INFINITY;
    settings.eq[3].hz = f64::NAN;
    settings.dynamics[0].ratio = f64::NAN;
    settings.width[1] = f64::NAN;
    settings.saturation_db = f64::NAN;
    settings.drive_db = f64::NEG_INFINITY;
    settings.ceiling_dbtp = f64::NAN;
    settings.release_ms = f64::NAN;
    chain.set(&settings);
    let (mut left, mut right) = noise(6, 4_000, 0.2);
    let l0 = left.clone();
    run(&mut chain, &mut left, &mut right, 512);
    let delay = chain.latency().0 as usize;
    assert!((delay..4_000).all(|n| left[n] == l0[n - delay]));
}

/// After a stage was used and put back, the chain is exact again.
#[test]
fn it_comes_to_rest_after_work() {
    let mut chain = MasterChain::new(rate(48_000.0), Frames(64));
    let (mut left, mut right) = noise(7, 60_000, 0.2);
    let l0 = left.clone();
    let mut gentle = busy();
    gentle.drive_db = 0.0;
    gentle.input_gain_db = 0.0;
    let settings = [MasterSettings::default(), gentle, MasterSettings::default()];
    for (i, settings) in settings.iter().enumerate() {
        chain.set(settings);
        let (from, to) = ([0, 10_000, 25_000][i], [10_000, 25_000, 60_000][i]);
        run(&mut chain, &mut left[from..to], &mut right[from..to], 64);
    }
    let delay = chain.latency().0 as usize;
    let same = |n: usize| left[n].to_bits() == l0[n - delay].to_bits();
    assert!((delay..10_000).all(same));
    assert!(!(20_000..25_000).all(same));
    assert!((50_000..60_000).all(same));
}

/// A +12 dB step on a 1 kHz tone may not splatter: at most -80 dBc outside 900 to 1,100 Hz.
#[test]
fn a_parameter_step_does_not_splatter() {
    let hz = 48_000.0;
    for kind in 0..3 {
        let mut chain = MasterChain::new(rate(hz), Frames(64));
        let frames = 1 << 16;
        let mut settings = MasterSettings { limiter_on: false, ..Default::default() };
        if kind == 2 {
            settings.eq[4].gain_db = 0.1;
        }
        let tone = |n: usize| (0.1 * (std::f64::consts::TAU * 1_000.0 * n as f64 / hz).sin()) as f32;
        let (mut left, mut right): (Vec<f32>, Vec<f32>) = (0..frames).map(|n| (tone(n), tone(n))).unzip();
        chain.set(&settings);
        let half = frames / 2;
        run(&mut chain, &mut left[..half], &mut right[..half], 64);
        match kind {
            0 => settings.input_gain_db = 12.0,
            1 => {
                settings.eq[4] =
                    continuo_core::mastering::EqBand { shape: EqShape::Bell, hz: 1_000.0, gain_db: 12.0, q: 1.0 }
            }
            _ => settings.eq[4].gain_db = 12.0,
        }
        chain.set(&settings);
        run(&mut chain, &mut left[half..], &mut right[half..], 64);
        let skip = chain.latency().0 as usize + 2_000;
        let spectrum = spectrum_db(&left[skip..skip + 61_440]);
        let hz_of = |bin: usize| bin as f64 * hz / 61_440.0;
        let top = spectrum.iter().copied().fold(f64::MIN, f64::max);
        let spur = (0..spectrum.len())
            .filter(|&b| !(900.0..1_100.0).contains(&hz_of(b)))
            .map(|b| spectrum[b] - top)
            .fold(f64::MIN, f64::max);
        assert!(spur < -80.0, "kind {kind}: {spur} dBc");
    }
}

/// Blackman-Harris windowed magnitude spectrum, decibels.
fn spectrum_db(signal: &[f32]) -> Vec<f64> {
    let len = signal.len();
    let fft = realfft::RealFftPlanner::<f64>::new().plan_fft_forward(len);
    let mut input: Vec<f64> = signal
        .iter()
        .enumerate()
        .map(|(n, &x)| {
            let t = std::f64::consts::TAU * n as f64 / len as f64;
            let w = 0.35875 - 0.48829 * t.cos() + 0.14128 * (2.0 * t).cos() - 0.01168 * (3.0 * t).cos();
            f64::from(x) * w
        })
        .collect();
    let mut output = fft.make_output_vec();
    fft.process(&mut input, &mut output).expect("lengths come from the plan");
    output.iter().map(|c| 10.0 * (c.norm_sqr() + 1e-300).log10()).collect()
}
