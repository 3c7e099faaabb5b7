//! wamm.chat's files, and the cap of test accounts.

use std::time::Duration;

use bytes::Bytes;
use chatapi_sandbox::{ChannelHandle, Profile, Sandbox};
use chatapi_types::Messenger;
use chatapi_types::wamm::MessageKind;

use crate::wire::{exchange, member, say};

fn with_channel() -> (Sandbox, ChannelHandle) {
    with(|_| {})
}

fn with(change: impl FnOnce(&mut Profile)) -> (Sandbox, ChannelHandle) {
    let mut profile = Profile::default();
    change(&mut profile);
    let sandbox = Sandbox::builder().profile(profile).build();
    let channel = sandbox.add_channel("T", Messenger::WhatsApp);
    (sandbox, channel)
}

fn upload(form: &str) -> String {
    format!(
        "POST /api2/file_from_base64/T/?phone=79000000001\nContent-Type: application/x-www-form-urlencoded\n\n{form}"
    )
}

#[test]
fn a_file_is_sent_from_its_address() {
    let (sandbox, channel) = with_channel();
    for target in [
        "file_to/T/?phone=79000000001&url=https%3A%2F%2Fh.example%2Fx%2F%D0%B4.pdf%3Fv%3D1",
        "file_to/T/79000000001/https%3A%2F%2Fh.example%2Fx%2F%D0%B4.pdf%3Fv%3D1",
    ] {
        let (sandbox, channel) = with_channel();
        let answer = say(&sandbox, &format!("GET /api2/{target}"));
        assert_eq!(answer, r#"200 {"err":0,"msg_id":1000001}"#, "{target}");
        sandbox.run_until_idle();
        let sent = &channel.sent()[0];
        assert_eq!(sent.body, "https://h.example/x/д.pdf?v=1");
        let file = sent.file.as_ref().unwrap();
        assert_eq!((&*file.name, &file.caption, &file.content), ("д.pdf", &None, &None));
        let state = say(&sandbox, "GET /api2/msg_state/T/1000001");
        assert!(state.contains(r#""state":"viewed""#), "{state}");
    }
    // Files take their places in the line, and their kinds are told by their endings.
    for name in ["a.png", "a.MP4", "a.ogg", "a"] {
        say(&sandbox, &format!("GET /api2/file_to/T/?phone=79000000001&url=http://h/{name}"));
    }
    assert_eq!(channel.queue_len(), 3, "the first has left at once");
    let history = say(&sandbox, "GET /api2/msg_get_last/T/4");
    for (kind, name) in [
        ("imageMessage", "a.png"),
        ("videoMessage", "a.MP4"),
        ("audioMessage", "a.ogg"),
        ("documentMessage", "a"),
    ] {
        let shown =
            format!(r#""tip_msg":"{kind}","msg_text":"","msg_link":"http://h/{name}","date_ins""#);
        assert!(history.contains(&shown), "{kind}: {history}");
    }
}

#[test]
fn a_file_that_cannot_be_had_fails_when_its_turn_comes() {
    for (state, word) in [(None, "failed"), (Some("not sent"), "not sent")] {
        let (sandbox, channel) = with(|profile| {
            if let Some(state) = state {
                profile.wamm.dead_link_state = state.into();
            }
        });
        let answer =
            say(&sandbox, "GET /api2/file_to/T/?phone=79000000001&url=https://h.invalid/a.pdf");
        assert_eq!(answer, r#"200 {"err":0,"msg_id":1000001}"#);
        sandbox.run_until_idle();
        let answer = say(&sandbox, "GET /api2/msg_state/T/1000001");
        assert_eq!(member(&answer, "state"), word);
        assert!(channel.sent().is_empty());
    }
}

#[test]
fn a_file_is_uploaded_in_a_form() {
    let (sandbox, channel) = with_channel();
    // All 64 characters of the alphabet are used; plus and slash are encoded.
    let bytes: Vec<u8> = (0..=255).collect();
    let content = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &bytes);
    let content = content.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let answer =
        say(&sandbox, &upload(&format!("file_name=%D0%B4%20%D0%B0.bin&file_base64={content}")));
    assert_eq!(answer, r#"200 {"err":0,"msg_id":1000001}"#);
    sandbox.run_until_idle();
    let sent = &channel.sent()[0];
    let file = sent.file.as_ref().unwrap();
    assert_eq!((&*file.name, &file.content), ("д а.bin", &Some(Bytes::from(bytes.clone()))));
    // It is at the address that the history tells.
    let history = exchange(&sandbox, "GET /api2/msg_get_last/T/1");
    let link = member(std::str::from_utf8(history.body()).unwrap(), "msg_link");
    assert_eq!(link, sent.body);
    let path = link.strip_prefix("http://sandbox.invalid").unwrap();
    assert_eq!(exchange(&sandbox, &format!("GET {path}")).body()[..], bytes);
}

#[test]
fn a_bad_file_is_refused_in_the_profiles_words() {
    let (sandbox, channel) = with_channel();
    sandbox.no_account("79000000002");
    for (request, word) in [
        ("GET /api2/file_to/x/?phone=79000000001&url=https://h/a".to_owned(), "token fail"),
        ("GET /api2/file_to/T/?url=https://h/a".to_owned(), "phone fail"),
        ("GET /api2/file_to/T/?phone=79000000001".to_owned(), "url fail"),
        ("GET /api2/file_to/T/?phone=79000000001&url=a.pdf".to_owned(), "url fail"),
        (
            "GET /api2/file_to/T/?phone=79000000002&url=https://h/a".to_owned(),
            "no WhatsApp on the number",
        ),
        (
            "POST /api2/file_from_base64/T/\n\nfile_name=a&file_base64=aGk%3D".to_owned(),
            "phone fail",
        ),
        (upload("file_base64=aGk%3D"), "file_name fail"),
        (upload("file_name=%20&file_base64=aGk%3D"), "file_name fail"),
        (upload("file_name=a.txt"), "file_base64 fail"),
        (upload("file_name=a.txt&file_base64="), "file_base64 fail"),
        (upload("file_name=a.txt&file_base64=aGk"), "file_base64 fail"),
        (upload("file_name=a.txt&file_base64=_-8%3D"), "file_base64 fail"),
        // A plus that was not encoded is a blank.
        (upload("file_name=a.txt&file_base64=+/8="), "file_base64 fail"),
        (upload("file_name=a.txt&file_base64=data:text/plain;base64,aGk="), "file_base64 fail"),
    ] {
        assert_eq!(say(&sandbox, &request), format!(r#"200 {{"err":"{word}"}}"#), "{request}");
    }
    assert_eq!(channel.queue_len(), 0);
    // It is a POST, the other is none.
    let get = "GET /api2/file_from_base64/T/?phone=79000000001&file_name=a&file_base64=aGk%3D";
    assert!(say(&sandbox, get).starts_with("405 {\"err\":"));
    let post = "POST /api2/file_to/T/?phone=79000000001&url=https://h/a";
    assert!(say(&sandbox, post).starts_with("405 {\"err\":"));

    let (sandbox, _) = with(|profile| {
        profile.wamm.bad_url = "no url".to_owned();
        profile.wamm.bad_file_name = "no name".to_owned();
        profile.wamm.bad_file = "no file".to_owned();
        profile.wamm.file_kinds.document = MessageKind::Text;
    });
    for (request, word) in [
        ("GET /api2/file_to/T/?phone=79000000001".to_owned(), "no url"),
        (upload("file_base64=aGk%3D"), "no name"),
        (upload("file_name=a.txt"), "no file"),
    ] {
        assert_eq!(say(&sandbox, &request), format!(r#"200 {{"err":"{word}"}}"#));
    }
    say(&sandbox, &upload("file_name=a.txt&file_base64=aGk%3D"));
    let history = say(&sandbox, "GET /api2/msg_get_last/T/1");
    assert!(history.contains(r#""tip_msg":"textMessage","msg_text":"","msg_link":"http"#));
}

#[test]
fn a_test_account_sends_thirty_messages_a_day() {
    let send = |sandbox: &Sandbox| say(sandbox, "GET /api2/msg_to/T/79000000001/hi");
    let limit = r#"200 {"err":"limit fail"}"#;
    let (sandbox, channel) = with(|profile| profile.wamm.test_account = true);
    sandbox.add_channel("U", Messenger::Telegram);
    for n in 0..28 {
        assert!(send(&sandbox).starts_with(r#"200 {"err":0"#), "{n}");
    }
    // What was refused does not count, and what comes in does not.
    say(&sandbox, "GET /api2/msg_to/T/1/hi");
    channel.contact_writes("79000000001", "hello");
    // Files count, and all channels count together.
    assert!(
        say(&sandbox, &upload("file_name=a&file_base64=aGk%3D")).starts_with(r#"200 {"err":0"#)
    );
    let file = say(&sandbox, "GET /api2/file_to/U/?phone=7&url=https://h/a");
    assert!(file.starts_with(r#"200 {"err":0"#));
    assert_eq!(send(&sandbox), limit);
    assert_eq!(say(&sandbox, "GET /api2/file_to/U/?phone=7&url=https://h/a"), limit);
    // It is 15:26:40 in Moscow: the next day begins 8 h 33 min 20 s later.
    let until_midnight = Duration::from_secs(8 * 3_600 + 33 * 60 + 20);
    sandbox.clock().advance(until_midnight - Duration::from_secs(1));
    assert_eq!(send(&sandbox), limit);
    sandbox.clock().advance(Duration::from_secs(1));
    assert!(send(&sandbox).starts_with(r#"200 {"err":0"#));

    let (sandbox, _) = with(|profile| {
        profile.wamm.test_account = true;
        profile.wamm.test_messages_a_day = 1;
        profile.wamm.over_test_cap = "too many".to_owned();
    });
    send(&sandbox);
    assert_eq!(send(&sandbox), r#"200 {"err":"too many"}"#);
    // All others send as many as they like.
    let (sandbox, _) = with_channel();
    for _ in 0..31 {
        assert!(send(&sandbox).starts_with(r#"200 {"err":0"#));
    }
}
