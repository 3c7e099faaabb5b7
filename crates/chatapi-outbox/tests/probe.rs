//! Links are asked through a guard: what lives and what is dead is told apart, and nothing reaches
//! the inside of a network.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chatapi_client::{LinkProbe, LinkState};
use chatapi_outbox::checks::{Guard, GuardedProbe, Names};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// A server on loopback that answers by path, and counts who comes.
struct Server {
    port: u16,
    came: Arc<AtomicUsize>,
    _task: JoinSet<()>,
}

impl Server {
    async fn at(ip: &str, answer: fn(&str) -> String) -> Self {
        Self::with(ip, 0, answer).await.unwrap()
    }

    async fn with(ip: &str, port: u16, answer: fn(&str) -> String) -> io::Result<Self> {
        let listener = TcpListener::bind((ip, port)).await?;
        let port = listener.local_addr()?.port();
        let came = Arc::new(AtomicUsize::new(0));
        let (mut tasks, count) = (JoinSet::new(), came.clone());
        tasks.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut head = vec![0; 4096];
                let read = stream.read(&mut head).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..read]).into_owned();
                drop(stream.write_all(answer(&head).as_bytes()).await);
            }
        });
        Ok(Self { port, came, _task: tasks })
    }

    fn came(&self) -> usize {
        self.came.load(Ordering::SeqCst)
    }
}

