//! JSON kept to the letter.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::{DecodeError, from_str};

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
        RawValue::from_string(text.into()).map(Self).map_err(|error| DecodeError::new(None, &error))
    }

    /// The JSON text.
    #[must_use]
    pub fn get(&self) -> &str {
        self.0.get()
    }

    /// Reads a value from it; see [`from_slice`](super::from_slice).
    ///
    /// # Errors
    ///
    /// As [`from_slice`](super::from_slice).
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        from_str(self.get())
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for RawJson {}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} B)", self.get().len())
    }
}
