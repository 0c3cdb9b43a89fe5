//! The mastering plugin on the audio thread.

use super::lanes::{Meters, Patch, Tap};
use continuo_core::lanes::{LaneIn, LaneOut};
use continuo_core::mastering::MasterSettings;
use continuo_core::{Frames, SampleRate};
use continuo_dsp::master::MasterChain;

/// Frames processed at a time; the dry copy is this long.
const CHUNK: usize = 256;
/// Time constant of the level meter, seconds.
const RMS_S: f32 = 0.3;
/// Length of the cross-fade in and out of bypass, seconds.
const FADE_S: f32 = 0.01;

/// The lane ends of the audio thread. Made once, they outlive changes of sample rate.
#[derive(Debug)]
pub struct AudioLanes {
    /// What is heard.
    pub tap: LaneIn<Tap>,
    /// What is auditioned.
    pub patches: LaneOut<Patch>,
    /// What the screen shows.
    pub meters: triple_buffer::Input<Meters>,
}

/// What of the chain is heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bypass {
    /// The chain.
    Off,
    /// What came in, bit for bit.
    On,
    /// What came in, as loud as the chain, for a comparison by ear.
    Compare {
        /// Linear gain.
        gain: f32,
    },
}

/// A delay that brings the dry signal to the chain's latency.
#[derive(Debug)]
struct Delay {
    memory: Vec<[f32; 2]>,
    at: usize,
}

impl Delay {
    fn new(frames: usize) -> Self {
        Self { memory: vec![[0.0; 2]; frames], at: 0 }
    }

    fn process(&mut self, frame: [f32; 2]) -> [f32; 2] {
        let Some(slot) = self.memory.get_mut(self.at) else { return frame };
        let out = std::mem::replace(slot, frame);
        self.at = (self.at + 1) % self.memory.len();
        out
    }

    fn reset(&mut self) {
        self.memory.fill([0.0; 2]);
        self.at = 0;
    }
}

/// Everything that processes, for one sample rate. Allocates in [`MasterAudio::new`] only.
#[derive(Debug)]
pub struct MasterAudio {
    chain: MasterChain,
    delay: Delay,
    dry: Vec<[f32; 2]>,
    settings: Option<MasterSettings>,
    audition: Option<(MasterSettings, u64)>,
    /// 0 = mastered, 1 = bypassed; moves in steps of `fade_step` per frame.
    bypass: Option<f32>,
    fade_step: f32,
    /// Gain of the dry signal: 1 but for a comparison.
    dry_gain: f32,
    meters: Meters,
    rms_keep: f32,
}

impl MasterAudio {
    /// A processor for streams at `rate`.
    pub fn new(rate: SampleRate, max_block: Frames) -> Self {
        let chain = MasterChain::new(rate, max_block);
        let latency = usize::try_from(chain.latency().0).unwrap_or(0);
        Self {
            chain,
            delay: Delay::new(latency),
            dry: vec![[0.0; 2]; CHUNK],
            settings: None,
            audition: None,
            bypass: None,
            fade_step: 1.0 / (FADE_S * rate.hz() as f32),
            dry_gain: 1.0,
            meters: Meters::default(),
            rms_keep: (-1.0 / (RMS_S * rate.hz() as f32)).exp(),
        }
    }

    /// Delay from input to output, the same for all settings.
    pub fn latency(&self) -> Frames {
        self.chain.latency()
    }

    /// As if newly made. Real-time safe.
    pub fn reset(&mut self) {
        self.chain.reset();
        self.delay.reset();
        self.settings = None;
        self.bypass = None;
        self.dry_gain = 1.0;
        self.meters = Meters::default();
    }

    /// Processes one block in place. Real-time safe.
    pub fn process(
        &mut self,
        lanes: &mut AudioLanes,
        left: &mut [f32],
        right: &mut [f32],
        settings: MasterSettings,
        bypass: Bypass,
    ) {
        while let Some(patch) = lanes.patches.receive() {
            self.audition = match patch {
                Patch::Audition { settings, frames } => Some((settings, frames)),
                Patch::StopAudition => None,
            };
        }
        let settings = self.audition.map_or(settings, |a| a.0);
        if self.settings != Some(settings) {
            self.settings = Some(settings);
            self.chain.set(&settings);
        }
        let len = left.len().min(right.len());
        if let Some((_, frames)) = &mut self.audition {
            *frames = frames.saturating_sub(len as u64);
            if *frames == 0 {
                self.audition = None;
            }
        }
        self.meters.peak = [0.0; 2];
        for start in (0..len).step_by(CHUNK) {
            let end = (start + CHUNK).min(len);
            self.chunk(lanes, &mut left[start..end], &mut right[start..end], bypass);
        }
        let reductions = self.chain.reductions();
        self.meters.limiter_db = reductions.limiter_db as f32;
        self.meters.bands_db = reductions.bands_db.map(|b| b as f32);
        self.meters.auditioning = self.audition.is_some();
        lanes.meters.write(self.meters);
    }

