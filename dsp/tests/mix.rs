//! Mixer, room, ensemble and offline rendering.

use continuo_core::units::{Frames, SamplePos, SampleRate};
use continuo_core::{Part, Rng};
use continuo_dsp::mix::Room;
use continuo_dsp::{Ensemble, MixSettings, NoteEvent, StereoMut, render_parts};

fn rate() -> SampleRate {
    SampleRate::new(44_100.0).expect("a usable rate")
}

fn notes() -> Vec<(Part, Vec<NoteEvent>)> {
    let mut rng = Rng::new(5, 0);
    Part::ALL
        .iter()
        .map(|&part| {
            let span = (part.range().end() - part.range().start()) as usize;
            let notes = (0..30)
                .map(|_| {
                    let on = rng.below(60_000) as u64;
                    let pitch = part.range().start() + rng.below(span) as u8;
                    NoteEvent { on: SamplePos(on), off: SamplePos(on + 4_000), pitch, velocity: 90 }
                })
                .collect();
            (part, notes)
        })
        .collect()
}

/// The plugin's way: blocks of any size, notes handed over with the block they fall into.
#[test]
fn offline_and_in_blocks_are_the_same_to_the_bit() {
    let total = 80_000usize;
    let parts = notes();
    let offline = render_parts(&parts, &MixSettings::default(), rate(), Frames(total as u64));
    assert!(offline.mix.left.iter().any(|x| x.abs() > 0.05));
    for block in [63usize, 512] {
        let mut ensemble = Ensemble::new(rate(), Frames(block as u64));
        let mut acts: Vec<(u64, bool, Part, u8)> = parts
            .iter()
            .flat_map(|(part, notes)| {
                notes.iter().flat_map(|n| [(n.on.0, true, *part, n.pitch), (n.off.0, false, *part, n.pitch)])
            })
            .collect();
        acts.sort_unstable();
        let mut at = 0;
        while at < total {
            let len = block.min(total - at);
            for &(frame, begins, part, pitch) in acts.iter().filter(|a| (at as u64..(at + len) as u64).contains(&a.0)) {
                let offset = Frames(frame - at as u64);
                if begins {
                    ensemble.instrument(part).note_on(pitch, 90, offset);
                } else {
                    ensemble.instrument(part).note_off(pitch, offset);
                }
            }
            let mut buffers = vec![vec![0.1f32; len]; 10];
            let [a, b, c, d, e, f, g, h, l, r] = &mut buffers[..] else { panic!("ten buffers") };
            let mut views = [(a, b), (c, d), (e, f), (g, h)].map(|(left, right)| StereoMut { left, right });
            ensemble.render(&mut views, l, r);
            assert!(
                offline.mix.left[at..at + len] == l[..] && offline.mix.right[at..at + len] == r[..],
                "{block} at {at}"
            );
            for (view, part) in views.iter().zip(&offline.parts) {
                assert!(part.left[at..at + len] == view.left[..] && part.right[at..at + len] == view.right[..]);
            }
            at += len;
        }
    }
}

#[test]
fn mute_solo_and_pan_do_what_they_say() {
    let parts = notes();
    let render = |settings: &MixSettings| render_parts(&parts, settings, rate(), Frames(30_000));
    let loud = |s: &[f32]| s.iter().any(|&x| x != 0.0);
    let mut muted = MixSettings::default();
    muted.parts[1].mute = true;
    let out = render(&muted);
    assert!(!loud(&out.parts[1].left) && loud(&out.parts[0].left));
    let mut solo = MixSettings::default();
    solo.parts[2].solo = true;
    let out = render(&solo);
    assert!(loud(&out.parts[2].left) && [0, 1, 3].iter().all(|&i| !loud(&out.parts[i].left)));
    let mut panned = MixSettings::default();
    panned.parts[1].pan = 1.0;
    let out = render(&panned);
    let top = |s: &[f32]| s.iter().fold(0.0f32, |p, x| p.max(x.abs()));
    assert!(top(&out.parts[1].left) < 1e-6 * top(&out.parts[1].right));
}

#[test]
fn the_room_answers_and_falls_silent_at_its_pace() {
    for hz in [22_050.0, 48_000.0, 192_000.0] {
        let mut room = Room::new(SampleRate::new(hz).expect("a usable rate"));
        let mut rng = Rng::new(8, 0);
        let second = hz as usize;
        let mut powers = Vec::new();
        for slice in 0..40 {
            let mut power = 0.0f64;
            for _ in 0..second / 10 {
                let x = if slice == 0 { [rng.range(-0.5, 0.5) as f32, rng.range(-0.5, 0.5) as f32] } else { [0.0; 2] };
                let y = room.step(x);
                assert!(y[0].is_finite() && y[1].is_finite());
                power += f64::from(y[0]).powi(2) + f64::from(y[1]).powi(2);
            }
            powers.push(10.0 * (power + 1e-300).log10());
        }
        // Between 0.3 s and 0.8 s at about 60 dB in a second (treble goes sooner).
        let fall = (powers[3] - powers[8]) / 0.5;
        assert!((45.0..85.0).contains(&fall), "{hz}: {fall} dB/s");
        assert!(powers[39] < powers[1] - 150.0, "{hz}: {powers:?}");
    }
}

#[test]
fn a_fader_step_does_not_click() {
    let mut ensemble = Ensemble::new(rate(), Frames(64));
    ensemble.instrument(Part::Bass).note_on(33, 80, Frames(0));
    let mut out = Vec::new();
    for block in 0..1_000 {
        if block == 500 {
            let mut settings = MixSettings::default();
            settings.parts[1].gain_db -= 20.0;
            ensemble.set(&settings);
        }
        let mut buffers = vec![vec![0.0f32; 64]; 10];
        let [a, b, c, d, e, f, g, h, l, r] = &mut buffers[..] else { panic!("ten buffers") };
        let mut views = [(a, b), (c, d), (e, f), (g, h)].map(|(left, right)| StereoMut { left, right });
        ensemble.render(&mut views, l, r);
        out.extend_from_slice(l);
    }
    let corner = |s: &[f32]| s.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs()).fold(0.0, f32::max);
    let (before, at) = (corner(&out[20_000..31_900]), corner(&out[31_900..34_000]));
    assert!(before > 0.0 && at < 1.2 * before, "{at} {before}");
}
