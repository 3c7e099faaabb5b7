//! Arguments from query and body.

use std::borrow::Cow;

use chatapi_types::Args;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde_json::{Map, Value};

use crate::http::multipart;

/// A body that is not what it says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    Json,
    Form,
}

impl Unreadable {
    /// Told to the client. That the vendors answer so is our choice.
    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::Json => "The body is not JSON",
            Self::Form => "The body is not multipart/form-data",
        }
    }
}

/// The arguments of a request, whatever its verb: those of the query, and over them those of the
/// body (§1, grade B for the fact that clients do all of this, D for the rule).
pub(super) fn read(head: &Parts, body: &[u8]) -> Result<Args, Unreadable> {
    let mut args: Args = pairs(head.uri.query().unwrap_or_default().as_bytes()).collect();
    if body.trim_ascii().is_empty() {
        return Ok(args);
    }
    let content_type = head.headers.get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
        let parts = multipart::read(content_type, body).ok_or(Unreadable::Form)?;
        parts.into_iter().for_each(|(name, value)| args.set(name, value));
        return Ok(args);
    }
    let says_json = content_type.to_ascii_lowercase().contains("json");
    // Many clients label their JSON as a form or not at all.
    let looks_like_json = body.trim_ascii_start().starts_with(b"{");
    match serde_json::from_slice::<Map<String, Value>>(body) {
        // What is null was not given.
        Ok(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .for_each(|(name, value)| args.set(name, value)),
        Err(_) if says_json || looks_like_json => return Err(Unreadable::Json),
        Err(_) => pairs(body).for_each(|(name, value)| args.set(name, value)),
    }
    Ok(args)
}

fn pairs(text: &[u8]) -> impl Iterator<Item = (Cow<'static, str>, String)> {
    form_urlencoded::parse(text)
        .map(|(name, value)| (Cow::Owned(name.into_owned()), value.into_owned()))
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use chatapi_transport::{Address, Request as Sent};
    use chatapi_types::admin::{Admin, DeleteInstance, TransferDays};
    use chatapi_types::chat_api::{
        ChangeSettings, ChatApi, ListMessages, SendFile, SendMessage, Settings,
    };
    use chatapi_types::{Call, ChatId, Dialect, Operation, Token};
    use http::Request;
    use proptest::prelude::*;

    use super::*;

    fn args(uri: &str, content_type: &str, body: &str) -> Result<Args, Unreadable> {
        let request = Request::builder().uri(uri).header(CONTENT_TYPE, content_type);
        let (head, ()) = request.body(()).unwrap().into_parts();
        read(&head, body.as_bytes())
    }

    #[test]
    fn the_body_wins_over_the_query_in_every_encoding() {
        for (content_type, body) in [
            ("application/json", r#"{"body":"new","n":1,"none":null}"#),
            ("application/x-www-form-urlencoded", "body=new&n=1"),
            ("application/x-www-form-urlencoded", r#"{"body":"new","n":1}"#),
            ("", "n=1&body=new"),
            ("", r#" {"n":"1","body":"new"}"#),
        ] {
            let args = args("/x?body=old&kept=a+b%2Bc", content_type, body).unwrap();
            assert!(args.get("none").is_none());
            assert_eq!(args.text("body").unwrap(), "new");
            assert_eq!(args.text("n").unwrap(), "1");
            assert_eq!(args.text("kept").unwrap(), "a b+c");
        }
    }

    #[test]
    fn broken_json_is_told_apart_from_no_body() {
        assert!(args("/x", "application/json", "{\"body\":").is_err());
        assert!(args("/x", "", "{\"body\":").is_err());
        assert!(args("/x", "application/json", "[1]").is_err());
        assert!(args("/x", "application/json", " ").unwrap().is_empty());
    }

    /// Lays a call out, joins the secret, and reads it as it arrives.
    fn comes_back<C: Call + PartialEq + Debug>(
        call: &C,
        forms: &[C::Dialect],
    ) -> Result<(), TestCaseError> {
        for dialect in forms {
            let operation = Operation::of::<C>();
            let layout = dialect.lay_out(&operation, Args::of(call).unwrap());
            let address: Address = "http://sandbox.invalid".parse().unwrap();
            let request = Sent::new(operation, address, layout, Token::new("to/k%e&n"));
            let (head, body) = request.expose().unwrap().into_parts();
            let read = read(&head, &body).unwrap().read::<C>();
            prop_assert_eq!(read.as_ref(), Ok(call), "{:?}", dialect);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn what_the_clients_write_is_read(text in ".*", flag: bool, number: u32) {
            let instance = [ChatApi::path("1"), ChatApi::query("1")];
            let chat = ChatId::from("79000000001@c.us");
            comes_back(&SendMessage::new(&chat, &*text).quoting(&*text), &instance)?;
            comes_back(&SendFile::new(&chat, &*text, &*text).caption(&*text), &instance)?;
            comes_back(&ListMessages::new().chat(&*text).after(number.into()), &instance)?;
            let mut settings = Settings::new();
            settings.webhook_url = Some(text.clone());
            settings.guaranteed_hooks = Some(flag);
            settings.send_delay = Some(number);
            comes_back(&ChangeSettings::new(settings), &instance)?;
            let account = [Admin::json(), Admin::form(), Admin::query()];
            comes_back(&DeleteInstance::new(&*text), &account)?;
            comes_back(&TransferDays::new(&*text, &*text, number), &account)?;
        }
    }
}
