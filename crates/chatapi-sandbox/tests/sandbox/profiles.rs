//! What named profiles and single figures change.

use std::time::Duration;

use chatapi_sandbox::{Command, Happening, Profile, Sandbox};
use chatapi_types::Messenger;

use crate::wire::{call, say};

fn sandbox(profile: &str) -> Sandbox {
    let sandbox = Sandbox::builder().profile(Profile::named(profile).unwrap()).build();
    sandbox.add_instance("123", "token");
    sandbox.add_channel("T", Messenger::WhatsApp);
    sandbox
}

fn send(sandbox: &Sandbox) -> String {
    say(sandbox, "GET /api2/msg_to/T/79000000001/hi")
}

fn days(sandbox: &Sandbox, count: u64) {
    sandbox.clock().advance(Duration::from_secs(count * 86_400));
}

#[test]
fn a_sister_vendors_queue_forgets_after_a_day() {
    for (profile, left) in [("chat-api", 2), ("green-api-like", 1)] {
        let sandbox = sandbox(profile);
        let phone = sandbox.instance("123");
        phone.phone_offline();
        call(&sandbox, "sendMessage", r#"{"phone":"79000000001","body":"old"}"#);
        sandbox.clock().advance(Duration::from_secs(1));
        call(&sandbox, "sendMessage", r#"{"phone":"79000000001","body":"new"}"#);
        assert_eq!(sandbox.run_until_idle(), Duration::ZERO, "nobody waits for that");
        sandbox.clock().advance(Duration::from_secs(86_398));
        assert_eq!(phone.queue_len(), 2);
        sandbox.clock().advance(Duration::from_secs(1));
        assert_eq!(phone.queue_len(), left, "{profile}");
        let lapsed = sandbox.journal();
        let lapsed = lapsed.iter().filter(|e| matches!(e.event, Happening::Lapsed { .. }));
        assert_eq!(lapsed.count(), 2 - left);
        phone.phone_online();
        sandbox.run_until_idle();
        assert_eq!(phone.sent().len(), left);
    }
}

#[test]
fn a_sister_vendor_shows_five_hundred() {
    for (profile, shown) in [("chat-api", 100), ("green-api-like", 120)] {
        let sandbox = sandbox(profile);
        sandbox.instance("123").phone_offline();
        for _ in 0..120 {
            call(&sandbox, "sendMessage", r#"{"phone":"79000000001","body":"x"}"#);
        }
        let queue = call(&sandbox, "showMessagesQueue", "");
        assert!(queue.contains(r#""totalMessages":120"#));
        assert_eq!(queue.matches("\"last_try\"").count(), shown, "{profile}");
    }
}

#[test]
fn a_test_account_sends_thirty_a_day_by_the_clock_that_writes_dates() {
    let sandbox = sandbox("wamm-test");
    // Time begins at 12:26:40 UTC, 15:26:40 in Moscow: midnight is 30,800 s away.
    for _ in 0..30 {
        assert!(send(&sandbox).starts_with(r#"200 {"err":0,"msg_id":"#));
    }
    assert_eq!(send(&sandbox), r#"200 {"err":"limit fail"}"#);
    sandbox.clock().advance(Duration::from_secs(30_799));
    assert_eq!(send(&sandbox), r#"200 {"err":"limit fail"}"#);
    sandbox.clock().advance(Duration::from_secs(1));
    assert!(send(&sandbox).starts_with(r#"200 {"err":0"#));
}

#[test]
fn a_trial_ends_after_three_days_unless_it_is_paid() {
    let sandbox = sandbox("wamm");
    days(&sandbox, 10);
    sandbox.test_account(true);
    days(&sandbox, 2);
    // Saying it again does not begin it anew.
    sandbox.test_account(true);
    assert!(send(&sandbox).starts_with(r#"200 {"err":0"#));
    assert!(say(&sandbox, "GET /api2/channel_list/T").contains(r#""pay_state":"active""#));
    days(&sandbox, 1);
    assert_eq!(send(&sandbox), r#"200 {"err":"acc not authorized"}"#);
    assert!(say(&sandbox, "GET /api2/channel_list/T").contains(r#""pay_state":"archive""#));
    sandbox.test_account(false);
    for _ in 0..40 {
        assert!(send(&sandbox).starts_with(r#"200 {"err":0"#));
    }
}

#[test]
fn a_channel_that_starts_is_refused_and_keeps_its_line() {
    let sandbox = sandbox("wamm");
    let channel = sandbox.channel("T");
    send(&sandbox);
    send(&sandbox);
    channel.restart();
    assert!(say(&sandbox, "GET /api2/channel_list/T").contains(r#""state":"starting""#));
    assert_eq!(send(&sandbox), r#"200 {"err":"acc not authorized"}"#);
    sandbox.clock().advance(Duration::from_secs(19));
    // The first had left at once.
    assert_eq!(channel.queue_len(), 1);
    sandbox.clock().advance(Duration::from_secs(1));
    assert!(say(&sandbox, "GET /api2/channel_list/T").contains(r#""state":"authorized""#));
    sandbox.run_until_idle();
    assert_eq!(channel.sent().len(), 2);
    // What waits while a command holds it in `starting` leaves once another connects it.
    send(&sandbox);
    send(&sandbox);
    for (state, left) in [("starting", 3), ("authorized", 4)] {
        let command = format!(r#"{{"channel":"T","do":"state","state":"{state}"}}"#);
        sandbox.apply(serde_json::from_str::<Command>(&command).unwrap()).unwrap();
        sandbox.clock().advance(Duration::from_secs(60));
        assert_eq!(channel.sent().len(), left, "{state}");
    }
    // Whoever is blocked meanwhile does not come up.
    channel.restart();
    channel.state("blocked");
    sandbox.clock().advance(Duration::from_secs(60));
    assert!(say(&sandbox, "GET /api2/channel_list/T").contains(r#""state":"blocked""#));
}

#[test]
fn older_pages_of_wamm_knew_shorter_texts_and_fewer_delays() {
    let sandbox = sandbox("wamm-2021");
    let text = "x".repeat(1_501);
    let refused = say(&sandbox, &format!("GET /api2/msg_to/T/79000000001/{text}"));
    assert_eq!(refused, r#"200 {"err":"text fail, more 1500"}"#);
}
