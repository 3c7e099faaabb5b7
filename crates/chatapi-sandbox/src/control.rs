//! What a test does to the world, and what it can see.

mod account;
mod channel;
mod faults;
mod instance;
mod user;

use bytes::Bytes;
use chatapi_types::{ChatId, Delivery, MessageId, UnixMillis};

use crate::Sandbox;

pub use account::AccountHandle;
pub use channel::ChannelHandle;
pub use faults::FaultsHandle;
pub use instance::{ChatView, InstanceHandle};

/// A message that has really left the phone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentMessage {
    /// The vendor's id of it.
    pub id: MessageId,
    /// The chat: on wamm the phone, chat id or nickname.
    pub chat: ChatId,
    /// The text, or the address of the file.
    pub body: String,
    /// The file, where it is one.
    pub file: Option<SentFile>,
    /// When it left; on wamm, when it was taken in.
    pub at: UnixMillis,
    /// How far it is.
    pub delivery: Delivery,
}

/// A file that has left the phone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentFile {
    /// The name that the recipient sees.
    pub name: String,
    /// The text under it.
    pub caption: Option<String>,
    /// Its content, where it was handed over; `None` where the gateway was given an address, which
    /// the sandbox does not visit.
    pub content: Option<Bytes>,
}

impl Sandbox {
    /// From now on the messenger knows nobody by this number or chat, on either vendor. On Chat API
    /// messages to it stay in the queue; wamm refuses them.
    pub fn no_account(&self, phone: impl AsRef<str>) {
        self.with(|world| world.scene.people.close_account(phone.as_ref()));
    }

    /// The number has an account again, as all others have.
    pub fn has_account(&self, phone: impl AsRef<str>) {
        self.with(|world| {
            world.scene.people.open_account(phone.as_ref());
            // What waits for it has a prospect again.
            world.instances.iter_mut().for_each(|instance| instance.settle(&mut world.scene));
        });
    }

    /// Gives a contact a name.
    pub fn name_contact(&self, phone: impl AsRef<str>, name: &str) {
        self.with(|world| world.scene.people.name(phone.as_ref(), name));
    }

    /// From now on the file at this address cannot be had, and messages with it stay in the queue.
    /// Addresses whose host ends in `.invalid` are dead without it.
    pub fn dead_link(&self, url: &str) {
        self.with(|world| world.scene.people.break_link(url));
    }
}
