//! A call over a transport that answers at once, and the same by hand.

use std::hint::black_box;

use chatapi_transport::{Gateway, Request, Response, Transport, TransportError};
use chatapi_types::chat_api::{ChatApi, ListMessages, SendMessage};
use chatapi_types::{Call, Phone, Token};
use serde::{Deserialize, Serialize};

use crate::{SENT, TEXT};

/// Joins the secret, so that nothing of the way is left out, and answers with a canned body.
#[derive(Debug)]
struct Null(&'static [u8]);

#[async_trait::async_trait]
impl Transport for Null {
    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        black_box(request.expose()?);
        Ok(Response::new(http::StatusCode::OK, http::HeaderMap::new(), self.0))
    }
}

/// A gateway that answers everything with `body`.
///
/// # Panics
///
/// Never: the address is a constant.
#[must_use]
pub fn gateway(body: &'static [u8]) -> Gateway<ChatApi> {
    let address = "https://api.chat-api.com".parse().expect("an address");
    Gateway::new(address, ChatApi::path("12345"), Token::new("abcdefgh12345678"), Null(body))
}

/// A send.
///
/// # Panics
///
/// Never, unless the canned answer is broken.
pub async fn send(gateway: &Gateway<ChatApi>, phone: &Phone) {
    black_box(gateway.call(&SendMessage::new(phone, TEXT)).await.expect("sent"));
}

/// A page of messages.
///
/// # Panics
///
/// Never, unless the canned answer is broken.
pub async fn list(gateway: &Gateway<ChatApi>) {
    black_box(gateway.call(&ListMessages::new().after(7)).await.expect("listed"));
}

/// What a careful person writes without a library: the same request, the same fields, the same
/// checks for an error.
///
/// # Panics
///
/// Never, unless the canned answer is broken.
pub fn send_by_hand() {
    #[derive(Serialize)]
    struct Body<'a> {
        phone: u64,
        body: &'a str,
    }
    let body = serde_json::to_vec(&Body { phone: 79_000_000_001, body: TEXT }).expect("JSON");
    let uri = format!(
        "https://api.chat-api.com/instance{}/{}?token={}",
        black_box("12345"),
        SendMessage::NAME,
        black_box("abcdefgh12345678")
    );
    let request = http::Request::post(uri)
        .header("content-type", "application/json")
        .body(body)
        .expect("a request");
    let sent: HandSent = serde_json::from_str(black_box(SENT)).expect("an answer");
    assert!(sent.error.is_none() && sent.sent, "declined");
    black_box((request, sent));
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "decoded to be compared")]
struct HandSent {
    sent: bool,
    message: String,
    id: Option<String>,
    queue_number: Option<u64>,
    error: Option<String>,
}

/// Lists by hand.
///
/// # Panics
///
/// Never, unless the canned answer is broken.
pub fn list_by_hand(page: &[u8]) {
    let uri = format!(
        "https://api.chat-api.com/instance{}/{}?token={}&lastMessageNumber={}",
        black_box("12345"),
        ListMessages::NAME,
        black_box("abcdefgh12345678"),
        black_box(7)
    );
    let request = http::Request::get(uri).body(Vec::<u8>::new()).expect("a request");
    let page: HandPage = serde_json::from_slice(black_box(page)).expect("an answer");
    assert!(page.error.is_none(), "declined");
    black_box((request, page));
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "decoded to be compared")]
struct HandPage {
    messages: Vec<HandMessage>,
    last_message_number: u64,
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "decoded to be compared")]
struct HandMessage {
    id: String,
    body: String,
    from_me: bool,
    #[serde(rename = "self")]
    via_api: u8,
    is_forwarded: u8,
    author: String,
    time: i64,
    chat_id: String,
    message_number: u64,
    r#type: String,
    sender_name: String,
    caption: Option<String>,
    quoted_msg_body: Option<String>,
    quoted_msg_id: Option<String>,
    quoted_msg_type: Option<String>,
    chat_name: Option<String>,
}

/// An answer with 100 messages.
#[must_use]
pub fn page() -> &'static [u8] {
    let message = |number: u64| {
        format!(
            r#"{{"id":"false_79000000001@c.us_3EB0{number:016X}","body":"{TEXT}","fromMe":false,"self":0,"isForwarded":0,"author":"79000000001@c.us","time":{},"chatId":"79000000001@c.us","messageNumber":{number},"type":"chat","senderName":"Name","caption":null,"quotedMsgBody":null,"quotedMsgId":null,"quotedMsgType":null,"chatName":"Name"}}"#,
            1_600_000_000 + number
        )
    };
    let messages: Vec<_> = (8..108).map(message).collect();
    format!(r#"{{"messages":[{}],"lastMessageNumber":107}}"#, messages.join(",")).leak().as_bytes()
}
