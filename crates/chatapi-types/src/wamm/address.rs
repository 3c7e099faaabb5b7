//! Who a message is for.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Masked, Phone};

/// What wamm takes as `phone`: a person's digits, a WhatsApp group as its bare 18-digit number
/// (grade C), a Telegram chat id or nickname, a MAX chat id (groups may be negative; wamm §5).
///
/// ```
/// use chatapi_types::Phone;
/// use chatapi_types::wamm::Address;
///
/// let person = Address::from("+7 900 000-00-01".parse::<Phone>()?);
/// assert_eq!(person.as_str(), "79000000001");
/// let nickname = Address::new("@durov");
/// # let _ = nickname;
/// # Ok::<(), chatapi_types::BadPhone>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Address(Box<str>);

impl Address {
    /// An address as the messenger knows it: group number, chat id or nickname. A phone number is
    /// better parsed as a [`Phone`] first, which finds mistakes.
    pub fn new(address: impl Into<String>) -> Self {
        Self(address.into().trim().into())
    }

    /// The address as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address with its middle left out, for logs.
    #[must_use]
    pub fn masked(&self) -> Masked<'_> {
        Masked::new(&self.0)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<Phone> for Address {
    fn from(phone: Phone) -> Self {
        Self(phone.digits().into())
    }
}

impl From<&Phone> for Address {
    fn from(phone: &Phone) -> Self {
        Self(phone.digits().into())
    }
}

impl From<&Self> for Address {
    fn from(address: &Self) -> Self {
        address.clone()
    }
}

impl From<&str> for Address {
    fn from(address: &str) -> Self {
        Self::new(address)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::json::text(deserializer, |text| Self::from(text))
    }
}
