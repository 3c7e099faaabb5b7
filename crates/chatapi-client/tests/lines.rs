//! Every kind of content, through both vendors' lines.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use chatapi_client::line::{Contact, Kind, Line, Link, Outgoing, Sighting};
use chatapi_client::{ErrorKind, File, chat_api, wamm};
use chatapi_sandbox::Sandbox;
use chatapi_transport::{Clock, Gateway, MockTransport, Response};
use chatapi_types::chat_api::ChatApi;
use chatapi_types::wamm::Wamm;
use chatapi_types::{ChatId, Messenger, Phone, Token};

fn anna() -> Phone {
    "79000000001".parse().unwrap()
}

fn picture() -> File {
    File::bytes("preview.png", [0x89, b'P', b'N', b'G'])
}

/// One of each, with what the emulated Chat API makes of it: kind, body, caption.
fn all() -> Vec<(Outgoing, Kind, &'static str, Option<&'static str>)> {
    let boris: Phone = "79000000002".parse().unwrap();
    let card = "BEGIN:VCARD\nVERSION:3.0\nFN:Boris\nEND:VCARD";
    let link = Link::new("https://example.com/sale", "Sale", picture()).description("50 %");
    let place = |address: Option<&str>| {
        Outgoing::location(anna(), 55.7539, -37.5, address.map(str::to_owned))
    };
    vec![
        (Outgoing::text(anna(), "hi"), Kind::Text, "hi", None),
        (
            place(Some("Red Square\nMoscow")),
            Kind::Location,
            "55.7539;-37.5",
            Some("Red Square\nMoscow"),
        ),
        (place(None), Kind::Location, "55.7539;-37.5", Some("55.7539, -37.5")),
        (Outgoing::contact(anna(), &boris), Kind::Contact, "+79000000002", None),
        (Outgoing::contact(anna(), Contact::card(card)), Kind::Contact, "FN:Boris", None),
        // The emulator writes a link as a text, as the vendor may.
        (Outgoing::link(anna(), link.clone()), Kind::Text, "https://example.com/sale", None),
        (
            Outgoing::link(anna(), link.text("Now:")),
            Kind::Text,
            "Now:\nhttps://example.com/sale",
            None,
        ),
    ]
}

