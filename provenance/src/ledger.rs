//! The private history of suggestions: append-only, hash-chained, bounded. It lives in the plugin's state.
//!
//! Every entry's hash covers the entry before it, so an entry cannot be changed, removed or put in later without the
//! chain breaking ([`Ledger::verify_chain`]). A hash chain shows tampering; it does not prove who wrote it.
//!
//! When the ledger grows past its bound, old suggestions that were never accepted are replaced by one summary, which
//! keeps the head of the chain it replaces; everything about an accepted suggestion stays for ever. No clock is read: an
//! entry has a time when the caller gives one.

use crate::error::ProvenanceError;
use crate::hash::sha256_hex;
use crate::record::HumanEdit;
use continuo_core::{BarRange, Controls, Origin, SamplePos, SuggestionId, Tick, UseRecord};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Entries kept before rejected offers are summarised, when the caller sets no other bound.
pub const DEFAULT_BOUND: usize = 4096;
/// What the first entry chains to.
const GENESIS: &str = "continuo ledger 1";

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Event {
    /// A suggestion was put before the human.
    Offered {
        /// What made it.
        origins: Vec<Origin>,
        /// Seed.
        seed: u64,
        /// Controls, for takes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        controls: Option<Controls>,
        /// Bars it is about, for takes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bars: Option<BarRange>,
        /// Seconds of input the suggestion was made from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        heard_s: Option<f64>,
    },
    /// Heard for a while, by choice.
    Auditioned,
    /// Said yes to.
    Accepted {
        /// The whole use record.
        record: Box<UseRecord>,
    },
    /// Said no to.
    Rejected,
    /// Took effect.
    Applied {
        /// Where in the song.
        at: Tick,
        /// From which sample of the stream.
        from: SamplePos,
        /// To which sample of the stream.
        to: SamplePos,
    },
    /// Changed by the human after acceptance.
    Edited {
        /// What changed.
        edit: HumanEdit,
    },
    /// Taken out again after acceptance.
    Withdrawn,
    /// Stands for older entries about suggestions that were never accepted.
    Summary {
        /// Suggestions it stands for.
        suggestions: u64,
        /// Of these, how often one was auditioned.
        auditions: u64,
        /// Of these, how many were rejected in so many words.
        rejections: u64,
        /// Head of the chain it replaces.
        replaced_head: String,
    },
}

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Which suggestion; `None` for a summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<SuggestionId>,
    /// When, milliseconds since 1970 (UTC), when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_unix_ms: Option<u64>,
    /// What.
    pub event: Event,
    /// SHA-256 of the entry before and of this entry's content.
    pub hash: String,
}

/// The chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    version: u32,
    bound: usize,
    entries: Vec<Entry>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self::with_bound(DEFAULT_BOUND)
    }
}

fn link(before: &str, suggestion: Option<SuggestionId>, at_unix_ms: Option<u64>, event: &Event) -> String {
    let content = serde_json::to_string(&(before, suggestion, at_unix_ms, event)).unwrap_or_default();
    sha256_hex(content.as_bytes())
}

impl Ledger {
    /// An empty ledger that summarises above `bound` entries.
    pub fn with_bound(bound: usize) -> Self {
        Self { version: 1, bound: bound.max(8), entries: Vec::new() }
    }

    /// Every entry, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Hash of the newest entry; of an empty ledger, the hash every ledger begins with.
    pub fn head(&self) -> &str {
        static EMPTY: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        match self.entries.last() {
            Some(entry) => &entry.hash,
            None => EMPTY.get_or_init(|| sha256_hex(GENESIS.as_bytes())),
        }
    }

    fn push(&mut self, suggestion: Option<SuggestionId>, at_unix_ms: Option<u64>, event: Event) {
        let hash = link(self.head(), suggestion, at_unix_ms, &event);
        self.entries.push(Entry { suggestion, at_unix_ms, event, hash });
    }

    fn append(&mut self, id: SuggestionId, at_unix_ms: Option<u64>, event: Event) {
        self.push(Some(id), at_unix_ms, event);
        if self.entries.len() > self.bound {
            self.summarise();
        }
    }

    /// A suggestion was offered.
    pub fn offered(
        &mut self,
        id: SuggestionId,
        origins: &[Origin],
        seed: u64,
        context: OfferContext,
        at_unix_ms: Option<u64>,
    ) {
        let OfferContext { controls, bars, heard_s } = context;
        let heard_s = heard_s.filter(|s| s.is_finite());
        let controls = controls.map(Controls::clean);
        self.append(id, at_unix_ms, Event::Offered { origins: origins.to_vec(), seed, controls, bars, heard_s });
    }

    /// A suggestion was auditioned.
    pub fn auditioned(&mut self, id: SuggestionId, at_unix_ms: Option<u64>) {
        self.append(id, at_unix_ms, Event::Auditioned);
    }

