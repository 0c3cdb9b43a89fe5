//! What stands between the screens and the plugins: views filled each frame, intents carried out.

pub mod instrument;
pub mod master;
mod params;

pub use params::ParamTable;

use continuo_gui::adapter::EditorMemory;
use continuo_gui::data::ThemeChoice;
use nice_plug::params::persist::PersistentField;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The window's size and look, as the project keeps them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EditorLook {
    width: f32,
    height: f32,
    zoom: f32,
    theme: String,
}

impl Default for EditorLook {
    fn default() -> Self {
        let memory = EditorMemory::default();
        let (width, height) = memory.size();
        Self { width, height, zoom: memory.zoom(), theme: ThemeChoice::default().id().to_owned() }
    }
}

/// The window's size and look in use.
#[derive(Debug, Default)]
pub struct EditorStore {
    /// What the window remembers while it is closed.
    pub memory: Arc<EditorMemory>,
    light: AtomicBool,
}

impl EditorStore {
    /// The look chosen.
    pub fn theme(&self) -> ThemeChoice {
        if self.light.load(Ordering::Relaxed) { ThemeChoice::Light } else { ThemeChoice::Dark }
    }

    /// Chooses a look.
    pub fn set_theme(&self, theme: ThemeChoice) {
        self.light.store(theme == ThemeChoice::Light, Ordering::Relaxed);
    }
}

impl<'a> PersistentField<'a, EditorLook> for Arc<EditorStore> {
    fn set(&self, look: EditorLook) {
        self.memory.set_size(look.width, look.height);
        self.memory.set_zoom(look.zoom);
        self.set_theme(ThemeChoice::from_id(&look.theme));
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&EditorLook) -> R,
    {
        let (width, height) = self.memory.size();
        f(&EditorLook { width, height, zoom: self.memory.zoom(), theme: self.theme().id().to_owned() })
    }
}