#[tokio::test]
async fn every_kind_goes_through_chat_api_and_is_told_apart_in_queue_and_history() {
    for (outgoing, kind, body, caption) in all() {
        let sandbox = Sandbox::new();
        let instance = sandbox.add_instance("12345", "token");
        let gateway = Gateway::new(
            sandbox.address(),
            ChatApi::path("12345"),
            Token::new("token"),
            sandbox.clone(),
        );
        let client = chat_api::Client::over(gateway.on_clock(sandbox.clock()));
        let line: &dyn Line = &client;
        assert!(line.capabilities().sends(outgoing.content.kind()));

        let start = line.sightings(None, None).await.unwrap().cursor;
        let submitted = line.submit(&outgoing).await.unwrap();
        let queue = line.queue().await.unwrap();
        assert_eq!((queue.items[0].kind, queue.total), (kind, 1), "{outgoing:?}");
        assert!(queue.items[0].body.contains(body), "{outgoing:?}");

        sandbox.clock().sleep(Duration::from_secs(120)).await;
        let sightings = line.sightings(None, start.as_ref()).await.unwrap();
        let [Sighting { id, kind: seen, body: says, caption: under, ours: true, .. }] =
            &sightings.items[..]
        else {
            unreachable!("{sightings:?}")
        };
        assert_eq!((Some(id), *seen), (submitted.id.as_ref(), kind), "{outgoing:?}");
        assert!(says.contains(body), "{outgoing:?}");
        assert_eq!(under.as_deref(), caption, "{outgoing:?}");
        assert_eq!(instance.sent().len(), 1);
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_it_is_sent() {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("12345", "token");
    let gateway = Gateway::new(
        sandbox.address(),
        ChatApi::path("12345"),
        Token::new("token"),
        sandbox.clone(),
    );
    let client = chat_api::Client::over(gateway);
    let elsewhere =
        Link::new("https://example.com", "Sale", File::url("https://example.com/p.png"));
    for (outgoing, words) in [
        (Outgoing::location(anna(), 91.0, 0.0, None), "`lat`"),
        (Outgoing::location(anna(), 0.0, f64::NAN, None), "`lng`"),
        (Outgoing::location(anna(), 0.0, 0.0, Some("1\n2\n3".to_owned())), "`address`"),
        (Outgoing::contact(anna(), ChatId::from("7900-16@g.us")), "`contactId`"),
        (Outgoing::contact(anna(), Contact::card("Boris")), "`vcard`"),
        (Outgoing::link(anna(), Link::new("example.com", "Sale", picture())), "`body`"),
        (Outgoing::link(anna(), Link::new("https://example.com", "", picture())), "`title`"),
        (Outgoing::link(anna(), elsewhere), "`previewBase64`"),
    ] {
        let error = client.submit(&outgoing).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        assert!(error.to_string().contains(words) && !error.may_have_taken_effect(), "{error}");
    }
    assert!(instance.sent().is_empty());
    assert_eq!(Line::queue(&client).await.unwrap().total, 0);
}

#[tokio::test]
async fn wamm_says_what_it_lacks_and_sends_nothing_instead() {
    let sandbox = Sandbox::new();
    let channel = sandbox.add_channel("token", Messenger::WhatsApp);
    let gateway =
        Gateway::new(sandbox.wamm_address(), Wamm::query(), Token::new("token"), sandbox.clone());
    let client = wamm::Client::over(gateway.on_clock(sandbox.clock()));
    for (outgoing, ..) in all() {
        let kind = outgoing.content.kind();
        match (client.capabilities().sends(kind), client.submit(&outgoing).await) {
            (sends, Ok(_)) => assert!(sends && kind == Kind::Text, "{outgoing:?}"),
            (sends, Err(error)) => {
                assert!(!sends && error.kind() == ErrorKind::Unsupported, "{error}");
                assert!(
                    !error.may_have_taken_effect() && error.to_string().contains(" text"),
                    "{error}"
                );
            }
        }
    }
    sandbox.clock().sleep(Duration::from_secs(120)).await;
    assert_eq!(channel.sent().len(), 1, "the text only");
    // A chat as Chat API writes it is the same chat.
    let seen = client.sightings(Some(&(&anna()).into()), None).await.unwrap();
    assert_eq!(seen.items.len(), 1);
    assert_eq!((seen.items[0].kind, seen.items[0].body.as_str()), (Kind::Text, "hi"));
}

/// A gateway that says one thing.
fn saying(answer: String) -> MockTransport {
    let mut gateway = MockTransport::new();
    gateway.expect_exchange().returning(move |_| Ok(Response::json(answer.clone())));
    gateway
}

async fn kinds_seen(line: &dyn Line) -> Vec<Kind> {
    let seen = line.sightings(None, None).await.unwrap();
    seen.items.into_iter().map(|sighting| sighting.kind).collect()
}

#[tokio::test]
async fn the_kinds_on_the_wire_are_told_apart() {
    let words = [
        ("chat", Kind::Text),
        ("image", Kind::File),
        ("ptt", Kind::File),
        ("document", Kind::File),
        ("location", Kind::Location),
        ("vcard", Kind::Contact),
        ("multi_vcard", Kind::Contact),
        ("call_log", Kind::Other),
        ("poll", Kind::Other),
    ];
    let messages = words.iter().zip(1..).map(|((word, _), number)| {
        format!(
            r#"{{"id":"true_79000000001@c.us_{number}","body":"x","fromMe":true,
            "time":1600000000,"chatId":"79000000001@c.us","messageNumber":{number},
            "type":"{word}"}}"#
        )
    });
    let messages = messages.collect::<Vec<_>>().join(",");
    let page = format!(r#"{{"messages":[{messages}],"lastMessageNumber":9}}"#);
    let address = Sandbox::new().address();
    let gateway = Gateway::new(address, ChatApi::path("1"), Token::new("token"), saying(page));
    let seen = kinds_seen(&chat_api::Client::over(gateway)).await;
    assert_eq!(seen, words.map(|(_, kind)| kind));

    let words = [
        ("textMessage", "null", Kind::Text),
        ("extendedTextMessage", "null", Kind::Text),
        ("textMessage", r#""https://example.com/a.png""#, Kind::File),
        ("imageMessage", "null", Kind::File),
        ("locationMessage", "null", Kind::Location),
        ("contactMessage", "null", Kind::Contact),
        ("pollMessage", "null", Kind::Other),
    ];
    let messages = words.iter().zip(1..).map(|((word, link, _), id)| {
        format!(
            r#"{{"msg_id":"{id}","from_me":1,"phone":"79000000001","chat_name":"N",
            "tip_msg":"{word}","msg_text":"x","msg_link":{link},
            "date_ins":"2023-05-24 12:35:29","state":"sended"}}"#
        )
    });
    // Newest first.
    let mut messages = messages.collect::<Vec<_>>();
    messages.reverse();
    let history = format!(r#"{{"err":0,"msg_data":[{}]}}"#, messages.join(","));
    let address = Sandbox::new().wamm_address();
    let gateway = Gateway::new(address, Wamm::query(), Token::new("token"), saying(history));
    let seen = kinds_seen(&wamm::Client::over(gateway)).await;
    assert_eq!(seen, words.map(|(_, _, kind)| kind));
}
