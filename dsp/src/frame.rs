//! One stereo sample, and the small arithmetic on it.

/// One sample of both channels, left and right, in double precision.
pub type Frame = [f64; 2];

/// Silence.
pub const ZERO: Frame = [0.0; 2];

/// Feedback values smaller than this (-600 dB) are set to zero: far under any converter's floor, and far above the
/// denormal numbers that some processors compute slowly.
const FLUSH_BELOW: f64 = 1e-30;

/// `a + b`.
#[inline(always)]
pub fn add(a: Frame, b: Frame) -> Frame {
    [a[0] + b[0], a[1] + b[1]]
}

/// `a - b`.
#[inline(always)]
pub fn sub(a: Frame, b: Frame) -> Frame {
    [a[0] - b[0], a[1] - b[1]]
}

/// `a * k`.
#[inline(always)]
pub fn scale(a: Frame, k: f64) -> Frame {
    [a[0] * k, a[1] * k]
}

/// The sample as a double, 0 when it is infinite or not a number.
#[inline(always)]
pub fn clean(sample: f32) -> f64 {
    if sample.is_finite() { f64::from(sample) } else { 0.0 }
}

/// The nearest finite single. Exact for values that came from [`clean`].
#[inline(always)]
pub fn to_f32(sample: f64) -> f32 {
    sample.clamp(-f64::from(f32::MAX), f64::from(f32::MAX)) as f32
}

/// `value`, or 0 when it is so small that it can only be the tail of a decay.
#[inline(always)]
pub fn flushed(value: f64) -> f64 {
    if value.abs() < FLUSH_BELOW { 0.0 } else { value }
}

/// [`flushed`] on both channels.
#[inline(always)]
pub fn flushed_frame(frame: Frame) -> Frame {
    [flushed(frame[0]), flushed(frame[1])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singles_survive_the_way_in_and_out() {
        for sample in [0.0f32, -0.0, 1.0, -0.3, f32::MIN_POSITIVE / 8.0, f32::MAX, -f32::MAX] {
            assert_eq!(to_f32(clean(sample)).to_bits(), sample.to_bits());
        }
        for sample in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(clean(sample), 0.0);
        }
        assert_eq!(to_f32(1e300), f32::MAX);
        assert_eq!(flushed(1e-31), 0.0);
        assert_eq!(flushed(-1e-29), -1e-29);
    }
}
