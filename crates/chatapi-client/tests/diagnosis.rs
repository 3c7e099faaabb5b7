//! Why does the queue grow? Each cause is brought about on the emulated gateway and must be found.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::time::Duration;

use chatapi_client::chat_api::Client;
use chatapi_client::line::{Line, Outgoing};
use chatapi_client::{Cause, Diagnosis, File, LinkProbe, LinkState, Severity};
use chatapi_sandbox::{InstanceHandle, Sandbox};
use chatapi_transport::{Clock, Gateway};
use chatapi_types::chat_api::ChatApi;
use chatapi_types::{Phone, Token};

fn setup() -> (Sandbox, InstanceHandle, Client) {
    let sandbox = Sandbox::new();
    let instance = sandbox.add_instance("12345", "token");
    let address = sandbox.address();
    let gateway =
        Gateway::new(address, ChatApi::path("12345"), Token::new("token"), sandbox.clone());
    let client = Client::over(gateway.on_clock(sandbox.clock()));
    (sandbox, instance, client)
}

fn phone(last: u64) -> Phone {
    format!("7900000{last:04}").parse().unwrap()
}

async fn send(client: &Client, count: u64) {
    for last in 1..=count {
        let text = format!("message {last}");
        client.submit(&Outgoing::text(phone(last), text)).await.unwrap();
    }
}

async fn diagnose(client: &Client) -> Diagnosis {
    client.queue().diagnose().links(&Probe).run().await.unwrap()
}

fn first(diagnosis: &Diagnosis) -> Cause {
    diagnosis.first().unwrap_or_else(|| panic!("nothing found: {diagnosis}")).cause
}

/// Links to `dead.example` lead nowhere.
#[derive(Debug)]
struct Probe;

#[async_trait::async_trait]
impl LinkProbe for Probe {
    async fn probe(&self, url: &str) -> LinkState {
        match url.contains("dead.example") {
            true => LinkState::Dead("404".to_owned()),
            false => LinkState::Alive,
        }
    }
}

#[tokio::test]
async fn a_healthy_line_has_no_finding() {
    let (_sandbox, _instance, client) = setup();
    let empty = diagnose(&client).await;
    assert!(empty.is_healthy(), "{empty}");
    assert_eq!(empty.waiting, Some(0));
    send(&client, 10).await;
    let busy = diagnose(&client).await;
    assert!(busy.is_healthy(), "{busy}");
    assert_eq!(busy.findings[0].cause, Cause::Healthy);
}

#[tokio::test]
async fn a_phone_that_is_off() {
    let (_sandbox, instance, client) = setup();
    instance.phone_offline();
    send(&client, 10).await;
    let diagnosis = diagnose(&client).await;
    assert_eq!(first(&diagnosis), Cause::PhoneOffline);
    assert_eq!(diagnosis.waiting, Some(10));
    let finding = diagnosis.first().unwrap();
    assert_eq!((finding.severity, finding.cause.code()), (Severity::Error, "Q02"));
    assert!(finding.remedy.contains("switch the phone on"), "{finding}");
}

#[tokio::test]
async fn a_phone_that_does_not_answer() {
    let (sandbox, instance, client) = setup();
    instance.phone_silent();
    send(&client, 1).await;
    sandbox.clock().sleep(Duration::from_secs(60)).await;
    assert_eq!(first(&diagnose(&client).await), Cause::PhoneOffline);
}

#[tokio::test]
async fn a_low_battery() {
    let (_sandbox, instance, client) = setup();
    instance.battery(10);
    let low = diagnose(&client).await;
    assert_eq!(low.finding(Cause::Battery).unwrap().severity, Severity::Warning, "{low}");
    instance.battery(3);
    send(&client, 3).await;
    let lower = diagnose(&client).await;
    assert_eq!(first(&lower), Cause::Battery);
    assert_eq!(lower.first().unwrap().severity, Severity::Error);
}

#[tokio::test]
async fn a_second_session() {
    let (_sandbox, instance, client) = setup();
    instance.open_second_session();
    send(&client, 5).await;
    let diagnosis = diagnose(&client).await;
    assert_eq!(first(&diagnosis), Cause::SecondSession);
    assert!(diagnosis.first().unwrap().remedy.contains("takeover"), "{diagnosis}");
}

#[tokio::test]
async fn recipients_without_an_account() {
    let (sandbox, _instance, client) = setup();
    sandbox.no_account(phone(1));
    sandbox.no_account(phone(2));
    send(&client, 2).await;
    client.submit(&Outgoing::text(phone(1), "again")).await.unwrap();
    let diagnosis = diagnose(&client).await;
    assert_eq!(first(&diagnosis), Cause::NoAccount, "{diagnosis}");
    let finding = diagnosis.first().unwrap();
    assert_eq!(finding.explains, Some(3));
    assert!(finding.evidence[0].starts_with("2 of 2 recipients checked"), "{finding}");
    assert!(!diagnosis.to_string().contains(phone(1).digits()), "phones are masked");
}

