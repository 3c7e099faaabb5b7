//! One phone, driven: what its dispatcher is to do next.
//!
//! A [`Lane`] is asked for the next [`Step`], somebody carries it out, and tells the lane the
//! [`Answer`]. One step at a time, so that one request at most is on its way per phone. All that must
//! survive a crash is in the store; what the lane knows beyond that it can find out again.

mod looking;
mod step;

use std::collections::VecDeque;
use std::time::Duration;

use chatapi_client::line::{Cursor, Queue, Sightings};
use chatapi_transport::Moment;
use chatapi_types::UnixMillis;

use super::{Figures, Resolution, Verdict, next_departure, recovers};
use crate::record::LineName;
use crate::store::{Fenced, Grant, Intend, Intended, Intent, Settled};

use looking::Looking;

pub use step::{Answer, Step};

/// The right to drive the phone, and what time it is in the store.
#[derive(Clone, Debug)]
struct Held {
    grant: Grant,
    /// Before this moment of our own clock the lease holds, whatever other clocks say.
    ends: Moment,
    renew_at: Moment,
    /// When the grant was asked for, by our own clock.
    asked_at: Moment,
}

impl Held {
    /// The store's time, as nearly as it can be known.
    fn store_time(&self, now: Moment) -> UnixMillis {
        self.grant.at.plus(now.since(self.asked_at))
    }

    /// Our own moment of a time in the store.
    fn moment_of(&self, at: UnixMillis) -> Moment {
        self.asked_at.plus(at.since(self.grant.at))
    }
}

/// One phone, driven.
#[derive(Clone, Debug)]
pub struct Lane {
    line: LineName,
    figures: Figures,
    random: fastrand::Rng,
    held: Option<Held>,
    /// Not before this moment is the phone asked for again.
    acquire_at: Moment,
    /// Not before this moment is the store troubled again after it failed.
    retry_at: Moment,
    /// When the step that is being carried out began.
    began: Moment,
    health: Option<(bool, Moment)>,
    /// When the phone was last unable to send.
    trouble: Option<UnixMillis>,
    /// How many waited at the vendor when that was seen last.
    queue: Option<u64>,
    queue_asked: Option<Moment>,
    /// When the vendor took ours that the count of its queue may lack, the latest last.
    added: VecDeque<Moment>,
    cursor: Option<Cursor>,
    cursor_at: Option<Moment>,
    overdue_at: Moment,
    intent: Option<Intent>,
    verdict: Option<(Intent, Verdict)>,
    /// Whether no message is begun any more.
    winds_down: bool,
    /// Whether an intent may be on disk that we do not know: once the outcome at hand is written
    /// down, the phone is let go.
    lost_count: bool,
    /// `None` when the store has to be asked.
    doubts: Option<VecDeque<Looking>>,
    lost: VecDeque<Looking>,
    idle_until: Option<Moment>,
    /// Until then a rule has the phone send nothing, whoever calls.
    capped_until: Option<Moment>,
}

impl Lane {
    /// A phone that nobody drives yet.
    #[must_use]
    pub fn new(line: LineName, figures: Figures, seed: u64) -> Self {
        Self {
            line,
            figures,
            random: fastrand::Rng::with_seed(seed),
            held: None,
            acquire_at: Moment::default(),
            retry_at: Moment::default(),
            began: Moment::default(),
            health: None,
            trouble: None,
            queue: None,
            queue_asked: None,
            added: VecDeque::new(),
            cursor: None,
            cursor_at: None,
            overdue_at: Moment::default(),
            intent: None,
            verdict: None,
            winds_down: false,
            lost_count: false,
            doubts: None,
            lost: VecDeque::new(),
            idle_until: None,
            capped_until: None,
        }
    }

    /// Which phone.
    #[must_use]
    pub const fn line(&self) -> &LineName {
        &self.line
    }

    /// By which right it is driven, if it is.
    #[must_use]
    pub fn grant(&self) -> Option<&Grant> {
        self.held.as_ref().map(|held| &held.grant)
    }

    /// Whether a request may be on its way, or its outcome is not written down: not a moment at
    /// which to stop.
    #[must_use]
    pub const fn is_in_flight(&self) -> bool {
        self.intent.is_some() || self.verdict.is_some()
    }

    /// Whether something was sent since the phone was taken over.
    #[cfg(test)]
    pub(crate) fn has_sent(&self) -> bool {
        !self.added.is_empty()
    }

    /// Whether enough of the lease is left for a request to end within it. To be asked once more
    /// right before the first byte leaves.
    #[must_use]
    pub fn may_submit(&self, now: Moment) -> bool {
        let needed = self.figures.takeover_guard();
        self.held.as_ref().is_some_and(|held| held.ends.since(now) >= needed)
    }

