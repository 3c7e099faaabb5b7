//! Time, injected.

use std::fmt;
use std::time::Duration;

use chatapi_types::UnixMillis;
use serde::{Deserialize, Serialize};

/// A point on a clock's monotonic scale. Only points of the same clock compare.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Moment(Duration);

impl Moment {
    /// That long after the clock's own beginning.
    #[must_use]
    pub const fn after_start(elapsed: Duration) -> Self {
        Self(elapsed)
    }

    /// How long after the clock's own beginning.
    #[must_use]
    pub const fn since_start(self) -> Duration {
        self.0
    }

    /// How long after `earlier`; zero when it is not.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment and `later`.
    #[must_use]
    pub const fn plus(self, later: Duration) -> Self {
        Self(self.0.saturating_add(later))
    }

    /// `earlier` before this moment, but not before the clock's beginning.
    #[must_use]
    pub const fn minus(self, earlier: Duration) -> Self {
        Self(self.0.saturating_sub(earlier))
    }
}

/// Where the time comes from. Nothing in this workspace asks the machine's clock but [`TokioClock`];
/// the sandbox has a virtual one, on which a polling client and the emulated gateway cannot drift
/// apart.
#[async_trait::async_trait]
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now, on a scale that never goes back.
    fn now(&self) -> Moment;

    /// Now, by the calendar. May jump, as machines' clocks do.
    fn unix(&self) -> UnixMillis;

    /// Sleeps.
    async fn sleep(&self, duration: Duration);
}

#[async_trait::async_trait]
impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Moment {
        (**self).now()
    }

    fn unix(&self) -> UnixMillis {
        (**self).unix()
    }

    async fn sleep(&self, duration: Duration) {
        (**self).sleep(duration).await;
    }
}

/// The machine's clock. Its monotonic side follows tokio's, so it stands still and jumps in tests
/// that pause the time.
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    start: tokio::time::Instant,
}

impl TokioClock {
    /// A clock that begins now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that may ask")]
    pub fn new() -> Self {
        Self { start: tokio::time::Instant::now() }
    }
}

impl Default for TokioClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait::async_trait]
#[expect(clippy::disallowed_methods, reason = "the one place that may ask")]
impl Clock for TokioClock {
    fn now(&self) -> Moment {
        Moment(tokio::time::Instant::now().duration_since(self.start))
    }

    fn unix(&self) -> UnixMillis {
        let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let millis = since_1970.map_or(0, |elapsed| elapsed.as_millis());
        UnixMillis::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
