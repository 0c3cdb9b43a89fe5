//! The part mixer: gain, pan, mute, solo and room send per part.

use super::room::Room;
use crate::master::{GRID, Smoothed};
use continuo_core::Part;
use continuo_core::units::{Frames, SampleRate};

/// Number of parts.
pub const PARTS: usize = Part::ALL.len();

/// One part's strip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PartSettings {
    /// Level, decibels, -60 (off) to 12.
    pub gain_db: f64,
    /// -1 left to 1 right.
    pub pan: f64,
    /// Silent.
    pub mute: bool,
    /// When any part is solo, the others are silent.
    pub solo: bool,
    /// Share sent to the room, 0 to 1.
    pub room: f64,
}

/// The mixer's settings, parts in the order of [`Part::ALL`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixSettings {
    /// Strips.
    pub parts: [PartSettings; PARTS],
}

impl Default for MixSettings {
    /// Keys and bass forward, drums under them, strings behind with most of the room.
    fn default() -> Self {
        let strip = |gain_db, room| PartSettings { gain_db, pan: 0.0, mute: false, solo: false, room };
        Self { parts: [strip(-2.5, 0.22), strip(-4.5, 0.03), strip(-1.5, 0.12), strip(-7.5, 0.40)] }
    }
}

/// Gain below which a strip is off, decibels.
const OFF_DB: f64 = -60.0;

/// One part's two channels.
#[derive(Debug)]
pub struct StereoMut<'a> {
    /// Left.
    pub left: &'a mut [f32],
    /// Right.
    pub right: &'a mut [f32],
}

#[derive(Clone, Debug)]
struct Strip {
    left: Smoothed,
    right: Smoothed,
    send: Smoothed,
}

/// The mixer. No delay.
#[derive(Clone, Debug)]
pub struct PartMixer {
    strips: Vec<Strip>,
    room: Room,
    place: usize,
    fresh: bool,
}

impl PartMixer {
    /// With [`MixSettings::default`]; `max_block` is a hint. Allocates.
    pub fn new(sample_rate: SampleRate, _max_block: Frames) -> Self {
        let rate = sample_rate.hz();
        let smoothed = || Smoothed::new(0.0, rate);
        let strip = || Strip { left: smoothed(), right: smoothed(), send: smoothed() };
        let mut mixer =
            Self { strips: (0..PARTS).map(|_| strip()).collect(), room: Room::new(sample_rate), place: 0, fresh: true };
        mixer.set(&MixSettings::default());
        mixer
    }

    /// New settings: at once before the first frame, gliding later. Real-time safe.
    pub fn set(&mut self, settings: &MixSettings) {
        let any_solo = settings.parts.iter().any(|p| p.solo);
        let fresh = self.fresh;
        for (strip, part) in self.strips.iter_mut().zip(&settings.parts) {
            let heard = !part.mute && (part.solo || !any_solo);
            let db = if part.gain_db.is_finite() { part.gain_db.min(12.0) } else { OFF_DB };
            let gain = if heard && db > OFF_DB { 10f64.powf(db / 20.0) } else { 0.0 };
            let pan = if part.pan.is_finite() { part.pan.clamp(-1.0, 1.0) } else { 0.0 };
            // Equal power, unity in the middle.
            let angle = (1.0 + pan) * std::f64::consts::FRAC_PI_4;
            let room = if part.room.is_finite() { part.room.clamp(0.0, 1.0) } else { 0.0 };
            let go = |s: &mut Smoothed, v| if fresh { s.jump(v) } else { s.aim(v) };
            go(&mut strip.left, gain * std::f64::consts::SQRT_2 * angle.cos());
            go(&mut strip.right, gain * std::f64::consts::SQRT_2 * angle.sin());
            go(&mut strip.send, room);
        }
    }

    /// Turns what the instruments made into what is heard of each part, in place, and writes the sum with the room to `left` and
    /// `right`. The shortest of all lengths counts. Real-time safe.
    pub fn process(&mut self, parts: &mut [StereoMut<'_>; PARTS], left: &mut [f32], right: &mut [f32]) {
        self.fresh = false;
        let shortest = parts.iter().map(|p| p.left.len().min(p.right.len())).min().unwrap_or(0);
        let len = shortest.min(left.len()).min(right.len());
        for n in 0..len {
            if self.place == 0 {
                for strip in &mut self.strips {
                    strip.left.tick();
                    strip.right.tick();
                    strip.send.tick();
                }
            }
            let (mut sum, mut send) = ([0.0f32; 2], [0.0f32; 2]);
            for (strip, part) in self.strips.iter().zip(parts.iter_mut()) {
                let l = part.left[n] * strip.left.at(self.place) as f32;
                let r = part.right[n] * strip.right.at(self.place) as f32;
                part.left[n] = l;
                part.right[n] = r;
                let amount = strip.send.at(self.place) as f32;
                sum = [sum[0] + l, sum[1] + r];
                send = [send[0] + l * amount, send[1] + r * amount];
            }
            let wet = self.room.step(send);
            left[n] = sum[0] + wet[0];
            right[n] = sum[1] + wet[1];
            self.place = (self.place + 1) % GRID;
        }
    }

    /// Empties the room and takes the settings at once. Real-time safe.
    pub fn reset(&mut self) {
        self.room.reset();
        self.place = 0;
        self.fresh = true;
        for strip in &mut self.strips {
            for s in [&mut strip.left, &mut strip.right, &mut strip.send] {
                let target = s.target();
                s.jump(target);
            }
        }
    }
}
