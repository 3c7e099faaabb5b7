//! What an outbox counts and measures, through the facade of the crate `metrics`, from where
//! Prometheus, OpenTelemetry and StatsD get it. Wrap the store in [`Metered`], and give that to the
//! [`Outbox`](crate::Outbox) and the [`Dispatcher`](crate::dispatch::Dispatcher).
//!
//! | name | kind, unit | labels | what |
//! |---|---|---|---|
//! | [`ENQUEUED`] | counter, messages | line, label | messages that were taken in; `line` is empty while it is left to a group |
//! | [`ATTEMPTS`] | counter, attempts | line, label, verdict | attempts that ended: `accepted`, `not_sent` (it may be tried again), `refused`, `unknown` |
//! | [`OUTCOMES`] | counter, messages | line, label, state | messages that came into a state in which the outbox does nothing more with them, or into `needs_review`; one message may pass `sent`, `delivered` and `read` |
//! | [`DOUBTS`] | counter, doubts | line, label, found | doubts that ended: `there`, `absent`, `review` |
//! | [`DELAYED`] | counter, messages | line, label | how often a rule held a message back |
//! | [`LATE`] | counter, messages | line, label | messages that were not delivered by the time that was asked for |
//! | [`TOOK`] | histogram, seconds | line, label, state | from when a message was taken in until it was `sent`, `delivered`, `read` |
//! | [`LEASES`] | counter, changes | line | how often a line was taken over, the first time included |
//! | [`STORE`] | histogram, seconds | operation, result | how long the store took: `transact`, `find` … ; `ok` or `failed` |
//! | [`MESSAGES`] | gauge, messages | line, label, state | how many stand where, of those of the last days |
//! | [`OLDEST`] | gauge, seconds | line, label, state | for how long the oldest of them has been here, where something is still to be done |
//! | [`DOUBT_AGE`] | gauge, seconds | line | for how long the oldest doubt has lasted; 0 without one |
//! | [`SENDS`] | gauge, 0 or 1 | line | whether the phone sends, as it said last |
//!
//! `label` is what the caller calls his messages ([`Message::label`](crate::Message::label)), empty
//! where he calls them nothing: few different ones, please. Phones, chats, keys and texts are in no
//! label. Counters count what was committed; a commit of which nobody knows is not counted. What is
//! enqueued within a transaction of the caller's own is seen by the gauges only.
//!
//! Gauges are set by [`Metered::sample`], which asks the store: call it now and then, or leave that to
//! [`Metered::keep_sampling`], in one process for each store.

mod counted;
mod sampled;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::metrics::{Unit, describe_counter, describe_gauge, describe_histogram, histogram};
use async_trait::async_trait;
use chatapi_transport::{Clock, TokioClock};
use chatapi_types::UnixMillis;

use crate::record::{LineName, OutboxId, Record, Route};
use crate::store::{
    Change, Content, Count, Filter, Line, Needs, Period, Place, StoreError, Tables, Work,
};
use counted::Counted;

/// Messages that were taken in.
pub const ENQUEUED: &str = "chatapi_outbox_enqueued_total";
/// Attempts that ended.
pub const ATTEMPTS: &str = "chatapi_outbox_attempts_total";
/// Messages that came to an end.
pub const OUTCOMES: &str = "chatapi_outbox_outcomes_total";
/// Doubts that ended.
pub const DOUBTS: &str = "chatapi_outbox_doubts_total";
/// Messages that a rule held back.
pub const DELAYED: &str = "chatapi_outbox_delayed_total";
/// Messages that were not delivered in time.
pub const LATE: &str = "chatapi_outbox_late_total";
/// How long messages took.
pub const TOOK: &str = "chatapi_outbox_took_seconds";
/// How often lines changed hands.
pub const LEASES: &str = "chatapi_outbox_lease_changes_total";
/// How long the store took.
pub const STORE: &str = "chatapi_outbox_store_seconds";
/// How many messages stand where.
pub const MESSAGES: &str = "chatapi_outbox_messages";
/// For how long the oldest has been here.
pub const OLDEST: &str = "chatapi_outbox_oldest_seconds";
/// For how long the oldest doubt has lasted.
pub const DOUBT_AGE: &str = "chatapi_outbox_doubt_age_seconds";
/// Whether a phone sends.
pub const SENDS: &str = "chatapi_outbox_line_sends";

/// Tells the recorder what every metric is. Once, after the recorder was installed.
pub fn describe() {
    describe_counter!(ENQUEUED, Unit::Count, "messages that were taken in");
    describe_counter!(ATTEMPTS, Unit::Count, "attempts to send that ended");
    describe_counter!(OUTCOMES, Unit::Count, "messages that came to an end");
    describe_counter!(DOUBTS, Unit::Count, "doubts that ended");
    describe_counter!(DELAYED, Unit::Count, "messages that a rule held back");
    describe_counter!(LATE, Unit::Count, "messages that were not delivered in time");
    describe_histogram!(TOOK, Unit::Seconds, "from when a message came until it was so far");
    describe_counter!(LEASES, Unit::Count, "how often a line was taken over");
    describe_histogram!(STORE, Unit::Seconds, "how long the store took");
    describe_gauge!(MESSAGES, Unit::Count, "how many messages stand where");
    describe_gauge!(OLDEST, Unit::Seconds, "for how long the oldest message has been here");
    describe_gauge!(DOUBT_AGE, Unit::Seconds, "for how long the oldest doubt has lasted");
    describe_gauge!(SENDS, Unit::Count, "whether the phone sends: 1, or 0");
}

