//! The binary as a shell sees it: output, exit codes, secrets that do not print.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// An emulated gateway in a process of its own; gone when dropped.
struct Gateway {
    process: Child,
    addresses: Value,
}

impl Gateway {
    fn start() -> Self {
        Self::start_with(&["--clock", "x200"])
    }

    fn start_with(options: &[&str]) -> Self {
        let mut process =
            chatapi(&["sandbox", "--json"]).args(options).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, addresses: serde_json::from_str(&line).unwrap() }
    }

    fn run(&self, args: &[&str]) -> Output {
        chatapi(args)
            .env("CHATAPI_ADDRESS", self.addresses["chatApi"].as_str().unwrap())
            .env("CHATAPI_INSTANCE", "12345")
            .env("CHATAPI_TOKEN", "token")
            .output()
            .unwrap()
    }

    fn run_wamm(&self, args: &[&str]) -> Output {
        chatapi(args)
            .env("CHATAPI_VENDOR", "wamm")
            .env("CHATAPI_ADDRESS", self.addresses["wamm"].as_str().unwrap())
            .env("CHATAPI_TOKEN", "channel")
            .output()
            .unwrap()
    }

    fn admin(&self, args: &[&str]) -> Output {
        chatapi(args)
            .env("CHATAPI_ADMIN_ADDRESS", self.addresses["admin"].as_str().unwrap())
            .env("CHATAPI_UID", "account")
            .output()
            .unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn chatapi(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatapi"));
    command.args(args).stdin(Stdio::null());
    for variable in ["ADDRESS", "ADMIN_ADDRESS", "INSTANCE", "TOKEN", "VENDOR", "UID"] {
        command.env_remove(format!("CHATAPI_{variable}"));
    }
    command
}

fn text(output: &Output) -> (String, String, i32) {
    let read = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (read(&output.stdout), read(&output.stderr), output.status.code().unwrap())
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{:?}", text(output)))
}

#[test]
fn a_message_is_sent_and_followed() {
    let gateway = Gateway::start();
    let (out, _, code) = text(&gateway.run(&["status"]));
    assert_eq!(
        (out.as_str(), code),
        ("authenticated/normal: the instance is running, everything is in order\n", 0)
    );
    let (out, err, code) =
        text(&gateway.run(&["send", "+7 (900) 000-00-01", "hello", "--follow", "read"]));
    assert_eq!((err.as_str(), code), ("", 0));
    assert!(out.starts_with("true_79000000001@c.us_3EB0") && out.ends_with("\nread\n"), "{out}");

    let sent = json(&gateway.run(&["--json", "send", "79000000002", "hello"]));
    let followed = gateway.run(&["--json", "follow", sent["id"].as_str().unwrap()]);
    assert_eq!(json(&followed)["reached"], true);
    let healthy = gateway.run(&["--json", "doctor", "--watch", "1"]);
    assert_eq!(json(&healthy)["findings"][0]["code"], "Q00");
    assert_eq!(json(&gateway.run(&["--json", "queue"]))["complete"], true);
    assert_eq!(text(&gateway.run(&["queue", "--clear"])).0, "Cleared 0 messages\n");
}

#[test]
fn wamm_is_spoken_too_and_says_what_it_cannot_do() {
    let gateway = Gateway::start();
    let (out, err, code) =
        text(&gateway.run_wamm(&["send", "79000000001", "hello", "--follow", "read"]));
    assert_eq!((err.as_str(), code), ("", 0), "{out}");
    assert!(out.ends_with("\nread\n"), "{out}");
    let (_, err, code) = text(&gateway.run_wamm(&["queue"]));
    assert_eq!(code, 2);
    assert!(err.contains("wamm.chat has no way to show its queue"), "{err}");
}

#[test]
fn instances_are_created_listed_and_deleted_only_when_said_twice() {
    let gateway = Gateway::start();
    let created = json(&gateway.admin(&["--json", "instances", "create"]));
    let id = created["id"].as_str().unwrap();
    assert!(created["token"].as_str().is_some_and(|token| token.len() >= 8));
    assert!(text(&gateway.admin(&["instances", "list"])).0.starts_with(id));

    let (_, err, code) = text(&gateway.admin(&["instances", "delete", id, "--confirm", "1"]));
    assert_eq!(code, 2);
    assert!(err.contains("but 1 was confirmed"), "{err}");
    let (out, _, code) = text(&gateway.admin(&["instances", "delete", id, "--confirm", id]));
    assert_eq!((out, code), (format!("instance {id} is deleted\n"), 0));
    assert_eq!(text(&gateway.admin(&["instances", "list"])).0, "");
}

#[test]
fn failures_say_what_to_do_and_leave_with_their_code() {
    let gateway = Gateway::start();
    let (_, err, code) = text(&chatapi(&["status"]).output().unwrap());
    assert_eq!(code, 2);
    assert!(err.contains("set CHATAPI_TOKEN, or give --token-stdin"), "{err}");

    let (_, err, code) = text(&gateway.run(&["send", "8 900 123-45-67", "hello"]));
    assert_eq!(code, 2);
    assert!(err.contains("write 79001234567"), "{err}");

    let mut command = chatapi(&["status", "--token-stdin", "--instance", "12345"]);
    command.env("CHATAPI_ADDRESS", gateway.addresses["chatApi"].as_str().unwrap());
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(b"wrong-canary\n").unwrap();
    let (out, err, code) = text(&process.wait_with_output().unwrap());
    assert_eq!(code, 4);
    assert!(err.contains("Wrong token"), "{err}");
    assert!(!err.contains("canary") && !out.contains("canary"));

    // Nobody listens there: nothing was sent.
    let mut nowhere = chatapi(&["send", "79000000001", "hello"]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    nowhere.envs([
        ("CHATAPI_ADDRESS", &*address),
        ("CHATAPI_INSTANCE", "1"),
        ("CHATAPI_TOKEN", "t"),
    ]);
    let (_, err, code) = text(&nowhere.output().unwrap());
    assert_eq!(code, 1);
    assert!(err.contains("nothing was"), "{err}");
}

#[test]
fn scripts_read_failures_and_sends_as_one_object() {
    let gateway = Gateway::start();
    let failed = gateway.run(&["--json", "send", "79000000001", " "]);
    let error: Value = serde_json::from_slice(&failed.stderr).unwrap();
    assert_eq!(error["mayHaveTakenEffect"], false);
    assert!(error["error"].as_str().unwrap().contains("the text is empty"), "{error}");
    assert_eq!(failed.status.code(), Some(2));
    let sent = json(&gateway.run(&["--json", "send", "79000000001", "x", "--follow", "sent"]));
    assert_eq!(sent["followed"]["reached"], true);
    assert!(sent["queueNumber"].is_number());
}

#[test]
fn a_secret_in_an_address_is_refused_and_not_printed() {
    let mut status = chatapi(&["status", "--instance", "123"]);
    status.env("CHATAPI_TOKEN", "t");
    for address in [
        "https://h.example/instance123?token=SECRETCANARY",
        "https://user:SECRETCANARY@h.example",
        "https://h.example/instance77?token=SECRETCANARY",
    ] {
        let (_, err, code) = text(&status.env("CHATAPI_ADDRESS", address).output().unwrap());
        assert_eq!(code, 2, "{err}");
        assert!(!err.contains("CANARY"), "{err}");
        assert!(err.contains("leave out"), "{err}");
    }
}

#[test]
fn a_lost_answer_leaves_with_the_code_for_doubt() {
    // Takes the request and hangs up.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let requests = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(socket).lines();
        let first = lines.next().unwrap().unwrap();
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        drop(lines);
        // A repeated send would come right after.
        listener.set_nonblocking(true).unwrap();
        (first, listener)
    });
    let mut send = chatapi(&["send", "79000000001", "hello"]);
    send.envs([("CHATAPI_ADDRESS", &*address), ("CHATAPI_INSTANCE", "1"), ("CHATAPI_TOKEN", "t")]);
    let (_, err, code) = text(&send.output().unwrap());
    assert_eq!(code, 6, "{err}");
    assert!(err.contains("before you repeat it"), "{err}");
    let (first, listener) = requests.join().unwrap();
    assert_eq!(first, "POST /instance1/sendMessage?token=t HTTP/1.1");
    assert!(listener.accept().is_err(), "a send was repeated");
}

