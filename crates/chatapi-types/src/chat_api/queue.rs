//! The vendor's queue of outgoing messages.

use serde::{Deserialize, Deserializer, Serialize};

use super::{ChatApi, MessageKind};
use crate::{Call, ChatId, Grade, JsonReply, List, RawJson, Repeat, UnixMillis, Verb};

/// How many entries [`ShowMessagesQueue`] and [`ClearMessagesQueue`] list at most (grade A).
pub const QUEUE_LISTING: usize = 100;

/// `GET /showMessagesQueue`: how many messages wait, and the first 100 of them. Chat API §6, grade A.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ShowMessagesQueue {}

impl ShowMessagesQueue {
    /// The call.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Call for ShowMessagesQueue {
    type Dialect = ChatApi;
    type Reply = MessagesQueue;
    const NAME: &'static str = "showMessagesQueue";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
}

/// The queue. Chat API §6, grade A.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MessagesQueue {
    /// How many messages wait. The vendor holds 400 at most (grade A).
    #[serde(rename = "totalMessages")]
    pub total: u64,
    /// The first of them, at most [`QUEUE_LISTING`].
    #[serde(default, deserialize_with = "crate::json::or_default")]
    pub first100: List<QueuedMessage>,
}

impl MessagesQueue {
    /// A queue.
    #[must_use]
    pub const fn new(total: u64, first100: List<QueuedMessage>) -> Self {
        Self { total, first100 }
    }

    /// Whether the listing shows every message that waits: only then does absence prove anything.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.total <= self.first100.len() as u64
    }
}

impl JsonReply for MessagesQueue {}

/// One message that waits. Chat API §6, grade A.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QueuedMessage {
    /// The queue's number of it; that it equals the `queueNumber` of the send is our inference
    /// (grade D), which tracking uses only beside other signs.
    pub id: u64,
    /// Text, or the address of a file.
    #[serde(default, deserialize_with = "crate::json::or_default")]
    pub body: String,
    /// What it is: one of the first eight kinds (grade A). An empty word where the service does not
    /// say: what waits is worth showing all the same.
    #[serde(
        rename = "type",
        default = "unsaid",
        deserialize_with = "said_or_not",
        skip_serializing_if = "is_unsaid"
    )]
    pub kind: MessageKind,
    /// When sending was last tried (milliseconds).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_try: Option<UnixMillis>,
    /// Free-form data of the vendor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<RawJson>,
    /// The chat it is for, where the service tells (grade C).
    #[serde(rename = "chatId", default, skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<ChatId>,
}

fn unsaid() -> MessageKind {
    MessageKind::from("")
}

fn said_or_not<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MessageKind, D::Error> {
    Option::deserialize(deserializer).map(|kind| kind.unwrap_or_else(unsaid))
}

fn is_unsaid(kind: &MessageKind) -> bool {
    kind.as_str().is_empty()
}

impl QueuedMessage {
    /// A message that waits.
    pub fn new(id: u64, kind: MessageKind, body: impl Into<String>) -> Self {
        Self { id, body: body.into(), kind, last_try: None, metadata: None, chat_id: None }
    }
}

/// `POST /clearMessagesQueue`: drops everything that waits. Chat API §6, grade A.
///
/// It cannot be undone and cannot be limited to one message; whatever was queued in the meantime
/// goes too, which is why it is never repeated unasked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClearMessagesQueue {}

impl ClearMessagesQueue {
    /// The call.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Call for ClearMessagesQueue {
    type Dialect = ChatApi;
    type Reply = ClearedMessages;
    const NAME: &'static str = "clearMessagesQueue";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;
}

/// What was dropped. Chat API §6, grade A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClearedMessages {
    /// The vendor's sentence, `Cleared 2 messages`.
    pub message: String,
    /// Texts of dropped messages, at most [`QUEUE_LISTING`].
    #[serde(rename = "messageTextsExample", default, deserialize_with = "crate::json::or_default")]
    pub texts: List<String>,
}

impl ClearedMessages {
    /// Says that `count` messages were dropped, `texts` among them.
    #[must_use]
    pub fn new(count: u64, texts: Vec<String>) -> Self {
        Self { message: format!("Cleared {count} messages"), texts: texts.into() }
    }

    /// How many were dropped, where the sentence has the usual form.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        self.message.split_whitespace().find_map(|word| word.parse().ok())
    }
}

impl JsonReply for ClearedMessages {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_complete_when_it_shows_all() {
        let entry = QueuedMessage::new(1, MessageKind::Chat, "hi");
        assert!(MessagesQueue::new(1, vec![entry.clone()].into()).is_complete());
        assert!(!MessagesQueue::new(2, vec![entry].into()).is_complete());
        assert_eq!(ClearedMessages::new(2, vec![]).count(), Some(2));
    }
}
