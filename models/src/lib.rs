//! Continuo models.
