//! `chatapi sandbox` as a shell and foreign clients see it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

/// A sandbox in a process of its own; gone when dropped.
struct Sandbox {
    process: Child,
    out: BufReader<ChildStdout>,
    said: Value,
}

impl Sandbox {
    fn start(options: &[&str]) -> Self {
        let mut process = chatapi(&["--json", "sandbox"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let said = serde_json::from_str(&line).unwrap_or_else(|_| {
            let mut error = String::new();
            process.stderr.take().unwrap().read_to_string(&mut error).unwrap();
            panic!("{options:?}: {error}")
        });
        Self { process, out, said }
    }

    fn text(&self, key: &str) -> &str {
        self.said[key].as_str().unwrap()
    }

    fn host(&self) -> &str {
        self.text("chatApi").strip_prefix("http://").unwrap()
    }

    /// The body of an answer, as any client in any language would get it.
    fn ask(&self, target: &str, body: &str) -> Value {
        self.ask_with(target, "", body)
    }

    fn ask_with(&self, target: &str, headers: &str, body: &str) -> Value {
        let answer = self.exchange(target, headers, body);
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|_| panic!("{target}: {answer}"))
    }

    fn exchange(&self, target: &str, headers: &str, body: &str) -> String {
        let mut socket = TcpStream::connect(self.host()).unwrap();
        let verb = if body.is_empty() { "GET" } else { "POST" };
        let length = body.len();
        write!(
            socket,
            "{verb} {target} HTTP/1.1\r\nHost: {}\r\nContent-Length: {length}\r\n{headers}Connection: close\r\n\r\n{body}",
            self.host()
        )
        .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&self, name: &str) {
        let process = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &process]).status().unwrap().success());
    }

    /// Waits until it has ended: its exit code, and what it printed after its first line.
    fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        (self.process.wait().unwrap().code(), rest)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        // Killed, it cannot take away what it wrote.
        if let Some(ca) = self.said["ca"].as_str() {
            let _ = std::fs::remove_file(ca);
        }
    }
}

fn chatapi(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatapi"));
    command.args(args).stdin(Stdio::null());
    for variable in ["ADDRESS", "ADMIN_ADDRESS", "INSTANCE", "TOKEN", "VENDOR", "UID"] {
        command.env_remove(format!("CHATAPI_{variable}"));
    }
    for variable in ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY"] {
        command.env_remove(variable).env_remove(variable.to_lowercase());
    }
    command
}

