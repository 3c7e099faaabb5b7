//! Has this number an account?

use serde::{Deserialize, Serialize};

use super::envelope::NoError;
use super::{Address, Limits, Wamm};
use crate::{BadArg, Call, Existence, Grade, JsonReply, Repeat, Verb};

/// `check_phone`: whether a number has an account with the channel's messenger. wamm §1.2, grade A.
///
/// A number that is already in the account's contacts is answered without asking the messenger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckPhone {
    /// The number.
    pub phone: Address,
}

impl CheckPhone {
    /// Asks about a number.
    pub fn new(phone: impl Into<Address>) -> Self {
        Self { phone: phone.into() }
    }
}

impl Call for CheckPhone {
    type Dialect = Wamm;
    type Reply = PhoneCheck;
    const NAME: &'static str = "check_phone";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
    const SLOTS: &'static [&'static str] = &["phone"];

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_address(&self.phone)
    }
}

/// The answer to [`CheckPhone`]. wamm §1.2, grade B.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PhoneCheck {
    #[serde(default)]
    err: NoError,
    /// The vendor's word. Only `exists` was ever seen (grade B); any other word counts as no.
    pub result: Existence,
}

impl PhoneCheck {
    /// An answer.
    #[must_use]
    pub const fn new(result: Existence) -> Self {
        Self { err: NoError, result }
    }
}

impl JsonReply for PhoneCheck {}