    /// The outcome of what is in flight is still to be written down, but nothing new is begun with
    /// it.
    pub const fn wind_down(&mut self) {
        self.winds_down = true;
    }

    /// There may be new work.
    pub const fn wake(&mut self) {
        self.idle_until = None;
    }

    /// What is to be done now.
    pub fn next(&mut self, now: Moment) -> Step {
        self.began = now;
        let Some(held) = self.held.clone() else {
            return match now < self.acquire_at {
                true => Step::Wait(self.acquire_at),
                false => Step::Acquire,
            };
        };
        if now < self.retry_at {
            return Step::Wait(self.retry_at);
        }
        // The outcome of a request before anything else: it must not be forgotten.
        if let Some((intent, verdict)) = self.verdict.clone() {
            return match self.turns(&held, &verdict, now) {
                Some(ask) => Step::Turn(intent, verdict, ask),
                None => Step::Settle(held.grant, intent, verdict),
            };
        }
        if let Some(intent) = &self.intent {
            return match self.may_submit(now) {
                true => Step::Submit(intent.clone()),
                false => Step::GiveBack(held.grant, intent.clone()),
            };
        }
        if now >= held.ends {
            // Too late to renew with a good conscience: begin anew, as anybody would.
            self.let_go(now);
            return Step::Acquire;
        }
        if now >= held.renew_at {
            return Step::Renew(held.grant);
        }
        let Some(doubts) = &mut self.doubts else { return Step::Doubts };
        if let Some(looking) = doubts.front() {
            return looking.next(&held, now);
        }
        if let Some(looking) = self.lost.front() {
            return looking.next(&held, now);
        }
        self.next_message(&held, now)
    }

    /// What would be asked right after that outcome is written down, if that is the next message.
    fn turns(&self, held: &Held, verdict: &Verdict, now: Moment) -> Option<Intend> {
        let is_plain = matches!(verdict, Verdict::Accepted { id: Some(_), .. });
        let is_calm = self.doubts.as_ref().is_some_and(VecDeque::is_empty) && self.lost.is_empty();
        let goes_on = !self.winds_down && !self.lost_count && now < held.renew_at;
        if !(is_plain && is_calm && goes_on) {
            return None;
        }
        match self.next_message(held, now) {
            Step::Intend(ask) => Some(ask),
            _ => None,
        }
    }

    fn next_message(&self, held: &Held, now: Moment) -> Step {
        let figures = &self.figures;
        let stale =
            |at: Option<Moment>, limit: Duration| at.is_none_or(|at| now.since(at) >= limit);
        let wait = |until: Moment| Step::Wait(until.min(held.renew_at));
        let idle = self.idle_until.filter(|until| now < *until);
        let health_every = match idle {
            Some(_) => figures.idle_every.max(figures.health_every),
            None => figures.health_every,
        };
        match self.health {
            Some((true, at)) if !stale(Some(at), health_every) => {}
            Some((false, at)) if !stale(Some(at), figures.health_every) => {
                return wait(at.plus(figures.health_every));
            }
            _ => return Step::AskHealth,
        }
        if now >= self.overdue_at {
            return Step::Overdue;
        }
        if let Some(until) = idle {
            return wait(until.min(self.overdue_at));
        }
        if stale(self.cursor_at, figures.history_every) {
            return Step::AskHistory(self.cursor.clone());
        }
        if stale(self.queue_asked, figures.queue_every) {
            return Step::AskQueue;
        }
        if let Some(asked) = self.queue_asked.filter(|_| !self.has_room()) {
            return wait(asked.plus(figures.queue_every));
        }
        if let Some(until) = self.capped_until.filter(|until| now < *until) {
            return wait(until.min(self.look_at(now.plus(figures.poll))));
        }
        let store_now = held.store_time(now);
        let chance = self.random.clone().f64();
        Step::Intend(Intend {
            grant: held.grant.clone(),
            before: self.cursor.clone(),
            next_departure: next_departure(
                figures,
                store_now,
                recovers(figures, self.trouble, store_now),
                chance,
            ),
        })
    }

    /// Whether the vendor's queue takes one more, as far as is known. Of one that was never seen
    /// nothing is known: then it is for [`high_water`](Figures::high_water) alone to keep ours few.
    fn has_room(&self) -> bool {
        let room = self.figures.queue_cap.saturating_sub(self.figures.queue_margin);
        let added = self.added.len() as u64;
        self.queue.is_none_or(|total| total.saturating_add(added) < u64::from(room))
    }

