//! A request to the control API.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap};
use http::{Request, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::guard::kind_is;
use super::reply::Refusal;
use super::routes::{Input, Route};
use super::{Desk, Place};
use crate::{Sandbox, telling};

/// How many bytes a body may have where it is no snapshot.
const BODY: usize = 24 * 1024 * 1024;

/// Somebody asks something of a world.
pub(super) struct Ask {
    pub(super) desk: Desk,
    pub(super) sandbox: Sandbox,
    pub(super) place: Place,
    params: Vec<String>,
    query: BTreeMap<String, String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Ask {
    pub(super) fn new(
        desk: Desk,
        sandbox: Sandbox,
        place: Place,
        route: &Route,
        params: Vec<String>,
        request: Request<Bytes>,
    ) -> Result<Self, Refusal> {
        let (head, body) = request.into_parts();
        if body.len() > BODY && !matches!(route.input, Input::Snapshot) {
            let text = format!("a body has at most {BODY} bytes");
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, text));
        }
        let pairs = head.uri.query().unwrap_or_default().as_bytes();
        let mut query = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(pairs) {
            if !route.query.iter().any(|(known, _)| *known == name) {
                let known: Vec<_> = route.query.iter().map(|(known, _)| *known).collect();
                let known = match known.is_empty() {
                    true => "nothing may stand there".to_owned(),
                    false => format!("known: {}", known.join(", ")),
                };
                return Err(Refusal::bad(format!("unknown `{name}` behind the `?`; {known}")));
            }
            query.insert(name.into_owned(), value.into_owned());
        }
        let ask = Self { desk, sandbox, place, params, query, headers: head.headers, body };
        if ask.is_yaml() && !matches!(route.input, Input::Scenario) {
            let text = "only a scenario can be sent as YAML: send JSON";
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
        }
        Ok(ask)
    }

    /// A part of the path.
    pub(super) fn param(&self, place: usize) -> &str {
        self.params.get(place).map_or("", String::as_str)
    }

    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// Everything behind the question mark, as an object of texts.
    pub(super) fn queries(&self) -> Map<String, Value> {
        let pairs = self.query.iter();
        pairs.map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()
    }

    /// A number behind the question mark.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let number = self.query(name).map(str::parse);
        number.transpose().map_err(|_| Refusal::bad(format!("`{name}` must be a whole number")))
    }

    pub(super) fn is_yaml(&self) -> bool {
        let kind = self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        kind.is_some_and(|kind| kind_is(kind, "yaml"))
    }

    /// The body, as one object; nothing counts as an empty one.
    pub(super) fn object(&self) -> Result<Map<String, Value>, Refusal> {
        if self.body.trim_ascii().is_empty() {
            return Ok(Map::new());
        }
        let object = serde_json::from_slice(&self.body);
        object.map_err(|error: serde_json::Error| {
            let error = telling::in_words(&error.to_string());
            Refusal::bad(format!("the body must be a JSON object: {error}"))
        })
    }

    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        // Not straight from the body: there, a list would do for its members in their order.
        telling::read(self.object()?).map_err(Refusal::bad)
    }
}
