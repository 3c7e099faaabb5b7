//! The store's transactions as plain functions over plain tables: what every database does, and what
//! the simulator checks.
//!
//! A database hands a [`Ledger`] the part of its tables that a transaction looks at and keeps what
//! the transaction [changed](Ledger::take_touched). Only what is written here decides.

mod changes;
mod evidence;
mod leases;
mod loading;
mod names;
mod outcomes;
mod sending;
mod taking_in;
mod tending;
mod touched;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use chatapi_types::{ChatId, Delivery, MessageId, UnixMillis};

use crate::State;
use crate::machine::Look;
use crate::record::{LineName, OutboxId, Record, Route, Wipe};
use crate::store::{Content, Line};

pub use changes::{Change, What};
use names::Names;

#[cfg(feature = "sql")]
pub(super) use tending::next_to_tend;
pub use touched::Touched;

/// All tables of an outbox, or the part of them that a transaction looks at, in memory.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    messages: BTreeMap<OutboxId, Record>,
    contents: HashMap<OutboxId, Content>,
    keys: HashMap<(String, String), OutboxId>,
    names: Names,
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
        if self.lines.get(&name).is_some_and(|line| line.group == group) {
            return;
        }
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

    /// Whether this transaction wiped what a message says.
    #[cfg(feature = "sql")]
    pub(super) fn has_wiped(&self) -> bool {
        self.touched.contents.iter().any(|id| !self.contents.contains_key(id))
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
        // Only what the vendor certainly does not have, or what may arrive twice by its policy or by a
        // person's word, becomes ready again: any phone of its group may send it. One that is proven
        // absent and taken late all the same (R2) arrives twice through whichever phone.
        if to == State::Ready && matches!(record.route, Route::Group(_)) {
            record.line = None;
        }
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
