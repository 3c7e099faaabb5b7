//! Which part of the tables a transaction looks at.

use std::collections::BTreeSet;

use chatapi_types::{ChatId, MessageId};

use crate::record::{LineName, OutboxId};

/// Which part of the tables a transaction looks at. Whatever is not asked for is not there, as far
/// as the transaction can see.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Needs {
    /// These lines, to be changed.
    pub lines: BTreeSet<LineName>,
    /// Of these lines every message in flight or in doubt, and those at the vendor whose id is not
    /// known yet.
    pub unsure: BTreeSet<LineName>,
    /// Of these lines every message in flight, in doubt or at the vendor.
    pub driven: BTreeSet<LineName>,
    /// Of these lines all that [`Ledger::intend`](super::Ledger::intend) looks at: the line itself,
    /// what is in flight or in doubt, how many are at the vendor, what may be sent next, and, if
    /// that is nothing, what will be due next. Transactions that look for what is next come first in
    /// what is joined: whatever the others change was not looked at for them.
    pub next: BTreeSet<LineName>,
    /// Whether, of [`next`](Self::next), it is asked to which chats these lines have ever tried to
    /// write.
    pub contacts: bool,
    /// These messages.
    pub messages: BTreeSet<OutboxId>,
    /// The messages under these keys (namespace, key), and places for as many new ones.
    pub keys: BTreeSet<(String, String)>,
    /// The messages that the vendor knows by these ids, and what was kept about these.
    pub vendor_ids: BTreeSet<(LineName, MessageId)>,
    /// What is to be looked over: due, out of time, not delivered in time. At most that many.
    pub tend: usize,
    /// Every message to this chat.
    pub chat: Option<ChatId>,
}

impl Needs {
    /// Nothing yet.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// A line.
    #[must_use]
    pub fn line(mut self, line: &LineName) -> Self {
        self.lines.insert(line.clone());
        self
    }

    /// A line's messages in flight or in doubt, and at the vendor without an id.
    #[must_use]
    pub fn unsure(mut self, line: &LineName) -> Self {
        self.unsure.insert(line.clone());
        self
    }

    /// A line's messages in flight, in doubt or at the vendor.
    #[must_use]
    pub fn driven(mut self, line: &LineName) -> Self {
        self.driven.insert(line.clone());
        self
    }

    /// What a line may send next.
    #[must_use]
    pub fn next(mut self, line: &LineName) -> Self {
        self.next.insert(line.clone());
        self
    }

    /// A message.
    #[must_use]
    pub fn message(mut self, id: OutboxId) -> Self {
        self.messages.insert(id);
        self
    }

    /// A key.
    #[must_use]
    pub fn key(mut self, namespace: &str, key: &str) -> Self {
        self.keys.insert((namespace.to_owned(), key.to_owned()));
        self
    }

    /// An id of the vendor's.
    #[must_use]
    pub fn vendor_id(mut self, line: &LineName, id: &MessageId) -> Self {
        self.vendor_ids.insert((line.clone(), id.clone()));
        self
    }

    /// What is to be looked over, at most that many.
    #[must_use]
    pub const fn tend(mut self, at_most: usize) -> Self {
        self.tend = at_most;
        self
    }

    /// A chat.
    #[must_use]
    pub fn chat(mut self, chat: &ChatId) -> Self {
        self.chat = Some(chat.clone());
        self
    }

    /// Adds what another transaction needs. Two chats cannot be joined: false, and nothing was
    /// added.
    pub fn join(&mut self, other: &Self) -> bool {
        if self.chat.is_some() && other.chat.is_some() {
            return false;
        }
        self.lines.extend(other.lines.iter().cloned());
        self.unsure.extend(other.unsure.iter().cloned());
        self.driven.extend(other.driven.iter().cloned());
        self.contacts |= other.contacts;
        self.next.extend(other.next.iter().cloned());
        self.messages.extend(other.messages.iter().copied());
        self.keys.extend(other.keys.iter().cloned());
        self.vendor_ids.extend(other.vendor_ids.iter().cloned());
        self.tend = self.tend.max(other.tend);
        self.chat = self.chat.take().or_else(|| other.chat.clone());
        true
    }
}
