//! The screens as editors of the plugin framework: the only file that names it, and the window library beside it.
//!
//! A plugin implements [`InstrumentHost`] or [`MasterHost`] and hands it to [`instrument_editor`] or [`master_editor`].
//! Both run on the thread of the window. On Linux that is a thread of the window library's own, so the host object must
//! be `Send`; it is locked only by that thread.

use crate::data::{InstrumentIntent, InstrumentView, MasterIntent, MasterView};
use crate::{instrument, master};
use nice_plug_core::context::gui::GuiContext;
use nice_plug_core::editor::dpi::{LogicalSize, NativeSize};
use nice_plug_core::editor::{Editor, HostMethods, ParentWindowHandle, ResizeHint, SpawnedEditor};
use nice_plug_egui::baseview::{HandlerError, WindowSize};
use nice_plug_egui::{
    EguiEditor, EguiEditorHandle, EguiEditorState, EguiNiceSettings, Frame, Key, KeyCapture, NiceEguiApp,
    RepaintNotifier, create_egui_editor,
};
use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Smallest window in which every control is reachable, points.
pub const MIN_SIZE: (f32, f32) = (720.0, 480.0);
/// Largest window the screens are drawn for, points.
pub const MAX_SIZE: (f32, f32) = (3840.0, 2400.0);
/// Window size of a new instance, points.
pub const DEFAULT_SIZE: (f32, f32) = (1120.0, 720.0);

/// Time between two frames while nothing is touched: meters and playhead move at 30 frames per second.
const FRAME_INTERVAL: Duration = Duration::from_millis(33);

/// What a window remembers while it is closed; the plugin keeps it with its state.
#[derive(Debug)]
pub struct EditorMemory {
    width: AtomicU32,
    height: AtomicU32,
    zoom: AtomicU32,
    scale: AtomicU32,
    open: AtomicBool,
    notifier: RepaintNotifier,
}

impl Default for EditorMemory {
    fn default() -> Self {
        Self {
            width: AtomicU32::new(DEFAULT_SIZE.0.to_bits()),
            height: AtomicU32::new(DEFAULT_SIZE.1.to_bits()),
            zoom: AtomicU32::new(1f32.to_bits()),
            scale: AtomicU32::new(1f32.to_bits()),
            open: AtomicBool::new(false),
            notifier: RepaintNotifier::new(),
        }
    }
}

impl EditorMemory {
    /// A new memory with the default size.
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Window size in points: logical pixels divided by the user's zoom.
    pub fn size(&self) -> (f32, f32) {
        (f32::from_bits(self.width.load(Relaxed)), f32::from_bits(self.height.load(Relaxed)))
    }

    /// Sets the size the next window opens with; values out of range or not numbers become the nearest allowed ones.
    pub fn set_size(&self, width: f32, height: f32) {
        let fix = |v: f32, low: f32, high: f32, rest: f32| if v.is_finite() { v.clamp(low, high) } else { rest };
        self.width.store(fix(width, MIN_SIZE.0, MAX_SIZE.0, DEFAULT_SIZE.0).to_bits(), Relaxed);
        self.height.store(fix(height, MIN_SIZE.1, MAX_SIZE.1, DEFAULT_SIZE.1).to_bits(), Relaxed);
    }

    /// The user's zoom, 0.5 to 3, on top of the system's scale.
    pub fn zoom(&self) -> f32 {
        f32::from_bits(self.zoom.load(Relaxed))
    }

    /// Sets the zoom the next window opens with.
    pub fn set_zoom(&self, zoom: f32) {
        let zoom = if zoom.is_finite() { zoom.clamp(0.5, 3.0) } else { 1.0 };
        self.zoom.store(zoom.to_bits(), Relaxed);
    }

    /// True while a window is open. Real-time safe.
    pub fn is_open(&self) -> bool {
        self.open.load(Relaxed)
    }

    /// Asks for a new frame. Real-time safe.
    pub fn request_repaint(&self) {
        self.notifier.request_repaint();
    }
}

/// What the instrument's plugin gives its window.
pub trait InstrumentHost: Send + 'static {
    /// The view of this frame. Called on the window's thread; must not wait.
    fn view(&mut self) -> InstrumentView;
    /// Carries out an intent. `gui` is the framework's way to host parameters.
    fn act(&mut self, intent: InstrumentIntent, gui: &GuiContext);
}

/// What the mastering plugin gives its window.
pub trait MasterHost: Send + 'static {
    /// Called before each frame: what was accepted is written into host parameters here. Must not wait.
    fn tick(&mut self, gui: &GuiContext);
    /// The view of this frame. Called on the window's thread; must not wait.
    fn view(&mut self) -> MasterView;
    /// Carries out an intent. `gui` is the framework's way to host parameters.
    fn act(&mut self, intent: MasterIntent, gui: &GuiContext);
}

