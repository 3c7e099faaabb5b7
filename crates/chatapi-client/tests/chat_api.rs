//! The Chat API client on the emulated gateway.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chatapi_client::chat_api::{Client, Readiness};
use chatapi_client::{ErrorKind, File, Outcome};
use chatapi_sandbox::{InstanceHandle, Sandbox};
use chatapi_transport::{Clock, Gateway};
use chatapi_types::chat_api::{
    AccountStatus, ChatApi, ErrorCode, LoadingReason, MessageKind, Settings, Substatus,
};
use chatapi_types::{Delivery, Item, Phone, Token};
use futures_util::StreamExt;

fn setup() -> (Sandbox, InstanceHandle, Client) {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("12345", "token");
    let client = client(&sandbox, ChatApi::path("12345"));
    (sandbox, instance, client)
}

fn client(sandbox: &Sandbox, dialect: ChatApi) -> Client {
    let gateway = Gateway::new(sandbox.address(), dialect, Token::new("token"), sandbox.clone());
    Client::over(gateway.on_clock(sandbox.clock()))
}

fn phone(digits: &str) -> Phone {
    digits.parse().unwrap()
}

fn anna() -> Phone {
    phone("79000000001")
}

#[tokio::test]
async fn a_text_is_sent_and_followed_until_it_is_read() {
    let (_sandbox, instance, client) = setup();
    let sent = client.messages().send_text(anna(), "hello").send().await.unwrap();
    assert!(sent.sent && !sent.waits_for_account());

    let outcome = client.messages().track(&sent).until(Delivery::Read).outcome().await.unwrap();
    let Outcome::Reached(state) = outcome else { panic!("{outcome:?}") };
    assert_eq!(state.delivery, Delivery::Read);
    assert_eq!(state.word.as_deref(), Some("viewed"));

    let really_sent = instance.sent();
    assert_eq!(really_sent.len(), 1);
    assert_eq!(really_sent[0].body, "hello");
    assert_eq!(really_sent[0].chat.as_str(), "79000000001@c.us");
    assert_eq!(Some(&really_sent[0].id), sent.id.as_ref());
}

#[tokio::test]
async fn both_addressing_forms_reach_the_same_instance() {
    let (sandbox, instance, by_path) = setup();
    let by_query = self::client(&sandbox, ChatApi::query("12345"));
    by_path.messages().send_text(anna(), "by path").send().await.unwrap();
    by_query.messages().send_text(anna(), "by query").send().await.unwrap();
    assert_eq!(by_query.queue().show().await.unwrap().total, 2);
    sandbox.clock().sleep(Duration::from_secs(60)).await;
    assert_eq!(instance.sent().len(), 2);
}

#[tokio::test]
async fn every_state_on_the_way_is_reported_once() {
    let (_sandbox, _instance, client) = setup();
    let sent = client.messages().send_text(anna(), "hello").send().await.unwrap();
    let messages = client.messages();
    let tracking = messages.track(&sent).until(Delivery::Read).every(Duration::from_millis(100));
    let states: Vec<_> = tracking.changes().map(|state| state.unwrap().delivery).collect().await;
    let expected = [Delivery::Queued, Delivery::Sent, Delivery::Delivered, Delivery::Read];
    assert_eq!(states, expected);
}

#[tokio::test]
async fn following_ends_when_time_is_up_and_says_what_was_seen() {
    let (sandbox, instance, client) = setup();
    instance.phone_offline();
    let sent = client.messages().send_text(anna(), "hello").send().await.unwrap();
    let before = sandbox.clock().now();
    let tracking = client.messages().track(&sent).within(Duration::from_secs(90));
    let outcome = tracking.outcome().await.unwrap();
    let Outcome::TimedOut { last: Some(state), error: None } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(state.delivery, Delivery::Queued);
    let waited = sandbox.clock().now().since(before);
    assert_eq!(waited, Duration::from_secs(90));
}

#[tokio::test]
async fn a_message_that_nobody_knows_is_not_invented() {
    let (_sandbox, _instance, client) = setup();
    let tracking = client.messages().track("true_79000000001@c.us_3EB0FF");
    let outcome = tracking.within(Duration::from_secs(10)).outcome().await.unwrap();
    assert!(matches!(outcome, Outcome::TimedOut { last: None, error: None }), "{outcome:?}");
}

#[tokio::test]
async fn options_of_a_send_arrive() {
    let (sandbox, instance, client) = setup();
    let hello = client.messages().send_text(anna(), "hello").send().await.unwrap();
    let file = File::bytes("bill.pdf", "%PDF");
    let messages = client.messages();
    let bill = messages
        .send_file(anna(), file)
        .caption("your bill")
        .quoting(hello.id.unwrap())
        .send()
        .await
        .unwrap();
    sandbox.clock().sleep(Duration::from_secs(30)).await;
    let sent = instance.sent();
    assert_eq!(Some(&sent[1].id), bill.id.as_ref());
    let file = sent[1].file.as_ref().unwrap();
    assert_eq!((file.name.as_str(), file.caption.as_deref()), ("bill.pdf", Some("your bill")));
    assert_eq!(file.content.as_deref(), Some(&b"%PDF"[..]));
    let page = client.messages().list().newest().send().await.unwrap();
    let last = page.messages.known().last().unwrap();
    assert_eq!(last.kind, MessageKind::Document);
    assert!(last.is_ours());
}