#[test]
fn the_demo_tells_its_whole_story() {
    let (out, err, code) = text(&chatapi(&["demo", "--speed", "200"]).output().unwrap());
    assert_eq!((err.as_str(), code), ("", 0));
    for expected in [
        "scanned",
        "authenticated",
        "Q02 the phone is offline",
        "Q08 recipients without an account",
        "Cleared 1 messages",
        "viewed",
        "chatapi help",
    ] {
        assert!(out.contains(expected), "{expected:?} is missing in:\n{out}");
    }
    let read =
        out.lines().filter(|line| line.ends_with(" read") && !line.contains("chatapi")).count();
    assert_eq!(read, 6, "{out}");
    assert!(!out.contains("79000000002") && !out.contains("79000000009"), "phones are masked");
}

#[test]
fn a_reader_who_has_read_enough_ends_a_command_quietly() {
    let gateway = Gateway::start();
    gateway.run(&["send", "79000000001", "hello"]);
    for args in [
        &["demo", "--speed", "1000"][..],
        &["status"],
        &["--json", "status"],
        &["send", "79000000001", "hello"],
        &["--json", "send", "79000000001", "hello"],
        &["follow", "true_79000000001@c.us_0", "--within", "1"],
        &["queue"],
        &["queue", "--clear"],
        &["doctor", "--watch", "1"],
        &["instances", "list"],
        &["instances", "create"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader); // As `head` when it has its lines, only surely before anything is printed.
        let mut command = chatapi(args);
        command
            .env("CHATAPI_ADDRESS", gateway.addresses["chatApi"].as_str().unwrap())
            .env("CHATAPI_ADMIN_ADDRESS", gateway.addresses["admin"].as_str().unwrap())
            .env("CHATAPI_INSTANCE", "12345")
            .env("CHATAPI_TOKEN", "token")
            .env("CHATAPI_UID", "account");
        let process = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let (_, err, code) = text(&process.wait_with_output().unwrap());
        // An empty list has nothing to print.
        let expected = if args == ["instances", "list"] { 0 } else { 141 };
        assert_eq!((err.as_str(), code), ("", expected), "{args:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_cannot_be_printed_is_told_and_may_have_been_done() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let gateway = Gateway::start();
    let process = chatapi(&["instances", "create", "--json"])
        .env("CHATAPI_ADMIN_ADDRESS", gateway.addresses["admin"].as_str().unwrap())
        .env("CHATAPI_UID", "account")
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (_, err, code) = text(&process.wait_with_output().unwrap());
    let told: Value = serde_json::from_str(&err).unwrap();
    assert_eq!((code, &told["mayHaveTakenEffect"]), (1, &Value::Bool(true)), "{err}");
    assert!(told["error"].as_str().unwrap().contains("nothing can be printed"), "{err}");
}
