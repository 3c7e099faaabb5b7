//! Chat API's methods, one emulator note of the wire document after the other.

use std::time::Duration;

use chatapi_sandbox::{Profile, Sandbox, profile::AckForm};

use crate::wire::{PHONE, exchange, say, with_instance};

const SENT: &str = r#"200 {"sent":true,"message":"Sent to 79000000001@c.us","id":"true_79000000001@c.us_…","queueNumber":1}"#;

#[test]
fn a_send_is_understood_in_every_form_that_clients_use() {
    for request in [
        // Both addressing forms.
        "POST /instance123/sendMessage?token=token\nContent-Type: application/json\n\n{\"phone\":79000000001,\"body\":\"hi\"}",
        "POST /sendMessage?instanceId=123&token=token\nContent-Type: application/json\n\n{\"phone\":\"79000000001\",\"body\":\"hi\"}",
        // Forms; no content type; query only; a form body on GET.
        "POST /instance123/sendMessage?token=token\nContent-Type: application/x-www-form-urlencoded\n\nphone=79000000001&body=hi",
        "POST /instance123/sendMessage?token=token\n\n{\"phone\":\"79000000001\",\"body\":\"hi\"}",
        "POST /instance123/sendMessage?token=token&phone=79000000001&body=hi",
        "GET /instance123/sendMessage?token=token&phone=79000000001&body=hi",
        "GET /instance123/sendMessage?token=token\nContent-Type: application/x-www-form-urlencoded\n\nphone=79000000001&body=hi",
        // The body wins.
        "POST /instance123/sendMessage?token=token&body=old&phone=79000000009\n\n{\"phone\":\"79000000001\",\"body\":\"hi\"}",
        // The alias, doubled slashes, junk.
        "POST /instance123/message?token=token\n\n{\"phone\":\"79000000001\",\"body\":\"hi\"}",
        "POST //instance123//sendMessage?token=token\n\n{\"phone\":\"79000000001\",\"body\":\"hi\"}",
        "POST /instance123/sendMessage?token=token\nAuthorization: Bearer x\n\n{\"phone\":\"79000000001\",\"body\":\"hi\",\" body\":\"x\",\"headers\":{\"a\":[1]}}",
        // A chat instead of a phone, under its names and in the wrong one.
        "POST /instance123/sendMessage?token=token\n\n{\"chatId\":\"79000000001@c.us\",\"body\":\"hi\"}",
        "POST /instance123/sendMessage?token=token\n\n{\"chatID\":\"79000000001@c.us\",\"body\":\"hi\"}",
        "POST /instance123/sendMessage?token=token\n\n{\"phone\":\"79000000001@c.us\",\"body\":\"hi\"}",
        // With both the chat wins.
        "POST /instance123/sendMessage?token=token\n\n{\"chatId\":\"79000000001@c.us\",\"phone\":79000000009,\"body\":\"hi\"}",
        // Phones to mention in every form.
        "POST /instance123/sendMessage?token=token\n\n{\"phone\":79000000001,\"body\":\"hi\",\"mentionedPhones\":[79000000002,\"79000000003\"]}",
        "POST /instance123/sendMessage?token=token\n\nphone=79000000001&body=hi&mentionedPhones=79000000002,79000000003",
    ] {
        let sandbox = with_instance();
        assert_eq!(say(&sandbox, request), SENT, "{request}");
        sandbox.run_until_idle();
        assert_eq!(sandbox.instance("123").sent()[0].body, "hi", "{request}");
    }
}

#[test]
fn who_has_no_token_is_told_so_in_the_vendors_words() {
    let sandbox = with_instance();
    let wrong = r#"401 {"error":"Wrong token \"x\" for instance \"123\". Please provide token as a GET parameter."}"#;
    assert_eq!(say(&sandbox, "GET /instance123/settings?token=x"), wrong);
    assert_eq!(say(&sandbox, "POST /settings?instanceId=123&token=x"), wrong);
    let missing = r#"401 {"error":"Wrong token. Please provide token as a GET parameter."}"#;
    assert_eq!(say(&sandbox, "GET /instance123/status"), missing);
    assert_eq!(say(&sandbox, "GET /status?token="), missing);
    let unknown = r#"401 {"error":"Wrong token \"token\" for instance \"9\". Please provide token as a GET parameter."}"#;
    assert_eq!(say(&sandbox, "GET /instance9/status?token=token"), unknown);
}

