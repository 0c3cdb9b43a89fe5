//! The only place where lanes are made and threads begin.
//!
//! `wire_*` returns one value per thread; whatever a thread may not touch, it does not have. The worker of a plugin
//! instance begins when the host first activates it, never while plugins are scanned, sleeps while the plugin is
//! inactive, and ends with the instance.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
    quit: AtomicBool,
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
        self.shared.quit.store(true, Ordering::Release);
        self.shared.cancel.store(true, Ordering::Release);
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
