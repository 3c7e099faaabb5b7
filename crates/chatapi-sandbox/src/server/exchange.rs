//! One request and its answer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};

use super::connection::pause;
use super::limits::Limits;
use super::line::Cutter;
use super::places::Seat;
#[cfg(feature = "tls")]
use super::tunnel::Tunnel;
use crate::control_api::Desk;

/// The body of an answer: whole, dripping or endless. An error in it cuts the connection.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// A body that is there already.
pub(crate) fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// Answers the requests of one connection.
#[derive(Clone)]
pub(super) struct Exchange {
    desk: Desk,
    limits: Limits,
    seat: Arc<Seat>,
    cutter: Cutter,
    #[cfg(feature = "tls")]
    secret: bool,
    #[cfg(feature = "tls")]
    tunnel: Option<Tunnel>,
}

impl Exchange {
    pub(super) const fn new(desk: Desk, limits: Limits, seat: Arc<Seat>, cutter: Cutter) -> Self {
        Self {
            desk,
            limits,
            seat,
            cutter,
            #[cfg(feature = "tls")]
            secret: false,
            #[cfg(feature = "tls")]
            tunnel: None,
        }
    }

    /// Over TLS.
    #[cfg(feature = "tls")]
    pub(super) fn secret(mut self) -> Self {
        self.seat.waits();
        self.secret = true;
        self
    }

    /// Where a `CONNECT` leads.
    #[cfg(feature = "tls")]
    pub(super) fn tunnel(mut self, tunnel: Tunnel) -> Self {
        self.tunnel = Some(tunnel);
        self
    }

    /// Reads a request and answers it. An error cuts the connection without an answer.
    pub(super) async fn answer(self, request: Request<Incoming>) -> io::Result<Response<Watched>> {
        let response = self.respond(request).await?;
        self.seat.sends();
        let seat = Arc::clone(&self.seat);
        Ok(response.map(|body| Watched { body, seat }))
    }

    async fn respond(&self, mut request: Request<Incoming>) -> io::Result<Response<Body>> {
        #[cfg(feature = "tls")]
        {
            if request.method() == http::Method::CONNECT {
                return Ok(self.desk.dated(self.connect(&mut request)));
            }
            if self.secret {
                as_https(&mut request);
            }
        }
        if let Some(doom) = self.desk.foresee(&mut request) {
            if doom.in_body {
                tokio::select! {
                    _ = request.body_mut().frame() => {}
                    () = pause(self.limits.body_within) => {}
                }
            }
            return match self.seat.works() {
                true => doom.befall(&self.cutter).await,
                false => Err(io::ErrorKind::ConnectionAborted.into()),
            };
        }
        // Who names both a length and chunks may have fooled somebody before us about where his
        // request ends. The length is ignored (and gone by now); what follows is not listened to
        // (RFC 9112, 6.1).
        let is_last = request.headers().contains_key(TRANSFER_ENCODING);
        let request = match read(request, self.limits).await {
            Ok(request) => request,
            Err(status) => return Ok(self.desk.dated(refuse(status, self.limits))),
        };
        if !self.seat.works() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let mut response = self.desk.answer(request, &self.cutter).await?;
        if is_last {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }

    #[cfg(feature = "tls")]
    fn connect(&self, request: &mut Request<Incoming>) -> Response<Body> {
        let leads = request.uri().authority().is_some_and(Tunnel::leads_to);
        match &self.tunnel {
            Some(tunnel) if leads => {
                tunnel.open(hyper::upgrade::on(request));
                Response::new(whole(Bytes::new()))
            }
            Some(_) => refuse(StatusCode::FORBIDDEN, self.limits),
            None => refuse(StatusCode::METHOD_NOT_ALLOWED, self.limits),
        }
    }
}

/// Replies name the address that was called, `https` included.
#[cfg(feature = "tls")]
fn as_https(request: &mut Request<Incoming>) {
    let host = request.headers().get(http::header::HOST);
    let host = host.and_then(|host| http::uri::Authority::try_from(host.as_bytes()).ok());
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.authority = parts.authority.or(host);
    if parts.authority.is_some() {
        parts.scheme = Some(http::uri::Scheme::HTTPS);
        // `OPTIONS *` has no path.
        parts.path_and_query.get_or_insert_with(|| http::uri::PathAndQuery::from_static("/"));
    }
    *request.uri_mut() = http::Uri::from_parts(parts).unwrap_or_default();
}

/// Reads the body within the limits.
async fn read(request: Request<Incoming>, limits: Limits) -> Result<Request<Bytes>, StatusCode> {
    let (head, body) = request.into_parts();
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limits.body_bytes {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let body = tokio::select! {
        body = Limited::new(body, limits.body_bytes).collect() => body,
        () = pause(limits.body_within) => return Err(StatusCode::REQUEST_TIMEOUT),
    };
    match body {
        Ok(body) => Ok(Request::from_parts(head, body.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::BAD_REQUEST),
    }
}

/// A refusal by the server itself. It closes the connection, because the rest of the body may still
/// be on its way.
fn refuse(status: StatusCode, limits: Limits) -> Response<Body> {
    let reason = match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            format!("the body of a request has at most {} bytes", limits.body_bytes)
        }
        StatusCode::REQUEST_TIMEOUT => {
            format!("the body of the request did not come within {:?}", limits.body_within)
        }
        StatusCode::BAD_REQUEST => {
            "the body of the request broke off, or is chunked wrongly".into()
        }
        StatusCode::FORBIDDEN => "this proxy leads to the vendors' hosts only".into(),
        StatusCode::METHOD_NOT_ALLOWED => "it is a proxy only with TLS: `--tls`".into(),
        status => status.canonical_reason().unwrap_or_default().to_owned(),
    };
    let mut response = Response::new(whole(format!("{{\"error\":\"{reason}\"}}")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The body of an answer. When it is gone, the client is to make the next move.
pub(super) struct Watched {
    body: Body,
    seat: Arc<Seat>,
}

impl hyper::body::Body for Watched {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.seat.waits();
    }
}
