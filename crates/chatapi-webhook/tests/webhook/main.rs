//! The receiver, its inbox and its stream, as applications use them.

#![expect(clippy::unwrap_used, reason = "tests may be blunt, their helpers too")]

mod entrance;
mod gateway;
mod inbox;
mod lag;
mod malformed;
mod order;
mod proof;
mod remembered;
mod repeated;
mod server;
mod stream;

use bytes::Bytes;
use chatapi_types::chat_api::{Ack, AckEvent, Message, MessageKind, WebhookEvents};
use chatapi_types::{MessageId, UnixTime};
use chatapi_webhook::{Builder, Hook, Inbox, PathSecret, Receiver};
use http::{Request, Response};

fn secret(seed: u8) -> PathSecret {
    PathSecret::from_random([seed; 24])
}

/// A receiver for the Chat API instance 7 with the secret 1, and the wamm channel `w` with 2.
fn builder(inbox: impl Inbox + 'static) -> Builder {
    Receiver::builder(inbox)
        .hook(Hook::chat_api("7", secret(1).hash()))
        .hook(Hook::wamm("w", secret(2).hash()))
}

fn post(path: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    Request::post(path).body(body.into()).unwrap()
}

/// What the vendor does with the secret of that seed.
async fn posted(receiver: &Receiver, seed: u8, body: impl Into<Bytes>) -> Response<Bytes> {
    let path = format!("/hooks/{}", secret(seed).expose());
    receiver.answer(None, post(&path, body)).await
}

const TEXT: &str = "the body of a message";

fn message(number: u64) -> Message {
    let id = MessageId::new(format!("false_79000000001@c.us_{number}"));
    let time = UnixTime::from_secs(1_600_000_000);
    Message::new(id, "79000000001@c.us", number, time, MessageKind::Chat, TEXT)
}

fn messages(numbers: impl IntoIterator<Item = u64>) -> Vec<u8> {
    WebhookEvents::new("7").messages(numbers.into_iter().map(message)).encode()
}

fn ack(number: u64, status: Ack) -> Vec<u8> {
    let ack = AckEvent::new(
        format!("true_79000000001@c.us_{number}"),
        number,
        "79000000001@c.us",
        status,
    );
    WebhookEvents::new("7").acks([ack]).encode()
}
