//! The wamm.chat client on the emulated gateway.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use chatapi_client::line::{Line, Outgoing};
use chatapi_client::wamm::Client;
use chatapi_client::{ErrorKind, File, Outcome};
use chatapi_sandbox::{ChannelHandle, Sandbox};
use chatapi_transport::{Clock, Gateway};
use chatapi_types::wamm::{ChannelFilter, ChannelState, ErrorCode, MessageState, Wamm};
use chatapi_types::{Delivery, Messenger, Phone, Token};

fn setup(messenger: Messenger, dialect: Wamm) -> (Sandbox, ChannelHandle, Client) {
    let sandbox = Sandbox::new();
    let channel = sandbox.add_channel("token", messenger);
    let address = sandbox.wamm_address();
    let gateway = Gateway::new(address, dialect, Token::new("token"), sandbox.clone());
    let client = Client::over(gateway.on_clock(sandbox.clock()));
    (sandbox, channel, client)
}

fn anna() -> Phone {
    "79000000001".parse().unwrap()
}

#[tokio::test]
async fn a_text_is_followed_until_it_is_read_in_both_url_styles() {
    for dialect in [Wamm::query(), Wamm::path()] {
        let (_sandbox, channel, client) = setup(Messenger::WhatsApp, dialect);
        let text = "Привет, мир/100 %?\nновая строка & 😀";
        let sent = client.messages().send_text(anna(), text).send().await.unwrap();
        let outcome = client.messages().track(&sent).until(Delivery::Read).outcome().await.unwrap();
        assert!(outcome.is_reached(), "{outcome:?}");
        assert_eq!(outcome.state().unwrap().word.as_deref(), Some("viewed"));
        assert_eq!(channel.sent()[0].body, text);
        let listed = client.messages().of_chat(anna(), 10).send().await.unwrap();
        let message = listed.messages.known().next().unwrap();
        assert_eq!((message.msg_text.as_str(), &message.state), (text, &MessageState::Viewed));
    }
}

#[tokio::test]
async fn the_longest_text_in_emoji_arrives_whole() {
    for dialect in [Wamm::query(), Wamm::path()] {
        let (sandbox, channel, client) = setup(Messenger::Telegram, dialect);
        let text = "😀".repeat(4500);
        client.messages().send_text("@durov", &*text).send().await.unwrap();
        sandbox.clock().sleep(Duration::from_secs(60)).await;
        assert_eq!(channel.sent()[0].body, text);
        let error = client.messages().send_text(anna(), text + "😀").send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("4501 characters; at most 4500"), "{error}");
    }
}

#[tokio::test]
async fn options_are_checked_and_kept() {
    let (sandbox, channel, client) = setup(Messenger::WhatsApp, Wamm::query());
    let odd = client.messages().send_text(anna(), "hi").delay(17).send().await.unwrap_err();
    assert!(odd.to_string().contains("17 s; only 15, 20, 30"), "{odd}");
    client.messages().send_text(anna(), "late").delay(60).send().await.unwrap();
    sandbox.clock().sleep(Duration::from_secs(50)).await;
    assert_eq!(channel.queue_len(), 1);
    sandbox.clock().sleep(Duration::from_secs(30)).await;
    assert_eq!(channel.queue_len(), 0);
}

#[tokio::test]
async fn the_vendors_words_become_codes() {
    let (sandbox, channel, client) = setup(Messenger::WhatsApp, Wamm::query());
    sandbox.no_account("79000000009");
    let nobody: Phone = "79000000009".parse().unwrap();
    assert!(!client.contacts().check_phone(&nobody).await.unwrap());
    let error = client.messages().send_text(&nobody, "hi").send().await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::NoWhatsApp));
    assert_eq!(error.status(), Some(200));

    let error = client.messages().state(99).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::MsgNotFound));

    channel.state(ChannelState::NotAuthorized);
    let error = client.messages().send_text(anna(), "hi").send().await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::NotAuthorized));

    client.replace_token("wrong");
    let error = client.channels().this().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
}

