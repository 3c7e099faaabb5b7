//! One module per command.

pub(crate) mod doctor;
pub(crate) mod follow;
pub(crate) mod instances;
pub(crate) mod queue;
pub(crate) mod sandbox;
pub(crate) mod send;
pub(crate) mod status;

use std::io::{self, Write as _};

use serde::Serialize;

use crate::exit::Failure;

/// Prints a value as one line of JSON.
fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let line = serde_json::to_string(value)
        .map_err(|error| Failure::Machine(format!("cannot be written as JSON: {error}")))?;
    print(&format!("{line}\n"))
}

/// Prints a text. Whoever read may have read enough (`| head -1`) and be gone; what was done is done,
/// and goes on.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Machine(format!("nothing can be printed: {error}")))
        }
        _ => Ok(()),
    }
}
