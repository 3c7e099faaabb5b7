//! The outbox's database, as the test opens it.

use std::sync::Arc;

use chatapi_outbox::store::{DispatcherLock, PostgresStore, SqliteStore, Tables};
use chatapi_transport::TokioClock;

use crate::Anything;

/// An outbox's store, and the right to dispatch where only one may.
pub(crate) struct Opened {
    pub(crate) tables: Arc<dyn Tables>,
    _lock: Option<DispatcherLock>,
}

/// Opens the store that a text names, a file or a PostgreSQL address; for one who dispatches from a
/// file, so that no other does at the same time.
pub(crate) async fn open(store: &str, dispatches: bool) -> Anything<Opened> {
    if store.starts_with("postgres") {
        return Ok(Opened { tables: Arc::new(PostgresStore::open(store).await?), _lock: None });
    }
    let store = SqliteStore::open(store, Arc::new(TokioClock::new())).await?;
    let lock = match dispatches {
        true => Some(store.dispatcher_lock().await?),
        false => None,
    };
    Ok(Opened { tables: Arc::new(store), _lock: lock })
}

const RE_EXECUTE: &str = "UPDATE outbox_message SET state = 'ready', unsure = 0, doubt_since = NULL, \
     doubt_settled_at = NULL, doubt_absent_at = NULL, doubt_reason = NULL \
     WHERE state IN ('sending', 'in_doubt')";

/// What job queues do after a crash: what was in flight is run again.
pub(crate) async fn re_execute(store: &str) -> Anything {
    use sqlx::Connection as _;
    if store.starts_with("postgres") {
        let mut connection = sqlx::PgConnection::connect(store).await?;
        sqlx::query(RE_EXECUTE).execute(&mut connection).await?;
        return Ok(());
    }
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(store);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
    sqlx::query(RE_EXECUTE).execute(&mut connection).await?;
    Ok(())
}
