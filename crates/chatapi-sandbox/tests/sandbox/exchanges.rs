//! The journal of requests: bounded, and without secrets.

use std::process::Command;

use chatapi_sandbox::{Exchange, Sandbox, Subject};
use chatapi_types::Messenger;

use crate::wire::exchange;

const CANARY: &str = "canary7890123456";

fn begin() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.add_account(CANARY);
    sandbox.add_instance("123", CANARY);
    sandbox.add_channel(CANARY, Messenger::WhatsApp);
    sandbox
}

fn latest(sandbox: &Sandbox) -> Exchange {
    sandbox.exchanges().pop().unwrap()
}

#[test]
fn a_request_can_be_read_again_with_its_answer() {
    let sandbox = begin();
    let text = format!(
        "POST /instance123/sendMessage?token={CANARY}\ncontent-type: application/json\n\n\
         {{\"phone\":79000000001,\"body\":\"hi\"}}"
    );
    let answer = exchange(&sandbox, &text).into_body();
    let seen = latest(&sandbox);
    assert_eq!(seen.subject, Subject::Instance("123".into()));
    assert_eq!((seen.number, &*seen.method, seen.status), (1, "POST", 200));
    assert_eq!(seen.target.text, "/instance123/sendMessage?token={secret}");
    assert_eq!(seen.body.text, r#"{"phone":79000000001,"body":"hi"}"#);
    assert_eq!(seen.answer.text.as_bytes(), answer);
    assert!(seen.headers.contains(&("content-type".into(), "application/json".into())));
}

#[test]
fn no_secret_is_seen_whatever_was_asked() {
    let sandbox = begin();
    for text in [
        format!("GET /instance123/status?token={CANARY}"),
        format!("POST /instance123/sendMessage\n\ntoken={CANARY}&phone=79000000001&body={CANARY}"),
        format!("POST /instance123/sendMessage\n\n{{\"token\":\"{CANARY}\",\"body\":\"hi\"}}"),
        format!("GET /instance99/status?token={CANARY}"),
        format!("GET /api2/msg_to/{CANARY}/79000000001/hi"),
        format!("GET /api2/channel_list/{CANARY}"),
        format!("GET /admin/newInstance?uid={CANARY}&type=whatsapp"),
        format!("POST /admin/listInstances\n\n{{\"uid\":\"{CANARY}\"}}"),
        format!("GET /nowhere\nauthorization: Bearer {CANARY}\ncookie: a={CANARY}\n\n"),
    ] {
        exchange(&sandbox, &text);
        let seen = latest(&sandbox);
        let all = format!(
            "{seen:?}{}{}",
            serde_json::to_string(&seen).unwrap(),
            seen.as_curl("http://h").unwrap()
        );
        assert!(!all.contains(CANARY), "{all}");
        assert!(all.contains("{secret}"), "{all}");
    }
    let made = sandbox.exchanges().into_iter().find(|seen| seen.target.text.contains("newInst"));
    assert!(made.unwrap().answer.text.contains(r#""token":"{secret}""#), "another's token");
}

/// What a shell makes of a line.
fn words(line: &str) -> Vec<String> {
    let script = format!("curl() {{ printf '%s\\n--\\n' \"$@\"; }}; {line}");
    let run = Command::new("sh").arg("-c").arg(script).env("SECRET", CANARY).output().unwrap();
    assert!(run.status.success(), "{line}");
    let words = String::from_utf8(run.stdout).unwrap();
    words.strip_suffix("\n--\n").unwrap().split("\n--\n").map(str::to_owned).collect()
}

#[test]
fn as_curl_says_again_what_was_said() {
    let sandbox = begin();
    let body = r#"{"phone":1,"body":"it's `$HOME` \"x\" !! \\ %s"}"#;
    let head = "content-type: application/json";
    let target = format!("/instance123//sendMessage?token={CANARY}&a=%20%27{{1,2}}[3]");
    let request = http::Request::post(&target).header("content-type", "application/json");
    sandbox.answer(request.body(body.into()).unwrap());
    let line = latest(&sandbox).as_curl("http://127.0.0.1:1/").unwrap();
    let url = format!("http://127.0.0.1:1{target}");
    assert_eq!(words(&line), ["--globoff", &url, "-H", head, "--data-raw", body]);

    let request = http::Request::delete(format!("/api2/msg_to/{CANARY}"));
    sandbox.answer(request.body("a".into()).unwrap());
    let line = latest(&sandbox).as_curl("http://h").unwrap();
    let url = format!("http://h/api2/msg_to/{CANARY}");
    assert_eq!(words(&line), ["-X", "DELETE", &url, "-H", "content-type;", "--data-raw", "a"]);
}

#[test]
fn what_is_only_padding_is_counted_and_not_kept() {
    let sandbox = Sandbox::new();
    sandbox.add_instance("1", "token");
    let size = 4 << 30;
    let huge = chatapi_sandbox::fault::Effect::Huge { bytes: size };
    sandbox.faults().add(chatapi_sandbox::Fault::new(huge)).unwrap();
    exchange(&sandbox, "GET /instance1/status?token=token");
    let answer = latest(&sandbox).answer;
    assert_eq!(u64::try_from(answer.bytes).unwrap(), size);
    assert!(!answer.is_whole && answer.text.len() == 8 * 1024, "{}", answer.text.len());
    assert_eq!(answer.text.trim_end(), r#"{"accountStatus":"authenticated"}"#);
}

#[test]
fn it_is_bounded_in_number_and_in_bytes() {
    let sandbox = Sandbox::builder().exchanges(3, 100_000).build();
    let ask = |body: String| {
        let request = http::Request::post("/instance1/status").body(body.into());
        sandbox.answer(request.unwrap());
    };
    for _ in 0..5 {
        ask(String::new());
    }
    let numbers = |sandbox: &Sandbox| -> Vec<_> {
        sandbox.exchanges().iter().map(|seen| seen.number).collect()
    };
    assert_eq!(numbers(&sandbox), [3, 4, 5]);
    ask("x".repeat(1_000_000));
    let long = latest(&sandbox);
    assert_eq!((long.body.text.len(), long.body.bytes), (8 * 1024, 1_000_000));
    assert!(!long.body.is_whole && long.as_curl("http://h").is_none());

    let small = Sandbox::builder().exchanges(1_000, 20_000).build();
    for _ in 0..10 {
        small.answer(http::Request::post("/").body("x".repeat(9_000).into()).unwrap());
    }
    assert_eq!(numbers(&small), [9, 10]);

    let none = Sandbox::builder().exchanges(0, 0).build();
    exchange(&none, "GET /instance1/status");
    assert!(none.exchanges().is_empty());
}
