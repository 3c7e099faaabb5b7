//! The store in a SQLite file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chatapi_outbox::record::Wipe;
use chatapi_outbox::store::conformance::{self, TestClock};
use chatapi_outbox::store::{Blob, Content, SqliteStore, Store, StoreFault, Tables};
use chatapi_outbox::{OutboxId, State};
use chatapi_transport::{Clock as _, TokioClock};
use chatapi_types::UnixMillis;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use crate::support::{Folder, message};

struct Outbox {
    clock: Arc<TestClock>,
    store: SqliteStore,
    file: PathBuf,
    _folder: Folder,
}

impl Outbox {
    /// Whether a text is anywhere in the database's files.
    fn holds(&self, text: &str) -> bool {
        let files = ["", "-wal"].map(|end| format!("{}{end}", self.file.display()));
        files
            .iter()
            .filter_map(|file| std::fs::read(file).ok())
            .any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
    }
}

async fn outbox() -> Outbox {
    let (folder, clock) = (Folder::new(), Arc::new(TestClock::new()));
    let file = folder.path().join("outbox.db");
    let store = SqliteStore::open(&file, clock.clone()).await.unwrap();
    Outbox { clock, store, file, _folder: folder }
}

#[tokio::test]
async fn does_whatever_the_model_does() {
    let mut reached = BTreeMap::<State, usize>::new();
    for seed in 0..3 {
        let outbox = outbox().await;
        let compared = conformance::compare(&outbox.store, &outbox.clock, seed, 2000).await;
        for (state, times) in compared.unwrap() {
            *reached.entry(state).or_default() += times;
        }
        outbox.store.close().await;
    }
    let missed = State::ALL.into_iter().filter(|state| !reached.contains_key(state));
    assert_eq!(missed.collect::<Vec<_>>(), [], "{reached:?}");
}

