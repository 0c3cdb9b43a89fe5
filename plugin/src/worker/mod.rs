//! What runs beside the audio: one worker per plugin instance. It hears through the tap, thinks with the models, keeps
//! what is on offer, and sends what the human accepted to the audio thread.

pub mod heard;
pub mod instrument;
pub mod master;
pub mod moves;
pub mod sidechain;
pub mod spectrum;
pub mod takes;

use continuo_core::lanes::LaneIn;
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970 (UTC), for the ledger. Never read on the audio thread.
pub fn now_unix_ms() -> Option<u64> {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|d| u64::try_from(d.as_millis()).ok())
}

/// Sends the latest picture: when the lane is full, the picture waits and a newer one takes its place.
#[derive(Debug)]
pub struct LatestOffer<T> {
    lane: LaneIn<T>,
    pending: Option<T>,
}

impl<T> LatestOffer<T> {
    /// A sender over `lane`.
    pub fn new(lane: LaneIn<T>) -> Self {
        Self { lane, pending: None }
    }

    /// Puts `picture` in the place of whatever waits, and sends.
    pub fn put(&mut self, picture: T) {
        self.pending = Some(picture);
        self.flush();
    }

    /// Tries again to send what waits.
    pub fn flush(&mut self) {
        if let Some(picture) = self.pending.take()
            && let Err(back) = self.lane.send(picture)
        {
            self.pending = Some(back);
        }
    }
}
