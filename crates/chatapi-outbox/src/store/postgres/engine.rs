//! How PostgreSQL is spoken to.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use chatapi_transport::Clock;
use chatapi_types::UnixMillis;
use sha2::{Digest as _, Sha256};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions};
use sqlx::{
    Arguments as _, AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, PgPool,
    Postgres, Row as _, pool::PoolConnection,
};
use tokio::sync::Notify;

use super::listener::Listener;
use crate::store::StoreError;
use crate::store::sql::{Argument, Arrived, Engine, Fault, Kind, Row, Value, joined};

/// What is notified when there may be something new to send.
pub(super) const MESSAGES: &str = "outbox_arrival";
/// What is notified when there is an event to be given out.
pub(super) const EVENTS: &str = "outbox_event_arrival";
/// The oldest server whose transactions have numbers that never come again.
const OLDEST: i64 = 130_000;

/// How many statements a connection remembers.
const STATEMENTS: usize = 400;

/// A database.
#[derive(Clone)]
pub(super) struct Pg {
    name: Arc<str>,
    options: PgConnectOptions,
    /// Whether the next transaction may be on another connection.
    pooled: bool,
    /// In place of the database's clock, for tests.
    clock: Option<Arc<dyn Clock>>,
    readers: PgPool,
    /// Who hears of what other processes put in, unless it is pooled.
    listener: Arc<OnceLock<Listener>>,
}

impl fmt::Debug for Pg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Pg {
    pub(super) fn new(
        options: PgConnectOptions,
        readers: u32,
        pooled: bool,
        clock: Option<Arc<dyn Clock>>,
    ) -> Self {
        let options = options.disable_statement_logging();
        let options = match pooled {
            false => options.statement_cache_capacity(STATEMENTS),
            // Poolers refuse a setting that they do not know, and there are no such digits here.
            true => options.statement_cache_capacity(0).extra_float_digits(None),
        };
        let database = options.get_database().unwrap_or_else(|| options.get_username());
        let host = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let name: Arc<str> = format!("PostgreSQL {database} on {host}").into();
        let checked = name.clone();
        let pool = PgPoolOptions::new().max_connections(readers.max(1));
        let pool = pool.after_connect(move |connection, _| {
            let name = checked.clone();
            Box::pin(async move {
                let checked = check(connection, &name, pooled).await;
                checked.map_err(|error| sqlx::Error::Configuration(Box::new(error)))
            })
        });
        let readers = pool.connect_lazy_with(options.clone());
        Self { name, options, pooled, clock, readers, listener: Arc::default() }
    }

    /// From now on it is heard of what other processes put in, where it can be.
    pub(super) fn start_to_listen(&self, messages: &Arc<Notify>, events: &Arc<Notify>) {
        if !self.pooled {
            let start = || Listener::start(self.readers.clone(), messages.clone(), events.clone());
            self.listener.get_or_init(start);
        }
    }
}

/// Whether a connection keeps what it says is kept.
async fn check(connection: &mut PgConnection, name: &str, pooled: bool) -> Result<(), StoreError> {
    let failed = |error| StoreError::unavailable(format!("{name}: it cannot be read"), error);
    let text = "SELECT current_setting('synchronous_commit'), current_setting('fsync'), \
                current_setting('server_version_num')::bigint";
    let row = sqlx::raw_sql(text).fetch_one(&mut *connection).await.map_err(failed)?;
    let commit: String = row.try_get(0).map_err(failed)?;
    let fsync: String = row.try_get(1).map_err(failed)?;
    let version: i64 = row.try_get(2).map_err(failed)?;
    let unfit = |what: &str| Err(StoreError::unfit(format!("{name}: {what}")));
    if commit == "off" {
        return unfit(
            "synchronous_commit is off: what was answered could be lost; set it to on for this \
             database or user",
        );
    }
    if fsync == "off" {
        return unfit("fsync is off: what was answered could be lost; switch it on");
    }
    if version < OLDEST {
        return unfit("the server is too old; it must be PostgreSQL 13 or later");
    }
    if !pooled {
        // The first statement that is remembered: see `remembers`.
        sqlx::query("SELECT 1").execute(connection).await.map_err(failed)?;
    }
    Ok(())
}

/// Whether a connection may remember statements. A pooled one never has any: the next transaction
/// would look for them on another connection, or find somebody else's under the same name.
fn remembers(connection: &PgConnection) -> bool {
    connection.cached_statements_size() > 0
}

impl Engine for Pg {
    type Database = Postgres;
    type Connection = PgConnection;
    type Read = PoolConnection<Postgres>;

