//! What the vendors post to webhooks: always written again to the letter; in canonical form byte for
//! byte as the documents have it.

use std::collections::BTreeSet;
use std::fmt::Debug;

use chatapi_types::chat_api::{self, Ack, WebhookEvents};
use chatapi_types::wamm::{self, WebhookEvent};
use chatapi_types::{DecodeError, Delivery};

use crate::files;

/// What both payloads have.
trait Payload: Clone + Debug + PartialEq + Sized {
    fn decode(body: &[u8]) -> Result<Self, DecodeError>;
    fn encode(&self) -> Vec<u8>;
    fn canonical(self) -> Self;
    fn has_unknown(&self) -> bool;
}

impl Payload for WebhookEvents {
    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(body)
    }
    fn encode(&self) -> Vec<u8> {
        self.encode()
    }
    fn canonical(self) -> Self {
        self.canonical()
    }
    fn has_unknown(&self) -> bool {
        let events = self.events();
        self.unknown().len() > 0
            || events.iter().any(|event| matches!(event, chat_api::Event::Unknown(_)))
    }
}

impl Payload for WebhookEvent {
    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(body)
    }
    fn encode(&self) -> Vec<u8> {
        self.encode()
    }
    fn canonical(self) -> Self {
        self.canonical()
    }
    fn has_unknown(&self) -> bool {
        matches!(self.event(), wamm::Event::Unknown(_))
    }
}

const CHAT_API: &[&str] =
    &["message", "messages", "ack", "acks", "ack_without_queue", "chat_created", "chat_changed"];

const WAMM: &[&str] = &["message", "message_of_ours", "state", "state_with_phone"];

fn folder(vendor: &str, sample: &str) -> String {
    format!("{vendor}/events/{sample}")
}

pub(crate) fn files() -> BTreeSet<String> {
    let folders = CHAT_API.iter().map(|sample| folder("chat_api", sample));
    let folders = folders.chain(WAMM.iter().map(|sample| folder("wamm", sample)));
    let odd = ODD_CHAT_API.iter().map(|(name, _)| format!("chat_api/events/{name}.json"));
    let odd = odd.chain(ODD_WAMM.iter().map(|(name, _)| format!("wamm/events/{name}.json")));
    folders.flat_map(|folder| files::within(&folder).collect::<Vec<_>>()).chain(odd).collect()
}

/// Reads a payload and asserts that it is written to the letter.
fn kept<P: Payload>(file: &str) -> P {
    let body = files::read(file);
    let payload = P::decode(&body).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(text(&payload), String::from_utf8(body).unwrap().trim_end(), "{file}");
    payload
}

fn text<P: Payload>(payload: &P) -> String {
    String::from_utf8(payload.encode()).unwrap()
}

fn check<P: Payload>(vendor: &str, samples: &[&str]) {
    for folder in samples.iter().map(|sample| folder(vendor, sample)) {
        let canonical = format!("{folder}/canonical.json");
        let payload: P = kept(&canonical);
        let written = text(&payload);
        assert!(!payload.has_unknown(), "{canonical}: all of it is understood");
        let payload = payload.canonical();
        assert_eq!(text(&payload), written, "{canonical}: made anew, byte for byte the same");
        let variants: Vec<_> = files::within(&folder).filter(|file| *file != canonical).collect();
        assert!(!variants.is_empty(), "{folder}: a sample needs a variant");
        for file in variants {
            let variant = kept::<P>(&file).canonical();
            assert_eq!(variant, payload, "{file}");
            assert_eq!(text(&variant), written, "{file}: canonical form");
        }
    }
}

#[test]
fn payloads_are_kept_to_the_letter_and_variants_read_as_the_same_events() {
    check::<WebhookEvents>("chat_api", CHAT_API);
    check::<WebhookEvent>("wamm", WAMM);
}

#[test]
fn events_offer_what_tells_them_from_their_repetition() {
    let payload: WebhookEvents = kept("chat_api/events/acks/canonical.json");
    let acks: Vec<_> = payload.events();
    let ids: BTreeSet<_> = acks.iter().map(|ack| ack.message_id().unwrap().as_str()).collect();
    assert_eq!(ids.len(), 1);
    let states: Vec<_> = acks.iter().map(|ack| ack.ack().unwrap().clone()).collect();
    assert_eq!(states, [Ack::Sent, Ack::Delivered, Ack::Viewed]);
    assert_eq!(acks[2].delivery(), Some(Delivery::Read));

    let payload: WebhookEvents = kept("chat_api/events/messages/canonical.json");
    assert_eq!(payload.instance().unwrap().as_str(), "100000");
    let [call, sent] = &payload.events()[..] else { panic!("two events") };
    assert!(call.is_call() && !sent.is_call());
    assert_eq!(call.delivery(), Some(Delivery::Received));
    assert_eq!(call.chat_id(), sent.chat_id());
    assert_ne!(call.message_id(), sent.message_id());

    let payload: WebhookEvents = kept("chat_api/events/chat_changed/canonical.json");
    let [update] = &payload.events()[..] else { panic!("one event") };
    assert!(update.chat_id().unwrap().is_group());
    assert_eq!((update.message_id(), update.delivery()), (None, None));

    let event = kept::<WebhookEvent>("wamm/events/state_with_phone/canonical.json").into_event();
    assert_eq!(event.message_id().unwrap().as_str(), "1234567");
    assert_eq!(event.state().unwrap().as_str(), "noAccount");
    assert_eq!(event.phone().unwrap().as_str(), "79000000000");
}

