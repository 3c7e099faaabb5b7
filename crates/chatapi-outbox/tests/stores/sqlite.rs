//! The store in a SQLite file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chatapi_outbox::State;
use chatapi_outbox::store::conformance::{self, TestClock};
use chatapi_outbox::store::{SqliteStore, Store, StoreFault, Tables};

use crate::support::Folder;

struct Outbox {
    clock: Arc<TestClock>,
    store: SqliteStore,
    file: PathBuf,
    _folder: Folder,
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
