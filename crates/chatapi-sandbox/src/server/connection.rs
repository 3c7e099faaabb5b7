//! From accepted sockets to requests.

use std::pin::pin;
use std::time::Duration;

use chatapi_transport::{Clock as _, TokioClock};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::exchange::answer;
use super::limits::{HEAD, Limits};
use crate::Sandbox;

/// What every connection needs.
#[derive(Clone)]
pub(super) struct Serving {
    pub(super) sandbox: Sandbox,
    pub(super) limits: Limits,
    pub(super) stopped: watch::Receiver<bool>,
}

impl Serving {
    /// Takes connections and serves them until told to stop.
    pub(super) async fn run(mut self, listener: TcpListener, grace: Duration) {
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
pub(super) async fn pause(duration: Duration) {
    TokioClock::new().sleep(duration).await;
}
