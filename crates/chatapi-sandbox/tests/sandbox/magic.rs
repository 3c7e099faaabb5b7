//! Recipients that behave in a certain way by themselves, on both vendors.

use std::time::Duration;

use chatapi_sandbox::{ChannelHandle, InstanceHandle, MagicRecipient, Profile, Sandbox};
use chatapi_types::chat_api::{CheckPhone, SendMessage};
use chatapi_types::wamm::MsgTo;
use chatapi_types::{Call, Delivery, FailureReason, Messenger, Phone};

use crate::wire::{PHONE, ask, call, say};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn both_with(change: impl FnOnce(&mut Profile)) -> (Sandbox, InstanceHandle, ChannelHandle) {
    let mut profile = Profile::default();
    change(&mut profile);
    let sandbox = Sandbox::builder().profile(profile).build();
    let instance = sandbox.add_instance("123", "token");
    let channel = sandbox.add_channel("T", Messenger::WhatsApp);
    (sandbox, instance, channel)
}

fn both() -> (Sandbox, InstanceHandle, ChannelHandle) {
    both_with(|_| {})
}

fn text(sandbox: &Sandbox, to: &str) {
    let to = if to.contains('@') { format!("chatId={to}") } else { format!("phone={to}") };
    let answer = ask(sandbox, "sendMessage", &format!("{to}&body=hi"));
    assert!(answer.contains(r#""sent":true"#), "{answer}");
}

fn wamm_text(sandbox: &Sandbox, to: &str) -> String {
    say(sandbox, &format!("GET /api2/msg_to/T/?phone={to}&text=hi"))
}

fn deliveries(sandbox: &Sandbox, instance: &InstanceHandle) -> Vec<Delivery> {
    sandbox.run_until_idle();
    instance.sent().into_iter().map(|message| message.delivery).collect()
}

/// How the latest message of the channel is shown.
fn wamm_state(sandbox: &Sandbox) -> String {
    sandbox.run_until_idle();
    crate::wire::member(&say(sandbox, "GET /api2/msg_state/T/1000001"), "state")
}

#[test]
fn every_number_is_one_that_the_vendors_take_and_stands_there_once() {
    for (place, one) in MagicRecipient::ALL.iter().enumerate() {
        let address = one.address();
        for other in &MagicRecipient::ALL[..place] {
            assert!(address != other.address() && one.name() != other.name(), "{one:?}");
        }
        for written in [address.to_owned(), one.chat_id().to_string(), format!(" {address} ")] {
            assert_eq!(MagicRecipient::of(&written), Some(*one), "{written}");
        }
        let limits = chatapi_types::chat_api::Limits::default();
        SendMessage::new(one.chat_id(), "hi").check(&limits).unwrap();
        let wamm = chatapi_types::wamm::Limits::default();
        if one.is_group() {
            assert!((16..=18).contains(&address.len()), "wamm takes it for a phone");
            MsgTo::new(chatapi_types::wamm::Address::from(address), "hi").check(&wamm).unwrap();
            continue;
        }
        let phone: Phone = address.parse().unwrap();
        assert_eq!(phone.digits(), address);
        SendMessage::new(&phone, "hi").check(&limits).unwrap();
        CheckPhone::new(&phone).check(&limits).unwrap();
        MsgTo::new(&phone, "hi").check(&wamm).unwrap();
    }
    let group_as_person = format!("{}@g.us", MagicRecipient::Echo.address());
    assert_eq!(MagicRecipient::of(&group_as_person), None);
}

#[test]
fn the_tables_say_what_the_data_says() {
    let places = [include_str!("../../README.md"), include_str!("../../src/magic.rs")];
    for one in MagicRecipient::ALL {
        let (api, wamm) = (one.on_chat_api(), one.on_wamm());
        let row = format!("| `{}` | {} | {api} | {wamm} |", one.address(), one.name());
        for text in places {
            assert!(text.contains(&row), "{row}");
        }
    }
}

#[test]
fn nobody_is_there() {
    let (sandbox, instance, channel) = both();
    let check = ask(&sandbox, "checkPhone", "phone=999000000001");
    assert_eq!(check, r#"200 {"result":"not exists"}"#);
    text(&sandbox, "999000000001");
    sandbox.clock().advance(10 * MINUTE);
    assert_eq!((instance.queue_len(), instance.sent().len()), (1, 0));
    let refused = r#"200 {"err":"no WhatsApp on the number"}"#;
    assert_eq!(wamm_text(&sandbox, "+999%20000%20000-001"), refused);
    assert_eq!(channel.sent().len(), 0);
    // A hand that gives it an account does not change what it is.
    sandbox.has_account("999000000001");
    assert_eq!(wamm_text(&sandbox, "999000000001"), refused);
}

#[test]
fn where_sends_are_not_checked_before_nobody_is_a_state() {
    let (sandbox, ..) = both_with(|profile| profile.wamm.checks_before_sending = false);
    wamm_text(&sandbox, "999000000001");
    assert_eq!(wamm_state(&sandbox), "noAccount");
}

#[test]
fn any_file_for_it_is_a_dead_link() {
    let (sandbox, instance, _) = both();
    text(&sandbox, "999000000002");
    let link =
        r#"{"phone":"999000000002","body":"https://files.example/a.pdf","filename":"a.pdf"}"#;
    let handed =
        r#"{"phone":"999000000002","body":"data:text/plain;base64,aGk=","filename":"a.txt"}"#;
    let voice = r#"{"phone":"999000000002","audio":"https://files.example/a.ogg"}"#;
    for (method, body) in [("sendFile", link), ("sendFile", handed), ("sendPTT", voice)] {
        assert!(call(&sandbox, method, body).contains(r#""sent":true"#));
    }
    assert_eq!(deliveries(&sandbox, &instance), [Delivery::Read], "the text");
    assert_eq!(instance.queue_len(), 3);
    let url = "url=https://files.example/a.pdf";
    say(&sandbox, &format!("GET /api2/file_to/T/?phone=999000000002&{url}"));
    assert_eq!(wamm_state(&sandbox), "failed");
}

#[test]
fn some_read_late_some_never_and_some_do_not_even_get_it() {
    for (phone, before, after) in [
        ("999000000003", Delivery::Delivered, Delivery::Read),
        ("999000000004", Delivery::Delivered, Delivery::Delivered),
        ("999000000005", Delivery::Sent, Delivery::Sent),
        ("999000000006", Delivery::Sent, Delivery::Sent),
        (PHONE, Delivery::Read, Delivery::Read),
    ] {
        let (sandbox, instance, channel) = both();
        text(&sandbox, phone);
        wamm_text(&sandbox, phone);
        let check = ask(&sandbox, "checkPhone", &format!("phone={phone}"));
        assert_eq!(check, r#"200 {"result":"exists"}"#);
        let seen = || [instance.sent()[0].delivery.clone(), channel.sent()[0].delivery.clone()];
        sandbox.clock().advance(59 * MINUTE);
        assert_eq!(seen(), [before.clone(), before], "{phone}");
        sandbox.clock().advance(2 * MINUTE);
        assert_eq!(seen(), [after.clone(), after], "{phone}");
        sandbox.clock().advance(24 * 60 * MINUTE);
        let last = seen();
        // Whoever stands over it can have it read.
        instance.contact_reads(format!("{phone}@c.us"));
        channel.contact_reads(phone);
        assert!(last.iter().all(|state| *state == last[0]));
        assert_eq!(seen(), [Delivery::Read, Delivery::Read]);
    }
}

#[test]
fn a_check_that_does_not_finish_says_so() {
    let (sandbox, instance, channel) = both();
    let check = ask(&sandbox, "checkPhone", "phone=999000000007");
    let error = r#"{"result":"error","message":"The phone could not be checked, please retry"}"#;
    assert_eq!(check, format!("200 {error}"));
    text(&sandbox, "999000000007");
    assert_eq!(deliveries(&sandbox, &instance), [Delivery::Read]);
    let retry = r#"200 {"err":"phone not checked for WhatsApp, please retry"}"#;
    assert_eq!(wamm_text(&sandbox, "999000000007"), retry);
    let contact = say(&sandbox, "GET /api2/contact_to/T/?phone=999000000007&name=A");
    assert_eq!(contact, retry);
    assert_eq!(channel.sent().len(), 0);
    sandbox.add_channel("TG", Messenger::Telegram);
    let elsewhere = say(&sandbox, "GET /api2/msg_to/TG/?phone=999000000007&text=hi");
    assert_eq!(elsewhere, r#"200 {"err":"phone not checked, please retry"}"#);
}

#[test]
fn the_messenger_fails_it_and_others_pass_it_by() {
    let (sandbox, instance, _) = both();
    text(&sandbox, "999000000008");
    text(&sandbox, PHONE);
    assert_eq!(deliveries(&sandbox, &instance), [Delivery::Read]);
    assert_eq!(instance.queue_len(), 1);
    let journal: Vec<_> = sandbox.journal().iter().map(ToString::to_string).collect();
    assert!(journal.iter().any(|line| line.ends_with("held: the messenger does not take it")));
    wamm_text(&sandbox, "999000000008");
    assert_eq!(wamm_state(&sandbox), "failed");
}

#[test]
fn what_holds_up_the_line_holds_up_what_is_behind_it() {
    let (sandbox, instance, channel) = both();
    for phone in [PHONE, "999000000009", "79000000002", "79000000003"] {
        text(&sandbox, phone);
    }
    sandbox.run_until_idle();
    sandbox.clock().advance(24 * 60 * MINUTE);
    assert_eq!((instance.queue_len(), instance.sent().len()), (3, 1));
    // Out of the way, and all goes on.
    ask(&sandbox, "clearMessagesQueue", "");
    text(&sandbox, "79000000002");
    assert_eq!(deliveries(&sandbox, &instance).len(), 2);

    for phone in ["999000000009", "79000000002"] {
        wamm_text(&sandbox, phone);
    }
    sandbox.clock().advance(59 * MINUTE);
    assert_eq!(channel.sent().len(), 0);
    sandbox.run_until_idle();
    let all: Vec<_> = channel.sent().into_iter().map(|message| message.delivery).collect();
    assert_eq!(all, [Delivery::Read, Delivery::Read]);
}

#[test]
fn an_echo_answers_every_text_and_nothing_else() {
    for reads in [true, false] {
        let (sandbox, ..) = both_with(|profile| {
            if !reads {
                (profile.chat_api.read_after, profile.wamm.read_after) = (None, None);
            }
        });
        text(&sandbox, "999000000010");
        let place = r#"{"phone":"999000000010","lat":1,"lng":2,"address":"x"}"#;
        assert!(call(&sandbox, "sendLocation", place).contains(r#""sent":true"#));
        sandbox.clock().advance(30 * SECOND);
        let messages = ask(&sandbox, "messages", "");
        assert_eq!(messages.matches(r#""fromMe":false"#).count(), 1, "{messages}");
        assert_eq!(messages.matches(r#""body":"hi""#).count(), 2, "{messages}");
        wamm_text(&sandbox, "999000000010");
        sandbox.clock().advance(30 * SECOND);
        let messages = say(&sandbox, "GET /api2/msg_get_last/T/");
        assert_eq!(messages.matches(r#""state":"received""#).count(), 1, "{messages}");
        assert_eq!(messages.matches(r#""hi""#).count(), 2, "{messages}");
    }
}

#[test]
fn an_account_appears_after_ten_minutes() {
    let (sandbox, instance, _) = both();
    let exists = || ask(&sandbox, "checkPhone", "phone=999000000011");
    text(&sandbox, "999000000011");
    sandbox.clock().advance(10 * MINUTE - SECOND);
    assert_eq!(exists(), r#"200 {"result":"not exists"}"#);
    let refused = wamm_text(&sandbox, "999000000011");
    assert_eq!(refused, r#"200 {"err":"no WhatsApp on the number"}"#);
    assert_eq!(instance.queue_len(), 1);
    sandbox.clock().advance(SECOND);
    assert_eq!(exists(), r#"200 {"result":"exists"}"#);
    assert!(wamm_text(&sandbox, "999000000011").starts_with(r#"200 {"err":0"#));
    // What waited is tried again by and by.
    sandbox.clock().advance(2 * MINUTE);
    assert_eq!((instance.queue_len(), instance.sent().len()), (0, 1));
}

#[test]
fn we_are_not_in_the_group() {
    let (sandbox, instance, _) = both();
    text(&sandbox, "999000000000000012@g.us");
    sandbox.run_until_idle();
    assert_eq!((instance.queue_len(), instance.sent().len()), (1, 0));
    let journal: Vec<_> = sandbox.journal().iter().map(ToString::to_string).collect();
    assert!(journal.iter().any(|line| line.ends_with("the instance is not in the group")));
    wamm_text(&sandbox, "999000000000000012");
    assert_eq!(wamm_state(&sandbox), "notInGroup");
}

#[test]
fn on_wamm_failures_reach_the_sender_in_common_words() {
    for (one, reason) in [
        (MagicRecipient::MessengerFails, FailureReason::Messenger),
        (MagicRecipient::NotInGroup, FailureReason::NotInGroup),
    ] {
        let (sandbox, _, channel) = both();
        wamm_text(&sandbox, one.address());
        sandbox.run_until_idle();
        let all = sandbox.received(&chatapi_sandbox::Filter::new()).unwrap();
        assert_eq!(all[0].state, Delivery::Failed(reason));
        assert!(channel.sent().iter().all(|m| m.delivery != Delivery::Read));
    }
}

#[test]
fn switched_off_they_are_numbers_like_all_others() {
    let off = Profile::read(&serde_json::json!({ "magicRecipients": false })).unwrap();
    assert!(!off.magic_recipients && Profile::default().magic_recipients);
    let (sandbox, instance, channel) = both_with(|profile| *profile = off);
    for one in MagicRecipient::ALL {
        text(&sandbox, one.chat_id().as_str());
        assert!(wamm_text(&sandbox, one.address()).starts_with(r#"200 {"err":0"#), "{one:?}");
    }
    let all = deliveries(&sandbox, &instance);
    assert_eq!(all, vec![Delivery::Read; MagicRecipient::ALL.len()]);
    assert!(channel.sent().iter().all(|message| message.delivery == Delivery::Read));
    let messages = ask(&sandbox, "messages", "");
    assert!(!messages.contains(r#""fromMe":false"#), "{messages}");
}

#[test]
fn their_times_are_figures() {
    let times = serde_json::json!({ "slowReader": 20, "accountLater": 30, "holdsUp": 40 });
    let profile = Profile::read(&serde_json::json!({ "magic": times })).unwrap();
    let (sandbox, instance, channel) = both_with(|usual| *usual = profile);
    let later = MagicRecipient::AccountLater.address();
    let exists = || ask(&sandbox, "checkPhone", &format!("phone={later}")).contains("\"exists\"");
    wamm_text(&sandbox, MagicRecipient::HoldsUpTheLine.address());
    text(&sandbox, MagicRecipient::SlowReader.address());
    sandbox.clock().advance(10 * SECOND);
    assert_eq!(instance.sent()[0].delivery, Delivery::Delivered);
    sandbox.clock().advance(19 * SECOND);
    // It was delivered within 5 s.
    assert_eq!((instance.sent()[0].delivery.clone(), exists()), (Delivery::Read, false));
    sandbox.clock().advance(SECOND);
    assert!(exists());
    sandbox.clock().advance(9 * SECOND);
    assert_eq!(channel.sent().len(), 0);
    sandbox.clock().advance(10 * SECOND);
    assert_eq!(channel.sent().len(), 1);
}

#[test]
fn a_sandbox_that_is_restored_knows_them_still() {
    let (sandbox, instance, _) = both();
    text(&sandbox, "999000000009");
    text(&sandbox, "999000000003");
    let snapshot = sandbox.snapshot();
    let again = || {
        sandbox.restore(&snapshot);
        sandbox.run_until_idle();
        (instance.queue_len(), sandbox.journal())
    };
    let (first, second) = (again(), again());
    assert_eq!(first.0, 2);
    assert_eq!(first, second);
}

#[test]
fn every_method_that_sends_meets_the_same_fate() {
    let (sandbox, instance, channel) = both();
    text(&sandbox, PHONE);
    sandbox.run_until_idle();
    let first = instance.sent()[0].id.clone();
    let to = r#""phone":"999000000008""#;
    let forwarded = format!(r#"{{{to},"messageId":"{first}"}}"#);
    let sends = [
        ("sendMessage", r#""body":"hi""#),
        ("sendFile", r#""body":"https://files.example/a.pdf","filename":"a.pdf""#),
        ("sendPTT", r#""audio":"data:audio/ogg;base64,T2dnUw==""#),
        (
            "sendLink",
            r#""body":"https://example.com","previewBase64":"data:image/jpeg;base64,aGk=","title":"T""#,
        ),
        ("sendContact", r#""contactId":"79000000005@c.us""#),
        ("sendLocation", r#""lat":55.7,"lng":37.6,"address":"Red Square""#),
        ("sendVCard", r#""vcard":"BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nEND:VCARD""#),
        ("sendButtons", r#""title":"T","body":"Choose","footer":"F","buttons":["a","b"]"#),
        (
            "sendProduct",
            r#""productId":"1001","body":"https://files.example/cup.png","filename":"cup.png""#,
        ),
    ];
    let sends = sends.map(|(method, rest)| (method, format!("{{{to},{rest}}}")));
    for (method, body) in sends.iter().chain([&("forwardMessage", forwarded)]) {
        let answer = call(&sandbox, method, body);
        assert!(answer.contains(r#""sent":true"#), "{method}: {answer}");
    }
    sandbox.clock().advance(10 * MINUTE);
    assert_eq!((instance.queue_len(), instance.sent().len()), (10, 1));

    let phone = "phone=999000000008";
    say(&sandbox, &format!("GET /api2/msg_to/T/?{phone}&text=hi"));
    say(&sandbox, &format!("GET /api2/file_to/T/?{phone}&url=https://files.example/a.pdf"));
    let file = "file_name=a.txt&file_base64=aGk%3D";
    say(
        &sandbox,
        &format!(
            "POST /api2/file_from_base64/T/\nContent-Type: application/x-www-form-urlencoded\n\n{phone}&{file}"
        ),
    );
    sandbox.run_until_idle();
    for id in 1_000_001..=1_000_003 {
        let state = say(&sandbox, &format!("GET /api2/msg_state/T/{id}"));
        assert!(state.contains(r#""state":"failed""#), "{id}: {state}");
    }
    assert_eq!(channel.sent().len(), 0);
}
