//! apalis-sqlite and apalis-postgres beside the outbox:
//! `… sqlite|postgres BATCH engine|end-to-end PATH|URL MESSAGES LANES|SANDBOX`.

mod contest;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use apalis::layers::WorkerBuilderExt as _;
use apalis::prelude::*;
use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use futures::StreamExt as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use contest::{BATCH, BoxError, Contest, KEYS, Note, Sandbox, Serially, figure, setting};

/// How many connections each has.
const CONNECTIONS: u32 = 4;
/// How often it looks for what it was not told of: a row is told of before it is committed.
const POLL: Duration = Duration::from_millis(10);

/// Does what was added, which is nothing. (The bounds of a worker's types are longer than this.)
macro_rules! cycles {
    ($storage:expr, $messages:expr, $lanes:expr) => {{
        let began = Instant::now();
        let worker = WorkerBuilder::new("peer")
            .backend($storage)
            .concurrency($lanes)
            .data(Arc::new(AtomicUsize::new($messages)))
            .build(nothing);
        worker.run().await?;
        figure("cycles", $messages as f64 / began.elapsed().as_secs_f64());
    }};
}

async fn nothing(
    _: Note,
    left: Data<Arc<AtomicUsize>>,
    worker: WorkerContext,
) -> Result<(), BoxDynError> {
    if left.fetch_sub(1, Ordering::Relaxed) == 1 {
        worker.stop()?;
    }
    Ok(())
}

struct Run {
    sandbox: Sandbox,
    serially: Serially,
    contest: Contest,
}

async fn hand_over(note: Note, run: Data<Arc<Run>>) -> Result<(), BoxDynError> {
    let lock = run.serially.of(note.key);
    let _turn = lock.lock().await;
    run.sandbox.send(&note).await?;
    run.contest.accepted(&note);
    Ok(())
}

macro_rules! end_to_end {
    ($storage:expr, $source:expr, $messages:expr, $sandbox:expr) => {{
        let run = Arc::new(Run {
            sandbox: Sandbox::new($sandbox),
            serially: Serially::default(),
            contest: Contest::new($messages),
        });
        let worker = WorkerBuilder::new("peer")
            .backend($source)
            .concurrency(2 * KEYS)
            .data(run.clone())
            .build(hand_over);
        let worker = tokio::spawn(worker.run());
        let add = |note| {
            let mut storage = $storage.clone();
            async move { storage.push(note).await.map_err(BoxError::from) }
        };
        run.contest.run(add).await?;
        worker.abort();
        Ok(())
    }};
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let [engine, batch, part, target, messages, last] = given[..] else {
        return Err("sqlite|postgres BATCH engine|end-to-end TARGET MESSAGES LANES|SANDBOX".into());
    };
    let (batch, messages): (usize, usize) = (batch.parse()?, messages.parse()?);
    match (engine, part) {
        ("sqlite", "engine") => {
            let pool = sqlite(target).await?;
            let config = apalis_sqlite::Config::default().queue("send").batch_size(batch);
            let storage = SqliteStorage::<Note>::new(&pool).with_config(config);
            add(&storage, messages, last.parse()?, || async {
                sqlx::query("DELETE FROM Jobs").execute(&pool).await.map(drop)
            })
            .await?;
            cycles!(storage, messages, last.parse()?);
            let left = "SELECT count(*) FROM Jobs WHERE status <> 'Done'";
            none_left(sqlx::query_scalar(left).fetch_one(&pool).await?)
        }
        ("sqlite", _) => {
            drop(sqlite(target).await?);
            let (pool, inserts) = SqliteStorage::connect_with_callback(target)?;
            let config = apalis_sqlite::Config::default().queue("send").batch_size(batch);
            let storage = SqliteStorage::<Note>::new(&pool).with_config(config);
            let told = Strategy::new().stream(inserts.ready_chunks(batch)).interval(POLL);
            let worker = storage.clone().poll_with_strategy(told);
            end_to_end!(storage, worker, messages, last)
        }
        ("postgres", "engine") => {
            let pool = postgres(target).await?;
            let config = apalis_postgres::Config::default().queue("send").batch_size(batch);
            let storage = PostgresStorage::<Note>::new(&pool).with_config(config);
            add(&storage, messages, last.parse()?, || async {
                sqlx::query("DELETE FROM apalis.jobs").execute(&pool).await.map(drop)
            })
            .await?;
            cycles!(storage, messages, last.parse()?);
            let left = "SELECT count(*) FROM apalis.jobs WHERE status <> 'Done'";
            none_left(sqlx::query_scalar(left).fetch_one(&pool).await?)
        }
        ("postgres", _) => {
            let pool = postgres(target).await?;
            let config = apalis_postgres::Config::default().queue("send").batch_size(batch);
            let storage = PostgresStorage::<Note>::new(&pool).with_config(config);
            let told = Strategy::new()
                .stream(apalis_postgres::Pubsub::new(pool.clone(), "send".to_owned()))
                .interval(POLL);
            let worker = storage.clone().poll_with_strategy(told);
            end_to_end!(storage, worker, messages, last)
        }
        _ => Err("not known".into()),
    }
}

