//! A wamm channel in the hands of a test.

mod contacts;

use std::borrow::Cow;

use chatapi_transport::Gateway;
use chatapi_types::wamm::{ChannelState, PayState, Wamm};
use chatapi_types::{InstanceId, MessageId, Messenger, Token};

use crate::control::{SentFile, SentMessage};
use crate::wamm::{Channel, address};
use crate::world::{Happening, Key, Scene, World};
use crate::{Inbound, Sandbox};

/// A wamm channel, to be looked at and to be disturbed.
///
/// It stays the same channel when its token is replaced. On a channel that does not exist its
/// methods do nothing and see nothing: ask [`exists`](Self::exists).
#[derive(Clone, Debug)]
pub struct ChannelHandle {
    sandbox: Sandbox,
    key: Option<Key>,
}

impl Sandbox {
    /// Adds a channel to a messenger, authorized. A channel with this token is replaced.
    pub fn add_channel(&self, token: impl Into<Token>, messenger: Messenger) -> ChannelHandle {
        let token = token.into();
        let key = self.with(|world| world.place_channel(token, messenger));
        ChannelHandle { sandbox: self.clone(), key: Some(key) }
    }

    /// A channel by its token.
    pub fn channel(&self, token: impl Into<Token>) -> ChannelHandle {
        let token = token.into();
        ChannelHandle {
            sandbox: self.clone(),
            key: self.with(|world| world.channels.find(token.expose())),
        }
    }
}

impl World {
    pub(crate) fn place_channel(&mut self, token: Token, messenger: Messenger) -> Key {
        if let Some(mut old) = self.channels.remove(token.expose()) {
            old.retire(&mut self.scene);
        }
        self.last_channel += 1;
        let key = self.channels.next_key();
        let api_id = self.last_channel.into();
        let channel = Channel::new(key, api_id, token.clone(), messenger);
        channel.note(&mut self.scene, Happening::Control("added".into()));
        self.channels.add(token.expose(), channel)
    }
}

impl ChannelHandle {
    fn read<T>(&self, look: impl FnOnce(&Channel) -> T) -> Option<T> {
        let key = self.key?;
        self.sandbox.with(|world| world.channels.get(key).map(look))
    }

    fn change<T: Default>(
        &self,
        what: impl Into<Cow<'static, str>>,
        change: impl FnOnce(&mut Channel, &mut Scene) -> T,
    ) -> T {
        self.sandbox.with(|world| {
            let Some(channel) = self.key.and_then(|key| world.channels.get_mut(key)) else {
                return T::default();
            };
            channel.note(&mut world.scene, Happening::Control(what.into()));
            change(channel, &mut world.scene)
        })
    }

    /// A gateway to the channel, on the sandbox's clock, with the token of now: what a client is
    /// built on.
    #[must_use]
    pub fn gateway(&self) -> Gateway<Wamm> {
        let token = self.read(|channel| channel.token.clone());
        let token = token.unwrap_or_else(|| Token::new("none"));
        let (address, dialect) = (self.sandbox.wamm_address(), Wamm::query());
        Gateway::new(address, dialect, token, self.sandbox.clone()).on_clock(self.sandbox.clock())
    }

    /// Its `api_id`.
    #[must_use]
    pub fn api_id(&self) -> Option<InstanceId> {
        self.read(|channel| channel.api_id.clone())
    }

    /// Whether there is such a channel.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.read(|_| ()).is_some()
    }

    /// Connects it, takes the connection away, blocks it. What waits while it is not connected
    /// fails when its turn comes, unless it is `starting`.
    pub fn state(&self, state: impl Into<ChannelState>) {
        let state = state.into();
        self.change("connection changed", |channel, scene| channel.set_state(state, scene));
    }

    /// Connects it anew: it is `starting` for a while, then `authorized`. What waits in the line
    /// waits for that.
    pub fn restart(&self) {
        self.change("restarted", Channel::restart);
    }

    /// Marks it as paid or archived.
    pub fn pay_state(&self, state: impl Into<PayState>) {
        let state = state.into();
        self.change("payment changed", |channel, _| channel.pay_state = state);
    }

    /// Replaces the token. The handle stays valid.
    pub fn replace_token(&self, token: impl Into<Token>) {
        let token = token.into();
        self.change("token replaced", |channel, _| channel.token = token.clone());
        if let Some(key) = self.key {
            self.sandbox.with(|world| world.channels.rename(key, token.expose()));
        }
    }

    /// A contact writes a text. `None` on a channel that does not exist.
    pub fn contact_writes(&self, from: impl AsRef<str>, text: &str) -> Option<MessageId> {
        self.change("a contact writes", |channel, scene| {
            let phone = address(from.as_ref(), channel.messenger);
            Some(channel.contact_writes(&phone, text, scene))
        })
    }

    /// A contact does something: writes, sends a file, edits … Gives back the message that comes in;
    /// `None` where none does (the vendor's pages know no calls, nor who joins and leaves groups),
    /// and on a channel that does not exist.
    pub fn contact_sends(&self, from: impl AsRef<str>, inbound: Inbound) -> Option<MessageId> {
        self.change("a contact acts", |channel, scene| {
            let phone = address(from.as_ref(), channel.messenger);
            channel.contact_sends(&phone, inbound, scene)
        })
    }

    /// Where its webhooks go; `None` for nowhere. No method of the vendor's sets it: people do, in
    /// their account.
    pub fn webhook(&self, url: Option<&str>) {
        let url = url.filter(|url| !url.is_empty()).map(str::to_owned);
        self.change("webhook set", |channel, scene| channel.set_webhook(url, scene));
    }

    /// A contact opens the chat and reads all that has arrived or is on its way.
    pub fn contact_reads(&self, phone: impl AsRef<str>) {
        self.change("a contact reads", |channel, scene| {
            let phone = address(phone.as_ref(), channel.messenger);
            channel.contact_reads(&phone, scene);
        });
    }

    /// How many messages wait in the line.
    #[must_use]
    pub fn queue_len(&self) -> usize {
        self.read(Channel::line_len).unwrap_or_default()
    }

    /// The messages that have really left, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<SentMessage> {
        let sent = |channel: &Channel| {
            let left = channel.records().filter(|(_, record)| record.has_left());
            let describe = |(id, record): (u64, &crate::wamm::Record)| SentMessage {
                id: id.into(),
                chat: record.phone.as_str().into(),
                body: record.file.as_ref().map_or(&record.text, |file| &file.link).clone(),
                file: record.file.as_ref().map(|file| SentFile {
                    name: file.name.clone(),
                    caption: None,
                    content: file.content.as_ref().map(|file| file.bytes.clone()),
                }),
                at: record.made,
                delivery: record.state.delivery(),
            };
            left.map(describe).collect()
        };
        self.read(sent).unwrap_or_default()
    }
}
