//! The store's transactions as plain functions over plain tables: what the databases do in SQL, and
//! what the simulator checks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chatapi_client::line::{Cursor, Sightings};
use chatapi_types::{Delivery, MessageId, UnixMillis};

use super::{
    Fenced, Grant, Intend, Intended, Intent, Line, NewMessage, NotEnqueued, Review, Settled, Taken,
};
use crate::machine::{Figures, Look, Resolution, Verdict, after_ack};
use crate::record::{Attempt, Doubt, LineName, OutboxId, Record, Route};
use crate::{OnDoubt, State};

/// What happened to a message, for the audit trail and the feed of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// Its place in the feed.
    pub number: u64,
    /// Which message.
    pub id: OutboxId,
    /// When.
    pub at: UnixMillis,
    /// From which state; `None` for a new message.
    pub from: Option<State>,
    /// Into which.
    pub to: State,
    /// Why, for a person.
    pub cause: String,
}

/// All tables of an outbox, in memory.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    messages: BTreeMap<OutboxId, Record>,
    keys: HashMap<(String, String), (OutboxId, [u8; 32])>,
    lines: BTreeMap<LineName, Line>,
    /// Acknowledgements that came before the answer to the attempt.
    orphans: Vec<(LineName, MessageId, Delivery)>,
    changes: Vec<Change>,
    last_seq: u64,
    /// What planted faults switch off, so that the simulator is known to find them.
    #[cfg(test)]
    pub(crate) planted: crate::simulation::Planted,
}

impl Ledger {
    /// Adds a line, or does nothing when it is known.
    pub fn add_line(&mut self, name: LineName, group: Option<Box<str>>) {
        self.lines.entry(name).or_insert_with(|| Line { group, ..Line::default() });
    }

    /// A message.
    #[must_use]
    pub fn message(&self, id: OutboxId) -> Option<&Record> {
        self.messages.get(&id)
    }

    /// Every message, oldest first.
    pub fn messages(&self) -> impl Iterator<Item = &Record> {
        self.messages.values()
    }

    /// A line.
    #[must_use]
    pub fn line(&self, name: &LineName) -> Option<&Line> {
        self.lines.get(name)
    }

    /// What happened after that place in the feed.
    #[must_use]
    pub fn changes(&self, after: u64) -> &[Change] {
        let from = usize::try_from(after).unwrap_or(usize::MAX).min(self.changes.len());
        self.changes.get(from..).unwrap_or_default()
    }

    /// Takes a message in. The same key with the same content gives the same id.
    ///
    /// # Errors
    ///
    /// [`NotEnqueued::Conflict`] for the same key with other content.
    pub fn enqueue(
        &mut self,
        new: NewMessage,
        id: OutboxId,
        now: UnixMillis,
    ) -> Result<(OutboxId, bool), NotEnqueued> {
        let key = (new.namespace, new.key);
        if let Some((known, content)) = self.keys.get(&key) {
            return match *content == new.content_hash {
                true => Ok((*known, false)),
                false => Err(NotEnqueued::Conflict { id: *known }),
            };
        }
        self.last_seq += 1;
        let state = if new.not_before.is_some_and(|at| at > now) || new.needs_check {
            State::Accepted
        } else {
            State::Ready
        };
        let record = Record {
            id,
            seq: self.last_seq,
            chat: new.chat,
            line: match &new.route {
                Route::Line(line) => Some(line.clone()),
                Route::Group(_) => None,
            },
            route: new.route,
            order_key: new.order_key,
            priority: new.priority,
            state,
            next_at: new.not_before.unwrap_or(now),
            expires_at: new.expires_at,
            look: new.look,
            is_file: new.is_file,
            attempts: Vec::new(),
            doubt: None,
            vendor_id: None,
            queue_number: None,
            at_vendor_since: None,
            last_error: None,
        };
        self.keys.insert(key, (id, new.content_hash));
        self.messages.insert(id, record);
        self.changed(id, None, state, now, "enqueued");
        Ok((id, true))
    }

