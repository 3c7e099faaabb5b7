//! What was answered with 200 is in the inbox, once, however often the receiver is killed.
//!
//! A receiver on a SQLite inbox runs in a process of its own, with a consumer beside it. Posts come
//! over loopback; at moments that a seed draws the process is killed (`kill -9`) and started again,
//! and whatever was not answered is posted again, as the vendors do. Then the file is counted. The
//! same is done to a receiver that keeps its events in memory first, so that the test is known to see
//! losses.
//!
//! `INBOX_KILLS` and `INBOX_SEED` order more of it or another course.

#![expect(clippy::unwrap_used, reason = "a test")]
#![expect(clippy::print_stdout, reason = "a program that tells what it found")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chatapi_outbox::store::SqliteInbox;
use chatapi_transport::{Clock as _, TokioClock};
use chatapi_types::UnixMillis;
use chatapi_webhook::{
    Claim, Events, Hook, Inbox, MemoryInbox, PathSecret, Receiver, Server, ServerOptions,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// How many post at the same time.
const POSTERS: usize = 8;

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["receiver", "durable", file] => durable(file).await,
        ["receiver", "careless", file] => careless(file).await,
        _ => {}
    }
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let (kills, seed) = (number("INBOX_KILLS").unwrap_or(25), number("INBOX_SEED").unwrap_or(1));
    let found = Found::of("durable", kills, seed).await;
    assert_eq!((found.lost, found.twice, found.unknown), (0, 0, 0));
    assert!(found.posted.cut >= kills / 2, "hardly any kill met a post on its way");
    assert!(found.posted.answers >= kills * 4, "hardly anything was answered");
    let found = Found::of("careless", 5, seed).await;
    assert!(found.lost > 0, "what is certain to lose events is not seen to lose any");
}

/// The process that is killed: a receiver, and a consumer that acknowledges what it gets.
async fn durable(file: &str) {
    let inbox = SqliteInbox::open(file).await.unwrap();
    let _server = serve(inbox.clone()).await;
    let mut events = Events::of(inbox);
    loop {
        events.next().await.unwrap().ack().await.unwrap();
    }
}

/// The same with a queue in memory behind its 200, as it is often done.
async fn careless(file: &str) {
    let (queue, inbox) = (MemoryInbox::new(), SqliteInbox::open(file).await.unwrap());
    let _server = serve(queue.clone()).await;
    let clock = TokioClock::new();
    loop {
        clock.sleep(Duration::from_millis(20)).await;
        let now = clock.unix();
        let claim = Claim::new("mover", 1000, now, now.plus(Duration::from_secs(60)));
        let leased = queue.lease(&claim).await.unwrap();
        inbox.insert(leased.iter().map(|leased| leased.record.clone()).collect()).await.unwrap();
        for leased in leased {
            queue.ack(&leased.record.id, leased.lease).await.unwrap();
        }
    }
}

async fn serve(inbox: impl Inbox + 'static) -> Server {
    let hook = Hook::chat_api("12345", PathSecret::new(SECRET).unwrap().hash());
    let receiver = Receiver::builder(inbox).hook(hook).build();
    let server = receiver.serve_with(ServerOptions::new().address(([127, 0, 0, 1], 0).into()));
    let server = server.await.unwrap();
    println!("{}", server.socket());
    std::io::stdout().flush().unwrap();
    server
}

/// What there was to be found once the last kill was over.
struct Found {
    posted: Posted,
    /// How many were answered with 200 and are not there.
    lost: usize,
    /// How many are there more than once.
    twice: usize,
    /// How many are there that nobody posted.
    unknown: usize,
}