#[tokio::test]
async fn one_process_dispatches_at_a_time() {
    let outbox = outbox().await;
    let held = outbox.store.dispatcher_lock().await.unwrap();
    let other = SqliteStore::open(&outbox.file, outbox.clock.clone()).await.unwrap();
    let refused = other.dispatcher_lock().await.unwrap_err();
    assert_eq!(refused.fault(), StoreFault::Unfit);
    let told = refused.to_string();
    assert!(told.contains(&format!("process {}", std::process::id())), "{told}");
    drop(held);
    // The connection is closed by a task of its own.
    for _ in 0..1000 {
        if let Ok(_held) = other.dispatcher_lock().await {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the lock outlives its holder");
}

#[tokio::test]
async fn a_database_in_memory_is_refused() {
    let refused = SqliteStore::open(":memory:", Arc::new(TestClock::new())).await.unwrap_err();
    assert_eq!(refused.fault(), StoreFault::Unfit);
    assert!(refused.to_string().contains("journal_mode is memory"), "{refused}");
}

#[tokio::test]
async fn what_was_written_is_there_after_the_store_was_closed() {
    let outbox = outbox().await;
    outbox.store.add_line(&"one".into(), Some("group".into())).await.unwrap();
    outbox.store.close().await;
    let refused = outbox.store.add_line(&"two".into(), None).await.unwrap_err();
    assert_eq!(refused.fault(), StoreFault::Unavailable);
    let again = SqliteStore::open(&outbox.file, outbox.clock.clone()).await.unwrap();
    let lines = again.lines().await.unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].1.group.as_deref(), Some("group"));
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_rules_while_several_do_things_at_once() {
    let outbox = outbox().await;
    conformance::check(Arc::new(outbox.store)).await.unwrap();
}

#[tokio::test]
async fn two_processes_enqueue_one_key_once() {
    let here = outbox().await;
    let there = SqliteStore::open(&here.file, here.clock.clone()).await.unwrap();
    for number in 0..20 {
        let key = format!("key {number}");
        let (a, b) = tokio::join!(
            here.store.enqueue(vec![message(&key)]),
            there.enqueue(vec![message(&key)])
        );
        let (a, b) = (a.unwrap()[0].clone().unwrap(), b.unwrap()[0].clone().unwrap());
        assert_eq!(a.id, b.id);
        assert!(a.is_new != b.is_new);
    }
}

#[tokio::test]
async fn messages_go_with_the_transaction_of_the_caller() {
    let outbox = outbox().await;
    let options = SqliteConnectOptions::new().filename(&outbox.file);
    let mut own = options.connect().await.unwrap();
    for (end, is_there) in [("ROLLBACK", false), ("COMMIT", true)] {
        let (id, new) = message("order 17");
        sqlx::query("BEGIN IMMEDIATE").execute(&mut own).await.unwrap();
        let enqueued = outbox.store.enqueue_in(&mut own, vec![(id, new)]).await.unwrap();
        assert!(enqueued[0].as_ref().unwrap().is_new);
        sqlx::query(end).execute(&mut own).await.unwrap();
        assert_eq!(outbox.store.message(id).await.unwrap().is_some(), is_there, "{end}");
    }
    // And so does how far a consumer has come.
    for (end, count) in [("ROLLBACK", 1), ("COMMIT", 0)] {
        sqlx::query("BEGIN IMMEDIATE").execute(&mut own).await.unwrap();
        let place = outbox.store.consumed("books").await.unwrap();
        let changes = outbox.store.changes_in(&mut own, place, 10).await.unwrap();
        assert_eq!(changes.len(), 1);
        outbox.store.consume_in(&mut own, "books", changes[0].0).await.unwrap();
        sqlx::query(end).execute(&mut own).await.unwrap();
        let place = outbox.store.consumed("books").await.unwrap();
        assert_eq!(outbox.store.changes(place, 10).await.unwrap().len(), count, "{end}");
    }
}

#[tokio::test]
async fn what_was_wiped_is_nowhere_in_the_file() {
    let outbox = outbox().await;
    let (id, mut new) = message("a key");
    let file = Blob::new(Bytes::from(b"the picture of a cat".repeat(500)));
    new.content = Content::new("the code is 4711, and nobody else's business", Some(file));
    new.wipe = Wipe::Content;
    outbox.store.enqueue(vec![(id, new)]).await.unwrap();
    assert!(outbox.holds("code is 4711") && outbox.holds("picture of a cat"));
    assert!(outbox.store.cancel(id).await.unwrap());
    outbox.store.purge(UnixMillis::from_millis(0), 1).await.unwrap();
    assert!(!outbox.holds("code is 4711"), "the text is still there");
    assert!(!outbox.holds("picture of a cat"), "the file is still there");
    assert!(outbox.store.message(id).await.unwrap().unwrap().wiped);
}

#[tokio::test]
async fn what_is_wiped_when_it_is_settled_is_soon_nowhere_without_a_purge() {
    let outbox = outbox().await;
    let clock = TokioClock::new();
    let gone = async |text: &str| {
        let began = clock.now();
        while outbox.holds(text) {
            assert!(clock.now().since(began) < Duration::from_secs(20), "{text} is still there");
            clock.sleep(Duration::from_millis(50)).await;
        }
    };
    for number in 0..3 {
        let (id, mut new) = message(&format!("key {number}"));
        let text = format!("the code is {number}4711");
        new.content = Content::new(&text, None);
        new.wipe = Wipe::Content;
        outbox.store.enqueue(vec![(id, new)]).await.unwrap();
        assert!(outbox.holds(&text));
        assert!(outbox.store.cancel(id).await.unwrap());
        gone(&text).await;
    }
    // Somebody who reads from an earlier state of the file for long stops nobody, and is waited for.
    let mut reader = SqliteConnectOptions::new().filename(&outbox.file).connect().await.unwrap();
    let (id, mut new) = message("read");
    new.content = Content::new("the last code is 4711", None);
    new.wipe = Wipe::Everything;
    outbox.store.enqueue(vec![(id, new)]).await.unwrap();
    sqlx::query("BEGIN").execute(&mut reader).await.unwrap();
    sqlx::query("SELECT count(*) FROM outbox_content").fetch_one(&mut reader).await.unwrap();
    assert!(outbox.store.cancel(id).await.unwrap());
    let began = clock.now();
    for number in 0..20 {
        outbox.store.enqueue(vec![message(&format!("other {number}"))]).await.unwrap();
        outbox.store.purge(UnixMillis::from_millis(0), 1).await.unwrap();
    }
    assert!(clock.now().since(began) < Duration::from_secs(8), "everything waits for a reader");
    assert!(outbox.holds("the last code is 4711"), "the reader still sees it");
    sqlx::query("COMMIT").execute(&mut reader).await.unwrap();
    outbox.store.close().await;
    assert!(!outbox.holds("the last code is 4711"));
}

#[tokio::test]
async fn what_a_dead_process_left_is_gone_when_the_file_is_opened_again() {
    let outbox = outbox().await;
    let (id, mut new) = message("a key");
    new.content = Content::new("the code is 4711", None);
    new.wipe = Wipe::Content;
    outbox.store.enqueue(vec![(id, new)]).await.unwrap();
    assert!(outbox.store.cancel(id).await.unwrap());
    // As it would lie there: a copy of the files of one who has not tidied up.
    let folder = Folder::new();
    let copy = folder.path().join("outbox.db");
    for end in ["", "-wal"] {
        let (from, to) = (&outbox.file, copy.display());
        std::fs::copy(format!("{}{end}", from.display()), format!("{to}{end}")).unwrap();
    }
    let left = Outbox { file: copy, _folder: folder, ..outbox };
    assert!(left.holds("the code is 4711"));
    let again = SqliteStore::open(&left.file, left.clock.clone()).await.unwrap();
    let (_, changed) = message("another");
    again.enqueue(vec![(OutboxId::from_u128(7), changed)]).await.unwrap();
    assert!(!left.holds("the code is 4711"));
    again.close().await;
}

#[tokio::test]
async fn tables_of_a_later_version_are_refused_and_left_alone() {
    let outbox = outbox().await;
    outbox.store.close().await;
    let mut own = SqliteConnectOptions::new().filename(&outbox.file).connect().await.unwrap();
    sqlx::query("UPDATE outbox_schema SET version = 99").execute(&mut own).await.unwrap();
    let refused = SqliteStore::open(&outbox.file, outbox.clock.clone()).await.unwrap_err();
    assert_eq!(refused.fault(), StoreFault::Unfit);
    assert!(refused.to_string().contains("later version (99)"), "{refused}");
}

#[tokio::test]
async fn nothing_is_taken_in_that_cannot_be_written() {
    let outbox = outbox().await;
    outbox.store.close().await;
    // The file's own word that nobody of this age may write to it: its byte 18.
    let mut bytes = std::fs::read(&outbox.file).unwrap();
    bytes[18] = 3;
    std::fs::write(&outbox.file, &bytes).unwrap();
    let store = SqliteStore::open(&outbox.file, outbox.clock.clone()).await.unwrap();
    let (id, new) = message("a key");
    let refused = store.enqueue(vec![(id, new)]).await.unwrap_err();
    assert_eq!(refused.fault(), StoreFault::Unavailable);
    let told = refused.to_string();
    assert!(told.contains("outbox.db") && told.contains("readonly"), "{told}");
    assert!(store.message(id).await.unwrap().is_none());
    store.close().await;
    assert_eq!(std::fs::read(&outbox.file).unwrap(), bytes);
}
