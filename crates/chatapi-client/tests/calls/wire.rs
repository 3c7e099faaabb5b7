//! A gateway that writes down what it is told.

use std::sync::{Arc, Mutex};

use chatapi_client::{chat_api, wamm};
use chatapi_transport::{MockTransport, Response};
use chatapi_types::{ChatId, Phone};

/// What was said, without the token: `POST /pinChat {"phone":79000000001}`.
#[derive(Clone, Default)]
pub(crate) struct Wire(Arc<Mutex<Vec<String>>>);

impl Wire {
    fn listening(&self, answer: &'static str) -> MockTransport {
        let (mut gateway, said) = (MockTransport::new(), Arc::clone(&self.0));
        gateway.expect_exchange().returning(move |request| {
            let wire = request.expose()?;
            let target = wire.uri().path_and_query().unwrap().as_str();
            let target = target.replace("/instance12345", "").replace("/TOKEN", "");
            let target = target.replace("?token=TOKEN&", "?").replace("?token=TOKEN", "");
            let body = std::str::from_utf8(wire.body()).unwrap();
            let line = format!("{} {target} {body}", wire.method());
            assert!(target.trim_start_matches('/').starts_with(request.operation()), "{line}");
            said.lock().unwrap().push(line.trim_end().to_owned());
            Ok(Response::json(answer))
        });
        gateway
    }

    /// All that was said since this was last asked.
    pub(crate) fn said(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// The one thing that was said since this was last asked.
    pub(crate) fn once(&self) -> String {
        let mut said = self.said();
        assert_eq!(said.len(), 1, "{said:?}");
        said.remove(0)
    }
}

/// A Chat API client of a gateway that always gives the same answer.
pub(crate) fn chat_api(answer: &'static str) -> (chat_api::Client, Wire) {
    let wire = Wire::default();
    let gateway = wire.listening(answer);
    let client = chat_api::Client::at("https://h.example", "12345", "TOKEN", gateway).unwrap();
    (client, wire)
}

/// A wamm client of a gateway that always gives the same answer.
pub(crate) fn wamm(answer: &'static str) -> (wamm::Client, Wire) {
    let wire = Wire::default();
    let client = wamm::Client::at("https://h.example", "TOKEN", wire.listening(answer)).unwrap();
    (client, wire)
}

pub(crate) fn anna() -> Phone {
    "79000000001".parse().unwrap()
}

pub(crate) fn boris() -> ChatId {
    "79000000002@c.us".into()
}

pub(crate) fn group() -> ChatId {
    "79000000000-1600000000@g.us".into()
}
