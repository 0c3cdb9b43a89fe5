//! Edits to the framework's shared background worker.

use super::Edit;

const FILE: &str = "src/event_loop/background_thread.rs";

/// Releasing the last plugin instance must never abort the host, whatever the worker went through.
pub const EDITS: &[Edit] = &[
    Edit {
        file: FILE,
        why: "The last owner of an instance can be the worker itself (it upgrades a weak reference \
              for each task). Joining its own thread panics, so then it is only told to stop: \
              dropping the sender disconnects the channel.",
        find: "        // The thread is shut down and joined when the handle is dropped\n",
        replace: "        if self
            .join_handle
            .as_ref()
            .is_some_and(|handle| handle.thread().id() == thread::current().id())
        {
            return;
        }

        // The thread is shut down and joined when the handle is dropped\n",
    },
    Edit {
        file: FILE,
        why: "A worker that has already ended is no reason to abort the host.",
        find: "            .expect(\"Failed while sending worker thread shutdown request\");",
        replace: "            .ok();",
    },
    Edit {
        file: FILE,
        why: "A worker that has panicked is no reason to abort the host.",
        find: "            .expect(\"Worker thread panicked\");",
        replace: "            .ok();",
    },
    Edit {
        file: FILE,
        why: "This thread is not the thread of the user interface, so tasks must not be told that \
              it is.",
        find: "Some(e) => e.execute(task, true),",
        replace: "Some(e) => e.execute(task, false),",
    },
    Edit {
        file: FILE,
        why: "Other instances share this worker: one instance that is gone must not end it for all.",
        find: "                        \"Received a new task but the executor is no longer alive, shutting down \\
                         worker\"
                    );
                    return;",
        replace: "                        \"Received a task for an instance that is gone, dropping it\"
                    );",
    },
];