#[tokio::test]
async fn bad_arguments_are_refused_before_anything_is_sent() {
    let (sandbox, _instance, client) = setup();
    let before = sandbox.journal().len();
    let messages = client.messages();
    let empty = messages.send_text(anna(), " ").send().await.unwrap_err();
    let nameless = File::url("https://h.example/").named("bill");
    let nameless = messages.send_file(anna(), nameless).send().await.unwrap_err();
    let short = messages.send_text(phone("1234567"), "hi").send().await.unwrap_err();
    for error in [empty, nameless, short] {
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        assert!(!error.may_have_taken_effect());
    }
    assert_eq!(sandbox.journal().len(), before);
}

#[tokio::test]
async fn a_wrong_token_is_told_in_the_vendors_words_without_the_token() {
    let (_sandbox, instance, client) = setup();
    client.replace_token("wrong-canary");
    let error = client.queue().show().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(error.status(), Some(401));
    assert_eq!(error.code(), Some(&ErrorCode::WrongToken));
    assert!(error.message().unwrap().contains("Wrong token"));
    assert!(!format!("{error} {error:?}").contains("canary"));

    instance.replace_token("new");
    client.replace_token("new");
    assert_eq!(client.queue().show().await.unwrap().total, 0);
}

#[tokio::test]
async fn an_unpaid_instance_declines_and_says_so() {
    let (_sandbox, instance, client) = setup();
    instance.unpaid();
    let error = client.messages().send_text(anna(), "hi").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(error.code(), Some(&ErrorCode::NotPaid));
    assert!(!error.may_have_taken_effect() && !error.is_transient());
    let status = client.state().read().await.unwrap();
    assert_eq!(status.account_status, AccountStatus::NotPaid);
}

