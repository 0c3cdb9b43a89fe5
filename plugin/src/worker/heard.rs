//! The melody as it was heard: notes gathered from the tap, pass by pass over the song.

use crate::instrument::lanes::{Clock, Tap};
use continuo_core::{Meter, MeterMap, Note, Song, TempoMap, Tick, Ticks};

/// Most notes kept; a song of this length has been heard for hours, and the oldest are forgotten first.
const MAX_NOTES: usize = 20_000;
/// Most changes of tempo kept: a ramp of some minutes, told block by block.
const MAX_TEMPOS: usize = 20_000;
/// A note whose end was never heard is this long, quarter notes.
const HANGING: f64 = 1.0;

#[derive(Clone, Copy, Debug)]
struct Held {
    pitch: u8,
    velocity: u8,
    at: f64,
}

/// Gathers notes into a [`Song`]. A new pass over a bar in which something is played replaces what that bar held.
#[derive(Debug, Default)]
pub struct Heard {
    notes: Vec<(u64, Note)>,
    held: Vec<Held>,
    pass: u64,
    meter: Option<Meter>,
    bpm: Option<f64>,
    /// What the host told of metre and tempo, by place in the song.
    meters: Vec<(Tick, Meter)>,
    tempos: Vec<(Tick, f64)>,
    /// The host stands still and the player's own time begins with the next note.
    restart: bool,
    changed: bool,
}

impl Heard {
    /// Begins from what a project had kept.
    pub fn from_song(song: &Song) -> Self {
        Self {
            notes: song.melody.iter().map(|&n| (0, n)).collect(),
            pass: 1,
            meter: song.meters.changes().first().map(|c| c.1),
            meters: song.meters.changes().to_vec(),
            tempos: song.tempo.changes().to_vec(),
            ..Self::default()
        }
    }

    /// Takes one message of the tap.
    pub fn take(&mut self, message: Tap) {
        match message {
            Tap::Clock(clock) => self.clock(clock),
            Tap::On { at, pitch, velocity } => {
                if std::mem::take(&mut self.restart) {
                    self.clear();
                    self.meters = self.meter.map(|m| (Tick(0), m)).into_iter().collect();
                    self.tempos = self.bpm.map(|b| (Tick(0), b)).into_iter().collect();
                }
                self.release(pitch, at);
                let bar = self.meters().bar_at(Tick::at_quarters(at));
                let (from, to) = self.meters().bar_span(bar);
                let pass = self.pass;
                self.notes.retain(|(p, n)| *p == pass || n.at < from || n.at >= to);
                self.held.push(Held { pitch, velocity, at });
            }
            Tap::Off { at, pitch } => self.release(pitch, at),
        }
    }

    fn clock(&mut self, clock: Clock) {
        if clock.joined {
            for note in std::mem::take(&mut self.held) {
                self.add(note, note.at + HANGING);
            }
            self.pass += 1;
            // A song of its own begins with its first note, so that merely stopping the host loses nothing.
            self.restart = !clock.playing && clock.at == 0.0;
        }
        self.meter = clock.meter.or(self.meter);
        self.bpm = Some(clock.bpm).filter(|b| *b > 0.0).or(self.bpm);
        // Only a song that runs tells of places in it.
        if let Some(meter) = clock.meter.filter(|_| clock.playing || self.meters.is_empty()) {
            let at = Tick::at_quarters(clock.bar_start.unwrap_or(clock.at).max(0.0));
            let map = self.meters();
            if self.meters.is_empty() || map.meter_of(map.bar_at(at)) != meter {
                // The first that is told holds from the beginning on; a place told anew holds as told last.
                let at = if self.meters.is_empty() { Tick(0) } else { at };
                self.meters.retain(|m| m.0 != at);
                self.meters.push((at, meter));
                self.changed = true;
            }
        }
        if clock.bpm > 0.0 && (clock.playing || self.tempos.is_empty()) {
            let at = Tick::at_quarters(clock.at.max(0.0));
            if self.tempos.is_empty() || self.tempo().bpm_at(at) != clock.bpm {
                let at = if self.tempos.is_empty() { Tick(0) } else { at };
                self.tempos.retain(|t| t.0 != at);
                if self.tempos.len() >= MAX_TEMPOS {
                    self.tempos.remove(0);
                }
                self.tempos.push((at, clock.bpm));
                self.changed = true;
            }
        }
    }

    fn release(&mut self, pitch: u8, at: f64) {
        if let Some(i) = self.held.iter().position(|h| h.pitch == pitch) {
            let held = self.held.swap_remove(i);
            self.add(held, at);
        }
    }

    fn add(&mut self, held: Held, end: f64) {
        let at = Tick::at_quarters(held.at.max(0.0));
        let end = Tick::at_quarters(end.max(held.at));
        let len = Ticks((end - at).0.max(1));
        if self.notes.len() >= MAX_NOTES {
            self.notes.remove(0);
        }
        self.notes
            .push((self.pass, Note { at, len, pitch: held.pitch.min(127), velocity: held.velocity.clamp(1, 127) }));
        self.changed = true;
    }

