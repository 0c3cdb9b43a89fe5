//! A fixed number of voices, and what happens when a note needs one more.
//!
//! There are more slots than sounding voices may be: a stolen voice keeps its slot while it fades, so stealing does not click.

/// What the pool must know of a voice. All of it is real-time safe.
pub(crate) trait Voice {
    /// Begins a note. `serial` counts the notes since the last reset.
    fn start(&mut self, pitch: u8, velocity: u8, serial: u32);
    /// The key is let go.
    fn release(&mut self);
    /// Fades out within a few milliseconds.
    fn fade(&mut self);
    /// Adds the next samples.
    fn render(&mut self, left: &mut [f32], right: &mut [f32]);
    /// Silent and unused.
    fn is_free(&self) -> bool;
    /// On its way out by [`Voice::fade`].
    fn is_fading(&self) -> bool;
    /// The key it plays while that is down.
    fn held(&self) -> Option<u8>;
    /// Rough loudness, to choose whom to steal.
    fn loudness(&self) -> f32;
    /// Silent at once.
    fn silence(&mut self);
}

/// The voices of one instrument.
#[derive(Clone, Debug)]
pub(crate) struct Pool<V> {
    pub(crate) voices: Vec<V>,
    polyphony: usize,
    serial: u32,
}

impl<V: Voice> Pool<V> {
    /// `polyphony` voices and half as many slots for fading ones. Allocates.
    pub(crate) fn new(polyphony: usize, make: impl Fn() -> V) -> Self {
        let slots = polyphony + polyphony / 2 + 4;
        Self { voices: (0..slots).map(|_| make()).collect(), polyphony, serial: 0 }
    }

    /// Begins a note, stealing the least heard voice when all are busy: released ones before held ones.
    pub(crate) fn start(&mut self, pitch: u8, velocity: u8) {
        let busy = self.voices.iter().filter(|v| !v.is_free() && !v.is_fading()).count();
        if busy >= self.polyphony {
            let victim = self.voices.iter_mut().filter(|v| !v.is_free() && !v.is_fading()).min_by(|a, b| {
                (a.held().is_some(), a.loudness())
                    .partial_cmp(&(b.held().is_some(), b.loudness()))
                    .unwrap_or(std::cmp::Ordering::Equal)
            });
            if let Some(victim) = victim {
                victim.fade();
            }
        }
        let slot = match self.voices.iter().position(Voice::is_free) {
            Some(free) => Some(free),
            None => {
                // Only when more notes are stolen within one fade than there are spare slots.
                (0..self.voices.len())
                    .filter(|&i| self.voices[i].is_fading())
                    .min_by(|&a, &b| self.voices[a].loudness().total_cmp(&self.voices[b].loudness()))
            }
        };
        if let Some(slot) = slot {
            self.voices[slot].silence();
            self.voices[slot].start(pitch, velocity, self.serial);
            self.serial = self.serial.wrapping_add(1);
        }
    }

    /// Lets every voice that holds `pitch` go.
    pub(crate) fn release(&mut self, pitch: u8) {
        self.voices.iter_mut().filter(|v| v.held() == Some(pitch)).for_each(Voice::release);
    }

    /// Lets everything go.
    pub(crate) fn release_all(&mut self) {
        self.voices.iter_mut().filter(|v| v.held().is_some()).for_each(Voice::release);
    }

    /// Adds the next samples of every voice.
    pub(crate) fn render(&mut self, left: &mut [f32], right: &mut [f32]) {
        for voice in self.voices.iter_mut().filter(|v| !v.is_free()) {
            voice.render(left, right);
        }
    }

    /// True when nothing sounds.
    pub(crate) fn is_silent(&self) -> bool {
        self.voices.iter().all(Voice::is_free)
    }

    /// As new.
    pub(crate) fn reset(&mut self) {
        self.voices.iter_mut().for_each(Voice::silence);
        self.serial = 0;
    }
}
