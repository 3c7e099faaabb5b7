//! What is fuzzed: any body, through parsing, storing and reading back; and, with the feature
//! `tower`, any request through the whole receiver.
//!
//! `.ci/fuzz` runs the targets, and CONTRIBUTING.md says how else. The same functions run as tests
//! over the corpus and mutations of it.

#[cfg(feature = "tower")]
mod request;

use std::fmt;

use bytes::Bytes;
use chatapi_types::{InstanceId, UnixMillis, chat_api, wamm};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::key::STRETCH;
use crate::payload::{self, Addressee};
use crate::{Content, Event, Record, Vendor};

#[cfg(feature = "tower")]
pub use request::request;

/// Takes a body apart as the receiver does and reads each event as the stream does. Gives back what
/// sorts of events these are.
///
/// # Panics
///
/// When something of it is lost, or is another thing the second time: that is what fuzzing is to
/// find.
#[must_use]
pub fn target(vendor: Vendor, body: &[u8]) -> Vec<&'static str> {
    let line = InstanceId::from("100000");
    let to =
        Addressee { vendor, line: &line, any_line: true, hint: false, repeated_within: STRETCH };
    let body = Bytes::copy_from_slice(body);
    let now = UnixMillis::from_millis(1_600_000_000_000);
    let apart = payload::take_apart(&to, &body, now);
    let again = payload::take_apart(&to, &body, now);
    assert!(apart == again, "the same body is taken apart in two ways");
    let records = apart.events;
    accounted(vendor, &body, &records);
    let mut sorts = Vec::new();
    for record in &records {
        assert!(record.id.as_str().len() == 32, "an id has another length");
        sorts.push(meaning(record));
        // What is stored is one event: taken apart again it is itself.
        let alone = payload::take_apart(&to, &record.payload, now).events;
        assert!(alone.len() == 1, "one event became {}", alone.len());
        assert!(alone[0].id == record.id, "an event has another id when it stands alone");
    }
    let unknown = sorts.iter().filter(|sort| **sort == "unknown").count();
    assert!(unknown == apart.unknown, "{unknown} are unknown, {} were counted", apart.unknown);
    sorts
}

/// Reads a record as the stream does. It is typed, and then says the same when it is written anew;
/// or it is unknown, and then it is there to the letter.
fn meaning(record: &Record) -> &'static str {
    let content = payload::read(record);
    let sort = content.sort();
    let _ = content.hint();
    let is_kept = match &content {
        Content::Unknown(raw) => raw == &record.payload,
        Content::ChatApi(event) => {
            let anew = chat_api::WebhookEvents::new(&record.line);
            let anew = match (**event).clone() {
                chat_api::Event::Message(message) => anew.messages([*message]),
                chat_api::Event::Ack(ack) => anew.acks([ack]),
                chat_api::Event::ChatUpdate(update) => anew.chat_updates([*update]),
                _ => anew,
            };
            let read = chat_api::WebhookEvents::decode(&anew.encode()).map(|read| read.events());
            read.as_deref() == Ok(std::slice::from_ref(&**event))
        }
        Content::Wamm(event) => {
            let anew = wamm::WebhookEvent::new((**event).clone()).encode();
            let read = wamm::WebhookEvent::decode(&anew).map(wamm::WebhookEvent::into_event);
            read.as_ref() == Ok(&**event)
        }
        // Nobody posts these.
        Content::Gap(_) | Content::Unproven(_) => false,
    };
    assert!(is_kept, "{sort}: written anew it is another thing");
    let event = Event {
        id: record.id.clone(),
        line: record.line.clone(),
        vendor: record.vendor,
        origin: record.origin,
        received: record.received,
        attempt: 1,
        content,
    };
    let is_told = event.happening().is_some();
    assert!(is_told == matches!(sort, "message" | "delivery"), "{sort}: told is {is_told}");
    sort
}

