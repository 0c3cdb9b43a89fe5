//! A screen without a monitor, with a window manager, for editors in real windows.

use std::env::consts::OS;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// A running X server and window manager; both end when this is dropped.
pub struct Display {
    name: String,
    server: Child,
    manager: Child,
}

impl Display {
    /// Starts both on a free display number. `None` where there is no X (macOS, Windows).
    ///
    /// # Errors
    /// When a program cannot be started.
    pub fn start() -> Result<Option<Self>> {
        if OS != "linux" {
            return Ok(None);
        }
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("could not start Xvfb")?;
        let mut number = String::new();
        let stdout = server.stdout.take().context("Xvfb has an output")?;
        // The server writes its number once it takes connections.
        BufReader::new(stdout).read_line(&mut number).context("Xvfb did not say its number")?;
        let name = format!(":{}", number.trim());
        let manager = Command::new("openbox").env("DISPLAY", &name).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        match manager {
            Ok(manager) => Ok(Some(Self { name, server, manager })),
            Err(error) => {
                let _ = server.kill();
                let _ = server.wait();
                Err(error).context("could not start openbox")
            }
        }
    }

    /// Lets a program use this screen, drawn by the processor.
    pub fn apply(&self, command: &mut Command) {
        command.env("DISPLAY", &self.name).env("LIBGL_ALWAYS_SOFTWARE", "1").env_remove("WAYLAND_DISPLAY");
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        for child in [&mut self.manager, &mut self.server] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
