//! What happened, in step with an application's own records, within its own transactions.

use chatapi_outbox::store::{Place, Store as _, Tables as _};
use sqlx::Connection as _;

use crate::support::message;

/// The application's own record of how often it was told what.
const OWN: &str = "CREATE TABLE books (name TEXT NOT NULL PRIMARY KEY, told BIGINT NOT NULL); \
                   INSERT INTO books VALUES ('one', 0), ('two', 0), ('many', 0)";

/// Reads what is new for a consumer and writes it down, within a transaction on `$own`.
macro_rules! consume {
    ($store:expr, $own:expr, $consumer:expr, $limit:expr) => {{
        let place = $store.consumed_in($own, $consumer).await.unwrap();
        let changes = $store.changes_in($own, place, $limit).await.unwrap();
        let add = "UPDATE books SET told = told + $1 WHERE name = $2";
        let count = i64::try_from(changes.len()).unwrap();
        sqlx::query(add).bind(count).bind($consumer).execute(&mut *$own).await.unwrap();
        let place = changes.last().map_or(place, |(place, _)| *place);
        $store.consume_in($own, $consumer, place).await.unwrap();
        count
    }};
}

/// The same on both kinds of database; `$open` opens a connection of the application's own.
macro_rules! each_change_is_written_down_once {
    ($store:expr, $begin:literal, $open:expr) => {{
        let store = $store;
        let mut own = $open;
        sqlx::raw_sql(OWN).execute(&mut own).await.unwrap();
        for key in ["a", "b", "c"] {
            store.enqueue(vec![message(key)]).await.unwrap();
        }
        // One that is taken back never was.
        sqlx::query($begin).execute(&mut own).await.unwrap();
        assert_eq!(consume!(store, &mut own, "one", 10), 3);
        sqlx::query("ROLLBACK").execute(&mut own).await.unwrap();
        assert_eq!(store.consumed("one").await.unwrap(), Place::default());
        // Nor one in the middle of which the application dies: after its own records, and after
        // everything but the last word.
        for dies_late in [false, true] {
            let mut dying = $open;
            sqlx::query($begin).execute(&mut dying).await.unwrap();
            if dies_late {
                assert_eq!(consume!(store, &mut dying, "one", 2), 2);
            } else {
                let told = "UPDATE books SET told = 3 WHERE name = 'one'";
                sqlx::query(told).execute(&mut dying).await.unwrap();
            }
            dying.close_hard().await.unwrap();
        }
        // Two at a time, and two consumers that know nothing of each other.
        for expected in [2, 1, 0] {
            sqlx::query($begin).execute(&mut own).await.unwrap();
            assert_eq!(consume!(store, &mut own, "one", 2), expected);
            sqlx::query("COMMIT").execute(&mut own).await.unwrap();
        }
        let (id, new) = message("d");
        store.enqueue(vec![(id, new)]).await.unwrap();
        assert!(store.cancel(id).await.unwrap());
        for (consumer, expected) in [("two", 5), ("one", 2)] {
            sqlx::query($begin).execute(&mut own).await.unwrap();
            assert_eq!(consume!(store, &mut own, consumer, 100), expected);
            sqlx::query("COMMIT").execute(&mut own).await.unwrap();
        }
        let told: Vec<(String, i64)> =
            sqlx::query_as("SELECT name, told FROM books ORDER BY told DESC, name")
                .fetch_all(&mut own)
                .await
                .unwrap();
        let expected = [("one", 5), ("two", 5), ("many", 0)];
        assert_eq!(told, expected.map(|(name, told)| (name.to_owned(), told)));
        own.close().await.unwrap();
    }};
}

/// Several processes consume under one name, as fast as they can, while things happen.
macro_rules! several_consume_under_one_name {
    ($store:expr, $begin:literal, $open:expr) => {{
        let store = std::sync::Arc::new($store);
        sqlx::raw_sql(OWN).execute(&mut $open).await.unwrap();
        let mut processes = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let (store, mut own) = (store.clone(), $open);
            processes.spawn(async move {
                for _ in 0..25 {
                    sqlx::query($begin).execute(&mut own).await.unwrap();
                    consume!(store, &mut own, "many", 3);
                    sqlx::query("COMMIT").execute(&mut own).await.unwrap();
                }
            });
        }
        for number in 0..50 {
            store.enqueue(vec![message(&format!("key {number}"))]).await.unwrap();
        }
        while let Some(done) = processes.join_next().await {
            done.unwrap();
        }
        let mut own = $open;
        loop {
            sqlx::query($begin).execute(&mut own).await.unwrap();
            let count = consume!(store, &mut own, "many", 3);
            sqlx::query("COMMIT").execute(&mut own).await.unwrap();
            if count == 0 {
                break;
            }
        }
        let told: i64 = sqlx::query_scalar("SELECT told FROM books WHERE name = 'many'")
            .fetch_one(&mut own)
            .await
            .unwrap();
        assert_eq!(told, 50);
    }};
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::sync::Arc;
    use std::time::Duration;

    use chatapi_outbox::store::SqliteStore;
    use chatapi_outbox::store::conformance::TestClock;
    use sqlx::ConnectOptions as _;
    use sqlx::sqlite::SqliteConnectOptions;

    use super::*;
    use crate::support::Folder;

    #[tokio::test]
    async fn each_change_is_written_down_once() {
        let folder = Folder::new();
        let file = folder.path().join("outbox.db");
        let store = SqliteStore::open(&file, Arc::new(TestClock::new())).await.unwrap();
        let own = SqliteConnectOptions::new().filename(&file);
        each_change_is_written_down_once!(store, "BEGIN IMMEDIATE", own.connect().await.unwrap());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn several_consume_under_one_name() {
        let folder = Folder::new();
        let file = folder.path().join("outbox.db");
        let store = SqliteStore::open(&file, Arc::new(TestClock::new())).await.unwrap();
        let own = SqliteConnectOptions::new().filename(&file);
        let own = own.busy_timeout(Duration::from_secs(60));
        several_consume_under_one_name!(store, "BEGIN IMMEDIATE", own.connect().await.unwrap());
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use chatapi_outbox::store::PostgresStore;
    use sqlx::PgConnection;

    use super::*;
    use crate::server::Server;

    #[tokio::test]
    async fn each_change_is_written_down_once() {
        let Some(server) = Server::start() else { return };
        let url = server.database().await;
        let store = PostgresStore::open(&url).await.unwrap();
        let open = || PgConnection::connect(&url);
        each_change_is_written_down_once!(store, "BEGIN", open().await.unwrap());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn several_consume_under_one_name() {
        let Some(server) = Server::start() else { return };
        let url = server.database().await;
        let store = PostgresStore::open(&url).await.unwrap();
        let open = || PgConnection::connect(&url);
        several_consume_under_one_name!(store, "BEGIN", open().await.unwrap());
    }
}
