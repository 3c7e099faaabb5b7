//! How headings look.

use std::io::IsTerminal;

/// Prints a heading, in bold where that can be seen and is wanted.
pub(crate) fn heading(text: &str) {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    match std::io::stdout().is_terminal() && !plain {
        true => println!("\n\x1b[1m{text}\x1b[0m"),
        false => println!("\n{text}"),
    }
}
