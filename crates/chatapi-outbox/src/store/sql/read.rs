//! Reading what is stored.

use std::collections::BTreeSet;

use bytes::Bytes;
use chatapi_types::UnixMillis;

use super::load::messages;
use super::rows::{self, CHANGE, LINE, LINE_KINDS};
use super::{Argument, Engine, Fault, Kind, Value};
use crate::record::{LineName, OutboxId, Record, Route};
use crate::store::{Blob, Change, Content, Count, Filter, Line, Period, Place};

pub(super) async fn content<E: Engine>(
    connection: &mut E::Connection,
    id: OutboxId,
) -> Result<Option<Content>, Fault> {
    let text = "SELECT c.body, c.blob, b.bytes FROM outbox_message AS m \
                JOIN outbox_content AS c ON c.message = m.seq LEFT JOIN outbox_blob AS b ON b.digest = c.blob \
                WHERE m.id = $1";
    let kinds = &[Kind::Text, Kind::Bytes, Kind::Bytes];
    let id = vec![rows::id_bytes(id).into()];
    let mut found = E::fetch(connection, text.to_owned(), id, kinds).await?;
    let Some(row) = found.first_mut() else { return Ok(None) };
    let (body, digest, bytes) = (row.text()?, row.maybe_bytes()?, row.maybe_bytes()?);
    let blob = match digest.zip(bytes) {
        None => None,
        Some((digest, bytes)) => Some(Blob {
            digest: digest.try_into().map_err(|_| Fault::Damaged("a digest of 32 bytes"))?,
            bytes: Bytes::from(bytes),
        }),
    };
    Ok(Some(Content { body, blob }))
}

/// Messages whose places a statement selects.
async fn records<E: Engine>(
    connection: &mut E::Connection,
    text: String,
    arguments: Vec<Argument>,
) -> Result<Vec<Record>, Fault> {
    let mut wanted = BTreeSet::new();
    for mut row in E::fetch(connection, text, arguments, &[Kind::Int]).await? {
        wanted.insert(row.int()?.cast_unsigned());
    }
    let found = messages::<E>(connection, &wanted, "").await?;
    Ok(found.into_iter().map(|(record, _)| record).collect())
}

pub(super) async fn message<E: Engine>(
    connection: &mut E::Connection,
    id: OutboxId,
) -> Result<Option<Record>, Fault> {
    let text = "SELECT seq FROM outbox_message WHERE id = $1".to_owned();
    Ok(records::<E>(connection, text, vec![rows::id_bytes(id).into()]).await?.pop())
}

pub(super) async fn by_key<E: Engine>(
    connection: &mut E::Connection,
    namespace: &str,
    key: &str,
) -> Result<Option<Record>, Fault> {
    let text = "SELECT seq FROM outbox_message WHERE namespace = $1 AND key = $2".to_owned();
    Ok(records::<E>(connection, text, vec![namespace.into(), key.into()]).await?.pop())
}

pub(super) async fn find<E: Engine>(
    connection: &mut E::Connection,
    filter: &Filter,
) -> Result<Vec<Record>, Fault> {
    let mut arguments: Vec<Argument> = Vec::new();
    let mut terms: Vec<String> = Vec::new();
    let mut term = |column: &str, argument: Argument| {
        arguments.push(argument);
        terms.push(format!("{column} ${}", arguments.len()));
    };
    if let Some(line) = &filter.line {
        term("line =", line.as_str().into());
    }
    if let Some(chat) = &filter.chat {
        term("chat =", chat.as_str().into());
    }
    if let Some(label) = &filter.label {
        term("label =", label.as_str().into());
    }
    if let Some(since) = filter.since {
        term("created_at >=", since.into());
    }
    if let Some(until) = filter.until {
        term("created_at <", until.into());
    }
    if let Some(after) = filter.after {
        term("id <", rows::id_bytes(after).into());
    }
    if !filter.states.is_empty() {
        let states = super::core::states(|state| filter.states.contains(&state));
        terms.push(format!("state IN ({states})"));
    }
    arguments.push(i64::from(filter.limit).into());
    let all = if terms.is_empty() { "1 = 1".to_owned() } else { terms.join(" AND ") };
    let limit = arguments.len();
    let text =
        format!("SELECT seq FROM outbox_message WHERE {all} ORDER BY id DESC LIMIT ${limit}");
    let mut found = records::<E>(connection, text, arguments).await?;
    found.sort_by_key(|record| std::cmp::Reverse(record.id));
    Ok(found)
}

pub(super) async fn counts<E: Engine>(
    connection: &mut E::Connection,
    period: &Period,
) -> Result<Vec<Count>, Fault> {
    const KINDS: [Kind; 9] = [
        Kind::Text,
        Kind::Text,
        Kind::Text,
        Kind::Int,
        Kind::Int,
        Kind::Int,
        Kind::Int,
        Kind::Int,
        Kind::Int,
    ];
    let took = |end: &str| {
        format!(
            "CAST(COALESCE(SUM(CASE WHEN {end} > created_at THEN {end} - created_at ELSE 0 END), 0) \
             AS BIGINT), COUNT({end})"
        )
    };
    let text = format!(
        "SELECT line, label, state, COUNT(*), MIN(created_at), {}, {} FROM outbox_message \
         WHERE created_at >= $1 AND created_at < $2 GROUP BY line, label, state",
        took("delivered_at"),
        took("read_at"),
    );
    let since = period.since.map_or(i64::MIN, UnixMillis::as_millis);
    // Nothing comes at the end of all time.
    let until = period.until.map_or(i64::MAX, UnixMillis::as_millis);
    let mut counts = Vec::new();
    for mut row in E::fetch(connection, text, vec![since.into(), until.into()], &KINDS).await? {
        let line = row.maybe_text()?.map(LineName::new);
        let label = row.maybe_text()?;
        let state = row.word(|word| word.parse().ok())?;
        let mut count = Count::new(line, label, state, row.number()?, row.time()?);
        let mut mean = || -> Result<Option<u64>, Fault> {
            let (sum, of): (u64, u64) = (row.number()?, row.number()?);
            Ok(sum.checked_div(of))
        };
        count.to_delivered_ms = mean()?;
        count.to_read_ms = mean()?;
        counts.push(count);
    }
    counts.sort();
    Ok(counts)
}

