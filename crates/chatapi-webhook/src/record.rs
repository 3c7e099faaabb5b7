//! An event as an inbox keeps it.

use std::fmt;

use bytes::Bytes;
use chatapi_types::{InstanceId, UnixMillis};

use crate::Vendor;

/// What tells an event from all others and from its own repetitions: 32 hexadecimal digits, made of
/// what the event is about by a one-way function. Stable for ever, and holds no phone number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(Box<str>);

impl EventId {
    /// An id as it was stored.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into().into())
    }

    /// The id, to be stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Where an event comes from, and so how far it is to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// It was posted by somebody who knew the secret.
    Posted,
    /// It was posted so, with a number so far ahead of all others of its line that it is not
    /// believed: it has no place in the order, and is suspicious.
    Doubted,
    /// It was posted so, and is a hint only: what it says is to be read again from the vendor.
    Hint,
    /// It was posted so, but names an instance that the secret is not for.
    Foreign,
    /// It was read from the vendor, to fill a gap.
    Reread,
    /// It says that messages are missing. Nobody posted it.
    Gap,
}

impl Origin {
    const ALL: [Self; 6] =
        [Self::Posted, Self::Doubted, Self::Hint, Self::Foreign, Self::Reread, Self::Gap];

    /// A word for it that stays: stores keep it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::Doubted => "doubted",
            Self::Hint => "hint",
            Self::Foreign => "foreign",
            Self::Reread => "reread",
            Self::Gap => "gap",
        }
    }

    /// The origin of such a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == word)
    }
}

/// One event as an inbox keeps it: what came, to the letter, and by what it is found. `Debug` shows
/// the length of the payload only.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// What tells it from all others.
    pub id: EventId,
    /// A second id under which the same event may be kept already. Of events that can only be told
    /// by their content in a stretch of time: the id that this one would have had in the stretch
    /// before.
    pub earlier: Option<EventId>,
    /// The instance or channel that it belongs to.
    pub line: InstanceId,
    /// Whose payload it is.
    pub vendor: Vendor,
    /// Where it comes from.
    pub origin: Origin,
    /// Its place in the line's history (`messageNumber`), for messages that have one: at most
    /// `i64::MAX`, so that every database takes it.
    pub number: Option<u64>,
    /// When it came, by the clock of the receiver.
    pub received: UnixMillis,
    /// What came, cut down to this one event.
    pub payload: Bytes,
}

impl Record {
    /// An event that was posted.
    pub fn new(
        id: EventId,
        line: impl Into<InstanceId>,
        vendor: Vendor,
        received: UnixMillis,
        payload: impl Into<Bytes>,
    ) -> Self {
        Self {
            id,
            earlier: None,
            line: line.into(),
            vendor,
            origin: Origin::Posted,
            number: None,
            received,
            payload: payload.into(),
        }
    }

    /// Gives it a second id under which it may be kept already.
    #[must_use]
    pub fn earlier(mut self, id: Option<EventId>) -> Self {
        self.earlier = id;
        self
    }

    /// Says where it comes from.
    #[must_use]
    pub const fn origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Gives it its place in the line's history.
    #[must_use]
    pub const fn number(mut self, number: Option<u64>) -> Self {
        self.number = number;
        self
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("id", &self.id)
            .field("line", &self.line)
            .field("vendor", &self.vendor)
            .field("origin", &self.origin)
            .field("number", &self.number)
            .field("received", &self.received)
            .field("payload", &format_args!("{} B", self.payload.len()))
            .finish_non_exhaustive()
    }
}
