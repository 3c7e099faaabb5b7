//! Sending a message on, and taking one back.

use serde::{Deserialize, Serialize};

use super::limits::check_given;
use super::{ChatApi, Done, Ids, Limits, Recipient, Sent};
use crate::{BadArg, Call, ChatId, Grade, MessageId, Phone, Repeat, Verb};

/// `POST /forwardMessage`: sends messages of any chat of the instance on. Chat API §4.2, grade A.
///
/// The answer is that of one send, also where several messages are forwarded; which of the new
/// messages its id names is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ForwardMessage {
    /// The chat, where no phone is given.
    pub chat_id: Option<ChatId>,
    /// The phone, where no chat is given.
    pub phone: Option<Phone>,
    /// What is forwarded.
    pub message_id: Ids<MessageId>,
}

impl ForwardMessage {
    /// Sends a message on to a phone or a chat.
    pub fn new(to: impl Into<Recipient>, message: impl Into<MessageId>) -> Self {
        Self::all(to, [message])
    }

    /// Sends several messages on.
    pub fn all<M: Into<MessageId>>(
        to: impl Into<Recipient>,
        messages: impl IntoIterator<Item = M>,
    ) -> Self {
        let (chat_id, phone) = to.into().split();
        Self { chat_id, phone, message_id: messages.into_iter().collect() }
    }
}

impl Call for ForwardMessage {
    type Dialect = ChatApi;
    type Reply = Sent;
    const NAME: &'static str = "forwardMessage";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_recipient(self.chat_id.as_ref(), self.phone.as_ref())?;
        match self.message_id.as_slice() {
            [] => Err(BadArg::new("messageId", "say which message is to be forwarded")),
            ids => ids.iter().try_for_each(|id| check_given("messageId", id.as_str())),
        }
    }
}

/// `POST /deleteMessage`: takes a message back. Chat API §4.2, grade B.
///
/// It cannot be undone. Whether it goes from the recipient's phone too, and until when after the
/// send, is unknown; so is what a second call about the same message answers, which is why it is
/// never repeated unasked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeleteMessage {
    /// The message.
    pub message_id: MessageId,
}

impl DeleteMessage {
    /// Takes `message` back.
    pub fn new(message: impl Into<MessageId>) -> Self {
        Self { message_id: message.into() }
    }
}

impl Call for DeleteMessage {
    type Dialect = ChatApi;
    type Reply = Done;
    const NAME: &'static str = "deleteMessage";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::B;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        check_given("messageId", self.message_id.as_str())
    }
}
