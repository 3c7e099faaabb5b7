//! From accepted sockets to requests.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chatapi_transport::{Clock as _, TokioClock};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::exchange::Exchange;
use super::limits::{HEAD, Limits};
use super::line::{Cutter, Line};
use super::patience::Patience;
use super::places::{Places, Seat};
use super::refusals::Refusals;
#[cfg(feature = "tls")]
use super::tls::Identity;
#[cfg(feature = "tls")]
use super::tunnel::Tunnel;
use crate::control_api::Desk;

/// What every connection needs.
#[derive(Clone)]
pub(super) struct Serving {
    pub(super) desk: Desk,
    pub(super) limits: Limits,
    pub(super) stopped: watch::Receiver<bool>,
    #[cfg(feature = "tls")]
    pub(super) identity: Option<Identity>,
}

/// The doors that callers come in by.
pub(super) struct Doors {
    pub(super) plain: TcpListener,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<TcpListener>,
}

/// Somebody who came in, and whether by the door of TLS.
struct Caller {
    stream: TcpStream,
    #[cfg(feature = "tls")]
    by_tls: bool,
}

impl Doors {
    #[cfg(feature = "tls")]
    async fn accept(&self) -> io::Result<Caller> {
        let by_tls = async {
            match &self.tls {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            accepted = self.plain.accept() => accepted.map(|(stream, _)| Caller { stream, by_tls: false }),
            accepted = by_tls => accepted.map(|(stream, _)| Caller { stream, by_tls: true }),
        }
    }

    #[cfg(not(feature = "tls"))]
    async fn accept(&self) -> io::Result<Caller> {
        self.plain.accept().await.map(|(stream, _)| Caller { stream })
    }
}

impl Serving {
    /// Takes connections and serves them until told to stop.
    pub(super) async fn run(self, doors: Doors, grace: Duration) {
        let places = Places::new(self.limits.connections);
        let mut connections = JoinSet::new();
        let mut stopped = pin!(told_to(self.stopped.clone()));
        let next = || async {
            loop {
                match doors.accept().await {
                    Ok(caller) => return (caller, Arc::new(places.take().await)),
                    // Out of file descriptors, most likely: take back the one that is needed least.
                    Err(_) => {
                        places.ease();
                        pause(Duration::from_millis(50)).await;
                    }
                }
            }
        };
        let mut coming = Box::pin(next());
        loop {
            tokio::select! {
                // Who knocks is let in before anything else is looked at.
                (caller, seat) = &mut coming => {
                    connections.spawn(self.clone().attend(caller, seat));
                    coming = Box::pin(next());
                }
                Some(_) = connections.join_next() => {}
                () = &mut stopped => break,
            }
        }
        drop(coming);
        drop(doors);
        let all_gone = async { while connections.join_next().await.is_some() {} };
        tokio::select! {
            () = all_gone => {}
            () = pause(grace) => connections.shutdown().await,
        }
    }

    /// Serves a caller until he, or a more urgent one, wants it to end.
    async fn attend(self, caller: Caller, seat: Arc<Seat>) {
        // Answers are small; waiting to fill a packet would only make them late.
        let _ = caller.stream.set_nodelay(true);
        tokio::select! {
            biased;
            () = seat.is_needed() => {}
            () = self.welcome(caller, &seat) => {}
        }
    }

    #[cfg(not(feature = "tls"))]
    async fn welcome(&self, caller: Caller, seat: &Arc<Seat>) {
        let cutter = Cutter::default();
        let line = Line::new(caller.stream, cutter.clone());
        let exchange = Exchange::new(self.desk.clone(), self.limits, Arc::clone(seat), cutter);
        self.converse(line, exchange).await;
    }

    #[cfg(feature = "tls")]
    async fn welcome(&self, caller: Caller, seat: &Arc<Seat>) {
        let cutter = Cutter::default();
        let line = Line::new(caller.stream, cutter.clone());
        let exchange = Exchange::new(self.desk.clone(), self.limits, Arc::clone(seat), cutter);
        match &self.identity {
            Some(identity) if caller.by_tls => {
                self.converse_secretly(line, identity, exchange).await;
            }
            Some(identity) => {
                let tunnel = Tunnel::default();
                self.converse(line, exchange.clone().tunnel(tunnel.clone())).await;
                if let Some(stream) = tunnel.opened().await {
                    self.converse_secretly(stream, identity, exchange).await;
                }
            }
            None => self.converse(line, exchange).await,
        }
    }

    /// Shakes hands, then converses.
    #[cfg(feature = "tls")]
    async fn converse_secretly<S>(&self, stream: S, identity: &Identity, exchange: Exchange)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let shaken = tokio::select! {
            shaken = identity.acceptor.accept(stream) => shaken,
            () = pause(self.limits.head_within) => return,
        };
        // Who does not trust us says so and goes.
        if let Ok(stream) = shaken {
            self.converse(stream, exchange.secret()).await;
        }
    }

    /// Answers requests until the client has no more.
    async fn converse<S>(&self, stream: S, exchange: Exchange)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let stream = Refusals::new(Patience::new(stream, self.limits.answer_taken_within));
        let service = service_fn(move |request| exchange.clone().answer(request));
        let connection = http1::Builder::new()
            // Without a timer the time limit on heads never fires.
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head_within)
            .max_buf_size(HEAD)
            // Dates are the world's, not the machine's.
            .auto_date_header(false)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        // How a connection ends is the client's affair; nobody here can do anything about it.
        tokio::select! {
            _ = connection.as_mut() => {}
            () = told_to(self.stopped.clone()) => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }
}

/// Returns when the server is to stop, or is gone.
/// Comes when the server is to stop.
pub(super) async fn told_to(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Sockets live in the machine's time, whatever the sandbox's clock does.
pub(super) async fn pause(duration: Duration) {
    TokioClock::new().sleep(duration).await;
}
