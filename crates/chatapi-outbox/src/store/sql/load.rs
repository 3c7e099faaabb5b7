//! Finds what transactions look at.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chatapi_types::{ChatId, UnixMillis};

use super::rows::{self, ATTEMPT, ATTEMPT_KINDS, LINE, MESSAGE, MESSAGE_KINDS};
use super::{Argument, Engine, Fault, Kind};
use crate::State;
use crate::record::{LineName, OutboxId, Record};
use crate::store::{Content, Ledger, Needs};

/// What was found, as it was before the transaction.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// Messages, with the transaction that changed them last.
    pub(super) messages: HashMap<OutboxId, (Record, i64)>,
}

/// Finds what is needed.
pub(super) async fn load<E: Engine>(
    connection: &mut E::Connection,
    needs: &Needs,
    now: UnixMillis,
) -> Result<(Ledger, Loaded), Fault> {
    let mut ledger = Ledger::default();
    let mut at_vendor = lines::<E>(connection, needs, &mut ledger).await?;
    let mut wanted = BTreeSet::new();
    next::<E>(connection, needs, &ledger, now, &mut wanted).await?;
    let candidates = wanted.clone();
    if needs.tend > 0 {
        let beyond = to_tend::<E>(connection, needs.tend, now, &mut wanted).await?;
        beyond.into_iter().for_each(|at| ledger.load_tend_beyond(at));
    }
    if !needs.keys.is_empty() {
        E::lock_keys(connection, &needs.keys).await?;
    }
    collect::<E>(connection, needs, &mut wanted).await?;
    let mut loaded = Loaded::default();
    for (record, moved_in) in messages::<E>(connection, &wanted, E::FOR_UPDATE).await? {
        if record.state == State::AtVendor
            && let Some(count) = record.line.as_ref().and_then(|line| at_vendor.get_mut(line))
        {
            *count = count.saturating_sub(1);
        }
        ledger.load_message(record.clone());
        loaded.messages.insert(record.id, (record, moved_in));
    }
    for (line, count) in at_vendor {
        ledger.load_at_vendor_beyond(line, count);
    }
    contents::<E>(connection, candidates, &mut ledger).await?;
    if needs.contacts {
        contacts::<E>(connection, needs, &mut ledger).await?;
    }
    orphans::<E>(connection, needs, &loaded, &mut ledger).await?;
    let known = |key: &&(String, String)| ledger.knows_key(key);
    let new = needs.keys.len() - needs.keys.iter().filter(known).count();
    if new > 0 {
        ledger.load_places(E::places(connection, new).await?);
    }
    Ok((ledger, loaded))
}

/// Lines, and how many messages of each are at the vendor.
async fn lines<E: Engine>(
    connection: &mut E::Connection,
    needs: &Needs,
    ledger: &mut Ledger,
) -> Result<BTreeMap<LineName, usize>, Fault> {
    const COLUMNS: usize = LINE.len();
    const KINDS: [Kind; COLUMNS + 1] = {
        let mut kinds = [Kind::Int; COLUMNS + 1];
        let mut index = 0;
        while index < COLUMNS {
            kinds[index] = LINE[index].1;
            index += 1;
        }
        kinds
    };
    let mut at_vendor = BTreeMap::new();
    let names: BTreeSet<&str> =
        needs.lines.iter().chain(&needs.next).map(LineName::as_str).collect();
    if names.is_empty() {
        return Ok(at_vendor);
    }
    let text = format!(
        "SELECT {}, (SELECT count(*) FROM outbox_message AS m WHERE m.line = l.name \
         AND m.settled = 0 AND m.state = 'at_vendor') FROM outbox_line AS l WHERE l.name {} ORDER BY l.name{}",
        rows::names_of("l", &LINE),
        E::list(Kind::Text, 1),
        E::FOR_UPDATE,
    );
    for mut row in E::fetch(connection, text, vec![Argument::texts(names)], &KINDS).await? {
        let (name, line) = rows::line_of(&mut row)?;
        if needs.next.contains(&name) {
            at_vendor.insert(name.clone(), row.number()?);
        }
        ledger.load_line(name, line);
    }
    Ok(at_vendor)
}

