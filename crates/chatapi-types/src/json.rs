//! Reading the vendors' JSON, which does not keep its types.
//!
//! The same field comes as `7` from one method and as `"7"` from another; flags come as `true`,
//! `1`, `"1"` or `"True"` (wire documents: Chat API §1, grade A; wamm §3, grade A). [`from_slice`]
//! reads all of these into the Rust type that the field declares. What is *written* is always the
//! vendor's own form.

mod error;
mod lenient;
mod name;
mod place;
mod raw;
mod scalar;
mod write;

use std::fmt;

use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, Visitor};

pub use error::DecodeError;
pub use lenient::Lenient;
pub use raw::RawJson;
pub use write::{
    flag_as_digit, flag_as_number, id_as_number, number_if_digits, optional_flag_as_number,
    optional_id_as_number,
};

/// Reads a value from JSON text, lenient about numbers and flags in string form.
///
/// # Errors
///
/// [`DecodeError`] names the place in the document (`messages[3].time`) and what was expected
/// there. It never holds the value itself, which may be private.
pub fn from_slice<T: DeserializeOwned>(json: &[u8]) -> Result<T, DecodeError> {
    match std::str::from_utf8(json) {
        Ok(json) => from_str(json),
        Err(error) => Err(DecodeError::not_text(&error)),
    }
}

/// Reads a value from JSON text; see [`from_slice`].
///
/// # Errors
///
/// As [`from_slice`].
pub fn from_str<T: DeserializeOwned>(json: &str) -> Result<T, DecodeError> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = T::deserialize(Lenient::new(&mut reader));
    match value.and_then(|value| reader.end().map(|()| value)) {
        Ok(value) => Ok(value),
        Err(error) => Err(DecodeError::new(place_of_failure::<T>(json), &error)),
    }
}

/// Reads once more, step by step: only a failure pays for keeping track of the place.
fn place_of_failure<T: DeserializeOwned>(json: &str) -> Option<String> {
    let track = place::Track::new();
    let mut reader = serde_json::Deserializer::from_str(json);
    let _ = T::deserialize(Lenient::tracked(&mut reader, &track));
    track.into_place()
}

/// `#[serde(default, deserialize_with = "json::or_default")]`: null reads as the default.
///
/// # Errors
///
/// Those of `T`.
pub fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads text that may have come as a number or a flag, without a copy, and makes of it what `make`
/// makes. For the `Deserialize` of identifiers and open enums.
///
/// # Errors
///
/// The format's own error when the value is an object, a list or null.
pub fn text<'de, D, T>(deserializer: D, make: impl FnOnce(&str) -> T) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    struct Make<F>(F);
    impl<T, F: FnOnce(&str) -> T> Visitor<'_> for Make<F> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("text")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            Ok(self.0(text))
        }
    }
    // Through `Lenient`, so that a bare `serde_json::from_str` is as tolerant as `from_slice`.
    Lenient::new(deserializer).deserialize_str(Make(make))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Row {
        flag: bool,
        count: i64,
        share: f64,
        name: String,
        #[serde(default)]
        maybe: Option<u8>,
        #[serde(default)]
        inner: Inner,
    }

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    struct Inner {
        text: Option<String>,
    }

    fn row(maybe: Option<u8>) -> Row {
        Row { flag: true, count: 7, share: 1.5, name: "12".into(), maybe, inner: Inner::default() }
    }

    #[test]
    fn numbers_and_flags_come_in_any_form() {
        for json in [
            r#"{"flag":true,"count":7,"share":1.5,"name":"12"}"#,
            r#"{"flag":1,"count":"7","share":"1.5","name":12,"maybe":null}"#,
            r#"{"flag":"1","count":7.0,"share":"1.5","name":12,"extra":{"a":[1]}}"#,
            r#"{"flag":"True","count":" 7","share":1.5,"name":"12"}"#,
        ] {
            assert_eq!(from_str::<Row>(json).unwrap(), row(None), "{json}");
        }
        let json = r#"{"flag":"true","count":"7","share":1.5,"name":"12","maybe":"3"}"#;
        assert_eq!(from_str::<Row>(json).unwrap(), row(Some(3)));
    }

    #[test]
    fn an_object_is_no_list_of_its_values() {
        let empty = r#"{"flag":true,"count":7,"share":1.5,"name":"12","inner":[]}"#;
        assert_eq!(from_str::<Row>(empty).unwrap(), row(None));
        let full = r#"{"flag":true,"count":7,"share":1.5,"name":"12","inner":["x"]}"#;
        let error = from_str::<Row>(full).unwrap_err();
        assert_eq!(error.to_string(), "expected an object at `inner`");
    }
}
