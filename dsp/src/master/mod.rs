//! The master chain.
//!
//! Input gain - high-pass - EQ - multiband dynamics and width - saturation - drive - true-peak limiter, in double precision. A stage at
//! rest changes nothing, to the bit; its delay stays, so the chain's latency never changes.

mod chain;
mod crossover;
mod delay;
mod dynamics;
mod eq;
mod eq_design;
mod halfband;
mod highpass;
mod limiter;
mod multiband;
mod oversample;
mod saturation;
mod sliding;
mod smooth;
mod svf;

pub use chain::{MasterChain, Reductions};
pub use eq_design::prototype_db;
pub use limiter::MARGIN_DB;
pub use smooth::GRID;

pub(crate) use halfband::kaiser as halfband_window;
pub(crate) use smooth::Smoothed;

use continuo_core::mastering::MasterSettings;
use continuo_core::units::SampleRate;

/// The stated magnitude response of high-pass and EQ at `hz`, decibels: the analogue prototypes, which the filters follow to within 0.05 dB
/// up to 20 kHz (shelves up to Q = 2, the steepest they go). For the screen and for tests. 0 Hz and less give -300 dB while the
/// high-pass is on.
pub fn eq_response_db(settings: &MasterSettings, hz: f64, sample_rate: SampleRate) -> f64 {
    let rate = sample_rate.hz();
    let corner = highpass::clean_corner(settings.highpass_hz);
    let cut = if corner > 0.0 { eq_design::highpass_db(corner, hz, rate) } else { 0.0 };
    let bands = settings.eq.iter().map(|band| eq_design::clean_band(band, rate)).filter(|band| band.gain_db != 0.0);
    cut + bands.map(|band| prototype_db(&band, hz)).sum::<f64>()
}
