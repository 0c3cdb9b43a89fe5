//! Continuo dsp.
