//! A store on a database of any kind.

use std::sync::Arc;

use chatapi_types::{InstanceId, UnixMillis};
use chatapi_webhook::{Claim, InboxCounts};
use sqlx::Connection as _;
use tokio::sync::Notify;

use super::batch::apply;
use super::{Engine, Fault, Job, Task, Writer, events, read};
use crate::State;
use crate::record::{LineName, OutboxId, Record, Route};
use crate::store::{
    Change, Content, Count, Enqueued, Filter, Line, Needs, NewMessage, NotEnqueued, Period, Place,
    StoreError, Work, tables::Enqueuing,
};

/// A store on a database of any kind.
#[derive(Debug)]
pub(crate) struct Core<E: Engine> {
    pub(crate) engine: E,
    writer: Writer,
    pub(crate) arrival: Arc<Notify>,
    /// The same for events.
    pub(crate) events: Arc<Notify>,
}

/// Reads within one transaction, so that everything is as of one moment.
macro_rules! reading {
    ($self:ident, $connection:ident, $read:expr) => {{
        let done = async {
            let mut held = $self.engine.reader().await?;
            let mut transaction =
                held.begin_with(sqlx::AssertSqlSafe(E::BEGIN_READ.to_owned())).await?;
            let $connection = &mut *transaction;
            let found = $read.await?;
            transaction.rollback().await?;
            Ok(found)
        };
        let what = || format!("{}: it could not be read", $self.engine.name());
        done.await.map_err(|fault: Fault| fault.unavailable(&what()))
    }};
}

impl<E: Engine> Core<E> {
    /// Starts to work on a connection that may write.
    pub(crate) fn start(engine: E, connection: E::Connection) -> Self {
        let arrival = Arc::new(Notify::new());
        let events = Arc::new(Notify::new());
        let (one, all) = (arrival.clone(), events.clone());
        let writer = Writer::start(engine.clone(), connection, move |arrived| {
            if arrived.messages {
                one.notify_one();
            }
            if arrived.events {
                all.notify_waiters();
            }
        });
        Self { engine, writer, arrival, events }
    }

    /// Takes nothing new, and comes back when everything that was asked for is done.
    pub(crate) async fn close(&self) {
        self.writer.close().await;
        self.engine.close().await;
    }

    /// As [`Tables::arrival`](crate::store::Tables::arrival).
    pub(crate) async fn arrival(&self) {
        self.engine.listen();
        self.arrival.notified().await;
    }

    /// The same for events.
    pub(crate) async fn events(&self) {
        self.engine.listen();
        self.events.notified().await;
    }

    /// Does work within a transaction that is the caller's.
    pub(crate) async fn enqueue_in(
        &self,
        connection: &mut E::Connection,
        batch: Vec<(OutboxId, NewMessage)>,
    ) -> Result<Vec<Result<Enqueued, NotEnqueued>>, StoreError> {
        let enqueuing = Enqueuing::new(batch);
        let needs = enqueuing.needs();
        let mut jobs = [(0, Job::Work(needs.clone(), Box::new(enqueuing)))];
        let done = apply(&self.engine, connection, &needs, &mut jobs).await;
        let what = || format!("{}: it could not be enqueued", self.engine.name());
        done.map_err(|fault| fault.unavailable(&what()))?;
        let [(_, job)] = jobs;
        let answers = match job {
            Job::Work(_, work) => Enqueuing::answers(work),
            _ => None,
        };
        answers.ok_or_else(|| self.confused())
    }

    /// Notes within a transaction that is the caller's how far a consumer has come.
    pub(crate) async fn consume_in(
        &self,
        connection: &mut E::Connection,
        consumer: &str,
        place: Place,
    ) -> Result<(), StoreError> {
        let mut jobs = [(0, Job::Consume(consumer.to_owned(), place))];
        let done = apply(&self.engine, connection, &Needs::nothing(), &mut jobs).await;
        let what = || format!("{}: it could not be noted", self.engine.name());
        done.map(drop).map_err(|fault| fault.unavailable(&what()))
    }

