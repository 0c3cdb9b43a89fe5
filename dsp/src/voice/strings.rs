//! Strings: a section of bowed players. Each note is five players with their own tuning, vibrato and place; the bodies are shared filters in
//! [`super::body`].

use super::envelope::{END, Ending, LOOK};
use super::filter::{Filter, Kind};
use super::keys::key_hz;
use super::noise::Noise;
use super::pool::Voice;
use super::wavetable::Wavetable;
use std::f64::consts::TAU;
use std::sync::Arc;

/// Most notes at once.
pub(crate) const POLYPHONY: usize = 16;
/// Players per note.
const PLAYERS: usize = 5;
/// Tuning of the players, cents; they sum to nothing.
const TUNING_CENTS: [f64; PLAYERS] = [-9.0, 5.0, 0.5, -4.5, 8.0];
/// Places of the players across the stage, -1 to 1, around the note's own.
const PLACES: [f64; PLAYERS] = [-0.55, 0.5, 0.0, 0.28, -0.23];
/// Level that puts an accompaniment at velocity 100 near -18 LUFS.
const LEVEL: f64 = 0.060;
/// Samples between two looks at pitch and loudness.
const CONTROL: u32 = 32;

/// One bow.
#[derive(Clone, Copy, Debug, Default)]
struct Player {
    phase: f32,
    step: f32,
    hz: f64,
    vibrato: f64,
    vibrato_step: f64,
    depth: f64,
    drift: f64,
    pan: [f32; 2],
}

/// One note of the section.
#[derive(Clone, Debug)]
pub(crate) struct StringsVoice {
    rate: f64,
    tables: Arc<Wavetable>,
    players: [Player; PLAYERS],
    tone: [Filter; 2],
    bow: Filter,
    noise: Noise,
    attack: f32,
    attack_step: f32,
    swell: f32,
    gain: f32,
    tone_hz: f64,
    ending: Ending,
    age: u32,
    level: f32,
    pitch: u8,
    free: bool,
}

impl StringsVoice {
    pub(crate) fn new(rate: f64, tables: Arc<Wavetable>) -> Self {
        let low = Filter::new(Kind::Low, 3_000.0, 0.7, rate);
        Self {
            rate,
            tables,
            players: [Player::default(); PLAYERS],
            tone: [low; 2],
            bow: Filter::new(Kind::Band, 2_500.0, 0.5, rate),
            noise: Noise::new(1),
            attack: 0.0,
            attack_step: 0.0,
            swell: 0.0,
            gain: 0.0,
            tone_hz: 3_000.0,
            ending: Ending::new(),
            age: 0,
            level: 0.0,
            pitch: 0,
            free: true,
        }
    }

    /// Moves pitch and tone; every [`CONTROL`] samples of the voice's own age.
    fn control(&mut self) {
        let seconds = f64::from(self.age) / self.rate;
        // Vibrato grows in after the note has been found.
        let grown = ((seconds - 0.25) / 0.6).clamp(0.0, 1.0);
        for player in &mut self.players {
            player.vibrato += player.vibrato_step;
            if player.vibrato >= 1.0 {
                player.vibrato -= 1.0;
            }
            // A slow wander of a cent or two, held near nothing.
            player.drift = player.drift * 0.998 + 0.05 * f64::from(self.noise.next());
            let cents = player.depth * grown * (TAU * player.vibrato).sin() + player.drift;
            player.step = (player.hz * (cents / 1_200.0).exp2() / self.rate) as f32;
        }
        // The bow bites, then settles.
        let open = 0.55 + 0.45 * f64::from(self.swell);
        for tone in &mut self.tone {
            tone.tune(self.tone_hz * open, 0.62, self.rate);
        }
    }
}

impl Voice for StringsVoice {
    fn start(&mut self, pitch: u8, velocity: u8, serial: u32) {
        let v = f64::from(velocity.clamp(1, 127)) / 127.0;
        let hz = key_hz(f64::from(pitch));
        self.noise = Noise::new(serial.wrapping_mul(59).wrapping_add(u32::from(pitch)));
        // Basses and cellos sit on the right, violins on the left, as in most halls.
        let own = ((f64::from(pitch) - 64.0) / 30.0).clamp(-1.0, 1.0) * -0.30;
        for (i, player) in self.players.iter_mut().enumerate() {
            let angle = (1.0 + (own + PLACES[i]).clamp(-0.95, 0.95)) * std::f64::consts::FRAC_PI_4;
            let rate = 5.1 + 0.9 * self.noise.unit();
            *player = Player {
                phase: self.noise.unit() as f32,
                step: (hz / self.rate) as f32,
                hz: hz * (TUNING_CENTS[i] / 1_200.0).exp2(),
                vibrato: self.noise.unit(),
                vibrato_step: rate * f64::from(CONTROL) / self.rate,
                depth: 7.0 + 5.0 * self.noise.unit(),
                drift: 0.0,
                pan: [angle.cos() as f32, angle.sin() as f32],
            };
        }
        // A fast bow speaks in 50 ms, a slow one in 200.
        let rise = (0.21 - 0.16 * v) * (-(f64::from(pitch) - 60.0) / 60.0).exp2();
        self.attack = 0.0;
        self.attack_step = (1.0 / (rise * self.rate)) as f32;
        self.swell = 0.0;
        self.gain = (LEVEL * v.powf(1.3)) as f32;
        self.tone_hz = (1_500.0 + 3_300.0 * v) * (hz / 330.0).powf(0.25);
        self.tone.iter_mut().for_each(Filter::reset);
        self.bow.reset();
        self.ending.start();
        self.age = 0;
        self.level = 1.0;
        self.pitch = pitch;
        self.free = false;
    }

    fn release(&mut self) {
        self.ending.release(0.42, self.rate);
    }

    fn fade(&mut self) {
        self.ending.fade(self.rate);
    }

    fn render(&mut self, left: &mut [f32], right: &mut [f32]) {
        let tables = Arc::clone(&self.tables);
        // Vibrato and tuning reach less than 3 % above the note.
        let table = tables.table(key_hz(f64::from(self.pitch)) * 1.03);
        for (l, r) in left.iter_mut().zip(right) {
            if self.age.is_multiple_of(CONTROL) {
                self.control();
            }
            if self.age.is_multiple_of(LOOK) {
                self.level = self.gain * self.ending.gain;
                if self.level < END {
                    self.silence();
                    return;
                }
                self.tone.iter_mut().for_each(Filter::flush);
                self.bow.flush();
            }
            self.age = self.age.wrapping_add(1);
            let (mut a, mut b) = (0.0f32, 0.0f32);
            for player in &mut self.players {
                player.phase += player.step;
                if player.phase >= 1.0 {
                    player.phase -= 1.0;
                }
                let x = Wavetable::read(table, player.phase);
                a += x * player.pan[0];
                b += x * player.pan[1];
            }
            if self.attack < 1.0 {
                self.attack = (self.attack + self.attack_step).min(1.0);
                self.swell = self.attack * self.attack * (3.0 - 2.0 * self.attack);
            }
            let hair = 0.05 * self.bow.step(self.noise.next());
            let gain = self.gain * self.swell * self.ending.step();
            *l += self.tone[0].step(a + hair) * gain;
            *r += self.tone[1].step(b + hair) * gain;
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
        self.ending = Ending::new();
        self.level = 0.0;
        self.free = true;
    }
}
