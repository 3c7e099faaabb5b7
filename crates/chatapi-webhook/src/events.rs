//! Events out: typed, in order, each until it is acknowledged.

mod delivery;
mod order;
mod proof;

use std::collections::VecDeque;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chatapi_transport::{Clock, Moment, TokioClock};
use chatapi_types::InstanceId;
use futures_core::Stream;
use futures_util::future::select;
use futures_util::stream;

use crate::{Claim, Content, Inbox, InboxError, Leased, Source, payload};

pub use delivery::Delivered;
use order::Order;
use proof::{Patience, Proof};

/// The events of an [`Inbox`], each until it is acknowledged.
///
/// An event that was given out and not acknowledged within the [lease](Self::lease) comes again: a
/// consumer that dies loses nothing, and one that is slow must [extend](Delivered::extend). So an
/// event may come twice; [`Event::id`](crate::Event::id) tells.
///
/// Chat API numbers the messages of an instance. They are given out in that order: one that came too
/// early waits for those before it ([`reorder_within`](Self::reorder_within)), then these are read
/// from the vendor ([`source`](Self::source)), and what cannot be had is told by a
/// [`Gap`](crate::Content::Gap). The first message that was ever acknowledged of a line is where
/// counting begins. Order is kept among events that are given out for the first time; one that comes
/// again comes when it comes.
///
/// What was posted to a hook that [fetches back](crate::Hook::fetch_back) is given out when the vendor
/// confirms it. Where the vendor's record does not hold it yet, it is read again a few times
/// ([`ask_again_after`](Self::ask_again_after)) before the event is
/// [`Unproven`](crate::Content::Unproven). Meanwhile the event holds nobody up: what comes after it on
/// its line is given out before it, no gap is told for it, and it comes later, out of order. Only a
/// consumer that is started anew before the event is through, and has acknowledged nothing beyond it,
/// may tell its number as a gap.
///
/// Several consumers may run at once, under [names](Self::consumer) of their own: a line is with one
/// of them at a time.
pub struct Events {
    inbox: Arc<dyn Inbox>,
    clock: Arc<dyn Clock>,
    source: Option<Arc<dyn Source>>,
    consumer: String,
    lines: Option<Vec<InstanceId>>,
    lease: Duration,
    poll: Duration,
    keep: Duration,
    batch: usize,
    patience: Patience,
    order: Order,
    ready: VecDeque<Leased>,
    tidied: Option<Moment>,
}

impl Events {
    /// The events of that inbox.
    pub fn of(inbox: impl Inbox + 'static) -> Self {
        Self {
            inbox: Arc::new(inbox),
            clock: Arc::new(TokioClock::new()),
            source: None,
            consumer: "consumer".to_owned(),
            lines: None,
            lease: Duration::from_secs(120),
            poll: Duration::from_millis(250),
            keep: Duration::from_secs(7 * 24 * 3600),
            batch: 64,
            patience: Patience::default(),
            order: Order::new(),
            ready: VecDeque::new(),
            tidied: None,
        }
    }

