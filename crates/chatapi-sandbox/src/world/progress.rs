//! How far a message has come since it left.

use std::time::Duration;

use chatapi_types::Delivery;
use chatapi_types::chat_api::Ack;
use chatapi_types::wamm::MessageState;
use serde::{Deserialize, Serialize};

use crate::MagicRecipient;
use crate::profile::Span;

/// How far a message has come since it left. Grows only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Progress {
    Sent,
    Delivered,
    Read,
}

impl Progress {
    /// How it goes on from here by itself, and after how long.
    pub(crate) fn next(
        self,
        magic: Option<MagicRecipient>,
        slow_reader: Duration,
        delivered_after: &Span,
        read_after: Option<&Span>,
    ) -> Option<(Self, Span)> {
        use MagicRecipient::{BlocksUs, Echo, NeverReads, PhoneOff, SlowReader};
        match (self, magic) {
            (Self::Sent, Some(PhoneOff | BlocksUs))
            | (Self::Delivered, Some(NeverReads))
            | (Self::Read, _) => None,
            (Self::Sent, _) => Some((Self::Delivered, delivered_after.clone())),
            (Self::Delivered, Some(SlowReader)) => Some((Self::Read, slow_reader..=slow_reader)),
            // It reads even where nobody else does, or it could not answer.
            (Self::Delivered, Some(Echo)) => {
                Some((Self::Read, read_after.unwrap_or(delivered_after).clone()))
            }
            (Self::Delivered, _) => Some((Self::Read, read_after?.clone())),
        }
    }

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
