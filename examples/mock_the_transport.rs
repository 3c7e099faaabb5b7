//! Test your own code without a gateway: a mocked transport for exact control, the sandbox for
//! everything that has a memory.

#![expect(clippy::unwrap_used, reason = "a test")]

use chatapi::chat_api::{ChatApi, Client, ErrorCode};
use chatapi::transport::{MockTransport, Response, TransportError};
use chatapi::{ErrorKind, Gateway, Phone, Result, Token};

/// The code under test: yours.
async fn send_code(client: &Client, phone: &Phone, code: u32) -> Result<Verdict> {
    let text = format!("Your code is {code}");
    match client.messages().send_text(phone, text).send().await {
        Ok(_) => Ok(Verdict::Sent),
        Err(error) if error.code() == Some(&ErrorCode::NotPaid) => Ok(Verdict::CallTheBoss),
        // Nobody knows whether it left: a second code would confuse, so look first.
        Err(error) if error.may_have_taken_effect() => Ok(Verdict::LookFirst),
        Err(error) => Err(error),
    }
}

#[derive(Debug, PartialEq)]
enum Verdict {
    Sent,
    CallTheBoss,
    LookFirst,
}

fn client(transport: MockTransport) -> Client {
    let address = "https://api.chat-api.com".parse().unwrap();
    Client::over(Gateway::new(address, ChatApi::path("12345"), Token::new("token"), transport))
}

fn phone() -> Phone {
    "+7 900 000-00-01".parse().unwrap()
}

#[tokio::test]
async fn a_code_is_sent_once_to_the_right_phone() {
    let mut transport = MockTransport::new();
    transport
        .expect_exchange()
        .times(1)
        .withf(|request| {
            let http = request.expose().unwrap();
            request.operation() == "sendMessage"
                && http.body() == r#"{"phone":79000000001,"body":"Your code is 4711"}"#
        })
        .returning(|_| {
            Ok(Response::json(r#"{"sent":true,"message":"ok","id":"true_1@c.us_3EB0"}"#))
        });
    assert_eq!(send_code(&client(transport), &phone(), 4711).await.unwrap(), Verdict::Sent);
}

#[tokio::test]
async fn an_unpaid_instance_is_a_matter_for_the_boss() {
    let mut transport = MockTransport::new();
    transport
        .expect_exchange()
        .returning(|_| Ok(Response::json(r#"{"error":"Instance \"12345\" is not paid."}"#)));
    assert_eq!(send_code(&client(transport), &phone(), 1).await.unwrap(), Verdict::CallTheBoss);
}

#[tokio::test]
async fn a_lost_answer_is_no_reason_to_send_again() {
    let mut transport = MockTransport::new();
    transport.expect_exchange().times(1).returning(|_| Err(TransportError::broken()));
    assert_eq!(send_code(&client(transport), &phone(), 1).await.unwrap(), Verdict::LookFirst);
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let mut transport = MockTransport::new();
    transport.expect_exchange().returning(|_| Err(TransportError::no_connection()));
    let error = send_code(&client(transport), &phone(), 1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.is_transient() && !error.may_have_taken_effect());
}
