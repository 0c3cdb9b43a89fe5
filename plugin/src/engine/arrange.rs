//! From a song to an accepted arrangement.

use super::mind::Mind;
use super::{EngineError, Progress};
use continuo_core::{
    Controls, Gesture, GestureKind, Note, Origin, Part, Song, Suggestion, SuggestionId, Take, UseRecord,
};
use continuo_models::originality::Likeness;
use continuo_provenance::record::Influence;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

/// Most training works named for one take.
const NAMED: usize = 10;

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
    /// What the trained parts have in common with the training works.
    pub likeness: Vec<(Part, Likeness)>,
    /// Training works nearest to the take; the shares sum to one unless the list is empty.
    pub influences: Vec<Influence>,
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

/// Accepts the take that `mind` offered last, by the run of the command.
pub fn accept(mind: &Mind, offer: Suggestion<Take>) -> Arrangement {
    let (effect, used) = offer.accept(command_line()).split();
    let likeness = mind.planner.likeness().to_vec();
    let influences = influences(mind, &likeness);
    Arrangement { take: effect.into_content(), used, likeness, influences }
}

/// The works nearest to all parts together: each part counts the same, and at most [`NAMED`] works are named.
fn influences(mind: &Mind, likeness: &[(Part, Likeness)]) -> Vec<Influence> {
    let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
    for (work, share) in likeness.iter().flat_map(|(_, l)| &l.nearest) {
        *shares.entry(&work.id).or_default() += share;
    }
    let mut nearest: Vec<(&str, f64)> = shares.into_iter().collect();
    nearest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    nearest.truncate(NAMED);
    let mut named: Vec<Influence> = nearest.into_iter().filter_map(|(id, share)| mind.influence(id, share)).collect();
    let total: f64 = named.iter().map(|i| i.share).sum();
    named.iter_mut().for_each(|i| i.share /= total);
    named
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
        let offered = offer(mind, song, request, index, &mut at)?;
        done.push(accept(mind, offered));
    }
    Ok(done)
}
