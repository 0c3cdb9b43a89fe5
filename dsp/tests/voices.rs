//! The instruments: in tune, on time, without clicks, and silent in the end.

use continuo_core::units::SamplePos;
use continuo_core::units::{Frames, SampleRate};
use continuo_core::{Part, Rng};
use continuo_dsp::{Instrument, MixSettings, NoteEvent, PartSettings, render_parts};

const RATE: f64 = 48_000.0;

fn rate() -> SampleRate {
    SampleRate::new(RATE).expect("a usable rate")
}

fn play(
    part: Part,
    frames: usize,
    block: usize,
    mut at_block: impl FnMut(&mut Instrument, usize),
) -> (Vec<f32>, Vec<f32>) {
    let mut instrument = Instrument::new(part, rate(), Frames(block as u64));
    let (mut left, mut right) = (vec![0.0f32; frames], vec![0.0f32; frames]);
    for (i, (l, r)) in left.chunks_mut(block).zip(right.chunks_mut(block)).enumerate() {
        at_block(&mut instrument, i * block);
        instrument.render(l, r);
    }
    (left, right)
}

/// Frequency of the strongest partial near `expected`, from the power around it, so that players a little apart count as one section.
fn measured_hz(signal: &[f32], expected: f64) -> f64 {
    let len = signal.len();
    let fft = realfft::RealFftPlanner::<f64>::new().plan_fft_forward(len);
    let mut input: Vec<f64> = signal
        .iter()
        .enumerate()
        .map(|(n, &x)| {
            let t = std::f64::consts::TAU * n as f64 / len as f64;
            f64::from(x) * (0.35875 - 0.48829 * t.cos() + 0.14128 * (2.0 * t).cos() - 0.01168 * (3.0 * t).cos())
        })
        .collect();
    let mut output = fft.make_output_vec();
    fft.process(&mut input, &mut output).expect("lengths come from the plan");
    let bin = |hz: f64| (hz * len as f64 / RATE) as usize;
    let (low, high) = (bin(expected * 0.975), bin(expected * 1.025) + 1);
    let (mut sum, mut weight) = (0.0, 0.0);
    for (b, value) in output.iter().enumerate().take(high.max(low + 9)).skip(low) {
        sum += value.norm_sqr() * b as f64;
        weight += value.norm_sqr();
    }
    sum / weight * RATE / len as f64
}

#[test]
fn every_pitched_part_is_in_tune() {
    let mut looked = 0;
    for part in [Part::Keys, Part::Bass, Part::Strings] {
        for pitch in part.range().step_by(7) {
            // Players a few cents apart are told apart, and averaged, in a long window only.
            let size = if part == Part::Strings { 1 << 19 } else { 1 << 17 };
            let frames = size + 9_600;
            let (left, right) = play(part, frames, 4_096, |instrument, at| {
                if at == 0 {
                    instrument.note_on(pitch, 100, Frames(0));
                }
            });
            let mono: Vec<f32> = left.iter().zip(&right).map(|(l, r)| l + r).collect();
            let expected = 440.0 * ((f64::from(pitch) - 69.0) / 12.0).exp2();
            let hz = measured_hz(&mono[4_800..4_800 + size], expected);
            let cents = 1_200.0 * (hz / expected).log2();
            assert!(cents.abs() < 2.0, "{part} {pitch}: {cents} cents");
            looked += 1;
        }
    }
    assert!(looked > 20);
}

#[test]
fn notes_die_away_to_silence_and_carry_no_dc() {
    for part in Part::ALL {
        let mut instrument = Instrument::new(part, rate(), Frames(512));
        let keys: Vec<u8> = part.range().step_by(5).collect();
        let (mut left, mut right) = (vec![0.0f32; 48_000], vec![0.0f32; 48_000]);
        for &key in &keys {
            instrument.note_on(key, 110, Frames(0));
            instrument.note_off(key, Frames(24_000));
        }
        instrument.render(&mut left, &mut right);
        assert!(left.iter().any(|x| x.abs() > 0.01), "{part}");
        let mut sum = left.iter().map(|&x| f64::from(x)).sum::<f64>();
        let peak = left.iter().fold(0.0f32, |p, x| p.max(x.abs()));
        let mut seconds = 1;
        while !instrument.is_silent() && seconds < 30 {
            left.fill(0.0);
            right.fill(0.0);
            instrument.render(&mut left, &mut right);
            sum += left.iter().map(|&x| f64::from(x)).sum::<f64>();
            seconds += 1;
        }
        assert!(instrument.is_silent(), "{part} still sounds");
        let dc = sum / (f64::from(seconds) * 48_000.0);
        assert!(dc.abs() < 1e-4 * f64::from(peak), "{part}: {dc}");
        left.fill(0.0);
        instrument.render(&mut left, &mut right);
        assert!(left.iter().all(|&x| x == 0.0));
    }
}

/// The sharpest corner of a waveform: its largest second difference.
fn corner(signal: &[f32]) -> f32 {
    signal.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs()).fold(0.0, f32::max)
}

#[test]
fn stealing_does_not_click() {
    // All voices busy with long soft low notes; then a soft low note more. What is stolen must not be heard as a corner.
    for (part, voices, low) in [(Part::Keys, 32u8, 24u8), (Part::Strings, 16, 40), (Part::Bass, 2, 30)] {
        let frames = 96_000;
        let steal = 60_000;
        let (left, _) = play(part, frames, 500, |instrument, at| {
            if at == 0 {
                for i in 0..voices {
                    instrument.note_on(low + i, 70, Frames(0));
                }
            }
            if at == steal {
                instrument.note_on(low + voices, 20, Frames(0));
            }
        });
        let usual = corner(&left[steal - 8_000..steal - 100]);
        let at_steal = corner(&left[steal - 10..steal + 1_000]);
        assert!(usual > 0.0 && at_steal < 1.6 * usual, "{part}: {at_steal} against {usual}");
    }
}

