//! What the clients make of gateways that answer late, oddly, or not at all.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chatapi_client::chat_api::{Client, MessageStream, Readiness};
use chatapi_client::line::{Content, Line, Outgoing, Proof, Submitted};
use chatapi_client::{ErrorKind, File, Outcome, Tracking, wamm};
use chatapi_sandbox::Sandbox;
use chatapi_transport::{Clock, Fate, Gateway, MockTransport, Response, Transport, TransportError};
use chatapi_types::chat_api::{ChatApi, Message};
use chatapi_types::wamm::Wamm;
use chatapi_types::{Delivery, Item, Phone, Token};
use futures_util::StreamExt;

type Answers = Box<dyn FnMut(&str, &str) -> Option<String> + Send>;

/// A gateway that answers an operation and its query; `None` breaks the connection.
fn wire(answers: impl FnMut(&str, &str) -> Option<String> + Send + 'static) -> MockTransport {
    let answers: Mutex<Answers> = Mutex::new(Box::new(answers));
    let mut gateway = MockTransport::new();
    gateway.expect_exchange().returning(move |request| {
        let wire = request.expose()?;
        let query = wire.uri().query().unwrap_or_default().to_owned();
        let answer = (answers.lock().unwrap())(request.operation(), &query);
        answer.map_or_else(
            || Err(TransportError::other(Fate::NotSent, "no network")),
            |answer| Ok(Response::json(answer)),
        )
    });
    gateway
}

fn client(transport: impl Transport + 'static) -> Client {
    let sandbox = Sandbox::new();
    let gateway =
        Gateway::new(sandbox.address(), ChatApi::path("12345"), Token::new("token"), transport);
    Client::over(gateway.on_clock(sandbox.clock()))
}

fn anna() -> Phone {
    "79000000001".parse().unwrap()
}

fn message(number: u64) -> String {
    format!(
        r#"{{"id":"true_79000000001@c.us_{number}","body":"{number}","fromMe":true,"time":1600000000,
        "chatId":"79000000001@c.us","messageNumber":{number},"type":"chat","ack":"sent"}}"#
    )
}

