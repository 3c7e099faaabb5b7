//! The shape of the tables, and how it came about.

use super::{Engine, Fault, Kind};
use crate::store::StoreError;

/// A step from one version of the tables to the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    /// The version that it leads to.
    pub(crate) version: u32,
    /// What is done.
    pub(crate) text: &'static str,
}

/// Brings the tables to the latest version, forward only, each step in a transaction of its own.
pub(crate) async fn migrate<E: Engine>(
    connection: &mut E::Connection,
    name: &str,
    steps: &[Migration],
) -> Result<(), StoreError> {
    let failed = |fault: Fault| fault.unavailable(&format!("{name}: the tables cannot be made"));
    let latest = steps.iter().map(|step| step.version).max().unwrap_or(0);
    // Within a transaction: behind a pooler, what comes after one is on another connection.
    E::raw(connection, E::BEGIN_READ).await.map_err(failed)?;
    let found = version::<E>(connection).await;
    E::raw(connection, "ROLLBACK").await.map_err(failed)?;
    let mut found = found.map_err(failed)?;
    for step in steps {
        if step.version <= found {
            continue;
        }
        let done = advance::<E>(connection, *step).await;
        match done {
            Ok(version) => found = version,
            Err(fault) => {
                // What failed left nothing; that there is nothing to roll back does not matter.
                drop(E::raw(connection, "ROLLBACK").await);
                return Err(failed(fault));
            }
        }
    }
    if found > latest {
        return Err(StoreError::unfit(format!(
            "{name}: its tables are of a later version ({found}) than this program knows \
             ({latest}); use a later program: tables never go back"
        )));
    }
    Ok(())
}

/// Somebody else may be doing the same, so it is asked again once nobody else can.
async fn advance<E: Engine>(connection: &mut E::Connection, step: Migration) -> Result<u32, Fault> {
    E::raw(connection, E::BEGIN).await?;
    E::raw(connection, E::LOCK_SCHEMA).await?;
    let mut found = version::<E>(connection).await?;
    if found < step.version {
        E::raw(connection, step.text).await?;
        let text = "UPDATE outbox_schema SET version = $1";
        let version = vec![i64::from(step.version).into()];
        E::fetch(connection, text.to_owned(), version, &[]).await?;
        found = step.version;
    }
    E::raw(connection, "COMMIT").await?;
    Ok(found)
}

/// 0 where there are no tables yet.
async fn version<E: Engine>(connection: &mut E::Connection) -> Result<u32, Fault> {
    let found = E::fetch(connection, E::HAS_SCHEMA.to_owned(), Vec::new(), &[Kind::Int]).await?;
    if found.is_empty() {
        return Ok(0);
    }
    let text = "SELECT version FROM outbox_schema".to_owned();
    let mut found = E::fetch(connection, text, Vec::new(), &[Kind::Int]).await?;
    found.first_mut().map_or(Ok(0), super::Row::number)
}