    /// Takes a line over, if nobody drives it any more. What its former owner was sending is in
    /// doubt from now on.
    pub fn acquire(
        &mut self,
        line: &LineName,
        owner: &str,
        figures: &Figures,
        now: UnixMillis,
    ) -> Option<Grant> {
        let row = self.lines.get_mut(line)?;
        if let Some(lease) = &row.lease
            && now < lease.until.plus(figures.takeover_guard())
        {
            return None;
        }
        row.epoch += 1;
        row.lease = Some(super::Lease { owner: owner.to_owned(), until: now.plus(figures.lease) });
        let grant = Grant { line: line.clone(), epoch: row.epoch, at: now };
        // A clock that jumped may have ended the lease early: what the former owner began counts
        // from now, and what he saw counts no more.
        let trusted_at = now.plus(figures.deadline + figures.settle);
        for record in self.messages.values_mut() {
            if record.line.as_ref() == Some(line)
                && let Some(doubt) = &mut record.doubt
            {
                doubt.settled_at = doubt.settled_at.max(trusted_at);
                doubt.absent_at = None;
            }
        }
        let of_the_dead: Vec<OutboxId> = self
            .messages
            .values()
            .filter(|record| record.line.as_ref() == Some(line) && record.state == State::Sending)
            .map(|record| record.id)
            .collect();
        for id in of_the_dead {
            #[cfg(test)]
            if self.planted.re_executes {
                self.go(id, State::Ready, now, "planted: what was in flight is run again");
                continue;
            }
            let Verdict::Unknown { reason } = Verdict::of_the_dead() else { continue };
            self.doubt(id, reason, figures, now, now.plus(figures.deadline));
        }
        Some(grant)
    }

    /// Goes on driving a line.
    ///
    /// # Errors
    ///
    /// [`Fenced`] when somebody else drives it.
    pub fn renew(
        &mut self,
        grant: &Grant,
        figures: &Figures,
        now: UnixMillis,
    ) -> Result<(), Fenced> {
        self.fence(grant)?;
        if let Some(lease) = self.lines.get_mut(&grant.line).and_then(|row| row.lease.as_mut()) {
            lease.until = lease.until.max(now.plus(figures.lease));
        }
        Ok(())
    }

    /// Gives a line back, so that the next owner need not wait. Only when nothing is in flight.
    ///
    /// # Errors
    ///
    /// [`Fenced`] when somebody else drives it.
    pub fn release(&mut self, grant: &Grant) -> Result<(), Fenced> {
        self.fence(grant)?;
        let in_flight = self.messages.values().any(|record| {
            record.line.as_ref() == Some(&grant.line) && record.state == State::Sending
        });
        if let Some(row) = self.lines.get_mut(&grant.line).filter(|_| !in_flight) {
            row.lease = None;
        }
        Ok(())
    }

    fn fence(&self, grant: &Grant) -> Result<(), Fenced> {
        #[cfg(test)]
        if self.planted.no_fence {
            return Ok(());
        }
        let row = self.lines.get(&grant.line);
        match row.is_some_and(|row| row.epoch == grant.epoch && row.lease.is_some()) {
            true => Ok(()),
            false => Err(Fenced),
        }
    }

