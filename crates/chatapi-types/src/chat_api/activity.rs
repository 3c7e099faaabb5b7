//! "is typing …", "is recording …".

use serde::{Deserialize, Deserializer, Serialize, de};

use super::{ChatApi, Done, Limits, Recipient};
use crate::{BadArg, Call, ChatId, Grade, Phone, Repeat, Verb, json};

macro_rules! activity {
    ($(#[$meta:meta])* $name:ident = $wire:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[non_exhaustive]
        pub struct $name {
            /// The chat, where no phone is given.
            pub chat_id: Option<ChatId>,
            /// The phone, where no chat is given.
            pub phone: Option<Phone>,
            /// Whether it is shown or no longer shown. Read also from `start` and `stop`.
            #[serde(default, deserialize_with = "started")]
            pub on: Option<bool>,
            /// For how long, in seconds; 5 unless given.
            pub duration: Option<u32>,
        }

        impl $name {
            /// Shows it to a phone or in a chat, for 5 seconds.
            pub fn new(to: impl Into<Recipient>) -> Self {
                let (chat_id, phone) = to.into().split();
                Self { chat_id, phone, on: Some(true), duration: None }
            }

            /// For so many seconds.
            #[must_use]
            pub const fn seconds(mut self, seconds: u32) -> Self {
                self.duration = Some(seconds);
                self
            }

            /// No longer shows it.
            #[must_use]
            pub const fn stop(mut self) -> Self {
                self.on = Some(false);
                self
            }
        }

        impl Call for $name {
            type Dialect = ChatApi;
            type Reply = Done;
            const NAME: &'static str = $wire;
            const VERB: Verb = Verb::Post;
            const REPEAT: Repeat = Repeat::Safe;
            const GRADE: Grade = Grade::B;

            fn check(&self, limits: &Limits) -> Result<(), BadArg> {
                limits.check_recipient(self.chat_id.as_ref(), self.phone.as_ref())
            }
        }
    };
}

activity! {
    /// `POST /typing`: shows that a text is being typed. Chat API §5.3, grade B.
    ///
    /// ```
    /// use chatapi_types::ChatId;
    /// use chatapi_types::chat_api::ShowTyping;
    ///
    /// let chat = ChatId::from("79000000001@c.us");
    /// let (start, stop) = (ShowTyping::new(&chat).seconds(15), ShowTyping::new(&chat).stop());
    /// # let _ = (start, stop);
    /// ```
    ShowTyping = "typing"
}

activity! {
    /// `POST /recording`: shows that a voice message is being recorded. Chat API §5.3, grade B.
    ShowRecording = "recording"
}

fn started<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    struct On(bool);
    impl<'de> Deserialize<'de> for On {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let on =
                json::text(deserializer, |word| match word.trim().to_ascii_lowercase().as_str() {
                    "true" | "1" | "start" => Some(Self(true)),
                    "false" | "0" | "stop" => Some(Self(false)),
                    _ => None,
                })?;
            let expected = "a flag, `start` or `stop`";
            on.ok_or_else(|| de::Error::invalid_value(de::Unexpected::Other("word"), &expected))
        }
    }
    Ok(Option::deserialize(deserializer)?.map(|On(on)| on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Args;

    #[test]
    fn starting_is_said_in_several_ways() {
        let chat = ChatId::from("79000000001@c.us");
        let read = |on: serde_json::Value| {
            let mut args: Args = [("chatId", "79000000001@c.us")].into_iter().collect();
            args.set("on", on);
            args.read::<ShowTyping>()
        };
        for on in [true.into(), 1.into(), "True".into(), "1".into(), "start".into()] {
            assert_eq!(read(on).unwrap(), ShowTyping::new(&chat));
        }
        for off in [false.into(), 0.into(), "False".into(), "stop".into()] {
            assert_eq!(read(off).unwrap(), ShowTyping::new(&chat).stop());
        }
        assert_eq!(read(serde_json::Value::Null).unwrap().on, None);
        let error = read("perhaps".into()).unwrap_err();
        assert_eq!(error.to_string(), "`on`: expected a flag, `start` or `stop`");
    }
}
