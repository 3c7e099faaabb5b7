//! Saying a webhook again.

use serde::{Deserialize, Serialize};

use super::limits::check_given;
use super::{ChatApi, Done, Limits};
use crate::{BadArg, Call, Grade, MessageId, Repeat, Verb};

/// `POST /repeatHook`: sends the webhook of a message again, for a receiver that lost it.
///
/// Whether [`ReadWebhookStatus`](super::ReadWebhookStatus) knew it is not asked, and every call
/// sends once more. The answer was never seen: [`Done`] is what an emulator should give. Chat API
/// §3.3, grade C.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RepeatHook {
    /// The message.
    pub message_id: MessageId,
}

impl RepeatHook {
    /// Sends the webhook of `message` again.
    pub fn new(message: impl Into<MessageId>) -> Self {
        Self { message_id: message.into() }
    }
}

impl Call for RepeatHook {
    type Dialect = ChatApi;
    type Reply = Done;
    const NAME: &'static str = "repeatHook";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::C;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        check_given("messageId", self.message_id.as_str())
    }
}
