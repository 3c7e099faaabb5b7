//! wamm.chat (now branded 1mhub): one channel to a messenger.
//!
//! Wire contract: `wire/wamm.md` of the project, whose evidence grades are repeated at each item.
//! Field names are the vendor's transliterated Russian: `tip` is type, `col` is count.

mod address;
mod channel;
mod check_phone;
mod dialect;
mod envelope;
mod error;
mod history;
mod limits;
mod message;
mod state;

pub use address::Address;
pub use channel::{
    Channel, ChannelFilter, ChannelKind, ChannelList, ChannelState, Channels, PayState,
};
pub use check_phone::{CheckPhone, PhoneCheck};
pub use dialect::{Addressing, DEFAULT_ADDRESS, Wamm};
pub use error::ErrorCode;
pub use history::{History, Message, MessageKind, MsgGet, MsgGetLast};
pub use limits::Limits;
pub use message::{Done, MsgEdit, MsgState, MsgTo, ReadState, Sent};
pub use state::MessageState;
