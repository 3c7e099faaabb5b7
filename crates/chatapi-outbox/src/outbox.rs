//! The front: messages in, answers out.

mod dry_run;
mod events;
mod feed;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chatapi_client::line::Line;
use chatapi_transport::{Clock, TokioClock};
use chatapi_types::{ChatId, UnixMillis};

use crate::message::{BadMessage, Key, Message};
use crate::record::{Cleared, LineName, OutboxId, Record, Route};
use crate::store::{
    self, Change, Count, Edited, Enqueued, Filter, NewMessage, NotEnqueued, Period, Review,
    Store as _, StoreError, Tables,
};

pub use dry_run::{DryRun, Obstacle};
pub use feed::{Change as FeedItem, Feed};

/// How many messages are deleted at a time.
const PURGE_AT_ONCE: u32 = 1_000;

/// The front of an outbox: messages are taken in and looked up here. It sends nothing itself; a
/// [`Dispatcher`](crate::dispatch::Dispatcher) on the same store does, in this process or another.
///
/// Cheap to clone.
///
/// ```
/// # use std::sync::Arc;
/// # use chatapi_sandbox::VirtualClock;
/// use chatapi_outbox::{Message, Outbox, Route};
/// use chatapi_outbox::store::MemoryStore;
/// use chatapi_types::Phone;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let clock = VirtualClock::new(Default::default());
/// let store = Arc::new(MemoryStore::new(Arc::new(clock)));
/// let outbox = Outbox::new(store, Route::line("shop"));
/// let anna: Phone = "79000000001".parse()?;
///
/// let receipt = Message::text(&anna, "Thank you for order 17").label("receipts");
/// let first = outbox.enqueue(receipt.clone(), "order-17").await?;
/// // The caller did not hear the answer, and asks again: the same message.
/// let again = outbox.enqueue(receipt, "order-17").await?;
/// assert_eq!((first.id, again.is_new), (again.id, false));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Outbox {
    tables: Arc<dyn Tables>,
    clock: Arc<dyn Clock>,
    route: Route,
    rule: Option<Rule>,
    random: Arc<Mutex<fastrand::Rng>>,
}

type Rule = Arc<dyn Fn(&Message) -> Option<Route> + Send + Sync>;

impl Outbox {
    /// The front of a store. Messages that do not say their way go by that route, unless a
    /// [rule](Self::rule) says otherwise.
    pub fn new(tables: Arc<dyn Tables>, route: Route) -> Self {
        let random = Arc::new(Mutex::new(fastrand::Rng::new()));
        Self { tables, clock: Arc::new(TokioClock::new()), route, rule: None, random }
    }

    /// A rule is asked for the way of each message that does not say its own when it is enqueued: by
    /// its recipient, label, kind, or whatever else it says. Where the rule has no answer, it is the
    /// way of [`new`](Self::new). What a rule says is not part of what the caller said: the same key
    /// with the same content stays the same message on its first way, whatever a rule says later.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use chatapi_sandbox::VirtualClock;
    /// use chatapi_outbox::{Message, Outbox, Route};
    /// # use chatapi_outbox::store::MemoryStore;
    /// # let store = Arc::new(MemoryStore::new(Arc::new(VirtualClock::new(Default::default()))));
    /// let outbox = Outbox::new(store, Route::line("shop")).rule(|message: &Message| {
    ///     match message.label.as_deref() {
    ///         Some("codes") => Some(Route::group("fast")),
    ///         _ if message.chat().as_str().starts_with('7') => Some(Route::line("moscow")),
    ///         _ => None,
    ///     }
    /// });
    /// # let _ = outbox;
    /// ```
    #[must_use]
    pub fn rule(
        mut self,
        rule: impl Fn(&Message) -> Option<Route> + Send + Sync + 'static,
    ) -> Self {
        self.rule = Some(Arc::new(rule));
        self
    }

    /// Which way a message goes.
    fn way(&self, message: &Message) -> Route {
        let by_rule = || self.rule.as_ref().and_then(|rule| rule(message));
        message.route.clone().or_else(by_rule).unwrap_or_else(|| self.route.clone())
    }

