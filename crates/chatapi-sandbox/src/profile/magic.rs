//! The times of the magic recipients.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The times of [magic recipients](crate::MagicRecipient). They are our choice (grade D), so that a
/// test can tell the cases apart; no vendor has such numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct MagicFigures {
    /// How long after delivery the slow reader reads: 1 hour (grade D).
    pub slow_reader: Duration,
    /// How old the world is when the account appears that comes later: 10 minutes (grade D).
    pub account_later: Duration,
    /// For how long the one that holds up the line does so on wamm, where nothing waits for ever: 1
    /// hour (grade D).
    pub holds_up: Duration,
}

impl Default for MagicFigures {
    fn default() -> Self {
        Self {
            slow_reader: Duration::from_secs(3_600),
            account_later: Duration::from_secs(600),
            holds_up: Duration::from_secs(3_600),
        }
    }
}
