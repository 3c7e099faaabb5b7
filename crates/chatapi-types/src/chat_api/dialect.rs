//! How Chat API is spoken to.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ErrorCode;
use crate::{
    Answer, Args, BadArg, Body, ChatId, Dialect, InstanceId, Layout, Member, Messenger, Operation,
    Part, Phone, RawJson, Rotates, Verb, json,
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
        Self {
            instance: instance.into(),
            addressing,
            limits: Limits::default(),
        }
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
                let instance = Part::word(format!("instance{}", self.instance));
                Layout::new(operation.verb, vec![instance, method])
            }
            Addressing::Query => Layout::new(operation.verb, vec![method])
                .query("instanceId", Part::word(self.instance.to_string())),
        };
        let layout = layout.query("token", Part::SECRET);
        match operation.verb {
            Verb::Post | Verb::Put if !args.is_empty() => layout.body(Body::Json(
                args.into_iter()
                    .map(|(name, value)| (name, Member::Value(value)))
                    .collect(),
            )),
            Verb::Post | Verb::Put => layout,
            Verb::Get | Verb::Delete => args.into_iter().fold(layout, |layout, (name, value)| {
                layout.query(name, Part::arg(&value))
            }),
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

/// `error` on any status; `message` and short plain text only when the status already says no.
/// Shared with the admin functions, which complain alike.
pub(crate) fn complaint(answer: &Answer<'_>) -> Option<String> {
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(default)]
        error: Option<RawJson>,
        #[serde(default)]
        message: Option<RawJson>,
    }
    let declined = !(200..300).contains(&answer.status);
    match json::from_slice::<Envelope>(answer.body) {
        Ok(envelope) => envelope
            .error
            .and_then(spoken)
            .or_else(|| envelope.message.filter(|_| declined).and_then(spoken)),
        Err(_) if declined && !answer.is_html() => {
            let text = std::str::from_utf8(answer.body).ok()?.trim();
            let is_sentence =
                !text.is_empty() && text.len() <= 300 && !text.starts_with(['{', '[']);
            is_sentence.then(|| text.to_owned())
        }
        Err(_) => None,
    }
}

/// The words of an error member; `None` for what means "no error".
fn spoken(member: RawJson) -> Option<String> {
    match serde_json::from_str(member.get()).ok()? {
        Value::Null | Value::Bool(false) => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(text),
        Value::Number(number) if number.as_i64() == Some(0) => None,
        _ => Some(member.get().to_owned()),
    }
}

/// The vendor's limits. Every figure can be overridden, because none was ever confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many digits a phone has: 9 to 14 (grade C, from an error text).
    pub phone_digits: RangeInclusive<usize>,
    /// How many characters a text may have; unlimited, because no limit is known.
    pub text_chars: usize,
    /// How many bytes a data URI may have; unlimited, because no limit is known.
    pub data_uri_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            phone_digits: 9..=14,
            text_chars: usize::MAX,
            data_uri_bytes: usize::MAX,
        }
    }
}

impl Limits {
    pub(super) fn check_recipient(
        &self,
        chat: Option<&ChatId>,
        phone: Option<&Phone>,
    ) -> Result<(), BadArg> {
        match (chat, phone) {
            (Some(chat), None) if chat.as_str().contains('@') => Ok(()),
            (Some(_), None) => Err(BadArg::new(
                "chatId",
                "a chat id ends in @c.us (a person) or @g.us (a group); is this a phone?",
            )),
            (None, Some(phone)) => self.check_phone(phone),
            (None, None) => Err(BadArg::new(
                "chatId",
                "say who it is for: a chat or a phone",
            )),
            (Some(_), Some(_)) => Err(BadArg::new("chatId", "give a chat or a phone, not both")),
        }
    }

    pub(super) fn check_phone(&self, phone: &Phone) -> Result<(), BadArg> {
        let digits = phone.digits().len();
        if self.phone_digits.contains(&digits) {
            return Ok(());
        }
        let (least, most) = (self.phone_digits.start(), self.phone_digits.end());
        Err(BadArg::new(
            "phone",
            format!("{digits} digits; the gateway takes {least} to {most}, country code first"),
        ))
    }

    pub(super) fn check_text(&self, field: &'static str, text: &str) -> Result<(), BadArg> {
        if text.trim().is_empty() {
            return Err(BadArg::new(field, "the text is empty"));
        }
        let chars = text.chars().count();
        if chars > self.text_chars {
            let most = self.text_chars;
            return Err(BadArg::new(
                field,
                format!("{chars} characters; at most {most} are taken"),
            ));
        }
        Ok(())
    }

