//! Faults over a socket, byte by byte.

use std::io::ErrorKind;
use std::time::Duration;

use chatapi_sandbox::fault::{Effect, Scope, When};
use chatapi_sandbox::{Fault, Filter, Sandbox, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::server::{Client, sandbox};

const SECOND: Duration = Duration::from_secs(1);

/// What comes back for a send, how the connection ended, and how many messages are taken in.
async fn suffer(effect: Effect) -> (Vec<u8>, Option<ErrorKind>, usize) {
    suffer_on("sendMessage?token=token&phone=79000000001&body=hi", effect).await
}

/// What comes back for a call of instance 123.
async fn suffer_on(call: &str, effect: Effect) -> (Vec<u8>, Option<ErrorKind>, usize) {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("123", "token");
    sandbox.faults().add(Fault::new(effect)).unwrap();
    let server = sandbox.serve().await.unwrap();
    let mut client = TcpStream::connect(server.socket()).await.unwrap();
    let request =
        format!("GET /instance123/{call} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let end = client.read_to_end(&mut bytes).await.err().map(|error| error.kind());
    (bytes, end, instance.queue_len() + instance.sent().len())
}

fn parts(bytes: &[u8]) -> (String, &[u8]) {
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8_lossy(&bytes[..at]).to_ascii_lowercase(), &bytes[at + 4..])
}

fn announced(head: &str) -> usize {
    let (_, rest) = head.split_once("content-length: ").unwrap();
    rest.lines().next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn connections_end_without_an_answer_as_they_are_told_to() {
    let reset = Some(ErrorKind::ConnectionReset);
    for (effect, end, taken) in [
        (Effect::Refused {}, reset, 0),
        (Effect::ResetBefore {}, reset, 0),
        (Effect::ResetAfter { done: true }, reset, 1),
        (Effect::ResetAfter { done: false }, reset, 0),
        (Effect::AnswerLost { hold: Some(SECOND) }, None, 1),
        (Effect::AcceptedLate { after: 3600 * SECOND, hold: Some(SECOND) }, None, 0),
    ] {
        let (bytes, ended, really_taken) = suffer(effect.clone()).await;
        assert!(bytes.is_empty(), "{effect:?}: {}", String::from_utf8_lossy(&bytes));
        assert_eq!((ended, really_taken), (end, taken), "{effect:?}");
    }
}

/// The parts in which a request comes: its head, a byte of its body, the rest.
fn in_parts(target: &str) -> [String; 3] {
    let head = format!("POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 25\r\n\r\n");
    [head, "p".to_owned(), "hone=79000000001&body=hi".to_owned()]
}

/// After how many parts of a request the connection is reset; until then it is seen to be open.
async fn reset_after(server: &Server, target: &str) -> usize {
    let mut client = Client::of(server).await;
    for (at, part) in in_parts(target).iter().enumerate() {
        client.write(part).await;
        // When others have been answered who came later, this has been looked at.
        for _ in 0..2 {
            let mut other = Client::of(server).await;
            other.say("GET /_sandbox/clock", "").await;
        }
        match client.0.try_read(&mut [0; 64]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return at + 1,
            other => unreachable!("{other:?} after part {at}"),
        }
    }
    unreachable!("it was never reset");
}

#[tokio::test]
async fn refused_and_reset_before_and_after_reading_are_three_things() {
    for (effect, parts) in [
        (Effect::Refused {}, 1),
        (Effect::ResetBefore {}, 2),
        (Effect::ResetAfter { done: false }, 3),
        (Effect::ResetAfter { done: true }, 3),
    ] {
        for scope in [Scope::everywhere(), Scope::instance("123").method("message")] {
            let sandbox = sandbox();
            let fault = Fault::new(effect.clone()).at(scope);
            sandbox.faults().add(fault.when(When::Nth { n: 2 })).unwrap();
            let server = sandbox.serve().await.unwrap();
            let target = "/instance123/message?token=token";
            // A call that it does not befall is not counted twice because it was looked at early.
            let mut honest = Client::of(&server).await;
            let sent = honest.say(&format!("POST {target}"), "phone=79000000001&body=hi").await;
            assert!(sent.contains(r#""sent":true"#), "{sent}");
            assert_eq!(reset_after(&server, target).await, parts, "{effect:?}");
            let rule = &sandbox.faults().list()[0];
            assert_eq!((rule.seen, rule.hits), (2, 1), "{effect:?}");
            let taken = 1 + usize::from(effect.carries_out());
            assert_eq!(sandbox.received(&Filter::new()).unwrap().len(), taken, "{effect:?}");
            assert_eq!(sandbox.exchanges().len(), 2);
        }
    }
}

#[tokio::test]
async fn whose_call_it_is_may_stand_in_its_body() {
    let sandbox = sandbox();
    sandbox.faults().add(Fault::new(Effect::Refused {}).at(Scope::instance("123"))).unwrap();
    let server = sandbox.serve().await.unwrap();
    assert_eq!(reset_after(&server, "/sendMessage?instanceId=123&token=token").await, 3);
    let mut client = Client::of(&server).await;
    let other = "instanceId=7&token=token&phone=79000000001&body=hi";
    let answer = client.say("POST /sendMessage?instanceId=123", other).await;
    assert!(answer.contains(r#"for instance \"7\""#), "{answer}");
    sandbox.faults().clear();
    sandbox.faults().add(Fault::new(Effect::Refused {})).unwrap();
    assert_eq!(reset_after(&server, "/sendMessage?instanceId=123&token=token").await, 1);
}

#[tokio::test]
async fn a_connection_is_held_until_the_caller_gives_up() {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("123", "token");
    sandbox.faults().add(Fault::new(Effect::AnswerLost { hold: None })).unwrap();
    let server = sandbox.serve().await.unwrap();
    let mut client = TcpStream::connect(server.socket()).await.unwrap();
    let request = "GET /instance123/sendMessage?token=token&phone=79000000001&body=hi HTTP/1.1\r\n\
                   Host: x\r\n\r\n";
    client.write_all(request.as_bytes()).await.unwrap();
    let answer = tokio::time::timeout(Duration::from_millis(100), client.read_u8()).await;
    assert!(answer.is_err(), "{answer:?}");
    assert_eq!(instance.queue_len() + instance.sent().len(), 1);
}

#[tokio::test]
async fn an_answer_breaks_off_after_so_many_bytes() {
    let (bytes, end, taken) = suffer(Effect::Truncated { bytes: Some(8), cleanly: false }).await;
    let (head, body) = parts(&bytes);
    assert!(head.starts_with("http/1.1 200 ok"), "{head}");
    assert_eq!((body, end, taken), (&b"{\"sent\":"[..], None, 1));
    assert!(announced(&head) > 100);

    let (bytes, _, taken) = suffer(Effect::Truncated { bytes: Some(8), cleanly: true }).await;
    let (head, body) = parts(&bytes);
    assert_eq!((body, announced(&head), taken), (&b"{\"sent\":"[..], 8, 1));
}

#[tokio::test]
async fn answers_that_drip_or_swell_are_whole() {
    let drip = Effect::Drip { bytes: 3, seconds: SECOND };
    let huge = Effect::Huge { bytes: 1_000_000 };
    for (effect, size) in [(drip, None), (huge, Some(1_000_000)), (Effect::latency(SECOND), None)] {
        let (bytes, end, taken) = suffer(effect.clone()).await;
        let (head, body) = parts(&bytes);
        assert_eq!((end, taken, body.len()), (None, 1, announced(&head)), "{effect:?}");
        assert!(size.is_none_or(|size: usize| size == body.len()));
        let reply: serde_json::Value = serde_json::from_slice(body).unwrap();
        assert_eq!(reply["sent"], true);
    }
}

#[tokio::test]
async fn refusals_stand_on_the_wire() {
    let (bytes, ..) = suffer(Effect::RateLimited { retry_after: 7 }).await;
    let (head, body) = parts(&bytes);
    assert!(head.starts_with("http/1.1 429 ") && head.contains("\r\nretry-after: 7"), "{head}");
    assert_eq!(body, br#"{"error":"Too Many Requests"}"#);
    let (bytes, ..) = suffer(Effect::Html { status: 502, done: false }).await;
    let (head, body) = parts(&bytes);
    assert!(head.starts_with("http/1.1 502 ") && head.contains("\r\ncontent-type: text/html"));
    assert!(body.starts_with(b"<!doctype html>"));
}

#[tokio::test]
async fn wrong_answers_are_whole_on_the_wire() {
    let send = "sendMessage?token=token&phone=79000000001&body=hi";
    let status = "status?token=token&full=1";
    let wrong_token: &[u8] = br#"{"error":"Wrong token \"token\" for instance \"123\". Please provide token as a GET parameter."}"#;
    let unheard: &[u8] = br#""accountStatus":"unheardOf""#;
    for (call, effect, word, holds, taken) in [
        (send, Effect::Unauthorized {}, "401 unauthorized", wrong_token, 0),
        (send, Effect::WrongTypes {}, "200 ok", br#""sent":{"value":true}"#, 1),
        (status, Effect::WrongTypes {}, "200 ok", br#"{"text":"authenticated"}"#, 0),
        (status, Effect::UnknownEnum {}, "200 ok", unheard, 0),
        // No word of the vendor's stands in it.
        (send, Effect::UnknownEnum {}, "200 ok", br#""sent":true"#, 1),
    ] {
        let (bytes, end, really_taken) = suffer_on(call, effect.clone()).await;
        let (head, body) = parts(&bytes);
        assert!(head.starts_with(&format!("http/1.1 {word}")), "{effect:?}: {head}");
        assert!(head.contains("\r\ncontent-type: application/json"), "{effect:?}: {head}");
        assert_eq!((end, really_taken), (None, taken), "{effect:?}");
        assert_eq!((head.matches("content-length:").count(), announced(&head)), (1, body.len()));
        assert!(body.windows(holds.len()).any(|part| part == holds), "{effect:?}: {body:?}");
        assert!(serde_json::from_slice::<serde_json::Value>(body).is_ok(), "{effect:?}");
    }
}