    /// Writes down the intent to send the next message, before a byte of it leaves.
    ///
    /// # Errors
    ///
    /// [`Fenced`] when somebody else drives the line.
    pub fn intend(
        &mut self,
        ask: &Intend,
        figures: &Figures,
        now: UnixMillis,
    ) -> Result<Intended, Fenced> {
        self.fence(&ask.grant)?;
        self.wake_and_expire(now);
        let line = &ask.grant.line;
        let Some(row) = self.lines.get(line) else { return Err(Fenced) };
        // A lease that has run out is no right to begin anything.
        let runs_out = row.lease.as_ref().map(|lease| lease.until);
        if runs_out.is_none_or(|until| now.plus(figures.deadline) > until) {
            return Ok(Intended::LeaseTooShort);
        }
        if now < row.free_at {
            return Ok(Intended::Paced { until: row.free_at });
        }
        let mine = |record: &&Record| record.line.as_ref() == Some(line);
        let busy = |record: &Record| matches!(record.state, State::Sending | State::InDoubt);
        if self.messages.values().filter(mine).any(busy) {
            return Ok(Intended::Busy);
        }
        let at_vendor = self.messages.values().filter(mine);
        let at_vendor = at_vendor.filter(|record| record.state == State::AtVendor).count();
        if at_vendor >= figures.high_water as usize {
            return Ok(Intended::Full);
        }
        let group = row.group.clone();
        let Some(id) = self.next_ready(line, group.as_deref(), now) else {
            return Ok(Intended::Nothing { due: self.next_due(line, group.as_deref(), now) });
        };
        if let Some(row) = self.lines.get_mut(line) {
            row.free_at = ask.next_departure.max(row.free_at);
        }
        let Some(record) = self.messages.get_mut(&id) else { return Err(Fenced) };
        let number = record.attempts.last().map_or(1, |attempt| attempt.number + 1);
        let deadline_at = now.plus(figures.deadline);
        record.line = Some(line.clone());
        record.attempts.push(Attempt {
            number,
            line: line.clone(),
            epoch: ask.grant.epoch,
            intent_at: now,
            deadline_at,
            before: ask.before.clone(),
            vendor_id: None,
        });
        let intent =
            Intent { id, attempt: number, chat: record.chat.clone(), at: now, deadline_at };
        self.go(id, State::Sending, now, "intent written down");
        Ok(Intended::Send(intent))
    }

    /// The next message that a line may send: the highest priority, then the oldest, of each order
    /// key the head only, and no twin of one in doubt elsewhere.
    fn next_ready(
        &self,
        line: &LineName,
        group: Option<&str>,
        now: UnixMillis,
    ) -> Option<OutboxId> {
        let mut best: Option<&Record> = None;
        for record in self.messages.values() {
            let due = record.state == State::Ready && record.next_at <= now;
            if !due
                || !may_go(record, line, group)
                || self.is_held_by_order(record, line)
                || self.has_nameless_twin(record, line)
            {
                continue;
            }
            let rank = |record: &Record| (std::cmp::Reverse(record.priority), record.seq);
            if best.is_none_or(|best| rank(record) < rank(best)) {
                best = Some(record);
            }
        }
        best.map(|record| record.id)
    }

    fn is_held_by_order(&self, record: &Record, line: &LineName) -> bool {
        let Some(key) = &record.order_key else { return false };
        self.messages.values().any(|other| {
            let same = other.order_key.as_ref() == Some(key) && other.id != record.id;
            let before = other.seq < record.seq && other.state.holds_order();
            // What another phone has not yet passed on could be overtaken by this one.
            let elsewhere = other.state == State::AtVendor
                && other.line.as_ref().is_some_and(|other| other != line);
            same && (before || elsewhere)
        })
    }

    /// Whether the vendor has a message that looks the same and whose id is not known yet: its
    /// traces could be taken for those of this one.
    fn has_nameless_twin(&self, record: &Record, line: &LineName) -> bool {
        self.messages.values().any(|other| {
            other.line.as_ref() == Some(line)
                && other.look == record.look
                && other.state == State::AtVendor
                && other.vendor_id.is_none()
        })
    }

    fn next_due(
        &self,
        line: &LineName,
        group: Option<&str>,
        now: UnixMillis,
    ) -> Option<UnixMillis> {
        let waiting = self.messages.values().filter(|record| {
            record.state.is_waiting() && record.next_at > now && may_go(record, line, group)
        });
        waiting.map(|record| record.next_at).min()
    }

