//! What a database hands in, and what it takes back.

use chatapi_types::{ChatId, UnixMillis};

use super::{Change, Ledger, Orphan, Touched};
use crate::record::{LineName, OutboxId, Record};
use crate::store::{Content, Line};

impl Ledger {
    /// For a database: a message that a transaction looks at.
    pub fn load_message(&mut self, record: Record) {
        self.last_seq = self.last_seq.max(record.seq);
        self.keys.insert((record.namespace.clone(), record.key.clone()), record.id);
        self.names.learn(&record);
        self.messages.insert(record.id, record);
    }

    /// For a database: what a message says that may be sent next, if it carries no file.
    pub fn load_content(&mut self, id: OutboxId, content: Content) {
        self.contents.insert(id, content);
    }

    /// For a database: a line that a transaction looks at.
    pub fn load_line(&mut self, name: LineName, line: Line) {
        self.lines.insert(name, line);
    }

    /// For a database: an acknowledgement that is kept.
    pub fn load_orphan(&mut self, orphan: Orphan) {
        self.orphans.push(orphan);
    }

    /// For a database: places in the order of messages, for those that come.
    pub fn load_places(&mut self, places: impl IntoIterator<Item = u64>) {
        self.places.extend(places);
    }

    /// For a database: whether the message under a key is there.
    #[must_use]
    pub fn knows_key(&self, key: &(String, String)) -> bool {
        self.keys.contains_key(key)
    }

    /// For a database: how many of a line's messages are at the vendor besides those that are loaded.
    pub fn load_at_vendor_beyond(&mut self, line: LineName, messages: usize) {
        self.at_vendor_beyond.insert(line, messages);
    }

    /// For a database: a line has tried to write to that chat.
    pub fn load_contact(&mut self, line: LineName, chat: ChatId) {
        self.contacts_beyond.insert((line, chat));
    }

    /// For a database: when there is something to tend about the first message that is not loaded.
    pub const fn load_tend_beyond(&mut self, next: UnixMillis) {
        self.tend_beyond = Some(next);
    }

    /// For a database: what the transaction changed, and what happened. Asked once, at its end.
    pub fn take_touched(&mut self) -> (Touched, Vec<Change>) {
        (std::mem::take(&mut self.touched), std::mem::take(&mut self.changes))
    }

    /// Where nothing is to be kept elsewhere.
    pub(in crate::store) fn forget_touched(&mut self) {
        self.touched = Touched::default();
    }
}
