//! Sending a voice message.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ChatApi, Limits, Recipient, Sent};
use crate::{BadArg, Call, ChatId, Grade, MessageId, Phone, Repeat, Verb};

/// `POST /sendPTT` (alias `sendAudio`): sends a voice message, shown with a wave and a play button.
/// Chat API §4.2, grade A.
///
/// The sound must be Opus in an Ogg file: what the messenger makes of other kinds is unknown; send
/// those with [`SendFile`](super::SendFile). Size and length limits are unknown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SendVoice {
    /// The chat, where no phone is given.
    pub chat_id: Option<ChatId>,
    /// The phone, where no chat is given.
    pub phone: Option<Phone>,
    /// An http(s) address of the file, or the file itself as `data:audio/ogg;base64,…`.
    pub audio: String,
    /// The message that this one answers.
    pub quoted_msg_id: Option<MessageId>,
}

impl SendVoice {
    /// Sends the sound at an address, or in a data URI, to a phone or a chat.
    pub fn new(to: impl Into<Recipient>, audio: impl Into<String>) -> Self {
        let (chat_id, phone) = to.into().split();
        Self { chat_id, phone, audio: audio.into(), quoted_msg_id: None }
    }

    /// Answers a message.
    #[must_use]
    pub fn quoting(mut self, message: impl Into<MessageId>) -> Self {
        self.quoted_msg_id = Some(message.into());
        self
    }
}

impl fmt::Debug for SendVoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A data URI would fill the screen.
        f.debug_struct("SendVoice")
            .field("chat_id", &self.chat_id)
            .field("phone", &self.phone)
            .field("audio", &format_args!("{} B", self.audio.len()))
            .finish_non_exhaustive()
    }
}

impl Call for SendVoice {
    type Dialect = ChatApi;
    type Reply = Sent;
    const NAME: &'static str = "sendPTT";
    const ALIASES: &'static [&'static str] = &["sendAudio"];
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;
    /// An upload takes longer than a text.
    const TIMEOUT: Option<Duration> = Some(Duration::from_secs(120));

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_recipient(self.chat_id.as_ref(), self.phone.as_ref())?;
        limits.check_file("audio", &self.audio)
    }
}
