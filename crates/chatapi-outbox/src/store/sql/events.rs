//! What is done about events, within one transaction.
//!
//! What comes or goes is done one after the other, and so is what is given out: whoever does it holds
//! a row of `outbox_event_tally` until his transaction ends. So the order of events is the order in
//! which they were committed, an event is found to be known even where its repetition is on its way
//! at the same time, and two consumers never get one line.

mod keeping;

use std::time::Duration;

use bytes::Bytes;
use chatapi_types::{InstanceId, UnixMillis};
use chatapi_webhook::{
    Claim, EventId, InboxCounts, InboxError, LeaseId, Leased, Origin, Record, Vendor,
};

use super::batch::Applied;
use super::{Argument, Engine, Fault, Kind};

/// Comes before every time: it may be given out at once.
const AT_ONCE: i64 = i64::MIN;
/// What an event takes beside its payload, roughly.
const OVERHEAD: u64 = 256;
/// After what time it is worth to try again when there is no room.
const FULL: Duration = Duration::from_secs(30);

/// Something to be done about events.
#[derive(Debug)]
pub(crate) enum Task {
    /// Stores them where there is room for that many bytes in all; which of them were new.
    Insert { events: Vec<Record>, quota: u64, new: Result<Vec<bool>, InboxError> },
    /// Gives some out.
    Lease { claim: Claim, leased: Vec<Leased> },
    /// One is done with.
    Ack { event: EventId, lease: LeaseId, held: bool },
    /// One is given back.
    Release { event: EventId, lease: LeaseId, at: UnixMillis, held: bool },
    /// One is held for longer.
    Extend { event: EventId, lease: LeaseId, until: UnixMillis, held: bool },
    /// What is acknowledged is to be given out once more, at most that many.
    Replay(Replay),
    /// What is acknowledged and came before then is deleted, at most that many.
    Forget { before: UnixMillis, at_most: u64, count: u64 },
}

/// A part of what is to be given out once more. Each part goes on where the one before ended, and
/// none takes what came after the first began: else what is acknowledged again meanwhile would come
/// yet again, and again.
#[derive(Debug)]
pub(crate) struct Replay {
    line: Option<InstanceId>,
    at_most: u64,
    /// Only what came after this one, in the order of these two.
    after: (UnixMillis, String),
    /// Up to this place, as soon as that is known.
    last_seq: Option<u64>,
    /// How many it was.
    pub(crate) count: u64,
}

impl Replay {
    /// The first part of all that came since then.
    pub(crate) const fn new(since: UnixMillis, line: Option<InstanceId>, at_most: u64) -> Self {
        // No id is empty.
        Self { line, at_most, after: (since, String::new()), last_seq: None, count: 0 }
    }
}

impl Task {
    const fn is_about_kept(&self) -> bool {
        matches!(self, Self::Insert { .. } | Self::Replay(_) | Self::Forget { .. })
    }

    const fn is_about_given(&self) -> bool {
        // Who holds for longer what ran out has the line again.
        matches!(self, Self::Lease { .. } | Self::Extend { .. })
    }
}

/// What is known about all events, while nobody else can change it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tally {
    last_seq: u64,
    last_lease: u64,
    events: u64,
    bytes: u64,
    /// Whether something was deleted.
    deleted: bool,
}

/// Does everything, in that order.
pub(crate) async fn apply<E: Engine>(
    connection: &mut E::Connection,
    tasks: &mut [&mut Task],
    applied: &mut Applied,
) -> Result<(), Fault> {
    let is_about_kept = tasks.iter().any(|task| task.is_about_kept());
    let is_about_given = tasks.iter().any(|task| task.is_about_given());
    // Before anything else and in one order everywhere, so that nobody waits for somebody who waits
    // for him.
    let mut tally = Tally::default();
    if is_about_given || is_about_kept {
        let names = match (is_about_given, is_about_kept) {
            (true, true) => "'given', 'kept'",
            (true, false) => "'given'",
            (false, _) => "'kept'",
        };
        let text = format!(
            "SELECT name, number, events, bytes{} FROM outbox_event_tally WHERE name IN ({names}) \
             ORDER BY name{}",
            E::NOT_FOR_LONG,
            E::FOR_UPDATE
        );
        let kinds = &[Kind::Text, Kind::Int, Kind::Int, Kind::Int];
        for mut row in E::fetch(connection, text, Vec::new(), kinds).await? {
            match row.text()?.as_str() {
                "given" => tally.last_lease = row.number()?,
                _ => {
                    tally.last_seq = row.number()?;
                    (tally.events, tally.bytes) = (row.number()?, row.number()?);
                }
            }
        }
    }
    let before = tally.clone();
    for task in tasks {
        applied.arrived.events |= run::<E>(connection, task, &mut tally).await?;
    }
    applied.deleted |= tally.deleted;
    let text = "UPDATE outbox_event_tally SET number = $2, events = $3, bytes = $4 WHERE name = $1";
    let Tally { last_seq, last_lease, events, bytes, .. } = tally;
    if last_lease != before.last_lease {
        let given = vec!["given".into(), last_lease.into(), 0_i64.into(), 0_i64.into()];
        E::fetch(connection, text.to_owned(), given, &[]).await?;
    }
    if (last_seq, events, bytes) != (before.last_seq, before.events, before.bytes) {
        let kept = vec!["kept".into(), last_seq.into(), events.into(), bytes.into()];
        E::fetch(connection, text.to_owned(), kept, &[]).await?;
    }
    Ok(())
}

