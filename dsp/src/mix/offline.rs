//! Rendering a whole arrangement at once, with the plugin's own instruments and mixer.

use super::ensemble::Ensemble;
use super::mixer::{MixSettings, PARTS, StereoMut};
use continuo_core::Part;
use continuo_core::units::{Frames, SamplePos, SampleRate};

/// A note in frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteEvent {
    /// First frame.
    pub on: SamplePos,
    /// Frame at which it is let go; later than `on`.
    pub off: SamplePos,
    /// MIDI key.
    pub pitch: u8,
    /// 1 to 127.
    pub velocity: u8,
}

/// Two channels of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stereo {
    /// Left.
    pub left: Vec<f32>,
    /// Right.
    pub right: Vec<f32>,
}

impl Stereo {
    /// Silence.
    pub fn silent(frames: usize) -> Self {
        Self { left: vec![0.0; frames], right: vec![0.0; frames] }
    }
}

/// An arrangement rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// Each part as heard in the mix, without the room, in the order of [`Part::ALL`].
    pub parts: Vec<Stereo>,
    /// The mix.
    pub mix: Stereo,
}

/// Frames rendered at a time. The result does not depend on it.
const BLOCK: usize = 1_024;

/// Renders `total` frames of the given parts; parts may be missing or appear more than once. Notes at or after the end are left out, note ends
/// come before note beginnings of the same frame.
///
/// Not real-time safe: it allocates the result.
pub fn render_parts(
    parts: &[(Part, Vec<NoteEvent>)],
    mix: &MixSettings,
    sample_rate: SampleRate,
    total: Frames,
) -> Rendered {
    let total = usize::try_from(total.0).unwrap_or(usize::MAX);
    let mut ensemble = Ensemble::new(sample_rate, Frames(BLOCK as u64));
    ensemble.set(mix);
    // (frame, is it a beginning, part, pitch, velocity): sorted, this is the order of play.
    let mut acts: Vec<(u64, bool, Part, u8, u8)> = Vec::new();
    for (part, notes) in parts {
        for note in notes {
            acts.push((note.on.0, true, *part, note.pitch, note.velocity.max(1)));
            acts.push((note.off.0.max(note.on.0 + 1), false, *part, note.pitch, 0));
        }
    }
    acts.sort_unstable();
    let mut rendered = Rendered { parts: vec![Stereo::silent(total); PARTS], mix: Stereo::silent(total) };
    let (mut next, mut at) = (0, 0);
    while at < total {
        let len = BLOCK.min(total - at);
        while next < acts.len() && acts[next].0 < (at + len) as u64 {
            let (frame, begins, part, pitch, velocity) = acts[next];
            let offset = Frames(frame - at as u64);
            let instrument = ensemble.instrument(part);
            if begins {
                instrument.note_on(pitch, velocity, offset);
            } else {
                instrument.note_off(pitch, offset);
            }
            next += 1;
        }
        let [a, b, c, d] = &mut rendered.parts[..] else {
            break;
        };
        let range = at..at + len;
        let mut views =
            [a, b, c, d].map(|s| StereoMut { left: &mut s.left[range.clone()], right: &mut s.right[range.clone()] });
        ensemble.render(&mut views, &mut rendered.mix.left[range.clone()], &mut rendered.mix.right[range.clone()]);
        at += len;
    }
    rendered
}