#[test]
fn a_replaced_token_counts_at_once() {
    let sandbox = with_instance();
    sandbox.instance("123").replace_token("new/token");
    assert!(say(&sandbox, "GET /instance123/status?token=token").starts_with("401"));
    assert!(say(&sandbox, "GET /instance123/status?token=new%2Ftoken").starts_with("200"));
}

#[test]
fn what_does_not_exist_is_not_found() {
    let sandbox = with_instance();
    for target in ["/instance123/fly?token=token", "/fly?instanceId=123&token=token"] {
        let answer = say(&sandbox, &format!("GET {target}"));
        assert_eq!(answer, r#"404 {"error":"Unknown method"}"#);
    }
    // Names are case-sensitive.
    assert!(say(&sandbox, "GET /instance123/Status?token=token").starts_with("404"));
    for target in ["/", "/instance123", "/a/b/c", "/files/none.png"] {
        let answer = say(&sandbox, &format!("GET {target}"));
        assert!(answer.starts_with("404 {\"error\":"), "{answer}");
    }
    assert!(say(&sandbox, "DELETE /instance123/status?token=token").starts_with("405"));
    let broken =
        "POST /instance123/sendMessage?token=token\nContent-Type: application/json\n\n{\"body\":";
    assert_eq!(say(&sandbox, broken), r#"400 {"error":"The body is not JSON"}"#);
}

#[test]
fn the_unpaid_get_no_service_but_their_status() {
    let sandbox = with_instance();
    sandbox.instance("123").unpaid();
    let refusal = r#"200 {"error":"Instance \"123\" is not paid. Please pay at app.chat-api.com"}"#;
    for method in ["settings", "sendMessage", "showMessagesQueue", "takeover"] {
        let answer = say(&sandbox, &format!("POST /instance123/{method}?token=token"));
        assert_eq!(answer, refusal);
    }
    let status = say(&sandbox, "GET /instance123/status?token=token");
    assert_eq!(status, r#"200 {"accountStatus":"not_paid"}"#);
    sandbox.instance("123").paid();
    let status = say(&sandbox, "GET /instance123/status?token=token");
    assert_eq!(status, r#"200 {"accountStatus":"authenticated"}"#);

    let mut profile = Profile::chat_api_2020();
    profile.chat_api.not_paid_status = 402;
    let strict = Sandbox::builder().profile(profile).build();
    strict.add_instance("123", "token").unpaid();
    assert!(say(&strict, "GET /instance123/settings?token=token").starts_with("402"));
}

#[test]
fn a_send_that_makes_no_sense_is_declined_in_a_200() {
    let sandbox = with_instance();
    let empty = r#"200 {"sent":false,"message":"Message was not sent: empty body. Please provide message text in body parameter in JSON POST."}"#;
    let phone = r#"200 {"sent":false,"message":"phone parameter should contain only numbers, start from country code and be 9-14 characters long"}"#;
    for (body, refusal) in [
        (r#"{"phone":79000000001}"#, empty),
        (r#"{"phone":79000000001,"body":""}"#, empty),
        (r#"{"phone":79000000001,"body":null}"#, empty),
        (r#"{"body":"hi"}"#, phone),
        (r#"{"phone":"+79000000001","body":"hi"}"#, phone),
        (r#"{"phone":12345678,"body":"hi"}"#, phone),
        (r#"{"phone":123456789012345,"body":"hi"}"#, phone),
        (r#"{"chatId":"somebody@c.us","body":"hi"}"#, phone),
        (r#"{"chatId":"79000000001@s.whatsapp.net","body":"hi"}"#, phone),
    ] {
        let request = format!("POST /instance123/sendMessage?token=token\n\n{body}");
        assert_eq!(say(&sandbox, &request), refusal, "{body}");
    }
    for (body, about) in [
        (r#"{"phone":79000000001,"body":"report.pdf","filename":"a.pdf"}"#, "body"),
        (r#"{"phone":79000000001,"body":"data:;base64,***","filename":"a.pdf"}"#, "body"),
        (r#"{"phone":79000000001,"body":"https://h/a.pdf"}"#, "filename"),
    ] {
        let request = format!("POST /instance123/sendFile?token=token\n\n{body}");
        let answer = say(&sandbox, &request);
        assert!(answer.starts_with("200 {\"sent\":false,"), "{answer}");
        assert!(answer.contains(about), "{answer}");
    }
    assert_eq!(sandbox.instance("123").queue_len(), 0);
}

#[test]
fn a_group_takes_messages_too() {
    let sandbox = with_instance();
    let request = "POST /instance123/sendMessage?token=token\n\n{\"chatId\":\"79000000001-1600000000@g.us\",\"body\":\"hi\"}";
    let answer = say(&sandbox, request);
    assert!(answer.contains("Sent to 79000000001-1600000000@g.us"), "{answer}");
}

#[test]
fn a_file_is_sent_by_address_or_by_content() {
    let sandbox = with_instance();
    let by_address = "POST /instance123/sendFile?token=token\n\n{\"phone\":79000000001,\"body\":\"https://files.example/a.PDF\",\"filename\":\"a.PDF\",\"caption\":\"look\",\"cached\":\"1\"}";
    assert_eq!(say(&sandbox, by_address), SENT);
    let by_content = "POST /instance123/sendFile?token=token\n\nphone=79000000001&filename=dot.png&body=data:image/png%3Bbase64,aGk%3D";
    assert!(say(&sandbox, by_content).contains(r#""queueNumber":2"#));
    sandbox.run_until_idle();

    let sent = sandbox.instance("123").sent();
    assert_eq!(sent[0].body, "https://files.example/a.PDF");
    let file = sent[0].file.clone().unwrap();
    assert_eq!((&*file.name, file.caption.as_deref()), ("a.PDF", Some("look")));
    assert_eq!(file.content, None);
    let file = sent[1].file.clone().unwrap();
    assert_eq!(file.content.as_deref(), Some(&b"hi"[..]));

    // What was handed over is at an address now.
    let path = sent[1].body.strip_prefix("http://sandbox.invalid").unwrap();
    let answer = exchange(&sandbox, &format!("GET {path}"));
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert_eq!(answer.headers()["content-security-policy"], "default-src 'none'; sandbox");
    assert_eq!(answer.body(), "hi");

    let messages = say(&sandbox, "GET /instance123/messages?token=token");
    assert!(messages.contains(r#""type":"document""#), "{messages}");
    assert!(messages.contains(r#""caption":"look""#), "{messages}");
    assert!(messages.contains(r#""type":"image""#), "{messages}");
}

#[test]
fn the_history_tells_who_wrote_what_when_and_how_far_it_came() {
    let mut profile = Profile::default();
    profile.chat_api.processing = Duration::from_secs(1)..=Duration::from_secs(1);
    let sandbox = Sandbox::builder().profile(profile).build();
    sandbox.add_instance("123", "token");
    sandbox.name_contact(PHONE, "Ann");
    let id = sandbox.instance("123").contact_writes(PHONE, "hello").unwrap();
    let reply = format!(
        "POST /instance123/sendMessage?token=token\n\n{{\"phone\":{PHONE},\"body\":\"hi\",\"quotedMsgId\":\"{id}\"}}"
    );
    assert_eq!(say(&sandbox, &reply), SENT);
    sandbox.clock().advance(Duration::from_millis(1_500));
    assert_eq!(
        say(&sandbox, "GET /instance123/messages?token=token"),
        concat!(
            r#"200 {"messages":[{"id":"false_79000000001@c.us_…","body":"hello","fromMe":false,"self":0,"isForwarded":0,"author":"79000000001@c.us","time":1600000000,"chatId":"79000000001@c.us","messageNumber":1,"type":"chat","senderName":"Ann","caption":null,"quotedMsgBody":null,"quotedMsgId":null,"quotedMsgType":null,"chatName":"Ann"},"#,
            r#"{"id":"true_79000000001@c.us_…","body":"hi","fromMe":true,"self":1,"isForwarded":0,"author":"79990000001@c.us","time":1600000001,"chatId":"79000000001@c.us","messageNumber":2,"type":"chat","senderName":"79990000001","caption":null,"quotedMsgBody":"hello","quotedMsgId":"false_79000000001@c.us_…","quotedMsgType":"chat","chatName":"Ann","ack":"sent"}],"lastMessageNumber":2}"#,
        )
    );
    sandbox.instance("123").contact_reads(PHONE);
    let messages = say(&sandbox, "GET /instance123/messages?token=token");
    assert!(messages.contains(r#""ack":"viewed""#), "{messages}");
}

#[test]
fn the_form_of_acks_is_a_matter_of_the_profile() {
    for (form, expected) in [
        (AckForm::Omitted, r#""chatName":"79000000001"}"#),
        (AckForm::Words, r#""ack":"viewed"}"#),
        (AckForm::Numbers, r#""ack":"3"}"#),
    ] {
        let mut profile = Profile::default();
        profile.chat_api.ack_in_messages = form;
        let sandbox = Sandbox::builder().profile(profile).build();
        sandbox.add_instance("123", "token");
        say(&sandbox, "GET /instance123/message?token=token&phone=79000000001&body=hi");
        sandbox.run_until_idle();
        let messages = say(&sandbox, "GET /instance123/messages?token=token");
        assert!(messages.contains(expected), "{messages}");
    }
}

fn numbers(sandbox: &Sandbox, query: &str) -> (Vec<u64>, u64) {
    let answer = say(sandbox, &format!("GET /instance123/messages?token=token&{query}"));
    let mut numbers = answer
        .split("\"messageNumber\":")
        .skip(1)
        .map(|rest| rest.split(',').next().unwrap().parse().unwrap());
    let (_, last) = answer.rsplit_once("\"lastMessageNumber\":").unwrap();
    (numbers.by_ref().collect(), last.trim_end_matches('}').parse().unwrap())
}

#[test]
fn the_history_is_read_page_by_page() {
    let sandbox = with_instance();
    let instance = sandbox.instance("123");
    for n in 1..=250 {
        let chat = if n % 2 == 0 { "79000000002" } else { PHONE };
        instance.contact_writes(chat, "x");
        sandbox.clock().advance(Duration::from_secs(1));
    }
    let all = |from: u64, to: u64| (from..=to).collect::<Vec<_>>();
    assert_eq!(numbers(&sandbox, ""), (all(1, 100), 100));
    assert_eq!(numbers(&sandbox, "lastMessageNumber=100"), (all(101, 200), 200));
    assert_eq!(numbers(&sandbox, "lastMessageNumber=200"), (all(201, 250), 250));
    assert_eq!(numbers(&sandbox, "lastMessageNumber=250"), (vec![], 250));
    assert_eq!(numbers(&sandbox, "limit=3"), (all(1, 3), 3));
    assert_eq!(numbers(&sandbox, "limit=0"), (all(1, 250), 250));
    assert_eq!(numbers(&sandbox, "last=True"), (all(151, 250), 250));
    // The newest make the cursor void.
    assert_eq!(numbers(&sandbox, "last=1&lastMessageNumber=249"), (all(151, 250), 250));
    let (even, last) = numbers(&sandbox, "chatId=79000000002@c.us&limit=4");
    assert_eq!((even, last), (vec![2, 4, 6, 8], 8));
    let (window, _) = numbers(&sandbox, "min_time=1600000010&max_time=1600000012");
    assert_eq!(window, [11, 12, 13]);
    assert_eq!(numbers(&sandbox, "chatId=1@c.us"), (vec![], 0));
    let nonsense = say(&sandbox, "GET /instance123/messages?token=token&limit=many");
    assert_eq!(nonsense, r#"400 {"error":"`limit`: expected a whole number"}"#);
}

#[test]
fn a_number_is_checked() {
    let sandbox = with_instance();
    sandbox.no_account("79000000002");
    let check =
        |args: &str| say(&sandbox, &format!("GET /instance123/checkPhone?token=token&{args}"));
    assert_eq!(check("phone=79000000001"), r#"200 {"result":"exists"}"#);
    assert_eq!(check("phone=79000000002"), r#"200 {"result":"not exists"}"#);
    assert_eq!(check("phone=79000000001@c.us"), r#"200 {"result":"exists"}"#);
    // A Russian number with its home prefix reaches nobody.
    assert_eq!(check("phone=89000000001"), r#"200 {"result":"not exists"}"#);
    assert!(check("phone=x").starts_with(r#"200 {"result":"failed","message":"phone parameter"#));
}

#[test]
fn settings_are_read_and_changed_in_part() {
    let sandbox = with_instance();
    let new = r#"200 {"sendDelay":null,"webhookUrl":null,"instanceStatuses":null,"webhookStatuses":null,"statusNotificationsOn":null,"ackNotificationsOn":null,"chatUpdateOn":null,"videoUploadOn":null,"proxy":null,"guaranteedHooks":null,"ignoreOldMessages":null,"processArchive":null,"disableDialogsArchive":null}"#;
    assert_eq!(say(&sandbox, "GET /instance123/settings?token=token"), new);
    let changed = r#"200 {"sendDelay":3,"webhookUrl":null,"instanceStatuses":null,"webhookStatuses":null,"statusNotificationsOn":null,"ackNotificationsOn":true,"chatUpdateOn":null,"videoUploadOn":false,"proxy":null,"guaranteedHooks":null,"ignoreOldMessages":null,"processArchive":null,"disableDialogsArchive":null,"update":{"sendDelay":3,"ackNotificationsOn":true,"videoUploadOn":false},"updated":{"sendDelay":3,"ackNotificationsOn":true,"videoUploadOn":false}}"#;
    for request in [
        "POST /instance123/settings?token=token\n\n{\"sendDelay\":3,\"ackNotificationsOn\":true,\"videoUploadOn\":false,\"junk\":1}",
        "POST /instance123/settings?token=token\n\nsendDelay=3&ackNotificationsOn=1&videoUploadOn=False",
        "GET /instance123/settings?token=token&sendDelay=3&ackNotificationsOn=True&videoUploadOn=0",
    ] {
        assert_eq!(say(&sandbox, request), changed, "{request}");
    }
    // What was not given stays.
    let answer = say(&sandbox, "POST /instance123/settings?token=token\n\n{\"proxy\":\"h:1\"}");
    assert!(answer.contains(r#""sendDelay":3,"#), "{answer}");
    assert!(answer.ends_with(r#""update":{"proxy":"h:1"},"updated":{"proxy":"h:1"}}"#), "{answer}");
    let wrong = "POST /instance123/settings?token=token\n\n{\"sendDelay\":\"soon\"}";
    assert_eq!(say(&sandbox, wrong), r#"400 {"error":"`sendDelay`: expected a whole number"}"#);
}

#[test]
fn a_webhook_is_set_read_and_cleared() {
    let sandbox = with_instance();
    let read = || say(&sandbox, "GET /instance123/webhook?token=token");
    assert_eq!(read(), r#"200 {"set":false,"message":"","webhookUrl":""}"#);
    let set = "POST /instance123/webhook?token=token\n\n{\"webhookUrl\":\"https://h/x\"}";
    let done = r#"200 {"set":true,"message":"https://h/x","webhookUrl":"https://h/x"}"#;
    assert_eq!(say(&sandbox, set), done);
    assert_eq!(read(), r#"200 {"set":false,"message":"https://h/x","webhookUrl":"https://h/x"}"#);
    // The same setting under both names.
    let settings = say(&sandbox, "GET /instance123/settings?token=token");
    assert!(settings.contains(r#""webhookUrl":"https://h/x""#));
    let wrong = "POST /instance123/webhook?token=token\n\n{\"webhookUrl\":\"ftp://h\"}";
    assert!(say(&sandbox, wrong).starts_with(r#"200 {"set":false,"message":"webhookUrl must"#));
    let clear = "POST /instance123/webhook?token=token\n\nwebhookUrl=";
    assert_eq!(say(&sandbox, clear), r#"200 {"set":true,"message":"","webhookUrl":""}"#);
    let settings = say(&sandbox, "GET /instance123/settings?token=token");
    assert!(settings.contains(r#""webhookUrl":null"#));
}

#[test]
fn the_date_follows_the_clock_and_the_body_is_labelled() {
    let sandbox = with_instance();
    sandbox.clock().advance(Duration::from_secs(3_600));
    let answer = exchange(&sandbox, "GET /instance123/status?token=token");
    assert_eq!(answer.headers()["date"], "Sun, 13 Sep 2020 13:26:40 GMT");
    assert_eq!(answer.headers()["content-type"], "application/json; charset=utf-8");
}

#[test]
fn a_setting_that_once_had_its_own_path_is_taken_there() {
    let sandbox = with_instance();
    let request =
        "POST /instance123/settings/ackNotificationsOn?token=token\n\nackNotificationsOn=1";
    assert!(say(&sandbox, request).contains(r#""update":{"ackNotificationsOn":true}"#));
    let settings = say(&sandbox, "GET /instance123/settings?token=token");
    assert!(settings.contains(r#""ackNotificationsOn":true"#), "{settings}");
}
