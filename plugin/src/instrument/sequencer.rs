//! Plays an [`Arrangement`] from the host's song position, sample-accurately.
//!
//! Where the song is decides what sounds: the position is computed from the transport in every block, so jumps, loops,
//! tempo ramps and offline renders need no special case. Within an unbroken run a cursor per part guarantees that no
//! note is played twice or missed, however the host cuts its blocks.

use super::arrangement::Arrangement;
use continuo_core::Part;

/// Where a block lies in the song.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SongClock {
    /// Song position of the block's first frame, quarter notes.
    pub at: f64,
    /// Quarter notes per frame.
    pub per_frame: f64,
}

/// Something to do within a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartEvent {
    /// Frame within the block.
    pub frame: u32,
    /// Whose.
    pub part: Part,
    /// MIDI key.
    pub pitch: u8,
    /// 1 to 127 begins a note, 0 ends one.
    pub velocity: u8,
}

#[derive(Clone, Copy, Debug)]
struct Sounding {
    part: Part,
    pitch: u8,
    end: f64,
}

/// Most notes sounding at once over all parts; a note over this is not begun.
const MAX_SOUNDING: usize = 256;
/// Most events in one block; notes over this are not begun.
const MAX_EVENTS: usize = 4096;
/// A song position further than this from the expected one is a jump, quarter notes. Hosts round positions to about
/// 1e-9; a 64th at 960 ticks is 0.06.
const JUMP: f64 = 1e-3;

/// The player. Allocates only in [`Sequencer::new`].
#[derive(Debug)]
pub struct Sequencer {
    cursors: [usize; Part::ALL.len()],
    expected: Option<f64>,
    sounding: Vec<Sounding>,
    events: Vec<PartEvent>,
}

impl Default for Sequencer {
    fn default() -> Self {
        Self::new()
    }
}

impl Sequencer {
    /// A player at rest.
    pub fn new() -> Self {
        Self {
            cursors: [0; Part::ALL.len()],
            expected: None,
            sounding: Vec::with_capacity(MAX_SOUNDING),
            events: Vec::with_capacity(MAX_EVENTS),
        }
    }

    /// At rest again. Real-time safe.
    pub fn reset(&mut self) {
        self.cursors = [0; Part::ALL.len()];
        self.expected = None;
        self.sounding.clear();
        self.events.clear();
    }

    /// The arrangement has been replaced: look the place up anew. What sounds ends when it was going to. Real-time
    /// safe.
    pub fn relocate(&mut self) {
        // The expected position stays, so that the next block is no jump; only the cursors are stale.
        self.cursors = [usize::MAX; Part::ALL.len()];
    }

    /// Plays one block of `frames` frames. `clock` is `None` while the song stands still. `parts` says who may begin notes
    /// from this arrangement. The events are sorted by frame, ends before beginnings. Real-time safe.
    pub fn block(
        &mut self,
        clock: Option<SongClock>,
        frames: u32,
        arrangement: &Arrangement,
        parts: impl Fn(Part) -> bool,
    ) -> &[PartEvent] {
        self.events.clear();
        let Some(clock) = clock else {
            self.end_all(0);
            self.expected = None;
            return &self.events;
        };
        let jumped = self.expected.is_none_or(|expected| (expected - clock.at).abs() > JUMP);
        if jumped {
            self.end_all(0);
        }
        let offset = |at: f64| ((at - clock.at) / clock.per_frame).round();
        let frames_f = f64::from(frames);

        let events = &mut self.events;
        self.sounding.retain(|note| {
            let frame = offset(note.end);
            if frame < frames_f && events.len() < MAX_EVENTS {
                events.push(PartEvent {
                    frame: frame.max(0.0) as u32,
                    part: note.part,
                    pitch: note.pitch,
                    velocity: 0,
                });
                return false;
            }
            true
        });

        for part in Part::ALL {
            let notes = arrangement.notes(part);
            let cursor = &mut self.cursors[part.index()];
            if jumped || *cursor == usize::MAX {
                *cursor = notes.partition_point(|n| offset(n.at) < 0.0);
            }
            while let Some(note) = notes.get(*cursor) {
                let frame = offset(note.at);
                if frame >= frames_f {
                    break;
                }
                *cursor += 1;
                if !parts(part) || self.events.len() + 2 > MAX_EVENTS || self.sounding.len() >= MAX_SOUNDING {
                    continue;
                }
                let frame = frame.max(0.0) as u32;
                // The same key again, because an edit met a sounding note: end the old one first.
                if let Some(i) = self.sounding.iter().position(|s| s.part == part && s.pitch == note.pitch) {
                    self.sounding.swap_remove(i);
                    self.events.push(PartEvent { frame, part, pitch: note.pitch, velocity: 0 });
                }
                self.events.push(PartEvent { frame, part, pitch: note.pitch, velocity: note.velocity });
                // An end on the same frame waits for the next block, so that an end never comes before its beginning.
                let end = offset(note.end);
                if end < frames_f && end > f64::from(frame) {
                    self.events.push(PartEvent { frame: end as u32, part, pitch: note.pitch, velocity: 0 });
                } else {
                    self.sounding.push(Sounding { part, pitch: note.pitch, end: note.end });
                }
            }
        }
        // Ends first, so that a repeated key is released before it is struck.
        self.events.sort_unstable_by_key(|e| (e.frame, e.velocity > 0, e.part, e.pitch));
        self.expected = Some(clock.at + frames_f * clock.per_frame);
        &self.events
    }

