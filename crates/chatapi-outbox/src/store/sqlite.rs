//! An outbox in a SQLite file.

mod engine;
mod inbox;
mod lock;

use std::path::Path;
use std::sync::Arc;

use chatapi_transport::Clock;
use chatapi_types::UnixMillis;
use sqlx::SqliteConnection;

use super::sql::{Core, Engine as _, Migration, migrate, tables};
use super::{
    Change, Content, Count, Enqueued, Filter, Line, Needs, NewMessage, NotEnqueued, Period, Place,
    StoreError, Work,
};
use crate::record::{LineName, OutboxId, Record, Route};

use engine::Sqlite;
pub use inbox::SqliteInbox;
pub use lock::DispatcherLock;

const STEPS: [Migration; 2] = [
    Migration { version: 1, text: include_str!("../../schema/sqlite/0001_outbox.sql") },
    Migration { version: 2, text: include_str!("../../schema/sqlite/0002_inbox.sql") },
];

/// An outbox in a SQLite file, with a write-ahead log and `synchronous=FULL`: what was answered is on
/// the disk, as far as the disk tells the truth. Both are read back on every connection.
///
/// Any number of processes may enqueue; one may dispatch, under the [`DispatcherLock`]. All tables
/// begin with `outbox_`, so they can lie beside an application's own. What is wiped is overwritten
/// (`secure_delete`), and the write-ahead log (`…-wal`), which still has it, is written into the file
/// and begun anew: a second later at most, unless somebody reads from an earlier state of the file for
/// so long, or the process dies; whoever opens the file next does it then.
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
    core: Arc<Core<Sqlite>>,
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
        Ok(Self { core: Arc::new(Core::start(engine, connection)) })
    }

    /// Takes nothing new, and comes back when everything that was asked for is done and the file is
    /// closed.
    pub async fn close(&self) {
        self.core.close().await;
    }

    /// The inbox in this file: what the vendors post rests beside what is to be sent, and what both
    /// write at the same time shares a flush.
    #[must_use]
    pub fn inbox(&self) -> SqliteInbox {
        SqliteInbox::of(self.core.clone())
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

    /// How far a consumer has come, read within a transaction of the caller's own. Begin it with
    /// `BEGIN IMMEDIATE`. Other processes that ask the same wait until it ends, so that several may
    /// consume under one name.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the transaction should be rolled back then.
    pub async fn consumed_in(
        &self,
        connection: &mut SqliteConnection,
        consumer: &str,
    ) -> Result<Place, StoreError> {
        self.core.consumed_in(connection, consumer).await
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

    /// Notes how far a consumer has come, within the transaction in which the caller asked for that
    /// ([`consumed_in`](Self::consumed_in)), read the changes ([`changes_in`](Self::changes_in)), and
    /// wrote down what he made of them: he then sees each exactly once, whatever dies in between.
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

#[cfg(test)]
mod tests {
    use chatapi_types::ChatId;

    use super::*;
    use crate::machine::Look;
    use crate::store::{Store as _, StoreFault, Tables as _};

    pub(super) fn file(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("outbox-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir(&folder).unwrap();
        folder.join("outbox.db")
    }

    fn engine(file: &Path) -> Sqlite {
        Sqlite::new(file, Arc::new(chatapi_transport::TokioClock::new()))
    }

    #[tokio::test]
    async fn tables_go_forward_step_by_step_and_never_half() {
        let file = file("steps");
        let engine = engine(&file);
        let store = SqliteStore::open(&file, Arc::new(chatapi_transport::TokioClock::new()));
        let store = store.await.unwrap();
        store.add_line(&"one".into(), None).await.unwrap();
        store.close().await;
        let [first, second] = STEPS;
        let third =
            Migration { version: 3, text: "ALTER TABLE outbox_line ADD COLUMN colour TEXT" };
        let broken = Migration {
            version: 4,
            text: "CREATE TABLE outbox_half (a INTEGER); CREATE TABLE outbox_line (a INTEGER)",
        };
        let mut connection = engine.connect().await.unwrap();
        let failed =
            migrate::<Sqlite>(&mut connection, "it", &[first, second, third, broken]).await;
        assert!(failed.unwrap_err().to_string().contains("already exists"));
        // What went before stays; of what failed there is nothing.
        let row: (i64, i64, i64) = sqlx::query_as(
            "SELECT (SELECT version FROM outbox_schema), \
             (SELECT count(*) FROM outbox_line WHERE colour IS NULL), \
             (SELECT count(*) FROM sqlite_master WHERE name = 'outbox_half')",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        assert_eq!(row, (3, 1, 0));
        // Once more is nothing more.
        migrate::<Sqlite>(&mut connection, "it", &[first, second, third]).await.unwrap();
        let refused = migrate::<Sqlite>(&mut connection, "it", &[first, second]).await.unwrap_err();
        assert_eq!(refused.fault(), StoreFault::Unfit);
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }

    #[tokio::test]
    async fn a_full_disk_refuses_and_keeps_what_was_answered() {
        let file = file("full");
        let engine = engine(&file);
        let mut connection = engine.connect().await.unwrap();
        migrate::<Sqlite>(&mut connection, "it", &STEPS).await.unwrap();
        // Full as a disk would be: no more pages than these.
        sqlx::query("PRAGMA max_page_count = 120").execute(&mut connection).await.unwrap();
        let store = SqliteStore { core: Arc::new(Core::start(engine, connection)) };
        let mut kept = Vec::new();
        let refused = loop {
            let id = OutboxId::from_u128(kept.len() as u128);
            let chat = ChatId::new("79000000001@c.us");
            let look = Look::of_text(&chat, "a text");
            let content = Content::new("x".repeat(20_000), None);
            let new = NewMessage::new(id.to_string(), chat, Route::line("one"), look, content);
            match store.enqueue(vec![(id, new)]).await {
                Ok(_) => kept.push(id),
                Err(error) => break error,
            }
            assert!(kept.len() < 200, "it never gets full");
        };
        assert_eq!(refused.fault(), StoreFault::Unavailable);
        assert!(refused.to_string().contains("full"), "{refused}");
        assert!(kept.len() > 3, "{} messages", kept.len());
        let found = store.find(&Filter::all().limit(1000)).await.unwrap();
        assert_eq!(found.len(), kept.len());
        assert_eq!(store.changes(Place::default(), 1000).await.unwrap().len(), kept.len());
        store.close().await;
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }

    #[tokio::test]
    async fn a_setting_that_would_lose_messages_is_named() {
        let file = file("settings");
        let mut connection = engine(&file).connect().await.unwrap();
        sqlx::query("PRAGMA synchronous = NORMAL").execute(&mut connection).await.unwrap();
        let refused = engine::check(&mut connection, "it").await.unwrap_err();
        assert_eq!(refused.fault(), StoreFault::Unfit);
        assert!(refused.to_string().contains("synchronous is 1 instead of 2"), "{refused}");
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }
}
