//! Identifiers. All are opaque text: the vendors mix numbers and strings, and clones use letters.

use std::fmt;

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes an identifier as the vendor gave it.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into().into())
            }

            /// The identifier as the vendor writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.into())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id.into())
            }
        }

        impl From<u64> for $name {
            fn from(id: u64) -> Self {
                Self(id.to_string().into())
            }
        }

        impl From<&Self> for $name {
            fn from(id: &Self) -> Self {
                id.clone()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::json::text(deserializer, |id| Self::from(id))
            }
        }
    };
}

id! {
    /// A Chat API instance: decimal, one to six digits in the vendor's samples (grade B); clones
    /// and successors use letters too.
    InstanceId
}

id! {
    /// A message, as the vendor names it.
    ///
    /// Chat API: `{true|false}_{chatId}_{HEX}`, where the first part says whether it is ours
    /// (grade A). wamm: a 64-bit number, which some methods write as a number and others as a
    /// string (grade A).
    MessageId
}

id! {
    /// A chat: `{digits}@c.us` for a person, `{creator}-{unixSeconds}@g.us` for a group on Chat API
    /// (grade A); whatever the messenger uses on wamm.
    ChatId
}

id! {
    /// A label of a business account: opaque, because no document tells its form (Chat API §5.3).
    LabelId
}

id! {
    /// A user of a wamm account: a number, which some methods write as a number and others as a
    /// string (grade A).
    UserId
}

impl MessageId {
    /// Whether a Chat API id says that the message is ours; `None` for ids of another form.
    #[must_use]
    pub fn is_from_me(&self) -> Option<bool> {
        match self.0.split_once('_')?.0 {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }
}

impl ChatId {
    /// Whether this is a group, where the id says so.
    #[must_use]
    pub fn is_group(&self) -> bool {
        self.0.ends_with("@g.us")
    }

    /// The phone number of a private chat (`79001234567@c.us`), where the id holds one.
    #[must_use]
    pub fn phone(&self) -> Option<crate::Phone> {
        self.0.strip_suffix("@c.us").and_then(|digits| digits.parse().ok())
    }
}

impl From<&crate::Phone> for ChatId {
    fn from(phone: &crate::Phone) -> Self {
        Self(format!("{}@c.us", phone.digits()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_as_numbers_and_as_strings() {
        assert_eq!(serde_json::from_str::<MessageId>("1234567").unwrap(), "1234567".into());
        assert_eq!(serde_json::from_str::<MessageId>("\"1234567\"").unwrap(), "1234567".into());
        assert_eq!(serde_json::from_str::<InstanceId>("\"KR12\"").unwrap(), "KR12".into());
        assert!(serde_json::from_str::<ChatId>("null").is_err());
        assert!(serde_json::from_str::<ChatId>("{}").is_err());
    }

    #[test]
    fn ids_tell_what_they_hold() {
        let id = MessageId::from("true_79000000001@c.us_3EB0AAAAAAAAAAAAAAAA");
        assert_eq!(id.is_from_me(), Some(true));
        assert_eq!(MessageId::from("1234567").is_from_me(), None);
        assert!(ChatId::from("79000000001-1600000000@g.us").is_group());
        let chat = ChatId::from("79000000001@c.us");
        assert_eq!(ChatId::from(&chat.phone().unwrap()), chat);
        assert_eq!(ChatId::from("x@c.us").phone(), None);
    }
}
