//! What the meters say of a whole recording.

use continuo_core::SampleRate;
use continuo_dsp::meter::Meter;
use continuo_provenance::record::Loudness;

/// Figures of a recording and its short-term loudness over time. Loudness is negative infinity when there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// Integrated loudness, LUFS.
    pub integrated_lufs: f64,
    /// Loudness range, LU.
    pub range_lu: f64,
    /// Largest true peak, dBTP.
    pub true_peak_dbtp: f64,
    /// Largest momentary loudness, LUFS.
    pub max_momentary_lufs: f64,
    /// Largest short-term loudness, LUFS.
    pub max_short_term_lufs: f64,
    /// Seconds at the end of each window of 3 s, and its loudness, LUFS; ten a second.
    pub short_term: Vec<(f64, f64)>,
}

impl Measurement {
    /// As the record holds it.
    pub fn for_record(&self) -> Loudness {
        Loudness {
            integrated_lufs: self.integrated_lufs,
            range_lu: self.range_lu,
            true_peak_dbtp: self.true_peak_dbtp,
            max_momentary_lufs: self.max_momentary_lufs,
            max_short_term_lufs: self.max_short_term_lufs,
        }
    }
}

/// Measures a recording from beginning to end.
pub fn measure(channels: [&[f32]; 2], rate: SampleRate) -> Measurement {
    let frames = channels[0].len().min(channels[1].len());
    // A tenth of a second, as often as the meter reads.
    let step = ((rate.hz() / 10.0) as usize).max(1);
    let mut meter = Meter::new(rate);
    let mut short_term = Vec::with_capacity(frames / step + 1);
    for from in (0..frames).step_by(step) {
        let to = (from + step).min(frames);
        meter.process(&channels[0][from..to], &channels[1][from..to]);
        short_term.push((to as f64 / rate.hz(), meter.reading().short_term_lufs));
    }
    meter.finish();
    let reading = meter.reading();
    Measurement {
        integrated_lufs: reading.integrated_lufs,
        range_lu: reading.range_lu,
        true_peak_dbtp: reading.true_peak_dbtp,
        max_momentary_lufs: reading.max_momentary_lufs,
        max_short_term_lufs: reading.max_short_term_lufs,
        short_term,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_sine_reads_what_the_standard_says() {
        // BS.1770: a 997 Hz sine of full scale in one channel reads -3.01 LUFS; in both, 0.0; at -23 dBFS, -23.
        let rate = SampleRate::new(48_000.0).unwrap();
        let level = 10f64.powf(-23.0 / 20.0);
        let wave: Vec<f32> = (0..48_000 * 5)
            .map(|i| (level * (std::f64::consts::TAU * 997.0 * f64::from(i) / 48_000.0).sin()) as f32)
            .collect();
        let m = measure([&wave, &wave], rate);
        assert!((m.integrated_lufs + 23.0).abs() < 0.1, "{}", m.integrated_lufs);
        assert!((m.true_peak_dbtp + 23.0).abs() < 0.1, "{}", m.true_peak_dbtp);
        assert_eq!(m.short_term.len(), 50);
        assert!(m.short_term[10].1.is_infinite() && (m.short_term[49].1 + 23.0).abs() < 0.1);
        assert!(measure([&[], &[]], rate).integrated_lufs.is_infinite());
    }
}