fn refused(options: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = chatapi(&["sandbox"]).args(options).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&stdout), "", "{options:?}");
    (status.code().unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn it_makes_whom_it_is_asked_for_and_says_so_in_one_line() {
    let sandbox = Sandbox::start(&[
        "--instance",
        "1:one",
        "--instance",
        "2:two",
        "--channel",
        "T",
        "--uid",
        "key",
    ]);
    for (id, token) in [("1", "one"), ("2", "two")] {
        let sent = sandbox.ask(
            &format!("/instance{id}/sendMessage?token={token}"),
            "phone=79000000001&body=hello",
        );
        assert_eq!(sent["sent"], true, "{sent}");
    }
    assert_eq!(sandbox.ask("/api2/msg_to/T/?phone=79000000001&text=hello", "")["err"], 0);
    let created = sandbox.ask("/admin/newInstance?uid=key&type=whatsapp", "");
    let address = format!("{}/instance100001/", sandbox.text("chatApi"));
    assert_eq!(created["result"]["instance"]["apiUrl"], address.as_str(), "{created}");
    assert_eq!(sandbox.said["instances"][1]["token"], "two");
    assert_eq!(sandbox.said["channels"][0], "T");
    assert_eq!(sandbox.said["uids"][0], "key");
    // Nobody else was made.
    assert!(sandbox.ask("/instance12345/status?token=token", "")["error"].is_string());
    sandbox.signal("TERM");
    assert_eq!(sandbox.end(), (Some(0), String::new()));
}

#[test]
fn it_stops_in_good_order_on_either_signal_and_tells_people_what_to_type() {
    for signal in ["TERM", "INT"] {
        let mut process = chatapi(&["sandbox"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("instances create") {
            assert_ne!(out.read_line(&mut said).unwrap(), 0, "{said}");
        }
        for line in [
            "page      http://",
            "Chat API  http://127.0.0.1:",
            "admin     http://",
            "wamm      http://",
        ] {
            assert_eq!(said.matches(line).count(), 1, "{line}: {said}");
        }
        // What is printed works as it stands, in a shell.
        let binary = env!("CARGO_BIN_EXE_chatapi");
        let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with("curl ")).collect();
        let start = lines.iter().position(|line| line.starts_with("export")).unwrap();
        let script = lines[start..].join("\n").replace(" --follow read", "");
        let script = format!("set -e\nchatapi() {{ {binary} \"$@\"; }}\n{script}");
        let shell = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert!(shell.status.success(), "{script}: {}", String::from_utf8_lossy(&shell.stderr));
        let out = String::from_utf8(shell.stdout).unwrap();
        assert!(out.contains("authenticated") && out.contains("instance 100001"), "{out}");
        let process_id = process.id().to_string();
        Command::new("kill").args(["-s", signal, &process_id]).status().unwrap();
        assert_eq!(process.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn time_stands_or_runs_as_told() {
    let frozen = Sandbox::start(&["--clock", "frozen"]);
    let send = |sandbox: &Sandbox| {
        sandbox.ask("/instance12345/sendMessage?token=token", "phone=79000000001&body=hello")
    };
    send(&frozen);
    let waits = |sandbox: &Sandbox| {
        let queue = sandbox.ask("/instance12345/showMessagesQueue?token=token", "");
        queue["totalMessages"].as_u64().unwrap()
    };
    let fast = Sandbox::start(&["--clock", "x100000"]);
    send(&fast);
    while waits(&fast) > 0 {}
    assert_eq!(waits(&frozen), 1);
    let path = format!("/{}/clock", frozen.text("control").rsplit('/').next().unwrap());
    frozen.ask_with(&path, "Content-Type: application/json\r\n", r#"{"advance":3600}"#);
    assert_eq!(waits(&frozen), 0);
}

#[test]
fn the_same_seed_gives_the_same_tokens() {
    let token = |seed: &str| {
        let sandbox = Sandbox::start(&["--seed", seed, "--clock", "frozen"]);
        let created = sandbox.ask("/admin/newInstance?uid=account&type=whatsapp", "");
        created["result"]["instance"]["token"].as_str().unwrap().to_owned()
    };
    assert_eq!(token("7"), token("7"));
    assert_ne!(token("7"), token("8"));
}

/// The words of a line of shell: quotes hold them together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (at, piece) in line.split('\'').enumerate() {
        if at % 2 == 1 {
            words.last_mut().unwrap().push_str(piece);
            continue;
        }
        for (at, part) in piece.split(' ').enumerate() {
            if at > 0 {
                words.push(String::new());
            }
            words.last_mut().unwrap().push_str(part);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_line_of_curl_in_the_guide_does_what_it_says() {
    let guide =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/09-a-gateway-on-your-desk.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let sandbox = Sandbox::start(&["--clock", "frozen"]);
    let mut lines = 0;
    for line in guide.lines().filter(|line| line.starts_with("curl ")) {
        let (mut target, mut headers, mut fields) = (String::new(), String::new(), Vec::new());
        let mut words = words(line).into_iter().skip(1);
        while let Some(word) = words.next() {
            match &*word {
                "-H" => headers += &format!("{}\r\n", words.next().unwrap()),
                "-d" => fields.push(words.next().unwrap()),
                url => target = url.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned(),
            }
        }
        let answer = sandbox.exchange(&target, &headers, &fields.join("&"));
        assert!(answer.starts_with("HTTP/1.1 200 "), "{line}: {answer}");
        assert!(!answer.contains("\"error\""), "{line}: {answer}");
        lines += 1;
    }
    assert!(lines >= 7, "{lines} lines");
}

#[test]
fn a_profile_brings_other_figures() {
    // An older instance lists what waits a hundred at a time, its relative five hundred.
    let listed = |profile: &str| {
        let sandbox = Sandbox::start(&["--profile", profile, "--clock", "frozen"]);
        for at in 0..120 {
            let body = format!("phone=79000000001&body={at}");
            sandbox.ask("/instance12345/sendMessage?token=token", &body);
        }
        let queue = sandbox.ask("/instance12345/showMessagesQueue?token=token", "");
        assert_eq!(queue["totalMessages"], 120, "{profile}");
        queue["first100"].as_array().unwrap().len()
    };
    assert_eq!((listed("chat-api"), listed("green-api-like")), (100, 120));
}

#[test]
fn replies_name_the_public_address() {
    let sandbox = Sandbox::start(&["--public-url", "https://gateway.example/x"]);
    let created = sandbox.ask("/admin/newInstance?uid=account&type=whatsapp", "");
    let address = "https://gateway.example/x/instance100001/";
    assert_eq!(created["result"]["instance"]["apiUrl"], address);
}

#[test]
fn a_client_that_knows_only_the_vendors_address_works_unchanged_over_tls() {
    let sandbox = Sandbox::start(&["--tls", "0"]);
    let ca = std::fs::read_to_string(sandbox.text("ca")).unwrap();
    assert!(ca.starts_with("-----BEGIN CERTIFICATE-----") && !ca.contains("PRIVATE"), "{ca}");
    assert!(sandbox.text("tls").starts_with("https://127.0.0.1:"));
    // No address is given: the vendors' own, as an application in production has it.
    let client = |args: &[&str], trust: bool| {
        let mut command = chatapi(args);
        command.env("HTTPS_PROXY", sandbox.text("chatApi"));
        if trust {
            command.env("SSL_CERT_FILE", sandbox.text("ca"));
        }
        command.env("CHATAPI_INSTANCE", "12345").env("CHATAPI_UID", "account");
        command
    };
    let run = |mut command: Command| {
        let Output { status, stdout, stderr } = command.output().unwrap();
        let [out, err] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (status.code().unwrap(), out, err)
    };
    let mut status = client(&["status"], true);
    let (code, out, err) = run({
        status.env("CHATAPI_TOKEN", "token");
        status
    });
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.starts_with("authenticated"), "{out}");
    let mut wamm = client(&["send", "79000000001", "hello", "--vendor", "wamm"], true);
    wamm.env("CHATAPI_TOKEN", "channel");
    let (code, _, err) = run(wamm);
    assert_eq!((code, err.as_str()), (0, ""));
    let (code, out, err) = run(client(&["instances", "create"], true));
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("address  https://api.chat-api.com/instance100001"), "{out}");
    // Who does not trust the authority sends nothing.
    let mut distrustful = client(&["status"], false);
    distrustful.env("CHATAPI_TOKEN", "token");
    let (code, _, err) = run(distrustful);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("nothing was"), "{err}");

    let path = sandbox.text("ca").to_owned();
    sandbox.signal("TERM");
    assert_eq!(sandbox.end().0, Some(0));
    assert!(!std::path::Path::new(&path).exists(), "its authority is gone, and its certificate");
}

#[test]
fn its_state_outlives_it_in_a_file() {
    let directory = std::env::temp_dir().join(format!("chatapi-state-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let file = directory.join("sandbox.db");
    let file = file.to_str().unwrap();
    // The clock stands, so that the message waits.
    let start = || Sandbox::start(&["--data", file, "--clock", "frozen", "--tls", "0"]);
    let queued = |sandbox: &Sandbox| {
        sandbox.ask("/instance12345/showMessagesQueue?token=token", "")["totalMessages"].clone()
    };
    let sandbox = start();
    sandbox.ask("/instance12345/sendMessage?token=token", "phone=79000000001&body=hello");
    sandbox.ask("/admin/newInstance?uid=account&type=whatsapp", "");
    // Nobody else may write to the file meanwhile.
    let (code, error) = refused(&["--data", file]);
    assert_eq!((code, error.lines().count()), (1, 1), "{error}");
    assert!(error.contains("sandbox.db"), "{error}");
    sandbox.signal("TERM");
    assert_eq!(sandbox.end(), (Some(0), String::new()));

    let again = start();
    assert_eq!(queued(&again), 1);
    let listed = again.ask("/admin/listInstances?uid=account", "");
    assert_eq!(listed["result"].as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(again.said["instances"][0]["id"], "12345");
    drop(again); // Killed: what was saved is there.
    assert_eq!(queued(&start()), 1);
    // Who is named is added to whom it holds.
    let more = Sandbox::start(&["--data", file, "--clock", "frozen", "--instance", "7:seven"]);
    assert_eq!(queued(&more), 1);
    assert!(more.ask("/instance7/status?token=seven", "")["accountStatus"].is_string());
    drop(more);

    let letter = directory.join("letter.txt");
    std::fs::write(&letter, "Dear sir, this is no database. ".repeat(100)).unwrap();
    for bad in [&letter, &directory.join("missing").join("sandbox.db")] {
        let (code, error) = refused(&["--data", bad.to_str().unwrap()]);
        assert_eq!((code, error.lines().count()), (1, 1), "{error}");
    }
    let left = std::fs::read_to_string(letter).unwrap();
    assert!(left.starts_with("Dear sir") && left.len() > 3_000, "it was left as it was");
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_scenario_is_played_from_the_start() {
    let file = std::env::temp_dir().join(format!("chatapi-scenario-{}.yaml", std::process::id()));
    let path = file.to_str().unwrap();
    let steps = "
name: an hour without a phone
steps:
  - instance: \"12345\"
    do: offline
  - at: 1h
    instance: \"12345\"
    do: online
";
    std::fs::write(&file, steps).unwrap();
    let sandbox = Sandbox::start(&["--scenario", path, "--clock", "frozen"]);
    sandbox.ask("/instance12345/sendMessage?token=token", "phone=79000000001&body=hello");
    let waits_after = |seconds: u64| {
        let json = "Content-Type: application/json\r\n";
        sandbox.ask_with("/_sandbox/clock", json, &format!(r#"{{"advance":{seconds}}}"#));
        let queue = sandbox.ask("/instance12345/showMessagesQueue?token=token", "");
        queue["totalMessages"].as_u64().unwrap()
    };
    assert_eq!(waits_after(3_540), 1);
    assert_eq!(waits_after(360), 0);

    std::fs::write(&file, "steps:\n  - instance: \"12345\"\n    do: explode\n").unwrap();
    for bad in [path, "/nonexistent/scenario.yaml"] {
        let (code, error) = refused(&["--scenario", bad]);
        assert_eq!((code, error.lines().count()), (2, 1), "{error}");
        assert!(error.contains(bad), "{error}");
    }
    std::fs::remove_file(file).unwrap();
}

#[test]
fn what_cannot_be_done_is_told_in_one_line_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for options in [["--port", &*port], ["--tls", &*port]] {
        let (code, error) = refused(&options);
        assert_eq!(code, 1, "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.contains(&format!("cannot listen on 127.0.0.1:{port}")), "{error}");
        assert!(error.contains("choose another port"), "{error}");
    }
    let (code, error) = refused(&["--bind", "192.0.2.1"]);
    assert_eq!(code, 1, "{error}");
    assert!(error.contains("no such address"), "{error}");
    for (options, advice) in [
        (["--clock", "fast"], "real, frozen"),
        (["--clock", "x0"], "x60"),
        (["--clock", "xNaN"], "x60"),
        (["--clock", "auto"], "x60"),
        (["--instance", "12345"], "ID:TOKEN"),
        (["--instance", "12345:"], "letters, digits"),
        (["--instance", "1 2:t"], "a number"),
        (["--channel", "a/b"], "letters, digits"),
        (["--uid", ""], "letters, digits"),
        (["--uid", "it's"], "letters, digits"),
        (["--channel", "a$b"], "letters, digits"),
        (["--channel", "a\"b"], "letters, digits"),
        (["--instance", "1:~root"], "letters, digits"),
        (["--profile", "nonesuch"], "there are chat-api, "),
        (["--port", "70000"], "65535"),
        (["--bind", "everywhere"], "IP address"),
        (["--token-stdin", "x"], "unexpected"),
        (["--public-url", "sandbox:8080"], "http://sandbox:8080"),
        (["--public-url", "ftp://h"], "http or https"),
        (["--public-url", "http://u:p@h"], "leave out name and password"),
        (["--scenario", "/nonesuch"], "--scenario: /nonesuch: "),
    ] {
        let (code, error) = refused(&options);
        assert_eq!(code, 2, "{options:?}: {error}");
        assert!(error.contains(advice), "{options:?}: {error}");
    }
}

#[test]
fn an_instance_has_one_token() {
    let (code, error) =
        refused(&["--instance", "7:one", "--instance", "8:x", "--instance", "7:two"]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("7 is given two tokens"), "{error}");
    let sandbox = Sandbox::start(&["--instance", "7:one", "--instance", "7:one"]);
    assert!(sandbox.ask("/instance7/status?token=one", "")["accountStatus"].is_string());
}

#[test]
fn it_serves_although_nobody_reads_what_it_prints() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut process = chatapi(&["sandbox", "--port", &port.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(process.stdout.take());
    // It prints once it listens; from then on it either serves or is gone.
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(process.try_wait().unwrap().is_none(), "it has ended");
    }
    let process_id = process.id().to_string();
    let answered = (0..100).all(|_| {
        TcpStream::connect(("127.0.0.1", port)).is_ok_and(|mut socket| {
            let request =
                "GET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            let mut answer = String::new();
            let sent = socket.write_all(request.as_bytes());
            sent.is_ok() && socket.read_to_string(&mut answer).is_ok() && answer.contains("200 OK")
        })
    });
    Command::new("kill").args(["-s", "TERM", &process_id]).status().unwrap();
    let Output { status, stderr, .. } = process.wait_with_output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert!(answered && status.code() == Some(0) && said.is_empty(), "{status}: {said}");
}

#[test]
fn other_machines_are_let_in_only_by_word_and_with_a_warning() {
    let mut sandbox = Sandbox::start(&["--bind", "0.0.0.0"]);
    assert!(sandbox.host().starts_with("127.0.0.1:"), "an address that can be called");
    assert!(sandbox.ask("/instance12345/status?token=token", "")["accountStatus"].is_string());
    sandbox.signal("TERM");
    let mut warning = String::new();
    sandbox.process.stderr.take().unwrap().read_to_string(&mut warning).unwrap();
    assert!(warning.contains("can read and change everything"), "{warning}");
}
