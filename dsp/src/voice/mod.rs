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
mod pool;
mod strings;
mod wavetable;

use bass::BassVoice;
use body::Body;
use continuo_core::Part;
use continuo_core::units::{Frames, SampleRate};
use drums::DrumVoice;
use keys::KeysVoice;
use pool::{Pool, Voice};
use std::sync::Arc;
use strings::StringsVoice;
use wavetable::Wavetable;

pub(crate) use filter::{Filter, Kind};

/// Notes and note ends that can wait for their sample. More are played at once.
const WAITING: usize = 2_048;
/// Samples between two looks at the shared filters, counted from the stream's start.
const LOOK: u64 = 64;
/// The string bodies ring this long after the last voice, seconds.
const BODY_RING_S: f64 = 0.5;

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
    Strings(Box<Section>),
}

/// The strings' voices and their shared bodies.
#[derive(Clone, Debug)]
struct Section {
    pool: Pool<StringsVoice>,
    body: Body,
    /// Frames the bodies may still ring.
    ring: u64,
    scratch: [Vec<f32>; 2],
}

/// The instrument of one part.
///
/// # Real-time safety
/// [`Instrument::new`] allocates; everything else is real-time safe.
#[derive(Clone, Debug)]
pub struct Instrument {
    part: Part,
    rate: f64,
    voices: Voices,
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
                let block = max_block.0.clamp(1, 1 << 16) as usize;
                Voices::Strings(Box::new(Section {
                    pool: Pool::new(strings::POLYPHONY, || StringsVoice::new(rate, Arc::clone(&tables))),
                    body: Body::new(rate),
                    ring: 0,
                    scratch: [vec![0.0; block], vec![0.0; block]],
                }))
            }
        };
        Self { part, rate, voices, waiting: Vec::with_capacity(WAITING), now: 0 }
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
            Voices::Strings(section) => strike(&mut section.pool, act),
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
            self.render_piece(&mut left[done..done + count], &mut right[done..done + count]);
            done += count;
            self.now += count as u64;
        }
    }

    /// Frames without a note in between.
    fn render_piece(&mut self, left: &mut [f32], right: &mut [f32]) {
        match &mut self.voices {
            Voices::Keys(pool) => pool.render(left, right),
            Voices::Bass(pool) => pool.render(left, right),
            Voices::Drums(pool) => pool.render(left, right),
            Voices::Strings(section) => section.render(left, right, self.now, self.rate),
        }
    }

    /// True when nothing sounds or waits.
    pub fn is_silent(&self) -> bool {
        self.waiting.is_empty()
            && match &self.voices {
                Voices::Keys(pool) => pool.is_silent(),
                Voices::Bass(pool) => pool.is_silent(),
                Voices::Drums(pool) => pool.is_silent(),
                Voices::Strings(section) => section.pool.is_silent() && section.ring == 0,
            }
    }

    /// As newly made. Real-time safe.
    pub fn reset(&mut self) {
        self.waiting.clear();
        self.now = 0;
        match &mut self.voices {
            Voices::Keys(pool) => pool.reset(),
            Voices::Bass(pool) => pool.reset(),
            Voices::Drums(pool) => pool.reset(),
            Voices::Strings(section) => {
                section.pool.reset();
                section.body.reset();
                section.ring = 0;
            }
        }
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

impl Section {
    fn render(&mut self, left: &mut [f32], right: &mut [f32], now: u64, rate: f64) {
        let size = self.scratch[0].len();
        let mut at = now;
        for (l, r) in left.chunks_mut(size).zip(right.chunks_mut(size)) {
            self.render_chunk(l, r, at, rate);
            at += l.len() as u64;
        }
    }

    fn render_chunk(&mut self, left: &mut [f32], right: &mut [f32], now: u64, rate: f64) {
        let len = left.len();
        let [a, b] = &mut self.scratch;
        let (a, b) = (&mut a[..len], &mut b[..len]);
        a.fill(0.0);
        b.fill(0.0);
        let sounding = !self.pool.is_silent();
        if sounding {
            self.pool.render(a, b);
        }
        // The bodies ring on after the last voice. Whether they may stop is asked on a grid of the stream and counted from the last sample that was
        // not zero, so that blocks cannot matter.
        let full = (BODY_RING_S * rate) as u64;
        for i in 0..len {
            if a[i] != 0.0 || b[i] != 0.0 {
                self.ring = full;
            } else if self.ring > 0 {
                self.ring -= 1;
                if self.ring == 0 {
                    self.body.reset();
                }
            }
            if self.ring == 0 {
                continue;
            }
            if (now + i as u64).is_multiple_of(LOOK) {
                self.body.flush();
            }
            left[i] += self.body.step(0, a[i]);
            right[i] += self.body.step(1, b[i]);
        }
    }
}
