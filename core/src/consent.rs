//! Consent is a type: nothing suggested takes effect without a human gesture, and no effect exists without its record.
//!
//! ```text
//! Suggestion --accept(gesture)--> Accepted --split()--> (Effect, UseRecord)
//! ```
//!
//! An [`Effect`] cannot be made in any other way:
//!
//! ```compile_fail
//! use continuo_core::consent::Effect;
//! let effect = Effect { content: 1, id: continuo_core::SuggestionId(1) };
//! ```
//!
//! and a suggestion's content cannot be moved out of it without accepting:
//!
//! ```compile_fail
//! use continuo_core::{Suggestion, Origin, SuggestionId};
//! fn take(s: Suggestion<String>) -> String { s.content }
//! ```

use crate::origin::Origin;
use serde::{Deserialize, Serialize};

/// Identity of a suggestion within one session or project: unique, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SuggestionId(pub u64);

/// How the human said yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GestureKind {
    /// A click or key in a plugin's window.
    Editor,
    /// A switch of the plugin moved in the host's own panel or on a control surface.
    HostControl,
    /// The user's own flag on the command line.
    CommandLine,
}

/// A human's act, with its time in milliseconds since 1970 (UTC). `None` where reproducible output was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gesture {
    /// How.
    pub kind: GestureKind,
    /// When.
    pub at_unix_ms: Option<u64>,
}

/// What happened to a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Put before the human.
    Offered,
    /// Heard for a while, by choice.
    Auditioned,
    /// Said yes to.
    Accepted,
    /// Said no to.
    Rejected,
    /// Changed by the human after acceptance.
    Edited,
    /// Taken out again after acceptance.
    Withdrawn,
}

/// Something the AI offers. It can be looked at and auditioned; it can only be used by being accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion<T> {
    id: SuggestionId,
    origins: Vec<Origin>,
    seed: u64,
    content: T,
}

/// A suggestion a human said yes to.
#[derive(Debug, PartialEq)]
pub struct Accepted<T> {
    suggestion: Suggestion<T>,
    gesture: Gesture,
}

/// What may be applied to the sound. Exists only by [`Accepted::split`].
#[derive(Debug, PartialEq)]
pub struct Effect<T> {
    id: SuggestionId,
    content: T,
}

/// What must be written down about an effect. Exists only beside one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UseRecord {
    id: SuggestionId,
    origins: Vec<Origin>,
    seed: u64,
    gesture: Gesture,
}

impl<T> Suggestion<T> {
    /// Puts `content` on offer, with everything that made it.
    pub fn offer(id: SuggestionId, origins: Vec<Origin>, seed: u64, content: T) -> Self {
        Self { id, origins, seed, content }
    }

    /// Identity.
    pub fn id(&self) -> SuggestionId {
        self.id
    }

    /// What made it.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// Seed it was drawn with.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// A look at the content.
    pub fn content(&self) -> &T {
        &self.content
    }

    /// The human's yes.
    pub fn accept(self, gesture: Gesture) -> Accepted<T> {
        Accepted { suggestion: self, gesture }
    }
}

impl<T> Accepted<T> {
    /// The effect and its record. Neither comes without the other.
    pub fn split(self) -> (Effect<T>, UseRecord) {
        let Suggestion { id, origins, seed, content } = self.suggestion;
        (Effect { id, content }, UseRecord { id, origins, seed, gesture: self.gesture })
    }
}

impl<T> Effect<T> {
    /// Identity of the suggestion it came from.
    pub fn id(&self) -> SuggestionId {
        self.id
    }

    /// A look at what is to be applied.
    pub fn content(&self) -> &T {
        &self.content
    }

    /// What is to be applied.
    pub fn into_content(self) -> T {
        self.content
    }
}

impl UseRecord {
    /// Identity of the suggestion.
    pub fn id(&self) -> SuggestionId {
        self.id
    }

    /// What made it.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// Seed it was drawn with.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The human's yes.
    pub fn gesture(&self) -> Gesture {
        self.gesture
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_and_its_record_share_everything() {
        let gesture = Gesture { kind: GestureKind::Editor, at_unix_ms: Some(1) };
        let offer = Suggestion::offer(SuggestionId(7), vec![Origin::rule("test")], 42, "notes");
        let (effect, record) = offer.accept(gesture).split();
        assert_eq!(effect.id(), record.id());
        assert_eq!((record.seed(), record.gesture(), record.origins().len()), (42, gesture, 1));
        assert_eq!(effect.into_content(), "notes");
    }
}
