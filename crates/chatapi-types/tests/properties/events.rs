//! Payloads of webhooks: whatever comes, nothing is lost and nothing falls over.

use chatapi_types::chat_api::{self, WebhookEvents};
use chatapi_types::wamm::{self, WebhookEvent};
use chatapi_types::{RawJson, json};
use proptest::prelude::*;

use crate::tree::{Tree, any_json};

/// A canonical wire sample.
fn sample(file: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire");
    std::fs::read_to_string(format!("{folder}/{file}/canonical.json")).unwrap()
}

fn chat_api() -> impl Strategy<Value = Tree> {
    let samples = ["message", "messages", "ack", "acks", "chat_created", "chat_changed"];
    proptest::sample::select(samples.to_vec())
        .prop_map(|name| Tree::parse(&sample(&format!("chat_api/events/{name}"))))
}

fn wamm() -> impl Strategy<Value = Tree> {
    let samples = ["message", "message_of_ours", "state", "state_with_phone"];
    proptest::sample::select(samples.to_vec())
        .prop_map(|name| Tree::parse(&sample(&format!("wamm/events/{name}"))))
}

/// Objects that look like payloads: known and unknown names, right and wrong shapes.
fn lookalike() -> impl Strategy<Value = Tree> {
    let name = prop_oneof![
        4 => proptest::sample::select(vec![
            "messages", "ack", "chatUpdate", "chatUpdates", "instanceId", "channelId", "tip",
            "msg_data",
        ]).prop_map(str::to_owned),
        1 => crate::text(),
    ];
    let message = Tree::parse(&sample("chat_api/messages/page"));
    let message = match message {
        Tree::Object(members) => members[0].1.clone(),
        other => other,
    };
    let value = prop_oneof![
        3 => any_json(),
        1 => Just(message),
        1 => proptest::collection::vec(any_json(), 0..3).prop_map(Tree::List),
        1 => proptest::sample::select(vec!["msg", "msg_state"]).prop_map(Tree::text),
    ];
    proptest::collection::vec((name, value), 0..5).prop_map(Tree::Object)
}

fn read_chat_api(json: &str) -> WebhookEvents {
    let payload = WebhookEvents::decode(json.as_bytes()).unwrap();
    assert_eq!(payload.encode(), json.trim().as_bytes());
    payload
}

fn read_wamm(json: &str) -> WebhookEvent {
    let payload = WebhookEvent::decode(json.as_bytes()).unwrap();
    assert_eq!(payload.encode(), json.trim().as_bytes());
    payload
}

/// Asserts that every part of a payload is an event, a member that is told, or the instance.
fn is_accounted_for(tree: Tree) -> Result<(), TestCaseError> {
    let json = tree.write("");
    let payload = read_chat_api(&json);
    let mut unknown = Vec::new();
    let mut known = 0;
    for event in payload.events() {
        match event {
            chat_api::Event::Unknown(json) => unknown.push(json.get().to_owned()),
            _ => known += 1,
        }
    }
    if known == 0 && unknown == [json.as_str()] {
        return Ok(());
    }
    let Tree::Object(members) = tree else {
        return Err(TestCaseError::fail("anything else is one unknown event"));
    };
    let mut told: Vec<_> = payload.unknown().map(|(name, json)| (name, json.get())).collect();
    // How many events there must be.
    let mut expected = 0;
    for (name, value) in members {
        let written = value.write("");
        if let Some(at) = told.iter().position(|pair| *pair == (&name, &written)) {
            told.remove(at);
            let is_scalar = matches!(value, Tree::Scalar(_));
            let event = Tree::Object(vec![(name, value)]).write("");
            prop_assert!(is_scalar || unknown.contains(&event), "{} in {}", event, json);
            expected += usize::from(!is_scalar);
            continue;
        }
        match value {
            Tree::List(items) => expected += items.len(),
            Tree::Scalar(value) if value == "null" => {}
            Tree::Scalar(_) => prop_assert!(name == "instanceId" || name == "channelId"),
            Tree::Object(_) => prop_assert!(false, "{} is lost in {}", name, json),
        }
    }
    prop_assert_eq!(told, []);
    prop_assert_eq!(known + unknown.len(), expected, "{}", json);
    Ok(())
}

