//! How operations say whether they were done.

use serde::de;
use serde::{Deserialize, Serialize};

use crate::{ChatId, JsonReply};

crate::open_enum! {
    /// The word of an operation's `result` (Chat API §5.3). `success` is grade B, the rest C; some
    /// answers have a whole sentence here, which is kept as it came.
    pub enum Outcome {
        /// Done.
        Success = "success",
        /// Made anew.
        Created = "created",
        /// Removed.
        Deleted = "deleted",
        /// There already.
        Exists = "exists",
        /// Not done.
        Failed = "failed",
        /// Not done.
        Error = "error",
    }
}

impl Outcome {
    /// Whether the word says that nothing was done.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Failed | Self::Error)
    }
}

/// The answer to most operations: `success`, `result`, or both (Chat API §5.3, grade B).
///
/// Refused is what says `success: false`, or `failed` or `error` in `result` (§1.2, grade C). An
/// answer that says nothing of the kind counts as done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Done {
    /// Whether it was done; chats and labels on chats leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// The vendor's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Outcome>,
    /// Why not (grade C).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The chat, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<ChatId>,
}

impl Done {
    /// `{success, result}`: what operations on names, labels and hooks answer.
    #[must_use]
    pub const fn success() -> Self {
        Self { success: Some(true), result: Some(Outcome::Success), message: None, chat_id: None }
    }

    /// `{result, chatId}`: what operations on a chat answer.
    pub fn with(chat: impl Into<ChatId>) -> Self {
        let chat_id = Some(chat.into());
        Self { success: None, result: Some(Outcome::Success), message: None, chat_id }
    }

    /// `{result: "failed", message}`: not done, and why.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { result: Some(Outcome::Failed), message: Some(message.into()), ..Self::default() }
    }
}

impl JsonReply for Done {
    fn refusal(&self) -> Option<&str> {
        refused(self.success, self.result.as_ref(), self.message.as_deref())
    }
}

/// The refusal in an answer of `success`, `result` and `message`, each of which may be missing.
pub(super) fn refused<'a>(
    success: Option<bool>,
    result: Option<&'a Outcome>,
    message: Option<&'a str>,
) -> Option<&'a str> {
    let refused = success == Some(false) || result.is_some_and(Outcome::is_refusal);
    let words = message.filter(|words| !words.trim().is_empty());
    refused.then(|| words.or(result.map(Outcome::as_str)).unwrap_or_default())
}

/// The flag `name` of an answer, which is no where only `result` says that it failed (§1.2, grade
/// C). Whether it was done cannot be guessed: an answer that does not say is not understood.
pub(super) fn told<E: de::Error>(
    name: &'static str,
    flag: Option<bool>,
    result: Option<&Outcome>,
) -> Result<bool, E> {
    match (flag, result) {
        (Some(flag), _) => Ok(flag),
        (None, Some(result)) if result.is_refusal() => Ok(false),
        (None, _) => Err(E::missing_field(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_by_flag_or_by_word() {
        let refusal = |json| {
            let done: Done = crate::json::from_str(json).unwrap();
            JsonReply::refusal(&done).map(str::to_owned)
        };
        assert_eq!(refusal(r#"{"success":true,"result":"success"}"#), None);
        assert_eq!(refusal(r#"{"result":"exists","chatId":"79000000001@c.us"}"#), None);
        assert_eq!(refusal("{}"), None);
        assert_eq!(refusal(r#"{"result":"failed","message":"no"}"#).as_deref(), Some("no"));
        assert_eq!(refusal(r#"{"result":"error","message":" "}"#).as_deref(), Some("error"));
        assert_eq!(refusal(r#"{"success":0,"result":"no chat"}"#).as_deref(), Some("no chat"));
        assert_eq!(refusal(r#"{"success":false}"#).as_deref(), Some(""));
    }
}