    /// Takes note of what came of the step.
    pub fn answered(&mut self, step: &Step, answer: Answer, now: Moment) {
        match (step, answer) {
            (_, Answer::StoreFailed { may_have_happened }) => {
                self.store_failed(step, may_have_happened, now);
            }
            (Step::Acquire, Answer::Acquired(grant)) => self.acquired(grant, now),
            (Step::Renew(_), Answer::Renewed(Ok(()))) => self.extend(),
            (Step::Doubts, Answer::Records(records)) => {
                self.doubts = Some(records.into_iter().map(Looking::for_doubt).collect());
            }
            (Step::Overdue, Answer::Records(records)) => {
                self.overdue_at = now.plus(self.figures.lost_after / 4);
                self.lost = records.into_iter().map(Looking::for_lost).collect();
            }
            (Step::Intend(_), Answer::Intended(Ok(intended))) => self.intended(intended, now),
            (Step::Submit(intent), Answer::Submitted(verdict)) => {
                self.intent = None;
                self.submitted(&verdict, now);
                self.verdict = Some((intent.clone(), verdict));
            }
            (Step::GiveBack(..), Answer::Settled(Ok(_))) => self.intent = None,
            (Step::Settle(_, _, verdict), Answer::Settled(Ok(_))) => {
                if matches!(verdict, Verdict::Unknown { .. }) {
                    self.doubts = None;
                }
                self.verdict = None;
                if self.lost_count {
                    self.let_go(now);
                }
            }
            (Step::Turn(..), Answer::Turned(Ok(turned))) => {
                self.verdict = None;
                if let Some(intended) = turned.next {
                    self.intended(intended, now);
                }
            }
            (Step::Renew(_), Answer::Renewed(Err(Fenced)))
            | (
                _,
                Answer::Settled(Err(Fenced))
                | Answer::Intended(Err(Fenced))
                | Answer::Turned(Err(Fenced)),
            ) => self.let_go(now),
            (Step::AskHealth, Answer::Health(well)) => self.health_told(well, now),
            (Step::AskQueue, Answer::Queue(queue)) => self.queue_told(queue, now),
            (Step::AskHistory(_), Answer::History(history)) => self.history_told(history, now),
            (Step::Claimed(_), Answer::Claimed(ids)) => {
                if let Some(looking) = self.looking() {
                    looking.claimed(ids);
                }
                self.judge(now);
            }
            (Step::Resolve(_, _, resolution), Answer::Settled(Ok(settled))) => {
                self.resolved(resolution.clone(), settled);
            }
            (Step::Lost(..), Answer::Settled(Ok(_))) => {
                self.lost.pop_front();
            }
            _ => {}
        }
    }

    /// What is being looked for.
    fn looking(&mut self) -> Option<&mut Looking> {
        let doubt = self.doubts.as_mut().and_then(VecDeque::front_mut);
        doubt.or_else(|| self.lost.front_mut())
    }

    fn acquired(&mut self, grant: Option<Grant>, now: Moment) {
        let Some(grant) = grant else {
            self.acquire_at = now.plus(self.figures.poll.max(self.figures.lease / 10));
            return;
        };
        let asked_at = self.began;
        self.cursor.clone_from(&grant.cursor);
        self.trouble = self.trouble.max(grant.trouble_at);
        self.held = Some(Held {
            grant,
            ends: asked_at.plus(self.figures.lease),
            renew_at: asked_at.plus(self.figures.lease / 3),
            asked_at,
        });
    }

    fn extend(&mut self) {
        // Counted from when we asked, not from when the answer came.
        let (lease, began) = (self.figures.lease, self.began);
        if let Some(held) = &mut self.held {
            held.ends = began.plus(lease);
            held.renew_at = began.plus(lease / 3);
        }
    }

    /// Somebody else drives the phone, or may: all that was known is forgotten.
    fn let_go(&mut self, now: Moment) {
        let (trouble, winds_down) = (self.trouble, self.winds_down);
        *self = Self::new(self.line.clone(), self.figures.clone(), self.random.u64(..));
        (self.trouble, self.winds_down) = (trouble, winds_down);
        self.began = now;
        self.acquire_at = now.plus(self.figures.poll);
    }

    fn store_failed(&mut self, step: &Step, may_have_happened: bool, now: Moment) {
        match step {
            // The intent may be on disk, and with it a message in flight that we do not know: the
            // phone is let go, and whoever takes it over puts that message in doubt.
            Step::Intend(_) | Step::Acquire if may_have_happened => self.let_go(now),
            // The same, but there is an outcome to be written down first.
            Step::Turn(..) if may_have_happened => {
                self.lost_count = true;
                self.retry_at = now.plus(self.figures.poll);
            }
            // Everything else may be asked twice. What is renewed too late ends by itself.
            Step::Acquire => self.acquire_at = now.plus(self.figures.poll),
            _ => self.retry_at = now.plus(self.figures.poll),
        }
    }

