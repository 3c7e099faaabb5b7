//! An inbox in a PostgreSQL database.

use std::sync::Arc;

use chatapi_types::{InstanceId, UnixMillis};
use chatapi_webhook::{Claim, EventId, InboxCounts, InboxError, Inserted, LeaseId, Leased, Record};

use super::engine::Pg;
use crate::store::sql::{Core, Desk, inbox};
use crate::store::{PostgresStore, StoreError};

/// An inbox in a PostgreSQL database, for as many machines as you like: each may receive and each may
/// process, and a line is with one consumer at a time, whichever machine it is on. Cheap to clone;
/// clones are the same inbox.
///
/// It lies in the same database as an outbox ([`PostgresStore::inbox`]), or in one of its own
/// ([`open`](Self::open)), with the same tables and under the same terms: `synchronous_commit` must
/// not be `off`, nor `fsync`, and both are asked on every connection.
///
/// Events come in one transaction after the other, across all machines, and so they are given out: a
/// process that is frozen in the middle of one holds up the others for 10 seconds, then the database
/// ends its connection. What comes is told to all machines (`NOTIFY`), except behind a
/// [pooler](super::PostgresOptions::pooled), where it is found by looking from time to time. Reading
/// never looks at what is acknowledged.
///
/// Consumers judge by the time of their own machine whether a lease has run out: keep their clocks
/// within a few seconds of each other.
#[derive(Clone, Debug)]
pub struct PostgresInbox {
    desk: Desk<Pg>,
}

impl PostgresInbox {
    /// Opens a database by its address; makes the tables where there are none. For anything but the
    /// address see [`PostgresOptions`](super::PostgresOptions).
    ///
    /// # Errors
    ///
    /// As [`PostgresStore::open`].
    pub async fn open(url: impl Into<String>) -> Result<Self, StoreError> {
        Ok(PostgresStore::open(url).await?.inbox())
    }

    pub(super) const fn of(core: Arc<Core<Pg>>) -> Self {
        Self { desk: Desk::new(core) }
    }

    /// Gives it room for this many bytes of payload, 256 bytes counted for the rest of each event; 1
    /// GiB unless given. Where room is short, acknowledged events are forgotten before their time,
    /// the oldest first; what is not acknowledged never is.
    #[must_use]
    pub fn quota(mut self, bytes: u64) -> Self {
        self.desk = self.desk.quota(bytes);
        self
    }

    /// Takes nothing new, and comes back when everything that was asked for is done and all
    /// connections are closed; for the store that it is the inbox of as well.
    pub async fn close(&self) {
        self.desk.close().await;
    }
}

inbox!(PostgresInbox);
