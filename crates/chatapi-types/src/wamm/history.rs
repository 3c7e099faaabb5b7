//! Messages that came in or went out.

use serde::{Deserialize, Serialize};

use super::envelope::NoError;
use super::{Address, Limits, MessageState, Wamm};
use crate::{BadArg, Call, Grade, JsonReply, List, LocalStamp, MessageId, Repeat, Verb, json};

/// `msg_get_last`: the newest messages of the channel. wamm §1.1, grade A.
///
/// There is no paging: whoever must miss nothing asks often and tells messages apart by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MsgGetLast {
    /// How many, 1 to 100.
    pub col: u32,
    /// Outgoing (true, written as 1) or incoming (false, 0) only; both unless given.
    #[serde(default, serialize_with = "json::optional_flag_as_number")]
    pub from_me: Option<bool>,
}

impl MsgGetLast {
    /// The newest `count` messages, 1 to 100.
    #[must_use]
    pub const fn new(count: u32) -> Self {
        Self { col: count, from_me: None }
    }

    /// Outgoing ones only.
    #[must_use]
    pub const fn outgoing(mut self) -> Self {
        self.from_me = Some(true);
        self
    }

    /// Incoming ones only.
    #[must_use]
    pub const fn incoming(mut self) -> Self {
        self.from_me = Some(false);
        self
    }
}

impl Call for MsgGetLast {
    type Dialect = Wamm;
    type Reply = History;
    const NAME: &'static str = "msg_get_last";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
    const SLOTS: &'static [&'static str] = &["col"];

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_count(self.col)
    }
}

/// `msg_get`: the newest messages of one chat. wamm §1.1, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MsgGet {
    /// The chat.
    pub phone: Address,
    /// How many, 1 to 100.
    pub col: u32,
}

impl MsgGet {
    /// The newest `count` messages of a chat, 1 to 100.
    pub fn new(chat: impl Into<Address>, count: u32) -> Self {
        Self { phone: chat.into(), col: count }
    }
}

impl Call for MsgGet {
    type Dialect = Wamm;
    type Reply = History;
    const NAME: &'static str = "msg_get";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
    const SLOTS: &'static [&'static str] = &["phone", "col"];

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_address(&self.phone)?;
        limits.check_count(self.col)
    }
}

/// Messages, newest first. wamm §1.1, grade A.
///
/// An answer without a list is no history: reading it as an empty one would prove absence by
/// mistake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct History {
    #[serde(default)]
    err: NoError,
    /// The messages, newest first.
    #[serde(rename = "msg_data", deserialize_with = "json::or_default")]
    pub messages: List<Message>,
}

impl History {
    /// Messages, newest first.
    #[must_use]
    pub const fn new(messages: List<Message>) -> Self {
        Self { err: NoError, messages }
    }
}

impl JsonReply for History {}

crate::open_enum! {
    /// What a message is (`tip_msg`; wamm §4.4). Only `textMessage` was ever seen (grade A).
    ///
    /// All other words are a sister vendor's and our inference (grade D): they are here so that a
    /// reader understands them should they come. No call sends one, nothing is decided by one, and
    /// whoever emulates the vendor takes them from a profile.
    pub enum MessageKind {
        /// A text.
        Text = "textMessage",
        /// A text with a preview or a quote.
        ExtendedText = "extendedTextMessage",
        /// A picture.
        Image = "imageMessage",
        /// A video.
        Video = "videoMessage",
        /// An audio file or a voice message.
        Audio = "audioMessage",
        /// A document.
        Document = "documentMessage",
        /// A place.
        Location = "locationMessage",
        /// A contact card.
        Contact = "contactMessage",
        /// A poll.
        Poll = "pollMessage",
        /// A reaction.
        Reaction = "reactionMessage",
    }
}

/// A message that came in or went out. wamm §1.1, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// Its id.
    pub msg_id: MessageId,
    /// Whether it went out.
    #[serde(serialize_with = "json::flag_as_digit")]
    pub from_me: bool,
    /// The contact: a phone, or for Telegram and MAX a chat id.
    pub phone: Address,
    /// The contact's phone or nickname, where `phone` is a chat id.
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
    /// When it last changed.
    #[serde(default)]
    pub date_upd: Option<LocalStamp>,
    /// What became of it.
    pub state: MessageState,
}

impl Message {
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
            from_me,
            phone: phone.into(),
            phone_real: None,
            chat_name: String::new(),
            tip_msg: MessageKind::Text,
            msg_text: text.into(),
            msg_link: None,
            date_ins: None,
            date_upd: None,
            state: state.into(),
        }
    }
}
