//! Commands to the instance: take the session over, refresh the QR, sync again, log out, reboot.

use serde::{Deserialize, Serialize};

use super::ChatApi;
use super::phone_check::failed;
use crate::{Call, Grade, JsonReply, Repeat, Verb};

macro_rules! command {
    ($(#[$meta:meta])* $name:ident = $wire:literal, $repeat:ident, $reply:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub struct $name {}

        impl $name {
            /// The command.
            #[must_use]
            pub const fn new() -> Self {
                Self {}
            }
        }

        impl Call for $name {
            type Dialect = ChatApi;
            type Reply = $reply;
            const NAME: &'static str = $wire;
            const VERB: Verb = Verb::Post;
            const REPEAT: Repeat = Repeat::$repeat;
            const GRADE: Grade = Grade::A;
        }
    };
}

command! {
    /// `POST /takeover`: takes the session back from another open messenger window. Declined unless
    /// the instance is in conflict. Chat API §2.2, grade A.
    Takeover = "takeover", Safe, CommandReply
}

command! {
    /// `POST /expiry`: asks for a new QR code. Declined unless the QR has run out. Chat API §2.2,
    /// grade A.
    Expiry = "expiry", Safe, CommandReply
}

command! {
    /// `POST /retry`: starts syncing again. Declined unless the instance is syncing. Chat API §2.2,
    /// grade A.
    Retry = "retry", Safe, CommandReply
}

command! {
    /// `POST /logout`: unlinks the phone; a new QR must be scanned afterwards. Never repeated
    /// unasked, because a second one unlinks a phone that was linked meanwhile. Chat API §2.2, grade
    /// A.
    Logout = "logout", Never, CommandReply
}

command! {
    /// `POST /reboot`: restarts the instance. Never repeated unasked, because a second one restarts it
    /// again. That messages in its queue stay is our inference (grade D). Chat API §2.2, grade A.
    Reboot = "reboot", Never, Rebooted
}

/// The answer to a state command. A declined command is an answer, not an error: ask
/// [`accepted`](Self::accepted). Chat API §2.2, grade A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CommandReply {
    /// The vendor's sentence, where the live service puts it (grade B).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The same sentence, where the specification puts it (grade A).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_status: Option<String>,
    /// Why not, where `result` is only `failed` or `error` (§1.2, grade C).
    #[serde(rename = "message", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl CommandReply {
    /// An answer with the sentence in both places, as a sandbox should give it.
    pub fn new(sentence: impl Into<String>) -> Self {
        let sentence = sentence.into();
        Self { result: Some(sentence.clone()), account_status: Some(sentence), reason: None }
    }

    /// The vendor's sentence: `result`, else `accountStatus`; where that is only the word `failed`
    /// or `error`, its reason.
    #[must_use]
    pub fn message(&self) -> &str {
        let spoken = |text: &'_ &str| !text.trim().is_empty();
        let [result, status, reason] = [&self.result, &self.account_status, &self.reason]
            .map(|text| text.as_deref().filter(spoken));
        match result.or(status) {
            Some(word) if failed(word, None).is_some() => reason.unwrap_or(word),
            sentence => sentence.or(reason).unwrap_or_default(),
        }
    }

    /// Whether the instance will do it. It will not when it is in no state for the command
    /// (`… request not sent because …`, grade A), nor when it says `failed` or `error` (grade C).
    #[must_use]
    pub fn accepted(&self) -> bool {
        let mut words = self.result.iter().chain(&self.account_status).map(String::as_str);
        words.clone().any(|words| !words.trim().is_empty())
            && !words
                .any(|words| words.contains("request not sent") || failed(words, None).is_some())
    }
}

impl JsonReply for CommandReply {}

/// The answer to [`Reboot`]. Chat API §2.2, grade A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rebooted {
    /// Whether the instance restarts.
    pub success: bool,
    /// The vendor's words, where it does not (grade C).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Rebooted {
    /// The instance restarts.
    #[must_use]
    pub const fn done() -> Self {
        Self { success: true, message: None }
    }

    /// Whether the instance restarts.
    #[must_use]
    pub const fn accepted(&self) -> bool {
        self.success
    }
}

impl JsonReply for Rebooted {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declined_command_is_an_answer() {
        let declined = r#"Takeover request not sent because reason don't equals "conflict""#;
        assert!(!CommandReply::new(declined).accepted());
        assert!(CommandReply::new("Takeover request sent to WhatsApp").accepted());
        let spec_only: CommandReply =
            serde_json::from_str(r#"{"accountStatus":"Retry request sent to WhatsApp"}"#).unwrap();
        assert!(spec_only.accepted());
        assert!(!CommandReply::default().accepted());
    }

    #[test]
    fn what_would_undo_a_link_or_a_start_is_never_repeated() {
        assert_eq!([Logout::REPEAT, Reboot::REPEAT], [Repeat::Never; 2]);
        assert_eq!([Takeover::REPEAT, Expiry::REPEAT, Retry::REPEAT], [Repeat::Safe; 3]);
    }

    #[test]
    fn a_failed_command_gives_its_reason() {
        let failed: CommandReply =
            serde_json::from_str(r#"{"result":"failed","message":"no such session"}"#).unwrap();
        assert!(!failed.accepted());
        assert_eq!(failed.message(), "no such session");
        let mute: CommandReply = serde_json::from_str(r#"{"result":"error"}"#).unwrap();
        assert!(!mute.accepted());
        assert_eq!(mute.message(), "error");
        let blank: CommandReply =
            serde_json::from_str(r#"{"result":"","accountStatus":"Logout request sent"}"#).unwrap();
        assert!(blank.accepted());
        assert_eq!(blank.message(), "Logout request sent");
    }
}
