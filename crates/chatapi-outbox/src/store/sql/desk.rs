//! An inbox on a database of any kind.

use std::sync::Arc;

use chatapi_types::{InstanceId, UnixMillis};
use chatapi_webhook::{Claim, EventId, InboxCounts, InboxError, Inserted, LeaseId, Leased, Record};

use super::events::Replay;
use super::{Core, Engine, Task};
use crate::store::StoreError;

/// Room for so many bytes unless another quota is given.
const QUOTA: u64 = 1024 * 1024 * 1024;
/// How many events are deleted or given out once more in one transaction, so that whoever stores some
/// need not wait long.
const AT_ONCE: u64 = 1000;

/// Events come in and are given out here.
#[derive(Debug)]
pub(crate) struct Desk<E: Engine> {
    core: Arc<Core<E>>,
    quota: u64,
}

impl<E: Engine> Clone for Desk<E> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), quota: self.quota }
    }
}

impl<E: Engine> Desk<E> {
    pub(crate) const fn new(core: Arc<Core<E>>) -> Self {
        Self { core, quota: QUOTA }
    }

    pub(crate) const fn quota(mut self, bytes: u64) -> Self {
        self.quota = bytes;
        self
    }

    pub(crate) async fn close(&self) {
        self.core.close().await;
    }

    async fn ask(&self, task: Task) -> Result<Task, InboxError> {
        self.core.work_on(task).await.map_err(failed)
    }

    fn confused(&self) -> InboxError {
        failed(self.core.confused())
    }

    pub(crate) async fn insert(&self, events: Vec<Record>) -> Result<Inserted, InboxError> {
        if events.is_empty() {
            return Ok(Inserted::default());
        }
        let task = Task::Insert { events, quota: self.quota, new: Ok(Vec::new()) };
        match self.ask(task).await? {
            Task::Insert { new, .. } => new.map(Inserted::new),
            _ => Err(self.confused()),
        }
    }

    pub(crate) async fn lease(&self, claim: &Claim) -> Result<Vec<Leased>, InboxError> {
        // Whoever only looks stands in nobody's way.
        if claim.limit == 0 || !self.core.is_any_due(claim).await.map_err(failed)? {
            return Ok(Vec::new());
        }
        match self.ask(Task::Lease { claim: claim.clone(), leased: Vec::new() }).await? {
            Task::Lease { leased, .. } => Ok(leased),
            _ => Err(self.confused()),
        }
    }

    pub(crate) async fn ack(&self, event: &EventId, lease: LeaseId) -> Result<bool, InboxError> {
        match self.ask(Task::Ack { event: event.clone(), lease, held: false }).await? {
            Task::Ack { held, .. } => Ok(held),
            _ => Err(self.confused()),
        }
    }

    pub(crate) async fn release(
        &self,
        event: &EventId,
        lease: LeaseId,
        at: UnixMillis,
    ) -> Result<bool, InboxError> {
        match self.ask(Task::Release { event: event.clone(), lease, at, held: false }).await? {
            Task::Release { held, .. } => Ok(held),
            _ => Err(self.confused()),
        }
    }

    pub(crate) async fn extend(
        &self,
        event: &EventId,
        lease: LeaseId,
        until: UnixMillis,
    ) -> Result<bool, InboxError> {
        match self.ask(Task::Extend { event: event.clone(), lease, until, held: false }).await? {
            Task::Extend { held, .. } => Ok(held),
            _ => Err(self.confused()),
        }
    }

    pub(crate) async fn mark(&self, line: &InstanceId) -> Result<Option<u64>, InboxError> {
        self.core.mark(line).await.map_err(failed)
    }

    pub(crate) async fn replay(
        &self,
        since: UnixMillis,
        line: Option<&InstanceId>,
    ) -> Result<u64, InboxError> {
        let mut replayed = 0;
        let mut next = Replay::new(since, line.cloned(), AT_ONCE);
        loop {
            next = match self.ask(Task::Replay(next)).await? {
                Task::Replay(done) => done,
                _ => return Err(self.confused()),
            };
            replayed += next.count;
            if next.count < AT_ONCE {
                return Ok(replayed);
            }
        }
    }

    pub(crate) async fn forget(&self, before: UnixMillis) -> Result<u64, InboxError> {
        let mut forgotten = 0;
        loop {
            let at_most = AT_ONCE;
            let gone = match self.ask(Task::Forget { before, at_most, count: 0 }).await? {
                Task::Forget { count, .. } => count,
                _ => return Err(self.confused()),
            };
            forgotten += gone;
            if gone < at_most {
                return Ok(forgotten);
            }
        }
    }

    pub(crate) async fn counts(&self, now: UnixMillis) -> Result<InboxCounts, InboxError> {
        self.core.event_counts(now).await.map_err(failed)
    }

    pub(crate) async fn arrival(&self) {
        self.core.events().await;
    }
}

/// It tells the reason in its own line, because that is the line that is logged.
fn failed(error: StoreError) -> InboxError {
    InboxError::told(error.to_string())
}

/// An inbox is its desk.
macro_rules! inbox {
    ($inbox:ty) => {
        #[async_trait::async_trait]
        impl chatapi_webhook::Inbox for $inbox {
            async fn insert(&self, events: Vec<Record>) -> Result<Inserted, InboxError> {
                self.desk.insert(events).await
            }

            async fn lease(&self, claim: &Claim) -> Result<Vec<Leased>, InboxError> {
                self.desk.lease(claim).await
            }

            async fn ack(&self, event: &EventId, lease: LeaseId) -> Result<bool, InboxError> {
                self.desk.ack(event, lease).await
            }

            async fn release(
                &self,
                event: &EventId,
                lease: LeaseId,
                at: UnixMillis,
            ) -> Result<bool, InboxError> {
                self.desk.release(event, lease, at).await
            }

            async fn extend(
                &self,
                event: &EventId,
                lease: LeaseId,
                until: UnixMillis,
            ) -> Result<bool, InboxError> {
                self.desk.extend(event, lease, until).await
            }

            async fn mark(&self, line: &InstanceId) -> Result<Option<u64>, InboxError> {
                self.desk.mark(line).await
            }

            async fn replay(
                &self,
                since: UnixMillis,
                line: Option<&InstanceId>,
            ) -> Result<u64, InboxError> {
                self.desk.replay(since, line).await
            }

            async fn forget(&self, before: UnixMillis) -> Result<u64, InboxError> {
                self.desk.forget(before).await
            }

            async fn counts(&self, now: UnixMillis) -> Result<InboxCounts, InboxError> {
                self.desk.counts(now).await
            }

            async fn arrival(&self) {
                self.desk.arrival().await;
            }
        }
    };
}

pub(crate) use inbox;