    /// True when no note was heard.
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty() && self.held.is_empty()
    }

    /// Forgets every note.
    pub fn clear(&mut self) {
        self.notes.clear();
        self.held.clear();
        self.changed = true;
    }

    /// True once after something changed.
    pub fn changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    fn meters(&self) -> MeterMap {
        MeterMap::new(&self.meters, Ticks(0))
    }

    fn tempo(&self) -> TempoMap {
        TempoMap::new(&self.tempos)
    }

    /// The metre, as told last.
    pub fn meter(&self) -> Option<Meter> {
        self.meter
    }

    /// The song so far.
    pub fn song(&self) -> Song {
        let mut melody: Vec<Note> = self.notes.iter().map(|&(_, n)| n).collect();
        continuo_core::note::tidy(&mut melody);
        Song { melody, meters: self.meters(), tempo: self.tempo(), key: None, locked_chords: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(at: f64, playing: bool) -> Tap {
        Tap::Clock(Clock {
            at,
            bpm: 100.0,
            meter: Meter::new(3, 4),
            bar_start: None,
            playing,
            joined: true,
            frame: 0,
            rate: 48_000.0,
        })
    }

    fn note(heard: &mut Heard, at: f64, pitch: u8) {
        heard.take(Tap::On { at, pitch, velocity: 80 });
        heard.take(Tap::Off { at: at + 0.5, pitch });
    }

    fn pitches(heard: &Heard) -> Vec<u8> {
        heard.song().melody.iter().map(|n| n.pitch).collect()
    }

    #[test]
    fn a_second_pass_replaces_only_the_bars_it_plays_in() {
        let mut heard = Heard::default();
        heard.take(clock(0.0, true));
        for (i, pitch) in [60, 62, 64, 65].into_iter().enumerate() {
            note(&mut heard, f64::from(i as u32) * 1.5, pitch);
        }
        heard.take(clock(0.0, true));
        note(&mut heard, 3.25, 72);
        // Bar 1 (quarters 3 to 6) held 64 and 65; bar 0 was silent this time and keeps its notes.
        assert_eq!(pitches(&heard), [60, 62, 72]);
        assert_eq!(heard.song().tempo.bpm_at(Tick(0)), 100.0);
        assert_eq!(heard.song().meters.meter_of(0), Meter::new(3, 4).unwrap());
    }

    #[test]
    fn a_tempo_ramp_is_one_pass() {
        let mut heard = Heard::default();
        heard.take(clock(0.0, true));
        for (i, pitch) in [60, 62, 64].into_iter().enumerate() {
            let at = f64::from(i as u32) * 0.9;
            let ramp = Clock {
                at,
                bpm: 100.0 + at,
                meter: None,
                bar_start: None,
                playing: true,
                joined: false,
                frame: 0,
                rate: 48e3,
            };
            heard.take(Tap::Clock(ramp));
            note(&mut heard, at, pitch);
        }
        assert_eq!(pitches(&heard), [60, 62, 64]);
    }

    #[test]
    fn a_change_of_metre_lies_at_its_bar_line() {
        // Two bars of 3/4, then 4/4; the host's block that first tells of it begins a little after the bar line.
        let mut heard = Heard::default();
        heard.take(clock(0.0, true));
        note(&mut heard, 0.0, 60);
        let told = Clock {
            at: 6.02,
            bpm: 90.0,
            meter: Meter::new(4, 4),
            bar_start: Some(6.0),
            playing: true,
            joined: false,
            frame: 0,
            rate: 48e3,
        };
        heard.take(Tap::Clock(told));
        note(&mut heard, 6.5, 62);
        let song = heard.song();
        let starts: Vec<f64> = (0..5).map(|b| song.meters.bar_start(b).as_quarters()).collect();
        assert_eq!(starts, [0.0, 3.0, 6.0, 10.0, 14.0]);
        assert_eq!((song.tempo.bpm_at(Tick(0)), song.tempo.bpm_at(Tick::at_quarters(7.0))), (100.0, 90.0));
        // Once more from the start: what is known stays.
        heard.take(clock(0.0, true));
        assert_eq!(heard.song().meters, song.meters);
    }

    #[test]
    fn a_jump_ends_what_is_held_and_free_playing_begins_anew() {
        let mut heard = Heard::default();
        heard.take(clock(8.0, true));
        heard.take(Tap::On { at: 9.0, pitch: 60, velocity: 80 });
        heard.take(clock(0.0, true));
        assert_eq!(heard.song().melody[0].len, Ticks::quarters(1.0));
        heard.take(clock(0.0, false));
        assert_eq!(pitches(&heard), [60], "stopping the host loses nothing");
        note(&mut heard, 0.0, 65);
        note(&mut heard, 1.0, 67);
        assert_eq!(pitches(&heard), [65, 67]);
        assert!(heard.changed() && !heard.changed());
    }
}
