//! The receiver on a socket, and in bad company.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use chatapi_transport::{Clock as _, TokioClock};
use chatapi_types::chat_api::Ack;
use chatapi_webhook::{MemoryInbox, Receiver, Server, ServerOptions, Service};
use http::Request;
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower_service::Service as _;

use crate::{ack, builder, messages, secret};

async fn serve(options: ServerOptions) -> (Receiver, Server) {
    let receiver = builder(MemoryInbox::new()).build();
    let server = receiver.serve_with(options).await.unwrap();
    (receiver, server)
}

fn head(seed: u8, headers: &str) -> String {
    let path = format!("/hooks/{}", secret(seed).expose());
    format!("POST {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n")
}

fn request(seed: u8, body: &[u8]) -> Vec<u8> {
    let head = head(seed, &format!("Connection: close\r\nContent-Length: {}\r\n", body.len()));
    [head.as_bytes(), body].concat()
}

/// Says it on a connection of its own, and hears everything until the server hangs up.
async fn say(server: &Server, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    // A server that hangs up early is one that has said what it wants to say.
    let _ = socket.write_all(bytes).await;
    rest(&mut socket).await
}

async fn rest(socket: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    let _ = socket.read_to_end(&mut heard).await;
    String::from_utf8(heard).unwrap()
}

