//! The account's "API Settings" of Chat API: functions that create, list, look after and delete
//! instances.
//!
//! Sources: the help page "API customization and automation" (grade A) and `docs/wire/chat-api.md` §9.

mod dialect;
mod error;
mod instance;
mod limits;
mod maintain;

use crate::catalogue::{Entry, catalogue};

pub use dialect::{Admin, DEFAULT_ADDRESS, Encoding};
pub use error::ErrorCode;
pub use instance::{
    Created, CreatedInstance, CreationState, DeleteInstance, Deleted, Instance, Instances,
    ListInstances, NewInstance, Platform,
};
pub use limits::Limits;
pub use maintain::{CleanInstance, Done, ReloadInstance, TransferDays};

/// Every admin function, in the order of the wire document.
pub const CATALOGUE: &[Entry] = catalogue![
    NewInstance,
    DeleteInstance,
    ListInstances,
    CleanInstance,
    ReloadInstance,
    TransferDays,
];