    // Everything is found by its key in an index, however small the tables were when that was planned;
    // and planned once. All for this transaction only: another may be somebody else's, behind a pooler.
    // Whether it may write is left to the database: one that is made read-only, because its disk gets
    // full, is not written to against its owner's will.
    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED; \
                                 SET LOCAL enable_seqscan = off; SET LOCAL jit = off; \
                                 SET LOCAL enable_hashjoin = off; \
                                 SET LOCAL enable_mergejoin = off; \
                                 SET LOCAL plan_cache_mode = force_generic_plan";
    const BEGIN_READ: &'static str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    const FOR_UPDATE: &'static str = " FOR UPDATE";
    const FOR_UPDATE_OF_OTHERS: &'static str = " FOR UPDATE SKIP LOCKED";
    const NOT_FOR_LONG: &'static str =
        ", set_config('idle_in_transaction_session_timeout', '10s', true)";
    const COMMITTED: &'static str =
        "\"transaction\" < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    const HAS_SCHEMA: &'static str =
        "SELECT 1::bigint WHERE to_regclass('outbox_schema') IS NOT NULL";
    const LOCK_SCHEMA: &'static str = "SELECT pg_advisory_xact_lock(7526769903920116582)";
    const PAIRS: usize = 2;

    fn name(&self) -> &str {
        &self.name
    }

    async fn close(&self) {
        if let Some(listener) = self.listener.get() {
            listener.stop().await;
        }
        self.readers.close().await;
    }

    fn listen(&self) {
        if let Some(listener) = self.listener.get() {
            listener.revive();
        }
    }

    async fn connect(&self) -> Result<PgConnection, StoreError> {
        let connected = self.options.connect().await;
        let mut connection = connected.map_err(|error| match error {
            sqlx::Error::Tls(_) if !cfg!(feature = "postgres-tls") => StoreError::unfit(format!(
                "{}: its address asks for TLS (sslmode), and this program was built without: turn \
                 the feature `postgres-tls` on",
                self.name
            )),
            error => StoreError::unavailable(format!("{}: no connection", self.name), error),
        })?;
        check(&mut connection, &self.name, self.pooled).await?;
        Ok(connection)
    }

    async fn reader(&self) -> Result<Self::Read, Fault> {
        Ok(self.readers.acquire().await?)
    }

    async fn time(&self, connection: &mut PgConnection) -> Result<UnixMillis, Fault> {
        if let Some(clock) = &self.clock {
            return Ok(clock.unix());
        }
        // One message, and so one transaction where there is none around it, also behind a pooler.
        let text = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        let row = sqlx::raw_sql(text).fetch_one(connection).await?;
        Ok(UnixMillis::from_millis(row.try_get(0)?))
    }

    async fn now(&self, connection: &mut PgConnection) -> Result<(UnixMillis, i64), Fault> {
        let text = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, \
                    pg_current_xact_id()::text::bigint";
        let found = Self::fetch(connection, text.to_owned(), Vec::new(), &[Kind::Int; 2]).await?;
        let Some(mut row) = found.into_iter().next() else {
            return Err(Fault::Damaged("the time"));
        };
        let (time, transaction) = (row.time()?, row.int()?);
        Ok((self.clock.as_ref().map_or(time, |clock| clock.unix()), transaction))
    }

