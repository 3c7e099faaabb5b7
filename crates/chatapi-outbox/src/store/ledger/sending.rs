//! Which message is sent next, and that it is about to be.

use std::sync::Arc;

use chatapi_types::{ChatId, UnixMillis};

use super::{Ledger, What};
use crate::State;
use crate::machine::{Figures, Verdict};
use crate::record::{Attempt, LineName, OutboxId, Record, Route};
use crate::rules::Pause;
use crate::store::{Fenced, Grant, Intend, Intended, Intent, Settled, Turned};

impl Ledger {
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
        // The ids of an earlier attempt are not this one's.
        record.vendor_id = None;
        record.queue_number = None;
        record.at_vendor_since = None;
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
        let chat = record.chat.clone();
        let content = self.contents.get(&id).filter(|content| content.blob.is_none());
        let content = content.cloned().map(Arc::new);
        let intent = Intent { id, attempt: number, chat, at: now, deadline_at, content };
        self.go(id, State::Sending, now, "intent written down");
        Ok(Intended::Send(intent))
    }

    /// Writes down what an attempt came to and, where the vendor took the message and named it, the
    /// intent to send the next one.
    ///
    /// # Errors
    ///
    /// [`Fenced`] when somebody else drives the line.
    pub fn turn(
        &mut self,
        ask: &Intend,
        (intent, verdict): (&Intent, &Verdict),
        figures: &Figures,
        now: UnixMillis,
    ) -> Result<Turned, Fenced> {
        // Of any other outcome it depends what may be sent next, and a database finds that out
        // before the outcome is known to it.
        let is_plain = matches!(verdict, Verdict::Accepted { id: Some(_), .. });
        let settled = self.settle(&ask.grant, intent, verdict.clone(), figures, now)?;
        let next = is_plain.then(|| self.intend(ask, figures, now)).transpose()?;
        Ok(Turned { settled, next })
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
        self.heed(intent.id, now);
        Ok(Settled::Done)
    }

    /// Whether an attempt is still the one that is being made.
    pub(super) fn is_current(&self, grant: &Grant, intent: &Intent) -> bool {
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
}

fn may_go(record: &Record, line: &LineName, group: Option<&str>) -> bool {
    match &record.line {
        Some(chosen) => chosen == line,
        None => matches!(&record.route, Route::Group(of) if Some(&**of) == group),
    }
}
