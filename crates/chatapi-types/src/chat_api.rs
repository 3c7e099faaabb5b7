//! Chat API: one instance, its phone, its queue, its messages.
//!
//! Wire contract: `wire/chat-api.md` of the project, whose evidence grades are repeated at each
//! item. The vendor stopped its service in 2023; clones, successors and our sandbox speak on.

mod ack;
mod api_url;
mod command;
mod dialect;
mod envelope;
mod error;
mod limits;
mod message;
mod phone_check;
mod queue;
mod recipient;
mod send;
mod settings;
mod status;

use crate::catalogue::{Entry, catalogue};

pub use ack::Ack;
pub use api_url::ApiUrl;
pub use command::{CommandReply, Expiry, Logout, Reboot, Rebooted, Retry, Takeover};
pub use dialect::{Addressing, ChatApi, DEFAULT_ADDRESS};
pub(crate) use envelope::complaint;
pub use error::ErrorCode;
pub use limits::Limits;
pub use message::{ListMessages, Message, MessageKind, MessagePage};
pub use phone_check::{CheckPhone, PhoneCheck};
pub use queue::{
    ClearMessagesQueue, ClearedMessages, MessagesQueue, QUEUE_LISTING, QueuedMessage,
    ShowMessagesQueue,
};
pub use recipient::{PhoneList, Recipient};
pub use send::{SendFile, SendMessage, Sent};
pub use settings::{
    ChangeSettings, ChangedSettings, ReadSettings, ReadWebhook, SetWebhook, Settings, Webhook,
    WebhookSet,
};
pub use status::{
    AccountStatus, Action, Actions, Advice, Link, LoadingReason, ReadQrCode, ReadStatus, Remedy,
    Status, StatusData, Substatus,
};

/// Every call of the wire document, in its order (§2 to §7).
pub const CATALOGUE: &[Entry] = catalogue![
    ReadStatus,
    Logout,
    Takeover,
    Expiry,
    Retry,
    Reboot,
    ReadQrCode,
    ReadSettings,
    ChangeSettings,
    ReadWebhook,
    SetWebhook,
    SendMessage,
    SendFile,
    ListMessages,
    CheckPhone,
    ShowMessagesQueue,
    ClearMessagesQueue,
];
