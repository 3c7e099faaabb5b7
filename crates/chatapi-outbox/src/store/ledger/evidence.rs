//! What the vendor tells by itself, and what its history shows.

use chatapi_client::line::Sightings;
use chatapi_types::{Delivery, MessageId, UnixMillis};

use super::{Ledger, Orphan};
use crate::State;
use crate::machine::{Look, after_ack};
use crate::record::LineName;
use crate::store::Taken;

impl Ledger {
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
        if self.messages.get(&id).is_some_and(|record| record.vendor_id.is_none()) {
            self.name(id, vendor_id.clone());
        }
        if let Some(record) = self.messages.get_mut(&id) {
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
