//! What the audio thread plays from: accepted notes as a flat, sorted, immutable table.

use continuo_core::{Part, PartPhrase};

/// One note in song time, in quarter notes from the start of the song.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SongNote {
    /// Onset.
    pub at: f64,
    /// End.
    pub end: f64,
    /// MIDI key.
    pub pitch: u8,
    /// 1 to 127.
    pub velocity: u8,
}

/// The notes of every part, sorted by onset. Made on the worker, read on the audio thread, freed on the worker.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrangement {
    parts: [Vec<SongNote>; Part::ALL.len()],
}

impl Arrangement {
    /// Nobody plays.
    pub const NONE: Arrangement = Arrangement { parts: [const { Vec::new() }; Part::ALL.len()] };

    /// Flattens phrases. Where phrases of one part overlap, the later in the list replaces the earlier within its bars;
    /// the caller passes them in order of acceptance.
    pub fn new<'a>(phrases: impl IntoIterator<Item = &'a PartPhrase>, meters: &continuo_core::MeterMap) -> Self {
        let mut parts: [Vec<SongNote>; Part::ALL.len()] = Default::default();
        for phrase in phrases {
            let (from, to) = phrase.bars.span(meters);
            let (from, to) = (from.as_quarters(), to.as_quarters());
            let notes = &mut parts[phrase.part.index()];
            notes.retain(|n| n.at < from || n.at >= to);
            notes.extend(phrase.notes.iter().map(|n| SongNote {
                at: n.at.as_quarters(),
                end: n.end().as_quarters(),
                pitch: n.pitch.min(127),
                velocity: n.velocity.clamp(1, 127),
            }));
        }
        for notes in &mut parts {
            notes.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.pitch.cmp(&b.pitch)));
        }
        Self { parts }
    }

    /// The notes of one part. Real-time safe.
    pub fn notes(&self, part: Part) -> &[SongNote] {
        &self.parts[part.index()]
    }

    /// True when nobody plays.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(Vec::is_empty)
    }
}