pub(super) async fn lines<E: Engine>(
    connection: &mut E::Connection,
) -> Result<Vec<(LineName, Line)>, Fault> {
    let text = format!("SELECT {} FROM outbox_line", rows::names(&LINE));
    let found = E::fetch(connection, text, Vec::new(), &LINE_KINDS).await?;
    let lines: Result<Vec<_>, Fault> =
        found.into_iter().map(|mut row| rows::line_of(&mut row)).collect();
    let mut lines = lines?;
    lines.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(lines)
}

const FEED: [Kind; 8] = [
    Kind::Int,
    Kind::Int,
    CHANGE[0].1,
    CHANGE[1].1,
    CHANGE[2].1,
    CHANGE[3].1,
    CHANGE[4].1,
    CHANGE[5].1,
];

async fn feed<E: Engine>(
    connection: &mut E::Connection,
    which: &str,
    arguments: Vec<Argument>,
) -> Result<Vec<(Place, Change)>, Fault> {
    let names = rows::names(&CHANGE);
    let text = format!("SELECT \"transaction\", number, {names} FROM outbox_change WHERE {which}");
    let mut changes = Vec::new();
    for mut row in E::fetch(connection, text, arguments, &FEED).await? {
        let place = Place::new(row.number()?, row.number()?);
        changes.push((place, rows::change_of(place.number, &mut row)?));
    }
    Ok(changes)
}

pub(super) async fn history<E: Engine>(
    connection: &mut E::Connection,
    id: OutboxId,
) -> Result<Vec<Change>, Fault> {
    let which = "message = $1 ORDER BY number";
    let found = feed::<E>(connection, which, vec![rows::id_bytes(id).into()]).await?;
    Ok(found.into_iter().map(|(_, change)| change).collect())
}

pub(super) async fn changes<E: Engine>(
    connection: &mut E::Connection,
    after: Place,
    limit: u32,
) -> Result<Vec<(Place, Change)>, Fault> {
    let which = format!(
        "(\"transaction\", number) > ($1, $2) AND {} ORDER BY \"transaction\", number LIMIT $3",
        E::COMMITTED
    );
    let after: [Value; 2] = [after.transaction.into(), after.number.into()];
    let [transaction, number] = after.map(Argument::One);
    let arguments = vec![transaction, number, i64::from(limit).into()];
    feed::<E>(connection, &which, arguments).await
}

pub(super) async fn consumed<E: Engine>(
    connection: &mut E::Connection,
    consumer: &str,
) -> Result<Place, Fault> {
    let text = "SELECT \"transaction\", number FROM outbox_consumer WHERE name = $1".to_owned();
    let mut found =
        E::fetch(connection, text, vec![consumer.into()], &[Kind::Int, Kind::Int]).await?;
    let Some(row) = found.first_mut() else { return Ok(Place::default()) };
    Ok(Place::new(row.number()?, row.number()?))
}

/// On which of these routes something is ready and due.
pub(super) async fn due<E: Engine>(
    connection: &mut E::Connection,
    now: UnixMillis,
    on: &[Route],
) -> Result<Vec<Route>, Fault> {
    let pair = |route: &Route| match route {
        Route::Line(line) => (line.as_str().to_owned(), None),
        Route::Group(group) => (String::new(), Some(group.to_string())),
    };
    let due = "m.settled = 0 AND m.state = 'ready' AND m.next_at <= $1 LIMIT $2";
    let own = format!("SELECT m.seq FROM outbox_message AS m WHERE m.line = {{line}} AND {due}");
    let shared = format!(
        "SELECT m.seq FROM outbox_message AS m WHERE m.route_group = {{group}} \
         AND m.line IS NULL AND {due}"
    );
    let text = format!("{} UNION ALL {}", E::per_line(&own, 0), E::per_line(&shared, 1));
    let pairs = Argument::Pairs(on.iter().map(pair).collect());
    let arguments = vec![now.into(), 1_i64.into(), pairs];
    let mut due = BTreeSet::new();
    for mut row in E::fetch(connection, text, arguments, &[Kind::Int; 3]).await? {
        due.insert(row.number::<usize>()?);
    }
    let is_due = |(index, _): &(usize, &Route)| due.contains(index);
    Ok(on.iter().enumerate().filter(is_due).map(|(_, route)| route.clone()).collect())
}

pub(super) async fn unchecked<E: Engine>(
    connection: &mut E::Connection,
    now: UnixMillis,
    limit: u32,
) -> Result<Vec<Record>, Fault> {
    let text = "SELECT seq FROM outbox_message WHERE settled = 0 AND state = 'accepted' AND unchecked = 1 \
                AND next_at <= $1 ORDER BY seq LIMIT $2";
    let arguments = vec![now.into(), i64::from(limit).into()];
    records::<E>(connection, text.to_owned(), arguments).await
}
