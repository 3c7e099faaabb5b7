//! The chats of an instance.

mod dialogs;
mod operations;

use std::collections::{BTreeMap, BTreeSet};

use chatapi_types::chat_api::AccountStatus;
use chatapi_types::{ChatId, LabelId, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::chat_api::Instance;
use crate::world::{Happening, Scene};

pub(super) use dialogs::{dialog, dialogs, invite_link};
pub(super) use operations::{
    archive, cannot_remove, clear, disappearing, pin, read, remove, unarchive, unpin, unread,
};

/// The chats of an instance: those in which something was ever said, and its groups.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Chats(BTreeMap<ChatId, Chat>);

/// What an instance knows of a chat.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Chat {
    /// When its last message came or went.
    pub(crate) last_message: Option<UnixMillis>,
    /// How many messages came in since it was last read.
    #[serde(deserialize_with = "crate::world::saved::count")]
    pub(crate) unread: usize,
    /// Whether it was marked as unread by hand.
    pub(crate) is_marked: bool,
    pub(crate) is_archived: bool,
    /// Since when it is pinned.
    pub(crate) pinned: Option<UnixMillis>,
    pub(crate) is_disappearing: bool,
    pub(crate) labels: BTreeSet<LabelId>,
    /// When the contact last wrote or read.
    pub(crate) sign_of_life: Option<UnixMillis>,
}

impl Chats {
    pub(super) fn get(&self, id: &ChatId) -> Option<&Chat> {
        self.0.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &ChatId) -> Option<&mut Chat> {
        self.0.get_mut(id)
    }

    /// A chat, made if it is not there.
    pub(super) fn open(&mut self, id: &ChatId) -> &mut Chat {
        self.0.entry(id.clone()).or_default()
    }

    /// Lets those go that have been silent for longest, but for pinned ones.
    pub(super) fn keep(&mut self, most: usize) {
        while self.0.len() > most {
            let loose = self.0.iter().filter(|(_, chat)| chat.pinned.is_none());
            let Some((oldest, _)) = loose.min_by_key(|(_, chat)| chat.last_message) else {
                return;
            };
            let oldest = oldest.clone();
            self.0.remove(&oldest);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&ChatId, &Chat)> {
        self.0.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Chat> {
        self.0.values_mut()
    }

    pub(super) fn remove(&mut self, id: &ChatId) {
        self.0.remove(id);
    }
}

impl Instance {
    pub(crate) fn chat(&self, id: &ChatId) -> Option<&Chat> {
        self.chats.get(id)
    }

    /// A message came or went: its chat is there from now on (§4.1, grade A).
    pub(super) fn chat_goes_on(&mut self, id: &ChatId, came_in: bool, now: UnixMillis) {
        let chat = self.chats.open(id);
        chat.last_message = Some(now);
        if came_in {
            chat.unread += 1;
            chat.sign_of_life = Some(now);
        }
    }

    /// Whether what waits in no queue can be done now; the refusal, in our words, where it cannot.
    pub(super) fn may_operate(&self, scene: &Scene) -> Result<(), String> {
        let needed = scene.profile.chat_api.operations_need_account;
        match self.account_status(scene) {
            AccountStatus::Authenticated => Ok(()),
            _ if !needed => Ok(()),
            _ => Err("Status of the account not equals authenticated".to_owned()),
        }
    }

    pub(super) fn note_chat(&self, method: &'static str, chat: &ChatId, scene: &mut Scene) {
        let event = Happening::Chat { method: method.into(), chat: chat.clone() };
        self.note(scene, event);
    }

    /// All chats and messages are gone from the instance; its groups go on without knowing.
    pub(super) fn forget_chats(&mut self) {
        self.delete_everything();
        self.chats = Chats::default();
    }

    /// The chat and its messages are gone; a group is left.
    pub(super) fn remove_chat(&mut self, id: &ChatId, scene: &mut Scene) {
        if let Some(group) = scene.groups.get_mut(id) {
            group.remove(&self.phone.number);
        }
        self.delete_all(id);
        self.chats.remove(id);
    }
}
