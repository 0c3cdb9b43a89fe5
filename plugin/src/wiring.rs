//! The only place where lanes are made and threads begin.
//!
//! `wire_*` returns one value per thread; whatever a thread may not touch, it does not have. The worker of a plugin
//! instance begins when the host first activates it, never while plugins are scanned, sleeps while the plugin is
//! inactive, and ends with the instance.

use crate::editor::instrument::InstrumentGui;
use crate::editor::master::MasterGui;
use crate::params::instrument::InstrumentParams;
use crate::params::master::MasterParams;
use crate::worker::instrument::InstrumentWorker;
use crate::worker::master::MasterWorker;
use crate::{brain, instrument, master, worker};
use continuo_core::lanes::lane;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often an active worker looks into its lanes. Short beside a musician's reaction, long beside a context switch.
const POLL: Duration = Duration::from_millis(6);
/// How often a worker whose plugin is inactive looks whether it is needed. It is woken at activation anyway.
const PARKED: Duration = Duration::from_millis(250);

/// Flags every side of one instance shares.
#[derive(Debug, Default)]
pub struct Shared {
    /// The host processes audio with this instance.
    pub active: AtomicBool,
    /// Set to stop what the worker is computing now.
    pub cancel: AtomicBool,
    /// The human listens to what came in, as loud as what goes out, to compare. Counts only while a window is open, and
    /// never in an offline render.
    pub compare: AtomicBool,
    /// Gain of that comparison, decibels, as the bits of an f32.
    pub compare_db: AtomicU32,
    quit: AtomicBool,
}

impl Shared {
    /// A new piece of work begins: an older cancel no longer counts, the end of the instance does.
    pub fn begin_work(&self) {
        self.cancel.store(false, Ordering::SeqCst);
        if self.quit.load(Ordering::SeqCst) {
            self.cancel.store(true, Ordering::SeqCst);
        }
    }
}

/// What a worker thread does.
pub trait Work: Send + 'static {
    /// Looks into the lanes and does what is asked. Called every few milliseconds while the plugin is active.
    fn step(&mut self, shared: &Shared);
    /// A step has panicked. What it worked on is lost; say so on the screen and go on without the AI.
    fn failed(&mut self);
}

