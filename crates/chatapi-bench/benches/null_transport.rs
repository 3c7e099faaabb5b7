//! A call over a transport that answers at once, beside building and decoding the same JSON by hand:
//! what the layers cost in processor time and allocations.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measurement")]

use std::hint::black_box;
use std::time::Duration;

use allocation_counter::measure;
use chatapi_bench::{SENT, TEXT, about_this_machine, interleaved};
use chatapi_transport::{Gateway, Request, Response, Transport, TransportError};
use chatapi_types::chat_api::{ChatApi, ListMessages, SendMessage};
use chatapi_types::{Call, Phone, Token};
use cpu_time::ThreadTime;
use serde::{Deserialize, Serialize};
use tokio::runtime::{Builder, Runtime};

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

const CALLS: u32 = 200;
const ROUNDS: usize = 41;

fn main() {
    about_this_machine();
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let phone: Phone = "79000000001".parse().expect("a phone");
    let page: &'static [u8] = Box::leak(page().into_boxed_slice());

    let gateway = |body| {
        let address = "https://api.chat-api.com".parse().expect("an address");
        Gateway::new(address, ChatApi::path("12345"), Token::new("abcdefgh12345678"), Null(body))
    };
    let (sending, listing) = (gateway(SENT.as_bytes()), gateway(page));
    let send = async || {
        black_box(sending.call(&SendMessage::new(&phone, TEXT)).await.expect("sent"));
    };
    let list = async || {
        black_box(listing.call(&ListMessages::new().after(7)).await.expect("listed"));
    };
    let by_hand = || {
        black_box(send_by_hand());
    };
    compare(&runtime, "sendMessage", send, by_hand);
    let by_hand = || {
        black_box(list_by_hand(page));
    };
    compare(&runtime, "messages, a page of 100", list, by_hand);
}

fn compare(runtime: &Runtime, name: &str, ours: impl AsyncFn(), by_hand: impl Fn()) {
    let round = || {
        runtime.block_on(async {
            let start = ThreadTime::now();
            for _ in 0..CALLS {
                ours().await;
            }
            start.elapsed() / CALLS
        })
    };
    let round_by_hand = || {
        let start = ThreadTime::now();
        (0..CALLS).for_each(|_| by_hand());
        start.elapsed() / CALLS
    };
    let (a, b, ratio) = interleaved(ROUNDS, round, round_by_hand);
    let allocated = measure(|| runtime.block_on(ours()));
    let by_hand = measure(&by_hand);
    let nanos = |time: Duration| time.as_nanos();
    println!("{name}");
    println!("  cpu per call: {} ns, by hand {} ns: {ratio:.2}x", nanos(a), nanos(b));
    println!(
        "  allocations per call: {}, by hand {}; bytes {}, by hand {}",
        allocated.count_total, by_hand.count_total, allocated.bytes_total, by_hand.bytes_total
    );
}

/// What a careful person writes without a library: the same request, the same fields, the same
/// checks for an error.
fn send_by_hand() -> (http::Request<Vec<u8>>, HandSent) {
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
    (request, sent)
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

fn list_by_hand(page: &[u8]) -> (http::Request<Vec<u8>>, HandPage) {
    let uri = format!(
        "https://api.chat-api.com/instance{}/{}?token={}&lastMessageNumber={}",
        black_box("12345"),
        ListMessages::NAME,
        black_box("abcdefgh12345678"),
        black_box(7)
    );
    let request = http::Request::get(uri).body(Vec::new()).expect("a request");
    let page: HandPage = serde_json::from_slice(black_box(page)).expect("an answer");
    assert!(page.error.is_none(), "declined");
    (request, page)
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

fn page() -> Vec<u8> {
    let message = |number: u64| {
        format!(
            r#"{{"id":"false_79000000001@c.us_3EB0{number:016X}","body":"{TEXT}","fromMe":false,"self":0,"isForwarded":0,"author":"79000000001@c.us","time":{},"chatId":"79000000001@c.us","messageNumber":{number},"type":"chat","senderName":"Name","caption":null,"quotedMsgBody":null,"quotedMsgId":null,"quotedMsgType":null,"chatName":"Name"}}"#,
            1_600_000_000 + number
        )
    };
    let messages: Vec<_> = (8..108).map(message).collect();
    format!(r#"{{"messages":[{}],"lastMessageNumber":107}}"#, messages.join(",")).into_bytes()
}