    /// What is due becomes ready, what is too late expires.
    fn wake_and_expire(&mut self, now: UnixMillis) {
        let mut moves = Vec::new();
        for record in self.messages.values() {
            if !record.state.is_waiting() {
                continue;
            }
            if record.expires_at.is_some_and(|at| at <= now) {
                moves.push((record.id, State::Expired, "its time ran out"));
            } else if record.state == State::Accepted && record.next_at <= now {
                moves.push((record.id, State::Ready, "its time has come"));
            }
        }
        for (id, state, cause) in moves {
            self.go(id, state, now, cause);
        }
    }

    /// Gives an intent back whose request was never made.
    ///
    /// # Errors
    ///
    /// [`Fenced`] when somebody else drives the line.
    pub fn give_back(
        &mut self,
        grant: &Grant,
        intent: &Intent,
        now: UnixMillis,
    ) -> Result<Settled, Fenced> {
        self.fence(grant)?;
        if !self.is_current(grant, intent) {
            return Ok(Settled::Passed);
        }
        self.go(intent.id, State::Ready, now, "given back unsent");
        Ok(Settled::Done)
    }

    /// Whether an attempt is still the one that is being made.
    fn is_current(&self, grant: &Grant, intent: &Intent) -> bool {
        #[cfg(test)]
        if self.planted.no_fence {
            return self.messages.contains_key(&intent.id);
        }
        self.messages.get(&intent.id).is_some_and(|record| {
            record.state == State::Sending
                && record.attempt().is_some_and(|attempt| {
                    attempt.number == intent.attempt && attempt.epoch == grant.epoch
                })
        })
    }

    /// Writes down what an attempt came to.
    ///
    /// # Errors
    ///
    /// [`Fenced`] when somebody else drives the line: he has put the message in doubt and will find
    /// it.
    pub fn settle(
        &mut self,
        grant: &Grant,
        intent: &Intent,
        verdict: Verdict,
        figures: &Figures,
        now: UnixMillis,
    ) -> Result<Settled, Fenced> {
        self.fence(grant)?;
        if !self.is_current(grant, intent) {
            return Ok(Settled::Passed);
        }
        let id = intent.id;
        match verdict {
            Verdict::Accepted { id: vendor_id, queue_number } => {
                self.adopt(id, vendor_id, queue_number, now, "accepted by the vendor");
            }
            Verdict::NotSent { reason, retry_after_ms, .. } => {
                self.again(id, reason, retry_after_ms, figures, now);
            }
            Verdict::Refused { reason, may_heal: true } => {
                self.again(id, reason, None, figures, now);
            }
            Verdict::Refused { reason, may_heal: false } => {
                self.said(id, &reason);
                self.go(id, State::Failed, now, &reason);
            }
            Verdict::Unknown { reason } => {
                #[cfg(test)]
                if self.planted.resends_on_unknown {
                    self.go(id, State::Ready, now, "planted: sent again without looking");
                    return Ok(Settled::Done);
                }
                self.doubt(id, reason, figures, now, now);
            }
        }
        Ok(Settled::Done)
    }

    fn again(
        &mut self,
        id: OutboxId,
        reason: String,
        retry_after_ms: Option<u64>,
        figures: &Figures,
        now: UnixMillis,
    ) {
        self.said(id, &reason);
        let Some(record) = self.messages.get_mut(&id) else { return };
        let tried = record.attempts.last().map_or(0, |attempt| attempt.number);
        if tried >= figures.attempts {
            self.go(id, State::Dead, now, &format!("tried {tried} times; last: {reason}"));
            return;
        }
        let wait = figures.backoff_after(tried);
        let asked = retry_after_ms.map(std::time::Duration::from_millis).unwrap_or_default();
        record.next_at = now.plus(wait.max(asked));
        self.go(id, State::Ready, now, &reason);
    }

    /// `over_by` is when the request is over at the latest.
    fn doubt(
        &mut self,
        id: OutboxId,
        reason: String,
        figures: &Figures,
        now: UnixMillis,
        over_by: UnixMillis,
    ) {
        self.said(id, &reason);
        let Some(record) = self.messages.get_mut(&id) else { return };
        let deadline = record.attempts.last().map_or(now, |attempt| attempt.deadline_at);
        let settled_at = deadline.max(over_by).plus(figures.settle);
        record.doubt =
            Some(Doubt { since: now, settled_at, absent_at: None, reason: reason.clone() });
        self.go(id, State::InDoubt, now, &reason);
    }

