//! Messages: send, edit, list, follow.

use chatapi_transport::Result;
use chatapi_types::MessageId;
use chatapi_types::wamm::{Address, MsgEdit, MsgGet, MsgGetLast, MsgState, MsgTo, ReadState};

use super::Client;
use crate::line::Submitted;
use crate::prepared::Prepared;
use crate::tracking::Tracking;

/// Messages of a channel; see [`Client::messages`].
#[derive(Clone, Copy, Debug)]
pub struct Messages<'a> {
    client: &'a Client,
}

impl<'a> Messages<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Sends a text of at most 4500 characters to a phone, a group, a chat id or a nickname. The
    /// answer comes as soon as the vendor has it in its queue: [`track`](Self::track) it to know
    /// more.
    pub fn send_text(&self, to: impl Into<Address>, text: impl Into<String>) -> Prepared<MsgTo> {
        Prepared::new(&self.client.gateway, MsgTo::new(to, text))
    }

    /// Changes the text of a message that was sent. Telegram and Telegram bots only: tell the
    /// dialect the messenger ([`Wamm::on`](chatapi_types::wamm::Wamm::on)), and others are refused
    /// before anything is sent.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn edit(&self, id: impl Into<MessageId>, text: impl Into<String>) -> Result<()> {
        self.client.gateway.call(&MsgEdit::new(id, text)).await.map(drop)
    }

    /// What became of a message.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn state(&self, id: impl Into<MessageId>) -> Result<ReadState> {
        self.client.gateway.call(&MsgState::new(id)).await
    }

    /// The newest messages of all chats, newest first; 1 to 100.
    pub fn newest(&self, count: u32) -> Prepared<MsgGetLast> {
        Prepared::new(&self.client.gateway, MsgGetLast::new(count))
    }

    /// The newest messages of one chat, newest first; 1 to 100.
    pub fn of_chat(&self, chat: impl Into<Address>, count: u32) -> Prepared<MsgGet> {
        Prepared::new(&self.client.gateway, MsgGet::new(chat, count))
    }

    /// Follows a message by the answer to its send, or by its id, up to being read.
    pub fn track(&self, message: impl Into<Submitted>) -> Tracking<'a> {
        Tracking::new(self.client, message)
    }
}

impl Prepared<MsgTo> {
    /// Waits that many seconds before sending: 15, 20, 30, 45, 60, 120 or 180.
    pub fn delay(self, seconds: u32) -> Self {
        self.map(|call| call.delay(seconds))
    }

    /// Answers a message.
    pub fn quoting(self, message: impl Into<MessageId>) -> Self {
        self.map(|call| call.quoting(message))
    }
}

impl Prepared<MsgGetLast> {
    /// Outgoing ones only.
    pub fn outgoing(self) -> Self {
        self.map(MsgGetLast::outgoing)
    }

    /// Incoming ones only.
    pub fn incoming(self) -> Self {
        self.map(MsgGetLast::incoming)
    }
}
