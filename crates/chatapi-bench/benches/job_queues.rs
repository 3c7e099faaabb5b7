//! The outbox's part of `beside-job-queues.sh`, which says what is measured and beside whom.
//!
//! `-- engine STORE FOLDER|URL MESSAGES LANES` works on the store with a vendor that takes no time,
//! `-- end-to-end STORE FOLDER|URL MESSAGES SANDBOX` sends to a sandbox, `-- serve` is that sandbox,
//! `-- tables` makes tables of figures. Alone, it says so.

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement")]

use std::future::Future;
use std::io::Read as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chatapi_bench::contest::{Contest, KEYS, figure, number, text};
use chatapi_bench::engine::{Failure, add_many, anna, cycles, line, open};
use chatapi_bench::served::given;
use chatapi_bench::tally;
use chatapi_client::chat_api::Client;
use chatapi_client::line::{
    Capabilities, Content, Cursor, Health, Line, Outgoing, Queue, Sightings, State, Submitted,
};
use chatapi_outbox::dispatch::Dispatcher;
use chatapi_outbox::machine::Figures;
use chatapi_outbox::{Message, Outbox, Route};
use chatapi_sandbox::fault::{Effect, Fault};
use chatapi_sandbox::{ClockMode, Sandbox};
use chatapi_transport::{Clock, Transport};
use chatapi_types::{ChatId, Phone};
use tokio::task::JoinSet;

/// How long the sandbox takes to answer.
const ANSWER: Duration = Duration::from_millis(2);

fn main() -> Result<(), Failure> {
    let given = given();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    match *given {
        ["engine", store, target, messages, lanes] => {
            run(engine(store, target, messages.parse()?, lanes.parse()?))
        }
        ["end-to-end", store, target, messages, sandbox] => {
            run(end_to_end(store, target, messages.parse()?, sandbox))
        }
        ["serve"] => run(serve()),
        ["tables"] => {
            let mut lines = String::new();
            std::io::stdin().read_to_string(&mut lines)?;
            print!("{}", tally::tables(&lines));
            Ok(())
        }
        [] => {
            println!("the outbox beside job queues: crates/chatapi-bench/beside-job-queues.sh");
            Ok(())
        }
        _ => Err(format!("not known: {given:?}").into()),
    }
}

fn run(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

async fn engine(store: &str, target: &str, messages: usize, lanes: usize) -> Result<(), Failure> {
    let to = anna()?;
    let message = move |number: usize| {
        (Message::text(&to, text(number)).through(line(number % lanes)), number.to_string())
    };
    let parts = [("one", 1, messages.div_ceil(10)), ("all", lanes, messages)];
    for (part, callers, count) in parts {
        let tables = open(store, target, part).await?;
        let began = Instant::now();
        let mut adding = JoinSet::new();
        for caller in 0..callers {
            let outbox = Outbox::new(tables.clone(), Route::line("line0"));
            let message = message.clone();
            adding.spawn(async move {
                for number in (caller..count).step_by(callers) {
                    let (message, key) = message(number);
                    outbox.enqueue(message, key).await?;
                }
                Ok::<(), Failure>(())
            });
        }
        while let Some(done) = adding.join_next().await {
            done??;
        }
        let measure = if part == "one" { "add, one caller" } else { "add, all callers" };
        figure(measure, count as f64 / began.elapsed().as_secs_f64());
    }
    let tables = open(store, target, "cycles").await?;
    let added = add_many(&tables, 0..messages, lanes).await?;
    figure("add, 500 at once", messages as f64 / added.as_secs_f64());
    let cycled = cycles(&tables, messages, lanes).await?;
    figure("cycles", messages as f64 / cycled.cycles.as_secs_f64());
    figure("cycles with acks", messages as f64 / cycled.with_acks.as_secs_f64());
    Ok(())
}

async fn end_to_end(
    store: &str,
    target: &str,
    messages: usize,
    sandbox: &str,
) -> Result<(), Failure> {
    let tables = open(store, target, "end_to_end").await?;
    let contest = Arc::new(Contest::new(messages));
    let mut figures = Figures::default();
    (figures.interval, figures.jitter, figures.high_water) = (Duration::ZERO, 0.0, 90);
    let mut dispatcher = Dispatcher::new(tables.clone()).figures(figures);
    let transport: Arc<dyn Transport> = Arc::new(chatapi_transport::network()?);
    for index in 0..KEYS {
        let instance = (200_001 + index).to_string();
        let token = format!("token{instance}xyz");
        let client = Client::at(sandbox, &*instance, token, transport.clone())?;
        let watched = Watched { client, contest: contest.clone() };
        dispatcher = dispatcher.line(line(index), Arc::new(watched));
    }
    let running = dispatcher.start().await?;
    let outbox = Arc::new(Outbox::new(tables, Route::line("line0")));
    let to = anna()?;
    let add = |number: usize, key: usize| {
        let (outbox, message) =
            (outbox.clone(), Message::text(&to, text(number)).through(line(key)));
        async move { outbox.enqueue(message, number.to_string()).await.map(drop) }
    };
    contest.run(add).await?;
    running.stop().await;
    Ok(())
}

/// A line that says when messages were accepted.
#[derive(Debug)]
struct Watched {
    client: Client,
    contest: Arc<Contest>,
}

#[async_trait]
impl Line for Watched {
    fn vendor(&self) -> &'static str {
        self.client.vendor()
    }

    fn capabilities(&self) -> Capabilities {
        self.client.capabilities()
    }

    fn clock(&self) -> &Arc<dyn Clock> {
        Line::clock(&self.client)
    }

    async fn submit(&self, message: &Outgoing) -> chatapi_transport::Result<Submitted> {
        let submitted = self.client.submit(message).await?;
        if let Content::Text(text) = &message.content
            && let Some(number) = number(text)
        {
            self.contest.accepted(number);
        }
        Ok(submitted)
    }

    async fn state(&self, message: &Submitted) -> chatapi_transport::Result<Option<State>> {
        Line::state(&self.client, message).await
    }

    async fn sightings(
        &self,
        chat: Option<&ChatId>,
        since: Option<&Cursor>,
    ) -> chatapi_transport::Result<Sightings> {
        Line::sightings(&self.client, chat, since).await
    }

    async fn queue(&self) -> chatapi_transport::Result<Queue> {
        Line::queue(&self.client).await
    }

    async fn clear_queue(&self) -> chatapi_transport::Result<Option<u64>> {
        Line::clear_queue(&self.client).await
    }

    async fn health(&self) -> chatapi_transport::Result<Health> {
        Line::health(&self.client).await
    }

    async fn check_phone(&self, phone: &Phone) -> chatapi_transport::Result<bool> {
        Line::check_phone(&self.client, phone).await
    }
}

/// Serves a sandbox until its input ends.
async fn serve() -> Result<(), Failure> {
    let sandbox = Sandbox::builder().clock(ClockMode::Real).exchanges(0, 0).build();
    for index in 0..KEYS {
        let instance = (200_001 + index).to_string();
        sandbox.add_instance(&*instance, format!("token{instance}xyz"));
    }
    sandbox.faults().add(Fault::new(Effect::latency(ANSWER)))?;
    let server = sandbox.serve().await?;
    println!("http://{}", server.socket());
    let input = tokio::task::spawn_blocking(|| std::io::stdin().lines().count());
    input.await?;
    Ok(())
}
