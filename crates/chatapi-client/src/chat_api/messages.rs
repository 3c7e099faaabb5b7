//! Messages: send, list, follow.

use chatapi_transport::Result;
use chatapi_types::chat_api::{ListMessages, Recipient, SendFile, SendMessage};
use chatapi_types::{ChatId, MessageId, Phone, UnixTime};

use super::{Client, MessageStream};
use crate::file::File;
use crate::line::Submitted;
use crate::prepared::Prepared;
use crate::tracking::Tracking;

/// Messages of an instance; see [`Client::messages`].
#[derive(Clone, Copy, Debug)]
pub struct Messages<'a> {
    client: &'a Client,
}

impl<'a> Messages<'a> {
    pub(super) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Sends a text to a phone or a chat. The answer comes as soon as the gateway has it in its
    /// queue: [`track`](Self::track) it to know more.
    pub fn send_text(
        &self,
        to: impl Into<Recipient>,
        text: impl Into<String>,
    ) -> Prepared<SendMessage> {
        Prepared::new(&self.client.gateway, SendMessage::new(to, text))
    }

    /// Sends a file to a phone or a chat.
    pub fn send_file(&self, to: impl Into<Recipient>, file: File) -> Prepared<SendFile> {
        let (body, name) = file.into_parts();
        Prepared::new(&self.client.gateway, SendFile::new(to, body, name))
    }

    /// Lists messages, oldest first.
    pub fn list(&self) -> Prepared<ListMessages> {
        Prepared::new(&self.client.gateway, ListMessages::new())
    }

    /// The stream of messages after a cursor, for ever: what is there already, then what comes. A
    /// cursor is a `message_number`; 0 begins with the oldest that the vendor keeps. Keep the number
    /// of the last message that you have dealt with, and begin there next time.
    pub fn since(&self, cursor: u64) -> MessageStream {
        MessageStream::new(&self.client.gateway, cursor)
    }

    /// The cursor of the newest message; 0 when there is none.
    ///
    /// # Errors
    ///
    /// Those of a call.
    pub async fn newest_cursor(&self) -> Result<u64> {
        let page = self.client.gateway.call(&ListMessages::new().newest()).await?;
        let newest = page.messages.known().map(|message| message.message_number).max();
        Ok(newest.max(page.last_message_number).unwrap_or(0))
    }

    /// Follows a message by the answer to its send, or by its id.
    ///
    /// Polling proves that it is queued or sent. That it was delivered or read is only proven where
    /// the service fills a message's `ack` (grade C); otherwise switch on `ackNotificationsOn` and
    /// listen to webhooks.
    pub fn track(&self, message: impl Into<Submitted>) -> Tracking<'a> {
        Tracking::new(self.client, message)
    }
}

impl Prepared<SendMessage> {
    /// Answers a message.
    pub fn quoting(self, message: impl Into<MessageId>) -> Self {
        self.map(|call| call.quoting(message))
    }

    /// Mentions members of the group. The text must hold `@{digits}` where each name belongs.
    pub fn mentioning<P: Into<Phone>>(self, phones: impl IntoIterator<Item = P>) -> Self {
        self.map(|call| call.mentioning(phones))
    }
}

impl Prepared<SendFile> {
    /// Puts a text under the file.
    pub fn caption(self, caption: impl Into<String>) -> Self {
        self.map(|call| call.caption(caption))
    }

    /// Lets the gateway reuse an earlier upload of the same file.
    pub fn cached(self) -> Self {
        self.map(SendFile::cached)
    }

    /// Answers a message.
    pub fn quoting(self, message: impl Into<MessageId>) -> Self {
        self.map(|call| call.quoting(message))
    }

    /// Mentions members of the group.
    pub fn mentioning<P: Into<Phone>>(self, phones: impl IntoIterator<Item = P>) -> Self {
        self.map(|call| call.mentioning(phones))
    }
}

impl Prepared<ListMessages> {
    /// Only messages with a greater number.
    pub fn after(self, message_number: u64) -> Self {
        self.map(|call| call.after(message_number))
    }

    /// The newest 100.
    pub fn newest(self) -> Self {
        self.map(ListMessages::newest)
    }

    /// Only those of one chat.
    pub fn chat(self, chat: impl Into<ChatId>) -> Self {
        self.map(|call| call.chat(chat))
    }

    /// How many at most; 100 unless given, 0 for all.
    pub fn limit(self, limit: u32) -> Self {
        self.map(|call| call.limit(limit))
    }

    /// Not before this second.
    pub fn not_before(self, time: UnixTime) -> Self {
        self.map(|call| call.not_before(time))
    }

    /// Not after this second.
    pub fn not_after(self, time: UnixTime) -> Self {
        self.map(|call| call.not_after(time))
    }
}
