//! The filter of numbers that get no answers.

use serde::{Deserialize, Serialize, Serializer};

use super::declare::call_without_arguments;
use super::limits::check_given;
use super::{ChatApi, Limits};
use crate::{BadArg, Call, Grade, JsonReply, Phone, Repeat, Verb, json};

call_without_arguments! {
    /// `GET /banSettings`: which numbers are banned, and what they are told. Chat API §7, grade A.
    ReadBanSettings = Get "banSettings" -> BanSettings, Safe, A
}

/// `POST /banSettings`: sets which numbers are banned, and what they are told. Chat API §7, grade A.
///
/// The vendor reads the mask as a regular expression, of which dialect is unknown. What an empty one
/// does is unknown too, so it is refused here: a mask that no number fits, such as `^$`, bans nobody.
/// [`TestBan`] tries the mask on a number.
///
/// ```
/// use chatapi_types::Call;
/// use chatapi_types::chat_api::{Limits, SetBanSettings};
///
/// let call = SetBanSettings::new("^7900", "We do not serve this number.");
/// assert!(call.check(&Limits::default()).is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SetBanSettings {
    /// A regular expression for phones.
    pub ban_phone_mask: String,
    /// What a banned number is told.
    pub pre_ban_message: String,
    /// In the specification without a meaning; left out unless given.
    pub set: Option<bool>,
}

impl SetBanSettings {
    /// Bans the numbers that fit `mask`, and tells them `message`.
    pub fn new(mask: impl Into<String>, message: impl Into<String>) -> Self {
        Self { ban_phone_mask: mask.into(), pre_ban_message: message.into(), set: None }
    }
}

impl Call for SetBanSettings {
    type Dialect = ChatApi;
    type Reply = BanSettings;
    const NAME: &'static str = "banSettings";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        check_given("banPhoneMask", &self.ban_phone_mask)
    }
}

/// Which numbers are banned, and what they are told. Chat API §7, grade A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BanSettings {
    /// A regular expression for phones; empty where nobody is banned (grade D).
    #[serde(default, deserialize_with = "json::or_default")]
    pub ban_phone_mask: String,
    /// What a banned number is told.
    #[serde(default, deserialize_with = "json::or_default")]
    pub pre_ban_message: String,
    /// Whether the call that this answers changed the settings. No is no refusal: they may have been
    /// so before.
    #[serde(default, deserialize_with = "json::or_default")]
    pub set: bool,
}

impl BanSettings {
    /// An answer.
    pub fn new(mask: impl Into<String>, message: impl Into<String>, set: bool) -> Self {
        Self { ban_phone_mask: mask.into(), pre_ban_message: message.into(), set }
    }
}

impl JsonReply for BanSettings {}

/// `POST /banTest`: whether a number is banned. Chat API §7, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TestBan {
    /// The number; here the specification has it as text.
    #[serde(serialize_with = "digits")]
    pub phone: Phone,
}

fn digits<S: Serializer>(phone: &Phone, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(phone.digits())
}

impl TestBan {
    /// Asks about a number.
    pub fn new(phone: impl Into<Phone>) -> Self {
        Self { phone: phone.into() }
    }
}

impl Call for TestBan {
    type Dialect = ChatApi;
    type Reply = BanTest;
    const NAME: &'static str = "banTest";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;

    fn check(&self, limits: &Limits) -> Result<(), BadArg> {
        limits.check_phone(&self.phone)
    }
}

/// The answer to [`TestBan`]. Chat API §7, grade A.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BanTest {
    /// Whether the number is banned.
    pub banned: bool,
    /// The vendor's sentence.
    #[serde(default, deserialize_with = "json::or_default")]
    pub message: String,
    /// The number as the vendor understood it.
    #[serde(default, deserialize_with = "json::or_default")]
    pub phone: String,
    /// The mask that was tried.
    #[serde(default, deserialize_with = "json::or_default")]
    pub ban_phone_mask: String,
}

impl BanTest {
    /// An answer about a number, by a mask.
    pub fn new(banned: bool, phone: &Phone, mask: impl Into<String>) -> Self {
        Self {
            banned,
            message: String::new(),
            phone: phone.digits().to_owned(),
            ban_phone_mask: mask.into(),
        }
    }
}

impl JsonReply for BanTest {}
