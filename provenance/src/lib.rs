//! Continuo provenance.
