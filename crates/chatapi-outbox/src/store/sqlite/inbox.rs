//! An inbox in a SQLite file.

use std::path::Path;
use std::sync::Arc;

use chatapi_transport::TokioClock;
use chatapi_types::{InstanceId, UnixMillis};
use chatapi_webhook::{Claim, EventId, InboxCounts, InboxError, Inserted, LeaseId, Leased, Record};

use super::engine::Sqlite;
use crate::store::sql::{Core, Desk, inbox};
use crate::store::{SqliteStore, StoreError};

/// An inbox in a SQLite file: what a [`Receiver`](chatapi_webhook::Receiver) has said 200 to is on
/// the disk, as far as the disk tells the truth. Cheap to clone; clones are the same inbox.
///
/// It lies in the same file as an outbox ([`SqliteStore::inbox`]), or in one of its own
/// ([`open`](Self::open)), with the same tables and settings: a write-ahead log, `synchronous=FULL`,
/// `secure_delete`, all read back on every connection. Any number of processes may put events in and
/// take them out. Posts that come at the same time share one flush. Reading never looks at what is
/// acknowledged.
///
/// [`arrival`](chatapi_webhook::Inbox::arrival) hears of what came through the same store; what
/// another process puts in is found by looking from time to time, which
/// [`Events`](chatapi_webhook::Events) does.
///
/// ```
/// use chatapi_outbox::store::SqliteInbox;
/// use chatapi_webhook::{Events, Hook, PathSecret, Receiver};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let path = std::env::temp_dir().join(format!("inbox-doc-{}.db", std::process::id()));
/// let inbox = SqliteInbox::open(&path).await?;
/// let secret = PathSecret::generate()?;
/// let hook = Hook::chat_api("12345", secret.hash());
/// let receiver = Receiver::builder(inbox.clone()).hook(hook).build();
/// # let body = r#"{"ack":[{"id":"true_79000000001@c.us_A","queueNumber":7,
/// #     "chatId":"79000000001@c.us","status":"delivered"}],"instanceId":"12345"}"#;
/// # let request = http::Request::post(format!("/hooks/{}", secret.expose())).body(body.into())?;
/// # assert_eq!(receiver.answer(None, request).await.status(), 200);
///
/// let mut events = Events::of(inbox.clone());
/// let event = events.next().await?;
/// event.ack().await?;
/// inbox.close().await;
/// # for end in ["", "-wal", "-shm"] {
/// #     std::fs::remove_file(format!("{}{end}", path.display())).ok();
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SqliteInbox {
    desk: Desk<Sqlite>,
}

impl SqliteInbox {
    /// Opens a file; makes it, and the tables in it, where there are none.
    ///
    /// # Errors
    ///
    /// As [`SqliteStore::open`].
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        // An inbox is told the time by whoever calls it.
        Ok(SqliteStore::open(path, Arc::new(TokioClock::new())).await?.inbox())
    }

    pub(super) const fn of(core: Arc<Core<Sqlite>>) -> Self {
        Self { desk: Desk::new(core) }
    }

    /// Gives it room for this many bytes of payload, 256 bytes counted for the rest of each event; 1
    /// GiB unless given. Where room is short, acknowledged events are forgotten before their time,
    /// the oldest first; what is not acknowledged never is.
    #[must_use]
    pub fn quota(self, bytes: u64) -> Self {
        Self { desk: self.desk.quota(bytes) }
    }

    /// Takes nothing new, and comes back when everything that was asked for is done and the file is
    /// closed; for the store that it is the inbox of as well.
    pub async fn close(&self) {
        self.desk.close().await;
    }
}

inbox!(SqliteInbox);

#[cfg(test)]
mod tests {
    use chatapi_webhook::{Inbox as _, Vendor};

    use super::super::{STEPS, tests::file};
    use super::*;
    use crate::store::Tables as _;
    use crate::store::sql::{Engine as _, Kind, migrate, to_lease};

    fn engine(file: &Path) -> Sqlite {
        Sqlite::new(file, Arc::new(TokioClock::new()))
    }

