//! What the control API answers.

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

use crate::command::{CommandError, Problem};
use crate::server::{Body, whole};

/// A no, with its reason.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    text: String,
    allow: Option<String>,
}

#[derive(Serialize)]
struct Said<'a> {
    error: &'a str,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), allow: None }
    }

    pub(super) fn bad(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    pub(super) fn missing(text: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, text)
    }

    /// By another verb than one of these.
    pub(super) fn verb(allowed: String) -> Self {
        let text = format!("this address is called by {allowed}");
        Self { allow: Some(allowed), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, text) }
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = json(self.status, &Said { error: &self.text });
        if let Some(allow) = self.allow.and_then(|allow| HeaderValue::from_str(&allow).ok()) {
            response.headers_mut().insert(ALLOW, allow);
        }
        response
    }
}

impl From<CommandError> for Refusal {
    fn from(error: CommandError) -> Self {
        let status = match error.problem() {
            Problem::Missing => StatusCode::NOT_FOUND,
            Problem::Impossible => StatusCode::CONFLICT,
            Problem::Invalid => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.to_string())
    }
}

/// An answer in JSON.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    match serde_json::to_vec(value) {
        Ok(bytes) => of(status, "application/json; charset=utf-8", bytes),
        Err(error) => of(
            StatusCode::INTERNAL_SERVER_ERROR,
            "text/plain; charset=utf-8",
            format!("the answer cannot be written: {error}").into_bytes(),
        ),
    }
}

/// An answer that no cache keeps.
pub(super) fn of(status: StatusCode, kind: &'static str, bytes: Vec<u8>) -> Response<Body> {
    headed(status, kind, whole(bytes))
}

pub(super) fn headed(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
