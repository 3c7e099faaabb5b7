//! Objects taken apart without losing anything.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::RawJson;

/// A member of an object: its name, and its value to the letter.
pub(crate) type Member = (Box<str>, RawJson);

/// The members of an object in order, also such as come twice; `None` for what is no object, or has
/// names that are no text (half a character).
pub(crate) fn of(document: &RawJson) -> Option<Vec<Member>> {
    struct Members(Vec<Member>);

    impl<'de> Deserialize<'de> for Members {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(Collect).map(Self)
        }
    }

    struct Collect;

    impl<'de> Visitor<'de> for Collect {
        type Value = Vec<Member>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }

    serde_json::from_str(document.get()).ok().map(|Members(members)| members)
}

/// An object of one member, `{"name":value}`, the value to the letter.
pub(crate) fn object(name: &str, value: &str) -> Option<RawJson> {
    RawJson::new(format!("{{{}:{value}}}", serde_json::Value::from(name))).ok()
}

/// Whether a value is null.
pub(crate) fn is_null(value: &RawJson) -> bool {
    value.get() == "null"
}

/// Whether a value is an object or a list.
pub(crate) fn is_composite(value: &RawJson) -> bool {
    value.get().starts_with(['{', '['])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> RawJson {
        RawJson::new(text).unwrap()
    }

    #[test]
    fn members_keep_order_repetition_and_letter() {
        let found = of(&raw(r#"{"b": [1, 2] ,"a\u0062":"\ud83d","b":null}"#)).unwrap();
        let shown: Vec<_> = found.iter().map(|(name, value)| (&**name, value.get())).collect();
        assert_eq!(shown, [("b", "[1, 2]"), ("ab", r#""\ud83d""#), ("b", "null")]);
        for other in ["[]", "7", "null", "\"x\"", r#"{"\ud83d":1}"#] {
            assert!(of(&raw(other)).is_none(), "{other}");
        }
    }

    #[test]
    fn an_object_of_one_member_keeps_its_letter() {
        let name = "a\"b\n";
        let object = object(name, r#"{"c": 1}"#).unwrap();
        assert_eq!(object.get(), r#"{"a\"b\n":{"c": 1}}"#);
        assert_eq!(of(&object).unwrap(), [(name.into(), raw(r#"{"c": 1}"#))]);
    }
}
