//! What becomes of a command.

use std::fmt;

use chatapi_types::{ChatId, InstanceId, MessageId, Token};
use serde::{Serialize, Serializer};

use crate::fault::{BadFault, FaultId};

/// What a command has brought about; empty for most.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Outcome {
    /// The number of the instance that was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<InstanceId>,
    /// The `api_id` of the channel that was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<InstanceId>,
    /// The token of what was added, or the new one.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    pub token: Option<Token>,
    /// The message that came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// The group that was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<ChatId>,
    /// How many messages were dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<usize>,
    /// The id of the fault that was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultId>,
    /// How many faults were taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleared: Option<usize>,
    /// How many seconds passed in the sandbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed: Option<f64>,
}

/// The sandbox's own secret, for whoever asked for it.
fn exposed<S: Serializer>(token: &Option<Token>, serializer: S) -> Result<S::Ok, S::Error> {
    match token {
        Some(token) => token.serialize_exposed(serializer),
        None => serializer.serialize_none(),
    }
}

/// Why a command was not carried out. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandError {
    problem: Problem,
    text: String,
}

/// What kind of problem a command has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// What it is about does not exist.
    Missing,
    /// It cannot be done as things are now.
    Impossible,
    /// It cannot be done at all.
    Invalid,
}

impl CommandError {
    pub(crate) fn missing(text: impl Into<String>) -> Self {
        Self { problem: Problem::Missing, text: text.into() }
    }

    pub(crate) fn impossible(text: impl Into<String>) -> Self {
        Self { problem: Problem::Impossible, text: text.into() }
    }

    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self { problem: Problem::Invalid, text: text.into() }
    }

    /// What kind of problem it is.
    #[must_use]
    pub const fn problem(&self) -> Problem {
        self.problem
    }
}

impl From<BadFault> for CommandError {
    fn from(error: BadFault) -> Self {
        Self { problem: error.reason(), text: error.to_string() }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for CommandError {}

/// A number or token that fits into every address: 1 to 128 letters, digits, `-`, `_` and `.`.
pub(crate) fn valid_id(what: &str, id: &str) -> Result<(), CommandError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match (1..=128).contains(&id.len()) && id.chars().all(is_plain) {
        true => Ok(()),
        false => Err(CommandError::invalid(format!(
            "{what} must have 1 to 128 letters, digits, `-`, `_` or `.`"
        ))),
    }
}
