//! The inbox in memory keeps the rules, and the rules can be broken.

use std::time::Duration;

use async_trait::async_trait;
use chatapi_types::{InstanceId, UnixMillis};
use chatapi_webhook::{
    Claim, EventId, Inbox, InboxCounts, InboxError, Inserted, LeaseId, Leased, MemoryInbox, Record,
    Vendor, conformance,
};

#[tokio::test]
async fn the_inbox_in_memory_keeps_all_rules() {
    conformance::check(|| async { MemoryInbox::new() }).await.unwrap();
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Stores,
    Forgetful,
    ManyConsumers,
    AnyLease,
    EndlessLease,
    ShortLease,
    NoMark,
    ReplaysAll,
    Order,
    IgnoresLines,
    Counts,
}

/// An inbox with one fault.
#[derive(Debug)]
struct Faulty {
    fault: Fault,
    inner: MemoryInbox,
}

#[async_trait]
impl Inbox for Faulty {
    async fn insert(&self, mut events: Vec<Record>) -> Result<Inserted, InboxError> {
        match self.fault {
            Fault::Stores => {
                for event in &mut events {
                    event.earlier = None;
                }
            }
            Fault::Forgetful if events.len() > 1 => {
                events.pop();
                let mut inserted = self.inner.insert(events).await?;
                inserted.new.push(true);
                return Ok(inserted);
            }
            _ => {}
        }
        self.inner.insert(events).await
    }

    async fn lease(&self, claim: &Claim) -> Result<Vec<Leased>, InboxError> {
        let mut claim = claim.clone();
        match self.fault {
            Fault::ManyConsumers => claim.consumer = "all".into(),
            Fault::EndlessLease => claim.until = UnixMillis::from_millis(i64::MAX),
            Fault::ShortLease => claim.until = claim.now.plus(Duration::from_secs(1)),
            Fault::IgnoresLines => claim.lines = None,
            _ => {}
        }
        let mut leased = self.inner.lease(&claim).await?;
        if self.fault == Fault::Order {
            leased.reverse();
        }
        Ok(leased)
    }

    async fn ack(&self, event: &EventId, lease: LeaseId) -> Result<bool, InboxError> {
        let done = self.inner.ack(event, lease).await?;
        Ok(done || self.fault == Fault::AnyLease)
    }

    async fn release(
        &self,
        event: &EventId,
        lease: LeaseId,
        at: UnixMillis,
    ) -> Result<bool, InboxError> {
        self.inner.release(event, lease, at).await
    }

    async fn extend(
        &self,
        event: &EventId,
        lease: LeaseId,
        until: UnixMillis,
    ) -> Result<bool, InboxError> {
        self.inner.extend(event, lease, until).await
    }

    async fn mark(&self, line: &InstanceId) -> Result<Option<u64>, InboxError> {
        if self.fault == Fault::NoMark { Ok(None) } else { self.inner.mark(line).await }
    }

    async fn replay(
        &self,
        since: UnixMillis,
        line: Option<&InstanceId>,
    ) -> Result<u64, InboxError> {
        let all = UnixMillis::from_millis(0);
        self.inner.replay(if self.fault == Fault::ReplaysAll { all } else { since }, line).await
    }

    async fn forget(&self, before: UnixMillis) -> Result<u64, InboxError> {
        self.inner.forget(before).await
    }

    async fn counts(&self, now: UnixMillis) -> Result<InboxCounts, InboxError> {
        let mut counts = self.inner.counts(now).await?;
        if self.fault == Fault::Counts {
            counts.oldest = None;
        }
        Ok(counts)
    }
}

#[tokio::test]
async fn every_fault_of_an_inbox_is_found() {
    for (fault, rule) in [
        (Fault::Stores, "what is kept already is not stored again"),
        (Fault::Forgetful, "what is inserted is given out"),
        (Fault::ManyConsumers, "a line is with one consumer at a time"),
        (Fault::AnyLease, "only the last lease can acknowledge"),
        (Fault::EndlessLease, "a lease holds until its time, and no longer"),
        (Fault::ShortLease, "a lease holds until its time, and no longer"),
        (Fault::NoMark, "the mark is the greatest number acknowledged"),
        (Fault::ReplaysAll, "replay gives out what was acknowledged"),
        (Fault::Order, "in order"),
        (Fault::IgnoresLines, "a claim on lines gives these lines only"),
        (Fault::Counts, "counts tell what there is"),
    ] {
        let faulty = || async move { Faulty { fault, inner: MemoryInbox::new() } };
        let failed = conformance::check(faulty).await.unwrap_err().to_string();
        assert!(failed.contains(rule), "{fault:?}: {failed}");
    }
}

fn record(name: &str, bytes: usize) -> Record {
    let payload = vec![b'x'; bytes];
    Record::new(EventId::new(name), "1", Vendor::ChatApi, UnixMillis::from_millis(0), payload)
}

#[tokio::test]
async fn room_is_made_of_what_is_done_and_of_nothing_else() {
    let inbox = MemoryInbox::new().quota(2_000);
    inbox.insert(vec![record("a", 400), record("b", 400)]).await.unwrap();
    let full = inbox.insert(vec![record("c", 800)]).await.unwrap_err();
    assert!(full.is_full());
    assert_eq!(full.retry_after(), Duration::from_secs(30));
    // A repetition needs no room.
    assert_eq!(inbox.insert(vec![record("b", 400)]).await.unwrap().repeated(), 1);

    let now = UnixMillis::from_millis(0);
    let until = now.plus(Duration::from_secs(60));
    let leased = inbox.lease(&Claim::new("me", 1, now, until)).await.unwrap();
    assert!(inbox.ack(&leased[0].record.id, leased[0].lease).await.unwrap());
    assert_eq!(inbox.insert(vec![record("c", 800)]).await.unwrap().stored(), 1);
    let counts = inbox.counts(now).await.unwrap();
    assert_eq!((counts.waiting, counts.acknowledged, counts.bytes), (2, 0, 1_200));
    assert!(inbox.insert(vec![record("d", 800)]).await.unwrap_err().is_full());
}
