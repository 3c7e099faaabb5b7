//! Where a message stands.

use std::fmt;
use std::str::FromStr;

use chatapi_types::Delivery;
use serde::{Deserialize, Serialize};

/// Where a message stands.
///
/// ```text
/// accepted ─▶ ready ─▶ sending ─▶ at_vendor ─▶ sent ─▶ delivered ─▶ read
///               ▲         │           │
///               │         ├─▶ failed  └─▶ lost_at_vendor ─▶ ready | needs_review
///               │         ▼
///               └──── in_doubt ─▶ at_vendor (found) | needs_review
/// ```
///
/// `expired` and `cancelled` end what has not been sent; `dead` ends what was tried too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// On disk, not yet to be sent: its time has not come, or its recipient or link is being
    /// checked.
    Accepted,
    /// Waits for its turn.
    Ready,
    /// The intent to send it is on disk: its bytes may or may not have left.
    Sending,
    /// It was tried, and nobody can say whether the vendor has it. It is being looked for.
    InDoubt,
    /// The vendor has it in its queue.
    AtVendor,
    /// The messenger has accepted it.
    Sent,
    /// It is on the recipient's device.
    Delivered,
    /// The recipient has opened it.
    Read,
    /// The vendor had it and shows it nowhere any more.
    LostAtVendor,
    /// Only a person can tell what is to be done.
    NeedsReview,
    /// The vendor or the messenger refused it for good.
    Failed,
    /// It was refused, or could not be handed over, as often as is allowed.
    Dead,
    /// Its time ran out before it was sent.
    Expired,
    /// It was taken back before it was sent.
    Cancelled,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 14] = [
        Self::Accepted,
        Self::Ready,
        Self::Sending,
        Self::InDoubt,
        Self::AtVendor,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::LostAtVendor,
        Self::NeedsReview,
        Self::Failed,
        Self::Dead,
        Self::Expired,
        Self::Cancelled,
    ];

    /// As it stands in the database, in metrics and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Ready => "ready",
            Self::Sending => "sending",
            Self::InDoubt => "in_doubt",
            Self::AtVendor => "at_vendor",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::LostAtVendor => "lost_at_vendor",
            Self::NeedsReview => "needs_review",
            Self::Failed => "failed",
            Self::Dead => "dead",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the outbox itself will do nothing more with it. Acknowledgements may still come, and
    /// a person may bring it back.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(
            self,
            Self::Sent
                | Self::Delivered
                | Self::Read
                | Self::Failed
                | Self::Dead
                | Self::Expired
                | Self::Cancelled
        )
    }

    /// Whether no byte of it can have left, so that it can be cancelled, edited or rerouted.
    #[must_use]
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Accepted | Self::Ready)
    }

    /// Whether later messages of the same order key must wait for it.
    #[must_use]
    pub const fn holds_order(self) -> bool {
        matches!(
            self,
            Self::Ready | Self::Sending | Self::InDoubt | Self::LostAtVendor | Self::NeedsReview
        )
    }

    /// Whether a message in this state may go over into another.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use State::{
            Accepted, AtVendor, Cancelled, Dead, Delivered, Expired, Failed, InDoubt, LostAtVendor,
            NeedsReview, Read, Ready, Sending, Sent,
        };
        match self {
            Accepted => matches!(next, Ready | Failed | Expired | Cancelled),
            // A late acknowledgement tells what became of an earlier attempt.
            Ready => matches!(
                next,
                Accepted | Sending | Sent | Delivered | Read | Failed | Expired | Cancelled | Dead
            ),
            Sending => matches!(next, Ready | AtVendor | InDoubt | Failed | Dead),
            InDoubt => {
                matches!(next, Ready | AtVendor | Sent | Delivered | Read | Failed | NeedsReview)
            }
            AtVendor => matches!(next, Sent | Delivered | Read | Failed | LostAtVendor),
            Sent => matches!(next, Delivered | Read | Failed),
            Delivered => matches!(next, Read),
            LostAtVendor => matches!(
                next,
                Ready | NeedsReview | AtVendor | Sent | Delivered | Read | Failed | Cancelled
            ),
            // A person decides, or the vendor's records speak after all.
            NeedsReview => matches!(
                next,
                Ready | AtVendor | Sent | Delivered | Read | Failed | Cancelled | Expired
            ),
            // The messenger had delivered it all the same; or a person has it sent again.
            Failed => matches!(next, Ready | Delivered | Read),
            Dead | Expired | Cancelled => matches!(next, Ready),
            Read => false,
        }
    }

    /// In words common to all vendors; `None` where the vendor does not have it.
    #[must_use]
    pub const fn delivery(self) -> Option<Delivery> {
        match self {
            Self::AtVendor => Some(Delivery::Queued),
            Self::Sent => Some(Delivery::Sent),
            Self::Delivered => Some(Delivery::Delivered),
            Self::Read => Some(Delivery::Read),
            _ => None,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is no state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no state of a message; there are: accepted, ready, sending, in_doubt, at_vendor, \
         sent, delivered, read, lost_at_vendor, needs_review, failed, dead, expired, cancelled"
)]
pub struct UnknownState(String);

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, UnknownState> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == word);
        found.ok_or_else(|| UnknownState(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_as_it_is_written() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
            let json = serde_json::to_string(&state).unwrap();
            assert_eq!(json, format!("\"{state}\""));
        }
        assert!("viewed".parse::<State>().is_err());
    }

    #[test]
    fn what_is_sending_never_goes_back_to_ready_without_a_reason_that_is_proof() {
        // Of the states in which bytes may have left, only a definite "not sent" (sending), proven
        // absence (in doubt, lost) and a person (review) lead back.
        let back: Vec<State> =
            State::ALL.into_iter().filter(|state| state.may_become(State::Ready)).collect();
        use State::{Accepted, Cancelled, Dead, Expired, Failed, InDoubt, LostAtVendor};
        use State::{NeedsReview, Sending};
        let expected = [
            Accepted,
            Sending,
            InDoubt,
            LostAtVendor,
            NeedsReview,
            Failed,
            Dead,
            Expired,
            Cancelled,
        ];
        assert_eq!(back, expected);
    }
}
