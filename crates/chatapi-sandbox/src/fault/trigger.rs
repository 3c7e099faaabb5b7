//! When a fault happens.

use serde::{Deserialize, Serialize};

use super::BadFault;

/// Which of the calls (messages, webhooks) in the scope of a [`Fault`](super::Fault) it befalls.
/// They are counted from 1, from when the rule was added.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum When {
    /// All of them.
    Always {},
    /// The one of this number.
    Nth {
        /// Counted from 1.
        n: u64,
    },
    /// The first so many.
    First {
        /// How many.
        n: u64,
    },
    /// Every so many: with 3 the third, the sixth …
    Every {
        /// How many.
        n: u64,
    },
    /// Each with this probability, by the world's seed.
    Chance {
        /// Above 0, at most 1.
        probability: f64,
    },
}

impl Default for When {
    fn default() -> Self {
        Self::Always {}
    }
}

impl When {
    pub(super) fn check(&self) -> Result<(), BadFault> {
        match *self {
            Self::Nth { n: 0 } | Self::First { n: 0 } | Self::Every { n: 0 } => {
                Err(BadFault::new("when.n is 0: it is counted from 1"))
            }
            Self::Chance { probability } if !(probability > 0.0 && probability <= 1.0) => {
                Err(BadFault::new("when.probability must be above 0 and at most 1"))
            }
            _ => Ok(()),
        }
    }

    /// Whether it is the turn of number `seen`.
    pub(crate) fn is_now(&self, seen: u64, chance: impl FnOnce() -> f64) -> bool {
        match *self {
            Self::Always {} => true,
            Self::Nth { n } => seen == n,
            Self::First { n } => seen <= n,
            Self::Every { n } => seen.is_multiple_of(n.max(1)),
            Self::Chance { probability } => chance() < probability,
        }
    }
}
