//! What a receiver is to be.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use chatapi_transport::{Clock, TokioClock};

use super::numbers::{AHEAD, Numbers};
use super::{BODY, Counters, Receiver, Shared, storing};
use crate::hook::Hooks;
use crate::key::STRETCH;
use crate::lines::LINES;
use crate::{AllowList, Hook, Inbox};

/// What a [`Receiver`] is to be.
#[derive(Debug)]
#[must_use = "call `build`"]
pub struct Builder {
    inbox: Arc<dyn Inbox>,
    clock: Arc<dyn Clock>,
    prefix: Box<str>,
    body_limit: usize,
    stored_within: Duration,
    repeated_within: Duration,
    allow: Option<AllowList>,
    ahead: u64,
    lines: usize,
    hooks: Hooks,
}

impl Builder {
    pub(super) fn new(inbox: impl Inbox + 'static) -> Self {
        Self {
            inbox: Arc::new(inbox),
            clock: Arc::new(TokioClock::new()),
            prefix: "/hooks".into(),
            body_limit: BODY,
            stored_within: storing::WITHIN,
            repeated_within: STRETCH,
            allow: None,
            ahead: AHEAD,
            lines: LINES,
            hooks: Hooks::default(),
        }
    }

    /// Adds a hook, in the place of one of the same vendor and line.
    pub fn hook(mut self, hook: Hook) -> Self {
        self.hooks.add(hook);
        self
    }

    /// The path under which secrets stand: the vendor posts to `{prefix}/{secret}`. `/hooks` unless
    /// given.
    pub fn prefix(mut self, prefix: impl AsRef<str>) -> Self {
        let prefix = prefix.as_ref().trim_matches('/');
        self.prefix = if prefix.is_empty() { "".into() } else { format!("/{prefix}").into() };
        self
    }

    /// Only from these addresses; from everywhere unless given.
    pub fn allow(mut self, list: AllowList) -> Self {
        self.allow = Some(list);
        self
    }

    /// How many bytes a body may have; 1 MiB unless given.
    pub const fn bodies_at_most(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// How long the inbox may take to store a payload; 5 seconds unless given, half of what wamm waits
    /// for (grade A). Then the answer is 503 with `Retry-After`, and the connection is free: a store
    /// that is stuck does not hold the vendor's connections.
    ///
    /// It may have been stored all the same. The vendor comes again, and what is kept already is
    /// recognised as a repetition and not stored twice. This is the machine's time, whatever
    /// [clock](Self::on_clock) the receiver has, and wants a tokio runtime with time where an inbox
    /// does not answer at once.
    pub const fn stored_within(mut self, limit: Duration) -> Self {
        self.stored_within = limit;
        self
    }

    /// How long the same content counts as the same event, where the payload has no id to go by:
    /// changes of chats, and what is not understood. 10 minutes unless given, a millisecond at the
    /// least. What is posted again within this time is a repetition, after twice the time it is a new
    /// event, and in between it is one or the other.
    ///
    /// How far the attempts of a vendor are apart, no vendor says: the figure is a guess (grade D). A
    /// longer one recognises later attempts, and takes for one what truly happened twice: that a chat
    /// was named so, otherwise, and so again. Beyond what the stream [keeps](crate::Events::keep) it is
    /// of no use. Receivers that share an inbox should agree on it; when it is changed, what was posted
    /// before is not recognised any more.
    pub const fn repeated_within(mut self, time: Duration) -> Self {
        self.repeated_within = time;
        self
    }

    /// How far ahead of all others of its line the number of a message may be; 100,000 unless given.
    /// One that is further ahead is not believed: the message is kept and given out, as
    /// [`Origin::Doubted`](crate::Origin::Doubted) and without a place in the order, so that a number
    /// that somebody made up cannot hide what is missing. Three such messages in a row that agree
    /// with one another are believed: the line is there by now.
    pub const fn numbers_ahead_at_most(mut self, numbers: u64) -> Self {
        self.ahead = numbers;
        self
    }

    /// Of how many lines it is remembered how far their numbers have come; 10,000 unless given. Beyond
    /// that the line is forgotten of which nothing was heard for longest, with what was doubted of it,
    /// which matters where a hook takes [any instance](Hook::any_instance). Of a line that is heard of
    /// again the inbox is [asked](Inbox::mark); where nothing of it was ever acknowledged, counting
    /// begins anew, with whatever number comes first.
    pub const fn lines_remembered(mut self, count: usize) -> Self {
        self.lines = count;
        self
    }

    /// Takes the time from another clock.
    pub fn on_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The receiver.
    #[must_use]
    pub fn build(self) -> Receiver {
        let Self {
            inbox,
            clock,
            prefix,
            body_limit,
            stored_within,
            repeated_within,
            allow,
            ahead,
            lines,
            hooks,
        } = self;
        let numbers = Numbers::new(ahead, lines);
        let (hooks, counters) = (RwLock::new(hooks), Counters::default());
        let shared = Shared {
            inbox,
            clock,
            prefix,
            body_limit,
            stored_within,
            repeated_within,
            allow,
            hooks,
            numbers,
            counters,
        };
        Receiver { shared: Arc::new(shared) }
    }
}
