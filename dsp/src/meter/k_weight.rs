//! The K-weighting of BS.1770: a shelf for the head, a high-pass for the ear.
//!
//! The standard gives coefficients for 48 kHz only. They are bilinear transforms of a second-order shelf and a second-order high-pass with the
//! frequencies, gains and qualities below (found by inverting the transform; the test compares with the printed coefficients), which gives the filter at any rate.

use crate::frame::{Frame, flushed};

/// Shelf: frequency, gain and quality.
const SHELF_HZ: f64 = 1_681.974_450_955_533;
const SHELF_DB: f64 = 3.999_843_853_973_347;
const SHELF_Q: f64 = 0.707_175_236_955_419_6;
/// Exponent of the shelf's middle gain that reproduces the printed numerator.
const SHELF_MIDDLE: f64 = 0.499_666_774_154_541_6;
/// High-pass: frequency and quality.
const HIGH_HZ: f64 = 38.135_470_876_024_44;
const HIGH_Q: f64 = 0.500_327_037_323_877_3;

/// b0, b1, b2, a1, a2.
type Biquad = [f64; 5];

fn shelf(rate: f64) -> Biquad {
    let k = (std::f64::consts::PI * SHELF_HZ / rate).tan();
    let high = 10f64.powf(SHELF_DB / 20.0);
    let middle = high.powf(SHELF_MIDDLE);
    let a0 = 1.0 + k / SHELF_Q + k * k;
    [
        (high + middle * k / SHELF_Q + k * k) / a0,
        2.0 * (k * k - high) / a0,
        (high - middle * k / SHELF_Q + k * k) / a0,
        2.0 * (k * k - 1.0) / a0,
        (1.0 - k / SHELF_Q + k * k) / a0,
    ]
}

fn high_pass(rate: f64) -> Biquad {
    let k = (std::f64::consts::PI * HIGH_HZ / rate).tan();
    let a0 = 1.0 + k / HIGH_Q + k * k;
    // The standard leaves the numerator at 1, -2, 1.
    [1.0, -2.0, 1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / HIGH_Q + k * k) / a0]
}

/// Both filters for both channels.
#[derive(Clone, Debug)]
pub(crate) struct KWeight {
    coefs: [Biquad; 2],
    /// Per filter and channel: the two memories of the transposed direct form.
    state: [[[f64; 2]; 2]; 2],
}

impl KWeight {
    pub(crate) fn new(rate: f64) -> Self {
        Self { coefs: [shelf(rate), high_pass(rate)], state: [[[0.0; 2]; 2]; 2] }
    }

    /// The weighted square of a frame, both channels together.
    #[inline(always)]
    pub(crate) fn power(&mut self, x: Frame) -> f64 {
        let mut y = x;
        for (c, state) in self.coefs.iter().zip(&mut self.state) {
            for (v, s) in y.iter_mut().zip(state) {
                let input = *v;
                let out = c[0] * input + s[0];
                s[0] = c[1] * input - c[3] * out + s[1];
                s[1] = c[2] * input - c[4] * out;
                *v = out;
            }
        }
        y[0] * y[0] + y[1] * y[1]
    }

    /// Takes out what is left of a decay.
    pub(crate) fn flush(&mut self) {
        for memory in self.state.iter_mut().flatten().flatten() {
            *memory = flushed(*memory);
        }
    }

    pub(crate) fn reset(&mut self) {
        self.state = [[[0.0; 2]; 2]; 2];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_48_khz_it_has_the_printed_coefficients() {
        // BS.1770-4, annex 1, tables 1 and 2: b0, b1, b2, a1, a2.
        let printed_shelf =
            [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585];
        let printed_high = [1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621];
        for (ours, printed) in
            shelf(48_000.0).iter().zip(printed_shelf).chain(high_pass(48_000.0).iter().zip(printed_high))
        {
            assert!((ours - printed).abs() < 1e-8, "{ours} {printed}");
        }
    }
}
