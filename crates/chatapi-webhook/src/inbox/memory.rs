//! An inbox that forgets with the process.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chatapi_types::{InstanceId, UnixMillis};
use tokio::sync::Notify;

use super::{Claim, Inbox, InboxCounts, InboxError, Inserted, LeaseId, Leased};
use crate::{EventId, Record};

/// What an event takes beside its payload, roughly.
const OVERHEAD: u64 = 256;

/// An inbox in memory, for tests and for applications that may lose events when they stop. Cheap to
/// clone; clones are the same inbox.
///
/// It is the one inbox of which "durably" in [`Inbox::insert`] is not true: what it holds dies with
/// the process, and the vendor has been told that all is well. The outbox has inboxes that last.
#[derive(Clone)]
pub struct MemoryInbox {
    quota: u64,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    arrival: Notify,
}

#[derive(Default)]
struct State {
    /// By order of insertion.
    kept: BTreeMap<u64, Kept>,
    places: HashMap<EventId, u64>,
    marks: HashMap<InstanceId, u64>,
    inserted: u64,
    leases: u64,
    bytes: u64,
}

struct Kept {
    record: Record,
    state: Rest,
    attempts: u32,
}

enum Rest {
    Waiting { from: UnixMillis, last: Option<LeaseId> },
    Leased { lease: LeaseId, consumer: Box<str>, until: UnixMillis },
    Acknowledged,
}

impl MemoryInbox {
    /// An empty inbox with room for 64 MiB.
    #[must_use]
    pub fn new() -> Self {
        let shared = Shared { state: Mutex::default(), arrival: Notify::new() };
        Self { quota: 64 * 1024 * 1024, shared: Arc::new(shared) }
    }

