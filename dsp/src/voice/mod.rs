//! The voices of the four parts: synthesis of our own, no samples.
//!
//! An [`Instrument`] plays one part. Notes are given with their place in the next block and sound on exactly that sample.

mod bass;
mod body;
mod drum_kit;
mod drums;
mod envelope;
mod filter;
mod keys;
mod modal;
mod noise;
mod output;
mod pool;
mod strings;
mod wavetable;

use bass::BassVoice;
use continuo_core::Part;
use continuo_core::units::{Frames, SampleRate};
use drums::DrumVoice;
use keys::KeysVoice;
use output::Output;
use pool::{Pool, Voice};
use std::sync::Arc;
use strings::StringsVoice;
use wavetable::Wavetable;

pub(crate) use filter::{Filter, Kind};

/// Notes and note ends that can wait for their sample. More are played at once.
const WAITING: usize = 2_048;
/// What happens at a frame.
#[derive(Clone, Copy, Debug)]
enum Act {
    On { pitch: u8, velocity: u8 },
    Off { pitch: u8 },
    AllOff,
}

/// The voices of a part.
#[derive(Clone, Debug)]
enum Voices {
    Keys(Pool<KeysVoice>),
    Bass(Pool<BassVoice>),
    Drums(Pool<DrumVoice>),
    Strings(Pool<StringsVoice>),
}

/// The instrument of one part.
///
/// # Real-time safety
/// [`Instrument::new`] allocates; everything else is real-time safe.
#[derive(Clone, Debug)]
pub struct Instrument {
    part: Part,
    voices: Voices,
    output: Output,
    scratch: [Vec<f32>; 2],
    /// In order of their frame.
    waiting: Vec<(u64, Act)>,
    /// Frames rendered since the last reset.
    now: u64,
}

impl Instrument {
    /// The instrument of `part`. Blocks longer than `max_block` are rendered in pieces of it. Allocates.
    pub fn new(part: Part, sample_rate: SampleRate, max_block: Frames) -> Self {
        let rate = sample_rate.hz();
        let voices = match part {
            Part::Keys => Voices::Keys(Pool::new(keys::POLYPHONY, || KeysVoice::new(rate))),
            Part::Bass => Voices::Bass(Pool::new(bass::POLYPHONY, || BassVoice::new(rate))),
            Part::Drums => Voices::Drums(Pool::new(drums::POLYPHONY, || DrumVoice::new(rate))),
            Part::Strings => {
                let tables = Arc::new(Wavetable::new(rate));
                Voices::Strings(Pool::new(strings::POLYPHONY, || StringsVoice::new(rate, Arc::clone(&tables))))
            }
        };
        let block = max_block.0.clamp(64, 1 << 13) as usize;
        Self {
            part,
            voices,
            output: Output::new(part, rate),
            scratch: [vec![0.0; block], vec![0.0; block]],
            waiting: Vec::with_capacity(WAITING),
            now: 0,
        }
    }

    /// The part it plays.
    pub fn part(&self) -> Part {
        self.part
    }

    /// Begins a note `offset` frames into the next block. Pitch is a MIDI key, velocity 1 to 127; 0 ends the note. Drums take General MIDI
    /// percussion keys and ignore others. Real-time safe.
    pub fn note_on(&mut self, pitch: u8, velocity: u8, offset: Frames) {
        let act = if velocity == 0 { Act::Off { pitch } } else { Act::On { pitch: pitch.min(127), velocity } };
        self.wait(act, offset);
    }

    /// Ends a note `offset` frames into the next block. Real-time safe.
    pub fn note_off(&mut self, pitch: u8, offset: Frames) {
        self.wait(Act::Off { pitch }, offset);
    }

    /// Lets every note go, at the beginning of the next block, and forgets the notes that wait. Real-time safe.
    pub fn all_off(&mut self) {
        self.waiting.clear();
        self.wait(Act::AllOff, Frames(0));
    }

    fn wait(&mut self, act: Act, offset: Frames) {
        if self.waiting.len() == WAITING {
            self.act(act);
            return;
        }
        let at = self.now.saturating_add(offset.0);
        // Behind those of the same frame: the order of the calls counts.
        let place = self.waiting.partition_point(|w| w.0 <= at);
        self.waiting.insert(place, (at, act));
    }

    fn act(&mut self, act: Act) {
        match &mut self.voices {
            Voices::Keys(pool) => strike(pool, act),
            Voices::Bass(pool) => strike(pool, act),
            Voices::Strings(pool) => strike(pool, act),
            Voices::Drums(pool) => {
                if let Act::On { pitch, .. } = act
                    && let Some(group) = drum_kit::piece(pitch).and_then(|p| p.choke)
                {
                    pool.voices.iter_mut().filter(|v| v.group() == Some(group)).for_each(DrumVoice::choke);
                }
                strike(pool, act);
            }
        }
    }

    /// Adds the next frames to both channels; of unequal lengths the shorter counts. Real-time safe.
    pub fn render(&mut self, left: &mut [f32], right: &mut [f32]) {
        let len = left.len().min(right.len());
        let mut done = 0;
        while done < len {
            let due = self.waiting.partition_point(|w| w.0 <= self.now);
            for i in 0..due {
                let (_, act) = self.waiting[i];
                self.act(act);
            }
            self.waiting.drain(..due);
            let until = self.waiting.first().map_or(u64::MAX, |w| w.0 - self.now);
            let count = (len - done).min(usize::try_from(until).unwrap_or(usize::MAX));
            let count = count.min(self.scratch[0].len());
            self.render_piece(&mut left[done..done + count], &mut right[done..done + count]);
            done += count;
            self.now += count as u64;
        }
    }

    /// Frames without a note in between, no more than the scratch holds.
    fn render_piece(&mut self, left: &mut [f32], right: &mut [f32]) {
        let len = left.len();
        let [a, b] = &mut self.scratch;
        let (a, b) = (&mut a[..len], &mut b[..len]);
        a.fill(0.0);
        b.fill(0.0);
        match &mut self.voices {
            Voices::Keys(pool) => pool.render(a, b),
            Voices::Bass(pool) => pool.render(a, b),
            Voices::Drums(pool) => pool.render(a, b),
            Voices::Strings(pool) => pool.render(a, b),
        }
        self.output.process(self.now, [a, b], [left, right]);
    }

    fn voices_are_silent(&self) -> bool {
        match &self.voices {
            Voices::Keys(pool) => pool.is_silent(),
            Voices::Bass(pool) => pool.is_silent(),
            Voices::Drums(pool) => pool.is_silent(),
            Voices::Strings(pool) => pool.is_silent(),
        }
    }

    /// True when nothing sounds or waits.
    pub fn is_silent(&self) -> bool {
        self.waiting.is_empty() && self.voices_are_silent() && self.output.is_silent()
    }

    /// As newly made. Real-time safe.
    pub fn reset(&mut self) {
        self.waiting.clear();
        self.now = 0;
        match &mut self.voices {
            Voices::Keys(pool) => pool.reset(),
            Voices::Bass(pool) => pool.reset(),
            Voices::Drums(pool) => pool.reset(),
            Voices::Strings(pool) => pool.reset(),
        }
        self.output.reset();
    }
}

fn strike<V: Voice>(pool: &mut Pool<V>, act: Act) {
    match act {
        Act::On { pitch, velocity } => {
            // A key that is struck again was let go in between.
            pool.release(pitch);
            pool.start(pitch, velocity);
        }
        Act::Off { pitch } => pool.release(pitch),
        Act::AllOff => pool.release_all(),
    }
}
