//! Nothing that runs on the audio thread allocates or frees: a counting allocator watches.

use continuo_core::mastering::MasterSettings;
use continuo_core::units::{Frames, SampleRate};
use continuo_core::{Part, Rng};
use continuo_dsp::{Ensemble, MasterChain, Meter, MixSettings, StereoMut};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

fn count() {
    if WATCHED.with(Cell::get) {
        COUNT.with(|c| c.set(c.get() + 1));
    }
}

// SAFETY: every call goes to the system's allocator unchanged; counting touches only this thread's own cells, which need no allocation.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations and frees while `work` runs.
fn counted(work: impl FnOnce()) -> u64 {
    COUNT.with(|c| c.set(0));
    WATCHED.with(|w| w.set(true));
    work();
    WATCHED.with(|w| w.set(false));
    COUNT.with(Cell::get)
}

#[test]
fn the_trap_works() {
    assert!(counted(|| drop(std::hint::black_box(vec![1u8; 100]))) >= 2);
}

#[test]
fn chain_meter_voices_and_mixer_neither_allocate_nor_free() {
    let rate = SampleRate::new(44_100.0).expect("a usable rate");
    let mut chain = MasterChain::new(rate, Frames(512));
    let mut meter = Meter::new(rate);
    let mut ensemble = Ensemble::new(rate, Frames(512));
    let mut rng = Rng::new(3, 0);
    let mut buffers = vec![vec![0.0f32; 8_192]; 10];
    let blocks = [1usize, 7, 64, 512, 8_192, 333];
    let mut heard = 0.0f32;
    let allocations = counted(|| {
        for round in 0..60 {
            let block = blocks[round % blocks.len()];
            let mut settings =
                MasterSettings { saturation_db: rng.range(0.0, 6.0), drive_db: 6.0, ..Default::default() };
            for band in &mut settings.eq {
                band.gain_db = rng.range(-6.0, 6.0);
            }
            settings.dynamics[1].ratio = rng.range(1.0, 4.0);
            settings.width[2] = rng.range(0.0, 2.0);
            settings.highpass_hz = rng.range(0.0, 60.0);
            chain.set(&settings);
            let mut mix = MixSettings::default();
            mix.parts[round % 4].pan = rng.range(-1.0, 1.0);
            ensemble.set(&mix);
            for part in Part::ALL {
                for _ in 0..40 {
                    let (pitch, velocity) = (rng.below(128) as u8, rng.below(128) as u8);
                    ensemble.instrument(part).note_on(pitch, velocity, Frames(rng.below(block) as u64));
                }
            }
            let [a, b, c, d, e, f, g, h, l, r] = &mut buffers[..] else { return };
            let (l, r) = (&mut l[..block], &mut r[..block]);
            let mut views = [(a, b), (c, d), (e, f), (g, h)]
                .map(|(left, right)| StereoMut { left: &mut left[..block], right: &mut right[..block] });
            ensemble.render(&mut views, l, r);
            chain.process(l, r);
            meter.process(l, r);
            heard = heard.max(l.iter().fold(0.0f32, |p, x| p.max(x.abs())));
            if round == 40 {
                ensemble.all_off();
                ensemble.reset();
                chain.reset();
                meter.reset();
            }
        }
        meter.finish();
    });
    assert_eq!(allocations, 0);
    assert!(heard > 0.1 && meter.reading().true_peak_dbtp <= -1.0);
}
