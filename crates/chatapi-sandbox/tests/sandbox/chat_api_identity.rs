//! Who the instance is, and how it looks.

use bytes::Bytes;
use chatapi_sandbox::Sandbox;

use crate::wire::{ask, call, exchange, say, with_instance};

#[test]
fn the_phone_tells_who_it_is() {
    let sandbox = with_instance();
    sandbox.instance("123").battery(42);
    assert_eq!(
        ask(&sandbox, "me", ""),
        r#"200 {"id":"79990000001@c.us","battery":42,"locale":"en","name":"79990000001","wa_version":"2.20.200","device":{"os_version":"10","manufacturer":"Sandbox","model":"Virtual phone"}}"#
    );
    say(&sandbox, "GET /instance123/logout?token=token");
    assert!(ask(&sandbox, "me", "").starts_with("200 {\"error\":"));
}

#[test]
fn the_output_address_stands_in_both_places() {
    let sandbox = with_instance();
    let both = r#"200 {"address":"192.0.2.1","result":"192.0.2.1"}"#;
    assert_eq!(ask(&sandbox, "outputIP", ""), both);
}

#[test]
fn a_name_is_set_under_either_key_and_shows() {
    let sandbox = with_instance();
    let set = |body: &str| call(&sandbox, "setName", body);
    assert_eq!(
        set(r#"{"pushname":"Shop"}"#),
        r#"200 {"success":true,"result":"success","pushname":"Shop"}"#
    );
    assert!(ask(&sandbox, "me", "").contains(r#""name":"Shop""#));
    assert!(set("accountName=Store").contains(r#""pushname":"Store""#));
    assert!(set("accountName=Store&pushname=Both").contains(r#""pushname":"Both""#));
    call(&sandbox, "sendMessage", "phone=79000000001&body=hi");
    sandbox.run_until_idle();
    assert!(ask(&sandbox, "messages", "").contains(r#""senderName":"Both""#));
    for wrong in ["", "pushname="] {
        let answer = set(wrong);
        assert!(answer.starts_with(r#"200 {"success":false,"result":"failed","#), "{answer}");
    }
}

#[test]
fn a_line_about_oneself_is_set_under_either_key() {
    let sandbox = with_instance();
    let done = r#"200 {"success":true,"result":"success"}"#;
    assert_eq!(call(&sandbox, "setStatus", r#"{"status":"Open"}"#), done);
    assert_eq!(sandbox.instance("123").about(), "Open");
    assert_eq!(call(&sandbox, "setStatus", "accountStatus=Closed"), done);
    assert_eq!(sandbox.instance("123").about(), "Closed");
    assert!(call(&sandbox, "setStatus", "").contains(r#""success":false"#));
    say(&sandbox, "GET /instance123/logout?token=token");
    assert!(call(&sandbox, "setStatus", "status=x").contains("not equals authenticated"));
}

fn screenshot(sandbox: &Sandbox) -> Bytes {
    let answer = exchange(sandbox, "GET /instance123/screenshot?token=token");
    assert_eq!(answer.headers()["content-type"], "image/png");
    let mut reader =
        png::Decoder::new(std::io::Cursor::new(answer.body().clone())).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    answer.into_body()
}

#[test]
fn the_screenshot_is_a_picture_of_how_things_are() {
    let sandbox = with_instance();
    let empty = screenshot(&sandbox);
    sandbox.instance("123").contact_writes("79000000001", "hi");
    let with_chat = screenshot(&sandbox);
    assert_ne!(empty, with_chat);
    say(&sandbox, "GET /instance123/logout?token=token");
    assert_ne!(screenshot(&sandbox), with_chat);
    say(&sandbox, "GET /instance123/status?token=token");
    sandbox.clock().advance(std::time::Duration::from_secs(5));
    let code = exchange(&sandbox, "GET /instance123/qr_code?token=token").into_body();
    assert_eq!(screenshot(&sandbox), code);
}
