//! What must hold at every step, and in the end.

use std::collections::HashMap;

use super::{QUIET, World};
use crate::State;
use crate::record::OutboxId;
use crate::rules::Rules;
use crate::simulation::vendor::Phone;

impl World {
    /// What must hold at every moment.
    pub(super) fn check(&self) -> Result<(), String> {
        for (line, phone) in &self.phones {
            let mut seen: HashMap<OutboxId, u32> = HashMap::new();
            for (id, _) in &phone.taken {
                *seen.entry(*id).or_default() += 1;
            }
            for (id, times) in seen {
                // What the vendor dropped may be sent once more for each time.
                let dropped = phone.dropped.iter().filter(|dropped| **dropped == id).count();
                if times as usize > 1 + dropped {
                    return Err(format!("{id} was sent twice through {line}"));
                }
            }
            if phone.waiting_of_ours() > self.figures.high_water as usize {
                return Err(format!("too many of ours wait at {line}"));
            }
        }
        if let Some(overfilled) = &self.overfilled {
            return Err(overfilled.clone());
        }
        for id in &self.enqueued {
            let all: usize = self.phones.values().map(|phone| count(phone, *id)).sum();
            let dropped: usize =
                self.phones.values().map(|p| p.dropped.iter().filter(|d| *d == id).count()).sum();
            if all > 1 + dropped {
                return Err(format!("{id} was sent twice"));
            }
        }
        if self.figures.rules != Rules::none() {
            let minutes = |(hour, minute): (u8, u8)| i64::from(hour) * 60 + i64::from(minute);
            let quiet = minutes(QUIET.0)..minutes(QUIET.1);
            let attempts = self.ledger.messages().flat_map(|record| &record.attempts);
            for attempt in attempts {
                let minute = attempt.intent_at.as_millis().rem_euclid(86_400_000) / 60_000;
                if quiet.contains(&minute) {
                    return Err(format!("sent in quiet hours, at {}", attempt.intent_at));
                }
            }
        }
        match self.ledger.contradiction() {
            Some(contradiction) => Err(contradiction),
            None => Ok(()),
        }
    }

    /// What must hold once all has settled.
    pub(super) fn last_check(&self) -> Result<(), String> {
        for id in &self.enqueued {
            let Some(record) = self.ledger.message(*id) else {
                return Err(format!("{id} was lost by the store"));
            };
            let there = self.phones.values().any(|phone| phone.has(*id));
            let fine = match record.state {
                State::Sent | State::Delivered | State::Read => there,
                State::Failed | State::Dead => !there,
                _ if self.is_stuck(record) => true,
                state => return Err(format!("{id} is still {state}\n{record:?}")),
            };
            if !fine {
                return Err(format!(
                    "{id} is {} and the vendor {} it: lost",
                    record.state,
                    if there { "has" } else { "does not have" }
                ));
            }
        }
        self.check_order()
    }

    /// Messages of one order key are taken in the order in which they came, as far as they were
    /// taken once.
    fn check_order(&self) -> Result<(), String> {
        for phone in self.phones.values() {
            let mut last: HashMap<&String, u64> = HashMap::new();
            for (id, _) in &phone.taken {
                let Some((_, _, Some(key))) = self.texts.get(id) else { continue };
                let Some(record) = self.ledger.message(*id) else { continue };
                if phone.dropped.contains(id) {
                    continue;
                }
                let seq = record.seq;
                if let Some(before) = last.insert(key, seq)
                    && before > seq
                {
                    return Err(format!("{id} was overtaken"));
                }
            }
        }
        Ok(())
    }
}

fn count(phone: &Phone, id: OutboxId) -> usize {
    phone.taken.iter().filter(|(taken, _)| *taken == id).count()
}
