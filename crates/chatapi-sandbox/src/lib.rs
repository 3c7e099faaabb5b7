#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod admin;
mod chat_api;
mod clock;
mod control;
mod exchanges;
mod http;
#[cfg(feature = "page")]
mod page;
pub mod profile;
mod sandbox;
#[cfg(feature = "server")]
mod server;
mod snapshot;
#[cfg(feature = "sqlite")]
mod store;
mod wamm;
mod world;

pub use clock::{ClockMode, VirtualClock};
pub use control::{AccountHandle, ChannelHandle, ChatView, InstanceHandle, SentFile, SentMessage};
pub use exchanges::{Excerpt, Exchange};
pub use profile::Profile;
pub use sandbox::{Builder, Sandbox};
#[cfg(feature = "tls")]
pub use server::Tls;
#[cfg(feature = "server")]
pub use server::{Server, ServerOptions};
pub use snapshot::{BadSnapshot, Snapshot};
#[cfg(feature = "sqlite")]
pub use store::{Keeper, Store, StoreError};
pub use world::{Entry, Happening, Obstacle, Subject};
