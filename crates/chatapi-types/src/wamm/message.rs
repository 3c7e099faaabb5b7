//! Sending, following and editing.

use serde::{Deserialize, Serialize};

use super::envelope::NoError;
use super::{Address, Limits, MessageState, Wamm};
use crate::{BadArg, Call, Delivery, Grade, JsonReply, MessageId, Messenger, Repeat, Verb, json};

/// `msg_to`: sends a text. wamm §1.1, grade A. Works on all messengers of the vendor.
///
/// The vendor checks by itself whether the number has an account. There is no way to show or clear
/// its queue.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MsgTo {
    /// Who it is for.
    pub phone: Address,
    /// The text, at most 4500 characters ([`Limits::text_chars`]). In the path style it is one
    /// segment of the path.
    pub text: String,
    /// How long to wait before sending, in seconds: 15, 20, 30, 45, 60, 120 or 180.
    pub delay: Option<u32>,
    /// The message that this one answers (written so here; webhooks spell it `qoute_msg_id`).
    pub quote_msg_id: Option<MessageId>,
}

impl MsgTo {
    /// Sends a text.
    pub fn new(to: impl Into<Address>, text: impl Into<String>) -> Self {
        Self { phone: to.into(), text: text.into(), delay: None, quote_msg_id: None }
    }

    /// Waits that many seconds before sending: 15, 20, 30, 45, 60, 120 or 180.
    #[must_use]
    pub const fn delay(mut self, seconds: u32) -> Self {
        self.delay = Some(seconds);
        self
    }

    /// Answers a message.
    #[must_use]
    pub fn quoting(mut self, message: impl Into<MessageId>) -> Self {
        self.quote_msg_id = Some(message.into());
        self
    }
}

impl std::fmt::Debug for MsgTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Its text is nobody's business who reads a log.
        f.debug_struct("MsgTo")
            .field("delay", &self.delay)
            .field("text", &format_args!("{} B", self.text.len()))
            .finish_non_exhaustive()
    }
}

impl Call for MsgTo {
    type Dialect = Wamm;
    type Reply = Sent;
    const NAME: &'static str = "msg_to";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;
    const SLOTS: &'static [&'static str] = &["phone", "text"];

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_address(&self.phone)?;
        limits.check_text(&self.text)?;
        limits.check_delay(self.delay)?;
        self.quote_msg_id.as_ref().map_or(Ok(()), |id| limits.check_id("quote_msg_id", id))
    }
}

/// The answer to a send: the vendor has put the message in its queue. wamm §1.1, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Sent {
    #[serde(default)]
    err: NoError,
    /// The message's id, by which it is followed. An integer here, a string elsewhere.
    #[serde(serialize_with = "json::id_as_number")]
    pub msg_id: MessageId,
}

impl Sent {
    /// The vendor took it.
    pub fn new(msg_id: impl Into<MessageId>) -> Self {
        Self { err: NoError, msg_id: msg_id.into() }
    }
}

impl JsonReply for Sent {}

/// `msg_state`: what became of a message. wamm §1.1, grade A. Works on all messengers of the vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MsgState {
    /// The message.
    #[serde(serialize_with = "json::id_as_number")]
    pub msg_id: MessageId,
}

impl MsgState {
    /// Asks about a message.
    pub fn new(msg_id: impl Into<MessageId>) -> Self {
        Self { msg_id: msg_id.into() }
    }
}

impl Call for MsgState {
    type Dialect = Wamm;
    type Reply = ReadState;
    const NAME: &'static str = "msg_state";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
    const SLOTS: &'static [&'static str] = &["msg_id"];

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_id("msg_id", &self.msg_id)
    }
}

/// The answer to [`MsgState`]. wamm §1.1, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReadState {
    #[serde(default)]
    err: NoError,
    msg_data: StateData,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StateData {
    msg_id: MessageId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<Address>,
    state: MessageState,
}

impl ReadState {
    /// A message's state.
    pub fn new(
        msg_id: impl Into<MessageId>,
        phone: impl Into<Address>,
        state: impl Into<MessageState>,
    ) -> Self {
        let (msg_id, phone, state) = (msg_id.into(), Some(phone.into()), state.into());
        Self { err: NoError, msg_data: StateData { msg_id, phone, state } }
    }

    /// The message.
    #[must_use]
    pub const fn msg_id(&self) -> &MessageId {
        &self.msg_data.msg_id
    }

    /// Who it is for.
    #[must_use]
    pub const fn phone(&self) -> Option<&Address> {
        self.msg_data.phone.as_ref()
    }

    /// What became of it, in the vendor's words.
    #[must_use]
    pub const fn state(&self) -> &MessageState {
        &self.msg_data.state
    }

    /// What became of it, in common words.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.state().delivery()
    }
}

impl JsonReply for ReadState {}

/// `msg_edit`: changes the text of a message that was sent. wamm §1.1, grade A. Telegram and
/// Telegram bots only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MsgEdit {
    /// The message.
    #[serde(serialize_with = "json::id_as_number")]
    pub msg_id: MessageId,
    /// The new text, at most 4500 characters.
    pub text: String,
}

impl MsgEdit {
    /// Changes a message.
    pub fn new(msg_id: impl Into<MessageId>, text: impl Into<String>) -> Self {
        Self { msg_id: msg_id.into(), text: text.into() }
    }
}

impl std::fmt::Debug for MsgEdit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Its text is nobody's business who reads a log.
        f.debug_struct("MsgEdit")
            .field("msg_id", &self.msg_id)
            .field("text", &format_args!("{} B", self.text.len()))
            .finish_non_exhaustive()
    }
}

impl Call for MsgEdit {
    type Dialect = Wamm;
    type Reply = Done;
    const NAME: &'static str = "msg_edit";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
    const SLOTS: &'static [&'static str] = &["msg_id", "text"];
    const FIXED: usize = 1;
    const MESSENGERS: &'static [Messenger] = &[Messenger::Telegram, Messenger::TelegramBot];

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_id("msg_id", &self.msg_id)?;
        limits.check_text(&self.text)
    }
}

/// The answer to a command: done. wamm §1.1 and §1.2, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Done {
    #[serde(default)]
    err: NoError,
    /// The vendor's word: `success`, `insert`, `update`, `delete`.
    pub result: String,
}

impl Done {
    /// Done, in the vendor's word.
    pub fn new(result: impl Into<String>) -> Self {
        Self { err: NoError, result: result.into() }
    }
}

impl JsonReply for Done {}
