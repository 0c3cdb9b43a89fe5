//! The trap: RealtimeSanitizer ends the program at the first allocation, lock or system call inside `process`.

#![allow(unsafe_code, reason = "a host calls across C interfaces")]

use continuo_tests::clap::{Bundle, Input, Place};
use continuo_tests::song::{BPM, melody};
use continuo_tests::vst3::{Blocks, Factory};
use std::process::Command;
use std::thread;
use std::time::Duration;

const RATE: f64 = 48_000.0;
/// Blocks per plugin and format; four times this many in all.
const BLOCKS: usize = 25_000;
const CHILD: &str = "CONTINUO_REALTIME_CHILD";

// The library under test is linked for its entry points alone.
use continuo_plugin as _;

unsafe extern "system" {
    fn GetPluginFactory() -> *mut std::ffi::c_void;
}

unsafe extern "C" {
    static clap_entry: clack_host::entry::EntryDescriptor;
}

/// `process` calls of one plugin, as a CLAP host makes them.
fn clap(id: &'static str, ports: usize) -> usize {
    // SAFETY: the entry point of the linked library.
    let bundle = unsafe { Bundle::linked(&clap_entry).expect("an entry point") };
    thread::spawn(move || {
        let mut instance = bundle.instance(id).expect("instance");
        instance.start(RATE, 512).expect("start");
        let ids: Vec<u32> = instance.params().into_values().collect();
        instance.around = |run| {
            rtsan_standalone::realtime_enter();
            run();
            rtsan_standalone::realtime_exit();
        };
        let quarter = RATE * 60.0 / BPM;
        let (mut position, mut done) = (0usize, 0);
        let mut input = [vec![0.25f32; 512], vec![-0.25; 512]];
        for block in 0..BLOCKS {
            let frames = [64, 1, 512, 333][block % 4];
            let mut events = Vec::new();
            if block % 16 == 0 {
                events.push(Input::Param(0, ids[(block / 16) % ids.len()], (block % 97) as f64 / 97.0));
            }
            for (at, length, pitch) in melody() {
                let frame = |time: f64| (time * quarter) as usize;
                if (position..position + frames).contains(&frame(at)) {
                    events.push(Input::On((frame(at) - position) as u32, pitch, 0.8));
                }
                if (position..position + frames).contains(&frame(at + length)) {
                    events.push(Input::Off((frame(at + length) - position) as u32, pitch));
                }
            }
            let place = Place { at: position as f64 / quarter, bpm: BPM, playing: block % 1000 < 950, meter: (4, 4) };
            instance.block(frames, &mut input, ports, &events, place).expect("process");
            position = if block % 3000 == 2999 { 0 } else { position + frames };
            done += 1;
            if block % 5000 == 0 {
                thread::sleep(Duration::from_millis(50));
            }
        }
        done
    })
    .join()
    .expect("the audio thread ends well")
}

/// Runs this test program again with `what`, so that the sanitizer's end of the program is seen from outside.
fn again(what: &str) -> (bool, String) {
    let run = Command::new(std::env::current_exe().expect("own path"))
        .args(["child", "--nocapture", "--test-threads=1"])
        .env(CHILD, what)
        .output()
        .expect("the child runs");
    let text = format!("{}\n{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    (run.status.success(), text)
}

/// `process` calls of one plugin, as a VST3 host makes them, on a thread of their own.
fn vst3(name: &'static str) -> usize {
    // SAFETY: the entry point of the linked library.
    let factory = unsafe { Factory::from_raw(GetPluginFactory()).expect("a factory") };
    let mut instance = factory.instance(name).expect("instance");
    instance.start(RATE, 512).expect("start");
    let params = instance.params();
    thread::spawn(move || {
        let mut blocks = Blocks::new(instance.buses, 512, RATE);
        let notes = melody();
        let (mut position, mut done) = (0i64, 0);
        let quarter = RATE * 60.0 / BPM;
        let mut changes = Vec::with_capacity(8);
        for block in 0..BLOCKS {
            let frames = [64, 1, 512, 333][block % 4];
            changes.clear();
            if block % 16 == 0 {
                let pick = |i: usize| (params[(block / 16 + i) % params.len()], (block % 97) as f64 / 97.0);
                changes.extend((0..4).map(pick));
            }
            let mut keys = Vec::new();
            for &(at, length, pitch) in &notes {
                for (time, velocity) in [(at, 0.8), (at + length, 0.0)] {
                    if (position..position + i64::from(frames)).contains(&((time * quarter) as i64)) {
                        keys.push((i16::from(pitch), velocity));
                    }
                }
            }
            for channel in blocks.channels() {
                for (i, x) in channel.iter_mut().enumerate() {
                    *x = ((position as usize + i) % 101) as f32 / 101.0 - 0.5;
                }
            }
            // A jump now and then, and a stop.
            let playing = block % 1000 < 950;
            blocks.prepare(position, playing, &changes, &keys);
            let run = |run: &mut dyn FnMut()| {
                rtsan_standalone::realtime_enter();
                run();
                rtsan_standalone::realtime_exit();
            };
            blocks.process(&instance, frames, run).expect("process");
            position = if block % 3000 == 2999 { 0 } else { position + i64::from(frames) };
            done += 1;
            if block % 5000 == 0 {
                // The workers get a moment, so that patches and pictures are under way while blocks go on.
                thread::sleep(Duration::from_millis(50));
            }
        }
        done
    })
    .join()
    .expect("the audio thread ends well")
}

#[test]
fn child() {
    match std::env::var(CHILD).as_deref() {
        Ok("allocate") => {
            rtsan_standalone::ensure_initialized();
            thread::spawn(|| {
                rtsan_standalone::realtime_enter();
                std::hint::black_box(vec![0u8; 4096]);
                rtsan_standalone::realtime_exit();
            })
            .join()
            .expect("joined");
        }
        Ok("vst3") => {
            rtsan_standalone::ensure_initialized();
            let blocks = vst3("Continuo") + vst3("Continuo Master");
            assert_eq!(blocks, 2 * BLOCKS);
        }
        Ok("clap") => {
            rtsan_standalone::ensure_initialized();
            let blocks = clap("org.continuo.continuo", 5) + clap("org.continuo.master", 1);
            assert_eq!(blocks, 2 * BLOCKS);
        }
        // Not a child: the tests below make the children.
        _ => {
            assert!(continuo_realtime::sanitizer_is_linked(), "run with `cargo xtask test`, which links the sanitizer")
        }
    }
}

#[test]
fn the_trap_springs() {
    let (ended_well, text) = again("allocate");
    assert!(!ended_well && text.contains("RealtimeSanitizer"), "an allocation went unnoticed: {text}");
}

#[test]
fn vst3_process_is_real_time_safe() {
    let (ended_well, text) = again("vst3");
    assert!(ended_well && !text.contains("RealtimeSanitizer"), "{text}");
}

#[test]
fn clap_process_is_real_time_safe() {
    let (ended_well, text) = again("clap");
    assert!(ended_well && !text.contains("RealtimeSanitizer"), "{text}");
}