    /// Asks the vendor through this source: for messages that are missing, and for what was posted
    /// to hooks that [fetch back](crate::Hook::fetch_back).
    #[must_use]
    pub fn source(mut self, source: impl Source + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// How long after its post an event that a vendor's record does not hold is looked for there
    /// again: 2, 10 and 60 seconds after it unless given. It is looked for at once in any case, and
    /// when it is not there at the last of these times or later, it is
    /// [`Unproven`](crate::Content::Unproven) for good; with none, at once.
    ///
    /// How far a vendor's record lags behind its posts, no vendor says: the figures are a guess
    /// (grade D). Longer ones lose less where a record is slow, and a forged event costs as many
    /// questions more, each of up to three calls.
    ///
    /// A vendor that does not answer has not said that there is nothing: see
    /// [`give_up_after`](Self::give_up_after).
    #[must_use]
    pub fn ask_again_after(mut self, times: impl IntoIterator<Item = Duration>) -> Self {
        self.patience.again = times.into_iter().collect();
        self.patience.again.sort_unstable();
        self
    }

    /// For how long a vendor is asked that does not answer at all; 7 days after the post unless
    /// given, and 100 times at the least, which take six to seven hours: first after 5 seconds, then
    /// after 10, later every 300. Then the event is [`Unproven`](crate::Content::Unproven).
    #[must_use]
    pub const fn give_up_after(mut self, time: Duration) -> Self {
        self.patience.unanswered = time;
        self
    }

    /// Takes the time from another clock, which should be the receiver's.
    #[must_use]
    pub fn on_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The name of this consumer; `consumer` unless given. Two that run at once need two names.
    #[must_use]
    pub fn consumer(mut self, name: impl Into<String>) -> Self {
        self.consumer = name.into();
        self
    }

    /// Events of these lines only.
    #[must_use]
    pub fn lines<L: Into<InstanceId>>(mut self, lines: impl IntoIterator<Item = L>) -> Self {
        self.lines = Some(lines.into_iter().map(Into::into).collect());
        self
    }

    /// How long an event may take until it is acknowledged; 120 seconds unless given, a second at
    /// the least. The time that it waits here for others is part of it, and so is the time that the
    /// inbox takes to give it out.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease.max(Duration::from_secs(1));
        self
    }

    /// How long a message waits for those before it; 5 seconds unless given. With `None` nothing
    /// waits, no gap is noticed, and messages come in the order in which they were posted.
    #[must_use]
    pub fn reorder_within(mut self, wait: Option<Duration>) -> Self {
        self.order.within(wait);
        self
    }

    /// Of how many lines it is remembered where they stand in their order; 10,000 unless given, and
    /// as many more as came at once or hold something back. Beyond that the line is forgotten of
    /// which nothing was heard for longest, which matters where a hook takes
    /// [any instance](crate::Hook::any_instance).
    ///
    /// A line that is heard of again begins where the inbox says that it stands
    /// ([`Inbox::mark`]): behind the greatest number that was acknowledged. So nothing is lost of a
    /// line whose events were acknowledged by then; what was given out and was not looks missing, is
    /// read from the vendor again, where it is known, or told by a [`Gap`](crate::Content::Gap).
    #[must_use]
    pub fn lines_remembered(mut self, count: usize) -> Self {
        self.order.lines_at_most(count);
        self
    }

    /// How often the inbox is looked into where it does not say itself that something came; every
    /// 250 ms unless given.
    #[must_use]
    pub fn every(mut self, poll: Duration) -> Self {
        self.poll = poll.max(Duration::from_millis(1));
        self
    }

    /// How long acknowledged events are kept, so that they can be replayed and their repetitions
    /// recognised; 7 days unless given. Once an hour, older ones are forgotten.
    #[must_use]
    pub const fn keep(mut self, keep: Duration) -> Self {
        self.keep = keep;
        self
    }

    /// The next event. Waits for one, without end. Cancelling it loses nothing: what was on its way
    /// comes when its lease has run out.
    ///
    /// # Errors
    ///
    /// Those of the inbox; calling again tries again.
    pub async fn next(&mut self) -> Result<Delivered, InboxError> {
        loop {
            while let Some(leased) = self.ready.pop_front() {
                if leased.until <= self.clock.unix() {
                    // It waited too long here: whoever leases it next has it.
                    continue;
                }
                if let Some(delivered) = self.prove(leased).await? {
                    return Ok(delivered);
                }
            }
            self.tidy().await?;
            if self.order.is_overdue(self.clock.now()) {
                self.repair().await?;
            }
            if self.ready.is_empty() && !self.fill().await? {
                self.pause().await;
            }
        }
    }

    /// Until something may have come or has waited long enough.
    async fn pause(&self) {
        let wait = self.order.until_overdue(self.clock.now()).unwrap_or(self.poll);
        let pause = self.clock.sleep(wait.min(self.poll));
        select(pin!(pause), pin!(self.inbox.arrival())).await;
    }