proptest! {
    #[test]
    fn any_json_is_a_payload(tree in any_json(), blank in "[ \n\t]{0,2}") {
        let json = tree.write(&blank);
        read_chat_api(&json);
        let payload = read_wamm(&json);
        prop_assert!(matches!(payload.event(), wamm::Event::Unknown(_)));
    }

    #[test]
    fn lookalikes_lose_nothing(tree in lookalike()) {
        read_wamm(&tree.write(""));
        is_accounted_for(tree)?;
    }

    #[test]
    fn any_bytes_are_coped_with(bytes: Vec<u8>) {
        if let Ok(payload) = WebhookEvents::decode(&bytes) {
            prop_assert_eq!(payload.encode(), bytes.trim_ascii());
        }
        prop_assert_eq!(
            WebhookEvent::decode(&bytes).is_ok(),
            json::from_slice::<RawJson>(&bytes).is_ok()
        );
    }

    #[test]
    fn damaged_payloads_are_accounted_for(
        mut tree in chat_api(), damage in proptest::collection::vec((any::<usize>(), any_json()), 1..4),
    ) {
        for (nth, value) in damage {
            tree.change(nth, |_, _| true, |node| *node = value);
        }
        is_accounted_for(tree)?;
    }

    #[test]
    fn damaged_payloads_of_wamm_are_kept(
        mut tree in wamm(), nth: usize, value in any_json(), blank in " ?",
    ) {
        tree.change(nth, |_, _| true, |node| *node = value);
        read_wamm(&tree.write(&blank));
    }

    #[test]
    fn unknown_members_do_not_change_what_is_understood(
        tree in chat_api(), name in "x_\\PC{0,8}", value in any_json(), at: usize, nth: usize,
    ) {
        let plain = read_chat_api(&tree.write(""));
        let mut fattened = tree;
        let is_object = |_: &str, node: &Tree| matches!(node, Tree::Object(_));
        fattened.change(nth, is_object, |node| {
            if let Tree::Object(members) = node {
                members.insert(at % (members.len() + 1), (name, value));
            }
        });
        let fattened = read_chat_api(&fattened.write(""));
        let known = |payload: &WebhookEvents| {
            let events = payload.events().into_iter();
            events.filter(|event| !matches!(event, chat_api::Event::Unknown(_))).collect::<Vec<_>>()
        };
        prop_assert_eq!(known(&plain), known(&fattened));
        prop_assert_eq!(plain.instance(), fattened.instance());
    }

    #[test]
    fn unknown_members_of_wamm_are_told(
        tree in wamm(), name in "x_\\PC{0,8}", value in any_json(), inside: bool,
    ) {
        let plain = read_wamm(&tree.write(""));
        let Tree::Object(mut members) = tree else { unreachable!() };
        match &mut members[1].1 {
            Tree::Object(data) if inside => data.push((name.clone(), value.clone())),
            _ => members.push((name.clone(), value.clone())),
        }
        let fattened = read_wamm(&Tree::Object(members).write(""));
        prop_assert_eq!(plain.event(), fattened.event());
        let expected = value.write("");
        let expected = vec![(name.as_str(), expected.as_str())];
        let told = |inner: bool| -> Vec<(String, String)> {
            let pair = |(name, json): (&str, &RawJson)| (name.to_owned(), json.get().to_owned());
            match inner {
                true => fattened.unknown_data().map(pair).collect(),
                false => fattened.unknown().map(pair).collect(),
            }
        };
        let here = told(inside);
        let here: Vec<_> = here.iter().map(|(name, json)| (name.as_str(), json.as_str())).collect();
        prop_assert_eq!(here, expected);
        prop_assert!(told(!inside).is_empty());
    }

    #[test]
    fn what_is_made_here_comes_back(tree in chat_api()) {
        let payload = read_chat_api(&tree.write("")).canonical();
        let mut made = WebhookEvents::new(payload.instance().unwrap().clone());
        for event in payload.events() {
            made = match event {
                chat_api::Event::Message(message) => made.messages([*message]),
                chat_api::Event::Ack(ack) => made.acks([ack]),
                chat_api::Event::ChatUpdate(update) => made.chat_updates([*update]),
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            };
        }
        prop_assert_eq!(made.encode(), tree.write("").into_bytes());
        prop_assert_eq!(made, payload);
    }
}
