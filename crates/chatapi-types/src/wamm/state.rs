//! What became of a message.

use crate::{Delivery, FailureReason};

crate::open_enum! {
    #![case_insensitive]
    /// What became of a message, in the vendor's words (wamm §2, grade A). The page ends its list
    /// with "and others", so unknown words are to be expected.
    pub enum MessageState {
        /// Queued, or on its way.
        Sending = "sending",
        /// Accepted by the messenger.
        Sent = "sent",
        /// On the recipient's device.
        Delivered = "delivered",
        /// Read.
        Viewed = "viewed",
        /// An incoming message.
        Received = "received",
        /// Could not be sent.
        NotSent = "not sent",
        /// The messenger made an error.
        Failed = "failed",
        /// The recipient has no account.
        NoAccount = "noAccount",
        /// The sender is not in that group.
        NotInGroup = "notInGroup",
        /// Removed.
        Deleted = "deleted",
    }
}

impl MessageState {
    /// The state in common words.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Sending => Delivery::Queued,
            Self::Sent => Delivery::Sent,
            Self::Delivered => Delivery::Delivered,
            Self::Viewed => Delivery::Read,
            Self::Received => Delivery::Received,
            Self::NotSent => Delivery::Failed(FailureReason::NotSent),
            Self::Failed => Delivery::Failed(FailureReason::Messenger),
            Self::NoAccount => Delivery::Failed(FailureReason::NoAccount),
            Self::NotInGroup => Delivery::Failed(FailureReason::NotInGroup),
            Self::Deleted => Delivery::Deleted,
            Self::Unknown(word) => Delivery::Other(word.as_str().to_owned()),
        }
    }

    /// What it means and what to do about it; one sentence.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Sending => "it waits or is on its way: look again later",
            Self::Sent => "the messenger has it; the recipient's device does not yet",
            Self::Delivered => "it is on the recipient's device and was not opened yet",
            Self::Viewed => "the recipient has opened it",
            Self::Received => "it came in from the contact",
            Self::NotSent => "it could not be sent: see to the channel, then send again",
            Self::Failed => {
                "the messenger refused it or went wrong: see to the account before sending again"
            }
            Self::NoAccount => "the number has no account with this messenger: use another channel",
            Self::NotInGroup => "the account is not in that group: join it, then send again",
            Self::Deleted => "it was removed",
            Self::Unknown(_) => {
                "a word that this version does not know: look in the vendor's account"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter() {
        assert_eq!(MessageState::from("NoAccount"), MessageState::NoAccount);
        assert_eq!(MessageState::from("Not Sent").as_str(), "not sent");
        assert_eq!(
            MessageState::from("yellowCard").delivery(),
            Delivery::Other("yellowCard".into())
        );
    }

    #[test]
    fn every_word_of_the_vendors_has_a_common_one() {
        for word in MessageState::KNOWN {
            let state = MessageState::from(*word);
            assert!(!matches!(state.delivery(), Delivery::Other(_)), "{word}");
            assert!(!state.advice().is_empty());
        }
    }
}
