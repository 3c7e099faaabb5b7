//! The control API, spoken to byte by byte.

use std::time::Duration;

use chatapi_sandbox::{ClockMode, Command, Sandbox, Server, ServerOptions};
use chatapi_types::Messenger;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

pub(crate) const JSON: &str = "Content-Type: application/json\r\n";

pub(crate) async fn served() -> Server {
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    sandbox.add_account("uid");
    sandbox.add_instance("123", "token");
    sandbox.add_channel("T", Messenger::WhatsApp);
    sandbox.serve().await.unwrap()
}

/// One request on a connection of its own; status, head and body of the answer.
pub(crate) async fn raw(
    server: &Server,
    line: &str,
    headers: &str,
    body: &str,
) -> (u16, String, String) {
    let mut stream = TcpStream::connect(server.socket()).await.unwrap();
    let (port, length) = (server.socket().port(), body.len());
    let host = match headers.to_ascii_lowercase().contains("host:") {
        true => String::new(),
        false => format!("Host: 127.0.0.1:{port}\r\n"),
    };
    let text = format!(
        "{line} HTTP/1.1\r\n{host}{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_owned(), body.to_owned())
}

pub(crate) async fn get(server: &Server, path: &str) -> (u16, Value) {
    let (status, _, body) = raw(server, &format!("GET {path}"), "", "").await;
    (status, serde_json::from_str(&body).unwrap())
}

pub(crate) async fn post(server: &Server, path: &str, body: &Value) -> (u16, Value) {
    let (status, _, body) = raw(server, &format!("POST {path}"), JSON, &body.to_string()).await;
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn a_phone_is_disturbed_and_cured_over_http() {
    let server = served().await;
    let battery = post(&server, "/_sandbox/instances/123/battery", &json!({ "percent": 4 })).await;
    assert_eq!(battery, (200, json!({})));
    let (_, instance) = get(&server, "/_sandbox/instances/123").await;
    assert_eq!(
        (&instance["battery"], &instance["substatus"]),
        (&json!(4), &json!("battery_low_2"))
    );

    assert_eq!(post(&server, "/_sandbox/instances/123/offline", &json!({})).await.0, 200);
    raw(&server, "GET /instance123/sendMessage?token=token&phone=79000000001&body=hi", "", "")
        .await;
    let (_, clock) = post(&server, "/_sandbox/clock", &json!({ "advance": 60 })).await;
    assert_eq!(clock["now"], json!(1_600_000_060_000_i64));
    assert_eq!(get(&server, "/_sandbox/instances/123").await.1["queue"], json!(1));

    let cleared = post(&server, "/_sandbox/instances/123/clear-queue", &json!({})).await;
    assert_eq!(cleared, (200, json!({ "dropped": 1 })));
    let words = json!({ "text": "hi" });
    let came = post(&server, "/_sandbox/channels/T/contacts/79000000002/write", &words);
    assert!(came.await.1["message"].is_string());
    let hook = json!({ "url": "http://127.0.0.1:9/hook" });
    assert_eq!(post(&server, "/_sandbox/instances/123/webhook", &hook).await.0, 200);
    let place = json!({ "kind": "location", "lat": 51.5, "lng": -0.1 });
    let sent = post(&server, "/_sandbox/instances/123/contacts/79000000002/send", &place).await;
    assert!(sent.1["message"].is_string(), "{sent:?}");
    let call = post(&server, "/_sandbox/instances/123/contacts/79000000002/call", &json!({})).await;
    assert_eq!(call.0, 200);
    let (_, hooks) = get(&server, "/_sandbox/webhooks").await;
    let id = &hooks[0]["id"];
    let replay = post(&server, &format!("/_sandbox/webhooks/{id}/replay"), &json!({})).await;
    assert!(replay.0 == 200 && replay.1["id"] != *id, "{replay:?}");
    let (_, state) = get(&server, "/_sandbox/state").await;
    assert_eq!(state["instances"][0]["queuePeak"], json!(1));
    assert_eq!(state["channels"][0]["token"], json!("T"));
    assert_eq!(state["clock"]["mode"], json!("frozen"));

    let (status, added) = post(&server, "/_sandbox/instances", &json!({ "id": "7" })).await;
    assert_eq!((status, &added["instance"]), (200, &json!("7")));
    assert_eq!(raw(&server, "DELETE /_sandbox/instances/7", "", "").await.0, 200);
    assert_eq!(raw(&server, "DELETE /_sandbox/instances/7", "", "").await.0, 404);
    assert_eq!(post(&server, "/_sandbox/reset", &json!({})).await.0, 200);
    let (_, state) = get(&server, "/_sandbox/state").await;
    assert_eq!(state["instances"][0]["battery"], json!(100));
    assert_eq!(state["clock"]["now"], json!(1_600_000_000_000_i64));
}

#[tokio::test]
async fn a_bad_request_is_told_what_is_wrong_and_changes_nothing() {
    let server = served().await;
    let before = get(&server, "/_sandbox/state").await;
    let join = |phone: &str| json!({ "kind": "join", "phone": phone });
    let edit = json!({ "kind": "edit", "message": "x", "text": "y" });
    for (path, body, status, part) in [
        ("instances/9/offline", json!({}), 404, "there is no instance 9"),
        ("channels/X/paid", json!({}), 404, "no such channel"),
        ("instances/123/battery", json!({ "percent": 400 }), 400, "invalid value"),
        ("instances/123/battery", json!({ "percent": 101 }), 400, "0 to 100"),
        ("instances/123/battery", json!({ "percent": 4, "volts": 3 }), 400, "`volts`"),
        ("instances/123/explode", json!({}), 400, "`explode`"),
        ("instances/123/offline", json!({ "do": "online" }), 400, "said by the address"),
        ("instances/123/scan-qr", json!({}), 409, "it must show a fresh QR code"),
        ("instances", json!({ "id": "123" }), 409, "already"),
        ("instances", json!({ "id": "a/b" }), 400, "letters, digits"),
        ("instances", json!({ "id": "5", "account": "nobody" }), 404, "no account"),
        ("channels", json!({ "token": "T", "messenger": "whatsApp" }), 409, "there is a channel"),
        ("channels/T/state", json!({ "state": "lost" }), 400, "`authorized`"),
        ("instances/123/contacts/x/write", json!({ "text": "hi" }), 400, "`chat`"),
        ("clock", json!({ "advance": -1 }), 400, "0 to 316224000 seconds"),
        ("clock", json!([null, 5]), 400, "JSON object"),
        ("clock", json!({ "mode": "warp" }), 400, "`real`, `frozen`"),
        ("clock", json!({ "pace": 2 }), 400, "`pace`"),
        ("commands", json!({ "do": "offline" }), 400, "also names its `instance`"),
        ("commands", json!({}), 400, "`do` is missing"),
        ("commands", json!([]), 400, "JSON object"),
        ("restore", json!({}), 400, "snapshot"),
        ("worlds", json!({ "name": "../x" }), 400, "letters, digits"),
        ("worlds", json!({ "name": "main" }), 409, "already"),
        ("worlds", json!({ "name": "w", "profile": { "chatApi": { "x": 1 } } }), 400, "chatApi.x"),
        ("webhooks/77/replay", json!({}), 404, "no webhook 77"),
        ("instances/123/contacts/7/send", json!({ "kind": "song" }), 400, "`song`"),
        ("instances/123/contacts/79000000001/send", join("7900"), 404, "no group 79000000001@c.us"),
        ("instances/123/contacts/7-1@g.us/send", join("7900"), 404, "no group 7-1@g.us"),
        ("instances/123/contacts/7-1@g.us/send", join("Anna"), 400, "`phone`"),
        ("instances/123/contacts/7900/send", edit.clone(), 404, "no message x of a contact's"),
        ("channels/T/contacts/79000000001/send", edit, 404, "no message x of a contact's"),
        ("channels/T/contacts/79000000001/send", json!({ "kind": "call" }), 400, "no calls"),
        ("nothing", json!({}), 404, "openapi.json"),
    ] {
        let (found, answer) = post(&server, &format!("/_sandbox/{path}"), &body).await;
        let error = answer["error"].as_str().unwrap();
        assert!(found == status && error.contains(part), "{path} {body}: {found} {error}");
    }
    let (status, head, _) = raw(&server, "PUT /_sandbox/clock", JSON, "{}").await;
    assert!(status == 405 && head.contains("allow: GET, POST"), "{head}");
    let (status, _, body) = raw(&server, "GET /_sandbox/journal?since=3", "", "").await;
    assert!(status == 400 && body.contains("known: after"), "{body}");
    let (status, _, _) = raw(&server, "POST /_sandbox/clock", JSON, "{").await;
    assert_eq!(status, 400);
    let long = format!("{{\"x\":\"{}\"}}", "x".repeat(24 * 1024 * 1024));
    assert_eq!(raw(&server, "POST /_sandbox/clock", JSON, &long).await.0, 413);
    assert_eq!(get(&server, "/_sandbox/state").await, before);
}

#[tokio::test]
async fn a_page_from_elsewhere_can_do_nothing() {
    let server = served().await;
    let port = server.socket().port();
    let line = "POST /_sandbox/instances/123/offline";
    for (headers, status) in [
        // A name that was pointed here.
        (format!("{JSON}Host: evil.example:{port}\r\n"), 403),
        (format!("{JSON}Host: 127.0.0.1.evil.example\r\n"), 403),
        (format!("{JSON}Host: localhost.evil.example\r\n"), 403),
        (format!("{JSON}Host: 192.168.1.7\r\n"), 403),
        (format!("{JSON}Host: localhost\r\nHost: evil.example\r\n"), 400),
        // A page of another origin.
        (format!("{JSON}Origin: http://evil.example\r\n"), 403),
        (format!("{JSON}Origin: null\r\n"), 403),
        (format!("{JSON}Origin: http://127.0.0.1:1\r\n"), 403),
        (format!("{JSON}Sec-Fetch-Site: cross-site\r\n"), 403),
        (format!("{JSON}Sec-Fetch-Site: same-site\r\n"), 403),
        // What a form can send without asking.
        ("Content-Type: text/plain\r\n".to_owned(), 415),
        ("Content-Type: application/x-www-form-urlencoded\r\n".to_owned(), 415),
        ("Content-Type: multipart/form-data; boundary=x\r\n".to_owned(), 415),
        ("Content-Type: text/plain; application/json\r\n".to_owned(), 415),
        ("Content-Type: application/yaml\r\n".to_owned(), 415),
        ("Content-Type: text/yaml\r\n".to_owned(), 415),
        (String::new(), 415),
    ] {
        let (found, head, _) = raw(&server, line, &headers, "{}").await;
        assert!(found == status || (status == 400 && found == 403), "{headers}: {head}");
        assert!(!head.to_ascii_lowercase().contains("access-control"), "{head}");
    }
    // Nor read.
    for headers in [
        "Host: evil.example\r\n",
        "Origin: http://evil.example\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
    ] {
        for path in ["state", "snapshot", "events", "requests"] {
            let (status, ..) = raw(&server, &format!("GET /_sandbox/{path}"), headers, "").await;
            assert_eq!(status, 403, "{path} {headers}");
        }
    }
    let (status, head, _) =
        raw(&server, "OPTIONS /_sandbox/state", "Origin: http://evil.example\r\n", "").await;
    assert!(status == 403 && !head.to_ascii_lowercase().contains("access-control"), "{head}");
    let (_, state) = get(&server, "/_sandbox/state").await;
    assert_eq!(state["instances"][0]["substatus"], json!("normal"));

    // Our own page, and clients that are no browsers.
    for headers in [
        format!("{JSON}Origin: http://127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin\r\n"),
        format!("{JSON}Host: localhost:{port}\r\n"),
        format!("{JSON}Host: [::1]:{port}\r\n"),
        "Content-Type: application/json; charset=utf-8\r\n".to_owned(),
    ] {
        assert_eq!(raw(&server, line, &headers, "{}").await.0, 200, "{headers}");
    }
    // The gateway itself is called by any name.
    let (status, ..) =
        raw(&server, "GET /instance123/status?token=token", "Host: api.example\r\n", "").await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn the_public_name_of_a_sandbox_may_call_it() {
    let sandbox = Sandbox::new();
    let options = ServerOptions::new().public_url("https://sandbox.example/x");
    let server = sandbox.serve_with(options).await.unwrap();
    for (host, status) in
        [("sandbox.example", 200), ("Sandbox.Example:443", 200), ("x.example", 403)]
    {
        let header = format!("Host: {host}\r\n");
        assert_eq!(raw(&server, "GET /_sandbox/health", &header, "").await.0, status, "{host}");
    }
}

/// A stream of events, read line by line.
pub(crate) struct Stream(BufReader<TcpStream>);

impl Stream {
    pub(crate) async fn open(server: &Server, path: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(server.socket()).await.unwrap();
        let text = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        stream.write_all(text.as_bytes()).await.unwrap();
        Self(BufReader::new(stream))
    }

    /// The next line that begins so.
    pub(crate) async fn line(&mut self, begins: &str) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            if let Some(rest) = line.strip_prefix(begins) {
                return Some(rest.trim().to_owned());
            }
        }
    }
}

#[tokio::test]
async fn events_tell_what_happens_and_go_on_where_they_were_left() {
    let server = served().await;
    let mut stream = Stream::open(&server, "/_sandbox/events", "").await;
    assert_eq!(stream.line("retry:").await.unwrap(), "1000");
    server.sandbox().instance("123").phone_offline();
    let id = stream.line("id:").await.unwrap();
    let data: Value = serde_json::from_str(&stream.line("data:").await.unwrap()).unwrap();
    let number = data["number"].as_u64().unwrap();
    assert_eq!(id, format!("0-{number}"), "of the first world");
    assert_eq!(data["event"], json!({ "control": "phone offline" }));
    drop(stream);
    server.sandbox().instance("123").phone_online();
    // By the id in the header or in the address, or by the number alone.
    let (header, query) = ("/_sandbox/events", format!("/_sandbox/events?after={id}"));
    for (path, last) in [
        (header, format!("Last-Event-ID: {id}\r\n")),
        (header, format!("Last-Event-ID: {number}\r\n")),
        (&query, String::new()),
        (&format!("{header}?after={number}"), String::new()),
    ] {
        let mut stream = Stream::open(&server, path, &last).await;
        assert_eq!(stream.line("event:").await.unwrap(), "entry", "{path} {last}");
        assert_eq!(stream.line("id:").await.unwrap(), format!("0-{}", number + 1));
    }
    let (status, refusal) = get(&server, "/_sandbox/events?after=soon").await;
    assert_eq!(status, 400);
    assert!(refusal.to_string().contains("`after` must be"), "{refusal}");
    let mut stream = Stream::open(&server, &query, "").await;
    // What is due by itself is told, too.
    server.sandbox().clock().switch(ClockMode::Scaled(1_000.0));
    server.sandbox().instance("123").phone_silent();
    while !stream.line("data:").await.unwrap().contains("timeout") {}
    server.shutdown().await;
    assert!(stream.line("id: never").await.is_none(), "streams end with the server");
}

#[tokio::test]
async fn who_reads_too_slowly_is_told_what_he_missed() {
    let sandbox = Sandbox::builder().journal(5).clock(ClockMode::Frozen).build();
    sandbox.add_instance("123", "token");
    let server = sandbox.serve().await.unwrap();
    for _ in 0..20 {
        sandbox.instance("123").phone_offline();
        sandbox.instance("123").phone_online();
    }
    let mut stream = Stream::open(&server, "/_sandbox/events?after=1", "").await;
    assert_eq!(stream.line("event:").await.unwrap(), "gap");
    let missed: Value = serde_json::from_str(&stream.line("data:").await.unwrap()).unwrap();
    let written = get(&server, "/_sandbox/state").await.1["entry"].as_u64().unwrap();
    assert_eq!(missed["missed"], json!(written - 5 - 1));
    assert_eq!(stream.line("event:").await.unwrap(), "entry");
    sandbox.reset();
    while stream.line("event:").await.unwrap() != "gap" {}
    assert!(stream.line("data:").await.unwrap().contains("reset"));
}

#[tokio::test]
async fn streams_are_limited_and_given_back() {
    let server = served().await;
    let mut streams = Vec::new();
    for _ in 0..64 {
        let mut stream = Stream::open(&server, "/_sandbox/events", "").await;
        stream.line("retry:").await.unwrap();
        streams.push(stream);
    }
    let (status, _, body) = raw(&server, "GET /_sandbox/events", "", "").await;
    assert!(status == 503 && body.contains("close one"), "{body}");
    drop(streams);
    let again = async {
        loop {
            let mut stream = Stream::open(&server, "/_sandbox/events", "").await;
            if stream.line("HTTP/1.1 ").await.unwrap().starts_with("200") {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), again).await.unwrap();
}

#[tokio::test]
async fn every_address_is_in_the_document_and_answers() {
    let server = served().await;
    let (_, document) = get(&server, "/_sandbox/openapi.json").await;
    assert_eq!(document["openapi"], json!("3.1.0"));
    assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
    let mut ids = std::collections::BTreeSet::new();
    let mut count = 0;
    for (path, verbs) in document["paths"].as_object().unwrap() {
        for (verb, operation) in verbs.as_object().unwrap() {
            count += 1;
            assert!(
                ids.insert(operation["operationId"].as_str().unwrap().to_owned()),
                "{operation}"
            );
            assert!(!operation["summary"].as_str().unwrap().is_empty());
            assert!(!operation["responses"].as_object().unwrap().is_empty());
            // The parameters in the path are those that are declared, and references lead somewhere.
            let declared: Vec<_> = operation["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .map(|parameter| match parameter["$ref"].as_str() {
                    Some(at) => document.pointer(at.trim_start_matches('#')).unwrap(),
                    None => parameter,
                })
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| format!("{{{}}}", parameter["name"].as_str().unwrap()))
                .collect();
            let in_path: Vec<_> = path.split('/').filter(|part| part.starts_with('{')).collect();
            assert_eq!(declared, in_path, "{path}");
            assert_eq!(verb == "post", operation["requestBody"]["content"].is_object(), "{path}");
            // It is there: what it says, it says itself and not the router.
            let place = path
                .replace("{id}", "123")
                .replace("{token}", "T")
                .replace("{chat}", "79000000001")
                .replace("{name}", "nobody")
                .replace("{action}", "read");
            let verb = verb.to_uppercase();
            if path == "/_sandbox/events" {
                let mut stream = Stream::open(&server, path, "").await;
                assert!(stream.line("HTTP/1.1 ").await.unwrap().starts_with("200"));
                continue;
            }
            let kind = if verb == "POST" { JSON } else { "" };
            let content = &operation["requestBody"]["content"]["application/json"];
            let first = content["examples"].as_object().and_then(|them| them.values().next());
            let example = first.map_or(&content["example"], |first| &first["value"]);
            let body = if example.is_null() { String::new() } else { example.to_string() };
            let (status, _, body) = raw(&server, &format!("{verb} {place}"), kind, &body).await;
            assert!(
                status != 405 && !body.contains("nothing is at this address"),
                "{verb} {path}: {status}"
            );
            serde_json::from_str::<Value>(&body).unwrap();
        }
    }
    assert!(count >= 28, "{count}");
}

