//! The page as the server writes it, before any browser.

use chatapi_sandbox::{ClockMode, Sandbox, Server};
use chatapi_types::Messenger;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const EVIL: &str = "<script>alert('x')</script>";

async fn say(server: &Server, line: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(server.socket()).await.unwrap();
    let (host, length) = (server.socket(), body.len());
    let head = format!("{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    let head = format!("{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}

async fn populated() -> (Sandbox, Server) {
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    sandbox.name_contact("79000000001", EVIL);
    sandbox.no_account("79000000009");
    let instance = sandbox.add_instance("123", "token");
    sandbox.add_channel("T", Messenger::Telegram);
    let server = sandbox.serve().await.unwrap();
    for phone in ["79000000001", "79000000009"] {
        let body = format!(r#"{{"phone":"{phone}","body":"{EVIL}"}}"#);
        let (_, sent) = say(&server, "POST /instance123/sendMessage?token=token", &body).await;
        assert!(sent.contains(r#""sent":true"#), "{sent}");
    }
    sandbox.clock().advance(std::time::Duration::from_secs(60));
    instance.contact_writes("79000000001", EVIL);
    (sandbox, server)
}

const CHAT: &str = "/_sandbox/page/instance/123?chat=79000000001%40c.us";

#[tokio::test]
async fn every_answer_of_the_page_forbids_what_it_does_not_need() {
    let (_sandbox, server) = populated().await;
    for path in
        ["/", CHAT, "/_sandbox/page/page.css", "/_sandbox/page/page.js", "/_sandbox/page/no"]
    {
        let (head, _) = say(&server, &format!("GET {path}"), "").await;
        for line in [
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self';",
            "frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "cache-control: no-store",
            "referrer-policy: no-referrer",
        ] {
            assert!(head.contains(line), "{path} has no {line}: {head}");
        }
        assert!(!head.contains("unsafe-inline"), "{head}");
    }
    let (head, text) = say(&server, "POST /", "{}").await;
    assert!(head.starts_with("http/1.1 405 "), "{head}");
    assert!(text.contains("GET"), "{text}");
}

#[tokio::test]
async fn what_strangers_write_is_text_wherever_it_shows() {
    let (_sandbox, server) = populated().await;
    for path in ["/", CHAT, "/_sandbox/page/instance/123", "/_sandbox/page/journal"] {
        let (_, html) = say(&server, &format!("GET {path}"), "").await;
        assert!(!html.contains("<script>alert"), "{path}: {html}");
        assert!(!html.contains(" style=") && !html.contains(" onclick="), "{path}: inline code");
    }
    let (_, html) = say(&server, &format!("GET {CHAT}"), "").await;
    // The name in the list, at the top and in the text of both sides.
    let shown = html.matches("&lt;script&gt;alert('x')&lt;/script&gt;").count();
    assert!(shown >= 5, "{shown} in {html}");
}

#[tokio::test]
async fn a_message_that_waits_says_why_and_one_that_left_how_far_it_is() {
    let (sandbox, server) = populated().await;
    let (_, html) = say(&server, &format!("GET {CHAT}"), "").await;
    assert!(html.contains(r#"data-state="read""#), "{html}");
    assert!(html.contains("the number has no account; tried again in"), "{html}");
    sandbox.instance("123").phone_offline();
    let body = r#"{"phone":"79000000001","body":"later"}"#;
    say(&server, "POST /instance123/sendMessage?token=token", body).await;
    let (_, html) = say(&server, &format!("GET {CHAT}"), "").await;
    assert!(html.contains("nothing leaves: the instance is offline"), "{html}");
    assert!(html.contains(r#"data-state="queued""#), "{html}");
}

#[tokio::test]
async fn only_the_live_parts_are_fetched_again() {
    let (_sandbox, server) = populated().await;
    let (_, whole) = say(&server, "GET /", "").await;
    let (_, part) = say(&server, "GET /?part=live", "").await;
    assert!(whole.starts_with("<!DOCTYPE html>") && whole.contains("page.js"));
    assert!(!part.contains("<!DOCTYPE") && !part.contains("page.js"));
    for id in ["id=\"clock\"", "id=\"main\"", "id=\"card-i123\"", "id=\"card-c101\""] {
        assert!(whole.contains(id) && part.contains(id), "{id}");
    }
}

#[tokio::test]
async fn an_empty_sandbox_tells_what_to_do() {
    let server = Sandbox::new().serve().await.unwrap();
    let (_, html) = say(&server, "GET /", "").await;
    assert!(html.contains("chatapi sandbox --instance"), "{html}");
    let (head, html) = say(&server, "GET /_sandbox/page/instance/9", "").await;
    assert!(head.starts_with("http/1.1 404 ") && html.contains("no such instance"), "{html}");
    server.sandbox().add_instance("9", "a token");
    let (_, html) = say(&server, "GET /", "").await;
    let line = format!(
        "curl 'http://{}/instance9/sendMessage?token=a%20token' -d phone=79001234567 -d body=Hello",
        server.socket()
    );
    assert!(html.contains(&line), "{html}");
}
