//! What every [`Store`] must keep to, as checks that can be run against any of them.
//!
//! ```
//! use std::sync::Arc;
//!
//! use chatapi_outbox::store::{MemoryStore, conformance};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), conformance::Failed> {
//! let clock = Arc::new(conformance::TestClock::new());
//! conformance::check(Arc::new(MemoryStore::new(clock.clone()))).await?;
//! let store = MemoryStore::new(clock.clone());
//! conformance::compare(&store, &clock, 1, 200).await?;
//! # Ok(())
//! # }
//! ```

mod differential;
mod rules;
mod steps;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chatapi_transport::{Clock, Moment};
use chatapi_types::UnixMillis;

use super::Store;
use crate::State;

/// What a store did otherwise than it must.
pub struct Failed {
    what: String,
}

impl Failed {
    fn new(what: impl Into<String>) -> Self {
        Self { what: what.into() }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Failed {}

/// A clock that stands still until it is advanced. It begins in September 2020.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock at its beginning.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicI64::new(1_600_000_000_000))
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.0.fetch_add(by, Ordering::SeqCst);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait::async_trait]
impl Clock for TestClock {
    fn now(&self) -> Moment {
        let millis = self.0.load(Ordering::SeqCst);
        Moment::after_start(Duration::from_millis(millis.unsigned_abs()))
    }

    fn unix(&self) -> UnixMillis {
        UnixMillis::from_millis(self.0.load(Ordering::SeqCst))
    }

    /// Lets that much time pass at once.
    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
    }
}

/// Checks what must hold while several do things at once. The store is empty, or was used for nothing
/// but these checks; its clock need not be a test's.
///
/// # Errors
///
/// [`Failed`] names every rule that is broken.
pub async fn check<S: Store + 'static>(store: std::sync::Arc<S>) -> Result<(), Failed> {
    let mut broken = String::new();
    macro_rules! rule {
        ($name:literal, $check:ident) => {
            if let Err(what) = rules::$check(store.clone()).await {
                broken.push_str(concat!("\n- ", $name, ": "));
                broken.push_str(&what);
            }
        };
    }
    rule!("one key is one message, however many enqueue it at once", one_key_is_one_message);
    rule!("phones of a group take different messages, one each", phones_of_a_group_share);
    rule!("phones send one message after the other, all at once", phones_take_turns_at_once);
    rule!("the feed tells everything once, while others write", the_feed_tells_everything);
    rule!("what was asked for is done, although nobody waits", a_caller_who_leaves_is_served);
    match broken.is_empty() {
        true => Ok(()),
        false => Err(Failed::new(format!("these rules are broken:{broken}"))),
    }
}

/// Does that many random things with an empty store that goes by the clock, and the same with a store
/// in memory; answers and contents must be the same. The same seed does the same things. Gives back
/// how often messages came into each state.
///
/// # Errors
///
/// [`Failed`] tells the seed, what was done last, and what differs.
pub async fn compare<S: Store>(
    store: &S,
    clock: &std::sync::Arc<TestClock>,
    seed: u64,
    steps: u32,
) -> Result<BTreeMap<State, usize>, Failed> {
    differential::compare(store, clock, seed, steps).await
}
