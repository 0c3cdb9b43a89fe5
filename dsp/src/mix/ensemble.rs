//! The four instruments and their mixer, as the plugin and the command both use them.

use super::mixer::{MixSettings, PARTS, PartMixer, StereoMut};
use crate::voice::Instrument;
use continuo_core::Part;
use continuo_core::units::{Frames, SampleRate};

/// Instruments and mixer.
///
/// # Real-time safety
/// [`Ensemble::new`] allocates; everything else is real-time safe.
#[derive(Clone, Debug)]
pub struct Ensemble {
    instruments: Vec<Instrument>,
    mixer: PartMixer,
}

impl Ensemble {
    /// Silent, with the default mix. Allocates.
    pub fn new(sample_rate: SampleRate, max_block: Frames) -> Self {
        Self {
            instruments: Part::ALL.iter().map(|&part| Instrument::new(part, sample_rate, max_block)).collect(),
            mixer: PartMixer::new(sample_rate, max_block),
        }
    }

    /// The instrument of a part, to play on.
    pub fn instrument(&mut self, part: Part) -> &mut Instrument {
        &mut self.instruments[part.index()]
    }

    /// New mix settings. Real-time safe.
    pub fn set(&mut self, settings: &MixSettings) {
        self.mixer.set(settings);
    }

    /// Renders the next frames: every part as heard, and the mix with the room. Buffers are overwritten. Real-time safe.
    pub fn render(&mut self, parts: &mut [StereoMut<'_>; PARTS], left: &mut [f32], right: &mut [f32]) {
        for (instrument, part) in self.instruments.iter_mut().zip(parts.iter_mut()) {
            part.left.fill(0.0);
            part.right.fill(0.0);
            instrument.render(part.left, part.right);
        }
        self.mixer.process(parts, left, right);
    }

    /// Lets every note of every part go. Real-time safe.
    pub fn all_off(&mut self) {
        self.instruments.iter_mut().for_each(Instrument::all_off);
    }

    /// True when no instrument sounds (the room may still ring).
    pub fn is_silent(&self) -> bool {
        self.instruments.iter().all(Instrument::is_silent)
    }

    /// As newly made, with the settings last set. Real-time safe.
    pub fn reset(&mut self) {
        self.instruments.iter_mut().for_each(Instrument::reset);
        self.mixer.reset();
    }
}
