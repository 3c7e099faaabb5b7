//! Files that say what happens when.

use std::time::Duration;

use chatapi_sandbox::{Sandbox, Scenario};

use crate::wire::exchange;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.add_instance("123", "token");
    sandbox
}

#[test]
fn the_example_plays_from_evening_to_morning() {
    let text = include_str!("../../examples/evening.yaml");
    let scenario = Scenario::read(text).unwrap();
    let sandbox = sandbox();
    sandbox.play(&scenario).unwrap();
    let began = sandbox.clock_view().now;
    sandbox.clock().advance(Duration::from_secs(6 * 3_600));
    for number in 0..12 {
        let line = format!("GET /instance123/message?token=token&phone=79000000001&body={number}");
        exchange(&sandbox, &line);
    }
    let playing = &sandbox.scenarios()[0];
    assert_eq!((playing.steps, playing.done, playing.is_over), (9, 6, false));
    assert_eq!(
        (playing.began, playing.name.as_deref()),
        (began, Some("a phone dies in the evening"))
    );
    assert_eq!(sandbox.instance("123").battery_level(), Some(0));
    sandbox.clock().advance(Duration::from_secs(18 * 3_600));
    let playing = &sandbox.scenarios()[0];
    assert!(playing.is_over && playing.mishaps.is_empty(), "{playing:?}");
    assert_eq!(sandbox.instance("123").sent().len(), 12);
}

#[test]
fn steps_happen_at_their_moment_however_time_comes_to_pass() {
    let text = "steps:\n- {at: 1m, repeat: {every: 30s, times: 4}, instance: '123', do: write, chat: '79000000001', text: x}\n- {instance: 123, do: offline, at: 90s}\n";
    let lived = |step: u64| {
        let sandbox = sandbox();
        sandbox.play(&Scenario::read(text).unwrap()).unwrap();
        for _ in 0..600 / step {
            sandbox.clock().advance(Duration::from_secs(step));
            let _ = sandbox.instance("123").queue_len();
        }
        format!("{:?}", sandbox.journal())
    };
    assert_eq!(lived(1), lived(600));
    // A snapshot in the middle goes on with the rest.
    let one = sandbox();
    one.play(&Scenario::read(text).unwrap()).unwrap();
    one.clock().advance(Duration::from_secs(100));
    let other = Sandbox::new();
    other.restore(&one.snapshot());
    other.run_until_idle();
    assert!(other.scenarios()[0].is_over);
}

#[test]
fn what_goes_wrong_stands_among_the_mishaps_and_stops_nothing() {
    let text = r#"
steps:
  - { at: 5, instance: 999, do: offline }
  - at: 10s
    expect: { count: { exactly: 1 } }
  - { at: 15s, instance: 123, do: offline }
"#;
    let sandbox = sandbox();
    sandbox.play(&Scenario::read(text).unwrap()).unwrap();
    sandbox.run_until_idle();
    let playing = &sandbox.scenarios()[0];
    let mishaps: Vec<_> = playing.mishaps.iter().map(|it| (it.step, &*it.error)).collect();
    assert_eq!(mishaps[0], (1, "there is no instance 999"));
    assert!(mishaps[1].0 == 2 && mishaps[1].1.starts_with("expected exactly 1 messages, found 0"));
    assert!(playing.is_over && mishaps.len() == 2);
    let told: Vec<_> = sandbox.journal().iter().map(ToString::to_string).collect();
    for line in [
        "sandbox: scenario: step 1 is for instance 999 that is not there yet",
        "sandbox: scenario: step 1 went wrong: there is no instance 999",
        "sandbox: scenario: step 2 went wrong: an expectation was not met",
    ] {
        assert_eq!(told.iter().filter(|told| told.ends_with(line)).count(), 1, "{line}: {told:#?}");
    }
}

