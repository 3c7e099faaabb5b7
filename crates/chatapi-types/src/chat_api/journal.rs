//! What the vendor kept: the instance's states, what became of webhooks.

use serde::{Deserialize, Serialize};

use super::limits::check_given;
use super::{AccountStatus, ChatApi, IsoTime, Limits};
use crate::{
    BadArg, Call, Grade, JsonReply, List, MessageId, Repeat, UnixMillis, UnixTime, Verb, json,
};

/// `GET /instanceStatuses`: through which states the instance went. Chat API §7, grade A.
///
/// Kept only while [`Settings::instance_statuses`](super::Settings::instance_statuses) is on.
///
/// ```
/// use chatapi_types::UnixTime;
/// use chatapi_types::chat_api::ListInstanceStatuses;
///
/// let since = ListInstanceStatuses::new().not_before(UnixTime::from_secs(1_600_000_000));
/// # let _ = since;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListInstanceStatuses {
    /// Not before (seconds).
    pub min_time: Option<UnixTime>,
    /// Not after (seconds).
    pub max_time: Option<UnixTime>,
}

impl ListInstanceStatuses {
    /// Everything that was kept.
    #[must_use]
    pub const fn new() -> Self {
        Self { min_time: None, max_time: None }
    }

    /// Not before this second.
    #[must_use]
    pub const fn not_before(mut self, time: UnixTime) -> Self {
        self.min_time = Some(time);
        self
    }

    /// Not after this second.
    #[must_use]
    pub const fn not_after(mut self, time: UnixTime) -> Self {
        self.max_time = Some(time);
        self
    }
}

impl Call for ListInstanceStatuses {
    type Dialect = ChatApi;
    type Reply = InstanceStatuses;
    const NAME: &'static str = "instanceStatuses";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
}

/// Through which states the instance went. Chat API §7, grade A. The order is unknown: go by the
/// dates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InstanceStatuses {
    /// The states.
    #[serde(deserialize_with = "json::or_default")]
    pub data: List<InstanceStatus>,
}

impl InstanceStatuses {
    /// States.
    #[must_use]
    pub const fn new(data: List<InstanceStatus>) -> Self {
        Self { data }
    }
}

impl JsonReply for InstanceStatuses {}

/// A state, and since when. Chat API §7, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InstanceStatus {
    /// Since when.
    pub date: IsoTime,
    /// The state.
    pub status: AccountStatus,
}

impl InstanceStatus {
    /// A state since a moment.
    #[must_use]
    pub fn new(date: UnixMillis, status: AccountStatus) -> Self {
        Self { date: date.into(), status }
    }
}

/// `GET /webhookStatus`: what became of the webhook of a message. Chat API §7, grade A.
///
/// Kept only while [`Settings::webhook_statuses`](super::Settings::webhook_statuses) is on. What is
/// answered about a message that is not known, is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReadWebhookStatus {
    /// The message.
    pub msg_id: MessageId,
}

impl ReadWebhookStatus {
    /// Asks about the webhook of `message`.
    pub fn new(message: impl Into<MessageId>) -> Self {
        Self { msg_id: message.into() }
    }
}

impl Call for ReadWebhookStatus {
    type Dialect = ChatApi;
    type Reply = WebhookStatus;
    const NAME: &'static str = "webhookStatus";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        check_given("msgId", self.msg_id.as_str())
    }
}

/// What became of the webhook of a message. Chat API §7, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WebhookStatus {
    /// The message.
    pub msg_id: MessageId,
    /// Since when.
    #[serde(default)]
    pub time: Option<IsoTime>,
    /// What became of it.
    pub status: WebhookState,
}

impl WebhookStatus {
    /// What became of the webhook of `message`.
    pub fn new(message: impl Into<MessageId>, time: UnixMillis, status: WebhookState) -> Self {
        Self { msg_id: message.into(), time: Some(time.into()), status }
    }
}

impl JsonReply for WebhookStatus {}

crate::open_enum! {
    /// What became of a webhook (Chat API §7, grade A).
    pub enum WebhookState {
        /// The receiver has it.
        Sent = "sent",
        /// The receiver did not take it, and it is not tried again. [`RepeatHook`] sends it anew.
        ///
        /// [`RepeatHook`]: crate::chat_api::RepeatHook
        NotSent = "not sent",
        /// It waits to be sent.
        Queued = "queued",
    }
}
