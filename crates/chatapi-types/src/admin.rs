//! The account's "API Settings" of Chat API: functions that create, list and delete instances.
//!
//! Sources: the help page "API customization and automation" (grade A) and `wire/chat-api.md` §9.

mod dialect;
mod error;
mod instance;

pub use dialect::{Admin, DEFAULT_ADDRESS, Encoding, Limits};
pub use error::ErrorCode;
pub use instance::{
    Created, CreatedInstance, CreationState, DeleteInstance, Deleted, Instance, Instances,
    ListInstances, NewInstance, Platform,
};
