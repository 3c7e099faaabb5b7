//! How far a message has come since it left.

use chatapi_types::Delivery;
use chatapi_types::chat_api::Ack;
use chatapi_types::wamm::MessageState;
use serde::{Deserialize, Serialize};

/// How far a message has come since it left. Grows only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Progress {
    Sent,
    Delivered,
    Read,
}

impl Progress {
    pub(crate) const fn delivery(self) -> Delivery {
        match self {
            Self::Sent => Delivery::Sent,
            Self::Delivered => Delivery::Delivered,
            Self::Read => Delivery::Read,
        }
    }

    pub(crate) const fn ack(self) -> Ack {
        match self {
            Self::Sent => Ack::Sent,
            Self::Delivered => Ack::Delivered,
            Self::Read => Ack::Viewed,
        }
    }

    /// As WhatsApp Web counts.
    pub(crate) fn number(self) -> Ack {
        match self {
            Self::Sent => "1",
            Self::Delivered => "2",
            Self::Read => "3",
        }
        .into()
    }

    pub(crate) const fn state(self) -> MessageState {
        match self {
            Self::Sent => MessageState::Sent,
            Self::Delivered => MessageState::Delivered,
            Self::Read => MessageState::Viewed,
        }
    }
}
