//! Where events rest between the vendor's post and the application's acknowledgement.

mod memory;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chatapi_types::{InstanceId, UnixMillis};

use crate::{EventId, Record};

pub use memory::MemoryInbox;

/// Where events rest. The receiver puts them in, [`Events`](crate::Events) takes them out.
///
/// An inbox has no clock: whoever calls says what time it is, so that tests and several machines
/// agree. The feature `conformance` exports the checks that every inbox must pass.
#[async_trait]
pub trait Inbox: fmt::Debug + Send + Sync {
    /// Stores events: all or none of them, and durably before it returns. What is kept already,
    /// under its id or its [`earlier`](Record::earlier) one, is not stored again, whether it was
    /// acknowledged meanwhile or not; of two in one call the first is stored.
    ///
    /// The receiver does not wait [for ever](crate::Builder::stored_within): when the call is dropped
    /// before it returns, all of the events may be stored, or none.
    ///
    /// # Errors
    ///
    /// [`InboxError::full`] above the inbox's quota and [`InboxError::unavailable`] when it cannot
    /// store. The receiver then answers 503, and the vendor comes again.
    async fn insert(&self, events: Vec<Record>) -> Result<Inserted, InboxError>;

    /// Takes events out for a while, in the order in which they were inserted: such as are not
    /// acknowledged, whose lease has run out, and whose time ([`release`](Self::release)) has come.
    ///
    /// Events of one line are with one consumer at a time: as long as another holds a lease on one
    /// of them, none of that line is given.
    ///
    /// # Errors
    ///
    /// [`InboxError::unavailable`].
    async fn lease(&self, claim: &Claim) -> Result<Vec<Leased>, InboxError>;

    /// The consumer is done with an event. False when the lease is not the last one that was given:
    /// it ran out and somebody else has the event, or it was acknowledged already.
    ///
    /// Remembers the greatest number that was acknowledged for a line; see [`mark`](Self::mark).
    ///
    /// # Errors
    ///
    /// [`InboxError::unavailable`]; then the event comes again.
    async fn ack(&self, event: &EventId, lease: LeaseId) -> Result<bool, InboxError>;

    /// Gives an event back, to be given out again from `at` on. False as with [`ack`](Self::ack).
    ///
    /// # Errors
    ///
    /// [`InboxError::unavailable`]; then the lease runs out by itself.
    async fn release(
        &self,
        event: &EventId,
        lease: LeaseId,
        at: UnixMillis,
    ) -> Result<bool, InboxError>;

    /// Holds an event until a later time. False as with [`ack`](Self::ack).
    ///
    /// # Errors
    ///
    /// [`InboxError::unavailable`].
    async fn extend(
        &self,
        event: &EventId,
        lease: LeaseId,
        until: UnixMillis,
    ) -> Result<bool, InboxError>;

    /// The greatest [number](Record::number) that was ever acknowledged for a line, also after the
    /// event itself was [forgotten](Self::forget).
    ///
    /// # Errors
    ///
    /// [`InboxError::unavailable`].
    async fn mark(&self, line: &InstanceId) -> Result<Option<u64>, InboxError>;

    /// Gives out once more what was received at `since` or later and is acknowledged, of one line or
    /// of all. Gives back how many events that are. What is not acknowledged comes anyway, so doing
    /// it twice is doing it once.
    ///
    /// # Errors
    ///
    /// [`InboxError::unavailable`].
    async fn replay(&self, since: UnixMillis, line: Option<&InstanceId>)
    -> Result<u64, InboxError>;

    /// Forgets events that are acknowledged and were received before `before`; their repetitions
    /// are new events from then on. Gives back how many events that were.
    ///
    /// # Errors
    ///
    /// [`InboxError::unavailable`].
    async fn forget(&self, before: UnixMillis) -> Result<u64, InboxError>;

    /// What it holds.
    ///
    /// # Errors
    ///
    /// [`InboxError::unavailable`].
    async fn counts(&self, now: UnixMillis) -> Result<InboxCounts, InboxError>;

