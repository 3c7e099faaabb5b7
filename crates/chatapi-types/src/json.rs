//! Reading the vendors' JSON, which does not keep its types.
//!
//! The same field comes as `7` from one method and as `"7"` from another; flags come as `true`,
//! `1`, `"1"` or `"True"` (wire documents: Chat API §1, grade A; wamm §3, grade A). [`from_slice`]
//! reads all of these into the Rust type that the field declares. What is *written* is always the
//! vendor's own form.

mod lenient;

use std::fmt;

use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, Visitor};
use serde::ser::Serializer;
use serde_json::value::RawValue;

pub use lenient::Lenient;

/// Reads a value from JSON text, lenient about numbers and flags in string form.
///
/// # Errors
///
/// [`DecodeError`] names the place in the document (`messages[3].time`) and what was expected
/// there. It never holds the value itself, which may be private.
pub fn from_slice<T: DeserializeOwned>(json: &[u8]) -> Result<T, DecodeError> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = {
        let mut track = serde_path_to_error::Track::new();
        let tracked = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
        match T::deserialize(Lenient::new(tracked)) {
            Ok(value) => value,
            Err(error) => return Err(DecodeError::new(&track.path().to_string(), &error)),
        }
    };
    reader
        .end()
        .map_err(|error| DecodeError::new(".", &error))?;
    Ok(value)
}

/// Reads a value from JSON text; see [`from_slice`].
///
/// # Errors
///
/// As [`from_slice`].
pub fn from_str<T: DeserializeOwned>(json: &str) -> Result<T, DecodeError> {
    from_slice(json.as_bytes())
}

/// Why a document could not be read. Holds no part of the document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at {place}")]
pub struct DecodeError {
    place: Box<str>,
    problem: Box<str>,
    truncated: bool,
}

impl DecodeError {
    fn new(path: &str, error: &serde_json::Error) -> Self {
        let place = match path {
            "." | "" => format!("line {} column {}", error.line(), error.column()),
            path => format!("`{path}`"),
        };
        let problem = match error.classify() {
            serde_json::error::Category::Eof => "the document ends too early".to_owned(),
            serde_json::error::Category::Syntax => "not JSON".to_owned(),
            serde_json::error::Category::Io => "unreadable".to_owned(),
            serde_json::error::Category::Data => without_value(&error.to_string()),
        };
        Self {
            place: place.into(),
            problem: problem.into(),
            truncated: error.is_eof(),
        }
    }

    /// An answer that should have been JSON and is not.
    #[must_use]
    pub fn not_json(what: &str) -> Self {
        Self {
            place: "its start".into(),
            problem: what.into(),
            truncated: false,
        }
    }

    /// Where in the document: a JSON path such as `` `messages[3].time` ``, or line and column.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Whether the document was cut off.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }
}

/// A piece of JSON kept to the letter: of a shape that this version does not know, or of no fixed
/// shape at all. `Debug` shows its length only.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// Any value as JSON.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when `text` is not JSON.
    pub fn new(text: impl Into<String>) -> Result<Self, DecodeError> {
        RawValue::from_string(text.into())
            .map(Self)
            .map_err(|error| DecodeError::new(".", &error))
    }

    /// The JSON text.
    #[must_use]
    pub fn get(&self) -> &str {
        self.0.get()
    }

    /// Reads a value from it; see [`from_slice`].
    ///
    /// # Errors
    ///
    /// As [`from_slice`].
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        from_str(self.get())
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} B)", self.get().len())
    }
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

/// Keeps the expectation of a serde message and drops the offending value.
fn without_value(message: &str) -> String {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(head, _)| head);
    if let Some(field) = message.strip_prefix("missing field ") {
        return format!("missing field {field}");
    }
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => "unexpected value".to_owned(),
    }
}

