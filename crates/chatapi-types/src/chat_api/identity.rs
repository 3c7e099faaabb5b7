//! Who the instance is: its picture, its phone, its address, its name.

use serde::{Deserialize, Serialize};

use super::declare::call_without_arguments;
use super::limits::check_given;
use super::outcome::refused;
use super::{ChatApi, Done, Limits, Outcome};
use crate::{BadArg, Binary, Call, ChatId, Grade, JsonReply, Repeat, Verb};

call_without_arguments! {
    /// `GET /screenshot`: a picture of the instance's web session, for finding out what ails it.
    ///
    /// The picture shows chats: treat it as private. What an instance answers that has no session
    /// open is unknown. Chat API §2.3, grade B.
    ReadScreenshot = Get "screenshot" -> Binary, Safe, B
}

call_without_arguments! {
    /// `GET /me`: the phone that is linked. What an instance answers that is linked to none is
    /// unknown. Chat API §2.3, grade B.
    ReadMe = Get "me" -> Me, Safe, B
}

call_without_arguments! {
    /// `GET /outputIP`: the address from which the instance calls, for the list of addresses that a
    /// webhook's receiver lets in. Chat API §2.3, grade C.
    ReadOutputIp = Get "outputIP" -> OutputIp, Safe, C
}

/// The phone that is linked. Chat API §2.3, grade B.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Me {
    /// Its number as a chat id, `{digits}@c.us`.
    pub id: ChatId,
    /// How full its battery is, in percent.
    #[serde(default)]
    pub battery: Option<u8>,
    /// Its language, such as `en`.
    #[serde(default)]
    pub locale: Option<String>,
    /// The account's name, as others see it.
    #[serde(default)]
    pub name: Option<String>,
    /// The version of its messenger.
    #[serde(default)]
    pub wa_version: Option<String>,
    /// What kind of phone it is.
    #[serde(default)]
    pub device: Option<Device>,
}

impl Me {
    /// A phone of which nothing more is known.
    pub fn new(id: impl Into<ChatId>) -> Self {
        Self {
            id: id.into(),
            battery: None,
            locale: None,
            name: None,
            wa_version: None,
            device: None,
        }
    }
}

impl JsonReply for Me {}

/// What kind of phone it is. Chat API §2.3, grade B.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Device {
    /// The version of its operating system.
    #[serde(default)]
    pub os_version: Option<String>,
    /// Who made it.
    #[serde(default)]
    pub manufacturer: Option<String>,
    /// Its model.
    #[serde(default)]
    pub model: Option<String>,
}

/// The answer to [`ReadOutputIp`]. One client reads `address`, a successor of the vendor's writes
/// `result` (Chat API §2.3, grade C each): both are written, either is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OutputIp {
    /// The address in one place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The address in the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}

impl OutputIp {
    /// An answer with the address in both places.
    pub fn new(address: impl Into<String>) -> Self {
        let address = address.into();
        Self { address: Some(address.clone()), result: Some(address) }
    }

    /// The address, wherever it stands.
    #[must_use]
    pub fn ip(&self) -> Option<&str> {
        let places = [&self.address, &self.result].into_iter().flatten();
        places.map(|text| text.trim()).find(|text| !text.is_empty())
    }
}

impl JsonReply for OutputIp {}

/// `POST /setName`: sets the account's name, as others see it. Chat API §2.3, grade C.
///
/// The argument's name is in conflict: a client of the live service sends `pushname`, another one
/// `accountName`, though it reads `pushname` in the answer. This call sends `pushname`; a server
/// reads either. The length limit is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SetName {
    /// The name.
    #[serde(alias = "accountName")]
    pub pushname: String,
}

impl SetName {
    /// Sets the name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { pushname: name.into() }
    }
}

impl Call for SetName {
    type Dialect = ChatApi;
    type Reply = NameSet;
    const NAME: &'static str = "setName";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::C;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        check_given("pushname", &self.pushname)
    }
}

/// The answer to [`SetName`]. Chat API §2.3, grade C.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NameSet {
    /// Whether it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// The vendor's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Outcome>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The name as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushname: Option<String>,
}

impl NameSet {
    /// The name is now `name`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            success: Some(true),
            result: Some(Outcome::Success),
            message: None,
            pushname: Some(name.into()),
        }
    }
}

impl JsonReply for NameSet {
    fn refusal(&self) -> Option<&str> {
        refused(self.success, self.result.as_ref(), self.message.as_deref())
    }
}

/// `POST /setStatus`: sets the account's line about itself. Chat API §2.3, grade C.
///
/// The argument's name is in conflict: a client of the live service sends `status`, another one
/// `accountStatus`. This call sends `status`; a server reads either. The length limit is unknown,
/// and so is whether an empty text clears the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SetStatus {
    /// The line.
    #[serde(alias = "accountStatus")]
    pub status: String,
}

impl SetStatus {
    /// Sets the line.
    pub fn new(status: impl Into<String>) -> Self {
        Self { status: status.into() }
    }
}

impl Call for SetStatus {
    type Dialect = ChatApi;
    type Reply = Done;
    const NAME: &'static str = "setStatus";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::C;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Args;

    #[test]
    fn names_in_conflict_are_read_under_either() {
        for name in ["pushname", "accountName"] {
            let args: Args = [(name, "Anna")].into_iter().collect();
            assert_eq!(args.read::<SetName>().unwrap(), SetName::new("Anna"));
        }
        for name in ["status", "accountStatus"] {
            let args: Args = [(name, "busy")].into_iter().collect();
            assert_eq!(args.read::<SetStatus>().unwrap(), SetStatus::new("busy"));
        }
        assert!(SetName::new(" ").check(&Limits::default()).is_err());
    }

    #[test]
    fn the_output_address_is_found_in_either_place() {
        for json in [r#"{"address":"192.0.2.1"}"#, r#"{"address":"","result":"192.0.2.1"}"#] {
            let reply: OutputIp = crate::json::from_str(json).unwrap();
            assert_eq!(reply.ip(), Some("192.0.2.1"));
        }
        assert_eq!(OutputIp::default().ip(), None);
    }
}
