//! How a sandbox is served.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::time::Duration;

use tokio::net::TcpListener;

use super::limits::Limits;
#[cfg(feature = "tls")]
use super::tls::Tls;

/// How a sandbox is served.
///
/// Unless told otherwise: a free port of 127.0.0.1; heads within 10 s, bodies within 10 s and
/// 64 MiB, answers not left lying for 30 s, 1,024 connections at once, 5 s of grace at the end; webhooks to this machine only.
#[derive(Debug)]
#[must_use = "pass it to `Sandbox::serve_with`"]
pub struct ServerOptions {
    address: IpAddr,
    port: u16,
    listener: Option<StdListener>,
    pub(super) exposed: bool,
    pub(super) worlds: usize,
    pub(super) public_url: Option<String>,
    pub(crate) remote_webhooks: bool,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<Tls>,
    pub(super) limits: Limits,
    pub(super) grace: Duration,
}

impl ServerOptions {
    /// The usual ones.
    pub const fn new() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            listener: None,
            exposed: false,
            worlds: 256,
            public_url: None,
            remote_webhooks: false,
            #[cfg(feature = "tls")]
            tls: None,
            limits: Limits::usual(),
            grace: Duration::from_secs(5),
        }
    }

    /// The port; 0, which is usual, for any that is free.
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The address to listen on; 127.0.0.1 unless given. One that other machines can reach also
    /// needs [`exposed`](Self::exposed).
    pub const fn bind(mut self, address: IpAddr) -> Self {
        self.address = address;
        self
    }

    /// A socket that was bound before, instead of address and port.
    pub fn listener(mut self, listener: StdListener) -> Self {
        self.listener = Some(listener);
        self
    }

    /// Allows an address that is not loopback. Whoever can reach it can then read and change
    /// everything in the sandbox, message texts, tokens and contacts included, and can fill its
    /// memory: there is no password. For a container or a network of your own, with invented data.
    pub const fn exposed(mut self) -> Self {
        self.exposed = true;
        self
    }

    /// How many worlds there can be beside the main one; 256 unless given.
    pub const fn worlds(mut self, most: usize) -> Self {
        self.worlds = most;
        self
    }

    /// What addresses in replies (`apiUrl`, files) begin with, instead of the address that was
    /// called: behind a proxy or a port that is forwarded.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// Lets webhooks go to other machines. Otherwise only loopback targets are called, so that a
    /// test with an address from production disturbs nobody.
    pub const fn allow_remote_webhooks(mut self) -> Self {
        self.remote_webhooks = true;
        self
    }

    /// Also serves TLS, on a port of its own.
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// How long a client may take over the head of a request (the handshake of TLS likewise), and
    /// how long a connection may be idle.
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

    /// How long a client may take nothing of an answer that is being sent.
    pub const fn answers_taken_within(mut self, limit: Duration) -> Self {
        self.limits.answer_taken_within = limit;
        self
    }

    /// How many connections are served at once. When all are taken, whoever has kept the server
    /// waiting for the longest time is let go for the next caller, so that any number of slow
    /// sockets cannot shut out an honest one. Callers wait only while all others are being answered.
    pub const fn connections(mut self, count: usize) -> Self {
        self.limits.connections = count;
        self
    }

    /// How long [`Server::shutdown`](crate::Server::shutdown) waits for answers and webhooks on
    /// their way.
    pub const fn grace(mut self, limit: Duration) -> Self {
        self.grace = limit;
        self
    }

    /// Opens the socket.
    pub(super) async fn open(&mut self) -> io::Result<TcpListener> {
        let listener = match self.listener.take() {
            Some(listener) => {
                listener.set_nonblocking(true)?;
                TcpListener::from_std(listener)?
            }
            None => {
                let wanted = SocketAddr::new(self.address, self.port);
                self.permits(wanted)?;
                TcpListener::bind(wanted).await.map_err(super::cannot_listen(wanted))?
            }
        };
        self.permits(listener.local_addr()?)?;
        Ok(listener)
    }

    fn permits(&self, socket: SocketAddr) -> io::Result<()> {
        if self.exposed || socket.ip().is_loopback() {
            return Ok(());
        }
        let reason = "the sandbox serves loopback only, unless it is to be exposed";
        Err(io::Error::new(io::ErrorKind::Unsupported, reason))
    }
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self::new()
    }
}
