//! How Chat API is spoken to.

use super::envelope::complaint;
use super::{ErrorCode, Limits};
use crate::{
    Answer, Args, Body, Dialect, InstanceId, Layout, Member, Messenger, Operation, Part, Rotates,
    Verb,
};

/// Where the vendor served every instance (grade A). Shards are `https://euN.chat-api.com`; clones
/// and the sandbox have addresses of their own.
pub const DEFAULT_ADDRESS: &str = "https://api.chat-api.com";

/// The Chat API dialect of one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatApi {
    instance: InstanceId,
    addressing: Addressing,
    limits: Limits,
}

/// Where the instance stands in the address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Addressing {
    /// `/instance{ID}/{method}?token=`: what nearly every client uses (grade A).
    #[default]
    Path,
    /// `/{method}?instanceId=&token=`: what the specification has (grade A).
    Query,
}

impl ChatApi {
    /// Speaks to an instance, with the instance in the path.
    pub fn path(instance: impl Into<InstanceId>) -> Self {
        Self::new(instance, Addressing::Path)
    }

    /// Speaks to an instance, with the instance in the query.
    pub fn query(instance: impl Into<InstanceId>) -> Self {
        Self::new(instance, Addressing::Query)
    }

    /// Speaks to an instance.
    pub fn new(instance: impl Into<InstanceId>, addressing: Addressing) -> Self {
        Self { instance: instance.into(), addressing, limits: Limits::default() }
    }

    /// Overrides the limits.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The instance spoken to.
    #[must_use]
    pub const fn instance(&self) -> &InstanceId {
        &self.instance
    }

    /// Where the instance stands in the address.
    #[must_use]
    pub const fn addressing(&self) -> Addressing {
        self.addressing
    }
}

impl Dialect for ChatApi {
    type Limits = Limits;
    type Code = ErrorCode;
    const NAME: &'static str = "Chat API";

    fn lay_out(&self, operation: &Operation, args: Args) -> Layout {
        let method = Part::word(operation.name);
        let layout = match self.addressing {
            Addressing::Path => {
                let instance = Part::word(["instance", self.instance.as_str()].concat());
                Layout::new(operation.verb, vec![instance, method])
            }
            Addressing::Query => Layout::new(operation.verb, vec![method])
                .query("instanceId", Part::word(self.instance.to_string())),
        };
        let layout = layout.query("token", Part::SECRET);
        match operation.verb {
            Verb::Post | Verb::Put if !args.is_empty() => layout.body(Body::Json(
                args.into_iter().map(|(name, value)| (name, Member::Value(value))).collect(),
            )),
            Verb::Post | Verb::Put => layout,
            Verb::Get | Verb::Delete => args
                .into_iter()
                .fold(layout, |layout, (name, value)| layout.query(name, Part::arg(&value))),
        }
    }

    fn complaint(&self, answer: &Answer<'_>) -> Option<String> {
        complaint(answer)
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn messenger(&self) -> Option<Messenger> {
        Some(Messenger::WhatsApp)
    }
}

impl Rotates for ChatApi {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Phone;
    use crate::chat_api::{ReadStatus, SendMessage};

    #[test]
    fn both_addressing_forms() {
        let args = || Args::of(&ReadStatus::new().full()).unwrap();
        let status = Operation::of::<ReadStatus>();
        let path = ChatApi::path("123").lay_out(&status, args());
        assert_eq!(
            format!("{:?} {:?}", path.path, path.query),
            r#"[instance123, status] [("token", {secret}), ("full", …)]"#
        );
        let query = ChatApi::query("123").lay_out(&status, args());
        assert_eq!(
            format!("{:?} {:?}", query.path, query.query),
            r#"[status] [("instanceId", 123), ("token", {secret}), ("full", …)]"#
        );
        let phone: Phone = "79000000001".parse().unwrap();
        let send = SendMessage::new(phone, "hi");
        let post =
            ChatApi::path("123").lay_out(&Operation::of::<SendMessage>(), Args::of(&send).unwrap());
        assert_eq!(format!("{:?}", post.body), r#"Json{"phone", "body"}"#);
    }
}
