//! The chats of a channel, which are the account's contacts.

use std::collections::BTreeMap;

use chatapi_types::UnixMillis;
use chatapi_types::wamm::Contact;
use serde::{Deserialize, Serialize};

use crate::MagicRecipient;
use crate::wamm::Channel;
use crate::wamm::check::kind_of;
use crate::world::{People, Scene};

/// The chats of a channel by their addresses.
pub(super) type Chats = BTreeMap<String, Chat>;

/// A chat. There is one for every contact that was added and for everybody with whom a message was
/// exchanged: the pages do not tell the two apart, and that the second is so is our choice.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Chat {
    /// Its number in the account.
    pub(super) number: u64,
    /// What is known of the contact. The name is empty where nobody has given one.
    #[serde(with = "crate::world::saved::wire")]
    pub(crate) contact: Contact,
    /// Whether the messenger has said that there is an account, so that it need not be asked again.
    is_checked: bool,
    pub(crate) is_open: bool,
    pub(super) last_message: Option<UnixMillis>,
}

impl Channel {
    pub(crate) fn chat(&self, phone: &str) -> Option<&Chat> {
        self.chats.get(phone)
    }

    pub(crate) fn chat_mut(&mut self, phone: &str) -> Option<&mut Chat> {
        self.chats.get_mut(phone)
    }

    pub(super) fn chats(&self) -> impl Iterator<Item = &Chat> {
        self.chats.values()
    }

    /// The chat with a contact; a new one, not open, where there was none.
    pub(crate) fn chat_with(&mut self, phone: &str, scene: &mut Scene) -> &mut Chat {
        let most = scene.profile.limits.chats.max(1);
        while self.chats.len() >= most && !self.chats.contains_key(phone) {
            let oldest = self.chats.iter().min_by_key(|(_, chat)| chat.last_message);
            let Some(oldest) = oldest.map(|(phone, _)| phone.clone()) else {
                break;
            };
            self.chats.remove(&oldest);
        }
        let (api_id, kind) = (&self.api_id, kind_of(phone, self.messenger));
        self.chats.entry(phone.to_owned()).or_insert_with(|| Chat {
            number: scene.office.next_chat(),
            contact: Contact::new(api_id, kind, phone, ""),
            is_checked: false,
            is_open: false,
            last_message: None,
        })
    }

    /// A contact whose number is known to have an account.
    pub(crate) fn add_contact(&mut self, phone: &str, name: &str, scene: &mut Scene) -> &mut Chat {
        let chat = self.chat_with(phone, scene);
        name.clone_into(&mut chat.contact.name);
        chat.is_checked = true;
        chat
    }

    /// A message has come into a chat.
    pub(super) fn message_in_chat(&mut self, phone: &str, from_me: bool, scene: &mut Scene) {
        let (now, figures) = (scene.unix(), &scene.profile.wamm);
        let opens = !from_me || figures.sending_opens_chats;
        let is_checked = !from_me || figures.checks_before_sending;
        let chat = self.chat_with(phone, scene);
        chat.last_message = Some(now);
        chat.is_open |= opens;
        chat.is_checked |= is_checked;
    }

    /// Whether a number has an account; `None` where the messenger gives no answer. One that is
    /// among the contacts is not asked about again (§1.2, grade A).
    pub(super) fn has_account(&self, phone: &str, scene: &Scene) -> Option<bool> {
        match self.chat(phone) {
            Some(chat) if chat.is_checked => Some(true),
            _ if self.checks_time_out => None,
            _ if scene.profile.is_magic(phone, MagicRecipient::Unchecked) => None,
            _ => Some(scene.has_account(phone)),
        }
    }

    /// The name that the account has given, or else the one that the messenger knows.
    pub(super) fn name_of(&self, phone: &str, people: &People) -> String {
        match self.chat(phone).map(|chat| &chat.contact.name) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => people.name_of(phone),
        }
    }

    /// A contact as the account shows it.
    pub(crate) fn contact(&self, phone: &str, people: &People) -> Option<Contact> {
        let mut contact = self.chat(phone)?.contact.clone();
        contact.name = self.name_of(phone, people);
        Some(contact)
    }
}
