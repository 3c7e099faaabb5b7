//! Databases of the first version, with messages in them, opened by today's program.

use std::sync::Arc;
use std::time::Duration;

use chatapi_client::chat_api::Client;
use chatapi_outbox::dispatch::Dispatcher;
use chatapi_outbox::machine::{Figures, Look};
use chatapi_outbox::store::{Filter, Review, Tables};
use chatapi_outbox::{Message, Outbox, OutboxId, Route, State};
use chatapi_sandbox::{ClockMode, Sandbox};
use chatapi_transport::{Clock as _, TokioClock};
use chatapi_types::{ChatId, Phone};

/// How the first version saw the text "two" to the chat below.
const LOOK_OF_TWO: &str = "01492c8edd7808b03fc4ccfe745870e2";

/// What the first version left in its tables: one message that was delivered, one whose request was on
/// its way when its dispatcher died, one that waits for the phone, one that waited for its time, and one
/// for a person. `bytes` writes hexadecimal digits as the database reads them.
fn left(bytes: fn(&str) -> String) -> String {
    let mut text = "UPDATE outbox_schema SET version = 1; \
         INSERT INTO outbox_line (name, epoch, lease_owner, lease_until, free_at, tally_day, \
         tally_sent, tally_strangers) VALUES \
         ('shop', 3, 'dispatcher-1', 1700000090000, 1700000132000, 19675, 2, 0);"
        .to_owned();
    let states = [
        ("one", "delivered", 1, 0, "NULL", "'true_79000000001@c.us_ONE'", "1700000007000"),
        ("two", "sending", 0, 1, "NULL", "NULL", "NULL"),
        ("three", "ready", 0, 0, "NULL", "NULL", "NULL"),
        ("four", "accepted", 0, 0, "1700000600000", "NULL", "NULL"),
        ("five", "needs_review", 0, 0, "NULL", "NULL", "NULL"),
    ];
    for (index, (body, state, settled, unsure, tend_at, vendor_id, at)) in
        states.into_iter().enumerate()
    {
        let seq = index + 1;
        let id = bytes(&format!("018bcfe5680070008000{seq:012}"));
        let look =
            bytes(if body == "two" { LOOK_OF_TWO } else { "0112233445566778899aabbccddeeff0" });
        text.push_str(&format!(
            "INSERT INTO outbox_message (seq, id, namespace, key, created_at, priority, chat, \
             route_line, look, is_file, wipe, wiped, line, state, next_at, vendor_id, sent_at, \
             delivered_at, unchecked, settled, unsure, tend_at, moved_in) VALUES ({seq}, {id}, '', \
             'key {seq}', 1700000000000, 0, '79000000001@c.us', 'shop', {look}, 0, 'never', 0, \
             'shop', '{state}', 1700000000000, {vendor_id}, {at}, {at}, 0, {settled}, {unsure}, \
             {tend_at}, 0); \
             INSERT INTO outbox_content (message, body) VALUES \
             ({seq}, '{{\"kind\":\"text\",\"text\":\"{body}\"}}'); \
             INSERT INTO outbox_change (message, at, what, to_state, cause) VALUES \
             ({id}, 1700000000000, 'enqueued', 'accepted', 'enqueued');"
        ));
    }
    for (seq, vendor_id, outcome) in [
        (1, "'true_79000000001@c.us_ONE'", "'accepted by the vendor'"),
        (2, "NULL", "NULL"),
        (5, "NULL", "'no answer within 40000 ms'"),
    ] {
        text.push_str(&format!(
            "INSERT INTO outbox_attempt (message, number, line, epoch, intent_at, deadline_at, \
             vendor_id, outcome) VALUES ({seq}, 1, 'shop', 3, 1700000001000, 1700000041000, \
             {vendor_id}, {outcome});"
        ));
    }
    text
}