    /// A suggestion was accepted; the time is the gesture's.
    pub fn accepted(&mut self, record: &UseRecord) {
        self.append(record.id(), record.gesture().at_unix_ms, Event::Accepted { record: Box::new(record.clone()) });
    }

    /// A suggestion was rejected.
    pub fn rejected(&mut self, id: SuggestionId, at_unix_ms: Option<u64>) {
        self.append(id, at_unix_ms, Event::Rejected);
    }

    /// An accepted suggestion took effect on these samples.
    pub fn applied(&mut self, id: SuggestionId, at: Tick, from: SamplePos, to: SamplePos, at_unix_ms: Option<u64>) {
        self.append(id, at_unix_ms, Event::Applied { at, from, to });
    }

    /// The human changed what was accepted.
    pub fn edited(&mut self, id: SuggestionId, what: &str, at_unix_ms: Option<u64>) {
        let edit = HumanEdit { what: what.to_owned(), at_unix_ms };
        self.append(id, at_unix_ms, Event::Edited { edit });
    }

    /// The human took it out again (undo is a withdrawal).
    pub fn withdrawn(&mut self, id: SuggestionId, at_unix_ms: Option<u64>) {
        self.append(id, at_unix_ms, Event::Withdrawn);
    }

    /// The accepted suggestions that are in force, in the order of acceptance: accepted last, not withdrawn since.
    pub fn in_force(&self) -> Vec<&UseRecord> {
        let mut live: Vec<&UseRecord> = Vec::new();
        for entry in &self.entries {
            match &entry.event {
                Event::Accepted { record } => {
                    live.retain(|r| r.id() != record.id());
                    live.push(record);
                }
                Event::Withdrawn => live.retain(|r| Some(r.id()) != entry.suggestion),
                _ => {}
            }
        }
        live
    }

    /// What the human changed in a suggestion, oldest first.
    pub fn edits_of(&self, id: SuggestionId) -> Vec<HumanEdit> {
        let of = self.entries.iter().filter(|e| e.suggestion == Some(id));
        of.filter_map(|e| if let Event::Edited { edit } = &e.event { Some(edit.clone()) } else { None }).collect()
    }

    /// The sample ranges on which a suggestion took effect, oldest first.
    pub fn applied_ranges(&self, id: SuggestionId) -> Vec<(SamplePos, SamplePos)> {
        let of = self.entries.iter().filter(|e| e.suggestion == Some(id));
        of.filter_map(|e| if let Event::Applied { from, to, .. } = e.event { Some((from, to)) } else { None }).collect()
    }

    /// Checks every link.
    ///
    /// # Errors
    /// Names the first entry that does not fit.
    pub fn verify_chain(&self) -> Result<(), ProvenanceError> {
        if self.version != 1 {
            return Err(ProvenanceError::Ledger(format!("it is of version {}, this reads version 1", self.version)));
        }
        let mut before = sha256_hex(GENESIS.as_bytes());
        for (index, entry) in self.entries.iter().enumerate() {
            if entry.hash != link(&before, entry.suggestion, entry.at_unix_ms, &entry.event) {
                return Err(ProvenanceError::Ledger(format!("entry {index} does not fit the one before it")));
            }
            before.clone_from(&entry.hash);
        }
        Ok(())
    }

    /// The ledger as JSON, for the plugin's state.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a ledger out of a plugin's state and checks its chain.
    ///
    /// # Errors
    /// When the text is no ledger or its chain is broken.
    pub fn from_json(text: &str) -> Result<Self, ProvenanceError> {
        let ledger: Self =
            serde_json::from_str(text).map_err(|e| ProvenanceError::Ledger(format!("it cannot be read ({e})")))?;
        ledger.verify_chain()?;
        Ok(ledger)
    }

    /// Replaces the older half of what is about never-accepted suggestions by a summary and chains the rest anew. A
    /// suggestion that was offered lately stays, since it may still be accepted.
    fn summarise(&mut self) {
        let replaced_head = self.head().to_owned();
        let accepted: BTreeSet<SuggestionId> = self
            .entries
            .iter()
            .filter(|e| matches!(e.event, Event::Accepted { .. }))
            .filter_map(|e| e.suggestion)
            .collect();
        let half = self.entries.len() / 2;
        let recent: BTreeSet<SuggestionId> = self.entries[half..].iter().filter_map(|e| e.suggestion).collect();
        let mut totals = (0u64, 0u64, 0u64);
        let mut kept = Vec::new();
        let mut dropped = 0usize;
        for entry in std::mem::take(&mut self.entries) {
            let Some(id) = entry.suggestion else {
                if let Event::Summary { suggestions, auditions, rejections, .. } = entry.event {
                    totals = (totals.0 + suggestions, totals.1 + auditions, totals.2 + rejections);
                }
                continue;
            };
            if accepted.contains(&id) || recent.contains(&id) {
                kept.push(entry);
                continue;
            }
            dropped += 1;
            match entry.event {
                Event::Offered { .. } => totals.0 += 1,
                Event::Auditioned => totals.1 += 1,
                Event::Rejected => totals.2 += 1,
                _ => {}
            }
        }
        let (suggestions, auditions, rejections) = totals;
        if suggestions + auditions + rejections > 0 {
            self.push(None, None, Event::Summary { suggestions, auditions, rejections, replaced_head });
        }
        for entry in kept {
            self.push(entry.suggestion, entry.at_unix_ms, entry.event);
        }
        if dropped == 0 {
            // Everything left is accepted or new: the bound gives way, for what was accepted is never dropped.
            self.bound = self.bound.saturating_mul(2);
        }
    }
}

