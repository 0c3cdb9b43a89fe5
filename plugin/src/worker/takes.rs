//! The takes on offer and what became of their parts.

use crate::instrument::snapshot::TakeState;
use continuo_core::{Origin, Part, PartPhrase, Suggestion, SuggestionId, Take};
use continuo_gui::data::PhraseStatus;
use std::sync::Arc;

/// Most takes kept; the oldest with nothing accepted goes first.
const MAX_TAKES: usize = 12;

/// One part of a take.
#[derive(Debug)]
struct Offered {
    part: Part,
    /// Gone once the human said yes: a suggestion can be accepted once.
    suggestion: Option<Suggestion<PartPhrase>>,
    status: PhraseStatus,
    locked: bool,
}

/// One take on offer.
#[derive(Debug)]
pub struct TakeOffer {
    /// Identity of the take as a whole; its parts have their own.
    pub id: SuggestionId,
    /// Name for people.
    pub name: String,
    /// What it holds.
    pub take: Arc<Take>,
    /// Likeness to the training works, see [`crate::brain::Planning::likeness`].
    likeness: Option<f32>,
    offered: Vec<Offered>,
}

/// Everything that made a phrase: what made its notes, and what made the harmony under them.
fn origins(take: &Take, phrase: &PartPhrase) -> Vec<Origin> {
    let mut origins = vec![phrase.origin.clone()];
    if take.harmony_origin != phrase.origin && phrase.part != Part::Drums {
        origins.push(take.harmony_origin.clone());
    }
    origins
}

impl TakeOffer {
    /// Puts a take on offer. `next_id` gives a fresh identity for the take and for each part.
    pub fn new(take: Take, name: String, likeness: Option<f32>, mut next_id: impl FnMut() -> SuggestionId) -> Self {
        let id = next_id();
        let offered = take
            .phrases
            .iter()
            .map(|phrase| Offered {
                part: phrase.part,
                suggestion: Some(Suggestion::offer(next_id(), origins(&take, phrase), take.seed, phrase.clone())),
                status: PhraseStatus::Offered,
                locked: false,
            })
            .collect();
        Self { id, name, take: Arc::new(take), likeness, offered }
    }

    fn chosen(&self, part: Option<Part>) -> impl Iterator<Item = usize> + '_ {
        (0..self.offered.len()).filter(move |&i| part.is_none_or(|p| self.offered[i].part == p))
    }

    /// Identities of the parts, with the part.
    pub fn ids(&self) -> Vec<(SuggestionId, Part)> {
        self.offered.iter().filter_map(|o| o.suggestion.as_ref().map(|s| (s.id(), o.part))).collect()
    }

    /// Takes out the suggestions a yes is about, marking them accepted.
    pub fn accept(&mut self, part: Option<Part>) -> Vec<Suggestion<PartPhrase>> {
        let chosen: Vec<usize> = self.chosen(part).collect();
        let mut accepted = Vec::new();
        for i in chosen {
            let offered = &mut self.offered[i];
            // A part named on its own may be accepted after a no; a yes to everything leaves the noes alone.
            if part.is_none() && offered.status == PhraseStatus::Rejected {
                continue;
            }
            if let Some(suggestion) = offered.suggestion.take() {
                offered.status = PhraseStatus::Accepted;
                accepted.push(suggestion);
            }
        }
        accepted
    }

    /// Puts a phrase back on offer after an undone yes, as a new suggestion.
    pub fn offer_again(&mut self, part: Part, id: SuggestionId) {
        let Some(phrase) = self.take.phrases.iter().find(|p| p.part == part).cloned() else { return };
        let suggestion = Suggestion::offer(id, origins(&self.take, &phrase), self.take.seed, phrase);
        for offered in self.offered.iter_mut().filter(|o| o.part == part) {
            offered.suggestion = Some(suggestion.clone());
            offered.status = PhraseStatus::Offered;
        }
    }

    /// Marks parts as turned down; gives the identities.
    pub fn reject(&mut self, part: Option<Part>) -> Vec<SuggestionId> {
        let chosen: Vec<usize> = self.chosen(part).collect();
        let mut ids = Vec::new();
        for i in chosen {
            let offered = &mut self.offered[i];
            if offered.status == PhraseStatus::Offered
                && let Some(suggestion) = &offered.suggestion
            {
                offered.status = PhraseStatus::Rejected;
                ids.push(suggestion.id());
            }
        }
        ids
    }

    /// Takes a no back.
    pub fn unreject(&mut self, id: SuggestionId) {
        for offered in &mut self.offered {
            if offered.suggestion.as_ref().is_some_and(|s| s.id() == id) {
                offered.status = PhraseStatus::Offered;
            }
        }
    }

    /// Keeps a part through re-rolls.
    pub fn lock(&mut self, part: Part, locked: bool) {
        for offered in self.offered.iter_mut().filter(|o| o.part == part) {
            offered.locked = locked;
        }
    }

    /// The phrases a re-roll of `part` (or of everything) leaves alone.
    pub fn kept(&self, part: Option<Part>) -> Vec<PartPhrase> {
        self.offered
            .iter()
            .filter(|o| o.locked || part.is_some_and(|p| p != o.part))
            .filter_map(|o| self.take.phrases.iter().find(|p| p.part == o.part).cloned())
            .collect()
    }

    /// For the screen.
    pub fn state(&self) -> TakeState {
        let mut status = [PhraseStatus::Absent; Part::ALL.len()];
        let mut locked = [false; Part::ALL.len()];
        for offered in &self.offered {
            status[offered.part.index()] = offered.status;
            locked[offered.part.index()] = offered.locked;
        }
        TakeState {
            id: self.id,
            name: self.name.clone(),
            take: Arc::clone(&self.take),
            status,
            locked,
            likeness: self.likeness,
        }
    }

    fn has_accepted(&self) -> bool {
        self.offered.iter().any(|o| o.status == PhraseStatus::Accepted)
    }
}

/// The list of takes.
#[derive(Debug, Default)]
pub struct Takes {
    list: Vec<TakeOffer>,
    drawn: u32,
}

impl Takes {
    /// Adds a take under the next number.
    pub fn add(&mut self, take: Take, likeness: Option<f32>, next_id: impl FnMut() -> SuggestionId) -> &TakeOffer {
        if self.list.len() >= MAX_TAKES {
            let oldest = self.list.iter().position(|t| !t.has_accepted()).unwrap_or(0);
            self.list.remove(oldest);
        }
        self.drawn += 1;
        self.list.push(TakeOffer::new(take, format!("Take {}", self.drawn), likeness, next_id));
        &self.list[self.list.len() - 1]
    }

    /// The take with this identity.
    pub fn get(&self, id: SuggestionId) -> Option<&TakeOffer> {
        self.list.iter().find(|t| t.id == id)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: SuggestionId) -> Option<&mut TakeOffer> {
        self.list.iter_mut().find(|t| t.id == id)
    }

    /// The first take of the newest list, what a panel without a selection means.
    pub fn first_open(&self) -> Option<SuggestionId> {
        self.list.iter().rev().find(|t| !t.has_accepted()).map(|t| t.id)
    }

    /// Every take, in the order drawn.
    pub fn iter(&self) -> impl Iterator<Item = &TakeOffer> {
        self.list.iter()
    }

    /// How many takes were drawn so far; part of the seed of the next.
    pub fn drawn(&self) -> u32 {
        self.drawn
    }
}
