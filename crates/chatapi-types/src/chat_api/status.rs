//! Is the phone alive?

use serde::{Deserialize, Serialize};

use super::ChatApi;
use crate::{Binary, Call, Grade, JsonReply, Repeat, Verb};

/// `GET /status`: the state of the instance. Chat API §2.1, grade A.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReadStatus {
    /// Adds `statusData`, which holds the substatus; false unless given (grade A).
    pub full: Option<bool>,
    /// Does not wake a sleeping instance; false unless given, and then asking starts an instance in
    /// `init` (grade A).
    pub no_wakeup: Option<bool>,
}

impl ReadStatus {
    /// The short status; wakes a sleeping instance.
    #[must_use]
    pub const fn new() -> Self {
        Self { full: None, no_wakeup: None }
    }

    /// With the substatus.
    #[must_use]
    pub const fn full(mut self) -> Self {
        self.full = Some(true);
        self
    }

    /// Without waking a sleeping instance.
    #[must_use]
    pub const fn no_wakeup(mut self) -> Self {
        self.no_wakeup = Some(true);
        self
    }
}

impl Call for ReadStatus {
    type Dialect = ChatApi;
    type Reply = Status;
    const NAME: &'static str = "status";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
}

/// `GET /qr_code`: the QR code to scan, as a picture. Chat API §2.3, grade A.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReadQrCode {}

impl ReadQrCode {
    /// The call.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Call for ReadQrCode {
    type Dialect = ChatApi;
    type Reply = Binary;
    const NAME: &'static str = "qr_code";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
}

crate::open_enum! {
    /// The state of the account (Chat API §2.1, grade A; `conflict`: one client, C).
    pub enum AccountStatus {
        /// A QR code waits to be scanned.
        GotQrCode = "got qr code",
        /// Linked to a phone.
        Authenticated = "authenticated",
        /// On its way up, or in trouble: see the reason.
        Loading = "loading",
        /// Asleep; asking for the status without `no_wakeup` wakes it.
        Init = "init",
        /// Must be paid for.
        NotPaid = "not_paid",
        /// A second session exists.
        Conflict = "conflict",
    }
}

crate::open_enum! {
    /// What exactly is the matter (help page on substatuses and Chat API §2.1, grade A; the help
    /// page writes the battery's words without the second underscore, which is read too).
    pub enum Substatus {
        /// Running, everything in order.
        Normal = "normal",
        /// Loading.
        Loading = "loading",
        /// The instance is offline: disabled, or without network.
        Offline = "offline",
        /// The QR code has run out, or the instance must be paid for: see [`Status::advice`].
        Expired = "expired",
        /// The web session is being opened.
        Opening = "opening",
        /// A second session exists; neither works properly.
        Pairing = "pairing",
        /// The instance, for want of its phone, gave no answer within 30 seconds.
        Timeout = "timeout",
        /// The connection of the vendor's computer is in trouble.
        Computer = "computer",
        /// The connection of the phone is in trouble.
        Phone = "phone",
        /// The battery is low.
        BatteryLow1 = "battery_low_1" | "battery_low1",
        /// The battery is below 5 %.
        BatteryLow2 = "battery_low_2" | "battery_low2",
    }
}

crate::open_enum! {
    /// Why an instance is loading (Chat API §2.1, grade A).
    pub enum LoadingReason {
        /// Connecting.
        Connecting = "connecting",
        /// Reading messages from the phone.
        Syncing = "syncing",
        /// Offline, as the substatus of that name.
        Offline = "offline",
        /// The proxy is blocked.
        ProxyBlock = "proxyblock",
        /// A second session exists.
        Conflict = "conflict",
    }
}

/// The state of an instance. Chat API §2.1, grade A.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Status {
    /// The state of the account.
    pub account_status: AccountStatus,
    /// With `got qr code`: the picture as a data URI (some services leave out the part before the
    /// base64 text; grade C); valid for about a minute (grade A).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr_code: Option<String>,
    /// With `full` (while loading, one client expects it without; grade C): what exactly is the
    /// matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_data: Option<StatusData>,
}

impl Status {
    /// A state without details.
    #[must_use]
    pub const fn new(account_status: AccountStatus) -> Self {
        Self { account_status, qr_code: None, status_data: None }
    }

    /// The substatus, where it was asked for.
    #[must_use]
    pub fn substatus(&self) -> Option<&Substatus> {
        self.status_data.as_ref().and_then(|data| data.substatus.as_ref())
    }

    /// Why it is loading, where it says so.
    #[must_use]
    pub fn reason(&self) -> Option<&LoadingReason> {
        self.status_data.as_ref().and_then(|data| data.reason.as_ref())
    }
}

impl std::fmt::Debug for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Whoever reads the QR code of a log can take the account over.
        f.debug_struct("Status")
            .field("account_status", &self.account_status)
            .field("qr_code", &self.qr_code.as_ref().map(|_| format_args!("…")))
            .field("status_data", &self.status_data)
            .finish()
    }
}

impl JsonReply for Status {}

/// What exactly is the matter with an instance. Texts are in the instance's language. Chat API
/// §2.1, grade A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StatusData {
    /// In one word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substatus: Option<Substatus>,
    /// A headline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub msg: Option<String>,
    /// A second sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submsg: Option<String>,
    /// Why it is loading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<LoadingReason>,
    /// What can be done now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Actions>,
}

/// What can be done now. Chat API §2.1, grade A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Actions {
    /// Ask for a new QR code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Action>,
    /// Start syncing again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Action>,
    /// Unlink the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logout: Option<Action>,
    /// Take the session over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takeover: Option<Action>,
    /// A page to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learn_more: Option<Link>,
}

/// A command that is possible now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Action {
    /// The method to call: `expiry`, `retry`, `logout` or `takeover`.
    #[serde(default, deserialize_with = "crate::json::or_default")]
    pub act: String,
    /// The vendor's words for it.
    #[serde(default, deserialize_with = "crate::json::or_default")]
    pub label: String,
}

impl Action {
    /// A command and its label.
    pub fn new(act: impl Into<String>, label: impl Into<String>) -> Self {
        Self { act: act.into(), label: label.into() }
    }
}

/// A page to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Link {
    /// The vendor's words for it.
    #[serde(default, deserialize_with = "crate::json::or_default")]
    pub label: String,
    /// Its address.
    #[serde(default, deserialize_with = "crate::json::or_default")]
    pub link: String,
}

mod advice;
pub use advice::{Advice, Remedy};
