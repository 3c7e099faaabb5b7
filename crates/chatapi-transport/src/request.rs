//! A request whose secret has not yet been joined to it.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chatapi_types::{Body, Layout, Member, Name, Operation, Part, Repeat, Secret, Verb};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Uri};
use serde_json::Value;

use crate::address::{Address, encode};
use crate::transport::TransportError;

/// How long one attempt may take unless a call or the gateway says otherwise. The vendor itself
/// needs 30 s to report that a phone gave no answer (Chat API §10, grade A).
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(35);

/// How many bytes of an answer are read unless a call or the gateway says otherwise: 16 MiB.
pub const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

/// A request whose secret has not yet been joined to it.
///
/// It carries the operation's name, so that decorators need not parse addresses, and the secret
/// apart from everything else: [`expose`](Self::expose) joins them, and only a transport calls it.
/// `Debug` shows verb, path without private parts, and sizes.
#[derive(Clone)]
pub struct Request {
    operation: Operation,
    address: Arc<Address>,
    layout: Arc<Layout>,
    secret: Secret,
    timeout: Duration,
    answer_limit: usize,
}

impl Request {
    /// A request of an operation, laid out by its dialect.
    pub fn new(
        operation: Operation,
        address: impl Into<Arc<Address>>,
        layout: Layout,
        secret: impl Into<Secret>,
    ) -> Self {
        Self {
            operation,
            address: address.into(),
            layout: Arc::new(layout),
            secret: secret.into(),
            timeout: operation.timeout.unwrap_or(ATTEMPT_TIMEOUT),
            answer_limit: operation.answer_limit.unwrap_or(ANSWER_LIMIT),
        }
    }

    /// How long one attempt may take.
    #[must_use]
    pub const fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many bytes of the answer are read.
    #[must_use]
    pub const fn at_most(mut self, answer_limit: usize) -> Self {
        self.answer_limit = answer_limit;
        self
    }

