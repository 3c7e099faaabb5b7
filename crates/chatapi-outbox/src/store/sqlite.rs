//! An outbox in a SQLite file.

mod engine;
mod lock;

use std::path::Path;
use std::sync::Arc;

use chatapi_transport::Clock;
use chatapi_types::UnixMillis;
use sqlx::SqliteConnection;

use super::sql::{Core, Engine as _, Migration, migrate, tables};
use super::{
    Change, Content, Count, Enqueued, Filter, Line, Needs, NewMessage, NotEnqueued, Place,
    StoreError, Work,
};
use crate::record::{LineName, OutboxId, Record, Route};

use engine::Sqlite;
pub use lock::DispatcherLock;

const STEPS: [Migration; 1] =
    [Migration { version: 1, text: include_str!("../../schema/sqlite/0001_outbox.sql") }];

/// An outbox in a SQLite file, with a write-ahead log and `synchronous=FULL`: what was answered is on
/// the disk, as far as the disk tells the truth. Both are read back on every connection.
///
/// Any number of processes may enqueue; one may dispatch, under the [`DispatcherLock`]. All tables
/// begin with `outbox_`, so they can lie beside an application's own. What is wiped is overwritten
/// (`secure_delete`), but stays in the write-ahead log (`…-wal`) until that was written into the
/// file and begun anew; [`purge`](super::Tables::purge) sees to that.
///
/// What is asked for at the same time shares one transaction and one flush. It is made within a tokio
/// runtime, and a task of its own writes until it is dropped or [closed](Self::close).
///
/// ```
/// use std::sync::Arc;
///
/// use chatapi_outbox::store::{SqliteStore, Store, Tables};
/// use chatapi_transport::TokioClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let path = std::env::temp_dir().join(format!("outbox-doc-{}.db", std::process::id()));
/// let store = SqliteStore::open(&path, Arc::new(TokioClock::new())).await?;
/// store.add_line(&"sales".into(), None).await?;
/// assert_eq!(store.lines().await?.len(), 1);
/// store.close().await;
/// # for end in ["", "-wal", "-shm"] {
/// #     std::fs::remove_file(format!("{}{end}", path.display())).ok();
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SqliteStore {
    core: Core<Sqlite>,
}

impl SqliteStore {
    /// Opens a file; makes it, and the tables in it, where there are none. Times are the clock's.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the file cannot be made, read or written; its settings would lose messages (a
    /// database in memory always would); its tables are of a later version.
    pub async fn open(path: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let engine = Sqlite::new(path.as_ref(), clock);
        let mut connection = engine.connect().await?;
        migrate::<Sqlite>(&mut connection, engine.name(), &STEPS).await?;
        Ok(Self { core: Core::start(engine, connection) })
    }

    /// Takes nothing new, and comes back when everything that was asked for is done and the file is
    /// closed.
    pub async fn close(&self) {
        self.core.close().await;
        self.core.engine.close().await;
    }

    /// The right to dispatch from this file, until it is dropped or the process ends.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; [`Unfit`](super::StoreFault::Unfit) when another process has it, and which.
    pub async fn dispatcher_lock(&self) -> Result<DispatcherLock, StoreError> {
        DispatcherLock::take(self.core.engine.path(), self.core.engine.time_now()).await
    }

    /// Takes messages in within a transaction of the caller's own, on this very file: they are in
    /// the outbox if and when it is committed. Begin it with `BEGIN IMMEDIATE`: a transaction that
    /// has read before it writes fails when somebody else wrote in between.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the transaction should be rolled back then.
    pub async fn enqueue_in(
        &self,
        connection: &mut SqliteConnection,
        batch: Vec<(OutboxId, NewMessage)>,
    ) -> Result<Vec<Result<Enqueued, NotEnqueued>>, StoreError> {
        self.core.enqueue_in(connection, batch).await
    }

    /// What happened after that place, read within a transaction of the caller's own.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub async fn changes_in(
        &self,
        connection: &mut SqliteConnection,
        after: Place,
        limit: u32,
    ) -> Result<Vec<(Place, Change)>, StoreError> {
        self.core.changes_in(connection, after, limit).await
    }

    /// Notes how far a consumer has come, within the transaction in which the caller writes down
    /// what he made of the changes: he then sees each exactly once.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the transaction should be rolled back then.
    pub async fn consume_in(
        &self,
        connection: &mut SqliteConnection,
        consumer: &str,
        place: Place,
    ) -> Result<(), StoreError> {
        self.core.consume_in(connection, consumer, place).await
    }
}

tables!(SqliteStore);
