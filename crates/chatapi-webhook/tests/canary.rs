//! No log, error or `Debug` holds a secret, the text of a message or a phone number, whatever comes
//! and whatever becomes of it.

#![expect(clippy::unwrap_used, reason = "tests may be blunt, their helpers too")]

use std::io;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use chatapi_transport::{Gateway, Request, Response, Transport, TransportError};
use chatapi_types::chat_api::{self, AckEvent, Message, MessageKind, WebhookEvents};
use chatapi_types::{InstanceId, Token};
use chatapi_types::{UnixTime, chat_api::Ack, chat_api::ChatApi};
use chatapi_webhook::{
    About, AllowList, Events, Gateways, Hint, Hook, Inbox as _, MemoryInbox, Original, PathSecret,
    Receiver, ServerOptions, Source, SourceError, Vendor,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What was traced, down to the level TRACE.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct ToLog;

impl io::Write for ToLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const PHONE: &str = "79991234567";
const TEXT: &str = "cAnArY text";

/// A vendor that repeats what it was asked, and declines.
#[derive(Debug)]
struct Parrot;

#[async_trait]
impl Transport for Parrot {
    async fn exchange(&self, _: Request) -> Result<Response, TransportError> {
        let body = format!(r#"{{"error":"{TEXT} of {PHONE}: no"}}"#);
        Ok(Response::new(http::StatusCode::UNAUTHORIZED, http::HeaderMap::new(), body))
    }
}

/// Has no message, and asks the parrot for the rest.
#[derive(Debug)]
struct Broken(Gateways);

impl Broken {
    fn new() -> Self {
        let address = "https://parrot.test".parse().unwrap();
        let (dialect, token) = (ChatApi::path("8"), Token::new(TEXT));
        Self(Gateways::new().chat_api("8", Gateway::new(address, dialect, token, Parrot)))
    }
}

#[async_trait]
impl Source for Broken {
    async fn message(
        &self,
        line: &InstanceId,
        hint: &Hint,
    ) -> Result<Option<Original>, SourceError> {
        match hint.about {
            About::Delivery => self.0.message(line, hint).await,
            _ => Ok(None),
        }
    }

    async fn between(
        &self,
        line: &InstanceId,
        first: u64,
        last: u64,
    ) -> Result<Vec<Message>, SourceError> {
        self.0.between(line, first, last).await
    }
}

fn payloads() -> Vec<Vec<u8>> {
    let chat = format!("{PHONE}@c.us");
    let message = |number: u64| {
        let id = format!("false_{chat}_{number}");
        let time = UnixTime::from_secs(1_600_000_000);
        Message::new(id, chat.as_str(), number, time, MessageKind::Chat, TEXT)
    };
    let ack = AckEvent::new(format!("true_{chat}_A"), 1, chat.as_str(), Ack::Delivered);
    vec![
        WebhookEvents::new("7").messages([message(1), message(5)]).encode(),
        WebhookEvents::new("7").acks([ack]).encode(),
        format!(r#"{{"chatUpdate":[{{"old":null,"new":{{"id":"{chat}","name":"{TEXT}"}}}}],"instanceId":"7"}}"#).into_bytes(),
        format!(r#"{{"odd":{{"body":"{TEXT}","chatId":"{chat}"}}}}"#).into_bytes(),
        format!("{TEXT} {PHONE}").into_bytes(),
        format!(r#"{{"tip":"msg","msg_data":{{"msg_id":1,"from_me":0,"phone":"{PHONE}","tip_msg":"textMessage","msg_text":"{TEXT}","state":"received"}}}}"#).into_bytes(),
    ]
}

#[tokio::test]
async fn nothing_that_is_nobodys_business_is_shown() {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(|| ToLog)
        .init();
    let secret = |seed| PathSecret::from_random([seed; 24]);
    let inbox = MemoryInbox::new().quota(40_000);
    let receiver = Receiver::builder(inbox.clone())
        .hook(Hook::chat_api("7", secret(0xc1).hash()).previous(secret(0xc4).hash()))
        .hook(Hook::wamm("w", secret(0xc2).hash()))
        .hook(Hook::chat_api("hint", secret(0xc3).hash()).any_instance().fetch_back())
        .allow(AllowList::new(["127.0.0.1"]).unwrap())
        .build();
    let server = receiver.serve_with(ServerOptions::new()).await.unwrap();
    let mut shown = Vec::new();
    let mut statuses = Vec::new();
    for headers in ["", "Content-Encoding: gzip\r\n", "X-Forwarded-For: 10.0.0.1\r\n"] {
        for seed in [0xc1, 0xc2, 0xc3, 0xc4, 0xc5] {
            for mut body in payloads() {
                if seed == 0xc3 {
                    // Of another line, as otherwise all would be known already.
                    let text = String::from_utf8(body).unwrap();
                    body = text.replace("\"7\"", "\"8\"").into_bytes();
                }
                let path = format!("/hooks/{}", secret(seed).expose());
                let length = body.len();
                let head = format!(
                    "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n"
                );
                let mut socket = TcpStream::connect(server.socket()).await.unwrap();
                let _ = socket.write_all(&[head.as_bytes(), &body].concat()).await;
                let mut answer = String::new();
                let _ = socket.read_to_string(&mut answer).await;
                statuses.push(answer.get(9..12).unwrap_or_default().to_owned());
                shown.push(answer);
            }
        }
    }
    for status in ["200", "404", "415"] {
        assert!(
            statuses.iter().any(|seen| seen == status),
            "{status} was never said: {statuses:?}"
        );
    }
    let big = format!(r#"{{"odd":["{}"]}}"#, TEXT.repeat(5000)).into_bytes();
    let request = http::Request::post(format!("/hooks/{}", secret(0xc1).expose()));
    let request = request.body(big.into()).unwrap();
    let full = receiver.answer("127.0.0.1".parse().ok(), request).await;
    assert_eq!(full.status(), 503);
    shown.push(format!("{full:?}"));

    let mut events =
        Events::of(inbox.clone()).source(Broken::new()).reorder_within(Some(Duration::ZERO));
    let mut sorts = std::collections::BTreeSet::new();
    while let Ok(event) = tokio::time::timeout(Duration::from_secs(1), events.next()).await {
        let event = event.unwrap();
        sorts.insert(event.content.sort());
        shown.push(format!("{event:?} {:?} {:?}", event.event(), event.happening()));
        if let chatapi_webhook::Content::Unproven(hint) = &event.content {
            shown.push(format!("{hint:?}"));
        }
        event.ack().await.unwrap();
    }
    let all = ["chat", "delivery", "gap", "message", "unknown", "unproven"];
    assert_eq!(sorts.into_iter().collect::<Vec<_>>(), all);
    shown.push(format!("{receiver:?} {inbox:?} {events:?} {:?}", secret(0xc1)));
    shown.push(format!("{:?}", Hook::chat_api("7", secret(0xc1).hash())));
    let claim = chatapi_webhook::Claim::new("x", 9, TokioNow::now(), TokioNow::now());
    shown.push(format!("{:?}", inbox.lease(&claim).await));
    shown.push(format!(
        "{:?}",
        Original::from(chat_api::Message::new(
            PHONE,
            PHONE,
            1,
            UnixTime::default(),
            MessageKind::Chat,
            TEXT
        ))
    ));
    assert!(receiver.rotate(Vendor::ChatApi, &"7".into(), secret(0xc6).hash()));
    server.shutdown().await;

    let log = String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned();
    for heard in [
        "webhook accepted",
        "webhook refused",
        "webhook not stored",
        "webhook gap",
        "vendor did not tell; tried again later",
        "messages: the token is not accepted (HTTP 401)",
    ] {
        assert!(log.contains(heard), "{heard:?} was not heard: the test is deaf");
    }
    shown.push(log);
    let secrets = [0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6].map(secret);
    let secrets =
        secrets.iter().flat_map(|secret| [secret.expose().to_owned(), secret.hash().to_string()]);
    let forbidden: Vec<_> = secrets.chain([PHONE.to_owned(), "cAnArY".to_owned()]).collect();
    for text in &shown {
        for word in &forbidden {
            if let Some(at) = text.find(word.as_str()) {
                let from = text[..at].rfind('\n').map_or(0, |line| line + 1);
                panic!("{word} in {}", &text[from..(at + 60).min(text.len())]);
            }
        }
    }
}

struct TokioNow;

impl TokioNow {
    fn now() -> chatapi_types::UnixMillis {
        use chatapi_transport::Clock as _;
        chatapi_transport::TokioClock::new().unix()
    }
}