    /// How far a consumer has come; nobody else notes it until the caller's transaction ends.
    pub(crate) async fn consumed_in(
        &self,
        connection: &mut E::Connection,
        consumer: &str,
    ) -> Result<Place, StoreError> {
        let done = async {
            let now = self.engine.time(connection).await?;
            super::batch::consumed::<E>(connection, consumer, now).await
        };
        let what = || format!("{}: it could not be asked who has come how far", self.engine.name());
        done.await.map_err(|fault: Fault| fault.unavailable(&what()))
    }

    /// Changes as a transaction of the caller's sees them.
    pub(crate) async fn changes_in(
        &self,
        connection: &mut E::Connection,
        after: Place,
        limit: u32,
    ) -> Result<Vec<(Place, Change)>, StoreError> {
        let what = || format!("{}: it could not be read", self.engine.name());
        let found = read::changes::<E>(connection, after, limit).await;
        found.map_err(|fault| fault.unavailable(&what()))
    }

    pub(crate) async fn transact(
        &self,
        needs: Needs,
        work: Box<dyn Work>,
    ) -> Result<Box<dyn Work>, StoreError> {
        match self.writer.ask(Job::Work(needs, work)).await? {
            Job::Work(_, work) => Ok(work),
            _ => Err(self.confused()),
        }
    }

    pub(super) fn confused(&self) -> StoreError {
        StoreError::unknown(self.engine.name(), "the answer belongs to something else")
    }

    pub(crate) async fn consume(&self, consumer: &str, place: Place) -> Result<(), StoreError> {
        self.writer.ask(Job::Consume(consumer.to_owned(), place)).await.map(drop)
    }

    pub(crate) async fn purge(&self, before: UnixMillis, limit: u32) -> Result<u64, StoreError> {
        match self.writer.ask(Job::Purge(before, limit, 0)).await? {
            Job::Purge(.., gone) => Ok(gone),
            _ => Err(self.confused()),
        }
    }

    /// Something about events.
    pub(crate) async fn work_on(&self, task: Task) -> Result<Task, StoreError> {
        match self.writer.ask(Job::Events(task)).await? {
            Job::Events(task) => Ok(task),
            _ => Err(self.confused()),
        }
    }

    pub(crate) async fn is_any_due(&self, claim: &Claim) -> Result<bool, StoreError> {
        reading!(self, connection, events::is_any_due::<E>(connection, claim))
    }

    pub(crate) async fn mark(&self, line: &InstanceId) -> Result<Option<u64>, StoreError> {
        reading!(self, connection, events::mark::<E>(connection, line))
    }

    pub(crate) async fn event_counts(&self, now: UnixMillis) -> Result<InboxCounts, StoreError> {
        reading!(self, connection, events::counts::<E>(connection, now))
    }

    pub(crate) async fn now(&self) -> Result<UnixMillis, StoreError> {
        let done = async {
            let mut held = self.engine.reader().await?;
            self.engine.time(&mut held).await
        };
        let what = || format!("{}: it could not be asked for the time", self.engine.name());
        done.await.map_err(|fault: Fault| fault.unavailable(&what()))
    }

    pub(crate) async fn content(&self, id: OutboxId) -> Result<Option<Content>, StoreError> {
        reading!(self, connection, read::content::<E>(connection, id))
    }

    pub(crate) async fn message(&self, id: OutboxId) -> Result<Option<Record>, StoreError> {
        let one = read::message::<E>;
        reading!(self, connection, one(connection, id))
    }

    pub(crate) async fn by_key(
        &self,
        namespace: &str,
        key: &str,
    ) -> Result<Option<Record>, StoreError> {
        reading!(self, connection, read::by_key::<E>(connection, namespace, key))
    }

    pub(crate) async fn find(&self, filter: &Filter) -> Result<Vec<Record>, StoreError> {
        reading!(self, connection, read::find::<E>(connection, filter))
    }

