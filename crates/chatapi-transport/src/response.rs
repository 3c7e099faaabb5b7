//! What came back.

use std::fmt;

use bytes::Bytes;
use chatapi_types::Answer;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

/// A whole answer of any HTTP status. `Debug` shows status and size.
#[derive(Clone)]
pub struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    attempts: u32,
    in_doubt: bool,
}

impl Response {
    /// An answer.
    pub fn new(status: StatusCode, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        Self { status, headers, body: body.into(), attempts: 1, in_doubt: false }
    }

    /// An answer in JSON with status 200: what tests need most.
    pub fn json(body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        Self::new(StatusCode::OK, headers, body)
    }

    /// After that many attempts.
    #[must_use]
    pub const fn after(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// After an earlier attempt whose fate is unknown: whatever this answer says, that one may have
    /// been done.
    #[must_use]
    pub const fn in_doubt(mut self) -> Self {
        self.in_doubt = true;
        self
    }

    /// HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// HTTP headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body. May hold anything: messages, phone numbers, an echo of the token.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// How many attempts it took.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Whether the fate of an earlier attempt is unknown.
    #[must_use]
    pub const fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// The answer as dialects judge it.
    #[must_use]
    pub fn answer(&self) -> Answer<'_> {
        let content_type = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Answer::new(self.status.as_u16(), content_type, &self.body)
    }
}

impl From<http::Response<Bytes>> for Response {
    fn from(response: http::Response<Bytes>) -> Self {
        let (head, body) = response.into_parts();
        Self::new(head.status, head.headers, body)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}, {} B", self.status.as_u16(), self.body.len())
    }
}
