//! What goes wrong.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{BadFault, seconds};
use crate::profile::Span;

/// What goes wrong, and whether the call is carried out all the same.
///
/// | befalls | effects |
/// |---|---|
/// | a call | all that are not named below |
/// | a message, when it is accepted | `vendorDuplicate`, `messageDropped`, `queueCleared` |
/// | all that is shown, as long as the rule is in force | `staleQueue`, `historyLag` |
/// | a webhook, when it is to be sent | `webhookDropped`, `webhookDoubled`, `webhookReordered`, `webhookDelayed` |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub enum Effect {
    /// Carried out at once; the answer is that much later.
    Latency {
        /// How much later; a number, or a pair between which chance chooses.
        #[serde(with = "seconds::span")]
        seconds: Span,
    },
    /// Not carried out: the vendor says that the token is wrong, in its own words.
    Unauthorized {},
    /// Not carried out: 429 with `Retry-After`.
    RateLimited {
        /// In whole seconds.
        #[serde(default = "five")]
        retry_after: u32,
    },
    /// An error of the server, 500 to 599.
    ServerError {
        /// The HTTP status.
        status: u16,
        /// Whether the call is carried out.
        #[serde(default)]
        done: bool,
    },
    /// A page in HTML, as a proxy makes it, instead of the answer.
    Html {
        /// The HTTP status.
        status: u16,
        /// Whether the call is carried out.
        #[serde(default)]
        done: bool,
    },
    /// Carried out; the answer ends in its middle.
    Truncated {
        /// After how many bytes; half of the answer unless given. At least one byte is missing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<usize>,
        /// Whether HTTP does not notice: the length is right and only the text is cut. Otherwise
        /// more was announced, and the connection breaks.
        #[serde(default)]
        cleanly: bool,
    },
    /// Carried out; the answer is JSON whose members have other types.
    WrongTypes {},
    /// Carried out; words of the vendor's (states, kinds) are replaced by one that nobody knows.
    UnknownEnum {},
    /// Carried out; the answer drips.
    Drip {
        /// How many bytes at a time.
        bytes: usize,
        /// How long before each.
        #[serde(with = "seconds")]
        seconds: Duration,
    },
    /// Carried out; the answer is followed by blanks up to this size, which JSON permits.
    Huge {
        /// How many bytes in all, at most 4 GiB.
        bytes: u64,
    },
    /// Not carried out: no connection. Over a socket, where the head of the call must be read to know
    /// whose it is, the connection is reset then, without a byte of the body; in-process there was
    /// none.
    Refused {},
    /// Not carried out: the connection is reset before the call was read. Over a socket, when the
    /// body begins to come.
    ResetBefore {},
    /// The connection is reset after the whole call was read.
    ResetAfter {
        /// Whether the call is carried out.
        #[serde(default = "yes")]
        done: bool,
    },
    /// Carried out; no answer comes.
    AnswerLost {
        /// How long the connection is held before it is closed; until the caller gives up, unless
        /// given (over a socket for 10 minutes of the machine's time at most).
        #[serde(default, with = "seconds::maybe", skip_serializing_if = "Option::is_none")]
        hold: Option<Duration>,
    },
    /// Carried out only after some time; no answer comes.
    AcceptedLate {
        /// After how much.
        #[serde(with = "seconds")]
        after: Duration,
        /// As in [`AnswerLost`](Self::AnswerLost).
        #[serde(default, with = "seconds::maybe", skip_serializing_if = "Option::is_none")]
        hold: Option<Duration>,
    },
    /// `showMessagesQueue` shows the queue as it was that long ago. (What left before the rule was
    /// added is not remembered.)
    StaleQueue {
        /// How long.
        #[serde(with = "seconds")]
        seconds: Duration,
    },
    /// Messages appear that much later in `messages`, `messagesHistory`, `msg_get` and
    /// `msg_get_last`.
    HistoryLag {
        /// How much.
        #[serde(with = "seconds")]
        seconds: Duration,
    },
    /// The message leaves twice, under two ids.
    VendorDuplicate {},
    /// The message is accepted, gets an id, and is never heard of again.
    MessageDropped {},
    /// As soon as the message is accepted, the whole queue is gone, this message included, and
    /// nobody is told.
    QueueCleared {},
    /// The webhook is not sent.
    WebhookDropped {},
    /// The webhook is sent twice.
    WebhookDoubled {},
    /// The webhook is sent after the next one; after 60 seconds if none comes.
    WebhookReordered {},
    /// The webhook is sent that much later.
    WebhookDelayed {
        /// How much.
        #[serde(with = "seconds")]
        seconds: Duration,
    },
}

const fn five() -> u32 {
    5
}

