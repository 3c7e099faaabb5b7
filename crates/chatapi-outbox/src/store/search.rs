//! Reading what is stored.

use chatapi_types::{ChatId, UnixMillis};

use crate::State;
use crate::record::{LineName, OutboxId, Record};

/// A place in the feed of changes. Opaque; can be stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The transaction, where a database has many at once; otherwise 0.
    pub(crate) transaction: u64,
    /// The number of the change.
    pub(crate) number: u64,
}

impl Place {
    /// A place by the number of the transaction (0 where there is one writer) and of the change.
    #[must_use]
    pub const fn new(transaction: u64, number: u64) -> Self {
        Self { transaction, number }
    }
}

/// When messages were enqueued: at any time unless something is said.
///
/// ```
/// use chatapi_outbox::store::Period;
/// use chatapi_types::UnixMillis;
///
/// let noon = UnixMillis::from_millis(43_200_000);
/// let morning = Period::all().until(noon);
/// assert!(morning.takes(UnixMillis::from_millis(43_199_999)) && !morning.takes(noon));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Period {
    /// At or after.
    pub since: Option<UnixMillis>,
    /// Before.
    pub until: Option<UnixMillis>,
}

impl Period {
    /// At any time.
    #[must_use]
    pub const fn all() -> Self {
        Self { since: None, until: None }
    }

    /// At this time or after.
    #[must_use]
    pub const fn since(mut self, time: UnixMillis) -> Self {
        self.since = Some(time);
        self
    }

    /// Before this time.
    #[must_use]
    pub const fn until(mut self, time: UnixMillis) -> Self {
        self.until = Some(time);
        self
    }

    /// Whether a time lies in it.
    #[must_use]
    pub fn takes(&self, time: UnixMillis) -> bool {
        self.since.is_none_or(|since| since <= time) && self.until.is_none_or(|until| time < until)
    }
}

/// Which messages are asked for; all unless something is said. Newest first.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Filter {
    /// In one of these states.
    pub states: Vec<State>,
    /// Through this line.
    pub line: Option<LineName>,
    /// To this chat.
    pub chat: Option<ChatId>,
    /// With this label.
    pub label: Option<String>,
    /// Enqueued at or after.
    pub since: Option<UnixMillis>,
    /// Enqueued before.
    pub until: Option<UnixMillis>,
    /// Older than this one: the last of the page before.
    pub after: Option<OutboxId>,
    /// How many at most. 100 unless said.
    pub limit: u32,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            states: Vec::new(),
            line: None,
            chat: None,
            label: None,
            since: None,
            until: None,
            after: None,
            limit: 100,
        }
    }
}

impl Filter {
    /// Every message.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// In this state, or another one that was named.
    #[must_use]
    pub fn state(mut self, state: State) -> Self {
        self.states.push(state);
        self
    }

    /// Through this line.
    #[must_use]
    pub fn line(mut self, line: impl Into<LineName>) -> Self {
        self.line = Some(line.into());
        self
    }

    /// To this chat.
    #[must_use]
    pub fn chat(mut self, chat: ChatId) -> Self {
        self.chat = Some(chat);
        self
    }

    /// With this label.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Enqueued at or after.
    #[must_use]
    pub const fn since(mut self, at: UnixMillis) -> Self {
        self.since = Some(at);
        self
    }

    /// Enqueued before.
    #[must_use]
    pub const fn until(mut self, at: UnixMillis) -> Self {
        self.until = Some(at);
        self
    }

    /// The page after the one that ended with this message.
    #[must_use]
    pub const fn after(mut self, id: OutboxId) -> Self {
        self.after = Some(id);
        self
    }

    /// How many at most.
    #[must_use]
    pub const fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// Whether a message is asked for.
    #[must_use]
    pub fn takes(&self, record: &Record) -> bool {
        let fits = |wanted: bool| wanted;
        fits(self.states.is_empty() || self.states.contains(&record.state))
            && fits(self.line.as_ref().is_none_or(|line| record.line.as_ref() == Some(line)))
            && fits(self.chat.as_ref().is_none_or(|chat| record.chat == *chat))
            && fits(self.label.as_ref().is_none_or(|label| record.label.as_ref() == Some(label)))
            && fits(self.since.is_none_or(|at| record.created_at >= at))
            && fits(self.until.is_none_or(|at| record.created_at < at))
            && fits(self.after.is_none_or(|id| record.id < id))
    }
}

/// How many messages of one line, label and state there are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Count {
    /// Through which line; `None` for those that none has taken yet.
    pub line: Option<LineName>,
    /// Of which label.
    pub label: Option<String>,
    /// In which state.
    pub state: State,
    /// How many.
    pub messages: u64,
    /// When the oldest of them came.
    pub oldest: UnixMillis,
    /// How long they took from enqueued to delivered, on average; of those of which that is known.
    pub to_delivered_ms: Option<u64>,
    /// How long from enqueued to read, likewise.
    pub to_read_ms: Option<u64>,
}

impl Count {
    /// A count.
    #[must_use]
    pub const fn new(
        line: Option<LineName>,
        label: Option<String>,
        state: State,
        messages: u64,
        oldest: UnixMillis,
    ) -> Self {
        Self { line, label, state, messages, oldest, to_delivered_ms: None, to_read_ms: None }
    }
}
