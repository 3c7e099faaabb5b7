//! The webhook receiver's own server: how long an honest post takes, alone and in bad company, and
//! what memory that takes.
//!
//! `cargo bench -p chatapi-bench --bench receiver -- [SECONDS]` (20 unless given). The receiver is a process of
//! its own on one core, with a consumer that acknowledges; what posts to it runs on the other. Posts go out
//! at fixed times, 500 a second over 8 connections that stay open, and each counts from when it was
//! due, so that a receiver that stands still is seen. It ends with an error when a bar is missed.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a measurement"
)]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream as StdStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chatapi_bench::served::{Served, given, input_ended, pin, runtime};
use chatapi_bench::{TEXT, about_this_machine};
use chatapi_outbox::store::SqliteInbox;
use chatapi_webhook::{Events, Hook, Inbox, MemoryInbox, PathSecret, Receiver, ServerOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How many posts a second, over how many connections.
const RATE: u64 = 500;
const CONNECTIONS: u64 = 8;
/// How many slow sockets; each sends a byte a second.
const SLOW: usize = 1_000;
/// What the receiver stores into; `serve` has an arm for each.
const INBOXES: &[&str] = &["memory", "sqlite"];
const MIB: u64 = 1024 * 1024;

fn main() -> ExitCode {
    let given = given();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    if let ["serve", inbox, company] = &*given {
        serve(inbox, *company == "all");
        return ExitCode::SUCCESS;
    }
    let seconds = match &*given {
        [] => 20,
        [seconds] => seconds.parse().expect("seconds"),
        other => panic!("not known: {other:?}"),
    };
    about_this_machine();
    pin(1);
    let mut well = true;
    for inbox in INBOXES {
        well &= alone(inbox, seconds);
        well &= in_slow_company(inbox, seconds);
        well &= gibibyte(inbox);
    }
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn secret() -> PathSecret {
    PathSecret::from_random([7; 24])
}

// ---- the receiver -------------------------------------------------------------------------------

/// Serves until its standard input ends. With `all`, every socket there is keeps its place.
fn serve(inbox: &str, all: bool) {
    pin(0);
    runtime().block_on(async {
        match inbox {
            "memory" => serve_from(MemoryInbox::new(), all).await,
            "sqlite" => {
                let folder = tempfile::tempdir().expect("a folder");
                let inbox = SqliteInbox::open(folder.path().join("inbox.db")).await;
                serve_from(inbox.expect("an inbox"), all).await;
            }
            other => panic!("no such inbox: {other}"),
        }
    });
}

async fn serve_from(inbox: impl Inbox + Clone + 'static, all: bool) {
    let receiver =
        Receiver::builder(inbox.clone()).hook(Hook::chat_api("7", secret().hash())).build();
    let mut options = ServerOptions::new();
    if all {
        options = options.connections(SLOW * 2).per_peer(SLOW * 2);
    }
    let server = receiver.serve_with(options).await.expect("a socket");
    println!("{}", server.socket());
    let mut events = Events::of(inbox);
    let consumer = tokio::spawn(async move {
        loop {
            events.next().await.expect("an event").ack().await.expect("acknowledged");
        }
    });
    input_ended().await;
    consumer.abort();
    let counts = receiver.counts();
    println!(
        "{} payloads, {} events, {} not stored",
        counts.payloads, counts.events, counts.not_stored
    );
}

// ---- honest posts -------------------------------------------------------------------------------

/// Every second one is a message, every other an acknowledgement, none comes twice.
fn post(number: u64) -> Vec<u8> {
    let id = number + 1;
    let body = if number.is_multiple_of(2) {
        let place = number / 2 + 1;
        format!(
            r#"{{"messages":[{{"id":"false_79000000001@c.us_{id}","body":"{TEXT}","fromMe":false,"self":0,"isForwarded":0,"author":"79000000001@c.us","time":1600000000,"chatId":"79000000001@c.us","messageNumber":{place},"type":"chat","senderName":"Test","caption":null,"quotedMsgBody":null,"quotedMsgId":null,"chatName":"Test"}}],"instanceId":"7"}}"#
        )
    } else {
        format!(
            r#"{{"ack":[{{"id":"true_79000000001@c.us_{id}","queueNumber":{id},"chatId":"79000000001@c.us","status":"delivered"}}],"instanceId":"7"}}"#
        )
    };
    let (path, length) = (secret().expose().to_owned(), body.len());
    format!(
        "POST /hooks/{path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Posts for so long, and gives back how long each took: from when it was due.
async fn honest(socket: SocketAddr, seconds: u64) -> Vec<Duration> {
    let next = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let callers: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let next = Arc::clone(&next);
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(socket).await.expect("a connection");
                stream.set_nodelay(true).expect("no delay");
                let (mut took, mut answer) = (Vec::new(), [0; 1024]);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= RATE * seconds {
                        return took;
                    }
                    let due = begun + Duration::from_nanos(number * 1_000_000_000 / RATE);
                    let post = post(number);
                    tokio::time::sleep_until(due.into()).await;
                    stream.write_all(&post).await.expect("it takes the post");
                    let mut read = 0;
                    while !answer[..read].ends_with(b"\r\n\r\n") {
                        let more = stream.read(&mut answer[read..]).await.expect("an answer");
                        assert!(more > 0, "it hung up on an honest caller");
                        read += more;
                    }
                    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{:?}", &answer[..read]);
                    took.push(due.elapsed());
                }
            })
        })
        .collect();
    let mut took = Vec::new();
    for caller in callers {
        took.extend(caller.await.expect("a caller"));
    }
    took.sort_unstable();
    took
}

