//! The inbox in a PostgreSQL database.

use chatapi_outbox::store::{PostgresInbox, PostgresOptions, PostgresStore, Tables as _};
use chatapi_webhook::{Inbox as _, conformance};
use sqlx::{Connection as _, PgConnection};

use crate::inbox::{self, at, claim, record};
use crate::server::Server;

async fn two(server: &Server) -> (PostgresInbox, PostgresInbox) {
    let url = server.database().await;
    (PostgresInbox::open(&url).await.unwrap(), PostgresInbox::open(&url).await.unwrap())
}

#[tokio::test]
async fn keeps_the_rules_of_inboxes() {
    let Some(server) = Server::start() else { return };
    let empty = || async { PostgresInbox::open(server.database().await).await.unwrap() };
    conformance::check(empty).await.unwrap();
    let pooled = || async {
        let options = PostgresOptions::new(server.database().await).pooled();
        PostgresStore::open_with(options).await.unwrap().inbox()
    };
    conformance::check(pooled).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn repetitions_over_two_connections_are_stored_once() {
    let Some(server) = Server::start() else { return };
    let (here, there) = two(&server).await;
    inbox::repetitions_are_stored_once(&here, &there).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_connections_never_hold_a_line_at_once() {
    let Some(server) = Server::start() else { return };
    let (here, there) = two(&server).await;
    inbox::two_never_hold_a_line(&here, &there).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_ran_out_is_held_by_one_of_two_connections() {
    let Some(server) = Server::start() else { return };
    let (here, there) = two(&server).await;
    inbox::what_ran_out_is_held_by_one(&here, &there).await;
}

#[tokio::test]
async fn many_are_replayed_once() {
    let Some(server) = Server::start() else { return };
    let (inbox, _) = two(&server).await;
    inbox::many_are_replayed_once(&inbox).await;
}

#[tokio::test]
async fn keeps_its_quota() {
    let Some(server) = Server::start() else { return };
    let (inbox, _) = two(&server).await;
    inbox::a_quota_is_kept(&inbox.quota(5100)).await;
}

#[tokio::test]
async fn what_was_stored_outlives_a_crash_of_the_server() {
    let Some(server) = Server::start() else { return };
    let (inbox, other) = two(&server).await;
    inbox.insert((0..3).map(|name| record("1", name)).collect()).await.unwrap();
    let leased = inbox.lease(&claim("a", 0)).await.unwrap();
    assert!(inbox.ack(&leased[0].record.id, leased[0].lease).await.unwrap());
    if !server.crash() {
        return;
    }
    inbox.insert(vec![record("1", 3)]).await.unwrap();
    let counts = other.counts(at(0)).await;
    // A connection that was idle in the pool is found to be broken when it is asked.
    let counts = match counts {
        Ok(counts) => counts,
        Err(_) => other.counts(at(0)).await.unwrap(),
    };
    assert_eq!((counts.waiting, counts.leased, counts.acknowledged), (1, 2, 1));
    assert!(other.ack(&leased[1].record.id, leased[1].lease).await.unwrap());
    assert_eq!(other.lease(&claim("b", 10)).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_another_process_puts_in_is_heard() {
    let Some(server) = Server::start() else { return };
    let (here, there) = two(&server).await;
    // Until it listens, nobody hears anything.
    let mut heard = false;
    for name in 0..1000 {
        there.insert(vec![record("1", name)]).await.unwrap();
        let waited = std::time::Duration::from_millis(50);
        heard = tokio::time::timeout(waited, here.arrival()).await.is_ok();
        if heard {
            break;
        }
    }
    assert!(heard);
    // From then on at once.
    let insert = async {
        tokio::task::yield_now().await;
        there.insert(vec![record("2", 0)]).await.unwrap();
    };
    let within = std::time::Duration::from_secs(10);
    let (heard, ()) = tokio::join!(tokio::time::timeout(within, here.arrival()), insert);
    heard.unwrap();
}

#[tokio::test]
async fn a_connection_that_is_cut_at_commit_is_settled_by_the_repetition() {
    let Some(server) = Server::start() else { return };
    let url = server.database().await;
    let inbox = PostgresInbox::open(&url).await.unwrap();
    let mut own = PgConnection::connect(&url).await.unwrap();
    let cut = "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS \
               $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$; \
               CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON outbox_event \
               DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut()";
    sqlx::raw_sql(cut).execute(&mut own).await.unwrap();
    let cut = inbox.insert(vec![record("1", 0)]).await.unwrap_err();
    assert!(!cut.is_full() && cut.to_string().contains("it may have been done"), "{cut}");
    sqlx::raw_sql("DROP TRIGGER cut ON outbox_event").execute(&mut own).await.unwrap();
    // The vendor got no 200 and comes again.
    inbox.insert(vec![record("1", 0)]).await.unwrap();
    assert_eq!(inbox.lease(&claim("a", 0)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn whoever_is_frozen_in_the_middle_stops_nobody_for_long() {
    let Some(server) = Server::start() else { return };
    let url = server.database().await;
    let inbox = PostgresInbox::open(&url).await.unwrap();
    let mut own = PgConnection::connect(&url).await.unwrap();
    // What the database is told about each transaction that stores events.
    let spy = "CREATE TABLE told (patience TEXT); \
               CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
               INSERT INTO told VALUES (current_setting('idle_in_transaction_session_timeout')); \
               RETURN NULL; END $$; \
               CREATE TRIGGER spy AFTER INSERT ON outbox_event FOR EACH ROW EXECUTE FUNCTION spy()";
    sqlx::raw_sql(spy).execute(&mut own).await.unwrap();
    inbox.insert(vec![record("1", 0)]).await.unwrap();
    let told: Vec<String> =
        sqlx::query_scalar("SELECT patience FROM told").fetch_all(&mut own).await.unwrap();
    assert_eq!(told, ["10s"]);
}

#[tokio::test]
async fn a_database_from_before_there_were_inboxes_gets_one() {
    let Some(server) = Server::start() else { return };
    let url = server.database().await;
    let mut own = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(include_str!("../../schema/postgres/0001_outbox.sql"))
        .execute(&mut own)
        .await
        .unwrap();
    let before = "UPDATE outbox_schema SET version = 1; \
                  INSERT INTO outbox_line (name, epoch, free_at, tally_day, tally_sent, \
                  tally_strangers) VALUES ('one', 3, 0, 0, 0, 0)";
    sqlx::raw_sql(before).execute(&mut own).await.unwrap();
    let store = PostgresStore::open(&url).await.unwrap();
    assert_eq!(store.lines().await.unwrap()[0].1.epoch, 3);
    store.inbox().insert(vec![record("1", 0)]).await.unwrap();
    assert_eq!(store.inbox().lease(&claim("a", 0)).await.unwrap().len(), 1);
    store.close().await;
}
