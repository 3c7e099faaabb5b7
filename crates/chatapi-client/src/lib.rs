#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod broadcast;
pub mod chat_api;
pub mod diagnosis;
mod download;
mod file;
pub mod line;
mod prepared;
mod tracking;
mod voice;
pub mod wamm;

pub use broadcast::Broadcast;
pub use diagnosis::{Cause, Diagnosis, Finding, LinkProbe, LinkState, Severity};
pub use file::File;
pub use line::Line;
pub use prepared::Prepared;
pub use tracking::{Outcome, Tracking};
pub use voice::Voice;

pub use chatapi_transport::{Address, Clock, Error, ErrorKind, Gateway, Result};
