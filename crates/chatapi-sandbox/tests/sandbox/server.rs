//! The sandbox over a socket, spoken to byte by byte.

use std::ops::RangeInclusive;
use std::time::Duration;

use chatapi_sandbox::{Sandbox, Server, ServerOptions};
use chatapi_transport::{Clock as _, TokioClock};
use chatapi_types::Messenger;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::wire::member;

pub(crate) fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.add_account("uid");
    sandbox.add_instance("123", "token");
    sandbox.add_channel("T", Messenger::WhatsApp);
    sandbox
}

pub(crate) const TINY: Duration = Duration::from_millis(50);

pub(crate) struct Client(pub(crate) TcpStream);

impl Client {
    pub(crate) async fn of(server: &Server) -> Self {
        Self(TcpStream::connect(server.socket()).await.unwrap())
    }

    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    pub(crate) async fn say(&mut self, request_line: &str, body: &str) -> String {
        let length = body.len();
        let head =
            format!("{request_line} HTTP/1.1\r\nHost: sandbox.test\r\nContent-Length: {length}");
        self.write(format!("{head}\r\n\r\n{body}")).await;
        self.answer().await
    }

    /// One answer: head and body.
    pub(crate) async fn answer(&mut self) -> String {
        let mut answer = Vec::new();
        let head = loop {
            let at = answer.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = at {
                break end + 4;
            }
            answer.push(self.0.read_u8().await.unwrap());
        };
        let text = String::from_utf8(answer.clone()).unwrap().to_ascii_lowercase();
        let (_, length) = text.split_once("content-length: ").unwrap();
        let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
        answer.resize(head + length, 0);
        self.0.read_exact(&mut answer[head..]).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// Everything until the server hangs up.
    pub(crate) async fn rest(mut self) -> String {
        let mut rest = Vec::new();
        // A reset is a way to hang up, too.
        let _ = self.0.read_to_end(&mut rest).await;
        String::from_utf8(rest).unwrap()
    }
}

/// For how many seconds somebody is borne with who sends this again every second, and what he is
/// told at last. Tokio's time is to be paused: it goes from timer to timer.
pub(crate) async fn borne_with(
    stream: impl AsyncRead + AsyncWrite,
    every_second: &[u8],
) -> (usize, String) {
    let (mut from, mut to) = tokio::io::split(stream);
    let (mut seconds, mut told) = (0, Vec::new());
    let goes_on = async {
        while seconds < 100 {
            TokioClock::new().sleep(Duration::from_secs(1)).await;
            seconds += 1;
            // Who was sent away can send nothing more.
            let _ = to.write_all(every_second).await;
        }
    };
    tokio::select! {
        // A reset is a way to send somebody away, too.
        _ = from.read_to_end(&mut told) => {}
        () = goes_on => unreachable!("he would be borne with for ever"),
    }
    (seconds, String::from_utf8_lossy(&told).into_owned())
}

/// The limits that are usual, in seconds: a timer that begins anew with every byte never fires.
pub(crate) const USUAL: RangeInclusive<usize> = 9..=11;

#[tokio::test]
async fn a_conversation_over_one_connection() {
    let sandbox = sandbox();
    let server = sandbox.serve().await.unwrap();
    let mut client = Client::of(&server).await;
    let status = client.say("GET /instance123/status?token=token", "").await;
    assert!(status.starts_with("HTTP/1.1 200 OK\r\n"), "{status}");
    // One date, the sandbox's.
    assert_eq!(status.to_ascii_lowercase().matches("\r\ndate: ").count(), 1);
    assert!(status.contains("date: Sun, 13 Sep 2020 12:26:40 GMT\r\n"), "{status}");
    assert!(status.ends_with(r#"{"accountStatus":"authenticated"}"#), "{status}");

    let body = r#"{"phone":"79000000001","body":"привет"}"#;
    let sent = client.say("POST /instance123/sendMessage?token=token", body).await;
    assert!(sent.contains(r#"{"sent":true,"#), "{sent}");
    // A form body on GET.
    let sent =
        client.say("GET /instance123/sendMessage?token=token", "phone=79000000001&body=hi").await;
    assert!(sent.contains(r#""queueNumber":2}"#), "{sent}");
    // The address that was called stands in replies.
    let created = client.say("GET /admin/newInstance?uid=uid&type=whatsapp", "").await;
    assert_eq!(member(&created, "apiUrl"), "http://sandbox.test/instance100001/");

    sandbox.run_until_idle();
    let bodies: Vec<_> = sandbox.instance("123").sent().into_iter().map(|sent| sent.body).collect();
    assert_eq!(bodies, ["привет", "hi"]);
    server.shutdown().await;
}

#[tokio::test]
async fn addresses_lead_to_the_socket() {
    let server = sandbox().serve().await.unwrap();
    let port = server.socket().port();
    let base = format!("http://127.0.0.1:{port}");
    assert_eq!(server.address().to_string(), base);
    assert_eq!(server.admin_address().to_string(), format!("{base}/admin"));
    assert_eq!(server.wamm_address().to_string(), format!("{base}/api2"));
    assert_eq!(server.control_address().to_string(), format!("{base}/_sandbox"));
    assert_eq!(format!("{server:?}"), format!("Server(127.0.0.1:{port})"));
}

#[tokio::test]
async fn a_request_target_of_sixty_kilobytes_is_taken_whole() {
    let sandbox = sandbox();
    let server = sandbox.serve().await.unwrap();
    // 4500 emoji: the longest text that wamm takes.
    let text = "%F0%9F%98%80".repeat(4500);
    for target in [
        format!("/api2/msg_to/T/?phone=79000000001&text={text}"),
        format!("/api2/msg_to/T/79000000001/{text}/?junk={}", "x".repeat(60 * 1024 - text.len())),
    ] {
        let mut client = Client::of(&server).await;
        let answer = client.say(&format!("GET {target}"), "").await;
        assert!(answer.contains(r#"{"err":0,"msg_id":"#), "{} B: {answer}", target.len());
    }
    sandbox.run_until_idle();
    let sent = sandbox.channel("T").sent();
    assert!(sent.len() == 2 && sent.iter().all(|sent| sent.body == "😀".repeat(4500)));
    // More than HTTP addresses can be is refused, and the server lives on.
    let mut client = Client::of(&server).await;
    client.write(format!("GET /?x={} HTTP/1.1\r\n\r\n", "x".repeat(66_000))).await;
    let answer = client.rest().await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    let mut client = Client::of(&server).await;
    assert!(client.say("GET /instance123/status?token=token", "").await.contains(" 200 "));
}

#[tokio::test(start_paused = true)]
async fn who_dawdles_over_the_head_is_dropped() {
    let server = sandbox().serve().await.unwrap();
    // After the whole head of a request, its end does not come.
    for beginning in ["", "G", "GET /instance123/status?token=token HTTP/1.1\r\nHost: x\r\n"] {
        for every_second in ["", "x"] {
            let mut client = Client::of(&server).await;
            client.write(beginning).await;
            let (seconds, told) = borne_with(client.0, every_second.as_bytes()).await;
            assert!(USUAL.contains(&seconds), "{beginning:?}: {seconds} s");
            assert!(told.is_empty() || told.starts_with("HTTP/1.1 408"), "{told}");
        }
    }
    tokio::time::resume();
    let mut honest = Client::of(&server).await;
    let answer = honest.say("GET /instance123/status?token=token", "").await;
    assert!(answer.contains(" 200 "), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn who_dawdles_over_the_body_is_told_so() {
    let server = sandbox().serve().await.unwrap();
    let line = "POST /instance123/sendMessage?token=token HTTP/1.1\r\nHost: x\r\n";
    for (body, every_second) in [
        ("Content-Length: 100\r\n\r\nphone", ""),
        ("Content-Length: 100\r\n\r\nphone", "x"),
        ("Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
    ] {
        let mut client = Client::of(&server).await;
        client.write(format!("{line}{body}")).await;
        let (seconds, told) = borne_with(client.0, every_second.as_bytes()).await;
        assert!(USUAL.contains(&seconds), "{body:?}: {seconds} s");
        assert!(told.starts_with("HTTP/1.1 408 "), "{told}");
        assert!(told.ends_with("did not come within 10s\"}"), "{told}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_whether_announced_or_not() {
    let sandbox = sandbox();
    let options = ServerOptions::new().bodies_at_most(1_000);
    let server = sandbox.serve_with(options).await.unwrap();
    let line = "POST /instance123/sendMessage?token=token HTTP/1.1\r\nHost: x\r\n";
    // A gigabyte, of which not a byte is waited for.
    let mut client = Client::of(&server).await;
    client.write(format!("{line}Content-Length: 1073741824\r\n\r\n")).await;
    let announced = client.rest().await;
    let mut client = Client::of(&server).await;
    let chunk = format!("3e8\r\n{}\r\n", "x".repeat(1_000));
    client.write(format!("{line}Transfer-Encoding: chunked\r\n\r\n{chunk}{chunk}")).await;
    let chunked = client.rest().await;
    for answer in [announced, chunked] {
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.ends_with("at most 1000 bytes\"}"), "{answer}");
    }
    let mut client = Client::of(&server).await;
    let body = format!("phone=79000000001&body={}", "x".repeat(900));
    let fits = client.say("POST /instance123/message?token=token", &body);
    assert!(fits.await.contains(r#""sent":true"#));
}

#[tokio::test]
async fn stopping_lets_an_answer_on_its_way_arrive() {
    let sandbox = sandbox();
    let server = sandbox.serve().await.unwrap();
    let socket = server.socket();
    let mut idle = Client::of(&server).await;
    idle.say("GET /instance123/status?token=token", "").await;
    let mut busy = Client::of(&server).await;
    busy.say("GET /instance123/status?token=token", "").await;
    let body = "phone=79000000001&body=hi";
    let length = body.len();
    busy.write(format!("POST /instance123/message?token=token HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n")).await;
    // Asked to go on, it is in the middle of the request.
    let mut go_on = [0; 25];
    busy.0.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");

    let stopping = tokio::spawn(server.shutdown());
    assert_eq!(idle.rest().await, "", "the idle are let go");
    // Nobody new comes in once the door is shut.
    while TcpStream::connect(socket).await.is_ok() {}
    busy.write(body).await;
    let answer = busy.rest().await;
    assert!(answer.contains(r#""sent":true"#), "{answer}");
    stopping.await.unwrap();
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let options = ServerOptions::new().grace(TINY);
    let server = sandbox().serve_with(options).await.unwrap();
    let mut stuck = Client::of(&server).await;
    stuck.write("POST /instance123/message?token=token HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n").await;
    let mut go_on = [0; 25];
    stuck.0.read_exact(&mut go_on).await.unwrap();
    server.shutdown().await;
    assert_eq!(stuck.rest().await, "");
}

#[tokio::test]
async fn a_server_that_is_dropped_is_gone() {
    let server = sandbox().serve().await.unwrap();
    let socket = server.socket();
    let mut client = Client::of(&server).await;
    client.say("GET /instance123/status?token=token", "").await;
    drop(server);
    assert_eq!(client.rest().await, "");
    assert!(TcpStream::connect(socket).await.is_err());
}

#[tokio::test]
async fn who_idles_gives_way_when_all_places_are_taken() {
    let options = ServerOptions::new().connections(2);
    let server = sandbox().serve_with(options).await.unwrap();
    let mut idle = Client::of(&server).await;
    idle.say("GET /instance123/status?token=token", "").await;
    let mut active = Client::of(&server).await;
    active.say("GET /instance123/status?token=token", "").await;
    let mut third = Client::of(&server).await;
    assert!(third.say("GET /instance123/status?token=token", "").await.contains(" 200 "));
    assert_eq!(idle.rest().await, "");
    assert!(active.say("GET /instance123/status?token=token", "").await.contains(" 200 "));
}

#[tokio::test]
async fn only_loopback_is_served() {
    let everywhere = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    let options = ServerOptions::new().listener(everywhere);
    let error = sandbox().serve_with(options).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::Unsupported);
    let here = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = here.local_addr().unwrap();
    let server = sandbox().serve_with(ServerOptions::new().listener(here)).await.unwrap();
    assert_eq!(server.socket(), socket);
}

#[tokio::test]
async fn a_sandbox_starts_on_a_port_of_its_own_with_its_handle() {
    let server = Sandbox::start().await.unwrap();
    let instance = server.sandbox().add_instance("5", "t");
    let mut client = Client::of(&server).await;
    let body = "phone=79000000001&body=hi";
    let sent = client.say("POST /instance5/message?token=t", body).await;
    assert!(sent.contains(r#""sent":true"#), "{sent}");
    server.sandbox().run_until_idle();
    assert_eq!(instance.sent()[0].body, "hi");
    assert_eq!(server.sandbox().clock().mode(), chatapi_sandbox::ClockMode::Real);
}

#[tokio::test]
async fn other_machines_are_let_in_only_on_demand() {
    let everywhere = std::net::Ipv4Addr::UNSPECIFIED.into();
    let options = || ServerOptions::new().bind(everywhere);
    let error = sandbox().serve_with(options()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::Unsupported);
    assert!(error.to_string().contains("loopback"), "{error}");
    let server = sandbox().serve_with(options().exposed()).await.unwrap();
    assert!(server.socket().ip().is_unspecified());
    let here = (std::net::Ipv4Addr::LOCALHOST, server.socket().port());
    let mut client = Client(TcpStream::connect(here).await.unwrap());
    assert!(client.say("GET /instance123/status?token=token", "").await.contains(" 200 "));
}

#[tokio::test]
async fn replies_name_the_public_address_when_there_is_one() {
    let options = ServerOptions::new().public_url("https://gateway.test/");
    let server = sandbox().serve_with(options).await.unwrap();
    let mut client = Client::of(&server).await;
    let created = client.say("POST /admin/newInstance?uid=uid&type=whatsapp", "").await;
    assert!(created.contains(r#""apiUrl":"https://gateway.test/instance100001/""#), "{created}");
}
