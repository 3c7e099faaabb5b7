#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod admin;
mod chat_api;
mod clock;
mod command;
mod conduct;
mod control;
#[cfg(feature = "server")]
mod control_api;
mod exchanges;
mod expect;
pub mod fault;
mod http;
mod inbound;
mod magic;
#[cfg(feature = "page")]
mod page;
pub mod profile;
mod received;
mod sandbox;
mod scenario;
#[cfg(feature = "server")]
mod server;
mod snapshot;
mod state;
#[cfg(feature = "sqlite")]
mod store;
mod telling;
mod wamm;
mod webhooks;
mod world;
mod worlds;

pub use clock::{BadClockMode, ClockMode, VirtualClock};
pub use command::{
    ChannelAction, ClockAction, Command, CommandError, InstanceAction, Outcome, Problem,
    WorldAction,
};
pub use control::{
    AccountHandle, ChannelHandle, ChatView, FaultsHandle, InstanceHandle, SentFile, SentMessage,
};
pub use exchanges::{Excerpt, Exchange};
pub use expect::{Count, Expectation, Pacing, Unmet};
pub use fault::{Fault, FaultId, FaultState};
pub use inbound::{Call, Card, Circumstances, Edit, Inbound, Media, Member, Place, Words};
pub use magic::MagicRecipient;
pub use profile::Profile;
pub use received::{Filter, Stage, Submission};
pub use sandbox::{Builder, Sandbox};
pub use scenario::{At, BadScenario, Deed, Mishap, Playing, Repeat, Scenario, Step};
#[cfg(feature = "tls")]
pub use server::Tls;
#[cfg(feature = "server")]
pub use server::{Server, ServerOptions};
pub use snapshot::{BadSnapshot, Snapshot};
pub use state::{ChannelView, ClockView, InstanceView, State};
#[cfg(feature = "sqlite")]
pub use store::{Keeper, Store, StoreError};
pub use webhooks::{DueHook, Webhooks};
pub use world::{
    Entry, Happening, HookAttempt, HookDelivery, HookFate, HookKind, HookOutcome, HookState,
    Obstacle, Subject, Target,
};
pub use worlds::{NewWorld, Worlds};
