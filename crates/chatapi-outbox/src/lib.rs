#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod dispatch;
pub mod machine;
mod message;
mod policy;
pub mod record;
#[cfg(test)]
mod simulation;
mod state;
pub mod store;

pub use message::{BadBody, BadMessage, Body, Digest, Key, Message, NotDelivered, Stored};
pub use policy::OnDoubt;
pub use record::{LineName, OutboxId, Route};
pub use state::{State, UnknownState};
