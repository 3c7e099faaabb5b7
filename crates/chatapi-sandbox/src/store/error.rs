//! What goes wrong with a file.

use std::fmt;

/// Why a [`Store`](super::Store) could not do what it was asked, in one line that tells what to do.
/// What was saved before is untouched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    reason: String,
}

impl StoreError {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }

    /// An error of the database, in words. `what` is what was to be done to the file.
    pub(super) fn of(path: &str, what: &str, error: &sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        let code = code.and_then(|code| code.parse::<u32>().ok());
        // The lower byte is the kind; what is above it says more than anybody needs.
        let reason = match code.map(|code| code & 0xff) {
            Some(5 | 6) => {
                "another process has it open, most likely another sandbox: end that one, or take \
                 another file"
            }
            Some(8) => "it or its disk is read-only: take another file",
            Some(10) => {
                "the disk fails, or has no room for a file of this size: make room; it is tried again"
            }
            Some(13) => "the disk is full: make room; it is tried again",
            Some(14) => "it must be a file in a directory that exists and can be written to",
            Some(18) => "the sandbox is larger than SQLite takes (1 GB): keep less history",
            Some(11) => "the file is damaged: take a copy of before, or another file",
            Some(26) => "this is not a SQLite file: take another",
            _ => return Self::new(format!("{path} cannot be {what}: {error}")),
        };
        Self::new(format!("{path} cannot be {what}: {reason}"))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for StoreError {}