impl Found {
    async fn of(sort: &str, kills: u64, seed: u64) -> Self {
        let folder = std::env::temp_dir().join(format!("inbox-{sort}-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let file = folder.join("inbox.db");
        let posted = killed(sort, file.to_str().unwrap(), kills, seed).await;
        let kept = kept(&file).await;
        std::fs::remove_dir_all(&folder).unwrap();
        let lost = posted.answered.iter().filter(|name| !kept.contains_key(*name)).count();
        let twice = kept.values().filter(|times| **times > 1).count();
        let unknown = kept.keys().filter(|name| !posted.all.contains(*name)).count();
        println!(
            "{sort}, seed {seed}: {kills} kills, {} posts answered, {} refused, {} cut off, {} events there; \
             {lost} lost after 200, {twice} there twice",
            posted.answers,
            posted.refused,
            posted.cut,
            kept.len(),
        );
        Self { posted, lost, twice, unknown }
    }
}

#[derive(Default)]
struct Posted {
    /// What was ever posted.
    all: BTreeSet<String>,
    /// What was answered with 200.
    answered: BTreeSet<String>,
    /// How many posts were answered with 200, those that were repeated included.
    answers: u64,
    /// How many were cut off by a kill.
    cut: u64,
    /// How many the receiver did not take, because its disk was too slow.
    refused: u64,
}

/// Posts to a receiver that is killed that many times.
async fn killed(sort: &str, file: &str, kills: u64, seed: u64) -> Posted {
    let mut random = fastrand::Rng::with_seed(seed);
    let posted = Arc::new(Mutex::new(Posted::default()));
    let (names, clock) = (Arc::new(AtomicU64::new(0)), TokioClock::new());
    // What was cut off comes again, as long as it takes.
    let mut again: Vec<Vec<String>> = vec![Vec::new(); POSTERS];
    for _ in 0..kills {
        let (mut process, socket) = Process::start(sort, file);
        let over = Arc::new(AtomicBool::new(false));
        let posters = again.into_iter().map(|again| {
            let mut poster = Poster {
                socket,
                again,
                random: random.fork(),
                names: names.clone(),
                posted: posted.clone(),
                over: over.clone(),
            };
            tokio::spawn(async move {
                poster.run().await;
                poster.again
            })
        });
        let posters: Vec<_> = posters.collect();
        clock.sleep(Duration::from_millis(random.u64(20..300))).await;
        process.kill();
        over.store(true, Ordering::Relaxed);
        again = Vec::new();
        for poster in posters {
            again.push(poster.await.unwrap());
        }
    }
    std::mem::take(&mut posted.lock().unwrap())
}

struct Poster {
    socket: SocketAddr,
    again: Vec<String>,
    random: fastrand::Rng,
    names: Arc<AtomicU64>,
    posted: Arc<Mutex<Posted>>,
    over: Arc<AtomicBool>,
}

impl Poster {
    async fn run(&mut self) {
        while !self.over.load(Ordering::Relaxed) {
            let names = match self.again.is_empty() {
                false => std::mem::take(&mut self.again),
                true => self.some(),
            };
            self.posted.lock().unwrap().all.extend(names.iter().cloned());
            let answer = post(self.socket, &names).await;
            let mut posted = self.posted.lock().unwrap();
            match answer {
                // The disk took so long that it says nothing about it: the vendor comes again.
                Ok(503) => {
                    posted.refused += 1;
                    self.again = names;
                }
                Ok(status) => {
                    assert_eq!(status, 200);
                    posted.answers += 1;
                    posted.answered.extend(names);
                }
                Err(_) => {
                    posted.cut += 1;
                    self.again = names;
                    return;
                }
            }
        }
    }

    /// One to four new events, and now and then one that came before.
    fn some(&mut self) -> Vec<String> {
        let new = || format!("event {}", self.names.fetch_add(1, Ordering::Relaxed));
        let mut names: Vec<_> = (0..self.random.u32(1..5)).map(|_| new()).collect();
        if self.random.u8(0..5) == 0 {
            let posted = self.posted.lock().unwrap();
            names.extend(posted.answered.iter().next_back().cloned());
        }
        names
    }
}

/// Posts acknowledgements of messages of these names; the status of the answer.
async fn post(socket: SocketAddr, names: &[String]) -> std::io::Result<u16> {
    let ack = |name: &String| {
        format!(r#"{{"id":"{name}","queueNumber":1,"chatId":"79000000001@c.us","status":"sent"}}"#)
    };
    let acks: Vec<_> = names.iter().map(ack).collect();
    let body = format!(r#"{{"ack":[{}],"instanceId":"12345"}}"#, acks.join(","));
    let request = format!(
        "POST /hooks/{SECRET} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(socket).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| std::io::Error::other("no answer"))
}

struct Process(Child);

impl Process {
    fn start(sort: &str, file: &str) -> (Self, SocketAddr) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child =
            command.args(["receiver", sort, file]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        (Self(child), line.trim().parse().unwrap())
    }

    /// With SIGKILL.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Where a test failed; otherwise it is dead already.
        drop(self.0.kill());
    }
}

/// How often the events of each name are in a file, acknowledged or not.
async fn kept(file: &Path) -> BTreeMap<String, usize> {
    let inbox = SqliteInbox::open(file).await.unwrap();
    let at = UnixMillis::from_millis;
    inbox.replay(at(0), None).await.unwrap();
    let claim = Claim::new("judge", usize::MAX, at(i64::MAX - 1), at(i64::MAX));
    let mut kept = BTreeMap::new();
    for leased in inbox.lease(&claim).await.unwrap() {
        let payload = String::from_utf8_lossy(&leased.record.payload).into_owned();
        let name = payload.split(r#""id":""#).nth(1).unwrap().split('"').next().unwrap();
        *kept.entry(name.to_owned()).or_insert(0) += 1;
    }
    inbox.close().await;
    kept
}
