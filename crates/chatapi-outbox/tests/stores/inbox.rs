//! What inboxes in one database have to keep to when several connections work on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use chatapi_types::{InstanceId, UnixMillis};
use chatapi_webhook::{Claim, EventId, Inbox, Record, Vendor};

pub(crate) const fn at(seconds: i64) -> UnixMillis {
    UnixMillis::from_millis(1_600_000_000_000 + seconds * 1000)
}

pub(crate) fn record(line: &str, name: impl std::fmt::Display) -> Record {
    let payload = format!("the payload of {name}");
    Record::new(EventId::new(format!("{line}-{name}")), line, Vendor::ChatApi, at(0), payload)
}

pub(crate) fn claim(consumer: &str, now: i64) -> Claim {
    Claim::new(consumer, 1000, at(now), at(now + 10))
}

/// More than fit into one transaction are given out once more, each once, also while they are
/// acknowledged again.
pub(crate) async fn many_are_replayed_once<I: Inbox>(inbox: &I) {
    const MANY: u64 = 2500;
    inbox.insert((0..MANY).map(|name| record("1", name)).collect()).await.unwrap();
    let acknowledge_all = async |consumer: &str| {
        let mut given = 0;
        while given < MANY {
            let leased = inbox.lease(&claim(consumer, 0)).await.unwrap();
            given += leased.len() as u64;
            let acks = leased.iter().map(|leased| inbox.ack(&leased.record.id, leased.lease));
            for held in futures_util::future::join_all(acks).await {
                assert!(held.unwrap());
            }
        }
        given
    };
    assert_eq!(acknowledge_all("a").await, MANY);
    let (count, given) = tokio::join!(inbox.replay(at(0), None), acknowledge_all("a"));
    assert_eq!((count.unwrap(), given), (MANY, MANY));
    assert!(inbox.lease(&claim("a", 0)).await.unwrap().is_empty());
    // Of another line, or of later, there is nothing.
    assert_eq!(inbox.replay(at(0), Some(&"2".into())).await.unwrap(), 0);
    assert_eq!(inbox.replay(at(1), None).await.unwrap(), 0);
}

/// What comes at the same time over both, each ten times and in any order, is stored once; also what
/// is known by its earlier id only.
pub(crate) async fn repetitions_are_stored_once<I: Inbox + Clone + 'static>(here: &I, there: &I) {
    let mut random = fastrand::Rng::with_seed(5);
    let mut posts: Vec<Record> = Vec::new();
    for number in 0..40 {
        for time in 0..10 {
            let earlier = record("1", number).id;
            posts.push(match number % 2 == 0 && time > 4 {
                // The same event in the next stretch of ten minutes.
                true => record("1", format!("{number} later")).earlier(Some(earlier)),
                false => record("1", number),
            });
        }
    }
    // An id and its earlier one are one event as long as the earlier one is there first.
    here.insert((0..40).step_by(2).map(|number| record("1", number)).collect()).await.unwrap();
    random.shuffle(&mut posts);
    let tasks = posts.chunks(7).enumerate().map(|(index, post)| {
        let (inbox, post) =
            (if index % 2 == 0 { here.clone() } else { there.clone() }, post.to_vec());
        tokio::spawn(async move { inbox.insert(post).await.unwrap().stored() })
    });
    let mut stored = 20;
    for task in tasks.collect::<Vec<_>>() {
        stored += task.await.unwrap();
    }
    assert_eq!(stored, 40);
    let leased = there.lease(&claim("a", 0)).await.unwrap();
    let ids: BTreeSet<_> = leased.iter().map(|leased| leased.record.id.clone()).collect();
    assert_eq!((leased.len(), ids.len()), (40, 40));
    assert_eq!(here.counts(at(0)).await.unwrap().leased, 40);
}

