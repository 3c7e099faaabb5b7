//! Sends over HTTP, several connections at once, kept open.

use std::any::Any;
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

/// Whom to send to, and what: the requests are sent round and round.
#[derive(Debug)]
pub struct Target {
    socket: SocketAddr,
    /// Path and query, and the body, which is JSON.
    requests: Vec<(String, Bytes)>,
    kept: Option<Box<dyn Any>>,
}

impl Target {
    /// A server and the requests for it.
    #[must_use]
    pub fn new(socket: SocketAddr, requests: Vec<(String, Bytes)>) -> Self {
        Self { socket, requests, kept: None }
    }

    /// Keeps something for as long as the target is needed: the server's process.
    #[must_use]
    pub fn keep(mut self, thing: impl Any) -> Self {
        self.kept = Some(Box::new(thing));
        self
    }
}

/// How much at once, and altogether.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Load {
    /// How many connections.
    pub connections: usize,
    /// How many requests, over all of them.
    pub requests: usize,
}

/// What came of a load.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run {
    /// How long it took.
    pub took: Duration,
    /// How many answers said `"sent":true`.
    pub sent: usize,
    /// The last answer that did not.
    pub odd: Option<Bytes>,
}

impl Load {
    /// So many connections, and so many requests over all of them.
    #[must_use]
    pub const fn new(connections: usize, requests: usize) -> Self {
        Self { connections, requests }
    }

    /// Sends, on this thread.
    ///
    /// # Panics
    ///
    /// When the server cannot be reached or cuts a connection.
    #[expect(clippy::disallowed_methods, clippy::future_not_send, reason = "a measurement")]
    pub async fn run(self, target: &Target) -> Run {
        let requests: Rc<[(String, Bytes)]> = target.requests.clone().into();
        let next = Rc::new(Cell::new(0));
        let local = tokio::task::LocalSet::new();
        let began = Instant::now();
        let workers: Vec<_> = (0..self.connections)
            .map(|_| {
                let (socket, most) = (target.socket, self.requests);
                let (requests, next) = (Rc::clone(&requests), Rc::clone(&next));
                local.spawn_local(async move { worker(socket, most, &requests, &next).await })
            })
            .collect();
        let (mut sent, mut odd) = (0, None);
        local
            .run_until(async {
                for worker in workers {
                    let (its_sent, its_odd) = worker.await.expect("a worker");
                    sent += its_sent;
                    odd = its_odd.or(odd.take());
                }
            })
            .await;
        Run { took: began.elapsed(), sent, odd }
    }
}

#[expect(clippy::future_not_send, reason = "a measurement on one thread")]
async fn worker(
    socket: SocketAddr,
    most: usize,
    requests: &[(String, Bytes)],
    next: &Cell<usize>,
) -> (usize, Option<Bytes>) {
    let stream = tokio::net::TcpStream::connect(socket).await.expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::task::spawn_local(connection);
    let (mut sent, mut odd) = (0, None);
    loop {
        let number = next.get();
        if number >= most {
            return (sent, odd);
        }
        next.set(number + 1);
        let (target, body) = &requests[number % requests.len()];
        let request = http::Request::post(target)
            .header("host", "127.0.0.1")
            .header("content-type", "application/json")
            .body(Full::new(body.clone()))
            .expect("a request");
        let answer = sender.send_request(request).await.expect("an answer");
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        let is_sent = body.windows(11).any(|part| part == br#""sent":true"#);
        match is_sent {
            true => sent += 1,
            false => odd = Some(body),
        }
    }
}