    pub(crate) async fn counts(&self, period: &Period) -> Result<Vec<Count>, StoreError> {
        reading!(self, connection, read::counts::<E>(connection, period))
    }

    pub(crate) async fn lines(&self) -> Result<Vec<(LineName, Line)>, StoreError> {
        reading!(self, connection, read::lines::<E>(connection))
    }

    pub(crate) async fn history(&self, id: OutboxId) -> Result<Vec<Change>, StoreError> {
        reading!(self, connection, read::history::<E>(connection, id))
    }

    pub(crate) async fn changes(
        &self,
        after: Place,
        limit: u32,
    ) -> Result<Vec<(Place, Change)>, StoreError> {
        reading!(self, connection, read::changes::<E>(connection, after, limit))
    }

    pub(crate) async fn consumed(&self, consumer: &str) -> Result<Place, StoreError> {
        reading!(self, connection, read::consumed::<E>(connection, consumer))
    }

    pub(crate) async fn due(&self, on: &[Route]) -> Result<Vec<Route>, StoreError> {
        let now = self.now().await?;
        reading!(self, connection, read::due::<E>(connection, now, on))
    }

    pub(crate) async fn unchecked(
        &self,
        now: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError> {
        reading!(self, connection, read::unchecked::<E>(connection, now, limit))
    }
}

/// The words of all states for which that holds, for SQL.
pub(super) fn states(which: impl Fn(State) -> bool) -> String {
    let states = State::ALL.into_iter().filter(|state| which(*state));
    super::joined(states.map(|state| format!("'{state}'")))
}

/// A store's `Tables` are its core's.
macro_rules! tables {
    ($store:ty) => {
        #[async_trait::async_trait]
        impl crate::store::Tables for $store {
            async fn transact(
                &self,
                needs: Needs,
                work: Box<dyn Work>,
            ) -> Result<Box<dyn Work>, StoreError> {
                self.core.transact(needs, work).await
            }

            async fn now(&self) -> Result<UnixMillis, StoreError> {
                self.core.now().await
            }

            async fn content(&self, id: OutboxId) -> Result<Option<Content>, StoreError> {
                self.core.content(id).await
            }

            async fn message(&self, id: OutboxId) -> Result<Option<Record>, StoreError> {
                self.core.message(id).await
            }

            async fn by_key(
                &self,
                namespace: &str,
                key: &str,
            ) -> Result<Option<Record>, StoreError> {
                self.core.by_key(namespace, key).await
            }

            async fn find(&self, filter: &Filter) -> Result<Vec<Record>, StoreError> {
                self.core.find(filter).await
            }

            async fn counts(&self, period: &Period) -> Result<Vec<Count>, StoreError> {
                self.core.counts(period).await
            }

            async fn lines(&self) -> Result<Vec<(LineName, Line)>, StoreError> {
                self.core.lines().await
            }

            async fn history(&self, id: OutboxId) -> Result<Vec<Change>, StoreError> {
                self.core.history(id).await
            }

            async fn changes(
                &self,
                after: Place,
                limit: u32,
            ) -> Result<Vec<(Place, Change)>, StoreError> {
                self.core.changes(after, limit).await
            }

            async fn consumed(&self, consumer: &str) -> Result<Place, StoreError> {
                self.core.consumed(consumer).await
            }

            async fn consume(&self, consumer: &str, place: Place) -> Result<(), StoreError> {
                self.core.consume(consumer, place).await
            }

            async fn due(&self, on: &[Route]) -> Result<Vec<Route>, StoreError> {
                self.core.due(on).await
            }

            async fn unchecked(
                &self,
                now: UnixMillis,
                limit: u32,
            ) -> Result<Vec<Record>, StoreError> {
                self.core.unchecked(now, limit).await
            }

            async fn purge(&self, before: UnixMillis, limit: u32) -> Result<u64, StoreError> {
                self.core.purge(before, limit).await
            }

            async fn arrival(&self) {
                self.core.arrival().await;
            }
        }
    };
}

pub(crate) use tables;
