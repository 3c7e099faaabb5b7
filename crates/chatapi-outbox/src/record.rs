//! What is stored about a message.

use std::fmt;

use chatapi_client::line::Cursor;
use chatapi_types::{ChatId, MessageId, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::machine::Look;
use crate::{OnDoubt, State};

/// The outbox's own id of a message: a UUID whose first part is the time, so that ids sort as
/// messages came.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutboxId(uuid::Uuid);

impl OutboxId {
    /// A new id: 48 bits of time, 74 of chance (the last ones of `chance`).
    #[must_use]
    pub fn new(at: UnixMillis, chance: u128) -> Self {
        let [_, _, _, _, _, _, chance @ ..] = chance.to_be_bytes();
        let millis = u64::try_from(at.as_millis()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid())
    }

    /// As 128 bits.
    #[must_use]
    pub const fn as_u128(self) -> u128 {
        self.0.as_u128()
    }

    /// From 128 bits.
    #[must_use]
    pub const fn from_u128(bits: u128) -> Self {
        Self(uuid::Uuid::from_u128(bits))
    }
}

impl fmt::Display for OutboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for OutboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for OutboxId {
    type Err = BadOutboxId;

    fn from_str(text: &str) -> Result<Self, BadOutboxId> {
        text.parse().map(Self).map_err(|_| BadOutboxId(text.to_owned()))
    }
}

/// A text that is no id of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no id of the outbox; these look like 01890a5d-ac96-774b-bcce-b302099a8057")]
pub struct BadOutboxId(String);

/// The name of a line (an instance or a channel) within the outbox. Credentials are looked up by it;
/// the database holds none.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LineName(Box<str>);

impl LineName {
    /// A name.
    pub fn new(name: impl Into<Box<str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for LineName {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for LineName {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

/// Through which phones a message may go.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Route {
    /// Through this one only.
    Line(LineName),
    /// Through any of a group.
    Group(Box<str>),
}

impl Route {
    /// Through this phone only.
    pub fn line(name: impl Into<LineName>) -> Self {
        Self::Line(name.into())
    }

    /// Through any phone of a group.
    pub fn group(name: impl Into<Box<str>>) -> Self {
        Self::Group(name.into())
    }
}

/// What is kept of a message once the outbox has nothing more to do with it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Wipe {
    /// All of it, until it is purged: by [`Dispatcher::retention`](crate::dispatch::Dispatcher::retention)
    /// or [`Outbox::purge`](crate::Outbox::purge).
    #[default]
    Never,
    /// Not its content: for codes and whatever else is nobody's business any more. The same key is
    /// still the same message, but other content under it is no longer noticed.
    Content,
    /// Neither its content nor its recipient, who asked to be forgotten.
    Everything,
}

impl Wipe {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Never, Self::Content, Self::Everything];

    /// As it stands in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Content => "content",
            Self::Everything => "everything",
        }
    }
}

/// What becomes of our own messages in a vendor's queue that we clear. Each of them is looked for
/// first: what had left before is not touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cleared {
    /// They are sent again.
    SendAgain,
    /// They are cancelled.
    Cancel,
}

impl Cleared {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::SendAgain, Self::Cancel];

    /// As it stands in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SendAgain => "send_again",
            Self::Cancel => "cancel",
        }
    }
}

/// By when a message is to be delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Watch {
    /// By then.
    pub at: UnixMillis,
    /// Where it goes instead, if it still waits then. That it is late is told in any case.
    pub reroute: Option<Route>,
}

impl Watch {
    /// To be told when it is not delivered by then.
    #[must_use]
    pub const fn new(at: UnixMillis, reroute: Option<Route>) -> Self {
        Self { at, reroute }
    }
}

/// An attempt to send.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The first is 1.
    pub number: u32,
    /// Through which phone.
    pub line: LineName,
    /// Under which lease.
    pub epoch: u64,
    /// When the intent was written down.
    pub intent_at: UnixMillis,
    /// Until when its request may be on its way.
    pub deadline_at: UnixMillis,
    /// The place in the vendor's history before it.
    pub before: Option<Cursor>,
    /// The vendor's id of it, when that became known.
    pub vendor_id: Option<MessageId>,
    /// What came of it, for a person; `None` while nobody knows.
    pub outcome: Option<String>,
}

/// A doubt, and what has been seen since.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Doubt {
    /// When it began.
    pub since: UnixMillis,
    /// From when on the vendor's records can be trusted to show the message if the vendor has it.
    pub settled_at: UnixMillis,
    /// When the records first showed, completely, that it is absent; forgotten when a later look
    /// was not complete.
    pub absent_at: Option<UnixMillis>,
    /// What is known.
    pub reason: String,
}

/// A message as the outbox knows it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// Its id.
    pub id: OutboxId,
    /// Its place in the order in which messages came.
    pub seq: u64,
    /// Whose keys these are.
    pub namespace: String,
    /// The caller's key of it.
    pub key: String,
    /// Of everything the caller said; gone once the content is wiped.
    pub content_hash: Option<[u8; 32]>,
    /// What the caller calls messages of its sort, for counts and metrics.
    pub label: Option<String>,
    /// When it came.
    pub created_at: UnixMillis,
    /// Who it is for.
    pub chat: ChatId,
    /// Through which phones it may go.
    pub route: Route,
    /// Through which it goes, once that is decided. For one to a group that is as long as the vendor
    /// may have it: once it is ready again it may leave through another phone.
    pub line: Option<LineName>,
    /// Messages with the same order key arrive in the order in which they came.
    pub order_key: Option<String>,
    /// Higher goes first.
    pub priority: i16,
    /// Where it stands.
    pub state: State,
    /// Not before.
    pub next_at: UnixMillis,
    /// Not after.
    pub expires_at: Option<UnixMillis>,
    /// How it looks in the vendor's records; gone once the content is wiped.
    pub look: Look,
    /// Whether it is a file: those cannot be told apart by their content in the vendor's records.
    pub is_file: bool,
    /// All attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// The doubt, in that state and while under review.
    pub doubt: Option<Doubt>,
    /// The vendor's id of it.
    pub vendor_id: Option<MessageId>,
    /// The queue's number of it.
    pub queue_number: Option<u64>,
    /// Since when the vendor has it.
    pub at_vendor_since: Option<UnixMillis>,
    /// When the messenger accepted it, as far as we were told.
    pub sent_at: Option<UnixMillis>,
    /// When it reached the recipient's device.
    pub delivered_at: Option<UnixMillis>,
    /// When the recipient opened it.
    pub read_at: Option<UnixMillis>,
    /// The last that was said against it.
    pub last_error: Option<String>,
    /// What becomes of it in doubt, where that differs from its line's figures.
    pub on_doubt: Option<OnDoubt>,
    /// Whether recipient and link are still to be checked before it may leave.
    pub unchecked: bool,
    /// Until when it is to be delivered, and what happens otherwise; gone once that was told.
    pub watch: Option<Watch>,
    /// What is to become of it if it proves lost at the vendor, whose queue we had cleared.
    pub cleared: Option<Cleared>,
    /// What is kept of it once it is settled.
    pub wipe: Wipe,
    /// Whether its content is gone.
    pub wiped: bool,
}

impl Record {
    /// The latest attempt.
    #[must_use]
    pub fn attempt(&self) -> Option<&Attempt> {
        self.attempts.last()
    }
}
