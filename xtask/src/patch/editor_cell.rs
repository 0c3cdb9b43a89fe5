//! Edits that keep the editor's cell on the thread of the user interface.

use super::Edit;

const INNER: &str = "src/wrapper/vst3/inner.rs";
const VIEW: &str = "src/wrapper/vst3/view.rs";
const CLAP: &str = "src/wrapper/clap/wrapper.rs";

/// The cell holds a value that may only be read on the thread that made it, and it is borrowed
/// mutably while a window opens or closes.
pub const EDITS: &[Edit] = &[
    Edit {
        file: INNER,
        why: "On Linux a host without a run loop makes the background worker run this task. It must \
              not borrow the editor's cell; the editor reads the state itself in its next frame.",
        find: "                if let Some(editor_window) = self.editor_window.borrow().as_ref() {
                    editor_window.get().handle.state_changed();",
        replace: "                if is_gui_thread
                    && let Ok(cell) = self.editor_window.try_borrow()
                    && let Some(editor_window) =
                        cell.as_ref().and_then(|window| window.try_get().ok())
                {
                    editor_window.handle.state_changed();",
    },
    Edit {
        file: INNER,
        why: "The same for a changed parameter.",
        find: "                if let Some(editor_window) = self.editor_window.borrow().as_ref() {
                    let param_id = &self.param_id_by_hash[&param_hash];
                    editor_window
                        .get()
                        .handle",
        replace: "                if is_gui_thread
                    && let Ok(cell) = self.editor_window.try_borrow()
                    && let Some(editor_window) =
                        cell.as_ref().and_then(|window| window.try_get().ok())
                    && let Some(param_id) = self.param_id_by_hash.get(&param_hash)
                {
                    editor_window
                        .handle",
    },
    Edit {
        file: INNER,
        why: "The same for a call back to the main thread: without a run loop it is dropped, where \
              it used to panic.",
        find: "                if let Some(editor_window) = self.editor_window.borrow().as_ref() {
                    let editor_window = editor_window.get();",
        replace: "                if is_gui_thread
                    && let Ok(cell) = self.editor_window.try_borrow()
                    && let Some(editor_window) =
                        cell.as_ref().and_then(|window| window.try_get().ok())
                {",
    },
    Edit {
        file: VIEW,
        why: "Opening a window runs the editor's own code and the host's, and either may come back \
              to this cell: it is borrowed for a moment only, not for the whole call.",
        find: "        let mut window = inner.editor_window.borrow_mut();
        if window.is_none() {",
        replace: "        let window_is_closed = inner.editor_window.borrow().is_none();
        if window_is_closed {",
    },
    Edit {
        file: VIEW,
        why: "See the edit above: the other end of the borrow.",
        find: "                        *window = Some(Fragile::new(editor_window));",
        replace: "                        *inner.editor_window.borrow_mut() =
                            Some(Fragile::new(editor_window));",
    },
    Edit {
        file: VIEW,
        why: "Closing a window waits for the window's thread, which may still be asking for the main \
              thread: the cell is emptied first, the window is dropped after.",
        find: "        let mut editor_handle = inner.editor_window.borrow_mut();
        if editor_handle.is_some() {
            inner.is_editor_open.store(false, Ordering::SeqCst);
            *editor_handle = None;",
        replace: "        let closing = inner.editor_window.borrow_mut().take();
        if let Some(closing) = closing {
            inner.is_editor_open.store(false, Ordering::SeqCst);
            drop(closing);",
    },
    Edit {
        file: CLAP,
        why: "The same for CLAP: the host may answer a closing window with a second destroy call.",
        find: "        let mut editor_handle = wrapper.editor_window.borrow_mut();
        if editor_handle.is_some() {
            *editor_handle = None;",
        replace: "        let closing = wrapper.editor_window.borrow_mut().take();
        if let Some(closing) = closing {
            drop(closing);",
    },
    Edit {
        file: CLAP,
        why: "A host that loads state on another thread than the one that opened the window must \
              not be aborted for it.",
        find: "                        window.get().handle.state_changed();",
        replace: "                        if let Ok(window) = window.try_get() {
                            window.handle.state_changed();
                        }",
    },
];
