//! Looking after instances: cleaning, reloading, sharing out paid days.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Admin, Limits};
use crate::{
    Answer, BadArg, Call, DecodeError, Grade, InstanceId, RawJson, Repeat, Reply, Verb, members,
};

macro_rules! on_instance {
    ($(#[$meta:meta])* $name:ident = $wire:literal, $what:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[non_exhaustive]
        pub struct $name {
            /// Which one.
            pub instance_id: InstanceId,
        }

        impl $name {
            #[doc = concat!($what, " an instance.")]
            pub fn new(instance: impl Into<InstanceId>) -> Self {
                Self { instance_id: instance.into() }
            }
        }

        impl Call for $name {
            type Dialect = Admin;
            type Reply = Done;
            const NAME: &'static str = $wire;
            const VERB: Verb = Verb::Post;
            const REPEAT: Repeat = Repeat::Never;
            const GRADE: Grade = Grade::C;

            fn check(&self, _: &Limits) -> Result<(), BadArg> {
                named("instanceId", &self.instance_id)
            }
        }
    };
}

on_instance! {
    /// `cleanInstance`: cleans an instance. Chat API §9, grade C; its answer is unknown.
    ///
    /// What it takes away beside the session was never written down, so it is never repeated
    /// unasked.
    CleanInstance = "cleanInstance", "Cleans"
}

on_instance! {
    /// `reloadInstance`: restarts an instance. Chat API §9, grade C; its answer is unknown.
    ///
    /// It is never repeated unasked, because a second one restarts it again. With the instance's own
    /// token, [`Reboot`](crate::chat_api::Reboot) does the same.
    ReloadInstance = "reloadInstance", "Restarts"
}

/// `transferDays`: moves paid days from one instance to another. Chat API §9, grade C; its answer is
/// unknown, a refusal comes as `error`.
///
/// The vendor opens it to accounts with **more than** 25 instances (help page "API customization and
/// automation", grade A; [`Limits::min_instances_for_transfer`]): count first, with
/// [`ListInstances`](super::ListInstances). A clone wants the source to keep at least one day (grade
/// C; [`Limits::source_keeps_days`]). It was only seen with a JSON body, which is this library's
/// default [`Encoding`](super::Encoding). Saying it twice moves twice: it is never repeated unasked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TransferDays {
    /// The instance that gives.
    pub source: InstanceId,
    /// The instance that gets.
    pub receiver: InstanceId,
    /// How many days.
    pub days: u32,
}

impl TransferDays {
    /// Moves days from one instance to another.
    pub fn new(source: impl Into<InstanceId>, receiver: impl Into<InstanceId>, days: u32) -> Self {
        Self { source: source.into(), receiver: receiver.into(), days }
    }
}

impl Call for TransferDays {
    type Dialect = Admin;
    type Reply = Done;
    const NAME: &'static str = "transferDays";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::C;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        named("source", &self.source)?;
        named("receiver", &self.receiver)?;
        if self.source == self.receiver {
            return Err(BadArg::new("receiver", "an instance cannot give days to itself"));
        }
        if self.days == 0 {
            return Err(BadArg::new("days", "move at least one day"));
        }
        Ok(())
    }
}

fn named(field: &'static str, instance: &InstanceId) -> Result<(), BadArg> {
    if instance.as_str().trim().is_empty() {
        return Err(BadArg::new(field, "say which instance"));
    }
    Ok(())
}

/// The answer to a call whose answer was never seen: whatever comes back and is no refusal means
/// done, be it JSON, a plain word or nothing. It is kept to the letter.
///
/// A refusal is an `error` (grade B), or a `result` that says `failed` or `error` as elsewhere with
/// this vendor (Chat API §1.2, grade C), or a `result` or `success` of false in any form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    answer: String,
    refusal: Option<String>,
    word: Option<String>,
}

impl Done {
    /// Done, in a word: `{"result":"…"}`, as the functions that are known answer.
    pub fn new(word: impl Into<String>) -> Self {
        Self::read(serde_json::json!({ "result": word.into() }).to_string())
    }

    /// The vendor's word, where it gave one: the text in `result`, or an answer that is nothing but
    /// a short text.
    #[must_use]
    pub fn word(&self) -> Option<&str> {
        self.word.as_deref()
    }

    /// The whole answer as it came.
    #[must_use]
    pub fn answer(&self) -> &str {
        &self.answer
    }

