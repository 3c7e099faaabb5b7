//! Figures of the account's functions.
use serde::{Deserialize, Serialize};

/// Figures and habits of the account's functions. Sections are those of the Chat API wire document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AdminFigures {
    /// Days are transferred only for accounts with **more** instances than this: 25 (§9, grade A).
    pub transfer_above: usize,
    /// How many days the instance that gives has to keep: 1 (§9, grade C).
    pub source_keeps_days: u32,
    /// Whether days make an instance work that was not paid for: yes (grade D).
    pub days_revive: bool,
    /// Whether cleaning empties the queue: yes (grade D; that it logs the phone out is, too).
    pub cleaning_empties_queue: bool,
    /// Whether cleaning makes the instance forget its messages: yes (grade D).
    pub cleaning_forgets_messages: bool,
    /// The word in `result` after cleaning: `cleaned` (§9, grade D).
    pub cleaned: String,
    /// The word in `result` after a restart: `reloaded` (§9, grade D).
    pub reloaded: String,
    /// The word in `result` after a transfer: `transferred` (§9, unknown; grade D).
    pub transferred: String,
}

impl AdminFigures {
    pub(super) fn of_2020() -> Self {
        Self {
            transfer_above: 25,
            source_keeps_days: 1,
            days_revive: true,
            cleaning_empties_queue: true,
            cleaning_forgets_messages: true,
            cleaned: "cleaned".to_owned(),
            reloaded: "reloaded".to_owned(),
            transferred: "transferred".to_owned(),
        }
    }
}