#[test]
fn notes_sound_on_their_sample_whatever_the_blocks() {
    for part in Part::ALL {
        let mut rng = Rng::new(21, part.index() as u64);
        let span = u32::from(part.range().end() - part.range().start()) as usize;
        let events: Vec<(usize, u8, u8)> = (0..60)
            .map(|_| {
                let key = part.range().start() + rng.below(span) as u8;
                (rng.below(30_000), key, if rng.chance(0.6) { 1 + rng.below(127) as u8 } else { 0 })
            })
            .collect();
        let mut first: Option<(Vec<f32>, Vec<f32>)> = None;
        for block in [1usize, 7, 64, 512, 4_096] {
            let out = play(part, 40_000, block, |instrument, at| {
                for &(frame, key, velocity) in events.iter().filter(|e| (at..at + block).contains(&e.0)) {
                    instrument.note_on(key, velocity, Frames((frame - at) as u64));
                }
            });
            match &first {
                None => first = Some(out),
                Some(one) => assert!(*one == out, "{part} at {block}"),
            }
        }
    }
}

#[test]
fn a_note_begins_on_its_frame() {
    for part in Part::ALL {
        let key = if part == Part::Drums { 36 } else { part.range().start() + 12 };
        let (left, _) = play(part, 4_000, 1_000, |instrument, at| {
            if at == 1_000 {
                instrument.note_on(key, 127, Frames(234));
            }
        });
        assert!(left[..1_234].iter().all(|&x| x == 0.0), "{part}");
        assert!(left[1_234..1_300].iter().any(|&x| x != 0.0), "{part}");
    }
}

#[test]
fn reset_means_fresh_and_hostile_notes_do_no_harm() {
    for part in Part::ALL {
        let mut used = Instrument::new(part, rate(), Frames(256));
        let (mut left, mut right) = (vec![0.0f32; 4_096], vec![0.0f32; 4_096]);
        for i in 0..6_000u32 {
            used.note_on((i % 256) as u8, (i % 255) as u8, Frames(u64::from(i * 7919)));
            used.note_off((i % 251) as u8, Frames(u64::MAX));
        }
        used.render(&mut left, &mut right);
        assert!(left.iter().chain(&right).all(|x| x.is_finite() && x.abs() < 8.0), "{part}");
        used.reset();
        let mut fresh = Instrument::new(part, rate(), Frames(256));
        let mut outs = [&mut used, &mut fresh].map(|instrument| {
            let (mut l, mut r) = (vec![0.0f32; 20_000], vec![0.0f32; 20_000]);
            instrument.note_on(50, 90, Frames(3));
            instrument.note_on(38, 90, Frames(3));
            instrument.note_off(50, Frames(9_000));
            instrument.render(&mut l, &mut r);
            (l, r)
        });
        let [a, b] = &mut outs;
        assert!(a == b, "{part}");
    }
}

/// Four bars of a plain accompaniment at velocity 100.
fn tune(part: Part) -> Vec<NoteEvent> {
    let note = |beat: f64, beats: f64, pitch, velocity| NoteEvent {
        on: SamplePos((beat * 24_000.0) as u64),
        off: SamplePos(((beat + beats) * 24_000.0) as u64),
        pitch,
        velocity,
    };
    let chords: [[u8; 4]; 4] = [[60, 64, 67, 36], [57, 60, 64, 33], [53, 57, 60, 29], [55, 59, 62, 31]];
    let mut notes = Vec::new();
    for (bar, chord) in chords.iter().enumerate() {
        let start = bar as f64 * 4.0;
        for beat in 0..4 {
            let at = start + f64::from(beat);
            match part {
                Part::Keys => notes.extend(chord[..3].iter().map(|&p| note(at, 0.9, p, 100))),
                Part::Bass => notes.extend([note(at, 0.45, chord[3], 100), note(at + 0.5, 0.45, chord[3], 100)]),
                Part::Drums => notes.extend([
                    note(at, 0.2, if beat % 2 == 0 { 36 } else { 38 }, 100),
                    note(at, 0.2, 42, 100),
                    note(at + 0.5, 0.2, 42, 80),
                ]),
                Part::Strings if beat == 0 => notes.extend(chord.iter().map(|&p| note(at, 3.9, p, 100))),
                Part::Strings => {}
            }
        }
    }
    notes
}

#[test]
fn parts_are_about_equally_loud() {
    let strip = PartSettings { gain_db: 0.0, pan: 0.0, mute: false, solo: false, room: 0.0 };
    let parts: Vec<_> = Part::ALL.iter().map(|&part| (part, tune(part))).collect();
    let out = render_parts(&parts, &MixSettings { parts: [strip; 4] }, rate(), Frames(8 * 48_000));
    let mut report = String::new();
    let mut good = true;
    for (part, stereo) in Part::ALL.iter().zip(&out.parts) {
        let mut meter = ebur128::EbuR128::new(2, 48_000, ebur128::Mode::I).expect("a meter");
        meter.add_frames_planar_f32(&[&stereo.left, &stereo.right]).expect("frames");
        let lufs = meter.loudness_global().expect("a loudness");
        let peak = stereo.left.iter().chain(&stereo.right).fold(0.0f32, |p, x| p.max(x.abs()));
        report += &format!("{part}: {lufs:.1} LUFS, peak {peak:.2}\n");
        // Drums are all peaks: at -20 LUFS they would clip.
        let (low, high) = if *part == Part::Drums { (-24.0, -19.0) } else { (-20.0, -16.0) };
        good &= (low..high).contains(&lufs) && peak < 1.0;
    }
    assert!(good, "\n{report}");
}
