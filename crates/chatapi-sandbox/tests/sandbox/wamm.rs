//! wamm.chat's methods, one fact of the wire document after the other.

use std::time::Duration;

use chatapi_sandbox::{ChannelHandle, Profile, Sandbox};
use chatapi_types::wamm::{CATALOGUE, ChannelState};
use chatapi_types::{Delivery, FailureReason, Messenger};

use crate::wire::{PHONE, exchange, say};

fn with_channel(messenger: Messenger) -> (Sandbox, ChannelHandle) {
    let sandbox = Sandbox::new();
    let channel = sandbox.add_channel("T", messenger);
    (sandbox, channel)
}

fn with(change: impl FnOnce(&mut Profile)) -> (Sandbox, ChannelHandle) {
    let mut profile = Profile::default();
    change(&mut profile);
    let sandbox = Sandbox::builder().profile(profile).build();
    let channel = sandbox.add_channel("T", Messenger::WhatsApp);
    (sandbox, channel)
}

#[test]
fn a_send_is_understood_in_every_style() {
    for target in [
        "/api2/msg_to/T/?phone=79000000001&text=a%20b%2Fc%0Ad",
        "/api2/msg_to/T?phone=79000000001&text=a+b%2Fc%0Ad",
        "/api2/msg_to/T/79000000001/a%20b%2Fc%0Ad",
        "/api2/msg_to/T/79000000001/a%20b%2Fc%0Ad/",
        "/api2/msg_to/T/79000000001/?text=a%20b%2Fc%0Ad",
        "/api2/msg_to/T/79000000001?text=a%20b%2Fc%0Ad",
        "//api2//msg_to/T/?phone=%2B7%20(900)%20000-00-01&text=a%20b/c%0Ad&junk=1",
    ] {
        let (sandbox, channel) = with_channel(Messenger::WhatsApp);
        let answer = say(&sandbox, &format!("GET {target}"));
        // Nothing but these two, `err` first and an integer: strict clients check.
        assert_eq!(answer, r#"200 {"err":0,"msg_id":1000001}"#, "{target}");
        sandbox.run_until_idle();
        let sent = channel.sent();
        assert_eq!((sent[0].chat.as_str(), &*sent[0].body), (PHONE, "a b/c\nd"), "{target}");
    }
}

#[test]
fn a_message_goes_its_way() {
    let (sandbox, channel) = with_channel(Messenger::WhatsApp);
    say(&sandbox, "GET /api2/msg_to/T/?phone=79000000001&text=hi&delay=15");
    let state = |state: &str| {
        format!(
            r#"200 {{"err":0,"msg_data":{{"msg_id":"1000001","phone":"79000000001","state":"{state}"}}}}"#
        )
    };
    for target in ["/api2/msg_state/T/?msg_id=1000001", "/api2/msg_state/T/1000001"] {
        assert_eq!(say(&sandbox, &format!("GET {target}")), state("sending"));
    }
    let mut seen = vec!["sending".to_owned()];
    for _ in 0..400 {
        sandbox.clock().advance(Duration::from_millis(100));
        let answer = say(&sandbox, "GET /api2/msg_state/T/1000001");
        let word = crate::wire::member(&answer, "state");
        if seen.last() != Some(&word) {
            seen.push(word);
        }
    }
    assert_eq!(seen, ["sending", "sent", "delivered", "viewed"]);
    // Not before its delay.
    let left = sandbox.journal().into_iter().find(|entry| entry.to_string().ends_with(" sent"));
    assert_eq!(left.unwrap().at.as_millis(), 1_600_000_015_000);
    assert_eq!(channel.sent()[0].delivery, Delivery::Read);
}

#[test]
fn messages_of_a_channel_line_up_with_gaps_of_three_to_six_seconds() {
    let (sandbox, _) = with_channel(Messenger::WhatsApp);
    for n in 0..20 {
        say(&sandbox, &format!("GET /api2/msg_to/T/?phone=7900000000{}&text=x", n % 10));
    }
    sandbox.run_until_idle();
    let left: Vec<i64> = sandbox
        .journal()
        .iter()
        .filter(|entry| entry.to_string().ends_with(" sent"))
        .map(|entry| entry.at.as_millis())
        .collect();
    assert_eq!(left.len(), 20);
    for pair in left.windows(2) {
        let gap = pair[1] - pair[0];
        assert!((3_000..=6_000).contains(&gap), "{gap} ms");
    }
}

#[test]
fn other_delays_are_ignored_unless_the_profile_obeys_them() {
    for (ignores, left_after) in [(true, 0), (false, 7_000)] {
        let (sandbox, _) = with(|profile| profile.wamm.ignores_other_delays = ignores);
        say(&sandbox, "GET /api2/msg_to/T/?phone=79000000001&text=x&delay=7");
        sandbox.run_until_idle();
        let journal = sandbox.journal();
        let left = journal.iter().find(|entry| entry.to_string().ends_with(" sent")).unwrap();
        assert_eq!(left.at.as_millis() - 1_600_000_000_000, left_after);
    }
    let (sandbox, _) = with(|_| {});
    let odd = say(&sandbox, "GET /api2/msg_to/T/?phone=79000000001&text=x&delay=soon");
    assert!(odd.starts_with(r#"200 {"err":0"#));
}

#[test]
fn the_vendor_says_no_in_its_own_words_and_a_200() {
    let (sandbox, _) = with_channel(Messenger::WhatsApp);
    sandbox.no_account("79000000002");
    let long = "%D0%B4".repeat(4501);
    for (target, err) in [
        ("msg_to/x/?phone=79000000001&text=hi", "token fail"),
        ("msg_to", "token fail"),
        ("msg_to/T/?text=hi", "phone fail"),
        ("msg_to/T/?phone=none&text=hi", "phone fail"),
        ("msg_to/T/?phone=123&text=hi", "phone fail"),
        ("msg_to/T/?phone=79000000001", "text fail"),
        ("msg_to/T/79000000001/", "text fail"),
        (&format!("msg_to/T/?phone=79000000001&text={long}"), "text fail, more 4500"),
        ("msg_to/T/?phone=79000000002&text=hi", "no WhatsApp on the number"),
        ("msg_state/T/?msg_id=x", "msg_id fail"),
        ("msg_state/T", "msg_id fail"),
        ("msg_state/T/5", "msg not be"),
        ("msg_edit/T/5?text=new", "Channel type is not support this method"),
        ("msg_get/T/?col=5", "phone fail"),
        ("check_phone/T", "phone fail"),
        ("channel_list/T/archive", "fail get data"),
    ] {
        let answer = say(&sandbox, &format!("GET /api2/{target}"));
        let shown = &target[..target.len().min(60)];
        assert_eq!(answer, format!(r#"200 {{"err":"{err}"}}"#), "{shown}");
    }
    let exact = "%D0%B4".repeat(4500);
    let answer = say(&sandbox, &format!("GET /api2/msg_to/T/79000000001/{exact}"));
    assert!(answer.starts_with(r#"200 {"err":0,"#), "4500 characters fit");
    // Ours, because nobody knows the vendor's.
    assert_eq!(say(&sandbox, "GET /api2/fly/T"), r#"404 {"err":"method not found"}"#);
    assert_eq!(say(&sandbox, "GET /api2"), r#"404 {"err":"method not found"}"#);
}

#[test]
fn a_channel_that_is_not_connected_says_so() {
    let (sandbox, channel) = with_channel(Messenger::Telegram);
    say(&sandbox, "GET /api2/msg_to/T/?phone=79000000001&text=hi");
    for state in [ChannelState::NotAuthorized, ChannelState::Starting, ChannelState::Blocked] {
        channel.state(state);
        for target in
            ["msg_to/T/79000000001/hi", "msg_state/T/1000001", "msg_edit/T/1/x", "check_phone/T/1"]
        {
            let answer = say(&sandbox, &format!("GET /api2/{target}"));
            assert_eq!(answer, r#"200 {"err":"acc not authorized"}"#, "{target}");
        }
        // The history and the list of channels are the vendor's own.
        for target in ["msg_get/T/79000000001/5", "msg_get_last/T/5", "channel_list/T"] {
            let answer = say(&sandbox, &format!("GET /api2/{target}"));
            assert!(answer.starts_with(r#"200 {"err":0,"#), "{target}: {answer}");
        }
    }
}

#[test]
fn what_cannot_leave_fails_when_its_turn_comes() {
    for (state, word) in
        [(ChannelState::NotAuthorized, "not sent"), (ChannelState::Blocked, "failed")]
    {
        let (sandbox, channel) = with_channel(Messenger::WhatsApp);
        say(&sandbox, "GET /api2/msg_to/T/79000000001/hi/?delay=15");
        channel.state(state);
        sandbox.run_until_idle();
        channel.state(ChannelState::Authorized);
        let answer = say(&sandbox, "GET /api2/msg_state/T/1000001");
        assert!(answer.contains(&format!(r#""state":"{word}""#)), "{answer}");
        assert!(channel.sent().is_empty());
    }
    // Where the number is not checked first, the message is taken and goes nowhere.
    let (sandbox, _) = with(|profile| profile.wamm.checks_before_sending = false);
    sandbox.no_account(PHONE);
    say(&sandbox, "GET /api2/msg_to/T/79000000001/hi");
    sandbox.run_until_idle();
    let answer = say(&sandbox, "GET /api2/msg_state/T/1000001");
    assert!(answer.contains(r#""state":"noAccount""#), "{answer}");
    let failed = Delivery::Failed(FailureReason::NoAccount).to_string();
    assert!(sandbox.journal().iter().any(|entry| entry.to_string().ends_with(&failed)));
}

#[test]
fn other_messengers_have_other_words_and_addresses() {
    for messenger in [Messenger::Telegram, Messenger::TelegramBot, Messenger::Max] {
        let (sandbox, channel) = with_channel(messenger);
        sandbox.no_account("@nobody");
        let no = say(&sandbox, "GET /api2/msg_to/T/?phone=@nobody&text=hi");
        assert_eq!(no, r#"200 {"err":"no Account on the number"}"#);
        for phone in ["@durov", "-100200300", "123456"] {
            let answer = say(&sandbox, &format!("GET /api2/msg_to/T/?phone={phone}&text=hi"));
            assert!(answer.starts_with(r#"200 {"err":0"#), "{phone}: {answer}");
        }
        sandbox.run_until_idle();
        let chats: Vec<_> = channel.sent().into_iter().map(|sent| sent.chat.to_string()).collect();
        assert_eq!(chats, ["@durov", "-100200300", "123456"]);
    }
    // A group of WhatsApp is a bare number of 18 digits.
    let (sandbox, _) = with_channel(Messenger::WhatsApp);
    let group = say(&sandbox, "GET /api2/msg_to/T/?phone=120363000000000000&text=hi");
    assert!(group.starts_with(r#"200 {"err":0"#));
}

#[test]
fn a_number_is_checked() {
    let (sandbox, _) = with_channel(Messenger::WhatsApp);
    sandbox.no_account("79000000002");
    for target in ["check_phone/T/?phone=79000000001", "check_phone/T/79000000001"] {
        let answer = say(&sandbox, &format!("GET /api2/{target}"));
        assert_eq!(answer, r#"200 {"err":0,"result":"exists"}"#);
    }
    let no = say(&sandbox, "GET /api2/check_phone/T/79000000002");
    assert_eq!(no, r#"200 {"err":0,"result":"not exists"}"#);
    let (sandbox, _) = with(|profile| profile.wamm.not_exists = "notExists".to_owned());
    sandbox.no_account(PHONE);
    let no = say(&sandbox, "GET /api2/check_phone/T/79000000001");
    assert_eq!(no, r#"200 {"err":0,"result":"notExists"}"#);
}

#[test]
fn the_history_is_read_newest_first() {
    let (sandbox, channel) = with_channel(Messenger::WhatsApp);
    sandbox.name_contact(PHONE, "Ann");
    channel.contact_writes(PHONE, "hello");
    say(&sandbox, "GET /api2/msg_to/T/79000000001/hi");
    say(&sandbox, "GET /api2/msg_to/T/79000000002/ho");
    sandbox.clock().advance(Duration::from_secs(1));
    // Dates are local: three hours east of UTC.
    let hello = r#"{"msg_id":"1000001","from_me":"0","phone":"79000000001","chat_name":"Ann","tip_msg":"textMessage","msg_text":"hello","msg_link":null,"date_ins":"2020-09-13 15:26:40","date_upd":"2020-09-13 15:26:40","state":"received"}"#;
    let hi = r#"{"msg_id":"1000002","from_me":"1","phone":"79000000001","chat_name":"Ann","tip_msg":"textMessage","msg_text":"hi","msg_link":null,"date_ins":"2020-09-13 15:26:40","date_upd":"2020-09-13 15:26:40","state":"sent"}"#;
    let ho = r#"{"msg_id":"1000003","from_me":"1","phone":"79000000002","chat_name":"79000000002","tip_msg":"textMessage","msg_text":"ho","msg_link":null,"date_ins":"2020-09-13 15:26:40","date_upd":"2020-09-13 15:26:40","state":"sending"}"#;
    for (target, messages) in [
        ("msg_get_last/T/?col=100", vec![ho, hi, hello]),
        ("msg_get_last/T/2", vec![ho, hi]),
        ("msg_get_last/T/?col=100&from_me=1", vec![ho, hi]),
        ("msg_get_last/T/100/?from_me=0", vec![hello]),
        ("msg_get/T/?phone=79000000001&col=100", vec![hi, hello]),
        ("msg_get/T/79000000001/1", vec![hi]),
        ("msg_get/T/79000000009/5", vec![]),
    ] {
        let answer = say(&sandbox, &format!("GET /api2/{target}"));
        let expected = format!(r#"200 {{"err":0,"msg_data":[{}]}}"#, messages.join(","));
        assert_eq!(answer, expected, "{target}");
    }
}

#[test]
fn a_listing_holds_one_to_a_hundred() {
    let (sandbox, channel) = with_channel(Messenger::WhatsApp);
    for _ in 0..120 {
        channel.contact_writes(PHONE, "x");
    }
    for (col, count) in [("0", 1), ("7", 7), ("100", 100), ("1000", 100), ("x", 100)] {
        let answer = say(&sandbox, &format!("GET /api2/msg_get_last/T/{col}"));
        assert_eq!(answer.matches("msg_id").count(), count, "{col}");
    }
}

#[test]
fn a_text_is_edited_where_the_messenger_can() {
    for (request, text) in [
        ("GET /api2/msg_edit/T/1000001?text=one", "one"),
        ("GET /api2/msg_edit/T/1000001/?text=two", "two"),
        ("GET /api2/msg_edit/T/1000001/three%2F3", "three/3"),
        (
            "POST /api2/msg_edit/T/1000001\nContent-Type: application/x-www-form-urlencoded\n\ntext=four",
            "four",
        ),
    ] {
        let (sandbox, channel) = with_channel(Messenger::Telegram);
        say(&sandbox, "GET /api2/msg_to/T/@durov/hi");
        sandbox.run_until_idle();
        let answer = say(&sandbox, request);
        assert_eq!(answer, r#"200 {"err":0,"result":"success"}"#, "{request}");
        assert_eq!(channel.sent()[0].body, text);
    }
    let (sandbox, channel) = with_channel(Messenger::TelegramBot);
    let theirs = channel.contact_writes("@durov", "hello").unwrap();
    let long = "x".repeat(4501);
    for (target, err) in [
        (format!("{theirs}?text=mine"), "msg not be"),
        ("77?text=x".to_owned(), "msg not be"),
        ("x?text=x".to_owned(), "msg_id fail"),
        (format!("{theirs}"), "text fail"),
        (format!("{theirs}?text={long}"), "text fail, more 4500"),
    ] {
        let answer = say(&sandbox, &format!("GET /api2/msg_edit/T/{target}"));
        assert_eq!(answer, format!(r#"200 {{"err":"{err}"}}"#));
    }
}

#[test]
fn only_editing_takes_post_unless_the_profile_says_otherwise() {
    let request = "POST /api2/msg_to/T/\nContent-Type: application/x-www-form-urlencoded\n\nphone=79000000001&text=hi";
    let (sandbox, _) = with(|_| {});
    assert!(say(&sandbox, request).starts_with("405 {\"err\":"));
    let (sandbox, _) = with(|profile| profile.wamm.post_everywhere = true);
    assert_eq!(say(&sandbox, request), r#"200 {"err":0,"msg_id":1000001}"#);
}

#[test]
fn a_line_end_that_was_encoded_twice_is_one_if_the_profile_says_so() {
    for (twice, text) in [(false, "a%0Ab"), (true, "a\nb")] {
        let (sandbox, channel) = with(|profile| profile.wamm.decodes_twice = twice);
        say(&sandbox, "GET /api2/msg_to/T/?phone=79000000001&text=a%250Ab");
        sandbox.run_until_idle();
        assert_eq!(channel.sent()[0].body, text);
    }
}

#[test]
fn the_channels_of_the_account_are_listed_by_any_token() {
    let (sandbox, _) = with_channel(Messenger::WhatsApp);
    sandbox.add_channel("U", Messenger::Telegram).state(ChannelState::NotAuthorized);
    sandbox.add_channel("V", Messenger::TelegramBot).pay_state("archive");
    let whatsapp = r#"{"api_id":101,"api_tip":"whatsapp","pay_state":"active","phone":"79980000001","api_tag":"Channel 101","state":"authorized","hook":""}"#;
    let telegram = r#"{"api_id":102,"api_tip":"tg","pay_state":"active","phone":"79980000002","api_tag":"Channel 102","state":"notAuthorized","hook":""}"#;
    let bot = r#"{"api_id":103,"api_tip":"tg_bot","pay_state":"archive","phone":"79980000003","api_tag":"Channel 103","state":"authorized","hook":""}"#;
    for (target, channels) in [
        ("T", vec![whatsapp, telegram, bot]),
        ("U", vec![whatsapp, telegram, bot]),
        ("T/active", vec![whatsapp, telegram]),
        ("T/archive", vec![bot]),
        ("T/statusOff", vec![telegram]),
        ("T/statusOn", vec![whatsapp]),
        ("U/one", vec![telegram]),
    ] {
        let answer = say(&sandbox, &format!("GET /api2/channel_list/{target}"));
        let expected = format!(r#"200 {{"err":0,"data":[{}]}}"#, channels.join(","));
        assert_eq!(answer, expected, "{target}");
    }
}

#[test]
fn a_channel_outlives_its_token() {
    let (sandbox, channel) = with_channel(Messenger::WhatsApp);
    channel.replace_token("new/T");
    assert_eq!(say(&sandbox, "GET /api2/channel_list/T"), r#"200 {"err":"token fail"}"#);
    assert!(say(&sandbox, "GET /api2/channel_list/new%2FT/one").starts_with(r#"200 {"err":0"#));
    assert!(channel.exists() && !sandbox.channel("T").exists());
    assert_eq!(sandbox.channel("new/T").api_id(), channel.api_id());
}

#[test]
fn reading_is_seen() {
    let (sandbox, channel) = with(|profile| profile.wamm.read_after = None);
    say(&sandbox, "GET /api2/msg_to/T/79000000001/hi");
    sandbox.run_until_idle();
    assert_eq!(channel.sent()[0].delivery, Delivery::Delivered);
    channel.contact_reads("+7 900 000-00-01");
    assert_eq!(channel.sent()[0].delivery, Delivery::Read);
}

#[test]
fn no_method_is_missing() {
    let (sandbox, _) = with_channel(Messenger::WhatsApp);
    for entry in CATALOGUE {
        let (verb, name) = (entry.operation.verb.as_str(), entry.operation.name);
        let answer = say(&sandbox, &format!("{verb} /api2/{name}/T"));
        assert!(answer.starts_with("200 "), "{name}: {answer}");
    }
}

#[test]
fn answers_are_compact_json() {
    let (sandbox, _) = with_channel(Messenger::WhatsApp);
    let answer = exchange(&sandbox, "GET /api2/check_phone/T/79000000001");
    assert_eq!(answer.headers()["content-type"], "application/json; charset=utf-8");
    assert!(!answer.body().contains(&b' ') && !answer.body().contains(&b'\n'));
}
