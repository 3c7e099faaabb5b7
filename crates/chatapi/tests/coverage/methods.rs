//! The methods of the clients, and the calls that they make.

mod admin;
mod chat_api;
mod record;
mod wamm;

use bytes::Bytes;
use chatapi::types::{Entry, Verb};

/// A method of a client, and a call that it was seen to make.
pub(super) struct Method {
    /// Whose client it is.
    pub vendor: &'static str,
    /// Its name with its handle: `messages().send_text`.
    pub name: &'static str,
    /// What it said, on the wire.
    pub request: http::Request<Bytes>,
    operation: &'static str,
    verb: Verb,
}

impl Method {
    /// Whether it makes the call of an entry.
    pub(super) fn makes(&self, entry: &Entry) -> bool {
        self.operation == entry.operation.name && self.verb == entry.operation.verb
    }
}

/// Every method of every client, as it was seen to call when it was called.
pub(super) async fn methods() -> Vec<Method> {
    let mut methods = chat_api::methods().await;
    methods.extend(admin::methods().await);
    methods.extend(wamm::methods().await);
    methods
}
