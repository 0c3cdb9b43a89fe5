//! White noise for the audio thread: small, seeded, the same everywhere.

/// Marsaglia's xorshift with 32 bits (G. Marsaglia 2003). Good enough for the ear; choices use `continuo_core::Rng`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noise(u32);

impl Noise {
    /// A stream of its own per `seed`.
    pub(crate) fn new(seed: u32) -> Self {
        // Seeds that differ in one bit must not give like beginnings; zero is the one state that never leaves itself.
        let mut x = seed.wrapping_mul(0x9E37_79B9) ^ 0x85EB_CA6B;
        x ^= x >> 15;
        x = x.wrapping_mul(0x2C1B_3C6D);
        x ^= x >> 12;
        Self(if x == 0 { 1 } else { x })
    }

    /// Uniform in -1..1.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 as i32 as f32) * (1.0 / 2_147_483_648.0)
    }

    /// Uniform in 0..1.
    pub(crate) fn unit(&mut self) -> f64 {
        f64::from(self.next()) * 0.5 + 0.5
    }
}
