//! Fetching the file of a message.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::limits::check_given;
use super::{ChatApi, Limits};
use crate::{BadArg, Binary, Call, Grade, MessageId, Repeat, Verb};

/// `GET /getFile`: the file of a message. Chat API §4.6, grade C.
///
/// The vendor keeps files for 30 days (grade A). Usually the `body` of the
/// [`Message`](super::Message) already is the file's address. What is answered where there is no
/// file, is unknown. At most 128 MiB are read; a gateway can be told otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReadFile {
    /// The message.
    pub msg_id: MessageId,
}

impl ReadFile {
    /// Fetches the file of `message`.
    pub fn new(message: impl Into<MessageId>) -> Self {
        Self { msg_id: message.into() }
    }
}

impl Call for ReadFile {
    type Dialect = ChatApi;
    type Reply = Binary;
    const NAME: &'static str = "getFile";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::C;
    /// A file takes longer than a text …
    const TIMEOUT: Option<Duration> = Some(Duration::from_secs(120));
    /// … and is larger.
    const ANSWER_LIMIT: Option<usize> = Some(128 * 1024 * 1024);

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        check_given("msgId", self.msg_id.as_str())
    }
}
