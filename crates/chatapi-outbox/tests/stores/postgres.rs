//! The store in a PostgreSQL database.

use std::collections::BTreeMap;
use std::sync::Arc;

use chatapi_outbox::State;
use chatapi_outbox::store::conformance::{self, TestClock};
use chatapi_outbox::store::{PostgresOptions, PostgresStore, Store, StoreFault, Tables};

use crate::server::Server;

async fn store(server: &Server, clock: &Arc<TestClock>) -> PostgresStore {
    let options = PostgresOptions::new(server.database().await).clock(clock.clone());
    PostgresStore::open_with(options).await.unwrap()
}

#[tokio::test]
async fn does_whatever_the_model_does() {
    let Some(server) = Server::start() else { return };
    let mut reached = BTreeMap::<State, usize>::new();
    for seed in 0..3 {
        let clock = Arc::new(TestClock::new());
        let store = store(&server, &clock).await;
        let compared = conformance::compare(&store, &clock, seed, 2000).await;
        for (state, times) in compared.unwrap() {
            *reached.entry(state).or_default() += times;
        }
        store.close().await;
    }
    let missed = State::ALL.into_iter().filter(|state| !reached.contains_key(state));
    assert_eq!(missed.collect::<Vec<_>>(), [], "{reached:?}");
}

#[tokio::test]
async fn does_the_same_behind_a_pooler() {
    let Some(server) = Server::start() else { return };
    let clock = Arc::new(TestClock::new());
    let options = PostgresOptions::new(server.database().await).clock(clock.clone()).pooled();
    let store = PostgresStore::open_with(options).await.unwrap();
    conformance::compare(&store, &clock, 7, 500).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_server_that_loses_commits_is_refused() {
    let Some(server) = Server::start() else { return };
    let url = server.database().await;
    let refused = PostgresStore::open(format!("{url}%20-csynchronous_commit%3Doff")).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.fault(), StoreFault::Unfit);
    assert!(refused.to_string().contains("synchronous_commit is off"), "{refused}");
}

#[tokio::test]
async fn goes_on_after_the_server_crashed() {
    let Some(server) = Server::start() else { return };
    let clock = Arc::new(TestClock::new());
    let store = store(&server, &clock).await;
    store.add_line(&"one".into(), None).await.unwrap();
    if !server.crash() {
        return;
    }
    store.add_line(&"two".into(), None).await.unwrap();
    assert_eq!(store.lines().await.unwrap().len(), 2);
    store.close().await;
}

#[tokio::test]
async fn what_another_process_enqueues_is_heard() {
    let Some(server) = Server::start() else { return };
    let url = server.database().await;
    let here = PostgresStore::open(&url).await.unwrap();
    let there = PostgresStore::open(&url).await.unwrap();
    here.add_line(&"one".into(), None).await.unwrap();
    // The first call may come from the beginning of the listening itself.
    here.arrival().await;
    there.enqueue(vec![crate::support::message("a key")]).await.unwrap();
    here.arrival().await;
    let route = chatapi_outbox::Route::line("one");
    assert_eq!(here.due(std::slice::from_ref(&route)).await.unwrap(), [route]);
    here.close().await;
    there.close().await;
}