    /// The vendor has it: takes its id, and the acknowledgements that came before.
    fn adopt(
        &mut self,
        id: OutboxId,
        vendor_id: Option<MessageId>,
        queue_number: Option<u64>,
        now: UnixMillis,
        cause: &str,
    ) {
        let Some(record) = self.messages.get_mut(&id) else { return };
        record.doubt = None;
        record.at_vendor_since = Some(now);
        record.queue_number = queue_number.or(record.queue_number);
        if vendor_id.is_some() {
            record.vendor_id.clone_from(&vendor_id);
            if let Some(attempt) = record.attempts.last_mut() {
                attempt.vendor_id.clone_from(&vendor_id);
            }
        }
        let line = record.line.clone();
        self.go(id, State::AtVendor, now, cause);
        let (Some(vendor_id), Some(line)) = (vendor_id, line) else { return };
        let mut early = Vec::new();
        self.orphans.retain(|(on, message, ack)| {
            let is_his = *on == line && *message == vendor_id;
            if is_his {
                early.push(ack.clone());
            }
            !is_his
        });
        for ack in early {
            self.ack(&line, &vendor_id, None, &ack, now);
        }
    }

    /// Takes a decision about a doubt.
    ///
    /// # Errors
    ///
    /// [`Fenced`] when somebody else drives the line.
    pub fn resolve(
        &mut self,
        grant: &Grant,
        id: OutboxId,
        resolution: Resolution,
        now: UnixMillis,
    ) -> Result<Settled, Fenced> {
        self.fence(grant)?;
        let Some(record) = self.messages.get_mut(&id) else { return Ok(Settled::Passed) };
        if record.state != State::InDoubt {
            return Ok(Settled::Passed);
        }
        match resolution {
            Resolution::Adopt { id: vendor_id, queue_number } => {
                // Two of ours cannot be the same message of the vendor's.
                let line = &grant.line;
                if vendor_id.as_ref().is_some_and(|vendor_id| self.is_claimed(line, vendor_id)) {
                    return Ok(Settled::Passed);
                }
                self.adopt(id, vendor_id, queue_number, now, "found at the vendor");
            }
            Resolution::Resend => {
                record.doubt = None;
                record.next_at = now;
                self.go(id, State::Ready, now, "twice seen to be absent at the vendor");
            }
            Resolution::Review(reason) => {
                self.said(id, &reason);
                self.go(id, State::NeedsReview, now, &reason);
            }
            Resolution::LookAgain { absent_at, .. } => {
                if let Some(doubt) = &mut record.doubt {
                    doubt.absent_at = absent_at;
                }
            }
        }
        Ok(Settled::Done)
    }

    /// Whether that id of the vendor's is known to be a message of ours.
    #[must_use]
    pub fn is_claimed(&self, line: &LineName, vendor_id: &MessageId) -> bool {
        self.messages.values().any(|record| {
            record.attempts.iter().any(|attempt| {
                attempt.line == *line && attempt.vendor_id.as_ref() == Some(vendor_id)
            })
        })
    }

    /// Messages in doubt on a line, oldest first.
    #[must_use]
    pub fn doubts(&self, line: &LineName) -> Vec<Record> {
        let of_line =
            |record: &&Record| record.state == State::InDoubt && record.line.as_ref() == Some(line);
        self.messages.values().filter(of_line).cloned().collect()
    }

    /// Messages that the vendor has had for too long without a sign.
    #[must_use]
    pub fn overdue(&self, line: &LineName, figures: &Figures, now: UnixMillis) -> Vec<Record> {
        let is_overdue = |record: &&Record| {
            record.state == State::AtVendor
                && record.line.as_ref() == Some(line)
                && record.at_vendor_since.is_some_and(|at| at.plus(figures.lost_after) <= now)
        };
        self.messages.values().filter(is_overdue).cloned().collect()
    }