/// The names that an error offers.
fn offered(command: &Value) -> Vec<String> {
    let error = serde_json::from_value::<Command>(command.clone()).unwrap_err().to_string();
    let (_, names) = error.split_once("expected one of ").unwrap();
    let names = names.split("; ").next().unwrap();
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[tokio::test]
async fn every_command_and_every_fault_has_an_example_that_is_taken() {
    let server = served().await;
    let (_, document) = get(&server, "/_sandbox/openapi.json").await;
    let examples = |path: &str| {
        let content = &document["paths"][path]["post"]["requestBody"]["content"];
        content["application/json"]["examples"].as_object().unwrap().clone()
    };
    let commands = examples("/_sandbox/commands");
    for example in commands.values() {
        let read = serde_json::from_value::<Command>(example["value"].clone());
        assert!(read.is_ok(), "{example}: {read:?}");
    }
    for (target, prefix) in [
        (json!({ "do": "?" }), ""),
        (json!({ "instance": "123", "do": "?" }), "instance-"),
        (json!({ "channel": "T", "do": "?" }), "channel-"),
    ] {
        let names = offered(&target);
        assert!(names.len() > 10, "{names:?}");
        for name in names {
            assert!(commands.contains_key(&format!("{prefix}{name}")), "{prefix}{name}");
        }
    }

    let faults = examples("/_sandbox/faults");
    let kinds = offered(&json!({ "do": "add-fault", "effect": { "kind": "?" } }));
    assert!(kinds.len() > 20 && kinds.iter().all(|kind| faults.contains_key(kind)), "{kinds:?}");
    for (kind, example) in faults {
        let added = post(&server, "/_sandbox/faults", &example["value"]).await;
        assert_eq!(added.0, 200, "{kind}: {added:?}");
    }
    raw(&server, "DELETE /_sandbox/faults", "", "").await;
    let send = "/_sandbox/instances/123/contacts/79000000001/send";
    for (kind, example) in examples("/_sandbox/instances/{id}/contacts/{chat}/{action}") {
        let sent = post(&server, send, &example["value"]).await;
        assert!(sent.0 == 200 && sent.1["message"].is_string(), "{kind}: {sent:?}");
    }
    // The actions that an address takes are listed.
    let action = "/paths/~1_sandbox~1channels~1{token}~1{action}/post/parameters/2/schema/enum";
    assert!(document.pointer(action).unwrap().as_array().unwrap().contains(&json!("restart")));
}
