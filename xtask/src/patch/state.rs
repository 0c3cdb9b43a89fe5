//! Edits that keep the state channel's lock off the audio thread.

use super::Edit;

const INNER: &str = "src/wrapper/vst3/inner.rs";
const VST3: &str = "src/wrapper/vst3/wrapper.rs";
const CLAP: &str = "src/wrapper/clap/wrapper.rs";

const FIELD_WHY: &str = "After every block the audio thread looked into a rendezvous channel, which takes \
                         a lock (and may allocate): a flag says whether there is anything to look for.";
const INIT_WHY: &str = "The flag's first value.";
const SET_WHY: &str = "Raised before the state is offered.";
const CLEAR_WHY: &str = "Lowered once the state has been taken.";
const READ_WHY: &str = "The audio thread reads the flag only, unless a state is being offered.";

const FIELD: &str = "    pub updated_state_sender: channel::Sender<PluginState>,";
const CLAP_FIELD: &str = "    updated_state_sender: channel::Sender<PluginState>,";
const SEND: &str = "                match self
                    .updated_state_sender
                    .send_timeout(";
const SEND_AFTER_FLAG: &str = "                self.state_is_waiting.store(true, Ordering::SeqCst);
                match self
                    .updated_state_sender
                    .send_timeout(";

/// Looking for a new state costs the audio thread one atomic load.
pub const EDITS: &[Edit] = &[
    Edit {
        file: INNER,
        why: FIELD_WHY,
        find: FIELD,
        replace: "    pub updated_state_sender: channel::Sender<PluginState>,
    /// Whether `updated_state_sender` is being used right now.
    pub state_is_waiting: AtomicBool,",
    },
    Edit {
        file: INNER,
        why: INIT_WHY,
        find: "            updated_state_sender,\n            updated_state_receiver,\n",
        replace: "            updated_state_sender,
            state_is_waiting: AtomicBool::new(false),
            updated_state_receiver,\n",
    },
    Edit { file: INNER, why: SET_WHY, find: SEND, replace: SEND_AFTER_FLAG },
    Edit {
        file: INNER,
        why: CLEAR_WHY,
        find: "        // After the state has been updated, notify the host about the new parameter values\n",
        replace: "        self.state_is_waiting.store(false, Ordering::SeqCst);

        // After the state has been updated, notify the host about the new parameter values\n",
    },
    Edit {
        file: VST3,
        why: READ_WHY,
        find: "            let updated_state = permit_alloc(|| self.inner.updated_state_receiver.try_recv());
            if let Ok(mut state) = updated_state {",
        replace: "            if self.inner.state_is_waiting.load(Ordering::SeqCst)
                && let Ok(mut state) =
                    permit_alloc(|| self.inner.updated_state_receiver.try_recv())
            {",
    },
    Edit {
        file: CLAP,
        why: FIELD_WHY,
        find: CLAP_FIELD,
        replace: "    updated_state_sender: channel::Sender<PluginState>,
    /// Whether `updated_state_sender` is being used right now.
    state_is_waiting: AtomicBool,",
    },
    Edit {
        file: CLAP,
        why: INIT_WHY,
        find: "            updated_state_sender,\n            updated_state_receiver,\n",
        replace: "            updated_state_sender,
            state_is_waiting: AtomicBool::new(false),
            updated_state_receiver,\n",
    },
    Edit { file: CLAP, why: SET_WHY, find: SEND, replace: SEND_AFTER_FLAG },
    Edit {
        file: CLAP,
        why: CLEAR_WHY,
        find: "        if !did_set_state_inner {\n",
        replace: "        self.state_is_waiting.store(false, Ordering::SeqCst);

        if !did_set_state_inner {\n",
    },
    Edit {
        file: CLAP,
        why: READ_WHY,
        find: "            let updated_state = permit_alloc(|| wrapper.updated_state_receiver.try_recv());
            if let Ok(mut state) = updated_state {",
        replace: "            if wrapper.state_is_waiting.load(Ordering::SeqCst)
                && let Ok(mut state) =
                    permit_alloc(|| wrapper.updated_state_receiver.try_recv())
            {",
    },
];