/// Gives back whether there is something new to be given out.
async fn run<E: Engine>(
    connection: &mut E::Connection,
    task: &mut Task,
    tally: &mut Tally,
) -> Result<bool, Fault> {
    match task {
        Task::Insert { events, quota, new } => {
            *new = keeping::insert::<E>(connection, events, *quota, tally).await?;
            return Ok(new.as_ref().is_ok_and(|new| new.contains(&true)));
        }
        Task::Lease { claim, leased } => {
            *leased = lease::<E>(connection, claim, tally).await?;
        }
        Task::Ack { event, lease, held } => {
            *held = ack::<E>(connection, event, *lease).await?;
        }
        Task::Release { event, lease, at, held } => {
            let change = "consumer = NULL, due_at = $3";
            *held = change_held::<E>(connection, (change, ""), event, *lease, *at).await?;
        }
        Task::Extend { event, lease, until, held } => {
            let change = "due_at = CASE WHEN due_at < $3 THEN $3 ELSE due_at END";
            let change = (change, " AND consumer IS NOT NULL");
            *held = change_held::<E>(connection, change, event, *lease, *until).await?;
        }
        Task::Replay(replay) => {
            keeping::replay::<E>(connection, replay, tally).await?;
            return Ok(replay.count > 0);
        }
        Task::Forget { before, at_most, count } => {
            *count = keeping::forget::<E>(connection, *before, *at_most, tally).await?;
        }
    }
    Ok(false)
}

/// What may be given out, with the claim's arguments.
fn due(claim: &Claim, list: fn(Kind, usize) -> String) -> (String, Vec<Argument>) {
    let mut text = "done = 0 AND due_at <= $1 AND line NOT IN (SELECT line FROM outbox_event \
                    WHERE consumer IS NOT NULL AND consumer <> $2 AND due_at > $1)"
        .to_owned();
    let mut arguments = vec![claim.now.into(), claim.consumer.as_str().into()];
    if let Some(lines) = &claim.lines {
        arguments.push(Argument::texts(lines.iter().map(InstanceId::as_str)));
        text.push_str(&format!(" AND line {}", list(Kind::Text, arguments.len())));
    }
    (text, arguments)
}

/// Whether there is anything to be given out.
pub(crate) async fn is_any_due<E: Engine>(
    connection: &mut E::Connection,
    claim: &Claim,
) -> Result<bool, Fault> {
    let (due, arguments) = due(claim, E::list);
    let text = format!("SELECT seq FROM outbox_event WHERE {due} ORDER BY seq LIMIT 1");
    Ok(!E::fetch(connection, text, arguments, &[Kind::Int]).await?.is_empty())
}

/// Finds what is to be given out.
pub(crate) fn to_lease<E: Engine>(claim: &Claim) -> (String, Vec<Argument>) {
    let (due, mut arguments) = due(claim, E::list);
    arguments.push(i64::try_from(claim.limit).unwrap_or(i64::MAX).into());
    let text = format!(
        "SELECT id, line, vendor, origin, number, received_at, attempts, payload FROM outbox_event \
         WHERE {due} ORDER BY seq LIMIT ${}{}",
        arguments.len(),
        E::FOR_UPDATE_OF_OTHERS
    );
    (text, arguments)
}

