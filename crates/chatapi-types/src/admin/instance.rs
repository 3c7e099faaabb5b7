//! Instances as their owner sees them.

use serde::{Deserialize, Serialize};

use super::{Admin, Limits};
use crate::chat_api::ApiUrl;
use crate::{
    BadArg, Call, Grade, InstanceId, JsonReply, List, Repeat, Token, UnixMillis, Verb, json,
};

crate::open_enum! {
    #![case_insensitive]
    /// Where an instance lives (`type`). The help page's example writes the value capitalised, so
    /// case is ignored; the help pages at hand have the product's name replaced by `messengers`,
    /// which reads as WhatsApp.
    pub enum Platform {
        /// WhatsApp (grade A + B).
        WhatsApp = "whatsapp" | "messengers",
        /// WhatsApp, for development (grade C).
        WhatsAppDev = "whatsapp_dev",
    }
}

/// `newInstance`: creates an instance, which the account then pays for. Help page "API customization
/// and automation" and Chat API §9, grade A + B.
///
/// Saying it twice creates two: it is never repeated unasked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NewInstance {
    /// Where it shall live.
    #[serde(rename = "type")]
    pub platform: Platform,
}

impl NewInstance {
    /// An instance on a platform.
    pub fn new(platform: impl Into<Platform>) -> Self {
        Self { platform: platform.into() }
    }
}

impl Call for NewInstance {
    type Dialect = Admin;
    type Reply = Created;
    const NAME: &'static str = "newInstance";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;
}

/// The answer to [`NewInstance`]. Chat API §9, grade A + B.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Created {
    result: Creation,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Creation {
    /// Not worth losing a token over: without it, an instance with a token exists all the same.
    #[serde(default = "unsaid")]
    status: CreationState,
    instance: CreatedInstance,
}

fn unsaid() -> CreationState {
    CreationState::from("")
}

crate::open_enum! {
    /// What became of a creation (Chat API §9, grade A + B).
    pub enum CreationState {
        /// The instance exists.
        Created = "created",
    }
}

impl Created {
    /// An instance was created.
    #[must_use]
    pub const fn new(instance: CreatedInstance) -> Self {
        Self { result: Creation { status: CreationState::Created, instance } }
    }

    /// The vendor's word; empty where it gave none.
    #[must_use]
    pub const fn state(&self) -> &CreationState {
        &self.result.status
    }

    /// The new instance.
    #[must_use]
    pub const fn instance(&self) -> &CreatedInstance {
        &self.result.instance
    }

    /// The new instance.
    #[must_use]
    pub fn into_instance(self) -> CreatedInstance {
        self.result.instance
    }
}

impl JsonReply for Created {}

/// A new instance. This is the only reply that holds its token: keep it, lists do not show it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreatedInstance {
    /// Its number, which comes as text or as a number.
    pub id: InstanceId,
    /// Where it is spoken to; ends with `/`.
    #[serde(rename = "apiUrl")]
    pub api_url: ApiUrl,
    /// Its token.
    #[serde(serialize_with = "Token::serialize_exposed")]
    pub token: Token,
}

impl CreatedInstance {
    /// An instance.
    pub fn new(
        id: impl Into<InstanceId>,
        api_url: impl Into<String>,
        token: impl Into<Token>,
    ) -> Self {
        Self { id: id.into(), api_url: ApiUrl::new(api_url), token: token.into() }
    }
}

/// `deleteInstance`: deletes an instance. It cannot be undone. Help page "API customization and
/// automation" and Chat API §9, grade A; its answer, grade B.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeleteInstance {
    /// Which one.
    pub instance_id: InstanceId,
}

impl DeleteInstance {
    /// Deletes an instance.
    pub fn new(instance: impl Into<InstanceId>) -> Self {
        Self { instance_id: instance.into() }
    }
}

impl Call for DeleteInstance {
    type Dialect = Admin;
    type Reply = Deleted;
    const NAME: &'static str = "deleteInstance";
    const VERB: Verb = Verb::Post;
    /// Nobody knows what a second deletion does: whether it is refused, or whether numbers are given
    /// out again. So nothing is deleted twice unasked.
    const REPEAT: Repeat = Repeat::Never;
    const GRADE: Grade = Grade::A;

    fn check(&self, _: &Limits) -> Result<(), BadArg> {
        if self.instance_id.as_str().trim().is_empty() {
            return Err(BadArg::new("instanceId", "say which instance"));
        }
        Ok(())
    }
}

/// The answer to [`DeleteInstance`]. Chat API §9, grade B.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Deleted {
    /// The vendor's word, `deleted`; any other is taken for a refusal.
    pub result: String,
}

impl Deleted {
    /// The instance is gone.
    #[must_use]
    pub fn done() -> Self {
        Self { result: "deleted".into() }
    }
}

impl JsonReply for Deleted {
    fn refusal(&self) -> Option<&str> {
        (self.result != "deleted").then_some(&self.result)
    }
}

/// `listInstances`: the instances of the account, without their tokens. Help page "API customization
/// and automation" and Chat API §9, grade A; its answer, grade B.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListInstances {}

impl ListInstances {
    /// The call.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Call for ListInstances {
    type Dialect = Admin;
    type Reply = Instances;
    const NAME: &'static str = "listInstances";
    const VERB: Verb = Verb::Post;
    const REPEAT: Repeat = Repeat::Safe;
    const GRADE: Grade = Grade::A;
}

/// The answer to [`ListInstances`]. Chat API §9, grade B.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Instances {
    /// The instances.
    #[serde(rename = "result", deserialize_with = "json::or_default")]
    pub instances: List<Instance>,
}

impl Instances {
    /// An answer.
    #[must_use]
    pub const fn new(instances: List<Instance>) -> Self {
        Self { instances }
    }
}

impl JsonReply for Instances {}

/// An instance as its owner sees it. Chat API §9, grade B.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Instance {
    /// Its number.
    pub id: InstanceId,
    /// Its name in the account.
    #[serde(default, deserialize_with = "json::or_default")]
    pub name: String,
    /// Where it is spoken to; ends with `/`.
    pub api_url: ApiUrl,
    /// Where it lives.
    #[serde(rename = "type")]
    pub platform: Platform,
    /// Whether it stands still.
    #[serde(default, deserialize_with = "json::or_default")]
    pub stopped: bool,
    /// How often it was paid for.
    #[serde(default, deserialize_with = "json::or_default")]
    pub payments_count: u64,
    /// Until when it is paid (milliseconds; grade C).
    #[serde(default)]
    pub paid_till: Option<UnixMillis>,
}

impl Instance {
    /// An instance that was never paid for.
    pub fn new(
        id: impl Into<InstanceId>,
        api_url: impl Into<String>,
        platform: impl Into<Platform>,
    ) -> Self {
        Self {
            id: id.into(),
            name: String::new(),
            api_url: ApiUrl::new(api_url),
            platform: platform.into(),
            stopped: false,
            payments_count: 0,
            paid_till: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_lost_over_a_missing_word() {
        let json = r#"{"result":{"instance":{"id":123,"apiUrl":"https://h/","token":"t"}}}"#;
        let created: Created = json::from_str(json).unwrap();
        assert_eq!(created.state().as_str(), "");
        assert_eq!(created.instance().token.expose(), "t");
    }

    #[test]
    fn nothing_is_created_or_deleted_twice_unasked() {
        assert_eq!(NewInstance::REPEAT, Repeat::Never);
        assert_eq!(DeleteInstance::REPEAT, Repeat::Never);
        assert!(DeleteInstance::new(" ").check(&Limits::default()).is_err());
    }
}
