//! Messages that came in or went out.

use serde::{Deserialize, Serialize};

use super::{Ack, ChatApi};
use crate::{
    Call, ChatId, Delivery, Grade, JsonReply, List, MessageId, RawJson, Repeat, UnixTime, Verb,
    json,
};

crate::open_enum! {
    /// What a message is (Chat API §4.5). The first eight are in the specification (grade A),
    /// `vcard` and `multi_vcard` are grade B, the rest C.
    pub enum MessageKind {
        /// A text.
        Chat = "chat",
        /// A picture.
        Image = "image",
        /// A voice message.
        Ptt = "ptt",
        /// A document.
        Document = "document",
        /// An audio file.
        Audio = "audio",
        /// A video.
        Video = "video",
        /// A place; the body is `lat;lng`.
        Location = "location",
        /// A call; the body is `[Call]`.
        CallLog = "call_log",
        /// A contact card.
        VCard = "vcard",
        /// Several contact cards.
        MultiVCard = "multi_vcard",
        /// A product of a catalogue.
        Product = "product",
        /// An order.
        Order = "order",
        /// A pressed button.
        ButtonsResponse = "buttons_response",
    }
}

impl MessageKind {
    /// Whether the body of such a message is the address of a file.
    #[must_use]
    pub const fn is_file(&self) -> bool {
        matches!(self, Self::Image | Self::Ptt | Self::Document | Self::Audio | Self::Video)
    }
}

/// A message that came in or went out: in `messages`, in the history, in webhooks. Chat API §4.5,
/// grade A unless a member says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Text; the address of a file, kept for 30 days by the vendor (grade A); `lat;lng`; `[Call]`.
    #[serde(default, deserialize_with = "json::or_default")]
    pub body: String,
    /// Whether it went out.
    pub from_me: bool,
    /// Whether it was sent through the API and not typed on the phone (grade B).
    #[serde(
        rename = "self",
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "json::optional_flag_as_number"
    )]
    pub via_api: Option<bool>,
    /// Whether it was forwarded (grade B).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "json::optional_flag_as_number"
    )]
    pub is_forwarded: Option<bool>,
    /// Who wrote it; tells the members of a group apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<ChatId>,
    /// When (seconds).
    pub time: UnixTime,
    /// The chat in which it stands.
    pub chat_id: ChatId,
    /// Its number in the history of the instance: grows, and serves as cursor.
    pub message_number: u64,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: MessageKind,
    /// Its author's name.
    #[serde(default)]
    pub sender_name: Option<String>,
    /// The text under a file (grade B).
    #[serde(default)]
    pub caption: Option<String>,
    /// The text of the message that it answers (grade B).
    #[serde(default)]
    pub quoted_msg_body: Option<String>,
    /// The id of the message that it answers (grade B).
    #[serde(default)]
    pub quoted_msg_id: Option<MessageId>,
    /// What the message is that it answers (grade B).
    #[serde(default)]
    pub quoted_msg_type: Option<MessageKind>,
    /// The chat's name (grade B).
    #[serde(default)]
    pub chat_name: Option<String>,
    /// Data of special kinds such as an order (grade C).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<RawJson>,
    /// How far it has come, where the service fills it (grade C).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ack: Option<Ack>,
}

impl Message {
    /// A message with what every message has.
    pub fn new(
        id: impl Into<MessageId>,
        chat_id: impl Into<ChatId>,
        message_number: u64,
        time: UnixTime,
        kind: MessageKind,
        body: impl Into<String>,
    ) -> Self {
        let id = id.into();
        Self {
            from_me: id.is_from_me().unwrap_or(false),
            id,
            body: body.into(),
            via_api: None,
            is_forwarded: None,
            author: None,
            time,
            chat_id: chat_id.into(),
            message_number,
            kind,
            sender_name: None,
            caption: None,
            quoted_msg_body: None,
            quoted_msg_id: None,
            quoted_msg_type: None,
            chat_name: None,
            metadata: None,
            ack: None,
        }
    }

    /// Whether it is known to be ours through the API: outgoing, and not typed on the phone where
    /// the service tells the two apart.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.from_me && self.via_api != Some(false)
    }

    /// How far it has come in common words: received; or at least sent, because what stands in the
    /// history has left the queue; or more, where `ack` says so.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        if !self.from_me {
            return Delivery::Received;
        }
        match self.ack.as_ref().map(Ack::delivery) {
            None | Some(Delivery::Other(_)) => Delivery::Sent,
            Some(delivery) => delivery,
        }
    }
}

/// `GET /messages`: messages of the instance, oldest first (the order: grade D). Chat API §4.3,
/// grade A.
///
/// To follow the stream, pass the `last_message_number` of one page as `after` of the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListMessages {
    /// Only messages with a greater number. Ignored with `last`.
    #[serde(rename = "lastMessageNumber")]
    pub last_message_number: Option<u64>,
    /// The newest 100.
    pub last: Option<bool>,
    /// Of one chat.
    #[serde(rename = "chatId")]
    pub chat_id: Option<ChatId>,
    /// How many at most; 100 unless given, 0 for all.
    pub limit: Option<u32>,
    /// Not before (seconds).
    pub min_time: Option<UnixTime>,
    /// Not after (seconds).
    pub max_time: Option<UnixTime>,
}

impl ListMessages {
    /// The oldest messages that the vendor keeps.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only messages with a greater number.
    #[must_use]
    pub const fn after(mut self, message_number: u64) -> Self {
        self.last_message_number = Some(message_number);
        self
    }

    /// The newest 100.
    #[must_use]
    pub const fn newest(mut self) -> Self {
        self.last = Some(true);
        self
    }

    /// Only those of one chat.
    #[must_use]
    pub fn chat(mut self, chat: impl Into<ChatId>) -> Self {
        self.chat_id = Some(chat.into());
        self
    }

    /// How many at most; 0 for all.
    #[must_use]
    pub const fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Not before this second.
    #[must_use]
    pub const fn not_before(mut self, time: UnixTime) -> Self {
        self.min_time = Some(time);
        self
    }

    /// Not after this second.
    #[must_use]
    pub const fn not_after(mut self, time: UnixTime) -> Self {
        self.max_time = Some(time);
        self
    }
}

impl Call for ListMessages {
    type Dialect = ChatApi;
    type Reply = MessagePage;
    const NAME: &'static str = "messages";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
}

/// A page of messages. Chat API §4.3, grade A.
///
/// An answer without a list is no page: reading it as an empty one would prove absence by mistake.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MessagePage {
    /// The messages, oldest first (grade D, consistent with the cursor).
    #[serde(deserialize_with = "json::or_default")]
    pub messages: List<Message>,
    /// The cursor for the next page. An empty page leaves it where it was or sets it to 0 (grade
    /// D), so never go back to a smaller one.
    #[serde(rename = "lastMessageNumber", default)]
    pub last_message_number: Option<u64>,
}

impl MessagePage {
    /// A page.
    #[must_use]
    pub const fn new(messages: List<Message>, last_message_number: u64) -> Self {
        Self { messages, last_message_number: Some(last_message_number) }
    }
}

impl JsonReply for MessagePage {}