#[test]
fn a_message_event_is_a_message() {
    let event = kept::<WebhookEvent>("wamm/events/message_of_ours/canonical.json").into_event();
    let wamm::Event::Message(event) = event else { panic!("a message") };
    assert_eq!(event.from_api, Some(true));
    assert_eq!(event.qoute_msg_id, Some(1_234_566.into()));
    let message = wamm::Message::from(*event);
    assert_eq!(message.msg_id.as_str(), "1234567");
    assert_eq!(message.phone_real.unwrap().as_str(), "@nickname");
    assert_eq!(message.msg_link.as_deref(), Some("https://files.example/a.jpg"));
    assert!(message.from_me && message.date_upd.is_none());
}

/// The JSON of the events that are not understood.
fn unknown(payload: &WebhookEvents) -> Vec<String> {
    let events = payload.events().into_iter();
    events
        .filter_map(|event| match event {
            chat_api::Event::Unknown(json) => Some(json.get().to_owned()),
            _ => None,
        })
        .collect()
}

type Expectation<P> = (&'static str, fn(&P));

const ODD_CHAT_API: &[Expectation<WebhookEvents>] = &[
    ("odd_status_notification", |payload| {
        assert_eq!(unknown(payload), [text(payload)]);
        let names: Vec<_> = payload.unknown().map(|(name, _)| name).collect();
        assert_eq!(names, ["accountStatus", "statusData"]);
        assert_eq!(payload.instance(), Some(&100_000.into()));
    }),
    ("odd_status_list", |payload| assert_eq!(unknown(payload), [text(payload)])),
    ("odd_items", |payload| {
        assert_eq!(payload.events().len(), 4);
        let expected = [
            r#"{"messages":[{"id":"x", "time":"now"}]}"#,
            r#"{"messages":[7]}"#,
            r#"{"ack":[{"status":"delivered"}]}"#,
        ];
        assert_eq!(unknown(payload), expected);
    }),
    ("odd_unknown_beside", |payload| {
        assert_eq!(payload.events().len(), 2);
        assert_eq!(unknown(payload), [r#"{"poll":{"votes": [1]}}"#]);
        let beside: Vec<_> = payload.unknown().map(|(name, json)| (name, json.get())).collect();
        assert_eq!(beside, [("poll", r#"{"votes": [1]}"#), ("attempt", "2")]);
    }),
    ("odd_lists_of_another_kind", |payload| {
        assert_eq!(unknown(payload), [text(payload)]);
    }),
    ("odd_twice", |payload| {
        let states: Vec<_> =
            payload.events().iter().filter_map(|event| event.ack().cloned()).collect();
        assert_eq!(states, [Ack::Delivered]);
        assert_eq!(unknown(payload).len(), 1);
        assert!(unknown(payload)[0].contains("viewed"));
        assert_eq!(payload.instance(), Some(&1.into()));
    }),
    ("odd_no_instance", |payload| {
        assert_eq!(payload.instance(), None);
        assert_eq!(payload.events().len(), 1);
    }),
    ("odd_updates", |payload| {
        let [update, unread] = &payload.events()[..] else { panic!("two events") };
        let (chat_api::Event::Unknown(_), chat_api::Event::ChatUpdate(update)) = (update, unread)
        else {
            panic!("one of them is understood")
        };
        assert_eq!(update.old.as_ref().unwrap().id.as_str(), "7");
        assert_eq!(update.new.name, "");
        assert_eq!(unknown(payload), [r#"{"chatUpdate":[{"old":null,"new":null}]}"#]);
    }),
    ("odd_nothing", |payload| assert!(payload.events().is_empty())),
    ("odd_list", |payload| assert_eq!(unknown(payload), [text(payload)])),
];

/// Asserts that a payload is not understood and kept as a whole.
fn strange(payload: &WebhookEvent) {
    let wamm::Event::Unknown(json) = payload.event() else { panic!("understood: {payload:?}") };
    assert_eq!(json.get(), text(payload));
    assert_eq!(text(&payload.clone().canonical()), text(payload));
}

const ODD_WAMM: &[Expectation<WebhookEvent>] = &[
    ("odd_tip", strange),
    ("odd_no_tip", strange),
    ("odd_no_data", strange),
    ("odd_data", strange),
    ("odd_without_state", strange),
    ("odd_list", strange),
    ("odd_words", |payload| {
        let wamm::Event::Message(message) = payload.event() else { panic!("a message") };
        assert!(!message.tip_msg.is_known());
        assert_eq!(message.delivery(), Delivery::Other("yellowCard".into()));
        assert_eq!(message.date_ins.as_ref().unwrap().to_unix(180), None);
        assert_eq!(text(&payload.clone().canonical()), text(payload));
    }),
];

#[test]
fn odd_payloads_lose_nothing() {
    for (name, expect) in ODD_CHAT_API {
        expect(&kept(&format!("chat_api/events/{name}.json")));
    }
    for (name, expect) in ODD_WAMM {
        expect(&kept(&format!("wamm/events/{name}.json")));
    }
}

#[test]
fn unknown_members_of_a_message_are_told() {
    let payload: WebhookEvent = kept("wamm/events/message/same_unknown_fields.json");
    let beside: Vec<_> = payload.unknown().map(|(name, json)| (name, json.get())).collect();
    assert_eq!(beside, [("api_id", "100")]);
    let inside: Vec<_> = payload.unknown_data().map(|(name, json)| (name, json.get())).collect();
    assert_eq!(inside, [("quote_msg_id", "null"), ("forwarded", r#"{"n":1}"#)]);
}

#[test]
fn only_what_is_no_json_is_refused() {
    for body in [&b""[..], b"{", b"tip=msg", b"<html>", b"\xff", b"{} {}"] {
        assert!(WebhookEvents::decode(body).is_err());
        assert!(WebhookEvent::decode(body).is_err());
    }
}
