#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod checks;
pub mod dispatch;
pub mod machine;
mod message;
#[cfg(feature = "metrics")]
#[cfg_attr(docsrs, doc(cfg(feature = "metrics")))]
pub mod metrics;
mod outbox;
mod policy;
pub mod record;
pub mod rules;
#[cfg(test)]
mod simulation;
mod state;
pub mod store;

pub use message::{BadBody, BadMessage, Body, Digest, Key, Message, NotDelivered, Stored};
pub use outbox::{ClearError, DryRun, EnqueueError, Feed, FeedItem, Obstacle, Outbox};
pub use policy::OnDoubt;
pub use record::{Cleared, LineName, OutboxId, Route, Wipe};
pub use state::{State, UnknownState};
