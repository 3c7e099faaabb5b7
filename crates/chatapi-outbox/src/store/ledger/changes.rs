//! What happened to messages.

use chatapi_types::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::State;
use crate::record::OutboxId;

/// What happened to a message, for the audit trail and the feed of changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// Numbers rise; a database may leave some out.
    pub number: u64,
    /// Which message.
    pub id: OutboxId,
    /// When.
    pub at: UnixMillis,
    /// Of what sort the news is.
    pub what: What,
    /// From which state; `None` for a new message.
    pub from: Option<State>,
    /// Into which; the same for news that change no state.
    pub to: State,
    /// Why, for a person.
    pub cause: String,
}

/// Of what sort a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// A message was taken in.
    Enqueued,
    /// It went over into another state.
    Moved,
    /// Its content was changed while it waited.
    Edited,
    /// It was not delivered by the time that was asked for: now is the moment for another way.
    NotDelivered,
    /// A rule of its route holds it back for a while.
    Delayed,
}

impl What {
    /// Every sort.
    pub const ALL: [Self; 5] =
        [Self::Enqueued, Self::Moved, Self::Edited, Self::NotDelivered, Self::Delayed];

    /// As it stands in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enqueued => "enqueued",
            Self::Moved => "moved",
            Self::Edited => "edited",
            Self::NotDelivered => "not_delivered",
            Self::Delayed => "delayed",
        }
    }
}
