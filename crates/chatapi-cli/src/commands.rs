//! One module per command.

pub mod doctor;
pub mod follow;
pub mod instances;
pub mod queue;
pub mod sandbox;
pub mod send;
pub mod status;

use serde::Serialize;

use crate::exit::Failure;

/// Prints a value as one line of JSON.
fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let line = serde_json::to_string(value)
        .map_err(|error| Failure::Machine(format!("cannot be written as JSON: {error}")))?;
    println!("{line}");
    Ok(())
}
