//! `MockTransport` from where a downstream crate stands: nothing but public API.

#![expect(clippy::unwrap_used, reason = "tests may be blunt, their helpers too")]

use chatapi_transport::{
    Error, ErrorKind, Gateway, MockTransport, Request, Response, Result, TransportError,
};
use chatapi_types::chat_api::{ChatApi, SendMessage, Sent, ShowMessagesQueue};
use chatapi_types::{Phone, Token};
use mockall::{Sequence, predicate};

/// What somebody builds on a gateway: greets, unless too many messages wait already.
struct Greeter(Gateway<ChatApi>);

impl Greeter {
    fn new(transport: MockTransport) -> Self {
        let address = "https://api.chat-api.com".parse().unwrap();
        Self(Gateway::new(
            address,
            ChatApi::path("12345"),
            Token::new("abcdefgh12345678"),
            transport,
        ))
    }

    async fn greet(&self, phone: Phone) -> Result<Option<Sent>> {
        let queue = self.0.call(&ShowMessagesQueue::new()).await?;
        if queue.total > 100 {
            return Ok(None);
        }
        self.0.call(&SendMessage::new(phone, "Good morning!")).await.map(Some)
    }
}

fn phone() -> Phone {
    "79000000001".parse().unwrap()
}

fn is(name: &'static str) -> impl Fn(&Request) -> bool + Send {
    move |request| request.operation() == name
}

#[tokio::test]
async fn a_403_in_words_that_are_understood_means_what_they_say() {
    let unpaid = r#"{"error":"Instance \"1\" is not paid."}"#;
    let token = r#"{"error":"Wrong token."}"#;
    let new = r#"{"error":"something new"}"#;
    let empty = r#"{"error":"empty body"}"#;
    for (status, body, kind, concerns_line) in [
        (403, unpaid, ErrorKind::Refused, true),
        (403, token, ErrorKind::Unauthorized, true),
        (403, new, ErrorKind::Unauthorized, true),
        (403, "", ErrorKind::Unauthorized, true),
        (401, unpaid, ErrorKind::Unauthorized, true),
        (403, empty, ErrorKind::Refused, false),
        (200, new, ErrorKind::Refused, false),
        (500, "", ErrorKind::Unavailable, false),
    ] {
        let mut mock = MockTransport::new();
        let status = http::StatusCode::from_u16(status).unwrap();
        let answer = move |_| Ok(Response::new(status, http::HeaderMap::new(), body));
        mock.expect_exchange().once().returning(answer);
        let error = Greeter::new(mock).0.call(&ShowMessagesQueue::new()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {body}");
        assert_eq!(error.concerns_line(), concerns_line, "{status} {body}");
    }
}

#[tokio::test]
async fn calls_can_be_expected_in_order_and_looked_into() {
    let (mut mock, mut order) = (MockTransport::new(), Sequence::new());
    mock.expect_exchange()
        .with(predicate::function(is("showMessagesQueue")))
        .once()
        .in_sequence(&mut order)
        .returning(|_| Ok(Response::json(r#"{"totalMessages":7,"first100":[]}"#)));
    mock.expect_exchange()
        .with(predicate::function(is("sendMessage")))
        .once()
        .in_sequence(&mut order)
        .returning(|request| {
            assert!(!request.is_repeatable());
            // Tests may look at the wire; nobody else may.
            let wire = request.expose().unwrap();
            assert_eq!(wire.body(), r#"{"phone":79000000001,"body":"Good morning!"}"#);
            Ok(Response::json(r#"{"sent":true,"id":"g-1","queueNumber":8}"#))
        });
    let sent = Greeter::new(mock).greet(phone()).await.unwrap().unwrap();
    assert_eq!(sent.queue_number, Some(8));
}

#[tokio::test]
async fn calls_can_be_forbidden() {
    let mut mock = MockTransport::new();
    mock.expect_exchange()
        .withf(is("showMessagesQueue"))
        .returning(|_| Ok(Response::json(r#"{"totalMessages":399,"first100":[]}"#)));
    // `sendMessage` is not expected: asking for it would fail the test.
    assert_eq!(Greeter::new(mock).greet(phone()).await.unwrap(), None);
}

#[tokio::test]
async fn failures_can_be_played() {
    let mut mock = MockTransport::new();
    mock.expect_exchange()
        .withf(is("showMessagesQueue"))
        .returning(|_| Ok(Response::json(r#"{"totalMessages":0}"#)));
    mock.expect_exchange().withf(is("sendMessage")).returning(|_| Err(TransportError::broken()));
    let error: Error = Greeter::new(mock).greet(phone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.may_have_taken_effect());
}
