//! Where the outbox keeps what it must not forget.

mod ledger;

use chatapi_client::line::Cursor;
use chatapi_types::{ChatId, UnixMillis};

use crate::machine::Look;
use crate::record::{LineName, OutboxId, Route};

pub use ledger::{Change, Ledger};

/// A message to be taken in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewMessage {
    /// Whose keys these are.
    pub namespace: String,
    /// The caller's key: the same key is the same message.
    pub key: String,
    /// Of everything the caller said, so that the same key with other content is noticed.
    pub content_hash: [u8; 32],
    /// Who it is for.
    pub chat: ChatId,
    /// Through which phones it may go.
    pub route: Route,
    /// Messages with the same order key arrive in the order in which they came.
    pub order_key: Option<String>,
    /// Higher goes first.
    pub priority: i16,
    /// Not before.
    pub not_before: Option<UnixMillis>,
    /// Not after.
    pub expires_at: Option<UnixMillis>,
    /// How it looks in the vendor's records.
    pub look: Look,
    /// Whether it is a file.
    pub is_file: bool,
    /// Whether recipient or link are to be checked first.
    pub needs_check: bool,
}

/// Why a message was not taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotEnqueued {
    /// The key was used for another message.
    #[error(
        "this key was used for another message ({id}); nothing was enqueued: use a new key, or \
         enqueue exactly what was enqueued before"
    )]
    Conflict {
        /// That message.
        id: OutboxId,
    },
}

/// A phone as the store knows it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Line {
    /// The group that it belongs to.
    pub group: Option<Box<str>>,
    /// Counts its owners.
    pub epoch: u64,
    /// Who drives it, and until when.
    pub lease: Option<Lease>,
    /// When the next message may leave.
    pub free_at: UnixMillis,
    /// The place in the vendor's history.
    pub cursor: Option<Cursor>,
}

/// The right to drive a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lease {
    /// Whose.
    pub owner: String,
    /// Until when.
    pub until: UnixMillis,
}

/// The right to drive a phone, as its owner holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Grant {
    /// Which phone.
    pub line: LineName,
    /// Under which number. Whoever holds an older one is fenced off.
    pub epoch: u64,
    /// When it was given, by the store's clock.
    pub at: UnixMillis,
}

/// Somebody else drives the phone by now: stop, and do nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("another dispatcher drives this phone by now; it finds and settles what was in flight")]
pub struct Fenced;

/// What is asked when the next message is to be sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Intend {
    /// By which right.
    pub grant: Grant,
    /// The place in the vendor's history.
    pub before: Option<Cursor>,
    /// When the message after this one may leave.
    pub next_departure: UnixMillis,
}

/// A message that is to be sent now; the intent is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Intent {
    /// Which.
    pub id: OutboxId,
    /// The number of the attempt.
    pub attempt: u32,
    /// To whom.
    pub chat: ChatId,
    /// When the intent was written down, by the store's clock.
    pub at: UnixMillis,
    /// Until when its request may be on its way, by the store's clock.
    pub deadline_at: UnixMillis,
}

/// What came of asking for the next message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Intended {
    /// Send this.
    Send(Intent),
    /// Nothing is due; the next is due then.
    Nothing {
        /// When.
        due: Option<UnixMillis>,
    },
    /// The phone must pause.
    Paced {
        /// Until when.
        until: UnixMillis,
    },
    /// Enough of ours wait in the vendor's queue.
    Full,
    /// A message of this phone is in flight or in doubt.
    Busy,
    /// The lease would run out before the request: renew first.
    LeaseTooShort,
}

/// Whether something was still to be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Settled {
    /// It was written down.
    Done,
    /// It had been decided otherwise meanwhile; nothing was changed.
    Passed,
}

/// What became of an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Taken {
    /// It changed the message.
    Applied,
    /// It said nothing new.
    NoNews,
    /// Nobody here knows the message yet; it is kept.
    Kept,
}

/// What a person decides about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Review {
    /// It is sent again; it may then arrive twice.
    Resend,
    /// It arrived.
    MarkSent,
    /// It is given up.
    Discard,
}

impl Review {
    /// As it stands in the audit trail.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::MarkSent => "mark sent",
            Self::Discard => "discard",
        }
    }
}
