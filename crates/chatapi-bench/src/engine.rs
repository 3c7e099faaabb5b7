//! The outbox's own engines, each on a store of its own and with a vendor that takes no time.

#![expect(clippy::disallowed_methods, reason = "a measurement")]

use std::error::Error;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chatapi_client::line::{Sighting, Sightings};
use chatapi_outbox::machine::{Figures, Verdict};
use chatapi_outbox::store::{Intend, Intended, PostgresStore, SqliteStore, Store as _, Tables};
use chatapi_outbox::{LineName, Message, Outbox, Route};
use chatapi_transport::TokioClock;
use chatapi_types::{ChatId, MessageId, Phone};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::task::JoinSet;

use crate::contest::{BATCH, setting, text};

/// Whatever went wrong.
pub type Failure = Box<dyn Error + Send + Sync>;

/// How many messages a line hands over before what became of them is read from its history: what
/// may be in a vendor's queue is limited.
const PAGE: usize = 50;

/// An empty store of its own for each part: a file in a folder, or a database on a server by the
/// address of another. What the engine says about its durability is told.
///
/// # Errors
///
/// Whatever went wrong.
pub async fn open(store: &str, target: &str, part: &str) -> Result<Arc<dyn Tables>, Failure> {
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

/// A line by its number.
#[must_use]
pub fn line(index: usize) -> LineName {
    LineName::new(format!("line{index}"))
}

/// Who gets all messages.
///
/// # Errors
///
/// Never, unless the number were none.
pub fn anna() -> Result<Phone, Failure> {
    Ok("79000000001".parse()?)
}

/// Adds messages of 200 bytes, 500 at once, to all lines in turn; how long that took.
///
/// # Errors
///
/// Whatever went wrong.
pub async fn add_many(
    tables: &Arc<dyn Tables>,
    messages: Range<usize>,
    lanes: usize,
) -> Result<Duration, Failure> {
    let (outbox, to) = (Outbox::new(tables.clone(), Route::line("line0")), anna()?);
    let message = |number: usize| {
        (Message::text(&to, text(number)).through(line(number % lanes)), number.to_string())
    };
    let began = Instant::now();
    for from in messages.clone().step_by(BATCH) {
        let batch = (from..messages.end.min(from + BATCH)).map(message);
        for added in outbox.enqueue_all(batch).await? {
            added?;
        }
    }
    Ok(began.elapsed())
}

/// How long messages took.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Cycled {
    /// Intents and outcomes.
    pub cycles: Duration,
    /// With the reading of the vendor's history.
    pub with_acks: Duration,
}

/// Intent and outcome of every message, all lines at the same time. After every 50 of a line the
/// clock of [`Cycled::cycles`] stands still while its history is read.
///
/// # Errors
///
/// Whatever went wrong.
pub async fn cycles(
    tables: &Arc<dyn Tables>,
    messages: usize,
    lanes: usize,
) -> Result<Cycled, Failure> {
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
                let ask = Intend::new(grant.clone(), grant.at);
                let mut next = tables.intend(&ask, &figures).await?;
                loop {
                    let intent = match next {
                        Intended::Send(intent) => intent,
                        Intended::Nothing { .. } => break,
                        other => return Err(format!("not sent: {other:?}").into()),
                    };
                    let id =
                        MessageId::from(format!("true_{}_{:x}", intent.chat, intent.id.as_u128()));
                    let verdict = Verdict::Accepted { id: Some(id.clone()), queue_number: None };
                    ids.push(id);
                    if ids.len() == PAGE {
                        tables.settle(&grant, &intent, &verdict, &figures).await?;
                        break;
                    }
                    // As a dispatcher does: the outcome of one and the intent of the next at once.
                    let turned = tables.turn(&ask, &intent, &verdict, &figures).await?;
                    next = turned.next.ok_or("it was not asked for the next message")?;
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
    for grant in &grants {
        tables.release(grant).await?;
    }
    Ok(Cycled { cycles: cycling, with_acks: all })
}
