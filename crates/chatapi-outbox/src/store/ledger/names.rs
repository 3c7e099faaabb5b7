//! Which message of ours the vendor means by an id.

use std::collections::HashMap;

use chatapi_types::MessageId;

use super::Ledger;
use crate::record::{LineName, OutboxId, Record};

/// The ids that vendors gave to attempts, for every line by itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(HashMap<LineName, HashMap<MessageId, OutboxId>>);

impl Names {
    /// The ids of a message's attempts.
    pub(super) fn learn(&mut self, record: &Record) {
        for attempt in &record.attempts {
            if let Some(name) = &attempt.vendor_id {
                let of_line = self.0.entry(attempt.line.clone()).or_default();
                of_line.insert(name.clone(), record.id);
            }
        }
    }

    /// They are no message's any more.
    pub(super) fn forget(&mut self, record: &Record) {
        for attempt in &record.attempts {
            if let Some(name) = &attempt.vendor_id
                && let Some(of_line) = self.0.get_mut(&attempt.line)
            {
                of_line.remove(name);
            }
        }
    }

    fn find(&self, line: &LineName, name: &MessageId) -> Option<OutboxId> {
        self.0.get(line)?.get(name).copied()
    }
}

impl Ledger {
    /// The message that the vendor knows by that id, whichever of its attempts that was.
    pub(super) fn named(&self, line: &LineName, name: &MessageId) -> Option<&Record> {
        self.messages.get(&self.names.find(line, name)?)
    }

    /// The vendor's id of a message becomes known, or another one.
    pub(super) fn name(&mut self, id: OutboxId, name: MessageId) {
        let Some(record) = self.messages.get_mut(&id) else { return };
        self.names.forget(record);
        if let Some(attempt) = record.attempts.last_mut() {
            attempt.vendor_id = Some(name.clone());
        }
        record.vendor_id = Some(name);
        self.names.learn(record);
    }
}
