//! The `err` of every answer.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{Answer, RawJson, json};

/// `"err":0`, the first member of every success: written as the integer 0, because clients compare
/// strictly (wamm §3, grade A); reading ignores it, because the envelope was judged before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct NoError;

impl Serialize for NoError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(0)
    }
}

impl<'de> Deserialize<'de> for NoError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// The vendor's word in `err`, unless it says that all is well: `0`, `"0"`, null, false or none.
pub(super) fn complaint(answer: &Answer<'_>) -> Option<String> {
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(default)]
        err: Option<RawJson>,
    }
    let err = json::from_slice::<Envelope>(answer.body).ok()?.err?;
    match serde_json::from_str(err.get()) {
        Ok(Value::Null | Value::Bool(false)) => None,
        Ok(Value::Number(number)) if number.as_i64() == Some(0) => None,
        Ok(Value::String(text)) if matches!(text.trim(), "" | "0") => None,
        Ok(Value::String(text)) => Some(text),
        // An object; or text with half a character in it, which is a complaint all the same.
        Ok(_) | Err(_) => Some(err.get().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_no_error_in_any_form() {
        let complaint = |body: &str| complaint(&Answer::new(200, None, body.as_bytes()));
        for fine in [r#"{"err":0}"#, r#"{"err":"0"}"#, r#"{"err":null}"#, "{}", "<html>", ""] {
            assert_eq!(complaint(fine), None, "{fine}");
        }
        assert_eq!(complaint(r#"{"err":"token fail"}"#).as_deref(), Some("token fail"));
        assert_eq!(complaint(r#"{"err":"\ud83d"}"#).as_deref(), Some(r#""\ud83d""#));
        assert_eq!(complaint(r#"{"err":5}"#).as_deref(), Some("5"));
        assert_eq!(complaint(r#"{"err":true}"#).as_deref(), Some("true"));
    }
}