#[tokio::test]
async fn dead_links() {
    let (sandbox, _instance, client) = setup();
    sandbox.dead_link("https://dead.example/bill.pdf");
    let bill = File::url("https://dead.example/bill.pdf");
    client.submit(&Outgoing::file(phone(1), bill, None)).await.unwrap();
    let unchecked = client.queue().diagnose().run().await.unwrap();
    let note = unchecked.finding(Cause::DeadLinks).unwrap();
    assert_eq!(note.severity, Severity::Note);
    assert!(note.evidence[0].contains("not checked"), "{note}");

    let diagnosis = diagnose(&client).await;
    assert_eq!(first(&diagnosis), Cause::DeadLinks, "{diagnosis}");
    assert!(diagnosis.first().unwrap().evidence[0].contains("dead.example (404)"), "{diagnosis}");
}

#[tokio::test]
async fn a_queue_that_drains_slowly_after_the_phone_came_back() {
    let (sandbox, instance, client) = setup();
    instance.phone_offline();
    send(&client, 40).await;
    sandbox.clock().sleep(Duration::from_secs(60)).await;
    instance.phone_online();
    sandbox.clock().sleep(Duration::from_secs(30)).await;
    let watch = client.queue().diagnose().watching(Duration::from_secs(240));
    let diagnosis = watch.run().await.unwrap();
    assert_eq!(first(&diagnosis), Cause::SlowDrain, "{diagnosis}");
    let finding = diagnosis.first().unwrap();
    assert_eq!(finding.severity, Severity::Warning);
    assert!(finding.evidence[1].contains("5 messages leave in 2 minutes"), "{finding}");
}

#[tokio::test]
async fn a_queue_that_drains_in_bursts_is_never_called_stuck() {
    for watch in [None, Some(Duration::from_secs(150))] {
        let mut unseen = 0;
        for phase in (0..120).step_by(10) {
            let (sandbox, instance, client) = setup();
            instance.phone_offline();
            send(&client, 40).await;
            sandbox.clock().sleep(Duration::from_secs(60)).await;
            instance.phone_online();
            sandbox.clock().sleep(Duration::from_secs(phase)).await;
            let examination = client.queue().diagnose();
            let examination = match watch {
                Some(watch) => examination.watching(watch),
                None => examination,
            };
            let diagnosis = examination.run().await.unwrap();
            let errors = diagnosis.findings.iter().filter(|f| f.severity == Severity::Error);
            assert_eq!(errors.count(), 0, "{phase} s after the phone came back: {diagnosis}");
            if let Some(finding) = diagnosis.finding(Cause::NotSeenDraining) {
                unseen += 1;
                assert_eq!(finding.cause.code(), "Q20");
                assert!(finding.remedy.contains("150 s"), "{finding}");
            }
        }
        assert_eq!(unseen > 0, watch.is_none(), "a watch of 150 s sees a burst at any phase");
    }
}

#[tokio::test]
async fn a_sleeping_instance_is_not_called_starting() {
    let (_sandbox, _instance, client) = setup();
    client.state().logout().await.unwrap();
    let diagnosis = diagnose(&client).await;
    let finding = diagnosis.first().unwrap();
    assert_eq!(finding.cause, Cause::Asleep, "{diagnosis}");
    assert_eq!((finding.severity, finding.cause.code()), (Severity::Error, "Q21"));
    assert!(finding.remedy.contains("wakes it"), "{finding}");
}

#[tokio::test]
async fn a_queue_that_is_nearly_full() {
    let (_sandbox, instance, client) = setup();
    instance.phone_offline();
    send(&client, 385).await;
    let diagnosis = diagnose(&client).await;
    let finding = diagnosis.finding(Cause::NearlyFull).unwrap();
    assert_eq!(finding.severity, Severity::Error);
    assert!(finding.evidence[0].starts_with("385 of 400 places"), "{finding}");
    assert_eq!(first(&diagnosis), Cause::PhoneOffline, "the cause comes before the consequence");
}

#[tokio::test]
async fn an_unpaid_and_an_unlinked_instance() {
    let (_sandbox, instance, client) = setup();
    client.state().logout().await.unwrap();
    let asleep = diagnose(&client).await;
    assert!(!asleep.is_healthy(), "{asleep}");
    instance.unpaid();
    let error = client.queue().diagnose().run().await;
    // The vendor may refuse to show the queue of an unpaid instance: the cause is found all the same.
    let diagnosis = error.unwrap();
    assert_eq!(first(&diagnosis), Cause::Unpaid, "{diagnosis}");
}
