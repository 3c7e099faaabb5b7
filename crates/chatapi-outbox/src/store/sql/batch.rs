//! What is done within one transaction.

use std::collections::BTreeSet;

use chatapi_types::UnixMillis;

use super::{Argument, Arrived, Engine, Fault, Kind, Task, events, load, save};
use crate::store::{Needs, Place, Work};

/// Something to be done within a transaction.
pub(crate) enum Job {
    /// Work on what it needs.
    Work(Needs, Box<dyn Work>),
    /// A consumer of the changes has come so far.
    Consume(String, Place),
    /// Settled messages that came before then are deleted, at most that many.
    Purge(UnixMillis, u32, u64),
    /// Something about events.
    Events(Task),
}

/// What came of a transaction.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Applied {
    /// What there may be that was not there before.
    pub(crate) arrived: Arrived,
    /// Something that is not to be kept was deleted.
    pub(crate) deleted: bool,
}

/// Does everything, as if one came after the other: first what looks for the next message to send,
/// because the others may change that.
pub(crate) async fn apply<E: Engine>(
    engine: &E,
    connection: &mut E::Connection,
    needs: &Needs,
    jobs: &mut [(usize, Job)],
) -> Result<Applied, Fault> {
    let mut applied = Applied::default();
    if jobs.iter().any(|(_, job)| !matches!(job, Job::Events(_))) {
        about_messages(engine, connection, needs, jobs, &mut applied).await?;
    }
    let tasks = jobs.iter_mut().filter_map(|(_, job)| match job {
        Job::Events(task) => Some(task),
        _ => None,
    });
    let mut tasks: Vec<&mut Task> = tasks.collect();
    if !tasks.is_empty() {
        events::apply::<E>(connection, &mut tasks, &mut applied).await?;
    }
    E::call(connection, applied.arrived).await?;
    Ok(applied)
}

async fn about_messages<E: Engine>(
    engine: &E,
    connection: &mut E::Connection,
    needs: &Needs,
    jobs: &mut [(usize, Job)],
    applied: &mut Applied,
) -> Result<(), Fault> {
    let (now, transaction) = engine.now(connection).await?;
    let is_first = |job: &Job| matches!(job, Job::Work(needs, _) if !needs.next.is_empty());
    jobs.sort_by_key(|(_, job)| !is_first(job));
    if jobs.iter().any(|(_, job)| matches!(job, Job::Work(..))) {
        let (mut ledger, loaded) = load::load::<E>(connection, needs, now).await?;
        for (_, job) in jobs.iter_mut() {
            if let Job::Work(_, work) = job {
                work.run(&mut ledger, now);
            }
        }
        applied.deleted = ledger.has_wiped();
        applied.arrived.messages =
            save::save::<E>(connection, &mut ledger, &loaded, transaction).await?;
    }
    for (_, job) in jobs {
        match job {
            Job::Work(..) | Job::Events(_) => {}
            Job::Consume(consumer, place) => {
                consume::<E>(connection, consumer, *place, now).await?;
            }
            Job::Purge(before, limit, gone) => {
                *gone = purge::<E>(connection, *before, *limit).await?;
                applied.deleted = true;
            }
        }
    }
    Ok(())
}

/// Notes how far a consumer has come.
async fn consume<E: Engine>(
    connection: &mut E::Connection,
    consumer: &str,
    place: Place,
    now: UnixMillis,
) -> Result<(), Fault> {
    let text = "INSERT INTO outbox_consumer (name, \"transaction\", number, at) VALUES ($1, $2, $3, $4) \
                ON CONFLICT (name) DO UPDATE SET \"transaction\" = excluded.\"transaction\", \
                number = excluded.number, at = excluded.at \
                WHERE (outbox_consumer.\"transaction\", outbox_consumer.number) \
                < (excluded.\"transaction\", excluded.number)";
    let arguments =
        vec![consumer.into(), place.transaction.into(), place.number.into(), now.into()];
    E::fetch(connection, text.to_owned(), arguments, &[]).await?;
    Ok(())
}

/// How far a consumer has come. Its row is written, so that it is locked.
pub(super) async fn consumed<E: Engine>(
    connection: &mut E::Connection,
    consumer: &str,
    now: UnixMillis,
) -> Result<Place, Fault> {
    let text = "INSERT INTO outbox_consumer (name, \"transaction\", number, at) VALUES ($1, 0, 0, $2) \
                ON CONFLICT (name) DO UPDATE SET at = outbox_consumer.at \
                RETURNING \"transaction\", number";
    let arguments = vec![consumer.into(), now.into()];
    let mut found = E::fetch(connection, text.to_owned(), arguments, &[Kind::Int; 2]).await?;
    let Some(row) = found.first_mut() else { return Err(Fault::Damaged("how far one has come")) };
    Ok(Place::new(row.number()?, row.number()?))
}

/// As [`Tables::purge`](crate::store::Tables::purge).
async fn purge<E: Engine>(
    connection: &mut E::Connection,
    before: UnixMillis,
    limit: u32,
) -> Result<u64, Fault> {
    let text = format!(
        "SELECT seq FROM outbox_message WHERE settled = 1 AND created_at < $1 \
         ORDER BY created_at, seq LIMIT $2{}",
        E::FOR_UPDATE
    );
    let arguments = vec![before.into(), i64::from(limit).into()];
    let mut old = BTreeSet::new();
    for mut row in E::fetch(connection, text, arguments, &[Kind::Int]).await? {
        old.insert(row.int()?.cast_unsigned());
    }
    let gone = save::forget_contents::<E>(connection, &old).await?;
    save::forget_blobs::<E>(connection, gone).await?;
    if !old.is_empty() {
        let places = Argument::ints(old.iter().copied());
        for (table, column) in [("outbox_attempt", "message"), ("outbox_message", "seq")] {
            let list = E::list(Kind::Int, 1);
            let text = format!("DELETE FROM {table} WHERE {column} {list}");
            E::fetch(connection, text, vec![places.clone()], &[]).await?;
        }
    }
    let text = "DELETE FROM outbox_orphan WHERE at < $1";
    E::fetch(connection, text.to_owned(), vec![before.into()], &[]).await?;
    // What every consumer has seen; without consumers nobody waits for it.
    let text = "DELETE FROM outbox_change WHERE at < $1 AND NOT EXISTS (SELECT 1 FROM outbox_consumer \
                WHERE (outbox_consumer.\"transaction\", outbox_consumer.number) \
                < (outbox_change.\"transaction\", outbox_change.number))";
    E::fetch(connection, text.to_owned(), vec![before.into()], &[]).await?;
    Ok(old.len() as u64)
}
