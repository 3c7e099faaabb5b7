//! What clients sent, and what is expected of it.

use std::time::Duration;

use chatapi_sandbox::{ClockMode, Expectation, Filter, Pacing, Sandbox, Stage};
use chatapi_types::Messenger;

use crate::wire::exchange;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.add_instance("123", "token");
    sandbox.add_channel("T", Messenger::WhatsApp);
    sandbox
}

fn send(sandbox: &Sandbox, phone: &str, text: &str) {
    let line = format!("POST /instance123/sendMessage?token=token\n\nphone={phone}&body={text}");
    assert_eq!(exchange(sandbox, &line).status(), 200);
}

const MINUTE: Duration = Duration::from_secs(60);
const ANN: &str = "79000000001";

#[test]
fn what_was_submitted_is_told_from_what_left() {
    let sandbox = sandbox();
    sandbox.instance("123").phone_offline();
    send(&sandbox, ANN, "one");
    exchange(&sandbox, "GET /api2/msg_to/T/79000000001/two");
    sandbox.run_until_idle();
    let texts = |filter: Filter| -> Vec<String> {
        sandbox.received(&filter).unwrap().into_iter().map(|it| it.text).collect()
    };
    assert_eq!(texts(Filter::new()), ["two", "one"]);
    assert_eq!(texts(Filter::new().state(Stage::Queued)), ["one"]);
    assert_eq!(texts(Filter::new().state(Stage::Left)), ["two"]);
    assert_eq!(texts(Filter::new().channel("T").state(Stage::Read)), ["two"]);
    assert_eq!(texts(Filter::new().channel("X")), [""; 0]);
    assert_eq!(texts(Filter::new().instance("123").chat("+7 900 000-00-01")), ["one"]);
    assert_eq!(texts(Filter::new().contains("wo")), ["two"]);
    assert_eq!(texts(Filter::new().matches("^o.e$")), ["one"]);
    assert_eq!(texts(Filter::new().text("on")), [""; 0]);
    assert!(sandbox.received(&Filter::new().matches("(")).is_err());
}

#[tokio::test]
async fn an_expectation_waits_in_the_sandboxs_time() {
    let sandbox = sandbox();
    let began = sandbox.clock().start();
    send(&sandbox, ANN, "hi");
    let left = Filter::new().chat(ANN).state(Stage::Left);
    let found = sandbox.expect(Expectation::of(left.clone()).exactly(1).within(MINUTE)).await;
    let found = found.unwrap();
    assert_eq!(found[0].text, "hi");
    // It returned at the moment at which that was so.
    assert_eq!(sandbox.clock_view().now, found[0].left.unwrap());
    let unmet = sandbox.expect(Expectation::of(left).at_least(2).within(MINUTE)).await.unwrap_err();
    assert!(unmet.reason.contains("at least 2 messages, found 1 (waited 60 s"), "{unmet}");
    assert!(sandbox.clock_view().now.since(began) >= MINUTE);
}

#[tokio::test]
async fn what_must_not_be_is_watched_for_the_whole_time() {
    let sandbox = sandbox();
    sandbox.instance("123").phone_offline();
    send(&sandbox, ANN, "late");
    let left = Filter::new().state(Stage::Left);
    let never = Expectation::of(left).never().within(10 * MINUTE);
    let began = sandbox.clock_view().now;
    assert!(sandbox.expect(never.clone()).await.is_ok());
    assert_eq!(sandbox.clock_view().now.since(began), 10 * MINUTE);
    sandbox.instance("123").phone_online();
    let unmet = sandbox.expect(never).await.unwrap_err();
    assert!(unmet.reason.starts_with("expected none of these messages, found 1"), "{unmet}");
    assert!(sandbox.clock_view().now.since(began) < 12 * MINUTE, "it failed as soon as it was so");
}

