//! Has this number an account?

use serde::{Deserialize, Serialize};

use super::{ChatApi, Limits};
use crate::{BadArg, Call, Existence, Grade, JsonReply, Phone, Repeat, Verb};

/// `GET /checkPhone`: whether a number has an account with the messenger. Chat API §5.4, grade B.
///
/// Files sent to numbers without an account are the first reason why queues grow (help page "Why
/// are messages accumulating", grade A), so ask before you send to a number you do not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckPhone {
    /// The number.
    pub phone: Phone,
}

impl CheckPhone {
    /// Asks about a number.
    pub fn new(phone: impl Into<Phone>) -> Self {
        Self { phone: phone.into() }
    }
}

impl Call for CheckPhone {
    type Dialect = ChatApi;
    type Reply = PhoneCheck;
    const NAME: &'static str = "checkPhone";
    const VERB: Verb = Verb::Get;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::B;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_phone(&self.phone)
    }
}

/// The answer to [`CheckPhone`]. Chat API §5.4, grade B.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PhoneCheck {
    /// The vendor's word.
    pub result: Existence,
    /// The vendor's words, where `result` is `failed` or `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl PhoneCheck {
    /// An answer.
    #[must_use]
    pub const fn new(result: Existence) -> Self {
        Self { result, message: None }
    }
}

impl JsonReply for PhoneCheck {
    fn refusal(&self) -> Option<&str> {
        failed(self.result.as_str(), self.message.as_deref())
    }
}

/// The refusal in a reply whose `result` is `failed` (grade C) or `error` (grade B).
pub(super) fn failed<'a>(result: &'a str, message: Option<&'a str>) -> Option<&'a str> {
    matches!(result, "failed" | "error").then(|| message.unwrap_or(result))
}
