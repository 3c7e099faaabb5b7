//! What is found of messages of every kind in the records of both emulated gateways.

use std::collections::BTreeSet;
use std::time::Duration;

use chatapi_client::line::{Contact, Kind, Line, Sighting, Submitted};
use chatapi_client::{Gateway, chat_api, wamm};
use chatapi_sandbox::Sandbox;
use chatapi_transport::Clock as _;
use chatapi_types::chat_api::ChatApi;
use chatapi_types::wamm::Wamm;
use chatapi_types::{Messenger, Phone, Token};

use super::*;
use crate::record::{OutboxId, Route};
use crate::store::Ledger;
use crate::{Key, Message};

fn anna() -> Phone {
    "79000000001".parse().unwrap()
}

/// One of each, and how else each may look to who only sees kind and chat.
fn all() -> Vec<Message> {
    let card = Contact::card("BEGIN:VCARD\nVERSION:3.0\nFN:Boris\nEND:VCARD");
    let png: &[u8] = &[0x89, b'P', b'N', b'G'];
    vec![
        Message::text(anna(), "hi"),
        Message::file(anna(), "bill.pdf", "a bill", Some("yours".to_owned())),
        Message::location(anna(), 55.7539, -37.62, None),
        Message::contact(anna(), "79000000002".parse::<Phone>().unwrap()),
        Message::contact(anna(), card),
        Message::link(anna(), "https://example.com/sale", "Sale", "p.png", png).saying("Now:"),
    ]
}

fn chat_api() -> (Sandbox, Box<dyn Line>) {
    let sandbox = Sandbox::new();
    sandbox.add_instance("12345", "token");
    let token = Token::new("token");
    let gateway = Gateway::new(sandbox.address(), ChatApi::path("12345"), token, sandbox.clone());
    let client = chat_api::Client::over(gateway.on_clock(sandbox.clock()));
    (sandbox, Box::new(client))
}

fn record_of(message: &Message) -> Record {
    let (mut ledger, now) = (Ledger::default(), UnixMillis::from_millis(0));
    let route = Route::Line("phone".into());
    let new = message.clone().into_new(Key::new("k").unwrap(), &route, now).unwrap();
    let id = ledger.enqueue(new, OutboxId::new(now, 1), now).unwrap().id;
    ledger.message(id).unwrap().clone()
}

async fn submit(line: &dyn Line, message: &Message) -> Submitted {
    let bytes = message.blob.as_ref().map(|blob| blob.bytes.clone());
    line.submit(&message.body.outgoing(&message.chat(), bytes).unwrap()).await.unwrap()
}

/// All that the line shows after a place in its history.
async fn seen(line: &dyn Line, since: &Sightings) -> Observation {
    let history = line.sightings(None, since.cursor.as_ref()).await.unwrap();
    Observation {
        at: UnixMillis::from_millis(0),
        history: Some(history),
        queue: line.queue().await.ok(),
        well: true,
    }
}

#[tokio::test]
async fn every_kind_is_found_where_it_is_and_absent_where_it_is_not() {
    for message in all() {
        let (sandbox, line) = chat_api();
        let record = record_of(&message);
        // Something of ours, so that there is a place to look from.
        submit(&*line, &Message::text(anna(), "before")).await;
        sandbox.clock().sleep(Duration::from_secs(120)).await;
        let start = line.sightings(None, None).await.unwrap();
        let nothing = seen(&*line, &start).await;
        assert_eq!(find(&record, &nothing, |_| false), Finding::Absent, "{message:?}");

        let submitted = submit(&*line, &message).await;
        let waiting = find(&record, &seen(&*line, &start).await, |_| false);
        match message.kind() {
            Kind::Text => assert!(matches!(waiting, Finding::Waits(_)), "{waiting:?}"),
            // In a queue it cannot be told from another of its kind.
            _ => assert!(matches!(waiting, Finding::Inconclusive(_)), "{message:?} {waiting:?}"),
        }
        sandbox.clock().sleep(Duration::from_secs(120)).await;
        let after = seen(&*line, &start).await;
        let id = submitted.id.unwrap();
        assert_eq!(find(&record, &after, |_| false), Finding::Found(id.clone()), "{message:?}");
        // What is known to be another of ours is not this one.
        let finding = find(&record, &after, |claimed| *claimed == id);
        assert_eq!(finding, Finding::Absent, "{message:?}");
    }
}

