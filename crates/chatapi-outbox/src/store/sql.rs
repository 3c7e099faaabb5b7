//! What the databases have in common: finding and keeping rows. What is decided about them is the
//! [`Ledger`](super::Ledger)'s.

mod batch;
mod core;
mod desk;
mod engine;
mod events;
mod load;
mod read;
mod rows;
mod save;
mod schema;
mod tidying;
mod writer;

pub(super) use core::{Core, tables};
pub(super) use desk::{Desk, inbox};
pub(super) use engine::{Argument, Arrived, Engine, Fault, Kind, Row, Value, joined};
#[cfg(all(test, feature = "sqlite"))]
pub(super) use events::to_lease;
pub(super) use schema::{Migration, migrate};

use batch::Job;
use events::Task;
use tidying::Tidying;
use writer::Writer;
