//! Declares calls of the two shapes that recur.

/// A call without arguments.
macro_rules! call_without_arguments {
    (
        $(#[$meta:meta])*
        $name:ident = $verb:ident $wire:literal -> $reply:ty, $repeat:ident, $grade:ident
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        pub struct $name {}

        impl $name {
            /// The call.
            #[must_use]
            pub const fn new() -> Self {
                Self {}
            }
        }

        impl $crate::Call for $name {
            type Dialect = $crate::chat_api::ChatApi;
            type Reply = $reply;
            const NAME: &'static str = $wire;
            const VERB: $crate::Verb = $crate::Verb::$verb;
            const REPEAT: $crate::Repeat = $crate::Repeat::$repeat;
            const GRADE: $crate::Grade = $crate::Grade::$grade;
        }
    };
}

/// A call whose only argument is a chat: by `chatId`, or by `phone`.
macro_rules! call_about_chat {
    (
        $(#[$meta:meta])*
        $name:ident = $verb:ident $wire:literal -> $reply:ty, $repeat:ident, $grade:ident
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[non_exhaustive]
        pub struct $name {
            /// The chat, where no phone is given.
            pub chat_id: Option<$crate::ChatId>,
            /// The phone, where no chat is given.
            pub phone: Option<$crate::Phone>,
        }

        impl $name {
            /// The call, about the chat with a phone, or about a chat.
            pub fn new(chat: impl Into<$crate::chat_api::Recipient>) -> Self {
                let (chat_id, phone) = chat.into().split();
                Self { chat_id, phone }
            }
        }

        impl $crate::Call for $name {
            type Dialect = $crate::chat_api::ChatApi;
            type Reply = $reply;
            const NAME: &'static str = $wire;
            const VERB: $crate::Verb = $crate::Verb::$verb;
            const REPEAT: $crate::Repeat = $crate::Repeat::$repeat;
            const GRADE: $crate::Grade = $crate::Grade::$grade;

            fn check(&self, limits: &$crate::chat_api::Limits) -> Result<(), $crate::BadArg> {
                limits.check_recipient(self.chat_id.as_ref(), self.phone.as_ref())
            }
        }
    };
}

pub(super) use {call_about_chat, call_without_arguments};
