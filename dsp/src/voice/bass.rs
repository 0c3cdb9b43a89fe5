//! Bass: an electric bass guitar played with the fingers. A plucked string is a sum of modes whose strengths follow from where it is plucked and
//! where the pickup listens (N. H. Fletcher and T. D. Rossing, "The Physics of Musical Instruments", chapter 2).

use super::envelope::{END, Ending, LOOK};
use super::filter::{Filter, Kind};
use super::keys::key_hz;
use super::modal::{Bank, MODES, Mode};
use super::noise::Noise;
use super::output::rounded;
use super::pool::Voice;

/// Most notes at once.
pub(crate) const POLYPHONY: usize = 2;
/// Where the finger plucks, as a share of the string from the bridge.
const PLUCK: f64 = 0.19;
/// Where the pickup sits.
const PICKUP: f64 = 0.125;
/// Stiffness of a wound bass string.
const INHARMONICITY: f64 = 6e-5;
/// Level that puts a line at velocity 100 near -18 LUFS.
const LEVEL: f64 = 0.36;

/// One note.
#[derive(Clone, Debug)]
pub(crate) struct BassVoice {
    rate: f64,
    string: Bank,
    finger: Filter,
    cabinet: Filter,
    noise: Noise,
    noise_level: f32,
    noise_decay: f32,
    attack: f32,
    attack_step: f32,
    ending: Ending,
    age: u32,
    level: f32,
    pitch: u8,
    free: bool,
}

impl BassVoice {
    pub(crate) fn new(rate: f64) -> Self {
        Self {
            rate,
            string: Bank::new(),
            finger: Filter::new(Kind::Band, 900.0, 0.7, rate),
            cabinet: Filter::new(Kind::Low, 3_600.0, 0.7, rate),
            noise: Noise::new(1),
            noise_level: 0.0,
            noise_decay: 0.0,
            attack: 0.0,
            attack_step: 0.0,
            ending: Ending::new(),
            age: 0,
            level: 0.0,
            pitch: 0,
            free: true,
        }
    }

    fn pluck(&mut self, pitch: u8, v: f64) {
        let hz = key_hz(f64::from(pitch));
        let slow = (8.0 * (-(f64::from(pitch) - 28.0) / 22.0).exp2()).clamp(1.0, 9.0);
        // The soft tip of a finger takes the highest partials away, less so when it pulls hard.
        let tip_hz = 420.0 + 1_900.0 * v.powf(1.6);
        let mut modes = [(0.0f64, 0.0f64); MODES];
        let mut total = 0.0;
        for (i, mode) in modes.iter_mut().enumerate() {
            let k = (i + 1) as f64;
            let f = hz * k * ((1.0 + INHARMONICITY * k * k) / (1.0 + INHARMONICITY)).sqrt();
            let place = (std::f64::consts::PI * k * PLUCK).sin() * (std::f64::consts::PI * k * PICKUP).sin();
            let amp = place / k / (1.0 + (f / tip_hz).powi(2));
            total += amp * amp;
            *mode = (f, amp);
        }
        let scale = LEVEL * v.powf(1.25) / total.sqrt().max(1e-9);
        for &(f, amp) in &modes {
            let t60 = slow / (1.0 + 1.5 * ((f - hz) / 1_000.0).powf(1.1));
            self.string.add(Mode { hz: f, amp: amp * scale, t60: t60.max(0.06), phase: 0.0 }, self.rate);
        }
    }
}

impl Voice for BassVoice {
    fn start(&mut self, pitch: u8, velocity: u8, serial: u32) {
        let v = f64::from(velocity.clamp(1, 127)) / 127.0;
        self.string.clear();
        self.pluck(pitch, v);
        self.noise = Noise::new(serial.wrapping_mul(17).wrapping_add(u32::from(pitch)));
        self.noise_level = (LEVEL * 0.22 * v.powf(1.6)) as f32;
        self.noise_decay = (-1.0 / (0.006 * self.rate)).exp() as f32;
        self.finger.reset();
        self.cabinet.reset();
        self.attack = 0.0;
        self.attack_step = (1.0 / ((0.0055 - 0.003 * v) * self.rate)) as f32;
        self.ending.start();
        self.age = 0;
        self.level = 1.0;
        self.pitch = pitch;
        self.free = false;
    }

    fn release(&mut self) {
        // The finger comes to rest on the string.
        self.ending.release(0.14, self.rate);
    }

    fn fade(&mut self) {
        self.ending.fade(self.rate);
    }

    fn render(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (l, r) in left.iter_mut().zip(right) {
            if self.age.is_multiple_of(LOOK) {
                self.level = self.string.prune().sqrt() * self.ending.gain;
                if self.level < END && self.age > 4 * LOOK {
                    self.silence();
                    return;
                }
                if self.noise_level < 1e-7 {
                    self.noise_level = 0.0;
                }
                self.finger.flush();
                self.cabinet.flush();
            }
            self.age = self.age.wrapping_add(1);
            let mut ramp = 1.0;
            if self.attack < 1.0 {
                self.attack = (self.attack + self.attack_step).min(1.0);
                ramp = self.attack * self.attack * (3.0 - 2.0 * self.attack);
            }
            let mut x = self.string.step() * ramp;
            if self.noise_level > 0.0 {
                x += self.finger.step(self.noise.next() * self.noise_level * ramp);
                self.noise_level *= self.noise_decay;
            }
            let y = self.cabinet.step(rounded(x)) * self.ending.step() * std::f32::consts::FRAC_1_SQRT_2;
            *l += y;
            *r += y;
        }
    }

    fn is_free(&self) -> bool {
        self.free
    }

    fn is_fading(&self) -> bool {
        self.ending.fading && !self.free
    }

    fn held(&self) -> Option<u8> {
        (self.ending.held && !self.free).then_some(self.pitch)
    }

    fn loudness(&self) -> f32 {
        self.level
    }

    fn silence(&mut self) {
        self.string.clear();
        self.ending = Ending::new();
        self.noise_level = 0.0;
        self.level = 0.0;
        self.free = true;
    }
}
