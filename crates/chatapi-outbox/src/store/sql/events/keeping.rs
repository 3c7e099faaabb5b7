//! What comes and what goes.

use std::collections::HashSet;

use chatapi_types::UnixMillis;
use chatapi_webhook::{InboxError, Record};

use super::{AT_ONCE, FULL, OVERHEAD, Replay, Tally};
use crate::store::sql::rows::{self, Column};
use crate::store::sql::{Argument, Engine, Fault, Kind, Value, save};

const COLUMNS: [Column; 12] = [
    ("id", Kind::Text),
    ("seq", Kind::Int),
    ("line", Kind::Text),
    ("vendor", Kind::Text),
    ("origin", Kind::Text),
    ("number", Kind::Int),
    ("received_at", Kind::Int),
    ("size", Kind::Int),
    ("done", Kind::Int),
    ("due_at", Kind::Int),
    ("attempts", Kind::Int),
    ("payload", Kind::Bytes),
];
const KINDS: [Kind; 12] = rows::kinds(COLUMNS);

/// Stores what is not known, if there is room for all of it.
pub(super) async fn insert<E: Engine>(
    connection: &mut E::Connection,
    events: &[Record],
    quota: u64,
    tally: &mut Tally,
) -> Result<Result<Vec<bool>, InboxError>, Fault> {
    let ids = events.iter().flat_map(|event| [Some(&event.id), event.earlier.as_ref()]);
    let ids = Argument::texts(ids.flatten().map(|id| id.as_str()));
    let text = format!("SELECT id FROM outbox_event WHERE id {}", E::list(Kind::Text, 1));
    let mut known = HashSet::new();
    for mut row in E::fetch(connection, text, vec![ids], &[Kind::Text]).await? {
        known.insert(row.text()?);
    }
    let mut new = Vec::with_capacity(events.len());
    let mut fresh = Vec::new();
    for event in events {
        let earlier = event.earlier.as_ref();
        let is_known = known.contains(event.id.as_str())
            || earlier.is_some_and(|id| known.contains(id.as_str()));
        new.push(!is_known);
        if !is_known {
            known.insert(event.id.as_str().to_owned());
            fresh.push(event);
        }
    }
    if fresh.is_empty() {
        return Ok(Ok(new));
    }
    let bytes = fresh.iter().map(|event| event.payload.len() as u64).sum::<u64>();
    let asked = bytes + OVERHEAD * fresh.len() as u64;
    if !make_room::<E>(connection, asked, quota, tally).await? {
        return Ok(Err(InboxError::full(FULL)));
    }
    let first = tally.last_seq + 1;
    let numbered = fresh.iter().zip(first..).map(|(event, seq)| row(event, seq)).collect();
    save::insert::<E>(connection, "outbox_event", &COLUMNS, &KINDS, numbered, "").await?;
    tally.last_seq += fresh.len() as u64;
    tally.events += fresh.len() as u64;
    tally.bytes += bytes;
    Ok(Ok(new))
}

fn row(event: &Record, seq: u64) -> Vec<Value> {
    vec![
        event.id.as_str().into(),
        seq.into(),
        event.line.as_str().into(),
        event.vendor.as_str().into(),
        event.origin.as_str().into(),
        Value::Int(event.number.map(u64::cast_signed)),
        event.received.into(),
        (event.payload.len() as u64).into(),
        false.into(),
        AT_ONCE.into(),
        0_i64.into(),
        event.payload.to_vec().into(),
    ]
}

/// Deletes what is acknowledged, the oldest first, until there is room; whether there is. Where there
/// is none, nothing is deleted.
async fn make_room<E: Engine>(
    connection: &mut E::Connection,
    asked: u64,
    quota: u64,
    tally: &mut Tally,
) -> Result<bool, Fault> {
    let taken = tally.bytes.saturating_add(OVERHEAD.saturating_mul(tally.events));
    let over = taken.saturating_add(asked).saturating_sub(quota);
    if over == 0 {
        return Ok(true);
    }
    // Each frees so much at least, so these are enough, or all are not.
    let enough = over.div_ceil(OVERHEAD);
    let text = "SELECT id, size FROM outbox_event WHERE done = 1 ORDER BY received_at LIMIT $1";
    let kinds = &[Kind::Text, Kind::Int];
    let found = E::fetch(connection, text.to_owned(), vec![enough.into()], kinds).await?;
    let (mut ids, mut bytes) = (Vec::new(), 0);
    for mut row in found {
        if bytes + OVERHEAD * ids.len() as u64 >= over {
            break;
        }
        ids.push(row.text()?);
        bytes += row.number::<u64>()?;
    }
    if bytes + OVERHEAD * (ids.len() as u64) < over {
        return Ok(false);
    }
    let text = format!("DELETE FROM outbox_event WHERE id {}", E::list(Kind::Text, 1));
    let list = Argument::texts(ids.iter().map(String::as_str));
    E::fetch(connection, text, vec![list], &[]).await?;
    tally.deleted = true;
    tally.events = tally.events.saturating_sub(ids.len() as u64);
    tally.bytes = tally.bytes.saturating_sub(bytes);
    Ok(true)
}

/// Gives the next part out once more.
pub(super) async fn replay<E: Engine>(
    connection: &mut E::Connection,
    replay: &mut Replay,
    tally: &Tally,
) -> Result<(), Fault> {
    let last_seq = *replay.last_seq.get_or_insert(tally.last_seq);
    let (since, id) = &replay.after;
    let mut text = "SELECT received_at, id FROM outbox_event WHERE done = 1 AND received_at >= $1 \
                    AND (received_at > $1 OR id > $2) AND seq <= $3"
        .to_owned();
    let mut arguments: Vec<Argument> =
        vec![(*since).into(), id.as_str().into(), last_seq.into(), replay.at_most.into()];
    if let Some(line) = &replay.line {
        text.push_str(" AND line = $5");
        arguments.push(line.as_str().into());
    }
    text.push_str(" ORDER BY received_at, id LIMIT $4");
    let mut found = Vec::new();
    for mut row in E::fetch(connection, text, arguments, &[Kind::Int, Kind::Text]).await? {
        found.push((row.time()?, row.text()?));
    }
    let ids = Argument::texts(found.iter().map(|(_, id)| id.as_str()));
    let text = format!(
        "UPDATE outbox_event SET done = 0, lease = NULL, due_at = $2, attempts = 0 \
         WHERE id {}",
        E::list(Kind::Text, 1)
    );
    E::fetch(connection, text, vec![ids, AT_ONCE.into()], &[]).await?;
    replay.count = found.len() as u64;
    if let Some(last) = found.pop() {
        replay.after = last;
    }
    Ok(())
}

/// How many are gone.
pub(super) async fn forget<E: Engine>(
    connection: &mut E::Connection,
    before: UnixMillis,
    at_most: u64,
    tally: &mut Tally,
) -> Result<u64, Fault> {
    let text = "DELETE FROM outbox_event WHERE id IN (SELECT id FROM outbox_event \
                WHERE done = 1 AND received_at < $1 ORDER BY received_at LIMIT $2) RETURNING size";
    let arguments = vec![before.into(), at_most.into()];
    let mut count = 0;
    for mut row in E::fetch(connection, text.to_owned(), arguments, &[Kind::Int]).await? {
        count += 1;
        tally.bytes = tally.bytes.saturating_sub(row.number()?);
    }
    tally.deleted |= count > 0;
    tally.events = tally.events.saturating_sub(count);
    Ok(count)
}