#[tokio::test]
async fn editing_works_where_the_messenger_allows_it() {
    let (sandbox, channel, client) = setup(Messenger::Telegram, Wamm::query());
    let sent = client.messages().send_text(anna(), "helo").send().await.unwrap();
    sandbox.clock().sleep(Duration::from_secs(30)).await;
    client.messages().edit(&sent.msg_id, "hello").await.unwrap();
    assert_eq!(channel.sent()[0].body, "hello");

    let (_sandbox, _channel, client) = setup(Messenger::WhatsApp, Wamm::query());
    let sent = client.messages().send_text(anna(), "helo").send().await.unwrap();
    let error = client.messages().edit(&sent.msg_id, "hello").await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::WrongMessenger));
}

#[tokio::test]
async fn what_a_messenger_does_not_offer_is_refused_before_it_is_sent() {
    let dialect = Wamm::query().on(Messenger::WhatsApp);
    let (sandbox, _channel, client) = setup(Messenger::WhatsApp, dialect);
    let before = sandbox.journal().len();
    let error = client.messages().edit(1, "hello").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("works on Telegram, Telegram Bot"), "{error}");
    assert_eq!(sandbox.journal().len(), before);
}

#[tokio::test]
async fn channels_tell_their_messenger_and_health() {
    let (_sandbox, channel, client) = setup(Messenger::Telegram, Wamm::query());
    let this = client.channels().this().await.unwrap();
    assert_eq!(this.api_tip.messenger(), Some(Messenger::Telegram));
    assert!(client.health().await.unwrap().can_send);
    channel.state(ChannelState::Blocked);
    let health = client.health().await.unwrap();
    assert!(!health.can_send && !health.heals_itself);
    assert!(health.action.contains("appeal"), "{health:?}");
    let off = client.channels().list().only(ChannelFilter::StatusOff).send().await.unwrap();
    assert_eq!(off.channels.len(), 1);
}

#[tokio::test]
async fn what_the_vendor_cannot_do_is_said_and_not_guessed() {
    let (sandbox, _channel, client) = setup(Messenger::WhatsApp, Wamm::query());
    assert!(!client.capabilities().shows_queue);
    for error in [client.queue().await.unwrap_err(), client.clear_queue().await.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
    let caption = Some("your bill".to_owned());
    let file = Outgoing::file(anna(), File::bytes("a.txt", "a"), caption);
    assert!(client.capabilities().sends_files && !client.capabilities().captions_files);
    let before = sandbox.journal().len();
    let error = client.submit(&file).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("no text under a file"), "{error}");
    assert_eq!(sandbox.journal().len(), before, "nothing was sent");
}

#[tokio::test]
async fn sightings_say_whether_anything_can_have_been_missed() {
    let (sandbox, channel, client) = setup(Messenger::WhatsApp, Wamm::query());
    client.submit(&Outgoing::text(anna(), "one")).await.unwrap();
    sandbox.clock().sleep(Duration::from_secs(30)).await;
    let chat = "79000000001".into();
    let first = client.sightings(Some(&chat), None).await.unwrap();
    assert_eq!(first.items.len(), 1);
    assert!(first.items[0].ours && first.complete);

    channel.contact_writes("79000000001", "thanks");
    let next = client.sightings(Some(&chat), first.cursor.as_ref()).await.unwrap();
    assert_eq!(next.items.len(), 1);
    assert!(!next.items[0].ours && next.complete);
    for number in 0..100 {
        channel.contact_writes("79000000001", &format!("more {number}"));
    }
    let flood = client.sightings(Some(&chat), next.cursor.as_ref()).await.unwrap();
    assert_eq!(flood.items.len(), 100);
    assert!(!flood.complete, "100 are the most that one look shows");
}

#[tokio::test]
async fn a_blocked_account_is_what_the_doctor_finds() {
    let (_sandbox, channel, client) = setup(Messenger::WhatsApp, Wamm::query());
    let healthy = chatapi_client::diagnosis::Examination::new(&client).run().await.unwrap();
    assert!(healthy.is_healthy(), "{healthy}");
    assert_eq!(healthy.waiting, None);
    channel.state(ChannelState::Blocked);
    let ill = chatapi_client::diagnosis::Examination::new(&client).run().await.unwrap();
    assert_eq!(ill.first().unwrap().cause, chatapi_client::Cause::Blocked);
    assert!(matches!(
        client.messages().track("1").within(Duration::from_secs(1)).outcome().await,
        Err(_) | Ok(Outcome::TimedOut { .. })
    ));
}
