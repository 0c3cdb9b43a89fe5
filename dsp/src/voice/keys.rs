//! Keys: a piano-like instrument. Every note is two slightly detuned strings of inharmonic partials, struck by a hammer whose hardness grows
//! with velocity; one string dies sooner, which gives the two slopes of a piano's decay (G. Weinreich, JASA 1977).

use super::envelope::{END, Ending, LOOK};
use super::filter::{Filter, Kind};
use super::modal::{Bank, MODES, Mode};
use super::noise::Noise;
use super::pool::Voice;

/// Most notes at once.
pub(crate) const POLYPHONY: usize = 32;
/// Where the hammer strikes, as a share of the string.
const STRIKE: f64 = 1.0 / 8.3;
/// Level that puts an accompaniment at velocity 100 near -18 LUFS.
const LEVEL: f64 = 0.25;
/// Partials of the string that sounds on; higher ones are gone before it is heard alone.
const LASTING: usize = 40;
/// Keys from here on have no dampers (the top twenty of a piano).
const FIRST_UNDAMPED: u8 = 89;

/// Inharmonicity of a piano string: the two branches of F. Rigaud, B. David, L. Daudet, JASA 2013 (bass and treble bridge).
fn inharmonicity(pitch: f64) -> f64 {
    (0.0926 * pitch - 13.64).exp() + (-0.0847 * pitch - 5.82).exp()
}

/// Frequency of partial `k`, such that the first is exactly `hz`.
fn partial_hz(hz: f64, k: f64, b: f64) -> f64 {
    hz * k * ((1.0 + b * k * k) / (1.0 + b)).sqrt()
}

/// Frequency of a key, A4 = 440 Hz.
pub(crate) fn key_hz(pitch: f64) -> f64 {
    440.0 * ((pitch - 69.0) / 12.0).exp2()
}

/// One note.
#[derive(Clone, Debug)]
pub(crate) struct KeysVoice {
    rate: f64,
    prompt: Bank,
    after: Bank,
    knock: Filter,
    thump: Filter,
    noise: Noise,
    knock_level: f32,
    knock_decay: f32,
    attack: f32,
    attack_step: f32,
    pan: [[f32; 2]; 2],
    ending: Ending,
    age: u32,
    level: f32,
    pitch: u8,
    free: bool,
}

impl KeysVoice {
    pub(crate) fn new(rate: f64) -> Self {
        Self {
            rate,
            prompt: Bank::new(),
            after: Bank::new(),
            knock: Filter::new(Kind::Band, 1_000.0, 0.7, rate),
            thump: Filter::new(Kind::Band, 110.0, 1.2, rate),
            noise: Noise::new(1),
            knock_level: 0.0,
            knock_decay: 0.0,
            attack: 0.0,
            attack_step: 0.0,
            pan: [[0.0; 2]; 2],
            ending: Ending::new(),
            age: 0,
            level: 0.0,
            pitch: 0,
            free: true,
        }
    }

    /// Fills both strings.
    fn strike(&mut self, pitch: u8, v: f64) {
        let p = f64::from(pitch);
        let hz = key_hz(p);
        let b = inharmonicity(p);
        let detune = 0.45 + 0.25 * ((p - 60.0).abs() / 40.0);
        let slow = (14.0 * (-(p - 36.0) / 22.0).exp2()).clamp(0.6, 17.0);
        // The felt is a low-pass that opens with the blow; short strings meet harder felt.
        let felt_hz = (620.0 + 4_400.0 * v.powf(1.6)) * (hz / 261.6).powf(0.38);
        let loud = LEVEL * v.powf(1.55) * (1.0 + 0.20 * ((p - 60.0) / 40.0).clamp(-1.0, 1.0));
        let mut total = 0.0;
        let mut modes = [(0.0f64, 0.0f64); MODES];
        for (i, mode) in modes.iter_mut().enumerate() {
            let k = (i + 1) as f64;
            let f = partial_hz(hz, k, b);
            let strike = (std::f64::consts::PI * k * STRIKE).sin();
            // The felt has a width, so the zeros of the striking place are not perfect.
            let strike = strike + 0.18 * strike.signum();
            let felt = 1.0 / (1.0 + (f / felt_hz).powi(2)).powf(1.0);
            // The board radiates little under 90 Hz, most between 200 Hz and 2 kHz, and not evenly.
            let board =
                (f / (f * f + 90.0f64.powi(2)).sqrt()).powi(2) * (1.0 + 0.25 * (f / 173.0).sin() * (f / 61.0).cos());
            let amp = strike * felt * board * k.powf(-0.8);
            total += amp * amp;
            *mode = (f, amp);
        }
        // Equal loudness of keys first, then the blow.
        let scale = loud / total.sqrt().max(1e-9);
        for (i, &(f, amp)) in modes.iter().enumerate() {
            let damp = 1.0 + 0.42 * ((f - hz) / 1_000.0).max(0.0).powf(1.15);
            let t60 = (slow / damp).max(0.08);
            let split = (detune * 0.5 * (1.0 + 0.15 * (i as f64 * 2.4).sin())) / 1_200.0;
            let amp = amp * scale;
            // The blow travels along the string and back: partials do not begin together, or the note would start with a spike.
            let phase = (0.5 * (i * i) as f64 * 0.137).fract();
            // The second string is heard from elsewhere: a little ahead or behind, different for each partial.
            let aside = 0.25 * (i as f64 * 1.9).sin();
            let (low, high) = (f * (-split).exp2(), f * split.exp2());
            self.prompt.add(Mode { hz: low, amp: amp * 0.74, t60: t60 * 0.34, phase }, self.rate);
            if i < LASTING {
                self.after.add(Mode { hz: high, amp: amp * 0.40, t60, phase: phase + aside }, self.rate);
            }
        }
    }
}

