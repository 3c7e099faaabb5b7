//! The sends beyond text and file, and what is done to messages afterwards.

use std::time::Duration;

use crate::wire::{PHONE, ask, call, exchange, member, say, with_instance};

fn taken(number: u32) -> String {
    format!(
        r#"200 {{"sent":true,"message":"Sent to 79000000001@c.us","id":"true_79000000001@c.us_…","queueNumber":{number}}}"#
    )
}

#[test]
fn every_send_goes_through_the_one_queue_with_its_type_and_body() {
    let sandbox = with_instance();
    sandbox.name_contact("79000000005", "Doe, Jane");
    for (number, (method, body)) in [
        ("sendPTT", r#"{"phone":79000000001,"audio":"https://files.example/a.ogg"}"#),
        ("sendAudio", r#"{"phone":79000000001,"audio":"data:audio/ogg;base64,T2dnUw=="}"#),
        (
            "sendLink",
            r#"{"phone":79000000001,"body":"https://example.com","previewBase64":"data:image/jpeg;base64,aGk=","title":"T","text":"Look"}"#,
        ),
        ("sendContact", r#"{"phone":79000000001,"contactId":"79000000005@c.us"}"#),
        (
            "sendContact",
            r#"{"phone":79000000001,"contactIds":["79000000005@c.us","79000000006@c.us"]}"#,
        ),
        (
            "sendLocation",
            r#"{"phone":79000000001,"lat":55.756025,"lng":"37.617664","address":"Red Square\nMoscow"}"#,
        ),
        (
            "sendVCard",
            r#"{"phone":79000000001,"vcard":"BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nEND:VCARD"}"#,
        ),
        (
            "sendButtons",
            r#"{"phone":79000000001,"title":"T","body":"Choose","footer":"F","buttons":["a","b"]}"#,
        ),
        (
            "sendProduct",
            r#"{"phone":79000000001,"productId":"1001","body":"https://files.example/cup.png","filename":"cup.png"}"#,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let number = u32::try_from(number + 1).unwrap();
        assert_eq!(call(&sandbox, method, body), taken(number), "{method}");
    }
    let queue = ask(&sandbox, "showMessagesQueue", "");
    for (number, kind) in
        ["ptt", "ptt", "chat", "vcard", "multi_vcard", "location", "vcard", "chat", "product"]
            .into_iter()
            .enumerate()
    {
        let entry = queue.split("\"id\":").nth(number + 1).unwrap();
        assert!(entry.starts_with(&format!("{},", number + 1)), "{entry}");
        assert!(entry.contains(&format!(r#""type":"{kind}""#)), "{entry}");
    }
    assert!(queue.contains(r#""metadata":{"title":"T","footer":"F","buttons":["a","b"]}"#));

    sandbox.run_until_idle();
    let sent = sandbox.instance("123").sent();
    let bodies: Vec<&str> = sent.iter().map(|message| &*message.body).collect();
    assert_eq!(bodies[0], "https://files.example/a.ogg");
    assert!(bodies[1].starts_with("http://sandbox.invalid/files/") && bodies[1].ends_with(".ogg"));
    assert_eq!(bodies[2], "Look\nhttps://example.com");
    assert_eq!(
        bodies[3],
        "BEGIN:VCARD\nVERSION:3.0\nN:;Doe\\, Jane;;;\nFN:Doe\\, Jane\nTEL;type=CELL;waid=79000000005:+79000000005\nEND:VCARD"
    );
    assert_eq!(bodies[4].matches("BEGIN:VCARD").count(), 2);
    assert_eq!(bodies[5], "55.756025;37.617664");
    assert_eq!(bodies[7], "Choose");

    let messages = ask(&sandbox, "messages", "");
    assert!(messages.contains(r#""body":"55.756025;37.617664","fromMe":true"#), "{messages}");
    assert!(messages.contains(r#""caption":"Red Square\nMoscow""#), "{messages}");
    assert!(messages.contains(r#""metadata":{"productId":"1001"}"#), "{messages}");
    // The voice that was handed over is at an address now.
    let path = sent[1].body.strip_prefix("http://sandbox.invalid").unwrap();
    assert_eq!(exchange(&sandbox, &format!("GET {path}")).body(), "OggS");
}

#[test]
fn sends_that_make_no_sense_are_declined_in_a_200() {
    let sandbox = with_instance();
    let id = sandbox.instance("123").contact_writes(PHONE, "hello").unwrap();
    for (method, body, about) in [
        ("sendPTT", r#"{"phone":79000000001}"#.to_owned(), "audio"),
        ("sendPTT", r#"{"phone":79000000001,"audio":"a.ogg"}"#.to_owned(), "audio"),
        ("sendPTT", r#"{"audio":"https://files.example/a.ogg"}"#.to_owned(), "phone parameter"),
        ("sendLink", r#"{"phone":79000000001}"#.to_owned(), "empty body"),
        (
            "sendLink",
            r#"{"phone":79000000001,"body":"https://example.com","title":"T"}"#.to_owned(),
            "previewBase64",
        ),
        (
            "sendLink",
            r#"{"phone":79000000001,"body":"example","previewBase64":"data:;base64,aGk=","title":"T"}"#
                .to_owned(),
            "body is not a link",
        ),
        ("sendContact", r#"{"phone":79000000001}"#.to_owned(), "contactId"),
        ("sendContact", r#"{"phone":79000000001,"contactId":[]}"#.to_owned(), "contactId"),
        ("sendContact", r#"{"phone":79000000001,"contactId":"Ann"}"#.to_owned(), "contactId"),
        ("sendLocation", r#"{"phone":79000000001,"lat":1,"lng":2}"#.to_owned(), "address"),
        (
            "sendLocation",
            r#"{"phone":79000000001,"lat":91,"lng":2,"address":"x"}"#.to_owned(),
            "lat",
        ),
        (
            "sendLocation",
            r#"{"phone":79000000001,"lat":"north","lng":2,"address":"x"}"#.to_owned(),
            "lat",
        ),
        ("sendVCard", r#"{"phone":79000000001,"vcard":"Ann"}"#.to_owned(), "vcard"),
        (
            "sendButtons",
            r#"{"phone":79000000001,"title":"","body":"b","footer":"","buttons":[]}"#.to_owned(),
            "buttons",
        ),
        (
            "sendProduct",
            r#"{"phone":79000000001,"productId":"9","body":"https://h/","filename":"a.png"}"#
                .to_owned(),
            "product 9 not found",
        ),
        ("forwardMessage", r#"{"phone":79000000001}"#.to_owned(), "messageId"),
        ("forwardMessage", r#"{"phone":79000000001,"messageId":"x"}"#.to_owned(), "not found"),
        ("forwardMessage", format!(r#"{{"phone":1,"messageId":"{id}"}}"#), "phone parameter"),
    ] {
        let answer = call(&sandbox, method, &body);
        assert!(answer.starts_with("200 {\"sent\":false,\"message\":"), "{method}: {answer}");
        assert!(answer.contains(about), "{method}: {answer}");
    }
    assert_eq!(sandbox.instance("123").queue_len(), 0);
}

#[test]
fn messages_are_forwarded_one_by_one_or_together() {
    let sandbox = with_instance();
    let instance = sandbox.instance("123");
    let (one, two) = (
        instance.contact_writes("79000000002", "one").unwrap(),
        instance.contact_writes("79000000002", "two").unwrap(),
    );
    let both = format!(r#"{{"phone":{PHONE},"messageId":["{one}","{two}"]}}"#);
    assert_eq!(call(&sandbox, "forwardMessage", &both), taken(1));
    let single = format!("phone={PHONE}&messageId={one}");
    assert_eq!(call(&sandbox, "forwardMessage", &single), taken(3));
    // All or none.
    let half = format!(r#"{{"phone":{PHONE},"messageId":["{one}","none"]}}"#);
    assert!(call(&sandbox, "forwardMessage", &half).contains("message none not found"));
    sandbox.run_until_idle();
    let bodies: Vec<String> = instance.sent().into_iter().map(|message| message.body).collect();
    assert_eq!(bodies, ["one", "two", "one"]);
    assert_eq!(ask(&sandbox, "messages", "").matches(r#""isForwarded":1"#).count(), 3);
}

#[test]
fn a_deleted_message_is_gone() {
    let sandbox = with_instance();
    let id = sandbox.instance("123").contact_writes(PHONE, "hello").unwrap();
    let delete = format!(r#"{{"messageId":"{id}"}}"#);
    let done = r#"200 {"success":true,"result":"success"}"#;
    assert_eq!(call(&sandbox, "deleteMessage", &delete), done);
    assert_eq!(ask(&sandbox, "messages", ""), r#"200 {"messages":[],"lastMessageNumber":0}"#);
    let again = call(&sandbox, "deleteMessage", &delete);
    assert!(again.starts_with(r#"200 {"result":"failed","message":"#), "{again}");
    let nothing = call(&sandbox, "deleteMessage", "{}");
    assert!(nothing.contains("messageId"), "{nothing}");
    // The numbers of others do not move.
    sandbox.instance("123").contact_writes(PHONE, "again");
    assert!(ask(&sandbox, "messages", "").contains(r#""messageNumber":2"#));
}

#[test]
fn the_history_is_read_backwards_page_by_page() {
    let sandbox = with_instance();
    for n in 1..=5 {
        let chat = if n == 3 { "79000000002" } else { PHONE };
        sandbox.instance("123").contact_writes(chat, &n.to_string());
    }
    let bodies = |query: &str| {
        let answer = ask(&sandbox, "messagesHistory", query);
        let bodies = answer.split(r#""body":""#).skip(1);
        let bodies: String = bodies.filter_map(|rest| rest.chars().next()).collect();
        let (_, page) = answer.rsplit_once("],\"page\":").unwrap();
        (bodies, page.trim_end_matches('}').to_owned())
    };
    assert_eq!(bodies(""), ("54321".to_owned(), "0".to_owned()));
    assert_eq!(bodies("count=2"), ("54".to_owned(), "0".to_owned()));
    assert_eq!(bodies("count=2&page=2"), ("1".to_owned(), "2".to_owned()));
    assert_eq!(bodies("count=2&page=3"), (String::new(), "3".to_owned()));
    assert_eq!(bodies("chatId=79000000002@c.us"), ("3".to_owned(), "0".to_owned()));
    assert!(ask(&sandbox, "messagesHistory", "page=x").starts_with("400"));
}

#[test]
fn a_file_that_was_handed_over_can_be_fetched_for_thirty_days() {
    let sandbox = with_instance();
    let send = |body: &str| {
        let body = format!(r#"{{"phone":{PHONE},"filename":"a.txt","body":"{body}"}}"#);
        let request = format!("POST /instance123/sendFile?token=token\n\n{body}");
        let answer = exchange(&sandbox, &request);
        member(std::str::from_utf8(answer.body()).unwrap(), "id")
    };
    let handed = send("data:text/plain;base64,aGVsbG8=");
    let linked = send("https://files.example/a.txt");
    // What waits is no message yet.
    assert!(ask(&sandbox, "getFile", &format!("msgId={handed}")).starts_with("404"));
    sandbox.run_until_idle();
    let fetch = format!("GET /instance123/getFile?token=token&msgId={handed}");
    let file = exchange(&sandbox, &fetch);
    assert_eq!(file.headers()["content-type"], "text/plain");
    assert_eq!(file.body(), "hello");
    let text = sandbox.instance("123").contact_writes(PHONE, "hi").unwrap();
    for id in [&linked, text.as_str(), "none"] {
        let answer = ask(&sandbox, "getFile", &format!("msgId={id}"));
        assert!(answer.starts_with("404 {\"error\":"), "{answer}");
    }
    assert!(ask(&sandbox, "getFile", "").starts_with("400"));
    sandbox.clock().advance(Duration::from_secs(30 * 86_400 + 1));
    assert!(say(&sandbox, &fetch).starts_with("404"));
}
