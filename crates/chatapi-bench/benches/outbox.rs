//! What time and others do to the outbox, beside itself without them, in the same run.
//!
//! `-- settled [MESSAGES]`: a store in which that many (1,000,000) are settled beside an empty one, in
//! turn: adding, cycles; then how fast they are purged. `-- pressure [SECONDS]`: cycles while somebody
//! holds a transaction open for that long (15) and does nothing (PostgreSQL) or reads from an earlier
//! state of the file (SQLite), beside cycles before and after. On SQLite in `/var/tmp`, and on the
//! PostgreSQL server of `DATABASE_URL`, as `with-postgres` sets it. Alone, it says so.

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use chatapi_bench::about_this_machine;
use chatapi_bench::contest::text;
use chatapi_bench::engine::{Failure, add_many, anna, cycles, line, open};
use chatapi_bench::served::given;
use chatapi_outbox::store::Tables;
use chatapi_outbox::{Message, Outbox, Route};
use chatapi_types::UnixMillis;
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use tokio::task::JoinSet;

/// How many lines work at the same time.
const LANES: usize = 20;
/// How many messages a round adds, and sends.
const ROUND: usize = 1000;
const ROUNDS: usize = 5;
/// How many copies are made by one statement.
const CHUNK: i64 = 50_000;
/// How many are purged to see how fast.
const PURGED: i64 = 100_000;

fn main() -> Result<(), Failure> {
    let given = given();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match *given {
            ["settled"] => settled(1_000_000).await,
            ["settled", messages] => settled(messages.parse()?).await,
            ["pressure"] => pressure(Duration::from_secs(15)).await,
            ["pressure", seconds] => pressure(Duration::from_secs(seconds.parse()?)).await,
            [] => {
                println!(
                    "the outbox beside itself: -- settled, -- pressure; see benches/outbox.rs"
                );
                Ok(())
            }
            _ => Err(format!("not known: {given:?}").into()),
        }
    })
}

/// The stores that there are here: what they are called, and where they are.
fn stores(folder: &tempfile::TempDir) -> Vec<(&'static str, String)> {
    about_this_machine();
    let mut stores = vec![("sqlite", folder.path().display().to_string())];
    match std::env::var("DATABASE_URL") {
        Ok(url) => stores.push(("postgres", url)),
        Err(_) => {
            println!(
                "!! NOT MEASURED: PostgreSQL; DATABASE_URL is not set (with-postgres sets it)"
            );
        }
    }
    stores
}

/// Somebody else's connection to a store.
enum Other {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Other {
    async fn connect(store: &str, target: &str, part: &str) -> Result<Self, Failure> {
        Ok(match store {
            "sqlite" => {
                Self::Sqlite(SqliteConnection::connect(&format!("{target}/{part}.db")).await?)
            }
            _ => {
                let mut url: url::Url = target.parse()?;
                url.set_path(&format!("outbox_{part}"));
                Self::Postgres(PgConnection::connect(url.as_str()).await?)
            }
        })
    }

    async fn run(&mut self, text: String) -> Result<u64, Failure> {
        let text = sqlx::raw_sql(sqlx::AssertSqlSafe(text));
        Ok(match self {
            Self::Sqlite(connection) => text.execute(connection).await?.rows_affected(),
            Self::Postgres(connection) => text.execute(connection).await?.rows_affected(),
        })
    }

    async fn columns(&mut self, table: &str) -> Result<Vec<String>, Failure> {
        Ok(match self {
            Self::Sqlite(connection) => {
                sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
                    .bind(table)
                    .fetch_all(connection)
                    .await?
            }
            Self::Postgres(connection) => sqlx::query_scalar(
                "SELECT column_name::text FROM information_schema.columns WHERE table_name = $1",
            )
            .bind(table)
            .fetch_all(connection)
            .await?,
        })
    }