/// An editor with the instrument's screen.
pub fn instrument_editor(memory: &Arc<EditorMemory>, mut host: impl InstrumentHost) -> ScreenEditor {
    screen_editor(memory, "Continuo", move |ui, gui| {
        let view = host.view();
        for intent in instrument::show(ui, &view) {
            host.act(intent, gui);
        }
    })
}

/// An editor with the mastering screen.
pub fn master_editor(memory: &Arc<EditorMemory>, mut host: impl MasterHost) -> ScreenEditor {
    screen_editor(memory, "Continuo Master", move |ui, gui| {
        host.tick(gui);
        let view = host.view();
        for intent in master::show(ui, &view) {
            host.act(intent, gui);
        }
    })
}

type Draw = Box<dyn FnMut(&mut egui::Ui, &GuiContext) + Send>;

/// An editor that draws one of the screens. Resizable; opens at the size it had.
pub struct ScreenEditor {
    title: &'static str,
    memory: Arc<EditorMemory>,
    draw: Arc<Mutex<Draw>>,
}

fn screen_editor(
    memory: &Arc<EditorMemory>,
    title: &'static str,
    draw: impl FnMut(&mut egui::Ui, &GuiContext) + Send + 'static,
) -> ScreenEditor {
    ScreenEditor { title, memory: Arc::clone(memory), draw: Arc::new(Mutex::new(Box::new(draw))) }
}

impl ScreenEditor {
    /// A fresh editor of the library's for each window: its size cannot be set later, ours can (a project was loaded).
    fn inner(&self) -> Option<EguiEditor<ScreenApp>> {
        let (width, height) = self.memory.size();
        let state = EguiEditorState::from_size(LogicalSize::new(width, height), self.memory.zoom());
        let settings = EguiNiceSettings::new().with_tile(self.title).with_resize_hint(self.resize_hint());
        let app = ScreenApp { memory: Arc::clone(&self.memory), draw: Arc::clone(&self.draw), gui: None };
        create_egui_editor(state, self.memory.notifier.clone(), settings, app)
    }
}

impl Editor for ScreenEditor {
    type Handle = ScreenHandle;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        gui_context: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Self::Handle>, Box<dyn Error>> {
        let inner = self.inner().ok_or("the window library could not make an editor")?;
        let spawned = inner.spawn(parent, wait_for_parent, fallback_scale_factor, gui_context, host)?;
        self.memory.open.store(true, Relaxed);
        let handle = ScreenHandle { inner: spawned.handle, memory: Arc::clone(&self.memory) };
        Ok(SpawnedEditor { handle, window: spawned.window })
    }

    fn size(&self) -> NativeSize<u32> {
        let (width, height) = self.memory.size();
        let scale = f32::from_bits(self.memory.scale.load(Relaxed)) * self.memory.zoom();
        NativeSize::from_size(LogicalSize::new(width, height).into(), f64::from(scale))
    }

    fn resize_hint(&self) -> ResizeHint {
        let zoom = self.memory.zoom();
        ResizeHint::resizable().with_min_max_logical_size(
            Some(LogicalSize::new(MIN_SIZE.0 * zoom, MIN_SIZE.1 * zoom)),
            Some(LogicalSize::new(MAX_SIZE.0 * zoom, MAX_SIZE.1 * zoom)),
        )
    }
}

/// An open window. When it is dropped the window is closed.
pub struct ScreenHandle {
    inner: EguiEditorHandle,
    memory: Arc<EditorMemory>,
}

impl Drop for ScreenHandle {
    fn drop(&mut self) {
        self.memory.open.store(false, Relaxed);
    }
}

mod handle {
    //! The framework's calls on an open window, passed on as they are.

    use super::ScreenHandle;
    use nice_plug_core::editor::dpi::NativeSize;
    use nice_plug_core::editor::{EditorHandle, Modifiers, ParentWindowHandle, VirtualKeyCode};
    use nice_plug_egui::EguiEditorHandle;

    impl EditorHandle for ScreenHandle {
        type Window = <EguiEditorHandle as EditorHandle>::Window;
        type Error = <EguiEditorHandle as EditorHandle>::Error;

        fn run_until_closed(window: Self::Window) -> Result<(), Self::Error> {
            EguiEditorHandle::run_until_closed(window)
        }
        fn set_parent(&self, parent: ParentWindowHandle, window: &Self::Window) -> Result<(), Self::Error> {
            self.inner.set_parent(parent, window)
        }
        fn show(&self, window: &Self::Window) -> Result<(), Self::Error> {
            self.inner.show(window)
        }
        fn hide(&self, window: &Self::Window) -> Result<(), Self::Error> {
            self.inner.hide(window)
        }
        fn set_size(&self, size: NativeSize<u32>, window: &Self::Window) -> Result<(), Self::Error> {
            self.inner.set_size(size, window)
        }
        fn host_main_thread_callback(&self, window: &Self::Window) {
            self.inner.host_main_thread_callback(window);
        }
        fn adjust_size(&self, size: NativeSize<u32>, window: &Self::Window) -> Option<NativeSize<u32>> {
            self.inner.adjust_size(size, window)
        }
        fn set_fallback_scale_factor(&self, scale: f64, window: &Self::Window) -> Result<(), Self::Error> {
            self.inner.set_fallback_scale_factor(scale, window)
        }
        fn on_virtual_key_from_host(&self, key: VirtualKeyCode, is_down: bool, modifiers: Modifiers) -> bool {
            self.inner.on_virtual_key_from_host(key, is_down, modifiers)
        }
        fn state_changed(&self) {
            self.inner.state_changed();
        }
        fn param_value_changed(&self, id: &str, normalized: f32) {
            self.inner.param_value_changed(id, normalized);
        }
        fn param_modulation_changed(&self, id: &str, offset: f32) {
            self.inner.param_modulation_changed(id, offset);
        }
    }
}

