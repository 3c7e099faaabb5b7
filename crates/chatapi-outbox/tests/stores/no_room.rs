//! Databases that take nothing any more, because their disk is full or read-only, while a dispatcher
//! is at work: nothing is taken in, nothing leaves without its intent, and all leaves once there is
//! room again.

use std::sync::Arc;
use std::time::Duration;

use chatapi_client::chat_api::Client;
use chatapi_outbox::dispatch::Dispatcher;
use chatapi_outbox::machine::Figures;
use chatapi_outbox::record::Record;
use chatapi_outbox::store::{Filter, Intend, Intended, Store as _, Tables};
use chatapi_outbox::{Message, Outbox, Route, State};
use chatapi_sandbox::{ClockMode, Sandbox};
use chatapi_transport::{Clock as _, TokioClock};
use chatapi_types::{Phone, UnixMillis};

use crate::support::message;

/// How many times faster than in life.
const SCALE: u32 = 50;
/// How many messages there are: for two seconds at least.
const MESSAGES: usize = 60;

/// `befall` has the database take nothing any more and `pass` ends that; the errors tell `word`.
async fn is_outlived(
    store: Arc<dyn Tables>,
    befall: impl AsyncFnOnce(),
    pass: impl AsyncFnOnce(),
    word: &str,
) {
    let clock = TokioClock::new();
    let outbox = Outbox::new(store.clone(), Route::line("shop"));
    let anna: Phone = "79000000001".parse().unwrap();
    let texts = (0..MESSAGES).map(|number| format!("message {number:02}"));
    let texts: Vec<String> = texts.collect();
    let batch = texts.iter().map(|text| (Message::text(&anna, text), text.clone()));
    outbox.enqueue_all(batch.collect::<Vec<_>>()).await.unwrap();
    // And one through a phone that the test drives itself.
    store.add_line(&"one".into(), None).await.unwrap();
    store.enqueue(vec![message("by hand")]).await.unwrap();
    let by_hand = Figures::default();
    let grant = store.acquire(&"one".into(), "test", &by_hand).await.unwrap().unwrap();
    let ask = Intend::new(grant.clone(), UnixMillis::from_millis(0));

    let sandbox = Sandbox::builder().clock(ClockMode::Scaled(f64::from(SCALE))).build();
    let phone = sandbox.add_instance("12345", "token");
    let client = Arc::new(Client::over(phone.gateway()));
    let dispatcher = Dispatcher::new(store.clone()).figures(Figures::scaled(SCALE));
    let running = dispatcher.line("shop", client).start().await.unwrap();
    let sent = || {
        let sent = phone.sent().into_iter().map(|message| message.body);
        sent.collect::<Vec<String>>()
    };
    let ours = async || {
        let all = outbox.find(&Filter::all().limit(100)).await.unwrap();
        all.into_iter().filter(|record| !record.key.starts_with("by hand")).collect::<Vec<Record>>()
    };
    let until = Duration::from_secs(60);
    while sent().len() < 3 {
        assert!(clock.now().since_start() < until, "it does not send");
        clock.sleep(Duration::from_millis(5)).await;
    }

    befall().await;
    // It may take a moment, and there may be a little room left.
    let mut number = 0;
    let refused = loop {
        number += 1;
        match store.enqueue(vec![message(&format!("by hand {number}"))]).await {
            Err(refused) => break refused,
            Ok(_) => clock.sleep(Duration::from_millis(5)).await,
        }
        assert!(number < 200, "it takes everything");
    };
    assert!(refused.to_string().contains(word), "{refused}");
    // What was on its way when it befell.
    clock.sleep(Duration::from_millis(500)).await;
    let left = sent();
    for _ in 0..25 {
        let refused = store.intend(&ask, &by_hand).await.unwrap_err();
        assert!(!refused.is_fenced() && refused.to_string().contains(word), "{refused}");
        clock.sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(sent(), left, "nothing leaves without its intent");
    let records = ours().await;
    let waiting = records.iter().filter(|record| record.state == State::Ready).count();
    assert!(waiting > 10, "{waiting} waited for the phone meanwhile");
    let intents: usize = records.iter().map(|record| record.attempts.len()).sum();
    assert_eq!(intents, left.len(), "each had its intent");

    pass().await;
    let until = clock.now().since_start() + until;
    while !ours().await.iter().all(|record| record.state.is_settled()) {
        assert!(clock.now().since_start() < until, "{:?}", ours().await);
        clock.sleep(Duration::from_millis(50)).await;
    }
    running.stop().await;
    let mut sent = sent();
    sent.sort_unstable();
    assert_eq!(sent, texts, "each once");
    // It was the database that was in the way.
    let intended = store.intend(&ask, &by_hand).await.unwrap();
    assert!(matches!(intended, Intended::Send(_)), "{intended:?}");
    assert!(outbox.enqueue(Message::text(&anna, "one more"), "one more").await.unwrap().is_new);
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::os::unix::fs::FileExt as _;
    use std::process::Command;

    use chatapi_outbox::store::SqliteStore;

    use super::*;
    use crate::support::Folder;

    const ALONE: &str = "OUTBOX_TEST_ALONE";

    /// The limit is one of the whole process, so that this is done in one of its own.
    #[test]
    fn a_sqlite_whose_disk_takes_nothing_any_more() {
        if std::env::var_os(ALONE).is_some() {
            return alone();
        }
        let mut again = Command::new("sh");
        // The signal would end it before the write fails.
        again.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(std::env::current_exe().unwrap());
        let name = "no_room::sqlite::a_sqlite_whose_disk_takes_nothing_any_more";
        let done = again.args(["--exact", name]).env(ALONE, "1").output().unwrap();
        let told = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && told.contains("1 passed"), "{told}");
    }

    #[tokio::main]
    async fn alone() {
        let folder = Folder::new();
        let clock = Arc::new(TokioClock::new());
        let store = SqliteStore::open(folder.path().join("outbox.db"), clock).await.unwrap();
        let limit = async |bytes: &str| {
            let mut prlimit = Command::new("prlimit");
            prlimit.arg(format!("--pid={}", std::process::id()));
            assert!(prlimit.arg(format!("--fsize={bytes}:")).status().unwrap().success());
        };
        let (befall, pass) = (async || limit("0").await, async || limit("unlimited").await);
        is_outlived(Arc::new(store), befall, pass, "disk I/O error").await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_sqlite_that_is_found_read_only_when_it_is_opened_again() {
        let folder = Folder::new();
        let path = folder.path().join("outbox.db");
        let clock = Arc::new(TokioClock::new());
        let open = async || Arc::new(SqliteStore::open(&path, clock.clone()).await.unwrap());
        let sandbox = Sandbox::builder().clock(ClockMode::Scaled(f64::from(SCALE))).build();
        let phone = sandbox.add_instance("12345", "token");
        let start = async |store: &Arc<SqliteStore>| {
            let dispatcher = Dispatcher::new(store.clone()).figures(Figures::scaled(SCALE));
            dispatcher.line("shop", Arc::new(Client::over(phone.gateway()))).start().await
        };
        let wait = async |count: usize| {
            let until = clock.now().plus(Duration::from_secs(60));
            while phone.sent().len() < count {
                assert!(clock.now() < until, "it does not send");
                clock.sleep(Duration::from_millis(5)).await;
            }
        };
        let store = open().await;
        let outbox = Outbox::new(store.clone(), Route::line("shop"));
        let anna: Phone = "79000000001".parse().unwrap();
        for text in ["one", "two", "three", "four", "five"] {
            outbox.enqueue(Message::text(&anna, text), text).await.unwrap();
        }
        let running = start(&store).await.unwrap();
        wait(1).await;
        running.stop().await;
        store.close().await;
        let left = phone.sent().len();
        assert!(left < 5, "{left} of 5 left already");

        // The file's own word that nobody of this age may write to it: its byte 18.
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(&[3], 18).unwrap();
        let store = open().await;
        let refused = store.enqueue(vec![message("by hand")]).await.unwrap_err();
        assert!(refused.to_string().contains("readonly"), "{refused}");
        let by_hand = Figures::default();
        let refused = store.acquire(&"shop".into(), "test", &by_hand).await.unwrap_err();
        assert!(refused.to_string().contains("readonly"), "{refused}");
        // Its phone is known already, so that it starts; but it gets no lease.
        let running = start(&store).await.unwrap();
        clock.sleep(Duration::from_secs(1)).await;
        running.stop().await;
        store.close().await;
        assert_eq!(phone.sent().len(), left, "nothing leaves without its intent");

        file.write_all_at(&[2], 18).unwrap();
        let store = open().await;
        let running = start(&store).await.unwrap();
        wait(5).await;
        running.stop().await;
        let mut sent: Vec<_> = phone.sent().into_iter().map(|message| message.body).collect();
        sent.sort_unstable();
        assert_eq!(sent, ["five", "four", "one", "three", "two"], "each once");
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use chatapi_outbox::store::PostgresStore;
    use sqlx::{Connection as _, PgConnection};

    use super::*;
    use crate::server::Server;

    async fn run(own: &mut PgConnection, text: &'static str) {
        sqlx::raw_sql(text).execute(own).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_postgresql_that_cannot_grow() {
        let Some(server) = Server::own(|_| "-c autovacuum=off".to_owned()) else { return };
        let url = server.database().await;
        let store = Arc::new(PostgresStore::open(&url).await.unwrap());
        let befall = async || {
            let mut own = PgConnection::connect(&url).await.unwrap();
            server.limit_files(Some(2 * 1024 * 1024)).await;
            // What is rolled back takes its room all the same.
            for rows in [100_000, 1000, 100, 1] {
                loop {
                    let fill = format!(
                        "BEGIN; INSERT INTO outbox_change (message, at, what, to_state, cause) \
                         SELECT '', 0, '', '', '' FROM generate_series(1, {rows})"
                    );
                    let full = sqlx::raw_sql(sqlx::AssertSqlSafe(fill)).execute(&mut own).await;
                    run(&mut own, "ROLLBACK").await;
                    if let Err(full) = full {
                        assert!(full.to_string().contains("could not extend file"), "{full}");
                        break;
                    }
                }
            }
        };
        let pass = async || server.limit_files(None).await;
        is_outlived(store, befall, pass, "could not extend file").await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_postgresql_that_was_made_read_only() {
        let Some(server) = Server::own(|_| String::new()) else { return };
        let store = Arc::new(PostgresStore::open(server.database().await).await.unwrap());
        let mut own = PgConnection::connect(server.url()).await.unwrap();
        let befall = async || {
            run(&mut own, "ALTER SYSTEM SET default_transaction_read_only = on").await;
            run(&mut own, "SELECT pg_reload_conf()").await;
        };
        let url = server.url();
        let pass = async || {
            let mut own = PgConnection::connect(url).await.unwrap();
            run(&mut own, "SET default_transaction_read_only = off").await;
            run(&mut own, "ALTER SYSTEM SET default_transaction_read_only = off").await;
            run(&mut own, "SELECT pg_reload_conf()").await;
        };
        is_outlived(store, befall, pass, "read-only").await;
    }
}
