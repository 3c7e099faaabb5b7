//! The journal of requests: who asked what, and what was answered, without secrets.

mod curl;
mod log;
mod mask;

use chatapi_types::UnixMillis;
use serde::Serialize;

use crate::Sandbox;
use crate::world::Subject;

pub(crate) use log::{Asked, Log, Seen};

/// How many bytes of a request's target, of its body, and of the answer's body are kept: 8 KiB each.
pub(crate) const EXCERPT: usize = 8 * 1024;

/// A request to a vendor's method and its answer, as the sandbox gave it. Secrets (tokens in query,
/// path and body, API keys, `Authorization`, cookies) are replaced by `{secret}`, wherever they
/// stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Exchange {
    /// Its number: 1 for the first request that the sandbox ever answered.
    pub number: u64,
    /// When it was answered, in the sandbox's time.
    pub at: UnixMillis,
    /// Who was asked.
    pub subject: Subject,
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub target: Excerpt,
    /// The headers that tell something: `Host`, `Content-Type`, `User-Agent`, `Accept`,
    /// `Authorization`, `Cookie`; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body of the request.
    pub body: Excerpt,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The body of the answer.
    pub answer: Excerpt,
}

/// A text of which only the first 8 KiB are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Excerpt {
    /// The text, or its beginning. What is no UTF-8 shows as `�`.
    pub text: String,
    /// How many bytes the whole has.
    pub bytes: usize,
    /// Whether it is the whole, and was text.
    pub is_whole: bool,
}

impl Exchange {
    /// The request as a line for a POSIX shell. The secret is the shell's variable `SECRET`: set it,
    /// and the line does again what was done.
    ///
    /// `base` is where the sandbox (or the vendor) is, without a path: `http://127.0.0.1:8080`.
    /// `None` where the request was too long to be kept, or is no text.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use chatapi_sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::new();
    /// sandbox.add_instance("12345", "abcdefgh12345678");
    /// let status = http::Request::get("/instance12345/status?token=abcdefgh12345678");
    /// sandbox.answer(status.body(Bytes::new())?);
    ///
    /// let exchange = sandbox.exchanges().pop().ok_or("none")?;
    /// assert_eq!(
    ///     exchange.as_curl("http://127.0.0.1:8080").ok_or("too long")?,
    ///     r#"curl 'http://127.0.0.1:8080/instance12345/status?token='"$SECRET""#
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn as_curl(&self, base: &str) -> Option<String> {
        curl::line(self, base)
    }
}

impl Sandbox {
    /// The latest requests and their answers, oldest first: 500 of them in 4 MiB, unless
    /// [`Builder::exchanges`](crate::Builder::exchanges) said otherwise. It is the sandbox's own
    /// record: no part of a [`Snapshot`](crate::Snapshot), and going on over one that is restored.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.seen().iter().map(Seen::describe).collect()
    }
}
