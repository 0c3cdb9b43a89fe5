//! The instrument on the audio thread: hears, plays what was accepted, mixes.

use super::arrangement::Arrangement;
use super::band::{Band, Outputs};
use super::lanes::{Applied, Audition, Clock, Meters, Patch, Tap, Trash};
use super::sequencer::{PartEvent, Sequencer, SongClock};
use continuo_core::lanes::{LaneIn, LaneOut};
use continuo_core::{Frames, Meter, Part, SampleRate};
use continuo_dsp::MixSettings;

/// Tempo assumed while the host tells none, quarter notes per minute.
const REST_BPM: f64 = 120.0;
/// Playing freely after a silence of this many quarter notes begins a song of its own.
const FREE_PAUSE: f64 = 16.0;
/// A host position further than this from the expected one is a jump, quarter notes.
const JUMP: f64 = 1e-3;
/// Most events of one part of a block: both sequencers and the player's own keys.
const MAX_EVENTS: usize = 8192 + 256;

/// The lane ends of the audio thread.
#[derive(Debug)]
pub struct AudioLanes {
    /// What the human plays.
    pub tap: LaneIn<Tap>,
    /// What the side input brings, both channels in one.
    pub sound: LaneIn<f32>,
    /// What was accepted or is auditioned.
    pub patches: LaneOut<Patch>,
    /// What is to be freed elsewhere.
    pub trash: LaneIn<Trash>,
    /// What took effect.
    pub applied: LaneIn<Applied>,
    /// What the screen shows.
    pub meters: triple_buffer::Input<Meters>,
}

/// The host's transport as far as it matters here.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HostTime {
    /// The song runs.
    pub playing: bool,
    /// Position of the block's first frame, quarter notes.
    pub at: Option<f64>,
    /// Quarter notes per minute.
    pub bpm: Option<f64>,
    /// Metre.
    pub meter: Option<Meter>,
    /// Where the bar began in which the block begins, quarter notes.
    pub bar_start: Option<f64>,
    /// The host's loop, quarter notes.
    pub cycle: Option<(f64, f64)>,
}

/// A key the human pressed or released.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Played {
    /// Frame within the block.
    pub frame: u32,
    /// MIDI key.
    pub pitch: u8,
    /// 1 to 127 pressed, 0 released.
    pub velocity: u8,
}

/// Switches of one block.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    /// One strip per part.
    pub parts: MixSettings,
    /// Level of everything, decibels; minus infinity is silence.
    pub output_db: f32,
    /// The player hears the melody.
    pub monitor: bool,
}

/// Everything that plays, for one sample rate. Allocates in [`InstrumentAudio::new`] only.
pub struct InstrumentAudio {
    rate: f64,
    band: Band,
    song: Sequencer,
    trial: Sequencer,
    arrangement: Box<Arrangement>,
    audition: Option<Box<Audition>>,
    audition_began: bool,
    /// Position of an audition that plays while the host stands still.
    trial_at: f64,
    events: Vec<PartEvent>,
    expected: Option<f64>,
    told: Option<(f64, Option<Meter>, bool)>,
    free_at: f64,
    idle: f64,
    frame: u64,
    held: [u64; 2],
    meters: Meters,
}

/// Where a block lies.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: f64,
    per_frame: f64,
    playing: bool,
}

impl InstrumentAudio {
    /// A player at `rate`, with what was accepted so far.
    pub fn new(rate: SampleRate, max_block: Frames, arrangement: Arrangement) -> Self {
        Self {
            rate: rate.hz(),
            band: Band::new(rate, max_block),
            song: Sequencer::new(),
            trial: Sequencer::new(),
            arrangement: Box::new(arrangement),
            audition: None,
            audition_began: false,
            trial_at: 0.0,
            events: Vec::with_capacity(MAX_EVENTS),
            expected: None,
            told: None,
            free_at: 0.0,
            idle: FREE_PAUSE,
            frame: 0,
            held: [0; 2],
            meters: Meters::default(),
        }
    }

