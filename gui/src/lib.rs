//! Continuo's screens: egui views as functions, data in, intents out.
//!
//! [`instrument::show`] and [`master::show`] draw one frame from a plain view ([`data`]) and give back what the human
//! asked for. No screen owns truth: what an intent does is the plugin's affair, and the next view shows it.
//! [`adapter`] is the only file that knows the plugin framework and the window library.

pub mod adapter;
pub mod data;
pub mod instrument;
pub mod master;
pub mod range;
pub mod response;
pub mod theme;
pub mod widgets;