/// What may be sent next; where that is nothing, what will be due next.
async fn next<E: Engine>(
    connection: &mut E::Connection,
    needs: &Needs,
    ledger: &Ledger,
    now: UnixMillis,
    wanted: &mut BTreeSet<u64>,
) -> Result<(), Fault> {
    let group_of = |name: &LineName| {
        let group = ledger.line(name)?.group.as_deref();
        Some((name.as_str().to_owned(), group.map(str::to_owned)))
    };
    let lines: Vec<(String, Option<String>)> = needs.next.iter().filter_map(group_of).collect();
    if lines.is_empty() {
        return Ok(());
    }
    // Of what any line of a group may take, each before the last may take one.
    let mut sharing: BTreeMap<&str, u64> = BTreeMap::new();
    for group in lines.iter().filter_map(|(_, group)| group.as_deref()) {
        *sharing.entry(group).or_default() += 1;
    }
    let most = sharing.values().max().copied().unwrap_or(0);
    let of_group = match most {
        0 => String::new(),
        _ => format!(
            " UNION ALL {}",
            E::per_line(
                &format!(
                    "SELECT m.seq FROM outbox_message AS m WHERE m.route_group = {{group}} AND m.line IS NULL \
                 AND {} ORDER BY m.priority DESC, m.seq LIMIT $2{}",
                    free(),
                    E::FOR_UPDATE_OF_OTHERS,
                ),
                1
            )
        ),
    };
    let text = format!(
        "{}{of_group}",
        E::per_line(
            &format!(
                "SELECT m.seq FROM outbox_message AS m WHERE m.line = {{line}} AND {} \
             ORDER BY m.priority DESC, m.seq LIMIT 1",
                free(),
            ),
            0
        )
    );
    let count = i64::try_from(most.max(1)).unwrap_or(1);
    let arguments = vec![now.into(), count.into(), Argument::Pairs(lines.clone())];
    let mut found = vec![0_u64; lines.len()];
    for mut row in E::fetch(connection, text, arguments, &[Kind::Int; 3]).await? {
        let index: usize = row.number()?;
        wanted.insert(row.int()?.cast_unsigned());
        if let Some(found) = found.get_mut(index) {
            // Its own is enough; what it shares with others is not before it is more than theirs.
            *found += if row.flag()? { 1 } else { most.max(1) };
        }
    }
    let is_idle = |(_, found): &((String, Option<String>), u64)| *found < most.max(1);
    let idle: Vec<(String, Option<String>)> =
        lines.into_iter().zip(found).filter(is_idle).map(|(line, _)| line).collect();
    if idle.is_empty() {
        return Ok(());
    }
    let later =
        "m.settled = 0 AND m.state = 'ready' AND m.next_at > $1 ORDER BY m.next_at LIMIT $2";
    let own = format!("SELECT m.seq FROM outbox_message AS m WHERE m.line = {{line}} AND {later}");
    let shared = format!(
        "SELECT m.seq FROM outbox_message AS m WHERE m.route_group = {{group}} AND m.line IS NULL \
         AND {later}"
    );
    let text = format!("{} UNION ALL {}", E::per_line(&own, 0), E::per_line(&shared, 1));
    let arguments = vec![now.into(), 1_i64.into(), Argument::Pairs(idle)];
    for mut row in E::fetch(connection, text, arguments, &[Kind::Int; 3]).await? {
        let _index = row.int()?;
        wanted.insert(row.int()?.cast_unsigned());
    }
    Ok(())
}

/// What the ledger's `next_ready` takes: due, in time, not held by its order key, and not the twin
/// of one at the vendor whose id is not known. What this line has in flight or in doubt holds nothing
/// here: as long as it has, nothing is sent, and once the vendor has taken that message it holds no
/// longer. So the next one can be found while the outcome is being written down.
fn free() -> String {
    let holds = super::core::states(State::holds_order);
    format!(
        "m.settled = 0 AND m.state = 'ready' AND m.next_at <= $1 AND (m.expires_at IS NULL OR m.expires_at > $1) \
         AND NOT EXISTS (SELECT 1 FROM outbox_message AS t WHERE t.line = {{line}} AND t.settled = 0 \
         AND t.unsure = 1 AND t.state = 'at_vendor' AND t.look = m.look) \
         AND (m.order_key IS NULL OR NOT EXISTS (SELECT 1 FROM outbox_message AS o \
         WHERE o.order_key = m.order_key AND o.settled = 0 AND o.seq < m.seq \
         AND ((o.state IN ({holds}) AND NOT (o.unsure = 1 AND o.line = {{line}})) OR (o.state = 'accepted' AND o.next_at <= $1))) \
         AND NOT EXISTS (SELECT 1 FROM outbox_message AS o WHERE o.order_key = m.order_key \
         AND o.settled = 0 AND o.state = 'at_vendor' AND o.line <> {{line}}))"
    )
}

