//! What happened, as a webhook tells it.

use serde::{Deserialize, Serialize};

use super::{Address, Message, MessageKind, MessageState};
use crate::{Delivery, LocalStamp, MessageId, RawJson, json};

/// One thing that happened. [`WebhookEvent`](super::WebhookEvent) is what brings it.
///
/// What tells an event from its repetition (the vendor delivers up to six times): whether it is a
/// message or a state, the [message's id](Self::message_id) and the [state](Self::state).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A message came in or went out, also one that was typed on the phone. wamm §4.2, grade A.
    Message(Box<MessageEvent>),
    /// A message is in another state. wamm §4.3, grade A; what it says, grade C.
    State(StateEvent),
    /// Something that this version does not understand: the whole payload, to the letter.
    Unknown(RawJson),
}

impl Event {
    /// The message that it is about.
    #[must_use]
    pub fn message_id(&self) -> Option<&MessageId> {
        match self {
            Self::Message(message) => Some(&message.msg_id),
            Self::State(state) => Some(&state.msg_id),
            Self::Unknown(_) => None,
        }
    }

    /// What became of the message, in the vendor's words.
    #[must_use]
    pub fn state(&self) -> Option<&MessageState> {
        match self {
            Self::Message(message) => Some(&message.state),
            Self::State(state) => Some(&state.state),
            Self::Unknown(_) => None,
        }
    }

    /// What became of the message, in common words.
    #[must_use]
    pub fn delivery(&self) -> Option<Delivery> {
        self.state().map(MessageState::delivery)
    }

    /// The contact: a phone, or for Telegram and MAX a chat id.
    #[must_use]
    pub fn phone(&self) -> Option<&Address> {
        match self {
            Self::Message(message) => Some(&message.phone),
            Self::State(state) => state.phone.as_ref(),
            Self::Unknown(_) => None,
        }
    }
}

impl From<MessageEvent> for Event {
    fn from(message: MessageEvent) -> Self {
        Self::Message(Box::new(message))
    }
}

impl From<StateEvent> for Event {
    fn from(state: StateEvent) -> Self {
        Self::State(state)
    }
}

/// A message in a webhook: it has other members than in lists, and numbers where they have text.
/// wamm §4.2, grade A unless a member says otherwise. The end of the vendor's table was never seen,
/// so further members are to be expected ([`WebhookEvent::unknown_data`](super::WebhookEvent::unknown_data)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MessageEvent {
    /// Its id, an integer here.
    #[serde(serialize_with = "json::id_as_number")]
    pub msg_id: MessageId,
    /// The message that it answers (the vendor's spelling; requests have `quote_msg_id`).
    #[serde(default, serialize_with = "json::optional_id_as_number")]
    pub qoute_msg_id: Option<MessageId>,
    /// Whether it was sent through the API; 0 or 1 here.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "json::optional_flag_as_number"
    )]
    pub from_api: Option<bool>,
    /// Whether it went out; 0 or 1 here.
    #[serde(serialize_with = "json::flag_as_number")]
    pub from_me: bool,
    /// Our number on the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_acc: Option<Address>,
    /// The contact: a phone, or for Telegram and MAX a chat id.
    pub phone: Address,
    /// The contact's phone or nickname, where `phone` is a chat id (grade D here).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_real: Option<Address>,
    /// The contact's or chat's name.
    #[serde(default, deserialize_with = "json::or_default")]
    pub chat_name: String,
    /// What it is.
    pub tip_msg: MessageKind,
    /// The text.
    #[serde(default, deserialize_with = "json::or_default")]
    pub msg_text: String,
    /// Where its file is.
    #[serde(default)]
    pub msg_link: Option<String>,
    /// When it was made.
    #[serde(default)]
    pub date_ins: Option<LocalStamp>,
    /// What became of it.
    pub state: MessageState,
    /// Who wrote it in a group; null in personal chats (grade D).
    #[serde(rename = "senderId", default)]
    pub sender_id: Option<Address>,
    /// The name of who wrote it in a group; null in personal chats (grade D).
    #[serde(rename = "senderName", default)]
    pub sender_name: Option<String>,
}

impl MessageEvent {
    /// A text.
    pub fn new(
        msg_id: impl Into<MessageId>,
        from_me: bool,
        phone: impl Into<Address>,
        text: impl Into<String>,
        state: impl Into<MessageState>,
    ) -> Self {
        Self {
            msg_id: msg_id.into(),
            qoute_msg_id: None,
            from_api: Some(false),
            from_me,
            phone_acc: None,
            phone: phone.into(),
            phone_real: None,
            chat_name: String::new(),
            tip_msg: MessageKind::Text,
            msg_text: text.into(),
            msg_link: None,
            date_ins: None,
            state: state.into(),
            sender_id: None,
            sender_name: None,
        }
    }

    /// What became of it, in common words.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.state.delivery()
    }
}

/// As [`MsgGetLast`](super::MsgGetLast) would list it; when it last changed is not known.
impl From<MessageEvent> for Message {
    fn from(event: MessageEvent) -> Self {
        let mut message =
            Self::new(event.msg_id, event.from_me, event.phone, event.msg_text, event.state);
        message.phone_real = event.phone_real;
        message.chat_name = event.chat_name;
        message.tip_msg = event.tip_msg;
        message.msg_link = event.msg_link;
        message.date_ins = event.date_ins;
        message
    }
}

/// A message is in another state. wamm §4.3, grade C.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StateEvent {
    /// The message, an integer here.
    #[serde(serialize_with = "json::id_as_number")]
    pub msg_id: MessageId,
    /// The contact, where the vendor says so (grade D).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Address>,
    /// What became of it.
    pub state: MessageState,
}

impl StateEvent {
    /// A message is in that state.
    pub fn new(msg_id: impl Into<MessageId>, state: impl Into<MessageState>) -> Self {
        Self { msg_id: msg_id.into(), phone: None, state: state.into() }
    }

    /// What became of it, in common words.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.state.delivery()
    }
}
