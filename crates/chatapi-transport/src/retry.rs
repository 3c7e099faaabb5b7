//! Trying again, where that can do no harm.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chatapi_types::Verdict;
use fastrand::Rng;
use http::StatusCode;

use crate::clock::{Clock, TokioClock};
use crate::request::Request;
use crate::response::Response;
use crate::retry_after::retry_after;
use crate::transport::{Fate, Transport, TransportError};

/// Repeats exchanges that may be repeated, over another transport.
///
/// An exchange is repeated only
///
/// - when the request was never sent ([`Fate::NotSent`]), or
/// - when its call is declared [`Repeat::Safe`](chatapi_types::Repeat::Safe) and no answer came or
///   the gateway was out of order (HTTP 5xx, 408), or
/// - when the gateway refused it for haste (HTTP 429), whatever the call.
///
/// So a send whose fate is unknown is never repeated. Neither are requests that cannot be sent at
/// all, answers that are too long, nor refusals in an answer's body, even those that say "please
/// retry": ask [`Error::is_transient`](crate::Error::is_transient) for these.
///
/// Between attempts it waits as long as the gateway asks (`Retry-After`), or else a random time
/// below a bound that doubles. The policy caps attempts and total time; when the next wait does not
/// fit, the last outcome is handed back with the number of attempts made.
///
/// Where another scheduler already repeats (the outbox does), use the bare transport.
///
/// ```
/// use chatapi_transport::{MockTransport, Response, Retry, RetryPolicy};
///
/// # let transport = MockTransport::new();
/// let patient = Retry::new(transport, RetryPolicy::new().attempts(6));
/// ```
pub struct Retry<T> {
    inner: T,
    policy: RetryPolicy,
    clock: Arc<dyn Clock>,
    random: Mutex<Rng>,
}

/// How often, how soon and how long [`Retry`] tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    base: Duration,
    cap: Duration,
    within: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl RetryPolicy {
    /// Four attempts, waits below 250 ms, 500 ms, 1 s …, none above 10 s, all within 60 s.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            attempts: 4,
            base: Duration::from_millis(250),
            cap: Duration::from_secs(10),
            within: Duration::from_secs(60),
        }
    }

    /// One attempt.
    #[must_use]
    pub const fn never() -> Self {
        Self::new().attempts(1)
    }

    /// How many attempts are made at most, the first included. Zero counts as one.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The bound of the first wait; it doubles with every attempt.
    #[must_use]
    pub const fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// The highest that the bound grows to. A gateway that asks for a longer wait gets it.
    #[must_use]
    pub const fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// No attempt begins later than this after the first one. One that has begun keeps its own
    /// timeout: a send must not be cut off early, for that would leave it in doubt.
    #[must_use]
    pub const fn within(mut self, total: Duration) -> Self {
        self.within = total;
        self
    }

    /// The bound of the wait after that many attempts.
    fn bound(&self, attempts: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
        self.base.saturating_mul(doubled).min(self.cap)
    }
}

impl<T: Transport> Retry<T> {
    /// Repeats over `inner`, as `policy` says.
    pub fn new(inner: T, policy: RetryPolicy) -> Self {
        Self { inner, policy, clock: Arc::new(TokioClock::new()), random: Mutex::new(Rng::new()) }
    }

    /// Takes the time from another clock.
    #[must_use]
    pub fn on_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Draws its waits from this seed, so that they can be foretold.
    #[must_use]
    pub fn seeded(mut self, seed: u64) -> Self {
        self.random = Mutex::new(Rng::with_seed(seed));
        self
    }

    /// How long to wait before the next attempt; `None` when there is none.
    fn wait(&self, outcome: &Outcome, attempt: u32, elapsed: Duration) -> Option<Duration> {
        if attempt >= self.policy.attempts {
            return None;
        }
        let wait = match outcome.asked_wait(&*self.clock) {
            Some(asked) => asked,
            None => self.jitter(self.policy.bound(attempt)),
        };
        (elapsed.saturating_add(wait) <= self.policy.within).then_some(wait)
    }

    /// Any time up to the bound: clients that failed together should not return together.
    fn jitter(&self, bound: Duration) -> Duration {
        let bound = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        Duration::from_nanos(random.u64(0..=bound))
    }
}

#[async_trait::async_trait]
impl<T: Transport> Transport for Retry<T> {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let started = self.clock.now();
        let (mut attempt, mut made, mut in_doubt) = (1, 0_u32, false);
        loop {
            let began = self.clock.now();
            let outcome = Outcome(self.inner.exchange(request.clone()).await);
            let ended = self.clock.now();
            made = made.saturating_add(outcome.attempts());
            let wait = outcome
                .allows_another(&request)
                .then(|| self.wait(&outcome, attempt, ended.since(started)))
                .flatten();
            tracing::debug!(
                operation = request.operation(),
                attempt,
                status = outcome.status().map(|status| status.as_u16()),
                error = outcome.error().map(TransportError::word),
                elapsed_ms = millis(ended.since(began)),
                waiting_ms = wait.map(millis),
                "attempt ended"
            );
            let Some(wait) = wait else {
                return outcome.conclude(made, in_doubt);
            };
            in_doubt |= outcome.is_doubtful();
            attempt += 1;
            self.clock.sleep(wait).await;
        }
    }
}

/// What one attempt came to.
struct Outcome(Result<Response, TransportError>);

impl Outcome {
    fn status(&self) -> Option<StatusCode> {
        self.0.as_ref().ok().map(Response::status)
    }

    fn error(&self) -> Option<&TransportError> {
        self.0.as_ref().err()
    }

    fn attempts(&self) -> u32 {
        match &self.0 {
            Ok(response) => response.attempts(),
            Err(error) => error.attempts(),
        }
    }

    /// Whether it may have been done although no answer says so.
    fn is_doubtful(&self) -> bool {
        match &self.0 {
            Ok(response) => response.is_in_doubt() || is_out_of_order(response),
            Err(error) => error.fate() != Fate::NotSent,
        }
    }

    /// The rules of [`Retry`].
    fn allows_another(&self, request: &Request) -> bool {
        match &self.0 {
            Ok(response) if response.status() == StatusCode::TOO_MANY_REQUESTS => true,
            Ok(response) => request.is_repeatable() && is_out_of_order(response),
            Err(error) if error.is_unspeakable() || error.is_too_long() => false,
            Err(error) => error.fate() == Fate::NotSent || request.is_repeatable(),
        }
    }

    /// `Retry-After`.
    fn asked_wait(&self, clock: &dyn Clock) -> Option<Duration> {
        let response = self.0.as_ref().ok()?;
        retry_after(response.headers(), clock.unix())
    }

    fn conclude(self, attempts: u32, in_doubt: bool) -> Result<Response, TransportError> {
        match self.0 {
            Ok(response) if in_doubt => Ok(response.after(attempts).in_doubt()),
            Ok(response) => Ok(response.after(attempts)),
            Err(error) if in_doubt => Err(error.after(attempts).in_doubt()),
            Err(error) => Err(error.after(attempts)),
        }
    }
}

fn is_out_of_order(response: &Response) -> bool {
    Verdict::of_status(response.status().as_u16()) == Some(Verdict::Unavailable)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl<T: fmt::Debug> fmt::Debug for Retry<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("policy", &self.policy)
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