fn status(line: &str) -> String {
    format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

/// Answers with the status that the path names; `/get/200` refuses `HEAD`, `/to/URL` redirects.
fn by_path(head: &str) -> String {
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    if let Some(to) = path.strip_prefix("/to/") {
        return format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\nconnection: close\r\n\r\n");
    }
    if let Some(code) = path.strip_prefix("/get/") {
        let asks_for_one = head.to_ascii_lowercase().contains("range: bytes=0-0");
        return match method {
            "GET" if asks_for_one => status(&format!("{code} x")),
            _ => status("405 Method Not Allowed"),
        };
    }
    match path {
        "/round" => status("302 Found").replace("\r\n\r\n", "\r\nlocation: /round\r\n\r\n"),
        // Announces a gigabyte, and would send it for ever.
        "/huge" => "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\nxxxxxxxx".to_owned(),
        _ => status(&format!("{} x", path.trim_start_matches('/'))),
    }
}

/// Names that lead where a test wants.
#[derive(Debug, Default)]
struct Book(HashMap<&'static str, Vec<IpAddr>>);

#[async_trait]
impl Names for Book {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        match self.0.get(name) {
            Some(found) => Ok(found.clone()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

fn book(entries: &[(&'static str, &[&str])]) -> Arc<Book> {
    let parse = |all: &[&str]| all.iter().map(|one| one.parse().unwrap()).collect();
    Arc::new(Book(entries.iter().map(|(name, all)| (*name, parse(all))).collect()))
}

#[tokio::test]
async fn what_lives_and_what_is_dead_is_told_apart() {
    let server = Server::at("127.0.0.1", by_path).await;
    let names = book(&[("files.test", &["127.0.0.1"])]);
    let guard = Guard::new().allow(["127.0.0.1"]).unwrap();
    let probe = GuardedProbe::asking(guard, names).unwrap();
    let dead = |reason: &str| LinkState::Dead(reason.to_owned());
    for (path, state) in [
        ("/200", LinkState::Alive),
        ("/204", LinkState::Alive),
        ("/401", LinkState::Alive),
        ("/403", LinkState::Alive),
        ("/429", LinkState::Alive),
        ("/404", dead("404 Not Found")),
        ("/410", dead("410 Gone")),
        ("/500", LinkState::Unknown),
        ("/503", LinkState::Unknown),
        ("/get/206", LinkState::Alive),
        ("/get/416", LinkState::Alive),
        ("/get/404", dead("404 Not Found")),
        ("/huge", LinkState::Alive),
        ("/to//200", LinkState::Alive),
        ("/round", LinkState::Unknown),
    ] {
        let url = format!("http://files.test:{}{path}", server.port);
        assert_eq!(probe.probe(&url).await, state, "{path}");
    }
    let via = format!("http://127.0.0.1:{0}/to/http://files.test:{0}/404", server.port);
    assert_eq!(probe.probe(&via).await, dead("404 Not Found"));
    assert_eq!(probe.probe("http://nowhere.test:8080/").await, dead("no such host"));
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = gone.local_addr().unwrap().port();
    drop(gone);
    let closed = format!("http://files.test:{port}/200");
    assert_eq!(probe.probe(&closed).await, dead("the connection was refused"));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let guard = Guard::new().allow(["127.0.0.1"]).unwrap();
    let probe = GuardedProbe::new(guard).unwrap().within(Duration::from_millis(50));
    let url = format!("http://{}/", silent.local_addr().unwrap());
    assert_eq!(probe.probe(&url).await, LinkState::Unknown);
}

/// `P` stands for the port of the sink.
const VECTORS: [&str; 92] = [
    // Plainly inside.
    "http://127.0.0.1:P/",
    "https://127.0.0.1:P/",
    "http://127.1.2.3:P/",
    "http://127.255.255.254:P/",
    "http://0.0.0.0:P/",
    "http://0.1.2.3:P/",
    "http://10.0.0.1:P/",
    "http://100.64.0.1:P/",
    "http://100.100.100.200:P/latest/meta-data/",
    "http://100.127.255.255:P/",
    "http://169.254.0.1:P/",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.170.2:P/v2/credentials/",
    "http://168.63.129.16/machine/",
    "http://172.16.0.1:P/",
    "http://172.31.255.255:P/",
    "http://192.0.0.192/opc/v1/",
    "http://192.0.2.1:P/",
    "http://192.88.99.1:P/",
    "http://192.168.0.1:P/",
    "http://192.168.255.255:P/",
    "http://198.18.0.1:P/",
    "http://198.19.255.255:P/",
    "http://198.51.100.7:P/",
    "http://203.0.113.7:P/",
    "http://224.0.0.1:P/",
    "http://239.255.255.250:P/",
    "http://240.0.0.1:P/",
    "http://255.255.255.255:P/",
    // In other spellings.
    "http://127.1:P/",
    "http://127.0.1:P/",
    "http://2130706433:P/",
    "http://0x7f000001:P/",
    "http://0x7f.0.0.1:P/",
    "http://0x7F.0x0.0x0.0x1:P/",
    "http://017700000001:P/",
    "http://0177.0.0.1:P/",
    "http://0177.0.0.01:P/",
    "http://00000177.0.0.1:P/",
    "http://127.0.0.1.:P/",
    "http://0:P/",
    "http://0x0:P/",
    "http://127.0.0.0x1:P/",
    "http://3232235777:P/",
    "http://2852039166/latest/meta-data/",
    "http://%31%32%37.0.0.1:P/",
    "http://127%2e0%2e0%2e1:P/",
    "http://１２７.０.０.１:P/",
    "http://127。0。0。1:P/",
    "http://①②⑦.⓪.⓪.①:P/",
    "http:\\\\127.0.0.1:P/",
    "http:/127.0.0.1:P/",
    "http:127.0.0.1:P/",
    "http:////127.0.0.1:P/",
    " http://127.0.0.1:P/ ",
    "ht\ntp://127.0.0.1:P/",
    "HTTP://127.0.0.1:P/",
    "http://127.0.0.1:P#@8.8.8.8/",
    "http://127.0.0.1:P?@8.8.8.8/",
    "http://8.8.8.8@127.0.0.1:P/",
    "http://user:password@127.0.0.1:P/",
    "http://8.8.8.8:80@127.0.0.1:P/",
    "http://8.8.8.8\\@127.0.0.1:P/",
    // IPv6, and IPv4 in its clothes.
    "http://[::1]:P/",
    "http://[::]:P/",
    "http://[0:0:0:0:0:0:0:1]:P/",
    "http://[::127.0.0.1]:P/",
    "http://[::ffff:127.0.0.1]:P/",
    "http://[::ffff:7f00:1]:P/",
    "http://[::ffff:0:127.0.0.1]:P/",
    "http://[64:ff9b::127.0.0.1]:P/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::7f00:1]:P/",
    "http://[2002:7f00:1::]:P/",
    "http://[2001:0:7f00:1::]:P/",
    "http://[2001:470::5efe:127.0.0.1]:P/",
    "http://[fe80::1]:P/",
    "http://[fec0::1]:P/",
    "http://[fc00::1]:P/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[ff02::1]:P/",
    "http://[2001:db8::1]:P/",
    "http://[100::1]:P/",
    // Names that lead inside, some of them among good addresses.
    "http://localhost:P/",
    "http://LOCALHOST.:P/",
    "http://rebound.test:P/",
    "http://mixed.test:P/",
    "http://mapped.test:P/",
    // Other schemes and services.
    "file:///etc/passwd",
    "gopher://127.0.0.1:P/_x",
    "ftp://127.0.0.1:P/",
    "http://127.0.0.1:22/",
];

#[tokio::test]
async fn nothing_reaches_the_inside_of_the_network() {
    let sink = Server::at("127.0.0.1", by_path).await;
    // Where the machine has IPv6, it listens there, too.
    let sink6 = Server::with("::1", sink.port, by_path).await.ok();
    let names = book(&[
        ("localhost", &["127.0.0.1", "::1"]),
        ("localhost.", &["127.0.0.1"]),
        ("rebound.test", &["127.0.0.1"]),
        ("mixed.test", &["8.8.8.8", "127.0.0.1"]),
        ("mapped.test", &["::ffff:127.0.0.1"]),
    ]);
    let probe = GuardedProbe::asking(Guard::new(), names.clone()).unwrap();
    let probe = probe.within(Duration::from_secs(2));
    for vector in VECTORS {
        let url = vector.replace('P', &sink.port.to_string());
        let state = probe.probe(&url).await;
        assert_ne!(state, LinkState::Alive, "{vector}");
        assert_eq!(sink.came(), 0, "{vector} reached the inside");
        assert_eq!(sink6.as_ref().map_or(0, Server::came), 0, "{vector} reached the inside");
    }

    // A server that may be asked sends on to where nobody may.
    let outside = Server::at("127.0.0.2", by_path).await;
    let guard = Guard::new().allow(["127.0.0.2"]).unwrap();
    let probe = GuardedProbe::asking(guard, names.clone()).unwrap();
    for vector in VECTORS {
        let url = vector.trim().replace('P', &sink.port.to_string());
        let via = format!("http://127.0.0.2:{}/to/{url}", outside.port);
        assert_ne!(probe.probe(&via).await, LinkState::Alive, "{vector}");
        assert_eq!(sink.came(), 0, "a redirect to {vector} reached the inside");
        assert_eq!(sink6.as_ref().map_or(0, Server::came), 0, "a redirect to {vector}");
    }
    assert!(outside.came() > VECTORS.len() / 2, "the redirects were asked for");

    // Without a guard worth the name many of them do: the sink is known to see them.
    let guard = Guard::new().allow(["0.0.0.0/0", "::/0"]).unwrap();
    let probe = GuardedProbe::asking(guard, names).unwrap();
    for name in ["127.0.0.1", "rebound.test"] {
        probe.probe(&format!("http://{name}:{}/200", sink.port)).await;
    }
    assert_eq!(sink.came(), 2);
}
