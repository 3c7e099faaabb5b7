//! The worker, which is to die: it enqueues, tells what was taken in, and dispatches.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use chatapi_client::chat_api::Client;
use chatapi_outbox::dispatch::{Dispatcher, Running};
use chatapi_outbox::machine::Figures;
use chatapi_outbox::store::Tables;
use chatapi_outbox::{Message, Outbox, Route};
use chatapi_transport::{Clock as _, TokioClock, Transport};
use chatapi_types::Phone;

use crate::options::{Options, instance_of, number_of, order_key_of};
use crate::{Anything, tally};

/// How many messages are taken in at a time.
const BATCH: u64 = 100;
/// How long a database may be away.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn work(options: &Options) -> Anything {
    // A database that is being restarted is waited for, as whoever starts services would.
    let (_opened, tables, running) = insist(async || begin(options).await).await?;
    enqueue(options, tables).await?;
    println!("all");
    std::io::stdout().flush()?;
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()))
        .await??;
    running.stop().await;
    Ok(())
}

async fn begin(options: &Options) -> Anything<(tally::Opened, Arc<dyn Tables>, Running)> {
    let opened = tally::open(&options.store, true).await?;
    let tables = opened.tables.clone();
    if options.re_execute {
        tally::re_execute(&options.store).await?;
    }
    let mut dispatcher = Dispatcher::new(tables.clone()).figures(Figures::scaled(options.scale));
    // One for all: each of its own would read the system's certificates again.
    let transport: Arc<dyn Transport> = Arc::new(chatapi_transport::network()?);
    for phone in 0..options.phones {
        let instance = instance_of(phone);
        let client = Client::at(&options.gateway, instance, "token", transport.clone())?;
        dispatcher = dispatcher.line(&*instance_of(phone), Arc::new(client));
    }
    let running = dispatcher.start().await?;
    Ok((opened, tables, running))
}

/// Tries for a while.
async fn insist<T>(work: impl AsyncFn() -> Anything<T>) -> Anything<T> {
    let clock = TokioClock::new();
    loop {
        match work().await {
            Err(_) if clock.now().since_start() < PATIENCE => {
                clock.sleep(Duration::from_millis(200)).await;
            }
            done => return done,
        }
    }
}

async fn enqueue(options: &Options, tables: Arc<dyn Tables>) -> Anything {
    let outbox = Outbox::new(tables, Route::line("none"));
    let mut next = options.from;
    while next < options.messages {
        let until = (next + BATCH).min(options.messages);
        let batch: Result<Vec<_>, _> = (next..until)
            .map(|n| {
                let to: Phone = number_of(n).parse()?;
                let message = Message::text(&to, format!("message {n}"))
                    .through(&*instance_of(options.phone_of(n)))
                    .order_key(order_key_of(options, n));
                Ok((message, format!("key {n}")))
            })
            .collect();
        let batch: Vec<(Message, String)> =
            batch.map_err(|error: Box<dyn std::error::Error + Send + Sync>| error)?;
        // Asked again with the same keys it is the same, whether it was done or not.
        let taken = insist(async || Ok(outbox.enqueue_all(batch.clone()).await?)).await?;
        for answer in taken {
            answer?;
        }
        next = until;
        // From here on they must not be lost.
        println!("accepted {next}");
        std::io::stdout().flush()?;
    }
    Ok(())
}
