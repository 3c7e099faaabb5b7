//! The receiver as a tower service.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;

use crate::Receiver;
use crate::body::{self, BODY_WITHIN};

/// Who is at the other end of the socket. A server puts it into the extensions of a request, so that
/// an [`AllowList`](crate::AllowList) can go by it: without it, such a list lets nobody through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peer(pub IpAddr);

impl Peer {
    /// The address of the socket's other end.
    #[must_use]
    pub const fn new(address: IpAddr) -> Self {
        Self(address)
    }
}

/// A [`Receiver`] as a tower service, for a server of your own. It reads bodies to their limit and
/// for no longer than 10 seconds.
///
/// What a service cannot do, your server must: a time limit on heads (bare `axum::serve` has none
/// that works, as it installs no timer), a limit on connections, and [`Peer`] in the extensions of
/// each request if there is an allow-list. The server of the feature `server` does all that.
///
/// Runs on tokio.
#[derive(Clone, Debug)]
pub struct Service {
    receiver: Receiver,
    within: Duration,
}

impl Service {
    /// The service of a receiver.
    #[must_use]
    pub const fn new(receiver: Receiver) -> Self {
        Self { receiver, within: BODY_WITHIN }
    }

    /// How long a body may take; 10 seconds unless given.
    #[must_use]
    pub const fn bodies_within(mut self, limit: Duration) -> Self {
        self.within = limit;
        self
    }
}

impl<B> tower_service::Service<Request<B>> for Service
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Self { receiver, within } = self.clone();
        Box::pin(async move {
            let peer = peer(&request);
            let answer = body::answer(&receiver, peer, request, within, || {}).await;
            Ok(answer.map(Full::new))
        })
    }
}

fn peer<B>(request: &Request<B>) -> Option<IpAddr> {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    #[cfg(feature = "axum")]
    let peer = peer.or_else(|| {
        let info = request.extensions().get::<axum::extract::ConnectInfo<std::net::SocketAddr>>();
        info.map(|info| info.0.ip())
    });
    peer
}

/// A [`Receiver`] as an axum router, to be merged into yours: it takes everything below the
/// receiver's [prefix](Receiver::prefix), wrong secrets included.
///
/// An [`AllowList`](crate::AllowList) needs `into_make_service_with_connect_info::<SocketAddr>()`.
/// See [`Service`] for what is left to your server.
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub fn router<S>(receiver: Receiver) -> axum::Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let below = format!("{}/{{*secret}}", receiver.prefix());
    axum::Router::new().route_service(&below, Service::new(receiver))
}
