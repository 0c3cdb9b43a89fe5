//! Where a part plays: the bars with their felt beats, the phrases they make, and where the song comes to rest.

use continuo_core::chord::chord_at;
use continuo_core::{BarRange, Chord, ChordSpan, Controls, Key, Note, Rng, Song, Style, Tick, Ticks};

/// Bars in a phrase, counted from the first whole bar of the song. Four is the commonest length in every style here.
pub const PHRASE_BARS: u32 = 4;

/// Everything a rule may look at.
#[derive(Clone, Debug)]
pub struct Setting<'a> {
    /// The song.
    pub song: &'a Song,
    /// The bars to fill.
    pub bars: BarRange,
    /// Key assumed.
    pub key: Key,
    /// Harmony, sorted, gap-free over the bars.
    pub chords: &'a [ChordSpan],
    /// What the user asks for, already clean.
    pub controls: Controls,
    /// Seed.
    pub seed: u64,
}

/// A felt beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Start.
    pub at: Tick,
    /// Length.
    pub len: Ticks,
    /// Place in the bar.
    pub index: usize,
    /// How the beat divides: 3 where it is made of three written units, 4 for a half note, else 2.
    pub subs: i64,
}

impl Beat {
    /// The point `part / of` through the beat.
    pub fn point(&self, part: i64, of: i64) -> Tick {
        Tick(self.at.0 + self.len.0 * part / of)
    }

    /// Start of subdivision `sub`.
    pub fn sub(&self, sub: i64) -> Tick {
        self.point(sub, self.subs)
    }

    /// End.
    pub fn end(&self) -> Tick {
        self.at + self.len
    }
}

/// What a beat does in the groove of its bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The bar, or half of it, begins here.
    Strong,
    /// The answer to a strong beat.
    Back,
    /// Neither.
    Weak,
}

/// A bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Number in the song.
    pub index: u32,
    /// Start.
    pub start: Tick,
    /// End.
    pub end: Tick,
    /// Felt beats.
    pub beats: Vec<Beat>,
    /// Role of each beat.
    pub roles: Vec<Role>,
    /// Place in the phrase, 0 to [`PHRASE_BARS`] - 1; an upbeat bar is the last place of the phrase before.
    pub place: u32,
    /// Number of the phrase.
    pub phrase: u32,
}

impl Bar {
    /// True for the bar that ends a phrase.
    pub fn ends_phrase(&self) -> bool {
        self.place + 1 == PHRASE_BARS
    }
}

/// The roles of `count` beats: a strong beat and its answer in turn, a group of three last where the count is odd
/// (3/4: strong, weak, back; 5/4: strong, back, strong, weak, back).
pub fn roles(count: usize) -> Vec<Role> {
    let mut roles = Vec::with_capacity(count);
    while roles.len() < count {
        match count - roles.len() {
            1 => roles.push(Role::Strong),
            3 => roles.extend([Role::Strong, Role::Weak, Role::Back]),
            _ => roles.extend([Role::Strong, Role::Back]),
        }
    }
    roles
}