    /// The events as an endless stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<Delivered, InboxError>> + Send + Unpin {
        Box::pin(stream::unfold(self, |mut events| async move {
            let next = events.next().await;
            Some((next, events))
        }))
    }

    /// Leases what there is; whether there was anything.
    async fn fill(&mut self) -> Result<bool, InboxError> {
        // Nothing rests here now but what is held back: of the other lines, some can go.
        self.order.forget();
        let now = self.clock.unix();
        let claim = Claim::new(&self.consumer, self.batch, now, now.plus(self.lease))
            .lines(self.lines.clone());
        let leased = self.inbox.lease(&claim).await?;
        let any = !leased.is_empty();
        for line in self.order.unknown(&leased) {
            let mark = self.inbox.mark(&line).await?;
            self.order.begin(line, mark);
        }
        self.ready.extend(self.order.sort(leased, self.clock.now()));
        Ok(any)
    }

    /// Reads from the vendor what is missing before messages that have waited long enough, and
    /// tells what cannot be had. Either goes through the inbox, and so survives this process.
    async fn repair(&mut self) -> Result<(), InboxError> {
        let now = self.clock.now();
        // For these the vendor was asked, and what it gave did not come in time: on without it.
        self.ready.extend(self.order.give_up(now));
        for hole in self.order.overdue(now) {
            let records = hole.repaired(self.source.as_deref(), self.clock.unix()).await;
            let numbers: Vec<_> = records.iter().map(order::covered).collect();
            let inserted = self.inbox.insert(records).await?;
            // What is kept already is either done or comes by itself: it is not waited for.
            let known = numbers.into_iter().zip(inserted.new).filter(|(_, new)| !new);
            let known: Vec<_> = known.map(|(numbers, _)| numbers).collect();
            self.ready.extend(self.order.repaired(&hole, &known, self.clock.now()));
        }
        Ok(())
    }

    async fn tidy(&mut self) -> Result<(), InboxError> {
        let now = self.clock.now();
        if self.tidied.is_none_or(|last| now.since(last) >= Duration::from_secs(3600)) {
            self.tidied = Some(now);
            let keep = i64::try_from(self.keep.as_millis()).unwrap_or(i64::MAX);
            let before = self.clock.unix().as_millis().saturating_sub(keep);
            let forgotten =
                self.inbox.forget(chatapi_types::UnixMillis::from_millis(before)).await?;
            tracing::debug!(forgotten, "webhook inbox tidied");
        }
        Ok(())
    }

    /// Reads a leased event, and asks the vendor where it is only a hint. `None` when the vendor
    /// does not confirm it yet: the event comes again later, whoever lives then.
    async fn prove(&self, leased: Leased) -> Result<Option<Delivered>, InboxError> {
        let record = &leased.record;
        let age = self.clock.unix().since(record.received);
        let content = payload::read(record);
        let (again, content) = match proof::proven(self.source.as_deref(), record, content).await {
            Ok(Proof::Final(content)) => (None, content),
            Ok(Proof::Absent(hint)) => {
                let again = self.patience.after_absence(age);
                tracing::debug!(event = %record.id, ?again, "event not in the vendor's record");
                (again, Content::Unproven(hint))
            }
            Err(error) => {
                let again = self.patience.after_silence(age, leased.attempt);
                match again {
                    Some(_) => {
                        tracing::warn!(event = %record.id, %error, "vendor did not tell; tried again later");
                    }
                    None => {
                        tracing::warn!(event = %record.id, %error, "vendor did not tell; given up");
                    }
                }
                let content = payload::read(record);
                (again, content.hint().map_or(content, Content::Unproven))
            }
        };
        let Some(wait) = again else {
            return Ok(Some(Delivered::new(leased, content, &self.inbox, &self.clock)));
        };
        // A clock that stands still must not see us turn in a circle.
        let at = self.clock.unix().plus(wait.max(Duration::from_millis(1)));
        self.inbox.release(&record.id, leased.lease, at).await?;
        Ok(None)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events")
            .field("consumer", &self.consumer)
            .field("inbox", &self.inbox)
            .field("ready", &self.ready.len())
            .field("lines_remembered", &self.order.len())
            .finish_non_exhaustive()
    }
}