    async fn fetch(
        connection: &mut PgConnection,
        text: String,
        arguments: Vec<Argument>,
        kinds: &'static [Kind],
    ) -> Result<Vec<Row>, Fault> {
        let mut bound = PgArguments::default();
        for argument in arguments {
            let added = match argument {
                Argument::One(Value::Int(value)) => bound.add(value),
                Argument::One(Value::Text(value)) => bound.add(value.map(storable)),
                Argument::One(Value::Bytes(value)) => bound.add(value),
                Argument::Many(kind, values) => column(&mut bound, kind, values),
                Argument::Pairs(pairs) => {
                    let (a, b): (Vec<String>, Vec<Option<String>>) = pairs.into_iter().unzip();
                    let a: Vec<String> = a.into_iter().map(storable).collect();
                    let b: Vec<_> = b.into_iter().map(|b| b.map(storable)).collect();
                    bound.add(a).and_then(|()| bound.add(b))
                }
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        let query = sqlx::query_with(AssertSqlSafe(text), bound);
        let found = query.persistent(remembers(connection)).fetch_all(connection).await?;
        let rows = found.into_iter().map(|row| {
            let read = |(index, kind): (usize, &Kind)| {
                Ok(match kind {
                    Kind::Int => Value::Int(row.try_get_unchecked(index)?),
                    Kind::Text => Value::Text(row.try_get_unchecked(index)?),
                    Kind::Bytes => Value::Bytes(row.try_get_unchecked(index)?),
                })
            };
            kinds.iter().enumerate().map(read).collect::<Result<_, Fault>>().map(Row::new)
        });
        rows.collect()
    }

    async fn raw(connection: &mut PgConnection, text: &'static str) -> Result<(), Fault> {
        sqlx::raw_sql(text).execute(connection).await?;
        Ok(())
    }

    async fn lock_keys(
        connection: &mut PgConnection,
        keys: &BTreeSet<(String, String)>,
    ) -> Result<(), Fault> {
        // In the same order everywhere, so that nobody waits for somebody who waits for him.
        let hashes: BTreeSet<i64> = keys.iter().map(hash).collect();
        let hashes = hashes.into_iter().map(i64::cast_unsigned);
        let text = "SELECT count(pg_advisory_xact_lock(k)) FROM unnest($1::bigint[]) AS k";
        Self::fetch(connection, text.to_owned(), vec![Argument::ints(hashes)], &[]).await?;
        Ok(())
    }

    async fn places(connection: &mut PgConnection, count: usize) -> Result<Vec<u64>, Fault> {
        let text = "SELECT nextval('outbox_message_seq') FROM generate_series(1, $1)";
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let arguments = vec![count.into()];
        let found = Self::fetch(connection, text.to_owned(), arguments, &[Kind::Int]).await?;
        found.into_iter().map(|mut row| row.number()).collect()
    }

    async fn call(connection: &mut PgConnection, arrived: Arrived) -> Result<(), Fault> {
        for (channel, is_called) in [(MESSAGES, arrived.messages), (EVENTS, arrived.events)] {
            if is_called {
                let text = "SELECT pg_notify($1, '')".to_owned();
                Self::fetch(connection, text, vec![channel.into()], &[]).await?;
            }
        }
        Ok(())
    }

    async fn tidy(_: &mut PgConnection) -> Result<bool, Fault> {
        // That is for vacuum.
        Ok(true)
    }

    fn is_broken(fault: &Fault) -> bool {
        let Fault::Sql(error) = fault else { return false };
        // 57: the server was shut down.
        !matches!(error, sqlx::Error::Database(_)) || is_of(fault, &["57"])
    }

    fn may_repeat(fault: &Fault) -> bool {
        // Conflicts and deadlocks with others; a key or a file that somebody else took or deleted
        // meanwhile.
        matches!(fault, Fault::Overtaken) || is_of(fault, &["40", "23505", "23503"])
    }

    fn committed_nothing(fault: &Fault) -> bool {
        is_of(fault, &["23", "25", "40", "53"])
    }

    fn list(kind: Kind, number: usize) -> String {
        format!("= ANY (${number}::{}[])", name_of(kind))
    }

    fn pairs(number: usize) -> String {
        format!("unnest(${number}::text[], ${}::text[]) AS p (a, b)", number + 1)
    }

    fn per_line(select: &str, tag: u8) -> String {
        let select = select.replace("{line}", "l.name").replace("{group}", "l.shared");
        format!(
            "SELECT l.n - 1, c.seq, {tag}::bigint FROM unnest($3::text[], $4::text[]) \
             WITH ORDINALITY AS l (name, shared, n) CROSS JOIN LATERAL ({select}) AS c"
        )
    }

    fn at_once(rows: usize) -> usize {
        rows.min(1000)
    }

    fn source(kinds: &[Kind], _: usize) -> String {
        format!("SELECT * FROM {}", unnest(kinds))
    }

    fn table(kinds: &[Kind], _: usize) -> String {
        let names = joined((1..=kinds.len()).map(|number| format!("column{number}")));
        format!("{} AS n ({names})", unnest(kinds))
    }

    fn arguments(kinds: &[Kind], rows: Vec<Vec<Value>>) -> Vec<Argument> {
        let count = rows.len();
        let mut columns: Vec<Vec<Value>> =
            kinds.iter().map(|_| Vec::with_capacity(count)).collect();
        for row in rows {
            for (column, value) in columns.iter_mut().zip(row) {
                column.push(value);
            }
        }
        let columns = columns.into_iter().zip(kinds);
        columns.map(|(column, kind)| Argument::Many(*kind, column)).collect()
    }
}

const fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Int => "bigint",
        Kind::Text => "text",
        Kind::Bytes => "bytea",
    }
}

fn unnest(kinds: &[Kind]) -> String {
    let arrays = kinds.iter().enumerate();
    let arrays = arrays.map(|(index, kind)| format!("${}::{}[]", index + 1, name_of(*kind)));
    format!("unnest({})", joined(arrays))
}

/// PostgreSQL keeps any character but this one.
fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text }
}

fn column(
    bound: &mut PgArguments,
    kind: Kind,
    values: Vec<Value>,
) -> Result<(), sqlx::error::BoxDynError> {
    match kind {
        Kind::Int => {
            let int = |value| if let Value::Int(value) = value { value } else { None };
            bound.add(values.into_iter().map(int).collect::<Vec<Option<i64>>>())
        }
        Kind::Text => {
            let text =
                |value| if let Value::Text(value) = value { value.map(storable) } else { None };
            bound.add(values.into_iter().map(text).collect::<Vec<Option<String>>>())
        }
        Kind::Bytes => {
            let bytes = |value| if let Value::Bytes(value) = value { value } else { None };
            bound.add(values.into_iter().map(bytes).collect::<Vec<Option<Vec<u8>>>>())
        }
    }
}

fn hash((namespace, key): &(String, String)) -> i64 {
    let mut hash = Sha256::new();
    hash.update(namespace);
    hash.update([0]);
    hash.update(key);
    let digest: [u8; 32] = hash.finalize().into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

fn is_of(fault: &Fault, codes: &[&str]) -> bool {
    let Fault::Sql(sqlx::Error::Database(error)) = fault else { return false };
    error.code().is_some_and(|code| codes.iter().any(|start| code.starts_with(start)))
}