impl Setting<'_> {
    /// A generator for one use of the seed; `stream` is that use's own number.
    pub fn rng(&self, stream: u64) -> Rng {
        Rng::new(self.seed, stream)
    }

    /// The style asked for.
    pub fn style(&self) -> Style {
        self.controls.style
    }

    /// Notes per beat asked for, 0 to 1.
    pub fn density(&self) -> f64 {
        f64::from(self.controls.density)
    }

    /// Daring asked for, 0 to 1.
    pub fn adventure(&self) -> f64 {
        f64::from(self.controls.adventure)
    }

    /// Start and end of what is to be filled.
    pub fn span(&self) -> (Tick, Tick) {
        self.bars.span(&self.song.meters)
    }

    /// The bars to fill.
    pub fn bar_list(&self) -> Vec<Bar> {
        let meters = &self.song.meters;
        let upbeat = u32::from(meters.pickup().0 > 0);
        (self.bars.from..self.bars.to)
            .map(|index| {
                let (start, end) = meters.bar_span(index);
                let compound = meters.meter_of(index).is_compound();
                let beats = beats(&meters.beats_of(index), compound);
                let whole = (index + PHRASE_BARS).wrapping_sub(upbeat);
                Bar {
                    index,
                    start,
                    end,
                    roles: roles(beats.len()),
                    beats,
                    place: whole % PHRASE_BARS,
                    phrase: whole / PHRASE_BARS,
                }
            })
            .collect()
    }

    /// The harmony inside the bars, each span cut to them, without spans of no length.
    pub fn spans(&self) -> Vec<ChordSpan> {
        let (from, to) = self.span();
        let mut spans: Vec<ChordSpan> = self
            .chords
            .iter()
            .filter(|s| s.end() > from && s.at < to)
            .map(|s| {
                let (at, end) = (s.at.max(from), s.end().min(to));
                ChordSpan { at, len: end - at, ..*s }
            })
            .filter(|s| s.len.0 > 0)
            .collect();
        spans.sort_by_key(|s| s.at);
        spans
    }

    /// The chord that sounds at `at`.
    pub fn chord(&self, at: Tick) -> Option<Chord> {
        chord_at(self.chords, at).and_then(|s| s.chord)
    }

    /// Melody notes that sound anywhere in `from..to`.
    pub fn melody_in(&self, from: Tick, to: Tick) -> impl Iterator<Item = &Note> {
        // The melody is sorted by onset, so everything from the first note after the span on is out of reach.
        let past = self.song.melody.partition_point(|n| n.at < to);
        self.song.melody[..past].iter().filter(move |n| n.end() > from)
    }

    /// Where the song comes to rest, if it does so inside these bars: the beat in which its last melody note, at least
    /// a beat long, begins. From there on the parts hold.
    pub fn rest(&self) -> Option<Tick> {
        let last = self.song.melody.iter().max_by_key(|n| (n.end(), n.at))?;
        let bar = self.song.meters.bar_at(last.at);
        if self.bars.is_empty() || bar + 1 != self.bars.to || self.song.bars().to != self.bars.to {
            return None;
        }
        let beats = self.song.meters.beats_of(bar);
        let &(at, len) = beats.iter().rev().find(|b| b.0 <= last.at)?;
        (last.len.0 * 10 >= len.0 * 9).then_some(at)
    }

    /// Ticks in `ms` milliseconds at the tempo that holds at `at`.
    pub fn ticks(&self, ms: f64, at: Tick) -> i64 {
        Ticks::quarters(ms / 60_000.0 * self.song.tempo.bpm_at(at)).0
    }

    /// Share of a two-part beat its first half takes. Straight is 1/2. Swing is 2/3 up to 160 quarters a minute and
    /// falls to 0.58 at 260: fast players even their eighths out (Friberg and Sundström 2002 measured this trend).
    pub fn swing(&self, at: Tick) -> f64 {
        if self.style() != Style::Swing {
            return 0.5;
        }
        let bpm = self.song.tempo.bpm_at(at);
        2.0 / 3.0 - (bpm - 160.0).clamp(0.0, 100.0) / 100.0 * (2.0 / 3.0 - 0.58)
    }

    /// Start of subdivision `sub` of `beat`, swung where the style swings.
    pub fn swung(&self, beat: &Beat, sub: i64) -> Tick {
        if beat.subs == 2 && sub == 1 {
            Tick(beat.at.0 + (beat.len.0 as f64 * self.swing(beat.at)).round() as i64)
        } else {
            beat.sub(sub)
        }
    }
}

fn beats(list: &[(Tick, Ticks)], compound: bool) -> Vec<Beat> {
    let shortest = list.iter().map(|b| b.1.0).min().unwrap_or(0);
    list.iter()
        .enumerate()
        .map(|(index, &(at, len))| {
            // A beat half as long again as its neighbours is the three of an odd metre (7/8 = 2+2+3).
            let three = compound || len.0 * 2 == shortest * 3;
            let half_note = len.0 == 2 * continuo_core::TICKS_PER_QUARTER;
            let subs = if three {
                3
            } else if half_note {
                4
            } else {
                2
            };
            Beat { at, len, index, subs }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::{Meter, MeterMap, Mode, PitchClass};

    #[test]
    fn beats_divide_as_they_are_felt() {
        let subs = |num, den| {
            let map = MeterMap::constant(Meter::new(num, den).unwrap());
            beats(&map.beats_of(0), map.meter_of(0).is_compound()).iter().map(|b| b.subs).collect::<Vec<_>>()
        };
        assert_eq!(subs(4, 4), [2, 2, 2, 2]);
        assert_eq!(subs(6, 8), [3, 3]);
        assert_eq!(subs(7, 8), [2, 2, 3]);
        assert_eq!(subs(2, 2), [4, 4]);
    }

    #[test]
    fn strong_beats_are_answered() {
        use Role::{Back as B, Strong as S, Weak as W};
        assert_eq!(roles(4), [S, B, S, B]);
        assert_eq!(roles(3), [S, W, B]);
        assert_eq!(roles(5), [S, B, S, W, B]);
        assert_eq!(roles(7), [S, B, S, B, S, W, B]);
        assert_eq!(roles(1), [S]);
    }

    #[test]
    fn phrases_count_from_the_first_whole_bar_and_the_last_long_note_is_the_rest() {
        let note =
            |q: f64, len: f64| Note { at: Tick::at_quarters(q), len: Ticks::quarters(len), pitch: 60, velocity: 80 };
        let song = Song {
            melody: vec![note(0.0, 1.0), note(1.0, 8.0), note(15.0, 2.0)],
            meters: MeterMap::new(&[(Tick(0), Meter::COMMON)], Ticks::quarters(1.0)),
            ..Song::default()
        };
        let key = Key { tonic: PitchClass::of(0), mode: Mode::Major };
        let setting =
            Setting { song: &song, bars: song.bars(), key, chords: &[], controls: Controls::default(), seed: 1 };
        let places: Vec<u32> = setting.bar_list().iter().map(|b| b.place).collect();
        assert_eq!(places, [3, 0, 1, 2, 3]);
        assert_eq!(setting.rest(), Some(Tick::at_quarters(15.0)));
        let first = Setting { bars: BarRange { from: 0, to: 3 }, ..setting };
        assert_eq!(first.rest(), None);
    }
}
