//! What comes back.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::json::{self, DecodeError};

/// An HTTP answer, borrowed.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Answer<'a> {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, where one was given.
    pub content_type: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

impl<'a> Answer<'a> {
    /// An answer.
    #[must_use]
    pub const fn new(status: u16, content_type: Option<&'a str>, body: &'a [u8]) -> Self {
        Self { status, content_type, body }
    }

    /// Whether the body looks like a web page: what a proxy says, not a gateway.
    #[must_use]
    pub fn is_html(&self) -> bool {
        self.content_type
            .is_some_and(|t| t.trim_start().to_ascii_lowercase().starts_with("text/html"))
            && !self.starts_json()
            || self.body.trim_ascii_start().starts_with(b"<")
    }

    fn starts_json(&self) -> bool {
        matches!(self.body.trim_ascii_start().first(), Some(b'{' | b'['))
    }
}

impl std::fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HTTP {}, {} B", self.status, self.body.len())
    }
}

/// What a vendor answers to a call. JSON replies implement [`JsonReply`] instead.
pub trait Reply: Sized + Send + 'static {
    /// Reads the reply from an answer whose envelope complained of nothing.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the body is not what the vendor promises.
    fn decode(answer: &Answer<'_>) -> Result<Self, DecodeError>;

    /// Writes the reply as the vendor does: media type and body.
    fn encode(&self) -> (Cow<'static, str>, Vec<u8>);

    /// The vendor's words, where the reply itself is a refusal (`sent: false`).
    fn refusal(&self) -> Option<&str> {
        None
    }
}

/// A reply in JSON.
pub trait JsonReply: Serialize + DeserializeOwned + Send + 'static {
    /// The vendor's words, where the reply itself is a refusal (`sent: false`).
    fn refusal(&self) -> Option<&str> {
        None
    }
}

impl<T: JsonReply> Reply for T {
    fn decode(answer: &Answer<'_>) -> Result<Self, DecodeError> {
        if answer.is_html() {
            return Err(DecodeError::not_json("a web page instead of JSON"));
        }
        if answer.body.trim_ascii().is_empty() {
            return Err(DecodeError::not_json("an empty answer instead of JSON"));
        }
        json::from_slice(answer.body)
    }

    fn encode(&self) -> (Cow<'static, str>, Vec<u8>) {
        // A reply is a struct of texts, numbers and lists: serialising one cannot fail.
        let body = serde_json::to_vec(self).unwrap_or_default();
        (Cow::Borrowed("application/json; charset=utf-8"), body)
    }

    fn refusal(&self) -> Option<&str> {
        JsonReply::refusal(self)
    }
}

/// A reply in bytes: a QR code, a screenshot, a file.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Binary {
    /// The media type that the vendor gave, or `application/octet-stream`.
    pub content_type: String,
    /// The content.
    pub bytes: Vec<u8>,
}

impl Binary {
    /// Bytes of a media type.
    pub fn new(content_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { content_type: content_type.into(), bytes: bytes.into() }
    }
}

impl std::fmt::Debug for Binary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Binary({}, {} B)", self.content_type, self.bytes.len())
    }
}

impl Reply for Binary {
    fn decode(answer: &Answer<'_>) -> Result<Self, DecodeError> {
        if answer.is_html() {
            return Err(DecodeError::not_json("a web page instead of a file"));
        }
        if answer.body.is_empty() {
            return Err(DecodeError::not_json("an empty answer instead of a file"));
        }
        Ok(Self::new(answer.content_type.unwrap_or("application/octet-stream"), answer.body))
    }

    fn encode(&self) -> (Cow<'static, str>, Vec<u8>) {
        (Cow::Owned(self.content_type.clone()), self.bytes.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_pages_are_told_from_json_and_from_files() {
        let html = |kind, body: &'static [u8]| Answer::new(200, kind, body).is_html();
        assert!(html(None, b"\n <!DOCTYPE html>"));
        assert!(html(Some("text/html; charset=utf-8"), b"Bad Gateway"));
        // Some gateways label their JSON as a web page.
        assert!(!html(Some("text/html"), b" {\"err\":0}"));
        assert!(!html(Some("image/png"), b"\x89PNG"));
        assert!(Binary::decode(&Answer::new(200, Some("image/png"), b"")).is_err());
    }
}
