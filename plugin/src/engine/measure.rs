//! What a meter says of a whole recording.

use continuo_core::SampleRate;
use continuo_dsp::Meter;
use continuo_provenance::record::Loudness;

/// Figures of a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measurement {
    /// Integrated loudness, LUFS.
    pub integrated_lufs: f64,
    /// Loudness range, LU.
    pub range_lu: f64,
    /// True peak, dBTP.
    pub true_peak_dbtp: f64,
    /// Highest momentary loudness, LUFS.
    pub max_momentary_lufs: f64,
    /// Highest short-term loudness, LUFS.
    pub max_short_term_lufs: f64,
    /// Short-term loudness over time: seconds, LUFS.
    pub short_term: Vec<(f64, f64)>,
}

impl Measurement {
    /// For the record.
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

/// Seconds between two points of the loudness curve.
const STEP_S: f64 = 0.1;

/// Measures a whole recording.
pub fn measure(channels: [&[f32]; 2], rate: SampleRate) -> Measurement {
    let mut meter = Meter::new(rate);
    let step = (rate.frames(STEP_S).0 as usize).max(1);
    let mut short_term = Vec::with_capacity(channels[0].len() / step + 1);
    let mut frames = 0;
    for (left, right) in channels[0].chunks(step).zip(channels[1].chunks(step)) {
        meter.process(left, right);
        frames += left.len();
        short_term.push((frames as f64 / rate.hz(), meter.reading().short_term_lufs));
    }
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
