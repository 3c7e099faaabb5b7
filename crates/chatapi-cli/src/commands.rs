//! One module per command.

pub(crate) mod doctor;
pub(crate) mod follow;
pub(crate) mod instances;
pub(crate) mod queue;
pub(crate) mod sandbox;
pub(crate) mod send;
pub(crate) mod status;

use serde::Serialize;

use crate::exit::Failure;

/// Prints a value as one line of JSON.
fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let line = serde_json::to_string(value)
        .map_err(|error| Failure::Machine(format!("cannot be written as JSON: {error}")))?;
    println!("{line}");
    Ok(())
}
