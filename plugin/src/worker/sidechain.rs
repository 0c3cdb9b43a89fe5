//! The side input as it was heard: the newest unbroken stretch of song, ready for the listener.

use crate::instrument::lanes::Clock;
use continuo_core::lanes::LaneOut;
use continuo_core::{Meter, Note, SampleRate, Song, Tick, Ticks};
use continuo_models::listener::{self, Hints};
use std::sync::atomic::AtomicBool;

/// Longest stretch kept, seconds; of a longer one the beginning is kept, where the song was joined.
const MAX_S: f64 = 150.0;
/// Sound under this is no signal: -60 dBFS.
const SIGNAL: f32 = 1e-3;

/// What the side input brought since the song was last joined.
#[derive(Debug, Default)]
pub struct Sidechain {
    clock: Option<Clock>,
    /// Frames of the tap taken so far.
    taken: u64,
    samples: Vec<f32>,
    signal: bool,
}

impl Sidechain {
    /// The clock began, jumped or changed. A mere change of tempo goes on with the stretch.
    pub fn clock(&mut self, clock: Clock) {
        if clock.joined || self.clock.is_none_or(|old| old.rate != clock.rate) {
            self.samples.clear();
            self.signal = false;
            self.clock = Some(clock);
        }
    }

    /// Takes what the tap holds.
    pub fn take(&mut self, tap: &mut LaneOut<f32>) {
        let Some(clock) = self.clock else {
            while tap.receive().is_some() {
                self.taken += 1;
            }
            return;
        };
        let most = (MAX_S * clock.rate) as usize;
        while let Some(sample) = tap.receive() {
            // What was heard before the song was joined is over.
            if self.taken >= clock.frame && self.samples.len() < most {
                self.signal |= sample.abs() > SIGNAL;
                self.samples.push(sample);
            }
            self.taken += 1;
        }
    }

    /// Forgets the stretch.
    pub fn clear(&mut self) {
        self.samples.clear();
        self.signal = false;
    }

    /// True when there is something to listen to.
    pub fn has_signal(&self) -> bool {
        self.signal
    }

    /// Listens, with tempo, metre and bar lines of the host, and gives the melody at its place in the song.
    ///
    /// # Errors
    /// One sentence when nothing musical was heard.
    pub fn listen(&self, cancel: &AtomicBool) -> Result<Song, String> {
        let clock = self.clock.ok_or("nothing was heard at the side input yet")?;
        let rate = SampleRate::new(clock.rate).ok_or("the host's sample rate cannot be used")?;
        let meter = clock.meter.unwrap_or(Meter::COMMON);
        let bar = meter.bar().as_quarters();
        let to_bar = (clock.at / bar).ceil() * bar - clock.at;
        let hints = Hints { bpm: Some(clock.bpm), meter: Some(meter), bar_seconds: Some(to_bar * 60.0 / clock.bpm) };
        let heard = listener::listen(&self.samples, rate, &hints, cancel).map_err(|e| e.to_string())?;
        // The listener's first tick lies at `song_start` in the recording, the recording begins at the clock's place.
        let shift = Ticks::quarters(clock.at + heard.song_start * clock.bpm / 60.0);
        let moved = |at: Tick| at + shift;
        let melody: Vec<Note> =
            heard.song.melody.iter().map(|n| Note { at: moved(n.at), ..*n }).filter(|n| n.at >= Tick(0)).collect();
        if melody.is_empty() {
            return Err("no melody could be heard at the side input; play or sing one voice, or send MIDI".to_owned());
        }
        Ok(Song {
            melody,
            meters: continuo_core::MeterMap::constant(meter),
            tempo: continuo_core::TempoMap::constant(clock.bpm),
            key: heard.song.key,
            locked_chords: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::lanes::lane;

    #[test]
    fn a_hummed_scale_lands_where_it_was_hummed() {
        // Two bars of quarters at 120 bpm, hummed from quarter 8 on.
        let rate = 44_100.0;
        let (mut tx, mut rx) = lane(1 << 18);
        let pitches = [60, 62, 64, 65, 67, 65, 64, 62];
        let mut phase = 0.0f64;
        for pitch in pitches {
            let hz = 440.0 * ((f64::from(pitch) - 69.0) / 12.0).exp2();
            for i in 0..(rate * 0.5) as usize {
                phase += hz / rate;
                let t = i as f64 / rate;
                let envelope = (t / 0.01).min(1.0) * ((0.46 - t) / 0.02).clamp(0.0, 1.0);
                let wave: f64 =
                    (1..6).map(|k| (std::f64::consts::TAU * phase * f64::from(k)).sin() / f64::from(k)).sum();
                tx.send((0.2 * envelope * wave) as f32).unwrap();
            }
        }
        let mut side = Sidechain::default();
        let clock = Clock {
            at: 8.0,
            bpm: 120.0,
            meter: Meter::new(4, 4),
            bar_start: None,
            playing: true,
            joined: true,
            frame: 0,
            rate,
        };
        side.clock(clock);
        side.take(&mut rx);
        assert!(side.has_signal());
        let song = side.listen(&AtomicBool::new(false)).unwrap();
        let heard: Vec<(i64, u8)> = song.melody.iter().map(|n| (n.at.0 / 960, n.pitch)).collect();
        let sung: Vec<(i64, u8)> = pitches.iter().enumerate().map(|(i, &p)| (8 + i as i64, p as u8)).collect();
        assert_eq!(heard, sung);
        side.clock(Clock { at: 0.0, ..clock });
        assert!(!side.has_signal(), "a jump begins a new stretch");
    }
}
