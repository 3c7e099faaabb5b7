//! Sending.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ChatApi, Limits, PhoneList, Recipient};
use crate::{BadArg, Call, ChatId, Grade, JsonReply, MessageId, Phone, Repeat, Verb};

/// `POST /sendMessage` (alias `message`): sends a text. Chat API §4.2, grade A.
///
/// The gateway answers as soon as the message is in its queue, also while the phone is off.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SendMessage {
    /// The chat, where no phone is given.
    pub chat_id: Option<ChatId>,
    /// The phone, where no chat is given.
    pub phone: Option<Phone>,
    /// The text.
    pub body: String,
    /// The message that this one answers.
    pub quoted_msg_id: Option<MessageId>,
    /// Whom it mentions; for groups.
    pub mentioned_phones: Option<PhoneList>,
}

impl SendMessage {
    /// Sends `body` to a phone or a chat.
    pub fn new(to: impl Into<Recipient>, body: impl Into<String>) -> Self {
        let (chat_id, phone) = to.into().split();
        Self { chat_id, phone, body: body.into(), quoted_msg_id: None, mentioned_phones: None }
    }

    /// Answers a message.
    #[must_use]
    pub fn quoting(mut self, message: impl Into<MessageId>) -> Self {
        self.quoted_msg_id = Some(message.into());
        self
    }

    /// Mentions members of the group. The text must hold `@{digits}` where each name belongs.
    #[must_use]
    pub fn mentioning<P: Into<Phone>>(mut self, phones: impl IntoIterator<Item = P>) -> Self {
        self.mentioned_phones = Some(phones.into_iter().collect());
        self
    }
}

impl std::fmt::Debug for SendMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Its text is nobody's business who reads a log.
        f.debug_struct("SendMessage")
            .field("chat_id", &self.chat_id)
            .field("phone", &self.phone)
            .field("body", &format_args!("{} B", self.body.len()))
            .finish_non_exhaustive()
    }
}

impl Call for SendMessage {
    type Dialect = ChatApi;
    type Reply = Sent;
    const NAME: &'static str = "sendMessage";
    const ALIASES: &'static [&'static str] = &["message"];
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_recipient(self.chat_id.as_ref(), self.phone.as_ref())?;
        limits.check_text("body", &self.body)
    }
}

/// `POST /sendFile`: sends a picture, a document, a video, an audio file. Chat API §4.2, grade A.
///
/// The messenger decides by the file name's extension what it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SendFile {
    /// The chat, where no phone is given.
    pub chat_id: Option<ChatId>,
    /// The phone, where no chat is given.
    pub phone: Option<Phone>,
    /// An http(s) address of the file, or the file itself as `data:{mime};base64,…`.
    pub body: String,
    /// The name that the recipient sees, with extension.
    pub filename: String,
    /// A text under the file (grade B).
    pub caption: Option<String>,
    /// Lets the gateway reuse an earlier upload of the same file (grade B).
    pub cached: Option<bool>,
    /// The message that this one answers (grade B).
    pub quoted_msg_id: Option<MessageId>,
    /// Whom it mentions; for groups (grade B).
    pub mentioned_phones: Option<PhoneList>,
}

impl SendFile {
    /// Sends the file at an address, or in a data URI, to a phone or a chat.
    pub fn new(
        to: impl Into<Recipient>,
        body: impl Into<String>,
        filename: impl Into<String>,
    ) -> Self {
        let (chat_id, phone) = to.into().split();
        Self {
            chat_id,
            phone,
            body: body.into(),
            filename: filename.into(),
            caption: None,
            cached: None,
            quoted_msg_id: None,
            mentioned_phones: None,
        }
    }

    /// Puts a text under the file.
    #[must_use]
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = Some(caption.into());
        self
    }

    /// Lets the gateway reuse an earlier upload of the same file.
    #[must_use]
    pub const fn cached(mut self) -> Self {
        self.cached = Some(true);
        self
    }

    /// Answers a message.
    #[must_use]
    pub fn quoting(mut self, message: impl Into<MessageId>) -> Self {
        self.quoted_msg_id = Some(message.into());
        self
    }

    /// Mentions members of the group.
    #[must_use]
    pub fn mentioning<P: Into<Phone>>(mut self, phones: impl IntoIterator<Item = P>) -> Self {
        self.mentioned_phones = Some(phones.into_iter().collect());
        self
    }
}

impl std::fmt::Debug for SendFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A data URI would fill the screen.
        f.debug_struct("SendFile")
            .field("chat_id", &self.chat_id)
            .field("phone", &self.phone)
            .field("body", &format_args!("{} B", self.body.len()))
            .field("filename", &self.filename)
            .finish_non_exhaustive()
    }
}

impl Call for SendFile {
    type Dialect = ChatApi;
    type Reply = Sent;
    const NAME: &'static str = "sendFile";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;
    /// An upload takes longer than a text.
    const TIMEOUT: Option<Duration> = Some(Duration::from_secs(120));

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_recipient(self.chat_id.as_ref(), self.phone.as_ref())?;
        limits.check_file("body", &self.body)?;
        let extension = self.filename.rsplit_once('.').map(|(_, extension)| extension);
        match extension {
            Some(extension) if !extension.is_empty() && !extension.contains('/') => Ok(()),
            _ => Err(BadArg::new(
                "filename",
                "needs an extension such as .pdf: the messenger tells by it what the file is",
            )),
        }
    }
}

/// The answer to a send: the gateway has put the message in its queue. Chat API §4.1, grade A; what
/// the words of `message` mean, grade B.
///
/// `sent: true` does not mean that it has reached anybody: follow it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Sent {
    /// Whether the gateway took it.
    pub sent: bool,
    /// The vendor's sentence: `Sent to …`, or that it waits for the account to be linked.
    #[serde(default, deserialize_with = "crate::json::or_default")]
    pub message: String,
    /// The message's id, by which it is followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<MessageId>,
    /// Its number in the queue: positive, and grows per instance (grade B). The specification does not
    /// have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_number: Option<u64>,
}

impl Sent {
    /// The gateway took it.
    pub fn taken(message: impl Into<String>, id: impl Into<MessageId>, queue_number: u64) -> Self {
        Self {
            sent: true,
            message: message.into(),
            id: Some(id.into()),
            queue_number: Some(queue_number),
        }
    }

    /// The gateway declined it.
    pub fn declined(message: impl Into<String>) -> Self {
        Self { sent: false, message: message.into(), id: None, queue_number: None }
    }

    /// Whether the message waits because the account is not linked to a phone (grade B).
    #[must_use]
    pub fn waits_for_account(&self) -> bool {
        self.message.starts_with("Status of the account not equals authenticated")
    }
}

impl JsonReply for Sent {
    fn refusal(&self) -> Option<&str> {
        (!self.sent).then_some(&self.message)
    }
}