#[tokio::test]
async fn what_is_posted_is_stored_and_answered_with_200() {
    let (receiver, server) = serve(ServerOptions::new()).await;
    let answer = say(&server, &request(1, &messages([1]))).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
    // Several over one connection.
    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    for number in 2..5 {
        let body = messages([number]);
        let head = head(1, &format!("Content-Length: {}\r\n", body.len()));
        socket.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
        let mut answer = [0; 15];
        socket.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
        let mut more = [0; 512];
        let count = socket.read(&mut more).await.unwrap();
        assert!(more[..count].ends_with(b"\r\n\r\n"));
    }
    assert_eq!(receiver.counts().events, 4);
    server.shutdown().await;
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_path_look_the_same_on_the_wire() {
    let (_, server) = serve(ServerOptions::new()).await;
    let body = messages([1]);
    let strange = |path: &str, method: &str| {
        let length = body.len();
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
        [head.as_bytes(), &body].concat()
    };
    let undated = |answer: String| {
        let lines =
            answer.split("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("date:"));
        lines.collect::<Vec<_>>().join("\r\n")
    };
    let mut answers = Vec::new();
    let wrong = format!("/hooks/{}", secret(9).expose());
    for (path, method) in
        [(&*wrong, "POST"), ("/", "POST"), ("/hooks", "POST"), ("/hooks/", "GET"), (&*wrong, "PUT")]
    {
        answers.push(undated(say(&server, &strange(path, method)).await));
    }
    assert_eq!(
        answers[0],
        "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

/// How many files this process may have open.
fn files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    line.and_then(|line| line.split_whitespace().nth(3)?.parse().ok()).unwrap_or(1024)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_slow_sockets_do_not_keep_an_honest_caller_out() {
    let options = ServerOptions::new().heads_within(Duration::from_secs(2));
    let (receiver, server) = serve(options).await;
    // This end's sockets and some of the other's.
    let count = 1000.min(files().saturating_sub(500));
    assert!(count >= 200, "this machine allows too few open files");
    let clock = TokioClock::new();
    let mut slow = Vec::new();
    let mut slowest = Duration::ZERO;
    for number in 0..count {
        let mut socket = TcpStream::connect(server.socket()).await.unwrap();
        let _ = socket.write_all(b"P").await;
        slow.push(socket);
        if number % 10 == 0 {
            let begun = clock.now();
            let answer = say(&server, &request(1, &messages([number as u64]))).await;
            assert!(answer.starts_with("HTTP/1.1 200 OK"), "{number}: {answer:?}");
            slowest = slowest.max(clock.now().since(begun));
        }
    }
    assert!(slowest < Duration::from_secs(1), "an honest caller waited {slowest:?}");
    assert_eq!(receiver.counts().payloads, count.div_ceil(10) as u64);
    // One byte a second does not keep a socket alive: all are closed, on time.
    let begun = clock.now();
    let last = slow.len() - 1;
    for (at, socket) in slow.iter_mut().enumerate() {
        if at == last {
            let _ = socket.write_all(b"O").await;
        }
        let all = tokio::time::timeout(Duration::from_secs(10), rest(socket)).await;
        assert!(all.is_ok(), "socket {at} is still open");
    }
    assert!(clock.now().since(begun) < Duration::from_secs(10));
    server.shutdown().await;
}

#[tokio::test]
async fn slow_bodies_end_too_and_those_who_know_a_secret_keep_their_place() {
    let options =
        ServerOptions::new().connections(2).per_peer(2).bodies_within(Duration::from_millis(300));
    let (receiver, server) = serve(options).await;
    let mut slow = TcpStream::connect(server.socket()).await.unwrap();
    slow.write_all(head(1, "Content-Length: 100\r\n").as_bytes()).await.unwrap();
    slow.write_all(b"{").await.unwrap();
    // Strangers push out each other, and not the one with the secret.
    let mut strangers = Vec::new();
    for _ in 0..10 {
        strangers.push(TcpStream::connect(server.socket()).await.unwrap());
    }
    let answer = rest(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer:?}");
    assert_eq!(receiver.counts().refused, 1);
}

/// A body without end, that counts what is taken of it.
struct Endless {
    piece: usize,
    left: u64,
    taken: Arc<AtomicUsize>,
}

impl Body for Endless {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let piece = self.piece;
        let Some(left) = self.left.checked_sub(piece as u64) else { return Poll::Ready(None) };
        self.left = left;
        self.taken.fetch_add(piece, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![b' '; piece])))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

#[tokio::test]
async fn of_a_gibibyte_no_more_than_the_limit_is_read() {
    let receiver = builder(MemoryInbox::new()).build();
    let mut service = Service::new(receiver.clone());
    let path = format!("/hooks/{}", secret(1).expose());
    let taken = Arc::<AtomicUsize>::default();
    let body = || Endless { piece: 16 * 1024, left: 1 << 30, taken: Arc::clone(&taken) };
    let answer = service.call(Request::post(&path).body(body()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 413);
    let read = taken.swap(0, Ordering::Relaxed);
    assert!(read <= 1024 * 1024 + 64 * 1024, "{read} bytes were read");
    // One that says so beforehand, and one of a stranger, are not read at all.
    let announced =
        Request::post(&path).header("content-length", 1_u64 << 30).body(body()).unwrap();
    assert_eq!(service.call(announced).await.unwrap().status(), 413);
    let stranger = Request::post("/hooks/x").body(body()).unwrap();
    assert_eq!(service.call(stranger).await.unwrap().status(), 404);
    let packed = Request::post(&path).header("content-encoding", "gzip").body(body()).unwrap();
    assert_eq!(service.call(packed).await.unwrap().status(), 415);
    assert_eq!(taken.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_gibibyte_over_a_socket_is_cut_off() {
    let (receiver, server) = serve(ServerOptions::new()).await;
    let mut socket = TcpStream::connect(server.socket()).await.unwrap();
    socket.write_all(head(1, "Transfer-Encoding: chunked\r\n").as_bytes()).await.unwrap();
    let piece = [b"10000\r\n", &[b' '; 0x1_0000][..], b"\r\n"].concat();
    let mut sent = 0_u64;
    while sent < 1 << 30 {
        if socket.write_all(&piece).await.is_err() {
            break;
        }
        sent += 0x1_0000;
    }
    // What the system's buffers on either side take is sent as well.
    assert!(sent < 64 << 20, "{sent} bytes could be sent");
    assert_eq!(receiver.counts().refused, 1);
    let announced = head(1, &format!("Content-Length: {}\r\n", 1_u64 << 30));
    let answer = say(&server, announced.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer:?}");
}

#[tokio::test]
async fn a_bomb_is_not_unpacked() {
    let (receiver, server) = serve(ServerOptions::new()).await;
    // A gzip file of a stretch of zeroes a thousand times its size begins so; no more is looked at.
    let bomb = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0; 1000]].concat();
    let length = bomb.len();
    let headers = format!("Content-Encoding: gzip\r\nContent-Length: {length}\r\n");
    let answer = say(&server, &[head(1, &headers).as_bytes(), &bomb].concat()).await;
    assert!(answer.starts_with("HTTP/1.1 415 "), "{answer:?}");
    // Without saying so it is a payload like any other that is not understood.
    let answer = say(&server, &request(1, &bomb)).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer:?}");
    assert_eq!(receiver.counts().unknown, 1);
}

#[tokio::test]
async fn answers_on_their_way_arrive_before_the_end() {
    let (receiver, server) = serve(ServerOptions::new()).await;
    let address = server.socket();
    let body = ack(1, Ack::Sent);
    let mut socket = TcpStream::connect(address).await.unwrap();
    let start = format!("Expect: 100-continue\r\nContent-Length: {}\r\n", body.len());
    socket.write_all(head(1, &start).as_bytes()).await.unwrap();
    // It goes on: the head was read.
    let mut goes_on = [0; 25];
    socket.read_exact(&mut goes_on).await.unwrap();
    assert_eq!(&goes_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let rest_of_it = async {
        // The server is on its way out as soon as it does not listen any more.
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        socket.write_all(&body).await.unwrap();
        rest(&mut socket).await
    };
    let (answer, ()) = futures_util::future::join(rest_of_it, server.shutdown()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer:?}");
    assert_eq!(receiver.counts().events, 1);
}