    pub(super) fn check_file(&self, field: &'static str, body: &str) -> Result<(), BadArg> {
        if body.starts_with("data:") {
            let encoded = body
                .split_once(',')
                .filter(|(head, _)| head.ends_with(";base64"));
            if encoded.is_none_or(|(_, data)| data.is_empty()) {
                return Err(BadArg::new(
                    field,
                    "a data URI must read data:{mime};base64,{data}",
                ));
            }
            if body.len() > self.data_uri_bytes {
                return Err(BadArg::new(
                    field,
                    format!(
                        "{} bytes; at most {} are taken",
                        body.len(),
                        self.data_uri_bytes
                    ),
                ));
            }
            return Ok(());
        }
        check_url(field, body)
    }
}

/// An absolute http or https address.
pub(super) fn check_url(field: &'static str, url: &str) -> Result<(), BadArg> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    match rest {
        Some(rest)
            if !rest.is_empty() && !rest.starts_with('/') && !url.contains(char::is_whitespace) =>
        {
            Ok(())
        }
        _ => Err(BadArg::new(
            field,
            "must be an http:// or https:// address, or a data URI for a file",
        )),
    }
}

/// The address of an instance, as the admin function `newInstance` returns it: it ends with `/`
/// and mostly holds the instance (`https://eu41.chat-api.com/instance123/`; grade B).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApiUrl(String);

impl ApiUrl {
    /// An address as it came.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The address as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address without the instance: what a client takes as base address.
    #[must_use]
    pub fn base(&self) -> &str {
        let trimmed = self.0.trim_end_matches('/');
        match self.last_segment() {
            Some(segment) => trimmed[..trimmed.len() - segment.len()].trim_end_matches('/'),
            None => trimmed,
        }
    }

    /// The instance that the address holds.
    #[must_use]
    pub fn instance(&self) -> Option<InstanceId> {
        self.last_segment()
            .and_then(|segment| segment.strip_prefix("instance"))
            .map(Into::into)
    }

    fn last_segment(&self) -> Option<&str> {
        let path = self
            .0
            .trim_end_matches('/')
            .split_once("://")
            .map_or(&*self.0, |(_, rest)| rest);
        let segment = path.trim_end_matches('/').rsplit_once('/')?.1;
        (segment.len() > "instance".len() && segment.starts_with("instance")).then_some(segment)
    }
}

impl fmt::Display for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    #[test]
    fn complaints_are_found_wherever_they_stand() {
        let complaint = |status, body: &str| complaint(&Answer::new(status, None, body.as_bytes()));
        assert_eq!(
            complaint(200, r#"{"error":"not paid"}"#).as_deref(),
            Some("not paid")
        );
        assert_eq!(
            complaint(200, r#"{"error":{"code":1}}"#).as_deref(),
            Some(r#"{"code":1}"#)
        );
        assert_eq!(complaint(200, r#"{"error":null,"sent":true}"#), None);
        assert_eq!(complaint(200, r#"{"error":"","sent":true}"#), None);
        assert_eq!(complaint(200, r#"{"sent":false,"message":"no"}"#), None);
        assert_eq!(complaint(400, r#"{"message":"no"}"#).as_deref(), Some("no"));
        assert_eq!(complaint(403, "Not paid").as_deref(), Some("Not paid"));
        assert_eq!(complaint(502, "<html>Bad Gateway</html>"), None);
        assert_eq!(complaint(200, "<html>"), None);
        assert_eq!(complaint(500, r#"{"err"#), None);
    }

    #[test]
    fn an_api_url_knows_its_instance() {
        for (url, base, instance) in [
            (
                "https://eu41.chat-api.com/instance123/",
                "https://eu41.chat-api.com",
                Some("123"),
            ),
            (
                "https://eu41.chat-api.com/instance123",
                "https://eu41.chat-api.com",
                Some("123"),
            ),
            (
                "https://eu41.chat-api.com/",
                "https://eu41.chat-api.com",
                None,
            ),
            ("http://h/x/instanceKR7//", "http://h/x", Some("KR7")),
            ("https://instance7", "https://instance7", None),
        ] {
            let url = ApiUrl::new(url);
            assert_eq!(
                (url.base(), url.instance()),
                (base, instance.map(InstanceId::from))
            );
        }
    }
}