async fn lease<E: Engine>(
    connection: &mut E::Connection,
    claim: &Claim,
    tally: &mut Tally,
) -> Result<Vec<Leased>, Fault> {
    let (text, arguments) = to_lease::<E>(claim);
    let kinds = &[
        Kind::Text,
        Kind::Text,
        Kind::Text,
        Kind::Text,
        Kind::Int,
        Kind::Int,
        Kind::Int,
        Kind::Bytes,
    ];
    let found = E::fetch(connection, text, arguments, kinds).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    tally.last_lease += 1;
    let lease = LeaseId::new(tally.last_lease);
    let mut leased = Vec::with_capacity(found.len());
    for mut row in found {
        let (id, line) = (EventId::new(row.text()?), row.text()?);
        let vendor = row.word(Vendor::from_word)?;
        let origin = row.word(Origin::from_word)?;
        let number = row.maybe_int()?.map(i64::cast_unsigned);
        let (received, attempts) = (row.time()?, row.number::<u32>()?);
        let payload = Bytes::from(row.maybe_bytes()?.ok_or(Fault::Damaged("a payload"))?);
        let record = Record::new(id, line, vendor, received, payload).origin(origin).number(number);
        leased.push(Leased::new(record, lease, claim.until, attempts.saturating_add(1)));
    }
    let ids = Argument::texts(leased.iter().map(|leased| leased.record.id.as_str()));
    let text = format!(
        "UPDATE outbox_event SET consumer = $1, lease = $2, due_at = $3, attempts = attempts + 1 \
         WHERE id {}",
        E::list(Kind::Text, 4)
    );
    let arguments =
        vec![claim.consumer.as_str().into(), lease.number().into(), claim.until.into(), ids];
    E::fetch(connection, text, arguments, &[]).await?;
    Ok(leased)
}

async fn ack<E: Engine>(
    connection: &mut E::Connection,
    event: &EventId,
    lease: LeaseId,
) -> Result<bool, Fault> {
    let text = "UPDATE outbox_event SET done = 1, consumer = NULL \
                WHERE id = $1 AND lease = $2 AND done = 0 RETURNING line, number";
    let arguments = vec![event.as_str().into(), lease.number().into()];
    let kinds = &[Kind::Text, Kind::Int];
    let mut found = E::fetch(connection, text.to_owned(), arguments, kinds).await?;
    let Some(row) = found.first_mut() else { return Ok(false) };
    let (line, number) = (row.text()?, row.maybe_int()?);
    if let Some(number) = number {
        let text = "INSERT INTO outbox_event_mark (line, number) VALUES ($1, $2) \
                    ON CONFLICT (line) DO UPDATE SET number = excluded.number \
                    WHERE outbox_event_mark.number < excluded.number";
        let arguments = vec![line.as_str().into(), number.into()];
        E::fetch(connection, text.to_owned(), arguments, &[]).await?;
    }
    Ok(true)
}

/// Changes an event if that lease is the last one that was given on it; whether it is.
async fn change_held<E: Engine>(
    connection: &mut E::Connection,
    (change, condition): (&str, &str),
    event: &EventId,
    lease: LeaseId,
    time: UnixMillis,
) -> Result<bool, Fault> {
    let text = format!(
        "UPDATE outbox_event SET {change} WHERE id = $1 AND lease = $2 AND done = 0{condition} \
         RETURNING id"
    );
    let arguments = vec![event.as_str().into(), lease.number().into(), time.into()];
    Ok(!E::fetch(connection, text, arguments, &[]).await?.is_empty())
}

pub(crate) async fn mark<E: Engine>(
    connection: &mut E::Connection,
    line: &InstanceId,
) -> Result<Option<u64>, Fault> {
    let text = "SELECT number FROM outbox_event_mark WHERE line = $1".to_owned();
    let found = E::fetch(connection, text, vec![line.as_str().into()], &[Kind::Int]).await?;
    found.into_iter().next().map(|mut row| row.number()).transpose()
}

pub(crate) async fn counts<E: Engine>(
    connection: &mut E::Connection,
    now: UnixMillis,
) -> Result<InboxCounts, Fault> {
    let text = "SELECT events, bytes FROM outbox_event_tally WHERE name = 'kept'".to_owned();
    let mut kept = E::fetch(connection, text, Vec::new(), &[Kind::Int; 2]).await?;
    let kept = kept.first_mut().ok_or(Fault::Damaged("what is kept"))?;
    let (events, bytes): (u64, u64) = (kept.number()?, kept.number()?);
    let text = "SELECT count(*), count(CASE WHEN consumer IS NOT NULL AND due_at > $1 THEN 1 END), \
                min(received_at) FROM outbox_event WHERE done = 0";
    let mut open = E::fetch(connection, text.to_owned(), vec![now.into()], &[Kind::Int; 3]).await?;
    let open = open.first_mut().ok_or(Fault::Damaged("what is open"))?;
    let (count, leased): (u64, u64) = (open.number()?, open.number()?);
    let mut counts = InboxCounts::default();
    counts.waiting = count.saturating_sub(leased);
    counts.leased = leased;
    counts.acknowledged = events.saturating_sub(count);
    counts.bytes = bytes;
    counts.oldest = open.maybe_time()?;
    Ok(counts)
}
