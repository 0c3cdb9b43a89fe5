//! Continuo gui.
