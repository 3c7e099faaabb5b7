//! Who dispatches from a file.

use std::fmt;
use std::path::{Path, PathBuf};

use chatapi_types::UnixMillis;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};

use crate::store::StoreError;

/// The right to dispatch from a SQLite file. It ends when this is dropped or the process ends, however
/// it ends. Two dispatchers on one file would still be kept apart by the leases of the phones; this
/// says so at once instead of having one of them wait for ever.
pub struct DispatcherLock {
    path: PathBuf,
    /// Holds a transaction on a file of its own beside the database: a lock of the operating system
    /// that ends with the process.
    _held: SqliteConnection,
}

impl fmt::Debug for DispatcherLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DispatcherLock({})", self.path.display())
    }
}

impl DispatcherLock {
    pub(super) async fn take(database: &Path, now: UnixMillis) -> Result<Self, StoreError> {
        let mut path = database.as_os_str().to_owned();
        path.push("-dispatcher");
        let path = PathBuf::from(path);
        let name = path.display();
        let failed = |error| StoreError::unavailable(format!("{name}: cannot be locked"), error);
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let options = options.busy_timeout(std::time::Duration::ZERO).disable_statement_logging();
        let mut held = options.connect().await.map_err(failed)?;
        // Once to say who, and once to stay: what is not committed nobody else can read.
        let who = format!("process {} since {}", std::process::id(), seconds(now));
        let steps = [
            "BEGIN IMMEDIATE",
            "CREATE TABLE IF NOT EXISTS holder (who TEXT NOT NULL)",
            "DELETE FROM holder",
        ];
        let mut done = Ok(());
        for step in steps {
            if done.is_ok() {
                done = sqlx::raw_sql(step).execute(&mut held).await.map(drop);
            }
        }
        if done.is_ok() {
            let said = sqlx::query("INSERT INTO holder (who) VALUES ($1)").bind(&who);
            done = said.execute(&mut held).await.map(drop);
        }
        for step in ["COMMIT", "BEGIN IMMEDIATE"] {
            if done.is_ok() {
                done = sqlx::raw_sql(step).execute(&mut held).await.map(drop);
            }
        }
        match done {
            Ok(()) => Ok(Self { path, _held: held }),
            Err(error) if is_busy(&error) => {
                let found = sqlx::query("SELECT who FROM holder").fetch_optional(&mut held).await;
                let who: Option<String> = found.ok().flatten().and_then(|row| row.try_get(0).ok());
                let who = who.unwrap_or_else(|| "another process".to_owned());
                Err(StoreError::unfit(format!(
                    "{}: {who} dispatches from it already; one at a time: stop that one first",
                    database.display()
                )))
            }
            Err(error) => Err(failed(error)),
        }
    }
}

fn seconds(time: UnixMillis) -> String {
    format!("{} (Unix time)", time.as_millis() / 1000)
}

fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == 5)
}
