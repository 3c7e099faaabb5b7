//! Groups, their members, and the queue of actions.

use std::time::Duration;

use chatapi_sandbox::{Happening, Sandbox};
use chatapi_types::chat_api::ActionKind;

use crate::wire::{ask, call, exchange, member, say, with_instance};

const TEAM: &str = r#"{"groupName":"Team","phones":["79000000001",79000000002]}"#;
const GROUP: &str = "79990000001-1600000000@g.us";

fn raw(sandbox: &Sandbox, request: &str) -> String {
    String::from_utf8(exchange(sandbox, request).body().to_vec()).unwrap()
}

fn participants(sandbox: &Sandbox) -> String {
    let dialog = ask(sandbox, "dialog", &format!("chatId={GROUP}"));
    let (_, rest) = dialog.split_once("\"participants\":[").unwrap();
    let (list, _) = rest.split_once(']').unwrap();
    list.split("@c.us").filter_map(|before| before.chars().last()).filter(|c| *c != '"').collect()
}

#[test]
fn a_group_that_exists_within_the_wait_is_told_with_its_link() {
    let sandbox = with_instance();
    let answer = raw(&sandbox, &format!("POST /instance123/group?token=token\n\n{TEAM}"));
    let link = member(&answer, "groupInviteLink");
    assert_eq!(
        answer,
        format!(
            r#"{{"created":true,"message":"Group created","chatId":"{GROUP}","groupInviteLink":"{link}"}}"#
        )
    );
    assert!(link.starts_with("http://sandbox.invalid/invite/"), "{link}");
    let dialog = raw(&sandbox, &format!("GET /instance123/dialog?token=token&chatId={GROUP}"));
    assert_eq!(
        dialog,
        format!(
            r#"{{"id":"{GROUP}","name":"Team","image":"","metadata":{{"isGroup":true,"participants":["79000000001@c.us","79000000002@c.us"],"groupInviteLink":"{link}"}},"last_time":1600000000}}"#
        )
    );
    // It takes messages.
    call(&sandbox, "sendMessage", &format!("chatId={GROUP}&body=hi"));
    sandbox.run_until_idle();
    assert_eq!(sandbox.instance("123").sent()[0].chat.as_str(), GROUP);
}

