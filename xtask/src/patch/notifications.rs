//! Edits that take parameter notifications off the audio thread.

use super::Edit;

/// Each of these posts woke another thread by a system call while audio was being processed. Our
/// editor reads the parameters itself in every frame, so nothing needs to be posted at all.
pub const EDITS: &[Edit] = &[
    Edit {
        file: "src/wrapper/vst3/inner.rs",
        why: "Automation arrives on the audio thread; posting it wakes the background worker, or \
              writes to the run loop's socket while an editor is open.",
        find: "
                    #[cfg(feature = \"editor\")]
                    {
                        let task_posted =
                            self.schedule_gui(Task::ParameterValueChanged(hash, normalized_value));
                        crate::nice_debug_assert!(
                            task_posted,
                            \"The task queue is full, dropping task...\"
                        );
                    }
",
        replace: "",
    },
    Edit {
        file: "src/wrapper/clap/wrapper.rs",
        why: "The same in CLAP, where posting calls into the host to ask for its main thread.",
        find: "
                            #[cfg(feature = \"editor\")]
                            {
                                // The GUI needs to be informed about the changed parameter value. This
                                // triggers an `Editor::param_value_changed()` call on the GUI thread.
                                let task_posted = self.schedule_gui(Task::ParameterValueChanged(
                                    hash,
                                    normalized_value,
                                ));
                                crate::nice_debug_assert!(
                                    task_posted,
                                    \"The task queue is full, dropping task...\"
                                );
                            }
",
        replace: "",
    },
    Edit {
        file: "src/wrapper/clap/wrapper.rs",
        why: "The same for modulation in CLAP.",
        find: "
                            #[cfg(feature = \"editor\")]
                            {
                                let task_posted = self.schedule_gui(
                                    Task::ParameterModulationChanged(hash, normalized_delta),
                                );
                                crate::nice_debug_assert!(
                                    task_posted,
                                    \"The task queue is full, dropping task...\"
                                );
                            }
",
        replace: "",
    },
];