/// What an offer was made from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OfferContext {
    /// Controls.
    pub controls: Option<Controls>,
    /// Bars it is about.
    pub bars: Option<BarRange>,
    /// Seconds of input it was made from.
    pub heard_s: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::{Gesture, GestureKind, Suggestion};

    fn accept(id: u64) -> UseRecord {
        let gesture = Gesture { kind: GestureKind::Editor, at_unix_ms: None };
        Suggestion::offer(SuggestionId(id), vec![Origin::rule("test")], id, ()).accept(gesture).split().1
    }

    fn offer(ledger: &mut Ledger, id: u64) {
        ledger.offered(SuggestionId(id), &[Origin::rule("test")], id, OfferContext::default(), None);
    }

    #[test]
    fn the_chain_holds_and_any_change_breaks_it() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.head(), sha256_hex(GENESIS.as_bytes()));
        offer(&mut ledger, 1);
        ledger.auditioned(SuggestionId(1), Some(5));
        ledger.accepted(&accept(1));
        ledger.applied(SuggestionId(1), Tick(960), SamplePos(100), SamplePos(900), None);
        ledger.edited(SuggestionId(1), "bass note moved", Some(9));
        ledger.verify_chain().unwrap();
        let text = ledger.to_json();
        assert_eq!(Ledger::from_json(&text).unwrap(), ledger);
        for (from, to) in [("100", "101"), ("bass note moved", "nothing done"), ("\"seed\":1", "\"seed\":2")] {
            assert!(text.contains(from));
            let error = Ledger::from_json(&text.replace(from, to)).unwrap_err();
            assert!(error.to_string().contains("does not fit"), "{error}");
        }
        let mut cut = ledger.clone();
        cut.entries.remove(1);
        assert!(cut.verify_chain().is_err());
        assert_eq!(ledger.applied_ranges(SuggestionId(1)), [(SamplePos(100), SamplePos(900))]);
        assert_eq!(ledger.edits_of(SuggestionId(1))[0].what, "bass note moved");
    }

    #[test]
    fn withdrawing_ends_the_force_and_accepting_again_renews_it() {
        let mut ledger = Ledger::default();
        for id in [1, 2, 3] {
            offer(&mut ledger, id);
            ledger.accepted(&accept(id));
        }
        ledger.withdrawn(SuggestionId(2), None);
        let ids = |l: &Ledger| l.in_force().iter().map(|r| r.id().0).collect::<Vec<_>>();
        assert_eq!(ids(&ledger), [1, 3]);
        ledger.accepted(&accept(2));
        assert_eq!(ids(&ledger), [1, 3, 2]);
    }

    #[test]
    fn a_long_session_stays_bounded_and_loses_nothing_accepted() {
        let mut ledger = Ledger::with_bound(64);
        for id in 0..5_000u64 {
            offer(&mut ledger, id);
            if id % 3 == 0 {
                ledger.auditioned(SuggestionId(id), None);
            }
            if id % 500 == 0 {
                ledger.accepted(&accept(id));
            } else {
                ledger.rejected(SuggestionId(id), None);
            }
        }
        ledger.verify_chain().unwrap();
        assert_eq!(ledger.in_force().len(), 10);
        assert!(ledger.entries().len() <= 128, "{} entries", ledger.entries().len());
        let offers_left = ledger.entries().iter().filter(|e| matches!(e.event, Event::Offered { .. })).count() as u64;
        let summarised: u64 = ledger
            .entries()
            .iter()
            .filter_map(|e| if let Event::Summary { suggestions, .. } = e.event { Some(suggestions) } else { None })
            .sum();
        assert_eq!(offers_left + summarised, 5_000);
    }

    #[test]
    fn the_same_session_gives_the_same_chain() {
        let run = || {
            let mut ledger = Ledger::with_bound(16);
            for id in 0..100 {
                offer(&mut ledger, id);
            }
            ledger.head().to_owned()
        };
        assert_eq!(run(), run());
    }
}
