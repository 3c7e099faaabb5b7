//! Sending a link with its preview.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::limits::{check_given, check_url};
use super::{ChatApi, Limits, PhoneList, Recipient, Sent};
use crate::{BadArg, Call, ChatId, Grade, MessageId, Phone, Repeat, Verb};

/// `POST /sendLink`: sends a link with a preview that you give. Chat API §4.2, grade A.
///
/// The size limit of the preview is unknown; keep it small, a few hundred pixels.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SendLink {
    /// The chat, where no phone is given.
    pub chat_id: Option<ChatId>,
    /// The phone, where no chat is given.
    pub phone: Option<Phone>,
    /// The http(s) address.
    pub body: String,
    /// The preview's picture as `data:image/jpeg;base64,…`.
    pub preview_base64: String,
    /// The preview's title.
    pub title: String,
    /// The preview's description (grade B).
    pub description: Option<String>,
    /// A text of yours with the link (grade B).
    pub text: Option<String>,
    /// The message that this one answers (grade B).
    pub quoted_msg_id: Option<MessageId>,
    /// Whom it mentions; for groups (grade B).
    pub mentioned_phones: Option<PhoneList>,
}

impl SendLink {
    /// Sends the address `url` to a phone or a chat, with the title and the picture of its preview.
    pub fn new(
        to: impl Into<Recipient>,
        url: impl Into<String>,
        title: impl Into<String>,
        preview: impl Into<String>,
    ) -> Self {
        let (chat_id, phone) = to.into().split();
        Self {
            chat_id,
            phone,
            body: url.into(),
            preview_base64: preview.into(),
            title: title.into(),
            description: None,
            text: None,
            quoted_msg_id: None,
            mentioned_phones: None,
        }
    }

    /// Describes the page in its preview.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Puts a text of yours with the link.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
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

impl fmt::Debug for SendLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A data URI would fill the screen.
        f.debug_struct("SendLink")
            .field("chat_id", &self.chat_id)
            .field("phone", &self.phone)
            .field("body", &self.body)
            .field("preview_base64", &format_args!("{} B", self.preview_base64.len()))
            .field("title", &self.title)
            .finish_non_exhaustive()
    }
}

impl Call for SendLink {
    type Dialect = ChatApi;
    type Reply = Sent;
    const NAME: &'static str = "sendLink";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_recipient(self.chat_id.as_ref(), self.phone.as_ref())?;
        check_url("body", &self.body)?;
        check_given("title", &self.title)?;
        if !self.preview_base64.starts_with("data:") {
            let problem = "must be a data URI: data:image/jpeg;base64,{data}";
            return Err(BadArg::new("previewBase64", problem));
        }
        limits.check_file("previewBase64", &self.preview_base64)
    }
}