#[tokio::test]
async fn the_queue_shows_what_waits_and_clearing_tells_what_was_lost() {
    let (_sandbox, instance, client) = setup();
    instance.phone_offline();
    for text in ["one", "two"] {
        client.messages().send_text(anna(), text).send().await.unwrap();
    }
    let queue = client.queue().show().await.unwrap();
    assert_eq!(queue.total, 2);
    assert!(queue.is_complete());
    assert_eq!(queue.first100.known().map(|m| m.body.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    let cleared = client.queue().clear().await.unwrap();
    assert_eq!(cleared.count(), Some(2));
    assert_eq!(cleared.texts.known().collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(client.queue().show().await.unwrap().total, 0);
}

#[tokio::test]
async fn commands_that_do_not_fit_the_state_are_declined_not_failed() {
    let (_sandbox, instance, client) = setup();
    let state = client.state();
    assert!(!state.takeover().await.unwrap().accepted());
    assert!(!state.expiry().await.unwrap().accepted());
    assert!(!state.retry().await.unwrap().accepted());

    instance.open_second_session();
    let status = state.read().await.unwrap();
    assert_eq!(status.reason(), Some(&LoadingReason::Conflict));
    assert_eq!(status.substatus(), Some(&Substatus::Pairing));
    assert!(state.takeover().await.unwrap().accepted());
    assert!(state.reboot().await.unwrap().accepted());
    assert!(state.logout().await.unwrap().accepted());
}

#[tokio::test]
async fn a_logged_out_instance_comes_up_with_a_scanned_qr_code() {
    let (sandbox, instance, client) = setup();
    client.state().logout().await.unwrap();
    assert_eq!(client.state().read().await.unwrap().account_status, AccountStatus::Init);

    let seen = Arc::new(Mutex::new(Vec::new()));
    let (scanner, show) = (instance.clone(), Arc::clone(&seen));
    let ready = client
        .state()
        .wait_until_ready()
        .on_qr(move |qr| {
            show.lock().unwrap().push(qr.image().unwrap());
            // The first code runs out unscanned.
            if show.lock().unwrap().len() == 2 {
                assert!(scanner.scan_qr());
            }
        })
        .run()
        .await
        .unwrap();
    assert!(ready.is_ready(), "{ready:?}");
    let codes = seen.lock().unwrap().clone();
    assert_eq!(codes.len(), 2);
    assert!(codes.iter().all(|png| png.starts_with(b"\x89PNG")));
    assert_ne!(codes[0], codes[1]);
    drop(sandbox);
}

#[tokio::test]
async fn waiting_ends_where_only_a_person_can_help() {
    let (_sandbox, instance, client) = setup();
    instance.unpaid();
    let ready = client.state().wait_until_ready().run().await.unwrap();
    assert!(matches!(&ready, Readiness::Blocked(status)
        if status.account_status == AccountStatus::NotPaid));
    instance.paid();
    instance.open_second_session();
    let ready = client.state().wait_until_ready().run().await.unwrap();
    assert!(matches!(ready, Readiness::Blocked(_)), "takeover is not done unasked");
}

#[tokio::test]
async fn waiting_for_a_scan_that_never_comes_ends() {
    let (sandbox, _instance, client) = setup();
    client.state().logout().await.unwrap();
    let before = sandbox.clock().now();
    let waiting = client.state().wait_until_ready().within(Duration::from_secs(20));
    let ready = waiting.run().await.unwrap();
    assert!(matches!(ready, Readiness::TimedOut(_)), "{ready:?}");
    assert_eq!(sandbox.clock().now().since(before), Duration::from_secs(20));
}

#[tokio::test]
async fn the_qr_code_is_also_a_picture() {
    let (_sandbox, _instance, client) = setup();
    client.state().logout().await.unwrap();
    client.state().wake().await.unwrap();
    client.gateway().clock().sleep(Duration::from_secs(5)).await;
    let picture = client.state().qr_code().await.unwrap();
    assert_eq!(picture.content_type, "image/png");
    assert!(picture.bytes.starts_with(b"\x89PNG"));
}

#[tokio::test]
async fn settings_change_only_where_asked() {
    let (_sandbox, _instance, client) = setup();
    let settings = client.settings();
    let mut wanted = Settings::new();
    wanted.ack_notifications_on = Some(true);
    let changed = settings.change(wanted).await.unwrap();
    assert_eq!(changed.changed.ack_notifications_on, Some(true));
    assert_eq!(changed.changed.send_delay, None);
    assert_eq!(settings.read().await.unwrap().ack_notifications_on, Some(true));

    assert_eq!(settings.webhook().await.unwrap(), None);
    settings.set_webhook("https://shop.example/hook").await.unwrap();
    let url = settings.webhook().await.unwrap();
    assert_eq!(url.as_deref(), Some("https://shop.example/hook"));
    settings.set_webhook("").await.unwrap();
    assert_eq!(settings.webhook().await.unwrap(), None);
}

#[tokio::test]
async fn numbers_without_an_account_are_known() {
    let (sandbox, _instance, client) = setup();
    sandbox.no_account("79000000009");
    assert!(client.contacts().check_phone(anna()).await.unwrap());
    assert!(!client.contacts().check_phone(phone("79000000009")).await.unwrap());
}

#[tokio::test]
async fn the_stream_goes_on_from_a_cursor_and_never_repeats() {
    let (_sandbox, instance, client) = setup();
    for text in ["one", "two", "three"] {
        instance.contact_writes("79000000001", text);
    }
    let page = client.messages().list().send().await.unwrap();
    let first = page.messages.known().next().unwrap().message_number;
    let mut stream = client.messages().since(first);
    assert_eq!(next(&mut stream).await, "two");
    assert_eq!(next(&mut stream).await, "three");
    instance.contact_writes("79000000001", "four");
    assert_eq!(next(&mut stream).await, "four");

    let newest = client.messages().newest_cursor().await.unwrap();
    instance.contact_writes("79000000001", "five");
    assert_eq!(next(&mut client.messages().since(newest)).await, "five");
}

async fn next(stream: &mut chatapi_client::chat_api::MessageStream) -> String {
    match stream.next().await.unwrap().unwrap() {
        Item::Known(message) => message.body,
        odd => panic!("{odd:?}"),
    }
}

#[tokio::test]
async fn the_stream_outlives_errors() {
    let (_sandbox, instance, client) = setup();
    instance.contact_writes("79000000001", "one");
    let mut stream = client.messages().since(0);
    assert_eq!(next(&mut stream).await, "one");
    client.replace_token("wrong");
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    client.replace_token("token");
    instance.contact_writes("79000000001", "two");
    assert_eq!(next(&mut stream).await, "two");
}

#[test]
fn an_api_url_is_taken_as_it_comes() {
    let at = |address| Client::at(address, "12345", "token", Sandbox::new());
    for address in [
        "https://eu41.chat-api.com/instance12345/",
        "https://eu41.chat-api.com//instance12345//",
        "https://eu41.chat-api.com",
        " eu41.chat-api.com/ ",
    ] {
        let client = at(address).unwrap();
        assert_eq!(client.gateway().address().as_str(), "https://eu41.chat-api.com", "{address}");
    }
    let error = at("https://eu41.chat-api.com/instance77/").unwrap_err();
    assert!(error.to_string().contains("that of instance 77, not of 12345"), "{error}");
    let error = at("https://h/?token=canary").unwrap_err();
    assert!(!format!("{error}{error:?}").contains("canary"));
}
