//! wamm.chat (now branded 1mhub): one channel to a messenger.
//!
//! Wire contract: `docs/wire/wamm.md` of the project, whose evidence grades are repeated at each item.
//! Field names are the vendor's transliterated Russian: `tip` is type, `col` is count.

mod address;
mod channel;
mod chat;
mod check_phone;
mod contact;
mod dialect;
mod envelope;
mod error;
mod event;
mod file;
mod history;
mod limits;
mod message;
mod state;
mod user;
mod webhook_event;

use crate::catalogue::{Entry, catalogue};

pub use address::Address;
pub use channel::{
    Channel, ChannelFilter, ChannelKind, ChannelList, ChannelState, Channels, PayState,
};
pub use chat::{ContactOpen, ContactTagDelete, ContactToUser};
pub use check_phone::{CheckPhone, PhoneCheck};
pub use contact::{Contact, ContactDelete, ContactGet, ContactKind, ContactTo, FoundContact};
pub use dialect::{Addressing, DEFAULT_ADDRESS, Wamm};
pub use error::ErrorCode;
pub use event::{Event, MessageEvent, StateEvent};
pub use file::{FileFromBase64, FileSent, FileTo};
pub use history::{History, Message, MessageKind, MsgGet, MsgGetLast};
pub use limits::Limits;
pub use message::{Done, MsgEdit, MsgState, MsgTo, ReadState, Sent};
pub use state::MessageState;
pub use user::{OpenChat, OpenChats, User, UserChats, UserList, UserRole, Users};
pub use webhook_event::WebhookEvent;

/// Every call of wamm.chat, in the order of the wire document.
pub const CATALOGUE: &[Entry] = catalogue![
    MsgTo,
    MsgState,
    MsgGetLast,
    MsgGet,
    MsgEdit,
    FileTo,
    FileFromBase64,
    CheckPhone,
    ContactTo,
    ContactDelete,
    ContactGet,
    ContactOpen,
    ContactToUser,
    ContactTagDelete,
    ChannelList,
    UserList,
    UserChats,
];