/// A store that counts and measures what is done with it.
///
/// ```
/// # use std::sync::Arc;
/// # use chatapi_sandbox::VirtualClock;
/// use chatapi_outbox::metrics::Metered;
/// use chatapi_outbox::store::MemoryStore;
/// use chatapi_outbox::{Outbox, Route};
///
/// # let clock = VirtualClock::new(Default::default());
/// let store = Arc::new(Metered::new(Arc::new(MemoryStore::new(Arc::new(clock)))));
/// let outbox = Outbox::new(store.clone(), Route::line("shop"));
/// // … and a dispatcher on the same; and one task somewhere that does
/// let sampling = store.keep_sampling(std::time::Duration::from_secs(30));
/// # drop((outbox, sampling));
/// ```
pub struct Metered {
    inner: Arc<dyn Tables>,
    clock: Arc<dyn Clock>,
    days: u32,
    /// What gauges were set, so that they fall back to 0 when nothing is left to count.
    shown: Mutex<BTreeSet<sampled::Place>>,
}

impl Metered {
    /// Counts what is done with a store.
    pub fn new(store: Arc<dyn Tables>) -> Self {
        let clock = Arc::new(TokioClock::new());
        Self { inner: store, clock, days: 7, shown: Mutex::default() }
    }

    /// On which clock the store's answers are timed, and sampling waits.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Messages of how many days the gauges count: 7. What waits for longer is not seen by them;
    /// the more days, the more the store has to read.
    #[must_use]
    pub const fn days(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// Sets the gauges again and again, and never ends. A store that does not answer is asked again
    /// the next time.
    pub async fn keep_sampling(&self, every: Duration) {
        loop {
            if let Err(error) = self.sample().await {
                tracing::warn!(%error, "the outbox's gauges are not up to date");
            }
            self.clock.sleep(every).await;
        }
    }

    async fn timed<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let began = self.clock.now();
        let done = work.await;
        let result = if done.is_ok() { "ok" } else { "failed" };
        let took = self.clock.now().since(began);
        histogram!(STORE, "operation" => operation, "result" => result).record(took);
        done
    }
}

#[async_trait]
impl Tables for Metered {
    async fn transact(
        &self,
        needs: Needs,
        work: Box<dyn Work>,
    ) -> Result<Box<dyn Work>, StoreError> {
        let counted = Box::new(Counted::new(work));
        let done = self.timed("transact", self.inner.transact(needs, counted)).await?;
        let done: Box<dyn std::any::Any> = done;
        match done.downcast::<Counted>() {
            Ok(counted) => Ok(counted.emit()),
            Err(_) => Err(StoreError::confused()),
        }
    }

    async fn now(&self) -> Result<UnixMillis, StoreError> {
        self.timed("now", self.inner.now()).await
    }

    async fn content(&self, id: OutboxId) -> Result<Option<Content>, StoreError> {
        self.timed("content", self.inner.content(id)).await
    }

    async fn message(&self, id: OutboxId) -> Result<Option<Record>, StoreError> {
        self.timed("message", self.inner.message(id)).await
    }

    async fn by_key(&self, namespace: &str, key: &str) -> Result<Option<Record>, StoreError> {
        self.timed("by_key", self.inner.by_key(namespace, key)).await
    }

    async fn find(&self, filter: &Filter) -> Result<Vec<Record>, StoreError> {
        self.timed("find", self.inner.find(filter)).await
    }

    async fn counts(&self, period: &Period) -> Result<Vec<Count>, StoreError> {
        self.timed("counts", self.inner.counts(period)).await
    }

    async fn lines(&self) -> Result<Vec<(LineName, Line)>, StoreError> {
        self.timed("lines", self.inner.lines()).await
    }

    async fn history(&self, id: OutboxId) -> Result<Vec<Change>, StoreError> {
        self.timed("history", self.inner.history(id)).await
    }

    async fn changes(&self, after: Place, limit: u32) -> Result<Vec<(Place, Change)>, StoreError> {
        self.timed("changes", self.inner.changes(after, limit)).await
    }

    async fn consumed(&self, consumer: &str) -> Result<Place, StoreError> {
        self.timed("consumed", self.inner.consumed(consumer)).await
    }

    async fn consume(&self, consumer: &str, place: Place) -> Result<(), StoreError> {
        self.timed("consume", self.inner.consume(consumer, place)).await
    }

    async fn due(&self, on: &[Route]) -> Result<Vec<Route>, StoreError> {
        self.timed("due", self.inner.due(on)).await
    }

    async fn unchecked(&self, now: UnixMillis, limit: u32) -> Result<Vec<Record>, StoreError> {
        self.timed("unchecked", self.inner.unchecked(now, limit)).await
    }

    async fn purge(&self, before: UnixMillis, limit: u32) -> Result<u64, StoreError> {
        self.timed("purge", self.inner.purge(before, limit)).await
    }

    async fn arrival(&self) {
        self.inner.arrival().await;
    }
}

impl fmt::Debug for Metered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Metered").field(&self.inner).finish()
    }
}