    /// Silence, as if newly made; what was accepted stays. Real-time safe.
    pub fn reset(&mut self) {
        self.band.reset();
        self.song.reset();
        self.trial.reset();
        self.expected = None;
        self.told = None;
        self.held = [0; 2];
    }

    /// Processes one block of `frames` frames. `midi` is given every event of the accepted parts. Real-time safe.
    #[allow(clippy::too_many_arguments, reason = "one block, each argument a different stream of it")]
    pub fn process(
        &mut self,
        lanes: &mut AudioLanes,
        host: &HostTime,
        frames: u32,
        played: &[Played],
        input: Option<[&[f32]; 2]>,
        mix: &Mix,
        outputs: Outputs<'_, '_>,
        mut midi: impl FnMut(PartEvent),
    ) {
        let place = self.locate(lanes, host, frames, played);
        self.listen(lanes, input);
        self.hear(lanes, played, place);
        self.receive(lanes, place.playing.then_some(place.at));
        self.sequence(lanes, place, frames);
        for &event in &self.events {
            midi(event);
        }
        self.band.render(&self.events, played, mix, outputs, &mut self.meters);
        self.meters.at = place.playing.then_some(place.at);
        self.meters.playing = place.playing;
        self.meters.bpm = host.bpm;
        self.meters.meter = host.meter;
        self.meters.cycle = host.cycle;
        self.meters.input_peak = input.map(|[left, right]| {
            left.iter().chain(right).fold(0.0f32, |peak, x| if x.is_finite() { peak.max(x.abs()) } else { peak })
        });
        self.meters.active = self.held != [0; 2];
        lanes.meters.write(self.meters);
    }

    /// Finds where the block lies, and tells the worker whenever that does not follow from what it was told.
    fn locate(&mut self, lanes: &mut AudioLanes, host: &HostTime, frames: u32, played: &[Played]) -> Place {
        let bpm = host.bpm.filter(|b| b.is_finite() && *b > 0.0).unwrap_or(REST_BPM);
        let per_frame = bpm / 60.0 / self.rate;
        let block = f64::from(frames) * per_frame;
        let host_at = host.at.filter(|at| at.is_finite() && host.playing);
        let playing = host_at.is_some();
        let mut anew = false;
        if !playing && self.idle >= FREE_PAUSE {
            // The first note after a long silence begins a song of its own: it lies at 0.
            if let Some(first) = played.iter().find(|k| k.velocity > 0) {
                self.free_at = -f64::from(first.frame) * per_frame;
                anew = true;
            }
        }
        let at = host_at.unwrap_or(self.free_at);
        let jumped = playing && self.expected.is_none_or(|e| (e - at).abs() > JUMP);
        let now = Some((bpm, host.meter, playing));
        if jumped || anew || self.told != now {
            let joined = jumped || anew || self.told.is_none_or(|told| told.2 != playing);
            self.told = now;
            let clock = Clock {
                at: at.max(0.0),
                bpm,
                meter: host.meter,
                bar_start: host.bar_start.filter(|_| playing),
                playing,
                joined,
                frame: self.frame,
                rate: self.rate,
            };
            if lanes.tap.send(Tap::Clock(clock)).is_err() {
                lanes.tap.count_lost(1);
            }
        }
        self.expected = playing.then_some(at + block);
        if playing {
            self.idle = FREE_PAUSE;
        } else {
            self.free_at += block;
            self.idle = if played.is_empty() { self.idle + block } else { 0.0 };
        }
        Place { at, per_frame, playing }
    }

    /// Sends the side input's sound. What does not fit is dropped whole blocks at a time, and the clock is told anew.
    fn listen(&mut self, lanes: &mut AudioLanes, input: Option<[&[f32]; 2]>) {
        let Some([left, right]) = input else { return };
        let frames = left.len().min(right.len());
        if lanes.sound.free() < frames {
            lanes.sound.count_lost(frames as u64);
            self.told = None;
            return;
        }
        for (l, r) in left.iter().zip(right) {
            let mono = 0.5 * (l + r);
            // There is room: this end is the only one that fills the lane.
            let _ = lanes.sound.send(if mono.is_finite() { mono } else { 0.0 });
        }
        self.frame += frames as u64;
    }

