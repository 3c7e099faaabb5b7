//! A send whose fate is unknown is said once, whatever stands between the caller and the wire:
//! counted at the socket, with an eager retry and a server that would gladly take it again.

use chatapi_transport::{Rate, RateLimit, Retry, RetryPolicy};

use super::*;

const SENDS: [Ask; 3] = [Ask::ChatApiSend, Ask::WammSend, Ask::AdminCreate];
const READS: [Ask; 3] = [Ask::ChatApiRead, Ask::WammRead, Ask::AdminList];

/// Answers every call of [`Ask`].
const FINE: &str = r#"{"sent":true,"totalMessages":0,"err":0,"msg_id":7,
    "msg_data":{"msg_id":7,"state":"sent"},"result":[]}"#;

/// Tries five times without waiting.
fn eager(transport: &ReqwestTransport) -> impl Transport + use<> {
    let policy = RetryPolicy::new().attempts(5).base(Duration::ZERO);
    let plenty = Rate::new(u32::MAX, Duration::from_secs(1));
    RateLimit::new(Retry::new(transport.clone(), policy), plenty)
}

fn half(status: u16) -> Step {
    Step::Write(format!("HTTP/1.1 {status} X\r\nContent-Length: 9\r\n\r\n{{\"se").into())
}

/// Every way in which the first attempt may leave its fate unknown.
fn doubts() -> Vec<Vec<Step>> {
    let html = "Content-Type: text/html\r\n";
    let mut doubts = vec![
        vec![Step::Read, Step::Reset],
        vec![Step::Read],
        vec![Step::Read, Step::Stall],
        vec![Step::Read, half(200), Step::Reset],
        vec![Step::Read, half(200)],
        vec![Step::Read, half(200), Step::Stall],
        // Not even a refusal counts when it breaks off.
        vec![Step::Read, half(429)],
        vec![Step::Read, Step::Write("HTTP/1.1 2".into()), Step::Reset],
        vec![Step::Read, Step::answer(502, html, "<html>")],
    ];
    for status in [408, 500, 501, 502, 503, 504, 520, 599] {
        doubts.push(vec![Step::Read, Step::answer(status, "Retry-After: 0\r\n", "")]);
    }
    doubts
}

#[tokio::test]
async fn a_send_in_doubt_reaches_the_server_once() {
    let transport = transport();
    for doubt in doubts() {
        for ask in SENDS {
            let scripts = [doubt.clone(), vec![Step::Read, Step::json(FINE)]];
            let server = Server::start(scripts).await.unwrap();
            let (time, transport) = (time_for(&doubt), eager(&transport));
            let error = ask.within(time, server.address(), transport).await.unwrap_err();
            assert!(error.may_have_taken_effect(), "{doubt:?}: {error}");
            assert_eq!(error.attempts(), 1, "{doubt:?}: {error}");
            let counted = (server.requests().len(), server.connections());
            assert_eq!(counted, (1, 1), "{doubt:?}");
        }
    }
}

#[tokio::test]
async fn a_send_that_was_not_even_read_is_not_repeated() {
    let transport = transport();
    for ask in SENDS {
        let scripts = [vec![Step::Reset], vec![Step::Read, Step::json(FINE)]];
        let server = Server::start(scripts).await.unwrap();
        let error = ask.of(server.address(), eager(&transport)).await.unwrap_err();
        assert!(error.may_have_taken_effect(), "{error}");
        assert_eq!((server.requests().len(), server.connections()), (0, 1));
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_understood_does_not_repeat_a_send() {
    let transport = transport();
    for body in ["", "{\"sent\":tr", "<html>", "{\"sent\":[]}"] {
        for ask in SENDS {
            let scripts = [vec![Step::Read, Step::json(body)], vec![Step::Read, Step::json(FINE)]];
            let server = Server::start(scripts).await.unwrap();
            let error = ask.of(server.address(), eager(&transport)).await.unwrap_err();
            assert!(error.may_have_taken_effect(), "{body:?}: {error}");
            assert_eq!(server.requests().len(), 1, "{body:?}");
        }
    }
}

#[tokio::test]
async fn a_read_in_doubt_is_repeated() {
    let transport = transport();
    for doubt in doubts() {
        for ask in READS {
            let scripts = [doubt.clone(), vec![Step::Read, Step::json(FINE)]];
            let server = Server::start(scripts).await.unwrap();
            let (time, transport) = (time_for(&doubt), eager(&transport));
            ask.within(time, server.address(), transport).await.unwrap();
            assert!(server.requests().len() >= 2, "{doubt:?}");
        }
    }
}

#[tokio::test]
async fn a_send_that_was_refused_for_haste_is_repeated() {
    let transport = transport();
    for ask in [Ask::ChatApiSend, Ask::WammSend] {
        let hasty = vec![Step::Read, Step::answer(429, "Retry-After: 0\r\n", "")];
        let scripts = [hasty.clone(), hasty, vec![Step::Read, Step::json(FINE)]];
        let server = Server::start(scripts).await.unwrap();
        ask.of(server.address(), eager(&transport)).await.unwrap();
        assert_eq!(server.requests().len(), 3);
    }
}

/// An answer after which the connection is kept.
fn kept() -> Step {
    let length = FINE.len();
    Step::Write(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{FINE}").into())
}

#[tokio::test]
async fn a_kept_connection_that_fails_a_send_does_not_repeat_it() {
    let transport = transport();
    for end in [
        // Reads the second request and says nothing; resets it; answers by half.
        vec![Step::Read],
        vec![Step::Read, Step::Reset],
        vec![Step::Read, half(200)],
        vec![Step::Read, Step::Stall],
    ] {
        let first = [vec![Step::Read, kept()], end].concat();
        let server = Server::start([first.clone(), vec![Step::Read, kept()]]).await.unwrap();
        let gateway = gateway(server.address(), ChatApi::path("1"), eager(&transport));
        let gateway = gateway.attempts_within(time_for(&first));
        gateway.call(&chat_api::SendMessage::new(phone(), "one")).await.unwrap();
        let error = gateway.call(&chat_api::SendMessage::new(phone(), "two")).await.unwrap_err();
        assert!(error.may_have_taken_effect(), "{first:?}: {error}");
        assert_eq!((server.requests().len(), server.connections()), (2, 1), "{first:?}");
    }
}

#[tokio::test]
async fn a_kept_connection_that_closes_meanwhile_never_doubles_a_send() {
    let transport = transport();
    for end in [vec![], vec![Step::Reset]] {
        let script = [vec![Step::Read, kept()], end].concat();
        let server = Server::start([script]).await.unwrap();
        let gateway = gateway(server.address(), ChatApi::path("1"), eager(&transport));
        let (mut done, mut doubted) = (0, 0);
        for nth in 0..100 {
            // Some meet the connection before it closes, some while, some after.
            for _ in 0..nth % 10 {
                tokio::task::yield_now().await;
            }
            let text = format!("text {nth}");
            let outcome = gateway.call(&chat_api::SendMessage::new(phone(), &*text)).await;
            let arrived = server
                .requests()
                .iter()
                .filter(|seen| String::from_utf8_lossy(&seen.body).contains(&format!("{text}\"")))
                .count();
            match outcome {
                Ok(_) => {
                    assert_eq!(arrived, 1, "{text}");
                    done += 1;
                }
                Err(error) => {
                    assert!(arrived <= 1 && error.may_have_taken_effect(), "{text}: {error}");
                    doubted += 1;
                }
            }
        }
        assert_eq!(done + doubted, 100);
        assert!(done > 0);
    }
}
