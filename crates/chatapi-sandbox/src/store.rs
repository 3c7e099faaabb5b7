//! State in a SQLite file.

mod error;
mod file;
mod keeper;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use sqlx::{Connection as _, Row as _, SqliteConnection};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::{Sandbox, Snapshot};

pub use error::StoreError;
pub use keeper::Keeper;

/// A SQLite file that holds sandboxes by name, one [`Snapshot`] each.
///
/// While it is open nobody else can open it: two sandboxes on one file would overwrite each other.
/// It is written with a write-ahead log and `synchronous=FULL`, so what is saved survives the end of
/// the process and of the machine's power.
///
/// **What a `kill -9` loses:** what happened since the last save that was finished. A [`Keeper`]
/// saves within a quarter of a second of a change, or within ten times as long as the last save took
/// where that is more, plus the time of the save itself. The file is whole in any case: a save is
/// there altogether or not at all.
///
/// ```
/// use chatapi_sandbox::{Sandbox, Store};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let path = std::env::temp_dir().join(format!("chatapi-doc-{}.db", std::process::id()));
/// let store = Store::open(&path).await?;
/// let sandbox = Sandbox::new();
/// let keeper = store.keep("main", &sandbox).await?; // restores what the file has
/// sandbox.add_instance("12345", "token");
/// keeper.close().await?; // saves
/// store.close().await?;
///
/// let again = Sandbox::new();
/// let store = Store::open(&path).await?;
/// store.keep("main", &again).await?;
/// assert!(again.instance("12345").exists());
/// # store.close().await?;
/// # std::fs::remove_file(&path)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    /// As it is shown in errors.
    path: String,
    /// `None` once it is closed.
    connection: Mutex<Option<SqliteConnection>>,
}

impl Store {
    /// Opens a file; makes it where there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the file cannot be made, read or written, is held by another process, is
    /// damaged, or is not a sandbox's. It is left as it was.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let connection = file::open(path).await?;
        let path = path.display().to_string();
        Ok(Self { shared: Arc::new(Shared { path, connection: Mutex::new(Some(connection)) }) })
    }

    /// The names of the sandboxes that it holds, in order.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the file cannot be read.
    pub async fn names(&self) -> Result<Vec<String>, StoreError> {
        let mut held = self.shared.connection.lock().await;
        let connection = held.as_mut().ok_or_else(|| self.closed())?;
        let rows = sqlx::query("SELECT name FROM world ORDER BY name").fetch_all(connection).await;
        let names = rows.and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect());
        names.map_err(|error| self.failed("read", &error))
    }

    /// The sandbox of a name, as it was saved last.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the file cannot be read, or what it holds is no [`Snapshot`] of this
    /// version.
    pub async fn load(&self, name: &str) -> Result<Option<Snapshot>, StoreError> {
        let row = {
            let mut held = self.shared.connection.lock().await;
            let connection = held.as_mut().ok_or_else(|| self.closed())?;
            let query = sqlx::query("SELECT snapshot FROM world WHERE name = ?").bind(name);
            let row = query.fetch_optional(connection).await;
            row.map_err(|error| self.failed("read", &error))?
        };
        let Some(row) = row else {
            return Ok(None);
        };
        let bytes: Vec<u8> = row.try_get(0).map_err(|error| self.failed("read", &error))?;
        let snapshot = spawn_blocking(move || Snapshot::from_bytes(&bytes)).await;
        let snapshot = snapshot.map_err(|error| StoreError::new(error.to_string()))?;
        snapshot.map(Some).map_err(|error| {
            StoreError::new(format!("{}: the sandbox {name:?}: {error}", self.shared.path))
        })
    }

    /// Saves a sandbox under a name, in place of the one that had it. When this returns, it is on
    /// the disk.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be written; what was saved before is still there.
    pub async fn save(&self, name: &str, sandbox: &Sandbox) -> Result<(), StoreError> {
        let sandbox = sandbox.clone();
        let bytes = spawn_blocking(move || sandbox.snapshot().to_bytes()).await;
        let bytes = bytes
            .map_err(|error| StoreError::new(error.to_string()))?
            .map_err(|error| StoreError::new(error.to_string()))?;
        self.write(name, &bytes).await
    }

    async fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let mut held = self.shared.connection.lock().await;
        let connection = held.as_mut().ok_or_else(|| self.closed())?;
        let query = sqlx::query("INSERT OR REPLACE INTO world (name, snapshot) VALUES (?, ?)");
        let written = query.bind(name).bind(bytes).execute(connection).await;
        written.map(drop).map_err(|error| self.failed("written", &error))
    }

    /// Forgets the sandbox of a name, if it has it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the file cannot be written.
    pub async fn forget(&self, name: &str) -> Result<(), StoreError> {
        let mut held = self.shared.connection.lock().await;
        let connection = held.as_mut().ok_or_else(|| self.closed())?;
        let query = sqlx::query("DELETE FROM world WHERE name = ?").bind(name);
        let gone = query.execute(connection).await;
        gone.map(drop).map_err(|error| self.failed("written", &error))
    }

    /// Restores the sandbox from what is saved under the name, if anything is, and from then on
    /// saves it whenever it has changed.
    ///
    /// On a clock in [`ClockMode::Real`](crate::ClockMode::Real) the time since then passes at once:
    /// phones have sent what they would have sent. In the other modes time goes on from where it
    /// was.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub async fn keep(
        &self,
        name: impl Into<String>,
        sandbox: &Sandbox,
    ) -> Result<Keeper, StoreError> {
        let name = name.into();
        if let Some(snapshot) = self.load(&name).await? {
            sandbox.restore(&snapshot);
            sandbox.catch_up();
        }
        Ok(Keeper::new(self.clone(), name, sandbox.clone()))
    }

    /// Closes the file, so that another process can open it; on all clones.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the write-ahead log could not be brought into the file; nothing is lost
    /// by that.
    pub async fn close(&self) -> Result<(), StoreError> {
        match self.shared.connection.lock().await.take() {
            Some(connection) => {
                connection.close().await.map_err(|error| self.failed("closed", &error))
            }
            None => Ok(()),
        }
    }

    fn closed(&self) -> StoreError {
        StoreError::new(format!("{}: the file is closed", self.shared.path))
    }

    fn failed(&self, what: &str, error: &sqlx::Error) -> StoreError {
        StoreError::of(&self.shared.path, what, error)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.shared.path)
    }
}
