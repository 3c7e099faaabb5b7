//! What is told to people who got something wrong.

use std::time::Duration;

use chatapi_sandbox::{Command, Sandbox, Scenario};
use serde_json::{Value, json};

use crate::control_api::{get, post, raw, served};
use crate::server::Client;

#[tokio::test]
async fn what_does_not_fit_is_named() {
    let server = served().await;
    for (path, body, expected) in [
        (
            "instances/123/battery",
            json!({ "percent": "full" }),
            "`percent`: invalid type: string \"full\", expected a whole number from 0 to 255",
        ),
        (
            "instances/123/battery",
            json!({ "percent": 400 }),
            "`percent`: invalid value: integer `400`, expected a whole number from 0 to 255",
        ),
        ("clock", json!({ "advance": "1h" }), "`advance`: invalid type: string \"1h\""),
        (
            "faults",
            json!({ "scope": { "method": 7 }, "effect": { "kind": "refused" } }),
            "`scope.method`: invalid type: integer `7`",
        ),
        (
            "faults",
            json!({ "effect": { "kind": "drip", "bytes": -1 } }),
            "`effect.bytes`: invalid value: integer `-1`, expected a whole number that is not",
        ),
        ("faults", json!({ "effect": { "kind": "sloth" } }), "`effect.kind`: unknown variant"),
        (
            "faults",
            json!({ "effect": 7 }),
            "`effect`: invalid type: integer `7`, expected an object",
        ),
        ("worlds", json!({ "name": "w", "seed": "x" }), "`seed`: invalid type"),
        ("expect", json!({ "count": { "atMost": "few" } }), "`count.atMost`: invalid type"),
        ("instances/123/offline", json!({ "now": true }), "unknown field `now`"),
    ] {
        let (status, answer) = post(&server, &format!("/_sandbox/{path}"), &body).await;
        let error = answer["error"].as_str().unwrap();
        assert!(status == 400 && error.starts_with(expected), "{path} {body}: {error}");
    }
    let long = json!({ "percent": "x".repeat(100_000) });
    let (_, answer) = post(&server, "/_sandbox/instances/123/battery", &long).await;
    assert!(answer["error"].as_str().unwrap().len() < 500, "a complaint, not an echo");
}

#[test]
fn what_is_no_scenario_is_not_repeated_word_for_word() {
    for text in [
        "Dear sir, this is a letter. ".repeat(5_000),
        "[1, 2, 3]".to_owned(),
        "12".to_owned(),
        format!("steps:\n- {}\n", "x".repeat(50_000)),
        format!("steps:\n- {{instance: 1, do: battery, percent: {}}}\n", "x".repeat(50_000)),
    ] {
        let error = Scenario::read(&text).unwrap_err().to_string();
        let begins: String = text.chars().take(40).collect();
        assert!(error.len() < 600, "{begins}: {} bytes", error.len());
        assert!(error.contains("step") && error.lines().count() == 1, "{begins}: {error}");
    }
}

#[test]
fn a_command_in_a_log_shows_no_token() {
    let sandbox = Sandbox::new();
    sandbox.add_channel("CANARY", chatapi_types::Messenger::WhatsApp);
    let fault = r#"{"do":"add-fault","scope":{"channel":"CANARY"},"effect":{"kind":"refused"}}"#;
    let command: Command = serde_json::from_str(fault).unwrap();
    let shown = format!("{command:?} {command:#?}");
    assert!(shown.contains("channel") && !shown.contains("CANARY"), "{shown}");
    sandbox.apply(command).unwrap();
}

#[tokio::test]
async fn the_control_address_tells_what_is_there() {
    let server = served().await;
    for path in ["/_sandbox", "/_sandbox/", "/_world/w/_sandbox/"] {
        let (status, index) = get(&server, path).await;
        assert_eq!(status, 200, "{path}");
        let described = index["described"].as_str().unwrap();
        assert_eq!(get(&server, described).await.1["openapi"], "3.1.0", "{described}");
        let addresses = index["addresses"].as_object().unwrap();
        let prefix = described.strip_suffix("/_sandbox/openapi.json").unwrap();
        let state = format!("GET {prefix}/_sandbox/state");
        assert!(addresses.len() > 30 && addresses.contains_key(&state), "{path}: {index}");
    }
}