#[tokio::test]
async fn of_two_that_look_alike_none_is_adopted_unless_their_content_is_told() {
    for message in all() {
        let (sandbox, line) = chat_api();
        submit(&*line, &Message::text(anna(), "before")).await;
        sandbox.clock().sleep(Duration::from_secs(120)).await;
        let start = line.sightings(None, None).await.unwrap();
        let mut ids = BTreeSet::new();
        for _ in 0..2 {
            ids.insert(submit(&*line, &message).await.id.unwrap());
            sandbox.clock().sleep(Duration::from_secs(120)).await;
        }
        let (record, seen) = (record_of(&message), seen(&*line, &start).await);
        match (message.kind(), find(&record, &seen, |_| false)) {
            (Kind::Text, Finding::Found(id)) => assert!(ids.contains(&id)),
            (Kind::Text, other) => panic!("{other:?}"),
            (_, finding) => assert_eq!(finding, Finding::Ambiguous(2), "{message:?}"),
        }
        // Once one of them has a name, the other is it.
        let (first, last) = (ids.first().unwrap(), ids.last().unwrap());
        let finding = find(&record, &seen, |claimed| claimed == first);
        assert_eq!(finding, Finding::Found(last.clone()), "{message:?}");
    }
}

#[tokio::test]
async fn other_kinds_and_other_chats_are_not_taken_for_it() {
    for message in all() {
        let record = record_of(&message);
        for other in all() {
            if other.kind() == message.kind() {
                continue;
            }
            let (sandbox, line) = chat_api();
            submit(&*line, &Message::text(anna(), "before")).await;
            sandbox.clock().sleep(Duration::from_secs(120)).await;
            let start = line.sightings(None, None).await.unwrap();
            submit(&*line, &other).await;
            sandbox.clock().sleep(Duration::from_secs(120)).await;
            let finding = find(&record, &seen(&*line, &start).await, |_| false);
            match (message.kind(), other.kind()) {
                // A text of ours that nobody claims may be the link in the gateway's words.
                (Kind::Link, Kind::Text) => {
                    assert!(matches!(finding, Finding::Inconclusive(_)), "{finding:?}");
                }
                _ => assert_eq!(finding, Finding::Absent, "{message:?} and {other:?}"),
            }
        }
        let mut elsewhere = message.clone();
        elsewhere.to = "79000000009".parse::<Phone>().unwrap().into();
        let (sandbox, line) = chat_api();
        submit(&*line, &Message::text(anna(), "before")).await;
        sandbox.clock().sleep(Duration::from_secs(120)).await;
        let start = line.sightings(None, None).await.unwrap();
        submit(&*line, &elsewhere).await;
        let waiting = seen(&*line, &start).await;
        assert_eq!(find(&record, &waiting, |_| false), Finding::Absent, "{message:?}");
        sandbox.clock().sleep(Duration::from_secs(120)).await;
        let after = seen(&*line, &start).await;
        assert_eq!(find(&record, &after, |_| false), Finding::Absent, "{message:?}");
    }
}

#[test]
fn what_has_no_known_kind_is_neither_adopted_nor_taken_for_absent() {
    for message in all() {
        let record = record_of(&message);
        let odd = Sighting::new("1", message.chat(), true, Kind::Other, "?");
        let mut history = Sightings::default();
        history.items = vec![odd];
        history.complete = true;
        let mut queue = Queue::default();
        queue.complete = true;
        let at = UnixMillis::from_millis(0);
        let seen = Observation { at, history: Some(history), queue: Some(queue), well: true };
        let finding = find(&record, &seen, |_| false);
        match message.kind() {
            Kind::Text => assert_eq!(finding, Finding::Absent),
            _ => assert!(matches!(finding, Finding::Inconclusive(_)), "{message:?} {finding:?}"),
        }
    }
}

/// wamm.chat writes chats without what follows the `@`, and shows no queue: what is there is found,
/// what is not there is never proven absent.
#[tokio::test]
async fn on_wamm_what_it_sends_is_found_and_nothing_is_proven_absent() {
    for message in all().into_iter().take(2) {
        let sandbox = Sandbox::new();
        sandbox.add_channel("token", Messenger::WhatsApp);
        let token = Token::new("token");
        let gateway = Gateway::new(sandbox.wamm_address(), Wamm::query(), token, sandbox.clone());
        let line = wamm::Client::over(gateway.on_clock(sandbox.clock()));
        let mut message = message;
        if let crate::Body::File { caption, .. } = &mut message.body {
            *caption = None;
        }
        let record = record_of(&message);
        submit(&line, &Message::text(anna(), "before")).await;
        sandbox.clock().sleep(Duration::from_secs(120)).await;
        let start = line.sightings(Some(&record.chat), None).await.unwrap();
        assert_eq!(start.items.len(), 1, "the chat is found by its name here");
        let before = find(&record, &seen(&line, &start).await, |_| false);
        assert!(matches!(before, Finding::Inconclusive(_)), "{before:?}");
        let id = submit(&line, &message).await.id;
        sandbox.clock().sleep(Duration::from_secs(120)).await;
        let finding = find(&record, &seen(&line, &start).await, |_| false);
        match (finding, id) {
            (Finding::Found(found), Some(id)) => assert_eq!(found, id),
            (Finding::Found(_), None) => assert_eq!(message.kind(), Kind::File),
            (other, _) => panic!("{message:?}: {other:?}"),
        }
    }
}