    fn read(answer: String) -> Self {
        /// A longer text is a page, not a word.
        const WORD: usize = 100;
        let text = answer.trim();
        let Ok(json) = RawJson::new(text) else {
            let word = (1..=WORD).contains(&text.len()).then(|| text.to_owned());
            return Self { word, answer, refusal: None };
        };
        let members = members::of(&json).unwrap_or_default();
        let of = |name: &str| members.iter().find(|(found, _)| **found == *name);
        let said = |name| of(name).and_then(|(_, value)| value.read::<String>().ok());
        let denied = |name| of(name).is_some_and(|(_, value)| matches!(value.read(), Ok(false)));
        let result = said("result");
        let failed = matches!(result.as_deref(), Some("failed" | "error"));
        let refusal = (failed || denied("result") || denied("success"))
            .then(|| said("message").or_else(|| result.clone()).unwrap_or_default());
        let bare = || Some(&json).filter(|json| json.get().starts_with('"'))?.read().ok();
        Self { word: result.or_else(bare), refusal, answer }
    }
}

impl Reply for Done {
    fn decode(answer: &Answer<'_>) -> Result<Self, DecodeError> {
        if answer.is_html() {
            return Err(DecodeError::not_json("a web page instead of an answer"));
        }
        match std::str::from_utf8(answer.body) {
            // What begins as JSON and is none was cut off or garbled: its end may have said no.
            Ok(text) if text.trim_start().starts_with(['{', '[', '"']) => {
                RawJson::new(text.trim()).map(|_| Self::read(text.to_owned()))
            }
            Ok(text) => Ok(Self::read(text.to_owned())),
            Err(_) => Err(DecodeError::not_json("bytes instead of an answer")),
        }
    }

    fn encode(&self) -> (Cow<'static, str>, Vec<u8>) {
        (Cow::Borrowed("application/json; charset=utf-8"), self.answer.clone().into_bytes())
    }

    fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(body: &str) -> Done {
        let done = Done::decode(&Answer::new(200, None, body.as_bytes())).unwrap();
        assert_eq!(done.encode().1, body.as_bytes(), "kept to the letter");
        done
    }

    #[test]
    fn whatever_is_no_refusal_means_done() {
        for (body, word) in [
            (r#"{"result":"cleaned"}"#, Some("cleaned")),
            (r#"{ "result" : {"status":"ok"}}"#, None),
            (r#"{"result":true}"#, Some("true")),
            (r#"{"success":true}"#, None),
            (r#""reloaded""#, Some("reloaded")),
            ("OK\n", Some("OK")),
            ("", None),
            ("null", None),
            ("[]", None),
            (r#"{"result":"\ud83d"}"#, None),
        ] {
            let done = decoded(body);
            assert_eq!((done.word(), done.refusal()), (word, None), "{body}");
        }
        assert_eq!(Done::new("cl\"eaned").word(), Some("cl\"eaned"));
        assert!(Done::decode(&Answer::new(200, None, b"<html>")).is_err());
        assert!(Done::decode(&Answer::new(200, None, b"\xff")).is_err());
        let cut = Done::decode(&Answer::new(200, None, br#"{"result":"fai"#)).unwrap_err();
        assert!(cut.is_truncated());
    }

    #[test]
    fn a_failure_is_a_refusal_in_the_vendors_words() {
        for (body, words) in [
            (r#"{"result":"failed","message":"no such instance"}"#, "no such instance"),
            (r#"{"result":"error"}"#, "error"),
            (r#"{"result":false,"message":"no"}"#, "no"),
            (r#"{"result":"failed","message":"cut \ud83d"}"#, "failed"),
            (r#"{"result":0}"#, "0"),
            (r#"{"success":"False"}"#, ""),
        ] {
            assert_eq!(decoded(body).refusal(), Some(words), "{body}");
        }
    }

    #[test]
    fn a_transfer_needs_two_instances_and_a_day() {
        let check = |transfer: TransferDays| transfer.check(&Limits::default());
        assert!(check(TransferDays::new("100000", "100001", 1)).is_ok());
        for (transfer, field) in [
            (TransferDays::new(" ", "100001", 1), "source"),
            (TransferDays::new("100000", "", 1), "receiver"),
            (TransferDays::new("100000", "100000", 1), "receiver"),
            (TransferDays::new("100000", "100001", 0), "days"),
        ] {
            assert_eq!(check(transfer).unwrap_err().field(), field);
        }
        let blank = CleanInstance::new(" ").check(&Limits::default()).unwrap_err();
        assert_eq!(blank.field(), "instanceId");
    }

    #[test]
    fn nothing_here_is_repeated_unasked() {
        for repeat in [CleanInstance::REPEAT, ReloadInstance::REPEAT, TransferDays::REPEAT] {
            assert_eq!(repeat, Repeat::Never);
        }
    }
}
