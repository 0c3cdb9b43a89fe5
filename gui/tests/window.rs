//! A real window on a real X server: it opens at the size it had, announces itself embeddable, draws, follows a resize,
//! and is gone when it is closed; many times in a row.
#![cfg(target_os = "linux")]

use continuo_gui::adapter::{EditorMemory, InstrumentHost, MIN_SIZE, instrument_editor};
use continuo_gui::data::{InstrumentIntent, InstrumentView};
use nice_plug_core::context::PluginApi;
use nice_plug_core::context::gui::{GuiContext, GuiContextInner};
use nice_plug_core::editor::{Editor, EditorHandle, SpawnedEditor};
use nice_plug_core::params::internals::ParamPtr;
use nice_plug_core::plugin::PluginState;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{AtomEnum, ConfigureWindowAux, ConnectionExt, Window};
use x11rb::rust_connection::RustConnection;

/// Ends the X server with the test, also when the test fails.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the test named `inner` in a process of its own under an X server of its own: the display is a matter of the
/// environment, which a process with other tests in it must not change.
#[test]
fn a_window_opens_draws_resizes_and_closes() {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("this test needs Xvfb (Debian package xvfb)");
    let mut number = String::new();
    BufReader::new(server.stdout.take().expect("its output is piped"))
        .read_line(&mut number)
        .expect("Xvfb says its number");
    let _server = Server(server);
    let me = std::env::current_exe().expect("the test knows itself");
    let run = Command::new(me)
        .args(["--exact", "inner", "--ignored", "--nocapture"])
        .env("DISPLAY", format!(":{}", number.trim()))
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .output()
        .expect("the test starts itself");
    let said = [run.stdout, run.stderr].map(|b| String::from_utf8_lossy(&b).into_owned());
    assert!(run.status.success(), "{}\n{}", said[0], said[1]);
    assert!(said[0].contains("1 passed"), "the inner test did not run:\n{}", said[0]);
}

struct NoHost;

impl GuiContextInner for NoHost {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Standalone
    }
    unsafe fn raw_begin_set_parameter(&self, _: ParamPtr) {}
    unsafe fn raw_set_parameter_normalized(&self, _: ParamPtr, _: f32) {}
    unsafe fn raw_end_set_parameter(&self, _: ParamPtr) {}
    fn get_state(&self) -> PluginState {
        unreachable!("the screens never ask for the state")
    }
    fn set_state(&self, _: PluginState) {}
    fn request_restart(&self) {}
}

struct Counting(Arc<AtomicU32>);

impl InstrumentHost for Counting {
    fn view(&mut self) -> InstrumentView {
        self.0.fetch_add(1, Ordering::SeqCst);
        InstrumentView::default()
    }
    fn act(&mut self, _: InstrumentIntent, _: &GuiContext) {}
}

/// Waits until `done`, at most ten seconds.
fn wait(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(10), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Windows of this title that are shown.
fn shown(connection: &RustConnection, root: Window, title: &str) -> Vec<Window> {
    let children = connection.query_tree(root).unwrap().reply().unwrap().children;
    let named = |&w: &Window| {
        let name = connection.get_property(false, w, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 64).unwrap().reply();
        let state = connection.get_window_attributes(w).unwrap().reply();
        name.is_ok_and(|n| n.value == title.as_bytes())
            && state.is_ok_and(|s| s.map_state == x11rb::protocol::xproto::MapState::VIEWABLE)
    };
    children.into_iter().filter(named).collect()
}

#[test]
#[ignore = "run by the test above, under its own X server"]
fn inner() {
    let (connection, screen) = x11rb::connect(None).unwrap();
    let root = connection.setup().roots[screen].root;
    let atom = connection.intern_atom(false, b"_XEMBED_INFO").unwrap().reply().unwrap().atom;
    let memory = EditorMemory::new();
    memory.set_size(10.0, f32::NAN);
    assert_eq!(memory.size().0, MIN_SIZE.0);
    let frames = Arc::new(AtomicU32::new(0));
    let editor = instrument_editor(&memory, Counting(Arc::clone(&frames)));
    for round in 0..5u16 {
        // A size set after the editor was made counts: a project is loaded later than its plugin.
        let (width, height) = (800 + 10 * round, 600);
        memory.set_size(f32::from(width), f32::from(height));
        let context = GuiContext::new(Arc::new(NoHost));
        let SpawnedEditor { handle, window } = editor.spawn(None, false, None, context, None).unwrap();
        handle.show(&window).unwrap();
        assert!(memory.is_open());
        wait("the window", || shown(&connection, root, "Continuo").len() == 1);
        let x_window = shown(&connection, root, "Continuo")[0];
        let geometry = connection.get_geometry(x_window).unwrap().reply().unwrap();
        assert_eq!((geometry.width, geometry.height), (width, height));
        let info = connection.get_property(false, x_window, atom, AtomEnum::ANY, 0, 8).unwrap().reply().unwrap();
        assert_eq!((info.type_, info.format, info.value), (atom, 32, vec![0; 8]), "_XEMBED_INFO");
        let before = frames.load(Ordering::SeqCst);
        wait("three frames", || frames.load(Ordering::SeqCst) > before + 3);
        let resize = ConfigureWindowAux::new().width(1000).height(700);
        connection.configure_window(x_window, &resize).unwrap().check().unwrap();
        wait("the new size", || memory.size() == (1000.0, 700.0));
        drop(handle);
        drop(window);
        assert!(!memory.is_open());
        wait("the end of the window", || shown(&connection, root, "Continuo").is_empty());
    }
}