    fn intended(&mut self, intended: Intended, now: Moment) {
        self.random.u64(..); // the pause that was drawn is used up
        let Some(held) = &self.held else { return };
        let poll = now.plus(self.figures.poll);
        match intended {
            Intended::Send(intent) => self.intent = Some(intent),
            Intended::Nothing { due, at_vendor } => {
                // Where acknowledgements do not come by themselves, the history is read for them.
                let look = match at_vendor {
                    true => self.look_at(poll),
                    false => now.plus(self.figures.idle_every),
                };
                let due = due.map(|at| held.moment_of(at));
                self.idle_until = Some(due.map_or(look, |due| due.min(look)));
            }
            // The same phone may send the next one.
            Intended::Delayed => {}
            Intended::Capped { until, at_vendor } => {
                let until = held.moment_of(until);
                self.capped_until = Some(until);
                let look = match at_vendor {
                    true => self.look_at(poll),
                    false => now.plus(self.figures.idle_every),
                };
                self.idle_until = Some(until.min(look));
            }
            Intended::Paced { until } => self.idle_until = Some(held.moment_of(until)),
            // Room is made by acknowledgements, which call, and by what the history shows.
            Intended::Full => self.idle_until = Some(self.look_at(poll)),
            Intended::Busy => self.doubts = None,
            Intended::LeaseTooShort => {
                if let Some(held) = &mut self.held {
                    held.renew_at = now;
                }
            }
        }
    }

    /// When the history is to be read next.
    fn look_at(&self, at_least: Moment) -> Moment {
        let every = self.figures.history_every;
        self.cursor_at.map_or(at_least, |at| at.plus(every).max(at_least))
    }

    fn submitted(&mut self, verdict: &Verdict, now: Moment) {
        match verdict {
            Verdict::Accepted { .. } => self.added.push_back(now),
            Verdict::NotSent { pauses_phone: true, retry_after_ms, .. } => {
                let asked = retry_after_ms.map(Duration::from_millis).unwrap_or_default();
                self.idle_until = Some(now.plus(asked.max(self.figures.backoff)));
            }
            // The phone may not be well.
            Verdict::Unknown { .. } => self.health = None,
            _ => {}
        }
    }

    fn health_told(&mut self, well: Option<bool>, now: Moment) {
        // A question that fails is no sign of health.
        let well = well.unwrap_or(false);
        self.health = Some((well, now));
        if let Some(held) = &self.held
            && !well
        {
            self.trouble = Some(held.store_time(now));
        }
        if let Some(looking) = self.looking() {
            looking.health(well);
        }
        self.judge(now);
    }

    fn queue_told(&mut self, queue: Option<Queue>, now: Moment) {
        self.queue_asked = Some(now);
        if let Some(queue) = &queue {
            self.queue = Some(queue.total);
            // What was accepted shortly before may be missing in a count that is not fresh.
            let staleness = self.figures.staleness;
            self.added.retain(|at| now.since(*at) < staleness);
        }
        if let Some(looking) = self.looking() {
            looking.queue(queue);
        }
    }

    fn history_told(&mut self, history: Option<Sightings>, now: Moment) {
        if self.looking().is_none() {
            self.cursor_at = Some(now);
            if let Some(cursor) = history.as_ref().and_then(|history| history.cursor.clone()) {
                self.cursor = Some(cursor);
            }
        }
        if let Some(looking) = self.looking() {
            looking.history(history);
        }
    }

    /// Decides, once all was seen.
    fn judge(&mut self, now: Moment) {
        let figures = self.figures.clone();
        let Some(held) = self.held.clone() else { return };
        if let Some(looking) = self.looking() {
            looking.judge(&figures, &held, now);
        }
        // A message that was found, or that may still come, is not lost.
        if self.doubts.as_ref().is_some_and(VecDeque::is_empty)
            && self.lost.front().is_some_and(Looking::is_given_up)
        {
            self.lost.pop_front();
        }
    }

    fn resolved(&mut self, resolution: Resolution, settled: Settled) {
        let Some(doubts) = &mut self.doubts else { return };
        match resolution {
            Resolution::LookAgain { at, absent_at } if settled == Settled::Done => {
                if let Some(looking) = doubts.front_mut() {
                    looking.again(at, absent_at);
                }
            }
            // Somebody else took the id meanwhile, or the doubt is over: ask the store.
            _ => self.doubts = None,
        }
    }
}