    fn record(name: String, bytes: usize) -> Record {
        let received = UnixMillis::from_millis(1_600_000_000_000);
        Record::new(EventId::new(name), "1", Vendor::ChatApi, received, vec![b'x'; bytes])
    }

    fn claim(limit: usize) -> Claim {
        let at = |seconds: i64| UnixMillis::from_millis((1_600_000_000 + seconds) * 1000);
        Claim::new("a", limit, at(0), at(10))
    }

    #[tokio::test]
    async fn a_file_from_before_there_were_inboxes_gets_one() {
        let file = file("before-inboxes");
        let engine = engine(&file);
        let mut connection = engine.connect().await.unwrap();
        migrate::<Sqlite>(&mut connection, "it", &STEPS[..1]).await.unwrap();
        let text = "INSERT INTO outbox_line (name, epoch, free_at, tally_day, tally_sent, \
                    tally_strangers) VALUES ('one', 3, 0, 0, 0, 0)";
        Sqlite::raw(&mut connection, text).await.unwrap();
        drop(connection);
        let store = SqliteStore::open(&file, Arc::new(TokioClock::new())).await.unwrap();
        assert_eq!(store.lines().await.unwrap()[0].1.epoch, 3);
        store.inbox().insert(vec![record("a".to_owned(), 1)]).await.unwrap();
        assert_eq!(store.inbox().lease(&claim(9)).await.unwrap().len(), 1);
        store.close().await;
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }

    #[tokio::test]
    async fn a_full_disk_refuses_whole_posts_and_keeps_what_was_answered() {
        let file = file("inbox-full");
        let engine = engine(&file);
        let mut connection = engine.connect().await.unwrap();
        migrate::<Sqlite>(&mut connection, "it", &STEPS).await.unwrap();
        // Full as a disk would be: no more pages than these.
        sqlx::query("PRAGMA max_page_count = 160").execute(&mut connection).await.unwrap();
        let inbox = SqliteInbox::of(Arc::new(Core::start(engine, connection)));
        let mut kept = 0;
        let refused = loop {
            let post = (0..3).map(|part| record(format!("{kept}-{part}"), 20_000));
            match inbox.insert(post.collect()).await {
                Ok(inserted) => kept += inserted.stored(),
                Err(error) => break error,
            }
            assert!(kept < 200, "it never gets full");
        };
        // That is not its quota, so there is no telling when there will be room.
        assert!(!refused.is_full());
        assert!(refused.to_string().contains("database or disk is full"), "{refused}");
        assert!(kept >= 3, "{kept} events");
        let leased = inbox.lease(&claim(100)).await.unwrap();
        assert_eq!(leased.len(), kept);
        assert!(inbox.ack(&leased[0].record.id, leased[0].lease).await.unwrap());
        inbox.close().await;
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }

    #[tokio::test]
    async fn what_is_acknowledged_is_not_looked_at_again() {
        let file = file("inbox-plan");
        let store = SqliteStore::open(&file, Arc::new(TokioClock::new())).await.unwrap();
        let mut connection = engine(&file).connect().await.unwrap();
        for lines in [None, Some(vec![InstanceId::from("1")])] {
            let (text, arguments) = to_lease::<Sqlite>(&claim(10).lines(lines));
            let text = format!("EXPLAIN QUERY PLAN {text}");
            let kinds = &[Kind::Int, Kind::Int, Kind::Int, Kind::Text];
            let mut steps = Vec::new();
            for mut row in Sqlite::fetch(&mut connection, text, arguments, kinds).await.unwrap() {
                for _ in 0..3 {
                    row.int().unwrap();
                }
                steps.push(row.text().unwrap());
            }
            let tables: Vec<_> =
                steps.iter().filter(|step| step.contains("outbox_event")).collect();
            assert_eq!(tables.len(), 2, "{steps:?}");
            assert!(tables[0].contains("USING INDEX outbox_event_open"), "{steps:?}");
            assert!(tables[1].contains("INDEX outbox_event_held"), "{steps:?}");
            assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:?}");
        }
        store.close().await;
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }
}