#[test]
fn what_a_scenario_adds_itself_is_not_missed() {
    let text = r#"
steps:
  - { at: 1s, do: add-instance, id: "999", token: secret }
  - { at: 2s, do: add-channel, token: T, messenger: whatsApp }
  - { at: 3s, instance: 999, do: offline }
  - { at: 3s, channel: T, do: unpaid }
"#;
    let sandbox = sandbox();
    sandbox.play(&Scenario::read(text).unwrap()).unwrap();
    sandbox.run_until_idle();
    assert!(sandbox.scenarios()[0].mishaps.is_empty(), "{:?}", sandbox.scenarios());
    assert!(!sandbox.journal().iter().any(|entry| entry.to_string().contains("scenario: step")));
}

#[test]
fn a_bad_file_is_told_line_and_step() {
    let many = "steps:\n- {at: 0s, repeat: {every: 1s, times: 10001}, do: dead-link, url: x}\n";
    for (text, parts) in [
        (
            "steps:\n- at: 1s\n  do: dead-link\n  url: x\n- at: soon\n  do: dead-link\n  url: x\n",
            &["line 5: step 2: `at` must be"][..],
        ),
        ("steps:\n- {at: 1s, instance: 1, do: explode}\n", &["line 2: step 1: ", "`explode`"]),
        (
            "steps:\n- {at: 1s, instance: 1, do: battery, percent: 3, volt: 2}\n",
            &["step 1: ", "`volt`"],
        ),
        ("steps:\n- {at: 1s}\n", &["step 1: `do` is missing"]),
        ("steps:\n- {at: 1s, do: advance, seconds: 3}\n", &["cannot move it"]),
        ("steps:\n- {at: 1s, do: reset}\n", &["cannot reset"]),
        ("steps:\n- {instance: 1, do: battery, percent: 101}\n", &["step 1: ", "0 to 100"]),
        ("steps:\n- {instance: 1, do: write, chat: Ann, text: x}\n", &["step 1: `chat` must be"]),
        ("steps:\n- {instance: '', do: offline}\n", &["step 1: `instance` must have"]),
        ("steps:\n- {channel: T, do: state, state: odd}\n", &["step 1: `state` must be"]),
        ("steps:\n- {do: add-instance, token: a b}\n", &["step 1: a token must have"]),
        ("steps:\n- {do: dead-link, url: x, repeat: {every: 1s}}\n", &["`repeat` must be like"]),
        ("steps:\n- {expect: {within: 3}}\n", &["cannot wait"]),
        ("steps:\n- {expect: {}, do: reset}\n", &["not both"]),
        ("steps:\n- {expect: {match: {matches: '('}}}\n", &["no regular expression"]),
        ("stpes: []\n", &["line 1: ", "`stpes`"]),
        ("steps: [\n", &["line "]),
        (many, &["at most 10000 steps"]),
        ("", &["steps"]),
    ] {
        let error = Scenario::read(text).unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{text}: {error}");
    }
}

#[cfg(feature = "server")]
#[tokio::test]
async fn it_is_posted_as_yaml_or_json() {
    use crate::control_api::{JSON, get, raw, served};
    let server = served().await;
    let yaml = "Content-Type: application/yaml\r\n";
    let text = "steps:\n- {at: 1s, instance: 123, do: offline}\n";
    let (status, _, body) = raw(&server, "POST /_sandbox/scenario", yaml, text).await;
    assert!(status == 200 && body.contains("\"steps\":1"), "{body}");
    let json = r#"{"steps":[{"at":"1h","channel":"T","do":"unpaid"}]}"#;
    assert_eq!(raw(&server, "POST /_sandbox/scenario", JSON, json).await.0, 200);
    let (status, _, body) =
        raw(&server, "POST /_sandbox/scenario", yaml, "steps:\n- {at: x}\n").await;
    assert!(status == 400 && body.contains("line 2: step 1: `at`"), "{body}");
    server.sandbox().clock().advance(Duration::from_secs(2));
    let (_, playing) = get(&server, "/_sandbox/scenario").await;
    assert_eq!((&playing[0]["isOver"], &playing[1]["isOver"]), (&true.into(), &false.into()));
}
