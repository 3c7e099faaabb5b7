//! What is printed: everything goes through here.
//!
//! `println!` and `eprintln!` panic when nobody reads any more; `chatapi … | head -1` is no reason to.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write as _};

use serde::Serialize;

use crate::exit::Failure;

/// Prints a text as it is.
///
/// # Errors
///
/// [`Failure::Unread`] when whoever read has read enough (`| head -1`) and is gone.
pub(crate) fn print(text: impl Display) -> Result<(), Failure> {
    let text = text.to_string();
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::Unread,
        _ => Failure::Unprinted(error),
    })
}

/// Prints a line, or several.
///
/// # Errors
///
/// Those of [`print`].
pub(crate) fn line(text: impl Display) -> Result<(), Failure> {
    print(format_args!("{text}\n"))
}

/// Prints a heading, in bold where that can be seen and is wanted.
///
/// # Errors
///
/// Those of [`print`].
pub(crate) fn heading(text: &str) -> Result<(), Failure> {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    match io::stdout().is_terminal() && !plain {
        true => print(format_args!("\n\x1b[1m{text}\x1b[0m\n")),
        false => print(format_args!("\n{text}\n")),
    }
}

/// Prints a value as one line of JSON.
///
/// # Errors
///
/// Those of [`print`].
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value)
        .map_err(|error| Failure::Machine(format!("cannot be written as JSON: {error}")))?;
    line(text)
}

/// Tells a person something beside what was asked for, on standard error. Whether anybody listens
/// there changes nothing.
pub(crate) fn aside(text: impl Display) {
    let text = format!("{text}\n");
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
