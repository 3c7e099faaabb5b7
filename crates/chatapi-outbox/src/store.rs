//! Where the outbox keeps what it must not forget.
//!
//! What a transaction does is written once, in the [`Ledger`]: plain functions over plain tables,
//! which the simulator runs against everything that can go wrong. A database only finds the part of
//! its tables that a transaction looks at ([`Needs`]), has the ledger work on it, and keeps what
//! changed.

#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod ledger;
mod memory;
mod needs;
#[cfg(feature = "postgres")]
mod postgres;
mod search;
#[cfg(feature = "sql")]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod tables;

use std::sync::Arc;

use bytes::Bytes;
use chatapi_client::line::Cursor;
use chatapi_types::{ChatId, UnixMillis};

use crate::OnDoubt;
use crate::machine::Look;
use crate::record::{LineName, OutboxId, Route, Watch, Wipe};

pub use error::{StoreError, StoreFault};
pub use ledger::{Change, Ledger, Orphan, Touched, What};
pub use memory::MemoryStore;
pub use needs::Needs;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresInbox, PostgresOptions, PostgresStore};
pub use search::{Count, Filter, Period, Place};
#[cfg(feature = "sqlite")]
pub use sqlite::{DispatcherLock, SqliteInbox, SqliteStore};
pub use tables::{Store, Tables, Work};

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
    /// What it says.
    pub content: Content,
    /// What the caller calls messages of its sort.
    pub label: Option<String>,
    /// What becomes of it in doubt, where that differs from its line's figures.
    pub on_doubt: Option<OnDoubt>,
    /// Whether recipient or link are to be checked first.
    pub unchecked: bool,
    /// Until when it is to be delivered.
    pub watch: Option<Watch>,
    /// What is kept of it once it is settled.
    pub wipe: Wipe,
}

impl NewMessage {
    /// A message that goes out as soon as it can.
    pub fn new(
        key: impl Into<String>,
        chat: ChatId,
        route: Route,
        look: Look,
        content: Content,
    ) -> Self {
        Self {
            namespace: String::new(),
            key: key.into(),
            content_hash: [0; 32],
            chat,
            route,
            order_key: None,
            priority: 0,
            not_before: None,
            expires_at: None,
            look,
            is_file: false,
            content,
            label: None,
            on_doubt: None,
            unchecked: false,
            watch: None,
            wipe: Wipe::Never,
        }
    }
}

/// What a message says, as it is stored.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Content {
    /// A [`Body`](crate::Body) as JSON.
    pub body: String,
    /// The bytes of its file, kept once by their digest however many messages carry them.
    pub blob: Option<Blob>,
}

impl Content {
    /// A body, and the bytes of its file.
    pub fn new(body: impl Into<String>, blob: Option<Blob>) -> Self {
        Self { body: body.into(), blob }
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let blob = self.blob.as_ref().map_or(0, |blob| blob.bytes.len());
        write!(f, "Content({} B and a file of {blob} B)", self.body.len())
    }
}

/// The bytes of a file.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Blob {
    /// Their SHA-256.
    pub digest: [u8; 32],
    /// The bytes.
    pub bytes: Bytes,
}

impl Blob {
    /// Bytes, with their digest.
    #[must_use]
    pub fn new(bytes: Bytes) -> Self {
        use sha2::Digest as _;
        Self { digest: sha2::Sha256::digest(&bytes).into(), bytes }
    }
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blob({} B)", self.bytes.len())
    }
}

/// A message that was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Enqueued {
    /// Its id.
    pub id: OutboxId,
    /// Whether it is new; otherwise the key was known, with the same content.
    pub is_new: bool,
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
    /// The store gave no answer about it, which is a fault of the store's.
    #[error("the store gave no answer about this message; ask again with the same key")]
    NoAnswer,
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
    /// How it was when it was last asked.
    pub health: Option<HealthNote>,
    /// When it was last unable to send: it recovers slowly, whoever drives it then.
    pub trouble_at: Option<UnixMillis>,
    /// Since when the store knows it.
    pub added_at: Option<UnixMillis>,
    /// What it has sent today.
    pub tally: Tally,
}