/// What those messages say that may be sent next. Files are read when they are needed.
async fn contents<E: Engine>(
    connection: &mut E::Connection,
    candidates: BTreeSet<u64>,
    ledger: &mut Ledger,
) -> Result<(), Fault> {
    if candidates.is_empty() {
        return Ok(());
    }
    let places = ledger.messages().filter(|record| candidates.contains(&record.seq));
    let ids: HashMap<u64, OutboxId> = places.map(|record| (record.seq, record.id)).collect();
    let list = E::list(Kind::Int, 1);
    let text = format!("SELECT message, body, blob FROM outbox_content WHERE message {list}");
    let places = vec![Argument::ints(candidates)];
    let kinds = &[Kind::Int, Kind::Text, Kind::Bytes];
    for mut row in E::fetch(connection, text, places, kinds).await? {
        let (place, body, file) = (row.int()?.cast_unsigned(), row.text()?, row.maybe_bytes()?);
        if let Some(id) = ids.get(&place).filter(|_| file.is_none()) {
            ledger.load_content(*id, Content::new(body, None));
        }
    }
    Ok(())
}

/// To which of the chats that may be written to next these lines have ever tried to write.
async fn contacts<E: Engine>(
    connection: &mut E::Connection,
    needs: &Needs,
    ledger: &mut Ledger,
) -> Result<(), Fault> {
    let ready = ledger.messages().filter(|record| record.state == State::Ready);
    let chats: BTreeSet<&str> = ready.map(|record| record.chat.as_str()).collect();
    let pairs =
        |line: &LineName| chats.iter().map(|chat| (line.as_str().to_owned(), *chat)).collect();
    let pairs: Vec<(String, &str)> =
        needs.next.iter().flat_map(|line| -> Vec<(String, &str)> { pairs(line) }).collect();
    if pairs.is_empty() {
        return Ok(());
    }
    let text = format!(
        "SELECT DISTINCT p.a, p.b FROM {} JOIN outbox_message AS m ON m.chat = p.b \
         JOIN outbox_attempt AS a ON a.message = m.seq AND a.line = p.a",
        E::pairs(1)
    );
    let arguments = vec![Argument::pairs(pairs.iter().map(|(line, chat)| (line.as_str(), *chat)))];
    for mut row in E::fetch(connection, text, arguments, &[Kind::Text; 2]).await? {
        let (line, chat) = (LineName::new(row.text()?), ChatId::new(row.text()?));
        ledger.load_contact(line, chat);
    }
    Ok(())
}

/// What is due to be looked over, and when the first is that is not among it.
async fn to_tend<E: Engine>(
    connection: &mut E::Connection,
    at_most: usize,
    now: UnixMillis,
    wanted: &mut BTreeSet<u64>,
) -> Result<Option<UnixMillis>, Fault> {
    let text = "SELECT seq, tend_at FROM outbox_message WHERE tend_at IS NOT NULL \
                ORDER BY tend_at, seq LIMIT $1";
    let limit = i64::try_from(at_most).unwrap_or(i64::MAX - 1) + 1;
    let found = E::fetch(connection, text.to_owned(), vec![limit.into()], &[Kind::Int; 2]).await?;
    for (index, mut row) in found.into_iter().enumerate() {
        let (seq, at) = (row.int()?.cast_unsigned(), row.time()?);
        if at > now || index >= at_most {
            return Ok(Some(at));
        }
        wanted.insert(seq);
    }
    Ok(None)
}