const fn yes() -> bool {
    true
}

/// A year: longer than anybody waits, and safe to add.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

/// The most bytes of an answer.
const BIGGEST: u64 = 4 * 1024 * 1024 * 1024;

impl Effect {
    /// A fixed latency.
    #[must_use]
    pub const fn latency(by: Duration) -> Self {
        Self::Latency { seconds: by..=by }
    }

    /// Its name in data.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Latency { .. } => "latency",
            Self::Unauthorized {} => "unauthorized",
            Self::RateLimited { .. } => "rateLimited",
            Self::ServerError { .. } => "serverError",
            Self::Html { .. } => "html",
            Self::Truncated { .. } => "truncated",
            Self::WrongTypes {} => "wrongTypes",
            Self::UnknownEnum {} => "unknownEnum",
            Self::Drip { .. } => "drip",
            Self::Huge { .. } => "huge",
            Self::Refused {} => "refused",
            Self::ResetBefore {} => "resetBefore",
            Self::ResetAfter { .. } => "resetAfter",
            Self::AnswerLost { .. } => "answerLost",
            Self::AcceptedLate { .. } => "acceptedLate",
            Self::StaleQueue { .. } => "staleQueue",
            Self::HistoryLag { .. } => "historyLag",
            Self::VendorDuplicate {} => "vendorDuplicate",
            Self::MessageDropped {} => "messageDropped",
            Self::QueueCleared {} => "queueCleared",
            Self::WebhookDropped {} => "webhookDropped",
            Self::WebhookDoubled {} => "webhookDoubled",
            Self::WebhookReordered {} => "webhookReordered",
            Self::WebhookDelayed { .. } => "webhookDelayed",
        }
    }

    /// Whether the call that it befalls is never read as a whole.
    #[cfg(feature = "server")]
    pub(crate) const fn ends_early(&self) -> bool {
        matches!(self, Self::Refused {} | Self::ResetBefore {})
    }

    /// Whether the call that it befalls is carried out at once.
    #[must_use]
    pub const fn carries_out(&self) -> bool {
        match self {
            Self::Unauthorized {}
            | Self::RateLimited { .. }
            | Self::Refused {}
            | Self::ResetBefore {}
            | Self::AcceptedLate { .. } => false,
            Self::ServerError { done, .. }
            | Self::Html { done, .. }
            | Self::ResetAfter { done } => *done,
            _ => true,
        }
    }

    /// Whether it befalls calls.
    pub(crate) const fn befalls_calls(&self) -> bool {
        !self.befalls_messages() && !self.befalls_webhooks() && !self.is_lasting()
    }

    pub(crate) const fn befalls_messages(&self) -> bool {
        matches!(self, Self::VendorDuplicate {} | Self::MessageDropped {} | Self::QueueCleared {})
    }

    pub(crate) const fn befalls_webhooks(&self) -> bool {
        matches!(
            self,
            Self::WebhookDropped {}
                | Self::WebhookDoubled {}
                | Self::WebhookReordered {}
                | Self::WebhookDelayed { .. }
        )
    }

    /// Whether it befalls what is shown.
    pub(crate) const fn is_lasting(&self) -> bool {
        matches!(self, Self::StaleQueue { .. } | Self::HistoryLag { .. })
    }

    pub(super) fn check(&self) -> Result<(), BadFault> {
        let time = match self {
            Self::Latency { seconds } if seconds.is_empty() => {
                return Err(BadFault::new("effect.seconds: the span ends before it begins"));
            }
            Self::Latency { seconds } => *seconds.end(),
            Self::Drip { seconds, .. }
            | Self::StaleQueue { seconds }
            | Self::HistoryLag { seconds }
            | Self::WebhookDelayed { seconds } => *seconds,
            Self::AnswerLost { hold } => hold.unwrap_or_default(),
            Self::AcceptedLate { after, hold } => (*after).max(hold.unwrap_or_default()),
            _ => Duration::ZERO,
        };
        if time > LONGEST {
            return Err(BadFault::new("effect: a time is longer than a year"));
        }
        match *self {
            Self::ServerError { status, .. } if !(500..600).contains(&status) => {
                Err(BadFault::new("effect.status must be 500 to 599"))
            }
            Self::Html { status, .. } if !(200..600).contains(&status) => {
                Err(BadFault::new("effect.status must be 200 to 599"))
            }
            Self::Drip { bytes: 0, .. } => Err(BadFault::new("effect.bytes must be at least 1")),
            Self::Huge { bytes } if bytes > BIGGEST => {
                Err(BadFault::new("effect.bytes must be at most 4294967296 (4 GiB)"))
            }
            _ => Ok(()),
        }
    }
}
