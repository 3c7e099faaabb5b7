//! A Chat API instance in the hands of a test.

mod chats;
mod phone;

use std::borrow::Cow;

use chatapi_transport::Gateway;
use chatapi_types::chat_api::{AccountStatus, ChatApi, Settings, Substatus};
use chatapi_types::{ChatId, Delivery, InstanceId, MessageId, Token};

use crate::chat_api::{Instance, Record};
use crate::control::{SentFile, SentMessage};
use crate::world::{Happening, Scene, World, digits_of};
use crate::{Inbound, Sandbox};

pub use chats::ChatView;

/// A Chat API instance and its phone, to be looked at and to be disturbed.
///
/// What the methods do is done at once; what follows from it takes its time. On an instance that
/// does not exist (or was deleted) they do nothing and see nothing: ask [`exists`](Self::exists).
#[derive(Clone, Debug)]
pub struct InstanceHandle {
    sandbox: Sandbox,
    id: InstanceId,
}

impl Sandbox {
    /// Adds an instance that belongs to no account: authenticated, its phone online and charged. An
    /// instance with this number is replaced.
    pub fn add_instance(
        &self,
        id: impl Into<InstanceId>,
        token: impl Into<Token>,
    ) -> InstanceHandle {
        self.place_instance(id.into(), token.into(), None)
    }

    /// An instance by its number.
    pub fn instance(&self, id: impl Into<InstanceId>) -> InstanceHandle {
        InstanceHandle { sandbox: self.clone(), id: id.into() }
    }

    pub(super) fn place_instance(
        &self,
        id: InstanceId,
        token: Token,
        owner: Option<usize>,
    ) -> InstanceHandle {
        self.with(|world| world.place_instance(id.clone(), token, owner));
        self.instance(id)
    }
}

impl World {
    pub(crate) fn place_instance(&mut self, id: InstanceId, token: Token, owner: Option<usize>) {
        if let Some(mut old) = self.instances.remove(id.as_str()) {
            old.retire(&mut self.scene);
        }
        let key = self.instances.next_key();
        let mut instance = Instance::new(key, id.clone(), token, &self.scene);
        instance.owner = owner;
        instance.link(&mut self.scene);
        instance.note(&mut self.scene, Happening::Control("added".into()));
        instance.settle(&mut self.scene);
        self.instances.add(id.as_str(), instance);
    }
}

impl InstanceHandle {
    fn read<T>(&self, look: impl FnOnce(&Instance, &Scene) -> T) -> Option<T> {
        self.sandbox.with(|world| {
            let key = world.instances.find(self.id.as_str())?;
            world.instances.get(key).map(|instance| look(instance, &world.scene))
        })
    }

    fn change<T: Default>(
        &self,
        what: impl Into<Cow<'static, str>>,
        change: impl FnOnce(&mut Instance, &mut Scene) -> T,
    ) -> T {
        self.sandbox.with(|world| {
            let key = world.instances.find(self.id.as_str());
            let Some(instance) = key.and_then(|key| world.instances.get_mut(key)) else {
                return T::default();
            };
            instance.note(&mut world.scene, Happening::Control(what.into()));
            let result = change(instance, &mut world.scene);
            instance.settle(&mut world.scene);
            result
        })
    }

    /// Its number.
    #[must_use]
    pub const fn id(&self) -> &InstanceId {
        &self.id
    }

    /// A gateway to the instance, on the sandbox's clock, with the token of now: what a client is
    /// built on.
    #[must_use]
    pub fn gateway(&self) -> Gateway<ChatApi> {
        let token = self.read(|instance, _| instance.token.clone());
        let token = token.unwrap_or_else(|| Token::new("none"));
        let (address, dialect) = (self.sandbox.address(), ChatApi::path(self.id.clone()));
        Gateway::new(address, dialect, token, self.sandbox.clone()).on_clock(self.sandbox.clock())
    }