/// The library's side of one window.
struct ScreenApp {
    memory: Arc<EditorMemory>,
    draw: Arc<Mutex<Draw>>,
    gui: Option<GuiContext>,
}

impl NiceEguiApp for ScreenApp {
    fn build(&mut self, ctx: egui::Context, gui: GuiContext, frame: &mut Frame) -> Result<(), HandlerError> {
        crate::theme::install(&ctx);
        self.gui = Some(gui);
        frame.set_key_capture(KeyCapture::CaptureKeys(our_keys()));
        announce_embeddable(frame);
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut Frame) {
        if let Some(gui) = &self.gui {
            // A panic of an earlier frame must not close the screen for ever.
            let mut draw = self.draw.lock().unwrap_or_else(PoisonError::into_inner);
            draw(ui, gui);
        }
        ui.ctx().request_repaint_after(FRAME_INTERVAL);
    }

    fn resized(&mut self, size: WindowSize) {
        self.memory.set_size(size.logical.width as f32, size.logical.height as f32);
        // The library counts the zoom into the scale; ours is the system's alone.
        let scale = size.scale_factor as f32 / self.memory.zoom();
        self.memory.scale.store(scale.to_bits(), Relaxed);
    }

    fn zoom_factor_changed(&mut self, zoom_factor: f32) {
        self.memory.set_zoom(zoom_factor);
    }
}

/// Keys the screens use; every other key goes on to the host.
fn our_keys() -> Vec<Key> {
    let names = [" ", "Enter", "Escape", "Tab", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "r", "R", "z", "Z"];
    names.iter().filter_map(|name| name.parse().ok()).collect()
}

/// Puts `_XEMBED_INFO` (version 0, not mapped) on the window. Hosts that follow the XEmbed specification (version 0.5,
/// "Embedding life cycle") refuse a window without it. Nothing happens on other systems, and a failure is no error:
/// most hosts do not ask.
#[cfg(target_os = "linux")]
fn announce_embeddable(frame: &Frame) {
    use raw_window_handle::{HasWindowHandle, RawWindowHandle};
    use x11rb::connection::Connection;
    use x11rb::protocol::xproto::{ConnectionExt as _, PropMode};
    use x11rb::wrapper::ConnectionExt as _;

    let window = match frame.baseview_window().window_handle().map(|h| h.as_raw()) {
        Ok(RawWindowHandle::Xlib(handle)) => u32::try_from(handle.window).ok(),
        Ok(RawWindowHandle::Xcb(handle)) => Some(handle.window.get()),
        _ => None,
    };
    let Some(window) = window else { return };
    let set = || -> Result<(), Box<dyn Error>> {
        let (connection, _) = x11rb::connect(None)?;
        let atom = connection.intern_atom(false, b"_XEMBED_INFO")?.reply()?.atom;
        connection.change_property32(PropMode::REPLACE, window, atom, atom, &[0, 0])?.check()?;
        connection.flush()?;
        Ok(())
    };
    let _ = set();
}

#[cfg(not(target_os = "linux"))]
fn announce_embeddable(_frame: &Frame) {}

/// Opens a window of its own, without a plugin around it, and draws into it until it is closed. `size` in logical pixels.
pub fn open_window(
    title: &str,
    size: (f32, f32),
    zoom: f32,
    draw: impl FnMut(&mut egui::Ui) + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    struct Alone<F>(F);
    impl<F: FnMut(&mut egui::Ui) + Send + 'static> nice_plug_egui::App for Alone<F> {
        fn build(&mut self, ctx: egui::Context, frame: &mut Frame) -> Result<(), HandlerError> {
            crate::theme::install(&ctx);
            announce_embeddable(frame);
            Ok(())
        }
        fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut Frame) {
            (self.0)(ui);
            ui.ctx().request_repaint_after(FRAME_INTERVAL);
        }
    }
    let settings = nice_plug_egui::EguiWindowSettings::new()
        .with_title(title)
        .with_size(LogicalSize::new(size.0, size.1))
        .with_zoom_factor(zoom);
    nice_plug_egui::EguiWindow::create(settings, Alone(draw))?.run_until_closed()?;
    Ok(())
}