#[tokio::test]
async fn a_frozen_clock_is_moved_by_another() {
    let sandbox = Sandbox::builder().clock(ClockMode::Frozen).build();
    sandbox.add_instance("123", "token");
    send(&sandbox, ANN, "hi");
    let wanted = Expectation::of(Filter::new().state(Stage::Left)).exactly(1).within(MINUTE);
    let waiting = tokio::spawn({
        let sandbox = sandbox.clone();
        async move { sandbox.expect(wanted).await }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    sandbox.clock().advance(MINUTE);
    assert_eq!(waiting.await.unwrap().unwrap().len(), 1);
}

#[test]
fn order_duplicates_pace_and_peak_are_checked() {
    let sandbox = sandbox();
    for text in ["one", "two", "three", "one"] {
        send(&sandbox, ANN, text);
    }
    sandbox.run_until_idle();
    let all = || Expectation::of(Filter::new());
    let met = |expectation: &Expectation| sandbox.expect_now(expectation).map(drop);
    met(&all().order(["one", "three"]).exactly(4).peak_queue(4)).unwrap();
    met(&all().pacing(Pacing::new(4, Duration::from_secs(1)))).unwrap();
    for (wrong, part) in [
        (all().order(["three", "two"]), r#"they left in order ["two", "three"]"#),
        (all().order(["one", "four"]), r#""four" has not left"#),
        (all().no_duplicates(), "expected nothing twice"),
        (
            all().pacing(Pacing::new(1, Duration::from_secs(3_600))),
            "at most 1 in 3600 s; 2 left instance 123 in ",
        ),
        (all().peak_queue(3), "instance 123 once held 4"),
        (all().at_most(3), "expected at most 3 messages, found 4"),
        (Expectation::of(Filter::new().matches("[")), "no regular expression"),
    ] {
        let unmet = met(&wrong).unwrap_err();
        assert!(unmet.reason.contains(part), "{unmet}");
    }
    met(&Expectation::of(Filter::new().text("two")).no_duplicates()).unwrap();
}

#[test]
fn a_failure_explains_itself() {
    let sandbox = sandbox();
    let wanted = Expectation::of(Filter::new().chat(ANN).text("Order 17 shipped")).exactly(1);
    let nothing = sandbox.expect_now(&wanted).unwrap_err().to_string();
    assert!(nothing.ends_with("\nno client has sent anything there"), "{nothing}");
    send(&sandbox, "79000000002", "Something else");
    send(&sandbox, ANN, "Order 71 shipped");
    sandbox.run_until_idle();
    assert_eq!(
        sandbox.expect_now(&wanted).unwrap_err().to_string(),
        "expected exactly 1 messages, found 0\n\
         closest others:\n  \
         instance 123 to 790…01@c.us, read: \"Order 71 shipped\"\n  \
         instance 123 to 790…02@c.us, read: \"Something else\"\n\
         [-expected-]{+found+}: Order [-17-]{+71+} shipped"
    );
}

#[cfg(feature = "server")]
mod over_http {
    use serde_json::json;

    use super::*;
    use crate::control_api::{get, post, raw, served};

    #[tokio::test]
    async fn it_is_asked_and_expected_likewise() {
        let server = served().await;
        let line = "GET /instance123/sendMessage?token=token&phone=79000000001&body=hi";
        raw(&server, line, "", "").await;
        let (_, found) = get(&server, "/_sandbox/received?chat=79000000001&text=hi").await;
        assert_eq!((&found[0]["text"], &found[0]["state"]), (&json!("hi"), &json!("queued")));
        for (query, part) in
            [("chats=1", "known: instance"), ("state=gone", "`gone`"), ("matches=(", "regular")]
        {
            let (status, _, body) =
                raw(&server, &format!("GET /_sandbox/received?{query}"), "", "").await;
            assert!(status == 400 && body.contains(part), "{query}: {body}");
        }
        let now = json!({ "match": { "text": "ho" }, "count": { "exactly": 1 } });
        let (status, unmet) = post(&server, "/_sandbox/expect", &now).await;
        assert_eq!((status, &unmet["met"]), (422, &json!(false)));
        assert_eq!(unmet["unmet"]["diff"], json!("h[-o-]{+i+}"));
        assert!(unmet["error"].as_str().unwrap().contains("\nclosest others:"), "{unmet}");
        let typo = json!({ "match": {}, "cuont": 1 });
        assert_eq!(post(&server, "/_sandbox/expect", &typo).await.0, 400);
        // It blocks until the clock gets there.
        server.sandbox().clock().switch(ClockMode::Scaled(100.0));
        let left = json!({ "match": { "state": "left" }, "count": { "exactly": 1 }, "within": 60 });
        let (status, met) = post(&server, "/_sandbox/expect", &left).await;
        assert_eq!((status, &met["messages"][0]["text"]), (200, &json!("hi")));
    }
}