/// Says how long posts took; whether 99 of 100 took no longer than that.
fn told(took: &[Duration], bar: Duration) -> bool {
    let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
    println!(
        "    {} posts, from when they were due to their 200: p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, slowest {:.2} ms",
        took.len(),
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0)
    );
    held("p99 in ms", at(0.99), bar.as_secs_f64() * 1e3)
}

fn held(what: &str, found: f64, bar: f64) -> bool {
    let is_held = found <= bar;
    println!("    {what}: {found:.2}, bar {bar:.0}: {}", if is_held { "held" } else { "MISSED" });
    is_held
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / MIB as f64
}

/// Says what memory it had before, has now and had at most, which it gives back.
fn resident(before: u64, served: &Served) -> u64 {
    let (now, peak) = served.memory();
    let [before, now, most] = [before, now, peak].map(mib);
    println!("    resident: {before:.1} MiB, then {now:.1}, at most {most:.1}");
    peak
}

fn alone(inbox: &str, seconds: u64) -> bool {
    println!("\n{inbox} inbox, {RATE} posts a second for {seconds} s:");
    let served = Served::start(&[inbox, "usual"]);
    let (before, _) = served.memory();
    let took = runtime().block_on(honest(served.socket(), seconds));
    resident(before, &served);
    println!("    it says: {}", served.end());
    told(&took, Duration::from_millis(10))
}

// ---- bad company --------------------------------------------------------------------------------

