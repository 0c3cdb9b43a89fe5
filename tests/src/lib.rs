//! Continuo tests.
