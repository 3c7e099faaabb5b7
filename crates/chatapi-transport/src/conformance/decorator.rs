//! The rules for transports around another transport.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode};

use super::{CANARY, Failed, Outcome, read, send};
use crate::address::Address;
use crate::request::Request;
use crate::response::Response;
use crate::transport::{Fate, Transport, TransportError};

/// Checks that a transport around another one passes everything through as it is. `make` puts it
/// around the inner transport, set up so that it has nothing to add: a retry that never repeats, a
/// limit that is never reached. It is called once for each rule.
///
/// # Errors
///
/// [`Failed`] lists the rules that it broke.
pub async fn check_decorator<T: Transport>(
    make: impl Fn(Arc<dyn Transport>) -> T + Send + Sync,
) -> Result<(), Failed> {
    let mut failed = Failed::default();
    let rule = "a request goes in once and unchanged";
    failed.note(rule, requests(&make)).await;
    let rule = "an answer of any status comes out unchanged";
    failed.note(rule, answers(&make)).await;
    let rule = "an error comes out with its fate, its words and its source";
    failed.note(rule, errors(&make)).await;
    let rule = "the secret shows in no Debug";
    failed.note(rule, leaks(&make)).await;
    failed.unless_none()
}

/// Ends every exchange alike and keeps the requests.
#[derive(Debug)]
struct Inner {
    end: fn() -> Result<Response, TransportError>,
    seen: Mutex<Vec<Request>>,
}

impl Inner {
    fn new(end: fn() -> Result<Response, TransportError>) -> Arc<Self> {
        let seen = Mutex::default();
        Arc::new(Self { end, seen })
    }
}

#[async_trait::async_trait]
impl Transport for Inner {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(request);
        (self.end)()
    }
}

fn both() -> Result<[Request; 2], String> {
    let address: Address = "http://127.0.0.1:1".parse().map_err(|error| format!("{error}"))?;
    Ok([read(&address), send(&address, b"{}")]
        .map(|request| request.within(Duration::from_secs(77)).at_most(777)))
}

async fn requests<T: Transport>(make: impl Fn(Arc<dyn Transport>) -> T) -> Outcome {
    let inner = Inner::new(|| Ok(Response::json("{}")));
    let outer = make(inner.clone());
    for (nth, request) in both()?.into_iter().enumerate() {
        outer
            .exchange(request.clone())
            .await
            .map_err(|error| format!("an error instead of an answer: {error}"))?;
        let seen = inner.seen.lock().unwrap_or_else(PoisonError::into_inner);
        ensure!(seen.len() == nth + 1, "{} requests instead of {}", seen.len(), nth + 1);
        let shape = |request: &Request| {
            let exposed = request.expose().ok()?;
            let whole = format!("{} {}", exposed.method(), exposed.uri());
            let limits = (request.timeout(), request.answer_limit());
            let name = (request.operation(), request.is_repeatable());
            Some((whole, exposed.into_body(), limits, name))
        };
        ensure!(
            seen.last().and_then(shape) == shape(&request),
            "{request:?} went in as {:?}",
            seen.last()
        );
    }
    Ok(())
}

async fn answers<T: Transport>(make: impl Fn(Arc<dyn Transport>) -> T) -> Outcome {
    fn end<const STATUS: u16>() -> Result<Response, TransportError> {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", HeaderValue::from_static("0"));
        let status = StatusCode::from_u16(STATUS).unwrap_or_default();
        Ok(Response::new(status, headers, "why"))
    }
    for end in [end::<200>, end::<302>, end::<404>, end::<429>, end::<500>] {
        let outer = make(Inner::new(end));
        for request in both()? {
            let shape = |end: Result<Response, TransportError>| match end {
                Ok(answer) => {
                    let answer = (answer.status(), answer.headers().clone(), answer.body().clone());
                    format!("{answer:?}")
                }
                Err(error) => format!("{error:?}"),
            };
            let (inside, outside) = (shape(end()), shape(outer.exchange(request).await));
            ensure!(inside == outside, "{inside} came out as {outside}");
        }
    }
    Ok(())
}

async fn errors<T: Transport>(make: impl Fn(Arc<dyn Transport>) -> T) -> Outcome {
    for end in [
        || Err(TransportError::no_connection().because("refused")),
        || Err(TransportError::timed_out(Duration::from_secs(1))),
        || Err(TransportError::broken()),
        || Err(TransportError::too_long(9)),
        || Err(TransportError::unspeakable()),
        || Err(TransportError::other(Fate::Unknown, "odd")),
    ] {
        let outer = make(Inner::new(end));
        for request in both()? {
            let shape = |end: Result<Response, TransportError>| format!("{end:?}");
            let (inside, outside) = (shape(end()), shape(outer.exchange(request).await));
            ensure!(inside == outside, "{inside} came out as {outside}");
        }
    }
    Ok(())
}

async fn leaks<T: Transport>(make: impl Fn(Arc<dyn Transport>) -> T) -> Outcome {
    let outer = make(Inner::new(|| Err(TransportError::broken())));
    for request in both()? {
        let end = outer.exchange(request).await;
        let shown = format!("{outer:?} {end:?}");
        ensure!(!shown.contains(CANARY), "in {shown}");
    }
    Ok(())
}
