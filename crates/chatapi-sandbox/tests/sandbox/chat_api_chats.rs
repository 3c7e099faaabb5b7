//! Chats: what is listed, and what is done to them.

use std::time::Duration;

use chatapi_sandbox::Sandbox;

use crate::wire::{PHONE, ask, call, say, with_instance};

/// An instance to which three contacts wrote, 1 first.
fn with_chats() -> Sandbox {
    let sandbox = with_instance();
    for n in 1..=3 {
        sandbox.instance("123").contact_writes(format!("7900000000{n}"), "hi");
        sandbox.clock().advance(Duration::from_secs(10));
    }
    sandbox
}

/// The last digits of the chats that are listed.
fn listed(sandbox: &Sandbox, query: &str) -> String {
    let answer = ask(sandbox, "dialogs", query);
    assert!(answer.starts_with(r#"200 {"dialogs":["#), "{answer}");
    let mut before: Vec<&str> = answer.split("@c.us\",\"name\"").collect();
    before.pop();
    before.into_iter().filter_map(|before| before.chars().last()).collect()
}

#[test]
fn chats_are_listed_with_what_the_vendor_tells_of_them() {
    let sandbox = with_instance();
    assert_eq!(ask(&sandbox, "dialogs", ""), r#"200 {"dialogs":[]}"#);
    sandbox.name_contact(PHONE, "Ann");
    sandbox.instance("123").contact_writes(PHONE, "hi");
    let chat = r#"{"id":"79000000001@c.us","name":"Ann","image":"","metadata":{"isGroup":false,"participants":[],"groupInviteLink":null},"last_time":1600000000}"#;
    assert_eq!(ask(&sandbox, "dialogs", ""), format!("200 {{\"dialogs\":[{chat}]}}"));
    // One of them is not wrapped.
    for query in ["chatId=79000000001@c.us", "chatID=79000000001@c.us", "phone=79000000001"] {
        assert_eq!(ask(&sandbox, "dialog", query), format!("200 {chat}"), "{query}");
    }
    let none = r#"200 {"error":"Chat 79000000009@c.us not found"}"#;
    assert_eq!(ask(&sandbox, "dialog", "chatId=79000000009@c.us"), none);
    assert!(ask(&sandbox, "dialog", "").contains("phone parameter should contain"));
}

#[test]
fn a_message_to_an_unknown_phone_makes_the_chat_when_it_leaves() {
    let sandbox = with_instance();
    call(&sandbox, "sendMessage", r#"{"phone":79000000007,"body":"hi"}"#);
    assert_eq!(listed(&sandbox, ""), "");
    sandbox.clock().advance(Duration::from_secs(5));
    assert_eq!(listed(&sandbox, ""), "7");
}

#[test]
fn chats_are_listed_page_by_page() {
    let sandbox = with_chats();
    assert_eq!(listed(&sandbox, ""), "321");
    assert_eq!(listed(&sandbox, "order=asc"), "123");
    assert_eq!(listed(&sandbox, "limit=2"), "32");
    assert_eq!(listed(&sandbox, "limit=2&page=1"), "1");
    assert_eq!(listed(&sandbox, "limit=2&page=2"), "");
    assert_eq!(listed(&sandbox, "limit=0"), "321");
    assert!(ask(&sandbox, "dialogs", "limit=few").starts_with("400"));
}

#[test]
fn a_chat_is_read_when_the_action_is_done() {
    let sandbox = with_chats();
    let instance = sandbox.instance("123");
    assert_eq!(instance.chat(PHONE).unwrap().unread, 1);
    assert_eq!(
        call(&sandbox, "readChat", r#"{"phone":79000000001}"#),
        r#"200 {"read":true,"message":"Chat 79000000001@c.us will be read","chatId":"79000000001@c.us"}"#
    );
    assert_eq!(
        ask(&sandbox, "showActionsQueue", ""),
        r#"200 {"totalActions":1,"first100":[{"id":1,"type":"read chat","last_try":0,"json_data":{"chatId":"79000000001@c.us"}}]}"#
    );
    sandbox.run_until_idle();
    assert_eq!(instance.chat(PHONE).unwrap().unread, 0);
    assert_eq!(ask(&sandbox, "showActionsQueue", ""), r#"200 {"totalActions":0,"first100":[]}"#);

    assert_eq!(
        call(&sandbox, "unreadChat", r#"{"phone":79000000001}"#),
        r#"200 {"result":"success","chatId":"79000000001@c.us"}"#
    );
    assert!(instance.chat(PHONE).unwrap().is_marked_unread);
    assert_eq!(
        call(&sandbox, "readChat", r#"{"chatId":"79000000009@c.us"}"#),
        r#"200 {"read":false,"message":"Chat 79000000009@c.us not found","chatId":"79000000009@c.us"}"#
    );
    let nobody = call(&sandbox, "readChat", "{}");
    assert!(nobody.starts_with(r#"200 {"read":false,"message":"phone parameter"#), "{nobody}");
}

#[test]
fn pinned_chats_stand_first_and_a_fourth_is_only_called_a_success() {
    let sandbox = with_chats();
    sandbox.instance("123").contact_writes("79000000004", "hi");
    let pin = |n: u32| call(&sandbox, "pinChat", &format!("phone=7900000000{n}"));
    assert_eq!(pin(1), r#"200 {"result":"success","chatId":"79000000001@c.us"}"#);
    assert_eq!(listed(&sandbox, ""), "1432");
    pin(2);
    pin(3);
    assert_eq!(pin(4), r#"200 {"result":"success","chatId":"79000000004@c.us"}"#);
    assert!(!sandbox.instance("123").chat("79000000004").unwrap().is_pinned);
    assert_eq!(listed(&sandbox, ""), "3214");
    call(&sandbox, "unpinChat", "phone=79000000003");
    assert_eq!(listed(&sandbox, ""), "2143");
}

#[test]
fn archived_chats_stand_last_until_they_are_taken_out() {
    let sandbox = with_chats();
    let done = r#"200 {"result":"success","chatId":"79000000003@c.us"}"#;
    assert_eq!(call(&sandbox, "archiveChat", "phone=79000000003"), done);
    assert!(sandbox.instance("123").chat("79000000003").unwrap().is_archived);
    assert_eq!(listed(&sandbox, ""), "213");
    assert_eq!(call(&sandbox, "unarchiveChat", "phone=79000000003"), done);
    assert_eq!(listed(&sandbox, ""), "321");
}

#[test]
fn a_cleared_chat_is_empty_and_a_removed_one_is_gone() {
    let sandbox = with_chats();
    let done = r#"200 {"result":"success","chatId":"79000000003@c.us"}"#;
    assert_eq!(call(&sandbox, "clearChat", "phone=79000000003"), done);
    assert_eq!(listed(&sandbox, ""), "213");
    let of = |n: u32| ask(&sandbox, "messages", &format!("chatId=7900000000{n}@c.us"));
    assert!(of(3).starts_with(r#"200 {"messages":[],"#));
    assert!(!ask(&sandbox, "dialog", "phone=79000000003").contains("last_time"));

    assert_eq!(call(&sandbox, "removeChat", "phone=79000000002"), r#"200 {"result":"success"}"#);
    assert_eq!(listed(&sandbox, ""), "13");
    assert!(of(2).starts_with(r#"200 {"messages":[],"#));
    let gone = r#"200 {"result":"Couldn't delete chat or leaving group. Invalid number"}"#;
    assert_eq!(call(&sandbox, "removeChat", "phone=79000000002"), gone);
    assert_eq!(call(&sandbox, "removeChat", "phone=x"), gone);
    // Who writes again begins anew.
    sandbox.instance("123").contact_writes("79000000002", "hi");
    assert_eq!(listed(&sandbox, ""), "213");
}

#[test]
fn a_cleaned_instance_has_no_chats() {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_account("uid").add_instance("123", "token");
    instance.contact_writes(PHONE, "hi");
    assert_eq!(listed(&sandbox, ""), "1");
    say(&sandbox, "GET /admin/cleanInstance?uid=uid&instanceId=123");
    assert_eq!(listed(&sandbox, ""), "");
}

#[test]
fn messages_of_a_chat_are_made_to_disappear() {
    let sandbox = with_chats();
    call(&sandbox, "disappearingChat", "phone=79000000001");
    assert!(sandbox.instance("123").chat(PHONE).unwrap().is_disappearing);
}

#[test]
fn operations_on_what_is_not_there_fail_in_the_vendors_way() {
    let sandbox = with_chats();
    for method in [
        "unreadChat",
        "pinChat",
        "unpinChat",
        "archiveChat",
        "unarchiveChat",
        "clearChat",
        "disappearingChat",
    ] {
        let unknown = call(&sandbox, method, "phone=79000000009");
        let failed = r#"200 {"result":"failed","message":"Chat 79000000009@c.us not found"}"#;
        assert_eq!(unknown, failed, "{method}");
        let nobody = call(&sandbox, method, "phone=12");
        assert!(
            nobody.starts_with(r#"200 {"result":"failed","message":"phone parameter should"#),
            "{method}: {nobody}"
        );
    }
    assert_eq!(listed(&sandbox, ""), "321");
    say(&sandbox, "GET /instance123/logout?token=token");
    let refused = call(&sandbox, "archiveChat", "phone=79000000001");
    assert!(refused.contains("not equals authenticated"), "{refused}");
    assert!(!sandbox.instance("123").chat(PHONE).unwrap().is_archived);
}

#[test]
fn the_contact_sees_typing_for_five_seconds_unless_told_otherwise() {
    let sandbox = with_instance();
    let instance = sandbox.instance("123");
    let done = r#"200 {"success":true,"result":"success"}"#;
    let doing = || instance.activity().map(|(_, what)| what);
    assert_eq!(call(&sandbox, "typing", r#"{"phone":79000000001,"on":true}"#), done);
    assert_eq!(doing(), Some("typing"));
    sandbox.clock().advance(Duration::from_millis(4_999));
    assert_eq!(doing(), Some("typing"));
    sandbox.clock().advance(Duration::from_millis(1));
    assert_eq!(doing(), None);

    call(&sandbox, "recording", "phone=79000000001&on=start&duration=60");
    sandbox.clock().advance(Duration::from_secs(59));
    assert_eq!(doing(), Some("recording"));
    assert_eq!(call(&sandbox, "recording", "phone=79000000001&on=stop"), done);
    assert_eq!(doing(), None);
    for wrong in ["phone=1", "phone=79000000001&on=perhaps", "phone=79000000001&duration=x"] {
        let answer = call(&sandbox, "typing", wrong);
        assert!(answer.starts_with(r#"200 {"success":false,"result":"failed","#), "{answer}");
    }
    sandbox.run_until_idle();
}

#[test]
fn a_contact_is_available_for_a_while_after_it_wrote_or_read() {
    let sandbox = with_instance();
    let status = || ask(&sandbox, "userStatus", "phone=79000000001");
    assert_eq!(
        status(),
        r#"200 {"chatId":"79000000001@c.us","status":"unavailable","lastSeen":null}"#
    );
    sandbox.instance("123").contact_writes(PHONE, "hi");
    assert_eq!(
        status(),
        r#"200 {"chatId":"79000000001@c.us","status":"available","lastSeen":1600000000}"#
    );
    sandbox.clock().advance(Duration::from_secs(61));
    assert!(status().contains("unavailable"));
    sandbox.instance("123").contact_reads(PHONE);
    assert!(status().contains(r#""status":"available""#));
    sandbox.no_account("79000000002");
    let nobody = ask(&sandbox, "userStatus", "phone=79000000002");
    assert!(nobody.starts_with(r#"200 {"result":"failed","message":"#), "{nobody}");
}