impl Voice for KeysVoice {
    fn start(&mut self, pitch: u8, velocity: u8, serial: u32) {
        let v = f64::from(velocity.clamp(1, 127)) / 127.0;
        self.prompt.clear();
        self.after.clear();
        self.strike(pitch, v);
        self.noise = Noise::new(serial.wrapping_mul(31).wrapping_add(u32::from(pitch)));
        self.knock.tune((key_hz(f64::from(pitch)) * 3.0).clamp(500.0, 3_000.0), 0.6, self.rate);
        self.knock.reset();
        self.thump.reset();
        self.knock_level = (LEVEL * 0.5 * v.powf(1.9)) as f32;
        self.knock_decay = (-1.0 / (0.011 * self.rate)).exp() as f32;
        // The felt stays on the string for 4 ms in the bass and soft, under 1 ms in the treble and loud.
        let contact = (0.0042 - 0.0024 * v) * (-(f64::from(pitch) - 36.0) / 40.0).exp2().clamp(0.25, 1.2);
        self.attack = 0.0;
        self.attack_step = (1.0 / (contact * self.rate)) as f32;
        // Bass on the left as the player sits, treble on the right, and the two strings a little apart.
        let place = ((f64::from(pitch) - 62.0) / 40.0).clamp(-1.0, 1.0) * 0.34;
        for (pan, side) in self.pan.iter_mut().zip([-0.34, 0.34]) {
            let angle = (1.0 + (place + side)) * std::f64::consts::FRAC_PI_4;
            *pan = [angle.cos() as f32, angle.sin() as f32];
        }
        self.ending.start();
        self.age = 0;
        self.level = 1.0;
        self.pitch = pitch;
        self.free = false;
    }

    fn release(&mut self) {
        if self.pitch < FIRST_UNDAMPED {
            let t60 = 0.16 + 0.30 * (-(f64::from(self.pitch) - 28.0) / 30.0).exp2();
            self.ending.release(t60, self.rate);
        } else {
            self.ending.release(6.0, self.rate);
        }
    }

    fn fade(&mut self) {
        self.ending.fade(self.rate);
    }

    fn render(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (l, r) in left.iter_mut().zip(right) {
            if self.age.is_multiple_of(LOOK) {
                let power = self.prompt.prune() + self.after.prune();
                self.level = power.sqrt() * self.ending.gain;
                if self.level < END && self.age > 4 * LOOK {
                    self.silence();
                    return;
                }
                if self.knock_level < 1e-7 {
                    self.knock_level = 0.0;
                }
                self.knock.flush();
                self.thump.flush();
            }
            self.age = self.age.wrapping_add(1);
            let mut ramp = 1.0;
            if self.attack < 1.0 {
                self.attack = (self.attack + self.attack_step).min(1.0);
                ramp = self.attack * self.attack * (3.0 - 2.0 * self.attack);
            }
            let gain = self.ending.step();
            let (a, b) = (self.prompt.step() * ramp * gain, self.after.step() * ramp * gain);
            let mut hit = 0.0;
            if self.knock_level > 0.0 {
                let n = self.noise.next() * self.knock_level * ramp;
                self.knock_level *= self.knock_decay;
                hit = (0.5 * self.knock.step(n) + 1.6 * self.thump.step(n)) * gain;
            }
            *l += a * self.pan[0][0] + b * self.pan[1][0] + hit * 0.7;
            *r += a * self.pan[0][1] + b * self.pan[1][1] + hit * 0.7;
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
        self.prompt.clear();
        self.after.clear();
        self.ending = Ending::new();
        self.knock_level = 0.0;
        self.level = 0.0;
        self.free = true;
    }
}