    /// Whether there is such an instance.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.read(|_, _| ()).is_some()
    }

    /// Scans the QR code with the phone. Works only while a fresh one is shown and the phone is
    /// online: gives back whether it did.
    pub fn scan_qr(&self) -> bool {
        self.change("QR code scanned", Instance::scan)
    }

    /// Lets the QR code run out before its time.
    pub fn expire_qr(&self) {
        self.change("QR code expired", Instance::expire_qr);
    }

    /// Opens the messenger in another window, which interrupts the instance's session. Nothing
    /// happens to an instance that is not linked to a phone.
    pub fn open_second_session(&self) {
        self.change("second session opened", |instance, _| instance.open_rival());
    }

    /// Closes the other window.
    pub fn close_second_session(&self) {
        self.change("second session closed", |instance, _| instance.close_rival());
    }

    /// The instance is not paid for any more.
    pub fn unpaid(&self) {
        self.change("unpaid", |instance, scene| {
            instance.paid = false;
            instance.paid_till = scene.unix();
        });
    }

    /// The instance is paid for again.
    pub fn paid(&self) {
        self.change("paid", |instance, scene| {
            instance.paid = true;
            instance.paid_till = scene.unix().plus(scene.profile.chat_api.paid_for);
        });
    }

    /// Replaces the token, as the vendor may at any time.
    pub fn replace_token(&self, token: impl Into<Token>) {
        let token = token.into();
        if self.read(|instance, _| instance.token.expose() == token.expose()) != Some(true) {
            self.change("token replaced", |instance, _| instance.token = token);
        }
    }

    /// Where its webhooks go; `None` for nowhere. As the methods `webhook` and `settings` set it.
    pub fn webhook(&self, url: Option<&str>) {
        let url = url.filter(|url| !url.is_empty());
        self.change("webhook set", |instance, scene| instance.set_webhook(url, scene));
    }

    /// A contact writes a text. `None` on an instance that does not exist.
    pub fn contact_writes(&self, from: impl AsRef<str>, text: &str) -> Option<MessageId> {
        let chat = chat_of(from.as_ref());
        self.change("a contact writes", |instance, scene| {
            Some(instance.contact_writes(chat, text, scene))
        })
    }

    /// A contact does something: writes, sends a file, calls, joins a group … Gives back the message
    /// that comes in; `None` where none does (nobody is told when people join and leave, but the
    /// chat changes), and on an instance that does not exist.
    pub fn contact_sends(&self, chat: impl AsRef<str>, inbound: Inbound) -> Option<MessageId> {
        let chat = chat_of(chat.as_ref());
        self.change("a contact acts", |instance, scene| {
            instance.contact_sends(chat, inbound, scene)
        })
    }

    /// Gives a group, or a contact, another name.
    pub fn name_chat(&self, chat: impl AsRef<str>, name: &str) {
        let chat = chat_of(chat.as_ref());
        self.change("chat named", |instance, scene| match scene.groups.get_mut(&chat) {
            Some(group) => name.clone_into(&mut group.name),
            None => {
                instance.known_chat_will_change(&chat, scene);
                scene.people.name(chat.as_str(), name);
            }
        });
    }

    /// Changes settings, as the method `settings` does.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        self.change("settings changed", |instance, scene| {
            instance.change_settings(change, scene);
        });
    }

    /// A contact, or a member of a group, opens the chat and reads all that has arrived or is on
    /// its way.
    pub fn contact_reads(&self, chat: impl AsRef<str>) {
        let chat = chat_of(chat.as_ref());
        self.change("a contact reads", |instance, scene| instance.contact_reads(&chat, scene));
    }

    /// The state of the account and the substatus; `None` on an instance that does not exist.
    #[must_use]
    pub fn status(&self) -> Option<(AccountStatus, Substatus)> {
        self.read(|instance, scene| {
            let state = instance.state(&scene.profile.chat_api);
            (state.account, state.substatus)
        })
    }

    /// How many messages wait in the queue.
    #[must_use]
    pub fn queue_len(&self) -> usize {
        self.read(|instance, _| instance.queue_len()).unwrap_or_default()
    }

    /// The messages that have really left the phone, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<SentMessage> {
        let sent = |instance: &Instance, _: &Scene| {
            instance.records().filter_map(SentMessage::of).collect()
        };
        self.read(sent).unwrap_or_default()
    }
}

impl SentMessage {
    fn of(record: &Record) -> Option<Self> {
        let delivery: Delivery = record.progress?.delivery();
        let file = record.content.file.as_ref().map(|file| SentFile {
            name: file.name.clone(),
            caption: record.content.caption.clone(),
            content: file.content.as_ref().map(|file| file.bytes.clone()),
        });
        Some(Self {
            id: record.id.clone(),
            chat: record.chat.clone(),
            body: record.content.body.clone(),
            file,
            at: record.at,
            delivery,
        })
    }
}

/// A chat from its id or from a phone number however it is written.
fn chat_of(text: &str) -> ChatId {
    match text.contains('@') {
        true => text.into(),
        false => ChatId::new(format!("{}@c.us", digits_of(text))),
    }
}
