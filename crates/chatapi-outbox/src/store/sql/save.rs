//! Keeps what transactions changed.

use std::collections::{BTreeMap, BTreeSet};

use super::load::Loaded;
use super::rows::{self, Column};
use super::{Argument, Engine, Fault, Kind, Value};
use crate::State;
use crate::store::{Change, Ledger, Touched};

/// Keeps it; gives back whether there may be something new to send.
pub(super) async fn save<E: Engine>(
    connection: &mut E::Connection,
    ledger: &mut Ledger,
    loaded: &Loaded,
    transaction: i64,
) -> Result<bool, Fault> {
    let (touched, changes) = ledger.take_touched();
    messages::<E>(connection, ledger, loaded, &touched, transaction).await?;
    contents::<E>(connection, ledger, loaded, &touched).await?;
    let lines = touched.lines.iter();
    let lines = lines.filter_map(|name| Some(rows::line(name, ledger.line(name)?))).collect();
    let kept = format!("ON CONFLICT (name) DO UPDATE SET {}", overwrites(&rows::LINE, 1));
    insert::<E>(connection, "outbox_line", &rows::LINE, &rows::LINE_KINDS, lines, &kept).await?;
    let orphans = touched.orphans.iter().map(rows::orphan).collect();
    insert::<E>(connection, "outbox_orphan", &rows::ORPHAN, &rows::ORPHAN_KINDS, orphans, "")
        .await?;
    if !touched.adopted.is_empty() {
        let adopted = touched.adopted.iter().map(|(line, id)| (line.as_str(), id.as_str()));
        let text = format!(
            "DELETE FROM outbox_orphan WHERE (line, vendor_id) IN (SELECT p.a, p.b FROM {})",
            E::pairs(1)
        );
        E::fetch(connection, text, vec![Argument::pairs(adopted)], &[]).await?;
    }
    let arrived = |change: &Change| change.to == State::Ready;
    let arrived = changes.iter().any(arrived);
    let changes = changes.iter().map(rows::change).collect();
    insert::<E>(connection, "outbox_change", &rows::CHANGE, &rows::CHANGE_KINDS, changes, "")
        .await?;
    Ok(arrived)
}

async fn messages<E: Engine>(
    connection: &mut E::Connection,
    ledger: &Ledger,
    loaded: &Loaded,
    touched: &Touched,
    transaction: i64,
) -> Result<(), Fault> {
    // A line has one message in flight, and the tables insist on it: what flew (the first of each) is
    // written before what flies from now on.
    let (mut new, mut moved, mut rewritten) =
        (Vec::new(), <[Vec<_>; 2]>::default(), <[Vec<_>; 2]>::default());
    let mut attempts = Vec::new();
    let messages = touched.messages.iter().filter_map(|id| ledger.message(*id));
    for record in messages {
        let old = loaded.messages.get(&record.id);
        match old {
            None => new.push(rows::whole(record, transaction)),
            // In the feed of changes this one would come before the other.
            Some((_, moved_in)) if *moved_in > transaction => return Err(Fault::Overtaken),
            Some((old, _)) => {
                let (all, row) = match rows::is_rewritten(old, record) {
                    true => (&mut rewritten, rows::rewritten(record, transaction)),
                    false => (&mut moved, rows::moved(record, transaction)),
                };
                let [flew, others] = all;
                if old.state == State::Sending { flew.push(row) } else { others.push(row) }
            }
        }
        for (index, attempt) in record.attempts.iter().enumerate() {
            if old.and_then(|(old, _)| old.attempts.get(index)) != Some(attempt) {
                attempts.push(rows::attempt(record.seq, attempt));
            }
        }
    }
    insert::<E>(connection, "outbox_message", &rows::MESSAGE, &rows::MESSAGE_KINDS, new, "")
        .await?;
    for (moved, rewritten) in moved.into_iter().zip(rewritten) {
        update::<E>(connection, &rows::MOVED, &rows::MOVED_KINDS, moved).await?;
        update::<E>(connection, &rows::REWRITTEN, &rows::REWRITTEN_KINDS, rewritten).await?;
    }
    let kept =
        format!("ON CONFLICT (message, number) DO UPDATE SET {}", overwrites(&rows::ATTEMPT, 2));
    insert::<E>(connection, "outbox_attempt", &rows::ATTEMPT, &rows::ATTEMPT_KINDS, attempts, &kept)
        .await
}

