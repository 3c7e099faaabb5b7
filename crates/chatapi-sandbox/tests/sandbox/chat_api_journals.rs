//! The ban filter and the journals.

use std::time::Duration;

use chatapi_sandbox::{Profile, Sandbox};

use crate::wire::{PHONE, ask, call, exchange, say, with_instance};

const BAN_7: &str = r#"{"banPhoneMask":"^7900\\d+$","preBanMessage":"No"}"#;

#[test]
fn the_filter_is_set_read_and_tried() {
    let sandbox = with_instance();
    let none = r#"200 {"banPhoneMask":"","preBanMessage":"","set":false}"#;
    assert_eq!(ask(&sandbox, "banSettings", ""), none);
    let set = |set: bool| {
        format!(r#"200 {{"banPhoneMask":"^7900\\d+$","preBanMessage":"No","set":{set}}}"#)
    };
    assert_eq!(call(&sandbox, "banSettings", BAN_7), set(true));
    assert_eq!(call(&sandbox, "banSettings", BAN_7), set(false));
    assert_eq!(ask(&sandbox, "banSettings", ""), set(false));
    assert_eq!(
        call(&sandbox, "banTest", r#"{"phone":"79000000001"}"#),
        r#"200 {"banned":true,"message":"No","phone":"79000000001","banPhoneMask":"^7900\\d+$"}"#
    );
    assert_eq!(
        ask(&sandbox, "banTest", "phone=49000000001@c.us"),
        r#"200 {"banned":false,"message":"","phone":"49000000001","banPhoneMask":"^7900\\d+$"}"#
    );
    for (method, body) in [
        ("banSettings", r#"{"banPhoneMask":"(","preBanMessage":"No"}"#),
        ("banSettings", r#"{"banPhoneMask":"7"}"#),
        ("banTest", "{}"),
        ("banTest", r#"{"phone":"Ann"}"#),
    ] {
        let answer = call(&sandbox, method, body);
        assert!(answer.starts_with("400 {\"error\":"), "{method} {body}: {answer}");
    }
    assert_eq!(ask(&sandbox, "banSettings", ""), set(false));
}

#[test]
fn whoever_is_banned_is_told_once_and_not_heard() {
    let sandbox = with_instance();
    let instance = sandbox.instance("123");
    call(&sandbox, "banSettings", BAN_7);
    instance.contact_writes(PHONE, "hello?");
    instance.contact_writes(PHONE, "hello!");
    instance.contact_writes("49000000001", "hi");
    sandbox.run_until_idle();
    let sent: Vec<_> = instance.sent().into_iter().map(|m| (m.chat, m.body)).collect();
    assert_eq!(sent, [("79000000001@c.us".into(), "No".to_owned())]);
    let messages = ask(&sandbox, "messages", "");
    assert!(!messages.contains("hello") && messages.contains("\"hi\""), "{messages}");

    let mut profile = Profile::default();
    profile.chat_api.drops_banned = false;
    let lenient = Sandbox::builder().profile(profile).build();
    lenient.add_instance("123", "token");
    call(&lenient, "banSettings", BAN_7);
    lenient.instance("123").contact_writes(PHONE, "hello?");
    assert!(ask(&lenient, "messages", "").contains("hello?"));
}

#[test]
fn states_are_written_down_where_the_setting_asks_for_it() {
    let sandbox = with_instance();
    say(&sandbox, "GET /instance123/reboot?token=token");
    sandbox.clock().advance(Duration::from_secs(10));
    assert_eq!(ask(&sandbox, "instanceStatuses", ""), r#"200 {"data":[]}"#);
    call(&sandbox, "settings", "instanceStatuses=1");
    say(&sandbox, "GET /instance123/reboot?token=token");
    sandbox.clock().advance(Duration::from_secs(10));
    assert_eq!(
        ask(&sandbox, "instanceStatuses", ""),
        r#"200 {"data":[{"date":"2020-09-13T12:26:50.000Z","status":"loading"},{"date":"2020-09-13T12:26:52.000Z","status":"authenticated"}]}"#
    );
    assert_eq!(
        ask(&sandbox, "instanceStatuses", "min_time=1600000011&max_time=1600000012"),
        r#"200 {"data":[{"date":"2020-09-13T12:26:52.000Z","status":"authenticated"}]}"#
    );
    assert!(ask(&sandbox, "instanceStatuses", "min_time=x").starts_with("400"));
}

#[test]
fn a_webhook_is_written_down_where_the_settings_ask_for_it() {
    let sandbox = with_instance();
    let instance = sandbox.instance("123");
    let before = instance.contact_writes(PHONE, "before").unwrap();
    call(&sandbox, "settings", "webhookStatuses=1&webhookUrl=http://127.0.0.1:1/");
    let after = instance.contact_writes(PHONE, "after").unwrap();
    let raw =
        exchange(&sandbox, &format!("GET /instance123/webhookStatus?token=token&msgId={after}"));
    assert_eq!(
        *raw.body(),
        format!(r#"{{"msgId":"{after}","time":"2020-09-13T12:26:40.000Z","status":"queued"}}"#)
    );
    let unknown = |id: &str| ask(&sandbox, "webhookStatus", &format!("msgId={id}"));
    assert!(unknown(before.as_str()).starts_with("200 {\"error\":"));
    assert!(ask(&sandbox, "webhookStatus", "").starts_with("400"));

    let repeat = |id: &str| call(&sandbox, "repeatHook", &format!("messageId={id}"));
    assert_eq!(repeat(before.as_str()), r#"200 {"success":true,"result":"success"}"#);
    assert!(unknown(before.as_str()).contains(r#""status":"queued""#));
    assert!(repeat("none").starts_with(r#"200 {"success":false,"result":"failed","#));
}