async fn goes_on(store: Arc<dyn Tables>) {
    const SCALE: u32 = 50;
    let chat = ChatId::new("79000000001@c.us");
    let look = Look::of_text(&chat, "two").to_bytes();
    let look: String = look.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(look, LOOK_OF_TWO, "what is in flight could not be found any more");
    let outbox = Outbox::new(store.clone(), Route::line("shop"));
    let state = async |key: u32| {
        let record = outbox.by_key("", &format!("key {key}")).await.unwrap().unwrap();
        (record.state, record.attempts.len())
    };
    let states = [
        (State::Delivered, 1),
        (State::Sending, 1),
        (State::Ready, 0),
        (State::Accepted, 0),
        (State::NeedsReview, 1),
    ];
    for (key, expected) in (1..).zip(states) {
        assert_eq!(state(key).await, expected, "key {key}");
    }
    let five: OutboxId = "018bcfe5-6800-7000-8000-000000000005".parse().unwrap();
    assert!(store.content(five).await.unwrap().unwrap().body.contains("five"));
    assert_eq!(store.history(five).await.unwrap().len(), 1);

    // The vendor has the one that was on its way.
    let sandbox = Sandbox::builder().clock(ClockMode::Scaled(f64::from(SCALE))).build();
    let phone = sandbox.add_instance("12345", "token");
    let client = Client::over(phone.gateway());
    let anna: Phone = "79000000001".parse().unwrap();
    client.messages().send_text(&anna, "two").send().await.unwrap();
    let dispatcher = Dispatcher::new(store.clone()).figures(Figures::scaled(SCALE));
    let running = dispatcher.line("shop", Arc::new(client)).start().await.unwrap();
    assert!(outbox.review(five, Review::Resend, "Olga").await.unwrap());
    let known = outbox.enqueue(Message::text(&anna, "three"), "key 3").await.unwrap();
    assert!(!known.is_new, "its key stands for what is there");
    assert!(outbox.enqueue(Message::text(&anna, "six"), "key 6").await.unwrap().is_new);
    let clock = TokioClock::new();
    loop {
        let all = outbox.find(&Filter::all()).await.unwrap();
        assert_eq!(all.len(), 6);
        if all.iter().all(|record| record.state.is_settled()) {
            break;
        }
        assert!(clock.now().since_start() < Duration::from_secs(60), "{all:?}");
        clock.sleep(Duration::from_millis(50)).await;
    }
    running.stop().await;
    let mut sent: Vec<_> = phone.sent().into_iter().map(|message| message.body).collect();
    sent.sort_unstable();
    assert_eq!(sent, ["five", "four", "six", "three", "two"], "each once");
}

#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_file_of_the_first_version_goes_on() {
    use chatapi_outbox::store::SqliteStore;
    use sqlx::ConnectOptions as _;
    use sqlx::sqlite::SqliteConnectOptions;

    let folder = crate::support::Folder::new();
    let path = folder.path().join("outbox.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut own = options.connect().await.unwrap();
    let made = include_str!("../../schema/sqlite/0001_outbox.sql");
    sqlx::raw_sql(made).execute(&mut own).await.unwrap();
    let left = left(|digits| format!("X'{digits}'"));
    sqlx::raw_sql(sqlx::AssertSqlSafe(left)).execute(&mut own).await.unwrap();
    sqlx::Connection::close(own).await.unwrap();
    goes_on(Arc::new(SqliteStore::open(&path, Arc::new(TokioClock::new())).await.unwrap())).await;
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_database_of_the_first_version_goes_on() {
    use chatapi_outbox::store::PostgresStore;
    use sqlx::{Connection as _, PgConnection};

    let Some(server) = crate::server::Server::start() else { return };
    let url = server.database().await;
    let mut own = PgConnection::connect(&url).await.unwrap();
    let made = include_str!("../../schema/postgres/0001_outbox.sql");
    sqlx::raw_sql(made).execute(&mut own).await.unwrap();
    let left = left(|digits| format!("'\\x{digits}'::bytea"));
    sqlx::raw_sql(sqlx::AssertSqlSafe(left)).execute(&mut own).await.unwrap();
    sqlx::raw_sql("SELECT setval('outbox_message_seq', 5)").execute(&mut own).await.unwrap();
    goes_on(Arc::new(PostgresStore::open(&url).await.unwrap())).await;
}