/// Reads text that may have come as a number or a flag.
///
/// For the `Deserialize` of identifiers and open enums; use as `deserialize_with` elsewhere.
///
/// # Errors
///
/// The format's own error when the value is an object, a list or null.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct Text;
    impl Visitor<'_> for Text {
        type Value = String;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("text")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }
        fn visit_string<E: de::Error>(self, text: String) -> Result<String, E> {
            Ok(text)
        }
        fn visit_bool<E: de::Error>(self, flag: bool) -> Result<String, E> {
            Ok(flag.to_string())
        }
        fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
            Ok(number.to_string())
        }
        fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
            Ok(number.to_string())
        }
        fn visit_f64<E: de::Error>(self, number: f64) -> Result<String, E> {
            Ok(number.to_string())
        }
    }
    // Through `Lenient`, so that a bare `serde_json::from_str` is as tolerant as `from_slice`.
    Lenient::new(deserializer).deserialize_string(Text)
}

/// Writes a text of decimal digits as a JSON number, as the vendor does; other text as it is.
///
/// # Errors
///
/// Only those of the serializer.
pub fn number_if_digits<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let canonical = !text.starts_with('0') || text == "0";
    match text.parse::<u64>() {
        Ok(number) if canonical && text.bytes().all(|b| b.is_ascii_digit()) => {
            serializer.serialize_u64(number)
        }
        _ => serializer.serialize_str(text),
    }
}

/// `#[serde(serialize_with = "json::id_as_number")]`: an identifier that this method writes as a
/// JSON number while others write it as a string.
///
/// # Errors
///
/// Only those of the serializer.
pub fn id_as_number<T: AsRef<str>, S: Serializer>(
    id: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    number_if_digits(id.as_ref(), serializer)
}

/// `#[serde(serialize_with = "json::flag_as_number")]`: a flag that the vendor writes as 0 or 1.
///
/// # Errors
///
/// Only those of the serializer.
pub fn flag_as_number<S: Serializer>(flag: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(u8::from(*flag))
}

/// `#[serde(serialize_with = "json::optional_flag_as_number")]`: as [`flag_as_number`], or null.
///
/// # Errors
///
/// Only those of the serializer.
pub fn optional_flag_as_number<S: Serializer>(
    flag: &Option<bool>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match flag {
        Some(flag) => flag_as_number(flag, serializer),
        None => serializer.serialize_none(),
    }
}

/// `#[serde(serialize_with = "json::flag_as_digit")]`: a flag that the vendor writes as `"0"` or
/// `"1"`.
///
/// # Errors
///
/// Only those of the serializer.
pub fn flag_as_digit<S: Serializer>(flag: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if *flag { "1" } else { "0" })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Row {
        flag: bool,
        count: i64,
        share: f64,
        name: String,
        #[serde(default)]
        maybe: Option<u8>,
    }

    fn row(maybe: Option<u8>) -> Row {
        Row {
            flag: true,
            count: 7,
            share: 1.5,
            name: "12".into(),
            maybe,
        }
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
    fn errors_name_the_place_and_never_the_value() {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "read only through Debug")]
        struct Page {
            rows: Vec<Row>,
        }
        let json = r#"{"rows":[{"flag":"SECRET","count":7,"share":1.5,"name":"12"}]}"#;
        let error = from_str::<Page>(json).unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected a flag (true, false, 1 or 0) at `rows[0].flag`"
        );
        for wrong in [
            r#"{"rows":"SECRET"}"#,
            r#"{"rows":[{"flag":1,"count":"SECRET"}]}"#,
            r#"{"rows":[{"flag":1,"count":{"SECRET":1}}]}"#,
            r#"{"rows":[["SECRET", ", expected SECRET"]]}"#,
        ] {
            let error = from_str::<Page>(wrong).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("SECRET"), "{error}");
        }
    }

    #[test]
    fn truncation_is_told_apart_from_nonsense() {
        let cut = from_str::<Row>(r#"{"flag":true,"cou"#).unwrap_err();
        assert!(cut.is_truncated());
        let nonsense = from_str::<Row>("<html>").unwrap_err();
        assert!(!nonsense.is_truncated());
        assert_eq!(nonsense.to_string(), "not JSON at line 1 column 1");
        assert!(from_str::<Row>(r#"{"flag":true} x"#).is_err());
    }

    #[test]
    fn missing_fields_are_named() {
        let error = from_str::<Row>(r#"{"flag":true}"#).unwrap_err();
        assert!(
            error.to_string().starts_with("missing field `count`"),
            "{error}"
        );
    }
}
