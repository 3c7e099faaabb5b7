//! Not asking for more than the gateway gives.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::clock::{Clock, Moment, TokioClock};
use crate::request::Request;
use crate::response::Response;
use crate::transport::{Fate, Transport, TransportError};

/// Holds exchanges back so that no more than a [`Rate`] of them go through, over another transport.
///
/// Waiters go first come, first served. A waiter that is dropped gives up its place and those
/// behind it move up; a place is used up only by an exchange that begins. One limit counts for
/// everything that goes through it: share it (`Arc`, or the clones of one gateway) to share the
/// limit. Around a [`Retry`](crate::Retry) it counts calls; inside one it counts attempts.
///
/// ```
/// use std::time::Duration;
/// use chatapi_transport::{MockTransport, Rate, RateLimit};
///
/// # let transport = MockTransport::new();
/// let five_in_two_minutes = Rate::new(5, Duration::from_secs(120));
/// let gentle = RateLimit::new(transport, five_in_two_minutes)
///     .only_sends()
///     .patience(Duration::from_secs(30));
/// ```
pub struct RateLimit<T> {
    inner: T,
    rate: Rate,
    only_sends: bool,
    patience: Option<Duration>,
    clock: Arc<dyn Clock>,
    pace: Mutex<Pace>,
    /// Lets the waiters step up one by one, in their order. It guards nothing.
    turnstile: Semaphore,
}

/// So many in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The time between two places.
    interval: Duration,
    /// How much of it may be used up in advance.
    ahead: Duration,
}

impl Rate {
    /// `count` in `per`, evenly spaced. Zero counts as one.
    #[must_use]
    pub fn new(count: u32, per: Duration) -> Self {
        Self { interval: per / count.max(1), ahead: Duration::ZERO }
    }

    /// Lets this many go at once after a pause, one by default. Any stretch of `per` holds at most
    /// `count + burst - 1`; where the vendor counts strictly, leave it at one.
    #[must_use]
    pub const fn burst(mut self, burst: u32) -> Self {
        self.ahead = self.interval.saturating_mul(burst.saturating_sub(1));
        self
    }
}

/// The generic cell rate algorithm: one moment says it all.
#[derive(Debug, Default)]
struct Pace {
    /// When the next place would come if none were used up in advance.
    next: Moment,
    waiting: u32,
}

impl Pace {
    /// How long until the place comes that is `behind` places after the next.
    fn until(&self, rate: Rate, now: Moment, behind: u32) -> Duration {
        let next = self.next.max(now).plus(rate.interval.saturating_mul(behind));
        next.minus(rate.ahead).since(now)
    }

    fn take(&mut self, rate: Rate, now: Moment) {
        self.next = self.next.max(now).plus(rate.interval);
    }
}

impl<T: Transport> RateLimit<T> {
    /// Lets through `inner` no more than `rate`.
    pub fn new(inner: T, rate: Rate) -> Self {
        Self {
            inner,
            rate,
            only_sends: false,
            patience: None,
            clock: Arc::new(TokioClock::new()),
            pace: Mutex::new(Pace::default()),
            turnstile: Semaphore::new(1),
        }
    }

    /// Counts and holds back only what cannot be repeated: sends, and everything that creates.
    #[must_use]
    pub const fn only_sends(mut self) -> Self {
        self.only_sends = true;
        self
    }

    /// Fails at once, with nothing sent, where the wait would be longer than this. Without it,
    /// everybody waits for as long as it takes.
    #[must_use]
    pub const fn patience(mut self, longest: Duration) -> Self {
        self.patience = Some(longest);
        self
    }

    /// Takes the time from another clock.
    #[must_use]
    pub fn on_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Returns when a place has come and is taken.
    async fn place(&self, operation: &'static str) -> Result<(), TransportError> {
        let mut waiter = self.queue_up(operation)?;
        // Whoever is dropped here leaves the turnstile to the next.
        let _turn = self.turnstile.acquire().await;
        while let Some(wait) = waiter.step() {
            self.clock.sleep(wait).await;
        }
        Ok(())
    }

    fn queue_up(&self, operation: &'static str) -> Result<Waiter<'_, T>, TransportError> {
        let now = self.clock.now();
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = pace.until(self.rate, now, pace.waiting);
        if let Some(patience) = self.patience.filter(|patience| wait > *patience) {
            return Err(TransportError::other(
                Fate::NotSent,
                format!(
                    "this client's own rate limit has no place within {} s; the next comes in {} s",
                    patience.as_secs_f32(),
                    wait.as_secs_f32().ceil(),
                ),
            ));
        }
        if !wait.is_zero() {
            let waiting_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(operation, waiting_ms, "held back by the rate limit");
        }
        pace.waiting = pace.waiting.saturating_add(1);
        Ok(Waiter { limit: self, waiting: true })
    }
}

/// Somebody in the queue, until dropped.
struct Waiter<'a, T> {
    limit: &'a RateLimit<T>,
    waiting: bool,
}

impl<T> Waiter<'_, T> {
    /// Takes the place if it has come; says how long that will be if not.
    fn step(&mut self) -> Option<Duration> {
        let RateLimit { clock, rate, pace, .. } = self.limit;
        let now = clock.now();
        let mut pace = pace.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = pace.until(*rate, now, 0);
        if !wait.is_zero() {
            return Some(wait);
        }
        pace.take(*rate, now);
        pace.waiting -= 1;
        self.waiting = false;
        None
    }
}

impl<T> Drop for Waiter<'_, T> {
    fn drop(&mut self) {
        if self.waiting {
            let pace = &self.limit.pace;
            let mut pace = pace.lock().unwrap_or_else(PoisonError::into_inner);
            pace.waiting -= 1;
        }
    }
}

#[async_trait::async_trait]
impl<T: Transport> Transport for RateLimit<T> {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        if !self.only_sends || !request.is_repeatable() {
            self.place(request.operation()).await?;
        }
        self.inner.exchange(request).await
    }
}

impl<T: fmt::Debug> fmt::Debug for RateLimit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimit")
            .field("rate", &self.rate)
            .field("only_sends", &self.only_sends)
            .field("patience", &self.patience)
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
