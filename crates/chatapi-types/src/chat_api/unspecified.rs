//! Answers whose shape no document tells.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Done;
use crate::json::{self, DecodeError};
use crate::{JsonReply, RawJson};

/// An answer whose shape no document tells, kept to the letter.
///
/// Of its contents only a refusal in the usual form is understood: `success: false`, or `failed` or
/// `error` in `result` (Chat API §1.2, grade C).
///
/// ```
/// use chatapi_types::chat_api::Unspecified;
///
/// let answer: Unspecified = chatapi_types::json::from_str(r#"{"status":"available"}"#)?;
/// let status: std::collections::BTreeMap<String, String> = answer.read()?;
/// assert_eq!(status["status"], "available");
/// # Ok::<(), chatapi_types::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unspecified {
    json: RawJson,
    refusal: Option<Box<str>>,
}

impl Unspecified {
    /// An answer.
    #[must_use]
    pub fn new(json: RawJson) -> Self {
        let usual = json.read::<Done>().ok();
        let refusal = usual.as_ref().and_then(JsonReply::refusal).map(Into::into);
        Self { json, refusal }
    }

    /// The answer's JSON.
    #[must_use]
    pub const fn json(&self) -> &RawJson {
        &self.json
    }

    /// Reads the answer as what you know it to be, lenient about types as [`crate::json`] is.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when it is something else.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        json::from_str(self.json.get())
    }
}

impl From<RawJson> for Unspecified {
    fn from(json: RawJson) -> Self {
        Self::new(json)
    }
}

impl Serialize for Unspecified {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Unspecified {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RawJson::deserialize(deserializer).map(Self::new)
    }
}

impl JsonReply for Unspecified {
    fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_json_is_kept_and_a_usual_refusal_is_seen() {
        for (json, refusal) in [
            (r#"{"result" : "success"}"#, None),
            (r#"{"result":"failed","message":"no"}"#, Some("no")),
            (r#"{"success":"maybe","result":{"a":1}}"#, None),
            (r#"["a",1]"#, None),
            ("true", None),
            ("null", None),
        ] {
            let answer: Unspecified = crate::json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&answer).unwrap(), json);
            assert_eq!(JsonReply::refusal(&answer), refusal, "{json}");
        }
    }
}
