//! How the program ends.

use std::fmt;
use std::io;

use chatapi_transport::{Error, ErrorKind};

use crate::out;

/// An exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// Done.
    Done,
    /// Failed, or something is wrong.
    Failed,
    /// Wrong usage.
    Usage,
    /// Token or key not accepted.
    Unauthorized,
    /// Declined by the vendor.
    Declined,
    /// Nobody knows whether it was done.
    InDoubt,
    /// Nobody read on.
    Unread,
}

impl From<Code> for std::process::ExitCode {
    fn from(code: Code) -> Self {
        Self::from(match code {
            Code::Done => 0,
            Code::Failed => 1,
            Code::Usage => 2,
            Code::Unauthorized => 4,
            Code::Declined => 5,
            Code::InDoubt => 6,
            // What a shell makes of a program that SIGPIPE has ended: 128 and the signal.
            Code::Unread => 141,
        })
    }
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A call failed.
    Call(Error),
    /// The command was not given what it needs.
    Usage(String),
    /// The machine refused something: a port, a file.
    Machine(String),
    /// Whoever read what is printed is gone.
    Unread,
    /// What is printed cannot be written, although the pipe is there: the disk is full, most likely.
    Unprinted(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::Usage(problem) | Self::Machine(problem) => f.write_str(problem),
            Self::Unread => f.write_str("nobody reads what is printed"),
            Self::Unprinted(error) => {
                write!(f, "what was asked for may be done, but nothing can be printed: {error}")
            }
        }
    }
}

/// Prints a failure to standard error: a line for people, or an object for scripts. That nobody reads
/// is no failure of ours.
pub(crate) fn tell(failure: &Failure, json: bool) {
    if matches!(failure, Failure::Unread) {
        return;
    }
    if !json {
        return out::aside(format_args!("chatapi: {failure}"));
    }
    let may_have = match failure {
        Failure::Call(error) => error.may_have_taken_effect(),
        Failure::Usage(_) | Failure::Machine(_) => false,
        Failure::Unread | Failure::Unprinted(_) => true,
    };
    let error = serde_json::json!({
        "error": failure.to_string(),
        "mayHaveTakenEffect": may_have,
    });
    out::aside(error);
}

/// The exit code of a failure.
pub(crate) fn code_of(failure: &Failure) -> Code {
    match failure {
        Failure::Usage(_) => Code::Usage,
        Failure::Machine(_) | Failure::Unprinted(_) => Code::Failed,
        Failure::Unread => Code::Unread,
        Failure::Call(error) => match error.kind() {
            ErrorKind::Invalid | ErrorKind::Unsupported => Code::Usage,
            ErrorKind::Unauthorized => Code::Unauthorized,
            ErrorKind::Refused => Code::Declined,
            _ if error.may_have_taken_effect() => Code::InDoubt,
            _ => Code::Failed,
        },
    }
}
