//! The editors in a VST3 host without a run loop: opened and closed under automation with both cores busy.

#![allow(unsafe_code, reason = "a host loads libraries and calls across C interfaces")]

use continuo_tests::vst3::{Blocks, Factory, Instance};
use continuo_tests::{told, window::Window};
use std::ffi::c_void;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// Rounds in a row, and openings in each.
const ROUNDS: usize = 20;
const OPENINGS: usize = 50;
/// Set in the child process that does the work, so that an abort or a panic on any thread is seen from outside.
const CHILD: &str = "CONTINUO_EDITOR_CHILD";

fn library() -> libloading::Library {
    let bundle = told("CONTINUO_VST3");
    let folder = bundle.join("Contents").join(format!("{}-linux", std::env::consts::ARCH));
    // SAFETY: the library under test, loaded as a host would.
    unsafe { libloading::Library::new(folder.join("Continuo.so")).expect("the bundle's library loads") }
}

fn factory(library: &libloading::Library) -> Factory {
    // SAFETY: the symbol and its type are those of the VST 3 interface.
    unsafe {
        let get: libloading::Symbol<unsafe extern "system" fn() -> *mut c_void> =
            library.get(b"GetPluginFactory").expect("a VST3 entry point");
        Factory::from_raw(get()).expect("a factory")
    }
}

/// One round: a fresh instance, its audio running under automation on another thread, its editor opened and closed.
fn round(factory: &Factory, name: &str) -> (u64, usize) {
    let mut instance = factory.instance(name).expect("instance");
    instance.start(48_000.0, 256).expect("start");
    let instance = Arc::new(instance);
    let (quit, blocks) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let audio = {
        let (instance, quit, count) = (Arc::clone(&instance), Arc::clone(&quit), Arc::clone(&blocks));
        thread::spawn(move || automate(&instance, &quit, &count))
    };
    let mut opened = 0;
    for i in 0..OPENINGS {
        let window = Window::open(900, 640).expect("a window; run under `cargo xtask test`, which starts a screen");
        let view = instance.open_editor(window.id()).expect("the editor opens");
        assert!(view.size.0 > 0 && view.size.1 > 0);
        // Long enough for some frames now and then, and none at other times.
        thread::sleep(Duration::from_millis([0, 5, 20, 60][i % 4]));
        view.close();
        opened += 1;
    }
    quit.store(true, Ordering::Relaxed);
    audio.join().expect("the audio thread ends well");
    (blocks.load(Ordering::Relaxed), opened)
}

fn automate(instance: &Instance, quit: &AtomicBool, count: &AtomicU64) {
    let params = instance.params();
    let mut blocks = Blocks::new(instance.buses, 256, 48_000.0);
    let mut position = 0i64;
    while !quit.load(Ordering::Relaxed) {
        let value = (position % 4800) as f64 / 4800.0;
        let changes: Vec<(u32, f64)> = params.iter().skip(3).take(8).map(|&id| (id, value)).collect();
        blocks.prepare(position, true, &changes, &[]);
        blocks.process(instance, 256, |run| run()).expect("process");
        position += 256;
        count.fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_micros(500));
    }
}

#[test]
fn editors_open_and_close_under_automation_without_a_panic_or_abort() {
    if std::env::var_os(CHILD).is_some() {
        let quit = Arc::new(AtomicBool::new(false));
        let busy: Vec<_> = (0..2)
            .map(|_| {
                let quit = Arc::clone(&quit);
                thread::spawn(move || {
                    while !quit.load(Ordering::Relaxed) {
                        std::hint::black_box((0..10_000u64).fold(0u64, u64::wrapping_add));
                    }
                })
            })
            .collect();
        let library = library();
        let factory = factory(&library);
        let (mut opened, mut blocks) = (0, 0);
        for i in 0..ROUNDS {
            let name = if i % 2 == 0 { "Continuo" } else { "Continuo Master" };
            let (b, o) = round(&factory, name);
            opened += o;
            blocks += b;
        }
        quit.store(true, Ordering::Relaxed);
        busy.into_iter().for_each(|t| t.join().expect("busy threads end"));
        assert!(blocks > 1000, "only {blocks} blocks of automation");
        #[allow(clippy::print_stdout, reason = "the parent reads it")]
        {
            println!("opened {opened}");
        }
        return;
    }
    let me = std::env::current_exe().expect("own path");
    let run = Command::new(me)
        .args(["editors_open_and_close", "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .output()
        .expect("the child runs");
    let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    let tail: String = err.lines().rev().take(40).collect::<Vec<_>>().join("\n");
    assert!(run.status.success(), "{:?}\n{tail}", run.status);
    assert!(!err.contains("panicked"), "{tail}");
    assert!(out.contains(&format!("opened {}", ROUNDS * OPENINGS)), "{out}");
}
