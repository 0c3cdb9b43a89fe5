//! From a song to an accepted arrangement.

use super::mind::Mind;
use super::{EngineError, Progress};
use continuo_core::{
    Controls, Gesture, GestureKind, Note, Origin, Part, Song, Suggestion, SuggestionId, Take, UseRecord,
};
use std::sync::atomic::AtomicBool;

/// What the user asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Parts.
    pub parts: Vec<Part>,
    /// Style, density, adventure.
    pub controls: Controls,
    /// Seed of the first take.
    pub seed: u64,
}

/// A take that was accepted, and the record of that.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrangement {
    /// The take.
    pub take: Take,
    /// The record that its acceptance left.
    pub used: UseRecord,
}

impl Arrangement {
    /// The parts with their notes, in the frozen order.
    pub fn parts(&self) -> Vec<(Part, Vec<Note>)> {
        self.take.phrases.iter().map(|p| (p.part, p.notes.clone())).collect()
    }
}

/// The gesture of a run of the command: the user's own, without a time so that the same run gives the same bytes.
pub fn command_line() -> Gesture {
    Gesture { kind: GestureKind::CommandLine, at_unix_ms: None }
}

/// Plans take number `index` (from 0) over the whole song; its seed is the request's plus the number.
///
/// # Errors
/// Those of the planner.
pub fn offer(
    mind: &mut Mind,
    song: &Song,
    request: &Request,
    index: usize,
    progress: Progress<'_>,
) -> Result<Suggestion<Take>, EngineError> {
    let seed = request.seed.wrapping_add(index as u64);
    let never = AtomicBool::new(false);
    let mut at = |share| progress("planning", share);
    let take = mind.planner.plan(song, song.bars(), &request.parts, request.controls, seed, &never, &mut at)?;
    let mut origins: Vec<Origin> = Vec::new();
    for origin in std::iter::once(&take.harmony_origin).chain(take.phrases.iter().map(|p| &p.origin)) {
        if !origins.contains(origin) {
            origins.push(origin.clone());
        }
    }
    Ok(Suggestion::offer(SuggestionId(index as u64 + 1), origins, seed, take))
}

/// Accepts a take by the run of the command.
pub fn accept(offer: Suggestion<Take>) -> Arrangement {
    let (effect, used) = offer.accept(command_line()).split();
    Arrangement { take: effect.into_content(), used }
}

/// Plans and accepts `count` takes.
///
/// # Errors
/// Those of the planner.
pub fn takes(
    mind: &mut Mind,
    song: &Song,
    request: &Request,
    count: usize,
    progress: Progress<'_>,
) -> Result<Vec<Arrangement>, EngineError> {
    let mut done = Vec::with_capacity(count);
    for index in 0..count {
        let mut at = |stage: &str, share: f32| progress(stage, (index as f32 + share) / count as f32);
        done.push(accept(offer(mind, song, request, index, &mut at)?));
    }
    Ok(done)
}
