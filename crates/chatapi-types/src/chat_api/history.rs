//! Messages page by page.

use serde::{Deserialize, Serialize};

use super::{ChatApi, Message};
use crate::{Call, ChatId, Grade, JsonReply, List, Repeat, Verb, json};

/// `GET /messagesHistory`: messages of the instance page by page. Chat API §4.4, grade B.
///
/// In which order the pages come is unknown; newest first is what our sandbox does (grade D). To
/// follow the stream, [`ListMessages`](super::ListMessages) is the better call: its cursor does not
/// shift when messages come in.
///
/// ```
/// use chatapi_types::chat_api::ListHistory;
///
/// let second = ListHistory::new().chat("79000000001@c.us").count(50).page(1);
/// # let _ = second;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ListHistory {
    /// Which page, counted from 0.
    pub page: Option<u32>,
    /// How many messages a page has; how many unless given, and at most, is unknown.
    pub count: Option<u32>,
    /// Of one chat.
    pub chat_id: Option<ChatId>,
}

impl ListHistory {
    /// The first page.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Another page, counted from 0.
    #[must_use]
    pub const fn page(mut self, page: u32) -> Self {
        self.page = Some(page);
        self
    }

    /// How many messages a page has.
    #[must_use]
    pub const fn count(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// Only those of one chat.
    #[must_use]
    pub fn chat(mut self, chat: impl Into<ChatId>) -> Self {
        self.chat_id = Some(chat.into());
        self
    }
}

impl Call for ListHistory {
    type Dialect = ChatApi;
    type Reply = HistoryPage;
    const NAME: &'static str = "messagesHistory";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::B;
}

/// A page of the history. Chat API §4.4, grade B. An empty one is beyond the last (grade D).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HistoryPage {
    /// The messages.
    #[serde(deserialize_with = "json::or_default")]
    pub messages: List<Message>,
    /// Which page it is, counted from 0.
    #[serde(default)]
    pub page: Option<u32>,
}

impl HistoryPage {
    /// A page.
    #[must_use]
    pub const fn new(messages: List<Message>, page: u32) -> Self {
        Self { messages, page: Some(page) }
    }
}

impl JsonReply for HistoryPage {}
