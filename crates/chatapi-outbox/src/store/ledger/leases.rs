//! Who drives a line, and what he notes about it.

use chatapi_client::line::Cursor;
use chatapi_types::UnixMillis;

use super::Ledger;
use crate::State;
use crate::machine::{Figures, Verdict};
use crate::record::{LineName, OutboxId};
use crate::store::{Fenced, Grant, HealthNote, Lease};

impl Ledger {
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
        row.lease = Some(Lease { owner: owner.to_owned(), until: now.plus(figures.lease) });
        let grant = Grant {
            line: line.clone(),
            epoch: row.epoch,
            at: now,
            cursor: row.cursor.clone(),
            trouble_at: row.trouble_at,
        };
        // A clock that jumped may have ended the lease early: what the former owner began counts
        // from now, and what he saw counts no more.
        let trusted_at = now.plus(figures.deadline.saturating_add(figures.settle));
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
            self.heed(id, now);
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

    pub(super) fn fence(&self, grant: &Grant) -> Result<(), Fenced> {
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
}
