//! The vendor's queue of actions: what is to be done to groups and chats.

use serde::{Deserialize, Serialize};

use super::declare::call_without_arguments;
use crate::{JsonReply, List, RawJson, UnixTime, json};

call_without_arguments! {
    /// `GET /showActionsQueue`: how many actions wait, and the first 100 of them. Chat API §6, grade
    /// A.
    ShowActionsQueue = Get "showActionsQueue" -> ActionsQueue, Safe, A
}

call_without_arguments! {
    /// `POST /clearActionsQueue`: drops every action that waits. It cannot be undone, and whatever
    /// was queued in the meantime goes too: never repeated unasked. Chat API §6, grade A.
    ClearActionsQueue = Post "clearActionsQueue" -> ClearedActions, Never, A
}

crate::open_enum! {
    /// What an action does (Chat API §6, grade A; the specification's example value `chat` is a
    /// slip).
    pub enum ActionKind {
        /// [`CreateGroup`](crate::chat_api::CreateGroup).
        CreateGroup = "create group",
        /// [`AddGroupParticipant`](crate::chat_api::AddGroupParticipant).
        AddGroupParticipant = "add group participant",
        /// [`RemoveGroupParticipant`](crate::chat_api::RemoveGroupParticipant).
        RemoveGroupParticipant = "remove group participant",
        /// [`PromoteGroupParticipant`](crate::chat_api::PromoteGroupParticipant).
        PromoteGroupParticipant = "promote group participant",
        /// [`DemoteGroupParticipant`](crate::chat_api::DemoteGroupParticipant).
        DemoteGroupParticipant = "demote group participant",
        /// [`ReadChat`](crate::chat_api::ReadChat).
        ReadChat = "read chat",
    }
}

/// The queue of actions. Chat API §6, grade A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActionsQueue {
    /// How many actions wait.
    #[serde(rename = "totalActions")]
    pub total: u64,
    /// The first of them, at most [`QUEUE_LISTING`](super::QUEUE_LISTING).
    #[serde(default, deserialize_with = "json::or_default")]
    pub first100: List<QueuedAction>,
}

impl ActionsQueue {
    /// A queue.
    #[must_use]
    pub const fn new(total: u64, first100: List<QueuedAction>) -> Self {
        Self { total, first100 }
    }

    /// Whether the listing shows every action that waits: only then does absence prove anything.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.total <= self.first100.len() as u64
    }
}

impl JsonReply for ActionsQueue {}

/// One action that waits. Chat API §6, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QueuedAction {
    /// The queue's number of it.
    pub id: u64,
    /// What it does.
    #[serde(rename = "type")]
    pub kind: ActionKind,
    /// When it was last tried, in **seconds**, unlike that of messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_try: Option<UnixTime>,
    /// Its arguments, in a form of the vendor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json_data: Option<RawJson>,
}

impl QueuedAction {
    /// An action that waits and was not tried yet.
    #[must_use]
    pub const fn new(id: u64, kind: ActionKind) -> Self {
        Self { id, kind, last_try: None, json_data: None }
    }
}

/// What was dropped. Chat API §6, grade A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClearedActions {
    /// The vendor's sentence, `Cleared 3 actions`.
    pub message: String,
    /// What dropped actions would have done, at most [`QUEUE_LISTING`](super::QUEUE_LISTING).
    #[serde(rename = "actionsExample", default, deserialize_with = "json::or_default")]
    pub actions: List<ActionKind>,
}

impl ClearedActions {
    /// Says that `count` actions were dropped, `actions` among them.
    #[must_use]
    pub fn new(count: u64, actions: Vec<ActionKind>) -> Self {
        Self { message: format!("Cleared {count} actions"), actions: actions.into() }
    }

    /// How many were dropped, where the sentence has the usual form.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        self.message.split_whitespace().find_map(|word| word.parse().ok())
    }
}

impl JsonReply for ClearedActions {}
