//! What the databases have in common: finding and keeping rows. What is decided about them is the
//! [`Ledger`](super::Ledger)'s.

mod batch;
mod core;
mod engine;
mod load;
mod read;
mod rows;
mod save;
mod schema;
mod tidying;
mod writer;

pub(super) use core::{Core, tables};
pub(super) use engine::{Argument, Engine, Fault, Kind, Row, Value, joined};
pub(super) use schema::{Migration, migrate};

use batch::Job;
use tidying::Tidying;
use writer::Writer;
