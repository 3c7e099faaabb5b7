//! Calling a method and writing down what it says.

use std::future::Future;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use chatapi::transport::{MockTransport, TransportError};
use chatapi::types::Verb;

use super::Method;

/// A request: its operation, its verb, and what would have been sent.
type Heard = (&'static str, Verb, http::Request<Bytes>);

/// What the methods of one client were seen to call.
pub(super) struct Recorder {
    vendor: &'static str,
    heard: Arc<Mutex<Vec<Heard>>>,
    methods: Vec<Method>,
}

impl Recorder {
    pub(super) fn new(vendor: &'static str) -> Self {
        Self { vendor, heard: Arc::default(), methods: Vec::new() }
    }

    /// A network that is down, and hears what would have been said.
    pub(super) fn transport(&self) -> MockTransport {
        let (mut transport, heard) = (MockTransport::new(), Arc::clone(&self.heard));
        transport.expect_exchange().returning(move |request| {
            let sent = request.expose().unwrap();
            heard.lock().unwrap().push((request.operation(), request.layout().verb, sent));
            Err(TransportError::no_connection())
        });
        transport
    }

    /// Calls a method, whose result does not matter: there is no connection.
    pub(super) async fn calls<T>(&mut self, name: &'static str, method: impl Future<Output = T>) {
        method.await;
        let mut heard = std::mem::take(&mut *self.heard.lock().unwrap());
        assert!(!heard.is_empty(), "{name} of {} called nothing", self.vendor);
        heard.dedup_by_key(|(operation, verb, _)| (*operation, *verb));
        let vendor = self.vendor;
        let methods = heard.into_iter();
        self.methods.extend(methods.map(|(operation, verb, request)| Method {
            vendor,
            name,
            request,
            operation,
            verb,
        }));
    }

    pub(super) fn methods(self) -> Vec<Method> {
        self.methods
    }
}