    /// Gives it room for this many bytes of payload, 256 bytes counted for the rest of each event.
    /// Where room is short, acknowledged events are forgotten before their time, the oldest first;
    /// what is not acknowledged never is.
    #[must_use]
    pub const fn quota(mut self, bytes: u64) -> Self {
        self.quota = bytes;
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryInbox {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// Forgets acknowledged events until there is room; whether there is.
    fn make_room(&mut self, bytes: u64, quota: u64) -> bool {
        let over = self.bytes.saturating_add(bytes).saturating_sub(quota);
        let mut freed = 0;
        let mut places = Vec::new();
        let done = self.kept.iter().filter(|(_, kept)| matches!(kept.state, Rest::Acknowledged));
        for (place, kept) in done {
            if freed >= over {
                break;
            }
            freed += size(&kept.record);
            places.push(*place);
        }
        if freed < over {
            return false;
        }
        for kept in places.iter().filter_map(|place| self.kept.remove(place)) {
            self.places.remove(&kept.record.id);
        }
        self.bytes -= freed;
        true
    }

    /// The event, if that lease is the last one that was given on it.
    fn held(&mut self, event: &EventId, lease: LeaseId) -> Option<&mut Kept> {
        let kept = self.kept.get_mut(self.places.get(event)?)?;
        let last = match &kept.state {
            Rest::Leased { lease, .. } => Some(*lease),
            Rest::Waiting { last, .. } => *last,
            Rest::Acknowledged => None,
        };
        (last == Some(lease)).then_some(kept)
    }
}

#[async_trait]
impl Inbox for MemoryInbox {
    async fn insert(&self, events: Vec<Record>) -> Result<Inserted, InboxError> {
        let mut state = self.state();
        let mut fresh: Vec<Record> = Vec::new();
        let mut known: HashSet<EventId> = HashSet::new();
        let mut new = Vec::with_capacity(events.len());
        for record in events {
            let is_kept = [Some(&record.id), record.earlier.as_ref()]
                .into_iter()
                .flatten()
                .any(|id| state.places.contains_key(id) || known.contains(id));
            new.push(!is_kept);
            if !is_kept {
                known.insert(record.id.clone());
                fresh.push(record);
            }
        }
        let bytes: u64 = fresh.iter().map(size).sum();
        if !fresh.is_empty() && !state.make_room(bytes, self.quota) {
            return Err(InboxError::full(Duration::from_secs(30)));
        }
        state.bytes += bytes;
        let arrived = !fresh.is_empty();
        for record in fresh {
            state.inserted += 1;
            let place = state.inserted;
            state.places.insert(record.id.clone(), place);
            let rest = Rest::Waiting { from: record.received, last: None };
            state.kept.insert(place, Kept { record, state: rest, attempts: 0 });
        }
        drop(state);
        if arrived {
            self.shared.arrival.notify_waiters();
        }
        Ok(Inserted::new(new))
    }

    async fn lease(&self, claim: &Claim) -> Result<Vec<Leased>, InboxError> {
        let mut guard = self.state();
        let state = &mut *guard;
        let taken: Vec<InstanceId> = state
            .kept
            .values()
            .filter(|kept| match &kept.state {
                Rest::Leased { consumer, until, .. } => {
                    **consumer != *claim.consumer && *until > claim.now
                }
                _ => false,
            })
            .map(|kept| kept.record.line.clone())
            .collect();
        let mut leased = Vec::new();
        for kept in state.kept.values_mut() {
            if leased.len() == claim.limit {
                break;
            }
            let is_due = match &kept.state {
                Rest::Waiting { from, last } => last.is_none() || *from <= claim.now,
                Rest::Leased { until, .. } => *until <= claim.now,
                Rest::Acknowledged => false,
            };
            let line = &kept.record.line;
            let is_wanted = claim.lines.as_ref().is_none_or(|lines| lines.contains(line));
            if !is_due || !is_wanted || taken.contains(line) {
                continue;
            }
            state.leases += 1;
            kept.attempts = kept.attempts.saturating_add(1);
            let lease = LeaseId::new(state.leases);
            let consumer = claim.consumer.as_str().into();
            kept.state = Rest::Leased { lease, consumer, until: claim.until };
            leased.push(Leased::new(kept.record.clone(), lease, claim.until, kept.attempts));
        }
        Ok(leased)
    }

    async fn ack(&self, event: &EventId, lease: LeaseId) -> Result<bool, InboxError> {
        let mut state = self.state();
        let Some(kept) = state.held(event, lease) else { return Ok(false) };
        kept.state = Rest::Acknowledged;
        if let Some(number) = kept.record.number {
            let line = kept.record.line.clone();
            let mark = state.marks.entry(line).or_default();
            *mark = number.max(*mark);
        }
        Ok(true)
    }

    async fn release(
        &self,
        event: &EventId,
        lease: LeaseId,
        at: UnixMillis,
    ) -> Result<bool, InboxError> {
        let mut state = self.state();
        let Some(kept) = state.held(event, lease) else { return Ok(false) };
        kept.state = Rest::Waiting { from: at, last: Some(lease) };
        Ok(true)
    }

    async fn extend(
        &self,
        event: &EventId,
        lease: LeaseId,
        later: UnixMillis,
    ) -> Result<bool, InboxError> {
        match self.state().held(event, lease).map(|kept| &mut kept.state) {
            Some(Rest::Leased { until, .. }) => {
                *until = later.max(*until);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn mark(&self, line: &InstanceId) -> Result<Option<u64>, InboxError> {
        Ok(self.state().marks.get(line).copied())
    }

    async fn replay(
        &self,
        since: UnixMillis,
        line: Option<&InstanceId>,
    ) -> Result<u64, InboxError> {
        let mut count = 0;
        for kept in self.state().kept.values_mut() {
            let is_wanted = line.is_none_or(|line| kept.record.line == *line);
            let is_done = matches!(kept.state, Rest::Acknowledged);
            if is_done && is_wanted && kept.record.received >= since {
                kept.state = Rest::Waiting { from: since, last: None };
                kept.attempts = 0;
                count += 1;
            }
        }
        self.shared.arrival.notify_waiters();
        Ok(count)
    }

    async fn forget(&self, before: UnixMillis) -> Result<u64, InboxError> {
        let mut guard = self.state();
        let state = &mut *guard;
        let mut count = 0;
        state.kept.retain(|_, kept| {
            let is_done = matches!(kept.state, Rest::Acknowledged);
            if is_done && kept.record.received < before {
                state.places.remove(&kept.record.id);
                state.bytes -= size(&kept.record);
                count += 1;
                return false;
            }
            true
        });
        Ok(count)
    }

    async fn counts(&self, now: UnixMillis) -> Result<InboxCounts, InboxError> {
        let state = self.state();
        let mut counts = InboxCounts::default();
        for kept in state.kept.values() {
            match &kept.state {
                Rest::Acknowledged => counts.acknowledged += 1,
                Rest::Leased { until, .. } if *until > now => counts.leased += 1,
                _ => counts.waiting += 1,
            }
            counts.bytes += kept.record.payload.len() as u64;
            if !matches!(kept.state, Rest::Acknowledged) {
                let received = kept.record.received;
                counts.oldest = Some(counts.oldest.map_or(received, |oldest| oldest.min(received)));
            }
        }
        Ok(counts)
    }

    async fn arrival(&self) {
        self.shared.arrival.notified().await;
    }
}

const fn size(record: &Record) -> u64 {
    record.payload.len() as u64 + OVERHEAD
}

impl fmt::Debug for MemoryInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("MemoryInbox")
            .field("events", &state.kept.len())
            .field("bytes", &state.bytes)
            .field("quota", &self.quota)
            .finish()
    }
}
