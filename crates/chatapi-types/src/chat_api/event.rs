//! What happened, as one event after the other.

use serde::{Deserialize, Serialize};

use super::{Ack, Chat, Message, MessageKind};
use crate::{ChatId, Delivery, MessageId, RawJson};

/// One thing that happened. [`WebhookEvents`](super::WebhookEvents) is what brings them.
///
/// What tells an event from its repetition (the vendor delivers up to 20 times, and again when
/// asked): for a message its [id](Self::message_id), for an acknowledgement the message's id
/// together with the [state](Self::ack). A change of a chat has no mark of its own, and setting the
/// same values once more does no harm.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A message came in or went out; calls come as messages too, see [`is_call`](Self::is_call).
    /// Chat API §8, grade A.
    Message(Box<Message>),
    /// A message of ours has come further. Chat API §8, grade A.
    Ack(AckEvent),
    /// A chat has changed. Chat API §8, grade A.
    ChatUpdate(Box<ChatUpdate>),
    /// Something that this version does not understand, to the letter: an item of a known list as
    /// `{"messages":[item]}`, another list or object as `{"name":value}`, and a payload of which
    /// nothing is understood (such as a status notification, whose form was never seen) as a whole.
    Unknown(RawJson),
}

impl Event {
    /// The message that it is about.
    #[must_use]
    pub fn message_id(&self) -> Option<&MessageId> {
        match self {
            Self::Message(message) => Some(&message.id),
            Self::Ack(ack) => Some(&ack.id),
            Self::ChatUpdate(_) | Self::Unknown(_) => None,
        }
    }

    /// The chat that it is about.
    #[must_use]
    pub fn chat_id(&self) -> Option<&ChatId> {
        match self {
            Self::Message(message) => Some(&message.chat_id),
            Self::Ack(ack) => ack.chat_id.as_ref(),
            Self::ChatUpdate(update) => Some(&update.new.id),
            Self::Unknown(_) => None,
        }
    }

    /// How far the message has come, in the vendor's words, where the event says so.
    #[must_use]
    pub fn ack(&self) -> Option<&Ack> {
        match self {
            Self::Message(message) => message.ack.as_ref(),
            Self::Ack(ack) => Some(&ack.status),
            Self::ChatUpdate(_) | Self::Unknown(_) => None,
        }
    }

    /// What became of the message, in common words.
    #[must_use]
    pub fn delivery(&self) -> Option<Delivery> {
        match self {
            Self::Message(message) => Some(message.delivery()),
            Self::Ack(ack) => Some(ack.delivery()),
            Self::ChatUpdate(_) | Self::Unknown(_) => None,
        }
    }

    /// Whether it is a call, which comes as a message of type `call_log` (grade A).
    #[must_use]
    pub fn is_call(&self) -> bool {
        matches!(self, Self::Message(message) if message.kind == MessageKind::CallLog)
    }
}

impl From<Message> for Event {
    fn from(message: Message) -> Self {
        Self::Message(Box::new(message))
    }
}

impl From<AckEvent> for Event {
    fn from(ack: AckEvent) -> Self {
        Self::Ack(ack)
    }
}

impl From<ChatUpdate> for Event {
    fn from(update: ChatUpdate) -> Self {
        Self::ChatUpdate(Box::new(update))
    }
}

/// A message of ours has come further. Chat API §8, grade A. Sent where the setting
/// `ackNotificationsOn` is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AckEvent {
    /// The message.
    pub id: MessageId,
    /// The number that its send was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_number: Option<u64>,
    /// The chat in which it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<ChatId>,
    /// How far it has come: `delivered`, `viewed` (grade A), `sent` (grade B).
    pub status: Ack,
}

impl AckEvent {
    /// A message has come that far.
    pub fn new(
        id: impl Into<MessageId>,
        queue_number: u64,
        chat_id: impl Into<ChatId>,
        status: impl Into<Ack>,
    ) -> Self {
        Self {
            id: id.into(),
            queue_number: Some(queue_number),
            chat_id: Some(chat_id.into()),
            status: status.into(),
        }
    }

    /// How far it has come in common words.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.status.delivery()
    }
}

/// A chat has changed: its name, its members, its time. Chat API §8, grade A. Sent where the setting
/// `chatUpdateOn` is on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChatUpdate {
    /// What it was; null for a chat that is new.
    #[serde(default)]
    pub old: Option<Chat>,
    /// What it is.
    pub new: Chat,
}

impl ChatUpdate {
    /// A chat that was not there before.
    #[must_use]
    pub const fn created(new: Chat) -> Self {
        Self { old: None, new }
    }

    /// A chat that was another before.
    #[must_use]
    pub const fn changed(old: Chat, new: Chat) -> Self {
        Self { old: Some(old), new }
    }
}
