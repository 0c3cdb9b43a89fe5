//! A plain X11 window for editors to live in.

use anyhow::{Context, Result};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt as _, CreateWindowAux, WindowClass};
use x11rb::rust_connection::RustConnection;

/// An open window; closed when dropped.
pub struct Window {
    connection: RustConnection,
    id: u32,
}

impl Window {
    /// Opens a window on the screen that `DISPLAY` names.
    ///
    /// # Errors
    /// When there is no screen.
    pub fn open(width: u16, height: u16) -> Result<Self> {
        let (connection, number) = x11rb::connect(None).context("no X11 screen")?;
        let screen = connection.setup().roots.get(number).context("no such screen")?;
        let (root, depth) = (screen.root, screen.root_depth);
        let id = connection.generate_id()?;
        let kind = WindowClass::INPUT_OUTPUT;
        connection.create_window(depth, id, root, 0, 0, width, height, 0, kind, 0, &CreateWindowAux::new())?.check()?;
        connection.map_window(id)?.check()?;
        connection.flush()?;
        Ok(Self { connection, id })
    }

    /// Its X11 id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // The screen may be gone already.
        let _ = self.connection.destroy_window(self.id);
        let _ = self.connection.flush();
    }
}
