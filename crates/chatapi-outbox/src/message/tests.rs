use chatapi_client::line::{Content as Sent, Link};
use chatapi_types::Phone;
use proptest::prelude::*;

use super::*;

fn anna() -> Phone {
    "79000000001".parse().unwrap()
}

const CARD: &str = "BEGIN:VCARD\nVERSION:3.0\nFN:Boris\nEND:VCARD";

/// One of each.
fn all() -> Vec<Message> {
    let boris: Phone = "79000000002".parse().unwrap();
    vec![
        Message::text(anna(), "secret"),
        Message::file(anna(), "secret.pdf", "a bill", Some("secret".to_owned())),
        Message::file_at(anna(), "secret.pdf", "https://example.com/secret", None),
        Message::location(anna(), 55.7539, -37.62, Some("secret".to_owned())),
        Message::contact(anna(), boris),
        Message::contact(anna(), Contact::card(CARD)),
        Message::link(anna(), "https://example.com/secret", "secret", "p.png", "picture")
            .saying("secret")
            .describing("secret"),
    ]
}

fn hex(bytes: [u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_kind_is_stored_and_sent_as_it_was_said() {
    for message in all() {
        message.check().unwrap();
        let json = message.body.to_json().unwrap();
        assert!(json.starts_with(&format!(r#"{{"kind":"{}""#, message.body.word())), "{json}");
        let body = Body::from_json(&json).unwrap();
        assert_eq!(body, message.body);
        let bytes = message.blob.as_ref().map(|blob| blob.bytes.clone());
        let outgoing = body.outgoing(&message.chat(), bytes).unwrap();
        assert_eq!(outgoing.to, anna().into(), "a phone creates the chat");
        assert_eq!(outgoing.content.kind(), message.kind());
        match outgoing.content {
            Sent::Text(text) => assert_eq!(text, "secret"),
            Sent::File { file, caption } => match file.address() {
                None => {
                    assert_eq!(file.body(), "data:application/pdf;base64,YSBiaWxs");
                    assert_eq!((file.name(), caption.as_deref()), ("secret.pdf", Some("secret")));
                }
                Some(address) => assert_eq!(address, "https://example.com/secret"),
            },
            Sent::Location { latitude, longitude, address } => {
                assert_eq!((latitude, longitude), (55.7539, -37.62));
                assert_eq!(address.as_deref(), Some("secret"));
            }
            Sent::Contact(Contact::Card(card)) => assert_eq!(card, CARD),
            Sent::Contact(contact) => {
                assert_eq!(contact, "79000000002".parse::<Phone>().unwrap().into());
            }
            Sent::Link(Link { address, picture, text, description, .. }) => {
                assert_eq!(
                    (&*address, text.as_deref()),
                    ("https://example.com/secret", Some("secret"))
                );
                assert_eq!(description.as_deref(), Some("secret"));
                assert_eq!(picture.body(), "data:image/png;base64,cGljdHVyZQ==");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_file_is_never_sent_with_other_bytes() {
    let message = Message::file(anna(), "bill.pdf", "a bill", None);
    assert_eq!(message.body.to_content(None), Err(BadBody::NoFile));
    assert_eq!(message.body.to_content(Some("another".into())), Err(BadBody::OtherFile));
    let mut mixed = message.clone();
    mixed.blob = Some(Blob::new("another".into()));
    assert_eq!(mixed.check().unwrap_err().field(), "blob");
    mixed.blob = None;
    assert_eq!(mixed.check().unwrap_err().field(), "blob");
    let mut text = Message::text(anna(), "hi");
    text.blob = message.blob;
    assert_eq!(text.check().unwrap_err().field(), "blob");
}

#[test]
fn nothing_that_is_said_is_shown() {
    for message in all() {
        let shown = format!("{message:?}");
        assert!(shown.ends_with("to 790…01@c.us)"), "{shown}");
        for hidden in ["secret", "000000", "55.7", "37.6", "Boris"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }
    let unread = Body::from_json(r#"{"kind":"secret","text":"secret"}"#).unwrap_err();
    assert_eq!(unread, BadBody::Unreadable { column: 16 });
    assert!(!unread.to_string().contains("secret"));
}

#[test]
fn what_cannot_be_sent_is_refused_before_it_is_stored() {
    let group: ChatId = "79000000001-1600000000@g.us".into();
    let at = UnixMillis::from_millis;
    let text = || Message::text(anna(), "hi");
    let way = NotDelivered::Reroute(Route::Group("".into()));
    for (message, field) in [
        (Message::text(anna(), " \n"), "text"),
        (Message::text(ChatId::from(""), "hi"), "to"),
        (Message::text(ChatId::from("Anna Petrova"), "hi"), "to"),
        (Message::text(ChatId::from("anna@c.us"), "hi"), "to"),
        (Message::text(ChatId::from("\u{0}1"), "hi"), "to"),
        (Message::file(anna(), "bill.pdf", "", None), "file"),
        (Message::file(anna(), "bill", "x", None), "file"),
        (Message::file(anna(), "../bill.pdf", "x", None), "file"),
        (Message::file_at(anna(), "bill.pdf", "ftp://example.com/a", None), "address"),
        (Message::file_at(anna(), "bill.pdf", "https://example.com/a b", None), "address"),
        (Message::file_at(anna(), "", "https://example.com/a", None), "name"),
        (Message::location(anna(), f64::NAN, 0.0, None), "latitude"),
        (Message::location(anna(), 0.0, 180.5, None), "longitude"),
        (Message::location(anna(), 0.0, 0.0, Some(String::new())), "address"),
        (Message::contact(anna(), group), "contact"),
        (Message::contact(anna(), Contact::card("Boris")), "contact"),
        (Message::link(anna(), "example.com", "t", "p.png", "x"), "address"),
        (Message::link(anna(), "https://example.com", "", "p.png", "x"), "title"),
        (Message::link(anna(), "https://example.com", "t", "p.png", ""), "picture"),
        (text().namespace("a\nb"), "namespace"),
        (text().label(""), "label"),
        (text().order_key("x".repeat(256)), "order_key"),
        (text().through(""), "route"),
        (text().not_before(at(5)).expires_at(at(5)), "expires_at"),
        (text().deliver_within(Duration::ZERO, NotDelivered::Tell), "deliver_within"),
        (text().deliver_within(Duration::from_secs(1), way), "deliver_within"),
    ] {
        let error = message.check().unwrap_err();
        assert_eq!(error.field(), field, "{message:?}: {error}");
        assert!(error.to_string().ends_with("; nothing was enqueued"), "{error}");
    }
    assert!(text().order_key("x".repeat(255)).not_before(at(5)).expires_at(at(6)).check().is_ok());
    assert!(Message::text(ChatId::from("@durov"), "hi").check().is_ok(), "a nickname");
}

#[test]
fn keys_are_short_names() {
    assert!(Key::new("k").is_ok() && Key::new("x".repeat(255)).is_ok());
    assert_eq!(Key::try_from("ключ 1").unwrap().to_string(), "ключ 1");
    for bad in [String::new(), "x".repeat(256), "a\0b".to_owned()] {
        assert_eq!(Key::new(bad).unwrap_err().field(), "key");
    }
}

#[test]
fn what_was_said_is_taken_in_as_it_was_said() {
    let message = Message::file(anna(), "bill.pdf", "a bill", None)
        .namespace("shop")
        .label("bills")
        .priority(-3)
        .order_key("anna")
        .not_before(UnixMillis::from_millis(2_000))
        .expires_at(UnixMillis::from_millis(9_000))
        .on_doubt(OnDoubt::Hold)
        .wipe(Wipe::Content)
        .deliver_within(Duration::from_secs(60), NotDelivered::Reroute(Route::Line("b".into())));
    let hash = message.content_hash();
    let otherwise = Route::Group("all".into());
    let now = UnixMillis::from_millis(1_000);
    let new = message.clone().into_new(Key::new("k").unwrap(), &otherwise, now).unwrap();
    assert_eq!((&*new.namespace, &*new.key, new.content_hash), ("shop", "k", hash));
    assert_eq!(new.route, otherwise);
    assert_eq!((new.chat.as_str(), new.look), ("79000000001@c.us", message.look()));
    assert_eq!((new.label.as_deref(), new.priority), (Some("bills"), -3));
    assert_eq!(new.order_key.as_deref(), Some("anna"));
    assert_eq!(new.not_before.map(UnixMillis::as_millis), Some(2_000));
    assert_eq!(new.expires_at.map(UnixMillis::as_millis), Some(9_000));
    assert_eq!((new.on_doubt, new.wipe), (Some(OnDoubt::Hold), Wipe::Content));
    let watch = Watch::new(UnixMillis::from_millis(61_000), Some(Route::Line("b".into())));
    assert_eq!(new.watch, Some(watch));
    assert!(new.is_file && new.unchecked, "whether Anna has an account is to be asked");
    assert_eq!(Body::from_json(&new.content.body).unwrap(), message.body);
    assert_eq!(new.content.blob.unwrap().bytes, "a bill");

    let own = message.through("a").unchecked();
    let new = own.into_new(Key::new("k").unwrap(), &otherwise, now).unwrap();
    assert_eq!(new.route, Route::Line("a".into()));
    assert!(!new.unchecked && new.content_hash != hash);
    let bad = Message::text(anna(), "").into_new(Key::new("k").unwrap(), &otherwise, now);
    assert_eq!(bad.unwrap_err().field(), "text");
}

#[test]
fn only_what_can_be_found_out_is_checked() {
    let needs: Vec<_> = all().iter().map(Message::needs_check).collect();
    assert_eq!(needs, [false, true, true, true, true, true, true]);
    let group = ChatId::from("79000000001-1600000000@g.us");
    assert!(!Message::file(&group, "a.pdf", "x", None).needs_check());
    assert!(Message::file_at(&group, "a.pdf", "https://example.com/a.pdf", None).needs_check());
}

/// Computed from the words of [`Message::content_hash`] by another program. They stand in databases:
/// whoever changes them makes every repeated key a conflict.
#[test]
fn the_hash_of_what_was_said_never_changes() {
    let full = Message::file(anna(), "bill.pdf", "a bill", Some("yours".to_owned()))
        .namespace("no part of it")
        .label("bills")
        .priority(-3)
        .order_key("anna")
        .through("a")
        .not_before(UnixMillis::from_millis(1_600_000_000_000))
        .expires_at(UnixMillis::from_millis(1_600_000_060_000))
        .on_doubt(OnDoubt::AtLeastOnce)
        .wipe(Wipe::Content)
        .deliver_within(Duration::from_secs(60), NotDelivered::Reroute(Route::Group("b".into())))
        .unchecked();
    let place = Message::location(anna(), 55.7539, -37.62, None).any_of("sales");
    for (message, expected) in [
        (
            Message::text(anna(), "Привет"),
            "5e6c2c9bb68914dd5521b306423bf550b5c3ef4576b2b9557ffc75a921e99c68",
        ),
        (full, "717ec8454025c2408ff853c9f1b2af2e890d98ed83caeb9ab0cfce3200a7f85b"),
        (place, "b68456ad0ff534c6a2a28a3907371250b6e5997d43538ead0e85ee19577b0846"),
    ] {
        assert_eq!(hex(message.content_hash()), expected, "{message:?}");
    }
}

#[test]
fn whatever_is_said_otherwise_is_another_content() {
    let text = || Message::text(anna(), "hi");
    let at = UnixMillis::from_millis(1);
    let soon = Duration::from_secs(1);
    let reroute = |route| text().deliver_within(soon, NotDelivered::Reroute(route));
    let mut others = all();
    others.extend([
        text(),
        Message::text("79000000002".parse::<Phone>().unwrap(), "hi"),
        text().label("l"),
        text().priority(1),
        text().order_key("l"),
        text().through("l"),
        text().any_of("l"),
        text().not_before(at),
        text().expires_at(at),
        text().on_doubt(OnDoubt::ProveThenResend),
        text().on_doubt(OnDoubt::Hold),
        text().wipe(Wipe::Content),
        text().deliver_within(soon, NotDelivered::Tell),
        reroute(Route::Line("l".into())),
        reroute(Route::Group("l".into())),
        text().unchecked(),
        Message::file(anna(), "a.pdf", "x", None),
        Message::file(anna(), "b.pdf", "x", None),
        Message::file(anna(), "a.pdf", "y", None),
        Message::file(anna(), "a.pdf", "x", Some(String::new())),
    ]);
    let hashes: std::collections::BTreeSet<_> = others.iter().map(Message::content_hash).collect();
    assert_eq!(hashes.len(), others.len());
    // The same, said otherwise.
    let chat = ChatId::from("79000000001@c.us");
    assert_eq!(Message::text(chat, "hi").namespace("n").content_hash(), text().content_hash());
    let zero = |zero| Message::location(anna(), zero, 0.0, None).content_hash();
    assert_eq!(zero(0.0), zero(-0.0));
}

fn bodies() -> impl Strategy<Value = Body> {
    let degrees =
        || prop_oneof![any::<f64>().prop_filter("numbers", |d| d.is_finite()), -180.0..180.0];
    let maybe = || proptest::option::of(any::<String>());
    let file = || {
        (any::<String>(), any::<Vec<u8>>())
            .prop_map(|(name, bytes)| Stored::new(name, &Blob::new(bytes.into())))
    };
    prop_oneof![
        any::<String>().prop_map(|text| Body::Text { text }),
        (file(), maybe()).prop_map(|(file, caption)| Body::File { file, caption }),
        (any::<String>(), any::<String>(), maybe())
            .prop_map(|(name, address, caption)| Body::FileAt { name, address, caption }),
        (degrees(), degrees(), maybe()).prop_map(|(latitude, longitude, address)| {
            Body::Location { latitude, longitude, address }
        }),
        any::<String>().prop_map(|account| Body::Contact { account: account.into() }),
        any::<String>().prop_map(|vcard| Body::Card { vcard }),
        (any::<String>(), any::<String>(), file(), maybe(), maybe()).prop_map(
            |(address, title, picture, description, text)| {
                Body::Link { address, title, picture, description, text }
            }
        ),
    ]
}

proptest! {
    #[test]
    fn what_is_stored_is_read_as_it_was(body in bodies()) {
        let json = body.to_json().unwrap();
        prop_assert_eq!(&Body::from_json(&json).unwrap(), &body);
        // No half of it is taken for something else.
        prop_assert!(Body::from_json(&json[..json.len() - 1]).is_err());
    }
}
