//! Dispatchers that carry out their steps, on a store that may be away.

use std::time::Duration;

use super::World;
use crate::State;
use crate::machine::{Answer, Step};
use crate::record::{LineName, OutboxId};
use crate::simulation::vendor::Phone;
use crate::store::Intended;

impl World {
    /// One step of one dispatcher.
    pub(super) fn dispatch(&mut self) {
        let which = self.random.usize(0..self.dispatchers.len());
        let Some(dispatcher) = self.dispatchers.get_mut(which) else { return };
        if self.now < dispatcher.away_until || dispatcher.at_socket.is_some() {
            return;
        }
        if let Some((step, answer, at)) = dispatcher.waiting.take() {
            match answer {
                Some(answer) if self.now >= at => {
                    dispatcher.lane.answered(&step, answer, self.now);
                }
                answer => dispatcher.waiting = Some((step, answer, at)),
            }
            return;
        }
        let step = dispatcher.lane.next(self.now);
        let (owner, line) = (dispatcher.owner.clone(), dispatcher.line.clone());
        let answer = match &step {
            Step::Wait(until) => {
                let until = *until;
                if self.quiet && self.now < until {
                    // Nothing else to do in calm weather: time passes.
                    let soon = until.since(self.now).min(Duration::from_secs(20));
                    self.now = self.now.plus(soon);
                }
                return;
            }
            Step::Submit(intent) => {
                let intent = intent.clone();
                return self.begin_request(which, step.clone(), intent);
            }
            Step::AskHealth => {
                let down = self.now < self.records_down_until;
                let phone = self.phones.get(&line);
                Answer::Health((!down).then(|| phone.is_some_and(|p| p.is_well(self.now))))
            }
            Step::AskQueue => {
                let down = self.now < self.records_down_until;
                let phone = self.phones.get(&line).filter(|_| !down);
                Answer::Queue(phone.map(Phone::queue))
            }
            Step::AskHistory(since) => {
                let down = self.now < self.records_down_until;
                let phone = self.phones.get(&line).filter(|_| !down);
                let sightings = phone.map(|phone| phone.sightings(since.as_ref(), self.now));
                if let Some(sightings) = &sightings {
                    self.ledger.seen(&line, sightings, self.store_now());
                }
                Answer::History(sightings)
            }
            step => {
                if self.now < self.store_down_until {
                    if matches!(step, Step::Intend(_) | Step::Turn(..)) {
                        self.reach("18 intent cannot be written");
                    }
                    Answer::StoreFailed { may_have_happened: self.random.bool() }
                } else if !self.quiet && self.random.u8(0..200) == 0 {
                    return self.lose_power(step, &owner, &line);
                } else {
                    self.unsynced = self.planted.unsynced.then(|| self.ledger.clone());
                    let answer = self.store(step, &owner, &line);
                    let is_heard = self.quiet || self.random.u8(0..80) > 0;
                    if !is_heard {
                        self.reach("the store does it, the answer is lost");
                    }
                    match is_heard {
                        true => answer,
                        false => Answer::StoreFailed { may_have_happened: true },
                    }
                }
            }
        };
        if !matches!(step, Step::AskHealth | Step::AskQueue | Step::AskHistory(_)) {
            self.tell(format!("{owner} {line}: {step:?} -> {answer:?}"));
        }
        let now = self.now;
        let intended = match &answer {
            Answer::Intended(Ok(intended)) => Some(intended),
            Answer::Turned(Ok(turned)) => turned.next.as_ref(),
            _ => None,
        };
        let is_intent = matches!(intended, Some(Intended::Send(_)));
        if matches!(answer, Answer::Turned(_)) {
            self.reach("outcome and next intent at once");
        }
        if matches!(intended, Some(Intended::Delayed)) {
            self.reach("a rule holds a message back");
        }
        let lane = self.dispatchers.get(which).map(|dispatcher| &dispatcher.lane);
        let epoch = lane.and_then(|lane| lane.grant()).map(|grant| grant.epoch);
        match intended {
            Some(Intended::Send(intent)) => {
                if self.is_elsewhere(intent.id) {
                    self.reach("tried again through another phone");
                }
                let full = self.dispatchers.get(which).and_then(|one| one.saw_full);
                if full.is_some() && full == epoch {
                    self.overfilled = Some(format!("{} goes into a full queue", intent.id));
                }
            }
            Some(Intended::Full) => self.reach("enough of ours wait at the vendor"),
            _ => {}
        }
        if let Answer::Queue(Some(queue)) = &answer
            && let Some(dispatcher) = self.dispatchers.get_mut(which)
        {
            let room = self.figures.queue_cap - self.figures.queue_margin;
            dispatcher.saw_full = epoch.filter(|_| queue.total >= u64::from(room));
        }
        if let Some(dispatcher) = self.dispatchers.get_mut(which) {
            dispatcher.lane.answered(&step, answer, now);
        }
        // The worst moment to freeze: the intent is on disk, the deadline not yet checked.
        if is_intent && !self.quiet && self.random.u8(0..8) == 0 {
            let seconds = self.random.u64(1..1_200);
            self.reach("frozen with an intent");
            self.tell(format!("{owner} freezes for {seconds} s with an intent"));
            if let Some(dispatcher) = self.dispatchers.get_mut(which) {
                dispatcher.away_until = now.plus(Duration::from_secs(seconds));
            }
        }
    }

