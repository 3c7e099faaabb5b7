//! The sandbox over a socket.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use chatapi_transport::{Address, Clock as _, TokioClock};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::Sandbox;
use crate::sandbox::address;

/// How many bytes of a request are held until its head is complete: room for a target of 64 KiB,
/// which is what wamm's longest texts need (§0, grade D), and for its headers.
const HEAD: usize = 128 * 1024;

/// How a sandbox is served.
#[derive(Debug)]
#[must_use = "pass it to `Sandbox::serve_with`"]
pub struct ServerOptions {
    port: u16,
    listener: Option<StdListener>,
    limits: Limits,
    grace: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    connections: usize,
    head_within: Duration,
    body_within: Duration,
    body_bytes: usize,
}

impl ServerOptions {
    /// A free port of 127.0.0.1; heads within 10 s, bodies within 10 s and 64 MiB, 1,024 connections
    /// at once, 5 s of grace at the end.
    pub const fn new() -> Self {
        Self {
            port: 0,
            listener: None,
            limits: Limits {
                connections: 1_024,
                head_within: Duration::from_secs(10),
                body_within: Duration::from_secs(10),
                body_bytes: 64 * 1024 * 1024,
            },
            grace: Duration::from_secs(5),
        }
    }

    /// A port of 127.0.0.1; 0 for any that is free.
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// A socket that was bound before. It must be on loopback.
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

    /// How many bytes the body of a request may have.
    pub const fn bodies_at_most(mut self, bytes: usize) -> Self {
        self.limits.body_bytes = bytes;
        self
    }

    /// How many connections are served at once; more wait.
    pub const fn connections(mut self, count: usize) -> Self {
        self.limits.connections = count;
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

/// A sandbox that is being served. Dropping it cuts all connections; [`shutdown`](Self::shutdown)
/// lets answers on their way arrive.
#[must_use = "dropping it stops serving"]
pub struct Server {
    socket: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Sandbox {
    /// Serves the sandbox on a free port of 127.0.0.1, on the tokio runtime of the caller.
    ///
    /// On a clock in [`ClockMode::Auto`](crate::ClockMode::Auto), time moves only while somebody in
    /// this process sleeps on it. For clients in other processes choose
    /// [`Real`](crate::ClockMode::Real) or [`Scaled`](crate::ClockMode::Scaled).
    ///
    /// # Errors
    ///
    /// Those of binding the socket.
    pub async fn serve(&self) -> io::Result<Server> {
        self.serve_with(ServerOptions::new()).await
    }

    /// Serves the sandbox; see [`serve`](Self::serve).
    ///
    /// # Errors
    ///
    /// Those of binding the socket, and [`io::ErrorKind::Unsupported`] for a listener that is not on
    /// loopback.
    pub async fn serve_with(&self, options: ServerOptions) -> io::Result<Server> {
        let listener = match options.listener {
            Some(listener) => {
                listener.set_nonblocking(true)?;
                TcpListener::from_std(listener)?
            }
            None => TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?,
        };
        let socket = listener.local_addr()?;
        if !socket.ip().is_loopback() {
            let reason = "the sandbox serves loopback only";
            return Err(io::Error::new(io::ErrorKind::Unsupported, reason));
        }
        let (stop, stopped) = watch::channel(false);
        let serving = Serving { sandbox: self.clone(), limits: options.limits, stopped };
        let task = tokio::spawn(serving.run(listener, options.grace));
        Ok(Server { socket, stop, task })
    }
}

impl Server {
    /// Where Chat API is.
    #[must_use]
    pub fn address(&self) -> Address {
        address(&format!("http://{}", self.socket))
    }

    /// Where the admin functions are.
    #[must_use]
    pub fn admin_address(&self) -> Address {
        address(&format!("http://{}/admin", self.socket))
    }

    /// Where wamm.chat is.
    #[must_use]
    pub fn wamm_address(&self) -> Address {
        address(&format!("http://{}/api2", self.socket))
    }

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
    sandbox: Sandbox,
    limits: Limits,
    stopped: watch::Receiver<bool>,
}

impl Serving {
    async fn run(mut self, listener: TcpListener, grace: Duration) {
        let mut connections = JoinSet::new();
        while !*self.stopped.borrow() {
            let has_room = connections.len() < self.limits.connections;
            tokio::select! {
                accepted = listener.accept(), if has_room => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(self.clone().converse(stream));
                    }
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

    async fn converse(mut self, stream: TcpStream) {
        // Answers are small; waiting to fill a packet would only make them late.
        let _ = stream.set_nodelay(true);
        let (sandbox, limits) = (self.sandbox, self.limits);
        let service = service_fn(move |request| answer(sandbox.clone(), limits, request));
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

/// Sockets live in the machine's time, whatever the sandbox's clock does.
async fn pause(duration: Duration) {
    TokioClock::new().sleep(duration).await;
}

async fn answer(
    sandbox: Sandbox,
    limits: Limits,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limits.body_bytes {
        return Ok(refuse(StatusCode::PAYLOAD_TOO_LARGE));
    }
    let body = tokio::select! {
        body = Limited::new(body, limits.body_bytes).collect() => body,
        () = pause(limits.body_within) => {
            return Ok(refuse(StatusCode::REQUEST_TIMEOUT));
        }
    };
    Ok(match body {
        Ok(body) => sandbox.answer(Request::from_parts(head, body.to_bytes())).map(Full::new),
        Err(error) if error.is::<LengthLimitError>() => refuse(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => refuse(StatusCode::BAD_REQUEST),
    })
}

/// A refusal by the server itself. It closes the connection, because the rest of the body may still
/// be on its way.
fn refuse(status: StatusCode) -> Response<Full<Bytes>> {
    let reason = status.canonical_reason().unwrap_or_default();
    let mut response = Response::new(Full::from(format!("{{\"error\":\"{reason}\"}}")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let json = http::HeaderValue::from_static("application/json; charset=utf-8");
    headers.insert(http::header::CONTENT_TYPE, json);
    headers.insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
    response
}