/// The places of all other messages that are needed.
async fn collect<E: Engine>(
    connection: &mut E::Connection,
    needs: &Needs,
    wanted: &mut BTreeSet<u64>,
) -> Result<(), Fault> {
    let mut parts: Vec<String> = Vec::new();
    let mut arguments: Vec<Argument> = Vec::new();
    let mut number = 1;
    if !needs.messages.is_empty() {
        let list = E::list(Kind::Bytes, number);
        parts.push(format!("SELECT seq FROM outbox_message WHERE id {list}"));
        arguments.push(Argument::blobs(needs.messages.iter().map(|id| rows::id_bytes(*id))));
        number += 1;
    }
    let all = [&needs.unsure, &needs.next, &needs.driven];
    let unsure: BTreeSet<&str> = all.into_iter().flatten().map(LineName::as_str).collect();
    if !unsure.is_empty() {
        let list = E::list(Kind::Text, number);
        parts.push(format!(
            "SELECT seq FROM outbox_message WHERE settled = 0 AND unsure = 1 AND line {list}"
        ));
        arguments.push(Argument::texts(unsure));
        number += 1;
    }
    if !needs.driven.is_empty() {
        let list = E::list(Kind::Text, number);
        let text =
            "SELECT seq FROM outbox_message WHERE settled = 0 AND state = 'at_vendor' AND line";
        parts.push(format!("{text} {list}"));
        arguments.push(Argument::texts(needs.driven.iter().map(LineName::as_str)));
        number += 1;
    }
    if let Some(chat) = &needs.chat {
        parts.push(format!("SELECT seq FROM outbox_message WHERE chat = ${number}"));
        arguments.push(chat.as_str().into());
        number += 1;
    }
    if !needs.keys.is_empty() {
        let pairs = E::pairs(number);
        parts.push(format!(
            "SELECT m.seq FROM {pairs} CROSS JOIN outbox_message AS m WHERE m.namespace = p.a \
             AND m.key = p.b"
        ));
        let keys = needs.keys.iter().map(|(namespace, key)| (namespace.as_str(), key.as_str()));
        arguments.push(Argument::pairs(keys));
        number += E::PAIRS;
    }
    if !needs.vendor_ids.is_empty() {
        let pairs = E::pairs(number);
        parts.push(format!(
            "SELECT a.message FROM {pairs} CROSS JOIN outbox_attempt AS a WHERE a.line = p.a \
             AND a.vendor_id = p.b"
        ));
        arguments.push(vendor_ids(needs));
    }
    if parts.is_empty() {
        return Ok(());
    }
    let text = parts.join(" UNION ALL ");
    for mut row in E::fetch(connection, text, arguments, &[Kind::Int]).await? {
        wanted.insert(row.int()?.cast_unsigned());
    }
    Ok(())
}

fn vendor_ids(needs: &Needs) -> Argument {
    Argument::pairs(needs.vendor_ids.iter().map(|(line, id)| (line.as_str(), id.as_str())))
}

/// Messages by their places, with the transaction that changed each last.
pub(super) async fn messages<E: Engine>(
    connection: &mut E::Connection,
    wanted: &BTreeSet<u64>,
    lock: &str,
) -> Result<Vec<(Record, i64)>, Fault> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let list = E::list(Kind::Int, 1);
    let names = rows::names(&MESSAGE);
    let text = format!("SELECT {names} FROM outbox_message WHERE seq {list} ORDER BY seq{lock}");
    let places = Argument::ints(wanted.iter().copied());
    let found = E::fetch(connection, text, vec![places.clone()], &MESSAGE_KINDS).await?;
    let mut records = BTreeMap::new();
    for mut row in found {
        let (record, moved_in) = rows::record_of(&mut row)?;
        records.insert(record.seq, (record, moved_in));
    }
    let names = rows::names(&ATTEMPT);
    let text =
        format!("SELECT {names} FROM outbox_attempt WHERE message {list} ORDER BY message, number");
    for mut row in E::fetch(connection, text, vec![places], &ATTEMPT_KINDS).await? {
        let (message, attempt) = rows::attempt_of(&mut row)?;
        if let Some((record, _)) = records.get_mut(&message) {
            record.attempts.push(attempt);
        }
    }
    Ok(records.into_values().collect())
}

/// Acknowledgements that were kept.
async fn orphans<E: Engine>(
    connection: &mut E::Connection,
    needs: &Needs,
    loaded: &Loaded,
    ledger: &mut Ledger,
) -> Result<(), Fault> {
    let mut names: BTreeSet<(&str, &str)> =
        needs.vendor_ids.iter().map(|(line, id)| (line.as_str(), id.as_str())).collect();
    // What came about earlier attempts while the latest is on its way; there are seldom any.
    let in_flight = loaded.messages.values().filter(|(record, _)| record.state == State::Sending);
    for attempt in in_flight.flat_map(|(record, _)| &record.attempts) {
        names.extend(attempt.vendor_id.as_ref().map(|id| (attempt.line.as_str(), id.as_str())));
    }
    if names.is_empty() {
        return Ok(());
    }
    let text = format!(
        "SELECT {} FROM {} CROSS JOIN outbox_orphan AS o WHERE o.line = p.a AND o.vendor_id = p.b \
         ORDER BY o.number",
        rows::names_of("o", &rows::ORPHAN),
        E::pairs(1),
    );
    for mut row in
        E::fetch(connection, text, vec![Argument::pairs(names)], &rows::ORPHAN_KINDS).await?
    {
        ledger.load_orphan(rows::orphan_of(&mut row)?);
    }
    Ok(())
}