    fn hear(&mut self, lanes: &mut AudioLanes, played: &[Played], place: Place) {
        for key in played {
            let at = (place.at + f64::from(key.frame) * place.per_frame).max(0.0);
            let bit = 1u64 << (key.pitch & 63);
            let half = &mut self.held[usize::from(key.pitch >> 6) & 1];
            let message = if key.velocity > 0 {
                *half |= bit;
                Tap::On { at, pitch: key.pitch, velocity: key.velocity }
            } else {
                *half &= !bit;
                Tap::Off { at, pitch: key.pitch }
            };
            if lanes.tap.send(message).is_err() {
                lanes.tap.count_lost(1);
            }
        }
    }

    fn receive(&mut self, lanes: &mut AudioLanes, at: Option<f64>) {
        // A patch is taken only when what it replaces can be sent away, so that nothing is ever freed here.
        while lanes.trash.free() >= 2
            && let Some(patch) = lanes.patches.receive()
        {
            match patch {
                Patch::Arrangement(new) => {
                    let old = std::mem::replace(&mut self.arrangement, new);
                    if let Err(Trash::Arrangement(back)) = lanes.trash.send(Trash::Arrangement(old)) {
                        // Cannot be: two places are free. Leaked rather than freed on this thread.
                        std::mem::forget(back);
                    }
                    self.song.relocate();
                    tell(lanes, Applied::Arrangement { at });
                }
                Patch::Audition(new) => {
                    self.end_audition(lanes);
                    self.trial_at = new.from;
                    self.trial.relocate();
                    self.audition = Some(new);
                    self.audition_began = false;
                }
                Patch::StopAudition => self.end_audition(lanes),
            }
        }
    }

    fn end_audition(&mut self, lanes: &mut AudioLanes) {
        if let Some(old) = self.audition.take() {
            tell(lanes, Applied::AuditionEnded(old.take));
            if let Err(Trash::Audition(back)) = lanes.trash.send(Trash::Audition(old)) {
                // Only when the worker has been away for long; tried again at the end of the next block.
                self.audition = Some(back);
            }
        }
    }

    fn sequence(&mut self, lanes: &mut AudioLanes, place: Place, frames: u32) {
        let song_clock = place.playing.then_some(SongClock { at: place.at, per_frame: place.per_frame });
        let block = f64::from(frames) * place.per_frame;
        let mut stand_in = [false; Part::ALL.len()];
        let mut trial_clock = None;
        let mut ended = false;
        if let Some(audition) = &self.audition {
            let at = if place.playing { place.at } else { self.trial_at };
            if at + block > audition.from && at < audition.to {
                stand_in = audition.parts;
                trial_clock = Some(SongClock { at, per_frame: place.per_frame });
                if !self.audition_began {
                    self.audition_began = true;
                    tell(lanes, Applied::AuditionBegan(audition.take));
                }
            } else {
                ended = self.audition_began && at >= audition.to;
            }
            if !place.playing {
                self.trial_at += block;
            }
        }
        self.events.clear();
        let song = self.song.block(song_clock, frames, &self.arrangement, |p| !stand_in[p.index()]);
        self.events.extend_from_slice(song);
        let silent = Arrangement::NONE;
        let trial = match (&self.audition, trial_clock) {
            (Some(audition), Some(clock)) => self.trial.block(Some(clock), frames, &audition.arrangement, |_| true),
            _ => self.trial.block(None, frames, &silent, |_| true),
        };
        self.events.extend_from_slice(trial);
        self.events.sort_unstable_by_key(|e| (e.frame, e.velocity > 0, e.part, e.pitch));
        if ended {
            self.end_audition(lanes);
        }
    }
}

fn tell(lanes: &mut AudioLanes, what: Applied) {
    if lanes.applied.send(what).is_err() {
        lanes.applied.count_lost(1);
    }
}