/// A running worker. Dropping it cancels what it does and waits for it to end.
#[derive(Debug)]
pub struct WorkerHandle {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl WorkerHandle {
    /// Starts `work` on a thread of its own. An error names why the system gave no thread.
    pub fn start(name: &str, shared: Arc<Shared>, work: impl Work) -> std::io::Result<Self> {
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || run(&theirs, work))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// The host has begun or ended processing. Not for the audio thread.
    pub fn set_active(&self, active: bool) {
        self.shared.active.store(active, Ordering::Release);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for WorkerHandle {
    fn drop(&mut self) {
        self.shared.quit.store(true, Ordering::SeqCst);
        self.shared.cancel.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A worker that panicked outside a step has nothing to tell; the host must not be taken down with it.
            let _ = thread.join();
        }
    }
}

fn run(shared: &Shared, mut work: impl Work) {
    while !shared.quit.load(Ordering::Acquire) {
        if catch_unwind(AssertUnwindSafe(|| work.step(shared))).is_err() {
            // Nothing may cross into the host: the worker lives on, its plugin says what happened.
            let _ = catch_unwind(AssertUnwindSafe(|| work.failed()));
        }
        let active = shared.active.load(Ordering::Acquire);
        std::thread::park_timeout(if active { POLL } else { PARKED });
    }
    // Dropping a session of the model runtime may not panic across the end of the thread either.
    let _ = catch_unwind(AssertUnwindSafe(move || drop(work)));
}

/// Messages of the note tap: a pianist's densest second, many times over.
const TAP_NOTES: usize = 4096;
/// Frames of sound under way to a worker: 0.7 s at 192 kHz, a hundred times what the worker sleeps.
const TAP_FRAMES: usize = 1 << 17;
/// Patches under way.
const PATCHES: usize = 16;
/// Asks of one hand between two looks of the worker.
const ASKS: usize = 64;
/// Pictures under way; the worker keeps the latest when it is full.
const OFFERS: usize = 4;
/// Edits of parameters under way: every move of a suggestion and some more.
const EDITS: usize = 64;

/// What the instrument's plugin object holds: the audio thread's lane ends, and its worker until it begins.
pub struct InstrumentWires {
    /// For the audio thread.
    pub audio: instrument::audio::AudioLanes,
    /// Flags of the instance.
    pub shared: Arc<Shared>,
    seed: Option<InstrumentWorker>,
}

/// Makes every lane of one instrument.
pub fn wire_instrument(
    params: &Arc<InstrumentParams>,
    loader: worker::instrument::Loader,
) -> (InstrumentWires, InstrumentGui) {
    let shared = Arc::new(Shared::default());
    let (tap_in, tap_out) = lane(TAP_NOTES);
    let (sound_in, sound_out) = lane(TAP_FRAMES);
    let (ask_in, ask_out) = lane(ASKS);
    let (offer_in, offer_out) = lane(OFFERS);
    let (patch_in, patch_out) = lane(PATCHES);
    // One place more than patches can be under way, for what the audio thread holds besides.
    let (trash_in, trash_out) = lane(2 * PATCHES + 2);
    let (applied_in, applied_out) = lane(TAP_NOTES);
    let (meters_in, meters_out) = triple_buffer::triple_buffer(&instrument::lanes::Meters::default());
    let seed = InstrumentWorker::new(
        Arc::clone(params),
        worker::instrument::WorkerLanes {
            tap: tap_out,
            sound: sound_out,
            asks: ask_out,
            applied: applied_out,
            trash: trash_out,
            patches: patch_in,
            offers: offer_in,
        },
        loader,
    );
    let gui = InstrumentGui::new(Arc::clone(params), Arc::clone(&shared), ask_in, offer_out, meters_out);
    let audio = instrument::audio::AudioLanes {
        tap: tap_in,
        sound: sound_in,
        patches: patch_out,
        trash: trash_in,
        applied: applied_in,
        meters: meters_in,
    };
    (InstrumentWires { audio, shared, seed: Some(seed) }, gui)
}

/// What the mastering plugin's object holds.
pub struct MasterWires {
    /// For the audio thread.
    pub audio: master::audio::AudioLanes,
    /// Flags of the instance.
    pub shared: Arc<Shared>,
    /// The sample rate for the worker, hertz, as the bits of an f32.
    pub rate: Arc<AtomicU32>,
    seed: Option<MasterWorker>,
}

/// Makes every lane of one mastering plugin.
pub fn wire_master(params: &Arc<MasterParams>) -> (MasterWires, MasterGui) {
    let shared = Arc::new(Shared::default());
    let rate = Arc::new(AtomicU32::new(0));
    let (tap_in, tap_out) = lane(TAP_FRAMES);
    let (ask_in, ask_out) = lane(ASKS);
    let (offer_in, offer_out) = lane(OFFERS);
    let (patch_in, patch_out) = lane(PATCHES);
    let (edit_in, edit_out) = lane(EDITS);
    let (meters_in, meters_out) = triple_buffer::triple_buffer(&master::lanes::Meters::default());
    let lanes = worker::master::WorkerLanes {
        tap: tap_out,
        asks: ask_out,
        patches: patch_in,
        edits: edit_in,
        rate: Arc::clone(&rate),
    };
    let seed = MasterWorker::new(Arc::clone(params), lanes, offer_in, brain::adviser_loader());
    let gui = MasterGui::new(Arc::clone(params), Arc::clone(&shared), ask_in, offer_out, edit_out, meters_out);
    let audio = master::audio::AudioLanes { tap: tap_in, patches: patch_out, meters: meters_in };
    (MasterWires { audio, shared, rate, seed: Some(seed) }, gui)
}

/// Starts the instrument's worker at the first activation and wakes it at every one. A system that gives no thread
/// leaves a plugin without AI, with its sound.
pub fn start_instrument(handle: &mut Option<WorkerHandle>, wires: &mut InstrumentWires) {
    if let Some(seed) = wires.seed.take() {
        *handle = WorkerHandle::start("continuo-worker", Arc::clone(&wires.shared), seed).ok();
    }
    if let Some(worker) = handle {
        worker.set_active(true);
    }
}

/// The same for the mastering plugin.
pub fn start_master(handle: &mut Option<WorkerHandle>, wires: &mut MasterWires) {
    if let Some(seed) = wires.seed.take() {
        *handle = WorkerHandle::start("continuo-worker", Arc::clone(&wires.shared), seed).ok();
    }
    if let Some(worker) = handle {
        worker.set_active(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    struct Stumbling {
        steps: Arc<AtomicUsize>,
        failures: Arc<AtomicUsize>,
    }

    impl Work for Stumbling {
        fn step(&mut self, _: &Shared) {
            let n = self.steps.fetch_add(1, Ordering::SeqCst);
            assert!(n != 1, "the second step stumbles");
        }
        fn failed(&mut self) {
            self.failures.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_panic_in_a_step_neither_ends_the_worker_nor_escapes() {
        let (steps, failures) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let work = Stumbling { steps: Arc::clone(&steps), failures: Arc::clone(&failures) };
        let handle = WorkerHandle::start("test", Arc::new(Shared::default()), work).unwrap();
        handle.set_active(true);
        while steps.load(Ordering::SeqCst) < 4 {
            std::thread::yield_now();
        }
        drop(handle);
        assert_eq!(failures.load(Ordering::SeqCst), 1);
    }
}
