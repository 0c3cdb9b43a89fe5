//! Parameters: one list per plugin, each entry with its id, name, range, unit and meaning. Ids are words and are frozen.

pub mod instrument;
pub mod master;

use nice_plug::prelude::*;
use std::sync::Arc;

/// A level in decibels, linear on the scale people read, with `min` shown as silence by whoever applies it.
pub(crate) fn decibels(name: &str, default: f32, min: f32, max: f32) -> FloatParam {
    FloatParam::new(name, default, FloatRange::Linear { min, max }).with_unit(" dB").with_step_size(0.1)
}

/// A frequency on a logarithmic-feeling scale.
pub(crate) fn hertz(name: &str, default: f32, min: f32, max: f32) -> FloatParam {
    FloatParam::new(name, default, FloatRange::Skewed { min, max, factor: FloatRange::skew_factor(-2.0) })
        .with_value_to_string(formatters::v2s_f32_hz_then_khz(2))
        .with_string_to_value(formatters::s2v_f32_hz_then_khz())
}

/// A time in milliseconds on a logarithmic-feeling scale.
pub(crate) fn milliseconds(name: &str, default: f32, min: f32, max: f32) -> FloatParam {
    FloatParam::new(name, default, FloatRange::Skewed { min, max, factor: FloatRange::skew_factor(-1.5) })
        .with_unit(" ms")
        .with_value_to_string(formatters::v2s_f32_rounded(1))
}

/// A share shown as a percentage.
pub(crate) fn share(name: &str, default: f32, max: f32) -> FloatParam {
    FloatParam::new(name, default, FloatRange::Linear { min: 0.0, max })
        .with_unit(" %")
        .with_value_to_string(formatters::v2s_f32_percentage(0))
        .with_string_to_value(formatters::s2v_f32_percentage())
}

/// The ids of a parameter list, in order; what the freeze test and the manual are made from.
pub fn ids(params: &Arc<dyn Params>) -> Vec<String> {
    params.param_map().into_iter().map(|(id, _, _)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One id per line, in order. A line may be added at the end; changing or removing one breaks somebody's song.
    fn frozen(text: &str) -> Vec<String> {
        text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_owned).collect()
    }

    #[test]
    fn instrument_ids_are_frozen() {
        let params: Arc<dyn Params> = Arc::new(instrument::InstrumentParams::default());
        assert_eq!(ids(&params), frozen(include_str!("instrument.ids")));
    }

    #[test]
    fn master_ids_are_frozen() {
        let params: Arc<dyn Params> = Arc::new(master::MasterParams::default());
        assert_eq!(ids(&params), frozen(include_str!("master.ids")));
    }
}
