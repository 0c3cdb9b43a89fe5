//! Where something generated came from: a trained model or a rule of ours. The record keeps the two apart.

use serde::{Deserialize, Serialize};

/// A trained model, exactly.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ModelRef {
    /// Name as in its contract, for instance `harmony`.
    pub name: String,
    /// Version as in its contract.
    pub version: String,
    /// SHA-256 of the model file, lower-case hex. Of a model in several files: of their hashes in contract order.
    pub sha256: String,
}

/// What made it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Origin {
    /// A trained model.
    Trained(ModelRef),
    /// A written rule, named, with the version of Continuo it belongs to.
    Algorithmic {
        /// Name of the rule, for instance `drums.pattern`.
        rule: String,
        /// Version of Continuo.
        version: String,
    },
}

impl Origin {
    /// A rule of this version of Continuo.
    pub fn rule(name: &str) -> Origin {
        Origin::Algorithmic { rule: name.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }

    /// True for a trained model.
    pub fn is_trained(&self) -> bool {
        matches!(self, Origin::Trained(_))
    }
}
