//! Continuo plugin.
