//! HTTP itself, well and badly spoken.

use crate::server::{Client, sandbox};

const STATUS: &str = "GET /instance123/status?token=token HTTP/1.1\r\nHost: x\r\n";

#[tokio::test]
async fn requests_that_come_in_one_piece_are_answered_in_order() {
    let server = sandbox().serve().await.unwrap();
    let mut client = Client::of(&server).await;
    let send = "POST /instance123/sendMessage?token=token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 25\r\n\r\nphone=79000000001&body=hi";
    let unknown = "GET /instance123/nonsense?token=token HTTP/1.1\r\nHost: x\r\n\r\n";
    client.write(format!("{STATUS}\r\n{send}{unknown}{STATUS}\r\n")).await;
    assert!(client.answer().await.contains("authenticated"));
    assert!(client.answer().await.contains(r#""sent":true"#));
    assert!(client.answer().await.starts_with("HTTP/1.1 404 "));
    assert!(client.answer().await.contains("authenticated"));
}

#[tokio::test]
async fn the_old_protocol_is_spoken_and_hangs_up_unless_asked_to_stay() {
    let server = sandbox().serve().await.unwrap();
    let mut client = Client::of(&server).await;
    client.write("GET /instance123/status?token=token HTTP/1.0\r\n\r\n").await;
    let answer = client.rest().await;
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with(r#"{"accountStatus":"authenticated"}"#), "{answer}");

    let mut client = Client::of(&server).await;
    for _ in 0..2 {
        let stay = "GET /instance123/status?token=token HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
        client.write(stay).await;
        assert!(client.answer().await.contains("authenticated"));
    }
    let mut client = Client::of(&server).await;
    client.write(format!("{STATUS}Connection: close\r\n\r\n")).await;
    assert!(client.rest().await.contains("authenticated"));
}

#[tokio::test]
async fn other_verbs_get_a_clear_no_and_change_nothing() {
    let sandbox = sandbox();
    let server = sandbox.serve().await.unwrap();
    for verb in ["PUT", "DELETE", "PATCH", "TRACE", "BREW"] {
        let mut client = Client::of(&server).await;
        let path = "/instance123/sendMessage?token=token&phone=79000000001&body=hi";
        let answer = client.say(&format!("{verb} {path}"), "").await;
        assert!(answer.starts_with("HTTP/1.1 405 "), "{verb}: {answer}");
        // The connection goes on.
        let status = client.say("GET /instance123/status?token=token", "").await;
        assert!(status.contains("authenticated"), "{verb}: {status}");
    }
    // An answer to HEAD has no body: what follows it is the next answer.
    let mut client = Client::of(&server).await;
    client.write("HEAD /instance123/status?token=token HTTP/1.1\r\nHost: x\r\n\r\n").await;
    client.write(format!("{STATUS}Connection: close\r\n\r\n")).await;
    let answers = client.rest().await;
    let (_, second) = answers.split_once("\r\n\r\n").unwrap();
    assert!(second.starts_with("HTTP/1.1 200 OK\r\n"), "{answers}");
    assert_eq!(sandbox.instance("123").queue_len(), 0);
}

#[tokio::test]
async fn bad_bytes_are_refused_and_the_connection_ends() {
    let server = sandbox().serve().await.unwrap();
    let long = format!("{STATUS}X: {}\r\n\r\n", "x".repeat(200_000));
    let many = format!("{STATUS}{}\r\n", "X: y\r\n".repeat(1_000));
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], // TLS on the plain port
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
        b"GET / HTTP/1.1\r\nHo st: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        long.as_bytes(),
        many.as_bytes(),
    ] {
        let mut client = Client::of(&server).await;
        let _ = tokio::io::AsyncWriteExt::write_all(&mut client.0, bytes).await;
        let answer = client.rest().await;
        let said = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{said:?}: {answer}");
    }
    let mut client = Client::of(&server).await;
    assert!(client.say("GET /instance123/status?token=token", "").await.contains(" 200 "));
}

#[tokio::test]
async fn a_target_of_odd_bytes_is_answered() {
    let server = sandbox().serve().await.unwrap();
    for target in
        ["/", "//", "/%", "/%zz/%00", "/instance123/", "/instance/status", "/?", "*", "/.."]
    {
        let mut client = Client::of(&server).await;
        let verb = if target == "*" { "OPTIONS" } else { "GET" };
        let answer = client.say(&format!("{verb} {target}"), "").await;
        let line = answer.lines().next().unwrap_or_default();
        assert!(line.starts_with("HTTP/1.1 ") && !line.contains(" 5"), "{target}: {line}");
    }
}

/// Every one of these once hid a second request from somebody in front of a server.
#[tokio::test]
async fn a_request_hidden_in_a_request_is_not_answered() {
    let sandbox = sandbox();
    let server = sandbox.serve().await.unwrap();
    let hidden = "GET /instance123/sendMessage?token=token&phone=79000000001&body=smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    let head = "POST /instance123/status?token=token HTTP/1.1\r\nHost: x\r\n";
    let length = hidden.len();
    for (framing, is_refused) in [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(), false),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n".to_owned(), false),
        (format!("Content-Length: 0\r\nContent-Length: {length}\r\n\r\n"), true),
        (format!("Content-Length: 0, {length}\r\n\r\n"), true),
        ("Content-Length: +0\r\n\r\n".to_owned(), true),
        ("Content-Length: 0x0\r\n\r\n".to_owned(), true),
        ("Content-Length : 0\r\n\r\n".to_owned(), true),
        ("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n".to_owned(), true),
        ("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n".to_owned(), true),
        ("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n".to_owned(), true),
        ("Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n".to_owned(), true),
        ("Transfer-Encoding: chunked\r\n\r\n-0\r\n\r\n".to_owned(), true),
        ("Transfer-Encoding: chunked\r\n\r\n0;\n\r\n".to_owned(), true),
    ] {
        let mut client = Client::of(&server).await;
        client.write(format!("{head}{framing}{hidden}")).await;
        let answer = client.rest().await;
        assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{framing:?}: {answer}");
        let was_refused = answer.is_empty() || answer.starts_with("HTTP/1.1 400 ");
        assert_eq!(was_refused, is_refused, "{framing:?}: {answer}");
        assert!(!answer.contains("sent"), "{framing:?}: {answer}");
    }
    assert_eq!(sandbox.instance("123").queue_len(), 0);
}
