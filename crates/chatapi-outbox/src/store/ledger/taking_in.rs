//! Messages in, and what callers and people decide about them.

use chatapi_types::{ChatId, UnixMillis};

use super::{Ledger, What};
use crate::State;
use crate::machine::Look;
use crate::record::{OutboxId, Record, Route, Wipe};
use crate::store::{
    Checked, Content, Edited, Enqueued, NewMessage, NotEnqueued, Place, Review, Settled,
};

impl Ledger {
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
    pub(in crate::store) fn purge(
        &mut self,
        before: UnixMillis,
        limit: usize,
        seen: Option<Place>,
    ) -> u64 {
        let old = self
            .messages
            .values()
            .filter(|record| record.state.is_settled() && record.created_at < before);
        let ids: Vec<OutboxId> = old.map(|record| record.id).take(limit).collect();
        for id in &ids {
            if let Some(record) = self.messages.remove(id) {
                self.names.forget(&record);
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
}
