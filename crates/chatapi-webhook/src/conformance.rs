//! What every [`Inbox`] must keep to, as checks that can be run against any of them.
//!
//! ```
//! use chatapi_webhook::{MemoryInbox, conformance};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), conformance::Failed> {
//! conformance::check(|| async { MemoryInbox::new() }).await
//! # }
//! ```

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use chatapi_types::{InstanceId, UnixMillis};
use futures_util::future::join_all;

use crate::{Claim, EventId, Inbox, InboxError, LeaseId, Leased, Origin, Record, Vendor};

/// The rules that an inbox broke, one line each: the rule and what happened instead.
#[derive(Default)]
pub struct Failed {
    broken: Vec<(&'static str, String)>,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these rules are broken:")?;
        for (rule, what) in &self.broken {
            write!(f, "\n- {rule}: {what}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Failed {}

type Outcome = Result<(), String>;

/// Breaks the rule off with what happened instead.
macro_rules! ensure {
    ($holds:expr, $($what:tt)+) => {
        if !$holds {
            return Err(format!($($what)+));
        }
    };
}

/// Checks an inbox. `empty` gives an empty one each time it is called; they must not share anything.
///
/// # Errors
///
/// [`Failed`] names every rule that is broken.
pub async fn check<I, F>(mut empty: impl FnMut() -> F) -> Result<(), Failed>
where
    I: Inbox,
    F: Future<Output = I>,
{
    let mut failed = Failed::default();
    macro_rules! rule {
        ($name:literal, $check:ident) => {
            let inbox = empty().await;
            if let Err(what) = $check(&inbox).await {
                failed.broken.push(($name, what));
            }
        };
    }
    rule!("what is inserted is given out, to the letter, in order", keeps_everything);
    rule!("what is kept already is not stored again", stores_once);
    rule!("an insertion is all or nothing and keeps the first of two", first_of_two);
    rule!("insertions at once store each event once", inserts_at_once);
    rule!("a lease holds until its time, and no longer", leases_run_out);
    rule!("only the last lease can acknowledge", only_the_last_lease);
    rule!("what is acknowledged is not given out again", done_is_done);
    rule!("what is released comes at its time", releases);
    rule!("what is extended comes later", extends);
    rule!("a line is with one consumer at a time", one_consumer_a_line);
    rule!("consumers at once get each event once", leases_at_once);
    rule!("a claim on lines gives these lines only, and no more than it asks for", claims);
    rule!("the mark is the greatest number acknowledged, and outlives its event", marks);
    rule!("replay gives out what was acknowledged, once", replays);
    rule!("only what is acknowledged and old is forgotten", forgets);
    rule!("counts tell what there is", counts);
    match failed.broken.is_empty() {
        true => Ok(()),
        false => Err(failed),
    }
}

const START: i64 = 1_600_000_000_000;

/// That many seconds after the beginning.
const fn at(seconds: i64) -> UnixMillis {
    UnixMillis::from_millis(START + seconds * 1000)
}

fn record(line: &str, name: &str, received: i64) -> Record {
    let payload = format!("{{\"name\": \"{name}\\u0000\u{1F600}\"}}");
    Record::new(
        EventId::new(format!("{line}-{name}")),
        line,
        Vendor::ChatApi,
        at(received),
        payload,
    )
}

fn records(line: &str, count: usize) -> Vec<Record> {
    (0..count).map(|name| record(line, &name.to_string(), 0)).collect()
}

async fn insert(inbox: &impl Inbox, events: Vec<Record>) -> Result<Vec<bool>, String> {
    inbox.insert(events).await.map(|inserted| inserted.new).map_err(told)
}

/// Leases for ten seconds.
async fn lease(inbox: &impl Inbox, who: &str, now: i64) -> Result<Vec<Leased>, String> {
    inbox.lease(&Claim::new(who, 1000, at(now), at(now + 10))).await.map_err(told)
}

/// As many as are expected.
async fn take(
    inbox: &impl Inbox,
    count: usize,
    who: &str,
    now: i64,
) -> Result<Vec<Leased>, String> {
    let leased = lease(inbox, who, now).await?;
    ensure!(leased.len() == count, "after {now} s {who} gets {:?}", names(&leased));
    Ok(leased)
}

async fn ack(inbox: &impl Inbox, leased: &Leased) -> Result<bool, String> {
    inbox.ack(&leased.record.id, leased.lease).await.map_err(told)
}

fn told(error: InboxError) -> String {
    error.to_string()
}

fn names(leased: &[Leased]) -> Vec<&str> {
    leased.iter().map(|leased| leased.record.id.as_str()).collect()
}

async fn keeps_everything(inbox: &impl Inbox) -> Outcome {
    let raw: Vec<u8> = (0..=255).collect();
    let odd = Record::new(EventId::new("odd"), "KR/ü", Vendor::Wamm, at(1), raw)
        .origin(Origin::Hint)
        .earlier(Some(EventId::new("odd before")));
    let numbered = record("1", "numbered", 2).number(Some(i64::MAX as u64)).origin(Origin::Gap);
    let empty = Record::new(EventId::new("empty"), "1", Vendor::ChatApi, at(0), "");
    let all = vec![odd, numbered, empty];
    insert(inbox, all.clone()).await?;
    let leased = lease(inbox, "a", 5).await?;
    ensure!(leased.len() == 3, "3 were inserted, {} came out", leased.len());
    for (leased, put) in leased.iter().zip(&all) {
        // What an event was also known as may be dropped once it is stored.
        let mut out = leased.record.clone();
        out.earlier.clone_from(&put.earlier);
        ensure!(out == *put, "{put:?} came out as {out:?}");
        ensure!(leased.attempt == 1, "the first time is counted as {}", leased.attempt);
        ensure!(leased.until == at(15), "leased until {} instead of {}", leased.until, at(15));
    }
    Ok(())
}

async fn stores_once(inbox: &impl Inbox) -> Outcome {
    let first = insert(inbox, vec![record("1", "a", 0)]).await?;
    ensure!(first == [true], "a new event is said to be {first:?}");
    let again = insert(inbox, vec![record("1", "a", 700_000), record("1", "b", 0)]).await?;
    ensure!(again == [false, true], "an old and a new event are said to be {again:?}");
    let late = record("1", "c", 0).earlier(Some(EventId::new("1-a")));
    let known = insert(inbox, vec![late]).await?;
    ensure!(known == [false], "an event known by its earlier id is said to be {known:?}");
    let leased = take(inbox, 2, "a", 700_001).await?;
    ensure!(names(&leased) == ["1-a", "1-b"], "then come {:?}", names(&leased));
    ensure!(ack(inbox, &leased[0]).await?, "a lease cannot acknowledge");
    let done = insert(inbox, vec![record("1", "a", 0)]).await?;
    ensure!(done == [false], "an acknowledged event is said to be {done:?}");
    let leased = lease(inbox, "a", 900_000).await?;
    ensure!(names(&leased) == ["1-b"], "after that comes {:?}", names(&leased));
    Ok(())
}

async fn first_of_two(inbox: &impl Inbox) -> Outcome {
    let mut second = record("1", "a", 1);
    second.payload = "second".into();
    let new = insert(inbox, vec![record("1", "a", 0), second, record("1", "b", 0)]).await?;
    ensure!(new == [true, false, true], "they are said to be {new:?}");
    let none = insert(inbox, Vec::new()).await?;
    ensure!(none.is_empty(), "nothing is said to be {none:?}");
    let leased = lease(inbox, "a", 0).await?;
    ensure!(leased.len() == 2 && leased[0].record == record("1", "a", 0), "{leased:?} comes out");
    Ok(())
}

async fn inserts_at_once(inbox: &impl Inbox) -> Outcome {
    let tasks = (0..16).map(|_| insert(inbox, records("1", 20)));
    let mut stored = 0;
    for new in join_all(tasks).await {
        stored += new?.iter().filter(|new| **new).count();
    }
    ensure!(stored == 20, "of 16 × the same 20 events {stored} are said to be new");
    let leased = lease(inbox, "a", 0).await?;
    ensure!(leased.len() == 20, "{} of 20 events come out", leased.len());
    Ok(())
}

async fn leases_run_out(inbox: &impl Inbox) -> Outcome {
    insert(inbox, records("1", 2)).await?;
    let first = lease(inbox, "a", 0).await?;
    for (who, now) in [("a", 0), ("b", 0), ("a", 9), ("b", 9)] {
        let early = lease(inbox, who, now).await?;
        ensure!(early.is_empty(), "{who} gets {:?} after {now} of 10 s", names(&early));
    }
    let second = lease(inbox, "b", 10).await?;
    ensure!(names(&second) == names(&first), "after 10 s come {:?}", names(&second));
    ensure!(second.iter().all(|leased| leased.attempt == 2), "attempts are not counted");
    Ok(())
}

async fn only_the_last_lease(inbox: &impl Inbox) -> Outcome {
    insert(inbox, records("1", 1)).await?;
    let first = take(inbox, 1, "a", 0).await?;
    let second = take(inbox, 1, "b", 10).await?;
    let (first, second) = (&first[0], &second[0]);
    ensure!(first.lease != second.lease, "two leases have one number");
    ensure!(!ack(inbox, first).await?, "a lease that ran out and was given anew acknowledges");
    let id = &first.record.id;
    let stale = inbox.release(id, first.lease, at(10)).await.map_err(told)?;
    ensure!(!stale, "a lease that ran out and was given anew releases");
    let stale = inbox.extend(id, first.lease, at(99)).await.map_err(told)?;
    ensure!(!stale, "a lease that ran out and was given anew extends");
    ensure!(ack(inbox, second).await?, "the last lease does not acknowledge");
    ensure!(!ack(inbox, second).await?, "an event is acknowledged twice");
    let nobody = inbox.ack(&EventId::new("none"), LeaseId::new(1)).await.map_err(told)?;
    ensure!(!nobody, "an event that does not exist is acknowledged");
    Ok(())
}

async fn done_is_done(inbox: &impl Inbox) -> Outcome {
    insert(inbox, records("1", 3)).await?;
    let leased = take(inbox, 3, "a", 0).await?;
    // A lease that ran out is good as long as nobody else has the event.
    let late = lease(inbox, "a", 5).await?;
    ensure!(late.is_empty(), "{:?} came twice", names(&late));
    ensure!(ack(inbox, &leased[1]).await?, "the lease does not acknowledge");
    let rest = lease(inbox, "a", 3_000_000).await?;
    ensure!(names(&rest) == ["1-0", "1-2"], "what comes again is {:?}", names(&rest));
    Ok(())
}

async fn releases(inbox: &impl Inbox) -> Outcome {
    insert(inbox, records("1", 1)).await?;
    let leased = take(inbox, 1, "a", 0).await?;
    let (id, held) = (&leased[0].record.id, leased[0].lease);
    let done = inbox.release(id, held, at(20)).await.map_err(told)?;
    ensure!(done, "the lease does not release");
    for now in [1, 10, 19] {
        let early = lease(inbox, "b", now).await?;
        ensure!(early.is_empty(), "it comes after {now} of 20 s");
    }
    ensure!(lease(inbox, "b", 20).await?.len() == 1, "it does not come after 20 s");
    Ok(())
}

async fn extends(inbox: &impl Inbox) -> Outcome {
    insert(inbox, records("1", 1)).await?;
    let leased = take(inbox, 1, "a", 0).await?;
    let (id, held) = (&leased[0].record.id, leased[0].lease);
    let done = inbox.extend(id, held, at(30)).await.map_err(told)?;
    ensure!(done, "the lease does not extend");
    ensure!(lease(inbox, "b", 29).await?.is_empty(), "it comes after 29 of 30 s");
    let shorter = inbox.extend(id, held, at(1)).await.map_err(told)?;
    ensure!(shorter, "the lease does not extend to an earlier time, which changes nothing");
    ensure!(lease(inbox, "b", 29).await?.is_empty(), "an extension made the lease shorter");
    ensure!(lease(inbox, "b", 30).await?.len() == 1, "it does not come after 30 s");
    Ok(())
}

async fn one_consumer_a_line(inbox: &impl Inbox) -> Outcome {
    insert(inbox, records("1", 1)).await?;
    let first = take(inbox, 1, "a", 0).await?;
    insert(inbox, [records("1", 2), records("2", 1)].concat()).await?;
    let other = lease(inbox, "b", 1).await?;
    ensure!(names(&other) == ["2-0"], "beside a, b gets {:?}", names(&other));
    let own = take(inbox, 1, "a", 2).await?;
    ensure!(names(&own) == ["1-1"], "a itself gets {:?}", names(&own));
    for leased in [&first[0], &own[0]] {
        ensure!(ack(inbox, leased).await?, "the lease does not acknowledge");
    }
    insert(inbox, records("1", 3)).await?;
    let free = lease(inbox, "b", 3).await?;
    ensure!(names(&free) == ["1-2"], "once a is done, b gets {:?}", names(&free));
    Ok(())
}

async fn leases_at_once(inbox: &impl Inbox) -> Outcome {
    let lines: Vec<_> = (0..4).flat_map(|line| records(&line.to_string(), 10)).collect();
    insert(inbox, lines).await?;
    let claims: Vec<_> =
        (0..8).map(|who| Claim::new(format!("consumer {who}"), 7, at(0), at(10))).collect();
    let mut seen = BTreeSet::new();
    let mut owners: Vec<(InstanceId, usize)> = Vec::new();
    for (who, leased) in
        join_all(claims.iter().map(|claim| inbox.lease(claim))).await.into_iter().enumerate()
    {
        for leased in leased.map_err(told)? {
            let id = leased.record.id.as_str().to_owned();
            ensure!(seen.insert(id.clone()), "{id} was leased twice");
            let line = leased.record.line;
            ensure!(
                owners.iter().all(|(taken, owner)| *taken != line || *owner == who),
                "line {line} went to two consumers"
            );
            owners.push((line, who));
        }
    }
    ensure!(!seen.is_empty(), "nobody got anything");
    Ok(())
}

async fn claims(inbox: &impl Inbox) -> Outcome {
    insert(inbox, [records("1", 3), records("2", 3), records("3", 3)].concat()).await?;
    let lines = Some(vec![InstanceId::from("3"), InstanceId::from("1")]);
    let claim = Claim::new("a", 4, at(0), at(10)).lines(lines);
    let leased = inbox.lease(&claim).await.map_err(told)?;
    ensure!(names(&leased) == ["1-0", "1-1", "1-2", "3-0"], "{:?} come", names(&leased));
    let none = Claim::new("a", 0, at(0), at(10));
    ensure!(inbox.lease(&none).await.map_err(told)?.is_empty(), "none were asked for, some come");
    Ok(())
}

async fn marks(inbox: &impl Inbox) -> Outcome {
    let line = InstanceId::from("1");
    ensure!(inbox.mark(&line).await.map_err(told)?.is_none(), "an empty inbox has a mark");
    let events = [7, 9, 8].map(|n| record("1", &n.to_string(), 0).number(Some(n)));
    insert(inbox, events.into()).await?;
    insert(inbox, vec![record("1", "none", 0), record("2", "x", 0).number(Some(99))]).await?;
    let leased = take(inbox, 5, "a", 0).await?;
    ensure!(inbox.mark(&line).await.map_err(told)?.is_none(), "a lease sets the mark");
    for (at, mark) in [(0, 7), (1, 9), (2, 9), (3, 9), (4, 9)] {
        ensure!(ack(inbox, &leased[at]).await?, "the lease does not acknowledge");
        let found = inbox.mark(&line).await.map_err(told)?;
        ensure!(found == Some(mark), "the mark is {found:?}, not {mark}");
    }
    inbox.forget(at(100)).await.map_err(told)?;
    let found = inbox.mark(&line).await.map_err(told)?;
    ensure!(found == Some(9), "once all is forgotten, the mark is {found:?}");
    Ok(())
}

async fn replays(inbox: &impl Inbox) -> Outcome {
    let events =
        [record("1", "a", 1), record("1", "b", 2), record("2", "c", 3), record("1", "d", 4)];
    insert(inbox, events.into()).await?;
    let leased = take(inbox, 4, "a", 5).await?;
    for leased in &leased[..3] {
        ensure!(ack(inbox, leased).await?, "the lease does not acknowledge");
    }
    let line = InstanceId::from("1");
    let count = inbox.replay(at(2), Some(&line)).await.map_err(told)?;
    ensure!(count == 1, "of line 1 since then, {count} were replayed instead of 1");
    let count = inbox.replay(at(2), None).await.map_err(told)?;
    ensure!(count == 1, "of all lines since then, {count} more were replayed instead of 1");
    let count = inbox.replay(at(2), None).await.map_err(told)?;
    ensure!(count == 0, "the same replay gave {count} more");
    let again = lease(inbox, "a", 6).await?;
    ensure!(names(&again) == ["1-b", "2-c"], "replayed are {:?}", names(&again));
    ensure!(again.iter().all(|leased| leased.attempt == 1), "a replay is counted as an attempt");
    let new = insert(inbox, vec![record("1", "b", 2)]).await?;
    ensure!(new == [false], "a replayed event can be inserted again");
    Ok(())
}

async fn forgets(inbox: &impl Inbox) -> Outcome {
    let events = [record("1", "old", 1), record("1", "open", 1), record("1", "young", 9)];
    insert(inbox, events.into()).await?;
    let leased = take(inbox, 3, "a", 10).await?;
    for at in [0, 2] {
        ensure!(ack(inbox, &leased[at]).await?, "the lease does not acknowledge");
    }
    let count = inbox.forget(at(9)).await.map_err(told)?;
    ensure!(count == 1, "{count} events were forgotten instead of 1");
    let events = [record("1", "old", 1), record("1", "open", 1), record("1", "young", 9)];
    let new = insert(inbox, events.into()).await?;
    ensure!(new == [true, false, false], "after that they are {new:?}");
    Ok(())
}

async fn counts(inbox: &impl Inbox) -> Outcome {
    let events = [record("1", "a", 3), record("1", "b", 1), record("2", "c", 2)];
    let bytes: usize = events.iter().map(|event| event.payload.len()).sum();
    insert(inbox, events.into()).await?;
    let now = Duration::from_secs(5);
    let counts = inbox.counts(at(5)).await.map_err(told)?;
    ensure!(counts.waiting == 3 && counts.leased == 0, "of 3 events: {counts:?} after {now:?}");
    ensure!(counts.oldest == Some(at(1)), "the oldest is said to be of {:?}", counts.oldest);
    ensure!(counts.bytes == bytes as u64, "{} bytes instead of {bytes}", counts.bytes);
    let leased = take(inbox, 3, "a", 5).await?;
    ensure!(ack(inbox, &leased[1]).await?, "the lease does not acknowledge");
    let counts = inbox.counts(at(6)).await.map_err(told)?;
    let told_so = (counts.waiting, counts.leased, counts.acknowledged);
    ensure!(told_so == (0, 2, 1), "2 leased and 1 acknowledged: {counts:?}");
    ensure!(counts.oldest == Some(at(2)), "the oldest is said to be of {:?}", counts.oldest);
    let counts = inbox.counts(at(15)).await.map_err(told)?;
    ensure!((counts.waiting, counts.leased) == (2, 0), "once leases ran out: {counts:?}");
    Ok(())
}