#[tokio::test]
async fn who_calls_by_another_name_is_told_what_to_do() {
    let server = served().await;
    let (status, _, body) = raw(&server, "GET /_sandbox/state", "Host: sandbox:8080\r\n", "").await;
    assert!(status == 403 && body.contains("--public-url"), "{body}");
}

#[tokio::test]
async fn refusals_of_the_server_itself_name_the_limit() {
    let server = served().await;
    let ask = async |request: String| {
        let mut client = Client::of(&server).await;
        client.write(request).await;
        let answer = client.rest().await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let said: Value = serde_json::from_str(body).unwrap();
        assert!(head.to_ascii_lowercase().contains("connection: close"), "{head}");
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, said["error"].as_str().unwrap().to_owned())
    };
    let target = |bytes: usize| format!("/{}", "x".repeat(bytes - 1));
    let get = |target: &str, more: &str| format!("GET {target} HTTP/1.1\r\nHost: x\r\n{more}\r\n");
    let (status, error) = ask(get(&target(65_534), "Connection: close\r\n")).await;
    assert!(status == 404 && error == "Unknown method", "{error}");
    let (status, error) = ask(get(&target(65_535), "")).await;
    assert!(status == 414 && error.contains("65534 bytes"), "{error}");
    let (status, error) = ask(get("/", &"X: y\r\n".repeat(100))).await;
    assert!(status == 431 && error.contains("131072 bytes and 100 headers"), "{error}");
    let (status, error) = ask("nonsense\r\n\r\n".to_owned()).await;
    assert!(status == 400 && error.contains("HTTP/1.1"), "{error}");
    let (status, error) = ask(get("/", "Content-Length: 99999999999\r\n")).await;
    assert!(status == 413 && error.contains("67108864 bytes"), "{error}");
    // What is within the limits is not refused.
    let mut client = Client::of(&server).await;
    client.write(get(&target(65_534), "Connection: close\r\n")).await;
    assert!(client.rest().await.starts_with("HTTP/1.1 404 "));
}

#[tokio::test]
async fn every_date_is_the_worlds() {
    let server = served().await;
    server.sandbox().clock().advance(Duration::from_secs(3_600));
    let dates = |answer: String| {
        let head = answer.split_once("\r\n\r\n").unwrap().0.to_owned();
        let lines = head.lines().filter_map(|line| line.strip_prefix("date: ").map(str::to_owned));
        lines.collect::<Vec<_>>()
    };
    let ask = async |target: &str, more: &str| {
        let mut client = Client::of(&server).await;
        let host = if more.contains("Host:") { "" } else { "Host: localhost\r\n" };
        let end = "Connection: close\r\n\r\n";
        client.write(format!("GET {target} HTTP/1.1\r\n{host}{more}{end}")).await;
        dates(client.rest().await)
    };
    for (target, more) in [
        ("/instance123/status?token=token", ""),
        ("/nowhere", ""),
        ("/_sandbox/health", ""),
        ("/_sandbox/nowhere", ""),
        ("/", ""),
        ("/_sandbox/state", "Host: evil.test\r\n"),
        ("/", "Content-Length: 99999999999\r\n"),
    ] {
        let expected = ["Sun, 13 Sep 2020 13:26:40 GMT"];
        assert_eq!(ask(target, more).await, expected, "{target} {more}");
    }
    // Another world has another time, and what is no request has none.
    let other = ask("/_world/other/_sandbox/health", "").await;
    server.worlds().open("other").unwrap().clock().advance(Duration::from_secs(60));
    assert_ne!(ask("/_world/other/_sandbox/health", "").await, other);
    assert_eq!(ask(&format!("/{}", "x".repeat(65_535)), "").await, [""; 0]);
}
