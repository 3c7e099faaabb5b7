//! The same things done with a store and with the model.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;

use chatapi_transport::Clock as _;

use super::steps::{Past, Step, figures, ruled};
use super::{Failed, TestClock};
use crate::State;
use crate::record::Record;
use crate::store::{Filter, MemoryStore, Place, Store, StoreError, Tables as _};

/// How many messages there are at most, so that they meet each other.
const CROWD: usize = 60;
/// How often everything is compared, and not only what changed.
const WHOLE: u32 = 8;

/// How often a feed is asked until it has everything.
const PATIENCE: u32 = 5000;

pub(super) async fn compare<S: Store>(
    store: &S,
    clock: &Arc<TestClock>,
    seed: u64,
    steps: u32,
) -> Result<BTreeMap<State, usize>, Failed> {
    let model = MemoryStore::new(clock.clone());
    let mut past = Past::new(seed);
    let mut feeds = Feeds::default();
    let mut last = VecDeque::new();
    let mut messages = 0;
    for number in 0..steps {
        let step = past.next(clock.unix(), messages > CROWD);
        last.push_back(format!("{number}: {step:?}"));
        if last.len() > 12 {
            last.pop_front();
        }
        let failed = |what: String| {
            let mut told = format!("seed {seed}, step {number}: {what}\nDone last:\n");
            for line in &last {
                // Writing into a string does not fail.
                let _written = writeln!(told, "  {line}");
            }
            Failed::new(told)
        };
        if let Step::Pass(time) = step {
            clock.advance(time);
            continue;
        }
        let theirs =
            perform(store, &step, None, &feeds).await.map_err(|e| failed(e.to_string()))?;
        let ours = perform(&model, &step, Some(&mut past), &feeds);
        let ours = ours.await.map_err(|error| failed(error.to_string()))?;
        same("the answer differs", &theirs, &ours).map_err(failed)?;
        feeds.follow(store, &model).await.map_err(failed)?;
        if number % WHOLE == 0 || number + 1 == steps {
            let deep = number % (8 * WHOLE) == 0 || number + 1 == steps;
            messages = whole(store, &model, deep).await.map_err(failed)?;
        }
    }
    Ok(feeds.reached)
}

fn same(what: &str, theirs: &str, ours: &str) -> Result<(), String> {
    match theirs == ours {
        true => Ok(()),
        false => Err(format!("{what}:\n  it says  {theirs}\n  it must  {ours}")),
    }
}

/// Where a feed was read last: in the store, and in the model.
#[derive(Debug, Default)]
struct Feeds {
    store: Place,
    model: Place,
    reached: BTreeMap<State, usize>,
}

impl Feeds {
    /// The same must have happened to the same messages, in the same order.
    async fn follow<S: Store>(&mut self, store: &S, model: &MemoryStore) -> Result<(), String> {
        let told = |error: StoreError| error.to_string();
        let ours = model.changes(self.model, 10_000).await.map_err(told)?;
        let mut theirs = store.changes(self.store, 10_000).await.map_err(told)?;
        for _ in 0..PATIENCE {
            // While others write to the same database the feed may lag.
            if theirs.len() >= ours.len() {
                break;
            }
            tokio::task::yield_now().await;
            theirs = store.changes(self.store, 10_000).await.map_err(told)?;
        }
        let shown = |changes: &[(Place, crate::store::Change)]| {
            let changes = changes.iter().map(|(_, change)| {
                let mut change = change.clone();
                change.number = 0;
                change
            });
            format!("{:?}", changes.collect::<Vec<_>>())
        };
        same("what happened differs", &shown(&theirs), &shown(&ours))?;
        for (_, change) in &ours {
            if change.from != Some(change.to) {
                *self.reached.entry(change.to).or_default() += 1;
            }
        }
        self.store = theirs.last().map_or(self.store, |(place, _)| *place);
        self.model = ours.last().map_or(self.model, |(place, _)| *place);
        Ok(())
    }
}

/// Everything that is stored; contents and histories only when it is to go deep. Gives back how many
/// messages there are.
async fn whole<S: Store>(store: &S, model: &MemoryStore, deep: bool) -> Result<usize, String> {
    let told = |error: StoreError| error.to_string();
    let all = Filter::all().limit(100_000);
    let theirs = store.find(&all).await.map_err(told)?;
    let ours = model.find(&all).await.map_err(told)?;
    let count = ours.len();
    let ids: Vec<_> = ours.iter().map(|record| record.id).collect();
    let (theirs, ours) = (ranked(theirs), ranked(ours));
    for (theirs, ours) in theirs.iter().zip(&ours) {
        same("a message differs", &format!("{theirs:?}"), &format!("{ours:?}"))?;
    }
    same("the messages differ", &theirs.len().to_string(), &ours.len().to_string())?;
    for id in ids.into_iter().filter(|_| deep) {
        let (theirs, ours) = (store.content(id).await, model.content(id).await);
        let (theirs, ours) = (theirs.map_err(told)?, ours.map_err(told)?);
        if theirs != ours {
            return Err(format!("the content of {id} differs: {theirs:?} instead of {ours:?}"));
        }
        let (theirs, ours) = (store.history(id).await, model.history(id).await);
        let shown = |history: Vec<crate::store::Change>| {
            let told = history.iter().map(|change| (change.at, change.what, change.to));
            format!("{:?}", told.collect::<Vec<_>>())
        };
        let (theirs, ours) = (theirs.map_err(told)?, ours.map_err(told)?);
        same("a history differs", &shown(theirs), &shown(ours))?;
    }
    let (theirs, ours) = (store.lines().await, model.lines().await);
    let (theirs, ours) = (theirs.map_err(told)?, ours.map_err(told)?);
    same("the lines differ", &format!("{theirs:?}"), &format!("{ours:?}"))?;
    Ok(count)
}

