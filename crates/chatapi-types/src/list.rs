//! Lists in which one odd item does not spoil the others.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json::RawJson;

/// A list that is read item by item.
///
/// An item of a shape that this version does not understand is kept as its JSON text and written
/// back to the letter; the rest of the list is typed all the same.
///
/// ```
/// use chatapi_types::{List, UnixTime};
///
/// let times: List<UnixTime> = serde_json::from_str(r#"[1600000000, {"odd": 1}]"#)?;
/// assert_eq!(times.known().count(), 1);
/// assert_eq!(times.raw().next(), Some(r#"{"odd": 1}"#));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T>(Vec<Item<T>>);

/// One item of a [`List`].
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item<T> {
    /// An item of the expected shape.
    Known(T),
    /// An item of another shape, as JSON text.
    Raw(RawJson),
}

impl<T> List<T> {
    /// The items of the expected shape.
    pub fn known(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.0.iter().filter_map(|item| match item {
            Item::Known(item) => Some(item),
            Item::Raw(_) => None,
        })
    }

    /// The items of another shape, as JSON text.
    pub fn raw(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.iter().filter_map(|item| match item {
            Item::Known(_) => None,
            Item::Raw(json) => Some(json.get()),
        })
    }

    /// All items in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Item<T>> {
        self.0.iter()
    }

    /// How many items of either kind there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The items of the expected shape, the others dropped.
    #[must_use]
    pub fn into_known(self) -> Vec<T> {
        let known = |item| match item {
            Item::Known(item) => Some(item),
            Item::Raw(_) => None,
        };
        self.0.into_iter().filter_map(known).collect()
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().map(Item::Known).collect())
    }
}

impl<T> Extend<T> for List<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        self.0.extend(items.into_iter().map(Item::Known));
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<T> IntoIterator for List<T> {
    type Item = Item<T>;
    type IntoIter = std::vec::IntoIter<Item<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a Item<T>;
    type IntoIter = std::slice::Iter<'a, Item<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self)
    }
}

impl<T: Serialize> Serialize for Item<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(item) => item.serialize(serializer),
            Self::Raw(json) => json.serialize(serializer),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = RawJson::deserialize(deserializer)?;
        Ok(match json.read() {
            Ok(item) => Self::Known(item),
            Err(_) => Self::Raw(json),
        })
    }
}

impl<T: fmt::Debug> fmt::Debug for Item<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(item) => item.fmt(f),
            Self::Raw(json) => json.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_items_are_kept_to_the_letter() {
        let json = r#"[1,{"b":1, "a":[2]},"7",null]"#;
        let list: List<u32> = crate::json::from_str(json).unwrap();
        assert_eq!(list.known().copied().collect::<Vec<_>>(), [1, 7]);
        assert_eq!(list.raw().collect::<Vec<_>>(), [r#"{"b":1, "a":[2]}"#, "null"]);
        assert_eq!(serde_json::to_string(&list).unwrap(), r#"[1,{"b":1, "a":[2]},7,null]"#);
        assert_eq!(list.len(), 4);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        assert!(crate::json::from_str::<List<u32>>("{}").is_err());
        assert!(crate::json::from_str::<List<u32>>("[1,").is_err());
    }
}