/// Consumers over both, at once, until nothing is left: no line is ever with two.
pub(crate) async fn two_never_hold_a_line<I: Inbox + Clone + 'static>(here: &I, there: &I) {
    let lines = ["1", "2", "3", "4", "5"];
    let events = lines.iter().flat_map(|line| (0..24).map(move |name| record(line, name)));
    here.insert(events.collect()).await.unwrap();
    let holders: Arc<Mutex<BTreeMap<InstanceId, (usize, usize)>>> = Arc::default();
    let seen: Arc<Mutex<BTreeMap<InstanceId, Vec<EventId>>>> = Arc::default();
    let tasks = (0..6).map(|who| {
        let inbox = if who % 2 == 0 { here.clone() } else { there.clone() };
        let (holders, seen) = (holders.clone(), seen.clone());
        tokio::spawn(async move {
            let name = format!("consumer {who}");
            loop {
                let claim = Claim::new(&name, 3, at(0), at(10));
                let leased = inbox.lease(&claim).await.unwrap();
                for leased in &leased {
                    let line = leased.record.line.clone();
                    let mut holders = holders.lock().unwrap();
                    let holder = holders.entry(line.clone()).or_insert((who, 0));
                    assert_eq!(holder.0, who, "line {line} is with two");
                    holder.1 += 1;
                    seen.lock().unwrap().entry(line).or_default().push(leased.record.id.clone());
                }
                for leased in leased {
                    {
                        let mut holders = holders.lock().unwrap();
                        let holder = holders.get_mut(&leased.record.line).unwrap();
                        holder.1 -= 1;
                        if holder.1 == 0 {
                            holders.remove(&leased.record.line);
                        }
                    }
                    assert!(inbox.ack(&leased.record.id, leased.lease).await.unwrap());
                }
                let counts = inbox.counts(at(0)).await.unwrap();
                if counts.waiting + counts.leased == 0 {
                    break;
                }
                tokio::task::yield_now().await;
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    for line in lines {
        let expected: Vec<_> = (0..24).map(|name| record(line, name).id).collect();
        assert_eq!(seen.lock().unwrap()[&InstanceId::from(line)], expected, "each once, in order");
    }
}

/// A lease that ran out is either held for longer or given to another, never both.
pub(crate) async fn what_ran_out_is_held_by_one<I: Inbox>(here: &I, there: &I) {
    for round in 0..30 {
        let line = format!("line {round}");
        here.insert(vec![record(&line, 0), record(&line, 1)]).await.unwrap();
        let lines = Some(vec![InstanceId::from(line.as_str())]);
        let one = Claim::new("a", 1, at(0), at(10)).lines(lines.clone());
        let leased = here.lease(&one).await.unwrap().remove(0);
        let (id, lease) = (&leased.record.id, leased.lease);
        let late = claim("b", 20).lines(lines);
        let extend = async {
            if round % 2 == 0 {
                tokio::task::yield_now().await;
            }
            here.extend(id, lease, at(40)).await.unwrap()
        };
        let (extended, other) = tokio::join!(extend, there.lease(&late));
        let both = (extended, other.unwrap().len());
        assert!(both == (true, 0) || both == (false, 2), "extended, another has so many: {both:?}");
    }
}

/// A quota is kept, by forgetting what is acknowledged, the oldest first, and then by refusing.
pub(crate) async fn a_quota_is_kept(inbox: &impl Inbox) {
    let event = |name: usize, payload: usize| {
        let id = EventId::new(format!("event {name}"));
        let received = at(100 - i64::try_from(name).unwrap());
        Record::new(id, "1", Vendor::Wamm, received, vec![b'x'; payload])
    };
    // Room for 4 of 1000 bytes with what they take beside, and a bit.
    for name in 0..4 {
        inbox.insert(vec![event(name, 1000)]).await.unwrap();
    }
    let refused = inbox.insert(vec![event(4, 1000)]).await.unwrap_err();
    assert!(refused.is_full() && refused.retry_after().as_secs() == 30, "{refused}");
    let leased = inbox.lease(&claim("a", 101)).await.unwrap();
    for leased in &leased[1..3] {
        assert!(inbox.ack(&leased.record.id, leased.lease).await.unwrap());
    }
    // Larger than all that could be forgotten: nothing is.
    assert!(inbox.insert(vec![event(5, 4000)]).await.unwrap_err().is_full());
    assert_eq!(inbox.counts(at(101)).await.unwrap().acknowledged, 2);
    assert_eq!(inbox.insert(vec![event(4, 1000)]).await.unwrap().stored(), 1);
    let counts = inbox.counts(at(101)).await.unwrap();
    assert_eq!((counts.acknowledged, counts.waiting, counts.leased, counts.bytes), (1, 1, 2, 4000));
    // The one of the two that came first is gone: the second, by its time.
    assert_eq!(inbox.replay(at(0), None).await.unwrap(), 1);
    let again = inbox.lease(&claim("a", 102)).await.unwrap();
    assert_eq!(again[0].record.id, event(1, 0).id);
}