#[test]
fn a_group_that_must_wait_for_the_phone_waits_in_the_queue() {
    let sandbox = with_instance();
    sandbox.instance("123").phone_offline();
    assert_eq!(
        call(&sandbox, "group", TEAM),
        r#"200 {"created":true,"message":"Group will be created"}"#
    );
    sandbox.clock().advance(Duration::from_secs(5));
    let queue = ask(&sandbox, "showActionsQueue", "");
    let (head, seconds) = queue.split_once("\"last_try\":").unwrap();
    assert_eq!(head, r#"200 {"totalActions":1,"first100":[{"id":1,"type":"create group","#);
    // Seconds, unlike the queue of messages.
    assert!(seconds.starts_with("160000000"), "{seconds}");
    assert!(
        seconds.ends_with(
            r#","json_data":{"groupName":"Team","chatIds":["79000000001@c.us","79000000002@c.us"]}}]}"#
        ),
        "{seconds}"
    );
    assert_eq!(ask(&sandbox, "dialogs", ""), r#"200 {"dialogs":[]}"#);
    // Trying again and again gets nobody anywhere.
    sandbox.run_until_idle();
    sandbox.instance("123").phone_online();
    sandbox.run_until_idle();
    assert!(ask(&sandbox, "dialogs", "").contains("\"name\":\"Team\""));
    assert!(ask(&sandbox, "showActionsQueue", "").contains("\"totalActions\":0"));
}

#[test]
fn members_are_given_in_every_form_and_the_first_message_is_sent() {
    for body in [
        r#"{"groupName":"Team","phones":"79000000001","messageText":"Welcome"}"#,
        r#"{"groupName":"Team","phones":[79000000001],"messageText":"Welcome"}"#,
        r#"{"groupName":"Team","chatIds":["79000000001@c.us"],"messageText":"Welcome"}"#,
        "groupName=Team&phones=79000000001&messageText=Welcome",
        // Its own number is no member, nor is anybody twice.
        r#"{"groupName":"Team","phones":[79990000001,79000000001,79000000001],"messageText":"Welcome"}"#,
    ] {
        let sandbox = with_instance();
        let answer = call(&sandbox, "group", body);
        assert!(answer.starts_with(r#"200 {"created":true"#), "{body}: {answer}");
        sandbox.run_until_idle();
        assert_eq!(participants(&sandbox), "1", "{body}");
        assert_eq!(sandbox.instance("123").sent()[0].body, "Welcome", "{body}");
    }
}

#[test]
fn who_has_no_account_is_in_no_group() {
    let sandbox = with_instance();
    sandbox.no_account("79000000002");
    call(&sandbox, "group", TEAM);
    assert_eq!(participants(&sandbox), "1");
}

#[test]
fn a_group_has_the_picture_that_it_was_given() {
    let sandbox = with_instance();
    call(&sandbox, "group", r#"{"groupName":"Team","phones":79000000001,"avatar640":"aGk="}"#);
    let dialog = raw(&sandbox, &format!("GET /instance123/dialog?token=token&chatId={GROUP}"));
    let image = member(&dialog, "image");
    let path = image.strip_prefix("http://sandbox.invalid").unwrap();
    assert_eq!(exchange(&sandbox, &format!("GET {path}")).body(), "hi");
}

#[test]
fn a_group_that_makes_no_sense_is_not_created() {
    let sandbox = with_instance();
    for body in [
        "{}",
        r#"{"groupName":"Team"}"#,
        r#"{"groupName":" ","phones":[79000000001]}"#,
        r#"{"groupName":"Team","phones":[]}"#,
        r#"{"groupName":"Team","phones":[12]}"#,
        r#"{"groupName":"Team","phones":["Ann"]}"#,
        r#"{"groupName":"Team","chatIds":["79000000001-1@g.us"]}"#,
    ] {
        let answer = call(&sandbox, "group", body);
        assert!(answer.starts_with(r#"200 {"created":false,"message":""#), "{body}: {answer}");
    }
    assert!(ask(&sandbox, "showActionsQueue", "").contains("\"totalActions\":0"));
}

#[test]
fn members_come_and_go_by_actions_of_the_queue() {
    let sandbox = with_instance();
    call(&sandbox, "group", TEAM);
    let with = |method: &str, person: &str| {
        call(&sandbox, method, &format!(r#"{{"groupId":"{GROUP}",{person}}}"#))
    };
    assert_eq!(
        with("addGroupParticipant", r#""participantPhone":79000000003"#),
        format!(r#"200 {{"add":true,"message":"Added to {GROUP}","groupId":"{GROUP}"}}"#)
    );
    assert_eq!(participants(&sandbox), "12");
    let queue = ask(&sandbox, "showActionsQueue", "");
    assert!(
        queue.contains(&format!(
            r#""type":"add group participant","last_try":0,"json_data":{{"groupId":"{GROUP}","participantChatId":"79000000003@c.us"}}"#
        )),
        "{queue}"
    );
    sandbox.run_until_idle();
    assert_eq!(participants(&sandbox), "123");

    for (method, person) in [
        ("removeGroupParticipant", r#""participantChatId":"79000000001@c.us""#),
        ("promoteGroupParticipant", r#""participantPhone":"79000000002""#),
        ("demoteGroupParticipant", r#""participantPhone":"79000000002@c.us""#),
    ] {
        let answer = with(method, person);
        assert!(answer.starts_with(r#"200 {"add":true,"message":""#), "{method}: {answer}");
    }
    sandbox.run_until_idle();
    assert_eq!(participants(&sandbox), "23");
    let journal = sandbox.journal();
    for kind in [ActionKind::PromoteGroupParticipant, ActionKind::DemoteGroupParticipant] {
        assert!(journal.iter().any(|entry| entry.event == Happening::ActionDone(kind.clone())));
    }
}

#[test]
fn what_turns_out_to_be_impossible_is_not_tried_again() {
    let sandbox = with_instance();
    call(&sandbox, "group", TEAM);
    sandbox.no_account("79000000004");
    for (method, person) in [
        ("addGroupParticipant", "79000000001"),
        ("addGroupParticipant", "79000000004"),
        ("removeGroupParticipant", "79000000003"),
        ("promoteGroupParticipant", "79000000003"),
    ] {
        call(&sandbox, method, &format!("groupId={GROUP}&participantPhone={person}"));
    }
    sandbox.run_until_idle();
    let failed = |event: &Happening| matches!(event, Happening::ActionFailed(_));
    assert_eq!(sandbox.journal().iter().filter(|entry| failed(&entry.event)).count(), 4);
    assert_eq!(participants(&sandbox), "12");
}

#[test]
fn members_of_no_group_and_no_members_are_refused() {
    let sandbox = with_instance();
    call(&sandbox, "group", TEAM);
    for (body, refusal) in [
        (
            "groupId=1-1@g.us&participantPhone=79000000003".to_owned(),
            r#"200 {"add":false,"message":"Group 1-1@g.us not found","groupId":"1-1@g.us"}"#
                .to_owned(),
        ),
        (
            "participantPhone=79000000003".to_owned(),
            r#"200 {"add":false,"message":"groupId is missing"}"#.to_owned(),
        ),
        (
            format!("groupId={GROUP}&participantPhone=12"),
            format!(
                r#"200 {{"add":false,"message":"phone parameter should contain only numbers, start from country code and be 9-14 characters long","groupId":"{GROUP}"}}"#
            ),
        ),
    ] {
        assert_eq!(call(&sandbox, "addGroupParticipant", &body), refusal);
    }
    assert!(ask(&sandbox, "showActionsQueue", "").contains("\"totalActions\":0"));
}

#[test]
fn actions_that_wait_can_be_cleared() {
    let sandbox = with_instance();
    call(&sandbox, "group", TEAM);
    sandbox.instance("123").phone_offline();
    for _ in 0..2 {
        let body = format!("groupId={GROUP}&participantPhone=79000000003");
        call(&sandbox, "addGroupParticipant", &body);
    }
    call(&sandbox, "readChat", &format!("chatId={GROUP}"));
    assert_eq!(
        ask(&sandbox, "clearActionsQueue", ""),
        r#"200 {"message":"Cleared 3 actions","actionsExample":["add group participant","add group participant","read chat"]}"#
    );
    sandbox.instance("123").phone_online();
    sandbox.run_until_idle();
    assert_eq!(participants(&sandbox), "12");
    assert_eq!(
        call(&sandbox, "clearActionsQueue", ""),
        r#"200 {"message":"Cleared 0 actions","actionsExample":[]}"#
    );
}

#[test]
fn another_instance_joins_by_link_or_code_and_leaves_again() {
    let sandbox = with_instance();
    sandbox.add_instance("124", "token");
    let made = raw(&sandbox, &format!("POST /instance123/group?token=token\n\n{TEAM}"));
    let link = member(&made, "groupInviteLink");
    let (_, code) = link.rsplit_once('/').unwrap();
    let other = |method: &str, body: &str| {
        say(&sandbox, &format!("POST /instance124/{method}?token=token\n\n{body}"))
    };
    for invitation in [format!("code={code}"), format!("url={link}")] {
        let joined = format!(r#"200 {{"chatId":"{GROUP}"}}"#);
        assert_eq!(other("joinGroup", &invitation), joined);
        // Its number ends in 2, as one of the members does.
        assert_eq!(participants(&sandbox), "122");
        assert!(other("dialogs", "").contains("Team"));
        let left = other("leaveGroup", &format!("chatId={GROUP}"));
        assert_eq!(left, r#"200 {"result":"success"}"#);
        assert_eq!(participants(&sandbox), "12");
        assert_eq!(other("dialogs", ""), r#"200 {"dialogs":[]}"#);
    }
    for wrong in ["code=none", "", "url=https://example.com/"] {
        let answer = other("joinGroup", wrong);
        assert!(answer.starts_with(r#"200 {"result":"failed","message":"#), "{answer}");
    }
    let gone = r#"200 {"result":"Couldn't delete chat or leaving group. Invalid number"}"#;
    assert_eq!(other("leaveGroup", &format!("chatId={GROUP}")), gone);
    assert_eq!(other("leaveGroup", "phone=79000000001"), gone);
}

#[test]
fn a_message_to_a_group_that_was_left_stays_in_the_queue() {
    let sandbox = with_instance();
    call(&sandbox, "group", TEAM);
    call(&sandbox, "removeChat", &format!("chatId={GROUP}"));
    call(&sandbox, "sendMessage", &format!("chatId={GROUP}&body=hi"));
    sandbox.run_until_idle();
    assert_eq!(sandbox.instance("123").queue_len(), 1);
}
