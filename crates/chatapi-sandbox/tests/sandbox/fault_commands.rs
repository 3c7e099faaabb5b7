//! Faults as commands: by `apply`, over HTTP, in scenarios.

use std::time::Duration;

use chatapi_sandbox::{Command, Problem, Sandbox, Scenario};
use chatapi_types::Messenger;
use serde_json::json;

use crate::wire::{say, with_instance};

fn command(text: &str) -> Command {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_fault_is_added_counted_and_taken_away_by_commands() {
    let sandbox = with_instance();
    let add = r#"{"do":"add-fault","scope":{"instance":"123","method":"status"},
        "when":{"kind":"every","n":2},"times":1,"effect":{"kind":"serverError","status":503}}"#;
    let added = sandbox.apply(command(add)).unwrap();
    let id = added.fault.unwrap();
    let line = "GET /instance123/status?token=token";
    assert!(say(&sandbox, line).starts_with("200 "));
    assert!(say(&sandbox, line).starts_with("503 "));
    assert!(say(&sandbox, line).starts_with("200 "));
    assert!(say(&sandbox, line).starts_with("200 "), "at most once");
    let list = sandbox.faults().list();
    assert_eq!((list[0].id, list[0].seen, list[0].hits), (id, 4, 1));

    // What was read is written the same.
    let again = serde_json::to_value(command(add)).unwrap();
    assert_eq!(again["do"], json!("add-fault"));
    let twice: Command = serde_json::from_value(again.clone()).unwrap();
    assert_eq!(serde_json::to_value(twice).unwrap(), again);

    let remove = format!(r#"{{"do":"remove-fault","id":{id}}}"#);
    sandbox.apply(command(&remove)).unwrap();
    let error = sandbox.apply(command(&remove)).unwrap_err();
    assert_eq!((error.problem(), &*error.to_string()), (Problem::Missing, "there is no fault 1"));
    for _ in 0..2 {
        sandbox.apply(command(add)).unwrap();
    }
    let cleared = sandbox.apply(command(r#"{"do":"clear-faults"}"#)).unwrap();
    assert_eq!((cleared.cleared, sandbox.faults().list().len()), (Some(2), 0));
}

#[test]
fn a_bad_fault_says_what_is_wrong_and_changes_nothing() {
    let sandbox = with_instance();
    for (fault, problem, part) in [
        (r#""effect":{"kind":"html","status":99}"#, Problem::Invalid, "200 to 599"),
        (r#""times":0,"effect":{"kind":"refused"}"#, Problem::Invalid, "never happen"),
        (
            r#""scope":{"channel":"X"},"effect":{"kind":"refused"}"#,
            Problem::Missing,
            "no such channel",
        ),
    ] {
        let error = sandbox.apply(command(&format!(r#"{{"do":"add-fault",{fault}}}"#)));
        let error = error.unwrap_err();
        assert_eq!(error.problem(), problem, "{fault}");
        assert!(error.to_string().contains(part), "{fault}: {error}");
    }
    assert!(sandbox.faults().list().is_empty());
    for _ in 0..1_000 {
        sandbox.apply(command(r#"{"do":"add-fault","effect":{"kind":"refused"}}"#)).unwrap();
    }
    let error = sandbox.apply(command(r#"{"do":"add-fault","effect":{"kind":"refused"}}"#));
    assert_eq!(error.unwrap_err().problem(), Problem::Impossible);
}

#[test]
fn a_scenario_orders_faults_and_calls_them_off() {
    let sandbox = with_instance();
    let text = "
steps:
  - at: 10s
    do: add-fault
    scope: { instance: '123', method: status }
    effect: { kind: rateLimited, retryAfter: 7 }
  - { at: 20s, do: remove-fault, id: 1 }
  - { at: 30s, do: add-fault, effect: { kind: html, status: 502 } }
  - { at: 40s, do: clear-faults }
";
    sandbox.play(&Scenario::read(text).unwrap()).unwrap();
    let line = "GET /instance123/status?token=token";
    for status in ["200 ", "429 ", "200 ", "502 ", "200 "] {
        let answer = say(&sandbox, line);
        assert!(answer.starts_with(status), "{status}: {answer}");
        sandbox.clock().advance(Duration::from_secs(10));
    }
    assert!(sandbox.scenarios()[0].is_over && sandbox.scenarios()[0].mishaps.is_empty());

    for (step, part) in [
        ("effect: { kind: explode }", "`explode`"),
        ("effect: { kind: html, status: 99 }", "step 1: effect.status must be 200 to 599"),
        ("times: 3", "`effect`"),
        ("effect: { kind: refused }, often: 3", "`often`"),
    ] {
        let text = format!("steps:\n- {{ do: add-fault, {step} }}\n");
        let error = Scenario::read(&text).unwrap_err().to_string();
        assert!(error.starts_with("line 2: ") && error.contains(part), "{step}: {error}");
        assert!(!error.contains("names its `instance`"), "no hint that leads astray: {error}");
    }
}

#[test]
fn a_channel_is_restarted_and_its_account_put_on_trial_by_commands() {
    let sandbox = Sandbox::new();
    sandbox.add_channel("T", Messenger::WhatsApp);
    let state = || say(&sandbox, "GET /api2/channel_list/T/");
    sandbox.apply(command(r#"{"channel":"T","do":"restart"}"#)).unwrap();
    assert!(state().contains("starting"), "{}", state());
    sandbox.run_until_idle();
    assert!(state().contains("authorized"), "{}", state());
    sandbox.apply(command(r#"{"do":"test-account"}"#)).unwrap();
    sandbox.clock().advance(Duration::from_secs(4 * 86_400));
    let send = || say(&sandbox, "GET /api2/msg_to/T/79000000001/hi");
    assert_eq!(send(), r#"200 {"err":"acc not authorized"}"#, "it is over");
    sandbox.apply(command(r#"{"do":"paid-account"}"#)).unwrap();
    assert!(send().contains("msg_id"), "{}", send());
}

#[cfg(feature = "server")]
#[tokio::test]
async fn faults_are_ordered_over_http() {
    use crate::control_api::{get, post, raw, served};
    let server = served().await;
    let lost = json!({
        "scope": { "channel": "T", "method": "msg_to" }, "effect": { "kind": "unauthorized" },
    });
    let added = post(&server, "/_sandbox/faults", &lost).await;
    assert_eq!(added, (200, json!({ "fault": 1 })));
    let (status, _, body) = raw(&server, "GET /api2/msg_to/T/79000000001/hi", "", "").await;
    assert!(status == 200 && body.contains("token fail"), "{body}");
    let (_, list) = get(&server, "/_sandbox/faults").await;
    assert_eq!((&list[0]["id"], &list[0]["hits"]), (&json!(1), &json!(1)));
    // The token itself is not shown.
    assert_eq!(list[0]["fault"]["scope"], json!({ "channel": "101", "method": "msg_to" }));

    for (path, body, status, part) in [
        ("faults", json!({}), 400, "`effect`"),
        ("faults", json!({ "effect": { "kind": "explode" } }), 400, "`explode`"),
        ("faults", json!({ "do": "reset" }), 400, "said by the address"),
        ("faults", json!({ "effect": { "kind": "drip", "bytes": 0, "seconds": 1 } }), 400, "bytes"),
        (
            "faults",
            json!({ "scope": { "channel": "X" }, "effect": { "kind": "refused" } }),
            404,
            "no such channel",
        ),
        ("faults/1", json!({}), 405, "DELETE"),
    ] {
        let (found, answer) = post(&server, &format!("/_sandbox/{path}"), &body).await;
        let error = answer["error"].as_str().unwrap();
        assert!(found == status && error.contains(part), "{path} {body}: {found} {error}");
    }
    assert_eq!(get(&server, "/_sandbox/faults").await.1, list, "nothing has changed");

    let (status, _, _) = raw(&server, "DELETE /_sandbox/faults/1", "", "").await;
    assert_eq!(status, 200);
    for id in ["1", "x", "-1"] {
        let (status, _, body) =
            raw(&server, &format!("DELETE /_sandbox/faults/{id}"), "", "").await;
        assert!(status == 404 && body.contains("there is no fault"), "{body}");
    }
    for _ in 0..2 {
        post(&server, "/_sandbox/faults", &json!({ "effect": { "kind": "resetBefore" } })).await;
    }
    let (status, _, body) = raw(&server, "DELETE /_sandbox/faults", "", "").await;
    assert_eq!((status, &*body), (200, r#"{"cleared":2}"#));
    // Only where we stand.
    let foreign = "Origin: http://evil.example\r\n";
    assert_eq!(raw(&server, "DELETE /_sandbox/faults", foreign, "").await.0, 403);
}