    /// The vendor's name for the operation.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        self.operation.name
    }

    /// Whether it may be said again when its fate is unknown.
    #[must_use]
    pub const fn is_repeatable(&self) -> bool {
        matches!(self.operation.repeat, Repeat::Safe)
    }

    /// How long one attempt may take.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// How many bytes of the answer are read.
    #[must_use]
    pub const fn answer_limit(&self) -> usize {
        self.answer_limit
    }

    /// The gateway it is for.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Where everything stands in it, the secret still left out.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Joins the secret to the request. Only a transport has reason to call this, at the moment of
    /// sending; what it returns must not be logged or kept.
    ///
    /// # Errors
    ///
    /// [`TransportError`] with [`Fate::NotSent`](crate::Fate::NotSent) when the request cannot be
    /// expressed in HTTP: an address longer than 65,534 bytes, or a secret in a header that holds a
    /// line end.
    pub fn expose(&self) -> Result<http::Request<Bytes>, TransportError> {
        let mut request = http::Request::new(Bytes::new());
        let parts = self.exposed()?;
        *request.method_mut() = parts.method;
        // The error is dropped: it may quote the address.
        *request.uri_mut() =
            Uri::try_from(parts.target).map_err(|_| TransportError::unspeakable())?;
        *request.headers_mut() = parts.headers;
        *request.body_mut() = parts.body;
        Ok(request)
    }

    /// As [`expose`](Self::expose), with the address as text, for a transport that has a type of its
    /// own for addresses.
    pub(crate) fn exposed(&self) -> Result<Exposed, TransportError> {
        let method = match self.layout.verb {
            Verb::Post => Method::POST,
            Verb::Put => Method::PUT,
            Verb::Delete => Method::DELETE,
            Verb::Get => Method::GET,
        };
        let target = self.target(|target, part| self.write_encoded(target, part));
        let mut headers = HeaderMap::new();
        for (name, part) in &self.layout.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_str(&self.plain(part));
            let (Ok(name), Ok(mut value)) = (name, value) else {
                return Err(TransportError::unspeakable());
            };
            value.set_sensitive(!matches!(part, Part::Word(_)));
            headers.insert(name, value);
        }
        let (content_type, body) = self.body()?;
        if let Some(content_type) = content_type {
            headers.insert(CONTENT_TYPE, content_type);
        }
        Ok(Exposed { method, target, headers, body })
    }

    /// The whole address; `write` puts each part in, encoded.
    fn target(&self, write: impl Fn(&mut String, &Part)) -> String {
        let mut target = String::with_capacity(256);
        target.push_str(self.address.as_str());
        for part in &self.layout.path {
            target.push('/');
            write(&mut target, part);
        }
        if !self.layout.query.is_empty() {
            target.push('?');
            write_pairs(&mut target, &self.layout.query, write);
        }
        target
    }

    /// A part as it is, the secret included, unencoded.
    fn plain<'a>(&'a self, part: &'a Part) -> Cow<'a, str> {
        match part {
            Part::Word(word) => Cow::Borrowed(word),
            Part::Arg(text) => Cow::Borrowed(text),
            Part::Secret { prefix: "" } => Cow::Borrowed(self.secret.expose()),
            Part::Secret { prefix } => Cow::Owned(format!("{prefix}{}", self.secret.expose())),
        }
    }

    fn write_encoded(&self, target: &mut String, part: &Part) {
        target.extend(encode(&self.plain(part)));
    }

    fn body(&self) -> Result<(Option<HeaderValue>, Bytes), TransportError> {
        Ok(match &self.layout.body {
            Body::Form(members) => {
                let mut body = String::new();
                write_pairs(&mut body, members, |body, part| {
                    self.write_encoded(body, part);
                });
                let form = HeaderValue::from_static("application/x-www-form-urlencoded");
                (Some(form), body.into())
            }
            Body::Json(members) => {
                let json = HeaderValue::from_static("application/json");
                (Some(json), self.json(members)?.into())
            }
            Body::Raw { content_type, bytes } => {
                let content_type = HeaderValue::from_str(content_type);
                let content_type = content_type.map_err(|_| TransportError::unspeakable())?;
                (Some(content_type), Bytes::copy_from_slice(bytes))
            }
            Body::Empty => (None, Bytes::new()),
        })
    }

    /// One object, members in their order.
    fn json(&self, members: &[(Name, Member)]) -> Result<Vec<u8>, TransportError> {
        let size = |(name, member): &(Name, Member)| match member {
            Member::Value(Value::String(text)) => name.len() + text.len() + text.len() / 8,
            _ => name.len() + 32,
        };
        let mut body = Vec::with_capacity(32 + members.iter().map(size).sum::<usize>());
        body.push(b'{');
        for (at, (name, member)) in members.iter().enumerate() {
            if at > 0 {
                body.push(b',');
            }
            let written = serde_json::to_writer(&mut body, name).and_then(|()| {
                body.push(b':');
                match member {
                    Member::Value(value) => serde_json::to_writer(&mut body, value),
                    Member::Secret => serde_json::to_writer(&mut body, self.secret.expose()),
                }
            });
            written.map_err(|_| TransportError::unspeakable())?;
        }
        body.push(b'}');
        Ok(body)
    }
}

/// A request with its secret in it. Not to be logged or kept.
pub(crate) struct Exposed {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

fn write_pairs(out: &mut String, pairs: &[(Name, Part)], write: impl Fn(&mut String, &Part)) {
    for (at, (name, part)) in pairs.iter().enumerate() {
        if at > 0 {
            out.push('&');
        }
        out.extend(encode(name));
        out.push('=');
        write(out, part);
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.target(|target, part| {
            let _ = write!(target, "{part:?}");
        });
        write!(f, "{} {target} {:?}", self.layout.verb.as_str(), self.layout.body)
    }
}

#[cfg(test)]
mod tests {
    use chatapi_types::chat_api::{ChatApi, SendMessage, ShowMessagesQueue};
    use chatapi_types::wamm::{MsgTo, Wamm};
    use chatapi_types::{Args, Call, Dialect, Phone, Token};

