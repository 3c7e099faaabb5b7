//! Why a document could not be read.

use std::str::Utf8Error;

use serde_json::error::Category;

/// Why a document could not be read. Holds no part of the document: neither values nor the names
/// that the document gives its members, unless the type being read declares them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}{}{place}", if place.is_empty() { "" } else { " at " })]
pub struct DecodeError {
    place: Box<str>,
    problem: Box<str>,
    truncated: bool,
}

impl DecodeError {
    pub(super) fn new(place: Option<String>, error: &serde_json::Error) -> Self {
        let problem = match error.classify() {
            Category::Eof => "the document ends too early".to_owned(),
            Category::Syntax => "not JSON".to_owned(),
            Category::Io => "unreadable".to_owned(),
            Category::Data => without_value(&error.to_string()),
        };
        let place = match place.filter(|_| error.is_data()) {
            Some(place) => format!("`{place}`"),
            // A type that refuses a value after reading it leaves no position.
            None if error.line() == 0 => "the top level".to_owned(),
            None => format!("line {} column {}", error.line(), error.column()),
        };
        Self { place: place.into(), problem: problem.into(), truncated: error.is_eof() }
    }

    pub(super) fn not_text(error: &Utf8Error) -> Self {
        // A character of which only the beginning is there: the document was cut inside it.
        let truncated = error.error_len().is_none();
        let problem = if truncated { "the document ends too early" } else { "not UTF-8" };
        Self {
            place: format!("byte {}", error.valid_up_to()).into(),
            problem: problem.into(),
            truncated,
        }
    }

    /// An answer that should have been JSON and is not. `what` must not quote the answer.
    #[must_use]
    pub fn not_json(what: &str) -> Self {
        Self { place: "".into(), problem: what.into(), truncated: false }
    }

    /// Where in the document: a path such as `` `messages[3].time` ``, or line and column; empty
    /// where the whole is at fault.
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

/// Keeps what a serde message says about the type and drops what it says about the document.
fn without_value(message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(head, _)| head);
    // These name members that the type declares.
    if message.starts_with("missing field `") || message.starts_with("duplicate field `") {
        return message.to_owned();
    }
    let is_serdes = ["invalid type: ", "invalid value: ", "invalid length "]
        .iter()
        .any(|start| message.starts_with(start));
    // The expectation stands last and comes from the type. What stands before it, and whatever a
    // type says in words of its own, may quote the value.
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if is_serdes => match expected {
            "a sequence" => "expected a list".to_owned(),
            "a map" => "expected an object".to_owned(),
            object if object.starts_with("struct ") => "expected an object".to_owned(),
            other => format!("expected {other}"),
        },
        _ => "unexpected value".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use crate::json::{from_slice, from_str};

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "read only through Debug")]
    struct Page {
        rows: Vec<Row>,
        #[serde(default)]
        by_name: std::collections::BTreeMap<String, u8>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "read only through Debug")]
    struct Row {
        flag: bool,
        count: i64,
        #[serde(default)]
        kind: Option<Kind>,
        #[serde(default)]
        odd: Option<Odd>,
    }

    #[derive(Debug, Deserialize)]
    enum Kind {
        Known,
    }

    #[derive(Debug)]
    struct Odd;

    impl<'de> Deserialize<'de> for Odd {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            Err(serde::de::Error::custom(format!("odd, expected {text}")))
        }
    }

    #[test]
    fn errors_name_the_place() {
        for (json, says) in [
            (
                r#"{"rows":[{"flag":"x","count":7}]}"#,
                "expected a flag (true, false, 1 or 0) at `rows[0].flag`",
            ),
            (r#"{"rows":[{"flag":1,"count":7},{"flag":1}]}"#, "missing field `count` at `rows[1]`"),
            (r#"{"rows":[{"flag":1,"flag":1,"count":7}]}"#, "duplicate field `flag` at `rows[0]`"),
            (r#"{"rows":["x"]}"#, "expected an object at `rows[0]`"),
            (r#"{"rows":[[1,7]]}"#, "expected an object at `rows[0]`"),
            (r#"{"rows":{}}"#, "expected a list at `rows`"),
            (r#"{"rows":[],"by_name":{"SECRET":"x"}}"#, "expected a whole number at `by_name[…]`"),
            ("[1]", "expected an object at line 1 column 3"),
            ("{}", "missing field `rows` at line 1 column 2"),
        ] {
            assert_eq!(from_str::<Page>(json).unwrap_err().to_string(), says);
        }
    }

    #[test]
    fn errors_never_show_the_document() {
        for wrong in [
            r#"{"rows":"SECRET"}"#,
            r#"{"rows":[{"flag":1,"count":"SECRET"}]}"#,
            r#"{"rows":[{"flag":1,"count":{"SECRET":1}}]}"#,
            r#"{"rows":[["SECRET", ", expected SECRET"]]}"#,
            r#"{"rows":[{"flag":1,"count":7,"kind":"SECRET"}]}"#,
            r#"{"rows":[{"flag":1,"count":7,"kind":{"SECRET":1}}]}"#,
            r#"{"rows":[{"flag":1,"count":7,"odd":"SECRET"}]}"#,
            r#"{"rows":[],"by_name":{"SECRET":"SECRET"}}"#,
            r#"{"SECRET":{"SECRET":[1,"#,
            r#"{"SECRET":{"SECRET":[tru]}}"#,
            r#"{"SECRET":1,"rows":7}"#,
        ] {
            let error = from_str::<Page>(wrong).unwrap_err();
            assert!(!format!("{error} {error:?} {}", error.place()).contains("SECRET"), "{error}");
        }
    }

    #[test]
    fn truncation_is_told_apart_from_nonsense() {
        let cut = from_str::<Row>(r#"{"flag":true,"cou"#).unwrap_err();
        assert!(cut.is_truncated());
        // Where it was cut says more than which member was cut.
        let cut = from_str::<Page>(r#"{"rows":[{"flag":tru"#).unwrap_err();
        assert_eq!(cut.to_string(), "the document ends too early at line 1 column 20");
        let nonsense = from_str::<Row>("<html>").unwrap_err();
        assert!(!nonsense.is_truncated());
        assert_eq!(nonsense.to_string(), "not JSON at line 1 column 1");
        assert!(from_str::<Row>(r#"{"flag":true,"count":1} x"#).is_err());
        let cyrillic = "{\"a\":\"я".as_bytes();
        let in_a_letter = from_slice::<Row>(&cyrillic[..cyrillic.len() - 1]).unwrap_err();
        assert!(in_a_letter.is_truncated());
        let other_charset = from_slice::<Row>(b"{\"a\":\"\xff\xe5\"}").unwrap_err();
        assert_eq!(other_charset.to_string(), "not UTF-8 at byte 6");
        assert!(!other_charset.is_truncated());
    }
}