    fn chunk(&mut self, lanes: &mut AudioLanes, left: &mut [f32], right: &mut [f32], bypass: Bypass) {
        let len = left.len();
        for (dry, (&l, &r)) in self.dry.iter_mut().zip(left.iter().zip(&*right)) {
            *dry = [l, r];
        }
        self.chain.process(left, right);
        let (target, gain) = match bypass {
            Bypass::Off => (0.0, self.dry_gain),
            Bypass::On => (1.0, 1.0),
            Bypass::Compare { gain } => (1.0, gain),
        };
        let mut amount = self.bypass.unwrap_or(target);
        let room = lanes.tap.free();
        for (i, (l, r)) in left.iter_mut().zip(right.iter_mut()).enumerate() {
            let input = self.dry[i];
            let dry = self.delay.process(input);
            amount += (target - amount).clamp(-self.fade_step, self.fade_step);
            self.dry_gain += (gain - self.dry_gain).clamp(-self.fade_step, self.fade_step);
            let dry = if self.dry_gain == 1.0 { dry } else { dry.map(|x| x * self.dry_gain) };
            // Exactly the input when bypassed, exactly the chain when not: no arithmetic on samples passed through.
            if amount >= 1.0 {
                (*l, *r) = (dry[0], dry[1]);
            } else if amount > 0.0 {
                *l += amount * (dry[0] - *l);
                *r += amount * (dry[1] - *r);
            }
            for (channel, x) in [*l, *r].into_iter().enumerate() {
                self.meters.peak[channel] = self.meters.peak[channel].max(x.abs());
                let square = &mut self.meters.mean_square[channel];
                *square = x * x + self.rms_keep * (*square - x * x);
            }
            if i < room {
                // There is room for it: this end is the only one that fills the lane.
                let _ = lanes.tap.send([input[0], input[1], *l, *r]);
            }
        }
        if len > room {
            lanes.tap.count_lost((len - room) as u64);
        }
        self.bypass = Some(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::lanes::lane;

    fn lanes() -> AudioLanes {
        let (tap, _) = lane(1 << 16);
        let (_, patches) = lane(4);
        let (meters, _) = triple_buffer::triple_buffer(&Meters::default());
        AudioLanes { tap, patches, meters }
    }

    fn noise(n: usize) -> Vec<f32> {
        let mut rng = continuo_core::Rng::new(3, 0);
        (0..n).map(|_| rng.range(-0.5, 0.5) as f32).collect()
    }

    #[test]
    fn bypass_is_the_input_bit_for_bit_later_by_the_latency() {
        let rate = SampleRate::new(48_000.0).unwrap();
        let (mut audio, mut lanes) = (MasterAudio::new(rate, Frames(512)), lanes());
        let latency = audio.latency().0 as usize;
        let input = noise(8192);
        let (mut left, mut right) = (input.clone(), input.clone());
        for (l, r) in left.chunks_mut(100).zip(right.chunks_mut(100)) {
            audio.process(&mut lanes, l, r, MasterSettings::default(), Bypass::On);
        }
        assert_eq!(left[latency..], input[..8192 - latency]);
        assert_eq!(left, right);
    }

    #[test]
    fn bypass_fades_without_a_step() {
        let rate = SampleRate::new(48_000.0).unwrap();
        let (mut audio, mut lanes) = (MasterAudio::new(rate, Frames(512)), lanes());
        let settings = MasterSettings { input_gain_db: -24.0, ..MasterSettings::default() };
        let mut out = Vec::new();
        for block in 0..200 {
            let (mut l, mut r) = (vec![0.5; 64], vec![0.5; 64]);
            audio.process(&mut lanes, &mut l, &mut r, settings, if block >= 150 { Bypass::On } else { Bypass::Off });
            out.extend(l);
        }
        let largest = out[9000..].windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0f32, f32::max);
        assert!(largest < 0.003, "step of {largest}");
        assert_eq!(*out.last().unwrap(), 0.5);
    }

    #[test]
    fn a_comparison_is_as_loud_as_asked_and_leaves_bypass_exact() {
        let rate = SampleRate::new(48_000.0).unwrap();
        let (mut audio, mut lanes) = (MasterAudio::new(rate, Frames(512)), lanes());
        let mut last = Vec::new();
        for bypass in [Bypass::Compare { gain: 0.5 }, Bypass::On] {
            for _ in 0..100 {
                let (mut l, mut r) = (vec![0.5; 128], vec![0.5; 128]);
                audio.process(&mut lanes, &mut l, &mut r, MasterSettings::default(), bypass);
                last = l;
            }
            assert_eq!(last[0], if bypass == Bypass::On { 0.5 } else { 0.25 });
        }
    }
}
