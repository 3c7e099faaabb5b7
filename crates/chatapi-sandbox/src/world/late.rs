//! Calls that are carried out only after some time.

use std::fmt;

use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};

use crate::http::Prefix;

/// A call that waits to be carried out.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Late {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    /// What stood before its path: the addresses that it leaves behind begin with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(with = "super::saved::bytes")]
    body: Vec<u8>,
}

impl Late {
    pub(crate) fn new(request: &Request<Bytes>) -> Self {
        // Only headers that are text say anything to the gateway.
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        Self {
            method: request.method().as_str().to_owned(),
            target: request.uri().to_string(),
            headers: request.headers().iter().filter_map(header).collect(),
            prefix: request.extensions().get::<Prefix>().map(|prefix| prefix.0.clone()),
            body: request.body().to_vec(),
        }
    }

    /// How much memory it takes, more or less.
    pub(crate) fn weight(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len());
        let prefix = self.prefix.as_ref().map_or(0, String::len);
        self.target.len() + self.body.len() + headers.sum::<usize>() + prefix + 256
    }

    /// The call as it came.
    pub(crate) fn request(self) -> Option<Request<Bytes>> {
        let mut request = Request::builder().method(&*self.method).uri(self.target);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(self.body.into()).ok()?;
        if let Some(prefix) = self.prefix {
            request.extensions_mut().insert(Prefix(prefix));
        }
        Some(request)
    }
}

/// Addresses hold tokens, bodies what is private.
impl fmt::Debug for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} B", self.method, self.body.len())
    }
}