/// Messages with their rank in place of the number by which they came: a store may leave some out.
fn ranked(mut records: Vec<Record>) -> Vec<Record> {
    let numbers: BTreeMap<u64, u64> = {
        let mut numbers: Vec<u64> = records.iter().map(|record| record.seq).collect();
        numbers.sort_unstable();
        (1..).zip(numbers).map(|(rank, number)| (number, rank)).collect()
    };
    for record in &mut records {
        record.seq = numbers.get(&record.seq).copied().unwrap_or_default();
    }
    records
}

/// Does it, and tells what was answered. The past learns from the model.
async fn perform<S: Store>(
    store: &S,
    step: &Step,
    past: Option<&mut Past>,
    feeds: &Feeds,
) -> Result<String, StoreError> {
    let figures = figures();
    let shown = match step.clone() {
        Step::Pass(_) => String::new(),
        Step::AddLine(line, group) => told(store.add_line(&line, group).await)?,
        Step::Enqueue(batch) => {
            let ids = batch.iter().map(|(id, _)| *id).collect::<Vec<_>>();
            let enqueued = store.enqueue(batch).await?;
            if let Some(past) = past {
                past.ids.extend(ids);
            }
            format!("{enqueued:?}")
        }
        Step::Acquire(line, owner) => {
            let grant = store.acquire(&line, &owner, &figures).await?;
            let shown = format!("{grant:?}");
            if let Some((past, grant)) = past.zip(grant) {
                past.granted(grant);
            }
            shown
        }
        Step::Renew(grant) => told(store.renew(&grant, &figures).await)?,
        Step::Release(grant) => told(store.release(&grant).await)?,
        Step::Intend(intend) => {
            let figures = ruled(figures, intend.grant.epoch);
            let intended = store.intend(&intend, &figures).await;
            if let (Some(past), Ok(intended)) = (past, &intended) {
                past.intended(intend.grant.clone(), intended);
            }
            told(intended)?
        }
        Step::GiveBack(grant, intent) => told(store.give_back(&grant, &intent).await)?,
        Step::Settle(grant, intent, verdict) => {
            told(store.settle(&grant, &intent, &verdict, &figures).await)?
        }
        Step::Turn(intent, verdict, intend) => {
            let figures = ruled(figures, intend.grant.epoch);
            let turned = store.turn(&intend, &intent, &verdict, &figures).await;
            let next = turned.as_ref().ok().and_then(|turned| turned.next.as_ref());
            if let Some((past, intended)) = past.zip(next) {
                past.intended(intend.grant.clone(), intended);
            }
            told(turned)?
        }
        Step::Resolve(grant, id, resolution) => told(store.resolve(&grant, id, &resolution).await)?,
        Step::Lost(grant, id) => told(store.lost(&grant, id, &figures).await)?,
        Step::Clear(line, what) => told(store.clear(&line, what).await)?,
        Step::Doubts(line) => unnumbered(store.doubts(&line).await?),
        Step::Overdue(line) => unnumbered(store.overdue(&line, &figures).await?),
        Step::Claimed(line, ids) => told(store.claimed(&line, &ids).await)?,
        Step::Ack(line, id, number, ack) => told(store.ack(&line, &id, number, &ack).await)?,
        Step::Seen(line, sightings) => told(store.seen(&line, &sightings).await)?,
        Step::NoteCursor(grant, cursor) => told(store.note_cursor(&grant, &cursor).await)?,
        Step::NoteHealth(grant, note) => told(store.note_health(&grant, &note).await)?,
        Step::Tend => told(store.tend(10_000).await)?,
        Step::Cancel(id) => told(store.cancel(id).await)?,
        Step::Edit(id, content, look, is_file) => {
            told(store.edit(id, content, look, is_file).await)?
        }
        Step::Review(id, review) => told(store.review(id, review, "anna").await)?,
        Step::Checked(id, checked) => told(store.checked(id, checked).await)?,
        Step::Forget(chat) => told(store.forget(&chat).await)?,
        Step::Due(routes) => told(store.due(&routes).await)?,
        Step::Unchecked => {
            let now = store.now().await?;
            unnumbered(store.unchecked(now, 5).await?)
        }
        Step::ByKey(namespace, key) => {
            unnumbered(store.by_key(&namespace, &key).await?.into_iter().collect())
        }
        Step::Find(filter) => unnumbered(store.find(&filter).await?),
        Step::Counts(period) => told(store.counts(&period).await)?,
        Step::Consume(consumer) => {
            let place = if past.is_some() { feeds.model } else { feeds.store };
            store.consume(&consumer, place).await?;
            // It never goes back.
            store.consume(&consumer, Place::default()).await?;
            format!("{}", store.consumed(&consumer).await? == place)
        }
        Step::Purge(before) => told(store.purge(before, 10_000).await)?,
    };
    Ok(shown)
}

/// An answer; that somebody was fenced off is one, too.
fn told<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> Result<String, StoreError> {
    match answer {
        Ok(answer) => Ok(format!("{answer:?}")),
        Err(error) if error.is_fenced() => Ok("fenced".to_owned()),
        Err(error) => Err(error),
    }
}

fn unnumbered(mut records: Vec<Record>) -> String {
    for record in &mut records {
        record.seq = 0;
    }
    format!("{records:?}")
}