    /// Ids that can be repeated, for tests. Chance makes them unless given.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.random = Arc::new(Mutex::new(fastrand::Rng::with_seed(seed)));
        self
    }

    /// On which clock ids are made and "within" is counted; the store's own clock decides when a
    /// message is due.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Takes a message in. When it returns, the message is on disk, and it will be sent once or it
    /// will be known why not.
    ///
    /// `key` is the caller's name for it (1 to 255 bytes): the same key with the same content is
    /// the same message, so a caller who did not hear the answer asks again.
    ///
    /// # Errors
    ///
    /// [`EnqueueError`]; after [`EnqueueError::Store`] with
    /// [`StoreFault::Unknown`](crate::store::StoreFault::Unknown) the message may have been taken in:
    /// ask again with the same key.
    pub async fn enqueue(
        &self,
        message: Message,
        key: impl Into<String> + Send,
    ) -> Result<Enqueued, EnqueueError> {
        let prepared = self.prepare(message, key)?;
        let done = self.tables.enqueue(vec![prepared]).await?;
        done.into_iter().next().unwrap_or(Err(NotEnqueued::NoAnswer)).map_err(EnqueueError::from)
    }

    /// Takes many messages in, in one transaction: all that are sound and new are on disk when it
    /// returns, each has its answer in its place.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: then none of them may be counted on; ask again with the same keys.
    pub async fn enqueue_all(
        &self,
        messages: impl IntoIterator<Item = (Message, String), IntoIter: Send> + Send,
    ) -> Result<Vec<Result<Enqueued, EnqueueError>>, StoreError> {
        let mut answers = Vec::new();
        let mut batch = Vec::new();
        for (index, (message, key)) in messages.into_iter().enumerate() {
            match self.prepare(message, key) {
                Ok(prepared) => {
                    batch.push(prepared);
                    answers.push(Err(EnqueueError::from(NotEnqueued::NoAnswer)));
                }
                Err(bad) => answers.push(Err(EnqueueError::Message(bad))),
            }
            debug_assert_eq!(answers.len(), index + 1);
        }
        let mut done = match batch.is_empty() {
            true => Vec::new().into_iter(),
            false => self.tables.enqueue(batch).await?.into_iter(),
        };
        for answer in &mut answers {
            if !matches!(answer, Err(EnqueueError::Message(_)))
                && let Some(done) = done.next()
            {
                *answer = done.map_err(EnqueueError::from);
            }
        }
        Ok(answers)
    }

    /// A message as it is taken in: what the stores' `enqueue_in` take, to enqueue within a
    /// transaction of the caller's own.
    ///
    /// # Errors
    ///
    /// [`BadMessage`] says what is wrong with it.
    pub fn prepare(
        &self,
        message: Message,
        key: impl Into<String>,
    ) -> Result<(OutboxId, NewMessage), BadMessage> {
        let now = self.clock.unix();
        let way = self.way(&message);
        let new = message.into_new(Key::new(key)?, &way, now)?;
        let chance = self.random.lock().unwrap_or_else(PoisonError::into_inner).u128(..);
        Ok((OutboxId::new(now, chance), new))
    }

    /// A message and where it stands.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn message(&self, id: OutboxId) -> Result<Option<Record>, StoreError> {
        self.tables.message(id).await
    }

    /// The message under a key; of the empty namespace unless another is given.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn by_key(&self, namespace: &str, key: &str) -> Result<Option<Record>, StoreError> {
        self.tables.by_key(namespace, key).await
    }

    /// Messages, newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn find(&self, filter: &Filter) -> Result<Vec<Record>, StoreError> {
        self.tables.find(filter).await
    }

    /// What happened to a message, oldest first: the audit trail, with what people decided.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn history(&self, id: OutboxId) -> Result<Vec<Change>, StoreError> {
        self.tables.history(id).await
    }

    /// How many messages there are by line, label and state, of those enqueued in a period, and how
    /// long they took to be delivered and read.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn counts(&self, period: &Period) -> Result<Vec<Count>, StoreError> {
        self.tables.counts(period).await
    }

    /// The phones: who drives them, how they are, and what to do about those that are not well.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn phones(&self) -> Result<Vec<(LineName, store::Line)>, StoreError> {
        self.tables.lines().await
    }

    /// Takes a message back. False when it does not wait any more: it may have left.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn cancel(&self, id: OutboxId) -> Result<bool, StoreError> {
        self.tables.cancel(id).await
    }

    /// Puts another content in the place of a message that still waits. Recipient, key and all else
    /// stay; the key stands for what was enqueued first.
    ///
    /// # Errors
    ///
    /// [`EnqueueError`].
    pub async fn edit(&self, id: OutboxId, message: Message) -> Result<Edited, EnqueueError> {
        // Its look depends on its chat, which does not change.
        let Some(record) = self.tables.message(id).await? else { return Ok(Edited::Unknown) };
        let look = message.body.look(&record.chat);
        let (_, new) = self.prepare(message, &*record.key)?;
        Ok(self.tables.edit(id, new.content, look, new.is_file).await?)
    }

    /// A person decides about a message: `by` is his name, for the audit trail. False when there is
    /// nothing to decide, or its content is gone.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn review(
        &self,
        id: OutboxId,
        decision: Review,
        by: &str,
    ) -> Result<bool, StoreError> {
        self.tables.review(id, decision, by).await
    }

    /// The changes from where this consumer left off: a feed that is kept, and that ends only where
    /// it was acknowledged. Consumers with different names do not disturb each other.
    #[must_use]
    pub fn changes(&self, consumer: impl Into<String>) -> Feed {
        Feed::new(self.tables.clone(), consumer.into())
    }

    /// Has the vendor's queue of a phone cleared, whoever's messages are in it, and ours among them
    /// looked for: such as are gone are then sent again or cancelled. Gives back how many of ours
    /// are looked for.
    ///
    /// # Errors
    ///
    /// [`ClearError`]; after any of them the queue may have been cleared, and what of ours is
    /// missing is found to be lost in its time.
    pub async fn clear_queue(
        &self,
        name: &LineName,
        line: &dyn Line,
        ours: Cleared,
    ) -> Result<usize, ClearError> {
        line.clear_queue().await?;
        Ok(self.tables.clear(name, ours).await?)
    }

    /// Erases a recipient: what waits is cancelled, of the rest content and recipient are erased as
    /// soon as it is settled. Gives back how many messages that are.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn forget(&self, chat: impl Into<ChatId> + Send) -> Result<usize, StoreError> {
        self.tables.forget(&chat.into()).await
    }

    /// Deletes settled messages that came before then, and changes that every consumer has seen.
    /// Their keys are free again: keep them at least as long as a caller may ask again. Gives back
    /// how many messages. [`Dispatcher::retention`](crate::dispatch::Dispatcher::retention) does it by
    /// itself.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn purge(&self, before: UnixMillis) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let purged = self.tables.purge(before, PURGE_AT_ONCE).await?;
            all += purged;
            if purged < u64::from(PURGE_AT_ONCE) {
                return Ok(all);
            }
        }
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("route", &self.route).finish_non_exhaustive()
    }
}

/// Why a message was not taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnqueueError {
    /// It cannot be sent.
    #[error(transparent)]
    Message(#[from] BadMessage),
    /// Its key stands for another message.
    #[error(transparent)]
    Refused(#[from] NotEnqueued),
    /// The store did not take it.
    #[error("the message was not enqueued: {0}")]
    Store(StoreError),
}

// Its line is in ours, so that it is no source: nothing is said twice.
impl From<StoreError> for EnqueueError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Why a vendor's queue was not cleared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClearError {
    /// The vendor did not do it, or nobody knows.
    #[error(transparent)]
    Vendor(#[from] chatapi_transport::Error),
    /// It was cleared, but that could not be written down.
    #[error("the queue was cleared, but our own messages are not looked for yet: {0}")]
    Store(StoreError),
}

impl From<StoreError> for ClearError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
