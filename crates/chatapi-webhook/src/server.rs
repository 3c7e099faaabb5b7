//! The receiver on a socket.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use chatapi_transport::{Clock as _, TokioClock};
use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinHandle, JoinSet};

use crate::Receiver;
use crate::body::{self, BODY_WITHIN};

/// How many bytes of a request are held until its head is complete.
const HEAD: usize = 16 * 1024;

/// How a receiver is served.
#[derive(Debug)]
#[must_use = "pass it to `Receiver::serve_with`"]
pub struct ServerOptions {
    address: SocketAddr,
    listener: Option<StdListener>,
    limits: Limits,
    grace: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    connections: usize,
    per_peer: usize,
    head_within: Duration,
    body_within: Duration,
}

impl ServerOptions {
    /// A free port of 127.0.0.1; heads within 5 s, bodies within 10 s, 256 connections at once, 64
    /// of them from one peer, 5 s of grace at the end.
    pub const fn new() -> Self {
        Self {
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            listener: None,
            limits: Limits {
                connections: 256,
                per_peer: 64,
                head_within: Duration::from_secs(5),
                body_within: BODY_WITHIN,
            },
            grace: Duration::from_secs(5),
        }
    }

    /// Where to listen. The vendor must reach it, and what it posts should travel under TLS: so
    /// this is usually an address that a TLS proxy forwards to.
    pub const fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// A socket that was bound before.
    pub fn listener(mut self, listener: StdListener) -> Self {
        self.listener = Some(listener);
        self
    }

    /// How long a client may take over the head of a request, and how long a connection may be
    /// idle.
    pub const fn heads_within(mut self, limit: Duration) -> Self {
        self.limits.head_within = limit;
        self
    }

    /// How long a client may take over the body of a request.
    pub const fn bodies_within(mut self, limit: Duration) -> Self {
        self.limits.body_within = limit;
        self
    }

    /// How many connections are served at once. When there are as many, a new one takes the place of
    /// the oldest that has not shown a secret; where all have, it waits.
    pub const fn connections(mut self, count: usize) -> Self {
        self.limits.connections = count;
        self
    }

    /// How many connections one peer may have, unless it is a trusted proxy of the receiver's
    /// [`AllowList`](crate::AllowList). When it has as many, a new one takes the place of its oldest
    /// that has not shown a secret; where all have, it is closed.
    ///
    /// So whoever floods from the vendor's own address, or from behind one proxy with it that is not
    /// trusted, can push the vendor out before it has shown its secret, and nothing but the address
    /// tells them apart by then. It comes again, and shows the secret with its first bytes. Trust the
    /// proxy, and let it limit what it forwards.
    pub const fn per_peer(mut self, count: usize) -> Self {
        self.limits.per_peer = count;
        self
    }

    /// How long [`Server::shutdown`] waits for answers on their way.
    pub const fn grace(mut self, limit: Duration) -> Self {
        self.grace = limit;
        self
    }
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// A receiver that is being served. Dropping it cuts all connections, and what was not answered by
/// then the vendor posts again; [`shutdown`](Self::shutdown) lets answers on their way arrive.
#[must_use = "dropping it stops serving"]
pub struct Server {
    socket: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// Serves the receiver on the tokio runtime of the caller.
    ///
    /// # Errors
    ///
    /// Those of binding the socket.
    pub async fn serve_with(&self, options: ServerOptions) -> io::Result<Server> {
        let listener = match options.listener {
            Some(listener) => {
                listener.set_nonblocking(true)?;
                TcpListener::from_std(listener)?
            }
            None => TcpListener::bind(options.address).await?,
        };
        let socket = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let serving = Serving { receiver: self.clone(), limits: options.limits, stopped };
        let task = tokio::spawn(serving.run(listener, options.grace));
        Ok(Server { socket, stop, task })
    }
}

impl Server {
    /// The socket.
    #[must_use]
    pub const fn socket(&self) -> SocketAddr {
        self.socket
    }

    /// Takes no more connections, lets answers on their way arrive, and returns when nothing is
    /// left; what takes longer than the grace is cut off.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        // The task ends by itself; if it was cancelled with its runtime, there is nothing to wait
        // for.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Connections are owned by this task and go with it.
        self.task.abort();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.socket)
    }
}