fn none_left(left: i64) -> Result<(), BoxError> {
    match left {
        0 => Ok(()),
        _ => Err(format!("{left} are left").into()),
    }
}

/// Its own setup, and then connections that all flush: its setup asks one of them not to.
async fn sqlite(path: &str) -> Result<sqlx::SqlitePool, BoxError> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let pools = SqlitePoolOptions::new().min_connections(CONNECTIONS).max_connections(CONNECTIONS);
    let pool = pools.clone().connect_with(options.clone()).await?;
    SqliteStorage::setup(&pool).await?;
    setting("synchronous after its setup, per connection", &synchronous(&pool).await?);
    pool.close().await;
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let pool = pools.connect_with(options).await?;
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&pool).await?;
    setting("journal_mode", &mode);
    setting("synchronous as measured, per connection", &synchronous(&pool).await?);
    Ok(pool)
}

async fn synchronous(pool: &sqlx::SqlitePool) -> Result<String, BoxError> {
    let mut held = Vec::new();
    let mut found = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = pool.acquire().await?;
        let value: i64 =
            sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *connection).await?;
        found.push(value.to_string());
        held.push(connection);
    }
    Ok(found.join(" "))
}

async fn postgres(url: &str) -> Result<sqlx::PgPool, BoxError> {
    let pools = sqlx::postgres::PgPoolOptions::new().max_connections(24);
    let pool = pools.connect(url).await?;
    sqlx::query("DROP SCHEMA IF EXISTS apalis CASCADE").execute(&pool).await?;
    PostgresStorage::setup(&pool).await?;
    for name in ["server_version", "fsync", "synchronous_commit", "full_page_writes"] {
        let asked = sqlx::query_scalar("SELECT current_setting($1)").bind(name);
        let found: String = asked.fetch_one(&pool).await?;
        setting(name, &found);
    }
    Ok(pool)
}

/// Adds one at a time by one caller, one at a time by all, and 500 at a time; only the last stay.
async fn add<S, K, E, C, F>(
    storage: &S,
    messages: usize,
    lanes: usize,
    clear: C,
) -> Result<(), BoxError>
where
    S: TaskSink<Note, K, Error = E> + Clone + Send + 'static,
    E: std::error::Error + Send + Sync + 'static,
    C: Fn() -> F,
    F: Future<Output = Result<(), sqlx::Error>>,
{
    for (measure, callers, count) in
        [("add, one caller", 1, messages.div_ceil(10)), ("add, all callers", lanes, messages)]
    {
        let began = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for caller in 0..callers {
            let mut storage = storage.clone();
            tasks.spawn(async move {
                for number in (caller..count).step_by(callers) {
                    storage.push(Note::new(number, number % lanes)).await?;
                }
                Ok::<(), BoxError>(())
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        figure(measure, count as f64 / began.elapsed().as_secs_f64());
        clear().await?;
    }
    let mut storage = storage.clone();
    let began = Instant::now();
    for from in (0..messages).step_by(BATCH) {
        let to = messages.min(from + BATCH);
        let batch = (from..to).map(|number| Note::new(number, number % lanes)).collect();
        storage.push_bulk(batch).await?;
    }
    figure("add, 500 at once", messages as f64 / began.elapsed().as_secs_f64());
    Ok(())
}
