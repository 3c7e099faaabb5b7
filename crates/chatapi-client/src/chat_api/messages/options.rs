//! What can be added to a send or a listing before it is made.

use chatapi_types::chat_api::{
    ListHistory, ListMessages, SendButtons, SendFile, SendLink, SendMessage, SendVoice,
};
use chatapi_types::{ChatId, MessageId, Phone, UnixTime};

use crate::prepared::Prepared;

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

impl Prepared<SendVoice> {
    /// Answers a message.
    pub fn quoting(self, message: impl Into<MessageId>) -> Self {
        self.map(|call| call.quoting(message))
    }
}

impl Prepared<SendLink> {
    /// Describes the page in its preview (grade B).
    pub fn description(self, description: impl Into<String>) -> Self {
        self.map(|call| call.description(description))
    }

    /// Puts a text of yours with the link (grade B).
    pub fn text(self, text: impl Into<String>) -> Self {
        self.map(|call| call.text(text))
    }

    /// Answers a message (grade B).
    pub fn quoting(self, message: impl Into<MessageId>) -> Self {
        self.map(|call| call.quoting(message))
    }

    /// Mentions members of the group (grade B). The text must hold `@{digits}` where each name
    /// belongs.
    pub fn mentioning<P: Into<Phone>>(self, phones: impl IntoIterator<Item = P>) -> Self {
        self.map(|call| call.mentioning(phones))
    }
}

impl Prepared<SendButtons> {
    /// Puts a line above the text.
    pub fn title(self, title: impl Into<String>) -> Self {
        self.map(|call| call.title(title))
    }

    /// Puts a line below the text.
    pub fn footer(self, footer: impl Into<String>) -> Self {
        self.map(|call| call.footer(footer))
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

impl Prepared<ListHistory> {
    /// Another page, counted from 0.
    pub fn page(self, page: u32) -> Self {
        self.map(|call| call.page(page))
    }

    /// How many messages a page has. How many unless given, and at most, is unknown.
    pub fn count(self, count: u32) -> Self {
        self.map(|call| call.count(count))
    }

    /// Only those of one chat.
    pub fn chat(self, chat: impl Into<ChatId>) -> Self {
        self.map(|call| call.chat(chat))
    }
}
