//! What is due, too late, or not delivered in time.

use chatapi_types::UnixMillis;

use super::{Ledger, What};
use crate::State;
use crate::record::{OutboxId, Record, Route};
use crate::store::Tended;

impl Ledger {
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
}

/// When there is something to tend about a message.
pub(in crate::store) fn next_to_tend(record: &Record) -> Option<UnixMillis> {
    let watch = record.watch.as_ref().map(|watch| watch.at);
    let expiry = record.expires_at.filter(|_| record.state.is_waiting());
    let sleeps = record.state == State::Accepted && !record.unchecked;
    [watch, expiry, sleeps.then_some(record.next_at)].into_iter().flatten().min()
}
