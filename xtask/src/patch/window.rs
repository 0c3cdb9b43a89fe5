//! Edits to `baseview` 0.4.2, the window under the editors, on X11.

use super::Edit;

/// An open editor has a thread of its own there. It must be gone when the host is told that the editor
/// is closed, because the host may then unload the library whose code that thread runs.
pub const EDITS: &[Edit] = &[
    Edit {
        file: "src/platform/x11/window_thread.rs",
        why: "Closing asked the thread to show the window first; the thread, told to stop, did not answer, \
              and closing gave up without waiting for it. It then ran on while the host opened the next window \
              or unloaded the library: hosts crashed. Now closing waits until the thread has ended. The signal \
              is repeated because one that comes before the loop starts is lost.",
        find: "        self.loop_signal.stop();
        self.loop_signal.wakeup();

        if let Err(e) = self.run_until_closed() {
            warn!(\"Error while closing window: {}\", e)
        }",
        replace: "        if let Some(thread) = self.event_loop_handle.take() {
            while !thread.is_finished() {
                self.loop_signal.stop();
                self.loop_signal.wakeup();
                thread::sleep(Duration::from_millis(1));
            }
            if thread.join().is_err() {
                warn!(\"The window's thread has panicked\");
            }
        }",
    },
    Edit {
        file: "src/wrappers/egl.rs",
        why: "The thread that closes a window unloaded libEGL and then ran, as it ended, what libEGL had left to \
              run at a thread's end: code that was no longer there. libEGL now stays loaded.",
        find: "    _library: Library,",
        replace: "    _library: std::mem::ManuallyDrop<Library>,",
    },
    Edit {
        file: "src/wrappers/egl.rs",
        why: "See the edit above: the other end.",
        find: "EglInner { _library: library, functions }",
        replace: "EglInner { _library: std::mem::ManuallyDrop::new(library), functions }",
    },
    Edit {
        file: "src/lib.rs",
        why: super::QUIET_WHY,
        find: "mod clipboard;\n",
        replace: "#![allow(warnings, clippy::all)]\nmod clipboard;\n",
    },
];
