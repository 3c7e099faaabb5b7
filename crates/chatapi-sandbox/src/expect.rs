//! What a test expects of its client, and how long it waits for it.

mod unmet;
mod verdict;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use chatapi_transport::Clock as _;
use serde::{Deserialize, Serialize};

use crate::Sandbox;
use crate::received::{Filter, Submission};

pub use unmet::Unmet;

use verdict::Verdict;

/// What is expected of the messages that clients give the gateway. All that is said must be so.
///
/// In JSON: `{"match": {"chat": "79000000001"}, "count": {"exactly": 1}, "within": 60}`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Expectation {
    /// Which messages are meant; all unless given.
    #[serde(rename = "match")]
    pub filter: Filter,
    /// How many of them there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Count>,
    /// Texts that left in this order, perhaps with others between them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    /// No text or file goes to the same chat twice.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_duplicates: bool,
    /// No more than so many leave one instance or channel within a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pacing: Option<Pacing>,
    /// No queue was ever longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_queue: Option<usize>,
    /// How many seconds of the sandbox's time are waited; none unless given.
    pub within: f64,
}

/// A number of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Count {
    /// This many: reached as soon as there are, failed as soon as there are more.
    Exactly(usize),
    /// This many or more.
    AtLeast(usize),
    /// This many or fewer, for the whole time.
    AtMost(usize),
}

/// A pace.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Pacing {
    /// This many at most …
    pub most: usize,
    /// … in any so many seconds.
    pub window: f64,
}

impl Pacing {
    /// At most so many in any such time.
    #[must_use]
    pub const fn new(most: usize, window: Duration) -> Self {
        Self { most, window: window.as_secs_f64() }
    }
}

impl Expectation {
    /// Of these messages.
    #[must_use]
    pub fn of(filter: Filter) -> Self {
        Self { filter, ..Self::default() }
    }

    /// There are this many.
    #[must_use]
    pub const fn exactly(mut self, count: usize) -> Self {
        self.count = Some(Count::Exactly(count));
        self
    }

    /// There are this many or more.
    #[must_use]
    pub const fn at_least(mut self, count: usize) -> Self {
        self.count = Some(Count::AtLeast(count));
        self
    }

    /// There are this many or fewer.
    #[must_use]
    pub const fn at_most(mut self, count: usize) -> Self {
        self.count = Some(Count::AtMost(count));
        self
    }

    /// There are none.
    #[must_use]
    pub const fn never(self) -> Self {
        self.at_most(0)
    }

    /// These texts left in this order.
    #[must_use]
    pub fn order(mut self, texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.order = texts.into_iter().map(Into::into).collect();
        self
    }

    /// Nothing goes to the same chat twice.
    #[must_use]
    pub const fn no_duplicates(mut self) -> Self {
        self.no_duplicates = true;
        self
    }

    /// No faster than this.
    #[must_use]
    pub const fn pacing(mut self, pacing: Pacing) -> Self {
        self.pacing = Some(pacing);
        self
    }

    /// No queue was ever longer.
    #[must_use]
    pub const fn peak_queue(mut self, most: usize) -> Self {
        self.peak_queue = Some(most);
        self
    }

    /// Waits so long, in the sandbox's time.
    #[must_use]
    pub const fn within(mut self, limit: Duration) -> Self {
        self.within = limit.as_secs_f64();
        self
    }

    /// Whether there is something to wait for; else it must hold for the whole time.
    fn waits(&self) -> bool {
        !self.order.is_empty() || matches!(self.count, Some(Count::Exactly(_) | Count::AtLeast(_)))
    }
}

impl Sandbox {
    /// Waits, in the sandbox's time, until something is so that is expected, and gives back the
    /// messages that are meant. What limits something (at most, never, no duplicates, a pace, a peak)
    /// must be so when that is reached; where nothing is waited for, for the whole time.
    ///
    /// On a [frozen](crate::ClockMode::Frozen) clock somebody else has to move it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use chatapi_sandbox::{Expectation, Filter, Sandbox};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let sandbox = Sandbox::new();
    /// sandbox.add_instance("123", "token");
    /// let to_ann = Filter::new().chat("+7 900 000-00-01").contains("shipped");
    /// let nothing = sandbox.expect(Expectation::of(to_ann.clone()).never()).await;
    /// assert!(nothing.is_ok());
    /// let hour = Duration::from_secs(3_600);
    /// let unmet = sandbox.expect(Expectation::of(to_ann).exactly(1).within(hour)).await;
    /// assert!(unmet.unwrap_err().to_string().contains("expected exactly 1"));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Unmet`] explains what was expected, what was there, and what came closest.
    pub async fn expect(&self, expectation: Expectation) -> Result<Vec<Submission>, Unmet> {
        let clock = self.clock();
        let limit = Duration::try_from_secs_f64(expectation.within);
        let limit = limit.map_err(|_| Unmet::invalid("`within` must be 0 seconds or more"))?;
        let deadline = clock.now().plus(limit);
        let mut news = self.news();
        loop {
            news.borrow_and_update();
            let (verdict, next) =
                self.with(|world| (verdict::judge(&expectation, world), world.next_moment()));
            let now = clock.now();
            match verdict {
                Verdict::Met(messages) if expectation.waits() || now >= deadline => {
                    return Ok(messages);
                }
                Verdict::Broken(unmet) => return Err(unmet),
                Verdict::NotYet(unmet) if now >= deadline => {
                    return Err(unmet.after(expectation.within));
                }
                Verdict::Met(_) | Verdict::NotYet(_) => {}
            }
            // Everything is looked at in its moment, so that what passes is not missed.
            let next = next.map_or(deadline, |next| clock.moment_of(next).min(deadline));
            let changed = async {
                let _ = news.changed().await;
            };
            first(changed, clock.sleep(next.since(now))).await;
        }
    }

    /// Whether something is so right now.
    ///
    /// # Errors
    ///
    /// As [`expect`](Self::expect).
    pub fn expect_now(&self, expectation: &Expectation) -> Result<Vec<Submission>, Unmet> {
        self.with(|world| verdict::now(expectation, world))
    }
}

pub(crate) use verdict::now;

/// Returns when one of the two is done.
async fn first(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|context| match one.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => other.as_mut().poll(context),
    })
    .await;
}