    /// The vendor had a message and shows it nowhere any more.
    ///
    /// # Errors
    ///
    /// [`Fenced`] when somebody else drives the line.
    pub fn lost(
        &mut self,
        grant: &Grant,
        id: OutboxId,
        figures: &Figures,
        now: UnixMillis,
    ) -> Result<Settled, Fenced> {
        self.fence(grant)?;
        let Some(record) = self.messages.get_mut(&id) else { return Ok(Settled::Passed) };
        if record.state != State::AtVendor {
            return Ok(Settled::Passed);
        }
        record.vendor_id = None;
        record.queue_number = None;
        record.at_vendor_since = None;
        record.next_at = now;
        self.go(id, State::LostAtVendor, now, "absent from the vendor's queue and history");
        let resends = figures.resend_lost && figures.on_doubt != OnDoubt::Hold;
        match resends {
            true => self.go(id, State::Ready, now, "proven lost: to be sent again"),
            false => self.go(id, State::NeedsReview, now, "lost at the vendor"),
        }
        Ok(Settled::Done)
    }

    /// An acknowledgement came in. One that nobody here knows is kept: it may have overtaken the
    /// answer to its own attempt.
    pub fn ack(
        &mut self,
        line: &LineName,
        vendor_id: &MessageId,
        queue_number: Option<u64>,
        ack: &Delivery,
        now: UnixMillis,
    ) -> Taken {
        let by_id = self.messages.values().find(|record| {
            record.attempts.iter().any(|attempt| {
                attempt.line == *line && attempt.vendor_id.as_ref() == Some(vendor_id)
            })
        });
        let by_number = || {
            let number = queue_number?;
            self.messages.values().find(|record| {
                record.line.as_ref() == Some(line)
                    && record.state == State::AtVendor
                    && record.vendor_id.is_none()
                    && record.queue_number == Some(number)
            })
        };
        let Some(found) = by_id.or_else(by_number) else {
            // It can only be ours if the vendor has one of ours whose id is not known yet.
            let may_be_ours = self.messages.values().any(|record| {
                record.line.as_ref() == Some(line)
                    && (matches!(record.state, State::Sending | State::InDoubt)
                        || record.state == State::AtVendor && record.vendor_id.is_none())
            });
            if !may_be_ours {
                return Taken::NoNews;
            }
            self.orphans.push((line.clone(), vendor_id.clone(), ack.clone()));
            return Taken::Kept;
        };
        let (id, state) = (found.id, found.state);
        let Some(next) = after_ack(state, ack) else { return Taken::NoNews };
        if let Some(record) = self.messages.get_mut(&id) {
            if record.vendor_id.is_none() {
                record.vendor_id = Some(vendor_id.clone());
                if let Some(attempt) = record.attempts.last_mut() {
                    attempt.vendor_id = Some(vendor_id.clone());
                }
            }
            record.doubt = None;
        }
        self.go(id, next, now, &format!("the vendor says {ack}"));
        Taken::Applied
    }

    /// What a line's history shows is evidence, too: it gives ids to those of ours that have none
    /// yet, and is an acknowledgement to the others.
    pub fn seen(&mut self, line: &LineName, sightings: &Sightings, now: UnixMillis) {
        for sighting in sightings.items.iter().filter(|sighting| sighting.ours) {
            if !self.is_claimed(line, &sighting.id) {
                let look = Look::of_sighting(sighting);
                let nameless = self.messages.values().find(|record| {
                    record.line.as_ref() == Some(line)
                        && record.look == look
                        && record.state == State::AtVendor
                        && record.vendor_id.is_none()
                        && (!record.is_file || record.attempts.len() == 1)
                });
                let Some(id) = nameless.map(|record| record.id) else { continue };
                if let Some(record) = self.messages.get_mut(&id) {
                    record.vendor_id = Some(sighting.id.clone());
                    if let Some(attempt) = record.attempts.last_mut() {
                        attempt.vendor_id = Some(sighting.id.clone());
                    }
                }
            }
            let delivery = match sighting.delivery.progress() {
                // What stands in the history has left the queue.
                None | Some(0) => Delivery::Sent,
                Some(_) => sighting.delivery.clone(),
            };
            self.ack(line, &sighting.id, None, &delivery, now);
        }
    }

