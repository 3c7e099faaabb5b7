//! What is found out about a message before it leaves: that its recipient has no account, that its
//! link is dead.
//!
//! The vendor names both among the causes for which a queue grows (help page "Why are messages
//! accumulating in the queue", grade A): what cannot arrive stands in the way of what can. So they
//! are found out here, before a message is put into the vendor's queue.
//!
//! A check that cannot be made holds nothing up for ever: after [`Checks::tries`] the message leaves
//! unchecked, and its history says why.

#[cfg(feature = "probe")]
mod guard;
#[cfg(feature = "probe")]
mod link;
mod memory;
mod phone;
mod task;

use std::sync::Arc;
use std::time::Duration;

use chatapi_client::LinkProbe;

#[cfg(feature = "probe")]
pub use guard::{BadRange, Guard, Refused};
#[cfg(feature = "probe")]
pub use link::{GuardedProbe, Names, ProbeError};

pub(crate) use task::Checking;

/// How recipients and links are checked. What was enqueued as
/// [`unchecked`](crate::Message::unchecked), and texts, are not.
///
/// Recipients of more than a text are checked unless [`without_phones`](Self::without_phones) says
/// otherwise and the vendor [does so by itself](chatapi_client::line::Capabilities::checks_recipients),
/// as wamm does; links where there is a [probe](Self::links). How often a vendor lets one ask is not
/// known (grade D).
///
/// ```
/// use std::time::Duration;
/// use chatapi_outbox::checks::Checks;
///
/// let checks = Checks::new().interval(Duration::from_secs(5)).tries(3);
/// # let _ = checks;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Checks {
    probe: Option<Arc<dyn LinkProbe>>,
    phones: bool,
    account_for: Duration,
    none_for: Duration,
    link_for: Duration,
    remembered: usize,
    interval: Duration,
    tries: u32,
    backoff: Duration,
    longest_backoff: Duration,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            probe: None,
            phones: true,
            account_for: Duration::from_secs(24 * 3600),
            none_for: Duration::from_secs(3600),
            link_for: Duration::from_secs(10 * 60),
            remembered: 10_000,
            interval: Duration::from_secs(2),
            tries: 5,
            backoff: Duration::from_secs(5),
            longest_backoff: Duration::from_secs(5 * 60),
        }
    }
}

impl Checks {
    /// Of recipients; of links once there is a [probe](Self::links).
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks links with this probe. Whoever fetches addresses that strangers wrote must guard the
    /// inside of his own network: `GuardedProbe`, behind the feature `probe`, does.
    pub fn links(mut self, probe: Arc<dyn LinkProbe>) -> Self {
        self.probe = Some(probe);
        self
    }

    /// Does not check recipients.
    pub const fn without_phones(mut self) -> Self {
        self.phones = false;
        self
    }

    /// For how long it is believed that a number has an account (24 h), and that it has none (1 h).
    pub const fn believing(mut self, account: Duration, none: Duration) -> Self {
        (self.account_for, self.none_for) = (account, none);
        self
    }

    /// For how long a link that was alive counts as alive: 10 min.
    pub const fn believing_links(mut self, alive: Duration) -> Self {
        self.link_for = alive;
        self
    }

    /// How many numbers are remembered at most, and how many links: 10,000 of each.
    pub const fn remembering(mut self, answers: usize) -> Self {
        self.remembered = answers;
        self
    }

    /// The pause between two questions about numbers on one line: 2 s (grade D).
    pub const fn interval(mut self, pause: Duration) -> Self {
        self.interval = pause;
        self
    }

    /// How often a check is tried that cannot be made: 5. Then the message leaves unchecked, because
    /// it had better be sent than stuck. A phone that is not well is not asked, and does not count.
    pub const fn tries(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }

    /// The pause after the first try (5 s), which doubles, and the longest one (5 min).
    pub const fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        (self.backoff, self.longest_backoff) = (first, longest);
        self
    }

    /// The pause after that many tries.
    fn pause(&self, tries: u32) -> Duration {
        let doublings = tries.saturating_sub(1).min(20);
        self.backoff.saturating_mul(1 << doublings).min(self.longest_backoff)
    }
}
