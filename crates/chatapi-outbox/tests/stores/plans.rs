//! What PostgreSQL looks at when messages are sent: a few rows, however many are settled.

use std::sync::Arc;
use std::time::Duration;

use chatapi_outbox::machine::{Figures, Verdict};
use chatapi_outbox::store::{
    Grant, Intend, Intended, PostgresStore, Store as _, Tables as _, Taken,
};
use chatapi_outbox::{Message, Outbox, Route};
use chatapi_types::{Delivery, MessageId, Phone};
use sqlx::{Connection as _, PgConnection};

use crate::server::Server;

/// More rows than any statement of a single message looks at.
const FEW: f64 = 20.0;

#[tokio::test]
async fn however_many_are_settled_a_message_looks_at_a_few_rows() {
    // The server itself tells of every statement what it did for it.
    let explain = "-c shared_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 \
                   -c auto_explain.log_analyze=on -c auto_explain.log_timing=off \
                   -c autovacuum=off";
    let Some(server) = Server::own(|_| explain.to_owned()) else { return };
    let url = server.database().await;
    let store = Arc::new(PostgresStore::open(&url).await.unwrap());
    store.add_line(&"one".into(), None).await.unwrap();
    let grant = store.acquire(&"one".into(), "test", &figures()).await.unwrap().unwrap();
    // Planned while there is next to nothing, and then there are thousands, of which nobody has told
    // the planner.
    for number in 0..8 {
        send(&store, &grant, number).await;
    }
    assert_eq!(settle_thousands(&url).await, 5000);
    let begin = server.log().len();
    for number in 8..10 {
        send(&store, &grant, number).await;
    }
    let log = server.log();
    let scans: Vec<Scan<'_>> = scans(&log[begin..]).collect();
    assert!(scans.len() > 50, "nothing was told:\n{log}");
    let slow = scans
        .iter()
        .filter(|scan| scan.rows.is_nan() || scan.rows > FEW || scan.line.contains("Seq Scan"));
    let slow: Vec<_> = slow.collect();
    assert!(slow.is_empty(), "{slow:#?}");
    // What is settled is looked at where its key or its news say so, through an index, and there is
    // nothing to see.
    let settled = scans.iter().filter(|scan| scan.line.contains(" outbox_message_done "));
    let seen: Vec<_> = settled.filter(|scan| scan.rows > 0.0).collect();
    assert!(seen.is_empty(), "{seen:#?}");
}

fn figures() -> Figures {
    let mut figures = Figures::default();
    figures.interval = Duration::ZERO;
    figures
}

/// Everything that befalls a message.
async fn send(store: &Arc<PostgresStore>, grant: &Grant, number: u32) {
    let anna: Phone = "79000000001".parse().unwrap();
    let outbox = Outbox::new(store.clone(), Route::line("one"));
    let figures = figures();
    let text = Message::text(&anna, format!("message {number}")).order_key("anna");
    outbox.enqueue(text, number.to_string()).await.unwrap();
    let route = Route::line("one");
    assert_eq!(store.due(std::slice::from_ref(&route)).await.unwrap(), [route]);
    let ask = Intend::new(grant.clone(), grant.at);
    let intended = store.intend(&ask, &figures).await.unwrap();
    assert!(matches!(intended, Intended::Send(_)), "{intended:?}");
    let Intended::Send(intent) = intended else { return };
    let id = MessageId::new(format!("true_79000000001@c.us_{number}"));
    let verdict = Verdict::Accepted { id: Some(id.clone()), queue_number: None };
    store.settle(grant, &intent, &verdict, &figures).await.unwrap();
    store.tend(10).await.unwrap();
    let ack = Delivery::Sent;
    assert_eq!(store.ack(&"one".into(), &id, None, &ack).await.unwrap(), Taken::Applied);
}

/// Copies one that is settled, with its attempts, and gives back how often.
async fn settle_thousands(url: &str) -> u64 {
    let mut own = PgConnection::connect(url).await.unwrap();
    let mut copied = 0;
    for (table, of) in [("outbox_attempt", "message"), ("outbox_message", "seq")] {
        let columns: Vec<String> = sqlx::query_scalar(
            "SELECT column_name::text FROM information_schema.columns \
             WHERE table_name = $1 AND table_schema = current_schema()",
        )
        .bind(table)
        .fetch_all(&mut own)
        .await
        .unwrap();
        let values = columns.iter().map(|column| match &**column {
            "seq" | "message" => "n".to_owned(),
            "id" => "decode(lpad(to_hex(n), 32, '0'), 'hex')".to_owned(),
            "key" | "vendor_id" => "'copy ' || n".to_owned(),
            _ => format!("m.\"{column}\""),
        });
        let values = values.collect::<Vec<_>>().join(", ");
        let columns = columns.join("\", \"");
        let copy = format!(
            "INSERT INTO {table} (\"{columns}\") SELECT {values} FROM {table} AS m, \
             generate_series(1000001, 1005000) AS n \
             WHERE m.{of} = (SELECT min(seq) FROM outbox_message WHERE settled = 1)"
        );
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(copy)).execute(&mut own).await.unwrap();
        copied = done.rows_affected();
    }
    copied
}

/// A part of a plan that looked at a table, and its statement.
#[derive(Debug)]
#[expect(dead_code, reason = "it is printed")]
struct Scan<'a> {
    line: &'a str,
    /// All that it found or left out.
    rows: f64,
    statement: &'a str,
}

fn scans(log: &str) -> impl Iterator<Item = Scan<'_>> {
    let plans = log.split("duration: ").filter(|plan| plan.contains("plan:"));
    plans.flat_map(|plan| {
        let statement = plan.lines().nth(1).unwrap_or_default().trim();
        let lines: Vec<&str> = plan.lines().collect();
        let looks = |line: &&str| {
            line.contains("Scan")
                && line.contains(" on outbox_")
                && !line.contains("never executed")
        };
        let scans = lines.iter().enumerate().filter(move |(_, line)| looks(line));
        let scans: Vec<_> = scans
            .map(|(at, line)| {
                let number = |line: &str, after: &str| -> Option<f64> {
                    line.split(after).nth(1)?.split([' ', ')']).next()?.parse().ok()
                };
                let times = number(line, "loops=").unwrap_or(1.0);
                let removed = lines[at + 1..]
                    .iter()
                    .take_while(|line| !line.contains("->") && !line.contains("UTC"))
                    .filter_map(|line| number(line, "Rows Removed by Filter: "));
                let rows = number(line, "actual rows=").unwrap_or(f64::NAN);
                Scan { line: line.trim(), rows: (rows + removed.sum::<f64>()) * times, statement }
            })
            .collect();
        scans
    })
}