    /// The power fails in the middle of a transaction: everybody dies, and whether it was on disk by
    /// then nobody has heard.
    fn lose_power(&mut self, step: &Step, owner: &str, line: &LineName) {
        let before = self.ledger.clone();
        let _nobody_hears = self.store(step, owner, line);
        self.tell(format!("{owner} {line}: {step:?}, and the power fails"));
        if self.random.bool() {
            self.reach("17 power lost, it was on disk");
        } else {
            self.ledger = before;
            self.reach("17 power lost, what was not on disk is gone");
        }
        if let Some(old) = self.unsynced.take() {
            self.ledger = old;
        }
        for which in 0..self.dispatchers.len() {
            self.die(which);
        }
    }

    fn store(&mut self, step: &Step, owner: &str, line: &LineName) -> Answer {
        let now = self.store_now();
        let figures = self.figures.clone();
        match step {
            Step::Acquire => {
                let before = self.in_state(line, State::Sending);
                let grant = self.ledger.acquire(line, owner, &figures, now);
                if grant.is_some() && before > 0 {
                    self.reach("11 lease lost in flight");
                }
                let holders = self.dispatchers.iter();
                let others = holders.filter(|d| d.line == *line && d.lane.grant().is_some());
                if grant.is_some() && others.count() > 0 {
                    self.reach("two dispatchers at once");
                }
                Answer::Acquired(grant)
            }
            Step::Renew(grant) => Answer::Renewed(self.ledger.renew(grant, &figures, now)),
            Step::Doubts => Answer::Records(self.ledger.doubts(line)),
            Step::Overdue => Answer::Records(self.ledger.overdue(line, &figures, now)),
            Step::Claimed(ids) => {
                let claimed = ids.iter().filter(|id| self.ledger.is_claimed(line, id));
                Answer::Claimed(claimed.cloned().collect())
            }
            Step::Intend(ask) => Answer::Intended(self.ledger.intend(ask, &figures, now)),
            Step::GiveBack(grant, intent) => {
                Answer::Settled(self.ledger.give_back(grant, intent, now))
            }
            Step::Settle(grant, intent, verdict) => {
                Answer::Settled(self.ledger.settle(grant, intent, verdict.clone(), &figures, now))
            }
            Step::Turn(intent, verdict, ask) => {
                Answer::Turned(self.ledger.turn(ask, (intent, verdict), &figures, now))
            }
            Step::Resolve(grant, id, resolution) => {
                use crate::machine::Resolution;
                match resolution {
                    Resolution::Adopt { .. } => self.reach("found in doubt"),
                    Resolution::Resend => self.reach("absent twice, sent again"),
                    _ => {}
                }
                Answer::Settled(self.ledger.resolve(grant, *id, resolution.clone(), now))
            }
            Step::Lost(grant, id) => Answer::Settled(self.ledger.lost(grant, *id, &figures, now)),
            _ => Answer::Woken,
        }
    }

    /// Whether a message was tried through several phones.
    fn is_elsewhere(&self, id: OutboxId) -> bool {
        let attempts = self.ledger.message(id).map(|record| record.attempts.as_slice());
        let attempts = attempts.unwrap_or_default();
        attempts.windows(2).any(|two| matches!(two, [one, other] if one.line != other.line))
    }

    fn in_state(&self, line: &LineName, state: State) -> usize {
        let of = self.ledger.messages().filter(|record| record.line.as_ref() == Some(line));
        of.filter(|record| record.state == state).count()
    }
}
