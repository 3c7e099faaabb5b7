#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod allow;
#[cfg(any(feature = "tower", feature = "server"))]
mod body;
mod event;
mod events;
mod gateways;
mod hex;
mod hook;
mod inbox;
mod key;
mod lines;
mod path_secret;
mod payload;
mod receiver;
mod record;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "tower")]
mod service;
mod source;
mod vendor;

#[cfg(feature = "conformance")]
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
pub mod conformance;

#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;

pub use allow::{AllowList, BadRange};
pub use event::{Content, Event, Gap, GapCause, Happening, SeenMessage};
pub use events::{Delivered, Events};
pub use gateways::Gateways;
pub use hook::Hook;
pub use inbox::{Claim, Inbox, InboxCounts, InboxError, Inserted, LeaseId, Leased, MemoryInbox};
pub use path_secret::{BadHash, PathSecret, SecretHash, WeakSecret};
pub use receiver::{Admission, Builder, Counts, Receiver};
pub use record::{EventId, Origin, Record};
#[cfg(feature = "server")]
#[cfg_attr(docsrs, doc(cfg(feature = "server")))]
pub use server::{Server, ServerOptions};
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use service::router;
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub use service::{Peer, Service};
pub use source::{About, Hint, Original, Source, SourceError};
pub use vendor::Vendor;