/// Contents, and the files that they share.
async fn contents<E: Engine>(
    connection: &mut E::Connection,
    ledger: &Ledger,
    loaded: &Loaded,
    touched: &Touched,
) -> Result<(), Fault> {
    let place = |id| ledger.message(id).map(|record| record.seq);
    let known = touched.contents.iter().filter(|id| loaded.messages.contains_key(id));
    let old: BTreeSet<u64> = known.filter_map(|id| place(*id)).collect();
    let (mut new, mut blobs) = (Vec::new(), BTreeMap::new());
    for id in &touched.contents {
        let Some((content, place)) = ledger.content(*id).zip(place(*id)) else { continue };
        let blob = content.blob.as_ref().map(|blob| blob.digest.to_vec());
        new.push(vec![place.into(), content.body.as_str().into(), blob.into()]);
        if let Some(blob) = &content.blob {
            blobs.insert(blob.digest, blob.bytes.clone());
        }
    }
    for (digest, bytes) in blobs {
        let row = vec![digest.to_vec().into(), bytes.to_vec().into()];
        let columns = [("digest", Kind::Bytes), ("bytes", Kind::Bytes)];
        let kinds = [Kind::Bytes; 2];
        let kept = "ON CONFLICT (digest) DO NOTHING";
        insert::<E>(connection, "outbox_blob", &columns, &kinds, vec![row], kept).await?;
    }
    let gone = forget_contents::<E>(connection, &old).await?;
    let columns = [("message", Kind::Int), ("body", Kind::Text), ("blob", Kind::Bytes)];
    let kinds = [Kind::Int, Kind::Text, Kind::Bytes];
    insert::<E>(connection, "outbox_content", &columns, &kinds, new, "").await?;
    forget_blobs::<E>(connection, gone).await
}

/// Deletes contents; gives back the files that they carried.
pub(super) async fn forget_contents<E: Engine>(
    connection: &mut E::Connection,
    of: &BTreeSet<u64>,
) -> Result<Vec<Vec<u8>>, Fault> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let list = E::list(Kind::Int, 1);
    let text = format!("DELETE FROM outbox_content WHERE message {list} RETURNING blob");
    let places = vec![Argument::ints(of.iter().copied())];
    let mut blobs = Vec::new();
    for mut row in E::fetch(connection, text, places, &[Kind::Bytes]).await? {
        blobs.extend(row.maybe_bytes()?);
    }
    Ok(blobs)
}

/// Deletes those of these files that no message carries any more.
pub(super) async fn forget_blobs<E: Engine>(
    connection: &mut E::Connection,
    blobs: Vec<Vec<u8>>,
) -> Result<(), Fault> {
    if blobs.is_empty() {
        return Ok(());
    }
    let text = format!(
        "DELETE FROM outbox_blob WHERE digest {} AND NOT EXISTS \
         (SELECT 1 FROM outbox_content AS c WHERE c.blob = outbox_blob.digest)",
        E::list(Kind::Bytes, 1)
    );
    E::fetch(connection, text, vec![Argument::blobs(blobs)], &[]).await?;
    Ok(())
}

/// All columns but the first ones, to be overwritten with what was to be inserted.
fn overwrites(columns: &[Column], keys: usize) -> String {
    let columns = columns.iter().skip(keys);
    super::joined(columns.map(|(name, _)| format!("\"{name}\" = excluded.\"{name}\"")))
}

pub(super) async fn insert<E: Engine>(
    connection: &mut E::Connection,
    table: &str,
    columns: &[Column],
    kinds: &[Kind],
    mut rows: Vec<Vec<Value>>,
    and: &str,
) -> Result<(), Fault> {
    while !rows.is_empty() {
        let rest = rows.split_off(E::at_once(rows.len()));
        let names = rows::names(columns);
        let source = E::source(kinds, rows.len());
        let text = format!("INSERT INTO {table} ({names}) {source} {and}");
        E::fetch(connection, text, E::arguments(kinds, rows), &[]).await?;
        rows = rest;
    }
    Ok(())
}

/// Messages by their places, which are the first column.
async fn update<E: Engine>(
    connection: &mut E::Connection,
    columns: &[Column],
    kinds: &[Kind],
    mut rows: Vec<Vec<Value>>,
) -> Result<(), Fault> {
    while !rows.is_empty() {
        let rest = rows.split_off(E::at_once(rows.len()));
        let changed = columns.iter().enumerate().skip(1);
        let changed =
            changed.map(|(index, (name, _))| format!("\"{name}\" = n.column{}", index + 1));
        let (changed, table) = (super::joined(changed), E::table(kinds, rows.len()));
        let text = format!(
            "UPDATE outbox_message SET {changed} FROM {table} WHERE outbox_message.seq = n.column1"
        );
        E::fetch(connection, text, E::arguments(kinds, rows), &[]).await?;
        rows = rest;
    }
    Ok(())
}
