#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod allow;
mod event;
mod events;
mod hook;
mod inbox;
mod key;
mod path_secret;
mod payload;
mod receiver;
mod record;
mod source;
mod vendor;

#[cfg(feature = "conformance")]
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
pub mod conformance;

pub use allow::{AllowList, BadRange};
pub use event::{Content, Event, Gap, GapCause, Happening, SeenMessage};
pub use events::{Delivered, Events};
pub use hook::Hook;
pub use inbox::{Claim, Inbox, InboxCounts, InboxError, Inserted, LeaseId, Leased, MemoryInbox};
pub use path_secret::{BadHash, PathSecret, SecretHash, WeakSecret};
pub use receiver::{Admission, Builder, Counts, Receiver};
pub use record::{EventId, Origin, Record};
pub use source::{About, Hint, Original, Source, SourceError};
pub use vendor::Vendor;