/// Ends the slow sockets, also when an honest caller fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Slow sockets, as many as may be: who is hung up on comes again a second later. Gives back how long the longest
/// was served, and how many were hung up on.
fn slow(socket: SocketAddr, present: &AtomicU64, stop: &AtomicBool) -> (Duration, u64) {
    runtime().block_on(async {
        let head = format!(
            "POST /hooks/{} HTTP/1.1\r\nHost: x\r\nX-Slow: {}",
            "0".repeat(48),
            "x".repeat(99)
        );
        let (longest, cut) = (AtomicU64::new(0), AtomicU64::new(0));
        let one = async |number: usize| {
            // Not all in the same moment.
            tokio::time::sleep(Duration::from_millis(number as u64)).await;
            while !stop.load(Ordering::Relaxed) {
                let Ok(mut stream) = TcpStream::connect(socket).await else {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let begun = Instant::now();
                present.fetch_add(1, Ordering::Relaxed);
                for byte in head.as_bytes() {
                    let is_cut = stream.write_all(&[*byte]).await.is_err();
                    let second = Duration::from_secs(1);
                    let heard = tokio::time::timeout(second, stream.read(&mut [0; 256])).await;
                    // Silence means that it still waits for more.
                    if is_cut || heard.is_ok() || stop.load(Ordering::Relaxed) {
                        break;
                    }
                }
                present.fetch_sub(1, Ordering::Relaxed);
                longest.fetch_max(begun.elapsed().as_millis() as u64, Ordering::Relaxed);
                if !stop.load(Ordering::Relaxed) {
                    cut.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        };
        let all: Vec<_> = (0..SLOW).map(one).collect();
        let all = futures_util::future::join_all(all);
        all.await;
        (Duration::from_millis(longest.into_inner()), cut.into_inner())
    })
}

fn in_slow_company(inbox: &str, seconds: u64) -> bool {
    println!("\n{inbox} inbox, the same beside {SLOW} sockets of a byte a second, room for all:");
    let served = Served::start(&[inbox, "all"]);
    let socket = served.socket();
    let (present, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (before, _) = served.memory();
    let (took, (longest, cut), most) = std::thread::scope(|scope| {
        let slow = scope.spawn(|| slow(socket, &present, &stop));
        std::thread::sleep(Duration::from_secs(2));
        let most = present.load(Ordering::Relaxed);
        let stopping = Stop(&stop);
        let took = runtime().block_on(honest(socket, seconds));
        drop(stopping);
        (took, slow.join().expect("slow sockets"), most)
    });
    let peak = resident(before, &served);
    println!("    {most} slow sockets were there after 2 s; {cut} were hung up on in all");
    println!("    it says: {}", served.end());
    told(&took, Duration::from_millis(50))
        & held("longest life of a slow socket in s", longest.as_secs_f64(), 10.0)
        & held("growth of memory in MiB", mib(peak.saturating_sub(before)), 64.0)
}

fn gibibyte(inbox: &str) -> bool {
    println!("\n{inbox} inbox, bodies of 1 GiB without an announced length:");
    let served = Served::start(&[inbox, "usual"]);
    // One post, so that what is only needed once is there.
    runtime().block_on(honest(served.socket(), 1));
    let (before, _) = served.memory();
    let (mut refused, mut most) = (0, 0);
    for _ in 0..10 {
        let (status, sent) = endless(served.socket());
        refused += usize::from(status == b"HTTP/1.1 413 ");
        most = most.max(sent);
    }
    let (_, peak) = served.memory();
    println!(
        "    of 10, {refused} were told 413; at most {:.1} MiB could be sent, with what the system's buffers hold",
        mib(most)
    );
    println!("    it says: {}", served.end());
    held("growth of memory in MiB", mib(peak.saturating_sub(before)), 8.0) & (refused == 10)
}

/// Sends as much of a gibibyte as it can; what it is told, and how much that was.
fn endless(socket: SocketAddr) -> (Vec<u8>, u64) {
    let mut stream = StdStream::connect(socket).expect("a connection");
    let path = secret().expose().to_owned();
    let head =
        format!("POST /hooks/{path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("a head");
    let mut hears = stream.try_clone().expect("a socket");
    let answer = std::thread::spawn(move || {
        let mut status = vec![0; 13];
        match hears.read_exact(&mut status) {
            Ok(()) => status,
            Err(_) => Vec::new(),
        }
    });
    let piece = [b"10000\r\n", &[b' '; 0x1_0000][..], b"\r\n"].concat();
    let mut sent = 0;
    while sent < 1024 * MIB && stream.write_all(&piece).is_ok() {
        sent += 0x1_0000;
    }
    (answer.join().expect("a listener"), sent)
}