/// Nothing is lost: every element of the body is one record, in order, to the letter, with all that
/// stood beside the elements; or the body is one record whole. Found out by another way than the one
/// that the receiver goes.
fn accounted(vendor: Vendor, body: &[u8], records: &[Record]) {
    let [record, rest @ ..] = records else {
        let members = members(body);
        let says = members.is_none_or(|members| says(&members));
        assert!(!says, "an event is lost");
        return;
    };
    if rest.is_empty() && record.payload == body {
        return;
    }
    assert!(vendor == Vendor::ChatApi, "a payload of one event is not kept as it came");
    let whole = text(body);
    assert!(whole.is_some(), "what is no JSON is not kept as it came");
    let members = members(body).unwrap_or_default();
    let expected: Vec<_> = members.iter().flat_map(elements).collect();
    if expected.is_empty() || !members.iter().any(is_list) {
        assert!(rest.is_empty(), "{} of what is not understood", records.len());
        assert!(text(&record.payload) == whole, "what is not understood is not kept as it came");
        return;
    }
    assert!(records.len() == expected.len(), "{} of {} are kept", records.len(), expected.len());
    let around: Vec<_> = members.iter().filter(is_beside).collect();
    for (record, expected) in records.iter().zip(&expected) {
        let part = self::members(&record.payload).unwrap_or_default();
        let found: Vec<_> = part.iter().flat_map(elements).collect();
        assert!(found.as_slice() == std::slice::from_ref(expected), "an element is another");
        let kept = part.iter().filter(is_beside);
        assert!(kept.eq(around.iter().copied()), "what stood beside an element is lost");
    }
}

/// A member of an object: its name, and its value to the letter.
type Member<'a> = (String, &'a str);

/// The members of an object that is not too deep, in order, also such as come twice.
fn members(json: &[u8]) -> Option<Vec<Member<'_>>> {
    struct Members<'a>(Vec<Member<'a>>);

    impl<'de> Deserialize<'de> for Members<'de> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Collect;
            impl<'de> Visitor<'de> for Collect {
                type Value = Vec<Member<'de>>;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                    let mut members = Vec::new();
                    while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                        members.push((name, value.get()));
                    }
                    Ok(members)
                }
            }
            deserializer.deserialize_map(Collect).map(Members)
        }
    }

    let found = serde_json::from_slice(json).ok().filter(|_| !payload::is_too_deep(json));
    found.map(|Members(members)| members)
}

/// JSON without the blanks around it.
fn text(json: &[u8]) -> Option<&str> {
    serde_json::from_slice::<&RawValue>(json).ok().map(RawValue::get)
}

/// Whether members say anything beside whom they are about, and that there is nothing.
fn says(members: &[Member<'_>]) -> bool {
    let is_whom = |(name, value): &&Member<'_>| {
        matches!(&**name, "instanceId" | "channelId")
            && serde_json::from_str::<InstanceId>(value).is_ok()
    };
    let beside = members.iter().filter(is_beside);
    let (whom, else_): (Vec<_>, Vec<_>) = beside.partition(is_whom);
    whom.len() > 1 || !else_.is_empty() || members.iter().flat_map(elements).next().is_some()
}

fn is_list((name, value): &Member<'_>) -> bool {
    matches!(&**name, "messages" | "ack" | "chatUpdate" | "chatUpdates") && value.starts_with('[')
}

/// Whether a member is a text or a number, which stays with each of the elements.
fn is_beside((_, value): &&Member<'_>) -> bool {
    !value.starts_with(['{', '[']) && *value != "null"
}

/// The elements of a member: those of a list that is known, else itself; each with its name.
fn elements<'a>(member: &Member<'a>) -> Vec<Member<'a>> {
    let (name, value) = member;
    let items = serde_json::from_str::<Vec<&RawValue>>(value);
    match items.ok().filter(|_| is_list(member)) {
        Some(items) => items.iter().map(|item| (name.clone(), item.get())).collect(),
        None if value.starts_with(['{', '[']) => vec![member.clone()],
        None => Vec::new(),
    }
}
