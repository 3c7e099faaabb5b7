//! The store's transactions as plain functions over plain tables: what every database does, and what
//! the simulator checks.
//!
//! A database hands a [`Ledger`] the part of its tables that a transaction looks at and keeps what
//! the transaction [changed](Ledger::take_touched). Only what is written here decides.

mod changes;
mod touched;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use chatapi_client::line::{Cursor, Sightings};
use chatapi_types::{ChatId, Delivery, MessageId, UnixMillis};

use super::{
    Checked, Content, Edited, Enqueued, Fenced, Grant, HealthNote, Intend, Intended, Intent, Line,
    NewMessage, NotEnqueued, Place, Review, Settled, Taken, Tended,
};
use crate::machine::{Figures, Look, Resolution, Verdict, after_ack};
use crate::record::{Attempt, Cleared, Doubt, LineName, OutboxId, Record, Route, Wipe};
use crate::rules::Pause;
use crate::{OnDoubt, State};

pub use changes::{Change, What};
pub use touched::Touched;

/// All tables of an outbox, or the part of them that a transaction looks at, in memory.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    messages: BTreeMap<OutboxId, Record>,
    contents: HashMap<OutboxId, Content>,
    keys: HashMap<(String, String), OutboxId>,
    lines: BTreeMap<LineName, Line>,
    /// Acknowledgements that came before the answer to the attempt.
    orphans: Vec<Orphan>,
    changes: Vec<Change>,
    last_change: u64,
    /// Places in the order of messages that a database gave out for this transaction.
    places: VecDeque<u64>,
    last_seq: u64,
    /// How many messages of a line are at the vendor that are not among those loaded.
    at_vendor_beyond: BTreeMap<LineName, usize>,
    /// To which chats lines have tried to write with messages that are not loaded.
    contacts_beyond: BTreeSet<(LineName, ChatId)>,
    /// When there is something to tend about the first of those that are not loaded.
    tend_beyond: Option<UnixMillis>,
    touched: Touched,
    /// What planted faults switch off, so that the simulator is known to find them.
    #[cfg(test)]
    pub(crate) planted: crate::simulation::Planted,
}

/// An acknowledgement of a message that nobody here knows yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Orphan {
    /// Of which phone.
    pub line: LineName,
    /// The vendor's id of the message.
    pub vendor_id: MessageId,
    /// What it says.
    pub ack: Delivery,
    /// When it came.
    pub at: UnixMillis,
}

