//! The store in a PostgreSQL database behind PgBouncer, which gives every transaction another
//! connection.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use chatapi_client::chat_api::Client;
use chatapi_outbox::dispatch::Dispatcher;
use chatapi_outbox::machine::Figures;
use chatapi_outbox::store::conformance::{self, TestClock};
use chatapi_outbox::store::{Filter, Period, PostgresOptions, PostgresStore, Tables};
use chatapi_outbox::{Message, Outbox, Route};
use chatapi_sandbox::{ClockMode, Sandbox};
use chatapi_transport::{Clock as _, TokioClock};
use chatapi_types::Phone;
use sqlx::{Connection as _, PgConnection};

use crate::server::{self, Server};

/// So many connections has the pooler to the server, for however many it is given.
const SERVER_CONNECTIONS: i64 = 3;

/// A PgBouncer of a test's own before a server of a test's own; both end with it.
#[derive(Debug)]
struct Pooler {
    process: Child,
    // Kept open: whoever logs into nowhere ends.
    _log: BufReader<ChildStderr>,
    server: Server,
}

impl Pooler {
    /// `None`, loudly, where one of the two is missing; with CI=true that is a failure.
    fn start() -> Option<Self> {
        let server = Server::own(|_| String::new())?;
        let Some(program) = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"]
            .into_iter()
            .find(|program| Path::new(program).exists())
        else {
            server::missing("SKIPPED: there is no PgBouncer here (Debian's package pgbouncer)\n");
            return None;
        };
        let folder = server.folder();
        let socket = folder.display();
        let settings = folder.join("pgbouncer.ini");
        // A socket in the folder: no port that somebody else may take. Every transaction goes to the
        // connection that was idle for longest: seldom the one before.
        let text = format!(
            "[databases]\n* = host={socket} user=outbox\n[pgbouncer]\nlisten_port = 6432\n\
             unix_socket_dir = {socket}\nunix_socket_mode = 0777\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = {SERVER_CONNECTIONS}\n\
             server_round_robin = 1\nlog_connections = 0\nlog_disconnections = 0\nlog_stats = 0\n"
        );
        std::fs::write(&settings, text).unwrap();
        let mut command = Command::new(program);
        if Command::new("id").arg("-u").output().unwrap().stdout == b"0\n" {
            // It does not run as root either.
            command.args(["-u", "postgres"]);
        }
        let spawned = command.arg(settings).stdin(Stdio::null()).stdout(Stdio::null());
        let mut process = spawned.stderr(Stdio::piped()).current_dir("/").spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut told = String::new();
        while !told.contains("process up: ") {
            assert!(log.read_line(&mut told).unwrap() > 0, "PgBouncer ended: {told}");
        }
        Some(Self { process, _log: log, server })
    }

    /// A database by its address behind the pooler, and by its own.
    async fn database(&self, name: &str) -> (String, String) {
        let direct = self.server.whole_database(name, "").await;
        (direct.replace(&format!("/{name}"), &format!(":6432/{name}")), direct)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn options(url: &str) -> PostgresOptions {
    PostgresOptions::new(url).pooled()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_passes_all_checks_behind_pgbouncer() {
    let Some(pooler) = Pooler::start() else { return };
    let clock = Arc::new(TestClock::new());
    let (url, direct) = pooler.database("compared").await;
    let store = PostgresStore::open_with(options(&url).clock(clock.clone())).await.unwrap();
    // Others get in between all the time, and make their own use of the same connections.
    let (others, _) = pooler.database("checked").await;
    let (one, two) = tokio::join!(
        PostgresStore::open_with(options(&url)),
        PostgresStore::open_with(options(&others))
    );
    let (one, two) = (one.unwrap(), Arc::new(two.unwrap()));
    let noise = async {
        for _ in 0..300 {
            one.now().await.unwrap();
            one.counts(&Period::all()).await.unwrap();
            one.find(&Filter::all().limit(3)).await.unwrap();
        }
    };
    let (compared, checked, ()) =
        tokio::join!(conformance::compare(&store, &clock, 11, 400), conformance::check(two), noise);
    compared.unwrap();
    checked.unwrap();
    // It was a pooler, and it did share.
    let mut own = PgConnection::connect(&direct).await.unwrap();
    let text = "SELECT count(*) FROM pg_stat_activity \
                WHERE datname = 'compared' AND pid <> pg_backend_pid()";
    let count: i64 = sqlx::query_scalar(text).fetch_one(&mut own).await.unwrap();
    assert!((1..=SERVER_CONNECTIONS).contains(&count), "{count} connections");
    // And nobody left anything behind on a connection that somebody else has next.
    let mut left = PgConnection::connect_with(&{
        use std::str::FromStr as _;
        let options = sqlx::postgres::PgConnectOptions::from_str(&url).unwrap();
        options.extra_float_digits(None).statement_cache_capacity(0)
    })
    .await
    .unwrap();
    for _ in 0..=SERVER_CONNECTIONS {
        let text = "SELECT (SELECT count(*) FROM pg_prepared_statements WHERE name <> '')::text \
                    || ' ' || (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')::text \
                    || ' ' || current_setting('enable_seqscan')";
        let row = sqlx::raw_sql(text).fetch_one(&mut left).await.unwrap();
        let found: String = sqlx::Row::get(&row, 0);
        assert_eq!(found, "0 0 on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_leave_once_behind_pgbouncer() {
    const SCALE: u32 = 50;
    let Some(pooler) = Pooler::start() else { return };
    let (url, _) = pooler.database("dispatched").await;
    let sandbox = Sandbox::builder().clock(ClockMode::Scaled(f64::from(SCALE))).build();
    let mut workers = Vec::new();
    for owner in ["one", "two"] {
        let store = Arc::new(PostgresStore::open_with(options(&url)).await.unwrap());
        let mut dispatcher = Dispatcher::new(store).owner(owner).figures(Figures::scaled(SCALE));
        for phone in ["10001", "10002"] {
            let instance = match owner {
                "one" => sandbox.add_instance(phone, "token"),
                _ => sandbox.instance(phone),
            };
            dispatcher =
                dispatcher.line_of("shop", phone, Arc::new(Client::over(instance.gateway())));
        }
        workers.push(dispatcher.start().await.unwrap());
    }
    // From a process that dispatches nothing: nobody hears of it, it is found by looking.
    let store = PostgresStore::open_with(options(&url)).await.unwrap();
    let outbox = Outbox::new(Arc::new(store), Route::group("shop"));
    let anna: Phone = "79000000001".parse().unwrap();
    for number in 0..20 {
        let message = Message::text(&anna, format!("message {number}"));
        outbox.enqueue(message, number.to_string()).await.unwrap();
    }
    let clock = TokioClock::new();
    loop {
        let all = outbox.find(&Filter::all()).await.unwrap();
        if all.iter().all(|record| record.state.is_settled()) {
            break;
        }
        assert!(clock.now().since_start() < Duration::from_secs(60), "{all:?}");
        clock.sleep(Duration::from_millis(50)).await;
    }
    for worker in workers {
        worker.stop().await;
    }
    let sent = ["10001", "10002"].iter().flat_map(|phone| sandbox.instance(*phone).sent());
    let mut sent: Vec<String> = sent.map(|message| message.body).collect();
    sent.sort();
    let mut expected: Vec<String> = (0..20).map(|number| format!("message {number}")).collect();
    expected.sort();
    assert_eq!(sent, expected);
}
