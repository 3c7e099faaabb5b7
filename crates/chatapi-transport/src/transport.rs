//! One exchange with a gateway.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::request::Request;
use crate::response::Response;

/// Carries one request to the gateway and brings the answer back.
///
/// Everything that touches a network is behind this one method. Clients hold an
/// `Arc<dyn Transport>`; decorators such as [`Retry`](crate::Retry) and
/// [`RateLimit`](crate::RateLimit) implement it around another transport; the sandbox implements
/// it around an emulated gateway; tests use `MockTransport`
/// (feature `mock`).
///
/// Dropping the future abandons the exchange. The gateway may still act on it.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait::async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Performs exactly one exchange. Any HTTP status is an answer, not an error.
    ///
    /// # Errors
    ///
    /// [`TransportError`] when no whole answer came back; it says whether the request may have
    /// arrived all the same.
    async fn exchange(&self, request: Request) -> Result<Response, TransportError>;
}

#[async_trait::async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        (**self).exchange(request).await
    }
}

#[async_trait::async_trait]
impl<T: Transport + ?Sized> Transport for Box<T> {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        (**self).exchange(request).await
    }
}

/// What is known of the fate of a request that got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fate {
    /// It never left: sending again cannot duplicate it.
    NotSent,
    /// It may have arrived: sending again may duplicate it.
    Unknown,
}

/// Why there was no whole answer.
///
/// Holds no address and no body. Whoever implements [`Transport`] must see to it that the source
/// holds none either: with reqwest, by `without_url()`.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub struct TransportError {
    fate: Fate,
    problem: Problem,
    attempts: u32,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("no connection to the gateway")]
    NoConnection,
    #[error("no answer within {}", Seconds(*.0))]
    TimedOut(Duration),
    #[error("the connection broke before the answer was whole")]
    Broken,
    #[error("the answer is longer than the {0} bytes that are read")]
    TooLong(usize),
    #[error("HTTP cannot express it: the address would be too long, or the secret is no header")]
    Unspeakable,
    #[error("{0}")]
    Impossible(Box<str>),
    #[error("{0}")]
    Other(Box<str>),
}

struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.subsec_millis() {
            0 => write!(f, "{} s", self.0.as_secs()),
            _ => write!(f, "{} ms", self.0.as_millis()),
        }
    }
}

impl TransportError {
    const fn new(fate: Fate, problem: Problem) -> Self {
        Self { fate, problem, attempts: 1, source: None }
    }

    /// There was no connection, so nothing was sent.
    #[must_use]
    pub const fn no_connection() -> Self {
        Self::new(Fate::NotSent, Problem::NoConnection)
    }

    /// The request was sent, or may have been, and the answer did not come in time.
    #[must_use]
    pub const fn timed_out(limit: Duration) -> Self {
        Self::new(Fate::Unknown, Problem::TimedOut(limit))
    }

    /// The connection broke after the request was sent, or may have been.
    #[must_use]
    pub const fn broken() -> Self {
        Self::new(Fate::Unknown, Problem::Broken)
    }

    /// The answer was longer than `limit` bytes and was not read to its end.
    #[must_use]
    pub const fn too_long(limit: usize) -> Self {
        Self::new(Fate::Unknown, Problem::TooLong(limit))
    }

    /// The request cannot be expressed in HTTP (an address that is too long, for one), so nothing
    /// was sent.
    #[must_use]
    pub const fn unspeakable() -> Self {
        Self::new(Fate::NotSent, Problem::Unspeakable)
    }

    /// This transport cannot carry such a request, now or later, so nothing was sent; `problem` is
    /// a clause that holds nothing private.
    pub fn impossible(problem: impl Into<String>) -> Self {
        Self::new(Fate::NotSent, Problem::Impossible(problem.into().into()))
    }

    /// Something else, in words that hold nothing private.
    pub fn other(fate: Fate, problem: impl Into<String>) -> Self {
        Self::new(fate, Problem::Other(problem.into().into()))
    }

    /// With the error below it.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// After that many attempts.
    #[must_use]
    pub const fn after(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// After an earlier attempt whose fate is unknown: whatever became of the last one, the first
    /// may have arrived.
    #[must_use]
    pub const fn in_doubt(mut self) -> Self {
        self.fate = Fate::Unknown;
        self
    }

    /// Whether the request may have arrived.
    #[must_use]
    pub const fn fate(&self) -> Fate {
        self.fate
    }

    /// Whether time ran out.
    #[must_use]
    pub const fn is_timeout(&self) -> bool {
        matches!(self.problem, Problem::TimedOut(_))
    }

    /// Whether the request itself is at fault, so that trying again cannot help.
    #[must_use]
    pub const fn is_unspeakable(&self) -> bool {
        matches!(self.problem, Problem::Unspeakable | Problem::Impossible(_))
    }

    /// Whether an answer did begin to come, but was too long to be read.
    #[must_use]
    pub const fn is_too_long(&self) -> bool {
        matches!(self.problem, Problem::TooLong(_))
    }

    /// How many attempts were made.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The problem in one word, for traces.
    pub(crate) const fn word(&self) -> &'static str {
        match self.problem {
            Problem::NoConnection => "no_connection",
            Problem::TimedOut(_) => "timed_out",
            Problem::Broken => "broken",
            Problem::TooLong(_) => "too_long",
            Problem::Unspeakable => "unspeakable",
            Problem::Impossible(_) => "impossible",
            Problem::Other(_) => "other",
        }
    }
}