impl Ledger {
    /// Adds a line, or changes the group of one that is known.
    pub fn add_line(&mut self, name: LineName, group: Option<Box<str>>, now: UnixMillis) {
        self.touched.lines.insert(name.clone());
        let new = Line { added_at: Some(now), ..Line::default() };
        self.lines.entry(name).or_insert(new).group = group;
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

    /// What a message says; `None` when that was wiped.
    #[must_use]
    pub fn content(&self, id: OutboxId) -> Option<&Content> {
        self.contents.get(&id)
    }

    /// A line.
    #[must_use]
    pub fn line(&self, name: &LineName) -> Option<&Line> {
        self.lines.get(name)
    }

    /// Every line.
    pub fn lines(&self) -> impl Iterator<Item = (&LineName, &Line)> {
        self.lines.iter()
    }

    /// Everything that happened, oldest first.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// For a database: a message that a transaction looks at.
    pub fn load_message(&mut self, record: Record) {
        self.last_seq = self.last_seq.max(record.seq);
        self.keys.insert((record.namespace.clone(), record.key.clone()), record.id);
        self.messages.insert(record.id, record);
    }

    /// For a database: a line that a transaction looks at.
    pub fn load_line(&mut self, name: LineName, line: Line) {
        self.lines.insert(name, line);
    }

    /// For a database: an acknowledgement that is kept.
    pub fn load_orphan(&mut self, orphan: Orphan) {
        self.orphans.push(orphan);
    }

    /// For a database: places in the order of messages, for those that come.
    pub fn load_places(&mut self, places: impl IntoIterator<Item = u64>) {
        self.places.extend(places);
    }

    /// For a database: whether the message under a key is there.
    #[must_use]
    pub fn knows_key(&self, key: &(String, String)) -> bool {
        self.keys.contains_key(key)
    }

    /// For a database: how many of a line's messages are at the vendor besides those that are loaded.
    pub fn load_at_vendor_beyond(&mut self, line: LineName, messages: usize) {
        self.at_vendor_beyond.insert(line, messages);
    }

    /// For a database: a line has tried to write to that chat.
    pub fn load_contact(&mut self, line: LineName, chat: ChatId) {
        self.contacts_beyond.insert((line, chat));
    }

    /// For a database: when there is something to tend about the first message that is not loaded.
    pub const fn load_tend_beyond(&mut self, next: UnixMillis) {
        self.tend_beyond = Some(next);
    }

    /// For a database: what the transaction changed, and what happened. Asked once, at its end.
    pub fn take_touched(&mut self) -> (Touched, Vec<Change>) {
        (std::mem::take(&mut self.touched), std::mem::take(&mut self.changes))
    }

    /// Where nothing is to be kept elsewhere.
    pub(super) fn forget_touched(&mut self) {
        self.touched = Touched::default();
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
    ) -> Result<Enqueued, NotEnqueued> {
        let key = (new.namespace, new.key);
        if let Some(known) = self.keys.get(&key).and_then(|id| self.messages.get(id)) {
            // Of one whose content was wiped nothing is left to compare.
            return match known.content_hash.is_none_or(|hash| hash == new.content_hash) {
                true => Ok(Enqueued { id: known.id, is_new: false }),
                false => Err(NotEnqueued::Conflict { id: known.id }),
            };
        }
        let seq = self.places.pop_front().unwrap_or(self.last_seq + 1);
        self.last_seq = self.last_seq.max(seq);
        let is_early = new.not_before.is_some_and(|at| at > now);
        let state = if is_early || new.unchecked { State::Accepted } else { State::Ready };
        let record = Record {
            id,
            seq,
            namespace: key.0.clone(),
            key: key.1.clone(),
            content_hash: Some(new.content_hash),
            label: new.label,
            created_at: now,
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
            sent_at: None,
            delivered_at: None,
            read_at: None,
            last_error: None,
            on_doubt: new.on_doubt,
            unchecked: new.unchecked,
            watch: new.watch,
            cleared: None,
            wipe: new.wipe,
            wiped: false,
        };
        self.keys.insert(key, id);
        self.messages.insert(id, record);
        self.contents.insert(id, new.content);
        self.touched.messages.insert(id);
        self.touched.contents.insert(id);
        self.changed(id, What::Enqueued, None, state, now, "enqueued");
        Ok(Enqueued { id, is_new: true })
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
        self.touched.lines.insert(line.clone());
        let row = self.lines.get_mut(line)?;
        if let Some(lease) = &row.lease
            && now < lease.until.plus(figures.takeover_guard())
        {
            return None;
        }
        row.epoch += 1;
        row.lease = Some(super::Lease { owner: owner.to_owned(), until: now.plus(figures.lease) });
        let grant = Grant {
            line: line.clone(),
            epoch: row.epoch,
            at: now,
            cursor: row.cursor.clone(),
            trouble_at: row.trouble_at,
        };
        // A clock that jumped may have ended the lease early: what the former owner began counts
        // from now, and what he saw counts no more.
        let trusted_at = now.plus(figures.deadline + figures.settle);
        for record in self.messages.values_mut() {
            if record.line.as_ref() == Some(line)
                && record.state == State::InDoubt
                && let Some(doubt) = &mut record.doubt
            {
                doubt.settled_at = doubt.settled_at.max(trusted_at);
                doubt.absent_at = None;
                self.touched.messages.insert(record.id);
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
        self.touched.lines.insert(grant.line.clone());
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
        self.touched.lines.insert(grant.line.clone());
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
        let at_vendor = at_vendor.filter(|record| record.state == State::AtVendor).count()
            + self.at_vendor_beyond.get(line).copied().unwrap_or_default();
        if at_vendor >= figures.high_water as usize {
            return Ok(Intended::Full);
        }
        let group = row.group.clone();
        let Some(id) = self.next_ready(line, group.as_deref(), now) else {
            let due = self.next_due(line, group.as_deref(), now);
            return Ok(Intended::Nothing { due, at_vendor: at_vendor > 0 });
        };
        let Some(record) = self.messages.get(&id) else { return Err(Fenced) };
        let rules = &figures.rules;
        let pauses_line = rules.pauses_line(line, row, now);
        let is_stranger = rules.counts_strangers() && self.is_stranger(line, &record.chat);
        let pause = match &pauses_line {
            Some(pause) => Some(pause.clone()),
            None => rules.pauses_message(record, (line, row), is_stranger, now),
        };
        let is_ours = record.line.is_some();
        let tally = rules.tally(record, (line, row), is_stranger, now);
        if let Some(pause) = pause {
            // What is for a group may go through another of its phones today.
            if pauses_line.is_none() || is_ours {
                self.delay(id, &pause, now);
            }
            return Ok(match pauses_line {
                Some(pause) => Intended::Capped { until: pause.until, at_vendor: at_vendor > 0 },
                None => Intended::Delayed,
            });
        }
        self.touched.lines.insert(line.clone());
        if let Some(row) = self.lines.get_mut(line) {
            row.free_at = ask.next_departure.max(row.free_at);
            row.tally = tally;
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
            outcome: None,
        });
        let intent =
            Intent { id, attempt: number, chat: record.chat.clone(), at: now, deadline_at };
        self.go(id, State::Sending, now, "intent written down");
        Ok(Intended::Send(intent))
    }

    /// Whether a line has never tried to write to a chat, as far as is known.
    fn is_stranger(&self, line: &LineName, chat: &ChatId) -> bool {
        let mut to_chat = self.messages.values().filter(|record| record.chat == *chat);
        !self.contacts_beyond.contains(&(line.clone(), chat.clone()))
            && !to_chat.any(|record| record.attempts.iter().any(|attempt| attempt.line == *line))
    }

    /// A message waits, and keeps its place among those of its order key.
    fn delay(&mut self, id: OutboxId, pause: &Pause, now: UnixMillis) {
        let Some(record) = self.messages.get_mut(&id) else { return };
        record.next_at = pause.until;
        let state = record.state;
        self.touched.messages.insert(id);
        self.changed(id, What::Delayed, Some(state), state, now, &pause.why);
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
            let late = record.expires_at.is_some_and(|at| at <= now);
            if !due
                || late
                || !may_go(record, line, group)
                || self.is_held_by_order(record, line, now)
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

    fn is_held_by_order(&self, record: &Record, line: &LineName, now: UnixMillis) -> bool {
        let Some(key) = &record.order_key else { return false };
        self.messages.values().any(|other| {
            let same = other.order_key.as_ref() == Some(key) && other.id != record.id;
            // What is being checked, or is to be woken this very moment, keeps its place.
            let held = other.state == State::Accepted && other.next_at <= now;
            let before = other.seq < record.seq && (other.state.holds_order() || held);
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
            record.state == State::Ready && record.next_at > now && may_go(record, line, group)
        });
        waiting.map(|record| record.next_at).min()
    }

    /// Looks over what waits: what is due becomes ready, what is too late expires, and of what was
    /// not delivered in time it is told.
    pub fn tend(&mut self, now: UnixMillis) -> Tended {
        let mut tended = Tended::default();
        let mut moves = Vec::new();
        let mut late = Vec::new();
        for record in self.messages.values() {
            if record.watch.as_ref().is_some_and(|watch| watch.at <= now) {
                late.push(record.id);
            }
            if !record.state.is_waiting() {
                continue;
            }
            if record.expires_at.is_some_and(|at| at <= now) {
                tended.expired += 1;
                moves.push((record.id, State::Expired, "its time ran out"));
            } else if record.state == State::Accepted && !record.unchecked && record.next_at <= now
            {
                tended.woken += 1;
                moves.push((record.id, State::Ready, "its time has come"));
            }
        }
        for (id, state, cause) in moves {
            self.go(id, state, now, cause);
        }
        for id in late {
            tended.overdue += usize::from(self.not_delivered(id, now));
        }
        let loaded = self.messages.values().filter_map(next_to_tend);
        tended.next = loaded.chain(self.tend_beyond).min();
        tended
    }

    /// The time by which a message should have been delivered is over.
    fn not_delivered(&mut self, id: OutboxId, now: UnixMillis) -> bool {
        let Some(record) = self.messages.get_mut(&id) else { return false };
        let Some(watch) = record.watch.take() else { return false };
        self.touched.messages.insert(id);
        if matches!(record.state, State::Delivered | State::Read | State::Cancelled) {
            return false;
        }
        let (state, waits) = (record.state, record.state.is_waiting());
        let cause = match watch.reroute {
            Some(route) if waits && record.route != route => {
                record.line = match &route {
                    Route::Line(line) => Some(line.clone()),
                    Route::Group(_) => None,
                };
                record.route = route;
                "not delivered in time: another way is tried"
            }
            _ => "not delivered in time",
        };
        self.changed(id, What::NotDelivered, Some(state), state, now, cause);
        true
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
                self.attempted(id, &reason);
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
        self.attempted(id, &reason);
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
        if let Some(attempt) = record.attempts.last_mut() {
            attempt.outcome = Some(cause.to_owned());
        }
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
        self.orphans.retain(|orphan| {
            let is_his = orphan.line == line && orphan.vendor_id == vendor_id;
            if is_his {
                early.push(orphan.ack.clone());
            }
            !is_his
        });
        if !early.is_empty() {
            self.touched.adopted.push((line.clone(), vendor_id.clone()));
        }
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
                self.attempted(id, "absent at the vendor");
                self.go(id, State::Ready, now, "twice seen to be absent at the vendor");
            }
            Resolution::Review(reason) => {
                self.said(id, &reason);
                self.go(id, State::NeedsReview, now, &reason);
            }
            Resolution::LookAgain { absent_at, .. } => {
                if let Some(doubt) = &mut record.doubt {
                    doubt.absent_at = absent_at;
                    self.touched.messages.insert(id);
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
        let on_doubt = record.on_doubt.unwrap_or(figures.on_doubt);
        self.go(id, State::LostAtVendor, now, "absent from the vendor's queue and history");
        let cleared = self.messages.get_mut(&id).and_then(|record| record.cleared.take());
        let resends = match cleared {
            Some(Cleared::Cancel) => {
                self.go(id, State::Cancelled, now, "the vendor's queue was cleared");
                return Ok(Settled::Done);
            }
            Some(Cleared::SendAgain) => true,
            _ => figures.resend_lost && on_doubt != OnDoubt::Hold,
        };
        match resends {
            true => self.go(id, State::Ready, now, "proven lost: to be sent again"),
            false => self.go(id, State::NeedsReview, now, "lost at the vendor"),
        }
        Ok(Settled::Done)
    }

    /// We have had a vendor's queue cleared: what it had of ours is to be looked for now. Gives back
    /// how many messages that are.
    pub fn clear(&mut self, line: &LineName, what: Cleared) -> usize {
        let mut count = 0;
        for record in self.messages.values_mut() {
            if record.line.as_ref() == Some(line) && record.state == State::AtVendor {
                record.cleared = Some(what);
                record.at_vendor_since = Some(UnixMillis::from_millis(0));
                self.touched.messages.insert(record.id);
                count += 1;
            }
        }
        count
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
            let orphan = Orphan {
                line: line.clone(),
                vendor_id: vendor_id.clone(),
                ack: ack.clone(),
                at: now,
            };
            if !self.orphans.contains(&orphan) {
                self.touched.orphans.push(orphan.clone());
                self.orphans.push(orphan);
            }
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
            let told = match next {
                State::Sent => Some(&mut record.sent_at),
                State::Delivered => Some(&mut record.delivered_at),
                State::Read => Some(&mut record.read_at),
                _ => None,
            };
            if let Some(told) = told {
                told.get_or_insert(now);
            }
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
                self.touched.messages.insert(id);
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
        let nothing_to_send = decision == Review::Resend && record.wiped;
        if !is_open || nothing_to_send {
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

    /// Puts another content in the place of one that still waits. The key stands for what was
    /// enqueued first.
    pub fn edit(
        &mut self,
        id: OutboxId,
        content: Content,
        look: Look,
        is_file: bool,
        now: UnixMillis,
    ) -> Edited {
        let Some(record) = self.messages.get_mut(&id) else { return Edited::Unknown };
        let state = record.state;
        if !state.is_waiting() {
            return Edited::TooLate(state);
        }
        record.look = look;
        record.is_file = is_file;
        self.contents.insert(id, content);
        self.touched.messages.insert(id);
        self.touched.contents.insert(id);
        self.changed(id, What::Edited, Some(state), state, now, "edited");
        Edited::Done
    }

    /// What checking a recipient or a link came to.
    pub fn checked(&mut self, id: OutboxId, checked: Checked, now: UnixMillis) -> Settled {
        let Some(record) = self.messages.get_mut(&id) else { return Settled::Passed };
        if record.state != State::Accepted || !record.unchecked {
            return Settled::Passed;
        }
        self.touched.messages.insert(id);
        match checked {
            Checked::Passed => self.is_checked(id, now, "checked"),
            Checked::Unknown(reason) => {
                self.is_checked(id, now, &format!("leaves unchecked: {reason}"));
            }
            Checked::Failed(reason) => {
                record.unchecked = false;
                self.said(id, &reason);
                self.go(id, State::Failed, now, &reason);
            }
            Checked::Later(at) => record.next_at = at.max(now),
        }
        Settled::Done
    }

    fn is_checked(&mut self, id: OutboxId, now: UnixMillis, cause: &str) {
        let Some(record) = self.messages.get_mut(&id) else { return };
        record.unchecked = false;
        if record.next_at <= now {
            self.go(id, State::Ready, now, cause);
        }
    }

    /// Erases a recipient: what waits is cancelled, and of everything else content and recipient go
    /// as soon as nothing more has to be done with it. Gives back how many messages that are.
    pub fn forget(&mut self, chat: &ChatId, now: UnixMillis) -> usize {
        let of_chat = self.messages.values().filter(|record| record.chat == *chat);
        let ids: Vec<OutboxId> = of_chat.map(|record| record.id).collect();
        for id in &ids {
            self.touched.messages.insert(*id);
            let Some(record) = self.messages.get_mut(id) else { continue };
            record.wipe = Wipe::Everything;
            if record.state.is_waiting() {
                self.go(*id, State::Cancelled, now, "its recipient is to be forgotten");
            } else {
                self.wipe(*id);
            }
        }
        ids.len()
    }

    /// Deletes settled messages that came before then, and changes that came before then and that
    /// were seen by every consumer. Gives back how many messages.
    pub(super) fn purge(&mut self, before: UnixMillis, limit: usize, seen: Option<Place>) -> u64 {
        let old = self
            .messages
            .values()
            .filter(|record| record.state.is_settled() && record.created_at < before);
        let ids: Vec<OutboxId> = old.map(|record| record.id).take(limit).collect();
        for id in &ids {
            if let Some(record) = self.messages.remove(id) {
                self.keys.remove(&(record.namespace, record.key));
            }
            self.contents.remove(id);
        }
        self.orphans.retain(|orphan| orphan.at >= before);
        self.changes.retain(|change| {
            change.at >= before || seen.is_some_and(|seen| change.number > seen.number)
        });
        ids.len() as u64
    }

    /// Notes the place in a line's history.
    ///
    /// # Errors
    ///
    /// [`Fenced`] when somebody else drives the line.
    pub fn note_cursor(&mut self, grant: &Grant, cursor: Cursor) -> Result<(), Fenced> {
        self.fence(grant)?;
        self.touched.lines.insert(grant.line.clone());
        if let Some(row) = self.lines.get_mut(&grant.line) {
            row.cursor = Some(cursor);
        }
        Ok(())
    }

    /// Notes how a phone is.
    ///
    /// # Errors
    ///
    /// [`Fenced`] when somebody else drives the line.
    pub fn note_health(&mut self, grant: &Grant, note: HealthNote) -> Result<(), Fenced> {
        self.fence(grant)?;
        self.touched.lines.insert(grant.line.clone());
        if let Some(row) = self.lines.get_mut(&grant.line) {
            if !note.can_send {
                row.trouble_at = Some(note.at);
            }
            row.health = Some(note);
        }
        Ok(())
    }

    fn said(&mut self, id: OutboxId, reason: &str) {
        if let Some(record) = self.messages.get_mut(&id) {
            record.last_error = Some(reason.to_owned());
        }
    }

    fn attempted(&mut self, id: OutboxId, outcome: &str) {
        let record = self.messages.get_mut(&id);
        if let Some(attempt) = record.and_then(|record| record.attempts.last_mut()) {
            attempt.outcome = Some(outcome.to_owned());
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
        self.touched.messages.insert(id);
        self.changed(id, What::Moved, Some(from), to, at, cause);
        self.wipe(id);
    }

    /// Wipes what is not to be kept, once the outbox has nothing more to do with it.
    fn wipe(&mut self, id: OutboxId) {
        let Some(record) = self.messages.get_mut(&id) else { return };
        if record.wipe == Wipe::Never || !record.state.is_settled() {
            return;
        }
        if !record.wiped {
            record.wiped = true;
            record.content_hash = None;
            record.look = Look::none();
            self.contents.remove(&id);
            self.touched.contents.insert(id);
        }
        if record.wipe == Wipe::Everything {
            record.chat = ChatId::new("forgotten");
            record.order_key = None;
        }
    }

    fn changed(
        &mut self,
        id: OutboxId,
        what: What,
        from: Option<State>,
        to: State,
        at: UnixMillis,
        why: &str,
    ) {
        // Also of those that are deleted by now: a consumer may have come so far.
        self.last_change += 1;
        let number = self.last_change;
        let cause = why.to_owned();
        self.changes.push(Change { number, id, at, what, from, to, cause });
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

/// When there is something to tend about a message.
pub(super) fn next_to_tend(record: &Record) -> Option<UnixMillis> {
    let watch = record.watch.as_ref().map(|watch| watch.at);
    let expiry = record.expires_at.filter(|_| record.state.is_waiting());
    let sleeps = record.state == State::Accepted && !record.unchecked;
    [watch, expiry, sleeps.then_some(record.next_at)].into_iter().flatten().min()
}

fn may_go(record: &Record, line: &LineName, group: Option<&str>) -> bool {
    match &record.line {
        Some(chosen) => chosen == line,
        None => matches!(&record.route, Route::Group(of) if Some(&**of) == group),
    }
}