    /// Copies everything of the one message that there is, and that is settled.
    async fn multiply(&mut self, by: i64) -> Result<(), Failure> {
        for table in ["outbox_message", "outbox_attempt", "outbox_content", "outbox_change"] {
            let columns = self.columns(table).await?;
            let is_change = table == "outbox_change";
            // What the database fills in by itself.
            let is_given = |column: &&String| {
                !is_change || !matches!(column.as_str(), "number" | "transaction")
            };
            let id = match self {
                Self::Sqlite(_) => "unhex(printf('%032x', n))",
                Self::Postgres(_) => "decode(lpad(to_hex(n), 32, '0'), 'hex')",
            };
            let value = |column: &String| match column.as_str() {
                "id" => id.to_owned(),
                "message" if is_change => id.to_owned(),
                "seq" | "message" => "n".to_owned(),
                "key" => "'settled ' || n".to_owned(),
                "vendor_id" => "'settled_' || n".to_owned(),
                "chat" => "(n % 100000) || '@c.us'".to_owned(),
                // Over the last month.
                "created_at" | "at" => format!("m.\"{column}\" - 2592000000 + (n % 2592000000)"),
                _ => format!("m.\"{column}\""),
            };
            let given: Vec<&String> = columns.iter().filter(is_given).collect();
            let values: Vec<String> = given.iter().map(|column| value(column)).collect();
            let names: Vec<String> = given.iter().map(|column| format!("\"{column}\"")).collect();
            let key = match table {
                "outbox_message" => "seq = 1",
                "outbox_change" => "message = (SELECT id FROM outbox_message WHERE seq = 1)",
                _ => "message = 1",
            };
            for from in (0..by).step_by(CHUNK as usize) {
                let (from, until) = (from + 1000, (from + CHUNK).min(by) + 999);
                let numbers = match self {
                    Self::Sqlite(_) => format!(
                        "(WITH RECURSIVE s (n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM s \
                         WHERE n < {until}) SELECT n FROM s) AS s"
                    ),
                    Self::Postgres(_) => format!("generate_series({from}, {until}) AS s (n)"),
                };
                self.run(format!(
                    "INSERT INTO {table} ({}) SELECT {} FROM {table} AS m, {numbers} WHERE m.{key}",
                    names.join(", "),
                    values.join(", "),
                ))
                .await?;
            }
        }
        if let Self::Postgres(_) = self {
            self.run(format!("SELECT setval('outbox_message_seq', {})", by + 1000)).await?;
            // As autovacuum would have done by then.
            self.run("VACUUM ANALYZE".to_owned()).await?;
        }
        Ok(())
    }
}

async fn settled(messages: i64) -> Result<(), Failure> {
    let folder = tempfile::tempdir_in("/var/tmp")?;
    for (store, target) in stores(&folder) {
        let (empty, full) =
            (open(store, &target, "empty").await?, open(store, &target, "full").await?);
        add_many(&full, 0..1, LANES).await?;
        cycles(&full, 1, LANES).await?;
        let began = Instant::now();
        Other::connect(store, &target, "full").await?.multiply(messages).await?;
        let took = began.elapsed().as_secs();
        println!("{store}: {messages} settled messages made in {took} s");
        let (mut figures_empty, mut figures_full) = (Vec::new(), Vec::new());
        // The first is to warm up.
        for round in 0..=ROUNDS {
            let (a, b) = (measure(&empty, round).await?, measure(&full, round).await?);
            if round > 0 {
                figures_empty.push(a);
                figures_full.push(b);
            }
        }
        for (index, measure) in ["add, 20 callers", "add, 500 at once", "cycles"].iter().enumerate()
        {
            let (a, b) = (median(&figures_empty, index), median(&figures_full, index));
            println!(
                "{store}: {measure}: {a:.0} a second when empty, {b:.0} with {messages} settled: {:.0} %",
                b / a * 100.0
            );
        }
        let began = Instant::now();
        let mut purged = 0;
        while purged < PURGED.min(messages) {
            let gone = full.purge(UnixMillis::from_millis(i64::MAX), 1000).await?;
            purged += i64::try_from(gone)?;
            if gone == 0 {
                break;
            }
        }
        let rate = purged as f64 / began.elapsed().as_secs_f64();
        println!("{store}: {rate:.0} purged a second, 1000 at a time, of {purged}");
    }
    Ok(())
}

/// Adds by [`LANES`] callers, adds at once, sends all: each as many a second.
async fn measure(tables: &Arc<dyn Tables>, round: usize) -> Result<[f64; 3], Failure> {
    let from = 1 + round * 2 * ROUND;
    let began = Instant::now();
    let mut adding = JoinSet::new();
    for caller in 0..LANES {
        let (outbox, to) = (Outbox::new(tables.clone(), Route::line("line0")), anna()?);
        adding.spawn(async move {
            for number in (from + caller..from + ROUND).step_by(LANES) {
                let message = Message::text(&to, text(number)).through(line(number % LANES));
                outbox.enqueue(message, number.to_string()).await?;
            }
            Ok::<(), Failure>(())
        });
    }
    for added in adding.join_all().await {
        added?;
    }
    let one = ROUND as f64 / began.elapsed().as_secs_f64();
    let many = add_many(tables, from + ROUND..from + 2 * ROUND, LANES).await?;
    let cycled = cycles(tables, 2 * ROUND, LANES).await?;
    let many = ROUND as f64 / many.as_secs_f64();
    Ok([one, many, 2.0 * ROUND as f64 / cycled.cycles.as_secs_f64()])
}

fn median(rounds: &[[f64; 3]], index: usize) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(|round| round[index]).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

async fn pressure(seconds: Duration) -> Result<(), Failure> {
    let folder = tempfile::tempdir_in("/var/tmp")?;
    for (store, target) in stores(&folder) {
        let tables = open(store, &target, "pressure").await?;
        let mut next = 0;
        // To warm up.
        rate(&tables, &mut next, Duration::from_secs(2)).await?;
        let before = rate(&tables, &mut next, seconds).await?;
        let mut other = Other::connect(store, &target, "pressure").await?;
        other
            .run(match store {
                "sqlite" => "BEGIN; SELECT count(*) FROM outbox_message".to_owned(),
                _ => "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_current_xact_id(); \
                      SELECT count(*) FROM outbox_message"
                    .to_owned(),
            })
            .await?;
        let beside = rate(&tables, &mut next, seconds).await?;
        other.run("COMMIT".to_owned()).await?;
        let after = rate(&tables, &mut next, seconds).await?;
        println!(
            "{store}: {before:.0} cycles a second; {beside:.0} beside a transaction that is held for \
             {} s; {after:.0} afterwards: {:.0} % of the mean of before and after",
            seconds.as_secs(),
            beside / ((before + after) / 2.0) * 100.0
        );
    }
    Ok(())
}

/// Adds and sends for so long; how many cycles a second, the adding left out.
async fn rate(
    tables: &Arc<dyn Tables>,
    next: &mut usize,
    seconds: Duration,
) -> Result<f64, Failure> {
    let (began, from, mut cycling) = (Instant::now(), *next, Duration::ZERO);
    while began.elapsed() < seconds {
        add_many(tables, *next..*next + ROUND, LANES).await?;
        cycling += cycles(tables, ROUND, LANES).await?.cycles;
        *next += ROUND;
    }
    Ok((*next - from) as f64 / cycling.as_secs_f64())
}
