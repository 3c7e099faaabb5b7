//! A PostgreSQL database on a disk that is full.

use std::sync::Arc;
use std::time::Duration;

use chatapi_client::chat_api::Client;
use chatapi_outbox::dispatch::Dispatcher;
use chatapi_outbox::machine::Figures;
use chatapi_outbox::store::{Filter, Intend, PostgresStore, Store as _, StoreFault};
use chatapi_outbox::{Message, Outbox, Route};
use chatapi_sandbox::{ClockMode, Sandbox};
use chatapi_transport::{Clock as _, TokioClock};
use chatapi_types::{Phone, UnixMillis};
use sqlx::{Connection as _, PgConnection};

use crate::server::Server;
use crate::support::message;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_in_and_nothing_leaves_without_its_intent_while_the_disk_is_full() {
    const SCALE: u32 = 50;
    let Some(server) = Server::with_small_disk() else { return };
    let mut own = PgConnection::connect(server.url()).await.unwrap();
    let space = format!("CREATE TABLESPACE small LOCATION '{}/small'", server.folder().display());
    sqlx::raw_sql(sqlx::AssertSqlSafe(space)).execute(&mut own).await.unwrap();
    let url = server.whole_database("small", "TABLESPACE small").await;
    let store = Arc::new(PostgresStore::open(&url).await.unwrap());
    let outbox = Outbox::new(store.clone(), Route::line("shop"));
    let anna: Phone = "79000000001".parse().unwrap();
    for number in 0..3 {
        let text = Message::text(&anna, format!("message {number}"));
        outbox.enqueue(text, number.to_string()).await.unwrap();
    }
    // And one through a phone that the test drives itself.
    store.add_line(&"one".into(), None).await.unwrap();
    store.enqueue(vec![message("by hand")]).await.unwrap();
    let by_hand = Figures::default();
    let grant = store.acquire(&"one".into(), "test", &by_hand).await.unwrap().unwrap();

    let mut own = PgConnection::connect(&url).await.unwrap();
    let fill = "CREATE TABLE filler (bytes TEXT); \
                ALTER TABLE filler ALTER COLUMN bytes SET STORAGE EXTERNAL";
    sqlx::raw_sql(fill).execute(&mut own).await.unwrap();
    for length in [500_000, 7_000] {
        let full = loop {
            let fill = format!("INSERT INTO filler VALUES (repeat('x', {length}))");
            let filled = sqlx::raw_sql(sqlx::AssertSqlSafe(fill)).execute(&mut own).await;
            if let Err(full) = filled {
                break full;
            }
        };
        let code = full.as_database_error().unwrap().code();
        assert_eq!(code.as_deref(), Some("53100"), "{full}");
    }

    let long = Message::text(&anna, "x".repeat(4000));
    let refused = (0..100).map(|number| (long.clone(), format!("long {number}")));
    let refused = outbox.enqueue_all(refused).await.unwrap_err();
    let told = refused.to_string();
    assert!(told.contains("No space left on device"), "{told}");
    assert!(told.contains("nothing was changed"), "{told}");
    assert_eq!(outbox.find(&Filter::all()).await.unwrap().len(), 4);

    let sandbox = Sandbox::builder().clock(ClockMode::Scaled(f64::from(SCALE))).build();
    let phone = sandbox.add_instance("12345", "token");
    let client = Arc::new(Client::over(phone.gateway()));
    let figures = Figures::scaled(SCALE);
    let dispatcher = Dispatcher::new(store.clone()).figures(figures.clone());
    let running = dispatcher.line("shop", client.clone()).start().await;
    for _ in 0..50 {
        let ask = Intend::new(grant.clone(), UnixMillis::from_millis(0));
        let refused = store.intend(&ask, &by_hand).await.unwrap_err();
        assert_eq!(refused.fault(), StoreFault::Unavailable, "{refused}");
    }
    assert_eq!(phone.sent().len(), 0, "nothing leaves without its intent");

    sqlx::raw_sql("DROP TABLE filler").execute(&mut own).await.unwrap();
    outbox.enqueue(long, "long").await.unwrap();
    let running = match running {
        Ok(running) => running,
        // It could not even begin.
        Err(_) => {
            let dispatcher = Dispatcher::new(store.clone()).figures(figures);
            dispatcher.line("shop", client).start().await.unwrap()
        }
    };
    let clock = TokioClock::new();
    let ours = || async {
        let all = outbox.find(&Filter::all()).await.unwrap();
        all.into_iter().filter(|record| record.key != "by hand").collect::<Vec<_>>()
    };
    while !ours().await.iter().all(|record| record.state.is_settled()) {
        assert!(clock.now().since_start() < Duration::from_secs(60), "{:?}", ours().await);
        clock.sleep(Duration::from_millis(50)).await;
    }
    running.stop().await;
    let mut sent: Vec<usize> = phone.sent().iter().map(|message| message.body.len()).collect();
    sent.sort_unstable();
    assert_eq!(sent, [9, 9, 9, 4000], "each once");
}