    /// Comes back when something may have been inserted since the call, or never: consumers look
    /// from time to time in any case.
    async fn arrival(&self) {
        std::future::pending::<()>().await;
    }
}

/// What became of an insertion: which of the events, in the order given, were new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inserted {
    /// For each event whether it was stored (true) or kept already (false).
    pub new: Vec<bool>,
}

impl Inserted {
    /// For each event whether it was stored.
    #[must_use]
    pub const fn new(new: Vec<bool>) -> Self {
        Self { new }
    }

    /// How many were stored.
    #[must_use]
    pub fn stored(&self) -> usize {
        self.new.iter().filter(|new| **new).count()
    }

    /// How many were kept already.
    #[must_use]
    pub fn repeated(&self) -> usize {
        self.new.len() - self.stored()
    }
}

/// Who wants events, how many, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// The consumer. Two that run at once must have different names.
    pub consumer: String,
    /// How many events at most.
    pub limit: usize,
    /// The present time.
    pub now: UnixMillis,
    /// When the lease runs out.
    pub until: UnixMillis,
    /// Events of these lines only; of all unless given.
    pub lines: Option<Vec<InstanceId>>,
}

impl Claim {
    /// A claim on events of all lines.
    pub fn new(
        consumer: impl Into<String>,
        limit: usize,
        now: UnixMillis,
        until: UnixMillis,
    ) -> Self {
        Self { consumer: consumer.into(), limit, now, until, lines: None }
    }

    /// On events of these lines only.
    #[must_use]
    pub fn lines(mut self, lines: Option<Vec<InstanceId>>) -> Self {
        self.lines = lines;
        self
    }
}

/// One lease on one event: every lease of an event has another number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LeaseId(u64);

impl LeaseId {
    /// A lease as it was numbered.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// An event that was taken out for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leased {
    /// The event.
    pub record: Record,
    /// The lease.
    pub lease: LeaseId,
    /// When it runs out.
    pub until: UnixMillis,
    /// How many times the event has been given out since it came or was replayed; 1 for the first.
    pub attempt: u32,
}

impl Leased {
    /// An event that was taken out.
    #[must_use]
    pub const fn new(record: Record, lease: LeaseId, until: UnixMillis, attempt: u32) -> Self {
        Self { record, lease, until, attempt }
    }
}

/// What an inbox holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InboxCounts {
    /// Events that are neither acknowledged nor leased.
    pub waiting: u64,
    /// Events that are leased.
    pub leased: u64,
    /// Events that are acknowledged and kept.
    pub acknowledged: u64,
    /// Bytes of payload in all.
    pub bytes: u64,
    /// When the oldest event came that is not acknowledged: its age is the backlog to watch.
    pub oldest: Option<UnixMillis>,
}

/// Why an inbox could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct InboxError {
    what: Box<str>,
    full: bool,
    retry_after: Duration,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl InboxError {
    /// There is no room. The vendor should come again after that time.
    #[must_use]
    pub fn full(retry_after: Duration) -> Self {
        let what = "the inbox is full: nothing was stored; acknowledge events or raise its quota";
        Self { what: what.into(), full: true, retry_after, source: None }
    }

    /// The store did not do it, for a reason of its own. `what` must quote no payload.
    pub fn unavailable(
        what: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        let retry_after = Duration::from_secs(5);
        Self { what: what.into().into(), full: false, retry_after, source: Some(source.into()) }
    }

    /// The same, where `what` says everything that is known, the cause included.
    pub fn told(what: impl Into<String>) -> Self {
        let retry_after = Duration::from_secs(5);
        Self { what: what.into().into(), full: false, retry_after, source: None }
    }

    /// Whether there was no room.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.full
    }

    /// After what time to try again.
    #[must_use]
    pub const fn retry_after(&self) -> Duration {
        self.retry_after
    }
}
