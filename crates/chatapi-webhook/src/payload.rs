//! From what was posted to what is kept, and back to what it means.

use std::time::Duration;

use bytes::Bytes;
use chatapi_types::{InstanceId, UnixMillis, chat_api, wamm};

use crate::key::Key;
use crate::{Content, Gap, Origin, Record, Vendor};

/// How deep JSON may nest. What nests deeper is kept as it came and not looked into.
const DEPTH: usize = 128;

/// How many events a payload may have. A body of 1 MiB has room for 9,000 of the vendor's shortest.
const EVENTS: usize = 10_000;

/// How many bytes may be written, in all, of what stands beside the events, as each takes it along.
const BESIDE: usize = 16 * 1024 * 1024;

/// Whom a payload is for, as far as the secret tells.
pub(crate) struct Addressee<'a> {
    pub(crate) vendor: Vendor,
    pub(crate) line: &'a InstanceId,
    /// Whether the payload says itself which line it is of.
    pub(crate) any_line: bool,
    /// Whether it is a hint only.
    pub(crate) hint: bool,
    /// How long the same content counts as the same event, where nothing else tells.
    pub(crate) repeated_within: Duration,
}

/// A payload in its events.
#[derive(PartialEq)]
pub(crate) struct Apart {
    pub(crate) events: Vec<Record>,
    /// How many of them [read](read) as [`Content::Unknown`].
    pub(crate) unknown: usize,
}

/// The events of a payload. Never fails and never panics: what is not understood is one event that
/// is not understood.
pub(crate) fn take_apart(to: &Addressee<'_>, body: &Bytes, now: UnixMillis) -> Apart {
    let parts = parts(to, body, now);
    let unknown = parts.iter().filter(|(_, is_unknown)| *is_unknown).count();
    Apart { events: parts.into_iter().map(|(event, _)| event).collect(), unknown }
}

/// The events, each with whether it is not understood.
fn parts(to: &Addressee<'_>, body: &Bytes, now: UnixMillis) -> Vec<(Record, bool)> {
    let unknown = || vec![(unknown(to, body, now), true)];
    if is_too_deep(body) {
        return unknown();
    }
    match to.vendor {
        Vendor::ChatApi if is_too_much(body) => unknown(),
        Vendor::ChatApi => match chat_api::WebhookEvents::decode(body) {
            Ok(payload) => payload.split().iter().map(|part| chat_api(to, part, now)).collect(),
            Err(_) => unknown(),
        },
        Vendor::Wamm => match wamm::WebhookEvent::decode(body) {
            Ok(payload) => vec![wamm(to, &payload, body, now)],
            Err(_) => unknown(),
        },
    }
}

fn chat_api(to: &Addressee<'_>, part: &chat_api::WebhookEvents, now: UnixMillis) -> (Record, bool) {
    let named = part.instance();
    let line = named.filter(|_| to.any_line).unwrap_or(to.line);
    let foreign = named.is_some_and(|named| named != line);
    let payload = Bytes::from(part.encode());
    let key = Key { vendor: to.vendor, line };
    let event = part.events().pop().filter(|_| !foreign);
    let is_unknown = matches!(event, None | Some(chat_api::Event::Unknown(_)));
    let number = match &event {
        Some(chat_api::Event::Message(message)) => storable(message.message_number),
        _ => None,
    };
    let (id, earlier) = match event {
        Some(chat_api::Event::Message(message)) if names(message.id.as_str()) => {
            (key.message(message.id.as_str()), None)
        }
        Some(chat_api::Event::Ack(ack)) if names(ack.id.as_str()) => {
            (key.delivery(ack.id.as_str(), ack.status.as_str()), None)
        }
        _ => {
            let (id, earlier) = key.content(&payload, now, to.repeated_within);
            (id, Some(earlier))
        }
    };
    let record = Record::new(id, line, to.vendor, now, payload)
        .earlier(earlier)
        .number(number)
        .origin(to.origin(foreign));
    (record, is_unknown)
}

fn wamm(
    to: &Addressee<'_>,
    event: &wamm::WebhookEvent,
    body: &Bytes,
    now: UnixMillis,
) -> (Record, bool) {
    let key = Key { vendor: to.vendor, line: to.line };
    let (id, earlier) = match event.event() {
        wamm::Event::Message(message) if names(message.msg_id.as_str()) => {
            (key.message(message.msg_id.as_str()), None)
        }
        wamm::Event::State(state) if names(state.msg_id.as_str()) => {
            (key.delivery(state.msg_id.as_str(), state.state.as_str()), None)
        }
        _ => {
            let (id, earlier) = key.content(body, now, to.repeated_within);
            (id, Some(earlier))
        }
    };
    let record = Record::new(id, to.line, to.vendor, now, body.clone());
    let is_unknown = matches!(event.event(), wamm::Event::Unknown(_));
    (record.earlier(earlier).origin(to.origin(false)), is_unknown)
}

