//! The meters against the EBU's own cases and against another implementation.

use continuo_core::Rng;
use continuo_core::units::SampleRate;
use continuo_dsp::{Meter, Reading};

fn meter(hz: f64) -> Meter {
    Meter::new(SampleRate::new(hz).expect("a usable rate"))
}

/// A stereo 1 kHz sine through levels in dBFS peak, each for so many seconds.
fn steps(hz: f64, steps: &[(f64, f64)]) -> Vec<f32> {
    let mut out = Vec::new();
    for &(db, seconds) in steps {
        let amp = 10f64.powf(db / 20.0);
        for _ in 0..(seconds * hz).round() as usize {
            let n = out.len() as f64;
            out.push((amp * (std::f64::consts::TAU * 1_000.0 * n / hz).sin()) as f32);
        }
    }
    out
}

fn read(hz: f64, signal: &[f32]) -> Reading {
    let mut meter = meter(hz);
    for block in signal.chunks(480) {
        meter.process(block, block);
    }
    meter.finish();
    meter.reading()
}

#[test]
fn tech_3341_loudness_cases() {
    let near = |value: f64, expected: f64| assert!((value - expected).abs() <= 0.1, "{value} instead of {expected}");
    for hz in [44_100.0, 48_000.0] {
        for level in [-23.0, -33.0] {
            let r = read(hz, &steps(hz, &[(level, 20.0)]));
            near(r.momentary_lufs, level);
            near(r.short_term_lufs, level);
            near(r.integrated_lufs, level);
        }
    }
    let hz = 48_000.0;
    near(read(hz, &steps(hz, &[(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)])).integrated_lufs, -23.0);
    let case_4 = [(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)];
    near(read(hz, &steps(hz, &case_4)).integrated_lufs, -23.0);
    near(read(hz, &steps(hz, &[(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)])).integrated_lufs, -23.0);
    // Cases 9 and 12: constant short-term and momentary loudness in a flickering signal.
    near(read(hz, &steps(hz, &[(-20.0, 1.34), (-30.0, 1.66)].repeat(5))).short_term_lufs, -23.0);
    let case_12 = read(hz, &steps(hz, &[(-20.0, 0.18), (-30.0, 0.22)].repeat(25)));
    near(case_12.momentary_lufs, -23.0);
    near(case_12.max_momentary_lufs, -23.0);
}

#[test]
fn tech_3341_true_peak_cases() {
    // Cases 15 to 19: (divider of the rate, phase in degrees, amplitude, dBTP), allowed +0.2 and -0.4 dB.
    let cases = [
        (4.0, 0.0, 0.5, -6.0),
        (4.0, 45.0, 0.5, -6.0),
        (6.0, 60.0, 0.5, -6.0),
        (8.0, 67.5, 0.5, -6.0),
        (4.0, 45.0, 1.41, 3.0),
    ];
    let hz = 48_000.0;
    for (divider, degrees, amp, expected) in cases {
        let phase = f64::to_radians(degrees);
        let signal: Vec<f32> = (0..48_000)
            .map(|n| {
                // Soft ends: a sine that is cut has higher peaks than itself.
                let edge = (f64::from(n.min(47_999 - n)) / 4_800.0).min(1.0);
                (edge * amp * (std::f64::consts::TAU * f64::from(n) / divider + phase).sin()) as f32
            })
            .collect();
        let r = read(hz, &signal);
        let off = r.true_peak_dbtp - expected;
        assert!((-0.05..=0.05).contains(&off), "fs/{divider} {degrees}: {off}");
        assert!(r.true_peak_dbtp >= r.sample_peak_dbfs);
    }
}

