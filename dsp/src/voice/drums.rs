//! Drums: one stroke of one piece of the kit.

use super::drum_kit::{Piece, piece};
use super::envelope::{END, Ending, LOOK};
use super::filter::Filter;
use super::filter::Kind;
use super::modal::{Bank, Mode};
use super::noise::Noise;
use super::pool::Voice;
use std::f64::consts::TAU;

/// Most strokes at once.
pub(crate) const POLYPHONY: usize = 24;
/// Level that puts a beat at velocity 100 near -18 LUFS.
const LEVEL: f64 = 1.1;
/// An open hat dies this fast when the pedal closes, seconds for 60 dB.
const CHOKE_T60_S: f64 = 0.06;

/// Noise through a filter, with its envelope.
#[derive(Clone, Copy, Debug)]
struct WashState {
    filter: Filter,
    level: f32,
    amp: f32,
    decay: f32,
    rise: f32,
    rise_step: f32,
}

/// One stroke.
#[derive(Clone, Debug)]
pub(crate) struct DrumVoice {
    rate: f64,
    phase: f64,
    step_end: f64,
    step_extra: f64,
    step_decay: f64,
    skin: f32,
    skin_decay: f32,
    bank: Bank,
    washes: [WashState; 2],
    noise: Noise,
    strokes: &'static [f64],
    next_stroke: usize,
    pan: [f32; 2],
    attack: f32,
    attack_step: f32,
    ending: Ending,
    choke: Option<u8>,
    age: u32,
    level: f32,
    free: bool,
}

impl DrumVoice {
    pub(crate) fn new(rate: f64) -> Self {
        let wash = WashState {
            filter: Filter::new(Kind::Band, 1_000.0, 0.7, rate),
            level: 0.0,
            amp: 0.0,
            decay: 0.0,
            rise: 1.0,
            rise_step: 0.0,
        };
        Self {
            rate,
            phase: 0.0,
            step_end: 0.0,
            step_extra: 0.0,
            step_decay: 0.0,
            skin: 0.0,
            skin_decay: 0.0,
            bank: Bank::new(),
            washes: [wash; 2],
            noise: Noise::new(1),
            strokes: &[],
            next_stroke: 0,
            pan: [0.0; 2],
            attack: 1.0,
            attack_step: 1.0,
            ending: Ending::new(),
            choke: None,
            age: 0,
            level: 0.0,
            free: true,
        }
    }

    /// The group this stroke belongs to, while it sounds.
    pub(crate) fn group(&self) -> Option<u8> {
        if self.free || self.ending.fading { None } else { self.choke }
    }

    /// The pedal closes.
    pub(crate) fn choke(&mut self) {
        self.ending.release(CHOKE_T60_S, self.rate);
    }

    fn set_up(&mut self, piece: &Piece, v: f64, key: u8) {
        let rate = self.rate;
        let decay = |t60: f64| (-6.907_755 / (t60.max(1e-3) * rate)).exp();
        // Hard strokes are brighter: the noise grows faster than the tone.
        let loud = LEVEL * piece.level * v.powf(1.5);
        let bright = 0.55 + 0.45 * v;
        // No two strokes are alike.
        let vary = 1.0 + 0.012 * (self.noise.unit() - 0.5);
        self.phase = 0.0;
        self.skin = 0.0;
        if let Some(skin) = piece.skin {
            let hz = skin.hz * vary;
            self.step_end = hz / rate;
            self.step_extra = hz * (skin.sweep * (0.7 + 0.3 * v)).exp2() / rate - self.step_end;
            self.step_decay = (-1.0 / (skin.glide_s * rate)).exp();
            self.skin = (skin.amp * loud) as f32;
            self.skin_decay = decay(skin.t60) as f32;
        }
        self.bank.clear();
        for &(hz, amp, t60) in piece.modes {
            self.bank.add(Mode { hz: hz * vary, amp: amp * loud, t60, phase: 0.0 }, rate);
        }
        if let Some(plate) = piece.plate {
            // The same plate at every stroke, since a cymbal stays itself; only the strengths differ by where it is hit.
            let mut shape = Noise::new(u32::from(key).wrapping_mul(977));
            let ratio = plate.high_hz / plate.low_hz;
            let each = plate.amp * loud / (plate.count as f64 / 2.0).sqrt();
            for i in 0..plate.count {
                let place = (i as f64 + shape.unit()) / plate.count as f64;
                let hz = plate.low_hz * ratio.powf(place);
                let strength = (0.35 + 1.3 * shape.unit()) * (0.75 + 0.5 * self.noise.unit());
                let tilt = 10f64.powf(plate.tilt_db * (place - 0.5) / 20.0) * bright.powf(2.0 * place);
                let t60 = plate.t60.0 * (plate.t60.1 / plate.t60.0).powf(place) * (0.6 + 0.8 * shape.unit());
                let sign = if shape.unit() < 0.5 { -1.0 } else { 1.0 };
                self.bank.add(Mode { hz, amp: sign * each * strength * tilt, t60, phase: 0.0 }, rate);
            }
        }
        for (state, wash) in self.washes.iter_mut().zip(piece.wash) {
            state.level = 0.0;
            state.amp = 0.0;
            if let Some(wash) = wash {
                state.filter = Filter::new(wash.kind, wash.hz * (0.8 + 0.2 * v), wash.q, rate);
                // The same loudness whatever the width of the filter, roughly.
                state.amp = (wash.amp * loud * bright) as f32;
                state.level = state.amp;
                state.decay = decay(wash.t60) as f32;
                state.rise = 0.0;
                state.rise_step = (1.0 / (wash.rise_s.max(1e-4) * rate)) as f32;
            }
        }
        self.strokes = piece.strokes;
        self.next_stroke = 1;
        let angle = (1.0 + piece.pan) * std::f64::consts::FRAC_PI_4;
        self.pan = [angle.cos() as f32, angle.sin() as f32];
        self.choke = piece.choke;
        // A stick stays on the skin for a fraction of a millisecond.
        self.attack = 0.0;
        self.attack_step = (1.0 / (0.0004 * rate)) as f32;
    }

