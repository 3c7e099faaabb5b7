//! When no whole answer comes.

use std::process::Command;

use chatapi_transport::conformance::Nowhere;
use chatapi_transport::{Fate, Request, TransportError};
use chatapi_types::{Layout, Operation, Part, Verb};

use super::*;

const HALF: &str = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"se";

/// The line for a call that may have been done, up to what can be done about it.
fn in_doubt(ask: Ask, what: &str) -> String {
    let name = ask.name();
    if ask.may_be_repeated() {
        format!("{name}: {what}; repeating it is safe: try again in a little while")
    } else {
        format!(
            "{name}: {what}; it may have been done all the same: look in the vendor's records \
             before you repeat it"
        )
    }
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let (transport, nowhere) = (transport(), Nowhere::new().unwrap());
    for ask in Ask::ALL {
        let error = ask.of(nowhere.address(), transport.clone()).await.unwrap_err();
        let line = format!(
            "{}: no connection to the gateway; nothing was done, try again in a little while",
            ask.name()
        );
        assert_says(&error, ErrorKind::Unreachable, false, true, &line);
        let below = std::error::Error::source(&error).unwrap();
        assert_eq!(below.to_string(), "error sending request");
    }
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
#[tokio::test]
async fn without_tls_an_https_address_is_refused_before_anything_is_sent() {
    let server = Server::start([vec![Step::Read, Step::json("{}")]]).await.unwrap();
    let address = server.address().as_str().replace("http://", "https://").parse().unwrap();
    let error = Ask::ChatApiSend.of(&address, transport()).await.unwrap_err();
    let line = "sendMessage: not sent: https needs TLS, which this build was made without (feature \
                rustls or native-tls); correct it and call again";
    assert_says(&error, ErrorKind::Invalid, false, false, line);
    assert_eq!(server.connections(), 0);
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[tokio::test]
async fn a_server_that_speaks_no_tls_is_no_connection() {
    let transport = transport();
    for script in
        [vec![Step::Write("HTTP/1.1 400 Bad Request\r\n\r\n".into())], vec![Step::Reset], vec![]]
    {
        let server = Server::start([script]).await.unwrap();
        let address = server.address().as_str().replace("http://", "https://").parse().unwrap();
        let error = Ask::ChatApiSend.of(&address, transport.clone()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreachable);
        assert!(!error.may_have_taken_effect() && error.is_transient());
    }
}

#[tokio::test]
async fn without_an_answer_a_call_may_have_been_done() {
    let transport = transport();
    for script in [
        vec![Step::Read, Step::Stall],
        vec![Step::Read, Step::Write("HTTP/1.1 2".into()), Step::Stall],
        vec![Step::Read, Step::Write(HALF.into()), Step::Stall],
    ] {
        for ask in Ask::ALL {
            let error = ask.fails(&transport, &script).await;
            let line = in_doubt(ask, "no answer within 150 ms");
            assert_says(&error, ErrorKind::Unreachable, true, true, &line);
        }
    }
}

#[tokio::test]
async fn with_half_an_answer_a_call_may_have_been_done() {
    let transport = transport();
    let half_chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"se";
    for script in [
        // Before the request was read, after it, in the head, in the body.
        vec![Step::Reset],
        vec![Step::Read, Step::Reset],
        vec![Step::Read],
        vec![Step::Read, Step::Write("HTTP/1.1 2".into()), Step::Reset],
        vec![Step::Read, Step::Write("HTTP/1.1 2".into())],
        vec![Step::Read, Step::Write(HALF.into()), Step::Reset],
        vec![Step::Read, Step::Write(HALF.into())],
        vec![Step::Read, Step::Write(half_chunk.into())],
        vec![Step::Read, Step::Write("SSH-2.0-OpenSSH_9.6\r\n".into())],
    ] {
        for ask in Ask::ALL {
            let error = ask.fails(&transport, &script).await;
            let line = in_doubt(ask, "the connection broke before the answer was whole");
            assert_says(&error, ErrorKind::Unreachable, true, true, &line);
        }
    }
}

#[tokio::test]
async fn an_endless_answer_is_refused_at_the_limit() {
    let transport = transport();
    let chunk = [b"1000\r\n", &[b' '; 4096][..], b"\r\n"].concat();
    for (head, part) in [
        ("Transfer-Encoding: chunked\r\n", chunk),
        ("Content-Length: 1099511627776\r\n", vec![b' '; 4096]),
        ("", vec![b' '; 4096]),
    ] {
        let head = format!("HTTP/1.1 200 OK\r\n{head}\r\n");
        let script = vec![Step::Read, Step::Write(head.into()), Step::Endless(part.into())];
        let server = Server::start([script]).await.unwrap();
        let chat_api = gateway(server.address(), ChatApi::path("1"), transport.clone())
            .answers_at_most(64 * 1024);
        let error = chat_api.call(&chat_api::SendMessage::new(phone(), "hi")).await.unwrap_err();
        let line = "sendMessage: the answer is longer than the 65536 bytes that are read; it may \
                    have been done all the same: look in the vendor's records before you repeat it";
        assert_says(&error, ErrorKind::Unreachable, true, false, line);
        let error = chat_api.call(&chat_api::ShowMessagesQueue::new()).await.unwrap_err();
        let line = "showMessagesQueue: the answer is longer than the 65536 bytes that are read; \
                    repeating it is safe, but first allow longer answers or ask for less";
        assert_says(&error, ErrorKind::Unreachable, true, false, line);
    }
}

#[tokio::test]
async fn an_announced_length_beyond_the_limit_is_refused_at_once() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
    let script = [Step::Read, Step::Write(head.into()), Step::Stall];
    let error = Ask::ChatApiRead.fails(&transport(), &script).await;
    let line = "showMessagesQueue: the answer is longer than the 16777216 bytes that are read; \
                repeating it is safe, but first allow longer answers or ask for less";
    assert_says(&error, ErrorKind::Unreachable, true, false, line);
}

#[tokio::test]
async fn an_endless_head_is_refused_too() {
    let script = [
        Step::Read,
        Step::Write("HTTP/1.1 200 OK\r\n".into()),
        Step::Endless("X-Padding: padding padding padding padding\r\n".into()),
    ];
    let server = Server::start([script.to_vec()]).await.unwrap();
    let transport = transport();
    let chat_api = gateway(server.address(), ChatApi::path("1"), transport);
    let error = chat_api.call(&chat_api::SendMessage::new(phone(), "hi")).await.unwrap_err();
    let line = in_doubt(Ask::ChatApiSend, "the connection broke before the answer was whole");
    assert_says(&error, ErrorKind::Unreachable, true, true, &line);
    assert!(server.written() < 32 << 20, "{} B were taken in", server.written());
}

#[tokio::test]
async fn what_cannot_be_said_in_http_is_not_sent() {
    let server = Server::start([vec![Step::Read, Step::json("{}")]]).await.unwrap();
    let limits = wamm::Limits::default();
    let mut generous = limits.clone();
    generous.text_chars = usize::MAX;
    let wamm = gateway(server.address(), Wamm::query().limits(generous), transport());
    let error = wamm.call(&wamm::MsgTo::new(phone(), "🐈".repeat(6000))).await.unwrap_err();
    let line = "msg_to: not sent: HTTP cannot express it: the address would be too long, or the \
                secret is no header; correct it and call again";
    assert_says(&error, ErrorKind::Invalid, false, false, line);

    // A secret that would end the header and begin another.
    let layout = Layout::new(Verb::Get, vec![]).header("X-Key", Part::SECRET);
    let operation = Operation::of::<chat_api::ShowMessagesQueue>();
    let request =
        Request::new(operation, server.address().clone(), layout, Token::new("a\r\nb: c"));
    let error: TransportError = transport().exchange(request).await.unwrap_err();
    assert!(error.is_unspeakable() && error.fate() == Fate::NotSent);
    assert_eq!(server.connections(), 0);
}

/// Run by the next test once more, in a process whose environment names a proxy.
#[tokio::test]
async fn loopback_is_reached() {
    let server = Server::start([vec![Step::Read, Step::json(r#"{"totalMessages":0}"#)]]).await;
    let server = server.unwrap();
    Ask::ChatApiRead.of(server.address(), transport()).await.unwrap();
}

#[test]
fn loopback_is_behind_nobodys_proxy() {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "connection::loopback_is_reached"]).env_remove("NO_PROXY");
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, "http://127.0.0.1:9");
    }
    let output = child.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
