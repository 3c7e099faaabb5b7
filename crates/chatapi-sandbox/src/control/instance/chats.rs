//! The chats of an instance in the hands of a test.

use chatapi_types::{ChatId, LabelId, MessageId};

use super::{InstanceHandle, chat_of};
use crate::chat_api::{Chat, Instance};
use crate::{Command, InstanceAction};

/// A chat as it stands on the phone. The vendor shows little of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChatView {
    /// How many messages came in since it was last read.
    pub unread: usize,
    /// Whether it was marked as unread by hand.
    pub is_marked_unread: bool,
    /// Whether it is in the archive.
    pub is_archived: bool,
    /// Whether it is pinned to the top.
    pub is_pinned: bool,
    /// Whether its messages disappear.
    pub is_disappearing: bool,
    /// Its labels.
    pub labels: Vec<LabelId>,
}

impl ChatView {
    fn of(chat: &Chat) -> Self {
        Self {
            unread: chat.unread,
            is_marked_unread: chat.is_marked,
            is_archived: chat.is_archived,
            is_pinned: chat.pinned.is_some(),
            is_disappearing: chat.is_disappearing,
            labels: chat.labels.iter().cloned().collect(),
        }
    }
}

impl InstanceHandle {
    /// A chat, by its id or a phone; `None` where there is none.
    #[must_use]
    pub fn chat(&self, chat: impl AsRef<str>) -> Option<ChatView> {
        let chat = chat_of(chat.as_ref());
        self.read(|instance, _| instance.chat(&chat).map(ChatView::of)).flatten()
    }

    /// Where the contact sees something happen now, and what: `typing` or `recording`.
    #[must_use]
    pub fn activity(&self) -> Option<(ChatId, &'static str)> {
        let now = |instance: &Instance| {
            let activity = instance.activity.as_ref()?;
            Some((activity.chat.clone(), activity.what.as_str()))
        };
        self.read(|instance, _| now(instance)).flatten()
    }

    /// The account's line about itself, which no method reads.
    #[must_use]
    pub fn about(&self) -> String {
        self.read(|instance, _| instance.about.clone()).unwrap_or_default()
    }

    /// A contact orders products of the catalogue, each once; unknown ones are left out. The message
    /// that comes in has in its metadata what `getOrder` wants. `None` on an instance that does not
    /// exist.
    pub fn contact_orders(&self, from: impl AsRef<str>, products: &[&str]) -> Option<MessageId> {
        let chat = chat_of(from.as_ref());
        self.change("a contact orders", |instance, scene| {
            Some(instance.contact_orders(chat, products, scene))
        })
    }

    /// A contact, the first of the members, makes a group of them and the account. Gives back its
    /// chat; `None` where there are no members or not all of them are phone numbers of others, and on
    /// an instance that does not exist.
    pub fn contact_makes_group(&self, name: &str, members: &[&str]) -> Option<ChatId> {
        let members = members.iter().map(|phone| (*phone).to_owned()).collect();
        let action = InstanceAction::AddGroup { name: name.to_owned(), members };
        let made = self.sandbox.apply(Command::Instance(self.id.clone(), action));
        made.ok()?.chat
    }
}
