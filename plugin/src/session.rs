//! What a project keeps between sessions: what the human accepted, with its records.

use continuo_core::{ChordSpan, PartPhrase, Song, SuggestionId, UseRecord};
use continuo_provenance::ledger::Ledger;
use nice_plug::params::persist::PersistentField;
use parking_lot::{Mutex, MutexGuard};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A value saved in the host's project. Never touched by the audio thread while it processes.
#[derive(Debug, Default)]
pub struct Stored<T> {
    value: Mutex<T>,
    loaded: AtomicU64,
}

impl<T> Stored<T> {
    /// Access for the main thread, the worker and the editor.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.value.lock()
    }

    /// How many times the host has loaded a state; the worker watches this to bring the sound up to date.
    pub fn loads(&self) -> u64 {
        self.loaded.load(Ordering::Acquire)
    }
}

/// A shared [`Stored`] value, as parameter lists hold it.
#[derive(Debug, Default)]
pub struct Store<T>(Arc<Stored<T>>);

impl<T> Clone for Store<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// What the instrument's project keeps.
pub type Session = Store<InstrumentState>;
/// What the mastering plugin's project keeps.
pub type MasterSession = Store<MasterState>;

impl<T> std::ops::Deref for Store<T> {
    type Target = Stored<T>;
    fn deref(&self) -> &Stored<T> {
        &self.0
    }
}

impl<'a, T> PersistentField<'a, T> for Store<T>
where
    T: Serialize + Deserialize<'a> + Send,
{
    fn set(&self, new_value: T) {
        *self.value.lock() = new_value;
        self.loaded.fetch_add(1, Ordering::Release);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&T) -> R,
    {
        f(&self.value.lock())
    }
}

/// A phrase the human accepted, and the record that came with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AcceptedPhrase {
    /// The suggestion it came from.
    pub id: SuggestionId,
    /// What is played.
    pub phrase: PartPhrase,
    /// What must be written down about it.
    pub record: UseRecord,
}

/// What the instrument keeps. Fields added later carry `#[serde(default)]`, so that old projects load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InstrumentState {
    /// Accepted phrases, at most one per part and place.
    pub accepted: Vec<AcceptedPhrase>,
    /// Harmony of the accepted take.
    pub chords: Vec<ChordSpan>,
    /// What was heard of the human, and its time.
    pub song: Song,
    /// The last identity given to a suggestion.
    pub last_id: u64,
    /// Everything that happened to suggestions.
    pub ledger: Ledger,
}

/// A mastering move the human accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AcceptedMove {
    /// The move as it was suggested.
    pub suggested: continuo_core::mastering::Move,
    /// Share of the suggested amount in use, 1 = all of it.
    pub share: f64,
    /// What must be written down about it.
    pub record: UseRecord,
}

/// What the mastering plugin keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MasterState {
    /// Accepted moves.
    pub accepted: Vec<AcceptedMove>,
    /// The last identity given to a suggestion.
    pub last_id: u64,
    /// Everything that happened to suggestions.
    pub ledger: Ledger,
}

impl InstrumentState {
    /// A new identity, never used before in this project.
    pub fn next_id(&mut self) -> SuggestionId {
        self.last_id += 1;
        SuggestionId(self.last_id)
    }
}

impl MasterState {
    /// A new identity, never used before in this project.
    pub fn next_id(&mut self) -> SuggestionId {
        self.last_id += 1;
        SuggestionId(self.last_id)
    }
}
