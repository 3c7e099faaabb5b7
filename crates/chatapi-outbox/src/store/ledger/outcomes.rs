//! What became of an attempt, and of what the vendor had.

use chatapi_types::{MessageId, UnixMillis};

use super::Ledger;
use crate::machine::{Figures, Resolution, Verdict};
use crate::record::{Cleared, Doubt, LineName, OutboxId, Record};
use crate::store::{Fenced, Grant, Intent, Settled};
use crate::{OnDoubt, State};

impl Ledger {
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
        self.heed(id, now);
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
    pub(super) fn doubt(
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
        if let Some(vendor_id) = vendor_id {
            self.name(id, vendor_id);
        }
        self.go(id, State::AtVendor, now, cause);
        self.heed(id, now);
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
        self.named(line, vendor_id).is_some()
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
}
