//! Two workers on one PostgreSQL database: one dies in the middle, the other takes its phones over,
//! and everything arrives once.
//!
//! Needs a database: `DATABASE_URL=postgres://… cargo run --example two_workers`, or, with a server of
//! its own, `crates/chatapi-bench/with-postgres cargo run --example two_workers`.

use std::sync::Arc;
use std::time::Duration;

use chatapi::outbox::dispatch::{Dispatcher, Running};
use chatapi::outbox::machine::Figures;
use chatapi::outbox::store::{Filter, PostgresStore};
use chatapi::outbox::{Message, Outbox, Route};
use chatapi::sandbox::ClockMode;
use chatapi::transport::TokioClock;
use chatapi::{Clock as _, Phone, Sandbox, chat_api::Client};

/// How much faster than life it goes, so that nobody has to wait for minutes.
const SCALE: u32 = 50;
const PHONES: [&str; 3] = ["10001", "10002", "10003"];
const MESSAGES: usize = 30;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "an example")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = std::env::var("DATABASE_URL").map_err(|_| "DATABASE_URL is not set")?;
    let sandbox = Sandbox::builder().clock(ClockMode::Scaled(f64::from(SCALE))).build();
    for phone in PHONES {
        sandbox.add_instance(phone, "token");
    }

    // Each worker has a store of its own, as it would on a machine of its own.
    let store = Arc::new(PostgresStore::open(&*database).await?);
    let outbox = Outbox::new(store.clone(), Route::group("shop"));
    let (one, two) =
        (worker("one", &database, &sandbox).await?, worker("two", &database, &sandbox).await?);

    // What customers are told may go through any phone of the shop; to one customer it goes in order.
    let run = TokioClock::new().unix();
    for n in 0..MESSAGES {
        let customer: Phone = format!("7900000000{}", n % 10).parse()?;
        let message = Message::text(&customer, format!("message {n}"));
        let message = message.order_key(format!("customer {}", n % 10));
        outbox.enqueue(message, format!("{run} {n}")).await?;
    }

    let clock = TokioClock::new();
    clock.sleep(Duration::from_millis(300)).await;
    for (phone, line) in outbox.phones().await? {
        let owner = line.lease.map_or("nobody".to_owned(), |lease| lease.owner);
        println!("{phone} is driven by {owner}");
    }
    drop(one);
    println!("worker one is dead");
    while !outbox.find(&Filter::all().since(run)).await?.iter().all(|it| it.state.is_settled()) {
        clock.sleep(Duration::from_millis(100)).await;
    }
    for (phone, line) in outbox.phones().await? {
        let owner = line.lease.map_or("nobody".to_owned(), |lease| lease.owner);
        println!("{phone} was driven by {owner} in the end, epoch {}", line.epoch);
    }
    two.stop().await;
    let left: usize = PHONES.iter().map(|phone| sandbox.instance(*phone).sent().len()).sum();
    println!("{left} of {MESSAGES} left the phones, each once");
    assert_eq!(left, MESSAGES);
    Ok(())
}

async fn worker(
    name: &str,
    database: &str,
    sandbox: &Sandbox,
) -> Result<Running, Box<dyn std::error::Error>> {
    let store = Arc::new(PostgresStore::open(database).await?);
    let mut dispatcher = Dispatcher::new(store).owner(name).figures(Figures::scaled(SCALE));
    for phone in PHONES {
        let client = Client::over(sandbox.instance(phone).gateway());
        dispatcher = dispatcher.line_of("shop", phone, Arc::new(client));
    }
    Ok(dispatcher.start().await?)
}
