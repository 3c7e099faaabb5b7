//! What is done to a chat as a whole.

use serde::{Deserialize, Deserializer, Serialize};

use super::declare::call_about_chat;
use super::outcome::told;
use super::{Done, ErrorCode, Outcome, Unspecified};
use crate::{ChatId, ErrorCode as _, JsonReply, RawJson, json};

call_about_chat! {
    /// `POST /readChat`: marks all messages of a chat as read; the people see it. A queued action.
    /// Chat API §5.3, grade A.
    ReadChat = Post "readChat" -> ChatRead, Safe, A
}

call_about_chat! {
    /// `POST /unreadChat`: marks a chat as unread, for whoever holds the phone. Chat API §5.3, grade
    /// B.
    UnreadChat = Post "unreadChat" -> Done, Safe, B
}

call_about_chat! {
    /// `POST /pinChat`: pins a chat to the top of the list. The messenger pins three at most (grade
    /// C); past them the answer is a success all the same, and nothing is pinned. Chat API §5.3,
    /// grade B.
    PinChat = Post "pinChat" -> Done, Safe, B
}

call_about_chat! {
    /// `POST /unpinChat`: takes a chat off the top of the list. Chat API §5.3, grade B.
    UnpinChat = Post "unpinChat" -> Done, Safe, B
}

call_about_chat! {
    /// `POST /removeChat`: removes a chat from the phone; a group is left (the vendor's text for a
    /// refusal names both, grade C). It cannot be undone, and a second call is refused because the
    /// chat is gone: never repeated unasked. Chat API §5.3, grade B.
    RemoveChat = Post "removeChat" -> Removed, Never, B
}

call_about_chat! {
    /// `POST /archiveChat`: moves a chat to the archive. The answer was never seen and is kept as it
    /// comes. Chat API §5.3, grade C (since 2021).
    ArchiveChat = Post "archiveChat" -> Unspecified, Safe, C
}

call_about_chat! {
    /// `POST /unarchiveChat`: takes a chat out of the archive. The answer was never seen and is kept
    /// as it comes. Chat API §5.3, grade C (since 2021).
    UnarchiveChat = Post "unarchiveChat" -> Unspecified, Safe, C
}

call_about_chat! {
    /// `POST /clearChat`: removes all messages of a chat from the phone and keeps the chat. It cannot
    /// be undone, and takes along what came in the meantime: never repeated unasked. The answer was
    /// never seen and is kept as it comes. Chat API §5.3, grade C (since 2021).
    ClearChat = Post "clearChat" -> Unspecified, Never, C
}

call_about_chat! {
    /// `POST /disappearingChat`: makes the messages of a chat disappear. After how long, and whether
    /// a second call switches it off again, is unknown: never repeated unasked. The answer was never
    /// seen and is kept as it comes. Chat API §5.3, grade C (since 2021).
    SetDisappearing = Post "disappearingChat" -> Unspecified, Never, C
}

/// The answer to [`ReadChat`]. Chat API §5.3, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChatRead {
    /// Whether the gateway took it. Read also from `result: "failed"` (§1.2, grade C).
    pub read: bool,
    /// The vendor's sentence.
    pub message: String,
    /// The chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<ChatId>,
}

impl ChatRead {
    /// An answer.
    pub fn new(read: bool, message: impl Into<String>, chat: impl Into<ChatId>) -> Self {
        Self { read, message: message.into(), chat_id: Some(chat.into()) }
    }
}

impl<'de> Deserialize<'de> for ChatRead {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire {
            read: Option<bool>,
            result: Option<Outcome>,
            #[serde(default, deserialize_with = "json::or_default")]
            message: String,
            chat_id: Option<ChatId>,
        }
        let Wire { read, result, message, chat_id } = Wire::deserialize(deserializer)?;
        Ok(Self { read: told("read", read, result.as_ref())?, message, chat_id })
    }
}

impl JsonReply for ChatRead {
    fn refusal(&self) -> Option<&str> {
        (!self.read).then_some(&self.message)
    }
}

/// The answer to [`RemoveChat`] and [`LeaveGroup`](super::LeaveGroup). Chat API §5.2, grade C, in
/// conflict.
///
/// `result` is text for one client of the live service, and an object with a `message` for another:
/// either is read, text is written. A refusal is known only as the text `Couldn't delete chat or
/// leaving group. …` (§1.2, grade C).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Removed {
    /// The vendor's word or sentence.
    #[serde(deserialize_with = "words")]
    pub result: String,
    /// More of the vendor's words, where `result` is only `failed` or `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The chat, where the service tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<ChatId>,
}

impl Removed {
    /// An answer with the vendor's word or sentence.
    pub fn new(result: impl Into<String>) -> Self {
        Self { result: result.into(), message: None, chat_id: None }
    }
}

impl JsonReply for Removed {
    fn refusal(&self) -> Option<&str> {
        let words = &*self.result;
        match Outcome::from(words).is_refusal() {
            true => Some(self.message.as_deref().unwrap_or(words)),
            false => (ErrorCode::classify(words) == ErrorCode::BadChat).then_some(words),
        }
    }
}

/// Text, or the `message` of an object; anything else as its JSON.
fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    struct Spoken {
        message: String,
    }
    let json = RawJson::deserialize(deserializer)?;
    let text = json.read::<String>();
    let text = text.or_else(|_| json.read::<Spoken>().map(|spoken| spoken.message));
    Ok(text.unwrap_or_else(|_| json.get().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removal_is_refused_in_words() {
        for (json, refusal) in [
            (r#"{"result":"success"}"#, None),
            (r#"{"result":{"message":"You left the group"}}"#, None),
            (r#"{"result":{"left":1}}"#, None),
            (
                r#"{"result":"Couldn't delete chat or leaving group. Invalid number"}"#,
                Some("Couldn't delete chat or leaving group. Invalid number"),
            ),
            (
                r#"{"result":{"message":"Couldn't delete chat or leaving group."}}"#,
                Some("Couldn't delete chat or leaving group."),
            ),
            (r#"{"result":"failed","message":"no"}"#, Some("no")),
            (r#"{"result":"error"}"#, Some("error")),
        ] {
            let reply: Removed = crate::json::from_str(json).unwrap();
            assert_eq!(JsonReply::refusal(&reply), refusal, "{json}");
        }
        assert!(crate::json::from_str::<Removed>("{}").is_err());
    }

    #[test]
    fn a_failed_reading_is_a_refusal_and_silence_is_not_understood() {
        let failed: ChatRead =
            crate::json::from_str(r#"{"result":"failed","message":"no"}"#).unwrap();
        assert_eq!(JsonReply::refusal(&failed), Some("no"));
        let error = crate::json::from_str::<ChatRead>(r#"{"result":"success"}"#).unwrap_err();
        assert!(error.to_string().starts_with("missing field `read`"), "{error}");
    }
}
