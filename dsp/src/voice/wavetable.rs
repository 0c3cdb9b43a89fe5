//! Band-limited tables with a saw's spectrum, a fresh one every half octave, so that no partial is ever above the band.
//!
//! The partials have the strengths of a saw but spread phases: several saws a little apart pile their edges up into spikes every few seconds, and a
//! section of players does not.

use std::f64::consts::TAU;

/// Samples of one period.
const SIZE: usize = 2048;
/// Tables per octave.
const PER_OCTAVE: f64 = 2.0;
/// Fundamental of the first table, hertz.
const LOWEST_HZ: f64 = 27.5;
/// Number of tables: up to 27.5 Hz * 2^10 = 28 kHz.
const TABLES: usize = 20;

/// The tables.
#[derive(Clone, Debug)]
pub(crate) struct Wavetable {
    /// Each table has one more sample than its period, equal to the first.
    tables: Vec<f32>,
}

impl Wavetable {
    /// For a rate. Allocates.
    pub(crate) fn new(rate: f64) -> Self {
        let mut tables = vec![0.0f32; TABLES * (SIZE + 1)];
        let sine: Vec<f64> = (0..SIZE).map(|i| (TAU * i as f64 / SIZE as f64).sin()).collect();
        for t in 0..TABLES {
            let top_hz = LOWEST_HZ * ((t + 1) as f64 / PER_OCTAVE).exp2();
            let partials = ((0.45 * rate / top_hz) as usize).clamp(1, SIZE / 4);
            let mut period = vec![0.0f64; SIZE];
            for k in 1..=partials {
                // Lanczos' sigma factors take the ringing off the edge.
                let s = std::f64::consts::PI * k as f64 / (partials + 1) as f64;
                let amp = (s.sin() / s) / k as f64;
                // Squares give neighbouring partials every possible difference (M. R. Schroeder, IEEE IT 1970).
                let spread = (k * k * 37) % SIZE;
                for (i, v) in period.iter_mut().enumerate() {
                    *v += amp * sine[(i * k + spread) % SIZE];
                }
            }
            for (i, out) in tables[t * (SIZE + 1)..(t + 1) * (SIZE + 1)].iter_mut().enumerate() {
                *out = (period[i % SIZE] * 2.0 / std::f64::consts::PI) as f32;
            }
        }
        Self { tables }
    }

    /// The table for a fundamental that never exceeds `hz`.
    pub(crate) fn table(&self, hz: f64) -> &[f32] {
        let place = ((hz / LOWEST_HZ).log2() * PER_OCTAVE).floor().clamp(0.0, (TABLES - 1) as f64) as usize;
        &self.tables[place * (SIZE + 1)..(place + 1) * (SIZE + 1)]
    }

    /// Value at `phase` in 0..1.
    #[inline(always)]
    pub(crate) fn read(table: &[f32], phase: f32) -> f32 {
        let x = phase * SIZE as f32;
        let i = (x as usize).min(SIZE - 1);
        let frac = x - i as f32;
        table[i] + (table[i + 1] - table[i]) * frac
    }
}
