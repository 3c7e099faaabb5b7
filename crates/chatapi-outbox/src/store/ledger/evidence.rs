//! What the vendor tells by itself, and what its history shows.

use chatapi_client::line::Sightings;
use chatapi_types::{Delivery, MessageId, UnixMillis};

use super::{Ledger, Orphan};
use crate::State;
use crate::machine::{Look, Tells, after_ack};
use crate::record::{Attempt, LineName, OutboxId};
use crate::store::Taken;

impl Ledger {
    /// An acknowledgement came in. One that nobody here knows is kept: it may have overtaken the
    /// answer to its own attempt. So is one of an earlier attempt while the latest is on its way.
    pub fn ack(
        &mut self,
        line: &LineName,
        vendor_id: &MessageId,
        queue_number: Option<u64>,
        ack: &Delivery,
        now: UnixMillis,
    ) -> Taken {
        let by_id = self.named(line, vendor_id);
        let by_number = || {
            let number = queue_number?;
            self.messages.values().find(|record| {
                record.line.as_ref() == Some(line)
                    && record.state == State::AtVendor
                    && record.vendor_id.is_none()
                    && record.queue_number == Some(number)
            })
        };
        let found = by_id.or_else(by_number).map(|record| (record.id, record.state));
        let Some((id, state)) = found.filter(|(_, state)| *state != State::Sending) else {
            // It can only be ours if the vendor has one of ours whose id is not known yet.
            let may_be_ours = || {
                self.messages.values().any(|record| {
                    record.line.as_ref() == Some(line)
                        && (matches!(record.state, State::Sending | State::InDoubt)
                            || record.state == State::AtVendor && record.vendor_id.is_none())
                })
            };
            if found.is_none() && !may_be_ours() {
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
        let taken = self.apply(id, state, line, vendor_id, ack, now);
        // What was said of it before its id was known.
        self.heed_name(line, vendor_id, now);
        taken
    }

    fn apply(
        &mut self,
        id: OutboxId,
        state: State,
        line: &LineName,
        vendor_id: &MessageId,
        ack: &Delivery,
        now: UnixMillis,
    ) -> Taken {
        let Some(record) = self.messages.get_mut(&id) else { return Taken::NoNews };
        let is_it = |attempt: &Attempt| {
            attempt.line == *line && attempt.vendor_id.as_ref() == Some(vendor_id)
        };
        let tells = match record.attempts.iter().rposition(is_it) {
            Some(which) if which + 1 < record.attempts.len() => Tells::Earlier,
            // One that was lost has left its id behind.
            Some(_) if state == State::Ready && record.vendor_id.is_some() => Tells::Failed,
            _ => Tells::Latest,
        };
        let is_named = record.attempts.iter().any(is_it);
        let Some(next) = after_ack(state, ack, tells) else { return Taken::NoNews };
        record.doubt = None;
        if record.vendor_id.is_none() && is_named {
            record.vendor_id = Some(vendor_id.clone());
        }
        let told = match next {
            State::AtVendor => Some(&mut record.at_vendor_since),
            State::Sent => Some(&mut record.sent_at),
            State::Delivered => Some(&mut record.delivered_at),
            State::Read => Some(&mut record.read_at),
            _ => None,
        };
        if let Some(told) = told {
            told.get_or_insert(now);
        }
        if !is_named {
            self.name(id, vendor_id.clone());
        }
        self.go(id, next, now, &format!("the vendor says {ack}"));
        Taken::Applied
    }

    /// Takes what was kept about a message while nobody knew its id, or while it was being sent.
    pub(super) fn heed(&mut self, id: OutboxId, now: UnixMillis) {
        let attempts = self.messages.get(&id).map(|record| record.attempts.as_slice());
        let names = attempts.unwrap_or_default().iter();
        let names =
            names.filter_map(|attempt| Some((attempt.line.clone(), attempt.vendor_id.clone()?)));
        for (line, name) in names.collect::<Vec<_>>() {
            self.heed_name(&line, &name, now);
        }
    }

    fn heed_name(&mut self, line: &LineName, name: &MessageId, now: UnixMillis) {
        let mut kept = Vec::new();
        self.orphans.retain(|orphan| {
            let is_its = orphan.line == *line && orphan.vendor_id == *name;
            if is_its {
                kept.push(orphan.ack.clone());
            }
            !is_its
        });
        if !kept.is_empty() {
            self.touched.adopted.push((line.clone(), name.clone()));
        }
        for ack in kept {
            self.ack(line, name, None, &ack, now);
        }
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
                self.name(id, sighting.id.clone());
            }
            let delivery = match sighting.delivery.progress() {
                // What stands in the history has left the queue.
                None | Some(0) => Delivery::Sent,
                Some(_) => sighting.delivery.clone(),
            };
            self.ack(line, &sighting.id, None, &delivery, now);
        }
    }
}

#[cfg(test)]
mod tests;