    fn end_all(&mut self, frame: u32) {
        for note in self.sounding.drain(..) {
            if self.events.len() < MAX_EVENTS {
                self.events.push(PartEvent { frame, part: note.part, pitch: note.pitch, velocity: 0 });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::{BarRange, MeterMap, Note, Origin, PartPhrase, Tick, Ticks};

    fn arrangement(notes: &[(i64, i64, u8)]) -> Arrangement {
        let notes = notes.iter().map(|&(at, len, pitch)| Note { at: Tick(at), len: Ticks(len), pitch, velocity: 90 });
        let phrase = PartPhrase {
            part: Part::Keys,
            bars: BarRange { from: 0, to: 64 },
            notes: notes.collect(),
            origin: Origin::rule("test"),
        };
        Arrangement::new([&phrase], &MeterMap::default())
    }

    /// 120 bpm at 48 kHz: 24,000 frames per quarter.
    const PER_FRAME: f64 = 1.0 / 24_000.0;

    fn run(arrangement: &Arrangement, blocks: impl Iterator<Item = u32>, total: u32) -> Vec<(u32, u8, u8)> {
        let mut player = Sequencer::new();
        let (mut at, mut out) = (0u32, Vec::new());
        for frames in blocks {
            let frames = frames.min(total - at);
            if frames == 0 {
                break;
            }
            let clock = SongClock { at: f64::from(at) * PER_FRAME, per_frame: PER_FRAME };
            for e in player.block(Some(clock), frames, arrangement, |_| true) {
                assert!(e.frame < frames);
                out.push((at + e.frame, e.pitch, e.velocity));
            }
            at += frames;
        }
        out
    }

    #[test]
    fn events_fall_on_their_frames_whatever_the_blocks() {
        // Quarter 0 (two frames short), quarter 1, a repeated key, and a note of one tick = 25 frames.
        let song = arrangement(&[(0, 960, 60), (960, 960, 60), (1920, 1, 64), (1930, 480, 65)]);
        let whole = run(&song, std::iter::repeat(8192), 100_000);
        assert_eq!(whole[0], (0, 60, 90));
        assert_eq!(whole[1..3], [(24_000, 60, 0), (24_000, 60, 90)]);
        assert_eq!(whole[3..6], [(48_000, 60, 0), (48_000, 64, 90), (48_025, 64, 0)]);
        assert_eq!(whole.len(), 8);
        for size in [7, 64, 480, 512, 4096] {
            assert_eq!(run(&song, std::iter::repeat(size), 100_000), whole, "blocks of {size}");
        }
        assert_eq!(run(&song, (1..).map(|i| i % 97 + 1), 100_000), whole);
    }

    #[test]
    fn single_frame_blocks_never_end_a_note_before_it_begins() {
        let song = arrangement(&[(1, 1, 60)]);
        // 44.1 kHz at 1,000 bpm: 2.756 frames per tick.
        let per_frame = 960.0 / 2.756 / 960.0 / 2646.0;
        let mut player = Sequencer::new();
        let mut heard = Vec::new();
        for i in 0..60_000u32 {
            let clock = SongClock { at: f64::from(i) * per_frame, per_frame };
            heard.extend(player.block(Some(clock), 1, &song, |_| true).iter().map(|e| e.velocity));
        }
        assert_eq!(heard, [90, 0]);
    }

    #[test]
    fn jumps_loops_and_stops_leave_nothing_sounding() {
        let song = arrangement(&[(0, 3840, 60), (960, 480, 64)]);
        let mut player = Sequencer::new();
        let block = |player: &mut Sequencer, at: f64| -> Vec<(u8, u8)> {
            let clock = SongClock { at, per_frame: PER_FRAME };
            player.block(Some(clock), 480, &song, |_| true).iter().map(|e| (e.pitch, e.velocity)).collect()
        };
        assert_eq!(block(&mut player, 0.0), [(60, 90)]);
        // Loop back to the start: the old note ends, the new one begins.
        assert_eq!(block(&mut player, 0.0), [(60, 0), (60, 90)]);
        assert_eq!(block(&mut player, 1.0), [(60, 0), (64, 90)]);
        let stopped: Vec<_> = player.block(None, 480, &song, |_| true).iter().map(|e| (e.pitch, e.velocity)).collect();
        assert_eq!(stopped, [(64, 0)]);
        assert!(player.block(None, 480, &song, |_| true).is_empty());
    }

    #[test]
    fn a_new_arrangement_takes_over_without_doubling() {
        let (old, new) = (arrangement(&[(0, 960, 60), (960, 960, 62)]), arrangement(&[(0, 960, 64), (960, 960, 67)]));
        let mut player = Sequencer::new();
        let mut heard = Vec::new();
        for i in 0..100u32 {
            let clock = SongClock { at: f64::from(i * 480) * PER_FRAME, per_frame: PER_FRAME };
            let song = if i < 10 { &old } else { &new };
            if i == 10 {
                player.relocate();
            }
            heard.extend(player.block(Some(clock), 480, song, |_| true).iter().map(|e| (e.pitch, e.velocity)));
        }
        assert_eq!(heard, [(60, 90), (60, 0), (67, 90)]);
    }
}
