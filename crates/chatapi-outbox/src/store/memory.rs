//! An outbox in memory: for tests and trials. It forgets everything when its process ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chatapi_transport::Clock;
use chatapi_types::UnixMillis;
use tokio::sync::Notify;

use super::{
    Change, Content, Count, Filter, Ledger, Line, Needs, Period, Place, StoreError, Tables,
    tables::Work,
};
use crate::State;
use crate::record::{LineName, OutboxId, Record, Route};

/// An outbox in memory, for tests and trials: it promises nothing once its process ends.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    arrival: Notify,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    ledger: Ledger,
    consumers: HashMap<String, Place>,
}

impl MemoryStore {
    /// An empty one, on a clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, arrival: Notify::new(), inner: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Tables for MemoryStore {
    async fn transact(
        &self,
        _needs: Needs,
        mut work: Box<dyn Work>,
    ) -> Result<Box<dyn Work>, StoreError> {
        let now = self.clock.unix();
        let happened = {
            let mut inner = self.lock();
            let before = inner.ledger.changes().len();
            work.run(&mut inner.ledger, now);
            inner.ledger.forget_touched();
            inner.ledger.changes().len() > before
        };
        // Asking alone makes nothing sendable; calling for it would have phones ask again.
        if happened {
            self.arrival.notify_one();
        }
        Ok(work)
    }

    async fn now(&self) -> Result<UnixMillis, StoreError> {
        Ok(self.clock.unix())
    }

    async fn content(&self, id: OutboxId) -> Result<Option<Content>, StoreError> {
        Ok(self.lock().ledger.content(id).cloned())
    }

    async fn message(&self, id: OutboxId) -> Result<Option<Record>, StoreError> {
        Ok(self.lock().ledger.message(id).cloned())
    }

    async fn by_key(&self, namespace: &str, key: &str) -> Result<Option<Record>, StoreError> {
        let inner = self.lock();
        let is_it = |record: &&Record| record.namespace == namespace && record.key == key;
        Ok(inner.ledger.messages().find(is_it).cloned())
    }

    async fn find(&self, filter: &Filter) -> Result<Vec<Record>, StoreError> {
        let inner = self.lock();
        let mut found: Vec<Record> =
            inner.ledger.messages().filter(|record| filter.takes(record)).cloned().collect();
        found.sort_by_key(|record| std::cmp::Reverse(record.id));
        found.truncate(filter.limit as usize);
        Ok(found)
    }

    async fn counts(&self, period: &Period) -> Result<Vec<Count>, StoreError> {
        let inner = self.lock();
        let mut counts: Vec<(Count, Averages)> = Vec::new();
        for record in inner.ledger.messages() {
            if !period.takes(record.created_at) {
                continue;
            }
            let of = |count: &Count| {
                count.line == record.line
                    && count.label == record.label
                    && count.state == record.state
            };
            let known = counts.iter().position(|(count, _)| of(count));
            let index = known.unwrap_or_else(|| {
                let (line, label) = (record.line.clone(), record.label.clone());
                let count = Count::new(line, label, record.state, 0, record.created_at);
                counts.push((count, Averages::default()));
                counts.len() - 1
            });
            if let Some((count, averages)) = counts.get_mut(index) {
                count.messages += 1;
                count.oldest = count.oldest.min(record.created_at);
                averages.add(record);
                count.to_delivered_ms = averages.delivered.mean();
                count.to_read_ms = averages.read.mean();
            }
        }
        let mut counts: Vec<Count> = counts.into_iter().map(|(count, _)| count).collect();
        counts.sort();
        Ok(counts)
    }

    async fn lines(&self) -> Result<Vec<(LineName, Line)>, StoreError> {
        let inner = self.lock();
        Ok(inner.ledger.lines().map(|(name, line)| (name.clone(), line.clone())).collect())
    }

    async fn history(&self, id: OutboxId) -> Result<Vec<Change>, StoreError> {
        let inner = self.lock();
        Ok(inner.ledger.changes().iter().filter(|change| change.id == id).cloned().collect())
    }

    async fn changes(&self, after: Place, limit: u32) -> Result<Vec<(Place, Change)>, StoreError> {
        let inner = self.lock();
        let later = inner.ledger.changes().iter().filter(|change| change.number > after.number);
        let placed = later.map(|change| (Place::new(0, change.number), change.clone()));
        Ok(placed.take(limit as usize).collect())
    }

    async fn consumed(&self, consumer: &str) -> Result<Place, StoreError> {
        Ok(self.lock().consumers.get(consumer).copied().unwrap_or_default())
    }

    async fn consume(&self, consumer: &str, place: Place) -> Result<(), StoreError> {
        let mut inner = self.lock();
        let known = inner.consumers.entry(consumer.to_owned()).or_default();
        *known = place.max(*known);
        Ok(())
    }

    async fn due(&self, on: &[Route]) -> Result<Vec<Route>, StoreError> {
        let (inner, now) = (self.lock(), self.clock.unix());
        let is_due = |route: &&Route| {
            inner.ledger.messages().any(|record| {
                let on_it = match (&record.line, route) {
                    (Some(line), Route::Line(of)) => line == of,
                    (None, Route::Group(_)) => record.route == **route,
                    _ => false,
                };
                on_it && record.state == State::Ready && record.next_at <= now
            })
        };
        Ok(on.iter().filter(is_due).cloned().collect())
    }

    async fn arrival(&self) {
        self.arrival.notified().await;
    }

    async fn unchecked(&self, now: UnixMillis, limit: u32) -> Result<Vec<Record>, StoreError> {
        let inner = self.lock();
        let is_due = |record: &&Record| {
            record.state == State::Accepted && record.unchecked && record.next_at <= now
        };
        let mut due: Vec<Record> = inner.ledger.messages().filter(is_due).cloned().collect();
        due.sort_by_key(|record| record.seq);
        due.truncate(limit as usize);
        Ok(due)
    }

    async fn purge(&self, before: UnixMillis, limit: u32) -> Result<u64, StoreError> {
        let mut inner = self.lock();
        let seen = inner.consumers.values().min().copied();
        Ok(inner.ledger.purge(before, limit as usize, seen))
    }
}

#[derive(Default)]
struct Averages {
    delivered: Mean,
    read: Mean,
}

impl Averages {
    fn add(&mut self, record: &Record) {
        self.delivered.add(record.created_at, record.delivered_at);
        self.read.add(record.created_at, record.read_at);
    }
}

#[derive(Default)]
struct Mean {
    sum: u64,
    count: u64,
}

impl Mean {
    fn add(&mut self, from: UnixMillis, to: Option<UnixMillis>) {
        if let Some(to) = to {
            self.sum += u64::try_from(to.since(from).as_millis()).unwrap_or(u64::MAX);
            self.count += 1;
        }
    }

    fn mean(&self) -> Option<u64> {
        (self.count > 0).then(|| self.sum / self.count)
    }
}
