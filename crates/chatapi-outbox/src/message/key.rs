//! The caller's name of a message.

use std::fmt;

use super::BadMessage;
use super::check::check_name;

/// The caller's own name of a message, within a namespace: the same key is the same message,
/// however often it is enqueued. 1 to 255 bytes without control characters.
///
/// ```
/// use chatapi_outbox::Key;
///
/// assert_eq!(Key::new("order-42/paid")?.as_str(), "order-42/paid");
/// assert!(Key::new("").is_err());
/// # Ok::<(), chatapi_outbox::BadMessage>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Box<str>);

impl Key {
    /// A key.
    ///
    /// # Errors
    ///
    /// [`BadMessage`] when it is empty, too long, or holds control characters.
    pub fn new(key: impl Into<String>) -> Result<Self, BadMessage> {
        let key = key.into();
        check_name("key", &key)?;
        Ok(Self(key.into()))
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0.into()
    }
}

impl TryFrom<&str> for Key {
    type Error = BadMessage;

    fn try_from(key: &str) -> Result<Self, BadMessage> {
        Self::new(key)
    }
}

impl TryFrom<String> for Key {
    type Error = BadMessage;

    fn try_from(key: String) -> Result<Self, BadMessage> {
        Self::new(key)
    }
}

impl std::str::FromStr for Key {
    type Err = BadMessage;

    fn from_str(key: &str) -> Result<Self, BadMessage> {
        Self::new(key)
    }
}
