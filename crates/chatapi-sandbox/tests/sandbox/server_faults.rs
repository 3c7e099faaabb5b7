//! Faults over a socket, byte by byte.

use std::io::ErrorKind;
use std::time::Duration;

use chatapi_sandbox::fault::Effect;
use chatapi_sandbox::{Fault, Sandbox};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const SECOND: Duration = Duration::from_secs(1);

/// What comes back for a send, how the connection ended, and how many messages are taken in.
async fn suffer(effect: Effect) -> (Vec<u8>, Option<ErrorKind>, usize) {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("123", "token");
    sandbox.faults().add(Fault::new(effect)).unwrap();
    let server = sandbox.serve().await.unwrap();
    let mut client = TcpStream::connect(server.socket()).await.unwrap();
    let request = "GET /instance123/sendMessage?token=token&phone=79000000001&body=hi HTTP/1.1\r\n\
                   Host: x\r\nConnection: close\r\n\r\n";
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