#[test]
fn tech_3342_range_cases() {
    let hz = 48_000.0;
    let cases: [(&[(f64, f64)], f64); 4] = [
        (&[(-20.0, 20.0), (-30.0, 20.0)], 10.0),
        (&[(-20.0, 20.0), (-15.0, 20.0)], 5.0),
        (&[(-40.0, 20.0), (-20.0, 20.0)], 20.0),
        (&[(-50.0, 20.0), (-35.0, 20.0), (-20.0, 20.0), (-35.0, 20.0), (-50.0, 20.0)], 15.0),
    ];
    for (levels, expected) in cases {
        let range = read(hz, &steps(hz, levels)).range_lu;
        assert!((range - expected).abs() <= 1.0, "{range} instead of {expected}");
    }
}

#[test]
fn another_implementation_agrees() {
    for (seed, hz) in [(1, 44_100.0), (2, 48_000.0), (3, 96_000.0)] {
        let mut rng = Rng::new(seed, 0);
        let frames = (12.0 * hz) as usize;
        // Noise whose level wanders over 40 dB, with a different one on the other side.
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let (mut level, mut aim) = (-20.0, -20.0);
        // Gently low-passed, since the two interpolators differ in the last kilohertz before the band edge.
        let mut soft = [0.0f64; 2];
        for n in 0..frames {
            if n % (hz as usize / 2) == 0 {
                aim = rng.range(-50.0, -6.0);
            }
            level += (aim - level) * 20.0 / hz;
            let amp = 10f64.powf(level / 20.0);
            soft[0] += 0.3 * (amp * rng.range(-1.0, 1.0) - soft[0]);
            soft[1] += 0.3 * (soft[0] - soft[1]);
            left.push(soft[1] as f32);
            right.push((0.6 * soft[1] + 0.1 * amp * rng.range(-1.0, 1.0)) as f32);
        }
        let mut other = ebur128::EbuR128::new(2, hz as u32, ebur128::Mode::all()).expect("a meter");
        other.add_frames_planar_f32(&[&left, &right]).expect("frames");
        let mut ours = meter(hz);
        for (l, r) in left.chunks(777).zip(right.chunks(777)) {
            ours.process(l, r);
        }
        ours.finish();
        let r = ours.reading();
        let same =
            |a: f64, b: f64, within: f64, what: &str| assert!((a - b).abs() <= within, "{what} at {hz}: {a} {b}");
        same(r.integrated_lufs, other.loudness_global().expect("a loudness"), 0.03, "integrated");
        same(r.momentary_lufs, other.loudness_momentary().expect("a loudness"), 0.03, "momentary");
        same(r.short_term_lufs, other.loudness_shortterm().expect("a loudness"), 0.03, "short-term");
        let peak = left.iter().chain(&right).fold(0.0f32, |p, x| p.max(x.abs()));
        same(r.sample_peak_dbfs, 20.0 * f64::from(peak).log10(), 1e-6, "sample peak");
        let theirs = other.true_peak(0).expect("a peak").max(other.true_peak(1).expect("a peak"));
        same(r.true_peak_dbtp, 20.0 * theirs.log10(), 0.3, "true peak");
        assert!((r.plr_db() - (r.true_peak_dbtp - r.integrated_lufs)).abs() < 1e-12);
    }
}

#[test]
fn blocks_do_not_matter_reset_means_fresh_and_silence_is_no_number() {
    let mut rng = Rng::new(4, 0);
    let signal: Vec<f32> =
        (0..100_000).map(|n| if n % 1_000 == 3 { f32::NAN } else { rng.range(-0.5, 0.5) as f32 }).collect();
    let mut one = meter(44_100.0);
    one.process(&signal, &signal);
    let mut many = meter(44_100.0);
    signal.chunks(7).for_each(|b| many.process(b, b));
    assert_eq!(one.reading(), many.reading());
    assert!(one.reading().integrated_lufs.is_finite());
    many.reset();
    assert_eq!(many.reading(), Reading::SILENCE);
    signal.chunks(64).for_each(|b| many.process(b, b));
    assert_eq!(one.reading(), many.reading());
    let quiet = read(48_000.0, &vec![0.0; 48_000 * 4]);
    assert_eq!(quiet.integrated_lufs, f64::NEG_INFINITY);
    assert_eq!(quiet.plr_db(), 0.0);
}
