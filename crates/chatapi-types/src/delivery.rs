//! What became of a message, in words common to all vendors.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What became of a message. Each vendor's own word maps onto one of these and is kept beside it.
///
/// | here | Chat API | wamm |
/// |---|---|---|
/// | `Queued` | in `showMessagesQueue` | `sending` |
/// | `Sent` | in `messages`; ack `sent` | `sent` |
/// | `Delivered` | ack `delivered` | `delivered` |
/// | `Read` | ack `viewed`; a successor's `read` | `viewed` |
/// | `Received` | `fromMe: false` | `received` |
/// | `Failed` | – | `not sent`, `failed`, `noAccount`, `notInGroup` |
/// | `Deleted` | – | `deleted` |
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Delivery {
    /// The gateway has it; the messenger does not yet.
    Queued,
    /// The messenger has accepted it.
    Sent,
    /// It is on the recipient's device.
    Delivered,
    /// The recipient has opened it.
    Read,
    /// It is an incoming message.
    Received,
    /// It will not arrive.
    Failed(FailureReason),
    /// It was removed.
    Deleted,
    /// A word that this version does not know, as it came.
    Other(String),
}

impl Delivery {
    /// How far along the way to the reader: 0 queued, 1 sent, 2 delivered, 3 read. `None` off the
    /// way.
    #[must_use]
    pub const fn progress(&self) -> Option<u8> {
        match self {
            Self::Queued => Some(0),
            Self::Sent => Some(1),
            Self::Delivered => Some(2),
            Self::Read => Some(3),
            Self::Received | Self::Failed(_) | Self::Deleted | Self::Other(_) => None,
        }
    }

    /// Whether `goal` is reached: the same state, or a later one on the way to the reader.
    #[must_use]
    pub fn has_reached(&self, goal: &Self) -> bool {
        match (self.progress(), goal.progress()) {
            (Some(here), Some(goal)) => here >= goal,
            _ => self == goal,
        }
    }

    /// Whether nothing more will come: read, received, failed or deleted.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Read | Self::Received | Self::Failed(_) | Self::Deleted)
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queued => f.pad("queued"),
            Self::Sent => f.pad("sent"),
            Self::Delivered => f.pad("delivered"),
            Self::Read => f.pad("read"),
            Self::Received => f.pad("received"),
            Self::Failed(reason) => f.pad(&format!("failed: {reason}")),
            Self::Deleted => f.pad("deleted"),
            Self::Other(word) => f.pad(word),
        }
    }
}

/// Why a message will not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum FailureReason {
    /// The recipient has no account with this messenger. Final; use another channel.
    NoAccount,
    /// The sending account is not in that group. Join it first.
    NotInGroup,
    /// The messenger refused it or went wrong. Look at the account before sending again.
    Messenger,
    /// The gateway could not hand it over: by the vendor's word it has not left.
    NotSent,
}

impl fmt::Display for FailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NoAccount => "no account on the number",
            Self::NotInGroup => "not in the group",
            Self::Messenger => "refused by the messenger",
            Self::NotSent => "not sent",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_reached_by_the_same_and_by_later_states() {
        assert!(Delivery::Read.has_reached(&Delivery::Sent));
        assert!(!Delivery::Sent.has_reached(&Delivery::Delivered));
        let failed = Delivery::Failed(FailureReason::NoAccount);
        assert!(!failed.has_reached(&Delivery::Queued));
        assert!(failed.has_reached(&failed.clone()));
        assert!(failed.is_final() && !Delivery::Delivered.is_final());
    }
}
