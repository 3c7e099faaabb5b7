//! One request and its answer.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};

use super::connection::pause;
use super::limits::Limits;
use crate::Sandbox;

/// The body of an answer: whole, dripping or endless. An error in it cuts the connection.
pub(crate) type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// A body that is there already.
pub(crate) fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// Reads a request and answers it. An error cuts the connection without an answer.
pub(super) async fn answer(
    sandbox: Sandbox,
    limits: Limits,
    request: Request<Incoming>,
) -> std::io::Result<Response<Body>> {
    let request = match read(request, limits).await {
        Ok(request) => request,
        Err(refusal) => return Ok(refuse(refusal)),
    };
    Ok(sandbox.answer(request).map(whole))
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
fn refuse(status: StatusCode) -> Response<Body> {
    let reason = status.canonical_reason().unwrap_or_default();
    let mut response = Response::new(whole(format!("{{\"error\":\"{reason}\"}}")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
