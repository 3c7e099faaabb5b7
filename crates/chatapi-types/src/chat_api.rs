//! Chat API: one instance, its phone, its queue, its messages.
//!
//! Wire contract: `docs/wire/chat-api.md` of the project, whose evidence grades are repeated at each
//! item. The vendor stopped its service in 2023; clones, successors and our sandbox speak on.

mod ack;
mod actions;
mod activity;
mod api_url;
mod bans;
mod buttons;
mod chats;
mod command;
mod contact;
mod declare;
mod dialect;
mod dialogs;
mod envelope;
mod error;
mod event;
mod file;
mod forward;
mod groups;
mod history;
mod hook;
mod identity;
mod ids;
mod iso_time;
mod journal;
mod labels;
mod limits;
mod link;
mod location;
mod message;
mod outcome;
mod participants;
mod phone_check;
mod presence;
mod queue;
mod recipient;
mod send;
mod settings;
mod shop;
mod status;
mod unspecified;
mod voice;
mod webhook_events;

use crate::catalogue::{Entry, catalogue};

pub use ack::Ack;
pub use actions::{
    ActionKind, ActionsQueue, ClearActionsQueue, ClearedActions, QueuedAction, ShowActionsQueue,
};
pub use activity::{ShowRecording, ShowTyping};
pub use api_url::ApiUrl;
pub use bans::{BanSettings, BanTest, ReadBanSettings, SetBanSettings, TestBan};
pub use buttons::SendButtons;
pub use chats::{
    ArchiveChat, ChatRead, ClearChat, PinChat, ReadChat, RemoveChat, Removed, SetDisappearing,
    UnarchiveChat, UnpinChat, UnreadChat,
};
pub use command::{CommandReply, Expiry, Logout, Reboot, Rebooted, Retry, Takeover};
pub use contact::{SendContact, SendVCard};
pub use dialect::{Addressing, ChatApi, DEFAULT_ADDRESS};
pub use dialogs::{Chat, ChatMetadata, Dialogs, ListDialogs, ReadDialog};
pub(crate) use envelope::complaint;
pub use error::ErrorCode;
pub use event::{AckEvent, ChatUpdate, Event};
pub use file::ReadFile;
pub use forward::{DeleteMessage, ForwardMessage};
pub use groups::{CreateGroup, GroupCreated, JoinGroup, Joined, LeaveGroup};
pub use history::{HistoryPage, ListHistory};
pub use hook::RepeatHook;
pub use identity::{
    Device, Me, NameSet, OutputIp, ReadMe, ReadOutputIp, ReadScreenshot, SetName, SetStatus,
};
pub use ids::Ids;
pub use iso_time::IsoTime;
pub use journal::{
    InstanceStatus, InstanceStatuses, ListInstanceStatuses, ReadWebhookStatus, WebhookState,
    WebhookStatus,
};
pub use labels::{
    CreateLabel, Label, LabelChat, LabelCreated, Labels, ListLabels, RemoveLabel, UnlabelChat,
    UpdateLabel,
};
pub use limits::Limits;
pub(crate) use limits::check_url;
pub use link::SendLink;
pub use location::SendLocation;
pub use message::{ListMessages, Message, MessageKind, MessagePage};
pub use outcome::{Done, Outcome};
pub use participants::{
    AddGroupParticipant, DemoteGroupParticipant, ParticipantChanged, PromoteGroupParticipant,
    RemoveGroupParticipant,
};
pub use phone_check::{CheckPhone, PhoneCheck};
pub use presence::ReadUserStatus;
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
pub use shop::{ListProducts, Order, ReadOrder, ReadProduct, SendProduct};
pub use status::{
    AccountStatus, Action, Actions, Advice, Link, LoadingReason, ReadQrCode, ReadStatus, Remedy,
    Status, StatusData, Substatus,
};
pub use unspecified::Unspecified;
pub use voice::SendVoice;
pub use webhook_events::WebhookEvents;

/// Every call of the wire document, in its order (§2 to §7).
pub const CATALOGUE: &[Entry] = catalogue![
    ReadStatus,
    Logout,
    Takeover,
    Expiry,
    Retry,
    Reboot,
    ReadQrCode,
    ReadScreenshot,
    ReadMe,
    ReadOutputIp,
    SetName,
    SetStatus,
    ReadSettings,
    ChangeSettings,
    ReadWebhook,
    SetWebhook,
    RepeatHook,
    SendMessage,
    SendFile,
    SendVoice,
    SendLink,
    SendContact,
    SendLocation,
    SendVCard,
    ForwardMessage,
    DeleteMessage,
    SendButtons,
    SendProduct,
    ListMessages,
    ListHistory,
    ReadFile,
    ListProducts,
    ReadProduct,
    ReadOrder,
    ListDialogs,
    ReadDialog,
    CreateGroup,
    AddGroupParticipant,
    RemoveGroupParticipant,
    PromoteGroupParticipant,
    DemoteGroupParticipant,
    JoinGroup,
    LeaveGroup,
    ReadChat,
    UnreadChat,
    PinChat,
    UnpinChat,
    RemoveChat,
    ShowTyping,
    ShowRecording,
    ArchiveChat,
    UnarchiveChat,
    ClearChat,
    SetDisappearing,
    ListLabels,
    CreateLabel,
    UpdateLabel,
    RemoveLabel,
    LabelChat,
    UnlabelChat,
    CheckPhone,
    ReadUserStatus,
    ShowMessagesQueue,
    ShowActionsQueue,
    ClearMessagesQueue,
    ClearActionsQueue,
    ReadBanSettings,
    SetBanSettings,
    TestBan,
    ListInstanceStatuses,
    ReadWebhookStatus,
];
