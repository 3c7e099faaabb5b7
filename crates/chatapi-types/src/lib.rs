#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod args;
mod call;
mod catalogue;
mod delivery;
mod dialect;
mod existence;
mod id;
pub mod json;
mod layout;
mod list;
mod members;
mod open_enum;
mod phone;
mod reply;
mod secret;
mod time;

pub mod admin;
pub mod chat_api;
pub mod wamm;

pub use args::{ArgError, Args, Name, plain};
pub use call::{BadArg, Call, Grade, Operation, Repeat, Verb};
pub use catalogue::Entry;
pub use delivery::{Delivery, FailureReason};
pub use dialect::{Dialect, ErrorCode, Messenger, Rotates, Verdict};
pub use existence::Existence;
pub use id::{ChatId, InstanceId, LabelId, MessageId, UserId};
pub use json::{DecodeError, RawJson};
pub use layout::{Body, Layout, Member, Part};
pub use list::{Item, List};
pub use open_enum::UnknownWord;
pub use phone::{BadPhone, Masked, Phone};
pub use reply::{Answer, Binary, JsonReply, Reply};
pub use secret::{ApiKey, Secret, Token};
pub use time::{LocalStamp, UnixMillis, UnixTime};

/// For [`open_enum!`] only.
#[doc(hidden)]
pub mod __private {
    pub use serde::{Deserialize, Deserializer, Serialize, Serializer};
}
