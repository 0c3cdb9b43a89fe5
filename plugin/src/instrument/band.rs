//! The band on the audio thread: the four instruments with their mixer, the sound of the player's own keys, and levels.

use super::audio::{Mix, Played};
use super::lanes::Meters;
use super::sequencer::PartEvent;
use continuo_core::{Frames, Part, SampleRate};
use continuo_dsp::{Ensemble, Instrument, MixSettings, StereoMut};
use nice_plug::buffer::Buffer;

/// Time constant of the output level's glide, seconds.
const GLIDE_S: f64 = 0.01;
/// Time constant of the level meters, seconds.
const RMS_S: f64 = 0.3;

/// Where the sound goes.
pub struct Outputs<'a, 'b> {
    /// The mix, left and right.
    pub main: [&'a mut [f32]; 2],
    /// One stereo buffer per part, in the order of [`Part::ALL`].
    pub parts: &'a mut [Buffer<'b>],
}

/// Instruments, mixer and meters. Allocates in [`Band::new`] only.
pub struct Band {
    ensemble: Ensemble,
    monitor: Instrument,
    mix: Option<MixSettings>,
    output: Option<f32>,
    glide: f32,
    rms_keep: f32,
}

impl Band {
    /// A silent band.
    pub fn new(rate: SampleRate, max_block: Frames) -> Self {
        Self {
            ensemble: Ensemble::new(rate, max_block),
            monitor: Instrument::new(Part::Keys, rate, max_block),
            mix: None,
            output: None,
            glide: (1.0 - (-1.0 / (GLIDE_S * rate.hz())).exp()) as f32,
            rms_keep: (-1.0 / (RMS_S * rate.hz())).exp() as f32,
        }
    }

    /// Silence, as newly made. Real-time safe.
    pub fn reset(&mut self) {
        self.ensemble.reset();
        self.monitor.reset();
        self.mix = None;
        self.output = None;
    }

    /// Renders one block. Real-time safe.
    pub fn render(
        &mut self,
        events: &[PartEvent],
        played: &[Played],
        mix: &Mix,
        outputs: Outputs<'_, '_>,
        meters: &mut Meters,
    ) {
        if self.mix != Some(mix.parts) {
            self.mix = Some(mix.parts);
            self.ensemble.set(&mix.parts);
        }
        for event in events {
            let instrument = self.ensemble.instrument(event.part);
            let offset = Frames(u64::from(event.frame));
            if event.velocity > 0 {
                instrument.note_on(event.pitch, event.velocity, offset);
            } else {
                instrument.note_off(event.pitch, offset);
            }
        }
        for key in played {
            let offset = Frames(u64::from(key.frame));
            if key.velocity > 0 && mix.monitor {
                self.monitor.note_on(key.pitch, key.velocity, offset);
            } else if key.velocity == 0 {
                self.monitor.note_off(key.pitch, offset);
            }
        }
        let Outputs { main: [left, right], parts } = outputs;
        let [keys, bass, drums, strings] = parts else {
            left.fill(0.0);
            right.fill(0.0);
            return;
        };
        let ([kl, kr, ..], [bl, br, ..], [dl, dr, ..], [sl, sr, ..]) =
            (keys.as_slice(), bass.as_slice(), drums.as_slice(), strings.as_slice())
        else {
            left.fill(0.0);
            right.fill(0.0);
            return;
        };
        let mut strips = [
            StereoMut { left: kl, right: kr },
            StereoMut { left: bl, right: br },
            StereoMut { left: dl, right: dr },
            StereoMut { left: sl, right: sr },
        ];
        self.ensemble.render(&mut strips, left, right);
        self.monitor.render(left, right);
        self.level(mix.output_db, left, right);
        for (part, strip) in strips.iter().enumerate() {
            for (channel, samples) in [&*strip.left, &*strip.right].into_iter().enumerate() {
                let (mut peak, mut square) = (0.0f32, meters.mean_square[part][channel]);
                for &x in samples {
                    peak = peak.max(x.abs());
                    square = x * x + self.rms_keep * (square - x * x);
                }
                meters.peak[part][channel] = peak;
                meters.mean_square[part][channel] = if square < 1e-12 { 0.0 } else { square };
            }
        }
    }

    fn level(&mut self, db: f32, left: &mut [f32], right: &mut [f32]) {
        let target = 10f32.powf(db / 20.0);
        let mut gain = self.output.unwrap_or(target);
        for (l, r) in left.iter_mut().zip(right) {
            gain += self.glide * (target - gain);
            // The glide never quite arrives; close enough is there. Decided per frame, so that blocks do not matter.
            if (gain - target).abs() < 1e-6 {
                gain = target;
            }
            *l *= gain;
            *r *= gain;
        }
        self.output = Some(gain);
    }
}