    use super::*;

    fn request<C: Call>(dialect: &C::Dialect, call: &C, secret: &str) -> Request {
        let operation = Operation::of::<C>();
        let layout = dialect.lay_out(&operation, Args::of(call).unwrap());
        let address: Address = "http://127.0.0.1:1/base/".parse().unwrap();
        Request::new(operation, address, layout, Token::new(secret))
    }

    fn phone() -> Phone {
        "79000000001".parse().unwrap()
    }

    #[test]
    fn a_chat_api_send_on_the_wire() {
        let request =
            request(&ChatApi::path("12"), &SendMessage::new(phone(), "ä\n\"б"), "a/b%c&д");
        let http = request.expose().unwrap();
        assert_eq!(http.method(), Method::POST);
        assert_eq!(
            http.uri().to_string(),
            "http://127.0.0.1:1/base/instance12/sendMessage?token=a%2Fb%25c%26%D0%B4"
        );
        assert_eq!(http.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(http.body(), "{\"phone\":79000000001,\"body\":\"ä\\n\\\"б\"}");
        assert_eq!(
            format!("{request:?}"),
            "POST http://127.0.0.1:1/base/instance12/sendMessage?token={secret} \
             Json{\"phone\", \"body\"}"
        );
    }

    #[test]
    fn a_call_without_arguments_has_no_body() {
        let http = request(&ChatApi::query("12"), &ShowMessagesQueue::new(), "t").expose().unwrap();
        assert_eq!(
            http.uri().to_string(),
            "http://127.0.0.1:1/base/showMessagesQueue?instanceId=12&token=t"
        );
        assert!(http.body().is_empty() && http.headers().is_empty());
    }

    #[test]
    fn the_longest_texts_of_wamm_fit_into_an_address() {
        for character in ["д", "😀", "/", "%", "\n"] {
            let text = character.repeat(4500);
            for dialect in [Wamm::query(), Wamm::path()] {
                let http = request(&dialect, &MsgTo::new(phone(), &*text), "t/t").expose().unwrap();
                let target = http.uri().to_string();
                assert!(target.contains("/msg_to/t%2Ft/"), "{}", &target[..60]);
                let encoded: String = encode(&text).to_string();
                assert!(target.contains(&encoded));
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_before_it_leaves() {
        let request = request(&Wamm::query(), &MsgTo::new(phone(), "😀".repeat(6000)), "t");
        let error = request.expose().unwrap_err();
        assert_eq!(error.fate(), crate::Fate::NotSent);
        assert!(error.is_unspeakable());
    }

    #[test]
    fn private_parts_do_not_print() {
        let request = request(&Wamm::path(), &MsgTo::new(phone(), "secret text"), "canary");
        assert_eq!(format!("{request:?}"), "GET http://127.0.0.1:1/base/msg_to/{secret}/…/… Empty");
    }

    #[test]
    fn secrets_may_stand_in_headers_and_bodies() {
        let layout = Layout::new(Verb::Put, vec![Part::word("x")])
            .header("Authorization", Part::Secret { prefix: "Bearer " })
            .body(Body::Json(vec![
                ("k".into(), Member::Secret),
                ("n".into(), Member::Value(1.into())),
            ]));
        let operation = Operation::of::<ShowMessagesQueue>();
        let address: Address = "http://h".parse().unwrap();
        let request = Request::new(operation, address, layout, Token::new("a\"b"));
        let http = request.expose().unwrap();
        assert_eq!(http.headers()["authorization"], "Bearer a\"b");
        assert!(http.headers()["authorization"].is_sensitive());
        assert_eq!(http.body(), r#"{"k":"a\"b","n":1}"#);
        assert!(!format!("{request:?} {http:?}").contains("Bearer a"));
    }
}
