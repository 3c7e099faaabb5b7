//! Who a message is for.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{BadPhone, ChatId, Phone};

/// A person by phone number, or a chat by id. A phone that was never written to creates the chat
/// (Chat API §4.1, grade A).
///
/// Parsing takes text with an `@` as a chat id and everything else as a phone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recipient {
    /// A person.
    Phone(Phone),
    /// A private chat or a group.
    Chat(ChatId),
}

impl Recipient {
    /// The chat in which the message will stand.
    #[must_use]
    pub fn chat(&self) -> ChatId {
        match self {
            Self::Phone(phone) => phone.into(),
            Self::Chat(chat) => chat.clone(),
        }
    }

    /// As the two wire arguments, `chatId` and `phone`: one of them is given, never both.
    pub(crate) fn split(self) -> (Option<ChatId>, Option<Phone>) {
        match self {
            Self::Phone(phone) => (None, Some(phone)),
            Self::Chat(chat) => (Some(chat), None),
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(phone) => phone.fmt(f),
            Self::Chat(chat) => chat.fmt(f),
        }
    }
}

impl FromStr for Recipient {
    type Err = BadPhone;

    fn from_str(text: &str) -> Result<Self, BadPhone> {
        match text.trim() {
            chat if chat.contains('@') => Ok(Self::Chat(chat.into())),
            phone => phone.parse().map(Self::Phone),
        }
    }
}

impl From<Phone> for Recipient {
    fn from(phone: Phone) -> Self {
        Self::Phone(phone)
    }
}

impl From<&Phone> for Recipient {
    fn from(phone: &Phone) -> Self {
        Self::Phone(phone.clone())
    }
}

impl From<ChatId> for Recipient {
    fn from(chat: ChatId) -> Self {
        Self::Chat(chat)
    }
}

impl From<&ChatId> for Recipient {
    fn from(chat: &ChatId) -> Self {
        Self::Chat(chat.clone())
    }
}

impl From<&Self> for Recipient {
    fn from(recipient: &Self) -> Self {
        recipient.clone()
    }
}

/// Phones to mention, or members of a new group: written as a list, read from a list, one number, or
/// text separated by commas (Chat API §4.1, §5.2, grade B).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PhoneList(Vec<Phone>);

impl PhoneList {
    /// The phones.
    #[must_use]
    pub fn as_slice(&self) -> &[Phone] {
        &self.0
    }
}

impl<P: Into<Phone>> FromIterator<P> for PhoneList {
    fn from_iter<I: IntoIterator<Item = P>>(phones: I) -> Self {
        Self(phones.into_iter().map(Into::into).collect())
    }
}

impl<'de> Deserialize<'de> for PhoneList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Phones;
        impl<'de> Visitor<'de> for Phones {
            type Value = PhoneList;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of phones, or phones separated by commas")
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<PhoneList, E> {
                self.visit_str(&number.to_string())
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<PhoneList, E> {
                let phones = text.split(',').filter(|phone| !phone.trim().is_empty());
                phones
                    .map(str::parse)
                    .collect::<Result<_, _>>()
                    .map(PhoneList)
                    .map_err(crate::BadPhone::unread)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<PhoneList, A::Error> {
                let mut phones = Vec::new();
                while let Some(phone) = seq.next_element()? {
                    phones.push(phone);
                }
                Ok(PhoneList(phones))
            }
        }
        deserializer.deserialize_any(Phones)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_with_an_at_sign_is_a_chat() {
        let group: Recipient = "79000000001-1600000000@g.us".parse().unwrap();
        assert!(matches!(&group, Recipient::Chat(chat) if chat.is_group()));
        let person: Recipient = "+7 900 000-00-01".parse().unwrap();
        assert_eq!(person.chat().as_str(), "79000000001@c.us");
        assert!("hello".parse::<Recipient>().is_err());
    }

    #[test]
    fn phones_to_mention_come_in_three_forms() {
        let list: PhoneList = ["79000000001", "79000000002"]
            .map(|phone| phone.parse::<Phone>().unwrap())
            .into_iter()
            .collect();
        for json in [r#"[79000000001,"79000000002"]"#, r#""79000000001, 79000000002""#] {
            assert_eq!(crate::json::from_str::<PhoneList>(json).unwrap(), list);
        }
        assert_eq!(serde_json::to_string(&list).unwrap(), "[79000000001,79000000002]");
        assert_eq!(serde_json::from_str::<PhoneList>("79000000001").unwrap().as_slice().len(), 1);
    }
}