    #[inline(always)]
    fn washes(&mut self) -> f32 {
        let mut sum = 0.0;
        let n = self.noise.next();
        for wash in self.washes.iter_mut().filter(|w| w.level > 0.0) {
            if wash.rise < 1.0 {
                wash.rise = (wash.rise + wash.rise_step).min(1.0);
            } else {
                wash.level *= wash.decay;
            }
            sum += wash.filter.step(n) * wash.level * wash.rise;
        }
        sum
    }

    fn look(&mut self) -> bool {
        let mut power = self.bank.prune() + self.skin * self.skin;
        if self.skin < 1e-7 {
            self.skin = 0.0;
        }
        for wash in &mut self.washes {
            if wash.level < 1e-7 {
                wash.level = 0.0;
            }
            wash.filter.flush();
            power += wash.level * wash.level;
        }
        self.level = power.sqrt() * self.ending.gain;
        self.level < END && self.next_stroke >= self.strokes.len()
    }
}

impl Voice for DrumVoice {
    fn start(&mut self, pitch: u8, velocity: u8, serial: u32) {
        let Some(piece) = piece(pitch) else {
            return;
        };
        let v = f64::from(velocity.clamp(1, 127)) / 127.0;
        self.noise = Noise::new(serial.wrapping_mul(101).wrapping_add(u32::from(pitch)));
        self.set_up(&piece, v, pitch);
        self.ending.start();
        self.age = 0;
        self.level = 1.0;
        self.free = false;
    }

    /// Drums ring until they are done, whatever the key does.
    fn release(&mut self) {}

    fn fade(&mut self) {
        self.ending.fade(self.rate);
    }

    fn render(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (l, r) in left.iter_mut().zip(right) {
            if self.age.is_multiple_of(LOOK) && self.look() {
                self.silence();
                return;
            }
            if let Some(at) = self.strokes.get(self.next_stroke)
                && f64::from(self.age) >= at * self.rate
            {
                for wash in &mut self.washes {
                    wash.level = wash.amp;
                }
                self.next_stroke += 1;
            }
            self.age = self.age.wrapping_add(1);
            let mut x = self.bank.step() + self.washes();
            if self.skin > 0.0 {
                self.phase += self.step_end + self.step_extra;
                if self.phase >= 1.0 {
                    self.phase -= 1.0;
                }
                self.step_extra *= self.step_decay;
                self.skin *= self.skin_decay;
                x += (self.phase * TAU).sin() as f32 * self.skin;
            }
            if self.attack < 1.0 {
                self.attack = (self.attack + self.attack_step).min(1.0);
                x *= self.attack;
            }
            let x = x * self.ending.step();
            *l += x * self.pan[0];
            *r += x * self.pan[1];
        }
    }

    fn is_free(&self) -> bool {
        self.free
    }

    fn is_fading(&self) -> bool {
        self.ending.fading && !self.free
    }

    fn held(&self) -> Option<u8> {
        None
    }

    fn loudness(&self) -> f32 {
        self.level
    }

    fn silence(&mut self) {
        self.bank.clear();
        self.skin = 0.0;
        self.strokes = &[];
        self.next_stroke = 0;
        self.washes.iter_mut().for_each(|w| w.level = 0.0);
        self.ending = Ending::new();
        self.choke = None;
        self.level = 0.0;
        self.free = true;
    }
}