fn unknown(to: &Addressee<'_>, body: &Bytes, now: UnixMillis) -> Record {
    let key = Key { vendor: to.vendor, line: to.line };
    let (id, earlier) = key.content(body, now, to.repeated_within);
    Record::new(id, to.line, to.vendor, now, body.clone())
        .earlier(Some(earlier))
        .origin(to.origin(false))
}

/// Whether an id tells one message from another. An empty one would make all that have it one.
const fn names(id: &str) -> bool {
    !id.is_empty()
}

/// A number that every database takes; no history gets as far as the others.
fn storable(number: u64) -> Option<u64> {
    i64::try_from(number).is_ok().then_some(number)
}

impl Addressee<'_> {
    const fn origin(&self, foreign: bool) -> Origin {
        match (foreign, self.hint) {
            (true, _) => Origin::Foreign,
            (false, true) => Origin::Hint,
            (false, false) => Origin::Posted,
        }
    }
}

/// What a record means.
pub(crate) fn read(record: &Record) -> Content {
    let unknown = || Content::Unknown(record.payload.clone());
    match (record.origin, record.vendor) {
        (Origin::Foreign, _) => unknown(),
        (Origin::Gap, _) => {
            serde_json::from_slice::<Gap>(&record.payload).map_or_else(|_| unknown(), Content::Gap)
        }
        _ if is_too_deep(&record.payload) => unknown(),
        (_, Vendor::ChatApi) => {
            let mut events = match chat_api::WebhookEvents::decode(&record.payload) {
                Ok(payload) => payload.events(),
                Err(_) => return unknown(),
            };
            match (events.pop(), events.is_empty()) {
                (Some(chat_api::Event::Unknown(_)) | None, _) | (_, false) => unknown(),
                (Some(event), true) => Content::ChatApi(Box::new(event)),
            }
        }
        (_, Vendor::Wamm) => match wamm::WebhookEvent::decode(&record.payload) {
            Ok(payload) if matches!(payload.event(), wamm::Event::Unknown(_)) => unknown(),
            Ok(payload) => Content::Wamm(Box::new(payload.into_event())),
            Err(_) => unknown(),
        },
    }
}

/// Whether it nests deeper than is looked into.
pub(crate) fn is_too_deep(payload: &[u8]) -> bool {
    let mut is_deep = false;
    scan(payload, |_, depth| is_deep |= depth > DEPTH);
    is_deep
}

/// Whether taking it apart would take more time and room than any payload of the vendor's.
fn is_too_much(payload: &[u8]) -> bool {
    let (mut events, mut beside) = (1_usize, 0_usize);
    scan(payload, |byte, depth| {
        beside += usize::from(depth <= 1);
        // Between members, and between the elements of their lists.
        events += usize::from(byte == b',' && depth <= 2);
    });
    events > EVENTS || events.saturating_mul(beside) > BESIDE
}

/// Every byte with its depth, that of brackets outside of texts. Needs no stack.
fn scan(payload: &[u8], mut at: impl FnMut(u8, usize)) {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for &byte in payload {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            // What is in a text is no comma.
            at(b'"', depth);
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at(byte, depth);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_texts() {
        assert!(!is_too_deep("[".repeat(128).as_bytes()));
        assert!(is_too_deep("[".repeat(129).as_bytes()));
        assert!(!is_too_deep(format!("{{\"a\\\"{}\":1}}", "[".repeat(500)).as_bytes()));
        assert!(!is_too_deep("[]".repeat(500).as_bytes()));
    }
    #[test]
    fn what_would_grow_beyond_measure_is_too_much() {
        let list = |count: usize, beside: usize| {
            let (items, beside) = (vec!["7"; count].join(","), "x".repeat(beside));
            format!(r#"{{"messages":[{items}],"a":"{beside}"}}"#)
        };
        assert!(!is_too_much(list(9_000, 100).as_bytes()));
        assert!(is_too_much(list(11_000, 100).as_bytes()));
        assert!(is_too_much(list(9_000, 2_000).as_bytes()));
        assert!(!is_too_much(list(1, 1_000_000).as_bytes()));
        let commas = format!(
            r#"{{"messages":[{{"body":"{}","x":[{}7]}}]}}"#,
            ",".repeat(20_000),
            "7,".repeat(20_000)
        );
        assert!(!is_too_much(commas.as_bytes()), "those are inside of an event");
    }
}
