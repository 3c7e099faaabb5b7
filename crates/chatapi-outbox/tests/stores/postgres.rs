//! The store in a PostgreSQL database.

use std::collections::BTreeMap;
use std::sync::Arc;

use chatapi_outbox::State;
use chatapi_outbox::store::conformance::{self, TestClock};
use chatapi_outbox::store::{PostgresOptions, PostgresStore, Review, Store, StoreFault, Tables};
use sqlx::{Connection as _, PgConnection};

use crate::server::Server;
use crate::support::message;

async fn store(server: &Server, clock: &Arc<TestClock>) -> PostgresStore {
    let options = PostgresOptions::new(server.database().await).clock(clock.clone());
    PostgresStore::open_with(options).await.unwrap()
}

#[tokio::test]
async fn does_whatever_the_model_does() {
    let Some(server) = Server::start() else { return };
    let mut reached = BTreeMap::<State, usize>::new();
    for seed in 0..2 {
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
    there.enqueue(vec![message("a key")]).await.unwrap();
    here.arrival().await;
    let route = chatapi_outbox::Route::line("one");
    assert_eq!(here.due(std::slice::from_ref(&route)).await.unwrap(), [route]);
    here.close().await;
    there.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_rules_while_several_do_things_at_once() {
    let Some(server) = Server::start() else { return };
    let url = server.database().await;
    let store = Arc::new(PostgresStore::open(&url).await.unwrap());
    conformance::check(store.clone()).await.unwrap();
    // What several phones send at once shares transactions, instead of failing together and being
    // done again one by one.
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let asked = sqlx::query_as(
        "SELECT count(*), count(DISTINCT \"transaction\") FROM outbox_change \
         WHERE to_state = 'at_vendor'",
    );
    let (taken, transactions): (i64, i64) = asked.fetch_one(&mut connection).await.unwrap();
    assert!(transactions < taken, "{taken} messages have {transactions} transactions");
}

#[tokio::test]
async fn any_number_of_readers_may_be_asked_for() {
    let options = PostgresOptions::new("postgres://nobody@127.0.0.1:1/nothing").readers(u32::MAX);
    let refused = PostgresStore::open_with(options).await.unwrap_err();
    assert!(refused.to_string().contains("no connection"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_enqueue_one_key_once() {
    let Some(server) = Server::start() else { return };
    let url = server.database().await;
    let here = PostgresStore::open(&url).await.unwrap();
    let there = PostgresStore::open(&url).await.unwrap();
    for number in 0..20 {
        let key = format!("key {number}");
        let (a, b) =
            tokio::join!(here.enqueue(vec![message(&key)]), there.enqueue(vec![message(&key)]));
        let (a, b) = (a.unwrap()[0].clone().unwrap(), b.unwrap()[0].clone().unwrap());
        assert_eq!(a.id, b.id);
        assert!(a.is_new != b.is_new);
    }
}

#[tokio::test]
async fn messages_go_with_the_transaction_of_the_caller() {
    let Some(server) = Server::start() else { return };
    let url = server.database().await;
    let store = PostgresStore::open(&url).await.unwrap();
    let mut own = PgConnection::connect(&url).await.unwrap();
    for is_committed in [false, true] {
        let (id, new) = message("order 17");
        let mut transaction = own.begin().await.unwrap();
        let enqueued = store.enqueue_in(&mut transaction, vec![(id, new)]).await.unwrap();
        assert!(enqueued[0].as_ref().unwrap().is_new);
        match is_committed {
            true => transaction.commit().await.unwrap(),
            false => transaction.rollback().await.unwrap(),
        }
        assert_eq!(store.message(id).await.unwrap().is_some(), is_committed);
    }
}

#[tokio::test]
async fn the_feed_waits_for_a_transaction_that_began_earlier() {
    let Some(server) = Server::start() else { return };
    let url = server.database().await;
    let store = PostgresStore::open(&url).await.unwrap();
    let mut own = PgConnection::connect(&url).await.unwrap();
    let mut transaction = own.begin().await.unwrap();
    let (early, new) = message("early");
    store.enqueue_in(&mut transaction, vec![(early, new)]).await.unwrap();
    let (late, new) = message("late");
    store.enqueue(vec![(late, new)]).await.unwrap();
    // If the later one were told now, whoever goes on from there would never hear of the other.
    assert_eq!(store.changes(Default::default(), 10).await.unwrap(), []);
    transaction.commit().await.unwrap();
    let told = store.changes(Default::default(), 10).await.unwrap();
    let told: Vec<_> = told.into_iter().map(|(_, change)| change.id).collect();
    assert_eq!(told, [early, late]);
}

#[tokio::test]
async fn a_connection_that_is_cut_at_commit_leaves_it_unknown() {
    let Some(server) = Server::start() else { return };
    let url = server.database().await;
    let store = PostgresStore::open(&url).await.unwrap();
    let mut own = PgConnection::connect(&url).await.unwrap();
    let cut = "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS \
               $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$; \
               CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON outbox_line \
               DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut()";
    sqlx::raw_sql(cut).execute(&mut own).await.unwrap();
    let cut = store.add_line(&"one".into(), None).await.unwrap_err();
    assert_eq!(cut.fault(), StoreFault::Unknown, "{cut}");
    sqlx::raw_sql("DROP TRIGGER cut ON outbox_line").execute(&mut own).await.unwrap();
    // Asked again, it is found out.
    store.add_line(&"one".into(), None).await.unwrap();
    assert_eq!(store.lines().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_settled_lies_elsewhere_and_is_found_all_the_same() {
    let Some(server) = Server::start() else { return };
    let url = server.database().await;
    let store = PostgresStore::open(&url).await.unwrap();
    let mut own = PgConnection::connect(&url).await.unwrap();
    let (id, new) = message("a key");
    store.enqueue(vec![(id, new)]).await.unwrap();
    assert!(store.cancel(id).await.unwrap());
    for (table, expected) in [("outbox_message_live", 0), ("outbox_message_done", 1)] {
        let text = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let count: i64 = sqlx::query_scalar(text).fetch_one(&mut own).await.unwrap();
        assert_eq!(count, expected, "{table}");
    }
    let (other, again) = message("a key");
    assert_ne!(other, id);
    let known = store.enqueue(vec![(other, again)]).await.unwrap()[0].clone().unwrap();
    assert_eq!((known.id, known.is_new), (id, false));
    assert!(store.review(id, Review::Resend, "anna").await.unwrap());
    assert_eq!(store.message(id).await.unwrap().unwrap().state, State::Ready);
}

#[tokio::test]
async fn a_text_that_postgresql_cannot_keep_does_not_stop_the_rest() {
    let Some(server) = Server::start() else { return };
    let store = PostgresStore::open(server.database().await).await.unwrap();
    let (id, mut new) = message("a key");
    new.label = Some("with a \0 in it".to_owned());
    store.enqueue(vec![(id, new)]).await.unwrap();
    let kept = store.message(id).await.unwrap().unwrap();
    assert_eq!(kept.label.as_deref(), Some("with a \u{FFFD} in it"));
}
