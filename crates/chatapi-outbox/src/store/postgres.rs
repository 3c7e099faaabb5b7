//! An outbox in a PostgreSQL database.

mod engine;
mod inbox;
mod listener;

use std::fmt;
use std::sync::Arc;

use chatapi_transport::Clock;
use chatapi_types::UnixMillis;
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;

use super::sql::{Core, Engine as _, Migration, migrate, tables};
use super::{
    Change, Content, Count, Enqueued, Filter, Line, Needs, NewMessage, NotEnqueued, Period, Place,
    StoreError, Work,
};
use crate::record::{LineName, OutboxId, Record, Route};

use engine::Pg;
pub use inbox::PostgresInbox;

const STEPS: [Migration; 2] = [
    Migration { version: 1, text: include_str!("../../schema/postgres/0001_outbox.sql") },
    Migration { version: 2, text: include_str!("../../schema/postgres/0002_inbox.sql") },
];

/// How many connections are kept at most: there is room for each from the beginning.
const MOST: u32 = 10_000;

/// An outbox in a PostgreSQL database (13 or later), for as many machines as you like: each may
/// enqueue and dispatch, and the leases of the phones share them out. Time is the database's.
///
/// Where `default_transaction_read_only` is on, as hosts set it when a disk gets full, nothing is
/// written, and so nothing is sent; once it is off, all goes on by itself.
///
/// `synchronous_commit` must not be `off`, nor `fsync`; both are asked on every connection. With an
/// asynchronous replica that takes over, messages that were answered can be lost or sent twice: the
/// last residual risk that the README names.
///
/// `sslmode` in the address says whether it is spoken to over TLS, which needs the feature
/// `postgres-tls`; without that an address that asks for TLS is refused:
///
/// | `sslmode` | |
/// |---|---|
/// | `disable`, `allow` | no TLS |
/// | `prefer` (default) | TLS where program and server can, and nothing is verified |
/// | `require` | TLS, and nothing is verified: who sits in between can read along |
/// | `verify-ca` | the certificate must come from a CA that is trusted |
/// | `verify-full` | and be for the host of the address: what you want outside of your own machine |
///
/// Trusted are the public CAs that Mozilla's list names, and those in the file `sslrootcert` names
/// (as in `?sslmode=verify-full&sslrootcert=/etc/ssl/our-ca.pem`); `sslcert` and `sslkey` are the
/// client's own.
///
/// All tables begin with `outbox_` and lie where the connection's `search_path` says. What is settled
/// lies in a part of its own (`outbox_message_done`), out of the way of what is not. What is wiped
/// stays in dead rows until vacuum has been there, and in the write-ahead log and backups for as long
/// as those are kept.
///
/// It is made within a tokio runtime; a task of its own writes, and another listens, until it is
/// dropped or [closed](Self::close).
#[derive(Debug)]
pub struct PostgresStore {
    core: Arc<Core<Pg>>,
}

/// How a [`PostgresStore`] is opened.
#[derive(Clone)]
#[non_exhaustive]
pub struct PostgresOptions {
    url: String,
    readers: u32,
    pooled: bool,
    clock: Option<Arc<dyn Clock>>,
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password.
        write!(f, "PostgresOptions({} readers, pooled: {})", self.readers, self.pooled)
    }
}

impl PostgresOptions {
    /// A database by its address, as in `postgres://user:password@host/database`.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), readers: 8, pooled: false, clock: None }
    }

    /// How many connections read at most; one more writes, and one listens. Default 8; never more
    /// than 10,000.
    #[must_use]
    pub const fn readers(mut self, count: u32) -> Self {
        self.readers = count;
        self
    }

    /// That a pooler such as PgBouncer stands in between, which gives every transaction another
    /// connection (its mode "transaction"; tried with 1.18, which knows no prepared statements).
    /// Statements are not remembered then, everything that belongs together is one transaction, nothing
    /// is set or locked for longer, and nobody listens: what is enqueued elsewhere is found by
    /// looking from time to time only. Nothing has to be ignored in the pooler's own settings.
    #[must_use]
    pub const fn pooled(mut self) -> Self {
        self.pooled = true;
        self
    }

    /// Another clock in place of the database's, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }
}

impl PostgresStore {
    /// Opens a database by its address; makes the tables where there are none.
    ///
    /// # Errors
    ///
    /// As [`open_with`](Self::open_with).
    pub async fn open(url: impl Into<String>) -> Result<Self, StoreError> {
        Self::open_with(PostgresOptions::new(url)).await
    }

    /// Opens a database; makes the tables where there are none.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: there is no connection; the database's settings would lose messages; its
    /// tables are of a later version.
    pub async fn open_with(options: PostgresOptions) -> Result<Self, StoreError> {
        let parsed: Result<PgConnectOptions, sqlx::Error> = options.url.parse();
        // What is wrong with an address is not shown: it may hold a password.
        let parsed = parsed.map_err(|_| {
            StoreError::unfit(
                "this is no address of a PostgreSQL database; they look like \
                 postgres://user:password@host/database",
            )
        })?;
        let parsed = parsed.application_name("chatapi-outbox");
        let engine = Pg::new(
            parsed,
            options.readers.saturating_add(1).min(MOST),
            options.pooled,
            options.clock,
        );
        let mut connection = engine.connect().await?;
        migrate::<Pg>(&mut connection, engine.name(), &STEPS).await?;
        let core = Arc::new(Core::start(engine, connection));
        core.engine.start_to_listen(&core.arrival, &core.events);
        Ok(Self { core })
    }

    /// Takes nothing new, and comes back when everything that was asked for is done and all
    /// connections are closed.
    pub async fn close(&self) {
        self.core.close().await;
    }

    /// Takes messages in within a transaction of the caller's own, in this very database: they are in
    /// the outbox if and when it is committed. Do it late in the transaction: from then on whoever
    /// enqueues under the same keys waits for its end.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the transaction must be rolled back then.
    pub async fn enqueue_in(
        &self,
        connection: &mut PgConnection,
        batch: Vec<(OutboxId, NewMessage)>,
    ) -> Result<Vec<Result<Enqueued, NotEnqueued>>, StoreError> {
        self.core.enqueue_in(connection, batch).await
    }

    /// How far a consumer has come, read within a transaction of the caller's own. Other
    /// processes that ask the same wait until it ends, so that several may consume under one name.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the transaction must be rolled back then.
    pub async fn consumed_in(
        &self,
        connection: &mut PgConnection,
        consumer: &str,
    ) -> Result<Place, StoreError> {
        self.core.consumed_in(connection, consumer).await
    }

    /// What happened after that place, read within a transaction of the caller's own.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the transaction must be rolled back then.
    pub async fn changes_in(
        &self,
        connection: &mut PgConnection,
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
    /// [`StoreError`]; the transaction must be rolled back then.
    pub async fn consume_in(
        &self,
        connection: &mut PgConnection,
        consumer: &str,
        place: Place,
    ) -> Result<(), StoreError> {
        self.core.consume_in(connection, consumer, place).await
    }

    /// The inbox in this database: what the vendors post rests beside what is to be sent.
    #[must_use]
    pub fn inbox(&self) -> PostgresInbox {
        PostgresInbox::of(self.core.clone())
    }
}

tables!(PostgresStore);