/// What every connection needs.
#[derive(Clone)]
struct Serving {
    receiver: Receiver,
    limits: Limits,
    stopped: watch::Receiver<bool>,
}

/// A connection, as those see it who want its place.
struct Open {
    peer: IpAddr,
    /// Whether somebody showed a secret on it.
    admitted: Arc<AtomicBool>,
    task: AbortHandle,
}

impl Serving {
    async fn run(mut self, listener: TcpListener, grace: Duration) {
        let mut connections = JoinSet::new();
        let mut open: Vec<Open> = Vec::new();
        while !*self.stopped.borrow() {
            open.retain(|connection| !connection.task.is_finished());
            let is_free = open.len() < self.limits.connections
                || open.iter().any(|connection| !connection.is_admitted());
            tokio::select! {
                accepted = listener.accept(), if is_free => match accepted {
                    Ok((stream, peer)) if self.has_room(&mut open, peer.ip()) => {
                        let admitted = Arc::default();
                        let talk = self.clone().converse(stream, peer.ip(), Arc::clone(&admitted));
                        let task = connections.spawn(talk);
                        open.push(Open { peer: peer.ip(), admitted, task });
                    }
                    Ok(_) => {}
                    // Out of file descriptors, most likely: some will be given back.
                    Err(_) => pause(Duration::from_millis(50)).await,
                },
                Some(_) = connections.join_next() => {}
                changed = self.stopped.changed() => if changed.is_err() {
                    break;
                },
            }
        }
        drop(listener);
        let all_gone = async { while connections.join_next().await.is_some() {} };
        tokio::select! {
            () = all_gone => {}
            () = pause(grace) => connections.shutdown().await,
        }
    }

    /// Whether there is room for one more of that peer, once the oldest who has not shown a secret
    /// has gone, if need be. So slow sockets, as many as there may be, do not keep the vendor out.
    fn has_room(&self, open: &mut Vec<Open>, peer: IpAddr) -> bool {
        let of_peer = |connection: &Open| connection.peer == peer;
        let is_crowd = open.iter().filter(|connection| of_peer(connection)).count()
            >= self.limits.per_peer
            && !self.receiver.trusts(peer);
        let is_full = open.len() >= self.limits.connections;
        if !is_crowd && !is_full {
            return true;
        }
        let goes =
            open.iter().position(|other| !other.is_admitted() && (!is_crowd || of_peer(other)));
        match goes {
            Some(oldest) => {
                open.remove(oldest).task.abort();
                true
            }
            None => false,
        }
    }

    async fn converse(mut self, stream: TcpStream, peer: IpAddr, admitted: Arc<AtomicBool>) {
        // Answers are small; waiting to fill a packet would only make them late.
        let _ = stream.set_nodelay(true);
        let (receiver, limits) = (self.receiver, self.limits);
        let service = service_fn(move |request| {
            answer(receiver.clone(), limits, peer, Arc::clone(&admitted), request)
        });
        let connection = http1::Builder::new()
            // Without a timer the time limit on heads never fires.
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_within)
            .max_buf_size(HEAD)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        // How a connection ends is the client's affair; nobody here can do anything about it.
        let stopped = async {
            let _ = self.stopped.wait_for(|stopped| *stopped).await;
        };
        tokio::select! {
            _ = connection.as_mut() => {}
            () = stopped => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }
}

impl Open {
    fn is_admitted(&self) -> bool {
        self.admitted.load(Ordering::Relaxed)
    }
}

/// Sockets live in the machine's time, whatever clock the receiver has.
async fn pause(duration: Duration) {
    TokioClock::new().sleep(duration).await;
}

async fn answer(
    receiver: Receiver,
    limits: Limits,
    peer: IpAddr,
    admitted: Arc<AtomicBool>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let show = || admitted.store(true, Ordering::Relaxed);
    let mut answer = body::answer(&receiver, Some(peer), request, limits.body_within, show).await;
    if answer.status().is_client_error() {
        // The rest of the body may still be on its way.
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(answer.map(Full::new))
}
