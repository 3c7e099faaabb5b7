//! Sending buttons.

use serde::{Deserialize, Serialize};

use super::limits::check_given;
use super::{ChatApi, Limits, Recipient, Sent};
use crate::{BadArg, Call, ChatId, Grade, Phone, Repeat, Verb};

/// `POST /sendButtons`: sends a text with buttons. Chat API §4.2, grade B (since 2021).
///
/// A press comes back as a message of the kind
/// [`ButtonsResponse`](super::MessageKind::ButtonsResponse) (grade C). How many buttons are taken,
/// how long each may be, and on which phones they show, is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SendButtons {
    /// The chat, where no phone is given.
    pub chat_id: Option<ChatId>,
    /// The phone, where no chat is given.
    pub phone: Option<Phone>,
    /// The line above the text; may be empty.
    pub title: String,
    /// The text.
    pub body: String,
    /// The line below the text; may be empty.
    pub footer: String,
    /// What stands on the buttons.
    pub buttons: Vec<String>,
}

impl SendButtons {
    /// Sends a text with buttons to a phone or a chat.
    pub fn new<B: Into<String>>(
        to: impl Into<Recipient>,
        body: impl Into<String>,
        buttons: impl IntoIterator<Item = B>,
    ) -> Self {
        let (chat_id, phone) = to.into().split();
        Self {
            chat_id,
            phone,
            title: String::new(),
            body: body.into(),
            footer: String::new(),
            buttons: buttons.into_iter().map(Into::into).collect(),
        }
    }

    /// Puts a line above the text.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Puts a line below the text.
    #[must_use]
    pub fn footer(mut self, footer: impl Into<String>) -> Self {
        self.footer = footer.into();
        self
    }
}

impl Call for SendButtons {
    type Dialect = ChatApi;
    type Reply = Sent;
    const NAME: &'static str = "sendButtons";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::B;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_recipient(self.chat_id.as_ref(), self.phone.as_ref())?;
        limits.check_text("body", &self.body)?;
        match self.buttons.as_slice() {
            [] => Err(BadArg::new("buttons", "give at least one")),
            buttons => buttons.iter().try_for_each(|button| check_given("buttons", button)),
        }
    }
}
