//! A call's arguments as an ordered list of names and values.

mod read;
mod write;

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use read::ArgError;

/// A name on the wire: a key of a query, form, JSON object or header.
pub type Name = Cow<'static, str>;

/// The arguments of one call, in the order in which its struct declares them.
///
/// Absent (`None`) arguments are left out. A dialect turns them into a
/// [`Layout`](crate::Layout); a server turns what it received back into a call with
/// [`read`](Self::read). `Debug` shows the names only, because values are private.
#[derive(Clone, Default, PartialEq)]
pub struct Args(Vec<(Name, Value)>);

impl Args {
    /// No arguments.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Takes a call, or any other struct or map, apart.
    ///
    /// # Errors
    ///
    /// [`ArgError`] when the value is neither a struct nor a map, or when one of its parts cannot
    /// be expressed in JSON (a map whose keys are not text).
    pub fn of<T: Serialize + ?Sized>(call: &T) -> Result<Self, ArgError> {
        call.serialize(write::ArgsSerializer)
    }

    /// Puts a call together again, the inverse of [`of`](Self::of).
    ///
    /// Reading is lenient about the form of values (see [`crate::json`]), ignores names that the
    /// call does not know, and enforces no vendor limit.
    ///
    /// # Errors
    ///
    /// [`ArgError`] names the argument that is missing or cannot be read, so that a server can
    /// answer in the vendor's words.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ArgError> {
        read::read(self)
    }

    /// The value of an argument.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// The value of an argument as text, as it would stand in a query.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(plain)
    }

    /// Sets an argument; one of the same name is replaced in place.
    pub fn set(&mut self, name: impl Into<Name>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(n, _)| *n == name) {
            Some((_, slot)) => *slot = value,
            None => self.0.push((name, value)),
        }
    }

    /// Takes an argument out.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(n, _)| n == name)?;
        Some(self.0.remove(at).1)
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IntoIterator for Args {
    type Item = (Name, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<N: Into<Name>, V: Into<Value>> FromIterator<(N, V)> for Args {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut args = Self::new();
        for (name, value) in pairs {
            args.set(name, value);
        }
        args
    }
}

impl fmt::Debug for Args {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// A value as it stands in a query or a form: text without quotes, lists joined by commas,
/// objects as JSON.
#[must_use]
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Example {
        chat_id: Option<String>,
        body: String,
        count: u32,
        on: bool,
        phones: Option<Vec<u64>>,
    }

    fn example() -> Example {
        Example { chat_id: None, body: "a, b".into(), count: 3, on: true, phones: Some(vec![7, 8]) }
    }

    #[test]
    fn arguments_keep_their_order_and_absent_ones_are_left_out() {
        let args = Args::of(&example()).unwrap();
        let names: Vec<_> = args.iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(names, ["body", "count", "on", "phones"]);
        assert_eq!(args.text("phones").unwrap(), "7,8");
        assert_eq!(args.text("on").unwrap(), "true");
        assert_eq!(format!("{args:?}"), r#"{"body", "count", "on", "phones"}"#);
    }

    #[test]
    fn reading_is_the_inverse_also_from_query_text() {
        let args = Args::of(&example()).unwrap();
        assert_eq!(args.read::<Example>().unwrap(), example());
        let from_query: Args =
            [("body", "a, b"), ("count", "3"), ("on", "1"), ("junk", "x")].into_iter().collect();
        let read = from_query.read::<Example>().unwrap();
        assert_eq!(read, Example { phones: None, ..example() });
    }

    #[test]
    fn errors_name_the_argument() {
        let args: Args = [("body", "x"), ("count", "many"), ("on", "1")].into_iter().collect();
        let error = args.read::<Example>().unwrap_err();
        assert_eq!(error.field(), Some("count"));
        assert_eq!(error.to_string(), "`count`: expected a whole number");

        let args: Args = [("count", "3"), ("on", "1")].into_iter().collect();
        let error = args.read::<Example>().unwrap_err();
        assert!(error.is_missing());
        assert_eq!(error.field(), Some("body"));
    }

    #[test]
    fn only_structs_and_maps_have_arguments() {
        assert!(Args::of(&7).is_err());
        assert!(Args::of(&()).unwrap().is_empty());
        let map = std::collections::BTreeMap::from([("a", 1)]);
        assert_eq!(Args::of(&map).unwrap().text("a").unwrap(), "1");
    }
}
