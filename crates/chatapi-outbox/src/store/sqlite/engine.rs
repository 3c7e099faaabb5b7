//! How SQLite is spoken to.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chatapi_transport::Clock;
use chatapi_types::UnixMillis;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{
    Arguments as _, AssertSqlSafe, ConnectOptions as _, Row as _, SqliteConnection, SqlitePool,
    pool::PoolConnection,
};

use crate::store::StoreError;
use crate::store::sql::{Argument, Arrived, Engine, Fault, Kind, Row, Value, joined};

/// For how long another process may hold the file before one gives up.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same for what can be done later just as well.
const TIDY_PATIENCE: Duration = Duration::from_millis(20);
/// How many connections read.
const READERS: u32 = 4;
/// What a connection must say about itself.
const SETTINGS: [(&str, &str); 4] = [
    ("journal_mode", "wal"),
    // FULL: every commit is flushed to the disk before it is answered.
    ("synchronous", "2"),
    ("foreign_keys", "1"),
    // What is deleted is overwritten.
    ("secure_delete", "1"),
];

/// A file.
#[derive(Clone)]
pub(super) struct Sqlite {
    name: Arc<str>,
    path: PathBuf,
    clock: Arc<dyn Clock>,
    readers: SqlitePool,
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Sqlite {
    pub(super) fn new(path: &Path, clock: Arc<dyn Clock>) -> Self {
        let name: Arc<str> = path.display().to_string().into();
        let checked = name.clone();
        let pool = SqlitePoolOptions::new().max_connections(READERS);
        let pool = pool.after_connect(move |connection, _| {
            let name = checked.clone();
            Box::pin(async move {
                let checked = check(connection, &name).await;
                checked.map_err(|error| sqlx::Error::Configuration(Box::new(error)))
            })
        });
        let readers = options(path).create_if_missing(false).pragma("query_only", "ON");
        let readers = pool.connect_lazy_with(readers);
        Self { name, path: path.to_owned(), clock, readers }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn time_now(&self) -> UnixMillis {
        self.clock.unix()
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .pragma("secure_delete", "ON")
        // On a Mac a flush is none without this.
        .pragma("fullfsync", "ON")
        // KiB, as a negative number.
        .pragma("cache_size", "-32768")
        .statement_cache_capacity(400)
        .disable_statement_logging()
}

/// Whether a connection is as it was asked to be.
pub(super) async fn check(connection: &mut SqliteConnection, name: &str) -> Result<(), StoreError> {
    let failed = |error| StoreError::unavailable(format!("{name}: it cannot be read"), error);
    for (setting, wanted) in SETTINGS {
        let text = format!("SELECT CAST({setting} AS TEXT) FROM pragma_{setting}");
        let row = sqlx::query(AssertSqlSafe(text)).fetch_optional(&mut *connection).await;
        let row = row.map_err(failed)?;
        let found: String = match row {
            Some(row) => row.try_get(0).map_err(failed)?,
            None => "unknown".to_owned(),
        };
        if found != wanted {
            return Err(StoreError::unfit(format!(
                "{name}: {setting} is {found} instead of {wanted}: messages could be lost; use a \
                 file on a local disk, and a SQLite that was not built otherwise"
            )));
        }
    }
    Ok(())
}

impl Engine for Sqlite {
    type Database = sqlx::Sqlite;
    type Connection = SqliteConnection;
    type Read = PoolConnection<sqlx::Sqlite>;

    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    const BEGIN_READ: &'static str = "BEGIN";
    const FOR_UPDATE: &'static str = "";
    const FOR_UPDATE_OF_OTHERS: &'static str = "";
    const NOT_FOR_LONG: &'static str = "";
    const COMMITTED: &'static str = "1 = 1";
    const HAS_SCHEMA: &'static str =
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'outbox_schema'";
    const LOCK_SCHEMA: &'static str = "SELECT 1";
    const PAIRS: usize = 1;

    fn name(&self) -> &str {
        &self.name
    }

    async fn close(&self) {
        self.readers.close().await;
    }

    async fn connect(&self) -> Result<SqliteConnection, StoreError> {
        let connected = options(&self.path).create_if_missing(true).connect().await;
        let mut connection = connected.map_err(|error| {
            StoreError::unavailable(format!("{}: it cannot be opened", self.name), error)
        })?;
        check(&mut connection, &self.name).await?;
        Ok(connection)
    }

    async fn reader(&self) -> Result<Self::Read, Fault> {
        Ok(self.readers.acquire().await?)
    }

    async fn time(&self, _: &mut SqliteConnection) -> Result<UnixMillis, Fault> {
        Ok(self.clock.unix())
    }

    async fn now(&self, _: &mut SqliteConnection) -> Result<(UnixMillis, i64), Fault> {
        Ok((self.clock.unix(), 0))
    }

    async fn fetch(
        connection: &mut SqliteConnection,
        text: String,
        arguments: Vec<Argument>,
        kinds: &'static [Kind],
    ) -> Result<Vec<Row>, Fault> {
        let mut bound = SqliteArguments::default();
        for argument in arguments {
            let added = match argument {
                Argument::One(value) => add(&mut bound, value),
                Argument::Many(kind, values) => bound.add(json(kind, values)),
                Argument::Pairs(pairs) => bound.add(serde_json::json!(pairs).to_string()),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        let found = sqlx::query_with(AssertSqlSafe(text), bound).fetch_all(connection).await?;
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

    async fn raw(connection: &mut SqliteConnection, text: &'static str) -> Result<(), Fault> {
        sqlx::raw_sql(text).execute(connection).await?;
        Ok(())
    }

    async fn lock_keys(
        _: &mut SqliteConnection,
        _: &BTreeSet<(String, String)>,
    ) -> Result<(), Fault> {
        // There is one writer at a time.
        Ok(())
    }

    async fn places(connection: &mut SqliteConnection, count: usize) -> Result<Vec<u64>, Fault> {
        let text =
            "SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'outbox_message'";
        let mut found = Self::fetch(connection, text.to_owned(), Vec::new(), &[Kind::Int]).await?;
        let last: u64 = found.first_mut().map_or(Ok(0), Row::number)?;
        Ok((last + 1..=last + count as u64).collect())
    }

    async fn call(_: &mut SqliteConnection, _: Arrived) -> Result<(), Fault> {
        Ok(())
    }

    async fn tidy(connection: &mut SqliteConnection) -> Result<bool, Fault> {
        // What was overwritten in the file is still in the log. Somebody may read for long from an
        // earlier state of it, and everything would wait for him.
        let pragma = |wait: Duration| format!("PRAGMA busy_timeout = {}", wait.as_millis());
        Self::fetch(connection, pragma(TIDY_PATIENCE), Vec::new(), &[]).await?;
        let text = "PRAGMA wal_checkpoint(TRUNCATE)".to_owned();
        let done = Self::fetch(connection, text, Vec::new(), &[Kind::Int]).await;
        Self::fetch(connection, pragma(PATIENCE), Vec::new(), &[]).await?;
        Ok(!done?.first_mut().map_or(Ok(true), Row::flag)?)
    }

    fn is_broken(_: &Fault) -> bool {
        false
    }

    fn may_repeat(_: &Fault) -> bool {
        // It was waited for long enough.
        false
    }

    fn committed_nothing(fault: &Fault) -> bool {
        let Fault::Sql(sqlx::Error::Database(error)) = fault else { return false };
        // The lowest byte is the kind: busy, read-only, full.
        let code = error.code().and_then(|code| code.parse::<u32>().ok());
        code.is_some_and(|code| matches!(code & 0xff, 5 | 8 | 13))
    }

    fn list(kind: Kind, number: usize) -> String {
        match kind {
            Kind::Bytes => format!("IN (SELECT unhex(value) FROM json_each(${number}))"),
            _ => format!("IN (SELECT value FROM json_each(${number}))"),
        }
    }

    fn pairs(number: usize) -> String {
        format!("(SELECT value ->> 0 AS a, value ->> 1 AS b FROM json_each(${number})) AS p")
    }

    fn per_line(select: &str, tag: u8) -> String {
        let select = select.replace("{line}", "(l.value ->> 0)");
        let select = select.replace("{group}", "(l.value ->> 1)");
        format!(
            "SELECT l.key, c.seq, {tag} FROM json_each($3) AS l CROSS JOIN outbox_message AS c \
             WHERE c.seq IN ({select})"
        )
    }

    fn at_once(rows: usize) -> usize {
        // Few different statements, so that they are prepared once.
        let sizes = [64, 32, 16, 8, 4, 2, 1];
        sizes.into_iter().find(|size| *size <= rows).unwrap_or(1)
    }

    fn source(kinds: &[Kind], rows: usize) -> String {
        // Without numbers: those would be looked up by name, each anew.
        let row = format!("({})", joined(kinds.iter().map(|_| "?")));
        format!("VALUES {}", joined((0..rows).map(|_| &row)))
    }

    fn table(kinds: &[Kind], rows: usize) -> String {
        format!("({}) AS n", Self::source(kinds, rows))
    }

    fn arguments(_: &[Kind], rows: Vec<Vec<Value>>) -> Vec<Argument> {
        rows.into_iter().flatten().map(Argument::One).collect()
    }
}

fn add(bound: &mut SqliteArguments, value: Value) -> Result<(), sqlx::error::BoxDynError> {
    match value {
        Value::Int(value) => bound.add(value),
        Value::Text(value) => bound.add(value),
        Value::Bytes(value) => bound.add(value),
    }
}

/// A list as JSON; bytes as hexadecimal digits.
fn json(kind: Kind, values: Vec<Value>) -> String {
    let value = |value| match (kind, value) {
        (_, Value::Int(value)) => serde_json::json!(value),
        (Kind::Text, Value::Text(value)) => serde_json::json!(value),
        (Kind::Bytes, Value::Bytes(value)) => serde_json::json!(value.map(hex)),
        _ => serde_json::Value::Null,
    };
    serde_json::Value::Array(values.into_iter().map(value).collect()).to_string()
}

fn hex(bytes: Vec<u8>) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a string does not fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}
