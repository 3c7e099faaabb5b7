//! The outbox's part of `beside-job-queues.sh`, which says what is measured and beside whom.
//!
//! `-- engine STORE FOLDER|URL MESSAGES LANES` works on the store with a vendor that takes no time,
//! `-- end-to-end STORE FOLDER|URL MESSAGES SANDBOX` sends to a sandbox, `-- serve` is that sandbox,
//! `-- tables` makes tables of figures. Alone, it says so.

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement")]

use std::error::Error;
use std::future::Future;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chatapi_bench::contest::{BATCH, Contest, KEYS, figure, number, setting, text};
use chatapi_bench::tally;
use chatapi_client::chat_api::Client;
use chatapi_client::line::{
    Capabilities, Content, Cursor, Health, Line, Outgoing, Queue, Sighting, Sightings, State,
    Submitted,
};
use chatapi_outbox::dispatch::Dispatcher;
use chatapi_outbox::machine::{Figures, Verdict};
use chatapi_outbox::store::{Intend, Intended, PostgresStore, SqliteStore, Store as _, Tables};
use chatapi_outbox::{LineName, Message, Outbox, Route};
use chatapi_sandbox::fault::{Effect, Fault};
use chatapi_sandbox::{ClockMode, Sandbox};
use chatapi_transport::{Clock, TokioClock};
use chatapi_types::{ChatId, MessageId, Phone};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::task::JoinSet;

type Failure = Box<dyn Error + Send + Sync>;

/// How many messages a line hands over before what became of them is read from its history: what
/// may be in a vendor's queue is limited.
const PAGE: usize = 50;
/// How long the sandbox takes to answer.
const ANSWER: Duration = Duration::from_millis(2);

fn main() -> Result<(), Failure> {
    let given: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
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

/// An empty store of its own for each part.
async fn open(store: &str, target: &str, part: &str) -> Result<Arc<dyn Tables>, Failure> {
    match store {
        "sqlite" => {
            let file = Path::new(target).join(format!("{part}.db"));
            let store = SqliteStore::open(&file, Arc::new(TokioClock::new())).await?;
            // Each of its connections reads it back, and the store does not open where it differs.
            setting("synchronous, asserted by the store on every connection", "2");
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
            let mut other = options.connect().await?;
            let mode: String =
                sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut other).await?;
            setting("journal_mode", &mode);
            Ok(Arc::new(store))
        }
        "postgres" => {
            let mut url: url::Url = target.parse()?;
            let mut server = sqlx::PgConnection::connect(target).await?;
            for name in ["server_version", "fsync", "synchronous_commit", "full_page_writes"] {
                let asked = sqlx::query_scalar("SELECT current_setting($1)").bind(name);
                let found: String = asked.fetch_one(&mut server).await?;
                setting(name, &found);
            }
            url.set_path(&format!("outbox_{part}"));
            for statement in
                ["DROP DATABASE IF EXISTS outbox_{} WITH (FORCE)", "CREATE DATABASE outbox_{}"]
            {
                let statement = sqlx::AssertSqlSafe(statement.replace("{}", part));
                sqlx::raw_sql(statement).execute(&mut server).await?;
            }
            Ok(Arc::new(PostgresStore::open(url).await?))
        }
        other => Err(format!("there is no store {other}").into()),
    }
}

fn line(index: usize) -> LineName {
    LineName::new(format!("line{index}"))
}

fn anna() -> Result<Phone, Failure> {
    Ok("79000000001".parse()?)
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
    let outbox = Outbox::new(tables.clone(), Route::line("line0"));
    let began = Instant::now();
    for from in (0..messages).step_by(BATCH) {
        let batch = (from..messages.min(from + BATCH)).map(&message);
        for added in outbox.enqueue_all(batch).await? {
            added?;
        }
    }
    figure("add, 500 at once", messages as f64 / began.elapsed().as_secs_f64());
    cycles(tables, messages, lanes).await
}

/// Intent and outcome of every message, all lines at the same time. After every [`PAGE`] of a line
/// the clock of "cycles" stands still while its history is read; that of "with acks" does not.
async fn cycles(tables: Arc<dyn Tables>, messages: usize, lanes: usize) -> Result<(), Failure> {
    let mut figures = Figures::default();
    figures.interval = Duration::ZERO;
    let mut grants = Vec::new();
    for index in 0..lanes {
        tables.add_line(&line(index), None).await?;
        let grant = tables.acquire(&line(index), "bench", &figures).await?;
        grants.push(grant.ok_or("somebody else drives the line")?);
    }
    let (mut cycling, mut all, mut done) = (Duration::ZERO, Duration::ZERO, 0);
    figures.high_water = 90;
    while done < messages {
        let began = Instant::now();
        let mut sending = JoinSet::new();
        for grant in &grants {
            let (tables, grant, figures) = (tables.clone(), grant.clone(), figures.clone());
            sending.spawn(async move {
                let mut ids = Vec::new();
                while ids.len() < PAGE {
                    let ask = Intend::new(grant.clone(), grant.at);
                    let intent = match tables.intend(&ask, &figures).await? {
                        Intended::Send(intent) => intent,
                        Intended::Nothing { .. } => break,
                        other => return Err(format!("not sent: {other:?}").into()),
                    };
                    let id =
                        MessageId::from(format!("true_{}_{:x}", intent.chat, intent.id.as_u128()));
                    let verdict = Verdict::Accepted { id: Some(id.clone()), queue_number: None };
                    tables.settle(&grant, &intent, &verdict, &figures).await?;
                    ids.push(id);
                }
                Ok::<_, Failure>((grant.line, ids))
            });
        }
        let pages = sending.join_all().await;
        cycling += began.elapsed();
        let mut reading = JoinSet::new();
        for page in pages {
            let (line, ids) = page?;
            done += ids.len();
            let (tables, chat) = (tables.clone(), ChatId::from(&anna()?));
            reading.spawn(async move {
                let seen = ids.into_iter().map(|id| Sighting::text(id, chat.clone(), true, ""));
                let mut sightings = Sightings::default();
                sightings.items = seen.collect();
                tables.seen(&line, &sightings).await
            });
        }
        for read in reading.join_all().await {
            read?;
        }
        all += began.elapsed();
    }
    figure("cycles", messages as f64 / cycling.as_secs_f64());
    figure("cycles with acks", messages as f64 / all.as_secs_f64());
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
    for index in 0..KEYS {
        let instance = (200_001 + index).to_string();
        let token = format!("token{instance}xyz");
        let client = Client::connect(sandbox, &*instance, token)?;
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
