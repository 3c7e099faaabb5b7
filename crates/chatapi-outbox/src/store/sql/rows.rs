//! Rows, and what they stand for.

use chatapi_client::line::Cursor;
use chatapi_types::{ChatId, MessageId, UnixMillis};

use super::{Fault, Kind, Row, Value};
use crate::machine::Look;
use crate::record::{Attempt, Cleared, Doubt, LineName, OutboxId, Record, Route, Watch, Wipe};
use crate::store::ledger::next_to_tend;
use crate::store::{Change, HealthNote, Lease, Line, Orphan, Tally, What};
use crate::{OnDoubt, State};

/// A column's name and what stands in it.
pub(super) type Column = (&'static str, Kind);

/// What never changes about a message.
const FIXED: [Column; 8] = [
    ("seq", Kind::Int),
    ("id", Kind::Bytes),
    ("namespace", Kind::Text),
    ("key", Kind::Text),
    ("label", Kind::Text),
    ("created_at", Kind::Int),
    ("priority", Kind::Int),
    ("on_doubt", Kind::Text),
];
/// What seldom changes.
const SELDOM: [Column; 14] = [
    ("content_hash", Kind::Bytes),
    ("chat", Kind::Text),
    ("route_line", Kind::Text),
    ("route_group", Kind::Text),
    ("order_key", Kind::Text),
    ("expires_at", Kind::Int),
    ("look", Kind::Bytes),
    ("is_file", Kind::Int),
    ("watch_at", Kind::Int),
    ("watch_line", Kind::Text),
    ("watch_group", Kind::Text),
    ("cleared", Kind::Text),
    ("wipe", Kind::Text),
    ("wiped", Kind::Int),
];
/// What changes from state to state.
const OFTEN: [Column; 19] = [
    ("line", Kind::Text),
    ("state", Kind::Text),
    ("next_at", Kind::Int),
    ("doubt_since", Kind::Int),
    ("doubt_settled_at", Kind::Int),
    ("doubt_absent_at", Kind::Int),
    ("doubt_reason", Kind::Text),
    ("vendor_id", Kind::Text),
    ("queue_number", Kind::Int),
    ("at_vendor_since", Kind::Int),
    ("sent_at", Kind::Int),
    ("delivered_at", Kind::Int),
    ("read_at", Kind::Int),
    ("last_error", Kind::Text),
    ("unchecked", Kind::Int),
    // What follows is derived from the rest, for indexes.
    ("settled", Kind::Int),
    ("unsure", Kind::Int),
    ("tend_at", Kind::Int),
    ("moved_in", Kind::Int),
];

pub(super) const MESSAGE: [Column; 41] = {
    let mut all = [("", Kind::Int); 41];
    let mut index = 0;
    while index < 41 {
        all[index] = match index {
            0..8 => FIXED[index],
            8..22 => SELDOM[index - 8],
            _ => OFTEN[index - 22],
        };
        index += 1;
    }
    all
};
pub(super) const MESSAGE_KINDS: [Kind; 41] = kinds(MESSAGE);
/// What is written of one that only went from state to state.
pub(super) const MOVED: [Column; 20] = {
    let mut all = [FIXED[0]; 20];
    let mut index = 0;
    while index < 19 {
        all[index + 1] = OFTEN[index];
        index += 1;
    }
    all
};
pub(super) const MOVED_KINDS: [Kind; 20] = kinds(MOVED);
/// What is written of one of which more has changed.
pub(super) const REWRITTEN: [Column; 34] = {
    let mut all = [FIXED[0]; 34];
    let mut index = 1;
    while index < 34 {
        all[index] = MESSAGE[index + 7];
        index += 1;
    }
    all
};
pub(super) const REWRITTEN_KINDS: [Kind; 34] = kinds(REWRITTEN);

pub(super) const ATTEMPT: [Column; 9] = [
    ("message", Kind::Int),
    ("number", Kind::Int),
    ("line", Kind::Text),
    ("epoch", Kind::Int),
    ("intent_at", Kind::Int),
    ("deadline_at", Kind::Int),
    ("before", Kind::Text),
    ("vendor_id", Kind::Text),
    ("outcome", Kind::Text),
];
pub(super) const ATTEMPT_KINDS: [Kind; 9] = kinds(ATTEMPT);

pub(super) const LINE: [Column; 16] = [
    ("name", Kind::Text),
    ("line_group", Kind::Text),
    ("epoch", Kind::Int),
    ("lease_owner", Kind::Text),
    ("lease_until", Kind::Int),
    ("free_at", Kind::Int),
    ("cursor", Kind::Text),
    ("health_at", Kind::Int),
    ("health_can_send", Kind::Int),
    ("health_state", Kind::Text),
    ("health_advice", Kind::Text),
    ("trouble_at", Kind::Int),
    ("added_at", Kind::Int),
    ("tally_day", Kind::Int),
    ("tally_sent", Kind::Int),
    ("tally_strangers", Kind::Int),
];
pub(super) const LINE_KINDS: [Kind; 16] = kinds(LINE);

pub(super) const CHANGE: [Column; 6] = [
    ("message", Kind::Bytes),
    ("at", Kind::Int),
    ("what", Kind::Text),
    ("from_state", Kind::Text),
    ("to_state", Kind::Text),
    ("cause", Kind::Text),
];
pub(super) const CHANGE_KINDS: [Kind; 6] = kinds(CHANGE);

pub(super) const ORPHAN: [Column; 4] =
    [("line", Kind::Text), ("vendor_id", Kind::Text), ("ack", Kind::Text), ("at", Kind::Int)];
pub(super) const ORPHAN_KINDS: [Kind; 4] = kinds(ORPHAN);

pub(super) const fn kinds<const N: usize>(columns: [Column; N]) -> [Kind; N] {
    let mut all = [Kind::Int; N];
    let mut index = 0;
    while index < N {
        all[index] = columns[index].1;
        index += 1;
    }
    all
}

pub(super) fn names(columns: &[Column]) -> String {
    super::joined(columns.iter().map(|(name, _)| format!("\"{name}\"")))
}

/// The columns of `table`.
pub(super) fn names_of(table: &str, columns: &[Column]) -> String {
    super::joined(columns.iter().map(|(name, _)| format!("{table}.\"{name}\"")))
}

pub(super) fn id_bytes(id: OutboxId) -> Vec<u8> {
    id.as_u128().to_be_bytes().to_vec()
}

pub(super) fn id_of(row: &mut Row) -> Result<OutboxId, Fault> {
    Ok(OutboxId::from_u128(u128::from_be_bytes(row.bytes()?)))
}

fn split(route: &Route) -> (Option<&str>, Option<&str>) {
    match route {
        Route::Line(line) => (Some(line.as_str()), None),
        Route::Group(group) => (None, Some(group)),
    }
}

fn route_of(row: &mut Row) -> Result<Option<Route>, Fault> {
    let (line, group) = (row.maybe_text()?, row.maybe_text()?);
    Ok(line
        .map(|line| Route::Line(LineName::new(line)))
        .or_else(|| group.map(|group| Route::Group(group.into()))))
}

/// Whether something of a message has changed that seldom changes.
pub(super) fn is_rewritten(old: &Record, new: &Record) -> bool {
    old.content_hash != new.content_hash
        || old.chat != new.chat
        || old.route != new.route
        || old.order_key != new.order_key
        || old.expires_at != new.expires_at
        || old.look != new.look
        || old.is_file != new.is_file
        || old.watch != new.watch
        || old.cleared != new.cleared
        || old.wipe != new.wipe
        || old.wiped != new.wiped
}

/// The columns of [`MOVED`].
pub(super) fn moved(record: &Record, transaction: i64) -> Vec<Value> {
    let mut row = Vec::with_capacity(MOVED.len());
    row.push(record.seq.into());
    often(record, transaction, &mut row);
    row
}

/// The columns of [`REWRITTEN`].
pub(super) fn rewritten(record: &Record, transaction: i64) -> Vec<Value> {
    let mut row = Vec::with_capacity(REWRITTEN.len());
    row.push(record.seq.into());
    seldom(record, &mut row);
    often(record, transaction, &mut row);
    row
}

/// The columns of [`MESSAGE`].
pub(super) fn whole(record: &Record, transaction: i64) -> Vec<Value> {
    let mut row = Vec::with_capacity(MESSAGE.len());
    row.extend([
        record.seq.into(),
        id_bytes(record.id).into(),
        record.namespace.as_str().into(),
        record.key.as_str().into(),
        record.label.as_deref().into(),
        record.created_at.into(),
        i64::from(record.priority).into(),
        record.on_doubt.map(OnDoubt::as_str).into(),
    ]);
    seldom(record, &mut row);
    often(record, transaction, &mut row);
    row
}

fn seldom(record: &Record, row: &mut Vec<Value>) {
    let (route_line, route_group) = split(&record.route);
    let watch = record.watch.as_ref();
    let (watch_line, watch_group) =
        watch.and_then(|watch| watch.reroute.as_ref()).map(split).unwrap_or_default();
    row.extend([
        record.content_hash.map(|hash| hash.to_vec()).into(),
        record.chat.as_str().into(),
        route_line.into(),
        route_group.into(),
        record.order_key.as_deref().into(),
        record.expires_at.into(),
        record.look.to_bytes().to_vec().into(),
        record.is_file.into(),
        watch.map(|watch| watch.at).into(),
        watch_line.into(),
        watch_group.into(),
        record.cleared.map(Cleared::as_str).into(),
        record.wipe.as_str().into(),
        record.wiped.into(),
    ]);
}

fn often(record: &Record, transaction: i64, row: &mut Vec<Value>) {
    let doubt = record.doubt.as_ref();
    let nameless = record.state == State::AtVendor && record.vendor_id.is_none();
    let unsure = nameless || matches!(record.state, State::Sending | State::InDoubt);
    row.extend([
        record.line.as_ref().map(LineName::as_str).into(),
        record.state.as_str().into(),
        record.next_at.into(),
        doubt.map(|doubt| doubt.since).into(),
        doubt.map(|doubt| doubt.settled_at).into(),
        doubt.and_then(|doubt| doubt.absent_at).into(),
        doubt.map(|doubt| doubt.reason.as_str()).into(),
        record.vendor_id.as_ref().map(MessageId::as_str).into(),
        Value::Int(record.queue_number.map(u64::cast_signed)),
        record.at_vendor_since.into(),
        record.sent_at.into(),
        record.delivered_at.into(),
        record.read_at.into(),
        record.last_error.as_deref().into(),
        record.unchecked.into(),
        record.state.is_settled().into(),
        unsure.into(),
        next_to_tend(record).into(),
        transaction.into(),
    ]);
}

/// A message without its attempts, and the transaction that changed it last.
pub(super) fn record_of(row: &mut Row) -> Result<(Record, i64), Fault> {
    let seq = row.int()?.cast_unsigned();
    let id = id_of(row)?;
    let (namespace, key, label) = (row.text()?, row.text()?, row.maybe_text()?);
    let (created_at, priority) = (row.time()?, row.number()?);
    let on_doubt =
        row.maybe_word(|word| OnDoubt::ALL.into_iter().find(|of| of.as_str() == word))?;
    let content_hash = match row.maybe_bytes()? {
        None => None,
        Some(hash) => Some(hash.try_into().map_err(|_| Fault::Damaged("a hash of 32 bytes"))?),
    };
    let chat = ChatId::new(row.text()?);
    let route = route_of(row)?.ok_or(Fault::Damaged("a line or a group to go through"))?;
    let (order_key, expires_at) = (row.maybe_text()?, row.maybe_time()?);
    let (look, is_file) = (Look::from_bytes(row.bytes()?), row.flag()?);
    let watch_at = row.maybe_time()?;
    let reroute = route_of(row)?;
    let watch = watch_at.map(|at| Watch::new(at, reroute));
    let cleared = row.maybe_word(|word| Cleared::ALL.into_iter().find(|of| of.as_str() == word))?;
    let wipe = row.word(|word| Wipe::ALL.into_iter().find(|wipe| wipe.as_str() == word))?;
    let wiped = row.flag()?;
    let line = row.maybe_text()?.map(LineName::new);
    let state = row.word(|word| word.parse().ok())?;
    let next_at = row.time()?;
    let (since, settled_at) = (row.maybe_time()?, row.maybe_time()?);
    let (absent_at, reason) = (row.maybe_time()?, row.maybe_text()?);
    let doubt = since.zip(settled_at).map(|(since, settled_at)| Doubt {
        since,
        settled_at,
        absent_at,
        reason: reason.unwrap_or_default(),
    });
    let record = Record {
        id,
        seq,
        namespace,
        key,
        content_hash,
        label,
        created_at,
        chat,
        route,
        line,
        order_key,
        priority,
        state,
        next_at,
        expires_at,
        look,
        is_file,
        attempts: Vec::new(),
        doubt,
        vendor_id: row.maybe_text()?.map(MessageId::new),
        queue_number: row.maybe_int()?.map(i64::cast_unsigned),
        at_vendor_since: row.maybe_time()?,
        sent_at: row.maybe_time()?,
        delivered_at: row.maybe_time()?,
        read_at: row.maybe_time()?,
        last_error: row.maybe_text()?,
        on_doubt,
        unchecked: row.flag()?,
        watch,
        cleared,
        wipe,
        wiped,
    };
    let (_settled, _unsure, _tend_at) = (row.int()?, row.int()?, row.maybe_int()?);
    Ok((record, row.int()?))
}

pub(super) fn attempt(message: u64, attempt: &Attempt) -> Vec<Value> {
    vec![
        message.into(),
        i64::from(attempt.number).into(),
        attempt.line.as_str().into(),
        attempt.epoch.into(),
        attempt.intent_at.into(),
        attempt.deadline_at.into(),
        attempt.before.as_ref().map(Cursor::as_str).into(),
        attempt.vendor_id.as_ref().map(MessageId::as_str).into(),
        attempt.outcome.as_deref().into(),
    ]
}

/// An attempt, and of which message.
pub(super) fn attempt_of(row: &mut Row) -> Result<(u64, Attempt), Fault> {
    let message = row.int()?.cast_unsigned();
    let attempt = Attempt {
        number: row.number()?,
        line: LineName::new(row.text()?),
        epoch: row.int()?.cast_unsigned(),
        intent_at: row.time()?,
        deadline_at: row.time()?,
        before: row.maybe_text()?.map(Cursor::new),
        vendor_id: row.maybe_text()?.map(MessageId::new),
        outcome: row.maybe_text()?,
    };
    Ok((message, attempt))
}

pub(super) fn line(name: &LineName, line: &Line) -> Vec<Value> {
    let (lease, health) = (line.lease.as_ref(), line.health.as_ref());
    vec![
        name.as_str().into(),
        line.group.as_deref().into(),
        line.epoch.into(),
        lease.map(|lease| lease.owner.as_str()).into(),
        lease.map(|lease| lease.until).into(),
        line.free_at.into(),
        line.cursor.as_ref().map(Cursor::as_str).into(),
        health.map(|health| health.at).into(),
        Value::Int(health.map(|health| i64::from(health.can_send))),
        health.map(|health| health.state.as_str()).into(),
        health.and_then(|health| health.advice.as_deref()).into(),
        line.trouble_at.into(),
        line.added_at.into(),
        line.tally.day.into(),
        i64::from(line.tally.sent).into(),
        i64::from(line.tally.strangers).into(),
    ]
}

pub(super) fn line_of(row: &mut Row) -> Result<(LineName, Line), Fault> {
    let name = LineName::new(row.text()?);
    let group = row.maybe_text()?.map(Into::into);
    let epoch = row.int()?.cast_unsigned();
    let lease = row.maybe_text()?.zip(row.maybe_time()?);
    let (free_at, cursor) = (row.time()?, row.maybe_text()?.map(Cursor::new));
    let health_at: Option<UnixMillis> = row.maybe_time()?;
    let can_send = row.maybe_int()?.is_some_and(|can| can != 0);
    let (state, advice) = (row.maybe_text()?.unwrap_or_default(), row.maybe_text()?);
    let line = Line {
        group,
        epoch,
        lease: lease.map(|(owner, until)| Lease { owner, until }),
        free_at,
        cursor,
        health: health_at.map(|at| HealthNote::new(at, can_send, state).advice(advice)),
        trouble_at: row.maybe_time()?,
        added_at: row.maybe_time()?,
        tally: Tally { day: row.int()?, sent: row.number()?, strangers: row.number()? },
    };
    Ok((name, line))
}

pub(super) fn change(change: &Change) -> Vec<Value> {
    vec![
        id_bytes(change.id).into(),
        change.at.into(),
        change.what.as_str().into(),
        change.from.map(State::as_str).into(),
        change.to.as_str().into(),
        change.cause.as_str().into(),
    ]
}

/// A change, after its number.
pub(super) fn change_of(number: u64, row: &mut Row) -> Result<Change, Fault> {
    Ok(Change {
        number,
        id: id_of(row)?,
        at: row.time()?,
        what: row.word(|word| What::ALL.into_iter().find(|what| what.as_str() == word))?,
        from: row.maybe_word(|word| word.parse().ok())?,
        to: row.word(|word| word.parse().ok())?,
        cause: row.text()?,
    })
}

pub(super) fn orphan(orphan: &Orphan) -> Vec<Value> {
    vec![
        orphan.line.as_str().into(),
        orphan.vendor_id.as_str().into(),
        serde_json::to_string(&orphan.ack).unwrap_or_default().as_str().into(),
        orphan.at.into(),
    ]
}

pub(super) fn orphan_of(row: &mut Row) -> Result<Orphan, Fault> {
    Ok(Orphan {
        line: LineName::new(row.text()?),
        vendor_id: MessageId::new(row.text()?),
        ack: row.word(|json| serde_json::from_str(json).ok())?,
        at: row.time()?,
    })
}