    /// Takes a message back that has not been sent.
    pub fn cancel(&mut self, id: OutboxId, now: UnixMillis) -> bool {
        let waits = self.messages.get(&id).is_some_and(|record| record.state.is_waiting());
        if waits {
            self.go(id, State::Cancelled, now, "cancelled");
        }
        waits
    }

    /// A person decides about a message under review, or has one sent again that had ended.
    ///
    /// Gives back whether there was something to decide.
    pub fn review(&mut self, id: OutboxId, decision: Review, by: &str, now: UnixMillis) -> bool {
        let Some(record) = self.messages.get_mut(&id) else { return false };
        let to = match decision {
            Review::Resend => State::Ready,
            Review::MarkSent => State::Sent,
            Review::Discard => State::Cancelled,
        };
        let ended =
            matches!(record.state, State::Failed | State::Dead | State::Expired | State::Cancelled);
        let is_open = record.state == State::NeedsReview || ended && decision == Review::Resend;
        if !is_open {
            return false;
        }
        record.doubt = None;
        record.next_at = now;
        if decision == Review::Resend {
            record.expires_at = None;
        }
        self.go(id, to, now, &format!("{by}: {}", decision.as_str()));
        true
    }

    /// Notes the place in a line's history.
    ///
    /// # Errors
    ///
    /// [`Fenced`] when somebody else drives the line.
    pub fn note_cursor(&mut self, grant: &Grant, cursor: Cursor) -> Result<(), Fenced> {
        self.fence(grant)?;
        if let Some(row) = self.lines.get_mut(&grant.line) {
            row.cursor = Some(cursor);
        }
        Ok(())
    }

    fn said(&mut self, id: OutboxId, reason: &str) {
        if let Some(record) = self.messages.get_mut(&id) {
            record.last_error = Some(reason.to_owned());
        }
    }

    /// The one way from state to state.
    fn go(&mut self, id: OutboxId, to: State, at: UnixMillis, cause: &str) {
        let Some(record) = self.messages.get_mut(&id) else { return };
        let from = record.state;
        #[cfg(test)]
        let fenced = !self.planted.no_fence;
        #[cfg(not(test))]
        let fenced = true;
        debug_assert!(!fenced || from.may_become(to), "{from} does not lead to {to}: {cause}");
        record.state = to;
        self.changed(id, Some(from), to, at, cause);
    }

    fn changed(&mut self, id: OutboxId, from: Option<State>, to: State, at: UnixMillis, why: &str) {
        let number = self.changes.len() as u64 + 1;
        self.changes.push(Change { number, id, at, from, to, cause: why.to_owned() });
    }

    /// Whether the tables contradict themselves, and how.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        for line in self.lines.keys() {
            let of = |state: State| {
                let mine = self.messages.values().filter(|r| r.line.as_ref() == Some(line));
                mine.filter(|record| record.state == state).count()
            };
            if of(State::Sending) > 1 {
                return Some(format!("{} messages in flight on {line}", of(State::Sending)));
            }
        }
        let mut seen = BTreeSet::new();
        for record in self.messages.values() {
            for attempt in &record.attempts {
                if let Some(id) = &attempt.vendor_id
                    && !seen.insert((&attempt.line, id))
                {
                    return Some(format!("{id} is claimed twice"));
                }
            }
        }
        None
    }
}

fn may_go(record: &Record, line: &LineName, group: Option<&str>) -> bool {
    match &record.line {
        Some(chosen) => chosen == line,
        None => matches!(&record.route, Route::Group(of) if Some(&**of) == group),
    }
}
