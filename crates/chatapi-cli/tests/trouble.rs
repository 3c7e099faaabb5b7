//! A sandbox whose state cannot be saved.

#![expect(clippy::unwrap_used, reason = "a test")]
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// Gone when dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How large a file the process may write from now on.
fn limit_files(process: &Child, bytes: &str) {
    let (id, limit) = (process.id().to_string(), format!("--fsize={bytes}:unlimited"));
    assert!(Command::new("prlimit").args(["--pid", &id, &limit]).status().unwrap().success());
}

#[test]
fn that_saving_fails_is_said_once_and_that_it_works_again_and_at_the_end() {
    let directory = std::env::temp_dir().join(format!("chatapi-trouble-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let file = directory.join("sandbox.db");
    // Writing beyond the limit shall fail, and not end the process.
    let script = r#"trap "" XFSZ; exec "$@""#;
    let mut process = Command::new("sh")
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_chatapi"), "--json", "sandbox"])
        .args(["--clock", "frozen", "--data", file.to_str().unwrap()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map(Process)
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let host = said["chatApi"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    let send = |bytes: usize| {
        let body = format!("phone=79000000001&body={}", "x".repeat(bytes));
        let mut socket = TcpStream::connect(&*host).unwrap();
        write!(
            socket,
            "POST /instance12345/sendMessage?token=token HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        assert!(answer.contains(r#""sent":true"#), "{answer}");
    };
    let mut errors = BufReader::new(process.0.stderr.take().unwrap());
    let mut next = || {
        let mut line = String::new();
        errors.read_line(&mut line).unwrap();
        line
    };

    limit_files(&process.0, "1");
    send(10);
    let trouble = next();
    assert!(trouble.starts_with("chatapi: --data: "), "{trouble}");
    for part in ["sandbox.db cannot be written", "make room", "in memory only until"] {
        assert!(trouble.contains(part), "{part}: {trouble}");
    }
    send(10); // It serves on, fails again and does not say so again.
    limit_files(&process.0, "unlimited");
    assert_eq!(next(), "chatapi: --data: saving works again, and nothing is lost\n");

    limit_files(&process.0, "1");
    send(10);
    assert!(next().contains("cannot be written"));
    let id = process.0.id().to_string();
    Command::new("kill").args(["-s", "TERM", &id]).status().unwrap();
    let last = next();
    assert!(last.contains("cannot be written") && last.contains("Lost is what happened"), "{last}");
    assert_eq!((next().as_str(), process.0.wait().unwrap().code()), ("", Some(1)));
    std::fs::remove_dir_all(directory).unwrap();
}
