//! Opening a file without doing harm to one that is not ours.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use super::StoreError;

/// By which a file of ours is known: `CaSB`.
const APPLICATION: i64 = 0x4361_5342;

/// The form of the tables. What stands in them has a form of its own.
const FORM: i64 = 1;

/// How long another process is waited for that has the file.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) async fn open(path: &Path) -> Result<SqliteConnection, StoreError> {
    let shown = path.display().to_string();
    let failed = |error: &sqlx::Error| StoreError::of(&shown, "opened", error);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .busy_timeout(PATIENCE)
        .disable_statement_logging();
    let mut connection = options.connect().await.map_err(|error| failed(&error))?;
    match prepare(&mut connection).await {
        Ok(()) => Ok(connection),
        Err(Trouble::Database(error)) => {
            let _ = connection.close().await;
            Err(failed(&error))
        }
        Err(Trouble::Foreign(reason)) => {
            let _ = connection.close().await;
            Err(StoreError::new(format!("{shown} cannot be opened: {reason}")))
        }
    }
}

enum Trouble {
    Database(sqlx::Error),
    Foreign(String),
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Looks first; writes only to what is new or ours.
async fn prepare(connection: &mut SqliteConnection) -> Result<(), Trouble> {
    // From the first look on nobody else has it, until it is closed.
    sqlx::query("PRAGMA locking_mode = EXCLUSIVE").execute(&mut *connection).await?;
    let number = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = sqlx::query_scalar(number).fetch_one(&mut *connection).await?;
    let application = "PRAGMA application_id";
    let application: i64 = sqlx::query_scalar(application).fetch_one(&mut *connection).await?;
    let form: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await?;
    let is_new = tables == 0 && application == 0 && form == 0;
    if !is_new && application != APPLICATION {
        let reason = "it is a SQLite file of another program: take another file";
        return Err(Trouble::Foreign(reason.to_owned()));
    }
    if !is_new && form != FORM {
        return Err(Trouble::Foreign(format!(
            "it has form {form}, and this version reads form {FORM}: use the version that wrote it, \
             or take another file"
        )));
    }
    if !is_new {
        let checked: String =
            sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut *connection).await?;
        if checked != "ok" {
            let checked = checked.replace('\n', ": ");
            return Err(Trouble::Foreign(format!(
                "the file is damaged ({checked}): take a copy of before, or another file"
            )));
        }
    }
    for setting in ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"] {
        sqlx::query(setting).execute(&mut *connection).await?;
    }
    // A transaction that writes: it takes the lock for good, and shows that writing is possible.
    let mut change = connection.begin_with("BEGIN IMMEDIATE").await?;
    for statement in [
        "CREATE TABLE IF NOT EXISTS world (name TEXT PRIMARY KEY, snapshot BLOB NOT NULL) STRICT",
        "PRAGMA application_id = 1130451778",
        "PRAGMA user_version = 1",
    ] {
        sqlx::query(statement).execute(&mut *change).await?;
    }
    change.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_mark_in_the_statement_is_the_mark() {
        assert_eq!((super::APPLICATION, super::FORM), (1_130_451_778, 1));
    }
}