fn page(messages: &[&str], last: u64) -> String {
    format!(r#"{{"messages":[{}],"lastMessageNumber":{last}}}"#, messages.join(","))
}

fn queue(entry: &str) -> String {
    format!(r#"{{"totalMessages":1,"first100":[{{"id":7,"body":"hi","type":"chat"{entry}}}]}}"#)
}

fn sent() -> Submitted {
    let mut sent = Submitted::from("true_79000000001@c.us_1");
    sent.queue_number = Some(7);
    sent
}

#[tokio::test]
async fn a_message_that_leaves_between_two_reads_is_not_lost() {
    // What is read first is read before the message leaves, what is read second after.
    let asked = Arc::new(Mutex::new(Vec::new()));
    let journal = Arc::clone(&asked);
    let client = client(wire(move |operation, _| {
        let mut asked = journal.lock().unwrap();
        let first = asked.is_empty();
        asked.push(operation.to_owned());
        Some(match (operation, first) {
            ("showMessagesQueue", true) => queue(r#","chatId":"79000000001@c.us""#),
            ("showMessagesQueue", false) => r#"{"totalMessages":0,"first100":[]}"#.to_owned(),
            (_, true) => page(&[], 0),
            (_, false) => page(&[&message(1)], 1),
        })
    }));
    let state = client.state_of(&sent()).await.unwrap();
    assert_eq!((state.delivery, state.proof), (Delivery::Sent, Proof::History));
    asked.lock().unwrap().clear();
    client.state_of(&"true_79000000001@c.us_1".into()).await;
    assert_eq!(*asked.lock().unwrap(), ["messages"], "the queue is not asked for an id");
}

#[tokio::test]
async fn the_history_wins_also_when_the_queue_cannot_be_read() {
    let client =
        client(wire(|operation, _| (operation == "messages").then(|| page(&[&message(1)], 1))));
    assert_eq!(client.state_of(&sent()).await.unwrap().proof, Proof::History);
    let mut other = sent();
    other.id = Some("true_79000000001@c.us_2".into());
    assert!(Line::state(&client, &other).await.is_err());
}

#[tokio::test]
async fn a_queue_number_alone_proves_nothing_unless_it_is_trusted() {
    for (entry, by_itself, trusted) in [
        (r#","chatId":"79000000001@c.us""#, true, true),
        (r#","chatId":"79000000002@c.us""#, false, false),
        ("", false, true),
    ] {
        let client = client(wire(move |operation, _| {
            Some(if operation == "messages" { page(&[], 0) } else { queue(entry) })
        }));
        assert_eq!(client.state_of(&sent()).await.is_some(), by_itself, "{entry}");
        let client = client.trusting_queue_numbers(true);
        assert_eq!(client.state_of(&sent()).await.is_some(), trusted, "{entry}");
    }
}

trait StateOf {
    async fn state_of(&self, message: &Submitted) -> Option<chatapi_client::line::State>;
}

impl StateOf for Client {
    async fn state_of(&self, message: &Submitted) -> Option<chatapi_client::line::State> {
        Line::state(self, message).await.unwrap()
    }
}

const AUTHENTICATED: &str = r#"{"accountStatus":"authenticated"}"#;

/// Answers `status` with these in turn, then with the last for ever.
fn turns(statuses: &'static [&'static str]) -> impl FnMut() -> Option<String> + Send {
    let mut turn = 0;
    move || {
        let status = statuses[turn.min(statuses.len() - 1)];
        turn += 1;
        Some(status.to_owned())
    }
}

#[tokio::test]
async fn what_heals_by_itself_is_waited_for() {
    for substatus in ["phone", "timeout", "computer"] {
        let loading =
            format!(r#"{{"accountStatus":"loading","statusData":{{"substatus":"{substatus}"}}}}"#);
        let mut looks = 0;
        let client = client(wire(move |_, _| {
            looks += 1;
            Some(if looks < 3 { loading.clone() } else { AUTHENTICATED.to_owned() })
        }));
        let ready = client.state().wait_until_ready().run().await.unwrap();
        assert!(ready.is_ready(), "{substatus}: {ready:?}");
    }
}

#[tokio::test]
async fn a_new_qr_code_is_asked_for_again_when_asking_fails() {
    let expired = r#"{"accountStatus":"got qr code","statusData":{"substatus":"expired"}}"#;
    let mut asked = 0;
    let client = client(wire(move |operation, _| match operation {
        "expiry" => {
            asked += 1;
            (asked > 1).then(|| r#"{"result":"ok"}"#.to_owned())
        }
        _ if asked > 1 => Some(AUTHENTICATED.to_owned()),
        _ => Some(expired.to_owned()),
    }));
    let ready = client.state().wait_until_ready().run().await.unwrap();
    assert!(ready.is_ready(), "{ready:?}");

    let client =
        self::client(wire(move |operation, _| (operation != "expiry").then(|| expired.to_owned())));
    let ready = client.state().wait_until_ready().run().await.unwrap();
    assert!(matches!(ready, Readiness::TimedOut(_)), "{ready:?}");
}

#[tokio::test]
async fn a_qr_code_that_the_status_does_not_carry_is_fetched() {
    let mut status = turns(&[
        r#"{"accountStatus":"got qr code"}"#,
        r#"{"accountStatus":"got qr code","qrCode":""}"#,
        r#"{"accountStatus":"got qr code"}"#,
        AUTHENTICATED,
    ]);
    let mut fetched = 0;
    let client = client(wire(move |operation, _| {
        if operation != "qr_code" {
            return status();
        }
        fetched += 1;
        (fetched > 1).then(|| "picture".to_owned())
    }));
    let mut seen = Vec::new();
    let waiting = client.state().wait_until_ready().on_qr(|qr| {
        seen.push((qr.data_uri().starts_with("data:"), qr.image().unwrap()));
    });
    assert!(waiting.run().await.unwrap().is_ready());
    assert_eq!(seen, [(true, b"picture".to_vec())], "shown once, as soon as it is there");
}

/// A stream over pages by cursor, and the cursors that were asked for.
fn stream(
    pages: impl Fn(u64) -> String + Send + 'static,
    from: u64,
) -> (MessageStream, Arc<Mutex<Vec<u64>>>) {
    let cursors = Arc::new(Mutex::new(Vec::new()));
    let asked = Arc::clone(&cursors);
    let client = client(wire(move |_, query| {
        let cursor = query.split('&').find_map(|pair| pair.strip_prefix("lastMessageNumber="));
        let cursor = cursor.unwrap().parse().unwrap();
        let mut asked = asked.lock().unwrap();
        // Endless pages of nothing: fall silent, so that the test ends.
        if asked.len() >= 10 {
            return None;
        }
        asked.push(cursor);
        Some(pages(cursor))
    }));
    (client.messages().since(from), cursors)
}

/// All that a stream yields before its gateway falls silent.
async fn read(stream: MessageStream) -> Vec<String> {
    let items = stream.take_while(|item| std::future::ready(item.is_ok()));
    let text = |item: chatapi_client::Result<Item<Message>>| match item {
        Ok(Item::Known(message)) => message.body,
        Ok(Item::Raw(odd)) => odd.get().to_owned(),
        other => panic!("{other:?}"),
    };
    items.map(text).collect().await
}

#[tokio::test]
async fn the_stream_brings_odd_items_once_and_goes_past_them() {
    const NUMBERED: &str = r#"{"messageNumber":"2","odd":1}"#;
    let (messages, cursors) = stream(
        |cursor| match cursor {
            0 => page(&[&message(3), NUMBERED, r#"{"odd":2}"#, &message(1)], 9),
            3 => page(&[r#"{"odd":2}"#, r#"{"odd":3}"#, r#"{"odd":3}"#], 0),
            other => panic!("{other}"),
        },
        0,
    );
    let read = read(messages).await;
    let expected = [r#"{"odd":2}"#, "1", NUMBERED, "3", r#"{"odd":3}"#, r#"{"odd":3}"#];
    assert_eq!(read, expected, "sorted, nothing lost, nothing twice");
    assert_eq!(cursors.lock().unwrap()[..3], [0, 3, 3], "9 would skip what came meanwhile");
}

#[tokio::test]
async fn a_page_without_any_number_is_passed_by_its_own_cursor() {
    let (messages, cursors) = stream(
        |cursor| match cursor {
            0 => page(&[r#"{"odd":1}"#], 5),
            5 => page(&[&message(6), &message(4)], 6),
            _ => page(&[], 0),
        },
        0,
    );
    assert_eq!(read(messages).await, [r#"{"odd":1}"#, "6"]);
    assert_eq!(cursors.lock().unwrap()[..4], [0, 5, 6, 6]);
}

#[tokio::test]
async fn a_stream_that_gets_another_pace_stays_where_it_is() {
    let (mut messages, cursors) = stream(
        |cursor| if cursor < 2 { page(&[&message(1), &message(2)], 2) } else { page(&[], 2) },
        0,
    );
    let first = messages.next().await.unwrap().unwrap();
    assert!(matches!(first, Item::Known(message) if message.message_number == 1));
    let messages = messages.every(Duration::ZERO);
    assert!(format!("{messages:?}").contains("1ms"), "{messages:?}");
    assert_eq!(read(messages).await, ["2"]);
    assert_eq!(cursors.lock().unwrap()[..2], [0, 2]);
}

#[tokio::test]
async fn any_pace_of_following_is_taken() {
    let nothing = |_: &str, _: &str| Some(page(&[], 0));
    for pace in [Duration::MAX, Duration::ZERO] {
        let client = client(wire(nothing));
        let before = client.gateway().clock().now();
        let tracking = client.messages().track("1").every(pace).within(Duration::from_millis(20));
        let outcome = tracking.outcome().await.unwrap();
        assert!(matches!(outcome, Outcome::TimedOut { last: None, error: None }), "{outcome:?}");
        let waited = client.gateway().clock().now().since(before);
        assert_eq!(waited, Duration::from_millis(20), "{pace:?}");
    }
}

#[tokio::test]
async fn changes_end_with_the_error_that_lasted() {
    let client = client(wire(|_, _| None));
    let changes: Vec<_> = Tracking::new(&client, "1").changes().collect().await;
    assert_eq!(changes.len(), 1);
    assert!(changes[0].as_ref().unwrap_err().is_transient());

    let client = self::client(wire(|_, _| Some(page(&[], 0))));
    assert!(Tracking::new(&client, "1").changes().next().await.is_none());
}

#[tokio::test]
async fn ids_that_are_no_numbers_do_not_reach_back_to_a_cursor() {
    let listing = |ids: &[String]| {
        let message = |id: &String| {
            format!(
                r#"{{"msg_id":"{id}","msg_text":"hi","from_me":1,"phone":"79000000001",
                "tip_msg":"chat","state":"sended","dt_add":"2024-01-01 00:00:00"}}"#
            )
        };
        let messages: Vec<_> = ids.iter().map(message).collect();
        format!(r#"{{"result":"ok","msg_data":[{}]}}"#, messages.join(","))
    };
    let long: Vec<_> = (0..100).map(|n| format!("x{n}")).collect();
    let short = vec!["7".to_owned(), "x".to_owned()];
    let fine = vec!["7".to_owned(), "5".to_owned()];
    for (ids, complete) in [(long, false), (short, false), (fine, true)] {
        let answer = listing(&ids);
        let sandbox = Sandbox::new();
        let transport = wire(move |_, _| Some(answer.clone()));
        let token = Token::new("token");
        let gateway = Gateway::new(sandbox.wamm_address(), Wamm::query(), token, transport);
        let client = wamm::Client::over(gateway);
        let seen = client.sightings(None, Some(&5.into())).await.unwrap();
        assert_eq!(seen.complete, complete, "{}", ids[0]);
        assert_eq!(seen.items.len(), usize::from(ids[0] == "7"));
    }
}

#[test]
fn texts_do_not_show_in_debug() {
    let client = client(MockTransport::new());
    let text = Content::Text("canary".to_owned());
    let file = Outgoing::file(anna(), File::bytes("a.txt", "x"), Some("canary".to_owned()));
    let broadcast = client.messages().broadcast([anna()], "canary");
    let shown = format!("{text:?} {file:?} {broadcast:?}");
    assert!(!shown.contains("canary") && !shown.contains("79000000001"), "{shown}");
    assert!(shown.starts_with("Text(6 B)") && shown.contains("caption of 6 B"), "{shown}");
}

#[test]
fn an_instance_without_a_name_is_refused() {
    for empty in ["", " "] {
        let error = Client::at("https://h.example", empty, "token", MockTransport::new());
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("the instance is empty"), "{error}");
    }
}