/// What a phone has sent on the last day on which it sent anything, for the
/// [rules](crate::rules::Rules) of its route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// The number of that day in the phone's own zone, counted from the beginning of 1970.
    pub day: i64,
    /// How many messages it has tried to send.
    pub sent: u32,
    /// To how many chats to which it never had before.
    pub strangers: u32,
}

/// How a phone was when it was last asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HealthNote {
    /// When that was.
    pub at: UnixMillis,
    /// Whether messages leave.
    pub can_send: bool,
    /// In the vendor's words, or why it could not be asked.
    pub state: String,
    /// What a person should do about it.
    pub advice: Option<String>,
}

impl HealthNote {
    /// A phone's answer.
    pub fn new(at: UnixMillis, can_send: bool, state: impl Into<String>) -> Self {
        Self { at, can_send, state: state.into(), advice: None }
    }

    /// With what a person should do about it.
    #[must_use]
    pub fn advice(mut self, advice: Option<String>) -> Self {
        self.advice = advice;
        self
    }
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
    /// The place in the vendor's history that the former owner noted.
    pub cursor: Option<Cursor>,
    /// When the phone was last unable to send.
    pub trouble_at: Option<UnixMillis>,
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

impl Intend {
    /// Under a grant, without a place in the history.
    #[must_use]
    pub const fn new(grant: Grant, next_departure: UnixMillis) -> Self {
        Self { grant, before: None, next_departure }
    }

    /// After that place in the vendor's history.
    #[must_use]
    pub fn before(mut self, before: Option<Cursor>) -> Self {
        self.before = before;
        self
    }
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
    /// What it says, where that came along: one that carries a file has to be
    /// [asked for](Tables::content).
    pub content: Option<Arc<Content>>,
}

/// What came of writing down an outcome and looking for the next message at once.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Turned {
    /// What came of the outcome.
    pub settled: Settled,
    /// What came of asking for the next message; `None` when the outcome has to be dealt with first.
    pub next: Option<Intended>,
}

/// What came of asking for the next message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Intended {
    /// Send this.
    Send(Intent),
    /// Nothing is due.
    Nothing {
        /// When the next will be.
        due: Option<UnixMillis>,
        /// Whether the vendor has some of which more is to be heard.
        at_vendor: bool,
    },
    /// The phone must pause.
    Paced {
        /// Until when.
        until: UnixMillis,
    },
    /// Enough of ours wait in the vendor's queue.
    Full,
    /// A rule holds the next message back, which was written down: ask again.
    Delayed,
    /// A rule has the phone send nothing more for now.
    Capped {
        /// Until when.
        until: UnixMillis,
        /// Whether the vendor has some of which more is to be heard.
        at_vendor: bool,
    },
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
    /// Nobody here knows the message yet, or it is being sent just now: it is kept until more is known.
    Kept,
}

/// What came of looking over what waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tended {
    /// How many messages became ready.
    pub woken: usize,
    /// How many ran out of time.
    pub expired: usize,
    /// How many were not delivered in time.
    pub overdue: usize,
    /// When there is something to tend next.
    pub next: Option<UnixMillis>,
}

/// What checking a recipient or a link came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checked {
    /// Nothing speaks against it.
    Passed,
    /// It cannot arrive.
    Failed(String),
    /// It could not be checked; try again then.
    Later(UnixMillis),
    /// It could not be checked, and leaves all the same: better sent than stuck. With the reason.
    Unknown(String),
}

/// Whether a waiting message could be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edited {
    /// It was.
    Done,
    /// Nobody knows it.
    Unknown,
    /// It does not wait any more: it may have left.
    TooLate(crate::State),
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
