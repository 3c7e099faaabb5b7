//! One identifier or several in one argument.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One identifier or several, where the vendor takes either: one is written as text, several as a
/// list (Chat API §4.2, grade A). Read from either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids<T>(Vec<T>);

impl<T> Ids<T> {
    /// One identifier.
    pub fn one(id: impl Into<T>) -> Self {
        Self(vec![id.into()])
    }

    /// The identifiers.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }
}

impl<T, I: Into<T>> FromIterator<I> for Ids<T> {
    fn from_iter<Iter: IntoIterator<Item = I>>(ids: Iter) -> Self {
        Self(ids.into_iter().map(Into::into).collect())
    }
}

impl<T: Serialize> Serialize for Ids<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [id] => id.serialize(serializer),
            ids => serializer.collect_seq(ids),
        }
    }
}

impl<'de, T: Deserialize<'de> + for<'a> From<&'a str>> Deserialize<'de> for Ids<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + for<'a> From<&'a str>> Visitor<'de> for Any<T> {
            type Value = Ids<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id or a list of ids")
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Ids<T>, E> {
                Ok(Ids(vec![T::from(&number.to_string())]))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Ids<T>, E> {
                Ok(Ids(vec![T::from(text)]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Ids<T>, A::Error> {
                let mut ids = Vec::new();
                while let Some(id) = seq.next_element()? {
                    ids.push(id);
                }
                Ok(Ids(ids))
            }
        }
        deserializer.deserialize_any(Any(PhantomData))
    }
}

/// `#[serde(deserialize_with = "ids::list")]`: what is always written as a list, read as [`Ids`].
pub(super) fn list<'de, T, D>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    T: Deserialize<'de> + for<'a> From<&'a str>,
    D: Deserializer<'de>,
{
    Option::<Ids<T>>::deserialize(deserializer).map(|ids| ids.map(|ids| ids.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MessageId;

    #[test]
    fn one_is_text_and_several_are_a_list() {
        let one: Ids<MessageId> = Ids::one("a");
        assert_eq!(serde_json::to_string(&one).unwrap(), r#""a""#);
        let two: Ids<MessageId> = ["a", "b"].into_iter().collect();
        assert_eq!(serde_json::to_string(&two).unwrap(), r#"["a","b"]"#);
        for (json, ids) in [(r#""a""#, &one), (r#"["a"]"#, &one), (r#"["a","b"]"#, &two)] {
            assert_eq!(crate::json::from_str::<Ids<MessageId>>(json).unwrap(), *ids, "{json}");
        }
        assert_eq!(serde_json::from_str::<Ids<MessageId>>("7").unwrap(), Ids::one("7"));
        assert!(serde_json::from_str::<Ids<MessageId>>("{}").is_err());
    }
}
