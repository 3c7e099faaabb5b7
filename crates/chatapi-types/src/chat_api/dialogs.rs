//! The chats of the instance.

use serde::{Deserialize, Serialize};

use super::limits::check_given;
use super::{ChatApi, Limits};
use crate::{BadArg, Call, ChatId, Grade, JsonReply, List, RawJson, Repeat, UnixTime, Verb, json};

/// `GET /dialogs`: the chats of the instance, private ones and groups. Chat API §5.1, grade A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListDialogs {
    /// How many at most; 100 unless given, 0 for all (grade B).
    pub limit: Option<u32>,
    /// Which page, counted from 0 (grade B).
    pub page: Option<u32>,
    /// In which order. No document tells a word that it takes (grade D): left out unless given.
    pub order: Option<String>,
}

impl ListDialogs {
    /// The first page.
    #[must_use]
    pub const fn new() -> Self {
        Self { limit: None, page: None, order: None }
    }

    /// How many at most; 0 for all.
    #[must_use]
    pub const fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Another page, counted from 0.
    #[must_use]
    pub const fn page(mut self, page: u32) -> Self {
        self.page = Some(page);
        self
    }

    /// In another order.
    #[must_use]
    pub fn order(mut self, order: impl Into<String>) -> Self {
        self.order = Some(order.into());
        self
    }
}

impl Call for ListDialogs {
    type Dialect = ChatApi;
    type Reply = Dialogs;
    const NAME: &'static str = "dialogs";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
}

/// Chats. Chat API §5.1, grade A. An answer without a list is no list without chats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Dialogs {
    /// The chats, in an order that is unknown.
    #[serde(deserialize_with = "json::or_default")]
    pub dialogs: List<Chat>,
}

impl Dialogs {
    /// Chats.
    #[must_use]
    pub const fn new(dialogs: List<Chat>) -> Self {
        Self { dialogs }
    }
}

impl JsonReply for Dialogs {}

/// `GET /dialog`: one chat. Chat API §5.1, grade B.
///
/// What is answered about a chat that is not there, is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReadDialog {
    /// The chat.
    pub chat_id: ChatId,
}

impl ReadDialog {
    /// Reads a chat.
    pub fn new(chat: impl Into<ChatId>) -> Self {
        Self { chat_id: chat.into() }
    }
}

impl Call for ReadDialog {
    type Dialect = ChatApi;
    type Reply = Chat;
    const NAME: &'static str = "dialog";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::B;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        check_given("chatId", self.chat_id.as_str())?;
        limits.check_recipient(Some(&self.chat_id), None)
    }
}

/// A chat: in `dialogs`, in `dialog`, in webhooks. Chat API §5.1, grade A unless a member says
/// otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Chat {
    /// Its id.
    pub id: ChatId,
    /// The person's or the group's name.
    #[serde(default, deserialize_with = "json::or_default")]
    pub name: String,
    /// The address of its picture; empty where it has none.
    #[serde(default, deserialize_with = "json::or_default")]
    pub image: String,
    /// What kind of chat it is, and who takes part.
    #[serde(default, deserialize_with = "json::or_default")]
    pub metadata: ChatMetadata,
    /// When its last message came or went (seconds; grade B).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_time: Option<UnixTime>,
}

impl Chat {
    /// A chat of which nothing more is known.
    pub fn new(id: impl Into<ChatId>, name: impl Into<String>) -> Self {
        let id = id.into();
        let metadata = ChatMetadata { is_group: id.is_group(), ..ChatMetadata::default() };
        Self { id, name: name.into(), image: String::new(), metadata, last_time: None }
    }
}

impl JsonReply for Chat {}

/// What kind of chat it is, and who takes part. Chat API §5.1, grade A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChatMetadata {
    /// Whether it is a group.
    #[serde(default, deserialize_with = "json::or_default")]
    pub is_group: bool,
    /// Who takes part.
    #[serde(default, deserialize_with = "json::or_default")]
    pub participants: List<ChatId>,
    /// The address by which people join the group; none outside groups.
    #[serde(default)]
    pub group_invite_link: Option<String>,
    /// The chat's labels, where the service tells. Whether as ids or whole is unknown, so they are
    /// kept as they came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<List<RawJson>>,
}
