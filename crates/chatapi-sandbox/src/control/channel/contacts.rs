//! The contacts of a channel and their chats.

use chatapi_types::wamm::Contact;

use super::ChannelHandle;
use crate::wamm::address;

impl ChannelHandle {
    /// Adds a contact, or gives the one that is there another name. Its chat is not open until it is
    /// opened or has a message.
    pub fn add_contact(&self, phone: impl AsRef<str>, name: &str) {
        self.change("contact added", |channel, scene| {
            let phone = address(phone.as_ref(), channel.messenger);
            channel.add_contact(&phone, name, scene);
        });
    }

    /// Changes what the account knows about a contact, as people do in the vendor's account: tags,
    /// responsible user, picture, flags. Channel and address stay as they are. Gives back whether
    /// there is such a contact.
    pub fn change_contact(
        &self,
        phone: impl AsRef<str>,
        change: impl FnOnce(&mut Contact),
    ) -> bool {
        self.change("contact changed", |channel, _| {
            let phone = address(phone.as_ref(), channel.messenger);
            let Some(chat) = channel.chat_mut(&phone) else {
                return false;
            };
            let contact = &mut chat.contact;
            let (api_id, address) = (contact.api_id.clone(), contact.phone.clone());
            change(contact);
            (contact.api_id, contact.phone) = (api_id, address);
            true
        })
    }

    /// Gives a contact a tag. Gives back whether there is such a contact.
    pub fn tag_contact(&self, phone: impl AsRef<str>, tag: &str) -> bool {
        self.change_contact(phone, |contact| {
            let tags: Vec<_> = contact.tag_list().chain([tag]).map(str::to_owned).collect();
            *contact = contact.clone().tagged(tags);
        })
    }

    /// What the account knows about a contact; `None` for one that it does not have.
    #[must_use]
    pub fn contact(&self, phone: impl AsRef<str>) -> Option<Contact> {
        self.sandbox.with(|world| {
            let channel = world.channels.get(self.key?)?;
            let phone = address(phone.as_ref(), channel.messenger);
            channel.contact(&phone, &world.scene.people)
        })
    }

    /// Closes a chat, as people do who have dealt with it. A message opens it again.
    pub fn close_chat(&self, phone: impl AsRef<str>) {
        self.change("chat closed", |channel, _| {
            let phone = address(phone.as_ref(), channel.messenger);
            if let Some(chat) = channel.chat_mut(&phone) {
                chat.is_open = false;
            }
        });
    }

    /// Whether a chat is open; `None` for one that the account does not have.
    #[must_use]
    pub fn is_chat_open(&self, phone: impl AsRef<str>) -> Option<bool> {
        let is_open = |channel: &crate::wamm::Channel| {
            let phone = address(phone.as_ref(), channel.messenger);
            channel.chat(&phone).map(|chat| chat.is_open)
        };
        self.read(is_open).flatten()
    }

    /// From now on the messenger gives no answer when asked whether a number has an account. Calls
    /// about numbers that are not among the contacts are told to try again.
    pub fn checks_time_out(&self) {
        self.change("checks time out", |channel, _| channel.checks_time_out = true);
    }

    /// The messenger answers again.
    pub fn checks_answer(&self) {
        self.change("checks answer", |channel, _| channel.checks_time_out = false);
    }
}
