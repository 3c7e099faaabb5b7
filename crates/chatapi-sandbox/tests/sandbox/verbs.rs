//! That every method of Chat API and every function of the account is the same call by `GET` with a
//! query and by `POST` with a form (lists of texts: JSON for both), whatever its name: the same answer
//! to the byte, and the same world afterwards.

use std::collections::BTreeSet;
use std::time::Duration;

use chatapi_sandbox::{Profile, Sandbox};
use chatapi_types::{Entry, admin, chat_api};

use crate::wire::{call, exchange, member};

/// What is done to the world before the call.
type Before = fn(&Sandbox);

/// What reads by `GET` without arguments, and otherwise sets.
const SETTERS: [&str; 3] = ["settings", "webhook", "banSettings"];

const NOTHING: Before = |_| {};

/// A method, its arguments (`{…}` stands for what the world of [`world`] has by that name), and how
/// the answer begins where it was heeded.
type Row = (&'static str, Before, &'static str, &'static str);

const DONE: &str = r#"{"success":true,"result":"success"}"#;
const CHAT: &str = r#"{"result":"success","chatId":"79000000002@c.us"}"#;
const ELSE: &str = r#"{"result":"success","chatId":"79000000001@c.us"}"#;
const SENT: &str = r#"{"sent":true,"message":"Sent to 79000000001@c.us","id":"true_"#;
const MADE: &str = r#"{"result":{"status":"created","instance":{"id":"100001","#;

#[rustfmt::skip]
const CHAT_API: &[Row] = &[
    ("status", NOTHING, "full=1", r#"{"accountStatus":"authenticated","statusData":{"#),
    ("logout", NOTHING, "", r#"{"result":"Logout request sent to WhatsApp""#),
    ("takeover", in_conflict, "", r#"{"result":"Takeover request sent to WhatsApp""#),
    ("expiry", showing_an_old_code, "", r#"{"result":"Expiry request sent to WhatsApp""#),
    ("retry", syncing, "", r#"{"result":"Retry request sent to WhatsApp""#),
    ("reboot", NOTHING, "", r#"{"success":true"#),
    ("qr_code", showing_a_code, "", "\u{fffd}PNG"),
    ("screenshot", NOTHING, "", "\u{fffd}PNG"),
    ("me", NOTHING, "", r#"{"id":"7999"#),
    ("outputIP", NOTHING, "", r#"{"address":"192.0.2.1""#),
    ("setName", NOTHING, "pushname=Shop", r#"{"success":true,"result":"success","pushname":"Shop"}"#),
    ("setStatus", NOTHING, "status=busy", DONE),
    ("settings", NOTHING, "", r#"{"sendDelay":null,"#),
    ("settings", NOTHING, "sendDelay=5&ackNotificationsOn=true", r#"{"sendDelay":5,"#),
    ("webhook", NOTHING, "", r#"{"set":false,"message":"","webhookUrl":""}"#),
    ("webhook", NOTHING, "webhookUrl=http://127.0.0.1:9/h", r#"{"set":true,"message":"http://127.0.0.1:9/h""#),
    ("repeatHook", noting_webhooks, "messageId={heard}", DONE),
    ("sendMessage", NOTHING, "phone=79000000001&body=hi", SENT),
    ("sendFile", NOTHING, "phone=79000000001&body=http://h.test/a.jpg&filename=a.jpg", SENT),
    ("sendPTT", NOTHING, "phone=79000000001&audio=http://h.test/a.ogg", SENT),
    ("sendLink", NOTHING, "phone=79000000001&body=http://h.test/&title=t&previewBase64=data:image/png;base64,AAAA", SENT),
    ("sendContact", NOTHING, "phone=79000000001&contactId=79000000002@c.us", SENT),
    ("sendLocation", NOTHING, "phone=79000000001&lat=55.7&lng=37.6&address=Here", SENT),
    ("sendVCard", NOTHING, "phone=79000000001&vcard=BEGIN:VCARD%0AVERSION:3.0%0AFN:A%0AEND:VCARD", SENT),
    ("forwardMessage", NOTHING, "phone=79000000001&messageId={heard}", SENT),
    ("deleteMessage", NOTHING, "messageId={heard}", DONE),
    ("sendButtons", NOTHING, r#"{"phone":79000000001,"title":"T","body":"Choose","footer":"F","buttons":["a","b"]}"#, SENT),
    ("sendProduct", NOTHING, "phone=79000000001&productId=1001&body=http://h.test/a.jpg&filename=a.jpg", SENT),
    ("messages", NOTHING, "limit=1", r#"{"messages":[{"id":""#),
    ("messagesHistory", NOTHING, "page=0&count=2", r#"{"messages":[{"id":""#),
    ("getFile", NOTHING, "msgId={file}", "hello"),
    ("getProducts", NOTHING, "", r#"{"products":[{"id":"1001","#),
    ("getProduct", NOTHING, "productId=1002", r#"{"id":"1002","#),
    ("getOrder", NOTHING, "orderId={order}&orderToken={token}", r#"{"id":"1","subtotal":990,"#),
    ("dialogs", NOTHING, "limit=2", r#"{"dialogs":[{"id":""#),
    ("dialog", NOTHING, "chatId={group}", r#"{"id":"79990000001-1600000000@g.us","name":"Team""#),
    ("group", NOTHING, "groupName=New&phones=79000000001&messageText=hi", r#"{"created":true,"message":"Group created","chatId":""#),
    ("addGroupParticipant", NOTHING, "groupId={group}&participantPhone=79000000003", r#"{"add":true,"#),
    ("removeGroupParticipant", NOTHING, "groupId={group}&participantPhone=79000000001", r#"{"add":true,"#),
    ("promoteGroupParticipant", NOTHING, "groupId={group}&participantPhone=79000000001", r#"{"add":true,"#),
    ("demoteGroupParticipant", NOTHING, "groupId={group}&participantPhone=79000000001", r#"{"add":true,"#),
    ("joinGroup", NOTHING, "code={code}", r#"{"chatId":"79990000002-"#),
    ("leaveGroup", NOTHING, "chatId={group}", r#"{"result":"success"}"#),
    ("readChat", NOTHING, "phone=79000000002", r#"{"read":true,"#),
    ("unreadChat", NOTHING, "phone=79000000002", CHAT),
    ("pinChat", NOTHING, "phone=79000000002", CHAT),
    ("unpinChat", NOTHING, "phone=79000000001", ELSE),
    ("removeChat", NOTHING, "phone=79000000002", r#"{"result":"success"}"#),
    ("typing", NOTHING, "phone=79000000002&duration=7", DONE),
    ("recording", NOTHING, "phone=79000000002", DONE),
    ("archiveChat", NOTHING, "phone=79000000002", CHAT),
    ("unarchiveChat", NOTHING, "phone=79000000001", ELSE),
    ("clearChat", NOTHING, "phone=79000000002", CHAT),
    ("disappearingChat", NOTHING, "phone=79000000002", CHAT),
    ("labelsList", NOTHING, "", r#"{"labels":[{"id":"1","name":"New","#),
    ("createLabel", NOTHING, "name=Paid", r#"{"success":true,"result":"created","label":{"id":"2","name":"Paid","#),
    ("updateLabel", NOTHING, "labelId=1&name=Old&hexColor=%23ffffff", DONE),
    ("removeLabel", NOTHING, "labelId=1", r#"{"success":true,"result":"deleted"}"#),
    ("labelChat", NOTHING, "phone=79000000002&labelId=1", CHAT),
    ("unlabelChat", NOTHING, "phone=79000000001&labelId=1", ELSE),
    ("checkPhone", NOTHING, "phone=79000000001", r#"{"result":"exists"}"#),
    ("userStatus", NOTHING, "phone=79000000002", r#"{"chatId":"79000000002@c.us","status":"#),
    ("showMessagesQueue", busy, "", r#"{"totalMessages":1,"#),
    ("showActionsQueue", busy, "", r#"{"totalActions":1,"#),
    ("clearMessagesQueue", busy, "", r#"{"message":"Cleared 1 messages","#),
    ("clearActionsQueue", busy, "", r#"{"message":"Cleared 1 actions","#),
    ("banSettings", NOTHING, "", r#"{"banPhoneMask":"","#),
    ("banSettings", NOTHING, "banPhoneMask=%5E7900&preBanMessage=no", r#"{"banPhoneMask":"^7900","preBanMessage":"no","set":true}"#),
    ("banTest", NOTHING, "phone=79000000001", r#"{"banned":false,"#),
    ("instanceStatuses", noting_states, "", r#"{"data":[{"#),
    ("webhookStatus", noting_webhooks, "msgId={last}", r#"{"msgId":"false_"#),
];

#[rustfmt::skip]
const ADMIN: &[Row] = &[
    ("newInstance", NOTHING, "type=whatsapp", MADE),
    ("deleteInstance", NOTHING, "instanceId=123", r#"{"result":"deleted"}"#),
    ("listInstances", NOTHING, "", r#"{"result":[{"id":"123","#),
    ("cleanInstance", NOTHING, "instanceId=123", r#"{"result":"cleaned"}"#),
    ("reloadInstance", NOTHING, "instanceId=123", r#"{"result":"reloaded"}"#),
    ("transferDays", NOTHING, "source=123&receiver=124&days=3", r#"{"result":"transferred"}"#),
];

fn showing_a_code(sandbox: &Sandbox) {
    sandbox.instance("123").log_out();
    sandbox.instance("123").wake();
    sandbox.clock().advance(Duration::from_secs(5));
}

fn showing_an_old_code(sandbox: &Sandbox) {
    showing_a_code(sandbox);
    sandbox.instance("123").expire_qr();
}

fn syncing(sandbox: &Sandbox) {
    showing_a_code(sandbox);
    assert!(sandbox.instance("123").scan_qr());
}

fn in_conflict(sandbox: &Sandbox) {
    sandbox.instance("123").open_second_session();
}

fn noting_states(sandbox: &Sandbox) {
    sandbox.instance("123").change_settings(|settings| settings.instance_statuses = Some(true));
    sandbox.instance("123").log_out();
}

fn noting_webhooks(sandbox: &Sandbox) {
    sandbox.instance("123").change_settings(|settings| {
        settings.webhook_statuses = Some(true);
        settings.webhook_url = Some("http://127.0.0.1:9/h".to_owned());
    });
    sandbox.instance("123").contact_writes("79000000002", "heard");
}

fn busy(sandbox: &Sandbox) {
    sandbox.instance("123").phone_offline();
    call(sandbox, "sendMessage", "phone=79000000001&body=waits");
    call(sandbox, "readChat", "phone=79000000002");
}

/// A world in which there is something of everything, and what `{…}` stands for in it.
fn world(before: Before) -> (Sandbox, Vec<(&'static str, String)>) {
    let mut profile = Profile::default();
    profile.admin.transfer_above = 1;
    let sandbox = Sandbox::builder().profile(profile).build();
    let account = sandbox.add_account("uid");
    let instance = account.add_instance("123", "token");
    account.add_instance("124", "token");
    account.pay_days("123", 10);
    let raw =
        |request: &str| String::from_utf8(exchange(&sandbox, request).body().to_vec()).unwrap();
    let team = "token=token&groupName=Team&phones=79000000001";
    let group = member(&raw(&format!("GET /instance123/group?{team}")), "chatId");
    let link = member(&raw(&format!("GET /instance124/group?{team}")), "groupInviteLink");
    let file = "token=token&phone=79000000001&filename=a.txt&body=data:text/plain;base64,aGVsbG8=";
    let file = member(&raw(&format!("GET /instance123/sendFile?{file}")), "id");
    sandbox.run_until_idle();
    call(&sandbox, "createLabel", "name=New");
    call(&sandbox, "labelChat", "phone=79000000001&labelId=1");
    call(&sandbox, "pinChat", "phone=79000000001");
    call(&sandbox, "archiveChat", "phone=79000000001");
    instance.contact_orders("79000000002", &["1001"]).unwrap();
    let order = raw("GET /instance123/messages?token=token");
    let heard = instance.contact_writes("79000000002", "hello").unwrap();
    before(&sandbox);
    let last = raw("GET /instance123/messages?token=token&last=true&limit=1");
    let names = vec![
        ("{group}", group),
        ("{code}", link.rsplit_once('/').unwrap().1.to_owned()),
        ("{file}", file),
        ("{order}", member(&order, "orderId")),
        ("{token}", member(&order, "orderToken")),
        ("{heard}", heard.to_string()),
        (
            "{last}",
            last.split_once("\"id\":\"")
                .map(|(_, id)| id.split('"').next().unwrap().to_owned())
                .unwrap_or_default(),
        ),
    ];
    (sandbox, names)
}

/// Says it in a new world, where the secret stands before the arguments; gives back the answer, with
/// its head, and the world afterwards.
fn say(verb: &str, path: &str, secret: &str, (_, before, args, _): &Row) -> (String, Vec<u8>) {
    let (sandbox, names) = world(*before);
    let args = names.iter().fold((*args).to_owned(), |args, (name, it)| args.replace(name, it));
    let request = match verb {
        "GET" if !args.starts_with('{') => format!("GET {path}?{secret}&{args}"),
        _ => format!("{verb} {path}?{secret}\n\n{args}"),
    };
    let answer = exchange(&sandbox, &request);
    let body = String::from_utf8_lossy(answer.body());
    let answer = format!("{} {:?}\n{body}", answer.status(), answer.headers());
    (answer, sandbox.snapshot().to_bytes().unwrap())
}

fn is_the_same_by_either_verb(catalogue: &[Entry], under: &str, secret: &str, rows: &[Row]) {
    let declared: BTreeSet<_> = catalogue.iter().map(|entry| entry.operation.name).collect();
    assert_eq!(declared, rows.iter().map(|row| row.0).collect(), "a row for every method");
    let mut wrong = Vec::new();
    for row in rows {
        let entry = catalogue.iter().find(|entry| entry.operation.name == row.0).unwrap();
        let path = format!("{under}{}", row.0);
        let by_get = say("GET", &path, secret, row);
        let body = by_get.0.split_once('\n').unwrap().1;
        if !body.starts_with(row.3) {
            wrong.push(format!("{path} {}: {}", row.2, by_get.0));
        }
        for name in entry.operation.aliases.iter().chain([&row.0]) {
            // To post nothing is to set nothing.
            let only_reads = SETTERS.contains(name) && row.2.is_empty();
            for verb in if only_reads { &["GET"][..] } else { &["GET", "POST"] } {
                let (answer, after) = say(verb, &format!("{under}{name}"), secret, row);
                assert_eq!(answer, by_get.0, "{verb} {name} {}", row.2);
                assert!(after == by_get.1, "{verb} {name} {} leaves another world", row.2);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_method_is_the_same_call_by_either_verb_and_name() {
    is_the_same_by_either_verb(chat_api::CATALOGUE, "/instance123/", "token=token", CHAT_API);
}

#[test]
fn every_function_of_the_account_is_the_same_call_by_either_verb() {
    is_the_same_by_either_verb(admin::CATALOGUE, "/admin/", "uid=uid", ADMIN);
}
